//! What a contract describes, on a screen (4-cli, `explain`).

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use super::readiness::{Readiness, readiness};
use crate::bundle::BundleView;
use crate::contract::{Contract, ContractRef, Date, Field};
use crate::fact::Fact;
use crate::spec::{BundlePath, operations};
use crate::value::Value;

/// A contract in short. Everything optional is left out where the contract says nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub name: String,
    pub version: String,
    pub owner: Option<String>,
    pub pacto_version: String,
    pub runtime: Option<Runtime>,
    pub interfaces: Vec<Interface>,
    pub dependencies: Vec<Dependency>,
    pub scaling: Option<Scaling>,
    pub readiness: Option<Readiness>,
    /// Name, and the schema or the reference.
    pub configurations: Vec<(String, String)>,
    pub policies: Vec<(String, String)>,
    pub chart: Option<String>,
    pub image: Option<String>,
    pub metadata: Option<Json>,
    pub documentation: Vec<String>,
    /// File, format and number of packages.
    pub sbom: Vec<(String, &'static str, usize)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runtime {
    pub workload: Option<String>,
    pub state: Option<String>,
    pub scope: Option<String>,
    pub durability: Option<String>,
    pub criticality: Option<String>,
    pub upgrade_strategy: Option<String>,
    pub graceful_shutdown_seconds: Option<i64>,
    /// Interface and path.
    pub health: Option<(String, Option<String>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    pub name: String,
    pub ty: String,
    pub port: Option<i64>,
    pub visibility: Option<String>,
    pub contract: Option<String>,
    /// How many operations its OpenAPI document has.
    pub operations: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    pub name: String,
    pub reference: String,
    pub required: bool,
    pub compatibility: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scaling {
    Fixed(i64),
    Range(i64, i64),
}

/// Explains `contract`, the contract of `bundle` with its overrides, on the day `today`. Without a
/// day nothing is said of its readiness.
pub fn explain(bundle: &dyn BundleView, contract: &Contract, today: Option<Date>) -> Explanation {
    let value = &contract.value;
    let text = |path: &[&str]| at(value, path).and_then(Value::as_str).map(str::to_owned);
    let owner = contract.service.as_ref().and_then(|s| s.owner.get()?.key().map(str::to_owned));
    let chart = text(&["service", "chart", "ref"]).map(|reference| {
        let version = text(&["service", "chart", "version"]).unwrap_or_default();
        format!("{reference} {version}").trim_end().to_owned()
    });
    Explanation {
        name: text(&["service", "name"]).unwrap_or_default(),
        version: text(&["service", "version"]).unwrap_or_default(),
        owner,
        pacto_version: text(&["pactoVersion"]).unwrap_or_default(),
        runtime: value.get("runtime").map(runtime),
        interfaces: contract.interfaces.iter().map(|i| interface(bundle, i)).collect(),
        dependencies: contract.dependencies.iter().filter_map(dependency).collect(),
        scaling: scaling(contract),
        readiness: readiness(contract, today),
        configurations: contract
            .configurations
            .iter()
            .map(|c| {
                (
                    c.name.get().cloned().unwrap_or_else(|| "default".into()),
                    source(&c.schema, &c.reference),
                )
            })
            .collect(),
        policies: contract
            .policies
            .iter()
            .map(|p| {
                (
                    p.name.get().cloned().unwrap_or_else(|| "default".into()),
                    source(&p.schema, &p.reference),
                )
            })
            .collect(),
        chart,
        image: text(&["service", "image", "ref"]),
        metadata: value.get("metadata").map(Value::to_shown_json),
        documentation: files(bundle, |path| path.starts_with("docs/")),
        sbom: sboms(bundle),
    }
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

fn runtime(value: &Value) -> Runtime {
    let text = |path: &[&str]| at(value, path).and_then(Value::as_str).map(str::to_owned);
    let interface = text(&["health", "interface"]);
    Runtime {
        workload: text(&["workload"]),
        state: text(&["state", "type"]),
        scope: text(&["state", "persistence", "scope"]),
        durability: text(&["state", "persistence", "durability"]),
        criticality: text(&["state", "dataCriticality"]),
        upgrade_strategy: text(&["lifecycle", "upgradeStrategy"]),
        graceful_shutdown_seconds: at(value, &["lifecycle", "gracefulShutdownSeconds"])
            .and_then(|v| v.to_json().as_i64()),
        health: interface.map(|interface| (interface, text(&["health", "path"]))),
    }
}

fn interface(bundle: &dyn BundleView, interface: &crate::contract::Interface) -> Interface {
    let contract = interface.contract.get().cloned();
    let path = contract.as_deref().and_then(|path| BundlePath::parse(path).ok());
    let operations = path.and_then(|path| match bundle.document(&path) {
        Fact::Ready(document) if document.value.get("paths").is_some() => {
            Some(operations(&document.value).len())
        }
        _ => None,
    });
    Interface {
        name: interface.name.get().cloned().unwrap_or_default(),
        ty: interface.ty.get().map_or("", |ty| ty.text()).to_owned(),
        port: interface.port.get().copied(),
        visibility: interface.visibility.get().map(|v| v.text().to_owned()),
        contract,
        operations,
    }
}

fn dependency(dependency: &crate::contract::Dependency) -> Option<Dependency> {
    let reference = dependency.reference.get()?.clone();
    let name = dependency.name.get().cloned().or_else(|| {
        ContractRef::parse(&reference).ok().map(|parsed| parsed.default_name().to_owned())
    });
    Some(Dependency {
        name: name.unwrap_or_default(),
        required: dependency.required.get().copied().unwrap_or(false),
        compatibility: dependency.compatibility.get().cloned().unwrap_or_default(),
        reference,
    })
}

fn scaling(contract: &Contract) -> Option<Scaling> {
    let scaling = contract.scaling.as_ref()?;
    match (scaling.replicas.get(), scaling.min.get(), scaling.max.get()) {
        (Some(replicas), ..) => Some(Scaling::Fixed(*replicas)),
        (None, Some(min), Some(max)) => Some(Scaling::Range(*min, *max)),
        _ => None,
    }
}

fn source(schema: &Field<String>, reference: &Field<String>) -> String {
    schema.get().or(reference.get()).cloned().unwrap_or_default()
}

fn files(bundle: &dyn BundleView, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    match bundle.files() {
        Fact::Ready(files) => files.iter().filter(|path| is_meant(path)).cloned().collect(),
        _ => Vec::new(),
    }
}

fn sboms(bundle: &dyn BundleView) -> Vec<(String, &'static str, usize)> {
    let kind = |path: &str| match path.strip_prefix("sbom/") {
        Some(name) if name.contains('/') => None,
        Some(name) if name.ends_with(".spdx.json") => Some(("SPDX", "packages")),
        Some(name) if name.ends_with(".cdx.json") => Some(("CycloneDX", "components")),
        _ => None,
    };
    let found = files(bundle, |path| kind(path).is_some());
    let each = found.into_iter().filter_map(|path| {
        let (format, key) = kind(&path)?;
        let parsed = BundlePath::parse(&path).ok()?;
        let count = match bundle.document(&parsed) {
            Fact::Ready(document) => document.value.get(key).map_or(0, |list| list.items().len()),
            _ => 0,
        };
        Some((path, format, count))
    });
    each.collect()
}

impl Explanation {
    /// For people.
    pub fn text(&self) -> String {
        let mut blocks = vec![self.head(), self.runtime_block()];
        blocks.push(block("Interfaces", self.interfaces.iter().map(Interface::line).collect()));
        let dependencies = self.dependencies.iter().map(|d| {
            let required = if d.required { "required" } else { "optional" };
            format!("{} ({}, {required})", d.reference, d.compatibility)
        });
        blocks.push(block("Dependencies", dependencies.collect()));
        blocks.push(self.scaling.map_or(String::new(), |scaling| match scaling {
            Scaling::Fixed(replicas) => format!("Scaling: {replicas} replicas\n"),
            Scaling::Range(min, max) => format!("Scaling: {min}-{max}\n"),
        }));
        blocks.push(self.readiness.as_ref().map_or(String::new(), Readiness::text));
        let named = |list: &[(String, String)]| {
            list.iter().map(|(name, source)| format!("{name} ({source})")).collect()
        };
        blocks.push(block("Configuration", named(&self.configurations)));
        blocks.push(block("Policy", named(&self.policies)));
        let line = |label: &str, text: &Option<String>| {
            text.as_ref().map_or(String::new(), |text| format!("{label}: {text}\n"))
        };
        blocks.push(line("Chart", &self.chart));
        blocks.push(line("Image", &self.image));
        blocks.push(block("Documentation", self.documentation.clone()));
        let sbom = self
            .sbom
            .iter()
            .map(|(path, format, count)| format!("{path} ({format}, {count} packages)"));
        blocks.push(block("SBOM", sbom.collect()));
        let shown: Vec<String> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
        shown.join("\n")
    }

    fn head(&self) -> String {
        let mut out = format!("Service: {}@{}\n", self.name, self.version);
        if let Some(owner) = &self.owner {
            let _ = writeln!(out, "Owner: {owner}");
        }
        let _ = writeln!(out, "Pacto Version: {}", self.pacto_version);
        out
    }

    fn runtime_lines(&self) -> Vec<(&'static str, String)> {
        let Some(runtime) = &self.runtime else { return Vec::new() };
        let persistence = match (&runtime.scope, &runtime.durability) {
            (Some(scope), Some(durability)) => Some(format!("{scope}/{durability}")),
            _ => None,
        };
        let health = runtime.health.as_ref().map(|(interface, path)| match path {
            Some(path) => format!("{interface} {path}"),
            None => interface.clone(),
        });
        let lines = [
            ("Workload", runtime.workload.clone()),
            ("State", runtime.state.clone()),
            ("Persistence", persistence),
            ("Data Criticality", runtime.criticality.clone()),
            ("Upgrade Strategy", runtime.upgrade_strategy.clone()),
            ("Graceful Shutdown", runtime.graceful_shutdown_seconds.map(|s| format!("{s} s"))),
            ("Health", health),
        ];
        lines.into_iter().filter_map(|(label, text)| Some((label, text?))).collect()
    }

    fn runtime_block(&self) -> String {
        let lines = self.runtime_lines();
        if lines.is_empty() {
            return String::new();
        }
        let lines = lines.into_iter().map(|(label, text)| format!("  {label}: {text}\n"));
        format!("Runtime:\n{}", lines.collect::<String>())
    }

    /// For pull requests and chat. `cell` makes text safe inside of a table.
    pub fn markdown(&self, cell: &dyn Fn(&str) -> String) -> String {
        let mut out =
            format!("## {} v{}\n\n| | |\n|---|---|\n", cell(&self.name), cell(&self.version));
        let mut row = |label: &str, text: &str| {
            let _ = writeln!(out, "| {label} | {} |", cell(text));
        };
        if let Some(owner) = &self.owner {
            row("Owner", owner);
        }
        row("Pacto Version", &self.pacto_version);
        for (label, text) in self.runtime_lines() {
            row(label, &text);
        }
        match self.scaling {
            Some(Scaling::Fixed(replicas)) => row("Scaling", &format!("{replicas} replicas")),
            Some(Scaling::Range(min, max)) => row("Scaling", &format!("{min}-{max}")),
            None => {}
        }
        for (label, text) in [("Chart", &self.chart), ("Image", &self.image)] {
            if let Some(text) = text {
                row(label, text);
            }
        }
        for (label, list) in [("Configuration", &self.configurations), ("Policy", &self.policies)] {
            for (name, source) in list {
                row(label, &format!("{name} ({source})"));
            }
        }
        if let Some(readiness) = &self.readiness {
            let _ = write!(out, "\n{}", readiness.markdown(cell));
        }
        if !self.interfaces.is_empty() {
            out.push_str("\n| Interface | Type | Port | Visibility |\n|---|---|---|---|\n");
            for interface in &self.interfaces {
                let port = interface.port.map_or(String::new(), |port| port.to_string());
                let visibility = interface.visibility.as_deref().unwrap_or("");
                let _ = writeln!(
                    out,
                    "| {} | {} | {port} | {visibility} |",
                    cell(&interface.name),
                    interface.ty
                );
            }
        }
        if !self.dependencies.is_empty() {
            out.push_str("\n| Dependency | Compatibility | Required |\n|---|---|---|\n");
            for d in &self.dependencies {
                let required = if d.required { "yes" } else { "no" };
                let _ = writeln!(
                    out,
                    "| {} | {} | {required} |",
                    cell(&d.reference),
                    cell(&d.compatibility)
                );
            }
        }
        out
    }

    /// For programs.
    pub fn json(&self) -> Json {
        let mut out = Map::new();
        let mut put = |key: &str, value: Option<Json>| {
            if let Some(value) = value {
                out.insert(key.to_owned(), value);
            }
        };
        let pairs = |list: &[(String, String)]| -> Json {
            list.iter().map(|(name, source)| json!({"name": name, "source": source})).collect()
        };
        put("schemaVersion", Some(json!(1)));
        put("name", Some(json!(self.name)));
        put("version", Some(json!(self.version)));
        put("owner", self.owner.as_ref().map(|owner| json!(owner)));
        put("pactoVersion", Some(json!(self.pacto_version)));
        put("runtime", self.runtime.as_ref().map(Runtime::json));
        put("interfaces", Some(self.interfaces.iter().map(Interface::json).collect()));
        let dependencies = self.dependencies.iter().map(|d| {
            json!({"ref": d.reference, "required": d.required, "compatibility": d.compatibility, "name": d.name})
        });
        put("dependencies", Some(dependencies.collect()));
        put(
            "scaling",
            self.scaling.map(|scaling| match scaling {
                Scaling::Fixed(replicas) => json!({"replicas": replicas}),
                Scaling::Range(min, max) => json!({"min": min, "max": max}),
            }),
        );
        put("readiness", self.readiness.as_ref().map(Readiness::json));
        put("configurations", Some(pairs(&self.configurations)));
        put("policies", Some(pairs(&self.policies)));
        put("chart", self.chart.as_ref().map(|chart| json!(chart)));
        put("image", self.image.as_ref().map(|image| json!(image)));
        put("metadata", self.metadata.clone());
        put("documentation", Some(json!(self.documentation)));
        let sbom = self.sbom.iter();
        put(
            "sbom",
            Some(
                sbom.map(
                    |(file, format, count)| json!({"file": file, "format": format, "count": count}),
                )
                .collect(),
            ),
        );
        Json::Object(out)
    }
}

fn block(title: &str, lines: Vec<String>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let count = lines.len();
    let lines = lines.into_iter().map(|line| format!("  - {line}\n"));
    format!("{title} ({count}):\n{}", lines.collect::<String>())
}

impl Interface {
    fn line(&self) -> String {
        let port = self.port.map(|port| format!("port {port}"));
        let parts = [Some(self.ty.clone()), port, self.visibility.clone()];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!("{} ({})", self.name, parts.join(", "))
    }

    fn json(&self) -> Json {
        let mut out = json!({"name": self.name, "type": self.ty});
        let optional = [
            ("port", self.port.map(|v| json!(v))),
            ("visibility", self.visibility.as_ref().map(|v| json!(v))),
            ("contract", self.contract.as_ref().map(|v| json!(v))),
            ("operations", self.operations.map(|v| json!(v))),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                out[key] = value;
            }
        }
        out
    }
}

impl Runtime {
    fn json(&self) -> Json {
        let mut out = Map::new();
        let health = self.health.as_ref().map(|(interface, path)| match path {
            Some(path) => json!({"interface": interface, "path": path}),
            None => json!({"interface": interface}),
        });
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        for (key, value) in [
            ("workloadType", text(&self.workload)),
            ("stateType", text(&self.state)),
            ("scope", text(&self.scope)),
            ("durability", text(&self.durability)),
            ("dataCriticality", text(&self.criticality)),
            ("upgradeStrategy", text(&self.upgrade_strategy)),
            ("gracefulShutdownSeconds", self.graceful_shutdown_seconds.map(|s| json!(s))),
            ("health", health),
        ] {
            if let Some(value) = value {
                out.insert(key.to_owned(), value);
            }
        }
        Json::Object(out)
    }
}
