//! What a name means in the files beside a contract: specifications and schemas.

use std::fmt::Write;

use super::entity::{Entity, entity_at};
use super::hover::Hover;
use super::occurrences::occurrences;
use super::pointer::Element;
use super::proto_outline;
use super::site::Site;
use crate::db;
use crate::fact::Fact;
use crate::spec::proto::{Enum, Message, Method, Proto, Service};
use crate::value::Value;

/// Upper bound on the lines of one list.
const MAX_LINES: usize = 12;

/// What stands at `offset` of a file that is not a contract, if there is something to say about it.
pub fn hover(site: &Site<'_>, offset: u32) -> Option<Hover> {
    let (entity, span) = entity_at(site, offset)?;
    let mut markdown = match &entity {
        Entity::Element(element) => described(site, element)?,
        Entity::File { path, .. } => format!("`{path}` in this bundle"),
        Entity::Type { path, name, .. } => declared(site, path, name)?,
        Entity::Anchor { .. } | Entity::Service(_) | Entity::Entry { .. } => return None,
    };
    let uses = occurrences(site.db, &entity).iter().filter(|found| !found.is_declaration).count();
    if uses > 0 {
        let _ =
            write!(markdown, "\n\nUsed in {uses} {}.", if uses == 1 { "place" } else { "places" });
    }
    Some(Hover { markdown, span })
}

fn described(site: &Site<'_>, element: &Element) -> Option<String> {
    let file = site.db.inputs().file(site.db, &element.root, &element.path);
    let Fact::Ready(document) = db::document(site.db, file) else { return None };
    let (value, depth) = document.value.deepest(element.pointer.iter().map(String::as_str));
    if depth < element.pointer.len() || value.entries().is_empty() {
        return None;
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let ty = text("type").map_or(String::new(), |ty| format!(" — {ty}"));
    let mut out = format!("**{}**{ty}", element.name());
    for key in ["title", "summary", "description"] {
        if let Some(text) = text(key) {
            let _ = write!(out, "\n\n{text}");
        }
    }
    if let Some(default) = value.get("default") {
        let _ = write!(out, "\n\nDefault: `{}`.", default.to_json());
    }
    let options = value.get("enum").map_or(&[][..], Value::items);
    if !options.is_empty() {
        let options: Vec<String> =
            options.iter().take(MAX_LINES).map(|v| format!("`{}`", v.to_json())).collect();
        let _ = write!(out, "\n\nOne of {}.", options.join(", "));
    }
    let lines = match element.pointer.as_slice() {
        [paths, _] if paths == "paths" => operations(value),
        _ => properties(value),
    };
    if !lines.is_empty() {
        let _ = write!(out, "\n\n{}", lines.join("\n"));
    }
    Some(out)
}

fn operations(path: &Value) -> Vec<String> {
    let each = path.entries().iter().filter(|entry| !entry.value.entries().is_empty());
    let line = |entry: &crate::value::Entry| {
        let summary = entry.value.get("summary").and_then(Value::as_str);
        let summary = summary.map_or(String::new(), |text| format!(" — {text}"));
        format!("- `{}`{summary}", entry.key.to_uppercase())
    };
    each.take(MAX_LINES).map(line).collect()
}

fn properties(schema: &Value) -> Vec<String> {
    let required = schema.get("required").map_or(&[][..], Value::items);
    let all = schema.get("properties").map_or(&[][..], Value::entries).iter();
    let line = |entry: &crate::value::Entry| {
        let ty = entry.value.get("type").and_then(Value::as_str);
        let ty = ty.map_or(String::new(), |ty| format!(": {ty}"));
        let is_required = required.iter().any(|name| name.as_str() == Some(&entry.key));
        format!("- `{}`{ty}{}", entry.key, if is_required { ", required" } else { "" })
    };
    all.take(MAX_LINES).map(line).collect()
}

/// The declaration of a type by its full name.
fn declared(site: &Site<'_>, path: &str, name: &str) -> Option<String> {
    let proto = db::proto(site.db, site.beside(path).file()).ready()?;
    let package = proto.package.as_ref().map_or("", |package| &package.text);
    let local = name.strip_prefix(package)?.trim_start_matches('.');
    let (kind, lines) = found(proto, local)?;
    let mut out = format!("**{name}** — {kind}");
    if !lines.is_empty() {
        let shown: Vec<String> = lines.into_iter().take(MAX_LINES).collect();
        let _ = write!(out, "\n\n{}", shown.join("\n"));
    }
    Some(out)
}

fn found(proto: &Proto, local: &str) -> Option<(&'static str, Vec<String>)> {
    let (mut messages, mut enums) = (&proto.messages, &proto.enums);
    let mut names = local.split('.').peekable();
    while let Some(name) = names.next() {
        let message = messages.iter().find(|message| message.name.text == name);
        if names.peek().is_some() {
            (messages, enums) = message.map(|message| (&message.messages, &message.enums))?;
            continue;
        }
        let item = enums.iter().find(|item| item.name.text == name);
        let service = proto.services.iter().find(|service| service.name.text == name);
        return message
            .map(|message| ("message", fields(message)))
            .or_else(|| item.map(|item| ("enum", values(item))))
            .or_else(|| service.map(|service| ("service", methods(service))));
    }
    None
}

fn fields(message: &Message) -> Vec<String> {
    let line = |field: &crate::spec::proto::Field| {
        format!("- `{} {} = {}`", proto_outline::type_of(field), field.name.text, field.number)
    };
    message.fields.iter().map(line).collect()
}

fn values(item: &Enum) -> Vec<String> {
    item.values.iter().map(|value| format!("- `{} = {}`", value.name.text, value.number)).collect()
}

fn methods(service: &Service) -> Vec<String> {
    let all = service.methods.iter();
    let line = |method: &Method| {
        let [input, output] = proto_outline::sides(method);
        format!("- `{}({input}) → {output}`", method.name.text)
    };
    all.map(line).collect()
}
