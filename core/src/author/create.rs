//! A new contract from what is told of a service, with the files that it names.

use serde_json::{Map, Value as Json, json};

use super::infer::{Derived, infer};
use super::yaml::document;
use crate::check::template::{Purpose, template};
use crate::contract::{self, Contract, Workload};
use crate::value::lower;
use crate::yaml;

/// What is told of a service. Everything but the name may be left open.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub name: String,
    pub version: Option<String>,
    pub owner: Option<Json>,
    /// Fills what the rest leaves open.
    pub description: Option<String>,
    pub metadata: Option<Json>,
    /// As in the format.
    pub interfaces: Vec<Json>,
    pub dependencies: Vec<Json>,
    pub configurations: Vec<Json>,
    pub policies: Vec<Json>,
    pub runtime: Option<Json>,
    pub scaling: Option<Json>,
    pub workload: Option<String>,
    pub stores_data: Option<bool>,
    pub survives_restart: Option<bool>,
    pub is_shared: Option<bool>,
    /// `low`, `medium` or `high`.
    pub loss_impact: Option<String>,
    /// `{name, type, required, default, description}` each.
    pub config_properties: Vec<Json>,
    pub replicas: Option<u64>,
    pub min_replicas: Option<u64>,
    pub max_replicas: Option<u64>,
    /// Files that need no skeleton: path and text.
    pub files: Vec<(String, String)>,
}

/// A bundle that is not written yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The text of `pacto.yaml`.
    pub yaml: String,
    /// The other files: path and text.
    pub files: Vec<(String, String)>,
    /// What was made out of the description, in sentences.
    pub derived: Vec<String>,
}

const SCHEMA_FILE: &str = "configuration/schema.json";

/// The bundle of a plan.
pub fn create(plan: &Plan) -> Draft {
    let mut derived = Vec::new();
    let found = plan.description.as_deref().map(infer).unwrap_or_default();
    let interfaces = interfaces(plan, &found, &mut derived);
    let runtime = runtime(plan, &found, &interfaces, &mut derived);
    let mut contract = Map::new();
    let mut put = |key: &str, value: Option<Json>| {
        let value = value.filter(|value| !matches!(value, Json::Array(items) if items.is_empty()));
        contract.extend(value.map(|value| (key.to_owned(), value)));
    };
    let mut service = Map::new();
    service.insert("name".into(), json!(plan.name));
    service.insert("version".into(), json!(plan.version.as_deref().unwrap_or("0.1.0")));
    service.extend(plan.owner.clone().map(|owner| ("owner".to_owned(), owner)));
    put("pactoVersion", Some(json!("1.0")));
    put("service", Some(Json::Object(service)));
    put("interfaces", Some(Json::Array(interfaces)));
    let mut configurations = plan.configurations.clone();
    if !plan.config_properties.is_empty() && configurations.is_empty() {
        configurations.push(json!({"name": "default", "schema": SCHEMA_FILE}));
    }
    put("configurations", Some(Json::Array(configurations)));
    put("dependencies", Some(Json::Array(plan.dependencies.clone())));
    put("policies", Some(Json::Array(plan.policies.clone())));
    put("runtime", Some(runtime));
    put("scaling", scaling(plan));
    put("metadata", plan.metadata.clone());
    let yaml = document(&Json::Object(contract));
    let mut files = plan.files.clone();
    let is_given =
        |files: &[(String, String)], path: &str| files.iter().any(|(own, _)| own == path);
    if !plan.config_properties.is_empty() && !is_given(&files, SCHEMA_FILE) {
        files.push((SCHEMA_FILE.to_owned(), config_schema(None, &plan.config_properties)));
    }
    let model = contract::lower(lower(&yaml::parse(yaml.as_str()), 0).value);
    for (path, purpose) in named_files(&model) {
        if !is_given(&files, &path)
            && let Some(text) = skeleton(&model, purpose, &path)
        {
            files.push((path, text));
        }
    }
    Draft { yaml, files, derived }
}

/// The files of its bundle that a contract names, and what for.
fn named_files(contract: &Contract) -> Vec<(String, Purpose)> {
    let interfaces = contract.interfaces.iter().filter_map(|interface| {
        Some((interface.contract.get()?.clone(), Purpose::Interface(*interface.ty.get()?)))
    });
    let configurations = contract.configurations.iter();
    let configurations =
        configurations.filter_map(|c| Some((c.schema.get()?.clone(), Purpose::Configuration)));
    let policies = contract.policies.iter();
    let policies = policies.filter_map(|p| Some((p.schema.get()?.clone(), Purpose::Policy)));
    interfaces.chain(configurations).chain(policies).collect()
}

