//! Rules of the structural layer: the format's table, in the words of a reviewer.

use crate::check::skeleton::skeleton;
use crate::check::{Anchor, Ctx, FileRef, Finding, Fix, FixOp, ListForm, Part, Sink, fix, nearest};
use crate::contract::{ContractRef, InterfaceType, Version};
use crate::fact::Fact;
use crate::schema::format::{CONTRACT, Field, Object, StrRule, Type};
use crate::schema::{
    Breach, BreachKind, FormatVersion, Shape, check, check_as, field_at, shape_at,
};
use crate::value::{Data, DocPath, Entry, Segment, Value};
use crate::yaml::NodeId;

use super::forms::{as_list, plural, structured_owner};

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
            let written = value.number_text().unwrap_or_default();
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
        BreachKind::Type { expected } => wrong_type(ctx, breach, expected, sink),
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
            sink.report(owner(breach), path, message)
                .detail("minItems")
                .fix(Fix::remove(format!("Remove {}", subject(path)), value_at));
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
        BreachKind::NoneOf { fields } => none_of(ctx, breach, fields, sink),
        BreachKind::Incomplete { missing } => {
            let list = list(missing, "and");
            let present = breach.at.entries().iter().map(|e| &*e.key).next().unwrap_or("");
            let message = format!(
                "`{present}` stands without {list}; a range needs both, a fixed number is `replicas`"
            );
            let finding = sink.report(owner(breach), path, message);
            finding.detail("one-of");
            for field in missing {
                // The other end of the range stands there already.
                let other = |name: &str| match breach.at.get(name).map(|value| &value.data) {
                    Some(Data::Int(number)) => number.value,
                    _ => 1,
                };
                let value = if *field == "max" { other("min").max(3) } else { other("max").min(1) };
                let title = format!("Add `{field}`");
                let fix = Fix::insert(title, value_at.clone(), field, value.to_string());
                finding.fix(fix.preferred());
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
    if near.is_none()
        && let Some((map, field)) = home(ctx, &entry.key, siblings)
    {
        let title = format!("Move to `{}`", last_key(&map.0));
        let op = FixOp::Move { from: at.clone(), map: Anchor::value(map.1), key: field };
        finding.fix(Fix::new("move", title, op).preferred());
    }
    finding.fix(Fix::remove(format!("Remove `{}`", entry.key), at));
}

/// The only mapping of the contract in which `key` is legal, when it lacks it.
fn home<'a>(
    ctx: &'a Ctx<'_>,
    key: &str,
    besides: &Value,
) -> Option<((DocPath, &'a Value), &'static str)> {
    let mut places = Vec::new();
    homes(ctx, &CONTRACT, &ctx.contract.value, &DocPath::root(), key, &mut places);
    let ((path, value), field) = places.pop().filter(|_| places.is_empty())?;
    let is_free = value.node != besides.node && value.entry(key).is_none() && value.source == 0;
    is_free.then_some(((path, value), field))
}

fn homes<'a>(
    ctx: &Ctx<'_>,
    object: &'static Object,
    value: &'a Value,
    path: &DocPath,
    key: &str,
    places: &mut Vec<((DocPath, &'a Value), &'static str)>,
) {
    let format = ctx.contract.format;
    if let Some(field) = object.field(key, format) {
        places.push(((path.clone(), value), field.name));
    }
    for field in object.fields_in(format) {
        let (Type::Object(below) | Type::StrOr(below)) = &field.ty else { continue };
        if let Some(value) = value.get(field.name).filter(|value| !value.entries().is_empty()) {
            homes(ctx, below, value, &path.key(field.name), key, places);
        }
    }
}

/// A field of `map` that seems to be `field`, mistyped.
pub(super) fn misspelt<'v>(
    map: &'v Value,
    object: &Object,
    field: &'static str,
) -> Option<&'v Entry> {
    let is_unknown = |entry: &&Entry| object.forms(&entry.key).next().is_none();
    map.entries().iter().filter(is_unknown).find(|entry| nearest(&entry.key, [field]).is_some())
}

