//! `pacto/graph`: what a contract uses and who uses it.

use pacto_core::ContractKey;
use pacto_core::fleet::UseKind;
use pacto_core::ide::neighbours::{self, Neighbour, Step};

use super::commands::workspace::counts;
use crate::extension::{Direction, Graph, GraphEdge, GraphNode, GraphParams};
use crate::snapshot::Snapshot;

pub(crate) fn graph(snapshot: &Snapshot, params: GraphParams) -> Option<Graph> {
    let (key, _) = snapshot.place(&params.uri)?;
    let options = neighbours::Options {
        direction: match params.direction {
            Direction::Dependencies => neighbours::Direction::Uses,
            Direction::Dependents => neighbours::Direction::Users,
            Direction::Both => neighbours::Direction::Both,
        },
        depth: params.depth,
        with_references: params.references,
    };
    let found = snapshot.analysis.neighbours(&key.root, options);
    Some(Graph {
        root: found.nodes.first()?.root.to_string(),
        nodes: found.nodes.iter().map(|node| shown(snapshot, node)).collect(),
        edges: found.edges.into_iter().map(edge).collect(),
        is_truncated: found.is_cut,
    })
}

fn shown(snapshot: &Snapshot, node: &Neighbour) -> GraphNode {
    let key = ContractKey::from(node.root.clone());
    let is_own = snapshot.analysis.has_contract(&key);
    GraphNode {
        id: node.root.to_string(),
        name: node.profile.name.clone(),
        version: node.profile.version.clone(),
        owner: node.profile.owner.clone(),
        uri: snapshot.uri(&key.file()).0,
        local: !node.root.is_published(),
        in_cycle: node.is_in_cycle,
        findings: is_own.then(|| counts(snapshot, &key)),
    }
}

fn edge(step: Step) -> GraphEdge {
    let kind = match step.kind {
        UseKind::Dependency => "dependency",
        UseKind::Configuration => "configuration",
        UseKind::Policy => "policy",
    };
    GraphEdge {
        from: step.from.to_string(),
        to: step.to.map(|root| root.to_string()),
        kind: kind.to_owned(),
        reference: step.reference,
        required: step.required,
        constraint: step.constraint,
        resolved: step.resolved,
        compatible: step.is_compatible,
        problem: step.problem,
    }
}
