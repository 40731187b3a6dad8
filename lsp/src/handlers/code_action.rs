//! `textDocument/codeAction`: the fixes of the diagnostics at a place, and all safe ones at once.

use pacto_core::check::{Diagnostic, ResolvedFix};
use pacto_core::text::Span;
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::CodeActionParams;

use super::{execute_command, file_of, open};
use crate::convert::{self, Files};
use crate::snapshot::Snapshot;

pub(crate) fn code_action(snapshot: &Snapshot, params: CodeActionParams) -> Value {
    let uri = params.text_document.uri.0.clone();
    let mut changes = changed(snapshot, &uri, &params);
    let Some((contract, positions)) = open(snapshot, &uri) else { return Value::Array(changes) };
    let start = positions.offset(params.range.start.line, params.range.start.character);
    let end = positions.offset(params.range.end.line, params.range.end.character);
    let (start, end) = (start.min(end), start.max(end));
    let file = contract.file();
    let checked = snapshot.analysis.check(&contract);
    let own = || checked.diagnostics.iter().filter(|d| d.file.as_ref() == Some(&file));
    let mut files = Files::new(snapshot, &contract.root);
    let only = params.context.only.map(|kinds| serde_json::to_value(kinds).unwrap_or_default());
    let wants = |kind: &str| match &only {
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).any(|k| kind.starts_with(k))
        }
        _ => !kind.starts_with("source"),
    };
    let mut actions = Vec::new();
    if wants("quickfix") {
        for diagnostic in own().filter(|d| d.span.start <= end && start <= d.span.end) {
            for fix in &diagnostic.fixes {
                actions.extend(action(diagnostic, fix, &mut files));
            }
        }
    }
    if wants("source.fixAll.pacto") {
        actions.extend(fix_all(own(), &mut files));
    }
    if !snapshot.capabilities.action_literals {
        return json!([]);
    }
    actions.append(&mut changes);
    Value::Array(actions)
}

/// What can be done about changes since the baseline: raise the version, or restore what was.
fn changed(snapshot: &Snapshot, uri: &str, params: &CodeActionParams) -> Vec<Value> {
    let Some((contract, file)) = file_of(snapshot, uri) else { return Vec::new() };
    let only = params.context.only.as_ref().map(|k| serde_json::to_value(k).unwrap_or_default());
    let is_wanted = match &only {
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).any(|kind| "quickfix".starts_with(kind))
        }
        _ => true,
    };
    if !is_wanted || !snapshot.capabilities.action_literals {
        return Vec::new();
    }
    let Some(breaking) = snapshot.breaking(&contract) else { return Vec::new() };
    let mut files = Files::new(snapshot, &contract.root);
    let Some(positions) = files.positions(&file) else { return Vec::new() };
    let (start, end) = (
        positions.offset(params.range.start.line, params.range.start.character),
        positions.offset(params.range.end.line, params.range.end.character),
    );
    let is_here = |span: Span| span.start <= end && start <= span.end;
    let hints: Vec<_> =
        breaking.hints.iter().filter(|hint| hint.file == file && is_here(hint.span)).collect();
    if hints.is_empty() {
        return Vec::new();
    }
    let mut actions = Vec::new();
    if let Some(to) = breaking.bump()
        && let Some(edit) = execute_command::bump(snapshot, &contract, to)
    {
        let title = format!("Bump version to {to}");
        actions.push(json!({"title": title, "kind": "quickfix", "edit": edit}));
    }
    let Some(report) = snapshot.analysis.since_baseline(&contract) else { return actions };
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
        let fix = ResolvedFix {
            id: "restore",
            title: format!("Restore{what} of {}", breaking.baseline.label),
            applicability: pacto_core::check::Applicability::Review,
            preferred: false,
            edits: vec![(file.clone(), edit)],
        };
        if let Some(edit) = convert::workspace_edit(&fix, &mut files) {
            actions.push(json!({"title": fix.title, "kind": "quickfix", "edit": edit}));
        }
    }
    actions
}

fn action(diagnostic: &Diagnostic, fix: &ResolvedFix, files: &mut Files<'_>) -> Option<Value> {
    let edit = convert::workspace_edit(fix, files)?;
    let diagnostic = convert::diagnostic(diagnostic, files)?;
    Some(json!({
        "title": fix.title,
        "kind": "quickfix",
        "diagnostics": [diagnostic],
        "isPreferred": fix.preferred,
        "edit": edit,
    }))
}

/// All safe fixes whose edits do not touch each other.
fn fix_all<'d>(
    diagnostics: impl Iterator<Item = &'d Diagnostic>,
    files: &mut Files<'_>,
) -> Option<Value> {
    let mut edits: Vec<(String, pacto_core::text::TextEdit)> = Vec::new();
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fixes.iter().find(|fix| convert::is_safe(fix)) else { continue };
        let is_free = fix.edits.iter().all(|(file, edit)| {
            edits.iter().all(|(other, taken)| {
                file != other
                    || edit.span.end < taken.span.start
                    || taken.span.end < edit.span.start
            })
        });
        if is_free {
            edits.extend(fix.edits.iter().cloned());
        }
    }
    if edits.is_empty() {
        return None;
    }
    let title = "Apply all safe fixes".to_owned();
    let fix = ResolvedFix {
        id: "fix-all",
        title: title.clone(),
        applicability: pacto_core::check::Applicability::Safe,
        preferred: false,
        edits,
    };
    let edit = convert::workspace_edit(&fix, files)?;
    Some(json!({"title": title, "kind": "source.fixAll.pacto", "edit": edit}))
}
