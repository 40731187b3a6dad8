//! The architecture of a contract and what it depends on, as Mermaid and as SVG.

use std::collections::VecDeque;
use std::fmt::Write;

use rustc_hash::FxHashMap;

use crate::bundle::BundleView;
use crate::contract::{Contract, InterfaceType, Visibility};
use crate::fact::Fact;
use crate::graph::{Graph, Node, Outcome};

/// The contracts of a graph in breadth-first order, and who depends on whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Architecture {
    pub services: Vec<ServiceBox>,
    pub edges: Vec<Arrow>,
}

/// One contract.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceBox {
    pub title: String,
    /// `stateful, local/persistent`.
    pub state: Option<String>,
    pub interfaces: Vec<Port>,
    /// Levels below the root.
    pub depth: usize,
}

/// One interface.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    pub label: String,
    pub is_public: bool,
    pub is_event: bool,
}

/// A dependency between services, by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    pub from: usize,
    pub to: usize,
    pub required: bool,
}

/// The architecture of a graph whose bundles `view` can look at.
pub fn architecture(view: &dyn BundleView, contract: &Contract, graph: &Graph) -> Architecture {
    let mut out = Architecture::default();
    let mut ids: FxHashMap<String, usize> = FxHashMap::default();
    out.services.push(service(contract, &graph.root, 0));
    ids.insert(graph.root.root.to_string(), 0);
    let mut queue = VecDeque::from([(&graph.root, 0, 0)]);
    while let Some((node, from, depth)) = queue.pop_front() {
        for edge in &node.edges {
            let Outcome::Resolved { node: target, is_shared, .. } = &edge.outcome else {
                let title = edge.reference.rsplit('/').next().unwrap_or("?").to_owned();
                let to = *ids.entry(edge.reference.clone()).or_insert_with(|| {
                    out.services.push(ServiceBox {
                        title,
                        state: None,
                        interfaces: Vec::new(),
                        depth: depth + 1,
                    });
                    out.services.len() - 1
                });
                out.edges.push(Arrow { from, to, required: edge.required });
                continue;
            };
            let to = match ids.get(&target.root.to_string()) {
                Some(to) => *to,
                None => {
                    let other = view.at(&target.root);
                    let described = match other.contract() {
                        Fact::Ready(contract) => service(contract, target, depth + 1),
                        _ => ServiceBox {
                            title: target.name.clone(),
                            state: None,
                            interfaces: Vec::new(),
                            depth: depth + 1,
                        },
                    };
                    out.services.push(described);
                    ids.insert(target.root.to_string(), out.services.len() - 1);
                    out.services.len() - 1
                }
            };
            out.edges.push(Arrow { from, to, required: edge.required });
            if !is_shared {
                queue.push_back((target, to, depth + 1));
            }
        }
    }
    out
}

fn service(contract: &Contract, node: &Node, depth: usize) -> ServiceBox {
    let runtime = contract.runtime.as_ref();
    let state = runtime.and_then(|runtime| runtime.state.as_ref()).and_then(|state| {
        let ty = state.ty.get()?.text();
        let place = match (state.scope.get(), state.durability.get()) {
            (Some(scope), Some(durability)) => format!(", {}/{}", scope.text(), durability.text()),
            _ => String::new(),
        };
        Some(format!("{ty}{place}"))
    });
    let health = runtime.and_then(|runtime| runtime.health.as_ref()?.interface.get());
    let interfaces = contract.interfaces.iter().filter_map(|interface| {
        let name = interface.name.get()?;
        let ty = interface.ty.get()?;
        let port = interface.port.get().map_or(String::new(), |port| format!(" :{port}"));
        let is_public = interface.visibility.get() == Some(&Visibility::Public);
        let public = if is_public { " public" } else { "" };
        let healthy = if health == Some(name) { " (health)" } else { "" };
        Some(Port {
            label: format!("{name} {}{port}{public}{healthy}", ty.text()),
            is_public,
            is_event: *ty == InterfaceType::Event,
        })
    });
    ServiceBox {
        title: format!("{} v{}", node.name, node.version.trim_start_matches('v')),
        state,
        interfaces: interfaces.collect(),
        depth,
    }
}

impl Architecture {
    /// A Mermaid flowchart: a subgraph for each contract, an outside user of public interfaces.
    pub fn mermaid(&self) -> String {
        let mut out = String::from("graph TB\n");
        let has_public =
            self.services.iter().flat_map(|s| &s.interfaces).any(|port| port.is_public);
        if has_public {
            out.push_str("  user((External user))\n");
        }
        for (i, service) in self.services.iter().enumerate() {
            let _ = writeln!(out, "  subgraph s{i}[\"{}\"]", label(&service.title));
            match &service.state {
                Some(state) => {
                    let _ = writeln!(out, "    s{i}state[(\"{}\")]", label(state));
                }
                None if service.interfaces.is_empty() => {
                    let _ = writeln!(out, "    s{i}state[\" \"]");
                }
                None => {}
            }
            for (j, port) in service.interfaces.iter().enumerate() {
                let (open, close) = if port.is_event { (">", "]") } else { ("[", "]") };
                let _ = writeln!(out, "    s{i}i{j}{open}\"{}\"{close}", label(&port.label));
            }
            out.push_str("  end\n");
        }
        for (i, service) in self.services.iter().enumerate() {
            for (j, port) in service.interfaces.iter().enumerate() {
                if port.is_public {
                    let _ = writeln!(out, "  user --> s{i}i{j}");
                }
            }
        }
        for Arrow { from, to, required } in &self.edges {
            let arrow = if *required { "-->" } else { "-.->" };
            let _ = writeln!(out, "  s{from} {arrow} s{to}");
        }
        out
    }

