//! Keys of a mapping, with what must stand below them.

use super::context::Context;
use super::entries::{self, Dash};
use super::item::Completion;
use super::{settings, snippet};
use crate::schema::format::{Field, Object, ObjectRule};
use crate::schema::{Shape, shape_at};

pub(super) fn completions(context: &Context<'_>) -> Vec<Completion> {
    if context.is_out_of_line() {
        return Vec::new();
    }
    match shape_at(&context.cursor.path, context.format()) {
        Some(Shape::Object(object)) => fields(context, object),
        // A word at the column of a list's items: an item without its dash.
        Some(Shape::Items(_)) => entries::completions(context, Dash::Missing),
        Some(Shape::Free) => settings::keys(context),
        _ => Vec::new(),
    }
}

fn fields(context: &Context<'_>, object: &'static Object) -> Vec<Completion> {
    let present = context.present();
    let ty = context.scalar(&context.cursor.path, "type");
    let fields = object.fields_in(context.format()).enumerate();
    fields
        .filter(|(_, field)| !present.iter().any(|p| p == field.name))
        .filter(|(_, field)| is_open(object, field, &present, ty.as_deref()))
        .map(|(order, field)| {
            let is_demanded = field.required || is_demanded(object, field, &present, ty.as_deref());
            let group = if is_demanded { 0 } else { 2 };
            let insert = snippet::key(context, field.name, || snippet::field(context, field, 0));
            snippet::item(context, field, insert, group * 1000 + order as u32)
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
