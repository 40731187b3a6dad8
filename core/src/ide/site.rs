//! A file of a bundle that a question is about, and places in files as answers.

use std::sync::Arc;

use crate::contract::Contract;
use crate::db::{self, Db, SourceFile};
use crate::root::{ContractKey, Root};
use crate::text::Span;
use crate::yaml::Tree;

/// A file, with the database behind it.
#[derive(Clone)]
pub struct Site<'db> {
    pub db: &'db dyn Db,
    pub root: Root,
    /// The path of the bundle's contract.
    pub contract: Arc<str>,
    /// The path of the file itself.
    pub path: String,
}

impl<'db> Site<'db> {
    /// The file at `path` of the bundle of a contract.
    pub fn new(db: &'db dyn Db, key: &ContractKey, path: &str) -> Self {
        let (root, contract) = (key.root.clone(), Arc::clone(&key.path));
        Site { db, root, contract, path: path.to_owned() }
    }

    /// The contract that references to the bundle in `root` lead to.
    pub fn of_root(db: &'db dyn Db, root: &Root) -> Self {
        Site::of_contract(db, root, &ContractKey::from(root).path)
    }

    /// A contract, by its path in the bundle.
    pub fn of_contract(db: &'db dyn Db, root: &Root, contract: &Arc<str>) -> Self {
        let (root, path) = (root.clone(), contract.to_string());
        Site { db, root, contract: Arc::clone(contract), path }
    }

    /// Another file of the same bundle.
    pub fn beside(&self, path: &str) -> Self {
        Site { path: path.to_owned(), ..self.clone() }
    }

    pub fn is_contract(&self) -> bool {
        self.path == *self.contract
    }

    pub fn is_proto(&self) -> bool {
        self.path.ends_with(".proto")
    }

    /// Whether it is written in YAML or JSON.
    pub fn is_data(&self) -> bool {
        self.is_contract() || [".yaml", ".yml", ".json"].iter().any(|end| self.path.ends_with(end))
    }

    pub fn file(&self) -> SourceFile {
        self.db.inputs().file(self.db, &self.root, &self.path)
    }

    pub fn text(&self) -> Option<&'db Arc<str>> {
        self.file().text(self.db).ready()
    }

    /// The syntax tree; `None` for other files than data, and while the text is not known.
    pub fn tree(&self) -> Option<&'db Tree> {
        self.is_data().then(|| db::tree(self.db, self.file()).ready())?
    }

    /// The contract of the bundle, without overrides.
    pub fn model(&self) -> Option<&'db Contract> {
        let file = self.db.inputs().file(self.db, &self.root, &self.contract);
        db::base_contract(self.db, file).ready()
    }

    /// All files of the bundle that are known, the contract among them.
    pub fn all(&self) -> Vec<Site<'db>> {
        let known = self.db.inputs().known_files(&self.root);
        let sites = known.iter().map(|path| self.beside(path));
        sites.filter(|site| site.text().is_some()).collect()
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The name of the file, as [`Root::file`] has it.
    pub file: String,
    /// The whole of what is meant.
    pub span: Span,
    /// Its name, within the span.
    pub name: Span,
}
