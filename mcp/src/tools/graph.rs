//! `pacto_graph`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pacto_core::check::Mode;
use pacto_core::contract::ContractRef;
use pacto_core::db::Reach;
use pacto_core::fleet::UseKind;
use pacto_core::graph::{EdgeKind, Graph, Node as Branch, Options, Outcome, References};
use pacto_core::{ContractKey, Root};
use pacto_edge::session::Purpose;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::graph::{Edge, Net, Node};
use crate::index::View;
use crate::schema::{any_object, count, flag, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, PATH, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_graph",
    title: "Graph of contracts",
    description: "Nodes and edges around a contract, or of the whole workspace without `ref`: what it uses (down), who uses it (up), or both; also as tree, mermaid or dot. Up covers the contracts under the roots. Use pacto_resolve_dependencies for chosen versions in full, pacto_impact for what a change does. Writes nothing.",
    arguments: &[
        Argument::new("ref", Kind::Text, PATH, "\"services/payments\""),
        Argument::new(
            "kinds",
            Kind::Choice(&["dependencies", "references", "both"]),
            "references: configurations and policies; dependencies if absent",
            "\"both\"",
        ),
        Argument::new(
            "direction",
            Kind::Choice(&["down", "up", "both"]),
            "down if absent",
            "\"up\"",
        ),
        Argument::new("depth", Kind::Count { most: 50 }, "Steps; 3 if absent", "1"),
        Argument::new(
            "format",
            Kind::Choice(&["json", "tree", "mermaid", "dot"]),
            "With a picture in `rendered`",
            "\"mermaid\"",
        ),
        Argument::new("limit", Kind::Count { most: 1000 }, "Nodes; 200 if absent", "50"),
        OFFLINE,
    ],
    output,
    set: Set::Fleet,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

/// What was found beside nodes and edges.
struct Found {
    net: Net,
    cycles: Vec<Vec<String>>,
    conflicts: BTreeMap<String, BTreeSet<String>>,
    scope: String,
    revision: u64,
}

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let direction = call.arguments.text("direction").unwrap_or("down");
    let mut found = match call.arguments.text("ref") {
        Some(_) if direction == "down" => below(call)?,
        Some(_) => {
            let place = call.place("ref")?;
            let session = call.session(&place)?;
            let root = session.find(&place.typed)?.root;
            around(call, Some(root), direction)?
        }
        None => around(call, None, "down")?,
    };
    let mut omitted = found.net.cut(call.arguments.count("limit").unwrap_or(200));
    let mut most = found.net.nodes.len();
    loop {
        let answer = answer(call, &found, omitted);
        let size = crate::answer::text_len(answer.structured());
        let budget = call.workspace.max_output;
        if size <= budget {
            return Ok(answer);
        }
        // A picture of a part is one, too.
        most = (most * budget / size).min(most.saturating_sub(1));
        if most == 0 {
            return Err(Failure::too_large(size, budget));
        }
        omitted += found.net.cut(most);
    }
}

fn answer(call: &Call<'_>, found: &Found, omitted: usize) -> Answer {
    let Found { net, cycles, conflicts, scope, revision } = found;
    let is_incomplete = net.edges.iter().any(|edge| edge.error.is_some());
    let conflicts = conflicts.iter().filter(|(_, versions)| versions.len() > 1);
    let mut out = json!({
        "nodes": net.json_nodes(),
        "edges": net.json_edges(),
        "cycles": cycles,
        "conflicts": conflicts.map(|(name, v)| json!({"name": name, "versions": v})).collect::<Vec<_>>(),
        "scope": scope,
        "truncated": omitted > 0,
        "omitted": omitted,
        "incomplete": is_incomplete,
        "revision": revision,
    });
    let rendered = match call.arguments.text("format") {
        Some("tree") => Some(net.tree()),
        Some("mermaid") => Some(net.mermaid()),
        Some("dot") => Some(net.dot()),
        _ => None,
    };
    if let Some(rendered) = rendered {
        out["rendered"] = json!(rendered);
    }
    let answer = Answer::json(out);
    match is_incomplete {
        true => answer.notes(vec![
            "Some references could not be looked at: what they lead to is not known.".to_owned(),
        ]),
        false => answer,
    }
}

/// Whether an edge of this kind is asked for.
fn is_asked(call: &Call<'_>, kind: UseKind) -> bool {
    match call.arguments.text("kinds") {
        Some("both") => true,
        Some("references") => kind != UseKind::Dependency,
        _ => kind == UseKind::Dependency,
    }
}

