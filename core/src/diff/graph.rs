//! Two dependency graphs, walked together (3-diff, "Dependency graph diff").

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{ContractRef, Version};
use crate::graph::{Conflict, Edge, EdgeKind, Graph, Node, Outcome};
use crate::root::Root;

/// What happened to a node under its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeChange {
    Added { new: String },
    Removed { old: String },
    Version { old: String, new: String },
}

#[derive(Clone, Debug, PartialEq)]
pub struct GraphNode {
    pub name: String,
    pub version: String,
    pub kind: EdgeKind,
    pub change: Option<NodeChange>,
    /// Stands elsewhere with its children.
    pub is_shared: bool,
    pub is_unresolved: bool,
    pub is_local: bool,
    pub children: Vec<GraphNode>,
}

impl GraphNode {
    /// Whether something changed here or below.
    pub fn has_change(&self) -> bool {
        self.change.is_some() || self.children.iter().any(GraphNode::has_change)
    }
}

/// A changed service, once however often it occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphChange {
    pub name: String,
    pub change: NodeChange,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GraphDiff {
    pub root: GraphNode,
    /// By name.
    pub changes: Vec<GraphChange>,
    /// References of the new side, or of both, that lead nowhere: name, reference, why.
    pub unresolved: Vec<(String, String, String)>,
    /// Services that are in both graphs as different bundles: name, roots and versions of both, and
    /// the chains of names that lead there.
    pub common: Vec<CommonNode>,
    pub cycles: Vec<Vec<String>>,
    pub conflicts: Vec<Conflict>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CommonNode {
    pub name: String,
    pub old_root: Root,
    pub new_root: Root,
    pub old_version: String,
    pub new_version: String,
    pub via: Vec<Vec<String>>,
}

/// Upper bound on the chains that are listed for a service.
const MAX_CHAINS: usize = 20;

/// Walks two graphs together.
pub fn compare(old: &Graph, new: &Graph) -> GraphDiff {
    let (old_full, new_full) = (full_copies(&old.root), full_copies(&new.root));
    let mut walk = Walk {
        old_full: &old_full,
        new_full: &new_full,
        descended: BTreeSet::new(),
        changes: BTreeMap::new(),
        unresolved: Vec::new(),
    };
    walk.descended.insert(new.root.name.clone());
    let children = walk.children(&old.root, &new.root);
    let root = GraphNode {
        name: new.root.name.clone(),
        version: new.root.version.clone(),
        kind: EdgeKind::Dependency,
        change: None,
        is_shared: false,
        is_unresolved: false,
        is_local: new.root.is_local(),
        children,
    };
    let Walk { changes, unresolved, .. } = walk;
    let mut chains = BTreeMap::new();
    collect_chains(&new.root, &mut vec![new.root.name.clone()], &mut chains);
    let common = new_full.iter().filter_map(|(name, b)| {
        let a = old_full.get(name)?;
        let is_root = *name == new.root.name || *name == old.root.name;
        (!is_root && a.root != b.root).then(|| CommonNode {
            name: (*name).to_owned(),
            old_root: a.root.clone(),
            new_root: b.root.clone(),
            old_version: a.version.clone(),
            new_version: b.version.clone(),
            via: chains.remove(*name).unwrap_or_default(),
        })
    });
    GraphDiff {
        root,
        common: common.collect(),
        changes: changes.into_iter().map(|(name, change)| GraphChange { name, change }).collect(),
        unresolved,
        cycles: new.cycles.clone(),
        conflicts: new.conflicts.clone(),
    }
}

/// Each service with its children: the first that is not shared.
fn full_copies(root: &Node) -> BTreeMap<&str, &Node> {
    let mut found = BTreeMap::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        let slot: &mut &Node = found.entry(node.name.as_str()).or_insert(node);
        if slot.edges.is_empty() && !node.edges.is_empty() {
            *slot = node;
        }
        for edge in node.edges.iter().rev() {
            if let Outcome::Resolved { node, .. } = &edge.outcome {
                stack.push(node);
            }
        }
    }
    found
}

fn collect_chains(
    node: &Node,
    path: &mut Vec<String>,
    chains: &mut BTreeMap<String, Vec<Vec<String>>>,
) {
    for edge in &node.edges {
        if let Outcome::Resolved { node, .. } = &edge.outcome {
            path.push(node.name.clone());
            let list = chains.entry(node.name.clone()).or_default();
            if list.len() < MAX_CHAINS {
                list.push(path.clone());
            }
            collect_chains(node, path, chains);
            path.pop();
        }
    }
}

