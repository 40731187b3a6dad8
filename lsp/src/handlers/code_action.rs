//! `textDocument/codeAction` and `codeAction/resolve`: fixes, rewritings, and what is done to a
//! whole file.

use std::borrow::Cow;

use pacto_core::ContractKey;
use pacto_core::check::{Applicability, Diagnostic, ResolvedFix, safe_fixes};
use pacto_core::ide::actions::ActionKind;
use pacto_core::text::{Span, TextEdit};
use serde::{Deserialize, Serialize};
use tower_lsp::gen_lsp_types::{
    CodeAction, CodeActionDisabled, CodeActionKind, CodeActionParams, CodeActionResponse,
    CodeActionTriggerKind, Command, Range, WorkspaceEdit,
};

use super::bump::bump_fix;
use super::file_of;
use crate::commands::APPLY;
use crate::from_protocol::{kind_text, wants_action};
use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};

const fn custom(kind: &'static str) -> CodeActionKind {
    CodeActionKind::Custom(Cow::Borrowed(kind))
}

const FIX_ALL: CodeActionKind = custom("source.fixAll.pacto");
const ORGANISE: CodeActionKind = custom("source.organize.pacto");
const UPGRADE: CodeActionKind = custom("source.upgrade.pacto");

/// The kinds of actions that there are.
pub(crate) fn kinds() -> Vec<CodeActionKind> {
    vec![
        CodeActionKind::QuickFix,
        CodeActionKind::RefactorRewrite,
        CodeActionKind::RefactorExtract,
        CodeActionKind::RefactorInline,
        FIX_ALL,
        ORGANISE,
        UPGRADE,
    ]
}

/// What an action is called, so that it can be made anew from the text as it is then.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ActionName {
    uri: String,
    range: Range,
    kind: CodeActionKind,
    title: String,
}

impl ActionName {
    pub(crate) fn title(&self) -> &str {
        &self.title
    }
}

/// An action, or why it cannot be made.
struct Found {
    title: String,
    kind: CodeActionKind,
    is_preferred: bool,
    /// What it mends.
    diagnostic: Option<Diagnostic>,
    change: Result<ResolvedFix, String>,
}

impl Found {
    fn new(kind: CodeActionKind, title: String, change: Result<ResolvedFix, String>) -> Found {
        Found { title, kind, is_preferred: false, diagnostic: None, change }
    }
}

/// Which kinds of actions are asked for.
struct Wanted<'a> {
    only: Option<&'a [CodeActionKind]>,
    /// Whether the client asks by itself.
    is_automatic: bool,
}

impl Wanted<'_> {
    fn takes(&self, kind: &CodeActionKind) -> bool {
        // Who did not ask wants what mends, not what could be written otherwise.
        let is_asked = self.only.is_some() || !self.is_automatic;
        wants_action(self.only, &kind_text(kind)) && (is_asked || *kind == CodeActionKind::QuickFix)
    }
}

pub(crate) fn code_action(
    snapshot: &Snapshot,
    params: CodeActionParams,
) -> Option<Vec<CodeActionResponse>> {
    let uri = &params.text_document.uri.0;
    let wanted = Wanted {
        only: params.context.only.as_deref(),
        is_automatic: params.context.trigger_kind == Some(CodeActionTriggerKind::Automatic),
    };
    let (key, file) = file_of(snapshot, uri)?;
    let mut files = Files::new(snapshot, &key.root);
    let all = actions(snapshot, (&key, &file), params.range, &wanted)?;
    let each = all.into_iter().filter_map(|found| {
        let name = ActionName {
            uri: uri.clone(),
            range: params.range,
            kind: found.kind.clone(),
            title: found.title.clone(),
        };
        shown(found, name, &mut files)
    });
    Some(each.collect())
}

/// An action as the client takes it: whole, by its name, or as a command.
fn shown(found: Found, name: ActionName, files: &mut Files<'_>) -> Option<CodeActionResponse> {
    let capabilities = &files.snapshot.capabilities;
    if !capabilities.action_literals {
        found.change.ok()?;
        let name = serde_json::to_value(name).ok()?;
        let (title, command) = (found.title, APPLY.to_owned());
        return Some(Command { title, tooltip: None, command, arguments: Some(vec![name]) }.into());
    }
    let mut action = CodeAction {
        title: found.title,
        kind: Some(found.kind),
        is_preferred: found.is_preferred.then_some(true),
        ..CodeAction::default()
    };
    match &found.change {
        Err(reason) if capabilities.offers("codeAction/disabledSupport") => {
            action.disabled = Some(CodeActionDisabled { reason: reason.clone() });
        }
        Err(_) => return None,
        Ok(_) if capabilities.resolves_actions => action.data = serde_json::to_value(name).ok(),
        Ok(fix) => action.edit = Some(to_protocol::workspace_edit(fix, files)?),
    }
    if let Some(diagnostic) = &found.diagnostic {
        action.diagnostics = Some(vec![to_protocol::diagnostic(diagnostic, files)?]);
    }
    Some(action.into())
}

