//! The properties of a JSON Schema, flattened for a table.

use crate::bundle::BundleView;
use crate::contract::is_secret;
use crate::fact::Fact;
use crate::spec::BundlePath;
use crate::text::unescape_segment;
use crate::value::{Data, Value};

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// With dots between the names of nested objects.
    pub name: String,
    pub ty: String,
    pub description: String,
    pub default: Option<String>,
    pub required: bool,
}

/// Upper bounds on properties, and on the depth of objects.
const MAX_PROPERTIES: usize = 500;
const MAX_DEPTH: usize = 8;
/// References are followed at most so often from one place.
const MAX_HOPS: usize = 16;

/// The properties of the schema in `path`, or why it cannot be read.
pub fn properties(bundle: &dyn BundleView, path: &BundlePath) -> Result<Vec<Property>, String> {
    let document = match bundle.document(path) {
        Fact::Ready(document) => document,
        Fact::Pending => return Err("it was not read".into()),
        Fact::Failed(failure) => return Err(failure.to_string()),
    };
    if let Some(error) = document.syntax.first() {
        return Err(error.message.to_string());
    }
    let mut found = Vec::new();
    let place = Place { bundle, path: path.clone(), root: &document.value };
    place.collect(&document.value, "", 0, &mut found);
    Ok(found)
}

/// A schema file, and where its `$ref`s start from.
struct Place<'a> {
    bundle: &'a dyn BundleView,
    path: BundlePath,
    root: &'a Value,
}

impl<'a> Place<'a> {
    fn collect(&self, schema: &'a Value, prefix: &str, depth: usize, found: &mut Vec<Property>) {
        let Some((place, schema)) = self.follow(schema, 0) else { return };
        let required: Vec<&str> = schema
            .get("required")
            .map_or(&[][..], Value::items)
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for entry in schema.get("properties").map_or(&[][..], Value::entries) {
            if found.len() >= MAX_PROPERTIES {
                return;
            }
            let name = match prefix {
                "" => entry.key.to_string(),
                prefix => format!("{prefix}.{}", entry.key),
            };
            let Some((inner, property)) = place.follow(&entry.value, 0) else { continue };
            let is_object = property.get("properties").is_some();
            if is_object && depth < MAX_DEPTH {
                inner.collect(property, &name, depth + 1, found);
                continue;
            }
            let default = property.get("default").map(|value| value.to_json().to_string());
            let default = default.map(|text| {
                let plain = text.trim_matches('"');
                if is_secret(&entry.key, plain) { "(hidden)".to_owned() } else { text }
            });
            found.push(Property {
                ty: type_text(property),
                description: description(&entry.value)
                    .or_else(|| description(property))
                    .unwrap_or_default(),
                default,
                required: required.contains(&&*entry.key),
                name,
            });
        }
    }

    /// The schema that a `$ref` stands for, in this file or another of the bundle.
    fn follow(&self, schema: &'a Value, hops: usize) -> Option<(Place<'a>, &'a Value)> {
        let same = || Place { bundle: self.bundle, path: self.path.clone(), root: self.root };
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            return Some((same(), schema));
        };
        if hops > MAX_HOPS {
            return None;
        }
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let place = match file {
            "" => same(),
            file => {
                let path = self.path.join(file).ok()?;
                let document = match self.bundle.document(&path) {
                    Fact::Ready(document) => document,
                    _ => return None,
                };
                Place { bundle: self.bundle, path, root: &document.value }
            }
        };
        let segments: Vec<String> = pointer.split('/').skip(1).map(unescape_segment).collect();
        let (target, depth) = place.root.deepest(segments.iter().map(String::as_str));
        if depth < segments.len() {
            return None;
        }
        place.follow(target, hops + 1)
    }
}

fn description(schema: &Value) -> Option<String> {
    schema.get("description").or(schema.get("title")).and_then(Value::as_str).map(str::to_owned)
}

fn type_text(schema: &Value) -> String {
    let options = schema.get("enum").map_or(&[][..], Value::items);
    if !options.is_empty() {
        let shown: Vec<String> =
            options.iter().map(|option| option.to_json().to_string()).collect();
        return shown.join(" / ");
    }
    let name = match schema.get("type").map(|ty| &ty.data) {
        Some(Data::Str(name)) => name.to_string(),
        Some(Data::Seq(names)) => {
            names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        _ if schema.get("oneOf").or(schema.get("anyOf")).is_some() => "one of several".into(),
        _ => "any".into(),
    };
    match schema.get("items") {
        Some(items) if name == "array" => format!("array of {}", type_text(items)),
        _ => name,
    }
}
