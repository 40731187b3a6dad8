//! Questions about one state of the world. Each is answered by the module of its subject.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use crate::bundle::{self, BundleView};
use crate::check::{Diagnostic, Kept, Tag, fix, rules};
use crate::contract::{Contract, ContractRef, Date};
use crate::db::{
    self, Baseline, Checked, ContractInput, Database, Db, DbView, Demand, DiffReport, DiffSettings,
    LocatedChange, Merged, Named, Reach,
};
use crate::diff::ChangeType;
use crate::fact::Fact;
use crate::fleet::{Dependent, Fleet, Hit, Profile, Use};
use crate::ide::Subject;
use crate::ide::actions::{self, Action};
use crate::ide::baseline::{self, Baselined, Breaking, Shown};
use crate::ide::completion::{self, Completions};
use crate::ide::contents::{self, BundleFile};
use crate::ide::dependencies::{self, DependencyNote};
use crate::ide::entity::{Entity, entity_at};
use crate::ide::file_rename::{self, Move};
use crate::ide::folding::{self, Fold};
use crate::ide::hover::{self, Hover};
use crate::ide::hover_file;
use crate::ide::interfaces::{self, InterfaceOutline};
use crate::ide::links::{self, Link};
use crate::ide::neighbours::{self, Neighbourhood};
use crate::ide::occurrences::{self, Occurrence};
use crate::ide::outline;
use crate::ide::rename::{self, Renamable};
use crate::ide::site::{Site, Target};
use crate::ide::symbols::{self, Symbol};
use crate::ide::tokens::{self, Marks, Token};
use crate::root::{CONTRACT_FILE, ContractKey, Role, Root};
use crate::text::{LineIndex, Span, TextEdit};
use crate::yaml::{Tree, format};
use crate::{author, doc, graph};

pub use salsa::Cancelled;

/// The repositories that were asked about by themselves since inputs were forgotten.
pub(crate) type Asked = Arc<Mutex<BTreeSet<String>>>;

/// Answers about one state of the world. Cheap to make; `Send`, so that lanes can hold one each.
#[derive(Clone)]
pub struct Analysis {
    db: Database,
    contracts: Arc<BTreeMap<ContractKey, ContractInput>>,
    baselines: Arc<BTreeMap<ContractKey, Baselined>>,
    asked: Asked,
    shown: Shown,
    /// What was made already for an editor to show.
    breaking: RefCell<BTreeMap<ContractKey, Option<Arc<Breaking>>>>,
}

/// What is known of the world.
impl Analysis {
    pub(crate) fn new(
        db: Database,
        contracts: Arc<BTreeMap<ContractKey, ContractInput>>,
        baselines: Arc<BTreeMap<ContractKey, Baselined>>,
        asked: Asked,
        shown: Shown,
    ) -> Self {
        Analysis { db, contracts, baselines, asked, shown, breaking: RefCell::default() }
    }

    /// Runs a question; `Err` when a change cancelled it.
    pub fn catch<T>(f: impl FnOnce() -> T + std::panic::UnwindSafe) -> Result<T, Cancelled> {
        Cancelled::catch(f)
    }

    /// Whether a contract was added.
    pub fn has_contract(&self, key: &ContractKey) -> bool {
        self.contracts.contains_key(key)
    }

    /// All contracts of the workspace, in the order of their roots.
    pub fn contracts(&self) -> impl Iterator<Item = &ContractKey> {
        self.contracts.keys().filter(|key| key.role == Role::Workspace)
    }

    /// The text of a contract's file.
    pub fn contract_text(&self, key: &ContractKey) -> Fact<Arc<str>> {
        self.file_text(&key.root, &key.path)
    }

    /// The text of a file of the bundle in `root`.
    pub fn file_text(&self, root: &Root, path: &str) -> Fact<Arc<str>> {
        self.db.inputs().file(&self.db, root, path).text(&self.db).clone()
    }

