//! Contracts and what they refer to, as nodes and edges, and pictures of these.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;

use pacto_core::doc::label;
use serde_json::{Value, json};

/// A contract, or a reference that leads to none.
pub struct Node {
    pub id: String,
    pub name: String,
    pub version: String,
    pub owner: Option<String>,
    pub source: &'static str,
    pub is_external: bool,
    /// Steps from the first one; above it negative.
    pub depth: i64,
}

pub struct Edge {
    pub from: String,
    pub to: String,
    pub kind: &'static str,
    pub is_required: bool,
    pub compatibility: String,
    pub error: Option<String>,
}

#[derive(Default)]
pub struct Net {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    ids: HashSet<String>,
}

impl Net {
    /// Adds a node unless it is there; returns whether it was added.
    pub fn add(&mut self, node: Node) -> bool {
        let is_new = self.ids.insert(node.id.clone());
        if is_new {
            self.nodes.push(node);
        }
        is_new
    }

    /// Keeps the first nodes, and the edges between them; returns how many nodes were left out.
    pub fn cut(&mut self, most: usize) -> usize {
        let omitted = self.nodes.len().saturating_sub(most);
        self.nodes.truncate(most);
        self.ids = self.nodes.iter().map(|node| node.id.clone()).collect();
        let ids = &self.ids;
        self.edges.retain(|edge| ids.contains(&edge.from) && ids.contains(&edge.to));
        omitted
    }

    pub fn json_nodes(&self) -> Value {
        let each = self.nodes.iter().map(|node| {
            let mut out = json!({
                "id": node.id, "name": node.name, "version": node.version, "source": node.source,
                "external": node.is_external, "depth": node.depth,
            });
            if let Some(owner) = &node.owner {
                out["owner"] = json!(owner);
            }
            out
        });
        each.collect()
    }

    pub fn json_edges(&self) -> Value {
        let each = self.edges.iter().map(|edge| {
            let mut out = json!({
                "from": edge.from, "to": edge.to, "kind": edge.kind, "required": edge.is_required,
                "compatibility": edge.compatibility, "resolved": edge.error.is_none(),
            });
            if let Some(error) = &edge.error {
                out["error"] = json!(error);
            }
            out
        });
        each.collect()
    }

