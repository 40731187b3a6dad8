//! What editors ask, in plain data: offsets, labels, edits. One module for each feature.

pub mod actions;
pub mod baseline;
pub mod completion;
pub mod contents;
pub mod dependencies;
pub mod entity;
pub mod file_rename;
pub mod folding;
pub mod hover;
pub mod hover_file;
pub mod interfaces;
pub mod links;
pub mod neighbours;
pub mod occurrences;
pub mod outline;
mod pointer;
mod proto_outline;
pub mod rename;
mod settings;
pub mod site;
pub mod symbols;
pub mod tokens;

use crate::check::Ctx;
use crate::db::{self, ContractInput, Db, DbView, Merged};
use crate::root::Root;
use crate::yaml::Tree;
use baseline::Baselined;

/// The contract that a question is about, with the database behind it, so that a feature can look
/// into every file of every bundle.
pub struct Subject<'db> {
    pub db: &'db dyn Db,
    /// The file as it is written.
    pub tree: &'db Tree,
    /// What it means, overrides included.
    pub merged: &'db Merged,
    pub input: ContractInput,
    /// What it is compared with.
    pub baseline: Option<&'db Baselined>,
    view: DbView<'db>,
}

impl<'db> Subject<'db> {
    /// `None` while the text of the contract is not known.
    pub fn new(
        db: &'db dyn Db,
        input: ContractInput,
        baseline: Option<&'db Baselined>,
    ) -> Option<Self> {
        let file = input.file(db);
        let tree = db::tree(db, file).ready()?;
        let merged = db::merged(db, input).ready()?;
        let view = DbView::of(db, file);
        Some(Subject { db, tree, merged, input, baseline, view })
    }

    /// The bundle that the contract is in.
    pub fn root(&self) -> &'db Root {
        self.input.file(self.db).root(self.db)
    }

    /// The syntax tree of a file of the bundle in `root`.
    pub fn tree_of(&self, root: &Root, path: &str) -> Option<&'db Tree> {
        db::tree(self.db, self.db.inputs().file(self.db, root, path)).ready()
    }

    /// The contract as rules see it.
    pub fn ctx(&self) -> Ctx<'_> {
        Ctx {
            file: self.input.file(self.db).path(self.db),
            contract: &self.merged.contract,
            document: &self.merged.document,
            bundle: &self.view,
            mode: self.input.mode(self.db),
            today: self.db.inputs().calendar(self.db).today(self.db),
        }
    }
}