    /// Where the lines of a file of the bundle in `root` start.
    pub fn lines(&self, root: &Root, path: &str) -> Option<Arc<LineIndex>> {
        let file = self.db.inputs().file(&self.db, root, path);
        db::lines(&self.db, file).ready().cloned()
    }

    /// What is missing of a contract and its bundle, and the bundles that it leads to.
    pub fn demand(&self, key: &ContractKey, reach: Reach) -> (Vec<Demand>, Vec<(Root, Reach)>) {
        db::missing(&self.db, key, reach)
    }

    /// Everything that contracts name, known or not, with everything that they lead to. What is not
    /// among it can be forgotten.
    pub fn named(&self, contracts: impl IntoIterator<Item = (ContractKey, Reach)>) -> Named {
        db::everything_named(&self.db, contracts)
    }

    /// The bundle of a repository that the version `own` is compared with: the same version if it is
    /// published, else the highest below it. `Err` holds what must be known first, if anything.
    pub fn published_baseline(
        &self,
        repository: &str,
        own: Option<&str>,
    ) -> Result<Baseline, Option<Demand>> {
        self.note(repository);
        db::published_baseline(&self.db, repository, own)
    }

    /// The digest that `host/path:tag` means, as far as it is known.
    pub fn digest(&self, repository: &str, tag: &str) -> Fact<String> {
        self.note(repository);
        self.db.inputs().tag_state(&self.db, repository, tag).digest(&self.db).clone()
    }

    /// What is known of a repository that is asked about by itself is not to be forgotten.
    fn note(&self, repository: &str) {
        let mut asked = self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        asked.insert(repository.to_owned());
    }

    /// A repository of which some contract of the workspace says that it holds the service `name`.
    pub fn repository_of(&self, name: &str) -> Option<String> {
        db::repository_of(&self.db, name)
    }

    /// What a reference, written in the bundle in `root`, leads to: root and chosen tag.
    pub fn resolve(
        &self,
        root: &Root,
        reference: &ContractRef,
        constraint: Option<&str>,
    ) -> Fact<(Root, Option<String>)> {
        let view = DbView::new(&self.db, root.clone());
        view.follow(reference, constraint).map(|f| (f.bundle.root().clone(), f.tag))
    }

    fn merged(&self, key: &ContractKey) -> Option<&Merged> {
        db::merged(&self.db, self.input(key)?).ready()
    }

    fn tree(&self, key: &ContractKey) -> Option<&Tree> {
        db::tree(&self.db, self.input(key)?.file(&self.db)).ready()
    }

    fn input(&self, key: &ContractKey) -> Option<ContractInput> {
        self.contracts.get(key).copied()
    }

    fn subject(&self, key: &ContractKey) -> Option<Subject<'_>> {
        Subject::new(&self.db, self.input(key)?, self.baselines.get(key))
    }

    /// A contract with the bundle around it.
    fn bundled(&self, key: &ContractKey) -> Option<(DbView<'_>, &Contract)> {
        let file = self.input(key)?.file(&self.db);
        Some((DbView::of(&self.db, file), &self.merged(key)?.contract))
    }
}

/// Contracts as a whole.
impl Analysis {
    /// All findings of a contract; none of one that was not added.
    pub fn check(&self, key: &ContractKey) -> &Checked {
        static NOTHING: Checked = Checked { diagnostics: Vec::new(), not_checked: Vec::new() };
        self.input(key).map_or(&NOTHING, |input| db::checked(&self.db, input))
    }

    /// `--set` arguments that could not be applied, with the reason.
    pub fn override_errors(&self, key: &ContractKey) -> Vec<(String, String)> {
        let errors = self.merged(key).map_or(&[][..], |merged| &merged.errors);
        errors.iter().map(|(argument, error)| (argument.clone(), error.to_string())).collect()
    }

