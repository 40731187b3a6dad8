//! Findings as sets that are shared and named, and what was said of comparisons before.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use pacto_core::ContractKey;
use pacto_core::ide::baseline::InFile;
use tower_lsp::gen_lsp_types::Diagnostic;

use crate::settings::Scopes;

/// Findings by the absolute path of their file.
pub(crate) type ByFile = BTreeMap<String, Findings>;

/// The findings of a file, in shared sets. A clone costs little.
#[derive(Clone, Default)]
pub(crate) struct Findings(Vec<Arc<Set>>);

/// Findings that were made at once.
pub(crate) struct Set {
    /// Each with its name: the generation, which it carries, does not count.
    items: Vec<(u64, Diagnostic)>,
    name: u64,
}

impl Set {
    pub(crate) fn new(items: Vec<Diagnostic>) -> Arc<Set> {
        let named = |item| (name_of(&without_generation(&item)), item);
        let items: Vec<(u64, Diagnostic)> = items.into_iter().map(named).collect();
        let names: Vec<u64> = items.iter().map(|(name, _)| *name).collect();
        Arc::new(Set { items, name: name_of(&names) })
    }
}

/// Equal things have equal names.
pub(crate) fn name_of(thing: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

impl Findings {
    pub(crate) fn new(items: Vec<Diagnostic>) -> Findings {
        Findings(vec![Set::new(items)])
    }

    /// Adds findings that were made before.
    pub(crate) fn add(&mut self, set: Arc<Set>) {
        self.0.push(set);
    }

    /// Adds the findings of another.
    pub(crate) fn extend(&mut self, other: Findings) {
        self.0.extend(other.0);
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

/// What was said of a file, and all that it was made of.
pub(crate) struct Known {
    pub hints: Arc<InFile>,
    pub is_version_enough: bool,
    pub label: String,
    /// What the client has set, which says how severe things are. Held, so that a change of it makes
    /// another value.
    pub settings: Arc<Scopes>,
    /// The texts that it points into.
    pub texts: BTreeMap<String, Arc<str>>,
    pub set: Arc<Set>,
}

impl Said {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ContractKey, BTreeMap<String, Known>>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// What was said of a contract, by file; it is not there any more then.
    pub(crate) fn take(&self, key: &ContractKey) -> BTreeMap<String, Known> {
        self.lock().remove(key).unwrap_or_default()
    }

    pub(crate) fn put(&self, key: &ContractKey, by_file: BTreeMap<String, Known>) {
        self.lock().insert(key.clone(), by_file);
    }

    pub(crate) fn forget(&self, key: &ContractKey) {
        self.lock().remove(key);
    }
}

/// The diagnostic as it is at any time.
fn without_generation(item: &Diagnostic) -> Diagnostic {
    let mut item = item.clone();
    if let Some(data) = item.data.as_mut().and_then(|data| data.as_object_mut()) {
        data.remove("gen");
    }
    item
}
