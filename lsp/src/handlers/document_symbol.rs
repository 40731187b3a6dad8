//! `textDocument/documentSymbol`.

use tower_lsp::gen_lsp_types::{DocumentSymbolParams, DocumentSymbolResponse};

use super::contract_of;
use crate::snapshot::Snapshot;
use crate::to_protocol;

pub(crate) fn document_symbol(
    snapshot: &Snapshot,
    params: DocumentSymbolParams,
) -> Option<DocumentSymbolResponse> {
    let uri = params.text_document.uri.0;
    let (contract, mut files) = contract_of(snapshot, &uri)?;
    let positions = files.positions(&contract.file())?;
    let symbols = snapshot.analysis.symbols(&contract);
    if snapshot.capabilities.hierarchical_symbols {
        let all = symbols.iter().map(|symbol| to_protocol::symbol(symbol, positions));
        return Some(DocumentSymbolResponse::DocumentSymbolList(all.collect()));
    }
    let mut flat = Vec::new();
    to_protocol::flat_symbols(&symbols, "", &uri, positions, &mut flat);
    Some(DocumentSymbolResponse::SymbolInformationList(flat))
}
