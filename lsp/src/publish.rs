//! Pushing diagnostics: per file, in order of versions, and only what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pacto_core::ContractKey;
use tower_lsp::gen_lsp_types::{
    Diagnostic, PublishDiagnosticsNotification, PublishDiagnosticsParams,
};

use crate::diagnostics::{self, of_contract, of_projects};
use crate::documents::Edited;
use crate::handlers;
use crate::outbox::Outbox;
use crate::said::{ByFile, Findings, name_of};
use crate::snapshot::Snapshot;

/// Sends `textDocument/publishDiagnostics` to clients that do not pull.
#[derive(Clone)]
pub(crate) struct Publisher {
    outbox: Outbox,
    state: Arc<Mutex<State>>,
}

/// What a set of diagnostics comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Contract(ContractKey),
    Projects,
}

#[derive(Default)]
struct State {
    /// The newest version of each open document, by file.
    latest: BTreeMap<String, i32>,
    /// What the client shows, by file.
    shown: BTreeMap<String, Shown>,
    /// The diagnostics of each file, by what they come from.
    sets: BTreeMap<String, BTreeMap<Source, Findings>>,
    /// The files that each source has diagnostics for.
    files: BTreeMap<Source, BTreeSet<String>>,
    /// Files that were not shown since a newer version was on its way.
    behind: BTreeSet<String>,
}

struct Shown {
    uri: String,
    version: Option<i32>,
    /// See [`Findings::name`]; none where findings were held back.
    name: Option<String>,
    /// The findings wherever they are.
    findings: BTreeSet<u64>,
}

/// What has been made of a snapshot. Equal findings and hints have equal names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Made {
    /// The name of all findings, for clients that pull; `None` when not all were made.
    pub findings: Option<u64>,
    /// The name of hints and lenses, for clients that can be told to ask for them again.
    pub hints: Option<u64>,
    /// The name of who uses whom, for clients that want to be told.
    pub graph: Option<u64>,
    /// New findings are held back until then.
    pub held_until: Option<Instant>,
    /// Hints are hidden until then, on lines that are being typed.
    pub resting_until: Option<Instant>,
    pub with_others: bool,
}

