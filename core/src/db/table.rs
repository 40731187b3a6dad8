//! The inputs by what they are called.
//!
//! Queries only find inputs; none is made for a name of which nothing was told. Whoever asks for
//! such a name gets one of a few vacant inputs, which are pending, and is asked again when the name
//! is told. An input that is forgotten is used for another name later, so that their number follows
//! what is known at one time, not what was ever asked for.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use rustc_hash::{FxHashMap, FxHasher};
use salsa::{Durability, Setter};

use super::inputs::{Calendar, Demand, Directory, SourceFile, TagList, TagState, Workspace};
use crate::fact::Fact;
use crate::root::Root;

/// Names that are not known share this many vacant inputs of each kind.
const VACANT: usize = 64;

/// A kind of input: a fact that is called by a key and a name below it.
trait Input: Copy {
    type Key: Clone + Eq + Hash;

    /// A pending one.
    fn new(db: &dyn salsa::Database, key: Self::Key, name: &str) -> Self;
    /// Gives it a name; whoever found it by another looks again.
    fn rename(self, db: &mut dyn salsa::Database, key: Self::Key, name: &str);
    /// Makes it pending; whoever read it looks again.
    fn reset(self, db: &mut dyn salsa::Database);
    /// Has the running query run again when the input is renamed.
    fn follow_name(self, db: &dyn salsa::Database);
    /// Has the running query run again when the input is told something.
    fn follow_fact(self, db: &dyn salsa::Database);
    fn demand(key: &Self::Key, name: &str) -> Demand;
}

macro_rules! inputs {
    ($($ty:ident {
        $key:ident = $set_key:ident: $key_ty:ty
        $(, [$name:ident = $set_name:ident])?
        , $fact:ident = $set_fact:ident
    } => $demand:expr;)+) => {
        $(impl Input for $ty {
            type Key = $key_ty;

            fn new(db: &dyn salsa::Database, key: $key_ty, _name: &str) -> Self {
                $ty::builder(key, $({ let $name = _name.to_owned(); $name },)? Fact::Pending)
                    .durability(Durability::MEDIUM)
                    .new(db)
            }

            fn rename(self, db: &mut dyn salsa::Database, key: $key_ty, _name: &str) {
                self.$set_key(db).with_durability(Durability::MEDIUM).to(key);
                $(self.$set_name(db).with_durability(Durability::MEDIUM).to(_name.to_owned());)?
            }

            fn reset(self, db: &mut dyn salsa::Database) {
                self.$set_fact(db).with_durability(Durability::MEDIUM).to(Fact::Pending);
            }

            fn follow_name(self, db: &dyn salsa::Database) {
                let _ = self.$key(db);
            }

            fn follow_fact(self, db: &dyn salsa::Database) {
                let _ = self.$fact(db);
            }

            fn demand(key: &$key_ty, name: &str) -> Demand {
                let demand: fn($key_ty, &str) -> Demand = $demand;
                demand(key.clone(), name)
            }
        })+
    };
}

inputs! {
    SourceFile { root = set_root: Root, [path = set_path], text = set_text }
        => |root, path| Demand::File { root, path: path.to_owned() };
    Directory { root = set_root: Root, files = set_files } => |root, _| Demand::Listing { root };
    TagList { repository = set_repository: String, tags = set_tags }
        => |repository, _| Demand::Tags { repository };
    TagState { repository = set_repository: String, [tag = set_tag], digest = set_digest }
        => |repository, tag| Demand::Digest { repository, tag: tag.to_owned() };
}

/// The inputs of one kind.
struct Table<I: Input> {
    known: FxHashMap<I::Key, FxHashMap<String, I>>,
    /// Forgotten ones.
    free: Vec<I>,
    vacant: Vec<I>,
}

impl<I: Input> Default for Table<I> {
    fn default() -> Self {
        Table { known: FxHashMap::default(), free: Vec::new(), vacant: Vec::new() }
    }
}

impl<I: Input> Table<I> {
    fn get(&self, key: &I::Key, name: &str) -> Option<I> {
        self.known.get(key)?.get(name).copied()
    }

    /// What stands for a name that is not known.
    fn vacant(&mut self, db: &dyn salsa::Database, key: &I::Key, name: &str) -> I {
        while self.vacant.len() < VACANT {
            self.vacant.push(I::new(db, key.clone(), name));
        }
        let mut hasher = FxHasher::default();
        (key, name).hash(&mut hasher);
        self.vacant[hasher.finish() as usize % VACANT]
    }

