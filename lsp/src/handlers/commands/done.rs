//! What commands come to, and how they read their arguments.

use pacto_core::ContractKey;
use pacto_core::check::ResolvedFix;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, ExecuteCommandParams, ShowMessageParams,
    WorkspaceEdit,
};

use crate::client::ServerRequest;
use crate::from_protocol::parameters;
use crate::snapshot::Snapshot;
use crate::to_protocol::{self, Files};

/// What a command comes to.
#[derive(Default)]
pub(crate) struct Done {
    pub result: Option<Value>,
    pub then: Option<Then>,
}

/// What happens besides.
pub(crate) enum Then {
    Show(ShowMessageParams),
    Ask(ServerRequest),
    Do(Deed),
}

/// What commands have the world do.
#[derive(Debug)]
pub(crate) enum Deed {
    /// Registries are asked again which tags there are, here or, without any, of everything.
    AskAgain(Option<Vec<String>>),
    /// What registries said counts no more, and is asked for again.
    ForgetAnswers,
    /// The bundle of a contract is compared with something else; with `None` as settings say.
    Compare(ContractKey, Option<Value>),
}

impl Done {
    pub(crate) fn with(result: &impl Serialize) -> Done {
        Done { result: serde_json::to_value(result).ok(), then: None }
    }

    pub(crate) fn then(self, then: Then) -> Done {
        Done { then: Some(then), ..self }
    }

    /// Has the client make an edit.
    ///
    /// # Errors
    /// It cannot.
    pub(crate) fn edit(
        snapshot: &Snapshot,
        label: &str,
        edit: WorkspaceEdit,
    ) -> Result<Done, String> {
        if !snapshot.capabilities.applies_edits {
            return Err("the editor does not apply edits of the server".to_owned());
        }
        let params =
            ApplyWorkspaceEditParams { label: Some(label.to_owned()), edit, metadata: None };
        let ask = ServerRequest::new::<ApplyWorkspaceEditRequest>(params);
        Ok(Done::default().then(Then::Ask(ask)))
    }

    /// The same for a fix in the bundle of a contract.
    pub(crate) fn fix(
        snapshot: &Snapshot,
        key: &ContractKey,
        fix: &ResolvedFix,
    ) -> Result<Done, String> {
        let edit = to_protocol::workspace_edit(fix, &mut Files::new(snapshot, &key.root));
        let why = match fix.creates.is_empty() {
            true => "a file is not known any more",
            false => "the editor does not create files for the server",
        };
        Done::edit(snapshot, &fix.title, edit.ok_or(why)?)
    }
}

/// The object that a command gets as its only argument.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn argument<T: DeserializeOwned>(params: &ExecuteCommandParams) -> Result<T, String> {
    let first = params.arguments.as_deref().unwrap_or_default().first();
    let first = first.cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    parameters(&first).map_err(|why| format!("{}: the first argument: {why}", params.command))
}
