//! What a request sees: the engine and the open documents at its place in the stream.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pacto_core::fact::Fact;
use pacto_core::{Analysis, ContractKey, Host, Root};

use crate::answered::Answered;
use crate::client::Capabilities;
use crate::documents::Edited;
use crate::extension::Status;
use crate::lanes::OnLane;
use crate::said::Said;
use crate::settings::Scopes;
use crate::uri;
use pacto_edge::session::ProjectProblem;

/// An open document as the snapshot saw it.
#[derive(Clone, Debug)]
pub(crate) struct OpenDocument {
    /// As the client spells it.
    pub uri: String,
    pub version: i32,
    pub contract: ContractKey,
    /// Its path in the contract's bundle.
    pub path: String,
    pub edited: Option<Edited>,
}

/// An immutable view. It carries no way to the outside world or to the client.
pub(crate) struct Snapshot {
    pub analysis: Analysis,
    pub capabilities: Arc<Capabilities>,
    /// Open documents by their keys.
    pub open: Arc<BTreeMap<String, OpenDocument>>,
    pub generation: u64,
    pub settings: Arc<Scopes>,
    /// What is wrong with project files, by file.
    pub projects: Arc<BTreeMap<String, Vec<ProjectProblem>>>,
    /// Whether files are being read that may add to an answer.
    pub is_reading: bool,
    pub answered: Answered,
    /// What was said of comparisons before.
    pub said: Said,
    /// How the server is, but for what takes a look.
    pub status: Status,
    _permit: Option<Permit>,
}

/// A snapshot on its way to a lane, where it opens.
pub(crate) struct Sealed(Snapshot);

impl Sealed {
    pub(crate) fn new(snapshot: Snapshot) -> Sealed {
        Sealed(snapshot)
    }

    pub(crate) fn open(self, _: &OnLane) -> Snapshot {
        self.0
    }
}

impl Snapshot {
    /// A snapshot of nothing but the engine; the caller adds the rest.
    pub(crate) fn of(host: &Host, permit: Option<Permit>) -> Snapshot {
        Snapshot {
            analysis: host.analysis(),
            capabilities: Arc::default(),
            open: Arc::default(),
            generation: 0,
            settings: Arc::default(),
            projects: Arc::default(),
            is_reading: false,
            answered: Answered::default(),
            said: Said::default(),
            status: Status::default(),
            _permit: permit,
        }
    }

    /// What the client can do with proposals in a bundle, and is to: settings take snippets away.
    pub(crate) fn completion_capabilities(&self, root: &Root) -> Arc<Capabilities> {
        if self.settings.of(root).snippets || !self.capabilities.snippets {
            return Arc::clone(&self.capabilities);
        }
        let plain = Capabilities { snippets: false, ..Capabilities::clone(&self.capabilities) };
        Arc::new(plain)
    }

    pub(crate) fn document(&self, uri: &str) -> Option<&OpenDocument> {
        self.open.get(&uri::key(uri))
    }

    /// The contract that a document is or belongs to, and its path in the bundle. What is not open
    /// belongs to the innermost contract that is known. `None` where settings switch everything off.
    pub(crate) fn place(&self, uri: &str) -> Option<(ContractKey, String)> {
        self.any_place(uri).filter(|(key, _)| self.settings.of(&key.root).enable)
    }

    fn any_place(&self, uri: &str) -> Option<(ContractKey, String)> {
        if let Some(open) = self.document(uri) {
            return Some((open.contract.clone(), open.path.clone()));
        }
        let file = uri::key(uri);
        if uri::virtual_file(uri).is_some() {
            return self.virtual_place(&file);
        }
        let around = self.analysis.contracts().filter_map(|key| {
            let path = key.root.path_of(&file)?;
            Some((key, path))
        });
        let (key, path) = around.min_by_key(|(key, path)| (path.len(), **path != *key.path))?;
        Some((key.clone(), path.to_owned()))
    }

    /// The bundle of a file that is in no folder, and its path there.
    pub(crate) fn virtual_place(&self, file: &str) -> Option<(ContractKey, String)> {
        let ends = file.match_indices('/').map(|(at, _)| at).rev();
        let mut places = ends.map(|at| (Root::from(&file[..at]), &file[at + 1..]));
        let is_known = |root: &Root, path: &str| {
            !matches!(root, Root::Buffer(_))
                && matches!(self.analysis.file_text(root, path), Fact::Ready(_))
        };
        let (root, path) = places.find(|(root, path)| is_known(root, path))?;
        Some((ContractKey::from(root), path.to_owned()))
    }

    /// The contract that the document at `uri` is.
    pub(crate) fn contract(&self, uri: &str) -> Option<ContractKey> {
        let (key, path) = self.place(uri)?;
        (path == *key.path && self.analysis.has_contract(&key)).then_some(key)
    }

    /// The client's URI of a file, and its version if it is open.
    pub(crate) fn uri(&self, file: &str) -> (String, Option<i32>) {
        match self.open.get(file) {
            Some(open) => (open.uri.clone(), Some(open.version)),
            None => (uri::of_file(file), None),
        }
    }
}

/// Counts interactive snapshots, so that an edit can let them finish first.
#[derive(Clone, Default)]
pub(crate) struct Permits(Arc<(Mutex<usize>, Condvar)>);

/// Held by an interactive snapshot while it lives.
pub(crate) struct Permit(Permits);

impl Permits {
    pub(crate) fn take(&self) -> Permit {
        *self.0.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
        Permit(self.clone())
    }

    /// Waits until no interactive snapshot lives, for `limit` in the worst case.
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
        let permits = &self.0;
        *permits.0.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) -= 1;
        permits.0.1.notify_all();
    }
}
