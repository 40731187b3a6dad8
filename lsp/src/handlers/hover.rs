//! `textDocument/hover`.

use tower_lsp::gen_lsp_types::{Hover, HoverParams};

use super::contract_of;
use crate::snapshot::Snapshot;
use crate::to_protocol;

pub(crate) fn hover(snapshot: &Snapshot, params: HoverParams) -> Option<Hover> {
    let at = params.text_document_position_params;
    let (contract, mut files) = contract_of(snapshot, &at.text_document.uri.0)?;
    let positions = files.positions(&contract.file())?;
    let hover = snapshot.analysis.hover(&contract, positions.offset(at.position))?;
    Some(to_protocol::hover(hover, positions, &snapshot.capabilities))
}
