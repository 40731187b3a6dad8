//! The documentation of a contract as Markdown (4-cli, `doc`).

use std::collections::BTreeSet;
use std::fmt::Write;

use super::diagram::{Architecture, architecture};
use super::explain::{Explanation, explain};
use super::settings::{Property, properties};
use crate::bundle::BundleView;
use crate::contract::{Contract, Date, Interface, InterfaceType, Visibility};
use crate::fact::Fact;
use crate::graph::{self, Graph, Node, Outcome};
use crate::root::Root;
use crate::schema::field_at;
use crate::schema::format::Type;
use crate::spec::{BundlePath, Operation, operations};
use crate::text::{mask_credentials, sanitise_lines};
use crate::value::{DocPath, Segment, Value};

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
        let parts = self.contract.interfaces.iter().map(|i| self.interface(i)).collect();
        self.section("Interfaces", interface_table(self.contract), parts);
    }

    fn interface(&self, interface: &Interface) -> (String, String) {
        let name = interface.name.get().cloned().unwrap_or_default();
        let public = interface.visibility.get() == Some(&Visibility::Public);
        let reach = if public { "reachable from outside" } else { "internal" };
        let mut text = match interface.ty.get() {
            Some(ty) => {
                let port =
                    interface.port.get().map_or(String::new(), |port| format!(" on port {port}"));
                format!("`{}`{port}, {reach}.", ty.text())
            }
            None => String::new(),
        };
        if let Some(file) = interface.contract.get() {
            let _ = write!(text, " Described by `{}`.", code(file));
            text.push_str("\n\n");
            text.push_str(&self.specification(interface, file));
        } else {
            text.push('\n');
        }
        (name, text.trim_end().to_owned() + "\n")
    }

    fn specification(&self, interface: &Interface, file: &str) -> String {
        let unreadable = |why: &str| format!("*`{}` cannot be read: {}*\n", code(file), cell(why));
        let Ok(path) = BundlePath::parse(file) else {
            return unreadable("its path leads out of the bundle");
        };
        if interface.ty.get() == Some(&InterfaceType::Grpc) {
            return match self.bundle.proto(&path) {
                Fact::Failed(failure) => unreadable(&failure.to_string()),
                _ => String::new(),
            };
        }
        let document = match self.bundle.document(&path) {
            Fact::Ready(document) => document,
            Fact::Failed(failure) => return unreadable(&failure.to_string()),
            Fact::Pending => return unreadable("it was not read"),
        };
        if let Some(error) = document.syntax.first() {
            return unreadable(&error.message);
        }
        let mut all = operations(&document.value);
        if all.is_empty() {
            return channels(&document.value);
        }
        all.sort_by(|a, b| (&a.path, rank(a)).cmp(&(&b.path, rank(b))));
        let mut out = String::from("| Method | Path | Summary |\n|---|---|---|\n");
        for operation in all {
            let summary = operation.summary.as_deref().unwrap_or("");
            let _ = writeln!(
                out,
                "| {} | `{}` | {} |",
                operation.method,
                code(&operation.path),
                cell(summary)
            );
        }
        out
    }

    fn configuration(&mut self) {
        let mut parts = Vec::new();
        for (configuration, (name, source)) in
            self.contract.configurations.iter().zip(&self.explanation.configurations)
        {
            let text = match configuration.schema.get() {
                Some(file) => self.schema(file),
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

    fn schema(&self, file: &str) -> String {
        let unreadable = |why: &str| format!("*`{}` cannot be read: {}*\n", code(file), cell(why));
        let Ok(path) = BundlePath::parse(file) else {
            return unreadable("its path leads out of the bundle");
        };
        match properties(self.bundle, &path) {
            Err(why) => unreadable(&why),
            Ok(found) if found.is_empty() => format!("`{}` names no properties.\n", code(file)),
            Ok(found) => settings_table(&found),
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

/// Text between other Markdown: nothing in it is markup.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Text between backticks.
fn code(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .map(|c| if c == '`' { '\'' } else { c })
        .collect::<String>()
        .replace('|', "\\|")
}

/// The anchor that renderers give a heading.
fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn rank(operation: &Operation) -> usize {
    const ORDER: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];
    ORDER.iter().position(|method| *method == operation.method).unwrap_or(ORDER.len())
}

/// The channels of an AsyncAPI document.
fn channels(document: &Value) -> String {
    let names: Vec<&str> =
        document.get("channels").map_or(&[][..], Value::entries).iter().map(|e| &*e.key).collect();
    if names.is_empty() {
        return String::new();
    }
    let rows = names.into_iter().map(|name| format!("| `{}` |\n", code(name)));
    format!("| Channel |\n|---|\n{}", rows.collect::<String>())
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

fn interface_table(contract: &Contract) -> String {
    let mut out = String::from("| Name | Type | Port | Visibility |\n|---|---|---|---|\n");
    for interface in &contract.interfaces {
        let port = interface.port.get().map_or("—".to_owned(), i64::to_string);
        let _ = writeln!(
            out,
            "| {} | {} | {port} | {} |",
            cell(interface.name.get().map_or("", String::as_str)),
            interface.ty.get().map_or("", |ty| ty.text()),
            interface.visibility.get().map_or("internal", |v| v.text()),
        );
    }
    out
}

fn settings_table(found: &[Property]) -> String {
    let mut out = String::from(
        "| Property | Type | Description | Default | Required |\n|---|---|---|---|---|\n",
    );
    for property in found {
        let default =
            property.default.as_ref().map_or("—".to_owned(), |text| format!("`{}`", code(text)));
        let required = if property.required { "yes" } else { "no" };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {default} | {required} |",
            code(&property.name),
            cell(&property.ty),
            cell(&property.description),
        );
    }
    out
}

/// A dependency, folded.
fn details(title: &str, bundle: &dyn BundleView, contract: &Contract) -> String {
    let explanation = explain(bundle, contract, None);
    let mut out =
        format!("<details>\n<summary>{}</summary>\n\n{}", html(title), introduction(&explanation));
    out.push_str(&concepts(&explanation));
    if !contract.interfaces.is_empty() {
        let _ = write!(out, "\n{}", interface_table(contract));
    }
    let list = |out: &mut String, title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{title}:\n\n");
            out.extend(lines.iter().map(|line| format!("- {line}\n")));
        }
    };
    let named = explanation.configurations.iter();
    list(
        &mut out,
        "Configuration",
        named.map(|(name, source)| format!("{} (`{}`)", cell(name), code(source))).collect(),
    );
    let dependencies = explanation.dependencies.iter();
    list(
        &mut out,
        "Dependencies",
        dependencies
            .map(|d| format!("`{}` `{}`", code(&d.reference), code(&d.compatibility)))
            .collect(),
    );
    out.push_str("\n</details>\n");
    out
}

fn html(text: &str) -> String {
    let safe: String = text.chars().filter(|c| !c.is_control()).collect();
    safe.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
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
