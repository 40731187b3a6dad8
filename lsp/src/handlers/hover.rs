//! `textDocument/hover`.

use tower_lsp::gen_lsp_types::{Hover, HoverParams};

use super::at_place;
use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};

pub(crate) fn hover(snapshot: &Snapshot, params: HoverParams) -> Option<Hover> {
    let place = at_place(snapshot, &params.text_document_position_params)?;
    let hover = snapshot.analysis.hover(&place.key, &place.path, place.offset)?;
    let mut files = Files::new(snapshot, &place.key.root);
    let positions = files.positions(&place.file)?;
    Some(to_protocol::hover(hover, positions, &snapshot.capabilities))
}
