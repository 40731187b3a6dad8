//! A whole contract as data for programs. What looks like a secret is masked.

use serde_json::{Map, Value as Json, json};

use super::interfaces::interfaces;
use crate::bundle::BundleView;
use crate::contract::{
    Configuration, Constraint, Contract, ContractRef, Dependency, Policy, is_secret,
};
use crate::fact::Fact;
use crate::spec::BundlePath;
use crate::value::{Data, Value};

/// What a contract says, `contract` of `bundle` with its overrides. With `with_values` the settings
/// have their values.
pub fn inspect(bundle: &dyn BundleView, contract: &Contract, with_values: bool) -> Json {
    let value = &contract.value;
    let mut out = Map::new();
    let mut put = |key: &str, value: Option<Json>| {
        out.extend(value.map(|value| (key.to_owned(), value)));
    };
    let service = |key: &str| value.get("service").and_then(|service| service.get(key));
    put("name", Some(json!(contract.name().unwrap_or_default())));
    put("version", Some(json!(contract.version().unwrap_or_default())));
    put("pactoVersion", value.get("pactoVersion").map(Value::to_shown_json));
    put("owner", service("owner").map(masked));
    let owner = contract.service.as_ref().and_then(|service| service.owner.get());
    put("ownerKey", owner.and_then(|owner| owner.key()).map(|key| json!(key)));
    put("image", service("image").map(masked));
    put("chart", service("chart").map(masked));
    let listed = interfaces(bundle, contract);
    put("interfaces", Some(listed.iter().map(|interface| interface.json(false)).collect()));
    let configurations = contract.configurations.iter();
    put("configurations", Some(configurations.map(|c| configuration(c, with_values)).collect()));
    put("policies", Some(contract.policies.iter().map(|p| policy(bundle, p)).collect()));
    put("dependencies", Some(contract.dependencies.iter().map(dependency).collect()));
    put("runtime", value.get("runtime").map(runtime));
    put("scaling", value.get("scaling").map(Value::to_shown_json));
    put("metadata", value.get("metadata").map(masked));
    put("files", Some(files(bundle, contract)));
    Json::Object(out)
}

/// The value with its secrets masked.
fn masked(value: &Value) -> Json {
    match &value.data {
        Data::Map(entries) => {
            let each = entries.iter().map(|entry| {
                let text = entry.value.as_str();
                let is_secret = text.is_some_and(|text| is_secret(&entry.key, text));
                let shown = if is_secret { json!("***") } else { masked(&entry.value) };
                (entry.key.to_string(), shown)
            });
            Json::Object(each.collect())
        }
        Data::Seq(items) => items.iter().map(masked).collect(),
        Data::Str(text) if is_secret("", text) => json!("***"),
        _ => value.to_shown_json(),
    }
}

fn named(name: Option<&String>) -> Map<String, Json> {
    let name = name.map_or("default", String::as_str);
    [("name".to_owned(), json!(name))].into_iter().collect()
}

fn configuration(configuration: &Configuration, with_values: bool) -> Json {
    let mut out = named(configuration.name.get());
    for (key, field) in [("schema", &configuration.schema), ("ref", &configuration.reference)] {
        out.extend(field.get().map(|text| (key.to_owned(), json!(text))));
    }
    let values = configuration.values.get();
    let entries = values.map_or(&[][..], Value::entries);
    let secret = entries.iter().filter(|entry| {
        let text = entry.value.as_str().unwrap_or("");
        text.starts_with("secret://") || is_secret(&entry.key, text)
    });
    out.insert("valueKeys".into(), entries.iter().map(|entry| json!(&*entry.key)).collect());
    out.insert("secretKeys".into(), secret.map(|entry| json!(&*entry.key)).collect());
    if with_values && let Some(values) = values {
        out.insert("values".into(), masked(values));
    }
    Json::Object(out)
}

fn policy(bundle: &dyn BundleView, policy: &Policy) -> Json {
    let mut out = named(policy.name.get());
    for (key, field) in [("schema", &policy.schema), ("ref", &policy.reference)] {
        out.extend(field.get().map(|text| (key.to_owned(), json!(text))));
    }
    let path = policy.schema.get().and_then(|file| BundlePath::parse(file).ok());
    if let Some(Fact::Ready(document)) = path.map(|path| bundle.document(&path)) {
        let title = document.value.get("title").and_then(Value::as_str);
        out.extend(title.map(|title| ("title".to_owned(), json!(title))));
    }
    Json::Object(out)
}

fn dependency(dependency: &Dependency) -> Json {
    let reference = dependency.reference.get().cloned().unwrap_or_default();
    let name = dependency.name.get().cloned().or_else(|| {
        ContractRef::parse(&reference).ok().map(|parsed| parsed.default_name().to_owned())
    });
    let compatibility = dependency.compatibility.get().cloned().unwrap_or_default();
    let interval = Constraint::parse(&compatibility).map(|constraint| constraint.interval());
    json!({
        "name": name.unwrap_or_default(),
        "ref": reference,
        "required": dependency.required.get().copied().unwrap_or(false),
        "interval": interval.unwrap_or_default(),
        "compatibility": compatibility,
    })
}

fn runtime(value: &Value) -> Json {
    let mut out = Map::new();
    let at = |path: &[&str]| path.iter().try_fold(value, |value, key| value.get(key));
    for (key, path) in [
        ("workloadType", &["workload"][..]),
        ("stateType", &["state", "type"]),
        ("scope", &["state", "persistence", "scope"]),
        ("durability", &["state", "persistence", "durability"]),
        ("dataCriticality", &["state", "dataCriticality"]),
        ("lifecycle", &["lifecycle"]),
        ("health", &["health"]),
        ("metrics", &["metrics"]),
    ] {
        out.extend(at(path).map(|value| (key.to_owned(), masked(value))));
    }
    Json::Object(out)
}

/// The files of the bundle: path, size as far as it is known, and what each is for.
fn files(bundle: &dyn BundleView, contract: &Contract) -> Json {
    let Fact::Ready(files) = bundle.files() else { return json!([]) };
    let interface = contract.interfaces.iter().filter_map(|i| i.contract.get());
    let interface: Vec<&String> = interface.collect();
    let policy: Vec<&String> = contract.policies.iter().filter_map(|p| p.schema.get()).collect();
    let schema: Vec<&String> =
        contract.configurations.iter().filter_map(|c| c.schema.get()).collect();
    let kind = |path: &String| match path {
        path if interface.contains(&path) => "interface",
        path if policy.contains(&path) => "policy",
        path if schema.contains(&path) => "schema",
        path if path.starts_with("docs/") => "docs",
        path if path.starts_with("sbom/") => "sbom",
        _ => "other",
    };
    let each = files.iter().map(|path| {
        let mut out = json!({"path": path, "kind": kind(path)});
        let parsed = BundlePath::parse(path).ok();
        if let Some(Fact::Ready(text)) = parsed.as_ref().map(|path| bundle.text(path)) {
            out["bytes"] = json!(text.len());
        }
        out
    });
    each.collect()
}
