//! What is known of all contracts under the roots. It is brought up to date when it is asked; registries
//! are not spoken to for it, but what is cached of them counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pacto_core::check::Mode;
use pacto_core::db::Reach;
use pacto_core::fleet::Field;
use pacto_core::{Analysis, CONTRACT_FILE, Change, ContractKey, Host, Origin, Root};
use pacto_edge::session::{Projects, Session, read_projects, today};
use pacto_edge::{DiskFiles, Driver, Files, bundles_below};
use serde_json::Value;

/// What was looked at so long ago is looked at again.
const FRESH: Duration = Duration::from_millis(500);
/// Projects and registries' failures are looked at again after this.
const PROJECTS_FRESH: Duration = Duration::from_secs(5);
/// Texts of a contract that are searched, and their length.
const MAX_TEXTS: usize = 2_000;
const MAX_TEXT: usize = 2_000;

/// The index of one server.
#[derive(Default)]
pub struct Index {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    host: Host,
    driver: Driver,
    projects: Projects,
    /// The folders of contracts, and what tells that one has changed.
    marks: BTreeMap<String, u64>,
    looked: Option<Instant>,
    looked_at_projects: Option<Instant>,
    /// Counts changes.
    revision: u64,
    entries: Option<Arc<Vec<Entry>>>,
}

/// A contract of the workspace, as it is searched.
pub struct Entry {
    pub root: Root,
    pub name: String,
    pub version: String,
    pub owner: String,
    pub workload: String,
    pub state: String,
    pub interfaces: Vec<(String, String)>,
    /// The services that it uses, with the references that say so.
    pub depends_on: Vec<String>,
    pub references: Vec<String>,
    /// What is searched, in lower case, with the text as written.
    pub texts: Vec<(Field, String, String)>,
}

/// One state of the index.
pub struct View<'s> {
    pub analysis: Analysis,
    pub revision: u64,
    pub entries: Arc<Vec<Entry>>,
    roots: &'s [PathBuf],
}

impl Index {
    /// Asks about the contracts as they are now. `session` reads what is missing; it should be offline.
    pub fn ask<T>(
        &self,
        roots: &[PathBuf],
        home: Option<&Path>,
        session: &Session,
        question: impl FnOnce(&View<'_>) -> T,
    ) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.is_none_or(|at| at.elapsed() > FRESH) {
            state.refresh(roots, home, session);
        }
        let entries = match &state.entries {
            Some(entries) => Arc::clone(entries),
            None => {
                let made = Arc::new(entries(&state.host.analysis()));
                state.entries = Some(Arc::clone(&made));
                made
            }
        };
        // The lock is held while the question runs: a change of the host waits for its snapshots.
        let view =
            View { analysis: state.host.analysis(), revision: state.revision, entries, roots };
        question(&view)
    }

    /// Forgets how long ago it was looked: a file was written.
    pub fn touch(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).looked = None;
    }
}

impl State {
    fn refresh(&mut self, roots: &[PathBuf], home: Option<&Path>, session: &Session) {
        let mut now: BTreeMap<String, u64> = BTreeMap::new();
        for root in roots.iter().filter_map(|root| root.to_str()) {
            now.extend(bundles_below(root));
        }
        let root_of = |folder: &String| Root::Folder(folder.as_str().into());
        let gone: Vec<Root> =
            self.marks.keys().filter(|folder| !now.contains_key(*folder)).map(root_of).collect();
        let changed = |folder: &&String| self.marks.get(*folder) != now.get(*folder);
        let changed: Vec<Root> = now.keys().filter(changed).map(root_of).collect();
        self.host.set_today(today());
        for root in &gone {
            self.host.remove_contract(&ContractKey::from(root));
            self.projects.forget(root);
        }
        let new: Vec<ContractKey> = changed
            .iter()
            .map(ContractKey::from)
            .filter(|key| !self.host.has_contract(key))
            .collect();
        self.host.add_contracts(&new, Mode::Batch);
        for root in gone.iter().chain(&changed) {
            self.host.forget_folder(root);
            let text = DiskFiles.read(root, CONTRACT_FILE);
            let (root, path) = (root.clone(), CONTRACT_FILE.to_owned());
            self.host.apply([Change::File { root, path, text, origin: Origin::Disk }]);
        }
        let is_news = !gone.is_empty() || !changed.is_empty();
        let is_old = |at: Option<Instant>| at.is_none_or(|at| at.elapsed() > PROJECTS_FRESH);
        if is_news || is_old(self.looked_at_projects) {
            self.read_projects(&now, home);
            self.host.forget_registry_failures();
        }
        if is_news {
            let keys = changed.iter().map(|root| (ContractKey::from(root), Reach::Whole));
            self.driver.settle(&mut self.host, keys, session);
            self.revision += 1;
            self.entries = None;
        } else {
            let none: [(ContractKey, Reach); 0] = [];
            self.driver.settle(&mut self.host, none, session);
        }
        self.marks = now;
        self.looked = Some(Instant::now());
    }

