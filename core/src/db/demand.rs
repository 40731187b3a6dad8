//! What is reachable from a contract and not there yet.

use std::collections::{BTreeSet, HashSet};

use rustc_hash::FxHashSet;

use super::resolve::{Resolution, resolve, rests_on};
use super::{Db, Demand, SourceFile, queries};
use crate::contract::{Contract, ContractRef, Field};
use crate::fact::Fact;
use crate::root::{ContractKey, Root};
use crate::shared_schema::Shared;
use crate::spec::proto::{import_candidates, is_built_in};
use crate::spec::{BundlePath, named_files};

/// How much of a bundle is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// The contract and everything that it names.
    Whole,
    /// The contract, what it names of its own bundle, and the policies that it must satisfy.
    Enforced,
    /// The contract with the files of its bundle.
    Bundle,
    /// Everything that a comparison looks at, without dependencies.
    Compared,
    /// Everything that a comparison looks at, with dependencies, and those of these.
    ComparedWhole,
    /// The same, with configurations and policies by reference among the dependencies.
    ComparedReferences,
    /// The contract with the files of its bundle, and its dependencies in the same way.
    Documented,
    /// The contract alone, as a dependency.
    Contract,
    /// The contract with all contracts that it refers to, for whatever purpose.
    References,
    /// The contract and its policies.
    Policies,
    /// The contract and the schema that it shares.
    Configuration,
}

/// What is missing of one contract and its bundle, and the other bundles that it leads to.
pub(crate) fn missing(
    db: &dyn Db,
    contract: &ContractKey,
    reach: Reach,
) -> (Vec<Demand>, Vec<(Root, Reach)>) {
    walk(db, contract, reach, Wanted::Missing)
}

/// Everything that one contract names, known or not, and the other bundles that it leads to.
pub(crate) fn named(
    db: &dyn Db,
    contract: &ContractKey,
    reach: Reach,
) -> (Vec<Demand>, Vec<(Root, Reach)>) {
    walk(db, contract, reach, Wanted::Named)
}

/// What contracts name, with everything that they lead to.
#[derive(Clone, Debug, Default)]
pub struct Named {
    pub inputs: HashSet<Demand>,
    /// The bundles that they lead to, and how much of each.
    pub bundles: BTreeSet<(ContractKey, Reach)>,
}

/// Everything that `contracts` name.
pub(crate) fn everything_named(
    db: &dyn Db,
    contracts: impl IntoIterator<Item = (ContractKey, Reach)>,
) -> Named {
    let mut all = Named::default();
    let mut queue: Vec<(ContractKey, Reach)> = contracts.into_iter().collect();
    while let Some((key, reach)) = queue.pop() {
        let (inputs, bundles) = named(db, &key, reach);
        all.inputs.extend(inputs);
        for (root, reach) in bundles {
            let bundle = (ContractKey::from(root), reach);
            if all.bundles.insert(bundle.clone()) {
                queue.push(bundle);
            }
        }
    }
    all
}

fn walk(
    db: &dyn Db,
    contract: &ContractKey,
    reach: Reach,
    wanted: Wanted,
) -> (Vec<Demand>, Vec<(Root, Reach)>) {
    let mut walk = Walk {
        db,
        root: &contract.root,
        wanted,
        demands: Vec::new(),
        bundles: Vec::new(),
        seen: FxHashSet::default(),
    };
    walk.bundle(&contract.path, reach);
    (walk.demands, walk.bundles)
}

/// Which inputs a walk collects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Missing,
    Named,
}

struct Walk<'db> {
    db: &'db dyn Db,
    root: &'db Root,
    wanted: Wanted,
    demands: Vec<Demand>,
    bundles: Vec<(Root, Reach)>,
    seen: FxHashSet<String>,
}

impl<'db> Walk<'db> {
    fn bundle(&mut self, contract: &str, reach: Reach) {
        let is_compared =
            matches!(reach, Reach::Compared | Reach::ComparedWhole | Reach::ComparedReferences);
        let is_with_files =
            matches!(reach, Reach::Whole | Reach::Enforced | Reach::Bundle | Reach::Documented);
        if is_compared || is_with_files {
            let directory = self.db.inputs().directory(self.db, self.root);
            if self.wants(directory.files(self.db)) {
                self.demands.push(Demand::Listing { root: self.root.clone() });
            }
        }
        let file = self.file(contract);
        let Fact::Ready(contract) = queries::base_contract(self.db, file) else { return };
        match reach {
            Reach::Whole => {
                self.own_files(contract);
                self.whole(contract);
            }
            Reach::Enforced => {
                self.own_files(contract);
                self.policies(contract);
            }
            Reach::Bundle => {
                self.own_files(contract);
                self.sboms();
            }
            Reach::Documented => {
                self.own_files(contract);
                self.dependencies(contract, reach);
            }
            Reach::Compared | Reach::ComparedWhole | Reach::ComparedReferences => {
                self.compared(contract);
                match reach {
                    Reach::ComparedWhole => self.dependencies(contract, reach),
                    Reach::ComparedReferences => {
                        self.dependencies(contract, reach);
                        for reference in contract.policies.iter().map(|p| &p.reference) {
                            self.other(reference, None, reach);
                        }
                    }
                    _ => {}
                }
            }
            Reach::Contract => self.dependencies(contract, Reach::Contract),
            Reach::References => {
                self.dependencies(contract, Reach::References);
                let configurations = contract.configurations.iter().map(|c| &c.reference);
                let policies = contract.policies.iter().map(|p| &p.reference);
                for reference in configurations.chain(policies) {
                    self.other(reference, None, Reach::References);
                }
            }
            Reach::Policies => {
                self.policies(contract);
                if contract.policies.is_empty() {
                    self.data_file(Shared::Policy.usual_path());
                }
            }
            Reach::Configuration => self.configuration(contract),
        }
    }

