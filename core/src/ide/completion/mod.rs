//! What may be written at the cursor (9-lsp, "Completion"). One file for each thing that a cursor
//! can stand at; `context.rs` says at which it stands.

mod comments;
mod context;
mod elsewhere;
mod entries;
mod item;
mod keys;
mod references;
pub mod scaffolds;
mod settings;
mod snippet;
mod values;
mod versions;

pub use item::{Completion, CompletionKind};

use super::Subject;
use crate::yaml::cursor::Slot;
use context::Context;

/// What may be written at a place.
#[derive(Clone, Debug, Default)]
pub struct Completions {
    /// Best first.
    pub items: Vec<Completion>,
    /// Whether a registry or a disk has not answered yet that may add to the items.
    pub is_waiting: bool,
}

impl From<Vec<Completion>> for Completions {
    fn from(items: Vec<Completion>) -> Completions {
        Completions { items, is_waiting: false }
    }
}

/// The proposals at `offset`; none where nothing fits.
pub fn completions(subject: &Subject<'_>, offset: u32) -> Completions {
    if let Some(found) = comments::completions(subject, offset) {
        return found.into();
    }
    let Some(context) = Context::new(subject, offset) else { return Completions::default() };
    let mut found = match context.cursor.slot {
        Slot::Key { .. } => keys::completions(&context),
        Slot::Item { .. } => entries::completions(&context, entries::Dash::Present),
        Slot::Value { .. } => values::completions(&context),
    };
    if context.is_blank_file() && context.cursor.path.0.is_empty() {
        // Whole contracts come first, then the two fields that every contract has.
        found.iter_mut().for_each(|item| item.rank += 1000);
        found.extend(scaffolds::completions(&context));
    }
    found.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    Completions { items: found, is_waiting: context.is_waiting() }
}
