//! The findings of contracts, by file, as the client gets them.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use pacto_core::ContractKey;
use tower_lsp::gen_lsp_types::Diagnostic;

use crate::settings::Scope;
use crate::snapshot::Snapshot;
use crate::to_protocol::{Files, diagnostic, hint, more_findings, project_problem};

/// Upper bound on the diagnostics of one document; one more says how many are left.
const MAX_DIAGNOSTICS: usize = 500;

/// Diagnostics by the absolute path of their file.
pub(crate) type ByFile = BTreeMap<String, Vec<Diagnostic>>;

/// The diagnostics of a contract's files, the contract's own always there; nothing of a contract
/// that is not known.
pub(crate) fn of_contract(snapshot: &Snapshot, key: &ContractKey) -> ByFile {
    let mut by_file = ByFile::new();
    if !snapshot.analysis.has_contract(key) {
        return by_file;
    }
    let settings = snapshot.settings.of(&key.root);
    let is_open = || snapshot.open.values().any(|document| document.contract == *key);
    if !settings.enable || (settings.scope == Scope::Open && !is_open()) {
        return by_file;
    }
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
        by_file.entry(file.clone()).or_default().push(more_findings(left));
    }
    let Some(breaking) = snapshot.analysis.breaking(key) else { return by_file };
    let is_in_files = snapshot.settings.of(&key.root).breaking_in_files;
    for one in &breaking.hints {
        if (is_in_files || one.file == file)
            && let Some(item) = hint(one, &breaking, &mut files)
        {
            by_file.entry(one.file.clone()).or_default().push(item);
        }
    }
    by_file
}

/// The diagnostics of a file, by all contracts that have any for it, each once.
pub(crate) fn merged<'d>(sets: impl Iterator<Item = &'d Vec<Diagnostic>>) -> Vec<Diagnostic> {
    let mut seen: HashSet<&Diagnostic> = HashSet::new();
    sets.flatten().filter(|item| seen.insert(item)).cloned().collect()
}

/// The diagnostics of project files.
pub(crate) fn of_projects(snapshot: &Snapshot) -> ByFile {
    let each = snapshot.projects.iter();
    each.map(|(file, all)| (file.clone(), all.iter().map(project_problem).collect())).collect()
}

/// The diagnostics of the contracts of `keys` and of project files, each file once.
pub(crate) fn of_contracts(snapshot: &Snapshot, keys: &[ContractKey]) -> ByFile {
    let mut sets: BTreeMap<String, Vec<Vec<Diagnostic>>> = BTreeMap::new();
    let all = keys.iter().map(|key| of_contract(snapshot, key));
    for by_file in all.chain([of_projects(snapshot)]) {
        for (file, items) in by_file {
            sets.entry(file).or_default().push(items);
        }
    }
    sets.into_iter().map(|(file, sets)| (file, merged(sets.iter()))).collect()
}

/// A name for a set of diagnostics: equal sets have equal names. The generation does not count.
pub(crate) fn result_id(items: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    for item in items {
        without_generation(item).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// The diagnostic as it is at any time.
pub(crate) fn without_generation(item: &Diagnostic) -> Diagnostic {
    let mut item = item.clone();
    if let Some(data) = item.data.as_mut().and_then(|data| data.as_object_mut()) {
        data.remove("gen");
    }
    item
}
