//! The findings of contracts, by file, as the client gets them. What is said of a comparison in a file
//! is converted once, and stays for as long as it is the same and the texts that it points into are.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use pacto_core::ContractKey;
use pacto_core::ide::baseline::{Breaking, InFile};
use tower_lsp::gen_lsp_types::Diagnostic;

use crate::settings::{Scope, Scopes};
use crate::snapshot::Snapshot;
use crate::to_protocol::{Files, diagnostic, hint, more_findings, project_problem};

/// Upper bound on the diagnostics of one document; one more says how many are left.
const MAX_DIAGNOSTICS: usize = 500;

/// Findings by the absolute path of their file.
pub(crate) type ByFile = BTreeMap<String, Findings>;

/// The findings of a file, in shared sets. A clone costs little.
#[derive(Clone, Default)]
pub(crate) struct Findings(Vec<Arc<Set>>);

/// Findings that were made at once.
struct Set {
    /// Each with its name: the generation, which it carries, does not count.
    items: Vec<(u64, Diagnostic)>,
    name: u64,
}

impl Set {
    fn new(items: Vec<Diagnostic>) -> Arc<Set> {
        let named = |item| (name_of(&without_generation(&item)), item);
        let items: Vec<(u64, Diagnostic)> = items.into_iter().map(named).collect();
        let names: Vec<u64> = items.iter().map(|(name, _)| *name).collect();
        Arc::new(Set { items, name: name_of(&names) })
    }
}

/// Equal things have equal names.
fn name_of(thing: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

impl Findings {
    pub(crate) fn new(items: Vec<Diagnostic>) -> Findings {
        Findings(vec![Set::new(items)])
    }

    /// The findings of all of `parts`.
    pub(crate) fn joined<'f>(parts: impl Iterator<Item = &'f Findings>) -> Findings {
        Findings(parts.flat_map(|part| &part.0).cloned().collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|set| set.items.is_empty())
    }

    /// A name: that of other findings is another. It is known without looking at them.
    pub(crate) fn name(&self) -> String {
        let said = self.0.iter().filter(|set| !set.items.is_empty());
        let names: Vec<u64> = said.map(|set| set.name).collect();
        format!("{:016x}", name_of(&names))
    }

    /// The findings, each once.
    pub(crate) fn items(&self) -> Vec<Diagnostic> {
        let mut seen = HashSet::new();
        let all = self.0.iter().flat_map(|set| &set.items);
        all.filter(|(name, _)| seen.insert(name)).map(|(_, item)| item.clone()).collect()
    }
}

/// What was said of comparisons, by contract and file. A clone is the same table.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<Mutex<BTreeMap<ContractKey, BTreeMap<String, Known>>>>);

struct Known {
    hints: Arc<InFile>,
    is_version_enough: bool,
    label: String,
    /// What the client has set, which says how severe things are. Held, so that a change of it makes
    /// another value.
    settings: Arc<Scopes>,
    /// The texts that it points into.
    texts: BTreeMap<String, Arc<str>>,
    set: Arc<Set>,
}

impl Known {
    fn is_of(&self, hints: &Arc<InFile>, breaking: &Breaking, files: &mut Files<'_>) -> bool {
        Arc::ptr_eq(&self.hints, hints)
            && self.is_version_enough == breaking.is_version_enough
            && self.label == breaking.baseline.label
            && Arc::ptr_eq(&self.settings, &files.snapshot.settings)
            && self.texts.iter().all(|(file, text)| {
                files.positions(file).is_some_and(|now| Arc::ptr_eq(now.text(), text))
            })
    }
}

impl Said {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ContractKey, BTreeMap<String, Known>>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(crate) fn forget(&self, key: &ContractKey) {
        self.lock().remove(key);
    }

    /// Adds what is said of a comparison in the files that `is_told` holds for.
    fn add(
        &self,
        snapshot: &Snapshot,
        key: &ContractKey,
        breaking: &Breaking,
        is_told: impl Fn(&str) -> bool,
        by_file: &mut ByFile,
    ) {
        let mut before = self.lock().remove(key).unwrap_or_default();
        let mut now = BTreeMap::new();
        for (file, hints) in breaking.files.iter().filter(|(file, _)| is_told(file)) {
            let mut files = Files::new(snapshot, &key.root);
            let known =
                before.remove(file).filter(|known| known.is_of(hints, breaking, &mut files));
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
            by_file.entry(file.clone()).or_default().0.push(Arc::clone(&known.set));
            now.insert(file.clone(), known);
        }
        self.lock().insert(key.clone(), now);
    }
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
        snapshot.said.add(snapshot, key, &breaking, is_told, &mut by_file);
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
            joined.entry(file).or_default().0.extend(findings.0);
        }
    }
    joined
}

/// The diagnostic as it is at any time.
fn without_generation(item: &Diagnostic) -> Diagnostic {
    let mut item = item.clone();
    if let Some(data) = item.data.as_mut().and_then(|data| data.as_object_mut()) {
        data.remove("gen");
    }
    item
}
