//! `textDocument/references` and `documentHighlight`.

use tower_lsp::gen_lsp_types::{
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, Location, ReferenceParams,
};

use super::at_place;
use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

pub(crate) fn references(snapshot: &Snapshot, params: ReferenceParams) -> Option<Vec<Location>> {
    let place = at_place(snapshot, &params.text_document_position_params)?;
    let (entity, _) = snapshot.analysis.entity(&place.key, &place.path, place.offset)?;
    let mut files = Files::new(snapshot, &place.key.root);
    let all = snapshot.analysis.occurrences(&entity);
    let wanted = all.iter().filter(|o| params.context.include_declaration || !o.is_declaration);
    Some(wanted.filter_map(|found| files.location(&found.file(), found.span)).collect())
}

pub(crate) fn highlight(
    snapshot: &Snapshot,
    params: DocumentHighlightParams,
) -> Option<Vec<DocumentHighlight>> {
    let place = at_place(snapshot, &params.text_document_position_params)?;
    let (entity, _) = snapshot.analysis.entity(&place.key, &place.path, place.offset)?;
    let mut files = Files::new(snapshot, &place.key.root);
    let positions = files.positions(&place.file)?;
    let all = snapshot.analysis.occurrences(&entity);
    let here = all.iter().filter(|found| found.file() == place.file);
    let each = here.map(|found| DocumentHighlight {
        range: positions.range(found.span),
        kind: Some(match found.is_declaration {
            true => DocumentHighlightKind::Write,
            false => DocumentHighlightKind::Read,
        }),
    });
    Some(each.collect())
}
