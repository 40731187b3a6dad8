//! Byte spans, line and column conversion, text edits.
//!
//! Positions are UTF-8 byte offsets everywhere inside the engine. Lines and columns exist only
//! where a reader or a protocol asks for them, and are made by [`LineIndex`].

mod edit;
mod lines;
mod outside;
mod percent;
mod pointer;

pub use edit::{TextEdit, apply_edits};
pub use lines::{ColumnEncoding, LineColumn, LineIndex};
pub use outside::{
    credentials, escape_json, is_unsafe, mask_credentials, sanitise, sanitise_lines,
};
pub use percent::percent_decode;
pub use pointer::{escape_segment, fragment_segment, unescape_segment};

/// The line break that a text uses.
pub fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// A half-open range of UTF-8 byte offsets into one file: `start..end`, `start <= end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Span { start: start as u32, end: end as u32 }
    }

    /// An empty span at `at`.
    pub fn at(at: usize) -> Self {
        Span::new(at, at)
    }

    /// The same range in a text that has `by` bytes more before it.
    pub fn moved(self, by: u32) -> Span {
        Span { start: self.start + by, end: self.end + by }
    }

    pub fn len(self) -> u32 {
        self.end - self.start
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The bytes of `text` that this span covers; empty when it lies outside of it.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// Whether `offset` is inside or at either end.
    pub fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    pub fn contains_span(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}