fn kind_text(kind: UseKind) -> &'static str {
    match kind {
        UseKind::Dependency => "dependency",
        UseKind::Configuration => "configuration",
        UseKind::Policy => "policy",
    }
}

/// What a contract leads to, registries asked.
fn below(call: &Call<'_>) -> Result<Found, Failure> {
    let references = match call.arguments.text("kinds") {
        Some("both") => References::With,
        Some("references") => References::Only,
        _ => References::None,
    };
    let reach = if references == References::None { Reach::Contract } else { Reach::References };
    let purpose = Purpose { mode: Mode::Batch, reach, use_siblings: false };
    let read = call.read("ref", purpose)?;
    let contract = read.understood()?;
    let depth = call.arguments.count("depth").unwrap_or(3);
    let options = Options { references, depth: Some(depth) };
    let graph = contract.analysis.graph(contract.key, options).ok_or_else(|| read.no_contract())?;
    let Graph { root, cycles, conflicts } = graph;
    let mut net = Net::default();
    let shown = |root: &Root| call.workspace.shown(root);
    branch(&root, 0, &shown, &mut net);
    let conflicts =
        conflicts.into_iter().map(|c| (c.name, c.versions.into_iter().collect())).collect();
    let scope = format!("what {} leads to", root.name);
    Ok(Found { net, cycles, conflicts, scope, revision: 0 })
}

fn branch(from: &Branch, depth: i64, shown: &dyn Fn(&Root) -> String, net: &mut Net) {
    let id = shown(&from.root);
    let is_published = from.root.is_published();
    net.add(Node {
        id: id.clone(),
        name: from.name.clone(),
        version: from.version.clone(),
        owner: None,
        source: if is_published { "oci" } else { "local" },
        is_external: is_published,
        depth,
    });
    for edge in &from.edges {
        let kind = match edge.kind {
            EdgeKind::Dependency => "dependency",
            EdgeKind::Configuration => "configuration",
            EdgeKind::Policy => "policy",
        };
        let (to, error) = match &edge.outcome {
            Outcome::Resolved { node, .. } => {
                branch(node, depth + 1, shown, net);
                (shown(&node.root), None)
            }
            Outcome::Failed { message, .. } => {
                net.add(unknown(&edge.reference, depth + 1));
                (edge.reference.clone(), Some(message.clone()))
            }
        };
        net.edges.push(Edge {
            from: id.clone(),
            to,
            kind,
            is_required: edge.required,
            compatibility: edge.compatibility.clone(),
            error,
        });
    }
}

/// The node of a reference that leads to nothing known.
fn unknown(reference: &str, depth: i64) -> Node {
    let parsed = ContractRef::parse(reference).ok();
    Node {
        id: reference.to_owned(),
        name: parsed.map_or_else(|| reference.to_owned(), |r| r.default_name().to_owned()),
        version: String::new(),
        owner: None,
        source: "unknown",
        is_external: true,
        depth,
    }
}

/// What the index knows around a contract, or of the whole workspace.
fn around(call: &Call<'_>, start: Option<Root>, direction: &str) -> Result<Found, Failure> {
    let depth = call.arguments.count("depth").unwrap_or(3) as i64;
    call.workspace.ask(|view| {
        let mut walk = Walk { call, view, net: Net::default(), conflicts: BTreeMap::new() };
        match &start {
            Some(root) => {
                let root = view.analysis.fleet().source(root).clone();
                walk.node(&root, 0);
                if direction != "up" {
                    walk.down([(root.clone(), 0)], depth);
                }
                walk.up(&root, depth);
            }
            None => {
                let all: Vec<Root> = view.entries.iter().map(|e| e.root.clone()).collect();
                all.iter().for_each(|root| walk.node(root, 0));
                walk.down(all.into_iter().map(|root| (root, 0)), 1);
            }
        }
        Found {
            cycles: walk.net.cycles(),
            conflicts: walk.conflicts,
            net: walk.net,
            scope: format!("the {} contracts under the roots", view.entries.len()),
            revision: view.revision,
        }
    })
}

struct Walk<'w> {
    call: &'w Call<'w>,
    view: &'w View<'w>,
    net: Net,
    conflicts: BTreeMap<String, BTreeSet<String>>,
}

