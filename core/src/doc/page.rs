//! The documentation of a contract as Markdown (4-cli, `doc`).

use std::collections::BTreeSet;
use std::fmt::Write;

use super::diagram::{Architecture, architecture};
use super::explain::{Explanation, explain};
use super::markup::{anchor, cell, code, html};
use super::tables;
use crate::bundle::BundleView;
use crate::contract::{Contract, Date};
use crate::fact::Fact;
use crate::graph::{self, Graph, Node, Outcome};
use crate::root::Root;
use crate::schema::field_at;
use crate::schema::format::Type;
use crate::spec::BundlePath;
use crate::text::{mask_credentials, sanitise_lines};
use crate::value::{DocPath, Segment, Value};

/// Upper bound on the operations and on the settings that are shown of one interface or configuration
/// of a dependency.
const MAX_ROWS: usize = 200;

/// Documentation, and the picture in it as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub service: String,
    pub markdown: String,
    pub architecture: Architecture,
}

/// The documentation of `contract`, the contract of `bundle` with its overrides, on the day `today`.
/// Equal input gives equal text.
pub fn page(bundle: &dyn BundleView, contract: &Contract, today: Option<Date>) -> Page {
    let graph = graph::build(bundle, contract, graph::Options::default());
    let architecture = architecture(bundle, contract, &graph);
    let explanation = explain(bundle, contract, today);
    let mut writer = Writer { bundle, contract, explanation: &explanation, sections: Vec::new() };
    writer.architecture(&architecture);
    writer.interfaces();
    writer.configuration();
    writer.policy();
    writer.chart();
    writer.dependencies(&graph);
    writer.readiness();
    let markdown = sanitise_lines(&mask_credentials(&writer.finish()));
    Page { service: explanation.name.clone(), markdown, architecture }
}

/// A numbered part: its title, its parts, their text.
struct Section {
    title: String,
    text: String,
    parts: Vec<(String, String)>,
}

struct Writer<'a> {
    bundle: &'a dyn BundleView,
    contract: &'a Contract,
    explanation: &'a Explanation,
    sections: Vec<Section>,
}