/// The repair for a field that is mistyped rather than missing.
pub(super) fn rename(entry: &Entry, field: &'static str) -> Fix {
    let title = format!("Rename `{}` to `{field}`", entry.key);
    Fix::replace("rename-field", title, Anchor::key(entry), field).preferred()
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

fn required(ctx: &Ctx<'_>, breach: &Breach<'_>, field: &'static Field, sink: &mut Sink<'_>) {
    let parent = DocPath(breach.path.0[..breach.path.0.len() - 1].to_vec());
    let in_what = match parent.0.is_empty() {
        true => "the contract".to_owned(),
        false => format!("`{parent}`"),
    };
    let message = format!("`{}` is missing in {in_what}: {}", field.name, field.doc);
    let finding = sink.report(owner(breach), &breach.path, message);
    finding.detail("required");
    let mistyped = match shape_at(&parent, ctx.contract.format) {
        Some(Shape::Object(object)) => misspelt(breach.at, object, field.name),
        _ => None,
    };
    if let Some(entry) = mistyped {
        finding.fix(rename(entry, field.name));
    } else if let Some(fix) = addition(ctx, breach.at, &parent, field) {
        let asks_for_more = fix.ops.iter().any(is_grpc) && breach.at.get("contract").is_none();
        finding.fix(if asks_for_more { fix } else { fix.preferred() });
    }
    if let Some(fix) = all_additions(ctx, breach.at, &parent) {
        finding.fix(fix);
    }
}

/// Whether an operation makes an interface a gRPC one, which needs a file.
fn is_grpc(op: &FixOp) -> bool {
    matches!(op, FixOp::Insert { key, value, .. } if key == "type" && value == "grpc")
}

/// Adds every required field that `map`, which stands at `path`, lacks; `None` where that is one at
/// most, or where one is mistyped or has nothing to start with.
fn all_additions(ctx: &Ctx<'_>, map: &Value, path: &DocPath) -> Option<Fix> {
    let Some(Shape::Object(object)) = shape_at(path, ctx.contract.format) else { return None };
    let fields = object.fields_in(ctx.contract.format);
    let missing: Vec<_> =
        fields.filter(|field| field.required && map.get(field.name).is_none()).collect();
    if missing.len() < 2 || missing.iter().any(|f| misspelt(map, object, f.name).is_some()) {
        return None;
    }
    let mut all = Vec::new();
    for field in &missing {
        for op in addition(ctx, map, path, field)?.ops {
            let key = |op: &FixOp| match op {
                FixOp::Insert { key, .. } => Some(key.clone()),
                _ => None,
            };
            // What one field asks for may be another.
            if !all.iter().any(|other| key(other) == key(&op)) {
                all.push(op);
            }
        }
    }
    let names: Vec<String> = missing.iter().map(|field| format!("`{}`", field.name)).collect();
    let (last, first) = names.split_last()?;
    let title = format!("Add {} and {last}", first.join(", "));
    let mut ops = all.into_iter();
    let fix = Fix::new("insert-all", title, ops.next()?);
    Some(ops.fold(fix, Fix::and))
}

/// Adds a field to `map`, which stands at `path`, with what its value asks for.
fn addition(ctx: &Ctx<'_>, map: &Value, path: &DocPath, field: &'static Field) -> Option<Fix> {
    let (value, more) = fitting(ctx, map, path, field)?;
    let title = format!("Add `{}`", field.name);
    let fix = Fix::insert(title, Anchor::value(map), field.name, value);
    Some(more.into_iter().fold(fix, Fix::and))
}

/// A value of a field that fits what else is in `map`, which stands at `path`, and the further
/// fields that the value asks for.
fn fitting(
    ctx: &Ctx<'_>,
    map: &Value,
    path: &DocPath,
    field: &'static Field,
) -> Option<(String, Option<FixOp>)> {
    let has = |key: &str| map.get(key).is_some();
    let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or("");
    let with = |key: &'static str, value: String| FixOp::Insert {
        map: Anchor::value(map),
        key: key.into(),
        value,
    };
    let offers =
        |value: &str| matches!(&field.ty, Type::Enum(all) if all.iter().any(|v| v.value == value));
    let is_type = offers("grpc");
    let value = match &field.ty {
        Type::Str(StrRule::FormatVersion) => fix::quoted(least_version(ctx).text()),
        Type::Str(StrRule::Constraint) => compatible(ctx, map).or(skeleton(ctx, field))?,
        _ if is_type && text("contract").ends_with(".proto") => "grpc".to_owned(),
        _ if is_type && has("contract") && !has("port") => "event".to_owned(),
        // A probe without a path asks a gRPC health service.
        _ if is_type && is_asked_without_path(ctx, text("name")) => "grpc".to_owned(),
        _ if offers("stateless") && is_persistent(map) => "stateful".to_owned(),
        _ => skeleton(ctx, field)?,
    };
    if is_type && value != "event" && !has("port") {
        return Some((value, Some(with("port", ctx.free_port(InterfaceType::Http).to_string()))));
    }
    let is_interface = matches!(field.ty, Type::Str(StrRule::InterfaceName));
    let names = ctx.reachable_interfaces();
    let asked = names.first().and_then(|name| ctx.interface(name)).filter(|_| is_interface);
    let is_http = asked.and_then(|i| i.ty.get()) == Some(&InterfaceType::Http);
    let needs_path = is_http && !has("path");
    Some((value, needs_path.then(|| with("path", format!("/{}", last_key(path))))))
}

