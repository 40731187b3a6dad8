//! Settings below `values`, from the schema of their configuration.

use super::context::Context;
use super::item::{Completion, CompletionKind, escape};
use super::snippet;
use crate::check::fix;
use crate::contract::is_secret;
use crate::ide::settings::setting_at;
use crate::value::Value;
use crate::yaml::Segment;

/// Settings that are not there yet, required ones first.
pub(super) fn keys(context: &Context<'_>) -> Vec<Completion> {
    let Some(setting) = setting_at(context.subject, &context.cursor.path) else {
        return Vec::new();
    };
    let required = setting.schema.get("required").map_or(&[][..], Value::items);
    let present = context.present();
    let properties = setting.schema.get("properties").map_or(&[][..], Value::entries);
    let missing = properties.iter().filter(|entry| !present.iter().any(|key| **key == *entry.key));
    let each = missing.enumerate().map(|(order, entry)| {
        let schema = &entry.value;
        let is_required = required.iter().any(|name| name.as_str() == Some(&entry.key));
        let rank = if is_required { 0 } else { 2000 } + order as u32;
        let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let name = fix::scalar(&entry.key);
        let insert = snippet::key(context, &name, || format!("{name}: {}", start(schema)));
        let ty = text("type");
        let detail = if is_required { format!("{ty}, required") } else { ty };
        Completion {
            detail: detail.trim_start_matches(", ").to_owned(),
            documentation: text("description"),
            ..context.item(&entry.key, CompletionKind::Field, insert, rank)
        }
    });
    each.collect()
}

/// What a setting starts with: its default, or one of its legal values.
fn start(schema: &Value) -> String {
    let options = schema.get("enum").map_or(&[][..], Value::items);
    let default = schema.get("default").or(options.first());
    match default.filter(|value| value.entries().is_empty() && value.items().is_empty()) {
        Some(value) => format!("${{1:{}}}", escape(&written(value))),
        None => "$1".to_owned(),
    }
}

/// A scalar of a schema as YAML.
fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_json().to_string(), fix::scalar)
}

/// The values that the schema of a setting names; `None` where the cursor is at no setting.
pub(super) fn values(context: &Context<'_>) -> Option<Vec<Completion>> {
    let setting = setting_at(context.subject, &context.cursor.path)?;
    let schema = setting.schema;
    let default = schema.get("default");
    let is_switch = schema.get("type").and_then(Value::as_str) == Some("boolean");
    let named = ["const", "default"].into_iter().filter_map(|key| schema.get(key));
    let listed = ["enum", "examples"].into_iter().filter_map(|key| schema.get(key));
    let mut options: Vec<(String, String)> = Vec::new();
    let mut add = |label: String, yaml: String| {
        if !options.iter().any(|(other, _)| *other == label) {
            options.push((label, yaml));
        }
    };
    for value in listed.flat_map(Value::items).chain(named) {
        let label = value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned);
        add(label, written(value));
    }
    if is_switch {
        add("true".to_owned(), "true".to_owned());
        add("false".to_owned(), "false".to_owned());
    }
    let name = match context.cursor.path.0.last() {
        Some(Segment::Key(name)) => name.as_str(),
        _ => "",
    };
    // What the platform fills in, rather than a secret in a file that everybody reads.
    if options.is_empty() && is_secret(name, "x") {
        let place = name.to_lowercase().replace('_', "-");
        options.push(("secret://…".to_owned(), format!("secret://{place}")));
    }
    let default = default.map(written);
    let each = options.into_iter().enumerate().map(|(i, (label, yaml))| {
        let is_default = default.as_ref() == Some(&yaml);
        Completion {
            detail: if is_default { "default".to_owned() } else { String::new() },
            preselect: is_default,
            ..context.written(&label, &yaml, CompletionKind::Value, i as u32)
        }
    });
    Some(each.collect())
}
