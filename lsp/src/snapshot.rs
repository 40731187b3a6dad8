//! What a request sees: the engine and the open documents at its place in the stream.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pacto_core::ide::baseline::Breaking;
use pacto_core::text::ColumnEncoding;
use pacto_core::{Analysis, ContractKey};

use crate::baseline::Options;

/// What the client can do, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capabilities {
    pub encoding: ColumnEncoding,
    pub pulls_diagnostics: bool,
    pub snippets: bool,
    pub markdown_hover: bool,
    pub markdown_completion: bool,
    pub label_details: bool,
    pub hierarchical_symbols: bool,
    pub action_literals: bool,
    pub document_changes: bool,
    pub related_information: bool,
    pub code_description: bool,
    pub diagnostic_data: bool,
    pub diagnostic_tags: bool,
    pub watches_files: bool,
    pub refreshes_inlays: bool,
    pub refreshes_lenses: bool,
}

/// An immutable view. It carries no way to the network or to the client.
pub(crate) struct Snapshot {
    pub analysis: Analysis,
    pub capabilities: Arc<Capabilities>,
    /// Versions of open documents by URI.
    pub versions: Arc<std::collections::BTreeMap<String, (i64, ContractKey, String)>>,
    pub generation: u64,
    pub options: Arc<Options>,
    pub _permit: Permit,
}

impl Snapshot {
    /// The contract of the document at `uri`.
    pub(crate) fn contract(&self, uri: &str) -> Option<ContractKey> {
        let (key, path) = self.place(uri)?;
        (path == *key.path && self.analysis.has_contract(&key)).then_some(key)
    }

    /// The contract that a document is or belongs to, and its path in the bundle.
    pub(crate) fn place(&self, uri: &str) -> Option<(ContractKey, String)> {
        match self.versions.get(uri) {
            Some((_, key, path)) => Some((key.clone(), path.clone())),
            None => crate::documents::place(uri, ""),
        }
    }

    /// What changed since the baseline.
    pub(crate) fn breaking(&self, key: &ContractKey) -> Option<Breaking> {
        self.analysis.breaking(key)
    }

    /// The client's URI of a file, and its version if it is open.
    pub(crate) fn uri(&self, file: &str) -> (String, Option<i64>) {
        let open =
            self.versions.iter().find(|(_, (_, key, path))| key.root.path_of(file) == Some(path));
        match open {
            Some((uri, (version, ..))) => (uri.clone(), Some(*version)),
            None => (crate::uri::of_path(file), None),
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Snapshot>>> = const { RefCell::new(None) };
}

/// Runs `f` with `snapshot` as that of the request that this thread handles.
pub(crate) fn with<T>(snapshot: Snapshot, f: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.with(|current| current.borrow_mut().take());
        }
    }
    CURRENT.with(|current| *current.borrow_mut() = Some(Rc::new(snapshot)));
    let _reset = Reset;
    f()
}

/// The snapshot of the request that this thread handles.
pub(crate) fn current() -> Option<Rc<Snapshot>> {
    CURRENT.with(|current| current.borrow().clone())
}

/// Counts interactive snapshots, so that an edit can let them finish first.
#[derive(Clone, Default)]
pub(crate) struct Permits(Arc<(Mutex<usize>, Condvar)>);

/// Held by an interactive snapshot while it lives.
pub(crate) struct Permit(Option<Permits>);

impl Permits {
    pub(crate) fn interactive(&self) -> Permit {
        *self.0.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
        Permit(Some(self.clone()))
    }

    pub(crate) fn background() -> Permit {
        Permit(None)
    }

    /// Waits until no interactive snapshot lives, at most for `limit`.
    pub(crate) fn wait(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let mut count = self.0.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while *count > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.0.1.wait_timeout(count, left);
            count = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(permits) = self.0.take() {
            *permits.0.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) -= 1;
            permits.0.1.notify_all();
        }
    }
}