/// Adds the edit of an action; `None` where there is no such action any more.
pub(crate) fn resolve(snapshot: &Snapshot, mut action: CodeAction) -> Option<CodeAction> {
    let Some(data) = &action.data else { return Some(action) };
    let name: ActionName = serde_json::from_value(data.clone()).ok()?;
    action.edit = Some(edit(snapshot, &name)?);
    Some(action)
}

/// The edit of an action, made from the text as it is.
pub(crate) fn edit(snapshot: &Snapshot, name: &ActionName) -> Option<WorkspaceEdit> {
    let (key, file) = file_of(snapshot, &name.uri)?;
    let only = std::slice::from_ref(&name.kind);
    let wanted = Wanted { only: Some(only), is_automatic: false };
    let all = actions(snapshot, (&key, &file), name.range, &wanted)?;
    let found = all.into_iter().find(|found| found.kind == name.kind && found.title == name.title);
    to_protocol::workspace_edit(&found?.change.ok()?, &mut Files::new(snapshot, &key.root))
}

/// The wanted actions at a place of a file. What costs a walk over the file is made where it is wanted
/// alone: editors ask at every move of the cursor.
fn actions(
    snapshot: &Snapshot,
    (key, file): (&ContractKey, &str),
    range: Range,
    wanted: &Wanted<'_>,
) -> Option<Vec<Found>> {
    let (start, end) = Files::new(snapshot, &key.root).positions(file)?.offsets(range);
    let place = Span { start, end };
    let checked = snapshot.analysis.check(key);
    let own: Vec<&Diagnostic> =
        checked.diagnostics.iter().filter(|d| d.file.as_deref() == Some(file)).collect();
    let takes = |kind: &CodeActionKind| wanted.takes(kind);
    let mut found = fixes(&own, place);
    if takes(&CodeActionKind::QuickFix) {
        found.extend(changed(snapshot, (key, file), place).unwrap_or_default());
    }
    if key.file() == file {
        if takes(&CodeActionKind::RefactorRewrite) || takes(&CodeActionKind::RefactorInline) {
            found.extend(rewritings(snapshot, key, start));
        }
        if takes(&ORGANISE) {
            found.extend(organise(snapshot, key));
        }
        found.extend(upgrade(&own));
    }
    if takes(&FIX_ALL) {
        found.extend(fix_all(&own));
    }
    found.retain(|found| takes(&found.kind));
    Some(found)
}

fn touches(place: Span, span: Span) -> bool {
    span.start <= place.end && place.start <= span.end
}

/// The fixes of what is found at a place, and each for all findings of its kind in the file.
fn fixes(own: &[&Diagnostic], place: Span) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let here = own.iter().copied().filter(|d| touches(place, d.span));
    for (diagnostic, fix) in here.flat_map(|d| d.fixes.iter().map(move |fix| (d, fix))) {
        let mut kinds = vec![CodeActionKind::QuickFix];
        kinds.extend(refactoring(fix.id));
        found.extend(kinds.into_iter().map(|kind| Found {
            is_preferred: fix.preferred && kind == CodeActionKind::QuickFix,
            diagnostic: Some(diagnostic.clone()),
            ..Found::new(kind, fix.title.clone(), Ok(fix.clone()))
        }));
        found.extend(all_of_kind(own, diagnostic, fix));
    }
    let mut seen = Vec::new();
    found.retain(|action| {
        let name = (kind_text(&action.kind), action.title.clone(), action.diagnostic.is_some());
        // One finding may say the same as another; their fixes differ then.
        let is_new = action.diagnostic.is_some() || !seen.contains(&name);
        seen.push(name);
        is_new
    });
    found
}

/// What a fix is besides, for who asks for rewritings.
fn refactoring(id: &str) -> Option<CodeActionKind> {
    match id {
        "rewrite" | "pin-digest" => Some(CodeActionKind::RefactorRewrite),
        "generate-schema" => Some(CodeActionKind::RefactorExtract),
        _ => None,
    }
}

/// The same kind of fix for all findings of a rule, where there are several.
fn all_of_kind(own: &[&Diagnostic], diagnostic: &Diagnostic, fix: &ResolvedFix) -> Option<Found> {
    if !fix.preferred && fix.id != "pin-digest" && fix.id != "upgrade" {
        return None;
    }
    let code = diagnostic.rule.code;
    let same = own.iter().filter(|d| d.rule.code == code);
    let (count, edits) = together(same.filter_map(|d| d.fixes.iter().find(|f| f.id == fix.id)));
    let title = format!("Fix all {count} {code} in this file");
    let change = several("fix-all", &title, edits);
    (count > 1).then(|| Found::new(CodeActionKind::QuickFix, title, Ok(change)))
}

