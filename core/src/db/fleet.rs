//! The index over the workspace as queries. An edit that touches neither names nor references of a
//! contract makes nothing of it anew.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::resolve::{Resolution, resolve};
use super::{CONTRACT_FILE, Db, SourceFile, Workspace, queries};
use crate::contract::{Constraint, Contract, ContractRef, Field, Version, tags};
use crate::fact::Fact;
use crate::fleet::{self, Dependent, Fleet, Hit, Member, Profile, Use, UseKind};
use crate::root::Root;
use crate::yaml::NodeId;

/// The name of the service that a contract file describes.
#[salsa::tracked(returns(ref))]
pub fn service_name(db: &dyn Db, file: SourceFile) -> Option<String> {
    queries::base_contract(db, file).ready()?.name().map(str::to_owned)
}

/// Who a contract is.
#[salsa::tracked(returns(ref))]
pub fn profile(db: &dyn Db, file: SourceFile) -> Profile {
    queries::base_contract(db, file).ready().map(Profile::of).unwrap_or_default()
}

/// The references of a contract to others and where they lead, as far as that is known.
#[salsa::tracked(returns(ref))]
pub fn uses(db: &dyn Db, file: SourceFile) -> Vec<Use> {
    let Fact::Ready(contract) = queries::base_contract(db, file) else { return Vec::new() };
    let each = references(contract).filter_map(|(kind, index, reference, constraint)| {
        let reference = ContractRef::parse(reference.get()?).ok()?;
        let constraint = constraint.cloned();
        let target = match resolve(db, file.root(db), &reference, constraint.as_deref()) {
            Resolution::Found(target) => Some(target.root),
            _ => None,
        };
        Some(Use { kind, index, reference, constraint, target })
    });
    each.collect()
}

/// Kind, place among its kind, reference and constraint.
fn references(
    contract: &Contract,
) -> impl Iterator<Item = (UseKind, usize, &Field<String>, Option<&String>)> {
    let dependencies = contract.dependencies.iter().enumerate();
    let dependencies =
        dependencies.map(|(i, d)| (UseKind::Dependency, i, &d.reference, d.compatibility.get()));
    let configurations = contract.configurations.iter().enumerate();
    let configurations =
        configurations.map(|(i, c)| (UseKind::Configuration, i, &c.reference, None));
    let policies = contract.policies.iter().enumerate();
    let policies = policies.map(|(i, p)| (UseKind::Policy, i, &p.reference, None));
    dependencies.chain(configurations).chain(policies)
}