/// A file to start from; an OpenAPI document has the path that health is asked at.
fn skeleton(contract: &Contract, purpose: Purpose, path: &str) -> Option<String> {
    let text = template(contract, purpose, path)?;
    let health = contract.runtime.as_ref().and_then(|runtime| runtime.health.as_ref());
    let Some((health, asked)) =
        health.and_then(|probe| Some((probe.path.get()?, probe.interface.get()?)))
    else {
        return Some(text);
    };
    let is_asked = contract.interfaces.iter().any(|interface| {
        interface.name.get() == Some(asked)
            && interface.contract.get().is_some_and(|file| file == path)
    });
    if !is_asked || !text.contains("openapi:") {
        return Some(text);
    }
    let operation = json!({"paths": {health: {"get": {
        "summary": "Whether the service can take requests",
        "responses": {"200": {"description": "It can"}},
    }}}});
    let paths = document(&operation);
    Some(text.replace("paths: {}\n", &paths))
}

fn interfaces(plan: &Plan, found: &Derived, derived: &mut Vec<String>) -> Vec<Json> {
    if !plan.interfaces.is_empty() {
        return plan.interfaces.iter().map(complete).collect();
    }
    let mut all = Vec::new();
    let mut add = |word: &Option<String>, interface: Json, what: &str| {
        if let Some(word) = word {
            derived.push(format!("interfaces: {what} (because of \"{word}\")"));
            all.push(complete(&interface));
        }
    };
    let http = json!({"name": "http-api", "type": "http", "port": 8080, "visibility": "public"});
    add(&found.http, http, "http-api, http, public");
    let grpc = json!({"name": "grpc-api", "type": "grpc", "port": 9090, "visibility": "internal"});
    add(&found.grpc, grpc, "grpc-api, grpc, internal");
    add(&found.event, json!({"name": "events", "type": "event"}), "events, event");
    all
}

/// An interface with the port and the file that its type asks for.
fn complete(interface: &Json) -> Json {
    let mut interface = interface.clone();
    let Some(map) = interface.as_object_mut() else { return interface };
    let text = |key: &str| map.get(key).and_then(Json::as_str).map(str::to_owned);
    let (Some(name), Some(ty)) = (text("name"), text("type")) else { return interface };
    let (port, ending) = match ty.as_str() {
        "http" => (Some(8080), "yaml"),
        "grpc" => (Some(9090), "proto"),
        _ => (None, "yaml"),
    };
    if let Some(port) = port {
        map.entry("port").or_insert(json!(port));
    }
    // A name that is no file's name is reported as what it is.
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if is_plain && !name.starts_with('.') {
        map.entry("contract").or_insert(json!(format!("interfaces/{name}.{ending}")));
    }
    interface
}

fn runtime(plan: &Plan, found: &Derived, interfaces: &[Json], derived: &mut Vec<String>) -> Json {
    let mut runtime = plan.runtime.as_ref().and_then(Json::as_object).cloned().unwrap_or_default();
    if !runtime.contains_key("workload") {
        let workload = match (&plan.workload, &found.workload) {
            (Some(workload), _) => workload.clone(),
            (None, Some((workload, word))) => {
                derived
                    .push(format!("runtime.workload: {} (because of \"{word}\")", workload.text()));
                workload.text().to_owned()
            }
            (None, None) => Workload::Service.text().to_owned(),
        };
        runtime.insert("workload".into(), json!(workload));
    }
    if !runtime.contains_key("state") {
        runtime.insert("state".into(), state(plan, found, derived));
    }
    let is_service = runtime.get("workload") == Some(&json!("service"));
    let asked = |ty: &str| interfaces.iter().find(|interface| interface["type"] == ty);
    if is_service && !runtime.contains_key("health") {
        let health = match (asked("http"), asked("grpc")) {
            (Some(http), _) => Some(json!({"interface": http["name"], "path": "/health"})),
            (None, Some(grpc)) => Some(json!({"interface": grpc["name"]})),
            (None, None) => None,
        };
        runtime.extend(health.map(|health| ("health".to_owned(), health)));
    }
    // In the order of the format.
    let order = ["workload", "state", "lifecycle", "health", "metrics"];
    let rank = |key: &str| order.iter().position(|known| *known == key).unwrap_or(order.len());
    let mut entries: Vec<(String, Json)> = runtime.into_iter().collect();
    entries.sort_by_key(|(key, _)| rank(key));
    Json::Object(entries.into_iter().collect())
}

