//! One file for each request.

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

use std::sync::Arc;

use pacto_core::ContractKey;
use pacto_core::fact::Fact;

use crate::convert::Positions;
use crate::snapshot::Snapshot;

/// The contract that a document is or belongs to, and the document's absolute path.
pub(crate) fn file_of(snapshot: &Snapshot, uri: &str) -> Option<(ContractKey, String)> {
    let (key, path) = snapshot.place(uri)?;
    let file = key.root.file(&path);
    Some((key, file))
}

/// A contract with its text, for handlers that need positions.
pub(crate) fn open(snapshot: &Snapshot, uri: &str) -> Option<(ContractKey, Positions)> {
    let contract = snapshot.contract(uri)?;
    let Fact::Ready(text) = snapshot.analysis.contract_text(&contract) else { return None };
    let positions = Positions::new(Arc::clone(&text), snapshot.capabilities.encoding);
    Some((contract, positions))
}