fn dependencies(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = (&Use, &Root)> {
    let all = uses(db, file).iter().filter(|used| used.kind == UseKind::Dependency);
    all.filter_map(|used| Some((used, used.target.as_ref()?)))
}

fn contract_of(db: &dyn Db, root: &Root) -> SourceFile {
    db.inputs().file(db, root, CONTRACT_FILE)
}

/// The index over the workspace and everything that it leads to.
#[salsa::tracked(returns(ref))]
pub fn fleet_index(db: &dyn Db, workspace: Workspace) -> Fleet {
    let own = workspace.roots(db);
    let mut reached: BTreeSet<&Root> = own.iter().collect();
    let mut queue: Vec<&Root> = own.iter().collect();
    while let Some(root) = queue.pop() {
        for target in uses(db, contract_of(db, root)).iter().filter_map(|u| u.target.as_ref()) {
            if reached.insert(target) {
                queue.push(target);
            }
        }
    }
    let own: FxHashSet<&Root> = own.iter().collect();
    let member = |root| {
        let file = contract_of(db, root);
        let name = service_name(db, file).as_deref();
        Member { root, is_own: own.contains(root), name, uses: uses(db, file) }
    };
    Fleet::new(&reached.into_iter().map(member).collect::<Vec<_>>())
}

/// The versions of a service that are known, highest first: of its contracts in reach of the
/// workspace, and the tags of its repository.
pub fn versions(db: &dyn Db, name: &str) -> Vec<String> {
    let fleet = fleet_index(db, db.inputs().workspace(db));
    let own = fleet.named(name).iter();
    let own = own.filter_map(|root| profile(db, contract_of(db, root)).version.clone());
    let mut all: Vec<Version> = own.filter_map(|text| Version::parse(&text).ok()).collect();
    if let Some(repository) = fleet.repository(name)
        && let Fact::Ready(list) = db.inputs().tag_list(db, repository).tags(db)
    {
        all.extend(tags::versions(list).into_iter().map(|tag| tag.version));
    }
    all.sort_by(|a, b| b.cmp(a));
    let mut written: Vec<String> = all.into_iter().map(|version| version.written).collect();
    written.dedup();
    written
}

/// The contracts of the workspace that a person may mean, best first.
pub fn search(db: &dyn Db, query: &str, limit: usize) -> Vec<Hit> {
    let roots = db.inputs().workspace(db).roots(db).iter();
    fleet::search(roots.map(|root| (root, profile(db, contract_of(db, root)))), query, limit)
}

/// The node of the reference by which a contract uses another.
pub fn reference_node(db: &dyn Db, dependent: &Dependent) -> Option<NodeId> {
    let contract = queries::base_contract(db, contract_of(db, &dependent.root)).ready()?;
    let mut all = references(contract);
    let (_, _, reference, _) =
        all.find(|(kind, index, ..)| (*kind, *index) == (dependent.kind, dependent.index))?;
    reference.place().map(|place| place.node)
}

/// A repository that a contract of the workspace names for the service `name`.
pub fn repository_of(db: &dyn Db, name: &str) -> Option<String> {
    fleet_index(db, db.inputs().workspace(db)).repository(name).map(str::to_owned)
}

/// The services that are wanted in ranges without a common version, anywhere in reach of the
/// workspace. There are few or none, so that rules need not walk the graph of each contract.
#[salsa::tracked(returns(ref))]
pub fn contested(db: &dyn Db, workspace: Workspace) -> FxHashSet<String> {
    let mut wanted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut seen: FxHashSet<&Root> = workspace.roots(db).iter().collect();
    let mut queue: Vec<&Root> = seen.iter().copied().collect();
    while let Some(root) = queue.pop() {
        for (used, target) in dependencies(db, contract_of(db, root)) {
            if let Some(constraint) = &used.constraint {
                wanted.entry(used.reference.identity(target)).or_default().insert(constraint);
            }
            if seen.insert(target) {
                queue.push(target);
            }
        }
    }
    let is_contested = |texts: &BTreeSet<&str>| {
        let parsed: Vec<Constraint> =
            texts.iter().filter_map(|text| Constraint::parse(text).ok()).collect();
        let pairs =
            parsed.iter().enumerate().flat_map(|(i, a)| parsed[..i].iter().map(move |b| (a, b)));
        pairs.into_iter().any(|(a, b)| !Constraint::have_common_version(&[a.clone(), b.clone()]))
    };
    let found = wanted.into_iter().filter(|(_, texts)| texts.len() > 1 && is_contested(texts));
    found.map(|(identity, _)| identity).collect()
}

/// The bundles from which dependencies lead back to themselves.
#[salsa::tracked(returns(ref))]
pub fn cyclic_roots(db: &dyn Db, workspace: Workspace) -> FxHashSet<Root> {
    let successors = |root: &Root| dependency_roots(db, contract_of(db, root)).as_slice();
    crate::graph::cyclic_nodes(workspace.roots(db), successors)
}

/// The bundles that a contract's dependencies lead to, as far as they are known. A published bundle
/// of a contract in the workspace counts as that contract: what a registry holds is what was pushed
/// from there.
#[salsa::tracked(returns(ref))]
pub fn dependency_roots(db: &dyn Db, file: SourceFile) -> Vec<Root> {
    let source = |root: &Root| {
        let name = root.is_published().then(|| service_name(db, contract_of(db, root)).as_ref());
        let own = workspace_names(db, db.inputs().workspace(db));
        name.flatten().and_then(|name| own.get(name)).unwrap_or(root).clone()
    };
    dependencies(db, file).map(|(_, target)| source(target)).collect()
}

/// The folders of the workspace by service name.
#[salsa::tracked(returns(ref))]
fn workspace_names(db: &dyn Db, workspace: Workspace) -> BTreeMap<String, Root> {
    let named = workspace
        .roots(db)
        .iter()
        .filter_map(|root| Some((service_name(db, contract_of(db, root)).clone()?, root.clone())));
    named.collect()
}
