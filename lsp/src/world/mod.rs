//! The world: the one owner of inputs and open documents. It applies what happens in order; what
//! takes time runs elsewhere and comes back as an event.

mod comparisons;
mod deeds;
mod news;
mod notifications;
mod pulls;
mod requests;
mod rounds;
mod run;
mod telling;
mod watching;

pub(crate) use run::is_running;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Sender;
use pacto_core::db::{Demand, Severities};
use pacto_core::{Change, ContractKey, Root};
use pacto_edge::session::Projects;
use tower_lsp::gen_lsp_types::TraceValue;

use crate::answered::Answered;
use crate::client::{Awaited, Capabilities, ServerRequest};
use crate::dispatch::Routes;
use crate::documents::{Documents, Place};
use crate::engine::Engine;
use crate::event::Event;
use crate::freshness::Freshness;
use crate::health::Health;
use crate::lanes::Lanes;
use crate::log::Log;
use crate::looks::{Looks, PATIENCE};
use crate::outbox::Outbox;
use crate::outside::Outside;
use crate::pending::Pending;
use crate::publish::Publisher;
use crate::registry::Registries;
use crate::said::Said;
use crate::settings::{Scopes, is_inside};
use crate::slot::Slot;
use crate::snapshot::{OpenDocument, Sealed, Snapshot};
use crate::timers::{Timer, Timers};
use comparisons::Comparisons;
use pulls::Pulls;
use rounds::Rounds;
use telling::Telling;
use watching::Watching;

/// Where the connection is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Fresh,
    Running,
    ShutDown,
}

pub(crate) struct World {
    phase: Phase,
    capabilities: Arc<Capabilities>,
    scopes: Arc<Scopes>,
    /// The workspace folders.
    folders: BTreeSet<String>,
    documents: Documents,
    /// The documents as snapshots see them.
    open: Arc<BTreeMap<String, OpenDocument>>,
    engine: Engine,
    looks: Looks,
    freshness: Freshness,
    health: Health,
    telling: Telling,
    rounds: Rounds,
    comparisons: Comparisons,
    projects: Projects,
    /// Folders in which contracts are being looked for, and since when.
    discovering: BTreeMap<String, Instant>,
    /// When projects were asked for that are not known yet.
    projects_asked: BTreeMap<Root, Instant>,
    severities: BTreeMap<ContractKey, Severities>,
    /// Answers that the engine does not have yet.
    answers: Vec<(Vec<Demand>, Vec<Change>)>,
    outside: Outside,
    pulls: Pulls,
    answered: Answered,
    watching: Watching,
    timers: Timers,
    routes: Arc<Routes>,
    lanes: Lanes,
    slot: Slot,
    publisher: Publisher,
    said: Said,
    outbox: Outbox,
    pending: Pending,
    /// What answers of the client are needed for, by the ids of our requests.
    awaited: BTreeMap<String, Awaited>,
    next_id: u64,
    events: Sender<Event>,
    log: Log,
    /// What the client wants to be told of the work (`$/setTrace`).
    trace: TraceValue,
    parent: Option<u32>,
}

impl World {
    pub(crate) fn new(
        events: Sender<Event>,
        registries: Registries,
        outbox: Outbox,
        pending: Pending,
        log: Log,
        parent: Option<u32>,
    ) -> Self {
        let slot = Slot::default();
        World {
            phase: Phase::Fresh,
            capabilities: Arc::default(),
            scopes: Arc::default(),
            folders: BTreeSet::new(),
            documents: Documents::default(),
            open: Arc::default(),
            engine: Engine::new(slot.clone()),
            looks: Looks::default(),
            freshness: Freshness::default(),
            health: Health::default(),
            telling: Telling::default(),
            rounds: Rounds::default(),
            comparisons: Comparisons::default(),
            projects: Projects::default(),
            discovering: BTreeMap::new(),
            projects_asked: BTreeMap::new(),
            severities: BTreeMap::new(),
            answers: Vec::new(),
            outside: Outside::new(registries, events.clone()),
            pulls: Pulls::default(),
            answered: Answered::default(),
            watching: Watching::default(),
            timers: Timers::default(),
            routes: Arc::new(Routes::new()),
            lanes: Lanes::start(),
            slot,
            publisher: Publisher::new(outbox.clone()),
            said: Said::default(),
            outbox,
            pending,
            awaited: BTreeMap::new(),
            next_id: 0,
            events,
            log,
            trace: TraceValue::Off,
            parent,
        }
    }

    /// What a request or a round sees.
    fn complete(&self, mut snapshot: Snapshot) -> Sealed {
        snapshot.capabilities = Arc::clone(&self.capabilities);
        snapshot.open = Arc::clone(&self.open);
        snapshot.generation = self.engine.generation();
        snapshot.settings = Arc::clone(&self.scopes);
        snapshot.projects = self.projects.problems();
        snapshot.is_reading = self.looks.is_waiting();
        snapshot.answered = self.answered.clone();
        snapshot.said = self.said.clone();
        snapshot.status = self.status();
        Sealed::new(snapshot)
    }

