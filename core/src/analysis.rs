//! Questions about one state of the world. Each is answered by the module of its subject.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bundle::{self, BundleView};
use crate::check::fix;
use crate::contract::{Contract, ContractRef};
use crate::db::{
    self, Checked, ContractInput, Database, Db, DbView, DiffReport, DiffSettings, LocatedChange,
    Merged,
};
use crate::fact::Fact;
use crate::ide::Subject;
use crate::ide::baseline::{self, Baselined, Breaking};
use crate::ide::completion::{self, Completion};
use crate::ide::hover::{self, Hover};
use crate::ide::interfaces::{self, InterfaceOutline};
use crate::ide::symbols::{self, Symbol};
use crate::text::{LineIndex, TextEdit};
use crate::yaml::{Tree, format};
use crate::{doc, graph};

pub use salsa::Cancelled;

/// A contract that the host knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractId(pub(crate) ContractInput);

/// Answers about one state of the world. Cheap to make; `Send`, so that lanes can hold one each.
#[derive(Clone)]
pub struct Analysis {
    db: Database,
    contracts: Arc<BTreeMap<String, ContractId>>,
    baselines: Arc<BTreeMap<String, Baselined>>,
}

/// What is known of the world.
impl Analysis {
    pub(crate) fn new(
        db: Database,
        contracts: Arc<BTreeMap<String, ContractId>>,
        baselines: Arc<BTreeMap<String, Baselined>>,
    ) -> Self {
        Analysis { db, contracts, baselines }
    }

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

    fn merged(&self, id: ContractId) -> Option<&Merged> {
        db::merged(&self.db, id.0).ready()
    }

    fn tree(&self, id: ContractId) -> Option<&Tree> {
        db::tree(&self.db, id.0.file(&self.db)).ready()
    }

    fn view(&self, id: ContractId) -> DbView<'_> {
        DbView::new(&self.db, id.0.file(&self.db).root(&self.db).clone())
    }

    fn subject(&self, id: ContractId) -> Option<Subject<'_>> {
        Subject::new(&self.db, id.0)
    }

    /// A contract with the bundle around it.
    fn bundled(&self, id: ContractId) -> Option<(DbView<'_>, &Contract)> {
        Some((self.view(id), &self.merged(id)?.contract))
    }
}

/// Contracts as a whole.
impl Analysis {
    /// All findings of a contract.
    pub fn check(&self, id: ContractId) -> &Checked {
        db::checked(&self.db, id.0)
    }

    /// `--set` arguments that could not be applied, with the reason.
    pub fn override_errors(&self, id: ContractId) -> Vec<(String, String)> {
        let errors = self.merged(id).map_or(&[][..], |merged| &merged.errors);
        errors.iter().map(|(argument, error)| (argument.clone(), error.to_string())).collect()
    }

    /// The text of a contract with its overrides worked in.
    pub fn merged_text(&self, id: ContractId) -> Option<String> {
        let merged = self.merged(id)?;
        Some(fix::merged_text(self.tree(id)?, &merged.document.value, &merged.contract.value))
    }

    /// The contract with its overrides as JSON; `None` while it is not known.
    pub fn contract_json(&self, id: ContractId) -> Option<serde_json::Value> {
        Some(self.merged(id)?.contract.value.to_json())
    }

    /// The files of its bundle that a contract names, with the files that those refer to.
    pub fn named_files(&self, id: ContractId) -> BTreeSet<String> {
        self.bundled(id).map_or_else(BTreeSet::new, |(view, c)| bundle::named_files(&view, c))
    }

    /// Name and version of a contract, as written.
    pub fn service(&self, id: ContractId) -> (Option<String>, Option<String>) {
        let contract = self.merged(id).map(|merged| &merged.contract);
        let text = |of: fn(&Contract) -> Option<&str>| contract.and_then(of).map(str::to_owned);
        (text(Contract::name), text(Contract::version))
    }

    /// The dependency graph below a contract; `None` while its contract is not known.
    pub fn graph(&self, id: ContractId, options: graph::Options) -> Option<graph::Graph> {
        self.bundled(id).map(|(view, contract)| graph::build(&view, contract, options))
    }

    /// What a contract describes, in short.
    pub fn explain(&self, id: ContractId) -> Option<doc::Explanation> {
        self.bundled(id).map(|(view, contract)| doc::explain(&view, contract))
    }

    /// The documentation of a contract.
    pub fn document(&self, id: ContractId) -> Option<doc::Page> {
        self.bundled(id).map(|(view, contract)| doc::page(&view, contract))
    }
}

/// Comparisons.
impl Analysis {
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

    /// What an editor shows of the changes since the baseline; `None` without one, or while it is
    /// not known.
    pub fn breaking(&self, root: &str) -> Option<Breaking> {
        baseline::breaking(&self.db, self.contract(root)?.0, self.baselines.get(root)?)
    }

    /// All changes of a contract since its baseline, and where they are.
    pub fn since_baseline(&self, root: &str) -> Option<DiffReport> {
        baseline::since_baseline(&self.db, self.contract(root)?.0, self.baselines.get(root)?)
    }

    /// The edits of the contract's file that raise its version to `to`.
    pub fn bump_edits(&self, root: &str, to: &str) -> Vec<TextEdit> {
        let old = self.baselines.get(root);
        let edits = |id: ContractId| baseline::bump_edits(&self.db, id.0, old, to);
        self.contract(root).and_then(edits).unwrap_or_default()
    }

    /// The edit that puts back what a change took away.
    pub fn restore_edit(&self, root: &str, row: &LocatedChange) -> Option<TextEdit> {
        baseline::restore_edit(&self.db, root, self.baselines.get(root)?, row)
    }
}

/// What editors ask about one contract's file.
impl Analysis {
    /// Proposals at a byte offset, best first.
    pub fn completions(&self, id: ContractId, offset: u32) -> Vec<Completion> {
        self.subject(id).map_or_else(Vec::new, |s| completion::completions(&s, offset))
    }

    /// What stands at a byte offset.
    pub fn hover(&self, id: ContractId, offset: u32) -> Option<Hover> {
        hover::hover(&self.subject(id)?, offset)
    }

    /// The outline.
    pub fn symbols(&self, id: ContractId) -> Vec<Symbol> {
        self.tree(id).map_or_else(Vec::new, symbols::symbols)
    }

    /// The interfaces that the file names, in short.
    pub fn interfaces(&self, id: ContractId) -> Vec<InterfaceOutline> {
        self.subject(id).map_or_else(Vec::new, |subject| interfaces::interfaces(&subject))
    }

    /// The edits that format the file; `None` when it has syntax errors.
    pub fn format(&self, id: ContractId) -> Option<Vec<TextEdit>> {
        format::format(id.0.file(&self.db).text(&self.db).ready()?)
    }
}
