//! Renderings of a dependency graph (5-oci, "Tree"; 4-cli, `graph`).

use serde_json::{Map, Value, json};

use super::{cell, sanitise};
use crate::contract::{ContractRef, OciReference};
use crate::doc::label;
use crate::graph::{Edge, EdgeKind, Graph, Node, Outcome};

/// For people: a tree, then cycles and conflicts.
pub fn text(graph: &Graph, colour: bool) -> String {
    let mut tree = Tree { out: String::new(), colour };
    let root = tree.identity(&graph.root);
    tree.line(&root);
    tree.edges(&graph.root, &mut String::new());
    let mut out = tree.out;
    list(&mut out, "Cycles", &cycles(graph));
    list(&mut out, "Conflicts", &conflicts(graph));
    out
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push_str(&format!("\n{title} ({}):\n", lines.len()));
        out.extend(lines.iter().map(|line| format!("  {line}\n")));
    }
}

fn cycles(graph: &Graph) -> Vec<String> {
    graph.cycles.iter().map(|names| sanitise(&names.join(" -> ")).into_owned()).collect()
}

fn conflicts(graph: &Graph) -> Vec<String> {
    let each = graph.conflicts.iter().map(|conflict| {
        let versions = conflict.versions.iter().map(|v| format!("{}@{v}", conflict.name));
        format!("{}: [{}]", conflict.name, versions.collect::<Vec<_>>().join(" "))
    });
    each.map(|line| sanitise(&line).into_owned()).collect()
}

struct Tree {
    out: String,
    colour: bool,
}

const RED: &str = "31";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const DIM: &str = "2";

