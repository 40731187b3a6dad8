//! The facade: a host takes changes, an analysis answers questions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use salsa::Setter;

use crate::breaking::{self, Breaking};
use crate::bundle::BundleView;
use crate::check::{Ctx, Mode, fix};
use crate::contract::ContractRef;
use crate::db::{
    self, Baseline, Checked, ContractInput, Database, Db, DbView, Demand, DiffReport, DiffSettings,
    LocatedChange, Override, QueryLog, Reach, Severities,
};
use crate::diff;
use crate::doc;
use crate::fact::Fact;
use crate::graph;
use crate::ide::completion::{self, Completion};
use crate::ide::hover::{self, Hover};
use crate::ide::symbols::{self, Symbol};
use crate::spec::{BundlePath, file_references};
use crate::text::{LineIndex, Span, TextEdit};
use crate::yaml::{Tree, format};

pub use salsa::Cancelled;

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

/// An interface, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceOutline {
    pub name: String,
    /// Its name in the contract's file.
    pub span: Span,
    pub operations: usize,
}

/// A baseline that a contract is compared with.
#[derive(Clone)]
struct BaselineEntry {
    baseline: Baseline,
    id: ContractId,
    settings: DiffSettings,
}

/// A contract that the host knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractId(ContractInput);

/// The owner of all inputs. One thread owns it; [`Host::analysis`] makes handles for others.
#[derive(Default)]
pub struct Host {
    db: Database,
    contracts: Arc<BTreeMap<String, ContractId>>,
    baselines: Arc<BTreeMap<String, BaselineEntry>>,
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
        let id = self.new_contract(&baseline.root, Arc::default(), Mode::Published);
        let settings = self.add_diff_settings(settings);
        Arc::make_mut(&mut self.baselines)
            .insert(root.to_owned(), BaselineEntry { baseline, id, settings });
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
        Analysis {
            db: self.db.clone(),
            contracts: self.contracts.clone(),
            baselines: self.baselines.clone(),
        }
    }

    /// The files of the bundle in `root` that were ever asked for, sorted.
    pub fn known_files(&self, root: &str) -> Vec<String> {
        self.db.inputs().known_files(root)
    }
}

/// Answers about one state of the world. Cheap to make; `Send`, so that lanes can hold one each.
#[derive(Clone)]
pub struct Analysis {
    db: Database,
    contracts: Arc<BTreeMap<String, ContractId>>,
    baselines: Arc<BTreeMap<String, BaselineEntry>>,
}

impl Analysis {
    /// Runs a question; `Err` when a change cancelled it.
    pub fn catch<T>(f: impl FnOnce() -> T + std::panic::UnwindSafe) -> Result<T, Cancelled> {
        Cancelled::catch(f)
    }

    pub fn contract(&self, root: &str) -> Option<ContractId> {
        self.contracts.get(root).copied()
    }

    /// All contracts, by folder.
    pub fn contracts(&self) -> impl Iterator<Item = (&str, ContractId)> {
        self.contracts.iter().map(|(root, id)| (root.as_str(), *id))
    }

    /// All findings of a contract.
    pub fn check(&self, id: ContractId) -> &Checked {
        db::checked(&self.db, id.0)
    }

