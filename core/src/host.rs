//! The owner of the inputs: takes changes in, and says what is missing.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use salsa::Setter;

use crate::analysis::{Analysis, Asked};
use crate::check::Mode;
use crate::contract::Date;
use crate::db::{
    self, Baseline, ContractInput, Database, Db, Demand, DiffSettings, Override, QueryLog, Reach,
    Severities, SourceFile,
};
use crate::diff;
use crate::fact::Fact;
use crate::ide::baseline::{Baselined, Shown};
use crate::root::{ContractKey, Role, Root};

/// News from the outside world.
#[derive(Clone, Debug)]
pub enum Change {
    File {
        root: Root,
        path: String,
        text: Fact<Arc<str>>,
        origin: Origin,
    },
    Listing {
        root: Root,
        files: Fact<Arc<[String]>>,
    },
    /// The tags of `host/path`.
    Tags {
        repository: String,
        tags: Fact<Arc<[String]>>,
    },
    /// The digest that `host/path:tag` means now.
    Digest {
        repository: String,
        tag: String,
        digest: Fact<String>,
    },
}

/// Where a text comes from. Texts on disk change rarely: after an edit in an editor, what rests on
/// them alone is not looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Disk,
    Editor,
    /// A bundle in a registry, which its digest names: it never changes.
    Registry,
}

impl Origin {
    fn durability(self) -> salsa::Durability {
        match self {
            Origin::Disk => salsa::Durability::MEDIUM,
            Origin::Editor => salsa::Durability::LOW,
            Origin::Registry => salsa::Durability::HIGH,
        }
    }
}

/// Below this number of new inputs it is not looked which of them are named.
const MIN_UNNAMED: usize = 256;

/// The owner of all inputs. One thread owns it; [`Host::analysis`] makes handles for others.
#[derive(Default)]
pub struct Host {
    db: Database,
    contracts: Arc<BTreeMap<ContractKey, ContractInput>>,
    baselines: Arc<BTreeMap<ContractKey, Baselined>>,
    /// Inputs of contracts that were removed, to be used again.
    free: Vec<ContractInput>,
    /// The ways of comparing that were asked for.
    settings: Vec<DiffSettings>,
    /// The texts that an editor holds.
    edited: HashSet<(Root, String)>,
    /// The repositories that were asked about by themselves since [`Host::forget_unnamed`].
    asked: Asked,
    shown: Shown,
    /// The number of inputs that were left when those were forgotten that nothing names.
    kept: usize,
}

impl Host {
    /// A host that writes the name of each query that runs to `log`.
    pub fn with_log(log: QueryLog) -> Self {
        Host { db: Database::with_log(log), ..Host::default() }
    }

    /// Adds a contract, with `overrides` laid over it; by a root the usual one of that bundle.
    pub fn add_contract(
        &mut self,
        key: impl Into<ContractKey>,
        overrides: Vec<Override>,
        mode: Mode,
    ) -> ContractKey {
        let key = key.into();
        let input = self.contract_input(&key, overrides.into(), mode);
        Arc::make_mut(&mut self.contracts).insert(key.clone(), input);
        self.set_workspace();
        key
    }

    /// From now on a contract is compared with a baseline; with none without one.
    pub fn set_baseline(
        &mut self,
        key: &ContractKey,
        baseline: Option<(Baseline, diff::Settings)>,
    ) {
        let before = Arc::make_mut(&mut self.baselines).remove(key);
        self.shown.forget(key);
        if let Some((baseline, settings)) = baseline {
            self.compare_with(key, baseline, settings);
        }
        let is_used = |input| self.baselines.values().any(|other| other.contract == input);
        if let Some(before) = before.filter(|before| !is_used(before.contract)) {
            let root = &before.baseline.root;
            self.db.kept().forget(root);
            self.remove_contract(
                &ContractKey::new(root.clone(), key_path(root, key)).with_role(Role::Old),
            );
        }
    }

    fn compare_with(&mut self, key: &ContractKey, baseline: Baseline, settings: diff::Settings) {
        let path = key_path(&baseline.root, key);
        let old = ContractKey::new(baseline.root.clone(), path).with_role(Role::Old);
        let contract = match self.contracts.get(&old) {
            Some(contract) => *contract,
            None => {
                self.add_contract(&old, Vec::new(), Mode::Published);
                self.contracts[&old]
            }
        };
        let settings = self.add_diff_settings(settings);
        let entry = Baselined { baseline, contract, settings };
        Arc::make_mut(&mut self.baselines).insert(key.clone(), entry);
    }

