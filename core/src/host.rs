//! The owner of the inputs: takes changes in, and says what is missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use salsa::Setter;

use crate::analysis::Analysis;
use crate::check::Mode;
use crate::contract::Date;
use crate::db::{
    self, Baseline, ContractInput, Database, Db, Demand, DiffSettings, Override, QueryLog, Reach,
    Severities,
};
use crate::diff;
use crate::fact::Fact;
use crate::ide::baseline::Baselined;
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

/// The owner of all inputs. One thread owns it; [`Host::analysis`] makes handles for others.
#[derive(Default)]
pub struct Host {
    db: Database,
    contracts: Arc<BTreeMap<ContractKey, ContractInput>>,
    baselines: Arc<BTreeMap<ContractKey, Baselined>>,
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
        let input = self.new_contract(&key, overrides.into(), mode);
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
        let Some((baseline, settings)) = baseline else {
            Arc::make_mut(&mut self.baselines).remove(key);
            return;
        };
        // An earlier state of a folder has the file under its own name.
        let path = match &baseline.root {
            Root::Revision { .. } => &*key.path,
            _ => db::CONTRACT_FILE,
        };
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

    /// What a contract is compared with.
    pub fn baseline(&self, key: &ContractKey) -> Option<&Baseline> {
        self.baselines.get(key).map(|entry| &entry.baseline)
    }

    /// Remembers how comparisons are made.
    pub fn add_diff_settings(&mut self, settings: diff::Settings) -> DiffSettings {
        DiffSettings::builder(Arc::new(settings)).durability(salsa::Durability::HIGH).new(&self.db)
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
            keys.iter().map(|key| self.new_contract(key, Arc::default(), mode)).collect();
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

    /// Forgets a contract; its files stay known.
    pub fn remove_contract(&mut self, key: &ContractKey) {
        Arc::make_mut(&mut self.contracts).remove(key);
        self.set_workspace();
    }

    fn new_contract(
        &self,
        key: &ContractKey,
        overrides: Arc<[Override]>,
        mode: Mode,
    ) -> ContractInput {
        let file = self.db.inputs().file(&self.db, &key.root, &key.path);
        let input = ContractInput::builder(file, overrides, mode, Severities::default());
        input.durability(salsa::Durability::HIGH).new(&self.db)
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

    /// Takes changes in; equal ones are no change.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            match change {
                Change::File { root, path, text, origin } => {
                    let file = self.db.inputs().file(&self.db, &root, &path);
                    if *file.text(&self.db) != text {
                        file.set_text(&mut self.db).with_durability(origin.durability()).to(text);
                    }
                }
                Change::Listing { root, files } => {
                    let directory = self.db.inputs().directory(&self.db, &root);
                    if *directory.files(&self.db) != files {
                        let durability = Origin::Disk.durability();
                        directory.set_files(&mut self.db).with_durability(durability).to(files);
                    }
                }
                Change::Tags { repository, tags } => {
                    let list = self.db.inputs().tag_list(&self.db, &repository);
                    if *list.tags(&self.db) != tags {
                        list.set_tags(&mut self.db)
                            .with_durability(Origin::Disk.durability())
                            .to(tags);
                    }
                }
                Change::Digest { repository, tag, digest } => {
                    let state = self.db.inputs().tag_state(&self.db, &repository, &tag);
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
        db::demand(&self.db, key, reach)
    }

    /// A handle on the present state. While it lives, [`Host::apply`] waits or cancels it.
    pub fn analysis(&self) -> Analysis {
        Analysis::new(self.db.clone(), self.contracts.clone(), self.baselines.clone())
    }

    /// The files of the bundle in `root` that were ever asked for, sorted.
    pub fn known_files(&self, root: &Root) -> Vec<String> {
        self.db.inputs().known_files(root)
    }
}
