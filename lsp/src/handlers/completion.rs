//! `textDocument/completion`.

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::CompletionParams;

use super::open;
use crate::convert;
use crate::snapshot::Snapshot;

/// At most so many items; a longer list is incomplete.
const MAX_ITEMS: usize = 200;

pub(crate) fn completion(snapshot: &Snapshot, params: CompletionParams) -> Value {
    let at = params.text_document_position_params;
    let Some((contract, positions)) = open(snapshot, at.text_document.uri.0.as_str()) else {
        return Value::Null;
    };
    let offset = positions.offset(at.position.line, at.position.character);
    let items = snapshot.analysis.completions(&contract, offset);
    let shown = items.iter().take(MAX_ITEMS).enumerate();
    let shown: Vec<Value> =
        shown.map(|(i, item)| convert::completion(item, i, &positions, snapshot)).collect();
    json!({"isIncomplete": items.len() > MAX_ITEMS, "items": shown})
}
