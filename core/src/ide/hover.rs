//! What a key or a value means.

use std::fmt::Write;

use crate::check::{Ctx, Diagnostic};
use crate::contract::{Constraint, ContractRef, Version, tags};
use crate::fact::{Fact, Failure};
use crate::ide::Subject;
use crate::ide::settings::{Setting, setting_at};
use crate::root::Root;
use crate::schema::field_at;
use crate::schema::format::{Field, StrRule, Type};
use crate::schema::type_text;
use crate::spec::BundlePath;
use crate::text::Span;
use crate::yaml::{DocPath, Kind, Segment, path_of};

/// Markdown about the text at a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    pub markdown: String,
    pub span: Span,
}

/// What stands at `offset`, if there is something to say about it.
pub fn hover(subject: &Subject<'_>, offset: u32) -> Option<Hover> {
    let (ctx, tree) = (&subject.ctx(), subject.tree);
    let node = tree.deepest_at(offset);
    if !tree.kind(node).is_scalar() {
        return None;
    }
    let span = tree.span(node);
    let pair = tree.parent(node).filter(|&p| tree.kind(p) == Kind::Pair);
    let path = path_of(tree, node);
    let is_key = pair.is_some_and(|pair| tree.key(pair) == node);
    let markdown = match is_key {
        true => on_key(subject, &path),
        // A setting says the same of its key and of its value.
        false => on_value(ctx, &path, &tree.scalar_text(node)).or_else(|| setting(subject, &path)),
    };
    markdown.map(|markdown| Hover { markdown, span })
}

/// What is said of a place, with the rules that find something there.
pub fn with_findings(said: Option<Hover>, found: &[&Diagnostic]) -> Option<Hover> {
    let mut lines: Vec<String> =
        found.iter().map(|d| format!("`{}` — {}", d.rule.code, d.rule.summary())).collect();
    lines.dedup();
    let span = said.as_ref().map(|hover| hover.span).or(found.first().map(|d| d.span))?;
    let parts = said.map(|hover| hover.markdown).into_iter().chain(lines);
    Some(Hover { markdown: parts.collect::<Vec<_>>().join("\n\n"), span })
}

fn on_key(subject: &Subject<'_>, path: &DocPath) -> Option<String> {
    if let Some(text) = setting(subject, path) {
        return Some(text);
    }
    let field = field_in(&subject.ctx(), path)?;
    let mut out = format!("**{}** — {}", field.name, type_text(&field.ty));
    if field.required {
        out.push_str(", required");
    }
    let lifetime = field.lifetime();
    if !lifetime.is_empty() {
        let _ = write!(out, ", {lifetime}");
    }
    let _ = write!(out, "\n\n{}", field.doc);
    if let Some(default) = field.default {
        let _ = write!(out, "\n\nDefault: `{default}`.");
    }
    if let Type::Enum(values) = field.ty {
        out.push('\n');
        for value in values {
            let _ = write!(out, "\n- `{}`: {}", value.value, value.doc);
        }
    }
    Some(out)
}

