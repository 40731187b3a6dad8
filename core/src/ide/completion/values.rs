//! Values of fields, by the type of the field.

use std::collections::BTreeSet;

use super::context::Context;
use super::item::{Completion, CompletionKind};
use super::{elsewhere, references, settings, versions};
use crate::contract::InterfaceType;
use crate::schema::format::{EnumValue, Field, StrRule, Type};
use crate::schema::{FormatVersion, field_at};
use crate::yaml::cursor::Slot;
use crate::yaml::{DocPath, Segment};

pub(super) fn completions(context: &Context<'_>) -> Vec<Completion> {
    if let Some(found) = settings::values(context) {
        return found;
    }
    let Some((object, field)) = field_at(&context.cursor.path, context.format()) else {
        return Vec::new();
    };
    match &field.ty {
        Type::Enum(values) => legal_values(context, field, values),
        Type::Bool => yes_or_no(context),
        Type::Str(StrRule::FormatVersion) => format_versions(context, field),
        Type::Str(StrRule::InterfaceName) => interface_names(context),
        Type::Str(StrRule::BundlePath) => references::files(context, object),
        Type::Str(StrRule::ContractRef) => references::contracts(context),
        Type::Str(StrRule::Constraint) => versions::constraints(context),
        Type::Str(StrRule::Version) if object.name == "Service" => versions::own(context),
        Type::Str(_) if object.name == "Chart" && field.name == "ref" => {
            let mut found = references::charts(context);
            found.extend(elsewhere::values(context));
            found
        }
        Type::Int { .. } if field.name == "port" => ports(context),
        Type::Str(StrRule::NonEmpty) if field.name == "path" => probe_paths(context),
        // Names and versions are each contract's own.
        Type::Str(_) | Type::Free if !matches!(field.name, "name" | "version") => {
            elsewhere::values(context)
        }
        _ => Vec::new(),
    }
}

fn legal_values(context: &Context<'_>, field: &Field, values: &[EnumValue]) -> Vec<Completion> {
    let each = values.iter().enumerate().map(|(i, v)| Completion {
        documentation: v.doc.to_owned(),
        ..context.value(v.value, CompletionKind::Value, i as u32)
    });
    let mut found: Vec<Completion> = each.collect();
    if field.name == "durability" {
        prefer_ephemeral(context, &mut found);
    }
    found
}

/// A stateless service keeps nothing: `persistent` conflicts.
fn prefer_ephemeral(context: &Context<'_>, found: &mut [Completion]) {
    let persistence = context.map().0;
    let state = DocPath(persistence[..persistence.len().saturating_sub(1)].to_vec());
    if context.scalar(&state, "type").as_deref() != Some("stateless") {
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

fn yes_or_no(context: &Context<'_>) -> Vec<Completion> {
    let each = ["true", "false"].iter().enumerate();
    each.map(|(i, text)| context.written(text, text, CompletionKind::Value, i as u32)).collect()
}

fn format_versions(context: &Context<'_>, field: &Field) -> Vec<Completion> {
    let versions = FormatVersion::ALL.iter().enumerate();
    let each = versions.map(|(i, version)| Completion {
        documentation: field.doc.to_owned(),
        preselect: i == 0,
        ..context.value(version.text(), CompletionKind::Value, i as u32)
    });
    each.collect()
}

/// Interfaces that can be asked; an http one with the path that it is asked at.
fn interface_names(context: &Context<'_>) -> Vec<Completion> {
    let reachable = context.ctx.reachable_interfaces();
    let named = reachable.iter().filter_map(|name| context.ctx.interface(name));
    let has_path = context.scalar(&context.map(), "path").is_some();
    let in_quotes = matches!(context.cursor.slot, Slot::Value { in_quotes: true, .. });
    let adds_path = context.allows_lines() && !has_path && !in_quotes;
    let each = named.enumerate().filter_map(|(i, interface)| {
        let name = interface.name.get()?;
        let ty = interface.ty.get().map_or("", |ty| ty.text());
        let port = interface.port.get().map_or(String::new(), |port| format!(" · {port}"));
        let mut item = context.value(name, CompletionKind::Reference, i as u32);
        if adds_path && interface.ty.get() == Some(&InterfaceType::Http) {
            let indent = " ".repeat(context.relative(context.cursor.column));
            item.insert.push_str(&format!("\n{indent}path: ${{1:{}}}", usual_path(context)));
        }
        Some(Completion { detail: format!("{ty}{port}"), ..item })
    });
    each.collect()
}

/// Where health or metrics are asked, whichever the cursor is in.
fn usual_path(context: &Context<'_>) -> &'static str {
    match context.cursor.path.0.contains(&Segment::Key("metrics".into())) {
        true => "/metrics",
        false => "/health",
    }
}

/// A free port first, those in use last.
fn ports(context: &Context<'_>) -> Vec<Completion> {
    let is_grpc = context.scalar(&context.map(), "type").as_deref() == Some("grpc");
    let ty = if is_grpc { InterfaceType::Grpc } else { InterfaceType::Http };
    let port = |port: i64, rank: u32| {
        let text = port.to_string();
        context.written(&text, &text, CompletionKind::Value, rank)
    };
    let free =
        Completion { detail: "free".into(), preselect: true, ..port(context.ctx.free_port(ty), 0) };
    let before = port_before(context)
        .map(|number| Completion { detail: "as before".into(), ..port(number, 1) });
    let interfaces = context.ctx.contract.interfaces.iter();
    let used = interfaces.filter_map(|i| Some((*i.port.get()?, i.name.get()?)));
    let used = used.map(|(number, name)| Completion {
        detail: format!("in use by {name}"),
        ..port(number, 5000)
    });
    let mut found: Vec<Completion> = std::iter::once(free).chain(before).chain(used).collect();
    let mut seen = BTreeSet::new();
    found.retain(|item| seen.insert(item.label.clone()));
    found
}

/// The port of this interface in what the contract is compared with.
fn port_before(context: &Context<'_>) -> Option<i64> {
    let name = context.scalar(&context.map(), "name")?;
    let old = context.subject.baseline?.contract;
    let old = crate::db::merged(context.subject.db, old).ready()?;
    let mut all = old.contract.interfaces.iter();
    let same = all.find(|interface| interface.name.get() == Some(&name))?;
    same.port.get().copied()
}

/// Paths of the interface's specification that can be asked, likely ones first.
fn probe_paths(context: &Context<'_>) -> Vec<Completion> {
    let is_metrics = context.cursor.path.0.contains(&Segment::Key("metrics".into()));
    let what = if is_metrics { "metrics" } else { "health" };
    let interface = context.scalar(&context.map(), "interface");
    let interface = interface.as_deref().and_then(|name| context.ctx.interface(name));
    let operations = interface.map_or(Vec::new(), |i| context.ctx.operations(i));
    let gets = operations.iter().filter(|op| op.method == "GET").enumerate();
    let mut found: Vec<Completion> = gets
        .map(|(i, op)| {
            let near = crate::check::rules::looks_like(&op.path, what);
            let rank = if near { i as u32 } else { 1000 + i as u32 };
            Completion {
                detail: "GET".into(),
                documentation: op.summary.clone().unwrap_or_default(),
                ..context.value(&op.path, CompletionKind::Operation, rank)
            }
        })
        .collect();
    if found.is_empty() {
        found.push(context.value(usual_path(context), CompletionKind::Value, 0));
    }
    found
}