fn state(plan: &Plan, found: &Derived, derived: &mut Vec<String>) -> Json {
    let is_told = plan.survives_restart == Some(true) || plan.is_shared == Some(true);
    let is_stateful = match (plan.stores_data, is_told, &found.is_stateful) {
        (Some(stores), ..) => stores,
        (None, true, _) => true,
        (None, false, Some((is_stateful, words))) => {
            let what = if *is_stateful { "stateful, shared, persistent" } else { "stateless" };
            derived.push(format!("runtime.state: {what} (because of \"{words}\")"));
            *is_stateful
        }
        (None, false, None) => false,
    };
    let is_derived = plan.stores_data.is_none() && !is_told && is_stateful;
    let survives = plan.survives_restart.unwrap_or(is_derived);
    let is_shared = plan.is_shared.unwrap_or(is_derived);
    let criticality = plan.loss_impact.as_deref();
    json!({
        "type": if is_stateful { "stateful" } else { "stateless" },
        "persistence": {
            "scope": if is_stateful && is_shared { "shared" } else { "local" },
            "durability": if is_stateful && survives { "persistent" } else { "ephemeral" },
        },
        "dataCriticality": criticality.unwrap_or(if is_stateful { "medium" } else { "low" }),
    })
}

fn scaling(plan: &Plan) -> Option<Json> {
    match (&plan.scaling, plan.replicas, plan.min_replicas, plan.max_replicas) {
        (Some(scaling), ..) => Some(scaling.clone()),
        (None, Some(replicas), ..) => Some(json!({"replicas": replicas})),
        (None, None, Some(min), Some(max)) => Some(json!({"min": min, "max": max})),
        (None, None, Some(min), None) => Some(json!({"min": min, "max": min.max(1)})),
        (None, None, None, Some(max)) => Some(json!({"min": max.min(1), "max": max})),
        (None, None, None, None) => None,
    }
}

/// The text of a JSON Schema with properties `{name, type, required, default, description}`, added to
/// those of `base`.
pub fn config_schema(base: Option<&Json>, properties: &[Json]) -> String {
    let usual = || {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {},
        })
    };
    let mut schema = base.filter(|base| base.is_object()).cloned().unwrap_or_else(usual);
    for property in properties {
        let Some(name) = property["name"].as_str() else { continue };
        let mut described = Map::new();
        for key in ["type", "description", "default"] {
            described.extend(property.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        schema["properties"][name] = Json::Object(described);
        if property["required"] == true {
            let required = &mut schema["required"];
            match required.as_array_mut() {
                Some(names) if names.iter().any(|own| own == name) => {}
                Some(names) => names.push(json!(name)),
                None => *required = json!([name]),
            }
        }
    }
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_fills_what_is_left_open() {
        let plan = Plan {
            name: "invoices".into(),
            description: Some("REST API that stores invoices in Postgres".into()),
            config_properties: vec![
                json!({"name": "LOG_LEVEL", "type": "string", "required": true}),
            ],
            ..Plan::default()
        };
        let draft = create(&plan);
        let paths: Vec<&str> = draft.files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["configuration/schema.json", "interfaces/http-api.yaml"]);
        assert!(draft.files[1].1.contains("/health"), "{}", draft.files[1].1);
        assert!(draft.yaml.contains("    type: stateful\n"), "{}", draft.yaml);
        assert_eq!(
            draft.derived,
            [
                "interfaces: http-api, http, public (because of \"rest\")",
                "runtime.state: stateful, shared, persistent (because of \"postgres\")",
            ]
        );
        let told = Plan {
            stores_data: Some(false),
            interfaces: vec![json!({"name": "e", "type": "event"})],
            ..plan
        };
        let draft = create(&told);
        assert!(draft.derived.is_empty(), "{:?}", draft.derived);
        assert!(draft.yaml.contains("type: stateless"), "{}", draft.yaml);
    }
}