/// The field at `path`; where the contract's version lacks it, as another version has it.
fn field_in(ctx: &Ctx<'_>, path: &DocPath) -> Option<&'static Field> {
    let (_, field) = field_at(path, ctx.contract.format).or_else(|| field_at(path, None))?;
    Some(field)
}

/// What the schema says about a key below `values`.
fn setting(subject: &Subject<'_>, path: &DocPath) -> Option<String> {
    let Some(Segment::Key(property)) = path.0.last().filter(|_| path.0.len() > 1) else {
        return None;
    };
    let is_values = property == "values" && field_at(path, None).is_some();
    let Setting { file, schema } = setting_at(subject, path).filter(|_| !is_values)?;
    let text = |key: &str| schema.get(key).and_then(|v| v.as_str());
    let ty = text("type").map_or(String::new(), |ty| format!(" — {ty}"));
    let mut out = format!("**{property}**{ty}");
    if let Some(description) = text("description").or_else(|| text("title")) {
        let _ = write!(out, "\n\n{description}");
    }
    if let Some(default) = schema.get("default") {
        let _ = write!(out, "\n\nDefault: `{}`.", default.to_json());
    }
    let options: Vec<String> = schema
        .get("enum")
        .map_or(Vec::new(), |e| e.items().iter().map(|v| format!("`{}`", v.to_json())).collect());
    if !options.is_empty() {
        let _ = write!(out, "\n\nOne of {}.", options.join(", "));
    }
    let _ = write!(out, "\n\nFrom `{file}`.");
    Some(out)
}

fn on_value(ctx: &Ctx<'_>, path: &DocPath, text: &str) -> Option<String> {
    let field = field_in(ctx, path)?;
    match &field.ty {
        Type::Enum(values) => {
            let value = values.iter().find(|v| v.value == text)?;
            Some(format!("**{}** — {}", value.value, value.doc))
        }
        Type::Str(StrRule::Constraint) => constraint(text),
        Type::Str(StrRule::Version) => version(text),
        Type::Str(StrRule::InterfaceName) => interface(ctx, text),
        Type::Str(StrRule::ContractRef) => reference(ctx, text),
        Type::Str(StrRule::BundlePath) => file(ctx, text),
        Type::Str(StrRule::NonEmpty) if field.name == "path" => operation(ctx, path, text),
        _ => about(field, text),
    }
}

fn about(field: &Field, text: &str) -> Option<String> {
    (!text.is_empty()).then(|| format!("**{}** — {}", field.name, field.doc))
}

fn constraint(text: &str) -> Option<String> {
    let constraint = Constraint::parse(text).ok()?;
    Some(format!("`{text}` is `{}`", constraint.interval()))
}

fn version(text: &str) -> Option<String> {
    let version = Version::parse(text).ok()?;
    Some(match version.is_strict() {
        true => format!("Version `{}`", version.normal),
        false => format!("`{text}` is read as version `{}`", version.normal),
    })
}

fn interface(ctx: &Ctx<'_>, name: &str) -> Option<String> {
    let interface = ctx.interface(name)?;
    let ty = interface.ty.get()?.text();
    let port = interface.port.get().map_or(String::new(), |port| format!(" · port {port}"));
    let file = interface
        .contract
        .get()
        .map_or(String::new(), |file| format!("\n\nDescribed by `{file}`."));
    Some(format!("**{name}** — {ty}{port}{file}"))
}

fn reference(ctx: &Ctx<'_>, text: &str) -> Option<String> {
    let reference = ContractRef::parse(text).ok()?;
    let dependencies = ctx.contract.dependencies.iter();
    let dependency =
        dependencies.into_iter().find(|d| d.reference.get().is_some_and(|r| r == text));
    let constraint = dependency.and_then(|d| d.compatibility.get());
    let mut out = String::new();
    if let ContractRef::Oci(oci) = &reference {
        let _ = write!(out, "Repository `{}`", oci.repository());
        if let Some(tag) = &oci.tag {
            let _ = write!(out, ", tag `{tag}`");
        }
        if let Some(digest) = &oci.digest {
            let _ = write!(out, ", digest `{digest}`");
        }
        out.push_str("\n\n");
    }
    let not_there = |out: String, failure: &Failure| match &reference {
        ContractRef::Local(path) => format!("There is no contract at `{path}`."),
        ContractRef::Oci(_) => format!("{out}{failure}"),
    };
    let followed = match ctx.bundle.follow(&reference, constraint.map(String::as_str)) {
        Fact::Pending => return Some(out + "Not fetched."),
        Fact::Failed(failure) => return Some(not_there(out, &failure)),
        Fact::Ready(followed) => followed,
    };
    let contract = match followed.bundle.contract() {
        Fact::Pending => return Some(out + "Not fetched."),
        Fact::Failed(failure) => return Some(not_there(out, &failure)),
        Fact::Ready(contract) => contract,
    };
    let service = contract.service.as_ref()?;
    let name = service.name.get().map_or("?", String::as_str);
    let version = service.version.get().map_or("?", String::as_str);
    let owner = service.owner.get().and_then(|o| o.key());
    let owner = owner.map_or(String::new(), |owner| format!("\n\nOwner: {owner}."));
    let _ = write!(out, "**{name}** {version}{owner}");
    if let ContractRef::Oci(oci) = &reference
        && let Fact::Ready(list) = ctx.bundle.tags(&oci.repository())
    {
        out.push_str(&published(list, constraint.map(String::as_str)));
    }
    if matches!(reference, ContractRef::Oci(_))
        && let Root::Published { digest, .. } = followed.bundle.root()
    {
        let _ = write!(out, "\n\nPublished as `{digest}`.");
    }
    Some(out)
}

/// Which versions there are, and which of them a range admits.
fn published(list: &[String], range: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(newest) = tags::select(list, None) {
        let _ = write!(out, "\n\nNewest: {}, of {} tags.", newest.tag, list.len());
    }
    let constraint = range.and_then(|range| Constraint::parse(range).ok());
    if let (Some(range), Some(constraint)) = (range, constraint) {
        let _ = match tags::select(list, Some(&constraint)) {
            Some(fits) => write!(out, " The newest within `{range}`: {}.", fits.tag),
            None => write!(out, " None is within `{range}`."),
        };
    }
    out
}

fn file(ctx: &Ctx<'_>, text: &str) -> Option<String> {
    let path = BundlePath::parse(text).ok()?;
    let describes =
        ctx.contract.interfaces.iter().find(|i| i.contract.get().is_some_and(|c| c == text));
    if let Some(interface) = describes {
        let operations = ctx.operations(interface);
        if !operations.is_empty() {
            let mut out = format!("`{path}`: {} operations\n", operations.len());
            for op in operations.iter().take(12) {
                let summary = op.summary.as_deref().map_or(String::new(), |s| format!(" — {s}"));
                let _ = write!(out, "\n- `{} {}`{summary}", op.method, op.path);
            }
            return Some(out);
        }
    }
    match ctx.bundle.exists(&path) {
        Fact::Ready(()) => Some(format!("`{path}` in this bundle")),
        Fact::Failed(failure) => Some(format!("`{path}`: {failure}")),
        Fact::Pending => None,
    }
}

/// The operations at a health or metrics path.
fn operation(ctx: &Ctx<'_>, path: &DocPath, text: &str) -> Option<String> {
    let runtime = ctx.contract.runtime.as_ref()?;
    let is_metrics = path.0.contains(&Segment::Key("metrics".into()));
    let probe = if is_metrics { runtime.metrics.as_ref()? } else { runtime.health.as_ref()? };
    let interface = ctx.interface(probe.interface.get()?)?;
    let operations = ctx.operations(interface);
    let here: Vec<_> = operations.iter().filter(|op| op.path == text).collect();
    if here.is_empty() {
        return None;
    }
    let line = |op: &&crate::spec::Operation| {
        let summary = op.summary.as_deref().map_or(String::new(), |s| format!(" — {s}"));
        format!("- `{} {}`{summary}", op.method, op.path)
    };
    Some(here.iter().map(line).collect::<Vec<_>>().join("\n"))
}
