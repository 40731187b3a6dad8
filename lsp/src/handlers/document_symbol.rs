//! `textDocument/documentSymbol`.

use serde_json::Value;
use tower_lsp::gen_lsp_types::DocumentSymbolParams;

use super::open;
use crate::convert;
use crate::snapshot::Snapshot;

pub(crate) fn document_symbol(snapshot: &Snapshot, params: DocumentSymbolParams) -> Value {
    let uri = params.text_document.uri.0;
    let Some((contract, positions)) = open(snapshot, &uri) else { return Value::Null };
    let symbols = snapshot.analysis.symbols(&contract);
    if snapshot.capabilities.hierarchical_symbols {
        return symbols.iter().map(|s| convert::symbol(s, &positions)).collect();
    }
    let mut flat = Vec::new();
    convert::flat_symbols(&symbols, "", &uri, &positions, &mut flat);
    Value::Array(flat)
}
