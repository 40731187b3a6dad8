//! `textDocument/codeLens`: the counts of changes above the contract and above its interfaces.

use pacto_core::db::LocatedChange;
use pacto_core::diff::Mark;
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::CodeLensParams;

use super::open;
use crate::snapshot::Snapshot;

/// Shows all changes since the baseline.
pub(crate) const SHOW_CHANGES: &str = "pacto.showChanges";
/// Raises the version as far as the changes ask for.
pub(crate) const BUMP_VERSION: &str = "pacto.bumpVersion";

pub(crate) fn code_lens(snapshot: &Snapshot, params: CodeLensParams) -> Value {
    let uri = params.text_document.uri.0;
    let Some((contract, positions)) = open(snapshot, &uri) else { return json!([]) };
    if !snapshot.options.lens {
        return json!([]);
    }
    let Some(breaking) = snapshot.breaking(&contract) else { return json!([]) };
    let start = json!({"line": 0, "character": 0});
    let top = json!({"start": start, "end": start});
    let lens = |range: &Value, title: String, command: &str| json!({"range": range, "command": {"title": title, "command": command, "arguments": [uri]}});
    let mut lenses = vec![lens(&top, breaking.headline(), SHOW_CHANGES)];
    if let Some(to) = breaking.bump() {
        lenses.push(lens(&top, format!("bump to {to}"), BUMP_VERSION));
    }
    let report = snapshot.analysis.since_baseline(&contract);
    let changes = report.as_ref().map_or(&[][..], |report| &report.changes);
    let baseline = &breaking.baseline.label;
    for interface in snapshot.analysis.interfaces(&contract) {
        if interface.operations == 0 {
            continue;
        }
        let title = match removed(changes, &interface.name) {
            0 => format!("{} operations", interface.operations),
            n => format!("{} operations · {n} removed vs {baseline}", interface.operations),
        };
        lenses.push(lens(&positions.range(interface.span), title, SHOW_CHANGES));
    }
    Value::Array(lenses)
}

/// How many paths and methods an interface has lost.
fn removed(changes: &[LocatedChange], interface: &str) -> usize {
    let subject = format!("interfaces[{interface}]");
    let is_removal = |row: &&LocatedChange| {
        row.change.subject.as_deref() == Some(&subject)
            && row.change.rule.is(Mark::OperationRemoval)
    };
    changes.iter().filter(is_removal).count()
}
