//! `textDocument/formatting`, `rangeFormatting`, `rangesFormatting` and `onTypeFormatting`.

use pacto_core::text::Span;
use pacto_core::yaml::format::Options;
use tower_lsp::gen_lsp_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    DocumentRangesFormattingParams, FormattingOptions, Position, Range, TextEdit,
};

use super::contract_of;
use crate::snapshot::Snapshot;
use crate::to_protocol;

/// Line breaks and the dashes of lists.
pub(crate) const TRIGGERS: (&str, &str) = ("\n", "-");

pub(crate) fn formatting(
    snapshot: &Snapshot,
    params: DocumentFormattingParams,
) -> Option<Vec<TextEdit>> {
    edits(snapshot, &params.text_document.uri.0, &params.options, None)
}

pub(crate) fn range(
    snapshot: &Snapshot,
    params: DocumentRangeFormattingParams,
) -> Option<Vec<TextEdit>> {
    edits(snapshot, &params.text_document.uri.0, &params.options, Some(&[params.range]))
}

pub(crate) fn ranges(
    snapshot: &Snapshot,
    params: DocumentRangesFormattingParams,
) -> Option<Vec<TextEdit>> {
    edits(snapshot, &params.text_document.uri.0, &params.options, Some(&params.ranges))
}

/// The line that was ended, or what stands before the dash. What is behind the cursor stays.
pub(crate) fn on_type(
    snapshot: &Snapshot,
    params: DocumentOnTypeFormattingParams,
) -> Option<Vec<TextEdit>> {
    let at = params.position;
    let line = match params.ch == TRIGGERS.0 {
        true => at.line.checked_sub(1)?,
        false => at.line,
    };
    let start = Position { line, character: 0 };
    let lines = Range { start, end: start };
    let all = edits(snapshot, &params.text_document.uri.0, &params.options, Some(&[lines]))?;
    let is_before = |edit: &TextEdit| {
        let end = edit.range.end;
        (end.line, end.character) < (at.line, at.character)
    };
    // All of it or nothing: lines that belong together move together.
    let is_safe = all.iter().all(|edit| is_before(edit) && edit.range.start.line == line);
    Some(if is_safe { all } else { Vec::new() })
}

fn edits(
    snapshot: &Snapshot,
    uri: &str,
    options: &FormattingOptions,
    only: Option<&[Range]>,
) -> Option<Vec<TextEdit>> {
    let (contract, mut files) = contract_of(snapshot, uri)?;
    let positions = files.positions(&contract.file())?;
    let span = |range: &Range| {
        let (start, end) = positions.offsets(*range);
        Span { start, end }
    };
    let only: Option<Vec<Span>> = only.map(|ranges| ranges.iter().map(span).collect());
    let edits = snapshot.analysis.format(&contract, style(options), only.as_deref());
    let edits = edits.unwrap_or_default();
    Some(edits.iter().map(|edit| to_protocol::text_edit(edit, positions)).collect())
}

/// The widest step that is taken from a client.
const MAX_STEP: u32 = 16;

fn style(options: &FormattingOptions) -> Options {
    Options {
        step: options.tab_size.clamp(1, MAX_STEP) as usize,
        trims_lines: options.trim_trailing_whitespace.unwrap_or(true),
        ends_with_break: options.insert_final_newline.unwrap_or(true),
        trims_end: options.trim_final_newlines.unwrap_or(true),
    }
}