    /// The text of a contract with its overrides worked in.
    pub fn merged_text(&self, key: &ContractKey) -> Option<String> {
        let merged = self.merged(key)?;
        Some(fix::merged_text(self.tree(key)?, &merged.document.value, &merged.contract.value))
    }

    /// The policies that bind a contract, and whether it keeps them.
    pub fn policies(&self, key: &ContractKey) -> Vec<Kept> {
        self.bundled(key).map_or_else(Vec::new, |(view, contract)| rules::kept(&view, contract))
    }

    /// The contract with its overrides as JSON; `None` while it is not known.
    pub fn contract_json(&self, key: &ContractKey) -> Option<serde_json::Value> {
        Some(self.merged(key)?.contract.value.to_json())
    }

    /// The same as people see it: a number whose text says more than its value is that text.
    pub fn shown_contract_json(&self, key: &ContractKey) -> Option<serde_json::Value> {
        Some(self.merged(key)?.contract.value.to_shown_json())
    }

    /// The files of its bundle that a contract names, with the files that those refer to.
    pub fn named_files(&self, key: &ContractKey) -> BTreeSet<String> {
        self.bundled(key).map_or_else(BTreeSet::new, |(view, c)| bundle::named_files(&view, c))
    }

    /// The files of a contract's bundle, and what each is for; `None` while the contract is not
    /// known.
    pub fn contents(&self, key: &ContractKey) -> Option<Vec<BundleFile>> {
        let view = DbView::new(&self.db, key.root.clone());
        let contract = self.site(key, &key.path).model()?;
        Some(contents::contents(&view, &key.path, contract))
    }

    /// Name and version of a contract, as written.
    pub fn service(&self, key: &ContractKey) -> (Option<String>, Option<String>) {
        let contract = self.merged(key).map(|merged| &merged.contract);
        let text = |of: fn(&Contract) -> Option<&str>| contract.and_then(of).map(str::to_owned);
        (text(Contract::name), text(Contract::version))
    }

    /// The dependency graph below a contract; `None` while its contract is not known.
    pub fn graph(&self, key: &ContractKey, options: graph::Options) -> Option<graph::Graph> {
        self.bundled(key).map(|(view, contract)| graph::build(&view, contract, options))
    }

    /// The day that the host was told.
    fn today(&self) -> Option<Date> {
        self.db.inputs().calendar(&self.db).today(&self.db)
    }

    /// What a contract describes, in short.
    pub fn explain(&self, key: &ContractKey) -> Option<doc::Explanation> {
        self.bundled(key).map(|(view, contract)| doc::explain(&view, contract, self.today()))
    }

    /// The whole contract as data, with secrets masked; with `with_values` with the values of its
    /// settings.
    pub fn inspect(&self, key: &ContractKey, with_values: bool) -> Option<serde_json::Value> {
        self.bundled(key).map(|(view, contract)| doc::inspect(&view, contract, with_values))
    }

    /// The interfaces of a contract with what they offer.
    pub fn offered(&self, key: &ContractKey) -> Vec<doc::Listed> {
        self.bundled(key).map_or_else(Vec::new, |(view, c)| doc::interfaces(&view, c))
    }

    /// The dependencies that a contract may lack; `known` are services with their references.
    pub fn suggest(
        &self,
        key: &ContractKey,
        known: &BTreeMap<String, String>,
    ) -> Vec<author::Suggested> {
        self.bundled(key).map_or_else(Vec::new, |(view, c)| author::suggest(&view, c, known))
    }

    /// The documentation of a contract.
    pub fn document(&self, key: &ContractKey) -> Option<doc::Page> {
        self.bundled(key).map(|(view, contract)| doc::page(&view, contract, self.today()))
    }
}

