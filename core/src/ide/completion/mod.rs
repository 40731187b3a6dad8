//! What may be written at the cursor.

use crate::check::{Ctx, fix};
use crate::contract::{ContractRef, InterfaceType};
use crate::fact::Fact;
use crate::ide::Subject;
use crate::schema::format::{Field, Object, ObjectRule, StrRule, Type};
use crate::schema::{FormatVersion, Shape, field_at, shape_at, type_text};
use crate::text::Span;
use crate::yaml::cursor::{Cursor, Slot, cursor};
use crate::yaml::{DocPath, Segment, Tree, node_at};

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    pub label: String,
    pub kind: CompletionKind,
    /// A type, a version, a port.
    pub detail: String,
    pub documentation: String,
    /// What is inserted, in snippet syntax (LSP 3.17, "Snippet Syntax").
    pub insert: String,
    /// Replaced by it.
    pub replace: Span,
    /// Orders the list; smaller comes first.
    pub rank: u32,
    /// Whether it is the one that most likely is meant.
    pub preselect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    Field,
    Value,
    Snippet,
    Reference,
    File,
    Folder,
    Operation,
}

impl Completion {
    /// The text to insert for clients without snippets.
    pub fn plain_insert(&self) -> String {
        plain(&self.insert)
    }
}

/// Snippet syntax without its stops: `${1:name}` becomes `name`, `$0` nothing.
fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find(['$', '\\', '}']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(escaped) = tail.strip_prefix('\\') {
            let length = escaped.chars().next().map_or(0, char::len_utf8);
            out.push_str(&escaped[..length]);
            rest = &escaped[length..];
        } else if let Some(stop) = tail.strip_prefix("${") {
            let digits = stop.trim_start_matches(|c: char| c.is_ascii_digit());
            rest = match digits.strip_prefix('|') {
                Some(choices) => {
                    let (list, after) = choices.split_once("|}").unwrap_or((choices, ""));
                    out.push_str(list.split(',').next().unwrap_or(""));
                    after
                }
                None => digits.strip_prefix(':').unwrap_or(digits),
            };
        } else if let Some(stop) = tail.strip_prefix('$') {
            rest = stop.trim_start_matches(|c: char| c.is_ascii_digit());
        } else {
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Text that stands for itself in a snippet.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

/// The proposals at `offset`, best first; empty where nothing fits.
pub fn completions(subject: &Subject<'_>, offset: u32) -> Vec<Completion> {
    let (ctx, tree) = (&subject.ctx(), subject.tree);
    let Some(cursor) = cursor(tree, offset) else { return Vec::new() };
    let is_blank_file =
        tree.text()[..].lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'));
    let mut found = match cursor.slot {
        Slot::Key { has_colon } => keys(tree, &cursor, has_colon, ctx.contract.format),
        Slot::Item => items(&cursor, Dash::Present, ctx.contract.format),
        Slot::Value { needs_blank, in_quotes } => {
            values(ctx, tree, &cursor, needs_blank, in_quotes)
        }
    };
    if is_blank_file && cursor.path.0.is_empty() {
        // Whole contracts come first, then the two fields that every contract has.
        found.iter_mut().for_each(|item| item.rank += 1000);
        found.extend(whole_contracts(&cursor));
    }
    found.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    found
}

// Keys

/// The keys that a mapping has, but for the one at the cursor.
fn present(tree: &Tree, path: &DocPath, replace: Span) -> Vec<String> {
    let Some(map) = node_at(tree, path) else { return Vec::new() };
    let others = tree.pairs(map).filter(|&pair| {
        let key = tree.span(tree.key(pair));
        key.start != replace.start || replace.is_empty()
    });
    others.map(|pair| tree.scalar_text(tree.key(pair)).into_owned()).collect()
}

fn scalar_at(tree: &Tree, map: &DocPath, key: &str) -> Option<String> {
    let node = node_at(tree, map)?;
    let pair = tree.pair(node, key)?;
    Some(tree.scalar_text(tree.value(pair)).into_owned())
}

fn keys(
    tree: &Tree,
    cursor: &Cursor,
    has_colon: bool,
    format: Option<FormatVersion>,
) -> Vec<Completion> {
    match shape_at(&cursor.path, format) {
        Some(Shape::Object(object)) => object_keys(tree, cursor, object, has_colon, format),
        // A word at the column of a list's items: an item without its dash.
        Some(Shape::Items(_)) => items(cursor, Dash::Missing, format),
        _ => Vec::new(),
    }
}

fn object_keys(
    tree: &Tree,
    cursor: &Cursor,
    object: &'static Object,
    has_colon: bool,
    format: Option<FormatVersion>,
) -> Vec<Completion> {
    let present = present(tree, &cursor.path, cursor.replace);
    let ty = scalar_at(tree, &cursor.path, "type");
    let fields = object.fields_in(format).enumerate();
    fields
        .filter(|(_, field)| !present.iter().any(|p| p == field.name))
        .filter(|(_, field)| is_open(object, field, &present, ty.as_deref()))
        .map(|(order, field)| {
            let is_demanded = field.required || is_demanded(object, field, &present, ty.as_deref());
            let group = if is_demanded { 0 } else { 2 };
            let insert = if has_colon {
                field.name.to_owned()
            } else if cursor.is_flow {
                format!("{}: ", field.name)
            } else {
                key_snippet(field, cursor.column, format)
            };
            Completion {
                label: field.name.to_owned(),
                kind: CompletionKind::Field,
                detail: type_text(&field.ty),
                documentation: field.doc.to_owned(),
                insert,
                replace: cursor.replace,
                rank: group * 1000 + order as u32,
                preselect: false,
            }
        })
        .collect()
}

/// Whether what stands in a mapping leaves room for a field.
fn is_open(object: &Object, field: &Field, present: &[String], ty: Option<&str>) -> bool {
    let has = |name: &str| present.iter().any(|p| p == name);
    let is_preferred = !matches!(field.name, "configuration" | "policy");
    let is_event_port = field.name == "port" && ty == Some("event");
    is_preferred
        && !is_event_port
        && object.rules.iter().all(|rule| match rule {
            ObjectRule::Exclusive(a, b) => {
                !(field.name == *a && has(b) || field.name == *b && has(a))
            }
            ObjectRule::OneOf { fields, .. } => {
                !fields.contains(&field.name) || !fields.iter().any(|other| has(other))
            }
            ObjectRule::OnlyBeside { field: own, beside, .. } => field.name != *own || has(beside),
            ObjectRule::EitherOrAll { alone, all } => {
                if field.name == *alone {
                    !all.iter().any(|f| has(f))
                } else {
                    !has(alone)
                }
            }
            _ => true,
        })
}

/// Whether what stands in a mapping asks for a field.
fn is_demanded(object: &Object, field: &Field, present: &[String], ty: Option<&str>) -> bool {
    object.rules.iter().any(|rule| match rule {
        ObjectRule::RequiredWhen { values, then, .. } => {
            *then == field.name && ty.is_some_and(|ty| values.contains(&ty))
        }
        ObjectRule::EitherOrAll { all, .. } => {
            all.contains(&field.name) && present.iter().any(|p| all.contains(&p.as_str()))
        }
        _ => false,
    })
}

/// `key: ` with what must stand below it.
fn key_snippet(field: &'static Field, column: usize, format: Option<FormatVersion>) -> String {
    let mut stop = 1;
    let below = field_snippet(field, column + 2, &mut stop, format);
    format!("{}:{below}", field.name)
}

fn field_snippet(
    field: &'static Field,
    column: usize,
    stop: &mut u32,
    format: Option<FormatVersion>,
) -> String {
    let indent = " ".repeat(column);
    match &field.ty {
        Type::Object(object) | Type::StrOr(object) => {
            let lines = object_lines(object, column, stop, format);
            if lines.is_empty() {
                *stop += 1;
                return format!("\n{indent}${}", *stop - 1);
            }
            lines.iter().map(|line| format!("\n{indent}{line}")).collect()
        }
        Type::Array { item: Type::Object(object), .. } => {
            let lines = object_lines(object, column + 2, stop, format);
            match lines.split_first() {
                None => {
                    *stop += 1;
                    format!("\n{indent}- ${}", *stop - 1)
                }
                Some((first, rest)) => {
                    let rest: String = rest.iter().map(|l| format!("\n{indent}  {l}")).collect();
                    format!("\n{indent}- {first}{rest}")
                }
            }
        }
        Type::Free => {
            *stop += 1;
            format!("\n{indent}${}", *stop - 1)
        }
        ty => format!(" {}", scalar_snippet(ty, field.placeholder, stop)),
    }
}

/// The required fields of an object as lines `key: value`.
fn object_lines(
    object: &'static Object,
    column: usize,
    stop: &mut u32,
    format: Option<FormatVersion>,
) -> Vec<String> {
    let required = object.fields_in(format).filter(|f| f.required);
    required.map(|f| format!("{}:{}", f.name, field_snippet(f, column + 2, stop, format))).collect()
}

fn scalar_snippet(ty: &Type, placeholder: &str, stop: &mut u32) -> String {
    let number = *stop;
    *stop += 1;
    match ty {
        Type::Enum(values) => {
            let names: Vec<&str> = values.iter().map(|v| v.value).collect();
            format!("${{{number}|{}|}}", names.join(","))
        }
        Type::Bool => format!("${{{number}|true,false|}}"),
        _ if placeholder.is_empty() => format!("${number}"),
        _ => format!("${{{number}:{}}}", escape(placeholder)),
    }
}

// Items

/// Whether the dash of the item that is proposed is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dash {
    Present,
    Missing,
}

fn items(cursor: &Cursor, dash: Dash, format: Option<FormatVersion>) -> Vec<Completion> {
    let Some(Shape::Items(Type::Object(object))) = shape_at(&cursor.path, format) else {
        return Vec::new();
    };
    let (dash, column) = match dash {
        Dash::Present => ("", cursor.column),
        Dash::Missing => ("- ", cursor.column + 2),
    };
    let mut found: Vec<Completion> = Vec::new();
    if !cursor.is_flow {
        for (label, documentation, lines) in entry_snippets(object.name) {
            let body = lines.join(&format!("\n{}", " ".repeat(column)));
            found.push(Completion {
                label: (*label).to_owned(),
                kind: CompletionKind::Snippet,
                detail: "new entry".into(),
                documentation: (*documentation).to_owned(),
                insert: format!("{dash}{body}"),
                replace: cursor.replace,
                rank: found.len() as u32,
                preselect: false,
            });
        }
    }
    for (order, field) in object.fields_in(format).enumerate() {
        found.push(Completion {
            label: field.name.to_owned(),
            kind: CompletionKind::Field,
            detail: type_text(&field.ty),
            documentation: field.doc.to_owned(),
            insert: format!("{dash}{}", key_snippet(field, column, format)),
            replace: cursor.replace,
            rank: 1000 + order as u32,
            preselect: false,
        });
    }
    found
}

type EntrySnippet = (&'static str, &'static str, &'static [&'static str]);

