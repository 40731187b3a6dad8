//! The text of an open document as the client has it, change by change.

use std::ops::RangeInclusive;

use pacto_core::text::{ColumnEncoding, LineColumn, LineIndex};
use tower_lsp::gen_lsp_types as lsp;

use crate::from_protocol::ContentChange;

/// A text whose lines are known, so that a change of a large one looks at what it changes.
#[derive(Clone, Debug)]
pub(crate) struct Mirror {
    text: String,
    lines: LineIndex,
}

impl From<String> for Mirror {
    fn from(text: String) -> Mirror {
        let lines = LineIndex::new(&text);
        Mirror { text, lines }
    }
}

impl Mirror {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Applies a change. Ranges past the end are clamped, exchanged ends swapped. Returns the lines
    /// that were edited, unless the whole text was replaced.
    pub(crate) fn apply(
        &mut self,
        change: &ContentChange,
        encoding: ColumnEncoding,
    ) -> Option<RangeInclusive<u32>> {
        let Some(range) = change.range else {
            *self = change.text.clone().into();
            return None;
        };
        let offset = |at: lsp::Position| {
            let at = LineColumn { line: at.line, column: at.character };
            self.lines.offset(&self.text, at, encoding)
        };
        let (start, end) = (offset(range.start), offset(range.end));
        let (start, end) = (start.min(end), start.max(end));
        let first = self.lines.line_of(start);
        let added = LineIndex::new(&change.text).line_count() - 1;
        self.text.replace_range(start as usize..end as usize, &change.text);
        self.lines.edit(&self.text, start, end - start, change.text.len() as u32);
        Some(first..=first + added)
    }
}
