//! `textDocument/codeLens`: the counts of changes above the contract and above its interfaces, and who
//! uses it.

use std::collections::BTreeSet;
use std::sync::Arc;

use pacto_core::db::LocatedChange;
use pacto_core::diff::Mark;
use pacto_core::ide::entity::Entity;
use pacto_core::text::Span;
use pacto_core::{ContractKey, Root};
use serde_json::json;
use tower_lsp::gen_lsp_types::{CodeLens, CodeLensParams, Command};

use super::contract_of;
use crate::commands::{BUMP_VERSION, SHOW_CHANGES, SHOW_DEPENDENTS};
use crate::snapshot::Snapshot;

pub(crate) fn code_lens(snapshot: &Snapshot, params: CodeLensParams) -> Option<Vec<CodeLens>> {
    Some(lenses(snapshot, &params.text_document.uri.0).unwrap_or_default())
}

fn lenses(snapshot: &Snapshot, uri: &str) -> Option<Vec<CodeLens>> {
    let (contract, mut files) = contract_of(snapshot, uri)?;
    let positions = files.positions(&contract.file())?;
    let all = of_contract(snapshot, &contract).into_iter().map(|lens| CodeLens {
        range: positions.range(lens.span),
        command: Some(Command {
            title: lens.title,
            tooltip: None,
            command: lens.command.to_owned(),
            arguments: Some(vec![json!({"uri": uri})]),
        }),
        data: None,
    });
    Some(all.collect())
}

/// The texts of a contract's lenses.
pub(crate) fn titles(snapshot: &Snapshot, contract: &ContractKey) -> Vec<String> {
    of_contract(snapshot, contract).into_iter().map(|lens| lens.title).collect()
}

struct Lens {
    span: Span,
    title: String,
    command: &'static str,
}

fn of_contract(snapshot: &Snapshot, contract: &ContractKey) -> Vec<Lens> {
    if !snapshot.settings.of(&contract.root).lens {
        return Vec::new();
    }
    let mut lenses = changes(snapshot, contract);
    lenses.extend(dependents(snapshot, contract));
    lenses
}

/// How many contracts of the workspace use this one, above its name.
fn dependents(snapshot: &Snapshot, contract: &ContractKey) -> Option<Lens> {
    let all = snapshot.analysis.fleet().dependents(&contract.root);
    let roots: BTreeSet<&Root> = all.iter().map(|used| &used.root).collect();
    let name = snapshot.analysis.declaration(&Entity::Service(contract.root.clone()))?;
    let title = match roots.len() {
        0 => return None,
        1 => "used by 1 contract".to_owned(),
        n => format!("used by {n} contracts"),
    };
    Some(Lens { span: name.name, title, command: SHOW_DEPENDENTS })
}

/// What changed since the baseline.
fn changes(snapshot: &Snapshot, contract: &ContractKey) -> Vec<Lens> {
    let Some(breaking) = snapshot.analysis.breaking(contract) else { return Vec::new() };
    let top = |title, command| Lens { span: Span::at(0), title, command };
    let mut lenses = vec![top(breaking.headline(), SHOW_CHANGES)];
    if let Some(to) = breaking.bump() {
        lenses.push(top(format!("bump to {to}"), BUMP_VERSION));
    }
    let report = snapshot.analysis.since_baseline(contract);
    let changes = report.map_or(&[][..], |report| &report.changes);
    let baseline = &breaking.baseline.label;
    for interface in snapshot.analysis.interfaces(contract) {
        if interface.operations == 0 {
            continue;
        }
        let title = match removed(changes, &interface.name) {
            0 => format!("{} operations", interface.operations),
            n => format!("{} operations · {n} removed vs {baseline}", interface.operations),
        };
        lenses.push(Lens { span: interface.span, title, command: SHOW_CHANGES });
    }
    lenses
}

/// How many paths and methods an interface has lost.
fn removed(changes: &[Arc<LocatedChange>], interface: &str) -> usize {
    let subject = format!("interfaces[{interface}]");
    let is_removal = |row: &&Arc<LocatedChange>| {
        row.change.subject.as_deref() == Some(&subject)
            && row.change.rule.is(Mark::OperationRemoval)
    };
    changes.iter().filter(is_removal).count()
}