/// Whole entries by the type of the list.
fn entry_snippets(object: &str) -> &'static [EntrySnippet] {
    match object {
        "Interface" => &[
            (
                "http interface",
                "HTTP, described by OpenAPI.",
                &[
                    "name: ${1:api}",
                    "type: http",
                    "port: ${2:8080}",
                    "visibility: ${3|internal,public|}",
                    "contract: ${4:interfaces/openapi.yaml}",
                ],
            ),
            (
                "grpc interface",
                "gRPC, described by a .proto file.",
                &[
                    "name: ${1:rpc}",
                    "type: grpc",
                    "port: ${2:9090}",
                    "contract: ${3:interfaces/service.proto}",
                ],
            ),
            (
                "event interface",
                "Messages, described by AsyncAPI.",
                &["name: ${1:events}", "type: event", "contract: ${2:interfaces/asyncapi.yaml}"],
            ),
        ],
        "Dependency" => &[(
            "dependency",
            "Another contract that this service relies on.",
            &[
                "name: ${1:name}",
                "ref: ${2:oci://ghcr.io/org/name}",
                "required: ${3|true,false|}",
                "compatibility: ${4:^1.0.0}",
            ],
        )],
        "NamedPolicy" => &[
            (
                "policy by schema",
                "A policy of this bundle.",
                &["name: ${1:name}", "schema: ${2:policy/schema.json}"],
            ),
            (
                "policy by ref",
                "The policies of another contract.",
                &["name: ${1:name}", "ref: ${2:oci://ghcr.io/org/policy}"],
            ),
        ],
        "NamedConfiguration" => &[
            (
                "configuration by schema",
                "Settings described in this bundle.",
                &["name: ${1:app}", "schema: ${2:configuration/schema.json}"],
            ),
            (
                "configuration by ref",
                "Settings described by another contract.",
                &["name: ${1:shared}", "ref: ${2:oci://ghcr.io/org/config}"],
            ),
        ],
        "Contact" => &[(
            "contact",
            "A way to reach the owner.",
            &["type: ${1|email,url,group,oncall,chat,other|}", "value: ${2:me@example.com}"],
        )],
        _ => &[],
    }
}

