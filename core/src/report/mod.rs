//! Renderings: of findings (`validation`), of comparisons (`diff`), of dependency graphs (`graph`), one
//! small file for each format; and what formats have in common.

pub mod diff;
mod github;
pub mod graph;
mod sarif;
mod style;
mod validation;

use std::sync::Arc;

use crate::check::Diagnostic;
use crate::check::Severity;
use crate::text::{ColumnEncoding, LineIndex, Span};
pub use crate::text::{is_unsafe, mask_credentials, sanitise, sanitise_lines};

pub use validation::{Subject, TextOptions, findings, github, json, markdown, sarif, text};

/// How much something weighs, for formats that know three levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Error,
    Warning,
    Note,
}

impl From<Severity> for Weight {
    fn from(severity: Severity) -> Weight {
        match severity {
            Severity::Error => Weight::Error,
            Severity::Warning => Weight::Warning,
            Severity::Info | Severity::Hint => Weight::Note,
        }
    }
}

/// What renderers need of the files that findings point into.
pub trait Sources {
    /// The text of the file at an absolute path.
    fn text(&self, file: &str) -> Option<Arc<str>>;
    /// How the path is shown.
    fn shown(&self, file: &str) -> String;
}

/// A span as one-based lines and columns, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub start_line: u32,
    pub start_column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

pub(crate) fn range(text: &str, span: Span) -> Range {
    let index = LineIndex::new(text);
    let start = index.line_column(text, span.start, ColumnEncoding::Utf32);
    let end = index.line_column(text, span.end, ColumnEncoding::Utf32);
    Range {
        start_line: start.line + 1,
        start_column: start.column + 1,
        end_line: end.line + 1,
        end_column: end.column + 1,
    }
}

/// Line and column of the start of a span, from 1, in characters; 1 and 1 for a file that is gone.
pub fn start(sources: &dyn Sources, file: &str, span: Span) -> (u32, u32) {
    let range = sources.text(file).map(|text| range(&text, span));
    range.map_or((1, 1), |range| (range.start_line, range.start_column))
}

/// The shown file and the range of a place; none for a flag or a file that is gone.
pub(crate) fn located(
    sources: &dyn Sources,
    file: Option<&str>,
    span: Span,
) -> Option<(String, Range)> {
    let file = file?;
    let text = sources.text(file)?;
    Some((sources.shown(file), range(&text, span)))
}

/// The shown file and the range of a finding, for readers that need one: of what a flag has set, the
/// place in the contract where it belongs.
pub(crate) fn placed(sources: &dyn Sources, diagnostic: &Diagnostic) -> Option<(String, Range)> {
    located(sources, diagnostic.file.as_deref(), diagnostic.span).or_else(|| {
        let (file, span) = diagnostic.belongs.as_ref()?;
        located(sources, Some(file), *span)
    })
}

/// A line for a terminal or a log: `error CODE file:line:column message`. `place` is a file with line
/// and column.
pub fn line(level: &str, code: &str, place: Option<(&str, u32, u32)>, message: &str) -> String {
    let place = place.map_or(String::new(), |(file, line, column)| {
        format!(" {}:{line}:{column}", sanitise(file))
    });
    format!("{level} {code}{place} {}", sanitise(message))
}

/// Text inside of a Markdown table cell: no pipes, no HTML.
pub fn cell(text: &str) -> String {
    sanitise(text).replace('|', "\\|").replace('<', "&lt;").replace('>', "&gt;")
}
