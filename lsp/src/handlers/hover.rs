//! `textDocument/hover`.

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::HoverParams;

use super::open;
use crate::snapshot::Snapshot;

pub(crate) fn hover(snapshot: &Snapshot, params: HoverParams) -> Value {
    let at = params.text_document_position_params;
    let Some((contract, positions)) = open(snapshot, at.text_document.uri.0.as_str()) else {
        return Value::Null;
    };
    let offset = positions.offset(at.position.line, at.position.character);
    let Some(hover) = snapshot.analysis.hover(&contract, offset) else { return Value::Null };
    let is_markdown = snapshot.capabilities.markdown_hover;
    let (kind, value) = match is_markdown {
        true => ("markdown", hover.markdown),
        false => ("plaintext", hover.markdown.replace("**", "").replace('`', "")),
    };
    json!({"contents": {"kind": kind, "value": value}, "range": positions.range(hover.span)})
}