    /// The same as a picture: a column for each level of dependencies.
    pub fn svg(&self) -> String {
        let layout = Layout::new(self);
        let mut body = String::new();
        for arrow in &self.edges {
            layout.arrow(&mut body, arrow);
        }
        for (i, service) in self.services.iter().enumerate() {
            layout.service(&mut body, i, service);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" aria-label=\"Architecture\" class=\"architecture\">\
             <defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\"><path d=\"M 0 0 L 10 5 L 0 10 z\"/></marker></defs>{body}</svg>",
            w = layout.width,
            h = layout.height,
        )
    }
}

/// Text inside of a quoted Mermaid label.
pub fn label(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || " .,-_/:@+()".contains(c) => out.push(c),
            c if c.is_control() => out.push(' '),
            c => {
                let _ = write!(out, "#{};", c as u32);
            }
        }
    }
    out
}

const BOX_WIDTH: usize = 250;
const COLUMN: usize = 330;
const LINE: usize = 20;
const HEAD: usize = 30;
const GAP: usize = 24;
const MARGIN: usize = 16;
const BOW: usize = 40;
/// Longer texts would leave their box.
const MAX_TEXT: usize = 34;

struct Layout {
    /// Left upper corner and height of each box.
    boxes: Vec<(usize, usize, usize)>,
    width: usize,
    height: usize,
}

impl Layout {
    fn new(architecture: &Architecture) -> Layout {
        let mut columns: Vec<usize> = Vec::new();
        let mut boxes = Vec::new();
        for service in &architecture.services {
            columns.resize(columns.len().max(service.depth + 1), MARGIN);
            let lines = service.interfaces.len() + usize::from(service.state.is_some());
            let height = HEAD + lines * LINE + 8;
            let y = columns[service.depth];
            boxes.push((MARGIN + service.depth * COLUMN, y, height));
            columns[service.depth] = y + height + GAP;
        }
        Layout {
            boxes,
            // Arrows back bow out to the right.
            width: MARGIN * 2 + columns.len().saturating_sub(1) * COLUMN + BOX_WIDTH + BOW,
            height: columns.into_iter().max().unwrap_or(0) - GAP + MARGIN,
        }
    }

    fn service(&self, out: &mut String, i: usize, service: &ServiceBox) {
        let (x, y, height) = self.boxes[i];
        let _ = write!(
            out,
            "<g><rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{height}\" rx=\"6\"/>"
        );
        let mut line = y + LINE;
        let mut text = |class: &str, text: &str| {
            let _ = write!(
                out,
                "<text x=\"{}\" y=\"{line}\" class=\"{class}\">{}</text>",
                x + 12,
                escape(text)
            );
            line += LINE;
        };
        text("title", &service.title);
        if let Some(state) = &service.state {
            text("state", state);
        }
        for port in &service.interfaces {
            text(if port.is_public { "public" } else { "port" }, &port.label);
        }
        out.push_str("</g>");
    }

    fn arrow(&self, out: &mut String, arrow: &Arrow) {
        let ((x1, y1, h1), (x2, y2, h2)) = (self.boxes[arrow.from], self.boxes[arrow.to]);
        let (start, end) = (x1 + BOX_WIDTH, x2);
        let (from, to) = (y1 + h1.min(HEAD) / 2, y2 + h2.min(HEAD) / 2);
        let class = if arrow.required { "required" } else { "optional" };
        let d = if x2 > x1 {
            let middle = (start + end) / 2;
            format!("M {start} {from} C {middle} {from}, {middle} {to}, {end} {to}")
        } else {
            // To the same level or back: around the right side.
            let (end, bow) = (x2 + BOX_WIDTH, start.max(x2 + BOX_WIDTH) + BOW);
            format!("M {start} {from} C {bow} {from}, {bow} {to}, {end} {to}")
        };
        let _ = write!(out, "<path d=\"{d}\" class=\"{class}\" marker-end=\"url(#arrow)\"/>");
    }
}

fn escape(text: &str) -> String {
    let short: String = match text.chars().count() > MAX_TEXT {
        true => text.chars().take(MAX_TEXT - 1).chain(['…']).collect(),
        false => text.to_owned(),
    };
    let safe: String = short.chars().filter(|c| !c.is_control()).collect();
    safe.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