/// Comparisons.
impl Analysis {
    /// What changed between two contracts; `None` while one of them is not known.
    pub fn diff(
        &self,
        old: &ContractKey,
        new: &ContractKey,
        settings: DiffSettings,
        graph: Option<graph::Options>,
    ) -> Option<DiffReport> {
        db::diff_report(&self.db, (self.input(old)?, self.input(new)?), settings, graph)
    }

    /// What an editor shows of the changes since the baseline; `None` without one, or while it is
    /// not known.
    pub fn breaking(&self, key: &ContractKey) -> Option<Arc<Breaking>> {
        if let Some(known) = self.breaking.borrow().get(key) {
            return known.clone();
        }
        let (input, old) = (self.input(key)?, self.baselines.get(key)?);
        let breaking = baseline::breaking(&self.db, key, input, old, &self.shown).map(Arc::new);
        self.breaking.borrow_mut().insert(key.clone(), breaking.clone());
        breaking
    }

    /// All changes of a contract since its baseline, and where they are.
    pub fn since_baseline(&self, key: &ContractKey) -> Option<&DiffReport> {
        baseline::since_baseline(&self.db, self.input(key)?, self.baselines.get(key)?)
    }

    /// The edits of the contract's file that raise its version to `to`.
    pub fn bump_edits(&self, key: &ContractKey, to: &str) -> Vec<TextEdit> {
        let old = self.baselines.get(key);
        let edits = |input| baseline::bump_edits(&self.db, input, old, to);
        self.input(key).and_then(edits).unwrap_or_default()
    }

    /// The edit that puts back what a change took away.
    pub fn restore_edit(&self, key: &ContractKey, row: &LocatedChange) -> Option<TextEdit> {
        baseline::restore_edit(&self.db, &key.root, self.baselines.get(key)?, row)
    }
}

/// The workspace as a whole.
impl Analysis {
    /// The index over the workspace and everything that it leads to: names, uses, impact.
    pub fn fleet(&self) -> &Fleet {
        db::fleet_index(&self.db, self.db.inputs().workspace(&self.db))
    }

    /// The versions of the service `name` that are known, highest first.
    pub fn versions(&self, name: &str) -> Vec<String> {
        db::versions(&self.db, name)
    }

    /// The contracts whose name, owner or interfaces fit `query`, best first, at most `limit`.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        db::search(&self.db, query, limit)
    }

    /// What the contract of a bundle uses, each with the bundle that it leads to, as far as that is
    /// known; of contracts in the workspace their folders.
    pub fn uses(&self, root: &Root) -> Vec<(Root, Dependent)> {
        let file = self.db.inputs().file(&self.db, root, CONTRACT_FILE);
        let each = db::uses(&self.db, file).iter().filter_map(|used| {
            let target = self.fleet().source(used.target.as_ref()?).clone();
            let (root, kind, index) = (root.clone(), used.kind, used.index);
            Some((target, Dependent { root, kind, index, constraint: used.constraint.clone() }))
        });
        each.collect()
    }

    /// The contracts around that of a bundle.
    pub fn neighbours(&self, root: &Root, options: neighbours::Options) -> Neighbourhood {
        neighbours::neighbours(&self.db, root, options)
    }

    /// Everything that the contract of a bundle refers to, resolved or not.
    pub fn references(&self, root: &Root) -> &[Use] {
        db::uses(&self.db, self.db.inputs().file(&self.db, root, CONTRACT_FILE))
    }

    /// Who the contract of a bundle is.
    pub fn profile(&self, root: &Root) -> &Profile {
        db::profile(&self.db, self.db.inputs().file(&self.db, root, CONTRACT_FILE))
    }

    /// Whether dependencies lead from a bundle back to it.
    pub fn is_in_cycle(&self, root: &Root) -> bool {
        db::cyclic_roots(&self.db, self.db.inputs().workspace(&self.db)).contains(root)
    }

    /// Where a contract names what it uses: file and span.
    pub fn place_of_use(&self, dependent: &Dependent) -> Option<(String, Span)> {
        let node = db::reference_node(&self.db, dependent)?;
        let tree =
            db::tree(&self.db, self.db.inputs().file(&self.db, &dependent.root, CONTRACT_FILE))
                .ready()?;
        Some((dependent.root.file(CONTRACT_FILE), tree.span(node)))
    }
}

