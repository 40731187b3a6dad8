//! Rules of the structural layer: the format's table, in the words of a reviewer.

use crate::check::{Anchor, Ctx, FileRef, Finding, Fix, Part, Sink, fix, nearest};
use crate::schema::format::{Field, Object, StrRule, Type};
use crate::schema::{Breach, BreachKind, SUPPORTED_VERSIONS, check};
use crate::value::{Data, DocPath, Segment, Value};
use crate::yaml::NodeId;

/// Whether the contract's text was read at all.
fn is_readable(ctx: &Ctx<'_>) -> bool {
    let root = &ctx.contract.value;
    let is_map = matches!(root.data, Data::Map(_));
    let is_refused = ctx
        .document
        .lower_errors
        .iter()
        .any(|e| matches!(e, crate::value::LowerError::FileTooLarge { .. }));
    is_map || (ctx.document.syntax.is_empty() && !is_refused)
}

pub fn unsupported_version(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(entry) = ctx.contract.value.entry("pactoVersion") else {
        return;
    };
    let value = &entry.value;
    let supported = SUPPORTED_VERSIONS.map(fix::quoted).join(", ");
    let at = Anchor::value(value);
    match &value.data {
        Data::Str(text) if SUPPORTED_VERSIONS.contains(&text.as_str()) => {}
        Data::Float(_) | Data::Int(_) => {
            let written = number_text(&value.data);
            let message = format!("`pactoVersion: {written}` is a number; quote it: \"{written}\"");
            sink.report(at.clone(), "pactoVersion", message)
                .fix(Fix::replace("quote", "Quote the version", at, fix::quoted(&written)).safe());
        }
        Data::Str(text) => {
            let message = format!("unsupported contract format \"{text}\"; supported: {supported}");
            sink.report(at.clone(), "pactoVersion", message).fix(
                Fix::replace("replace", format!("Use {supported}"), at, supported.clone())
                    .preferred(),
            );
        }
        _ => {
            let message = format!("`pactoVersion` is {}; expected {supported}", a(value));
            sink.report(at.clone(), "pactoVersion", message).fix(
                Fix::replace("replace", format!("Use {supported}"), at, supported.clone())
                    .preferred(),
            );
        }
    }
}

