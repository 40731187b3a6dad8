//! A bundle as it is looked at: its contract, its files, and the bundles that it leads to.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::contract::{Contract, ContractRef};
use crate::fact::Fact;
use crate::root::Root;
use crate::spec::json_schema::{CompiledSchema, SchemaError};
use crate::spec::proto::Proto;
use crate::spec::{BundlePath, Document, file_references};
use crate::yaml::NodeId;

/// What a reference led to.
pub struct Followed<'a> {
    pub bundle: Box<dyn BundleView + 'a>,
    /// The tag that was named or chosen; none for local references and digests.
    pub tag: Option<String>,
    /// Whether a folder of the same name stands for a registry reference.
    pub is_substitute: bool,
}

/// All reading goes through facts; nothing here does I/O.
pub trait BundleView {
    fn root(&self) -> &Root;
    /// The files of the bundle as paths from its root, sorted.
    fn files(&self) -> Fact<&[String]>;
    /// Whether a file is there and is text.
    fn exists(&self, path: &BundlePath) -> Fact<()>;
    /// A text file.
    fn text(&self, path: &BundlePath) -> Fact<&Arc<str>>;
    /// A YAML or JSON file.
    fn document(&self, path: &BundlePath) -> Fact<&Document>;
    /// The `$ref`s of a YAML or JSON file and where they stand.
    fn references(&self, path: &BundlePath) -> &[(Arc<str>, NodeId)];
    fn proto(&self, path: &BundlePath) -> Fact<&Proto>;
    fn schema(&self, path: &BundlePath) -> Fact<Result<&CompiledSchema, &SchemaError>>;
    /// The text of this bundle's contract.
    fn contract_text(&self) -> Fact<&Arc<str>>;
    /// The contract of this bundle, without overrides; a failure where it has no name or no version.
    fn contract(&self) -> Fact<&Contract>;
    /// The bundle that a reference in this one leads to. Without tag and digest it is the highest
    /// version that the constraint admits.
    fn follow(&self, reference: &ContractRef, constraint: Option<&str>) -> Fact<Followed<'_>>;
    /// The bundle in `root`, which a reference led to.
    fn at(&self, root: &Root) -> Box<dyn BundleView + '_>;
    /// The tags of a repository, `host/path`.
    fn tags(&self, repository: &str) -> Fact<&[String]>;
    /// A repository that some contract of the workspace names for a service.
    fn repository(&self, service: &str) -> Option<String>;
    /// The bundles of the contracts that are analysed together.
    fn workspace(&self) -> &[Root];
    /// Whether dependencies lead from this contract back to it.
    fn is_in_cycle(&self) -> bool;
    /// Whether somewhere in reach a service is wanted in ranges without a common version.
    /// `identity` is its repository or its root, as it is shown.
    fn is_contested(&self, identity: &str) -> bool;
}

/// The files of its bundle that a contract names, with the files that those refer to.
pub fn named_files(bundle: &dyn BundleView, contract: &Contract) -> BTreeSet<String> {
    let paths = contract.file_fields().filter_map(|field| field.get());
    let mut queue: Vec<BundlePath> =
        paths.filter_map(|path| BundlePath::parse(path).ok()).collect();
    let mut found = BTreeSet::new();
    while let Some(path) = queue.pop() {
        if !matches!(bundle.exists(&path), Fact::Ready(())) || !found.insert(path.to_string()) {
            continue;
        }
        if !path.as_str().ends_with(".proto")
            && let Fact::Ready(document) = bundle.document(&path)
        {
            let references = file_references(&document.value);
            queue.extend(references.iter().filter_map(|reference| path.join(reference).ok()));
        }
    }
    found
}
