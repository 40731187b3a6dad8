//! `textDocument/formatting`.

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::DocumentFormattingParams;

use super::open;
use crate::snapshot::Snapshot;

pub(crate) fn formatting(snapshot: &Snapshot, params: DocumentFormattingParams) -> Value {
    let Some((contract, positions)) = open(snapshot, params.text_document.uri.0.as_str()) else {
        return Value::Null;
    };
    let Some(edits) = snapshot.analysis.format(&contract) else { return json!([]) };
    let edits = edits.iter();
    edits.map(|e| json!({"range": positions.range(e.span), "newText": e.text})).collect()
}