// Values

fn values(
    ctx: &Ctx<'_>,
    tree: &Tree,
    cursor: &Cursor,
    needs_blank: bool,
    in_quotes: bool,
) -> Vec<Completion> {
    let lead = if needs_blank { " " } else { "" };
    let write = |text: &str| match in_quotes {
        true => escape(text),
        false => format!("{lead}{}", escape(&fix::scalar(text))),
    };
    let value = |label: &str, kind, detail: String, documentation: String, rank| Completion {
        label: label.to_owned(),
        kind,
        detail,
        documentation,
        insert: write(label),
        replace: cursor.replace,
        rank,
        preselect: false,
    };
    if let Some(found) = settings(ctx, cursor, &value) {
        return found;
    }
    let Some((object, field)) = field_at(&cursor.path, ctx.contract.format) else {
        return Vec::new();
    };
    let map = DocPath(cursor.path.0[..cursor.path.0.len() - 1].to_vec());
    match &field.ty {
        Type::Enum(values) => {
            let all = values.iter().enumerate();
            let mut found: Vec<Completion> = all
                .map(|(i, v)| {
                    value(v.value, CompletionKind::Value, String::new(), v.doc.to_owned(), i as u32)
                })
                .collect();
            if field.name == "durability" {
                prefer_ephemeral(tree, &map, &mut found);
            }
            found
        }
        Type::Bool => ["true", "false"]
            .iter()
            .enumerate()
            .map(|(i, text)| Completion {
                insert: if in_quotes { (*text).to_owned() } else { format!("{lead}{text}") },
                ..value(text, CompletionKind::Value, String::new(), String::new(), i as u32)
            })
            .collect(),
        Type::Str(StrRule::FormatVersion) => {
            let each = FormatVersion::ALL.iter().enumerate().map(|(order, version)| {
                let text = version.text();
                let insert = if in_quotes { text.to_owned() } else { format!("{lead}\"{text}\"") };
                let doc = field.doc.to_owned();
                let rank = order as u32;
                let item = value(text, CompletionKind::Value, String::new(), doc, rank);
                Completion { insert, preselect: order == 0, ..item }
            });
            each.collect()
        }
        Type::Str(StrRule::InterfaceName) => interface_names(ctx, &value),
        Type::Str(StrRule::BundlePath) => files(ctx, object, &map, tree, &value),
        Type::Str(StrRule::ContractRef) => neighbours(ctx, &value),
        Type::Int { .. } if field.name == "port" => {
            let is_grpc = scalar_at(tree, &map, "type").as_deref() == Some("grpc");
            let ty = if is_grpc { InterfaceType::Grpc } else { InterfaceType::Http };
            let port = ctx.free_port(ty).to_string();
            let mut found = vec![Completion {
                insert: format!("{lead}{port}"),
                preselect: true,
                ..value(&port, CompletionKind::Value, "free".into(), String::new(), 0)
            }];
            let used =
                ctx.contract.interfaces.iter().filter_map(|i| Some((i.port.get()?, i.name.get()?)));
            found.extend(used.map(|(port, name)| Completion {
                insert: format!("{lead}{port}"),
                ..value(
                    &port.to_string(),
                    CompletionKind::Value,
                    format!("in use by {name}"),
                    String::new(),
                    5000,
                )
            }));
            found
        }
        Type::Str(StrRule::NonEmpty) if field.name == "path" => {
            probe_paths(ctx, tree, cursor, &map, &value)
        }
        _ => Vec::new(),
    }
}

