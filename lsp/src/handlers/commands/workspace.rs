//! The workspace as a whole: judged, and shown for reports of faults.

use pacto_core::check::Severity;
use pacto_core::{ContractKey, Role};
use pacto_edge::bundle::sha256;
use serde::Serialize;

use super::done::Done;
use crate::extension::{Counts, Status};
use crate::handlers::status::status;
use crate::snapshot::Snapshot;

/// How many errors and warnings a contract has.
pub(crate) fn counts(snapshot: &Snapshot, key: &ContractKey) -> Counts {
    let found = &snapshot.analysis.check(key).diagnostics;
    let count = |severity| found.iter().filter(|d| d.severity == severity).count();
    Counts { errors: count(Severity::Error), warnings: count(Severity::Warning) }
}

#[derive(Serialize)]
struct Validated {
    contracts: usize,
    errors: usize,
    warnings: usize,
    /// The contracts with errors or warnings.
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    uri: String,
    name: Option<String>,
    #[serde(flatten)]
    counts: Counts,
}

/// Judges every contract of the workspace.
pub(crate) fn validate(snapshot: &Snapshot) -> Done {
    let mut all = Validated { contracts: 0, errors: 0, warnings: 0, items: Vec::new() };
    for key in snapshot.analysis.contracts() {
        let counts = counts(snapshot, key);
        all.contracts += 1;
        all.errors += counts.errors;
        all.warnings += counts.warnings;
        if counts != Counts::default() {
            let uri = snapshot.uri(&key.file()).0;
            let name = snapshot.analysis.service(key).0;
            all.items.push(Item { uri, name, counts });
        }
    }
    Done::with(&all)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct State {
    status: Status,
    generation: u64,
    documents: Vec<Document>,
    contracts: Vec<Contract>,
}

#[derive(Serialize)]
struct Document {
    uri: String,
    version: i32,
    /// The contract that it is or belongs to.
    contract: String,
    bytes: usize,
    /// Of its text as the server has it.
    digest: String,
}

#[derive(Serialize)]
struct Contract {
    uri: String,
    name: Option<String>,
    version: Option<String>,
    baseline: Option<String>,
    #[serde(flatten)]
    counts: Counts,
}

/// What the server knows. Neither texts nor settings, which may hold what is not for others.
pub(crate) fn state(snapshot: &Snapshot) -> Done {
    let documents = snapshot.open.values().map(|open| {
        let text = snapshot.analysis.file_text(&open.contract.root, &open.path);
        let text = text.ready().map_or("", |text| text);
        Document {
            uri: open.uri.clone(),
            version: open.version,
            contract: open.contract.file(),
            bytes: text.len(),
            digest: sha256(text.as_bytes()),
        }
    });
    let own = snapshot.analysis.contracts().filter(|key| key.role == Role::Workspace);
    let contracts = own.map(|key| {
        let (name, version) = snapshot.analysis.service(key);
        let breaking = snapshot.analysis.breaking(key);
        let baseline = breaking.map(|breaking| breaking.baseline.label.clone());
        let uri = snapshot.uri(&key.file()).0;
        Contract { uri, name, version, baseline, counts: counts(snapshot, key) }
    });
    Done::with(&State {
        status: status(snapshot),
        generation: snapshot.generation,
        documents: documents.collect(),
        contracts: contracts.collect(),
    })
}
