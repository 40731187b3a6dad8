//! The settings below `values`, by the schema of their configuration.

use std::sync::Arc;

use super::Subject;
use super::entity::schema_of;
use super::site::Site;
use crate::contract::Configuration;
use crate::db;
use crate::fact::Fact;
use crate::value::Value;
use crate::yaml::{DocPath, Segment};

/// The schema of an object of settings, or of one setting.
pub(super) struct Setting<'db> {
    /// The file that the schema is in.
    pub file: String,
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
    let contract = subject.input.file(subject.db).path(subject.db);
    let site = Site::of_contract(subject.db, subject.root(), &Arc::from(&**contract));
    let (root, schema_path) = schema_of(&site, configurations.iter().find(is_here)?)?;
    let input = subject.db.inputs().file(subject.db, &root, &schema_path);
    // A file of another bundle is shown whole.
    let is_own = root == *subject.root();
    let file = if is_own { schema_path } else { root.file(&schema_path) };
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