type MakeValue<'a> = &'a dyn Fn(&str, CompletionKind, String, String, u32) -> Completion;

/// A stateless service keeps nothing: `persistent` conflicts.
fn prefer_ephemeral(tree: &Tree, persistence: &DocPath, found: &mut [Completion]) {
    let state = DocPath(persistence.0[..persistence.0.len().saturating_sub(1)].to_vec());
    if scalar_at(tree, &state, "type").as_deref() != Some("stateless") {
        return;
    }
    for item in found {
        if item.label == "persistent" {
            item.detail = "conflicts with stateless".into();
            item.rank = 5000;
        } else {
            item.preselect = true;
        }
    }
}

fn interface_names(ctx: &Ctx<'_>, value: MakeValue<'_>) -> Vec<Completion> {
    let reachable = ctx.reachable_interfaces();
    let named = reachable.iter().filter_map(|name| ctx.interface(name));
    named
        .enumerate()
        .filter_map(|(i, interface)| {
            let name = interface.name.get()?;
            let ty = interface.ty.get().map_or("", |ty| ty.text());
            let port = interface.port.get().map_or(String::new(), |port| format!(" · {port}"));
            Some(value(
                name,
                CompletionKind::Reference,
                format!("{ty}{port}"),
                String::new(),
                i as u32,
            ))
        })
        .collect()
}

