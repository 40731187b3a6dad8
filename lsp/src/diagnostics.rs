//! The findings of contracts, by file, as the client gets them. What is said of a comparison in a file
//! is converted once, and stays for as long as it is the same and the texts that it points into are.

use std::collections::BTreeMap;
use std::sync::Arc;

use pacto_core::ContractKey;
use pacto_core::ide::baseline::{Breaking, InFile};
use tower_lsp::gen_lsp_types::Diagnostic;

use crate::said::{ByFile, Findings, Known, Set};
use crate::settings::Scope;
use crate::snapshot::Snapshot;
use crate::to_protocol::{Files, diagnostic, hint, more_findings, project_problem};

/// Upper bound on the diagnostics of one document; one more says how many are left.
const MAX_DIAGNOSTICS: usize = 500;

/// Whether what is known still holds.
fn is_of(known: &Known, hints: &Arc<InFile>, breaking: &Breaking, files: &mut Files<'_>) -> bool {
    Arc::ptr_eq(&known.hints, hints)
        && known.is_version_enough == breaking.is_version_enough
        && known.label == breaking.baseline.label
        && Arc::ptr_eq(&known.settings, &files.snapshot.settings)
        && known.texts.iter().all(|(file, text)| {
            files.positions(file).is_some_and(|now| Arc::ptr_eq(now.text(), text))
        })
}

/// Adds what is said of a comparison in the files that `is_told` holds for.
fn add_said(
    snapshot: &Snapshot,
    key: &ContractKey,
    breaking: &Breaking,
    is_told: impl Fn(&str) -> bool,
    by_file: &mut ByFile,
) {
    let mut before = snapshot.said.take(key);
    let mut now = BTreeMap::new();
    for (file, hints) in breaking.files.iter().filter(|(file, _)| is_told(file)) {
        let mut files = Files::new(snapshot, &key.root);
        let known = before.remove(file).filter(|known| is_of(known, hints, breaking, &mut files));
        let known = known.unwrap_or_else(|| {
            let mut files = Files::new(snapshot, &key.root);
            let items = hints.hints.iter().filter_map(|one| hint(one, breaking, &mut files));
            let set = Set::new(items.collect());
            Known {
                hints: Arc::clone(hints),
                is_version_enough: breaking.is_version_enough,
                label: breaking.baseline.label.clone(),
                settings: Arc::clone(&snapshot.settings),
                texts: files.texts(),
                set,
            }
        });
        by_file.entry(file.clone()).or_default().add(Arc::clone(&known.set));
        now.insert(file.clone(), known);
    }
    snapshot.said.put(key, now);
}

/// The diagnostics of a contract's files, the contract's own always there; nothing of a contract
/// that is not known.
pub(crate) fn of_contract(snapshot: &Snapshot, key: &ContractKey) -> ByFile {
    if !snapshot.analysis.has_contract(key) {
        return ByFile::new();
    }
    let settings = snapshot.settings.of(&key.root);
    let is_open = || snapshot.open.values().any(|document| document.contract == *key);
    if !settings.enable || (settings.scope == Scope::Open && !is_open()) {
        return ByFile::new();
    }
    let mut by_file = of_check(snapshot, key);
    if let Some(breaking) = snapshot.analysis.breaking(key) {
        let own = key.file();
        let is_told = |file: &str| settings.breaking_in_files || file == own;
        add_said(snapshot, key, &breaking, is_told, &mut by_file);
    }
    by_file
}

/// What rules say.
fn of_check(snapshot: &Snapshot, key: &ContractKey) -> ByFile {
    let mut by_file: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    let mut files = Files::new(snapshot, &key.root);
    let file = key.file();
    by_file.insert(file.clone(), Vec::new());
    let mut left = 0;
    for one in &snapshot.analysis.check(key).diagnostics {
        let Some(file) = &one.file else { continue };
        let list = by_file.entry(file.clone()).or_default();
        if list.len() >= MAX_DIAGNOSTICS {
            left += 1;
            continue;
        }
        list.extend(diagnostic(one, &mut files));
    }
    if left > 0 {
        by_file.entry(file).or_default().push(more_findings(left));
    }
    by_file.into_iter().map(|(file, items)| (file, Findings::new(items))).collect()
}

/// The diagnostics of project files.
pub(crate) fn of_projects(snapshot: &Snapshot) -> ByFile {
    let each = snapshot.projects.iter().map(|(file, all)| {
        (file.clone(), Findings::new(all.iter().map(project_problem).collect()))
    });
    each.collect()
}

/// The diagnostics of the contracts of `keys` and of project files, each file once.
pub(crate) fn of_contracts(snapshot: &Snapshot, keys: &[ContractKey]) -> ByFile {
    let mut joined = ByFile::new();
    let all = keys.iter().map(|key| of_contract(snapshot, key));
    for by_file in all.chain([of_projects(snapshot)]) {
        for (file, findings) in by_file {
            joined.entry(file).or_default().extend(findings);
        }
    }
    joined
}
