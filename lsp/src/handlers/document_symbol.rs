//! `textDocument/documentSymbol`, in contracts and in the files that they name.

use tower_lsp::gen_lsp_types::{DocumentSymbolParams, DocumentSymbolResponse};

use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};

pub(crate) fn document_symbol(
    snapshot: &Snapshot,
    params: DocumentSymbolParams,
) -> Option<DocumentSymbolResponse> {
    let uri = params.text_document.uri.0;
    let (key, path) = snapshot.place(&uri)?;
    let symbols = snapshot.analysis.symbols_of(&key, &path);
    let mut files = Files::new(snapshot, &key.root);
    let positions = files.positions(&key.root.file(&path))?;
    if snapshot.capabilities.hierarchical_symbols {
        let all = symbols.iter().map(|symbol| to_protocol::symbol(symbol, positions));
        return Some(DocumentSymbolResponse::DocumentSymbolList(all.collect()));
    }
    let mut flat = Vec::new();
    to_protocol::flat_symbols(&symbols, "", &uri, positions, &mut flat);
    Some(DocumentSymbolResponse::SymbolInformationList(flat))
}
