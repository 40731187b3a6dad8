//! `textDocument/formatting`.

use tower_lsp::gen_lsp_types::{DocumentFormattingParams, TextEdit};

use super::contract_of;
use crate::snapshot::Snapshot;
use crate::to_protocol;

pub(crate) fn formatting(
    snapshot: &Snapshot,
    params: DocumentFormattingParams,
) -> Option<Vec<TextEdit>> {
    let (contract, mut files) = contract_of(snapshot, &params.text_document.uri.0)?;
    let positions = files.positions(&contract.file())?;
    let edits = snapshot.analysis.format(&contract).unwrap_or_default();
    Some(edits.iter().map(|edit| to_protocol::text_edit(edit, positions)).collect())
}
