//! What a file of a bundle that is not there yet starts with: as much as makes it valid.

use crate::contract::{Contract, InterfaceType};
use crate::value::{Data, Value, lower};
use crate::yaml;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Interface(InterfaceType),
    Configuration,
    Policy,
}

/// The text of a file for `purpose` at `path`; `None` where the ending says that it is something
/// else, such as an OpenAPI document in a `.proto`.
pub(crate) fn template(contract: &Contract, purpose: Purpose, path: &str) -> Option<String> {
    let ending = path.rsplit_once('.')?.1;
    let service = contract.service.as_ref();
    let text = |field: Option<&String>, default: &str| {
        let is_plain =
            |text: &&String| text.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
        field.filter(is_plain).map_or(default, String::as_str).to_owned()
    };
    let name = text(service.and_then(|s| s.name.get()), "my-service");
    let version = text(service.and_then(|s| s.version.get()), "0.1.0");
    let data = match purpose {
        Purpose::Interface(InterfaceType::Grpc) => {
            return (ending == "proto").then(|| proto(&name));
        }
        Purpose::Interface(InterfaceType::Http) => openapi(&name, &version),
        Purpose::Interface(InterfaceType::Event) => asyncapi(&name, &version),
        Purpose::Configuration | Purpose::Policy => SCHEMA.to_owned(),
    };
    match ending {
        "yaml" | "yml" => Some(data),
        "json" => {
            let value = lower(&yaml::parse(data.as_str()), 0).value.to_json();
            Some(serde_json::to_string_pretty(&value).ok()? + "\n")
        }
        _ => None,
    }
}

fn openapi(name: &str, version: &str) -> String {
    format!("openapi: 3.1.0\ninfo:\n  title: {name}\n  version: \"{version}\"\npaths: {{}}\n")
}

fn asyncapi(name: &str, version: &str) -> String {
    format!("asyncapi: 3.0.0\ninfo:\n  title: {name}\n  version: \"{version}\"\nchannels: {{}}\n")
}

const SCHEMA: &str = "$schema: https://json-schema.org/draft/2020-12/schema\ntype: object\n";

/// A JSON Schema of settings that have the types of `values`.
pub(super) fn schema_of_values(values: &Value) -> String {
    let mut schema = described(values);
    if let Some(fields) = schema.as_object_mut() {
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        fields.insert("$schema".to_owned(), dialect.into());
    }
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

fn described(value: &Value) -> serde_json::Value {
    let mut schema = serde_json::json!({"type": type_of(value)});
    if let Data::Map(entries) = &value.data {
        let each = entries.iter().map(|entry| (entry.key.to_string(), described(&entry.value)));
        schema["properties"] = each.collect::<serde_json::Map<_, _>>().into();
    }
    schema
}

/// The type of a value (JSON Schema 2020-12, "Instance Data Model").
pub(super) fn type_of(value: &Value) -> &'static str {
    match value.to_json() {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "boolean",
        serde_json::Value::Number(number) if number.is_f64() => "number",
        serde_json::Value::Number(_) => "integer",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    }
}

/// A service needs a name of its own kind: `user-profiles` → `UserProfiles`.
fn proto(name: &str) -> String {
    let words = name.split(['-', '.']).filter(|word| !word.is_empty());
    let capitalised = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
    let mut service: String = capitalised.collect();
    if !service.starts_with(|c: char| c.is_ascii_alphabetic()) {
        service.insert_str(0, "Service");
    }
    let package: String = name.to_ascii_lowercase().replace(['-', '.'], "_");
    let package = package.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let package = if package.is_empty() { "service" } else { package };
    format!("syntax = \"proto3\";\n\npackage {package}.v1;\n\nservice {service} {{}}\n")
}
