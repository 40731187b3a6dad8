//! The dependency graph of a contract as a tree (5-oci, "The dependency graph").
//!
//! Built depth first in declared order, whatever the order in which bundles were fetched: the first
//! occurrence of a bundle carries its children, later ones are shared.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::bundle::BundleView;
use crate::contract::{Constraint, Contract, ContractRef, Field, Version};
use crate::fact::{Fact, Failure, RegistryCode};
use crate::root::Root;
use crate::text::mask_credentials;

/// Upper bound on the nodes.
pub const MAX_NODES: usize = 5_000;
/// Upper bound on the levels below the root.
pub const MAX_DEPTH: usize = 64;

/// Whether the references to configurations and policies are followed, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    #[default]
    None,
    With,
    Only,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub references: References,
    /// Upper bound on the levels that are shown below the root.
    pub depth: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    pub root: Node,
    /// Each from its smallest service name around to it again; sorted.
    pub cycles: Vec<Vec<String>>,
    /// By name.
    pub conflicts: Vec<Conflict>,
}

/// One service name with several versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub name: String,
    /// By precedence.
    pub versions: Vec<String>,
}

/// A contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub root: Root,
    pub name: String,
    pub version: String,
    /// The reference that led here, as written; none for the root of the graph.
    pub reference: Option<String>,
    /// The tag that was named or chosen.
    pub tag: Option<String>,
    pub edges: Vec<Edge>,
}

impl Node {
    /// Repository and digest of a bundle in a registry.
    pub fn published(&self) -> Option<(&str, &str)> {
        match &self.root {
            Root::Published { repository, digest } => Some((repository, digest)),
            _ => None,
        }
    }