/// What editors ask about one contract's file.
impl Analysis {
    /// Proposals at a byte offset.
    pub fn completions(&self, key: &ContractKey, offset: u32) -> Completions {
        let subject = self.subject(key);
        subject.map_or_else(Completions::default, |s| completion::completions(&s, offset))
    }

    /// What the dependencies of a contract lead to.
    pub fn dependencies(&self, key: &ContractKey) -> Vec<DependencyNote> {
        self.subject(key).map_or_else(Vec::new, |s| dependencies::dependencies(&s))
    }

    /// The edits of the contract's file that raise a dependency, by its name or reference, to
    /// `version`, else to the newest one that is known.
    ///
    /// # Errors
    /// Why it cannot be raised.
    pub fn upgrade_edits(
        &self,
        key: &ContractKey,
        name: &str,
        version: Option<&str>,
    ) -> Result<Vec<TextEdit>, String> {
        let subject = self.subject(key).ok_or("the contract is not known")?;
        dependencies::upgrade(&subject, name, version)
    }

    /// The outline.
    pub fn symbols(&self, key: &ContractKey) -> Vec<Symbol> {
        self.tree(key).map_or_else(Vec::new, symbols::symbols)
    }

    /// The interfaces that the file names, in short.
    pub fn interfaces(&self, key: &ContractKey) -> Vec<InterfaceOutline> {
        self.subject(key).map_or_else(Vec::new, |subject| interfaces::interfaces(&subject))
    }

    /// Other ways to write what stands at a byte offset.
    pub fn rewrites(&self, key: &ContractKey, offset: u32) -> Vec<Action> {
        self.subject(key).map_or_else(Vec::new, |s| actions::rewrites(&s, offset))
    }

    /// The edit that puts the fields of the file in order, if any; `None` while it is not known.
    pub fn organise(&self, key: &ContractKey) -> Option<Result<Option<TextEdit>, &'static str>> {
        self.tree(key).map(actions::organise)
    }

    /// The edits that format the file, or its lines that `only` touches; `None` when it has syntax
    /// errors.
    pub fn format(
        &self,
        key: &ContractKey,
        style: format::Options,
        only: Option<&[Span]>,
    ) -> Option<Vec<TextEdit>> {
        let text = self.input(key)?.file(&self.db).text(&self.db).ready()?;
        match only {
            Some(spans) => format::format_lines(text, style, spans),
            None => format::format_as(text, style),
        }
    }
}

