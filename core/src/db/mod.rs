//! The only salsa code: inputs, queries and the database.
//!
//! `tree` → `document` → `contract` → `findings` by layer → `diagnostics`. Everything between the
//! text and the diagnostics holds node ids only, so that a blank or comment edit runs the parser
//! and nothing after it.

mod baseline;
mod demand;
mod diff;
mod inputs;
mod queries;
mod resolve;
mod view;

pub use baseline::Baseline;
pub(crate) use baseline::{published_baseline, repository_of};
pub(crate) use demand::demand;
pub use demand::{Demand, Reach};
pub(crate) use diff::diff_report;
pub use diff::{DependencyDiff, DiffReport, DiffSettings, Located, LocatedChange, LocatedProblem};
pub use inputs::{
    Calendar, ContractInput, Directory, Override, Severities, SourceFile, TagList, TagState,
    Workspace,
};
pub use queries::{Checked, Merged, checked, document, lines, merged, operations_of, tree};
pub use view::DbView;

use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;

use crate::fact::Fact;
use crate::root::Root;
use crate::spec::Parts;

pub use crate::root::CONTRACT_FILE;

/// What queries need of the database besides salsa.
#[salsa::db]
pub trait Db: salsa::Database {
    fn inputs(&self) -> &InputTable;
    /// The parts of large texts.
    fn parts(&self) -> &Parts;
}

/// The inputs by their keys. Asking for an unknown one makes it, `Pending`, without I/O.
#[derive(Clone, Default)]
pub struct InputTable {
    tables: Arc<Mutex<Tables>>,
    workspace: Arc<OnceLock<Workspace>>,
    calendar: Arc<OnceLock<Calendar>>,
}

#[derive(Default)]
struct Tables {
    files: FxHashMap<Root, FxHashMap<String, SourceFile>>,
    directories: FxHashMap<Root, Directory>,
    tag_lists: FxHashMap<String, TagList>,
    tag_states: FxHashMap<(String, String), TagState>,
}

impl InputTable {
    /// The file at `path` of the bundle in `root`.
    pub fn file(&self, db: &dyn Db, root: &Root, path: &str) -> SourceFile {
        let mut tables = self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(file) = tables.files.get(root).and_then(|files| files.get(path)) {
            return *file;
        }
        let file = SourceFile::builder(root.clone(), path.to_owned(), Fact::Pending)
            .durability(salsa::Durability::MEDIUM)
            .new(db);
        tables.files.entry(root.clone()).or_default().insert(path.to_owned(), file);
        file
    }

    /// The listing of the bundle in `root`.
    pub fn directory(&self, db: &dyn Db, root: &Root) -> Directory {
        let mut tables = self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(directory) = tables.directories.get(root) {
            return *directory;
        }
        let directory = Directory::builder(root.clone(), Fact::Pending)
            .durability(salsa::Durability::MEDIUM)
            .new(db);
        tables.directories.insert(root.clone(), directory);
        directory
    }

    /// The tags of `host/path`.
    pub fn tag_list(&self, db: &dyn Db, repository: &str) -> TagList {
        let mut tables = self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(list) = tables.tag_lists.get(repository) {
            return *list;
        }
        let list = TagList::builder(repository.to_owned(), Fact::Pending)
            .durability(salsa::Durability::MEDIUM)
            .new(db);
        tables.tag_lists.insert(repository.to_owned(), list);
        list
    }

    /// What `host/path:tag` means.
    pub fn tag_state(&self, db: &dyn Db, repository: &str, tag: &str) -> TagState {
        let mut tables = self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let key = (repository.to_owned(), tag.to_owned());
        if let Some(state) = tables.tag_states.get(&key) {
            return *state;
        }
        let state = TagState::builder(key.0.clone(), key.1.clone(), Fact::Pending)
            .durability(salsa::Durability::MEDIUM)
            .new(db);
        tables.tag_states.insert(key, state);
        state
    }

    /// The contracts that are looked at together.
    pub fn workspace(&self, db: &dyn Db) -> Workspace {
        *self.workspace.get_or_init(|| Workspace::new(db, Arc::default(), None))
    }

    /// What day it is.
    pub fn calendar(&self, db: &dyn Db) -> Calendar {
        let new = || Calendar::builder(None).durability(salsa::Durability::HIGH).new(db);
        *self.calendar.get_or_init(new)
    }

    /// What was asked of registries in vain.
    pub fn registry_failures(&self, db: &dyn Db) -> Vec<Demand> {
        let tables = self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let lists = tables.tag_lists.values().filter(|l| matches!(l.tags(db), Fact::Failed(_)));
        let states = tables.tag_states.values().filter(|s| matches!(s.digest(db), Fact::Failed(_)));
        let bundles = tables.files.iter().filter(|(root, _)| root.is_published());
        let is_registry = |file: &&SourceFile| matches!(file.text(db), Fact::Failed(failure) if failure.registry_code().is_some());
        let files = bundles.flat_map(|(_, files)| files.values()).filter(is_registry);
        let lists = lists.map(|l| Demand::Tags { repository: l.repository(db).clone() });
        let states = states.map(|s| Demand::Digest {
            repository: s.repository(db).clone(),
            tag: s.tag(db).clone(),
        });
        let files =
            files.map(|f| Demand::File { root: f.root(db).clone(), path: f.path(db).clone() });
        lists.chain(states).chain(files).collect()
    }

    /// The files of the bundle in `root` that were ever asked for, sorted.
    pub fn known_files(&self, root: &Root) -> Vec<String> {
        let tables = self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut paths: Vec<String> =
            tables.files.get(root).map_or(Vec::new(), |files| files.keys().cloned().collect());
        paths.sort();
        paths
    }
}

/// Names of the queries that ran, in order; kept for tests of reuse.
pub type QueryLog = Arc<Mutex<Vec<String>>>;

#[salsa::db]
#[derive(Clone)]
pub struct Database {
    storage: salsa::Storage<Self>,
    inputs: InputTable,
    parts: Parts,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl Db for Database {
    fn inputs(&self) -> &InputTable {
        &self.inputs
    }

    fn parts(&self) -> &Parts {
        &self.parts
    }
}

impl Default for Database {
    fn default() -> Self {
        Database {
            storage: salsa::Storage::new(None),
            inputs: InputTable::default(),
            parts: Parts::default(),
        }
    }
}

impl Database {
    /// A database that writes the name of each query that runs to `log`.
    pub fn with_log(log: QueryLog) -> Self {
        let callback = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                let name = format!("{database_key:?}");
                let name = name.split('(').next().unwrap_or("").to_owned();
                log.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(name);
            }
        };
        Database {
            storage: salsa::Storage::new(Some(Box::new(callback))),
            inputs: InputTable::default(),
            parts: Parts::default(),
        }
    }
}
