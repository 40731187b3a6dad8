//! `workspace/executeCommand`.

use pacto_core::ContractKey;
use pacto_core::fleet::Dependent;
use pacto_core::report::diff::{Comparison, text};
use serde::Deserialize;
use tower_lsp::gen_lsp_types::{ExecuteCommandParams, MessageType, ShowMessageParams};

use super::code_action::{self, ActionName};
use super::commands::done::{Done, Then, argument};
use super::commands::{baseline, create, registries, upgrade, workspace};
use super::contract_of;
use crate::commands::{
    APPLY, BUMP_VERSION, CHECK_UPDATES, CLEAR_ADVICE, CREATE_FILE, DUMP_STATE, NEW_CONTRACT,
    PIN_DIGESTS, REFRESH_REGISTRY, SET_BASELINE, SHOW_CHANGES, SHOW_DEPENDENTS, UPGRADE_DEPENDENCY,
    VALIDATE_WORKSPACE,
};
use crate::snapshot::Snapshot;

/// Upper bound on the lines that are shown as a message; the result of the command has them all.
const MAX_LINES: usize = 40;

/// Runs a command, whose only argument is an object.
///
/// # Errors
/// A sentence for the user.
pub(crate) fn execute(snapshot: &Snapshot, params: &ExecuteCommandParams) -> Result<Done, String> {
    match params.command.as_str() {
        BUMP_VERSION => upgrade::bump(snapshot, &argument(params)?),
        PIN_DIGESTS => upgrade::pin(snapshot, &argument(params)?),
        UPGRADE_DEPENDENCY => upgrade::upgrade(snapshot, &argument(params)?),
        CHECK_UPDATES => upgrade::check(snapshot, &argument(params)?),
        REFRESH_REGISTRY => Ok(registries::refresh()),
        CLEAR_ADVICE => Ok(registries::clear()),
        SET_BASELINE => baseline::set(snapshot, argument(params)?),
        CREATE_FILE => create::file(snapshot, &argument(params)?),
        NEW_CONTRACT => create::contract(snapshot, &argument(params)?),
        VALIDATE_WORKSPACE => Ok(workspace::validate(snapshot)),
        DUMP_STATE => Ok(workspace::state(snapshot)),
        SHOW_CHANGES => changes(snapshot, &argument(params)?),
        SHOW_DEPENDENTS => dependents(snapshot, &argument(params)?),
        APPLY => apply(snapshot, &argument(params)?),
        other => Err(format!("there is no command `{other}`")),
    }
}

#[derive(Deserialize)]
struct Of {
    uri: String,
}

const NO_CONTRACT: &str = "`uri` is not that of a contract that is known";

/// What changed since the baseline: shown in short, and whole as the result.
fn changes(snapshot: &Snapshot, of: &Of) -> Result<Done, String> {
    let (contract, _) = contract_of(snapshot, &of.uri).ok_or(NO_CONTRACT)?;
    let breaking = snapshot.analysis.breaking(&contract).ok_or("there is no baseline")?;
    let report = snapshot.analysis.since_baseline(&contract).ok_or("there is no baseline")?;
    let comparison = Comparison {
        old_path: breaking.baseline.label.clone(),
        new_path: contract.root.to_string(),
        report,
        shown: &|file: &str| Some(file.to_owned()),
    };
    let changes = text(&comparison, false);
    let message = format!("{}\n{}", breaking.headline(), shortened(&changes));
    Ok(Done::with(&changes).then(show(message)))
}

fn show(message: String) -> Then {
    Then::Show(ShowMessageParams { kind: MessageType::Info, message })
}

fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let shown = lines.len().min(MAX_LINES);
    let mut out = lines[..shown].join("\n");
    if shown < lines.len() {
        out.push_str(&format!("\n… and {} more lines", lines.len() - shown));
    }
    out
}

/// Who uses a contract: shown in short, and whole as the result.
fn dependents(snapshot: &Snapshot, of: &Of) -> Result<Done, String> {
    let (contract, _) = contract_of(snapshot, &of.uri).ok_or(NO_CONTRACT)?;
    let users = users(snapshot, &contract).join("\n");
    let message = format!("Used by:\n{}", shortened(&users));
    Ok(Done::with(&users).then(show(message)))
}

/// The contracts that use one, with the ranges that they admit.
fn users(snapshot: &Snapshot, contract: &ContractKey) -> Vec<String> {
    let all = snapshot.analysis.fleet().dependents(&contract.root);
    let line = |used: &Dependent| {
        let name = snapshot.analysis.profile(&used.root).name.clone();
        let name = name.unwrap_or_else(|| used.root.name());
        let range = used.constraint.as_ref().map_or(String::new(), |range| format!(" {range}"));
        format!("{name}{range}")
    };
    let mut lines: Vec<String> = all.iter().map(line).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// Makes an action.
fn apply(snapshot: &Snapshot, name: &ActionName) -> Result<Done, String> {
    let edit = code_action::edit(snapshot, name).ok_or("the text has changed since")?;
    Done::edit(snapshot, name.title(), edit)
}