fn probe_paths(
    ctx: &Ctx<'_>,
    tree: &Tree,
    cursor: &Cursor,
    map: &DocPath,
    value: MakeValue<'_>,
) -> Vec<Completion> {
    let what =
        if cursor.path.0.contains(&Segment::Key("metrics".into())) { "metrics" } else { "health" };
    let interface = scalar_at(tree, map, "interface");
    let interface = interface.as_deref().and_then(|name| ctx.interface(name));
    let operations = interface.map_or(Vec::new(), |interface| ctx.operations(interface));
    let gets = operations.iter().filter(|op| op.method == "GET").enumerate();
    let mut found: Vec<Completion> = gets
        .map(|(i, op)| {
            let near = crate::check::rules::looks_like(&op.path, what);
            let rank = if near { i as u32 } else { 1000 + i as u32 };
            let summary = op.summary.clone().unwrap_or_default();
            value(&op.path, CompletionKind::Operation, "GET".into(), summary, rank)
        })
        .collect();
    if found.is_empty() {
        let usual = if what == "metrics" { "/metrics" } else { "/health" };
        found.push(value(usual, CompletionKind::Value, String::new(), String::new(), 0));
    }
    found
}

/// Files of the bundle that the field can name, unnamed ones first.
fn files(
    ctx: &Ctx<'_>,
    object: &Object,
    map: &DocPath,
    tree: &Tree,
    value: MakeValue<'_>,
) -> Vec<Completion> {
    let Fact::Ready(all) = ctx.bundle.files() else { return Vec::new() };
    let ty = scalar_at(tree, map, "type");
    let folder = match object.name {
        "Interface" => "interfaces/",
        "Policy" | "NamedPolicy" => "policy/",
        _ => "configuration/",
    };
    let is_data = |file: &str| [".json", ".yaml", ".yml"].iter().any(|end| file.ends_with(end));
    let fits = |file: &str| match (object.name, ty.as_deref()) {
        ("Interface", Some("grpc")) => file.ends_with(".proto"),
        ("Interface", Some(_)) => is_data(file),
        ("Interface", None) => is_data(file) || file.ends_with(".proto"),
        _ => is_data(file),
    };
    let named: Vec<String> = ctx.named_files().iter().map(|(path, _)| path.to_string()).collect();
    let candidates = all.iter().filter(|file| file.as_str() != "pacto.yaml" && fits(file));
    candidates
        .enumerate()
        .map(|(i, file)| {
            let is_named = named.contains(file);
            let group = u32::from(!file.starts_with(folder)) * 2 + u32::from(is_named);
            let detail = if is_named { "already named" } else { "" };
            value(file, CompletionKind::File, detail.into(), String::new(), group * 1000 + i as u32)
        })
        .collect()
}

/// Other bundles of the workspace, by relative path.
fn neighbours(ctx: &Ctx<'_>, value: MakeValue<'_>) -> Vec<Completion> {
    let own = ctx.bundle.root();
    let parent = own.parent().map(|(folder, _)| folder);
    let near = ctx.bundle.workspace();
    let beside = near.iter().filter_map(|root| {
        let (folder, name) = root.parent()?;
        (Some(folder) == parent && root != own).then(|| format!("../{name}"))
    });
    let mut found = Vec::new();
    for (i, path) in beside.enumerate().take(200) {
        let followed = ctx.bundle.follow(&ContractRef::Local(path.clone()), None);
        let detail = match followed.as_ref().map(|f| f.bundle.contract()) {
            Fact::Ready(Fact::Ready(contract)) => {
                contract.service.as_ref().map_or(String::new(), |s| {
                    let text = |field: &crate::contract::Field<String>| {
                        field.get().cloned().unwrap_or_default()
                    };
                    format!("{} {}", text(&s.name), text(&s.version))
                })
            }
            _ => String::new(),
        };
        found.push(value(&path, CompletionKind::Folder, detail, String::new(), i as u32));
    }
    found
}

