//! Rules about `interfaces[]`.

use rustc_hash::FxHashMap;

use crate::check::template::Purpose;
use crate::check::{Anchor, Ctx, FileRef, Fix, FixOp, Sink, Tag};
use crate::contract::{Interface, InterfaceType, Place, Visibility};
use crate::fact::Fact;
use crate::schema::{Shape, shape_at};
use crate::spec::{BundlePath, mismatch};
use crate::value::{Segment, Value};

use super::files::{create, parts};
use super::structural::{misspelt, rename};
use super::unreadable::{is_unreadable, syntax_problems};

fn label(interface: &Interface) -> String {
    interface.name.get().map_or("the interface".into(), |name| format!("interface \"{name}\""))
}

pub fn port_required(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for interface in &ctx.contract.interfaces {
        let Some((ty, place)) = interface.ty.both() else {
            continue;
        };
        if *ty == InterfaceType::Event || !interface.port.is_missing() {
            continue;
        }
        let port = ctx.free_port(*ty);
        let message =
            format!("{} is {} and has no `port`; expected 1 to 65535", label(interface), ty.text());
        let path = interface.place.path.key("port");
        let finding = sink.report(place.value(), path, message);
        let map = entry_value(ctx, &interface.place);
        let mistyped = match shape_at(&interface.place.path, ctx.contract.format) {
            Some(Shape::Object(object)) => map.and_then(|map| misspelt(map, object, "port")),
            _ => None,
        };
        finding.fix(match mistyped {
            Some(entry) => rename(entry, "port"),
            None => {
                let title = format!("Add `port: {port}`");
                let map = interface.place.value();
                Fix::insert(title, map, "port", port.to_string()).preferred()
            }
        });
    }
}

/// The value at a place of the contract.
fn entry_value<'a>(ctx: &'a Ctx<'_>, place: &Place) -> Option<&'a Value> {
    place.path.0.iter().try_fold(&ctx.contract.value, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.items().get(*index),
    })
}

pub fn port_ignored(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for interface in &ctx.contract.interfaces {
        if interface.ty.get() != Some(&InterfaceType::Event) {
            continue;
        }
        if let Some((port, place)) = interface.port.both() {
            let message =
                format!("{} is an event interface; its port {port} is ignored", label(interface));
            sink.report(place.pair(), &place.path, message)
                .tag(Tag::Unnecessary)
                .fix(Fix::remove("Remove `port`", place.pair()).safe());
        }
    }
}

pub fn contract_required(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for interface in &ctx.contract.interfaces {
        let Some((ty, place)) = interface.ty.both() else {
            continue;
        };
        if *ty == InterfaceType::Http || !interface.contract.is_missing() {
            continue;
        }
        let what = if *ty == InterfaceType::Grpc {
            "a .proto file"
        } else {
            "an AsyncAPI document or a JSON Schema"
        };
        let message =
            format!("{} is {} and has no `contract`; expected {what}", label(interface), ty.text());
        let path = interface.place.path.key("contract");
        let finding = sink.report(place.value(), path, message);
        for file in candidates(ctx, *ty).iter().take(5) {
            let title = format!("Add `contract: {file}`");
            let fix = Fix::insert(title, interface.place.value(), "contract", file.clone());
            let is_first = finding.fixes.is_empty();
            finding.fix(if is_first { fix.preferred() } else { fix });
        }
        if let Some(fix) = new_contract(ctx, interface, *ty) {
            finding.fix(fix);
        }
    }
}

/// Names a new file after the interface, and creates it.
fn new_contract(ctx: &Ctx<'_>, interface: &Interface, ty: InterfaceType) -> Option<Fix> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name =
        interface.name.get().filter(|name| !name.is_empty() && name.chars().all(is_plain))?;
    let ending = if ty == InterfaceType::Grpc { "proto" } else { "yaml" };
    let path = format!("interfaces/{name}.{ending}");
    if ctx.bundle.files().ready()?.contains(&path) {
        return None;
    }
    let map = interface.place.value();
    let name_it = FixOp::Insert { map, key: "contract".into(), value: path.clone() };
    Some(create(ctx.contract, Purpose::Interface(ty), &path)?.and(name_it))
}

/// Files below `interfaces/` that an interface of this type may name.
fn candidates(ctx: &Ctx<'_>, ty: InterfaceType) -> Vec<String> {
    let Fact::Ready(files) = ctx.bundle.files() else {
        return Vec::new();
    };
    let fits = |file: &&String| {
        let is_proto = file.ends_with(".proto");
        let is_data = file.ends_with(".json") || file.ends_with(".yaml") || file.ends_with(".yml");
        file.starts_with("interfaces/")
            && if ty == InterfaceType::Grpc { is_proto } else { is_data }
    };
    files.iter().filter(fits).cloned().collect()
}

