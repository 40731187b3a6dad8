//! What a field that is missing starts with: as much as makes it legal.

use super::{Ctx, fix};
use crate::contract::InterfaceType;
use crate::schema::format::{Field, Object, ObjectRule, StrRule, Type};

/// A value for `field`, by lines that are indented relative to its key; `None` where there is
/// nothing to start with, such as a file that must exist.
pub(crate) fn skeleton(ctx: &Ctx<'_>, field: &Field) -> Option<String> {
    value(ctx, &field.ty, field.placeholder, 1)
}

fn value(ctx: &Ctx<'_>, ty: &Type, placeholder: &str, depth: usize) -> Option<String> {
    match ty {
        Type::Object(object) | Type::StrOr(object) => {
            let indent = "  ".repeat(depth);
            let lines = lines(ctx, object, depth)?;
            Some(lines.iter().map(|line| format!("\n{indent}{line}")).collect())
        }
        Type::Array { item: Type::Object(object), .. } => {
            let indent = "  ".repeat(depth);
            let lines = lines(ctx, object, depth + 1)?;
            let lines = lines.iter().enumerate().map(|(i, line)| {
                let lead = if i == 0 { "- " } else { "  " };
                format!("\n{indent}{lead}{line}")
            });
            Some(lines.collect())
        }
        Type::Array { .. } => None,
        Type::Enum(values) => Some(values.first()?.value.to_owned()),
        Type::Bool => Some("false".to_owned()),
        Type::Free => Some("{}".to_owned()),
        Type::Str(StrRule::InterfaceName) => Some(fix::scalar(ctx.reachable_interfaces().first()?)),
        Type::Str(StrRule::BundlePath) => {
            let files = ctx.bundle.files();
            let is_there = files.ready()?.iter().any(|file| file == placeholder);
            is_there.then(|| placeholder.to_owned())
        }
        _ => (!placeholder.is_empty()).then(|| placeholder.to_owned()),
    }
}

/// The fields that an object cannot do without, `key: value` each.
fn lines(ctx: &Ctx<'_>, object: &'static Object, depth: usize) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    let fields = object.fields_in(ctx.contract.format);
    for field in fields.filter(|field| is_needed(ctx, object, field)) {
        let value = value(ctx, &field.ty, field.placeholder, depth + 1)?;
        let blank = if value.starts_with('\n') { "" } else { " " };
        lines.push(format!("{}:{blank}{value}", field.name));
    }
    (!lines.is_empty()).then_some(lines)
}

fn is_needed(ctx: &Ctx<'_>, object: &'static Object, field: &Field) -> bool {
    let first = |fields: &[&str]| fields.first() == Some(&field.name);
    let by_rule = object.rules_in(ctx.contract.format).any(|rule| match rule {
        ObjectRule::AnyOf(fields) => first(fields),
        ObjectRule::OneOf { fields, .. } => first(fields),
        ObjectRule::EitherOrAll { alone, .. } => *alone == field.name,
        ObjectRule::RequiredWhen { field: of, values, then, .. } => {
            // The skeleton takes the first of the legal values.
            let chosen = object.field(of, ctx.contract.format).map(|of| &of.ty);
            let is_chosen = matches!(chosen, Some(Type::Enum(all)) if all.first().is_some_and(|v| values.contains(&v.value)));
            *then == field.name && is_chosen
        }
        _ => false,
    });
    field.required || by_rule || is_probed_path(ctx, object, field)
}

/// An http interface is asked at a path.
fn is_probed_path(ctx: &Ctx<'_>, object: &Object, field: &Field) -> bool {
    let is_probe = object.fields.iter().any(|f| matches!(f.ty, Type::Str(StrRule::InterfaceName)));
    let names = ctx.reachable_interfaces();
    let interface = names.first().and_then(|name| ctx.interface(name));
    let is_http = interface.and_then(|i| i.ty.get()) == Some(&InterfaceType::Http);
    field.name == "path" && is_probe && is_http
}
