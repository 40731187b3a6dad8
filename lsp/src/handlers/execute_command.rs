//! `workspace/executeCommand`: what the lenses do.

use pacto_core::ContractKey;
use pacto_core::check::{Applicability, ResolvedFix};
use pacto_core::report::diff::{Comparison, text};
use serde_json::{Value, json};

use super::code_lens::{BUMP_VERSION, SHOW_CHANGES};
use super::open;
use crate::convert::{self, Files};
use crate::snapshot::Snapshot;

/// What a command comes to: its result, and what the client is asked to do.
pub(crate) struct Done {
    pub result: Value,
    /// Method and parameters.
    pub ask: Option<(&'static str, Value)>,
}

/// Runs a command on the contract that its first argument names.
///
/// # Errors
/// A sentence for the user.
pub(crate) fn execute(snapshot: &Snapshot, params: &Value) -> Result<Done, String> {
    let command = params["command"].as_str().unwrap_or_default();
    let uri = params["arguments"][0].as_str().ok_or("the first argument is the contract's URI")?;
    let (contract, _) = open(snapshot, uri).ok_or("the contract is not open")?;
    match command {
        SHOW_CHANGES => {
            let breaking = snapshot.breaking(&contract).ok_or("there is no baseline")?;
            let report =
                snapshot.analysis.since_baseline(&contract).ok_or("there is no baseline")?;
            let comparison = Comparison {
                old_path: breaking.baseline.label.clone(),
                new_path: contract.root.to_string(),
                report: &report,
                shown: &|file: &str| Some(file.to_owned()),
            };
            let message = json!({"type": 3, "message": breaking.headline()});
            let result = Value::String(text(&comparison, false));
            Ok(Done { result, ask: Some(("window/showMessage", message)) })
        }
        BUMP_VERSION => {
            let breaking = snapshot.breaking(&contract).ok_or("there is no baseline")?;
            let to = breaking.bump().ok_or("the version is high enough")?;
            let edit = bump(snapshot, &contract, to).ok_or("the version cannot be edited")?;
            let params = json!({"label": format!("Bump version to {to}"), "edit": edit});
            Ok(Done { result: Value::Null, ask: Some(("workspace/applyEdit", params)) })
        }
        other => Err(format!("there is no command `{other}`")),
    }
}

/// The edit that raises the version of a contract.
pub(crate) fn bump(snapshot: &Snapshot, contract: &ContractKey, to: &str) -> Option<Value> {
    let file = contract.file();
    let edits = snapshot.analysis.bump_edits(contract, to);
    let fix = ResolvedFix {
        id: "bump-version",
        title: format!("Bump version to {to}"),
        applicability: Applicability::Safe,
        preferred: true,
        edits: edits.into_iter().map(|edit| (file.clone(), edit)).collect(),
    };
    (!fix.edits.is_empty())
        .then(|| convert::workspace_edit(&fix, &mut Files::new(snapshot, &contract.root)))?
}
