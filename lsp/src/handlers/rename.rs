//! `textDocument/prepareRename`, `rename` and `linkedEditingRange`.

use pacto_core::check::{Applicability, ResolvedFix};
use tower_lsp::gen_lsp_types::{
    LinkedEditingRangeParams, LinkedEditingRanges, PrepareRenameParams, PrepareRenamePlaceholder,
    PrepareRenameResult, RenameParams, WorkspaceEdit,
};

use super::at_place;
use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};

/// # Errors
/// Why it cannot be renamed.
pub(crate) fn prepare(
    snapshot: &Snapshot,
    params: &PrepareRenameParams,
) -> Result<Option<PrepareRenameResult>, String> {
    let Some(place) = at_place(snapshot, &params.text_document_position_params) else {
        return Ok(None);
    };
    let found = snapshot.analysis.prepare_rename(&place.key, &place.path, place.offset)?;
    let mut files = Files::new(snapshot, &place.key.root);
    Ok(files.positions(&place.file).map(|positions| {
        let range = positions.range(found.span);
        PrepareRenameResult::PrepareRenamePlaceholder(PrepareRenamePlaceholder {
            range,
            placeholder: found.name,
        })
    }))
}

/// # Errors
/// Why it cannot be renamed, or not everywhere.
pub(crate) fn rename(
    snapshot: &Snapshot,
    params: &RenameParams,
) -> Result<Option<WorkspaceEdit>, String> {
    let Some(place) = at_place(snapshot, &params.text_document_position_params) else {
        return Ok(None);
    };
    let new = &params.new_name;
    let edits = snapshot.analysis.rename(&place.key, &place.path, place.offset, new)?;
    let fix = ResolvedFix {
        id: "rename",
        title: format!("Rename to {new}"),
        applicability: Applicability::Safe,
        preferred: false,
        edits,
        creates: Vec::new(),
    };
    let mut files = Files::new(snapshot, &place.key.root);
    let edit = to_protocol::workspace_edit(&fix, &mut files);
    Ok(Some(edit.ok_or("a file that names it is not known yet")?))
}

pub(crate) fn linked(
    snapshot: &Snapshot,
    params: LinkedEditingRangeParams,
) -> Option<LinkedEditingRanges> {
    let place = at_place(snapshot, &params.text_document_position_params)?;
    let spans = snapshot.analysis.linked(&place.key, &place.path, place.offset);
    let mut files = Files::new(snapshot, &place.key.root);
    let positions = files.positions(&place.file)?;
    let ranges: Vec<_> = spans.into_iter().map(|span| positions.range(span)).collect();
    (!ranges.is_empty()).then_some(LinkedEditingRanges { ranges, word_pattern: None })
}
