//! Rules about `configuration` and `configurations[]`.

use crate::check::template::{schema_of_values, type_of};
use crate::check::{Anchor, Ctx, FileRef, Finding, Fix, FixOp, Part, Sink, fix, nearest};
use crate::contract::{Configuration, ContractRef, Field, Place};
use crate::fact::Fact;
use crate::shared_schema::{Shared, shared_schema};
use crate::spec::BundlePath;
use crate::spec::json_schema::{BreachKind, SchemaBreach, SchemaError};
use crate::text::mask_credentials;
use crate::value::{DocPath, Entry, Segment, Value};

use super::references;
use super::unreadable::{is_unreadable, syntax_problems};
use crate::contract::{is_placeholder, is_secret};

pub fn invalid_ref(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for configuration in &ctx.contract.configurations {
        check_ref(&configuration.reference, sink);
    }
}

/// Reports a malformed reference to another contract.
pub(super) fn check_ref(field: &Field<String>, sink: &mut Sink<'_>) {
    let Some((text, place)) = field.both().filter(|(text, _)| !text.is_empty()) else {
        return;
    };
    if let Err(error) = ContractRef::parse(text) {
        let shown = mask_credentials(text);
        let message = format!("\"{shown}\" is not a contract reference: {error}");
        let finding = sink.report(place.within(error.at), &place.path, message);
        finding
            .fixes
            .extend(references::mended(text, place, |text| ContractRef::parse(text).is_ok()));
    }
}

pub fn invalid_json(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for configuration in &ctx.contract.configurations {
        check_json(ctx, &configuration.schema, sink);
    }
}

/// Reports what keeps a schema file from being read as data.
pub(super) fn check_json(ctx: &Ctx<'_>, schema: &Field<String>, sink: &mut Sink<'_>) {
    let Some((path, place)) = schema_path(schema) else {
        return;
    };
    let Fact::Ready(document) = ctx.bundle.document(&path) else {
        return;
    };
    for problem in syntax_problems(ctx, &path, document) {
        sink.report(problem.at, &place.path, format!("`{path}`: {}", problem.message))
            .related(place.value(), "the file is named here")
            .fixes
            .extend(problem.fixes);
    }
}

pub(super) fn schema_path(schema: &Field<String>) -> Option<(BundlePath, &Place)> {
    let (text, place) = schema.both()?;
    Some((BundlePath::parse(text).ok()?, place))
}

pub fn invalid_schema(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for configuration in &ctx.contract.configurations {
        check_schema(ctx, &configuration.schema, sink);
    }
}

/// The names of types (JSON Schema 2020-12, "Instance Data Model").
const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "object", "array", "null"];

/// Reports why a file is not a JSON Schema.
pub(super) fn check_schema(ctx: &Ctx<'_>, schema: &Field<String>, sink: &mut Sink<'_>) {
    let Some((path, place)) = schema_path(schema) else {
        return;
    };
    let Fact::Ready(document) = ctx.bundle.document(&path) else {
        return;
    };
    if is_unreadable(document) {
        return;
    }
    let Fact::Ready(Err(error)) = ctx.bundle.schema(&path) else {
        return;
    };
    let SchemaError { pointer, message } = error;
    let (value, _) = document.value.deepest(pointer.iter().map(String::as_str));
    let at = Anchor::in_bundle(path.as_str(), value.node);
    let finding = sink.report(at, &place.path, format!("`{path}` is not a JSON Schema: {message}"));
    finding.related(place.value(), "the file is named here");
    let is_type = pointer.iter().any(|segment| segment == "type");
    if let Some(near) = value.as_str().and_then(|text| nearest(text, TYPES)).filter(|_| is_type) {
        let at = Anchor::in_bundle(path.as_str(), value.node);
        let written =
            if path.as_str().ends_with(".json") { fix::quoted(near) } else { near.into() };
        finding.fix(Fix::replace("replace", format!("Write `{near}`"), at, written).preferred());
    }
}

pub fn values_without_schema(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for configuration in &ctx.contract.configurations {
        let Some(values) = configuration.values.place() else {
            continue;
        };
        if !configuration.schema.is_missing() {
            continue;
        }
        let message = match configuration.reference.is_missing() {
            true => "`values` stands alone; expected a `schema` beside it",
            false => {
                "`values` cannot stand beside `ref`: the other contract's schema describes the settings, not their values"
            }
        };
        let finding = sink.report(values.owner(), &values.path, message);
        let usual = Shared::Configuration.usual_path();
        let has_usual =
            ctx.bundle.files().ready().is_some_and(|files| files.iter().any(|f| f == usual));
        if configuration.reference.is_missing() && has_usual {
            let title = format!("Add `schema: {usual}`");
            finding
                .fix(Fix::insert(title, configuration.place.value(), "schema", usual).preferred());
        }
        if configuration.reference.is_missing() {
            finding.fixes.extend(generated(ctx, configuration));
        }
        finding.fix(Fix::remove("Remove `values`", values.pair()));
    }
}

