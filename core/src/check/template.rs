//! What a file of a bundle that is not there yet starts with: as much as makes it valid.

use crate::contract::{Contract, InterfaceType};
use crate::value::lower;
use crate::yaml;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Interface(InterfaceType),
    Configuration,
    Policy,
}

/// The text of a file for `purpose` at `path`; `None` where the ending says that it is something
/// else, such as an OpenAPI document in a `.proto`.
pub(super) fn template(contract: &Contract, purpose: Purpose, path: &str) -> Option<String> {
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