impl Walk<'_> {
    fn node(&mut self, root: &Root, depth: i64) {
        let profile = self.view.analysis.profile(root);
        let is_own = self.view.is_own(root);
        self.net.add(Node {
            id: self.view.shown(root),
            name: profile.name.clone().unwrap_or_default(),
            version: profile.version.clone().unwrap_or_default(),
            owner: profile.owner.clone(),
            source: if root.is_published() { "cache" } else { "local" },
            is_external: !is_own,
            depth,
        });
    }

    fn down(&mut self, starts: impl IntoIterator<Item = (Root, i64)>, most: i64) {
        let mut queue: VecDeque<(Root, i64)> = starts.into_iter().collect();
        let mut seen: BTreeSet<Root> = queue.iter().map(|(root, _)| root.clone()).collect();
        while let Some((root, depth)) = queue.pop_front() {
            if depth >= most {
                continue;
            }
            let view = self.view;
            let json = view.analysis.contract_json(&ContractKey::from(&root)).unwrap_or_default();
            for used in view.analysis.references(&root) {
                if !is_asked(self.call, used.kind) {
                    continue;
                }
                let written = self.written(&json, used.kind, used.index);
                let (to, error) = match &used.target {
                    Some(target) => {
                        let target = view.analysis.fleet().source(target).clone();
                        self.node(&target, depth + 1);
                        let version = view.analysis.profile(&target).version.clone();
                        let name = view.analysis.profile(&target).name.clone();
                        if let (Some(name), Some(version)) = (name, version) {
                            self.conflicts.entry(name).or_default().insert(version);
                        }
                        let id = view.shown(&target);
                        if seen.insert(target.clone()) {
                            queue.push_back((target, depth + 1));
                        }
                        (id, None)
                    }
                    None => {
                        let reference = written["ref"].as_str().unwrap_or_default().to_owned();
                        self.net.add(unknown(&reference, depth + 1));
                        (reference, Some("it is neither under the roots nor cached".to_owned()))
                    }
                };
                self.net.edges.push(Edge {
                    from: view.shown(&root),
                    to,
                    kind: kind_text(used.kind),
                    is_required: used.kind != UseKind::Dependency || written["required"] == true,
                    compatibility: used.constraint.clone().unwrap_or_default(),
                    error,
                });
            }
        }
    }

    fn written(&self, json: &Value, kind: UseKind, index: usize) -> Value {
        let section = match kind {
            UseKind::Dependency => "dependencies",
            UseKind::Configuration => "configurations",
            UseKind::Policy => "policies",
        };
        json[section][index].clone()
    }

    fn up(&mut self, start: &Root, most: i64) {
        let mut queue = VecDeque::from([(start.clone(), 0)]);
        let mut seen = BTreeSet::from([start.clone()]);
        let view = self.view;
        let fleet = view.analysis.fleet();
        while let Some((root, depth)) = queue.pop_front() {
            if depth >= most {
                continue;
            }
            for user in fleet.dependents(&root) {
                if !is_asked(self.call, user.kind) {
                    continue;
                }
                let by = fleet.source(&user.root).clone();
                self.node(&by, -(depth + 1));
                let json = view.analysis.contract_json(&ContractKey::from(&by)).unwrap_or_default();
                let written = self.written(&json, user.kind, user.index);
                self.net.edges.push(Edge {
                    from: view.shown(&by),
                    to: view.shown(&root),
                    kind: kind_text(user.kind),
                    is_required: user.kind != UseKind::Dependency || written["required"] == true,
                    compatibility: user.constraint.clone().unwrap_or_default(),
                    error: None,
                });
                if seen.insert(by.clone()) {
                    queue.push_back((by, depth + 1));
                }
            }
        }
    }
}

fn output() -> Value {
    object([
        (
            "nodes",
            list(object([
                ("id", text()),
                ("name", text()),
                ("version", text()),
                ("?owner", text()),
                ("source", text()),
                ("external", flag()),
                ("depth", count()),
            ])),
        ),
        (
            "edges",
            list(object([
                ("from", text()),
                ("to", text()),
                ("kind", text()),
                ("resolved", flag()),
            ])),
        ),
        ("cycles", list(list(text()))),
        ("conflicts", list(any_object())),
        ("?rendered", text()),
        ("scope", text()),
        ("truncated", flag()),
        ("incomplete", flag()),
        ("revision", count()),
    ])
}