/// Whether a state says that its data outlives the instances.
fn is_persistent(state: &Value) -> bool {
    let durability = state.get("persistence").and_then(|persistence| persistence.get("durability"));
    durability.and_then(Value::as_str) == Some("persistent")
}

/// Whether a probe names an interface and no path.
fn is_asked_without_path(ctx: &Ctx<'_>, interface: &str) -> bool {
    let Some(runtime) = &ctx.contract.runtime else { return false };
    let mut probes = runtime.health.iter().chain(&runtime.metrics);
    probes.any(|probe| {
        probe.interface.get().is_some_and(|name| name == interface) && probe.path.is_missing()
    })
}

fn wrong_type(ctx: &Ctx<'_>, breach: &Breach<'_>, expected: &'static Type, sink: &mut Sink<'_>) {
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
        let finding = sink.report(at.clone(), "", message);
        finding.detail("type");
        if value.is_null() {
            let start = "\"1.0\"\n\nservice:\n  name: my-service\n  version: 0.1.0\n";
            let fix = Fix::insert("Start a contract", at, "pactoVersion", start);
            finding.fix(fix.preferred());
        }
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
        finding.fixes.extend(structured_owner(text, Anchor::value(value)));
    }
    if let Some(text) = converted(value, expected) {
        let title = format!("Write {text}");
        finding.fix(Fix::replace("convert", title, Anchor::value(value), text).safe());
    } else if value.is_null() {
        empty_field(ctx, breach, finding);
    } else if let Some(form) = list_form(value, expected) {
        let op = FixOp::ToList { at: Anchor::value(value), form };
        finding.fix(Fix::new("to-list", "Make it a list", op).preferred());
    }
}

/// The constraint that admits what the `ref` of a dependency leads to.
fn compatible(ctx: &Ctx<'_>, dependency: &Value) -> Option<String> {
    let reference = ContractRef::parse(dependency.get("ref")?.as_str()?).ok()?;
    let followed = ctx.bundle.follow(&reference, None);
    let Fact::Ready(contract) = followed.ready()?.bundle.contract() else { return None };
    let version = Version::parse(contract.version()?).ok()?;
    Some(format!("^{}", version.normal))
}