/// A schema that the values fit, in a file of its own.
fn generated(ctx: &Ctx<'_>, configuration: &Configuration) -> Option<Fix> {
    let values = configuration.values.get()?;
    let files = ctx.bundle.files();
    let files = files.ready()?;
    let name = configuration.name.get().map_or("values", String::as_str);
    let own = format!("configuration/{name}.schema.json");
    let paths = [Shared::Configuration.usual_path().to_owned(), own];
    let is_legal = |path: &String| BundlePath::parse(path).is_ok() && !files.contains(path);
    let path = paths.into_iter().find(is_legal)?;
    let insert = FixOp::Insert {
        map: configuration.place.value(),
        key: "schema".into(),
        value: fix::scalar(&path),
    };
    let text = schema_of_values(values);
    let title = format!("Create `{path}` from the values");
    Some(Fix::new("generate-schema", title, FixOp::Create { file: path, text }).and(insert))
}

pub fn values_invalid(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for configuration in &ctx.contract.configurations {
        let Some((values, place)) = configuration.values.both() else {
            continue;
        };
        let Some((path, _)) = schema_path(&configuration.schema) else {
            continue;
        };
        let Fact::Ready(Ok(schema)) = ctx.bundle.schema(&path) else {
            continue;
        };
        for breach in schema.validate(&values.to_json()) {
            report_value(ctx, configuration, &path, values, place, &breach, sink);
        }
    }
}

