//! `pacto/status`: how the server is.

use crate::extension::Status;
use crate::health::resident_memory;
use crate::snapshot::Snapshot;

pub(crate) fn status(snapshot: &Snapshot) -> Status {
    Status {
        contracts: snapshot.analysis.contracts().count(),
        memory: resident_memory(),
        ..snapshot.status.clone()
    }
}
