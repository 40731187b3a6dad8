//! The world: the one owner of the engine and of the open documents.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use pacto_core::check::Mode;
use pacto_core::db::{Baseline, Reach};
use pacto_core::fact::Fact;
use pacto_core::{Cancelled, Change, ContractKey, Host, Origin, Root};
use pacto_edge::{DiskFiles, Driver, Files, Source};
use serde_json::{Value, json};
use tower_lsp::LspService;
use tower_lsp::jsonrpc::{Request, Response};
use tower_service::Service;

use crate::baseline::{Baselines, Options};
use crate::documents::{Documents, apply_change, place, shared};
use crate::lanes::Lanes;
use crate::outbox::Outbox;
use crate::pending::Pending;
use crate::projects::Projects;
use crate::publish::Publisher;
use crate::registry::Registries;
use crate::server::{Backend, poll_once, service};
use crate::snapshot::{self, Capabilities, Permits, Snapshot};
use crate::{Log, discover, handlers, uri};

/// Everything that can happen.
pub(crate) enum Event {
    Request(Value),
    Notification(Value),
    /// A request whose snapshot an edit took away.
    Retry(Value),
    /// The contracts of a workspace folder.
    Discovered(Vec<String>),
    /// The answer of a registry.
    Fetched(Change),
    /// What git says that a contract is compared with.
    Revision(ContractKey, Option<Baseline>),
    /// Time to look at files that nobody watches.
    Tick,
    ParentGone,
    End,
}

/// How long an edit waits for requests that run.
const EDIT_PATIENCE: Duration = Duration::from_millis(50);
/// How often files are looked at for clients that do not watch them.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// Clients that pull are asked to do so again at most this often.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// At most so many contracts are indexed before the next message is looked at.
const INDEX_CHUNK: usize = 32;
/// At most so many paths are polled.
const MAX_POLLED: usize = 2_000;