fn report_value(
    ctx: &Ctx<'_>,
    configuration: &Configuration,
    schema_path: &BundlePath,
    values: &Value,
    place: &Place,
    breach: &SchemaBreach,
    sink: &mut Sink<'_>,
) {
    let (value, _) = values.deepest(breach.instance.iter().map(String::as_str));
    let text = value.as_str().unwrap_or_default();
    let is_shape =
        matches!(breach.keyword.as_str(), "pattern" | "format" | "minLength" | "maxLength");
    if is_shape && is_placeholder(text) {
        return;
    }
    let key = breach.instance.last().map_or("", String::as_str);
    let message = match &breach.custom_message {
        Some(message) => message.clone(),
        None if is_secret(key, text) => {
            format!("`{key}` does not fit its schema ({})", breach.keyword)
        }
        None => breach.message.clone(),
    };
    let path = document_path(values, &place.path, &breach.instance);
    match &breach.kind {
        // Each property that is not allowed is a finding of its own, at its key.
        BreachKind::Unexpected { properties } => {
            for name in properties {
                let Some(entry) = value.entry(name) else {
                    continue;
                };
                let message = format!("`{name}` is not in the schema `{schema_path}`");
                let finding = sink.report(Anchor::key(entry), path.key(name), message);
                relate(ctx, finding, schema_path, &breach.schema);
                let properties = schema_of(ctx, schema_path, &breach.schema);
                let properties = properties.and_then(|schema| schema.get("properties"));
                let known = properties.map_or(&[][..], Value::entries).iter();
                let free = known.map(|e| &*e.key).filter(|key| value.get(key).is_none());
                if let Some(near) = nearest(name, free) {
                    let title = format!("Rename to `{near}`");
                    let text = fix::scalar(near);
                    finding.fix(
                        Fix::replace("rename-field", title, Anchor::key(entry), text).preferred(),
                    );
                }
                finding.fix(Fix::remove(format!("Remove `{name}`"), Anchor::key(entry)));
                if let Some(properties) = properties {
                    finding.fix(declared(schema_path, properties, entry));
                }
            }
        }
        BreachKind::Required { property } => {
            let at = owner(configuration, values, value);
            let message = breach
                .custom_message
                .clone()
                .unwrap_or(format!("`{property}` is missing in the values"));
            let finding = sink.report(at, path.key(property), message);
            relate(ctx, finding, schema_path, &breach.schema);
            let properties = schema_of(ctx, schema_path, &breach.schema);
            let schema = properties.and_then(|schema| schema.get("properties")?.get(property));
            if let Some(text) = schema.and_then(start) {
                let title = format!("Add `{property}: {text}`");
                let op = FixOp::Insert {
                    map: Anchor::value(value),
                    key: fix::scalar(property).into(),
                    value: text,
                };
                finding.fix(Fix::new("insert", title, op).preferred());
            }
        }
        BreachKind::Enum { options } => {
            let names: Vec<String> =
                options.iter().filter_map(|o| o.as_str().map(str::to_owned)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let finding = sink.report(Anchor::value(value), path, message);
            relate(ctx, finding, schema_path, &breach.schema);
            let near = nearest(text, names.iter().copied());
            super::structural::replacements(finding, &Anchor::value(value), near, &names);
        }
        BreachKind::Type { expected } => {
            let finding = sink.report(Anchor::value(value), path, message);
            relate(ctx, finding, schema_path, &breach.schema);
            if let Some(text) = converted(value, expected) {
                let fix =
                    Fix::replace("convert", format!("Write {text}"), Anchor::value(value), text);
                finding.fix(fix.preferred());
            }
        }
        BreachKind::Limit | BreachKind::Other => {
            let finding = sink.report(Anchor::value(value), path, message);
            relate(ctx, finding, schema_path, &breach.schema);
        }
    }
}

/// Adds a setting to the properties of its schema.
fn declared(path: &BundlePath, properties: &Value, entry: &Entry) -> Fix {
    let is_json = path.as_str().ends_with(".json");
    let ty = type_of(&entry.value);
    let op = FixOp::Insert {
        map: Anchor::in_bundle(path.as_str(), properties.node),
        key: if is_json { fix::quoted(&entry.key) } else { fix::scalar(&entry.key) }.into(),
        value: match is_json {
            true => format!("{{\"type\": \"{ty}\"}}"),
            false => format!("{{type: {ty}}}"),
        },
    };
    Fix::new("declare", format!("Add `{}` to `{path}`", entry.key), op)
}

/// The schema that holds the keyword at `pointer`.
fn schema_of<'a>(ctx: &'a Ctx<'_>, path: &BundlePath, pointer: &[String]) -> Option<&'a Value> {
    let Fact::Ready(document) = ctx.bundle.document(path) else { return None };
    let (_, parent) = pointer.split_last()?;
    let (schema, depth) = document.value.deepest(parent.iter().map(String::as_str));
    (depth == parent.len()).then_some(schema)
}

/// What a setting starts with: its default, its first legal value, or one of its type.
fn start(schema: &Value) -> Option<String> {
    let options = schema.get("enum").map_or(&[][..], Value::items);
    let default = schema.get("default").or(schema.get("const")).or(options.first());
    if let Some(value) = default.filter(|v| v.entries().is_empty() && v.items().is_empty()) {
        return Some(value.as_str().map_or_else(|| value.to_json().to_string(), fix::scalar));
    }
    let is_bounded = |key: &str| schema.get(key).is_some();
    match schema.get("type")?.as_str()? {
        "boolean" => Some("false".to_owned()),
        "integer" | "number" => Some(match schema.get("minimum").map(|v| v.to_json()) {
            Some(minimum) => minimum.to_string(),
            None => "0".to_owned(),
        }),
        "string" if !["pattern", "format", "minLength"].iter().any(|k| is_bounded(k)) => {
            Some("\"\"".to_owned())
        }
        _ => None,
    }
}

/// The key of `values`, for what is missing at its top; the value's own owner below.
fn owner(configuration: &Configuration, values: &Value, value: &Value) -> Anchor {
    match configuration.values.place() {
        Some(place) if std::ptr::eq(values, value) || value.node == values.node => place.owner(),
        _ => Anchor { part: Part::Owner, ..Anchor::value(value) },
    }
}

fn converted(value: &Value, expected: &[String]) -> Option<String> {
    let text = value.as_str();
    let wants = |name: &str| expected.iter().any(|e| e == name);
    match text {
        Some(text) if wants("integer") || wants("number") => {
            text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|_| text.to_owned())
        }
        Some(text) if wants("boolean") => matches!(text, "true" | "false").then(|| text.to_owned()),
        None if wants("string") => match value.to_json() {
            json @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => {
                Some(fix::quoted(&json.to_string()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The path of a place inside of `values`.
pub(super) fn document_path(value: &Value, base: &DocPath, segments: &[String]) -> DocPath {
    let mut at = value;
    let mut path = base.clone();
    for segment in segments {
        let index = segment.parse::<usize>().ok().filter(|i| at.items().get(*i).is_some());
        match index {
            Some(index) => {
                path.0.push(Segment::Index(index));
                at = &at.items()[index];
            }
            None => {
                path.0.push(Segment::Key(segment.clone()));
                at = at.get(segment).unwrap_or(at);
            }
        }
    }
    path
}

/// Adds the keyword of the schema file as a related place.
pub(super) fn relate(ctx: &Ctx<'_>, finding: &mut Finding, path: &BundlePath, pointer: &[String]) {
    let Fact::Ready(document) = ctx.bundle.document(path) else {
        return;
    };
    let (value, _) = document.value.deepest(pointer.iter().map(String::as_str));
    let at =
        Anchor { file: FileRef::Bundle(path.to_string()), node: value.node, part: Part::Owner };
    let keyword = pointer.last().map_or("", String::as_str);
    finding.related(at, format!("`{keyword}` of the schema"));
}

pub fn ref_unresolved(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for configuration in &ctx.contract.configurations {
        let Some((text, place)) = configuration.reference.both() else {
            continue;
        };
        let Ok(reference) = ContractRef::parse(text) else {
            continue;
        };
        let Err(why) = shared_schema(ctx.bundle, &reference, Shared::Configuration) else {
            continue;
        };
        if why.is_offline() {
            continue;
        }
        let message = format!("the configuration \"{text}\" cannot be resolved: {why}");
        sink.report(place.value(), &place.path, message);
    }
}
