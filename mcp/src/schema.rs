//! JSON Schemas of results, in the plain form that all clients understand.

use serde_json::{Value, json};

/// An object. Keys that start with `?` may be absent.
pub fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let required: Vec<&str> =
        properties.iter().map(|(key, _)| *key).filter(|key| !key.starts_with('?')).collect();
    let named =
        |(key, schema): &(&str, Value)| (key.trim_start_matches('?').to_owned(), schema.clone());
    let properties: serde_json::Map<String, Value> = properties.iter().map(named).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// An object whose keys are not told.
pub fn any_object() -> Value {
    json!({"type": "object"})
}

/// A list. Which keys all items have is not told: every client puts the list of tools into each
/// conversation.
pub fn list(mut items: Value) -> Value {
    if let Some(map) = items.as_object_mut() {
        map.remove("required");
    }
    json!({"type": "array", "items": items})
}

pub fn text() -> Value {
    json!({"type": "string"})
}

pub fn flag() -> Value {
    json!({"type": "boolean"})
}

pub fn count() -> Value {
    json!({"type": "integer"})
}

pub fn choice(values: &[&str]) -> Value {
    json!({"type": "string", "enum": values})
}