impl Tree {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn paint(&self, text: &str, style: &str) -> String {
        if self.colour { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn identity(&self, node: &Node) -> String {
        let version = self.paint(&sanitise(&node.version), CYAN);
        format!("{}@{version}", sanitise(&node.name))
    }

    fn edges(&mut self, node: &Node, indent: &mut String) {
        for (i, edge) in node.edges.iter().enumerate() {
            let is_last = i + 1 == node.edges.len();
            let label = self.label(edge);
            let branch = if is_last { "└─ " } else { "├─ " };
            self.line(&format!("{indent}{branch}{label}"));
            if let Outcome::Resolved { node, .. } = &edge.outcome {
                let length = indent.len();
                indent.push_str(if is_last { "   " } else { "│  " });
                self.edges(node, indent);
                indent.truncate(length);
            }
        }
    }

    fn label(&self, edge: &Edge) -> String {
        match &edge.outcome {
            Outcome::Resolved { node, is_shared, is_compatible, .. } => {
                let mut label = self.identity(node);
                let mut mark =
                    |text: &str, style| label.push_str(&format!(" {}", self.paint(text, style)));
                if node.is_local() {
                    mark("[local]", DIM);
                }
                match edge.kind {
                    EdgeKind::Dependency => {}
                    EdgeKind::Configuration => mark("[config]", DIM),
                    EdgeKind::Policy => mark("[policy]", DIM),
                }
                if *is_shared {
                    mark("(shared)", DIM);
                }
                if !is_compatible {
                    let wants = sanitise(&edge.compatibility).into_owned();
                    mark(&format!("(incompatible: wants {wants})"), YELLOW);
                }
                label
            }
            Outcome::Failed { message, .. } => {
                let first = message.lines().next().unwrap_or("");
                let why = self.paint(&format!("(error: {})", sanitise(first)), RED);
                format!("{} {why}", sanitise(&short(&edge.reference)))
            }
        }
    }
}

/// The last part of a reference's path with its tag; of a digest seven digits.
fn short(reference: &str) -> String {
    match ContractRef::parse(reference) {
        Ok(ContractRef::Oci(OciReference { path, tag, digest, .. })) => {
            let mut text = path.rsplit('/').next().unwrap_or(&path).to_owned();
            if let Some(tag) = tag {
                text.push_str(&format!(":{tag}"));
            }
            if let Some(hex) = digest.as_deref().and_then(|d| d.strip_prefix("sha256:")) {
                text.push_str(&format!("@sha256:{}", &hex[..hex.len().min(7)]));
            }
            text
        }
        Ok(ContractRef::Local(path)) => {
            path.trim_end_matches('/').rsplit('/').next().unwrap_or(&path).to_owned()
        }
        Err(_) => reference.to_owned(),
    }
}

/// For pull requests: the tree in a fence, then lists.
pub fn markdown(graph: &Graph) -> String {
    let mut tree = Tree { out: String::new(), colour: false };
    let root = tree.identity(&graph.root);
    tree.line(&root);
    tree.edges(&graph.root, &mut String::new());
    let mut out =
        format!("## Dependency Graph: {}\n\n```\n{}```\n", cell(&graph.root.name), tree.out);
    out.push_str(&format!("\n```mermaid\n{}```\n", mermaid(graph)));
    for (title, lines) in [("Cycles", cycles(graph)), ("Conflicts", conflicts(graph))] {
        if !lines.is_empty() {
            out.push_str(&format!("\n### {title}\n\n"));
            out.extend(lines.iter().map(|line| format!("- {}\n", cell(line))));
        }
    }
    out
}

/// For programs.
pub fn json(graph: &Graph) -> Value {
    let conflicts = graph.conflicts.iter();
    json!({
        "schemaVersion": 1,
        "root": node(&graph.root),
        "cycles": graph.cycles,
        "conflicts": conflicts.map(|c| json!({"name": c.name, "versions": c.versions})).collect::<Vec<_>>(),
    })
}

fn node(node: &Node) -> Value {
    let mut out = Map::new();
    out.insert("name".into(), json!(node.name));
    out.insert("version".into(), json!(node.version));
    if let Some(reference) = &node.reference {
        out.insert("ref".into(), json!(reference));
    }
    match node.published() {
        Some((repository, digest)) => {
            let tag = node.tag.as_ref().map_or(String::new(), |tag| format!(":{tag}"));
            out.insert("resolvedRef".into(), json!(format!("oci://{repository}{tag}@{digest}")));
            out.insert("digest".into(), json!(digest));
        }
        None => {
            out.insert("local".into(), json!(true));
        }
    }
    out.insert("dependencies".into(), node_edges(node));
    Value::Object(out)
}

fn node_edges(node: &Node) -> Value {
    node.edges.iter().map(edge).collect()
}

fn edge(edge: &Edge) -> Value {
    let mut out = Map::new();
    out.insert("ref".into(), json!(edge.reference));
    out.insert("required".into(), json!(edge.required));
    out.insert("compatibility".into(), json!(edge.compatibility));
    let kind = match edge.kind {
        EdgeKind::Dependency => None,
        EdgeKind::Configuration => Some("config"),
        EdgeKind::Policy => Some("policy"),
    };
    out.insert("type".into(), json!(if kind.is_some() { "reference" } else { "dependency" }));
    match &edge.outcome {
        Outcome::Resolved { node, is_shared, is_compatible, is_substitute } => {
            out.insert("node".into(), self::node(node));
            if *is_shared {
                out.insert("shared".into(), json!(true));
            }
            if node.is_local() || *is_substitute {
                out.insert("local".into(), json!(true));
            }
            out.insert("compatible".into(), json!(is_compatible));
        }
        Outcome::Failed { code, message, .. } => {
            out.insert("error".into(), json!(message));
            out.insert("errorCode".into(), json!(code));
        }
    }
    if let Some(kind) = kind {
        out.insert("kind".into(), json!(kind));
    }
    Value::Object(out)
}

/// The graph as a Mermaid flowchart, one node for each contract.
pub fn mermaid(graph: &Graph) -> String {
    let mut chart = Mermaid { out: String::from("graph TB\n"), ids: Vec::new() };
    chart.node(&graph.root);
    chart.edges(&graph.root);
    chart.out
}

struct Mermaid {
    out: String,
    ids: Vec<String>,
}

impl Mermaid {
    fn id(&mut self, root: &str) -> (usize, bool) {
        if let Some(at) = self.ids.iter().position(|id| id == root) {
            return (at, false);
        }
        self.ids.push(root.to_owned());
        (self.ids.len() - 1, true)
    }

    fn node(&mut self, node: &Node) -> usize {
        let (id, is_new) = self.id(&node.root.to_string());
        if is_new {
            self.out.push_str(&format!(
                "  n{id}[\"{} {}\"]\n",
                label(&node.name),
                label(&node.version)
            ));
        }
        id
    }

    fn edges(&mut self, from: &Node) {
        let (id, _) = self.id(&from.root.to_string());
        for edge in &from.edges {
            let arrow = if edge.required { "-->" } else { "-.->" };
            match &edge.outcome {
                Outcome::Resolved { node, .. } => {
                    let to = self.node(node);
                    self.out.push_str(&format!("  n{id} {arrow} n{to}\n"));
                    self.edges(node);
                }
                Outcome::Failed { .. } => {
                    let (to, is_new) = self.id(&edge.reference);
                    if is_new {
                        self.out.push_str(&format!(
                            "  n{to}[\"{}\"]\n",
                            label(&short(&edge.reference))
                        ));
                    }
                    self.out.push_str(&format!("  n{id} {arrow} n{to}\n"));
                }
            }
        }
    }
}