    /// `--set` arguments that could not be applied, with the reason.
    pub fn override_errors(&self, id: ContractId) -> Vec<(String, String)> {
        match db::merged(&self.db, id.0) {
            Fact::Ready(merged) => {
                merged.errors.iter().map(|(arg, error)| (arg.clone(), error.to_string())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The text of a contract with its overrides worked in.
    pub fn merged_text(&self, id: ContractId) -> Option<String> {
        let Fact::Ready(tree) = db::tree(&self.db, id.0.file(&self.db)) else { return None };
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return None };
        Some(fix::merged_text(tree, &merged.document.value, &merged.contract.value))
    }

    /// The contract with its overrides as JSON; `None` while it is not known.
    pub fn contract_json(&self, id: ContractId) -> Option<serde_json::Value> {
        match db::merged(&self.db, id.0) {
            Fact::Ready(merged) => Some(merged.contract.value.to_json()),
            _ => None,
        }
    }

    /// The files of its bundle that a contract names, with the files that those refer to.
    pub fn named_files(&self, id: ContractId) -> BTreeSet<String> {
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return BTreeSet::new() };
        let paths = merged.contract.file_fields().filter_map(|field| field.get());
        let mut found = BTreeSet::new();
        let mut queue: Vec<BundlePath> =
            paths.filter_map(|path| BundlePath::parse(path).ok()).collect();
        let view = self.view(id);
        while let Some(path) = queue.pop() {
            if !matches!(view.exists(&path), Fact::Ready(())) || !found.insert(path.to_string()) {
                continue;
            }
            if !path.as_str().ends_with(".proto")
                && let Fact::Ready(document) = view.document(&path)
            {
                queue.extend(
                    file_references(&document.value).iter().filter_map(|r| path.join(r).ok()),
                );
            }
        }
        found
    }

    /// Name and version of a contract, as written.
    pub fn service(&self, id: ContractId) -> (Option<String>, Option<String>) {
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return (None, None) };
        let service = merged.contract.service.as_ref();
        let text =
            |field: Option<&crate::contract::Field<String>>| field.and_then(|f| f.get().cloned());
        (text(service.map(|s| &s.name)), text(service.map(|s| &s.version)))
    }

    /// The dependency graph below a contract; `None` while its contract is not known.
    pub fn graph(&self, id: ContractId, options: graph::Options) -> Option<graph::Graph> {
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return None };
        let view = self.view(id);
        Some(graph::build(&view, &merged.contract, options))
    }

