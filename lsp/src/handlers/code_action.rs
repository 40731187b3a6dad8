//! `textDocument/codeAction`: the fixes of the diagnostics at a place, and all safe ones at once.

use pacto_core::check::{Applicability, Diagnostic, ResolvedFix, safe_fixes};
use pacto_core::text::{Span, TextEdit};
use tower_lsp::gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, WorkspaceEdit,
};

use super::{contract_of, execute_command, file_of};
use crate::from_protocol::wants_action;
use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};

pub(crate) const FIX_ALL: CodeActionKind =
    CodeActionKind::Custom(std::borrow::Cow::Borrowed("source.fixAll.pacto"));

pub(crate) fn code_action(
    snapshot: &Snapshot,
    params: CodeActionParams,
) -> Option<Vec<CodeActionResponse>> {
    // Clients without literals would take commands; there are none yet.
    if !snapshot.capabilities.action_literals {
        return Some(Vec::new());
    }
    let mut actions = fixes(snapshot, &params).unwrap_or_default();
    actions.extend(changed(snapshot, &params).unwrap_or_default());
    Some(actions.into_iter().map(CodeActionResponse::CodeAction).collect())
}

/// The fixes of what is found in the contract.
fn fixes(snapshot: &Snapshot, params: &CodeActionParams) -> Option<Vec<CodeAction>> {
    let (contract, mut files) = contract_of(snapshot, &params.text_document.uri.0)?;
    let file = contract.file();
    let (start, end) = files.positions(&file)?.offsets(params.range);
    let checked = snapshot.analysis.check(&contract);
    let own = || checked.diagnostics.iter().filter(|d| d.file.as_ref() == Some(&file));
    let only = params.context.only.as_deref();
    let mut actions = Vec::new();
    if wants_action(only, "quickfix") {
        for diagnostic in own().filter(|d| d.span.start <= end && start <= d.span.end) {
            for fix in &diagnostic.fixes {
                actions.extend(action(diagnostic, fix, &mut files));
            }
        }
    }
    if wants_action(only, "source.fixAll.pacto") {
        actions.extend(fix_all(own(), &mut files));
    }
    Some(actions)
}

/// What can be done about changes since the baseline: raise the version, or restore what was.
fn changed(snapshot: &Snapshot, params: &CodeActionParams) -> Option<Vec<CodeAction>> {
    let (contract, file) = file_of(snapshot, &params.text_document.uri.0)?;
    if !wants_action(params.context.only.as_deref(), "quickfix") {
        return None;
    }
    let breaking = snapshot.analysis.breaking(&contract)?;
    let mut files = Files::new(snapshot, &contract.root);
    let (start, end) = files.positions(&file)?.offsets(params.range);
    let is_here = |span: Span| span.start <= end && start <= span.end;
    let hints: Vec<_> =
        breaking.hints.iter().filter(|hint| hint.file == file && is_here(hint.span)).collect();
    if hints.is_empty() {
        return None;
    }
    let mut actions = Vec::new();
    if let Some(to) = breaking.bump()
        && let Some(edit) = execute_command::bump(snapshot, &contract, to)
    {
        actions.push(quick_fix(format!("Bump version to {to}"), edit));
    }
    let Some(report) = snapshot.analysis.since_baseline(&contract) else { return Some(actions) };
    for row in &report.changes {
        let change = &row.change;
        let place = row.new.as_ref().or(row.anchor.as_ref());
        let is_here = place.is_some_and(|at| {
            at.file.as_deref() == Some(&file)
                && hints
                    .iter()
                    .any(|hint| hint.path == change.path && hint.rule == change.rule_id())
        });
        if change.is_rollup() || !is_here {
            continue;
        }
        let Some(edit) = snapshot.analysis.restore_edit(&contract, row) else { continue };
        let what = change.old.as_ref().map_or(String::new(), |old| match old.as_str() {
            Some(text) => format!(" `{text}`"),
            None => format!(" `{old}`"),
        });
        let title = format!("Restore{what} of {}", breaking.baseline.label);
        let fix = several("restore", title.clone(), vec![(file.clone(), edit)]);
        if let Some(edit) = to_protocol::workspace_edit(&fix, &mut files) {
            actions.push(quick_fix(title, edit));
        }
    }
    Some(actions)
}

fn quick_fix(title: String, edit: WorkspaceEdit) -> CodeAction {
    CodeAction {
        title,
        kind: Some(CodeActionKind::QuickFix),
        edit: Some(edit),
        ..CodeAction::default()
    }
}

fn action(diagnostic: &Diagnostic, fix: &ResolvedFix, files: &mut Files<'_>) -> Option<CodeAction> {
    let edit = to_protocol::workspace_edit(fix, files)?;
    Some(CodeAction {
        diagnostics: Some(vec![to_protocol::diagnostic(diagnostic, files)?]),
        is_preferred: Some(fix.preferred),
        ..quick_fix(fix.title.clone(), edit)
    })
}

/// All safe fixes that can be made together.
fn fix_all<'d>(
    diagnostics: impl Iterator<Item = &'d Diagnostic>,
    files: &mut Files<'_>,
) -> Option<CodeAction> {
    let edits: Vec<_> =
        safe_fixes(diagnostics).into_iter().flat_map(|(_, fix)| fix.edits.clone()).collect();
    if edits.is_empty() {
        return None;
    }
    let title = "Apply all safe fixes".to_owned();
    let fix = several("fix-all", title.clone(), edits);
    let edit = to_protocol::workspace_edit(&fix, files)?;
    Some(CodeAction { kind: Some(FIX_ALL), ..quick_fix(title, edit) })
}

fn several(id: &'static str, title: String, edits: Vec<(String, TextEdit)>) -> ResolvedFix {
    let applicability = Applicability::Review;
    ResolvedFix { id, title, applicability, preferred: false, edits, creates: Vec::new() }
}
