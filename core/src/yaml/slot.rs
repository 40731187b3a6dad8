//! What a cursor stands at.

use super::DocPath;
use crate::text::Span;

/// What may be written at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// The mapping, list or field that the slot belongs to.
    pub path: DocPath,
    pub slot: Slot,
    /// What is there already and would be replaced.
    pub replace: Span,
    /// The column of what is inserted, for its further lines.
    pub column: usize,
    pub is_flow: bool,
    /// The keys that stand before the cursor in its flow mapping.
    pub keys_before: Vec<String>,
    /// Ends of the keys above the cursor that are half typed: a colon is missing there.
    pub missing_colons: Vec<u32>,
}

impl Cursor {
    /// A cursor in a block, with nothing to mend above it.
    pub(super) fn in_block(path: DocPath, slot: Slot, replace: Span, column: usize) -> Cursor {
        let (keys_before, missing_colons) = (Vec::new(), Vec::new());
        Cursor { path, slot, replace, column, is_flow: false, keys_before, missing_colons }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A key of the mapping at the path.
    Key(KeySlot),
    /// The value of the field at the path.
    Value { needs_blank: bool, in_quotes: bool },
    /// An item of the list at the path, behind its dash or inside of its bracket.
    Item { needs_blank: bool },
}

/// What stands around a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeySlot {
    pub has_colon: bool,
    /// Whether deeper lines follow, which are its value already.
    pub has_children: bool,
    /// The quote that must be closed behind it.
    pub quote: Option<char>,
}
