//! `pacto/diff`: what changed since the baseline, to be shown side by side.

use std::collections::BTreeSet;

use pacto_core::report::diff::{Comparison, json};
use pacto_core::{CONTRACT_FILE, ContractKey, Root};

use super::contract_of;
use crate::extension::{ContractParams, Diff, DiffFile};
use crate::snapshot::Snapshot;

pub(crate) fn diff(snapshot: &Snapshot, params: ContractParams) -> Option<Diff> {
    let (contract, _) = contract_of(snapshot, &params.uri)?;
    let breaking = snapshot.analysis.breaking(&contract)?;
    let report = snapshot.analysis.since_baseline(&contract)?;
    let old = &breaking.baseline.root;
    let comparison = Comparison {
        old_path: breaking.baseline.label.clone(),
        new_path: contract.root.to_string(),
        report,
        shown: &|file: &str| Some(file.to_owned()),
    };
    let uri = |root: &Root, path: &str| snapshot.uri(&root.file(path)).0;
    let old_path = old_path(&contract, old);
    let mut files: BTreeSet<String> = BTreeSet::new();
    for row in &report.changes {
        files.extend([&row.old, &row.new].into_iter().flatten().map(|at| at.name.clone()));
    }
    files.retain(|path| *path != *contract.path && *path != *old_path);
    let is_there =
        |root: &Root, path: &str| snapshot.analysis.file_text(root, path).ready().is_some();
    let own = DiffFile {
        path: contract.path.to_string(),
        old_uri: Some(uri(old, &old_path)),
        new_uri: Some(uri(&contract.root, &contract.path)),
    };
    let others = files.into_iter().map(|path| DiffFile {
        old_uri: is_there(old, &path).then(|| uri(old, &path)),
        new_uri: is_there(&contract.root, &path).then(|| uri(&contract.root, &path)),
        path,
    });
    Some(Diff {
        baseline: breaking.baseline.label.clone(),
        headline: breaking.headline(),
        old_uri: uri(old, &old_path),
        new_uri: uri(&contract.root, &contract.path),
        files: [own].into_iter().chain(others).collect(),
        report: json(&comparison),
    })
}

/// What the contract is called in its baseline: an earlier state of a folder has the same names.
fn old_path(contract: &ContractKey, old: &Root) -> String {
    match old {
        Root::Revision { .. } => contract.path.to_string(),
        _ => CONTRACT_FILE.to_owned(),
    }
}
