//! Entries of a list: whole ones, and the first key of one.

use super::context::Context;
use super::item::{Completion, CompletionKind, escape};
use super::snippet::{self, Writer};
use crate::schema::format::Type;
use crate::schema::{Shape, Start, Template, shape_at, templates};
use crate::yaml::cursor::Slot;

/// Whether the dash of the entry that is proposed is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dash {
    Present,
    Missing,
}

pub(super) fn completions(context: &Context<'_>, dash: Dash) -> Vec<Completion> {
    let Some(Shape::Items(Type::Object(object))) = shape_at(&context.cursor.path, context.format())
    else {
        return Vec::new();
    };
    let lead = match (dash, context.cursor.slot) {
        (Dash::Missing, _) => "- ",
        (_, Slot::Item { needs_blank: true }) => " ",
        _ => "",
    };
    let shift = if dash == Dash::Missing { 2 } else { 0 };
    let mut found: Vec<Completion> = Vec::new();
    for template in templates(object.name) {
        let fields = written(context, template);
        let body = match context.allows_lines() {
            true => {
                let column = context.relative(context.cursor.column + shift);
                format!("{lead}{}", fields.join(&format!("\n{}", " ".repeat(column))))
            }
            false if context.cursor.is_flow => format!("{{{}\\}}", fields.join(", ")),
            false => continue,
        };
        found.push(Completion {
            detail: "new entry".into(),
            documentation: template.doc.to_owned(),
            ..context.item(template.label, CompletionKind::Snippet, body, found.len() as u32)
        });
    }
    // In brackets an entry has braces of its own.
    if !context.cursor.is_flow {
        let fields = object.fields_in(context.format()).enumerate();
        found.extend(fields.map(|(order, field)| {
            let insert = format!("{lead}{}", snippet::field(context, field, shift));
            snippet::item(context, field, insert, 1000 + order as u32)
        }));
    }
    found
}

/// The fields of a template, `key: value` each.
fn written(context: &Context<'_>, template: &Template) -> Vec<String> {
    let mut writer = Writer { style: context.style, format: context.format(), stop: 1 };
    let fields = template.fields.iter().map(|(name, start)| {
        let text = match start {
            Start::Fixed(text) => escape(text),
            Start::Hole(text) => writer.hole(text),
            Start::OneOf(values) => writer.choice(values),
        };
        format!("{name}: {text}")
    });
    fields.collect()
}