impl Publisher {
    pub(crate) fn new(outbox: Outbox) -> Self {
        Publisher { outbox, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A set for an older version of the document is dropped from now on.
    pub(crate) fn set_version(&self, file: &str, version: Option<i32>) {
        match version {
            Some(version) => self.state().latest.insert(file.to_owned(), version),
            None => self.state().latest.remove(file),
        };
    }

    /// Makes the findings of the open contracts, then of the others if those are wanted; publishes
    /// them to clients that do not pull.
    pub(crate) fn publish(&self, snapshot: &Snapshot, with_others: bool) -> Made {
        let capabilities = &snapshot.capabilities;
        let mut made = Made { with_others, ..Made::default() };
        let open: BTreeSet<&ContractKey> = snapshot.open.values().map(|d| &d.contract).collect();
        let others = snapshot.analysis.contracts().filter(|key| !open.contains(key));
        let others = others.take(if with_others { usize::MAX } else { 0 });
        let keys: Vec<ContractKey> = open.iter().copied().chain(others).cloned().collect();
        if capabilities.pulls_diagnostics {
            let all = with_others.then(|| diagnostics::of_contracts(snapshot, &keys));
            made.findings = all.map(|all| name_of_all(&all));
        } else {
            self.set(snapshot, &Source::Projects, of_projects(snapshot), &mut made);
            for key in &keys {
                let by_file = of_contract(snapshot, key);
                self.set(snapshot, &Source::Contract(key.clone()), by_file, &mut made);
            }
            // Nothing may be left to say of a file whose last findings were held up.
            let behind = std::mem::take(&mut self.state().behind);
            behind.iter().for_each(|file| self.show(snapshot, file, &mut made));
        }
        if capabilities.refreshes_inlays || capabilities.refreshes_lenses {
            made.hints = Some(name_of_hints(snapshot, &open));
            made.resting_until = handlers::inlay_hint::hidden_until(snapshot);
        }
        if capabilities.wants_graph && with_others {
            made.graph = Some(name_of_graph(snapshot));
        }
        made
    }

    /// Takes what a source has to say now.
    fn set(&self, snapshot: &Snapshot, source: &Source, by_file: ByFile, made: &mut Made) {
        let files: BTreeSet<String> = by_file.keys().cloned().collect();
        let before = self.state().files.insert(source.clone(), files.clone()).unwrap_or_default();
        for (file, findings) in by_file {
            self.state().sets.entry(file).or_default().insert(source.clone(), findings);
        }
        for file in before.difference(&files) {
            if let Some(sets) = self.state().sets.get_mut(file) {
                sets.remove(source);
            }
        }
        for file in before.union(&files) {
            self.show(snapshot, file, made);
        }
    }

    /// Shows a file's diagnostics, unless they are shown already.
    fn show(&self, snapshot: &Snapshot, file: &str, made: &mut Made) {
        let (uri, version) = snapshot.uri(file);
        let mut state = self.state();
        if version.is_some() && state.latest.get(file).copied() != version {
            state.behind.insert(file.to_owned());
            return;
        }
        let sets = state.sets.get(file).into_iter().flat_map(BTreeMap::values);
        let findings = Findings::joined(sets);
        let name = Some(findings.name());
        let shown = state.shown.get(file);
        let is_held = shown.is_some_and(|shown| shown.name.is_none());
        let is_shown = match shown {
            Some(shown) => (&shown.uri, shown.version, &shown.name) == (&uri, version, &name),
            None => findings.is_empty() && version.is_none(),
        };
        if is_shown {
            return;
        }
        let mut items = findings.items();
        let mut held = None;
        if let Some(open) = snapshot.open.get(file)
            && let Some(edited) = &open.edited
        {
            let delay = snapshot.settings.of(&open.contract.root).editing_line_delay;
            let known = shown.map(|shown| &shown.findings);
            held = hold_back(&mut items, edited, delay, known);
            made.held_until = [made.held_until, held].into_iter().flatten().min();
        }
        let identities: BTreeSet<u64> = items.iter().map(identity).collect();
        // While the same is held back, the same is shown.
        let is_same = held.is_some()
            && is_held
            && shown.is_some_and(|shown| {
                (&shown.uri, shown.version, &shown.findings) == (&uri, version, &identities)
            });
        if is_same {
            return;
        }
        let name = name.filter(|_| held.is_none());
        let now = Shown { uri: uri.clone(), version, name, findings: identities };
        state.shown.insert(file.to_owned(), now);
        self.send(&uri, version, items);
    }

    fn send(&self, uri: &str, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let params = PublishDiagnosticsParams { uri: uri.into(), version, diagnostics };
        let key = format!("diagnostics {uri}");
        self.outbox.replaceable_notification::<PublishDiagnosticsNotification>(key, params);
    }

    /// Takes back what is shown for a contract that is gone.
    pub(crate) fn forget(&self, key: &ContractKey) {
        let source = Source::Contract(key.clone());
        let mut state = self.state();
        let files = state.files.remove(&source).unwrap_or_default();
        for file in files.into_iter().chain([key.file()]) {
            let sets = state.sets.entry(file.clone()).or_default();
            sets.remove(&source);
            if sets.is_empty() {
                state.sets.remove(&file);
                if let Some(shown) = state.shown.remove(&file) {
                    self.send(&shown.uri, None, Vec::new());
                }
            }
        }
    }

    /// Takes back what is shown under a URI that the client uses no more.
    pub(crate) fn leave(&self, file: &str, uri: &str) {
        let mut state = self.state();
        if state.shown.get(file).is_some_and(|shown| shown.uri == uri) {
            state.shown.remove(file);
            self.send(uri, None, Vec::new());
        }
    }
}

/// What a finding is, wherever it stands.
fn identity(item: &Diagnostic) -> u64 {
    name_of(&(&item.code, &item.message, &item.source))
}

/// Takes findings out that are new on a line that was edited less than `delay` ago: half-typed
/// words do not flash. Returns until when any is held back.
fn hold_back(
    items: &mut Vec<Diagnostic>,
    edited: &Edited,
    delay: Duration,
    known: Option<&BTreeSet<u64>>,
) -> Option<Instant> {
    let until = edited.at + delay;
    if Instant::now() >= until {
        return None;
    }
    let before = items.len();
    items.retain(|item| {
        let is_known = known.is_some_and(|known| known.contains(&identity(item)));
        is_known || !edited.lines.contains(&item.range.start.line)
    });
    (items.len() < before).then_some(until)
}

fn name_of_all(all: &ByFile) -> u64 {
    let each = all.iter().map(|(file, findings)| (file, findings.name()));
    name_of(&each.collect::<Vec<_>>())
}

fn name_of_graph(snapshot: &Snapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    snapshot.analysis.fleet().hash(&mut hasher);
    for key in snapshot.analysis.contracts() {
        (&key.root, &snapshot.analysis.profile(&key.root).version).hash(&mut hasher);
    }
    hasher.finish()
}

/// The name of no hints.
pub(crate) const NO_HINTS: u64 = 0;

/// Hints beside lines count wherever they stand: the client moves them with the text.
fn name_of_hints(snapshot: &Snapshot, open: &BTreeSet<&ContractKey>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut is_any = false;
    for key in open {
        let Some(breaking) = snapshot.analysis.breaking(key) else { continue };
        is_any = true;
        for (file, in_file) in &breaking.files {
            in_file.inlays.iter().for_each(|inlay| (file, &inlay.label).hash(&mut hasher));
        }
        handlers::code_lens::titles(snapshot, key).hash(&mut hasher);
    }
    if is_any { hasher.finish() } else { NO_HINTS }
}
