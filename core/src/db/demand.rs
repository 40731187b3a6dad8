//! What is reachable from a contract and not there yet.

use rustc_hash::FxHashSet;

use super::view::join;
use super::{CONTRACT_FILE, Db, SourceFile, queries};
use crate::contract::{Contract, ContractRef, Field};
use crate::fact::Fact;
use crate::spec::{BundlePath, file_references};

/// Something to be read by the edge.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Demand {
    File { root: String, path: String },
    Listing { root: String },
}

/// How much of a bundle is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// The contract and everything that it names.
    Whole,
    /// The contract alone, as a dependency.
    Contract,
    /// The contract and its policies.
    Policies,
    /// The contract and the schema that it shares.
    Configuration,
}

/// What is missing of one bundle, and the other bundles that it leads to.
pub(crate) fn demand(db: &dyn Db, root: &str, reach: Reach) -> (Vec<Demand>, Vec<(String, Reach)>) {
    let mut walk =
        Walk { db, root, demands: Vec::new(), bundles: Vec::new(), seen: FxHashSet::default() };
    walk.bundle(reach);
    (walk.demands, walk.bundles)
}

struct Walk<'db> {
    db: &'db dyn Db,
    root: &'db str,
    demands: Vec<Demand>,
    bundles: Vec<(String, Reach)>,
    seen: FxHashSet<String>,
}

impl<'db> Walk<'db> {
    fn bundle(&mut self, reach: Reach) {
        if reach == Reach::Whole {
            let directory = self.db.inputs().directory(self.db, self.root);
            if directory.files(self.db).is_pending() {
                self.demands.push(Demand::Listing { root: self.root.to_owned() });
            }
        }
        let file = self.file(CONTRACT_FILE);
        let Fact::Ready(contract) = queries::base_contract(self.db, file) else { return };
        match reach {
            Reach::Whole => self.whole(contract),
            Reach::Contract => self.dependencies(contract),
            Reach::Policies => {
                self.policies(contract);
                if contract.policies.is_empty() {
                    self.data_file("policy/schema.json");
                }
            }
            Reach::Configuration => self.configuration(contract),
        }
    }

    /// The file at `path`, demanded if it is pending.
    fn file(&mut self, path: &str) -> SourceFile {
        let file = self.db.inputs().file(self.db, self.root, path);
        if file.text(self.db).is_pending() {
            self.demands.push(Demand::File { root: self.root.to_owned(), path: path.to_owned() });
        }
        file
    }

    fn whole(&mut self, contract: &Contract) {
        let interfaces = contract.interfaces.iter().map(|i| &i.contract);
        let configurations = contract.configurations.iter().map(|c| &c.schema);
        for field in interfaces.chain(configurations) {
            self.named_file(field);
        }
        for configuration in &contract.configurations {
            self.other(&configuration.reference, Reach::Configuration);
        }
        self.policies(contract);
        self.dependencies(contract);
    }

    fn dependencies(&mut self, contract: &Contract) {
        for dependency in &contract.dependencies {
            self.other(&dependency.reference, Reach::Contract);
        }
    }

    fn policies(&mut self, contract: &Contract) {
        for policy in &contract.policies {
            self.named_file(&policy.schema);
            self.other(&policy.reference, Reach::Policies);
        }
    }

    fn configuration(&mut self, contract: &Contract) {
        self.data_file("configuration/schema.json");
        for configuration in &contract.configurations {
            self.other(&configuration.reference, Reach::Configuration);
        }
    }

    fn other(&mut self, reference: &Field<String>, reach: Reach) {
        let parsed = reference.get().and_then(|text| ContractRef::parse(text).ok());
        if let Some(ContractRef::Local(path)) = parsed {
            self.bundles.push((join(self.root, &path), reach));
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
            self.seen.insert(path);
            if let (true, Ok(own), Fact::Ready(document)) =
                (is_data, own, queries::document(self.db, file))
            {
                let named = file_references(&document.value);
                queue.extend(named.iter().filter_map(|r| own.join(r).ok()).map(|p| p.to_string()));
            }
        }
    }
}
