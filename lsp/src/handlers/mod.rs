//! One file for each request. A handler gets a snapshot and typed parameters, and gives the typed
//! answer of the protocol.

pub(crate) mod check;
pub(crate) mod code_action;
pub(crate) mod code_lens;
pub(crate) mod completion;
pub(crate) mod diagnostic;
pub(crate) mod document_symbol;
pub(crate) mod execute_command;
pub(crate) mod formatting;
pub(crate) mod hover;
pub(crate) mod initialize;
pub(crate) mod inlay_hint;

use pacto_core::ContractKey;

use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

/// The contract that a document is or belongs to, and the document's absolute path.
fn file_of(snapshot: &Snapshot, uri: &str) -> Option<(ContractKey, String)> {
    let (key, path) = snapshot.place(uri)?;
    let file = key.root.file(&path);
    Some((key, file))
}

/// The contract that a document is, and the positions of its bundle's files.
fn contract_of<'s>(snapshot: &'s Snapshot, uri: &str) -> Option<(ContractKey, Files<'s>)> {
    let key = snapshot.contract(uri)?;
    let files = Files::new(snapshot, &key.root);
    Some((key, files))
}