/// Values of settings, from the schema of their configuration.
fn settings(ctx: &Ctx<'_>, cursor: &Cursor, value: MakeValue<'_>) -> Option<Vec<Completion>> {
    let at = cursor.path.0.iter().position(|s| *s == Segment::Key("values".into()))?;
    let [Segment::Key(property)] = &cursor.path.0[at + 1..] else { return Some(Vec::new()) };
    let configuration =
        ctx.contract.configurations.iter().find(|c| {
            c.values.place().is_some_and(|place| place.path.0[..] == cursor.path.0[..=at])
        })?;
    let file = crate::spec::BundlePath::parse(configuration.schema.get()?).ok()?;
    let Fact::Ready(document) = ctx.bundle.document(&file) else { return Some(Vec::new()) };
    let schema = document.value.get("properties")?.get(property)?;
    let default = schema.get("default").map(|d| d.to_json());
    let options = schema.get("enum").map_or(Vec::new(), |e| e.items().to_vec());
    let options = options.iter().map(|o| o.to_json()).enumerate();
    Some(
        options
            .map(|(i, option)| {
                let text = option.as_str().map_or(option.to_string(), str::to_owned);
                let is_default = default.as_ref() == Some(&option);
                let detail = if is_default { "default" } else { "" };
                let item =
                    value(&text, CompletionKind::Value, detail.into(), String::new(), i as u32);
                Completion { preselect: is_default, ..item }
            })
            .collect(),
    )
}

// Whole contracts

const HEAD: &str = "pactoVersion: \"1.0\"\n\nservice:\n  name: ${1:my-service}\n  version: ${2:1.0.0}\n  owner:\n    team: ${3:my-team}\n";
const RUNTIME: &str = "\nruntime:\n  workload: service\n  state:\n    type: stateless\n    persistence:\n      scope: local\n      durability: ephemeral\n    dataCriticality: low\n";

fn whole_contracts(cursor: &Cursor) -> Vec<Completion> {
    let http = "\ninterfaces:\n  - name: api\n    type: http\n    port: ${4:8080}\n";
    let grpc = "\ninterfaces:\n  - name: rpc\n    type: grpc\n    port: ${4:9090}\n    contract: ${5:interfaces/service.proto}\n";
    let event = "\ninterfaces:\n  - name: events\n    type: event\n    contract: ${4:interfaces/asyncapi.yaml}\n";
    let health =
        "  health:\n    interface: api\n    path: ${5:/health}\n\nscaling:\n  min: 1\n  max: 3\n";
    let stateful = RUNTIME.replace("stateless", "stateful").replace("ephemeral", "persistent");
    let job = RUNTIME.replace("workload: service", "workload: scheduled");
    let all = [
        ("minimal contract", "Identity and nothing else.", HEAD.to_owned()),
        (
            "http service",
            "A stateless service with an HTTP API.",
            format!("{HEAD}{http}{RUNTIME}{health}"),
        ),
        ("grpc service", "A stateless service with a gRPC API.", format!("{HEAD}{grpc}{RUNTIME}")),
        ("event worker", "A worker that reads messages.", format!("{HEAD}{event}{RUNTIME}")),
        ("scheduled job", "Runs on a schedule that is kept elsewhere.", format!("{HEAD}{job}")),
        ("stateful service", "Keeps data on volumes of its own.", format!("{HEAD}{stateful}")),
        (
            "library",
            "A version that others depend on, without a runtime.",
            HEAD.to_owned() + "\nmetadata:\n  kind: library\n",
        ),
        (
            "shared policy",
            "Policies that other contracts adopt.",
            HEAD.to_owned()
                + "\npolicies:\n  - name: ${4:base}\n    schema: ${5:policy/schema.json}\n",
        ),
        (
            "shared configuration",
            "Settings that other contracts adopt.",
            HEAD.to_owned()
                + "\nconfigurations:\n  - name: ${4:shared}\n    schema: ${5:configuration/schema.json}\n",
        ),
    ];
    all.into_iter()
        .enumerate()
        .map(|(i, (label, documentation, insert))| Completion {
            label: label.to_owned(),
            kind: CompletionKind::Snippet,
            detail: "whole contract".into(),
            documentation: documentation.to_owned(),
            insert,
            replace: cursor.replace,
            rank: i as u32,
            preselect: false,
        })
        .collect()
}
