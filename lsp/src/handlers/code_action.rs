//! `textDocument/codeAction`: the fixes of the diagnostics at a place, and all safe ones at once.

use pacto_core::db::CONTRACT_FILE;
use pacto_core::ide::diagnostics::{Diagnostic, ResolvedFix};
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::CodeActionParams;

use super::open;
use crate::convert::{self, Files};
use crate::snapshot::Snapshot;

pub(crate) fn code_action(snapshot: &Snapshot, params: CodeActionParams) -> Value {
    let uri = params.text_document.uri.0;
    let Some((contract, positions)) = open(snapshot, &uri) else { return json!([]) };
    let start = positions.offset(params.range.start.line, params.range.start.character);
    let end = positions.offset(params.range.end.line, params.range.end.character);
    let (start, end) = (start.min(end), start.max(end));
    let file = format!("{}/{CONTRACT_FILE}", contract.root);
    let checked = snapshot.analysis.check(contract.id);
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
    Value::Array(actions)
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
