//! Resources: contracts under the roots and in registries, as their tools show them.

use rmcp::model::{Resource, ResourceTemplate};
use serde_json::{Value, json};

use crate::answer::pretty;
use crate::tool::answer;
use crate::tools;
use crate::workspace::Workspace;

const YAML: &str = "application/yaml";
const JSON: &str = "application/json";
const MARKDOWN: &str = "text/markdown";
const SCHEMA: &str = "application/schema+json";

/// What a resource holds.
pub struct Content {
    pub text: String,
    pub kind: &'static str,
}

/// The forms of addresses that are not listed one by one.
pub fn templates() -> Vec<ResourceTemplate> {
    let all = [
        ("pacto://schema/{version}", "schema", "The format's JSON Schema", SCHEMA),
        ("pacto://rules/{code}", "rule", "What a rule is for", MARKDOWN),
        ("pacto://contract/{+loc}", "contract", "The source of a contract", YAML),
        ("pacto://inspect/{+loc}", "inspect", "A contract as data", JSON),
        ("pacto://diagnostics/{+loc}", "diagnostics", "The findings of a contract", JSON),
        ("pacto://docs/{+loc}", "docs", "The documentation of a contract", MARKDOWN),
        ("pacto://graph/{+loc}", "graph", "What a contract leads to", JSON),
    ];
    let each = all.into_iter().map(|(template, name, title, kind)| {
        ResourceTemplate::new(template, name).with_title(title).with_mime_type(kind)
    });
    each.collect()
}

/// The resources of a workspace, by address.
pub fn list(workspace: &Workspace) -> Vec<Resource> {
    let mut all = vec![
        Resource::new("pacto://rules", "rules").with_title("All rules").with_mime_type(MARKDOWN),
        Resource::new("pacto://schema/1.0", "schema")
            .with_title("The format's JSON Schema")
            .with_mime_type(SCHEMA),
    ];
    let contracts = workspace.ask(|view| {
        let each = view.entries.iter().map(|entry| (entry.name.clone(), view.shown(&entry.root)));
        each.collect::<Vec<_>>()
    });
    for (name, path) in contracts.unwrap_or_default() {
        for (view, title, kind) in
            [("contract", "contract", YAML), ("diagnostics", "findings", JSON)]
        {
            let uri = format!("pacto://{view}/local/{}", encode(&path));
            let resource = Resource::new(uri, format!("{name} {title}"));
            all.push(resource.with_title(format!("{name}: {title}")).with_mime_type(kind));
        }
    }
    all.sort_by(|a, b| a.uri.cmp(&b.uri));
    all
}

/// The resource at an address; none where there is none, whatever the reason: an answer that told
/// one from another would tell what lies outside of the roots.
pub fn read(workspace: &Workspace, uri: &str) -> Option<Content> {
    let (view, rest) = match uri.strip_prefix("pacto://")?.split_once('/') {
        Some((view, rest)) => (view, Some(rest)),
        None => (uri.strip_prefix("pacto://")?, None),
    };
    let ask = |tool: &str, arguments: Value| -> Option<Value> {
        let found = answer(tools::by_name(tool)?, arguments.as_object()?, workspace).ok()?;
        Some(Value::Object(found.structured().clone()))
    };
    let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
    let as_json = |value: &Value| Some(pretty(value.as_object()?));
    let (text, kind) = match (view, rest) {
        ("rules", None) => (rules(&ask("pacto_explain_rule", json!({}))?), MARKDOWN),
        ("rules", Some(code)) => {
            let rule = ask("pacto_explain_rule", json!({"code": decode(code)?}))?;
            (text(&rule, "documentation")?, MARKDOWN)
        }
        ("schema", Some(version)) => {
            let schema = ask("pacto_schema", json!({"version": decode(version)?}))?;
            (text(&schema, "jsonSchema")?, SCHEMA)
        }
        (_, Some(place)) => {
            let place = reference(place)?;
            match view {
                "contract" => {
                    let found = ask(
                        "pacto_inspect",
                        json!({"ref": place, "raw": true, "sections": ["owner"]}),
                    )?;
                    (text(&found, "yaml")?, YAML)
                }
                "inspect" => (as_json(&ask("pacto_inspect", json!({"ref": place}))?)?, JSON),
                "diagnostics" => {
                    let found = ask("pacto_check", json!({"path": place, "limit": 200}))?;
                    (as_json(&found)?, JSON)
                }
                "docs" => (
                    text(&ask("pacto_generate_docs", json!({"ref": place}))?, "markdown")?,
                    MARKDOWN,
                ),
                "graph" => (as_json(&ask("pacto_graph", json!({"ref": place}))?)?, JSON),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(Content { text, kind })
}

fn rules(found: &Value) -> String {
    let each = found["rules"].as_array().into_iter().flatten().map(|rule| {
        let text = |key: &str| rule[key].as_str().unwrap_or_default();
        format!(
            "- `{}` ({}, {}): {}\n",
            text("code"),
            text("layer"),
            text("severity"),
            text("summary")
        )
    });
    each.collect()
}

/// What tools take for `local/PATH` and `oci/REFERENCE`.
fn reference(place: &str) -> Option<String> {
    let (source, rest) = place.split_once('/')?;
    let rest = decode(rest)?;
    match source {
        "local" if rest.is_empty() => Some(".".to_owned()),
        "local" if !rest.contains("://") => Some(rest),
        "oci" => Some(format!("oci://{rest}")),
        _ => None,
    }
}

fn encode(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The text of an address; none of one that is encoded wrongly.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_paths() {
        for path in ["a/b", "a b/ü", "100%/x"] {
            assert_eq!(decode(&encode(path)).as_deref(), Some(path));
        }
        for wrong in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
        assert_eq!(reference("oci/h.io/a:1").as_deref(), Some("oci://h.io/a:1"));
        assert_eq!(reference("local/").as_deref(), Some("."));
        assert_eq!(reference("local/oci://h.io/a"), None);
        assert_eq!(reference("git/main"), None);
    }
}