    #[cfg(test)]
    pub(crate) fn db(&self) -> &Database {
        &self.db
    }

    /// What a contract is compared with.
    pub fn baseline(&self, key: &ContractKey) -> Option<&Baseline> {
        self.baselines.get(key).map(|entry| &entry.baseline)
    }

    /// Remembers how comparisons are made.
    pub fn add_diff_settings(&mut self, settings: diff::Settings) -> DiffSettings {
        let known = self.settings.iter().find(|s| **s.settings(&self.db) == settings);
        if let Some(known) = known {
            return *known;
        }
        let settings = DiffSettings::builder(Arc::new(settings));
        let settings = settings.durability(salsa::Durability::HIGH).new(&self.db);
        self.settings.push(settings);
        settings
    }

    /// Says what day it is. Before that, nothing is said of what expires.
    pub fn set_today(&mut self, today: Date) {
        let calendar = self.db.inputs().calendar(&self.db);
        if calendar.today(&self.db) != Some(today) {
            calendar
                .set_today(&mut self.db)
                .with_durability(salsa::Durability::HIGH)
                .to(Some(today));
        }
    }

    /// Adds many contracts at once.
    pub fn add_contracts(&mut self, keys: &[ContractKey], mode: Mode) {
        let inputs: Vec<ContractInput> =
            keys.iter().map(|key| self.contract_input(key, Arc::default(), mode)).collect();
        Arc::make_mut(&mut self.contracts).extend(keys.iter().cloned().zip(inputs));
        self.set_workspace();
    }

    /// What the project says about rules, for one contract.
    pub fn set_severities(&mut self, key: &ContractKey, severities: Severities) {
        let Some(&input) = self.contracts.get(key) else { return };
        if *input.severities(&self.db) != severities {
            input
                .set_severities(&mut self.db)
                .with_durability(salsa::Durability::HIGH)
                .to(severities);
        }
    }

    /// Forgets a contract, with its baseline. What only it named goes with
    /// [`Host::forget_unnamed`].
    pub fn remove_contract(&mut self, key: &ContractKey) {
        let Some(input) = Arc::make_mut(&mut self.contracts).remove(key) else { return };
        self.set_baseline(key, None);
        self.set_workspace();
        let nowhere = Root::Buffer("".into());
        let file = self.db.inputs().file(&self.db, &nowhere, "");
        self.set_contract(input, file, Arc::default(), Mode::Batch);
        db::drop_findings(&self.db, input);
        self.free.push(input);
    }

    /// An input for a new contract.
    fn contract_input(
        &mut self,
        key: &ContractKey,
        overrides: Arc<[Override]>,
        mode: Mode,
    ) -> ContractInput {
        let inputs = self.db.inputs().clone();
        let file = inputs.tell_file(&mut self.db, &key.root, &key.path);
        match self.contracts.get(key).copied().or_else(|| self.free.pop()) {
            Some(input) => {
                self.set_contract(input, file, overrides, mode);
                input
            }
            None => {
                let input = ContractInput::builder(file, overrides, mode, Severities::default());
                input.durability(salsa::Durability::HIGH).new(&self.db)
            }
        }
    }

    fn set_contract(
        &mut self,
        input: ContractInput,
        file: SourceFile,
        overrides: Arc<[Override]>,
        mode: Mode,
    ) {
        let (db, durability) = (&mut self.db, salsa::Durability::HIGH);
        input.set_file(db).with_durability(durability).to(file);
        input.set_overrides(db).with_durability(durability).to(overrides);
        input.set_mode(db).with_durability(durability).to(mode);
        input.set_severities(db).with_durability(durability).to(Severities::default());
    }

    fn set_workspace(&mut self) {
        let usual = self.contracts.keys().filter(|k| k.role == Role::Workspace && k.is_usual());
        let roots: Arc<[Root]> = usual.map(|key| key.root.clone()).collect();
        let workspace = self.db.inputs().workspace(&self.db);
        if *workspace.roots(&self.db) != roots {
            let durability = Origin::Disk.durability();
            workspace.set_roots(&mut self.db).with_durability(durability).to(roots);
        }
    }