impl Writer<'_> {
    fn section(&mut self, title: &str, text: String, parts: Vec<(String, String)>) {
        if !text.is_empty() || !parts.is_empty() {
            self.sections.push(Section { title: title.to_owned(), text, parts });
        }
    }

    fn architecture(&mut self, architecture: &Architecture) {
        let text = format!("```mermaid\n{}```\n", architecture.mermaid());
        self.section("Architecture", text, Vec::new());
    }

    fn interfaces(&mut self) {
        if self.contract.interfaces.is_empty() {
            return;
        }
        let all = self.contract.interfaces.iter();
        let parts = all.map(|i| tables::interface(self.bundle, i, usize::MAX)).collect();
        self.section("Interfaces", tables::interfaces(self.contract), parts);
    }

    fn configuration(&mut self) {
        let mut parts = Vec::new();
        for (configuration, (name, source)) in
            self.contract.configurations.iter().zip(&self.explanation.configurations)
        {
            let text = match configuration.schema.get() {
                Some(file) => tables::settings(self.bundle, file, usize::MAX),
                None => format!("Shared by `{}`.\n", code(source)),
            };
            parts.push((name.clone(), text));
        }
        match &parts[..] {
            [(name, text)] if name == "default" => {
                let text = text.clone();
                self.section("Configuration", text, Vec::new());
            }
            _ => self.section("Configuration", String::new(), parts),
        }
    }

    fn policy(&mut self) {
        let mut text = String::new();
        for (policy, (name, source)) in
            self.contract.policies.iter().zip(&self.explanation.policies)
        {
            let path = policy.schema.get().and_then(|file| BundlePath::parse(file).ok());
            let title = path.and_then(|path| match self.bundle.document(&path) {
                Fact::Ready(document) => {
                    document.value.get("title").and_then(Value::as_str).map(str::to_owned)
                }
                _ => None,
            });
            let title = title.map_or(String::new(), |title| format!(" — {}", cell(&title)));
            let _ = writeln!(text, "- **{}**: `{}`{title}", cell(name), code(source));
        }
        self.section("Policy", text, Vec::new());
    }

    fn chart(&mut self) {
        let text = self.explanation.chart.as_ref().map(|chart| format!("`{}`\n", code(chart)));
        self.section("Chart", text.unwrap_or_default(), Vec::new());
    }

    fn dependencies(&mut self, graph: &Graph) {
        if self.explanation.dependencies.is_empty() {
            return;
        }
        let mut text = String::from("| Reference | Compatibility | Required |\n|---|---|---|\n");
        for d in &self.explanation.dependencies {
            let required = if d.required { "yes" } else { "no" };
            let _ = writeln!(
                text,
                "| `{}` | `{}` | {required} |",
                code(&d.reference),
                code(&d.compatibility)
            );
        }
        let mut seen = BTreeSet::from([&graph.root.root]);
        let mut parts = Vec::new();
        self.dependency_details(&graph.root, &mut seen, &mut parts);
        self.section("Dependencies", text, parts);
    }

    fn dependency_details<'g>(
        &self,
        node: &'g Node,
        seen: &mut BTreeSet<&'g Root>,
        parts: &mut Vec<(String, String)>,
    ) {
        for edge in &node.edges {
            let Outcome::Resolved { node, .. } = &edge.outcome else { continue };
            if !seen.insert(&node.root) {
                continue;
            }
            let bundle = self.bundle.at(&node.root);
            if let Fact::Ready(contract) = bundle.contract() {
                let title = format!("{} v{}", node.name, node.version.trim_start_matches('v'));
                parts.push((title.clone(), details(&title, &*bundle, contract)));
            }
            self.dependency_details(node, seen, parts);
        }
    }

    fn readiness(&mut self) {
        if let Some(readiness) = &self.explanation.readiness {
            self.section("Readiness", readiness.markdown(&cell), Vec::new());
        }
    }

    fn finish(self) -> String {
        let explanation = self.explanation;
        let mut out = format!("# {}\n\n{}", cell(&explanation.name), introduction(explanation));
        out.push_str(&concepts(explanation));
        out.push_str("\n## Contents\n\n");
        for (i, section) in self.sections.iter().enumerate() {
            let number = i + 1;
            let _ = writeln!(
                out,
                "- [{number}. {0}](#{1})",
                section.title,
                anchor(&format!("{number}. {}", section.title))
            );
            for (j, (title, _)) in section.parts.iter().enumerate() {
                let heading = format!("{number}.{} {title}", j + 1);
                let _ = writeln!(out, "  - [{}](#{})", cell(&heading), anchor(&heading));
            }
        }
        for (i, section) in self.sections.iter().enumerate() {
            let number = i + 1;
            let _ = write!(out, "\n## {number}. {}\n", section.title);
            if !section.text.is_empty() {
                let _ = write!(out, "\n{}", section.text);
            }
            for (j, (title, text)) in section.parts.iter().enumerate() {
                let _ = write!(out, "\n### {number}.{} {}\n\n{text}", j + 1, cell(title));
            }
        }
        out.push_str(&footer(explanation));
        out
    }
}

fn introduction(explanation: &Explanation) -> String {
    let count =
        |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let runtime = explanation.runtime.as_ref();
    let state =
        runtime.and_then(|r| r.state.clone()).map_or(String::new(), |state| format!("{state} "));
    let workload = runtime.and_then(|r| r.workload.clone()).unwrap_or_else(|| "service".into());
    let mut out = format!(
        "**{}** `v{}` is a {state}{workload} with {} and {}.",
        cell(&explanation.name),
        code(explanation.version.trim_start_matches('v')),
        count(explanation.interfaces.len(), "interface", "interfaces"),
        count(explanation.dependencies.len(), "dependency", "dependencies"),
    );
    let mut facts = Vec::new();
    if let Some(owner) = &explanation.owner {
        facts.push(format!("It is owned by **{}**", cell(owner)));
    }
    if let Some(image) = &explanation.image {
        facts.push(format!("its image is `{}`", code(image)));
    }
    match explanation.scaling {
        Some(super::explain::Scaling::Fixed(replicas)) => {
            facts.push(format!(
                "it runs with {}",
                count(replicas.max(0) as usize, "replica", "replicas")
            ));
        }
        Some(super::explain::Scaling::Range(min, max)) => {
            facts.push(format!("it scales from {min} to {max} replicas"));
        }
        None => {}
    }
    if !facts.is_empty() {
        let mut sentence = facts.join("; ");
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let _ = write!(out, " {sentence}.");
    }
    out + "\n"
}