/// A field without a value gets one, or goes.
fn empty_field(ctx: &Ctx<'_>, breach: &Breach<'_>, finding: &mut Finding) {
    let Some((_, field)) = field_at(&breach.path, ctx.contract.format) else { return };
    if !matches!(breach.path.0.last(), Some(Segment::Key(_))) {
        return;
    }
    // What must satisfy something else, or lead somewhere, is not invented.
    let is_open = matches!(
        field.ty,
        Type::Free | Type::Str(StrRule::ContractRef | StrRule::BundlePath | StrRule::Constraint)
    );
    let parent = DocPath(breach.path.0[..breach.path.0.len() - 1].to_vec());
    let map = at_path(&ctx.contract.value, &parent);
    let fitting = map.and_then(|map| fitting(ctx, map, &parent, field));
    if let Some((value, more)) = fitting.filter(|(value, _)| !is_open && !value.contains('\n')) {
        let title = format!("Write {value}");
        let fix = Fix::replace("fill", title, Anchor::value(breach.at), value).preferred();
        finding.fix(more.into_iter().fold(fix, Fix::and));
    }
    if !field.required {
        let title = format!("Remove `{}`", field.name);
        finding.fix(Fix::remove(title, Anchor::value(breach.at)));
    }
}

/// What stands at a path.
fn at_path<'v>(value: &'v Value, path: &DocPath) -> Option<&'v Value> {
    path.0.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.items().get(*index),
    })
}

/// How a mapping that stands for a list becomes one.
fn list_form(value: &Value, expected: &Type) -> Option<ListForm> {
    let (Type::Array { item: Type::Object(object), .. }, Data::Map(entries)) =
        (expected, &value.data)
    else {
        return None;
    };
    let is_known = |key: &str| object.forms(key).next().is_some();
    if entries.iter().any(|entry| is_known(&entry.key)) {
        return Some(ListForm::OneEntry);
    }
    let is_map = |entry: &Entry| matches!(entry.value.data, Data::Map(_));
    (is_known("name") && entries.iter().all(is_map)).then_some(ListForm::ByName)
}

fn shown(value: &Value) -> String {
    match &value.data {
        Data::Str(text) if text.chars().count() <= 40 => format!(" ({})", fix::quoted(text)),
        Data::Bool(value) => format!(" ({value})"),
        _ => value.number_text().map_or(String::new(), |text| format!(" ({text})")),
    }
}

fn converted(value: &Value, expected: &Type) -> Option<String> {
    match (expected, &value.data) {
        (Type::Int { .. }, Data::Str(text)) => {
            text.trim().parse::<i64>().ok().map(|n| n.to_string())
        }
        (Type::Int { .. }, Data::Float(number)) if number.value.fract() == 0.0 => {
            Some(format!("{}", number.value))
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
            value.number_text().map(|text| fix::quoted(&text))
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

fn none_of(ctx: &Ctx<'_>, breach: &Breach<'_>, fields: &[&'static str], sink: &mut Sink<'_>) {
    let is_scaling = fields.contains(&"replicas");
    let message = if is_scaling {
        "`scaling` says no number; expected `replicas`, or both `min` and `max`".to_owned()
    } else {
        format!("{} has none of {}; one is needed", subject(&breach.path), list(fields, "and"))
    };
    let finding = sink.report(owner(breach), &breach.path, message);
    finding.detail("one-of");
    for field in fields.iter().filter(|f| !is_scaling || **f == "replicas") {
        let known = field_at(&breach.path.key(field), ctx.contract.format);
        if let Some(value) = known.and_then(|(_, field)| skeleton(ctx, field)) {
            finding.fix(Fix::insert(
                format!("Add `{field}`"),
                Anchor::value(breach.at),
                field,
                value,
            ));
        }
    }
}