fn number_text(data: &Data) -> String {
    match data {
        Data::Float(number) => format!("{number:?}"),
        Data::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

fn a(value: &Value) -> String {
    let name = value.type_name();
    match name {
        "null" => "empty".into(),
        "integer" | "array" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

pub fn schema_violation(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    if !is_readable(ctx) {
        return;
    }
    for breach in check(&ctx.contract.value) {
        report(&breach, sink);
    }
}

fn last_key(path: &DocPath) -> String {
    let keys = path.0.iter().rev();
    let key = keys.filter_map(|s| if let Segment::Key(key) = s { Some(key.clone()) } else { None });
    key.into_iter().next().unwrap_or_default()
}

fn subject(path: &DocPath) -> String {
    match path.0.last() {
        Some(Segment::Index(_)) => format!("`{path}`"),
        _ => format!("`{}`", last_key(path)),
    }
}

/// The key or dash of an object that lacks something; the first key of the whole contract.
fn owner(breach: &Breach<'_>) -> Anchor {
    match breach.entry {
        Some(entry) if entry.source == breach.at.source => Anchor::key(entry),
        _ if breach.at.node == NodeId::ROOT || breach.path.0.len() <= 1 => {
            match breach.at.entries().first() {
                Some(entry) => Anchor::key(entry),
                None => Anchor::value(breach.at),
            }
        }
        _ => Anchor { part: Part::Owner, ..Anchor::value(breach.at) },
    }
}

fn report(breach: &Breach<'_>, sink: &mut Sink<'_>) {
    let path = &breach.path;
    let value_at = Anchor::value(breach.at);
    match &breach.kind {
        BreachKind::Own { .. } => {}
        BreachKind::UnknownField { object, siblings } => {
            unknown_field(breach, object, siblings, sink);
        }
        BreachKind::Required { field } => required(breach, field, sink),
        BreachKind::Type { expected } => wrong_type(breach, expected, sink),
        BreachKind::Enum { values } => wrong_enum(breach, values, sink),
        BreachKind::Pattern { rule } => wrong_pattern(breach, *rule, sink),
        BreachKind::Empty => {
            let message = format!("{} is empty; expected some text", subject(path));
            sink.report(value_at, path, message).detail("minLength");
        }
        BreachKind::Range { min, max } => out_of_range(breach, *min, *max, sink),
        BreachKind::MinItems { min } => {
            let message = format!("{} is empty; expected at least {min} entry", subject(path));
            sink.report(owner(breach), path, message).detail("minItems");
        }
        BreachKind::Exclusive { first, second } => {
            let message =
                format!("`{}` cannot stand beside `{}`; keep one of them", second.key, first.key);
            sink.report(Anchor::key(second), path, message)
                .detail("one-of")
                .related(Anchor::key(first), format!("`{}` is here", first.key))
                .fix(Fix::remove(format!("Remove `{}`", second.key), Anchor::key(second)))
                .fix(Fix::remove(format!("Remove `{}`", first.key), Anchor::key(first)));
        }
        BreachKind::NoneOf { fields } => none_of(breach, fields, sink),
        BreachKind::Incomplete { missing } => {
            let list = list(missing, "and");
            let present = breach.at.entries().iter().map(|e| e.key.as_str()).next().unwrap_or("");
            let message = format!(
                "`{present}` stands without {list}; a range needs both, a fixed number is `replicas`"
            );
            let finding = sink.report(owner(breach), path, message);
            finding.detail("one-of");
            for field in missing {
                let value = if *field == "max" { "3" } else { "1" };
                finding.fix(
                    Fix::insert(format!("Add `{field}`"), value_at.clone(), field, value)
                        .preferred(),
                );
            }
        }
    }
}

fn list(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} {word} {last}", head.join(", ")),
    }
}

fn unknown_field(
    breach: &Breach<'_>,
    object: &'static Object,
    siblings: &Value,
    sink: &mut Sink<'_>,
) {
    let Some(entry) = breach.entry else { return };
    let names: Vec<&str> = object.fields.iter().map(|f| f.name).collect();
    // A field that is there already cannot have been meant.
    let free = names.iter().copied().filter(|name| siblings.entry(name).is_none());
    let near = nearest(&entry.key, free);
    let message = match near {
        Some(near) => format!("unknown field `{}`; did you mean `{near}`?", entry.key),
        None => format!("unknown field `{}`; expected {}", entry.key, list(&names, "or")),
    };
    let at = Anchor::key(entry);
    let finding = sink.report(at.clone(), &breach.path, message);
    finding.detail("unknown-field");
    if let Some(near) = near {
        finding.fix(
            Fix::replace("rename-field", format!("Rename to `{near}`"), at.clone(), near).safe(),
        );
    }
    finding.fix(Fix::remove(format!("Remove `{}`", entry.key), at));
}

fn required(breach: &Breach<'_>, field: &'static Field, sink: &mut Sink<'_>) {
    let in_what = match breach.path.0.len() {
        1 => "the contract".to_owned(),
        n => format!("`{}`", DocPath(breach.path.0[..n - 1].to_vec())),
    };
    let message = format!("`{}` is missing in {in_what}: {}", field.name, field.doc);
    let finding = sink.report(owner(breach), &breach.path, message);
    finding.detail("required");
    let title = format!("Add `{}`", field.name);
    let value = skeleton(&field.ty, field.placeholder, 1);
    finding.fix(Fix::insert(title, Anchor::value(breach.at), field.name, value).preferred());
}

/// A start for a missing field: required fields with their placeholders, by lines.
pub(crate) fn skeleton(ty: &'static Type, placeholder: &str, depth: usize) -> String {
    match ty {
        Type::Object(object) | Type::StrOr(object) => {
            let indent = "  ".repeat(depth);
            let line = |field: &'static Field| {
                let value = skeleton(&field.ty, field.placeholder, depth + 1);
                let blank = if value.is_empty() || value.starts_with('\n') { "" } else { " " };
                format!("\n{indent}{}:{blank}{value}", field.name)
            };
            object.fields.iter().filter(|f| f.required).map(line).collect()
        }
        Type::Enum(values) => values[0].value.to_owned(),
        Type::Bool => "false".to_owned(),
        _ => placeholder.to_owned(),
    }
}

fn wrong_type(breach: &Breach<'_>, expected: &'static Type, sink: &mut Sink<'_>) {
    // `pactoVersion` has a rule of its own.
    if matches!(expected, Type::Str(StrRule::FormatVersion)) {
        return;
    }
    let value = breach.at;
    if breach.path.0.is_empty() {
        let what =
            if value.is_null() { "the contract is empty" } else { "the contract is no mapping" };
        let message = format!("{what}; it needs `pactoVersion` and `service`");
        let at =
            Anchor { file: FileRef::Source(value.source), node: value.node, part: Part::Value };
        sink.report(at, "", message).detail("type");
        return;
    }
    let name = match expected {
        Type::Str(_) | Type::Enum(_) => "a string",
        Type::Int { .. } => "an integer",
        Type::Bool => "a boolean",
        Type::Object(_) | Type::Free => "an object",
        Type::Array { .. } => "a list",
        Type::StrOr(_) => "a string or an object",
    };
    let shown = shown(value);
    let message = format!("{} is {}{shown}, expected {name}", subject(&breach.path), a(value));
    let at = match value.is_null() {
        true => owner(breach),
        false => Anchor::value(value),
    };
    let finding = sink.report(at, &breach.path, message);
    finding.detail("type");
    if let Some(text) = converted(value, expected) {
        let title = format!("Write {text}");
        finding.fix(Fix::replace("convert", title, Anchor::value(value), text).safe());
    }
}

fn shown(value: &Value) -> String {
    match &value.data {
        Data::Str(text) if text.chars().count() <= 40 => format!(" ({})", fix::quoted(text)),
        Data::Bool(_) | Data::Int(_) => format!(" ({})", value.to_json()),
        Data::Float(number) => format!(" ({number:?})"),
        _ => String::new(),
    }
}

fn converted(value: &Value, expected: &Type) -> Option<String> {
    match (expected, &value.data) {
        (Type::Int { .. }, Data::Str(text)) => {
            text.trim().parse::<i64>().ok().map(|n| n.to_string())
        }
        (Type::Int { .. }, Data::Float(number)) if number.fract() == 0.0 => {
            Some(format!("{number}"))
        }
        (Type::Bool, Data::Str(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some("true".into()),
            "false" | "no" | "off" => Some("false".into()),
            _ => None,
        },
        (Type::Str(_) | Type::StrOr(_), Data::Int(_) | Data::Float(_)) => {
            Some(fix::quoted(&number_text(&value.data)))
        }
        (Type::Str(_) | Type::StrOr(_), Data::Bool(value)) => Some(fix::quoted(&value.to_string())),
        _ => None,
    }
}

fn wrong_enum(breach: &Breach<'_>, values: &[&'static str], sink: &mut Sink<'_>) {
    let text = breach.at.as_str().unwrap_or_default();
    let near = nearest(text, values.iter().copied());
    let hint = near.map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
    let message = format!(
        "\"{text}\" is not a legal {}; expected {}{hint}",
        subject(&breach.path),
        list(values, "or")
    );
    let at = Anchor::value(breach.at);
    let finding = sink.report(at.clone(), &breach.path, message);
    finding.detail("enum");
    replacements(finding, &at, near, values);
}

/// The nearest value first and safe, then every other one.
pub(super) fn replacements(
    finding: &mut Finding,
    at: &Anchor,
    near: Option<&str>,
    values: &[&str],
) {
    if let Some(near) = near {
        let title = format!("Replace by `{near}`");
        finding.fix(Fix::replace("replace", title, at.clone(), fix::scalar(near)).safe());
    }
    for value in values.iter().filter(|v| Some(**v) != near).take(20) {
        let title = format!("Replace by `{value}`");
        finding.fix(Fix::replace("replace", title, at.clone(), fix::scalar(value)));
    }
}

fn wrong_pattern(breach: &Breach<'_>, rule: StrRule, sink: &mut Sink<'_>) {
    let text = breach.at.as_str().unwrap_or_default();
    let wanted = match rule {
        StrRule::ServiceName => "lower-case letters, digits and inner dashes",
        StrRule::Team => "letters, digits, `.`, `_`, `/` and `-`",
        _ => "letters, digits, `.`, `_`, `@`, `/` and `-`",
    };
    let message = format!(
        "{} \"{text}\" has other characters than it may; expected {wanted}",
        subject(&breach.path)
    );
    let at = Anchor::value(breach.at);
    let finding = sink.report(at.clone(), &breach.path, message);
    finding.detail("pattern");
    let slug = slug(text, rule);
    if rule.matches(&slug) {
        finding.fix(
            Fix::replace("replace", format!("Write `{slug}`"), at, fix::scalar(&slug)).preferred(),
        );
    }
}

fn slug(text: &str, rule: StrRule) -> String {
    let is_name = rule == StrRule::ServiceName;
    let mapped: String = text
        .chars()
        .map(|c| if is_name { c.to_ascii_lowercase() } else { c })
        .map(|c| if rule.matches(&c.to_string()) { c } else { '-' })
        .collect();
    let parts: Vec<&str> = mapped.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

fn out_of_range(breach: &Breach<'_>, min: i64, max: Option<i64>, sink: &mut Sink<'_>) {
    let written = breach.at.to_json();
    let bounds = match max {
        Some(max) => format!("{min} to {max}"),
        None => format!("{min} or more"),
    };
    let message = format!("{} is {written}; expected {bounds}", subject(&breach.path));
    let at = Anchor::value(breach.at);
    let is_low = written.as_f64().is_some_and(|n| n < min as f64);
    let clamped = if is_low { min } else { max.unwrap_or(min) };
    sink.report(at.clone(), &breach.path, message)
        .detail(if is_low { "minimum" } else { "maximum" })
        .fix(
            Fix::replace("replace", format!("Write {clamped}"), at, clamped.to_string())
                .preferred(),
        );
}

fn none_of(breach: &Breach<'_>, fields: &[&'static str], sink: &mut Sink<'_>) {
    let is_scaling = fields.contains(&"replicas");
    let message = if is_scaling {
        "`scaling` says no number; expected `replicas`, or both `min` and `max`".to_owned()
    } else {
        format!("{} has none of {}; one is needed", subject(&breach.path), list(fields, "and"))
    };
    let finding = sink.report(owner(breach), &breach.path, message);
    finding.detail("one-of");
    for field in fields.iter().filter(|f| !is_scaling || **f == "replicas") {
        let value =
            crate::schema::field_at(&breach.path.key(field)).map_or("", |(_, f)| f.placeholder);
        if !value.is_empty() {
            finding.fix(Fix::insert(
                format!("Add `{field}`"),
                Anchor::value(breach.at),
                field,
                value,
            ));
        }
    }
}
