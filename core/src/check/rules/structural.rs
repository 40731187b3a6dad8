//! Rules of the structural layer: the format's table, in the words of a reviewer.

use crate::check::{Anchor, Ctx, FileRef, Finding, Fix, FixOp, Part, Sink, fix, nearest};
use crate::schema::format::{Field, Object, StrRule, Type};
use crate::schema::{Breach, BreachKind, FormatVersion, check, check_as};
use crate::value::{Data, DocPath, Entry, Segment, Value};
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
    let supported = one_of_versions();
    let at = Anchor::value(value);
    let (message, fix) = match &value.data {
        Data::Str(text) if FormatVersion::from_text(text).is_some() => return,
        Data::Float(_) | Data::Int(_) => {
            let written = number_text(&value.data);
            let message = format!("`pactoVersion: {written}` is a number; quote it: \"{written}\"");
            let quoted = fix::quoted(&written);
            (message, Fix::replace("quote", "Quote the version", at.clone(), quoted).safe())
        }
        Data::Str(text) => {
            let message = format!("unsupported contract format \"{text}\"; supported: {supported}");
            let version = FormatVersion::nearest(text);
            (message, use_version(version.unwrap_or_else(|| least_version(ctx)), at.clone()))
        }
        _ => {
            let message = format!("`pactoVersion` is {}; expected {supported}", a(value));
            (message, use_version(least_version(ctx), at.clone()))
        }
    };
    sink.report(at, "pactoVersion", message).fix(fix);
}

/// `"1.0", "1.1" or "1.2"`.
fn one_of_versions() -> String {
    let [head @ .., last] = FormatVersion::ALL.map(|version| fix::quoted(version.text()));
    format!("{} or {last}", head.join(", "))
}

fn use_version(version: FormatVersion, at: Anchor) -> Fix {
    let quoted = fix::quoted(version.text());
    Fix::replace("replace", format!("Use {quoted}"), at, quoted).preferred()
}

