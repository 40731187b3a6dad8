//! `textDocument/prepareRename`, `rename` and `linkedEditingRange`, `workspace/willRenameFiles`.

use pacto_core::Root;
use pacto_core::check::{Applicability, ResolvedFix};
use pacto_core::ide::file_rename::Move;
use pacto_core::text::TextEdit;
use tower_lsp::gen_lsp_types::{
    LinkedEditingRangeParams, LinkedEditingRanges, PrepareRenameParams, PrepareRenamePlaceholder,
    PrepareRenameResult, RenameFilesParams, RenameParams, WorkspaceEdit,
};

use super::at_place;
use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};
use crate::uri;

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
    let fix = fix("rename", format!("Rename to {new}"), edits);
    let edit = to_protocol::workspace_edit(&fix, &mut Files::new(snapshot, &place.key.root));
    edit.map(Some).ok_or(UNKNOWN.to_owned())
}

/// Why an edit that is whole in the engine cannot be given to a client.
const UNKNOWN: &str = "a file that names it is not known yet";

fn fix(id: &'static str, title: String, edits: Vec<(String, TextEdit)>) -> ResolvedFix {
    ResolvedFix::of_edits(id, title, Applicability::Safe, edits)
}

/// Has references follow files and folders that are about to move.
///
/// # Errors
/// Why they cannot follow all of them.
pub(crate) fn files(
    snapshot: &Snapshot,
    params: &RenameFilesParams,
) -> Result<Option<WorkspaceEdit>, String> {
    let moves = params.files.iter().filter_map(|file| {
        let (from, to) = (uri::path_of(&file.old_uri.0)?, uri::path_of(&file.new_uri.0)?);
        Some(Move { from, to })
    });
    let edits = snapshot.analysis.rename_files(&moves.collect::<Vec<_>>())?;
    let Some((file, _)) = edits.first() else { return Ok(None) };
    let folder = Root::from(file.rsplit_once('/').map_or("", |(folder, _)| folder));
    let fix = fix("rename-files", "Follow the files".to_owned(), edits);
    let edit = to_protocol::workspace_edit(&fix, &mut Files::new(snapshot, &folder));
    edit.map(Some).ok_or(UNKNOWN.to_owned())
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
