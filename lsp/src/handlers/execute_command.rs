//! `workspace/executeCommand`: what the lenses do.

use pacto_core::ContractKey;
use pacto_core::fleet::Dependent;
use pacto_core::report::diff::{Comparison, text};
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, ExecuteCommandParams, MessageType,
    ShowMessageParams, WorkspaceEdit,
};

use super::bump::bump_fix;
use super::code_action::{self, APPLY, ActionName};
use super::code_lens::{BUMP_VERSION, SHOW_CHANGES, SHOW_DEPENDENTS};
use super::contract_of;
use crate::client::ServerRequest;
use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};

/// Upper bound on the lines that are shown as a message; the result of the command has them all.
const MAX_LINES: usize = 40;

/// What a command comes to.
pub(crate) struct Done {
    pub result: Option<Value>,
    pub then: Option<Then>,
}

/// What the client is told or asked besides.
pub(crate) enum Then {
    Show(ShowMessageParams),
    Ask(ServerRequest),
}

/// Runs a command on the contract that its first argument names.
///
/// # Errors
/// A sentence for the user.
pub(crate) fn execute(snapshot: &Snapshot, params: &ExecuteCommandParams) -> Result<Done, String> {
    let arguments = params.arguments.as_deref().unwrap_or_default();
    if params.command == APPLY {
        return apply(snapshot, arguments);
    }
    let uri = arguments.first().and_then(Value::as_str);
    let uri = uri.ok_or("the first argument is the contract's URI")?;
    let (contract, _) = contract_of(snapshot, uri).ok_or("the contract is not open")?;
    let breaking = || snapshot.analysis.breaking(&contract).ok_or("there is no baseline");
    match params.command.as_str() {
        SHOW_CHANGES => {
            let (breaking, report) = (breaking()?, snapshot.analysis.since_baseline(&contract));
            let comparison = Comparison {
                old_path: breaking.baseline.label.clone(),
                new_path: contract.root.to_string(),
                report: report.ok_or("there is no baseline")?,
                shown: &|file: &str| Some(file.to_owned()),
            };
            let changes = text(&comparison, false);
            let message = format!("{}\n{}", breaking.headline(), shortened(&changes));
            let show = ShowMessageParams { kind: MessageType::Info, message };
            Ok(Done { result: Some(changes.into()), then: Some(Then::Show(show)) })
        }
        SHOW_DEPENDENTS => {
            let users = dependents(snapshot, &contract).join("\n");
            let message = format!("Used by:\n{}", shortened(&users));
            let show = ShowMessageParams { kind: MessageType::Info, message };
            Ok(Done { result: Some(users.into()), then: Some(Then::Show(show)) })
        }
        BUMP_VERSION => {
            let breaking = breaking()?;
            let to = breaking.bump().ok_or("the version is high enough")?;
            let edit = bump(snapshot, &contract, to).ok_or("the version cannot be edited")?;
            let label = Some(format!("Bump version to {to}"));
            let params = ApplyWorkspaceEditParams { label, edit, metadata: None };
            let ask = ServerRequest::new::<ApplyWorkspaceEditRequest>(params);
            Ok(Done { result: None, then: Some(Then::Ask(ask)) })
        }
        other => Err(format!("there is no command `{other}`")),
    }
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

fn bump(snapshot: &Snapshot, contract: &ContractKey, to: &str) -> Option<WorkspaceEdit> {
    let fix = bump_fix(snapshot, contract, to)?;
    to_protocol::workspace_edit(&fix, &mut Files::new(snapshot, &contract.root))
}

/// The contracts that use one, with the ranges that they admit.
fn dependents(snapshot: &Snapshot, contract: &ContractKey) -> Vec<String> {
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

/// Makes the action that the first argument names.
fn apply(snapshot: &Snapshot, arguments: &[Value]) -> Result<Done, String> {
    let name = arguments.first().cloned().unwrap_or_default();
    let name: ActionName =
        serde_json::from_value(name).map_err(|why| format!("the first argument: {why}"))?;
    let edit = code_action::edit(snapshot, &name).ok_or("the text has changed since")?;
    let params = ApplyWorkspaceEditParams { label: None, edit, metadata: None };
    let ask = ServerRequest::new::<ApplyWorkspaceEditRequest>(params);
    Ok(Done { result: None, then: Some(Then::Ask(ask)) })
}