    /// The circles that dependencies make, each from its smallest name around to it again.
    pub fn cycles(&self) -> Vec<Vec<String>> {
        let numbers = self.numbers();
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for edge in self.edges.iter().filter(|edge| edge.kind == "dependency") {
            let ends = (numbers.get(edge.from.as_str()), numbers.get(edge.to.as_str()));
            if let (Some(&from), Some(&to)) = ends {
                below[from].push(to);
            }
        }
        let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
        let mut is_done = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            // The way down to here, each with the number of the next edge to follow.
            let mut way = vec![(start, 0)];
            while let Some((at, next)) = way.last_mut() {
                let at = *at;
                let to = below[at].get(*next).copied().filter(|_| !is_done[at]);
                *next += 1;
                match to {
                    None => {
                        is_done[at] = true;
                        way.pop();
                    }
                    Some(to) => match way.iter().position(|(node, _)| *node == to) {
                        Some(first) => {
                            found.insert(self.around(way[first..].iter().map(|(node, _)| *node)));
                        }
                        None if !is_done[to] => way.push((to, 0)),
                        None => {}
                    },
                }
            }
        }
        found.into_iter().collect()
    }

    fn around(&self, circle: impl Iterator<Item = usize>) -> Vec<String> {
        let names: Vec<&String> = circle.map(|node| &self.nodes[node].name).collect();
        let smallest = (0..names.len()).min_by_key(|i| names[*i]).unwrap_or(0);
        (0..=names.len()).map(|i| names[(smallest + i) % names.len()].clone()).collect()
    }

    fn numbers(&self) -> BTreeMap<&str, usize> {
        self.nodes.iter().enumerate().map(|(i, node)| (node.id.as_str(), i)).collect()
    }

    /// A Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        let numbers = self.numbers();
        let mut out = String::from("graph TB\n");
        for (i, node) in self.nodes.iter().enumerate() {
            let _ = writeln!(out, "  n{i}[\"{} {}\"]", label(&node.name), label(&node.version));
        }
        for edge in &self.edges {
            let ends = (numbers.get(edge.from.as_str()), numbers.get(edge.to.as_str()));
            if let (Some(from), Some(to)) = ends {
                let arrow = if edge.is_required { "-->" } else { "-.->" };
                let _ = writeln!(out, "  n{from} {arrow} n{to}");
            }
        }
        out
    }

    /// A graph for Graphviz.
    pub fn dot(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let numbers = self.numbers();
        let mut out = String::from("digraph contracts {\n");
        for (i, node) in self.nodes.iter().enumerate() {
            let text = quoted(&format!("{} {}", node.name, node.version));
            let _ = writeln!(out, "  n{i} [label={text}];");
        }
        for edge in &self.edges {
            let ends = (numbers.get(edge.from.as_str()), numbers.get(edge.to.as_str()));
            if let (Some(from), Some(to)) = ends {
                let style = if edge.is_required { "solid" } else { "dashed" };
                let _ = writeln!(out, "  n{from} -> n{to} [style={style}];");
            }
        }
        out.push_str("}\n");
        out
    }

    /// Each node with what it refers to below it; what stood already is not followed again.
    pub fn tree(&self) -> String {
        let numbers = self.numbers();
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut is_used = vec![false; self.nodes.len()];
        for edge in &self.edges {
            let ends = (numbers.get(edge.from.as_str()), numbers.get(edge.to.as_str()));
            if let (Some(&from), Some(&to)) = ends {
                below[from].push(to);
                is_used[to] = true;
            }
        }
        let mut seen = vec![false; self.nodes.len()];
        let mut out = String::new();
        let starts = (0..self.nodes.len()).filter(|i| !is_used[*i]);
        // In a circle nothing is unused.
        for start in starts.chain(0..self.nodes.len()).collect::<Vec<_>>() {
            let mut stack = vec![(start, 0)];
            while let Some((at, depth)) = stack.pop() {
                if depth == 0 && seen[at] {
                    continue;
                }
                let node = &self.nodes[at];
                let again = if seen[at] && !below[at].is_empty() { " (above)" } else { "" };
                let indent = "  ".repeat(depth);
                let _ = writeln!(out, "{indent}{}@{}{again}", node.name, node.version);
                if !std::mem::replace(&mut seen[at], true) {
                    stack.extend(below[at].iter().rev().map(|to| (*to, depth + 1)));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(edges: &[(&str, &str)]) -> Net {
        let mut net = Net::default();
        for (from, to) in edges {
            for id in [from, to] {
                let (id, name, version) = (id.to_string(), id.to_string(), "1".to_owned());
                let (owner, source, is_external, depth) = (None, "local", false, 0);
                net.add(Node { id, name, version, owner, source, is_external, depth });
            }
            net.edges.push(Edge {
                from: from.to_string(),
                to: to.to_string(),
                kind: "dependency",
                is_required: true,
                compatibility: String::new(),
                error: None,
            });
        }
        net
    }

    #[test]
    fn circles_and_pictures() {
        let net = net(&[("a", "b"), ("b", "c"), ("c", "b"), ("a", "c"), ("d", "d")]);
        assert_eq!(net.cycles(), [vec!["b", "c", "b"], vec!["d", "d"]]);
        assert_eq!(
            net.tree(),
            "a@1\n  b@1\n    c@1\n      b@1 (above)\n  c@1 (above)\nd@1\n  d@1 (above)\n"
        );
        assert!(net.mermaid().contains("n0[\"a 1\"]") && net.mermaid().contains("n0 --> n1"));
        assert!(net.dot().contains("n0 [label=\"a 1\"];"));
    }

    #[test]
    fn what_is_cut_takes_its_edges_along() {
        let mut net = net(&[("a", "b"), ("b", "c")]);
        assert_eq!(net.cut(2), 1);
        assert_eq!((net.nodes.len(), net.edges.len()), (2, 1));
    }
}