    fn read_projects(&mut self, now: &BTreeMap<String, u64>, home: Option<&Path>) {
        let roots: Vec<Root> =
            now.keys().map(|folder| Root::Folder(folder.as_str().into())).collect();
        for (root, file) in read_projects(home, roots) {
            self.projects.take(root.clone(), file);
            let severities = self.projects.severities(&root);
            self.host.set_severities(&ContractKey::from(&root), severities);
        }
        self.looked_at_projects = Some(Instant::now());
    }
}

fn entries(analysis: &Analysis) -> Vec<Entry> {
    analysis.contracts().map(|key| entry(analysis, key)).collect()
}

fn entry(analysis: &Analysis, key: &ContractKey) -> Entry {
    let profile = analysis.profile(&key.root);
    let json = analysis.contract_json(key).unwrap_or_default();
    let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let interfaces = json["interfaces"].as_array().into_iter().flatten().map(|interface| {
        let part = |key: &str| interface[key].as_str().unwrap_or_default().to_owned();
        (part("name"), part("type"))
    });
    let mut texts = Vec::new();
    let mut add = |field: Field, written: &str| {
        if texts.len() < MAX_TEXTS && !written.is_empty() {
            let end = written.floor_char_boundary(MAX_TEXT);
            texts.push((field, written[..end].to_lowercase(), written[..end].to_owned()));
        }
    };
    let name = profile.name.clone().unwrap_or_default();
    let owner = profile.owner.clone().unwrap_or_default();
    add(Field::Name, &name);
    add(Field::Owner, &owner);
    profile.interfaces.iter().for_each(|interface| add(Field::Interface, interface));
    leaves(&json["metadata"], "", &mut |key, value| {
        add(Field::Metadata, &format!("{key}: {value}"))
    });
    for offered in analysis.offered(key).iter().flat_map(|i| i.offered.iter().flatten()) {
        let method = offered.method.as_ref().map_or(String::new(), |method| format!("{method} "));
        add(Field::Operation, &format!("{method}{}", offered.name));
        if let Some(summary) = &offered.summary {
            add(Field::Documentation, summary);
        }
    }
    let references = analysis.references(&key.root);
    let depends_on = references.iter().map(|used| {
        let target = used.target.as_ref().and_then(|root| analysis.profile(root).name.clone());
        target.unwrap_or_else(|| used.reference.default_name().to_owned())
    });
    let written = ["dependencies", "configurations", "policies"].into_iter().flat_map(|section| {
        let list = json[section].as_array().cloned().unwrap_or_default();
        list.into_iter().filter_map(|item| item["ref"].as_str().map(str::to_owned))
    });
    Entry {
        root: key.root.clone(),
        name,
        version: profile.version.clone().unwrap_or_default(),
        owner,
        workload: text("/runtime/workload").to_owned(),
        state: text("/runtime/state/type").to_owned(),
        interfaces: interfaces.collect(),
        depends_on: depends_on.collect(),
        references: written.collect(),
        texts,
    }
}

/// The texts and numbers in a value, with their keys.
fn leaves(value: &Value, key: &str, found: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                leaves(value, &key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|value| leaves(value, key, found)),
        Value::Null => {}
        Value::String(text) => found(key, text),
        other => found(key, &other.to_string()),
    }
}

impl View<'_> {
    /// The contracts that hold a service of this name, those of the workspace first.
    pub fn named(&self, name: &str) -> Vec<&Root> {
        let mut all: Vec<&Root> = self.analysis.fleet().named(name).iter().collect();
        all.sort_by_key(|root| root.is_published());
        all
    }

    /// How a bundle is referred to in a call: the path under the first root that has it.
    pub fn shown(&self, root: &Root) -> String {
        shown(self.roots, root)
    }

    /// Whether a bundle is one of the workspace.
    pub fn is_own(&self, root: &Root) -> bool {
        self.analysis.has_contract(&ContractKey::from(root))
    }
}

/// A path that [`crate::workspace::Workspace::place`] finds again, or the reference of a published
/// bundle.
pub fn shown(roots: &[PathBuf], root: &Root) -> String {
    let Some(folder) = root.folder() else { return root.to_string() };
    for (i, own) in roots.iter().enumerate() {
        let Ok(relative) = Path::new(folder).strip_prefix(own) else { continue };
        let is_hidden = roots[..i].iter().any(|earlier| earlier.join(relative).exists());
        return match relative.to_str() {
            _ if is_hidden => folder.to_owned(),
            Some("") => ".".to_owned(),
            Some(relative) => relative.to_owned(),
            None => folder.to_owned(),
        };
    }
    folder.to_owned()
}