pub fn duplicate_port(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let mut first: FxHashMap<i64, (&Interface, &Place)> = FxHashMap::default();
    for interface in &ctx.contract.interfaces {
        let is_event = interface.ty.get() == Some(&InterfaceType::Event);
        let Some((port, place)) = interface.port.both().filter(|_| !is_event) else {
            continue;
        };
        let Some((other, other_place)) = first.get(port) else {
            first.insert(*port, (interface, place));
            continue;
        };
        let message = format!("port {port} is also that of {}", label(other));
        let free = ctx.free_port(interface.ty.get().copied().unwrap_or(InterfaceType::Http));
        sink.report(place.value(), &place.path, message)
            .related(other_place.value(), format!("{} has port {port}", label(other)))
            .fix(
                Fix::replace(
                    "replace",
                    format!("Use port {free}"),
                    place.value(),
                    free.to_string(),
                )
                .preferred(),
            );
    }
}

pub fn public_undocumented(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for interface in &ctx.contract.interfaces {
        let is_public = interface.visibility.get() == Some(&Visibility::Public);
        let is_http = interface.ty.get() == Some(&InterfaceType::Http);
        if !is_public || !is_http || !interface.contract.is_missing() {
            continue;
        }
        let Some(place) = interface.visibility.place() else {
            continue;
        };
        let message = format!(
            "{} is public and has no `contract`: its callers cannot know it",
            label(interface)
        );
        let finding = sink.report(place.value(), interface.place.path.key("contract"), message);
        for file in candidates(ctx, InterfaceType::Http).iter().take(3) {
            let title = format!("Add `contract: {file}`");
            finding.fix(Fix::insert(title, interface.place.value(), "contract", file.clone()));
        }
    }
}

pub fn invalid_spec(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for interface in &ctx.contract.interfaces {
        let (Some(ty), Some((text, place))) = (interface.ty.get(), interface.contract.both())
        else {
            continue;
        };
        let Ok(path) = BundlePath::parse(text) else {
            continue;
        };
        match ty {
            InterfaceType::Grpc => check_proto(ctx, interface, &path, place, sink),
            _ => check_data(ctx, interface, *ty, &path, place, sink),
        }
    }
}

fn check_proto(
    ctx: &Ctx<'_>,
    interface: &Interface,
    path: &BundlePath,
    place: &Place,
    sink: &mut Sink<'_>,
) {
    let named_by = format!("{} names this file", label(interface));
    if !path.as_str().ends_with(".proto") {
        if ctx.bundle.exists(path).ready().is_some() {
            let message =
                format!("{} is grpc; expected a .proto file, found `{path}`", label(interface));
            sink.report(place.value(), &place.path, message);
        }
        return;
    }
    let Fact::Ready(proto) = ctx.bundle.proto(path) else {
        return;
    };
    let file = FileRef::Bundle(path.to_string());
    for error in &proto.errors {
        let at = Anchor::bytes(file.clone(), error.span);
        let message = format!("`{path}`: {}", error.message);
        sink.report(at, &place.path, message).related(place.value(), named_by.clone());
    }
    if proto.errors.is_empty() && proto.services.is_empty() {
        let message = format!("`{path}` declares no service; a grpc interface needs one");
        sink.report(
            Anchor::in_bundle(path.as_str(), crate::yaml::NodeId::ROOT),
            &place.path,
            message,
        )
        .related(place.value(), named_by);
    }
}

fn check_data(
    ctx: &Ctx<'_>,
    interface: &Interface,
    ty: InterfaceType,
    path: &BundlePath,
    place: &Place,
    sink: &mut Sink<'_>,
) {
    if path.as_str().ends_with(".proto") && ctx.bundle.exists(path).ready().is_some() {
        let expected = match ty {
            InterfaceType::Http => "an OpenAPI document",
            _ => "an AsyncAPI document or a JSON Schema",
        };
        let message =
            format!("{} is {}; expected {expected}, found `{path}`", label(interface), ty.text());
        sink.report(place.value(), &place.path, message);
        return;
    }
    let Fact::Ready(document) = ctx.bundle.document(path) else {
        return;
    };
    let named_by = format!("{} names this file", label(interface));
    for part in parts(ctx, path) {
        let Fact::Ready(document) = ctx.bundle.document(&part) else { continue };
        for problem in syntax_problems(ctx, &part, document) {
            sink.report(problem.at, &place.path, format!("`{part}`: {}", problem.message))
                .related(place.value(), named_by.clone())
                .fixes
                .extend(problem.fixes);
        }
    }
    if is_unreadable(document) {
        return;
    }
    if let Some((key, message)) = mismatch(&document.value, ty) {
        let node = key.and_then(|k| document.value.get(k)).map_or(document.value.node, |v| v.node);
        let at = Anchor::in_bundle(path.as_str(), node);
        sink.report(at, &place.path, format!("`{path}`: {message}"))
            .related(place.value(), named_by);
    }
}
