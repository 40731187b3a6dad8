//! Keys with what belongs behind and below them, as snippets.

use super::context::Context;
use super::item::{Completion, CompletionKind, escape};
use crate::schema::format::{Field, Object, Type};
use crate::schema::{FormatVersion, type_text};
use crate::yaml::Style;
use crate::yaml::cursor::{KeySlot, Slot};

/// A proposal for a field of the table.
pub(super) fn item(context: &Context<'_>, field: &Field, insert: String, rank: u32) -> Completion {
    Completion {
        detail: type_text(&field.ty),
        documentation: field.doc.to_owned(),
        ..context.item(field.name, CompletionKind::Field, insert, rank)
    }
}

/// The key `name` as it fits in at the cursor; `with_value` is the key and what belongs behind it.
pub(super) fn key(
    context: &Context<'_>,
    name: &str,
    with_value: impl FnOnce() -> String,
) -> String {
    let Slot::Key(KeySlot { has_colon, has_children, quote }) = context.cursor.slot else {
        return with_value();
    };
    match quote {
        _ if has_colon => name.to_owned(),
        Some(quote) => format!("{name}{quote}: "),
        None if has_children => format!("{name}:"),
        None if context.cursor.is_flow => format!("{name}: "),
        None => with_value(),
    }
}

/// `key: ` with what must stand below it, when the key is `shift` columns right of the cursor.
pub(super) fn field(context: &Context<'_>, field: &'static Field, shift: usize) -> String {
    if !context.allows_lines() {
        return format!("{}:{}", field.name, if is_scalar(&field.ty) { " " } else { "" });
    }
    let column = context.relative(context.cursor.column + shift);
    let mut writer = Writer { style: context.style, format: context.format(), stop: 1 };
    format!("{}:{}", field.name, writer.value(&field.ty, field.placeholder, column))
}

fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Object(_) | Type::StrOr(_) | Type::Array { .. } | Type::Free)
}

/// Writes what a field needs as a snippet.
pub(super) struct Writer {
    pub style: Style,
    pub format: Option<FormatVersion>,
    /// The number of the next stop.
    pub stop: u32,
}

impl Writer {
    fn next_stop(&mut self) -> u32 {
        self.stop += 1;
        self.stop - 1
    }

    /// What belongs behind the colon of a key at `column`.
    fn value(&mut self, ty: &'static Type, placeholder: &str, column: usize) -> String {
        let indent = |columns: usize| format!("\n{}", " ".repeat(columns));
        let below = column + self.style.step;
        match ty {
            Type::Object(object) | Type::StrOr(object) => {
                let lines = self.required(object, below);
                if lines.is_empty() {
                    return format!("{}${}", indent(below), self.next_stop());
                }
                lines.iter().map(|line| format!("{}{line}", indent(below))).collect()
            }
            Type::Array { item, .. } => {
                let dash = column + self.style.list;
                let lines = match item {
                    Type::Object(object) => self.required(object, dash + 2),
                    _ => Vec::new(),
                };
                match lines.split_first() {
                    None => format!("{}- ${}", indent(dash), self.next_stop()),
                    Some((first, rest)) => {
                        let rest = rest.iter().map(|line| format!("{}{line}", indent(dash + 2)));
                        format!("{}- {first}{}", indent(dash), rest.collect::<String>())
                    }
                }
            }
            Type::Free => format!("{}${}", indent(below), self.next_stop()),
            ty => format!(" {}", self.scalar(ty, placeholder)),
        }
    }

    /// The required fields of an object as lines `key: value`.
    fn required(&mut self, object: &'static Object, column: usize) -> Vec<String> {
        let required = object.fields_in(self.format).filter(|f| f.required);
        required
            .map(|f| format!("{}:{}", f.name, self.value(&f.ty, f.placeholder, column)))
            .collect()
    }

    /// A stop for a scalar, with a choice where the type has few values.
    fn scalar(&mut self, ty: &Type, placeholder: &str) -> String {
        match ty {
            Type::Enum(values) => self.choice(&values.iter().map(|v| v.value).collect::<Vec<_>>()),
            Type::Bool => self.choice(&["true", "false"]),
            _ => self.hole(placeholder),
        }
    }

    /// A stop with a text to write over.
    pub(super) fn hole(&mut self, text: &str) -> String {
        let number = self.next_stop();
        match text {
            "" => format!("${number}"),
            text => format!("${{{number}:{}}}", escape(text)),
        }
    }

    /// A stop at which one of several values is chosen.
    pub(super) fn choice(&mut self, values: &[&str]) -> String {
        format!("${{{}|{}|}}", self.next_stop(), values.join(","))
    }
}
