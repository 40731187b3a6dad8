//! Pushing diagnostics: per file, in order of versions, and only what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard};

use pacto_core::{Analysis, ContractKey};
use serde_json::{Value, json};

use crate::handlers::diagnostic::{of_contract, result_id};
use crate::outbox::Outbox;
use crate::snapshot::Snapshot;

/// Sends `textDocument/publishDiagnostics`. One background job at a time works for it; a newer
/// snapshot replaces one that still waits.
#[derive(Clone)]
pub(crate) struct Publisher {
    outbox: Outbox,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    next: Option<Job>,
    /// The newest version of each open document.
    latest: BTreeMap<String, i64>,
    /// What the client shows: version and name of the set, by URI.
    shown: BTreeMap<String, (Option<i64>, String)>,
    /// The files that each contract's diagnostics were shown for.
    files: BTreeMap<ContractKey, BTreeSet<String>>,
}

struct Job {
    snapshot: Snapshot,
    /// The contracts with open files.
    open: Vec<ContractKey>,
}

impl Publisher {
    pub(crate) fn new(outbox: Outbox) -> Self {
        Publisher { outbox, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A set for an older version of the document is dropped from now on.
    pub(crate) fn set_version(&self, uri: &str, version: Option<i64>) {
        match version {
            Some(version) => self.state().latest.insert(uri.to_owned(), version),
            None => self.state().latest.remove(uri),
        };
    }

    /// Replaces the waiting job: the open contracts first, then the others.
    pub(crate) fn schedule(&self, snapshot: Snapshot, open: Vec<ContractKey>) {
        let old = self.state().next.replace(Job { snapshot, open });
        // Its snapshot goes without the lock held.
        drop(old);
    }

    /// Drops the waiting job, so that its snapshot does not hold up an edit. Who edits schedules
    /// another one.
    pub(crate) fn clear(&self) {
        let old = self.state().next.take();
        drop(old);
    }

    /// Runs the waiting job, until an edit cancels it.
    pub(crate) fn run(&self) {
        let Some(job) = self.state().next.take() else { return };
        let publisher = self.clone();
        let _ = Analysis::catch(AssertUnwindSafe(move || publisher.publish(&job)));
    }

    fn publish(&self, job: &Job) {
        let all: Vec<ContractKey> = job.snapshot.analysis.contracts().cloned().collect();
        let others = all.iter().filter(|key| !job.open.contains(key));
        for key in job.open.iter().chain(others) {
            self.contract(&job.snapshot, key);
        }
    }

    fn contract(&self, snapshot: &Snapshot, key: &ContractKey) {
        let by_file = of_contract(snapshot, key).unwrap_or_default();
        let files: BTreeSet<String> = by_file.keys().cloned().collect();
        let before = self.state().files.insert(key.clone(), files.clone()).unwrap_or_default();
        for file in before.difference(&files) {
            self.file(snapshot, file, Vec::new());
        }
        for (file, items) in by_file {
            self.file(snapshot, &file, items);
        }
    }

    fn file(&self, snapshot: &Snapshot, file: &str, items: Vec<Value>) {
        let (uri, version) = snapshot.uri(file);
        let name = result_id(&items);
        let mut state = self.state();
        if version.is_some() && state.latest.get(&uri).copied() != version {
            return;
        }
        let shown = state.shown.get(&uri);
        let is_shown = match shown {
            Some(shown) => *shown == (version, name.clone()),
            None => items.is_empty() && version.is_none(),
        };
        if is_shown {
            return;
        }
        state.shown.insert(uri.clone(), (version, name));
        self.send(&uri, version, items);
    }

    fn send(&self, uri: &str, version: Option<i64>, items: Vec<Value>) {
        let mut params = json!({"uri": uri, "diagnostics": items});
        if let Some(version) = version {
            params["version"] = json!(version);
        }
        let message = json!({
            "jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params,
        });
        self.outbox.replaceable(format!("diagnostics {uri}"), &message);
    }

    /// Takes back what is shown for a contract that is gone.
    pub(crate) fn forget(&self, key: &ContractKey, uri: &str) {
        let mut state = self.state();
        let files = state.files.remove(key).unwrap_or_default();
        let contract = key.file();
        let mut uris: Vec<String> =
            files.iter().filter(|f| **f != contract).map(|f| crate::uri::of_path(f)).collect();
        uris.push(uri.to_owned());
        for uri in uris {
            state.shown.remove(&uri);
            self.send(&uri, None, Vec::new());
        }
    }
}
