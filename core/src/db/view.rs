//! A bundle as the rules see it, answered by queries.

use std::sync::Arc;

use super::resolve::{Target, resolve};
use super::{CONTRACT_FILE, Db, SourceFile};
use super::{fleet, queries};
use crate::bundle::{BundleView, Followed};
use crate::contract::{Contract, ContractRef};
use crate::fact::{Fact, Failure};
use crate::root::Root;
use crate::spec::json_schema::{CompiledSchema, SchemaError};
use crate::spec::proto::Proto;
use crate::spec::{BundlePath, Document};
use crate::yaml::NodeId;

pub struct DbView<'db> {
    db: &'db dyn Db,
    root: Root,
    /// The path of its contract.
    contract: Arc<str>,
}

impl<'db> DbView<'db> {
    /// The bundle in `root`, as references lead to it.
    pub fn new(db: &'db dyn Db, root: Root) -> Self {
        DbView { db, root, contract: CONTRACT_FILE.into() }
    }

    /// The bundle of the contract in `file`.
    pub fn of(db: &'db dyn Db, file: SourceFile) -> Self {
        DbView { db, root: file.root(db).clone(), contract: file.path(db).as_str().into() }
    }

    fn file(&self, path: &str) -> SourceFile {
        self.db.inputs().file(self.db, &self.root, path)
    }
}

impl BundleView for DbView<'_> {
    fn root(&self) -> &Root {
        &self.root
    }

    fn files(&self) -> Fact<&[String]> {
        let directory = self.db.inputs().directory(self.db, &self.root);
        directory.files(self.db).as_ref().map(|files| &**files)
    }

    fn exists(&self, path: &BundlePath) -> Fact<()> {
        queries::exists(self.db, self.file(path.as_str()))
    }

    fn text(&self, path: &BundlePath) -> Fact<&Arc<str>> {
        self.file(path.as_str()).text(self.db).as_ref()
    }

    fn contract_text(&self) -> Fact<&Arc<str>> {
        self.file(&self.contract).text(self.db).as_ref()
    }

    fn document(&self, path: &BundlePath) -> Fact<&Document> {
        queries::document(self.db, self.file(path.as_str())).as_ref()
    }

    fn references(&self, path: &BundlePath) -> &[(Arc<str>, NodeId)] {
        queries::references_of(self.db, self.file(path.as_str()))
    }

    fn proto(&self, path: &BundlePath) -> Fact<&Proto> {
        queries::proto(self.db, self.file(path.as_str())).as_ref()
    }

    fn schema(&self, path: &BundlePath) -> Fact<Result<&CompiledSchema, &SchemaError>> {
        queries::schema(self.db, self.file(path.as_str())).as_ref().map(|schema| schema.as_ref())
    }

    fn contract(&self) -> Fact<&Contract> {
        match queries::base_contract(self.db, self.file(&self.contract)).as_ref() {
            Fact::Ready(contract) if contract.name().is_none() || contract.version().is_none() => {
                Fact::Failed(Failure::NotAContract)
            }
            fact => fact,
        }
    }

    fn follow(&self, reference: &ContractRef, constraint: Option<&str>) -> Fact<Followed<'_>> {
        resolve(self.db, &self.root, reference, constraint).fact().map(|target| {
            let Target { root, tag, is_substitute } = target;
            Followed { bundle: Box::new(DbView::new(self.db, root)), tag, is_substitute }
        })
    }

    fn at(&self, root: &Root) -> Box<dyn BundleView + '_> {
        Box::new(DbView::new(self.db, root.clone()))
    }

    fn tags(&self, repository: &str) -> Fact<&[String]> {
        self.db.inputs().tag_list(self.db, repository).tags(self.db).as_ref().map(|tags| &**tags)
    }

    fn repository(&self, service: &str) -> Option<String> {
        fleet::repository_of(self.db, service)
    }

    fn workspace(&self) -> &[Root] {
        self.db.inputs().workspace(self.db).roots(self.db)
    }

    fn is_in_cycle(&self) -> bool {
        let workspace = self.db.inputs().workspace(self.db);
        // Dependencies lead to the usual contract of a bundle alone.
        &*self.contract == CONTRACT_FILE
            && fleet::cyclic_roots(self.db, workspace).contains(&self.root)
    }

    fn is_contested(&self, identity: &str) -> bool {
        let workspace = self.db.inputs().workspace(self.db);
        fleet::contested(self.db, workspace).contains(identity)
    }
}