/// The edits of fixes that do not touch each other, and how many fixes those are.
fn together<'d>(fixes: impl Iterator<Item = &'d ResolvedFix>) -> (usize, Vec<(String, TextEdit)>) {
    let mut edits: Vec<(String, TextEdit)> = Vec::new();
    let mut count = 0;
    for fix in fixes.filter(|fix| fix.creates.is_empty()) {
        let clashes = |(file, edit): &(String, TextEdit)| {
            edits.iter().any(|(other, taken)| other == file && touches(taken.span, edit.span))
        };
        if !fix.edits.iter().any(clashes) {
            edits.extend(fix.edits.clone());
            count += 1;
        }
    }
    (count, edits)
}

/// Other ways to write what stands at a place.
fn rewritings(snapshot: &Snapshot, key: &ContractKey, offset: u32) -> Vec<Found> {
    let all = snapshot.analysis.rewrites(key, offset).into_iter();
    let one = |action: pacto_core::ide::actions::Action| {
        let kind = match action.kind {
            ActionKind::Rewrite => CodeActionKind::RefactorRewrite,
            ActionKind::Inline => CodeActionKind::RefactorInline,
        };
        let change = action.edits.map(|edits| {
            let edits = edits.into_iter().map(|edit| (key.file(), edit));
            several("rewrite", &action.title, edits.collect())
        });
        Found::new(kind, action.title, change.map_err(str::to_owned))
    };
    all.map(one).collect()
}

/// Puts the fields of the contract in order.
fn organise(snapshot: &Snapshot, key: &ContractKey) -> Option<Found> {
    let title = "Put the fields in order".to_owned();
    let change = match snapshot.analysis.organise(key)? {
        Ok(Some(edit)) => Ok(several("organise", &title, vec![(key.file(), edit)])),
        Ok(None) => Err("they are in order".to_owned()),
        Err(why) => Err(why.to_owned()),
    };
    Some(Found::new(ORGANISE, title, change))
}

/// Raises all dependencies within the ranges that the contract gives them.
fn upgrade(own: &[&Diagnostic]) -> Option<Found> {
    let fixes = own.iter().flat_map(|d| d.fixes.iter()).filter(|fix| fix.id == "upgrade");
    let (count, edits) = together(fixes);
    let title = "Upgrade all dependencies within their ranges".to_owned();
    let change = match count {
        0 => Err("no newer version is known that fits".to_owned()),
        _ => Ok(several("upgrade", &title, edits)),
    };
    Some(Found::new(UPGRADE, title, change))
}

/// All safe fixes that can be made together.
fn fix_all(own: &[&Diagnostic]) -> Option<Found> {
    let fixes = safe_fixes(own.iter().copied()).into_iter();
    let edits: Vec<_> = fixes.flat_map(|(_, fix)| fix.edits.clone()).collect();
    let title = "Apply all safe fixes".to_owned();
    let fix = several("fix-all", &title, edits);
    (!fix.edits.is_empty()).then(|| Found::new(FIX_ALL, title, Ok(fix)))
}

/// What can be done about changes since the baseline: raise the version, or restore what was.
fn changed(
    snapshot: &Snapshot,
    (contract, file): (&ContractKey, &str),
    place: Span,
) -> Option<Vec<Found>> {
    let breaking = snapshot.analysis.breaking(contract)?;
    let is_here = |span: Span| touches(place, span);
    let hints: Vec<_> =
        breaking.hints().filter(|hint| hint.file == file && is_here(hint.span)).collect();
    if hints.is_empty() {
        return None;
    }
    let fix = |title: String, change| Found::new(CodeActionKind::QuickFix, title, change);
    let mut found = Vec::new();
    if let Some(to) = breaking.bump() {
        let title = format!("Bump version to {to}");
        let change = bump_fix(snapshot, contract, to);
        found.push(fix(title, change.ok_or("the version cannot be edited".to_owned())));
    } else if breaking.is_version_enough {
        let why = "the version says already what changed".to_owned();
        found.push(fix("Bump version".to_owned(), Err(why)));
    }
    let Some(report) = snapshot.analysis.since_baseline(contract) else { return Some(found) };
    for row in &report.changes {
        let change = &row.change;
        let at = row.new.as_ref().or(row.anchor.as_ref());
        let is_shown = |at: &pacto_core::db::Located| {
            let same = |hint: &&pacto_core::ide::baseline::Hint| {
                hint.path == change.path && hint.rule == change.rule_id()
            };
            at.file.as_deref() == Some(file) && hints.iter().any(same)
        };
        if change.is_rollup() || !at.is_some_and(is_shown) {
            continue;
        }
        let what = change.old.as_ref().map_or(String::new(), |old| match old.as_str() {
            Some(text) => format!(" `{text}`"),
            None => format!(" `{old}`"),
        });
        let title = format!("Restore{what} of {}", breaking.baseline.label);
        let edit = snapshot.analysis.restore_edit(contract, row);
        let edit = edit.ok_or("the style of the file does not allow it".to_owned());
        let change = edit.map(|edit| several("restore", &title, vec![(file.to_owned(), edit)]));
        found.push(fix(title, change));
    }
    Some(found)
}

fn several(id: &'static str, title: &str, edits: Vec<(String, TextEdit)>) -> ResolvedFix {
    ResolvedFix::of_edits(id, title, Applicability::Review, edits)
}