/// The first version that has every field of the contract; the first one where no version has.
fn least_version(ctx: &Ctx<'_>) -> FormatVersion {
    let has_all = |version: &FormatVersion| {
        let breaches = check_as(&ctx.contract.value, Some(*version));
        !breaches.iter().any(|breach| matches!(breach.kind, BreachKind::OtherVersion { .. }))
    };
    FormatVersion::ALL.into_iter().find(has_all).unwrap_or(FormatVersion::FIRST)
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
        report(ctx, &breach, sink);
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

fn report(ctx: &Ctx<'_>, breach: &Breach<'_>, sink: &mut Sink<'_>) {
    let path = &breach.path;
    let value_at = Anchor::value(breach.at);
    match &breach.kind {
        BreachKind::Own { .. } => {}
        BreachKind::UnknownField { object, siblings } => {
            unknown_field(ctx, breach, object, siblings, sink);
        }
        BreachKind::OtherVersion { field, declared } => {
            other_version(ctx, breach, field, *declared, sink);
        }
        BreachKind::Required { field } => required(ctx, breach, field, sink),
        BreachKind::Type { expected } => wrong_type(breach, expected, sink),
        BreachKind::Enum { values } => wrong_enum(breach, values, sink),
        BreachKind::Pattern { rule } => wrong_pattern(breach, *rule, sink),
        BreachKind::Empty => {
            let message = format!("{} is empty; expected some text", subject(path));
            sink.report(value_at, path, message).detail("minLength");
        }
        BreachKind::TooLong { max } => {
            let length = breach.at.as_str().map_or(0, |text| text.chars().count());
            let message =
                format!("{} has {length} characters; expected at most {max}", subject(path));
            sink.report(value_at, path, message).detail("maxLength");
        }
        BreachKind::Range { min, max } => out_of_range(breach, *min, *max, sink),
        BreachKind::Bounds { min, max } => out_of_bounds(breach, *min, *max, sink),
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
            let present = breach.at.entries().iter().map(|e| &*e.key).next().unwrap_or("");
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
    ctx: &Ctx<'_>,
    breach: &Breach<'_>,
    object: &'static Object,
    siblings: &Value,
    sink: &mut Sink<'_>,
) {
    let Some(entry) = breach.entry else { return };
    let names: Vec<&str> = object.fields_in(ctx.contract.format).map(|f| f.name).collect();
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

/// A field that other versions have: raise the version, or write what the declared one has.
fn other_version(
    ctx: &Ctx<'_>,
    breach: &Breach<'_>,
    field: &'static Field,
    declared: FormatVersion,
    sink: &mut Sink<'_>,
) {
    let Some(entry) = breach.entry else { return };
    let at = Anchor::key(entry);
    let declared_text = declared.text();
    let is_later = field.since > declared;
    let message = if is_later {
        let since = field.since.text();
        format!("`{}` is in the format since {since}; this contract is {declared_text}", field.name)
    } else {
        let until = field.until.text();
        let instead = plural(field.name).map_or(String::new(), |name| format!("; write `{name}`"));
        format!("`{}` is in the format until {until} only{instead}", field.name)
    };
    let finding = sink.report(at.clone(), &breach.path, message);
    finding.detail("format-version");
    let version = ctx.contract.value.entry("pactoVersion");
    if let Some(version) = version {
        finding.related(Anchor::value(&version.value), "the version is declared here");
    }
    match (is_later, version) {
        (true, Some(version)) => {
            finding.fix(raise(ctx, field.since, Anchor::value(&version.value)));
        }
        (false, _) => finding.fixes.extend(as_list(entry)),
        _ => {}
    }
    finding.fix(Fix::remove(format!("Remove `{}`", entry.key), at));
}

/// Raises `pactoVersion`. Safe where the contract has nothing that the later version lacks.
fn raise(ctx: &Ctx<'_>, to: FormatVersion, at: Anchor) -> Fix {
    let title = format!("Raise pactoVersion to {}", to.text());
    let fix = Fix::replace("raise-version", title, at, fix::quoted(to.text()));
    let places = |version: FormatVersion| -> Vec<DocPath> {
        check_as(&ctx.contract.value, Some(version)).into_iter().map(|b| b.path).collect()
    };
    let today = ctx.contract.format.map(places).unwrap_or_default();
    match places(to).iter().all(|path| today.contains(path)) {
        true => fix.safe(),
        false => fix.preferred(),
    }
}

/// The list that took the place of a field.
fn plural(name: &str) -> Option<&'static str> {
    match name {
        "configuration" => Some("configurations"),
        "policy" => Some("policies"),
        _ => None,
    }
}

/// `configuration` and `policy` as lists with one entry, which is called `default`, as it is anyway.
fn as_list(entry: &Entry) -> Option<Fix> {
    let name = plural(&entry.key)?;
    if !matches!(entry.value.data, Data::Map(_)) || entry.source != entry.value.source {
        return None;
    }
    let fields =
        entry.value.entries().iter().map(|e| format!("{}: {}", e.key, fix::flow(&e.value)));
    let item = std::iter::once("name: default".to_owned()).chain(fields);
    let list = format!("[{{{}}}]", item.collect::<Vec<_>>().join(", "));
    let title = format!("Write `{name}`");
    let rename = Fix::replace("rewrite", title, Anchor::key(entry), name).preferred();
    Some(rename.and(FixOp::Replace { at: Anchor::value(&entry.value), text: list }))
}

fn required(ctx: &Ctx<'_>, breach: &Breach<'_>, field: &'static Field, sink: &mut Sink<'_>) {
    let in_what = match breach.path.0.len() {
        1 => "the contract".to_owned(),
        n => format!("`{}`", DocPath(breach.path.0[..n - 1].to_vec())),
    };
    let message = format!("`{}` is missing in {in_what}: {}", field.name, field.doc);
    let finding = sink.report(owner(breach), &breach.path, message);
    finding.detail("required");
    let title = format!("Add `{}`", field.name);
    let format = ctx.contract.format;
    let value = match &field.ty {
        Type::Str(StrRule::FormatVersion) => fix::quoted(least_version(ctx).text()),
        _ => skeleton(field, 1, format),
    };
    finding.fix(Fix::insert(title, Anchor::value(breach.at), field.name, value).preferred());
}

/// A start for a missing field of `version`: required fields with their placeholders, by lines.
pub(crate) fn skeleton(
    field: &'static Field,
    depth: usize,
    version: Option<FormatVersion>,
) -> String {
    match &field.ty {
        Type::Object(object) | Type::StrOr(object) => {
            let indent = "  ".repeat(depth);
            let line = |field: &'static Field| {
                let value = skeleton(field, depth + 1, version);
                let blank = if value.is_empty() || value.starts_with('\n') { "" } else { " " };
                format!("\n{indent}{}:{blank}{value}", field.name)
            };
            object.fields_in(version).filter(|f| f.required).map(line).collect()
        }
        Type::Enum(values) => values[0].value.to_owned(),
        Type::Bool => "false".to_owned(),
        _ => field.placeholder.to_owned(),
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
            if value.is_null() { "the contract is empty" } else { "the contract is not a mapping" };
        let message = format!("{what}; it needs `pactoVersion` and `service`");
        let at =
            Anchor { file: FileRef::Source(value.source), node: value.node, part: Part::Value };
        sink.report(at, "", message).detail("type");
        return;
    }
    let name = match expected {
        Type::Str(_) | Type::Enum(_) => "a string",
        Type::Int { .. } => "an integer",
        Type::Number { .. } => "a number",
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
    if let (Type::Object(object), Data::Str(text)) = (expected, &value.data)
        && object.name == "Owner"
    {
        finding.fixes.extend(super::semantic::structured_owner(text, Anchor::value(value)));
    }
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
        (Type::Number { .. }, Data::Str(text)) => {
            text.trim().parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n.to_string())
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
        StrRule::CheckId => "lower-case letters and digits, with `.`, `_` and `-` between them",
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
    let is_name = matches!(rule, StrRule::ServiceName | StrRule::CheckId);
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

fn out_of_bounds(breach: &Breach<'_>, min: f64, max: f64, sink: &mut Sink<'_>) {
    let written = breach.at.to_json();
    let message = format!("{} is {written}; expected {min} to {max}", subject(&breach.path));
    let at = Anchor::value(breach.at);
    let is_low = written.as_f64().is_some_and(|number| number < min);
    let clamped = if is_low { min } else { max }.to_string();
    sink.report(at.clone(), &breach.path, message)
        .detail(if is_low { "minimum" } else { "maximum" })
        .fix(Fix::replace("replace", format!("Write {clamped}"), at, clamped).preferred());
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
        let value = crate::schema::field_at(&breach.path.key(field), None)
            .map_or("", |(_, f)| f.placeholder);
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