    /// What an editor shows of the changes since the baseline; `None` without one, or while it is
    /// not known.
    pub fn breaking(&self, root: &str) -> Option<Breaking> {
        let (entry, report) = self.baseline_diff(root)?;
        let id = self.contract(root)?;
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return None };
        let Fact::Ready(tree) = db::tree(&self.db, id.0.file(&self.db)) else { return None };
        let service = merged.contract.service.as_ref();
        let version = service
            .and_then(|service| service.version.place())
            .map(|place| (format!("{root}/{}", db::CONTRACT_FILE), tree.span(place.node)));
        Some(breaking::breaking(&report, entry.baseline.clone(), version))
    }

    /// All changes of a contract since its baseline, and where they are.
    pub fn since_baseline(&self, root: &str) -> Option<DiffReport> {
        self.baseline_diff(root).map(|(_, report)| report)
    }

    fn baseline_diff(&self, root: &str) -> Option<(&BaselineEntry, DiffReport)> {
        let entry = self.baselines.get(root)?;
        let id = self.contract(root)?;
        let report = db::diff_report(&self.db, (entry.id.0, id.0), entry.settings, None)?;
        Some((entry, report))
    }

    /// The edits of the contract's file that raise its version to `to`.
    pub fn bump_edits(&self, root: &str, to: &str) -> Vec<TextEdit> {
        let edits = || {
            let id = self.contract(root)?;
            let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return None };
            let Fact::Ready(tree) = db::tree(&self.db, id.0.file(&self.db)) else { return None };
            let old = self.baselines.get(root).and_then(|entry| self.service(entry.id).1);
            Some(breaking::bump_edits(tree, &merged.contract.value, old.as_deref(), to))
        };
        edits().unwrap_or_default()
    }

    /// The edit that puts back what a change took away.
    pub fn restore_edit(&self, root: &str, row: &LocatedChange) -> Option<TextEdit> {
        let entry = self.baselines.get(root)?;
        let (old, new) = (row.old.as_ref()?, row.new.as_ref().or(row.anchor.as_ref())?);
        let tree = |root: &str, path: &str| {
            let file = self.db.inputs().file(&self.db, root, path);
            db::tree(&self.db, file).ready()
        };
        let old_tree = tree(&entry.baseline.root, &old.name)?;
        let new_tree = tree(root, &new.name)?;
        breaking::restore((old_tree, old.span), (new_tree, new.span), row.change.ty)
    }

    /// What changed between two contracts; `None` while one of them is not known.
    pub fn diff(
        &self,
        old: ContractId,
        new: ContractId,
        settings: DiffSettings,
        graph: Option<graph::Options>,
    ) -> Option<DiffReport> {
        db::diff_report(&self.db, (old.0, new.0), settings, graph)
    }

    /// The interfaces of a contract: name, the key or name that stands for each, and how many
    /// operations its specification has.
    pub fn interfaces(&self, id: ContractId) -> Vec<InterfaceOutline> {
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return Vec::new() };
        let Fact::Ready(tree) = db::tree(&self.db, id.0.file(&self.db)) else { return Vec::new() };
        let root = id.0.file(&self.db).root(&self.db);
        let each = merged.contract.interfaces.iter().filter_map(|interface| {
            let (name, place) = interface.name.both()?;
            let path = interface.contract.get().and_then(|path| BundlePath::parse(path).ok());
            let operations = path.map_or(0, |path| {
                let file = self.db.inputs().file(&self.db, root, path.as_str());
                db::operations_of(&self.db, file).len()
            });
            let is_own = place.source == 0;
            is_own.then(|| InterfaceOutline {
                name: name.clone(),
                span: tree.span(place.node),
                operations,
            })
        });
        each.collect()
    }

    /// What a contract describes, in short.
    pub fn explain(&self, id: ContractId) -> Option<doc::Explanation> {
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return None };
        Some(doc::explain(&self.view(id), &merged.contract))
    }

    /// The documentation of a contract.
    pub fn document(&self, id: ContractId) -> Option<doc::Page> {
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return None };
        Some(doc::page(&self.view(id), &merged.contract))
    }

    /// What a reference, written in the bundle in `root`, leads to: root and chosen tag.
    pub fn resolve(
        &self,
        root: &str,
        reference: &ContractRef,
        constraint: Option<&str>,
    ) -> Fact<(String, Option<String>)> {
        let view = DbView::new(&self.db, root.to_owned());
        view.follow(reference, constraint).map(|f| (f.bundle.root().to_owned(), f.tag))
    }

    fn view(&self, id: ContractId) -> DbView<'_> {
        DbView::new(&self.db, id.0.file(&self.db).root(&self.db).clone())
    }

    /// The text of a contract's file.
    pub fn contract_text(&self, id: ContractId) -> Fact<Arc<str>> {
        id.0.file(&self.db).text(&self.db).clone()
    }

    /// The text of a file of the bundle in `root`.
    pub fn file_text(&self, root: &str, path: &str) -> Fact<Arc<str>> {
        self.db.inputs().file(&self.db, root, path).text(&self.db).clone()
    }

    /// Where the lines of a file of the bundle in `root` start.
    pub fn lines(&self, root: &str, path: &str) -> Option<Arc<LineIndex>> {
        let file = self.db.inputs().file(&self.db, root, path);
        db::lines(&self.db, file).ready().cloned()
    }

    /// Proposals at a byte offset of a contract's file, best first.
    pub fn completions(&self, id: ContractId, offset: u32) -> Vec<Completion> {
        self.at(id, |ctx, tree| completion::completions(ctx, tree, offset)).unwrap_or_default()
    }

    /// What stands at a byte offset of a contract's file.
    pub fn hover(&self, id: ContractId, offset: u32) -> Option<Hover> {
        self.at(id, |ctx, tree| hover::hover(ctx, tree, offset)).flatten()
    }

    /// The outline of a contract's file.
    pub fn symbols(&self, id: ContractId) -> Vec<Symbol> {
        match db::tree(&self.db, id.0.file(&self.db)) {
            Fact::Ready(tree) => symbols::symbols(tree),
            _ => Vec::new(),
        }
    }

    /// The edits that format a contract's file; `None` when it has syntax errors.
    pub fn format(&self, id: ContractId) -> Option<Vec<TextEdit>> {
        let text = id.0.file(&self.db).text(&self.db).ready()?;
        format::format(text)
    }

    fn at<T>(&self, id: ContractId, f: impl FnOnce(&Ctx<'_>, &Tree) -> T) -> Option<T> {
        let file = id.0.file(&self.db);
        let Fact::Ready(tree) = db::tree(&self.db, file) else { return None };
        let Fact::Ready(merged) = db::merged(&self.db, id.0) else { return None };
        let view = self.view(id);
        let ctx = Ctx {
            contract: &merged.contract,
            document: &merged.document,
            bundle: &view,
            mode: id.0.mode(&self.db),
        };
        Some(f(&ctx, tree))
    }
}
