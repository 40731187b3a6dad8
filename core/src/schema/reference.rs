//! The table as a reference page in Markdown.

use std::fmt::Write;

use super::format::{CONTRACT, Field, Object, ObjectRule, StrRule, Type};
use super::json_schema::object_of;
use super::version::FormatVersion;

/// The reference page of the format.
pub fn reference_page() -> String {
    let mut out = String::from(
        "# The contract format, versions 1.0 to 1.2\n\n\
         Every field of `pacto.yaml`. This page is generated from the table that validation,\n\
         completion and hover use. `pactoVersion` says which version a contract is written in, and so\n\
         which fields it may have; the column \"versions\" is empty where all of them have the field.\n\n\
         | version | what is new |\n|---|---|\n\
         | 1.0 | service, interfaces, configurations, policies, dependencies, runtime, scaling, metadata |\n\
         | 1.1 | one form for each: `configurations` and `policies` are lists, dependencies and policies have names, an owner is an object |\n\
         | 1.2 | `readiness` |\n",
    );
    section(&mut out, "", &CONTRACT);
    out
}

fn section(out: &mut String, path: &str, object: &'static Object) {
    let title = if path.is_empty() { "Top level" } else { path };
    let heading = if path.is_empty() { title.to_owned() } else { format!("`{title}`") };
    let _ = write!(
        out,
        "\n## {heading}\n\n{}\n\n| field | type | required | versions | meaning |\n|---|---|---|---|---|\n",
        object.doc
    );
    for field in object.fields {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            field.name,
            type_text(&field.ty),
            if field.required { "yes" } else { "no" },
            field.lifetime(),
            meaning(field)
        );
    }
    for rule in object.rules {
        let _ = writeln!(out, "\n{}", rule_text(rule));
    }
    // Another form of a field has the same object below it.
    for field in object.fields_in(None) {
        let Some(child) = object_of(&field.ty) else {
            continue;
        };
        let list = if matches!(field.ty, Type::Array { .. }) { "[]" } else { "" };
        let dot = if path.is_empty() { "" } else { "." };
        section(out, &format!("{path}{dot}{}{list}", field.name), child);
    }
}

fn meaning(field: &Field) -> String {
    let mut text = field.doc.to_owned();
    if let Some(default) = field.default {
        let _ = write!(text, " Default: `{default}`.");
    }
    if let Type::Enum(values) = field.ty {
        for value in values {
            let _ = write!(text, " `{}`: {}", value.value, value.doc);
        }
    }
    text
}

/// What a reader would call a type.
pub fn type_text(ty: &Type) -> String {
    match ty {
        Type::Str(StrRule::FormatVersion) => {
            let versions = FormatVersion::ALL.map(|version| format!("`\"{}\"`", version.text()));
            format!("string, {}", versions.join(", "))
        }
        Type::Str(StrRule::Date) => "date, `YYYY-MM-DD`".into(),
        Type::Str(StrRule::Evidence) => "string, at most 2048 characters".into(),
        Type::Str(StrRule::Version) => "semantic version".into(),
        Type::Str(StrRule::Constraint) => "version constraint".into(),
        Type::Str(StrRule::BundlePath) => "path in the bundle".into(),
        Type::Str(StrRule::ContractRef) => "contract reference".into(),
        Type::Str(StrRule::InterfaceName) => "interface name".into(),
        Type::Str(rule) => match rule.pattern() {
            Some(pattern) => format!("string, `{}`", pattern.replace('|', "\\|")),
            None => "string".into(),
        },
        Type::Int { min, max: Some(max) } => format!("integer {min}–{max}"),
        Type::Int { min, max: None } => format!("integer ≥ {min}"),
        Type::Number { min, max } => format!("number {min}–{max}"),
        Type::Bool => "boolean".into(),
        Type::Enum(values) => {
            values.iter().map(|v| format!("`{}`", v.value)).collect::<Vec<_>>().join(", ")
        }
        Type::Object(_) => "object".into(),
        Type::Array { item, .. } => format!("list of {}s", type_text(item)),
        Type::Free => "object, free-form".into(),
        Type::StrOr(_) => "string or object".into(),
    }
}

fn rule_text(rule: &ObjectRule) -> String {
    let list = |names: &[&str], word: &str| {
        names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(word)
    };
    match rule {
        ObjectRule::AnyOf(fields) => format!("At least one of {} is needed.", list(fields, ", ")),
        ObjectRule::Exclusive(a, b) => format!("Not both of `{a}` and `{b}`."),
        ObjectRule::OneOf { fields, .. } => format!("Exactly one of {}.", list(fields, " and ")),
        ObjectRule::OnlyBeside { field, beside, .. } => {
            format!("`{field}` only beside `{beside}`.")
        }
        ObjectRule::EitherOrAll { alone, all } => {
            format!("Either `{alone}`, or both of {}.", list(all, " and "))
        }
        ObjectRule::RequiredWhen { field, values, then, .. } => {
            format!("`{then}` is required when `{field}` is {}.", list(values, " or "))
        }
    }
}