    /// Whether a contract was added.
    pub fn has_contract(&self, key: &ContractKey) -> bool {
        self.contracts.contains_key(key)
    }

    /// All contracts of the workspace.
    pub fn contracts(&self) -> impl Iterator<Item = &ContractKey> {
        self.contracts.keys().filter(|key| key.role == Role::Workspace)
    }

    /// Takes changes in; equal ones change nothing.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) {
        let inputs = self.db.inputs().clone();
        for change in changes {
            match change {
                Change::File { root, path, text, origin } => {
                    let file = inputs.tell_file(&mut self.db, &root, &path);
                    match origin {
                        Origin::Editor => self.edited.insert((root, path)),
                        Origin::Disk | Origin::Registry => self.edited.remove(&(root, path)),
                    };
                    if *file.text(&self.db) != text {
                        file.set_text(&mut self.db).with_durability(origin.durability()).to(text);
                    }
                }
                Change::Listing { root, files } => {
                    let directory = inputs.tell_directory(&mut self.db, &root);
                    if *directory.files(&self.db) != files {
                        let durability = Origin::Disk.durability();
                        directory.set_files(&mut self.db).with_durability(durability).to(files);
                    }
                }
                Change::Tags { repository, tags } => {
                    let list = inputs.tell_tag_list(&mut self.db, &repository);
                    if *list.tags(&self.db) != tags {
                        list.set_tags(&mut self.db)
                            .with_durability(Origin::Disk.durability())
                            .to(tags);
                    }
                }
                Change::Digest { repository, tag, digest } => {
                    let state = inputs.tell_tag_state(&mut self.db, &repository, &tag);
                    if *state.digest(&self.db) != digest {
                        state
                            .set_digest(&mut self.db)
                            .with_durability(Origin::Disk.durability())
                            .to(digest);
                    }
                }
            }
        }
    }

    /// Whether a registry has said what is demanded.
    pub fn knows(&self, demand: &Demand) -> bool {
        let (db, inputs) = (&self.db, self.db.inputs());
        match demand {
            Demand::Tags { repository } => {
                matches!(inputs.tag_list(db, repository).tags(db), Fact::Ready(_))
            }
            Demand::Digest { repository, tag } => {
                matches!(inputs.tag_state(db, repository, tag).digest(db), Fact::Ready(_))
            }
            Demand::File { .. } | Demand::Listing { .. } => false,
        }
    }

    /// Whether what a registry says, asked again, is other than what is known. A failure is not where
    /// there is an answer.
    pub fn is_news(&self, change: &Change) -> bool {
        let (db, inputs) = (&self.db, self.db.inputs());
        match change {
            Change::Tags { repository, tags } => {
                let known = inputs.tag_list(db, repository).tags(db);
                known != tags && (tags.ready().is_some() || known.ready().is_none())
            }
            Change::Digest { repository, tag, digest } => {
                let known = inputs.tag_state(db, repository, tag).digest(db);
                known != digest && (digest.ready().is_some() || known.ready().is_none())
            }
            Change::File { .. } | Change::Listing { .. } => true,
        }
    }

    /// From now on dependencies in registries are looked for by name in the folder `siblings`
    /// first.
    pub fn set_siblings(&mut self, siblings: Option<Root>) {
        let workspace = self.db.inputs().workspace(&self.db);
        workspace
            .set_siblings(&mut self.db)
            .with_durability(Origin::Disk.durability())
            .to(siblings);
    }

    /// Forgets what registries could not answer, so that they are asked again. Returns whether
    /// there was anything.
    pub fn forget_registry_failures(&mut self) -> bool {
        let demands = self.db.inputs().registry_failures(&self.db);
        self.forget_registry(demands)
    }

    /// Forgets what registries said that may change, too: which tags there are, and what they mean.
    pub fn forget_registry_answers(&mut self) {
        let mut demands = self.db.inputs().registry_failures(&self.db);
        demands.extend(self.db.inputs().tag_answers(&self.db));
        self.forget_registry(demands);
    }

    fn forget_registry(&mut self, demands: Vec<Demand>) -> bool {
        let is_any = !demands.is_empty();
        self.apply(demands.into_iter().map(|demand| match demand {
            Demand::Tags { repository } => Change::Tags { repository, tags: Fact::Pending },
            Demand::Digest { repository, tag } => {
                Change::Digest { repository, tag, digest: Fact::Pending }
            }
            Demand::Listing { root } => Change::Listing { root, files: Fact::Pending },
            Demand::File { root, path } => {
                Change::File { root, path, text: Fact::Pending, origin: Origin::Disk }
            }
        }));
        is_any
    }

    /// What is missing of a contract and its bundle, and the bundles that it leads to.
    pub fn demand(&self, key: &ContractKey, reach: Reach) -> (Vec<Demand>, Vec<(Root, Reach)>) {
        db::missing(&self.db, key, reach)
    }

    /// Everything that a contract and its bundle name, known or not, and the bundles that it leads
    /// to.
    pub fn named(&self, key: &ContractKey, reach: Reach) -> (Vec<Demand>, Vec<(Root, Reach)>) {
        db::named(&self.db, key, reach)
    }

    /// Forgets everything that is not among `named`, but texts that an editor holds and what
    /// repositories said that were asked about by themselves.
    pub fn forget_unnamed(&mut self, named: &HashSet<Demand>) {
        let asked = std::mem::take(
            &mut *self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner()),
        );
        self.forget(|demand| match demand {
            Demand::Tags { repository } | Demand::Digest { repository, .. } => {
                named.contains(demand) || asked.contains(repository)
            }
            _ => named.contains(demand),
        });
        self.kept = self.db.inputs().known();
    }

    /// Whether so much was told since [`Host::forget_unnamed`] that it is worth to be called.
    pub fn has_much_unnamed(&self) -> bool {
        self.db.inputs().known() > self.kept + self.kept / 4 + MIN_UNNAMED
    }

    /// Forgets the files of the bundle in `root` that are not among `named`, but texts that an
    /// editor holds.
    pub fn forget_files(&mut self, root: &Root, named: &BTreeSet<String>) {
        self.forget(|demand| match demand {
            Demand::File { root: other, path } => other != root || named.contains(path),
            _ => true,
        });
    }

    /// What was told of the folder `root` is unknown again, but for its contract and for texts that
    /// an editor holds. Who needs it asks for it.
    pub fn forget_folder(&mut self, root: &Root) {
        self.db.kept().forget(root);
        let known = self.db.inputs().known_files(root);
        let files = known.into_iter().filter(|path| {
            path != db::CONTRACT_FILE && !self.edited.contains(&(root.clone(), path.clone()))
        });
        let files = files.map(|path| Change::File {
            root: root.clone(),
            path,
            text: Fact::Pending,
            origin: Origin::Disk,
        });
        let listing = Change::Listing { root: root.clone(), files: Fact::Pending };
        let changes: Vec<Change> = files.chain([listing]).collect();
        self.apply(changes);
    }

    fn forget(&mut self, is_kept: impl Fn(&Demand) -> bool) {
        let contracts = &self.contracts;
        let contracts: HashSet<(&Root, &str)> =
            contracts.keys().map(|key| (&key.root, &*key.path)).collect();
        let edited = &self.edited;
        let is_held = |root: &Root, path: &String| {
            contracts.contains(&(root, path.as_str()))
                || edited.contains(&(root.clone(), path.clone()))
        };
        let inputs = self.db.inputs().clone();
        let files = inputs.forget(&mut self.db, |demand| match demand {
            Demand::File { root, path } => is_kept(demand) || is_held(root, path),
            _ => is_kept(demand),
        });
        for file in files {
            db::drop_answers(&self.db, file);
        }
    }

    /// The number of inputs that something is known of, and of those that exist.
    pub fn input_counts(&self) -> (usize, usize) {
        (self.db.inputs().known(), self.db.inputs().made())
    }

    /// A handle on the present state. While it lives, [`Host::apply`] waits or cancels it.
    pub fn analysis(&self) -> Analysis {
        Analysis::new(
            self.db.clone(),
            self.contracts.clone(),
            self.baselines.clone(),
            self.asked.clone(),
            self.shown.clone(),
        )
    }

    /// The files of the bundle in `root` that something is known of, sorted.
    pub fn known_files(&self, root: &Root) -> Vec<String> {
        self.db.inputs().known_files(root)
    }
}

/// Where the contract of a baseline is: an earlier state of a folder has the file under its name.
fn key_path<'k>(root: &Root, key: &'k ContractKey) -> &'k str {
    match root {
        Root::Revision { .. } => &key.path,
        _ => db::CONTRACT_FILE,
    }
}