/// What editors ask about a place in any file of a contract's bundle.
impl Analysis {
    fn site(&self, key: &ContractKey, path: &str) -> Site<'_> {
        Site::new(&self.db, key, path)
    }

    /// What stands at a byte offset of a file, and the bytes that name it.
    pub fn entity(&self, key: &ContractKey, path: &str, offset: u32) -> Option<(Entity, Span)> {
        entity_at(&self.site(key, path), offset)
    }

    /// What stands at a byte offset of a file of a contract's bundle, and what is found there.
    pub fn hover(&self, key: &ContractKey, path: &str, offset: u32) -> Option<Hover> {
        let found = match path == &*key.path {
            true => self.subject(key).and_then(|subject| hover::hover(&subject, offset)),
            false => hover_file::hover(&self.site(key, path), offset),
        };
        let file = key.root.file(path);
        let own = self.check(key).diagnostics.iter().filter(|d| d.file.as_ref() == Some(&file));
        let here: Vec<&Diagnostic> = own.filter(|d| d.span.touches(offset)).collect();
        hover::with_findings(found, &here)
    }

    /// Where something is declared.
    pub fn declaration(&self, entity: &Entity) -> Option<Target> {
        occurrences::declaration(&self.db, entity)
    }

    /// What describes something: the specification of an interface, the schema of a configuration or
    /// policy, else where it is declared.
    pub fn type_of(&self, entity: &Entity) -> Option<Target> {
        occurrences::described(&self.db, entity)
    }

    /// Every place that declares or names something.
    pub fn occurrences(&self, entity: &Entity) -> Vec<Occurrence> {
        occurrences::occurrences(&self.db, entity)
    }

    /// What can be renamed at a byte offset.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn prepare_rename(
        &self,
        key: &ContractKey,
        path: &str,
        offset: u32,
    ) -> Result<Renamable, String> {
        rename::prepare(&self.site(key, path), offset)
    }

    /// The edits by file that give what stands at a byte offset another name.
    ///
    /// # Errors
    /// Why it cannot be done whole.
    pub fn rename(
        &self,
        key: &ContractKey,
        path: &str,
        offset: u32,
        new: &str,
    ) -> Result<Vec<(String, TextEdit)>, String> {
        rename::rename(&self.site(key, path), offset, new)
    }

    /// The edits by file, as they are called before, that have everything follow files and folders
    /// that are about to move.
    ///
    /// # Errors
    /// Why it cannot be done whole.
    pub fn rename_files(&self, moves: &[Move]) -> Result<Vec<(String, TextEdit)>, String> {
        file_rename::edits(&self.db, moves)
    }

    /// The spans of the same file that are typed at once.
    pub fn linked(&self, key: &ContractKey, path: &str, offset: u32) -> Vec<Span> {
        rename::linked(&self.site(key, path), offset)
    }

    /// The texts of a file that lead somewhere.
    pub fn links(&self, key: &ContractKey, path: &str) -> Vec<Link> {
        links::links(&self.site(key, path))
    }

    /// The file of the contract that the reference at a byte offset leads to.
    pub fn linked_contract(&self, key: &ContractKey, path: &str, offset: u32) -> Option<String> {
        links::contract_file(&self.site(key, path), offset)
    }

    /// What can be folded away.
    pub fn folds(&self, key: &ContractKey, path: &str) -> Vec<Fold> {
        let site = self.site(key, path);
        let lines = db::lines(&self.db, site.file()).ready();
        site.tree().zip(lines).map_or_else(Vec::new, |(tree, lines)| folding::folds(tree, lines))
    }

    /// The spans around a byte offset, smallest first.
    pub fn selections(&self, key: &ContractKey, path: &str, offset: u32) -> Vec<Span> {
        let tree = self.site(key, path).tree();
        tree.map_or_else(Vec::new, |tree| folding::selections(tree, offset))
    }

    /// The words of a file that touch `within`, for colours.
    pub fn tokens(&self, key: &ContractKey, path: &str, within: Span) -> Vec<Token> {
        let file = key.root.file(path);
        let found = self.check(key).diagnostics.iter();
        let deprecated = found.filter(|d| d.file.as_ref() == Some(&file));
        let deprecated = deprecated.filter(|d| d.tag == Some(Tag::Deprecated)).map(|d| d.span);
        let rows = self.since_baseline(key).map_or(&[][..], |report| &report.changes);
        let here = rows.iter().filter_map(|row| Some((row.change.ty, row.new.as_ref()?)));
        let here = here.filter(|(_, at)| at.file.as_ref() == Some(&file));
        let modified = here.map(|(ty, at)| match ty {
            ChangeType::Modified => at.value,
            _ => at.key,
        });
        let marks = Marks { deprecated: deprecated.collect(), modified: modified.collect() };
        tokens::tokens(&self.site(key, path), within, &marks)
    }

    /// The outline of a file.
    pub fn symbols_of(&self, key: &ContractKey, path: &str) -> Vec<Symbol> {
        outline::outline(&self.site(key, path))
    }
}
