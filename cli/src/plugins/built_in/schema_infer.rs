//! `schema-infer`: a JSON Schema from an example of a configuration.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::input::{check_options, option, read_inside};
use crate::plugins::protocol::{File, Request, Response};

/// The file that is made.
const NAME: &str = "config.schema.json";

pub fn run(request: &Request) -> Result<Response, String> {
    check_options(request, &["file", "title"])?;
    let path = option(request, "file").ok_or("the option file is missing: --option file=PATH")?;
    let text = read_inside(request, path)?;
    let value = parse(path, &text)?;
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!(option(request, "title").unwrap_or("configuration")));
    let Value::Object(inferred) = infer(&value) else {
        return Err(format!("{path}: it holds no mapping"));
    };
    if inferred.get("type") != Some(&json!("object")) {
        return Err(format!("{path}: it holds no mapping"));
    }
    schema.extend(inferred);
    schema.insert("additionalProperties".into(), json!(false));
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n";
    Ok(Response {
        files: vec![File::text(NAME, text)],
        message: Some(what_to_do(request)),
        ..Response::default()
    })
}

/// How the contract comes to name the schema: by its path, where it is in the bundle.
fn what_to_do(request: &Request) -> String {
    let named = |path: &str| format!("configuration: {{schema: {path}}}");
    let inside = place_of(&request.output_dir).and_then(|output| {
        let inside = output.strip_prefix(place_of(&request.bundle_dir)?).ok()?;
        inside.join(NAME).to_str().map(str::to_owned)
    });
    match inside {
        Some(path) => format!("name it in the contract: {}", named(&path)),
        None => format!("move it into the bundle and name it: {}", named(NAME)),
    }
}

/// Where a folder is, links followed; what is not there yet is where its parent is.
fn place_of(folder: &Path) -> Option<PathBuf> {
    match folder.canonicalize() {
        Ok(place) => Some(place),
        Err(_) => Some(place_of(folder.parent()?)?.join(folder.file_name()?)),
    }
}

fn parse(path: &str, text: &str) -> Result<Value, String> {
    match path.rsplit('.').next().unwrap_or("") {
        "json" => serde_json::from_str(text).map_err(|error| format!("{path}: {error}")),
        "toml" => {
            let value: toml::Value =
                toml::from_str(text).map_err(|error| format!("{path}: {error}"))?;
            serde_json::to_value(value).map_err(|error| format!("{path}: {error}"))
        }
        "yaml" | "yml" => {
            let tree = pacto_core::yaml::read(text)
                .map_err(|error| format!("{path}: {}", error.message))?;
            Ok(pacto_core::value::lower(&tree, 0).value.to_json())
        }
        other => Err(format!("{path}: \".{other}\" is none of .json, .yaml, .yml, .toml")),
    }
}

/// The schema that a value satisfies.
fn infer(value: &Value) -> Value {
    match value {
        Value::Null => json!({"type": "null"}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(number) if number.is_i64() || number.is_u64() => json!({"type": "integer"}),
        Value::Number(_) => json!({"type": "number"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Array(items) => match items.iter().map(infer).reduce(merge) {
            Some(items) => json!({"type": "array", "items": items}),
            None => json!({"type": "array"}),
        },
        Value::Object(map) => {
            let properties: Map<String, Value> =
                map.iter().map(|(key, value)| (key.clone(), infer(value))).collect();
            let mut required: Vec<&String> = map.keys().collect();
            required.sort();
            json!({"type": "object", "properties": properties, "required": required})
        }
    }
}

/// A schema that both satisfy.
fn merge(a: Value, b: Value) -> Value {
    if a == b {
        return a;
    }
    let kind = |schema: &Value| schema["type"].as_str().unwrap_or("").to_owned();
    match (kind(&a).as_str(), kind(&b).as_str()) {
        ("object", "object") => merge_objects(&a, &b),
        ("array", "array") => match (a.get("items"), b.get("items")) {
            (Some(x), Some(y)) => json!({"type": "array", "items": merge(x.clone(), y.clone())}),
            (Some(_), None) => a,
            _ => b,
        },
        ("integer", "number") | ("number", "integer") => json!({"type": "number"}),
        _ => {
            let mut options: Vec<Value> = Vec::new();
            for schema in [a, b] {
                match schema.get("anyOf").and_then(Value::as_array) {
                    Some(inner) => options.extend(inner.iter().cloned()),
                    None => options.push(schema),
                }
            }
            let mut unique: Vec<Value> = Vec::new();
            for option in options {
                if !unique.contains(&option) {
                    unique.push(option);
                }
            }
            json!({"anyOf": unique})
        }
    }
}

fn merge_objects(a: &Value, b: &Value) -> Value {
    let properties = |schema: &Value| schema["properties"].as_object().cloned().unwrap_or_default();
    let mut all = properties(a);
    for (key, schema) in properties(b) {
        let merged = match all.remove(&key) {
            Some(old) => merge(old, schema),
            None => schema,
        };
        all.insert(key, merged);
    }
    let names = |schema: &Value| schema["required"].as_array().cloned().unwrap_or_default();
    let other = names(b);
    let required: Vec<Value> = names(a).into_iter().filter(|name| other.contains(name)).collect();
    json!({"type": "object", "properties": all, "required": required})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_elements_of_an_array_count() {
        let value =
            json!({"a": [1, 2.5], "b": [{"x": 1}, {"x": 2, "y": "z"}], "c": [1, "x"], "d": []});
        let properties = infer(&value)["properties"].clone();
        assert_eq!(properties["a"]["items"], json!({"type": "number"}));
        assert_eq!(properties["b"]["items"]["required"], json!(["x"]));
        assert_eq!(properties["c"]["items"]["anyOf"].as_array().unwrap().len(), 2);
        assert_eq!(properties["d"], json!({"type": "array"}));
    }
}
