//! `textDocument/completion`.

use tower_lsp::gen_lsp_types::{CompletionList, CompletionParams, CompletionResponse};

use super::contract_of;
use crate::snapshot::Snapshot;
use crate::to_protocol;

/// Upper bound on the items of one answer; a longer list is incomplete.
const MAX_ITEMS: usize = 200;

pub(crate) fn completion(
    snapshot: &Snapshot,
    params: CompletionParams,
) -> Option<CompletionResponse> {
    let at = params.text_document_position_params;
    let (contract, mut files) = contract_of(snapshot, &at.text_document.uri.0)?;
    let positions = files.positions(&contract.file())?;
    let found = snapshot.analysis.completions(&contract, positions.offset(at.position));
    let items = &found.items;
    let shown = items.iter().take(MAX_ITEMS).enumerate();
    let capabilities = &snapshot.capabilities;
    let list = CompletionList {
        is_incomplete: items.len() > MAX_ITEMS || found.is_waiting || snapshot.is_reading,
        items: shown
            .map(|(i, item)| to_protocol::completion(item, i, positions, capabilities))
            .collect(),
        ..CompletionList::default()
    };
    Some(CompletionResponse::CompletionList(list))
}