    fn all(&self) -> impl Iterator<Item = I> {
        self.known.values().flat_map(FxHashMap::values).copied()
    }

    fn count(&self) -> usize {
        self.known.values().map(FxHashMap::len).sum()
    }

    /// Takes out all that `is_kept` does not hold for.
    fn take(&mut self, is_kept: &impl Fn(&Demand) -> bool) -> Vec<(I::Key, String, I)> {
        let mut taken = Vec::new();
        self.known.retain(|key, named| {
            named.retain(|name, input| {
                let keeps = is_kept(&I::demand(key, name));
                if !keeps {
                    taken.push((key.clone(), name.clone(), *input));
                }
                keeps
            });
            !named.is_empty()
        });
        taken
    }
}

#[derive(Default)]
struct Tables {
    files: Table<SourceFile>,
    directories: Table<Directory>,
    tag_lists: Table<TagList>,
    tag_states: Table<TagState>,
}

/// All inputs.
#[derive(Clone, Default)]
pub struct InputTable {
    tables: Arc<Mutex<Tables>>,
    workspace: Arc<OnceLock<Workspace>>,
    calendar: Arc<OnceLock<Calendar>>,
}

/// Which table of all is meant.
type Kind<I> = fn(&mut Tables) -> &mut Table<I>;

/// What queries ask.
impl InputTable {
    /// The file at `path` of the bundle in `root`.
    pub fn file(&self, db: &dyn salsa::Database, root: &Root, path: &str) -> SourceFile {
        self.find(db, |tables| &mut tables.files, root, path)
    }

    /// The listing of the bundle in `root`.
    pub fn directory(&self, db: &dyn salsa::Database, root: &Root) -> Directory {
        self.find(db, |tables| &mut tables.directories, root, "")
    }

    /// The tags of `host/path`.
    pub fn tag_list(&self, db: &dyn salsa::Database, repository: &str) -> TagList {
        self.find(db, |tables| &mut tables.tag_lists, &repository.to_owned(), "")
    }

    /// What `host/path:tag` means.
    pub fn tag_state(&self, db: &dyn salsa::Database, repository: &str, tag: &str) -> TagState {
        self.find(db, |tables| &mut tables.tag_states, &repository.to_owned(), tag)
    }

    /// The contracts that are analysed together.
    pub fn workspace(&self, db: &dyn salsa::Database) -> Workspace {
        *self.workspace.get_or_init(|| Workspace::new(db, Arc::default(), None))
    }

    /// What day it is.
    pub fn calendar(&self, db: &dyn salsa::Database) -> Calendar {
        let new = || Calendar::builder(None).durability(Durability::HIGH).new(db);
        *self.calendar.get_or_init(new)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn find<I: Input>(
        &self,
        db: &dyn salsa::Database,
        kind: Kind<I>,
        key: &I::Key,
        name: &str,
    ) -> I {
        let known = kind(&mut self.tables()).get(key, name);
        if let Some(input) = known {
            input.follow_name(db);
            return input;
        }
        let vacant = kind(&mut self.tables()).vacant(db, key, name);
        vacant.follow_fact(db);
        vacant
    }
}

/// What the owner of the database tells.
impl InputTable {
    pub(crate) fn tell_file(
        &self,
        db: &mut dyn salsa::Database,
        root: &Root,
        path: &str,
    ) -> SourceFile {
        self.claim(db, |tables| &mut tables.files, root, path)
    }

    pub(crate) fn tell_directory(&self, db: &mut dyn salsa::Database, root: &Root) -> Directory {
        self.claim(db, |tables| &mut tables.directories, root, "")
    }

    pub(crate) fn tell_tag_list(&self, db: &mut dyn salsa::Database, repository: &str) -> TagList {
        self.claim(db, |tables| &mut tables.tag_lists, &repository.to_owned(), "")
    }

    pub(crate) fn tell_tag_state(
        &self,
        db: &mut dyn salsa::Database,
        repository: &str,
        tag: &str,
    ) -> TagState {
        self.claim(db, |tables| &mut tables.tag_states, &repository.to_owned(), tag)
    }