    /// Has snapshots see the documents as they are now.
    fn set_open(&mut self) {
        let open = self.documents.by_key().filter_map(|(key, document)| {
            let Place::In(contract, path) = &document.place else { return None };
            let open = OpenDocument {
                uri: document.uri.clone(),
                version: document.version,
                contract: contract.clone(),
                path: path.clone(),
                edited: document.edited.clone(),
            };
            Some((key.clone(), open))
        });
        self.open = Arc::new(open.collect());
    }

    fn is_in_workspace(&self, root: &Root) -> bool {
        let path = root.folder();
        path.is_some_and(|path| self.folders.iter().any(|folder| is_inside(path, folder)))
    }

    /// Has contracts looked for in and below a folder.
    fn discover(&mut self, folder: String) {
        let now = Instant::now();
        self.discovering.insert(folder.clone(), now);
        self.timers.set(Timer::Patience, now + PATIENCE);
        self.outside.discover(folder);
    }

    /// Adds contracts that are not known yet. Returns whether there are any; open files may belong
    /// to them, see [`World::place_again`].
    fn add_contracts(&mut self, keys: impl IntoIterator<Item = ContractKey>) -> bool {
        let mut new: Vec<ContractKey> = keys.into_iter().collect();
        new.retain(|key| !self.engine.has(key));
        if new.is_empty() {
            return false;
        }
        let is_known = |key: &&ContractKey| !self.engine.known_files(&key.root).is_empty();
        let known: BTreeSet<ContractKey> = new.iter().filter(is_known).cloned().collect();
        self.engine.add(&new);
        for key in &new {
            self.looks.want_whole(key);
            self.set_severities(key);
            // What was known of its folder may be of a time when there was no contract in it.
            if known.contains(key) {
                self.touch(&key.root);
            }
        }
        let roots: BTreeSet<Root> = new.into_iter().map(|key| key.root).collect();
        self.ask_projects(roots.into_iter().filter(|root| root.is_folder()).collect());
        self.watch_later();
        true
    }

    /// Drops a contract, with what is shown for it.
    fn drop_contract(&mut self, key: &ContractKey) {
        self.engine.remove(key);
        self.publisher.forget(key);
        self.said.forget(key);
        self.looks.forget(key);
        self.comparisons.forget(key);
        self.severities.remove(key);
        if !self.engine.contracts().any(|other| other.root == key.root) {
            self.projects.forget(&key.root);
        }
        self.watch_later();
    }

    /// Asks the disk again where open files belong: bundles have come or gone.
    fn place_again(&mut self) {
        let mut asked = Vec::new();
        for (file, document) in self.documents.by_key() {
            let is_lost = document.contract().is_some_and(|key| !self.engine.has(key));
            if !document.is_contract() && crate::uri::path_of(&document.uri).is_some() {
                asked.push((file.clone(), document.uri.clone(), is_lost));
            }
        }
        for (file, uri, is_lost) in asked {
            if is_lost {
                self.set_place(&uri, Place::Asked);
            }
            self.outside.place(file);
        }
    }

    /// From now on an open document belongs somewhere else.
    fn set_place(&mut self, uri: &str, place: Place) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        if document.place == place {
            return;
        }
        document.is_dirty = true;
        // Where it belonged, what is on disk counts again.
        if let Place::In(key, path) = std::mem::replace(&mut document.place, place) {
            self.read_closed(&key.root, &path);
        }
    }

    /// Reads what is known of a folder again; it may have changed on disk.
    fn touch(&mut self, root: &Root) {
        if root.is_folder() {
            // What is being read may have been read before it changed.
            let mut paths = self.engine.known_files(root);
            paths.extend(self.looks.asked_files(root));
            paths.sort();
            paths.dedup();
            self.outside.read_again(root, paths);
        }
    }

    fn ask_projects(&mut self, roots: Vec<Root>) {
        if roots.is_empty() {
            return;
        }
        let now = Instant::now();
        self.projects_asked.extend(roots.iter().map(|root| (root.clone(), now)));
        self.outside.projects(roots);
    }

    /// Has a contract judged as its project says.
    fn set_severities(&mut self, key: &ContractKey) {
        let severities = self.projects.severities(&key.root);
        if self.severities.get(key).cloned().unwrap_or_default() != severities {
            self.severities.insert(key.clone(), Arc::clone(&severities));
            self.engine.set_severities(key, severities);
        }
    }

    /// Sends a request to the client.
    fn ask_client(&mut self, request: ServerRequest) {
        self.next_id += 1;
        let id = format!("pacto-{}", self.next_id);
        if let Some(awaited) = &request.awaited {
            self.awaited.insert(id.clone(), awaited.clone());
        }
        self.outbox.ask(&id, request);
    }
}
