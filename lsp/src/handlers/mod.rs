//! One file for each request.

pub(crate) mod check;
pub(crate) mod code_action;
pub(crate) mod completion;
pub(crate) mod diagnostic;
pub(crate) mod document_symbol;
pub(crate) mod formatting;
pub(crate) mod hover;
pub(crate) mod initialize;

use std::sync::Arc;

use pacto_core::fact::Fact;

use crate::convert::Positions;
use crate::snapshot::{OpenContract, Snapshot};

/// A contract with its text, for handlers that need positions.
pub(crate) fn open(snapshot: &Snapshot, uri: &str) -> Option<(OpenContract, Positions)> {
    let contract = snapshot.contract(uri)?;
    let Fact::Ready(text) = snapshot.analysis.contract_text(contract.id) else { return None };
    let positions = Positions::new(Arc::clone(&text), snapshot.capabilities.encoding);
    Some((contract, positions))
}