pub(crate) struct World {
    host: Host,
    driver: Driver,
    registries: Registries,
    baselines: Baselines,
    projects: Projects,
    /// Answers of registries that the engine does not have yet.
    fetched: Vec<Change>,
    documents: Documents,
    capabilities: Arc<Capabilities>,
    shared_capabilities: Arc<Mutex<Capabilities>>,
    service: LspService<Backend>,
    lanes: Lanes,
    outbox: Outbox,
    pending: Pending,
    publisher: Publisher,
    permits: Permits,
    log: Log,
    events: Sender<Event>,
    generation: u64,
    versions: Arc<BTreeMap<String, (i64, ContractKey, String)>>,
    folders: BTreeSet<String>,
    to_index: VecDeque<ContractKey>,
    /// Files whose change on disk is looked for: modification time and size by path.
    stamps: BTreeMap<String, Option<(SystemTime, u64)>>,
    is_initialized: bool,
    is_shut_down: bool,
    /// Whether diagnostics must be made again.
    is_stale: bool,
    /// Whether nothing has changed since a workspace pull was answered.
    is_pull_current: bool,
    /// A workspace pull that is held open until something changes.
    held_pull: Option<Value>,
    /// When the client is to be asked to pull again, and when it was last.
    refresh_at: Option<Instant>,
    last_refresh: Option<Instant>,
    next_id: i64,
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
        let shared_capabilities = Arc::default();
        World {
            host: Host::default(),
            driver: Driver::default(),
            registries,
            baselines: Baselines::new(events.clone()),
            projects: Projects::new(),
            fetched: Vec::new(),
            documents: Documents::default(),
            capabilities: Arc::default(),
            service: service(Arc::clone(&shared_capabilities)),
            shared_capabilities,
            lanes: Lanes::start(),
            publisher: Publisher::new(outbox.clone()),
            outbox,
            pending,
            permits: Permits::default(),
            log,
            events,
            generation: 0,
            versions: Arc::default(),
            folders: BTreeSet::new(),
            to_index: VecDeque::new(),
            stamps: BTreeMap::new(),
            is_initialized: false,
            is_shut_down: false,
            is_stale: false,
            is_pull_current: false,
            held_pull: None,
            refresh_at: None,
            last_refresh: None,
            next_id: 0,
            parent,
        }
    }

    /// Handles events until the client leaves. Returns the exit code of the process.
    pub(crate) fn run(mut self, inbox: &Receiver<Event>) -> i32 {
        self.watch_parent();
        loop {
            let event = if self.has_work() {
                match inbox.try_recv() {
                    Ok(event) => event,
                    Err(TryRecvError::Empty) => {
                        self.work();
                        continue;
                    }
                    Err(TryRecvError::Disconnected) => Event::End,
                }
            } else {
                match self.next_event(inbox) {
                    Some(event) => event,
                    None => continue,
                }
            };
            match event {
                Event::Request(message) => self.request(message),
                Event::Retry(message) => self.dispatch(message),
                Event::Notification(message) => {
                    if let Some(code) = self.notification(&message) {
                        return code;
                    }
                }
                Event::Discovered(folders) => {
                    let roots = folders.into_iter().map(Root::from);
                    self.to_index.extend(roots.map(ContractKey::from));
                }
                Event::Fetched(change) => self.fetched.push(change),
                Event::Revision(key, baseline) => {
                    self.baselines.answered(&key, baseline);
                    self.update_baselines();
                }
                Event::Tick => self.poll_files(),
                Event::ParentGone => return 1,
                Event::End => return i32::from(!self.is_shut_down),
            }
        }
    }

    /// Waits for an event, or until the client is to be asked to pull again.
    fn next_event(&mut self, inbox: &Receiver<Event>) -> Option<Event> {
        let Some(at) = self.refresh_at else { return Some(inbox.recv().unwrap_or(Event::End)) };
        match inbox.recv_timeout(at.saturating_duration_since(Instant::now())) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Disconnected) => Some(Event::End),
            Err(RecvTimeoutError::Timeout) => {
                self.refresh_at = None;
                self.last_refresh = Some(Instant::now());
                self.ask_client("workspace/diagnostic/refresh", Value::Null);
                None
            }
        }
    }

    // Work between messages

    fn has_work(&self) -> bool {
        self.is_stale
            || !self.to_index.is_empty()
            || !self.fetched.is_empty()
            || self.documents.0.values().any(|d| d.is_dirty)
    }

    /// What is done while no message waits: edits reach the engine, diagnostics are made, the
    /// workspace is indexed piece by piece.
    fn work(&mut self) {
        self.flush();
        if !self.fetched.is_empty() {
            self.before_write();
            let changes = std::mem::take(&mut self.fetched);
            self.host.apply(changes);
            self.settle([]);
            self.update_baselines();
            self.is_stale = true;
        }
        if self.is_stale {
            self.publish();
            return;
        }
        let count = self.to_index.len().min(INDEX_CHUNK);
        let mut new: Vec<ContractKey> = self.to_index.drain(..count).collect();
        new.retain(|key| !self.host.has_contract(key));
        if !new.is_empty() {
            self.before_write();
            self.host.add_contracts(&new, Mode::Editor);
            for key in &new {
                let severities = self.projects.severities(&key.root, &self.log);
                self.host.set_severities(key, severities);
            }
            self.settle(new);
        }
        if self.to_index.is_empty() {
            self.is_stale = true;
        }
    }

    /// Has everything read that contracts need; what a registry holds comes later.
    fn settle(&mut self, contracts: impl IntoIterator<Item = ContractKey>) {
        self.host.set_today(self.projects.today(&self.log));
        let contracts = contracts.into_iter().map(|key| (key, Reach::Whole));
        self.driver.settle(&mut self.host, contracts, &self.registries);
    }

    /// Lets requests finish and takes the snapshot back that waits for the publisher.
    fn before_write(&mut self) {
        self.publisher.clear();
        self.permits.wait(EDIT_PATIENCE);
        self.generation += 1;
    }

    /// Hands the edits of open documents to the engine.
    fn flush(&mut self) {
        let dirty: Vec<String> =
            self.documents.0.values().filter(|d| d.is_dirty).map(|d| d.uri.clone()).collect();
        if dirty.is_empty() {
            return;
        }
        self.before_write();
        let mut contracts = BTreeSet::new();
        for uri in dirty {
            let Some(document) = self.documents.0.get_mut(&uri) else { continue };
            document.is_dirty = false;
            let (root, path) = (document.contract.root.clone(), document.path.clone());
            let text = Fact::Ready(shared(&document.text));
            contracts.insert(document.contract.clone());
            self.host.apply([Change::File { root, path, text, origin: Origin::Editor }]);
        }
        for key in &contracts {
            if !self.host.has_contract(key) {
                self.host.add_contract(key, Vec::new(), Mode::Editor);
                let severities = self.projects.severities(&key.root, &self.log);
                self.host.set_severities(key, severities);
            }
        }
        self.settle(contracts);
        self.set_versions();
        self.update_baselines();
        self.is_stale = true;
    }

    /// Has each open contract compared with what it is to be compared with now.
    fn update_baselines(&mut self) {
        for key in self.open_contracts().into_iter().filter(|key| key.root.is_folder()) {
            if !self.host.has_contract(&key) {
                continue;
            }
            let service = self.host.analysis().service(&key);
            let wanted = self.baselines.wanted(&self.host, &key, service);
            if let Some(demand) = wanted.demand {
                let changes = self.registries.answer(vec![demand]);
                self.fetched.extend(changes);
            }
            if self.host.baseline(&key) == wanted.baseline.as_ref() {
                continue;
            }
            self.before_write();
            let settings = self.projects.diff_settings(&key.root, &self.log);
            let reach =
                wanted.baseline.iter().map(|b| (ContractKey::from(&b.root), Reach::Compared));
            let reach: Vec<_> = reach.chain([(key.clone(), Reach::Compared)]).collect();
            self.host.set_baseline(&key, wanted.baseline.map(|baseline| (baseline, settings)));
            self.driver.settle(&mut self.host, reach, &self.registries);
            self.is_stale = true;
        }
    }

    /// The contracts with open documents.
    fn open_contracts(&self) -> BTreeSet<ContractKey> {
        self.documents.0.values().map(|d| d.contract.clone()).collect()
    }

    fn set_versions(&mut self) {
        let open = self.documents.0.values();
        self.versions = Arc::new(
            open.map(|d| (d.uri.clone(), (d.version, d.contract.clone(), d.path.clone())))
                .collect(),
        );
    }

    fn snapshot(&self, is_interactive: bool) -> Snapshot {
        Snapshot {
            analysis: self.host.analysis(),
            capabilities: Arc::clone(&self.capabilities),
            versions: Arc::clone(&self.versions),
            generation: self.generation,
            options: Arc::new(self.baselines.options.clone()),
            _permit: if is_interactive {
                self.permits.interactive()
            } else {
                Permits::background()
            },
        }
    }

    fn publish(&mut self) {
        self.is_stale = false;
        self.is_pull_current = false;
        if let Some(message) = self.held_pull.take() {
            self.dispatch(message);
        }
        if self.capabilities.pulls_diagnostics {
            let now = Instant::now();
            let earliest = self.last_refresh.map_or(now, |last| last + REFRESH_INTERVAL);
            self.refresh_at.get_or_insert(earliest.max(now));
            self.refresh_hints();
            return;
        }
        let open = self.open_contracts();
        let snapshot = self.snapshot(false);
        self.publisher.schedule(snapshot, open.into_iter().collect());
        let publisher = self.publisher.clone();
        self.lanes.background(move || publisher.run());
        self.refresh_hints();
    }

    /// Inlay hints and lenses follow the findings, for clients that can be told.
    fn refresh_hints(&mut self) {
        if !self.open_contracts().iter().any(|key| self.host.baseline(key).is_some()) {
            return;
        }
        if self.capabilities.refreshes_inlays {
            self.ask_client("workspace/inlayHint/refresh", Value::Null);
        }
        if self.capabilities.refreshes_lenses {
            self.ask_client("workspace/codeLens/refresh", Value::Null);
        }
    }

    // Requests

    fn request(&mut self, message: Value) {
        let method = message["method"].as_str().unwrap_or_default();
        match method {
            "initialize" => self.initialize(&message),
            "shutdown" => {
                self.answer_here(&message);
                self.is_shut_down |= self.is_initialized;
            }
            "workspace/executeCommand" => self.execute(&message),
            "workspace/diagnostic" if self.holds_pull(&message) => {
                if let Some(old) = self.held_pull.replace(message)
                    && self.pending.finish(&old["id"])
                {
                    self.outbox.error(old["id"].clone(), -32802, "a newer pull took its place");
                }
            }
            _ => self.dispatch(message),
        }
    }

    /// Commands are few and short; they run here, since they ask the client for something.
    fn execute(&mut self, message: &Value) {
        let id = message["id"].clone();
        if !self.is_initialized {
            return self.answer_here(message);
        }
        self.flush();
        let snapshot = self.snapshot(true);
        let done = handlers::execute_command::execute(&snapshot, &message["params"]);
        drop(snapshot);
        if !self.pending.finish(&id) {
            return;
        }
        match done {
            Err(why) => self.outbox.error(id, -32602, &why),
            Ok(done) => {
                let answer = json!({"jsonrpc": "2.0", "id": id, "result": done.result});
                self.outbox.send(&answer);
                match done.ask {
                    Some((method @ "window/showMessage", params)) => {
                        let note = json!({"jsonrpc": "2.0", "method": method, "params": params});
                        self.outbox.send(&note);
                    }
                    Some((method, params)) => self.ask_client(method, params),
                    None => {}
                }
            }
        }
    }

    /// A pull that has the newest results already waits for a change.
    fn holds_pull(&self, message: &Value) -> bool {
        let previous = message["params"]["previousResultIds"].as_array();
        let is_current = self.is_pull_current && !self.has_work();
        self.is_initialized && is_current && previous.is_some_and(|list| !list.is_empty())
    }

    /// Calls the service on this thread: for what changes the state of the connection.
    fn answer_here(&mut self, message: &Value) {
        let id = message["id"].clone();
        let answer = self.call(message).and_then(|future| poll_once(future).flatten());
        respond(&self.outbox, &self.pending, id, answer);
    }

    /// The service's future for a request, under an id of our own: the client may use one twice.
    fn call(&mut self, message: &Value) -> Option<impl Future<Output = Option<Response>> + use<>> {
        self.next_id += 1;
        let mut message = message.clone();
        message["id"] = json!(self.next_id);
        let request: Request = serde_json::from_value(message).ok()?;
        let future = self.service.call(request);
        Some(async move { future.await.ok().flatten() })
    }

    fn dispatch(&mut self, message: Value) {
        let id = message["id"].clone();
        if !self.pending.is_waiting(&id) {
            return;
        }
        self.flush();
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let is_background = method == "workspace/diagnostic";
        self.is_pull_current |= is_background;
        let Some(future) = self.call(&message) else {
            self.pending.finish(&id);
            self.outbox.error(id, -32600, "no JSON-RPC 2.0 request");
            return;
        };
        let snapshot = self.snapshot(!is_background);
        let (outbox, pending) = (self.outbox.clone(), self.pending.clone());
        let (events, log) = (self.events.clone(), self.log.clone());
        let job = move || {
            if !pending.is_waiting(&id) {
                return;
            }
            let run = AssertUnwindSafe(|| snapshot::with(snapshot, || poll_once(future).flatten()));
            match catch_unwind(run) {
                Ok(answer) => respond(&outbox, &pending, id, answer),
                Err(payload) if payload.is::<Cancelled>() => {
                    if method.ends_with("/diagnostic") {
                        if pending.finish(&id) {
                            let data = json!({"retriggerRequest": true});
                            let error = json!({"code": -32802, "message": "the text changed", "data": data});
                            outbox.send(&json!({"jsonrpc": "2.0", "id": id, "error": error}));
                        }
                    } else {
                        let _ = events.send(Event::Retry(message));
                    }
                }
                Err(payload) => {
                    report_panic(&outbox, &pending, &log, id, &method, payload.as_ref())
                }
            }
        };
        if is_background { self.lanes.background(job) } else { self.lanes.interactive(job) }
    }

    fn initialize(&mut self, message: &Value) {
        let params = &message["params"];
        if !self.is_initialized {
            let capabilities = handlers::initialize::capabilities(params);
            *self.shared_capabilities.lock().unwrap_or_else(|p| p.into_inner()) =
                capabilities.clone();
            self.capabilities = Arc::new(capabilities);
        }
        let was_initialized = self.is_initialized;
        self.answer_here(message);
        if was_initialized || !params.is_object() {
            return;
        }
        self.is_initialized = true;
        self.baselines.configure(Options::read(&params["initializationOptions"]));
        self.parent =
            self.parent.or(params["processId"].as_u64().and_then(|id| u32::try_from(id).ok()));
        self.watch_parent();
        let folders = params["workspaceFolders"].as_array();
        let uris: Vec<String> = match folders {
            Some(folders) => {
                folders.iter().filter_map(|f| f["uri"].as_str().map(str::to_owned)).collect()
            }
            None => params["rootUri"].as_str().map(str::to_owned).into_iter().collect(),
        };
        for uri in uris {
            self.add_folder(&uri);
        }
    }

    fn add_folder(&mut self, uri: &str) {
        let Some(path) = uri::path_of(uri) else { return };
        let is_home = std::env::var("HOME").is_ok_and(|home| home == path);
        if path == "/" || is_home || !self.folders.insert(path.clone()) {
            return;
        }
        let events = self.events.clone();
        let find = move || {
            let _ = events.send(Event::Discovered(discover::contracts_below(&path)));
        };
        let _ = thread::Builder::new().name("discover".into()).spawn(find);
    }

    fn remove_folder(&mut self, uri: &str) {
        let Some(path) = uri::path_of(uri) else { return };
        self.folders.remove(&path);
        let folder = Root::from(path);
        let open = self.open_contracts();
        let is_gone = |key: &&ContractKey| folder.path_of(&key.file()).is_some();
        let gone: Vec<ContractKey> = self
            .host
            .contracts()
            .filter(is_gone)
            .filter(|key| !open.contains(key))
            .cloned()
            .collect();
        self.before_write();
        for key in gone {
            self.host.remove_contract(&key);
            self.publisher.forget(&key, &uri::of_path(&key.file()));
        }
        self.is_stale = true;
    }

    /// Asks the client something whose answer does not matter.
    fn ask_client(&mut self, method: &str, params: Value) {
        self.next_id += 1;
        let id = format!("pacto-{}", self.next_id);
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.outbox.replaceable(method.to_owned(), &message);
    }

    // Notifications

    /// Applies a notification. Returns the exit code when it is `exit`.
    fn notification(&mut self, message: &Value) -> Option<i32> {
        let method = message["method"].as_str().unwrap_or_default();
        if method == "exit" {
            return Some(i32::from(!self.is_shut_down));
        }
        if !self.is_initialized || self.is_shut_down {
            return None;
        }
        let params = &message["params"];
        let result = match method {
            "initialized" => {
                self.watch_files();
                Ok(())
            }
            "textDocument/didOpen" => self.did_open(params),
            "textDocument/didChange" => self.did_change(params),
            "textDocument/didSave" => self.did_save(params),
            "textDocument/didClose" => self.did_close(params),
            "workspace/didChangeConfiguration" => {
                self.baselines.configure(Options::read(&params["settings"]));
                self.update_baselines();
                self.is_stale = true;
                Ok(())
            }
            "workspace/didChangeWatchedFiles" => self.did_change_watched_files(params),
            "workspace/didChangeWorkspaceFolders" => {
                for folder in params["event"]["removed"].as_array().into_iter().flatten() {
                    self.remove_folder(folder["uri"].as_str().unwrap_or_default());
                }
                for folder in params["event"]["added"].as_array().into_iter().flatten() {
                    self.add_folder(folder["uri"].as_str().unwrap_or_default());
                }
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(why) = result {
            self.log.line(&format!("{method}: {why}"));
        }
        None
    }

    fn did_open(&mut self, params: &Value) -> Result<(), String> {
        let document = &params["textDocument"];
        let uri = document["uri"].as_str().ok_or("textDocument.uri is missing")?;
        let text = document["text"].as_str().ok_or("textDocument.text is missing")?;
        let language = document["languageId"].as_str().unwrap_or_default();
        let version = document["version"].as_i64().unwrap_or(0);
        if let Some(opened) = self.documents.open(uri, language, version, text.to_owned()) {
            let contract = opened.contract.clone();
            self.publisher.set_version(uri, Some(version));
            self.refresh(&contract);
        }
        Ok(())
    }

    fn did_change(&mut self, params: &Value) -> Result<(), String> {
        let uri = params["textDocument"]["uri"].as_str().ok_or("textDocument.uri is missing")?;
        let version = params["textDocument"]["version"].as_i64();
        let changes = params["contentChanges"].as_array().ok_or("contentChanges is missing")?;
        let Some(document) = self.documents.0.get_mut(uri) else {
            return Err(format!("{uri} is not open"));
        };
        for change in changes {
            apply_change(&mut document.text, change, self.capabilities.encoding)?;
        }
        document.version = version.unwrap_or(document.version + 1);
        document.is_dirty = true;
        let version = document.version;
        self.publisher.set_version(uri, Some(version));
        Ok(())
    }

    fn did_save(&mut self, params: &Value) -> Result<(), String> {
        let uri = params["textDocument"]["uri"].as_str().ok_or("textDocument.uri is missing")?;
        let Some(document) = self.documents.0.get_mut(uri) else { return Ok(()) };
        let contract = document.contract.clone();
        if let Some(text) = params["text"].as_str()
            && text != document.text
        {
            self.log.line(&format!(
                "{uri}: saved text of {} bytes differs from ours of {}; taking it",
                text.len(),
                document.text.len()
            ));
            text.clone_into(&mut document.text);
            document.is_dirty = true;
        }
        // Who saves wants to know: registries that did not answer are asked again.
        self.before_write();
        if self.host.forget_registry_failures() {
            self.registries.forget();
        }
        self.baselines.recheck(&contract);
        self.refresh(&contract);
        Ok(())
    }

    fn did_close(&mut self, params: &Value) -> Result<(), String> {
        let uri = params["textDocument"]["uri"].as_str().ok_or("textDocument.uri is missing")?;
        let Some(document) = self.documents.0.remove(uri) else { return Ok(()) };
        self.publisher.set_version(uri, None);
        self.before_write();
        let contract = document.contract.clone();
        let (root, path) = (contract.root.clone(), document.path.clone());
        let on_disk = if uri::path_of(uri).is_some() {
            DiskFiles.read(&root, &path)
        } else {
            Fact::Failed(pacto_core::fact::Failure::NotFound)
        };
        let is_gone = on_disk.ready().is_none();
        let origin = Origin::Disk;
        self.host.apply([Change::File { root, path, text: on_disk, origin }]);
        self.set_versions();
        let file = contract.file();
        let is_in_workspace = contract.is_usual()
            && self.folders.iter().any(|f| Root::from(f.as_str()).path_of(&file).is_some());
        let still_open = self.open_contracts().contains(&contract);
        if document.is_contract() && !still_open && (is_gone || !is_in_workspace) {
            self.host.remove_contract(&contract);
            self.publisher.forget(&contract, uri);
        }
        self.is_stale = true;
        Ok(())
    }

    fn did_change_watched_files(&mut self, params: &Value) -> Result<(), String> {
        let changes = params["changes"].as_array().ok_or("changes is missing")?;
        let mut contracts = BTreeSet::new();
        for change in changes {
            let uri = change["uri"].as_str().unwrap_or_default();
            let Some((key, path)) = place(uri, "") else { continue };
            let is_new = key.is_usual() && path == *key.path && !self.host.has_contract(&key);
            if is_new && change["type"].as_u64() != Some(3) {
                self.to_index.push_back(key.clone());
            }
            contracts.insert(key);
        }
        for key in contracts {
            self.refresh(&key);
        }
        Ok(())
    }

    // Files on disk

    /// Reads again what is known of a bundle and not open.
    fn refresh(&mut self, key: &ContractKey) {
        let root = &key.root;
        if !root.is_folder() {
            return;
        }
        self.before_write();
        let known = self.host.known_files(root);
        let mut changes: Vec<Change> = known
            .into_iter()
            .filter(|path| self.documents.at(root, path).is_none())
            .map(|path| {
                let text = DiskFiles.read(root, &path);
                Change::File { root: root.clone(), path, text, origin: Origin::Disk }
            })
            .collect();
        changes.push(Change::Listing { root: root.clone(), files: DiskFiles.list(root) });
        self.host.apply(changes);
        let beside: Vec<ContractKey> =
            self.host.contracts().filter(|other| other.root == *root).cloned().collect();
        self.settle(beside);
        self.is_stale = true;
    }

    fn watch_files(&mut self) {
        if self.capabilities.watches_files {
            let watcher = |glob: &str| json!({"globPattern": glob});
            let options = json!({"watchers": [
                watcher("**/pacto.yaml"),
                watcher("**/interfaces/**"),
                watcher("**/configuration/**"),
                watcher("**/policy/**"),
            ]});
            let registration = json!({
                "id": "pacto-files", "method": "workspace/didChangeWatchedFiles",
                "registerOptions": options,
            });
            self.ask_client("client/registerCapability", json!({"registrations": [registration]}));
            return;
        }
        let events = self.events.clone();
        let tick = move || {
            while events.send(Event::Tick).is_ok() {
                thread::sleep(POLL_INTERVAL);
            }
        };
        let _ = thread::Builder::new().name("tick".into()).spawn(tick);
    }

    /// Looks for changes of the files of open bundles, by time and size.
    fn poll_files(&mut self) {
        let mut polled = 0;
        for key in self.open_contracts().iter().filter(|key| key.root.is_folder()) {
            let root = &key.root;
            let mut has_changed = false;
            for path in self.host.known_files(root) {
                polled += 1;
                if polled > MAX_POLLED {
                    return;
                }
                let full = root.file(&path);
                let metadata = std::fs::metadata(&full).ok();
                let stamp = metadata.and_then(|m| Some((m.modified().ok()?, m.len())));
                let old = self.stamps.insert(full, stamp);
                has_changed |= old.is_some_and(|old| old != stamp);
            }
            if has_changed {
                self.refresh(key);
            }
        }
    }

    /// Ends the server when the process that started it is gone.
    fn watch_parent(&mut self) {
        let Some(parent) = self.parent.take() else { return };
        let process = format!("/proc/{parent}");
        if !std::path::Path::new("/proc/self").exists() {
            return;
        }
        let events = self.events.clone();
        let watch = move || {
            while std::path::Path::new(&process).exists() {
                thread::sleep(POLL_INTERVAL);
            }
            let _ = events.send(Event::ParentGone);
        };
        let _ = thread::Builder::new().name("parent".into()).spawn(watch);
    }
}

/// Sends an answer, unless the request was cancelled meanwhile.
fn respond(outbox: &Outbox, pending: &Pending, id: Value, answer: Option<Response>) {
    if !pending.finish(&id) {
        return;
    }
    let Some(answer) = answer else {
        return outbox.error(id, -32601, "there is no such method");
    };
    let (_, result) = answer.into_parts();
    match result {
        Ok(result) => {
            outbox.send_text(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#))
        }
        Err(error) => {
            let error = serde_json::to_value(&error).unwrap_or_default();
            outbox.send(&json!({"jsonrpc": "2.0", "id": id, "error": error}));
        }
    }
}

/// A panic ends one request, never the server.
fn report_panic(
    outbox: &Outbox,
    pending: &Pending,
    log: &Log,
    id: Value,
    method: &str,
    payload: &(dyn std::any::Any + Send),
) {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    log.line(&format!("internal error {number} in {method}: {text}"));
    if pending.finish(&id) {
        outbox.error(id, -32603, &format!("internal error {number}; see the server's log"));
    }
}
