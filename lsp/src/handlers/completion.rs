//! `textDocument/completion` and `completionItem/resolve`.

use tower_lsp::gen_lsp_types::{
    CompletionItem, CompletionList, CompletionParams, CompletionResponse,
};

use super::{Offered, contract_of};
use crate::snapshot::Snapshot;
use crate::to_protocol;

/// Upper bound on the items of one answer; a longer list is incomplete.
const MAX_ITEMS: usize = 200;

pub(crate) fn completion(
    snapshot: &Snapshot,
    params: CompletionParams,
) -> Option<CompletionResponse> {
    let at = params.text_document_position_params;
    let uri = at.text_document.uri.0;
    let (contract, mut files) = contract_of(snapshot, &uri)?;
    let positions = files.positions(&contract.file())?;
    let offset = positions.offset(at.position);
    let found = snapshot.analysis.completions(&contract, offset);
    let capabilities = snapshot.completion_capabilities(&contract.root);
    let shown = &found.items[..found.items.len().min(MAX_ITEMS)];
    let (mut items, item_defaults) =
        to_protocol::completions(shown, offset, positions, &capabilities);
    if capabilities.resolves_documentation {
        let data = Offered::at(&uri, offset);
        let is_documented = |i: usize| !shown[i].documentation.is_empty();
        for (_, item) in items.iter_mut().enumerate().filter(|(i, _)| is_documented(*i)) {
            item.data.clone_from(&data);
        }
    }
    let is_incomplete = found.items.len() > MAX_ITEMS || found.is_waiting || snapshot.is_reading;
    let list = CompletionList { is_incomplete, items, item_defaults, ..CompletionList::default() };
    Some(CompletionResponse::CompletionList(list))
}

/// Adds what the item means. Where the text has changed since it was proposed, it stays as it is.
pub(crate) fn resolve(snapshot: &Snapshot, mut item: CompletionItem) -> CompletionItem {
    let Some(Offered { uri, offset }) = Offered::read(item.data.as_ref()) else { return item };
    let Some((contract, _)) = contract_of(snapshot, &uri) else { return item };
    let found = snapshot.analysis.completions(&contract, offset);
    if let Some(same) = found.items.iter().find(|one| one.label == item.label) {
        item.documentation = to_protocol::documentation(same, &snapshot.capabilities);
    }
    item
}