    pub fn is_local(&self) -> bool {
        !self.root.is_published()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    Dependency,
    Configuration,
    Policy,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    pub kind: EdgeKind,
    /// As written.
    pub reference: String,
    pub required: bool,
    /// Empty where none is written.
    pub compatibility: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Resolved {
        node: Node,
        /// Whether it stands elsewhere with its children.
        is_shared: bool,
        /// Whether its version satisfies `compatibility`.
        is_compatible: bool,
        /// Whether a folder of the same name stands for a registry reference.
        is_substitute: bool,
    },
    /// Not followed, with the name of the kind of failure and why.
    Failed { code: &'static str, message: String, is_cycle: bool },
}

/// The graph below `contract`, the contract of `bundle` with its overrides.
pub fn build(bundle: &dyn BundleView, contract: &Contract, options: Options) -> Graph {
    let (name, version) = identity(contract);
    let mut builder = Builder {
        options,
        root_name: name.clone(),
        ancestors: vec![(bundle.root().clone(), name.clone())],
        placed: FxHashSet::from_iter([bundle.root().clone()]),
        cycles: BTreeSet::new(),
        versions: BTreeMap::from_iter([(name.clone(), BTreeSet::from_iter([version.clone()]))]),
    };
    let edges = builder.edges(bundle, contract);
    let root =
        Node { root: bundle.root().clone(), name, version, reference: None, tag: None, edges };
    Graph {
        root,
        cycles: builder.cycles.into_iter().collect(),
        conflicts: conflicts(builder.versions),
    }
}

fn identity(contract: &Contract) -> (String, String) {
    let service = contract.service.as_ref();
    let text = |field: Option<&Field<String>>| field.and_then(|f| f.get()).cloned();
    let name = text(service.map(|s| &s.name)).unwrap_or_else(|| "unnamed".into());
    (name, text(service.map(|s| &s.version)).unwrap_or_else(|| "unversioned".into()))
}

fn conflicts(versions: BTreeMap<String, BTreeSet<String>>) -> Vec<Conflict> {
    let several = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    several
        .map(|(name, versions)| {
            let mut versions: Vec<String> = versions.into_iter().collect();
            versions.sort_by_key(|text| (Version::parse(text).ok(), text.clone()));
            Conflict { name, versions }
        })
        .collect()
}

struct Builder {
    options: Options,
    root_name: String,
    /// Root and service name of each node from the graph's root down to here.
    ancestors: Vec<(Root, String)>,
    /// The bundles that stand in the tree already.
    placed: FxHashSet<Root>,
    cycles: BTreeSet<Vec<String>>,
    /// The versions of each service that dependencies lead to.
    versions: BTreeMap<String, BTreeSet<String>>,
}

impl Builder {
    fn edges(&mut self, bundle: &dyn BundleView, contract: &Contract) -> Vec<Edge> {
        let level = self.ancestors.len();
        if self.options.depth.is_some_and(|depth| level > depth) {
            return Vec::new();
        }
        let mut edges = Vec::new();
        if self.options.references != References::Only {
            for dependency in &contract.dependencies {
                let Some(reference) = dependency.reference.get() else { continue };
                edges.push(Edge {
                    kind: EdgeKind::Dependency,
                    reference: reference.clone(),
                    required: dependency.required.get().copied().unwrap_or(false),
                    compatibility: dependency.compatibility.get().cloned().unwrap_or_default(),
                    outcome: self.outcome(
                        bundle,
                        reference,
                        dependency.compatibility.get(),
                        EdgeKind::Dependency,
                    ),
                });
            }
        }
        if self.options.references != References::None {
            for (kind, reference) in references(contract) {
                edges.push(Edge {
                    kind,
                    reference: reference.clone(),
                    required: true,
                    compatibility: String::new(),
                    outcome: self.outcome(bundle, reference, None, kind),
                });
            }
        }
        edges
    }

    fn outcome(
        &mut self,
        from: &dyn BundleView,
        text: &str,
        constraint: Option<&String>,
        kind: EdgeKind,
    ) -> Outcome {
        let reference = match ContractRef::parse(text) {
            Ok(reference) => reference,
            Err(error) => {
                let message = format!("invalid reference \"{}\": {error}", mask_credentials(text));
                return failed(RegistryCode::InvalidRef.text(), message);
            }
        };
        let followed = match from.follow(&reference, constraint.map(String::as_str)) {
            Fact::Ready(followed) => followed,
            Fact::Pending => return not_fetched(text),
            Fact::Failed(failure) => return failure_of(text, &failure),
        };
        let contract = match followed.bundle.contract() {
            Fact::Ready(contract) => contract,
            Fact::Pending => return not_fetched(text),
            Fact::Failed(failure) => return failure_of(text, &failure),
        };
        let root = followed.bundle.root().clone();
        let (name, version) = identity(contract);
        if let Some(at) = self.ancestor(&root, &name, kind) {
            return self.cycle(at, text, kind);
        }
        if kind == EdgeKind::Dependency {
            self.versions.entry(name.clone()).or_default().insert(version.clone());
        }
        let is_compatible = constraint.is_none_or(|text| is_compatible(text, &version));
        let is_shared = !self.placed.insert(root.clone());
        if let Some(limit) = self.limit().filter(|_| !is_shared) {
            return failed(RegistryCode::TooLarge.text(), limit);
        }
        let mut node = Node {
            root: root.clone(),
            name: name.clone(),
            version,
            reference: Some(text.to_owned()),
            tag: followed.tag.clone(),
            edges: Vec::new(),
        };
        if !is_shared {
            self.ancestors.push((root, name));
            node.edges = self.edges(&*followed.bundle, contract);
            self.ancestors.pop();
        }
        Outcome::Resolved { node, is_shared, is_compatible, is_substitute: followed.is_substitute }
    }

    fn limit(&self) -> Option<String> {
        if self.placed.len() > MAX_NODES {
            return Some(format!("the graph has more than {MAX_NODES} nodes"));
        }
        (self.ancestors.len() > MAX_DEPTH)
            .then(|| format!("the graph is more than {MAX_DEPTH} levels deep"))
    }

    /// Where on the way down the same bundle stands, or the root's service by name.
    fn ancestor(&self, root: &Root, name: &str, kind: EdgeKind) -> Option<usize> {
        let by_root = self.ancestors.iter().position(|(ancestor, _)| ancestor == root);
        let is_root = kind == EdgeKind::Dependency && name == self.root_name;
        by_root.or(is_root.then_some(0))
    }

    fn cycle(&mut self, at: usize, text: &str, kind: EdgeKind) -> Outcome {
        if kind == EdgeKind::Dependency {
            let names: Vec<&String> = self.ancestors[at..].iter().map(|(_, name)| name).collect();
            let smallest = (0..names.len()).min_by_key(|i| names[*i]).unwrap_or(0);
            let around = (0..=names.len()).map(|i| names[(smallest + i) % names.len()].clone());
            self.cycles.insert(around.collect());
        }
        let message = format!("cycle detected: {text}");
        Outcome::Failed { code: "CYCLE", message, is_cycle: true }
    }
}

/// The references of a contract to configurations and policies, each once.
fn references(contract: &Contract) -> Vec<(EdgeKind, &String)> {
    let configurations =
        contract.configurations.iter().map(|c| (EdgeKind::Configuration, &c.reference));
    let policies = contract.policies.iter().map(|p| (EdgeKind::Policy, &p.reference));
    let mut found: Vec<(EdgeKind, &String)> = Vec::new();
    for (kind, field) in configurations.chain(policies) {
        let Some(text) = field.get() else { continue };
        if found.iter().all(|(_, other)| *other != text) {
            found.push((kind, text));
        }
    }
    found
}

fn is_compatible(constraint: &str, version: &str) -> bool {
    match (Constraint::parse(constraint), Version::parse(version)) {
        (Ok(constraint), Ok(version)) => constraint.matches(&version),
        _ => false,
    }
}

fn failed(code: &'static str, message: String) -> Outcome {
    Outcome::Failed { code, message, is_cycle: false }
}

fn not_fetched(text: &str) -> Outcome {
    let shown = text.strip_prefix("oci://").unwrap_or(text);
    failed(RegistryCode::Unreachable.text(), format!("not fetched: {shown}"))
}

fn failure_of(text: &str, failure: &Failure) -> Outcome {
    match failure {
        Failure::Registry(failure) => failed(failure.code.text(), failure.message.clone()),
        Failure::NotFound => {
            failed(RegistryCode::NotFound.text(), format!("there is no pacto.yaml at {text}"))
        }
        failure => {
            failed(RegistryCode::InvalidBundle.text(), format!("{text} cannot be used: {failure}"))
        }
    }
}
