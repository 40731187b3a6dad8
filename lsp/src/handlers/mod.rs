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

use pacto_core::fact::Fact;

use crate::convert::Positions;
use crate::snapshot::{OpenContract, Snapshot};

/// The root of the bundle that a document belongs to, and its absolute path.
pub(crate) fn file_of(snapshot: &Snapshot, uri: &str) -> Option<(String, String)> {
    let (root, path) = match snapshot.versions.get(uri) {
        Some((_, root, path)) => (root.clone(), path.clone()),
        None => crate::documents::place(uri, "")?,
    };
    let file = format!("{root}/{path}");
    Some((root, file))
}

/// A contract with its text, for handlers that need positions.
pub(crate) fn open(snapshot: &Snapshot, uri: &str) -> Option<(OpenContract, Positions)> {
    let contract = snapshot.contract(uri)?;
    let Fact::Ready(text) = snapshot.analysis.contract_text(contract.id) else { return None };
    let positions = Positions::new(Arc::clone(&text), snapshot.capabilities.encoding);
    Some((contract, positions))
}
