//! Advice about the whole: owners, health, secrets, old forms.

use crate::check::{Anchor, Ctx, Fix, Sink, Tag, fix, nearest};
use crate::contract::is_secret;
use crate::contract::{InterfaceType, Owner, Workload};
use crate::schema::field_at;
use crate::schema::format::{StrRule, Type};
use crate::value::{Data, DocPath, Value};

pub fn owner_missing(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(service) = ctx.contract.service.as_ref().filter(|s| s.owner.is_missing()) else {
        return;
    };
    let message = "nobody owns this service: `service.owner` is missing";
    sink.report(service.place.owner(), service.place.path.key("owner"), message).fix(
        Fix::insert("Add `owner`", service.place.value(), "owner", "\n  team: my-team").preferred(),
    );
}

pub fn without_health(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(runtime) = &ctx.contract.runtime else {
        return;
    };
    let Some((Workload::Service, workload)) = runtime.workload.both() else {
        return;
    };
    let names = ctx.reachable_interfaces();
    let has_health = ctx.contract.value.get("runtime").is_some_and(|r| r.get("health").is_some());
    let Some(name) = names.first().filter(|_| !has_health) else {
        return;
    };
    let message = "the service runs on, but no `health` says whether it is well";
    let is_http = ctx.interface(name).and_then(|i| i.ty.get()) == Some(&InterfaceType::Http);
    let path = if is_http { "\n  path: /health" } else { "" };
    let block = format!("\n  interface: {}{path}", fix::scalar(name));
    sink.report(workload.value(), runtime.place.path.key("health"), message)
        .fix(Fix::insert("Add `health`", runtime.place.value(), "health", block).preferred());
}

pub fn health_path_undocumented(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(health) = ctx.contract.runtime.as_ref().and_then(|r| r.health.as_ref()) else {
        return;
    };
    let Some((path, place)) = health.path.both() else {
        return;
    };
    let Some(interface) = health.interface.get().and_then(|name| ctx.interface(name)) else {
        return;
    };
    let operations = ctx.operations(interface);
    let gets: Vec<&str> =
        operations.iter().filter(|op| op.method == "GET").map(|op| op.path.as_str()).collect();
    if operations.is_empty() || gets.contains(&path.as_str()) {
        return;
    }
    let file = interface.contract.get().map_or("", String::as_str);
    let finding =
        sink.report(place.value(), &place.path, format!("`{file}` does not describe GET {path}"));
    if let Some(near) = nearest(path, gets.iter().copied()) {
        let title = format!("Use `{near}`");
        finding.fix(Fix::replace("replace", title, place.value(), fix::scalar(near)).preferred());
    }
}

pub fn secret_in_values(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for configuration in &ctx.contract.configurations {
        if let Some((values, place)) = configuration.values.both() {
            look_for_secrets(values, "", &place.path, sink);
        }
    }
}

fn look_for_secrets(value: &Value, key: &str, path: &DocPath, sink: &mut Sink<'_>) {
    match &value.data {
        Data::Map(entries) => {
            for entry in entries.iter() {
                look_for_secrets(&entry.value, &entry.key, &path.key(&entry.key), sink);
            }
        }
        Data::Seq(items) => {
            for (i, item) in items.iter().enumerate() {
                look_for_secrets(item, key, &path.index(i), sink);
            }
        }
        Data::Str(text) if is_secret(key, text) => {
            let name = key.to_ascii_lowercase().replace('_', "-");
            let replacement = format!("secret://{name}");
            let message = format!(
                "`{key}` looks like a secret in plain text; write secret://… or ${{NAME}}, and the platform fills it in"
            );
            let title = format!("Replace by `{replacement}`");
            sink.report(Anchor::value(value), path, message).fix(Fix::replace(
                "replace",
                title,
                Anchor::value(value),
                replacement,
            ));
        }
        _ => {}
    }
}

pub fn deprecated_form(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(service) = &ctx.contract.service else {
        return;
    };
    let Some((Owner::Text(text), place)) = service.owner.both() else {
        return;
    };
    // Later versions of the format have no such form: that is a breach, not advice.
    let form = field_at(&place.path, ctx.contract.format);
    if text.is_empty() || !form.is_some_and(|(_, field)| matches!(field.ty, Type::StrOr(_))) {
        return;
    }
    let message = "an owner in one string is an old form; write `team`, `dri` or `contacts`";
    let finding = sink.report(place.value(), &place.path, message);
    finding.tag(Tag::Deprecated);
    finding.fixes.extend(structured_owner(text, place.value()));
}

/// An owner in one string as an object, where the string can be the name of a team or a person.
pub(super) fn structured_owner(text: &str, at: Anchor) -> Option<Fix> {
    let key = if text.contains('@') { "dri" } else { "team" };
    let rule = if key == "dri" { StrRule::Dri } else { StrRule::Team };
    let new = format!("{{{key}: {}}}", fix::scalar(text));
    let title = format!("Write `{key}: {text}`");
    rule.matches(text).then(|| Fix::replace("rewrite", title, at, new).preferred())
}