struct Walk<'g> {
    old_full: &'g BTreeMap<&'g str, &'g Node>,
    new_full: &'g BTreeMap<&'g str, &'g Node>,
    descended: BTreeSet<String>,
    changes: BTreeMap<String, NodeChange>,
    unresolved: Vec<(String, String, String)>,
}

fn target(edge: &Edge) -> Option<&Node> {
    match &edge.outcome {
        Outcome::Resolved { node, .. } => Some(node),
        Outcome::Failed { .. } => None,
    }
}

/// A reference without tag and digest.
fn place(reference: &str) -> String {
    ContractRef::parse(reference).map_or_else(|_| reference.to_owned(), |r| r.repository())
}

fn is_cycle(edge: &Edge) -> bool {
    matches!(edge.outcome, Outcome::Failed { is_cycle: true, .. })
}

impl Walk<'_> {
    fn note(&mut self, name: &str, change: &NodeChange) {
        self.changes.entry(name.to_owned()).or_insert_with(|| change.clone());
    }

    fn children(&mut self, old: &Node, new: &Node) -> Vec<GraphNode> {
        let mut children = Vec::new();
        for edge in new.edges.iter().filter(|edge| !is_cycle(edge)) {
            let same_place = old
                .edges
                .iter()
                .find(|e| e.kind == edge.kind && place(&e.reference) == place(&edge.reference));
            let Some(b) = target(edge) else {
                children.push(self.lost(edge));
                continue;
            };
            let by_name = old
                .edges
                .iter()
                .filter(|e| e.kind == edge.kind)
                .filter_map(target)
                .find(|a| a.name == b.name);
            let change = match by_name {
                Some(a) if is_same_version(&a.version, &b.version) => None,
                Some(a) => {
                    Some(NodeChange::Version { old: a.version.clone(), new: b.version.clone() })
                }
                // What did not resolve before is not new.
                None if same_place.is_some_and(|e| target(e).is_none()) => None,
                None => Some(NodeChange::Added { new: b.version.clone() }),
            };
            if let Some(change) = &change {
                self.note(&b.name, change);
            }
            let is_shared = matches!(edge.outcome, Outcome::Resolved { is_shared: true, .. });
            let mut below = Vec::new();
            if by_name.is_some() && self.descended.insert(b.name.clone()) {
                let a = self.old_full.get(b.name.as_str()).copied();
                let full = self.new_full.get(b.name.as_str()).copied();
                if let (Some(a), Some(b)) = (a, full) {
                    below = self.children(a, b);
                }
            }
            children.push(GraphNode {
                name: b.name.clone(),
                version: b.version.clone(),
                kind: edge.kind,
                change,
                is_shared,
                is_unresolved: false,
                is_local: b.is_local(),
                children: below,
            });
        }
        self.removed(old, new, &mut children);
        children
    }

    fn lost(&mut self, edge: &Edge) -> GraphNode {
        let name = ContractRef::parse(&edge.reference)
            .map_or_else(|_| edge.reference.clone(), |r| r.default_name().to_owned());
        let why = match &edge.outcome {
            Outcome::Failed { message, .. } => message.clone(),
            Outcome::Resolved { .. } => String::new(),
        };
        self.unresolved.push((name.clone(), edge.reference.clone(), why));
        GraphNode {
            name,
            version: String::new(),
            kind: edge.kind,
            change: None,
            is_shared: false,
            is_unresolved: true,
            is_local: false,
            children: Vec::new(),
        }
    }

    fn removed(&mut self, old: &Node, new: &Node, children: &mut Vec<GraphNode>) {
        for edge in &old.edges {
            let Some(a) = target(edge) else { continue };
            let is_kept = new.edges.iter().any(|e| {
                let same = target(e).is_some_and(|b| b.name == a.name);
                let lost = target(e).is_none() && place(&e.reference) == place(&edge.reference);
                e.kind == edge.kind && (same || lost)
            });
            if is_kept {
                continue;
            }
            let change = NodeChange::Removed { old: a.version.clone() };
            self.note(&a.name, &change);
            children.push(GraphNode {
                name: a.name.clone(),
                version: a.version.clone(),
                kind: edge.kind,
                change: Some(change),
                is_shared: false,
                is_unresolved: false,
                is_local: a.is_local(),
                children: Vec::new(),
            });
        }
    }
}

fn is_same_version(a: &str, b: &str) -> bool {
    match (Version::parse(a), Version::parse(b)) {
        (Ok(a), Ok(b)) => a.normal.cmp_precedence(&b.normal).is_eq(),
        _ => a == b,
    }
}