    /// Whether what a fact is known of is collected. Of a text without a file there is nothing else.
    fn wants<T>(&self, fact: &Fact<T>) -> bool {
        let is_wanted = self.wanted == Wanted::Named || fact.is_pending();
        is_wanted && !matches!(self.root, Root::Buffer(_))
    }

    /// The file at `path`, which is named.
    fn file(&mut self, path: &str) -> SourceFile {
        let file = self.db.inputs().file(self.db, self.root, path);
        if self.wants(file.text(self.db)) {
            self.demands.push(Demand::File { root: self.root.clone(), path: path.to_owned() });
        }
        file
    }

    /// What the contract names of its own bundle.
    fn own_files(&mut self, contract: &Contract) {
        for field in contract.file_fields() {
            self.named_file(field);
        }
    }

    fn compared(&mut self, contract: &Contract) {
        self.own_files(contract);
        self.sboms();
        for shared in [Shared::Configuration, Shared::Policy] {
            self.data_file(shared.usual_path());
        }
        for configuration in &contract.configurations {
            self.other(&configuration.reference, None, Reach::Configuration);
        }
        for policy in &contract.policies {
            self.other(&policy.reference, None, Reach::Policies);
        }
    }

    fn sboms(&mut self) {
        let directory = self.db.inputs().directory(self.db, self.root);
        if let Fact::Ready(files) = directory.files(self.db) {
            for path in files.iter().filter(|path| crate::diff::is_sbom(path)) {
                self.file(path);
            }
        }
    }

    fn whole(&mut self, contract: &Contract) {
        for configuration in &contract.configurations {
            self.other(&configuration.reference, None, Reach::Configuration);
        }
        self.policies(contract);
        self.dependencies(contract, Reach::Contract);
        self.newer_versions(contract);
    }

    fn dependencies(&mut self, contract: &Contract, reach: Reach) {
        for dependency in &contract.dependencies {
            self.other(&dependency.reference, dependency.compatibility.get(), reach);
        }
    }

    /// The tags beside those that are pinned, for what there is besides.
    fn newer_versions(&mut self, contract: &Contract) {
        for reference in contract.dependencies.iter().filter_map(|d| d.reference.get()) {
            // The tag is perhaps about to be typed.
            let reference = reference.trim_end_matches([':', '@']);
            let Ok(ContractRef::Oci(oci)) = ContractRef::parse(reference) else { continue };
            let list = self.db.inputs().tag_list(self.db, &oci.repository());
            if self.wants(list.tags(self.db)) {
                self.demands.push(Demand::Tags { repository: oci.repository() });
            }
        }
    }

    fn policies(&mut self, contract: &Contract) {
        for policy in &contract.policies {
            self.named_file(&policy.schema);
            self.other(&policy.reference, None, Reach::Policies);
        }
    }

    fn configuration(&mut self, contract: &Contract) {
        self.data_file(Shared::Configuration.usual_path());
        for configuration in &contract.configurations {
            self.other(&configuration.reference, None, Reach::Configuration);
        }
    }

    fn other(&mut self, reference: &Field<String>, constraint: Option<&String>, reach: Reach) {
        let Some(reference) = reference.get().and_then(|text| ContractRef::parse(text).ok()) else {
            return;
        };
        let constraint = constraint.map(String::as_str);
        if self.wanted == Wanted::Named {
            self.demands.extend(rests_on(self.db, self.root, &reference, constraint));
        }
        match resolve(self.db, self.root, &reference, constraint) {
            Resolution::Found(target) => self.bundles.push((target.root, reach)),
            Resolution::Missing(demand) => self.demands.push(demand),
            Resolution::Failed(_) => {}
        }
    }

    fn named_file(&mut self, field: &Field<String>) {
        if let Some(path) = field.get().and_then(|text| BundlePath::parse(text).ok()) {
            self.data_file(path.as_str());
        }
    }

    /// A file with the files that its `$ref`s name.
    fn data_file(&mut self, path: &str) {
        let mut queue = vec![path.to_owned()];
        while let Some(path) = queue.pop() {
            if self.seen.contains(&path) {
                continue;
            }
            let file = self.file(&path);
            let own = BundlePath::parse(&path);
            let is_data = !path.ends_with(".proto");
            if !is_data && let Fact::Ready(proto) = queries::proto(self.db, file) {
                let imports = proto.imports.iter().map(|import| import.text.as_str());
                let imports = imports.filter(|import| !is_built_in(import));
                queue.extend(imports.flat_map(|import| import_candidates(&path, import)));
            }
            self.seen.insert(path);
            if let (true, Ok(own)) = (is_data, own) {
                let all = queries::references_of(self.db, file);
                let named = named_files(all.iter().map(|(reference, _)| &**reference));
                queue.extend(named.iter().filter_map(|r| own.join(r).ok()).map(|p| p.to_string()));
            }
        }
    }
}
