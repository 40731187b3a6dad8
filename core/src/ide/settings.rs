//! The settings below `values`, by the schema of their configuration.

use super::Subject;
use crate::contract::Configuration;
use crate::db;
use crate::fact::Fact;
use crate::spec::BundlePath;
use crate::value::Value;
use crate::yaml::{DocPath, Segment};

/// The schema of an object of settings, or of one setting.
pub(super) struct Setting<'db> {
    /// The file that the schema is in.
    pub file: BundlePath,
    pub schema: &'db Value,
}

/// The schema of what stands at `path`, which is a `values` or something below one.
pub(super) fn setting_at<'db>(subject: &Subject<'db>, path: &DocPath) -> Option<Setting<'db>> {
    let at = path.0.iter().position(|s| *s == Segment::Key("values".into()))?;
    let configurations = &subject.merged.contract.configurations;
    let is_here = |c: &&Configuration| {
        c.values.place().is_some_and(|place| place.path.0[..] == path.0[..=at])
            || c.place.path.0[..] == path.0[..at]
    };
    let file = BundlePath::parse(configurations.iter().find(is_here)?.schema.get()?).ok()?;
    let input = subject.db.inputs().file(subject.db, subject.root(), file.as_str());
    let Fact::Ready(document) = db::document(subject.db, input) else { return None };
    let mut schema = &document.value;
    for segment in &path.0[at + 1..] {
        schema = match segment {
            Segment::Key(key) => schema.get("properties")?.get(key)?,
            Segment::Index(_) => schema.get("items")?,
        };
    }
    Some(Setting { file, schema })
}
