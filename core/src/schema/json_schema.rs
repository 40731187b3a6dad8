//! The table as JSON Schemas, draft 2020-12, one for each version of the format.

use serde_json::{Map, Value, json};

use super::format::{CONTRACT, Field, Object, ObjectRule, StrRule, Type};
use super::version::FormatVersion;

/// The JSON Schema of a contract of `version`, or of the part at `path` (`runtime.state`); `None`
/// when that version has no such part.
pub fn json_schema(version: FormatVersion, path: &str) -> Option<Value> {
    let root = if path.is_empty() {
        object_schema(&CONTRACT, version)
    } else {
        let mut object = Some(&CONTRACT);
        let mut found = None;
        for name in path.split('.') {
            let name = name.trim_end_matches("[]");
            let field = object?.field(name, Some(version))?;
            object = object_of(&field.ty);
            found = Some(field);
        }
        field_schema(found?, version)
    };
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    if path.is_empty() {
        let id = format!("https://pacto.dev/schema/{}/contract.json", version.text());
        schema.insert("$id".into(), json!(id));
        schema.insert("title".into(), json!("Pacto contract"));
    }
    let Value::Object(root) = root else {
        return None;
    };
    schema.extend(root);
    Some(Value::Object(schema))
}

/// The object type below a type, if there is one.
pub(super) fn object_of(ty: &'static Type) -> Option<&'static Object> {
    match ty {
        Type::Object(object) | Type::StrOr(object) => Some(object),
        Type::Array { item, .. } => object_of(item),
        _ => None,
    }
}

fn field_schema(field: &'static Field, version: FormatVersion) -> Value {
    let mut schema = Map::new();
    schema.insert("description".into(), json!(field.doc));
    if let Value::Object(ty) = type_schema(&field.ty, version) {
        for (key, value) in ty {
            schema.entry(key).or_insert(value);
        }
    }
    if let Some(default) = field.default {
        let default = serde_json::from_str(default).unwrap_or(json!(default));
        schema.insert("default".into(), default);
    }
    Value::Object(schema)
}

fn type_schema(ty: &'static Type, version: FormatVersion) -> Value {
    match ty {
        Type::Str(StrRule::FormatVersion) => {
            json!({"type": "string", "enum": [version.text()]})
        }
        Type::Str(rule) => {
            let mut schema = json!({"type": "string"});
            if rule.min_length() > 0 {
                schema["minLength"] = json!(rule.min_length());
            }
            if let Some(max) = rule.max_length() {
                schema["maxLength"] = json!(max);
            }
            if let Some(pattern) = rule.pattern() {
                schema["pattern"] = json!(pattern);
            }
            if let Some(format) = rule.format() {
                schema["format"] = json!(format);
            }
            schema
        }
        Type::Int { min, max } => {
            let mut schema = json!({"type": "integer", "minimum": min});
            if let Some(max) = max {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Type::Number { min, max } => json!({"type": "number", "minimum": min, "maximum": max}),
        Type::Bool => json!({"type": "boolean"}),
        Type::Enum(values) => {
            let names: Vec<&str> = values.iter().map(|v| v.value).collect();
            let docs: Vec<&str> = values.iter().map(|v| v.doc).collect();
            // `enumDescriptions` is what the editors' JSON and YAML servers show beside a value.
            json!({"type": "string", "enum": names, "enumDescriptions": docs})
        }
        Type::Object(object) => object_schema(object, version),
        Type::Array { item, min_items } => {
            let mut schema = json!({"type": "array", "items": type_schema(item, version)});
            if *min_items > 0 {
                schema["minItems"] = json!(min_items);
            }
            schema
        }
        Type::Free => json!({"type": "object"}),
        Type::StrOr(object) => {
            json!({"oneOf": [{"type": "string", "minLength": 1}, object_schema(object, version)]})
        }
    }
}

fn object_schema(object: &'static Object, version: FormatVersion) -> Value {
    let fields = || object.fields_in(Some(version));
    let properties: Map<String, Value> =
        fields().map(|f| (f.name.to_owned(), field_schema(f, version))).collect();
    let required: Vec<&str> = fields().filter(|f| f.required).map(|f| f.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": object.doc,
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let rules: Vec<Value> = object.rules_in(Some(version)).flat_map(rule_schemas).collect();
    if !rules.is_empty() {
        schema["allOf"] = json!(rules);
    }
    schema
}

fn rule_schemas(rule: &'static ObjectRule) -> Vec<Value> {
    let requires = |names: &[&str]| json!({"required": names});
    match rule {
        ObjectRule::AnyOf(fields) => {
            let each: Vec<Value> = fields.iter().map(|f| requires(&[f])).collect();
            vec![json!({"anyOf": each})]
        }
        ObjectRule::Exclusive(a, b) => vec![json!({"not": requires(&[a, b])})],
        ObjectRule::OneOf { fields, .. } => {
            let each: Vec<Value> = fields.iter().map(|f| requires(&[f])).collect();
            vec![json!({"oneOf": each})]
        }
        ObjectRule::OnlyBeside { field, beside, .. } => {
            vec![json!({"dependentRequired": {*field: [beside]}})]
        }
        ObjectRule::EitherOrAll { alone, all } => {
            let none: Vec<Value> = all.iter().map(|f| requires(&[f])).collect();
            vec![json!({"oneOf": [
                {"required": [alone], "not": {"anyOf": none}},
                {"required": all, "not": requires(&[alone])},
            ]})]
        }
        ObjectRule::RequiredWhen { field, values, then, .. } => vec![json!({
            "if": {"properties": {*field: {"enum": values}}, "required": [field]},
            "then": {"required": [then]},
        })],
    }
}
