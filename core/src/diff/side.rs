//! The two sides of a comparison of files, and what it comes to.

use super::change::Change;
use super::docs::{At, Problem};
use super::schema::Dialect;
use crate::bundle::BundleView;
use crate::place::Anchor;
use crate::spec::BundlePath;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhichSide {
    Old,
    New,
}

impl WhichSide {
    pub fn text(self) -> &'static str {
        match self {
            WhichSide::Old => "old",
            WhichSide::New => "new",
        }
    }
}

/// What a comparison of two files came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContentDiff {
    pub changes: Vec<Change>,
    pub old_problems: Vec<Problem>,
    pub new_problems: Vec<Problem>,
    /// Why the files could not be compared, as codes.
    pub not_compared: Vec<&'static str>,
}

/// A file of a bundle.
#[derive(Clone, Copy)]
pub struct FileSide<'a> {
    pub bundle: &'a dyn BundleView,
    pub path: &'a BundlePath,
    /// The bundle is not the one that is compared, but one that it refers to.
    pub is_other: bool,
    /// Where the file is named.
    pub named_at: Option<&'a Anchor>,
}

/// The dialect of a schema file, by its `$schema`.
pub fn dialect_of(root: At<'_>) -> Dialect {
    let is_old = root
        .text("$schema")
        .is_some_and(|uri| ["draft-04", "draft-06", "draft-07"].iter().any(|d| uri.contains(d)));
    if is_old { Dialect::OldJsonSchema } else { Dialect::JsonSchema }
}