    /// Forgets all inputs that `is_kept` does not hold for. Returns the files among them.
    pub(crate) fn forget(
        &self,
        db: &mut dyn salsa::Database,
        is_kept: impl Fn(&Demand) -> bool,
    ) -> Vec<SourceFile> {
        self.release(db, |tables| &mut tables.directories, &is_kept);
        self.release(db, |tables| &mut tables.tag_lists, &is_kept);
        self.release(db, |tables| &mut tables.tag_states, &is_kept);
        self.release(db, |tables| &mut tables.files, &is_kept)
    }

    /// The number of inputs that something is known of.
    pub(crate) fn known(&self) -> usize {
        let tables = self.tables();
        let bundles = tables.files.count() + tables.directories.count();
        bundles + tables.tag_lists.count() + tables.tag_states.count()
    }

    /// The number of inputs that exist, forgotten ones included.
    pub(crate) fn made(&self) -> usize {
        let tables = self.tables();
        let free = tables.files.free.len() + tables.directories.free.len();
        let free = free + tables.tag_lists.free.len() + tables.tag_states.free.len();
        drop(tables);
        self.known() + free
    }

    /// The files of the bundle in `root` that something is known of, sorted.
    pub(crate) fn known_files(&self, root: &Root) -> Vec<String> {
        let tables = self.tables();
        let known = tables.files.known.get(root);
        let mut paths: Vec<String> = known.map_or(Vec::new(), |f| f.keys().cloned().collect());
        paths.sort();
        paths
    }

    /// What was asked of registries and failed.
    pub(crate) fn registry_failures(&self, db: &dyn salsa::Database) -> Vec<Demand> {
        let tables = self.tables();
        let lists = tables.tag_lists.all().filter(|l| matches!(l.tags(db), Fact::Failed(_)));
        let states = tables.tag_states.all().filter(|s| matches!(s.digest(db), Fact::Failed(_)));
        let has_failed = |file: &SourceFile| {
            let text = file.text(db);
            file.root(db).is_published()
                && matches!(text, Fact::Failed(failure) if failure.registry_code().is_some())
        };
        let files = tables.files.all().filter(has_failed);
        let lists = lists.map(|l| Demand::Tags { repository: l.repository(db).clone() });
        let states = states.map(|s| Demand::Digest {
            repository: s.repository(db).clone(),
            tag: s.tag(db).clone(),
        });
        let files =
            files.map(|f| Demand::File { root: f.root(db).clone(), path: f.path(db).clone() });
        lists.chain(states).chain(files).collect()
    }

    /// What registries said of tags.
    pub(crate) fn tag_answers(&self, db: &dyn salsa::Database) -> Vec<Demand> {
        let tables = self.tables();
        let lists = tables.tag_lists.all().filter(|l| matches!(l.tags(db), Fact::Ready(_)));
        let states = tables.tag_states.all().filter(|s| matches!(s.digest(db), Fact::Ready(_)));
        let lists = lists.map(|l| Demand::Tags { repository: l.repository(db).clone() });
        let states = states.map(|s| Demand::Digest {
            repository: s.repository(db).clone(),
            tag: s.tag(db).clone(),
        });
        lists.chain(states).collect()
    }

    /// The input of a name; a pending one if nothing was told of it yet.
    fn claim<I: Input>(
        &self,
        db: &mut dyn salsa::Database,
        kind: Kind<I>,
        key: &I::Key,
        name: &str,
    ) -> I {
        let (free, vacant) = {
            let mut tables = self.tables();
            let table = kind(&mut tables);
            if let Some(input) = table.get(key, name) {
                return input;
            }
            (table.free.pop(), table.vacant(db, key, name))
        };
        let input = match free {
            Some(input) => {
                input.rename(db, key.clone(), name);
                input
            }
            None => I::new(db, key.clone(), name),
        };
        let mut tables = self.tables();
        kind(&mut tables).known.entry(key.clone()).or_default().insert(name.to_owned(), input);
        drop(tables);
        vacant.reset(db);
        input
    }

    fn release<I: Input>(
        &self,
        db: &mut dyn salsa::Database,
        kind: Kind<I>,
        is_kept: &impl Fn(&Demand) -> bool,
    ) -> Vec<I> {
        let taken = kind(&mut self.tables()).take(is_kept);
        let mut released = Vec::new();
        for (key, name, input) in taken {
            input.reset(db);
            input.rename(db, key, &name);
            released.push(input);
        }
        kind(&mut self.tables()).free.extend(&released);
        released
    }
}