/// What the values of the runtime mean, in the words of the format.
fn concepts(explanation: &Explanation) -> String {
    let Some(runtime) = &explanation.runtime else { return String::new() };
    let rows: [(&str, &Option<String>, &str); 6] = [
        ("Workload", &runtime.workload, "runtime.workload"),
        ("State", &runtime.state, "runtime.state.type"),
        ("Persistence scope", &runtime.scope, "runtime.state.persistence.scope"),
        ("Persistence durability", &runtime.durability, "runtime.state.persistence.durability"),
        ("Data criticality", &runtime.criticality, "runtime.state.dataCriticality"),
        ("Upgrade strategy", &runtime.upgrade_strategy, "runtime.lifecycle.upgradeStrategy"),
    ];
    let mut table = String::new();
    for (concept, value, path) in rows {
        let Some(value) = value else { continue };
        let _ = writeln!(table, "| {concept} | `{}` | {} |", code(value), meaning(path, value));
    }
    if let Some(seconds) = runtime.graceful_shutdown_seconds {
        let _ = writeln!(
            table,
            "| Graceful shutdown | `{seconds} s` | Time to finish work before it is ended |"
        );
    }
    match table.is_empty() {
        true => String::new(),
        false => format!("\n| Concept | Value | Description |\n|---|---|---|\n{table}"),
    }
}

fn meaning(path: &str, value: &str) -> String {
    let path = DocPath(path.split('.').map(|key| Segment::Key(key.to_owned())).collect());
    let Some((_, field)) = field_at(&path, None) else { return String::new() };
    let Type::Enum(values) = &field.ty else { return String::new() };
    values.iter().find(|v| v.value == value).map_or(String::new(), |v| cell(v.doc))
}

/// A dependency, folded: how it runs, its interfaces with their operations, its settings, and what it
/// depends on itself.
fn details(title: &str, bundle: &dyn BundleView, contract: &Contract) -> String {
    let explanation = explain(bundle, contract, None);
    let mut out =
        format!("<details>\n<summary>{}</summary>\n\n{}", html(title), introduction(&explanation));
    out.push_str(&concepts(&explanation));
    if !contract.interfaces.is_empty() {
        let _ = write!(out, "\n{}", tables::interfaces(contract));
    }
    for interface in &contract.interfaces {
        let (name, text) = tables::interface(bundle, interface, MAX_ROWS);
        let _ = write!(out, "\n**{}**: {text}", cell(&name));
    }
    let named = contract.configurations.iter().zip(&explanation.configurations);
    for (configuration, (name, source)) in named {
        let _ = write!(out, "\nConfiguration **{}** (`{}`)\n", cell(name), code(source));
        if let Some(file) = configuration.schema.get() {
            let _ = write!(out, "\n{}", tables::settings(bundle, file, MAX_ROWS));
        }
    }
    if !explanation.dependencies.is_empty() {
        out.push_str("\nDependencies:\n\n");
    }
    for d in &explanation.dependencies {
        let _ = writeln!(out, "- `{}` `{}`", code(&d.reference), code(&d.compatibility));
    }
    out.push_str("\n</details>\n");
    out
}

fn footer(explanation: &Explanation) -> String {
    let mut out = String::from("\n---\n\n");
    if let Some(serde_json::Value::Object(metadata)) = &explanation.metadata {
        let mut keys: Vec<&String> = metadata.keys().collect();
        keys.sort();
        let pairs = keys.into_iter().map(|key| {
            let value = &metadata[key];
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("`{}: {}`", code(key), code(&text))
        });
        let _ = write!(out, "{}\n\n", pairs.collect::<Vec<_>>().join(" "));
    }
    out.push_str("Generated by pacto from the service's contract.\n");
    out
}
