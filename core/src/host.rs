//! The owner of the inputs: takes changes in, and says what is missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use salsa::Setter;

use crate::analysis::{Analysis, ContractId};
use crate::check::Mode;
use crate::db::{
    self, Baseline, ContractInput, Database, Db, Demand, DiffSettings, Override, QueryLog, Reach,
    Severities,
};
use crate::diff;
use crate::fact::Fact;
use crate::ide::baseline::Baselined;

/// News from the outside world.
#[derive(Clone, Debug)]
pub enum Change {
    File {
        root: String,
        path: String,
        text: Fact<Arc<str>>,
        origin: Origin,
    },
    Listing {
        root: String,
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
    contracts: Arc<BTreeMap<String, ContractId>>,
    baselines: Arc<BTreeMap<String, Baselined>>,
}

impl Host {
    /// A host that writes the name of each query that runs to `log`.
    pub fn with_log(log: QueryLog) -> Self {
        Host { db: Database::with_log(log), ..Host::default() }
    }

    /// The contract of the bundle in `root` (an absolute, normalised folder), with `overrides`
    /// laid over it.
    pub fn add_contract(&mut self, root: &str, overrides: Vec<Override>, mode: Mode) -> ContractId {
        let id = self.new_contract(root, overrides.into(), mode);
        Arc::make_mut(&mut self.contracts).insert(root.to_owned(), id);
        self.set_workspace();
        id
    }

    /// A contract with overrides that is looked at by itself, such as one side of a comparison.
    pub fn add_apart(&mut self, root: &str, overrides: Vec<Override>) -> ContractId {
        self.new_contract(root, overrides.into(), Mode::Batch)
    }

    /// From now on the contract in `root` is compared with a baseline; with none without one.
    pub fn set_baseline(&mut self, root: &str, baseline: Option<(Baseline, diff::Settings)>) {
        let baselines = Arc::make_mut(&mut self.baselines);
        let Some((baseline, settings)) = baseline else {
            baselines.remove(root);
            return;
        };
        let ContractId(contract) =
            self.new_contract(&baseline.root, Arc::default(), Mode::Published);
        let settings = self.add_diff_settings(settings);
        Arc::make_mut(&mut self.baselines)
            .insert(root.to_owned(), Baselined { baseline, contract, settings });
    }

    /// What the contract in `root` is compared with.
    pub fn baseline(&self, root: &str) -> Option<&Baseline> {
        self.baselines.get(root).map(|entry| &entry.baseline)
    }

    /// The bundle of a repository that the version `own` is compared with: the same version if it is
    /// published, else the highest below it. `Err` holds what must be known first, if anything.
    pub fn published_baseline(
        &self,
        repository: &str,
        own: Option<&str>,
    ) -> Result<Baseline, Option<Demand>> {
        db::published_baseline(&self.db, repository, own)
    }

    /// The digest that `host/path:tag` means, as far as it is known.
    pub fn digest(&self, repository: &str, tag: &str) -> Fact<String> {
        self.db.inputs().tag_state(&self.db, repository, tag).digest(&self.db).clone()
    }

    /// A repository of which some contract of the workspace says that it holds the service `name`.
    pub fn repository_of(&self, name: &str) -> Option<String> {
        db::repository_of(&self.db, name)
    }

    /// Remembers how comparisons are made.
    pub fn add_diff_settings(&mut self, settings: diff::Settings) -> DiffSettings {
        DiffSettings::builder(Arc::new(settings)).durability(salsa::Durability::HIGH).new(&self.db)
    }

    /// Adds many contracts at once.
    pub fn add_contracts(&mut self, roots: &[String], mode: Mode) {
        let ids: Vec<ContractId> =
            roots.iter().map(|root| self.new_contract(root, Arc::default(), mode)).collect();
        Arc::make_mut(&mut self.contracts).extend(roots.iter().cloned().zip(ids));
        self.set_workspace();
    }

    /// What the project says about rules, for the contract in `root`.
    pub fn set_severities(&mut self, root: &str, severities: Severities) {
        let Some(ContractId(input)) = self.contract(root) else { return };
        if *input.severities(&self.db) != severities {
            input
                .set_severities(&mut self.db)
                .with_durability(salsa::Durability::HIGH)
                .to(severities);
        }
    }

    /// Forgets a contract; its files stay known.
    pub fn remove_contract(&mut self, root: &str) {
        Arc::make_mut(&mut self.contracts).remove(root);
        self.set_workspace();
    }

    fn new_contract(&self, root: &str, overrides: Arc<[Override]>, mode: Mode) -> ContractId {
        let file = self.db.inputs().file(&self.db, root, db::CONTRACT_FILE);
        let input = ContractInput::builder(file, overrides, mode, Severities::default());
        ContractId(input.durability(salsa::Durability::HIGH).new(&self.db))
    }

    fn set_workspace(&mut self) {
        let roots: Arc<[String]> = self.contracts.keys().cloned().collect();
        let workspace = self.db.inputs().workspace(&self.db);
        let durability = Origin::Disk.durability();
        workspace.set_roots(&mut self.db).with_durability(durability).to(roots);
    }

    /// The contract of the bundle in `root`, if it was added.
    pub fn contract(&self, root: &str) -> Option<ContractId> {
        self.contracts.get(root).copied()
    }

    /// The folders of all contracts that were added.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        self.contracts.keys().map(String::as_str)
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
    pub fn set_siblings(&mut self, siblings: Option<String>) {
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

    /// What is missing of a bundle, and the bundles that it leads to.
    pub fn demand(&self, root: &str, reach: Reach) -> (Vec<Demand>, Vec<(String, Reach)>) {
        db::demand(&self.db, root, reach)
    }

    /// A handle on the present state. While it lives, [`Host::apply`] waits or cancels it.
    pub fn analysis(&self) -> Analysis {
        Analysis::new(self.db.clone(), self.contracts.clone(), self.baselines.clone())
    }

    /// The files of the bundle in `root` that were ever asked for, sorted.
    pub fn known_files(&self, root: &str) -> Vec<String> {
        self.db.inputs().known_files(root)
    }
}
