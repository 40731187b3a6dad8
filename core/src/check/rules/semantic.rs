//! Advice about the whole: owners, health, secrets, old forms.

use crate::check::{Anchor, Ctx, Fix, Part, Sink, Tag, fix, nearest};
use crate::contract::is_secret;
use crate::contract::{InterfaceType, Owner, Workload};
use crate::root::{CONTRACT_FILE, MISNAMED_CONTRACT_FILE};
use crate::schema::field_at;
use crate::schema::format::Type;
use crate::value::{Data, DocPath, Value};

use super::forms::{as_list, plural, structured_owner};

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

pub fn contract_misnamed(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    if ctx.file == MISNAMED_CONTRACT_FILE {
        let message = format!(
            "only an editor reads `{MISNAMED_CONTRACT_FILE}`; rename it to `{CONTRACT_FILE}`, which all of Pacto reads"
        );
        sink.report(
            Anchor { part: Part::Owner, ..Anchor::value(&ctx.contract.value) },
            "",
            message,
        );
    }
}

pub fn deprecated_form(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for singular in ["configuration", "policy"] {
        singular_form(ctx, singular, sink);
    }
    owner_in_one_string(ctx, sink);
}

/// One configuration or policy that is not in a list.
fn singular_form(ctx: &Ctx<'_>, singular: &str, sink: &mut Sink<'_>) {
    let root = &ctx.contract.value;
    // Later versions of the format have no such form: that is a breach, not advice.
    let is_legal = field_at(&DocPath::root().key(singular), ctx.contract.format).is_some();
    let Some(entry) = root.entry(singular).filter(|_| is_legal) else { return };
    let Some(fix) = as_list(entry) else { return };
    let Some(plural) = plural(singular) else { return };
    let message = format!("`{singular}` is an old form; write a list, `{plural}`");
    let finding = sink.report(Anchor::key(entry), singular, message);
    finding.tag(Tag::Deprecated);
    if root.entry(plural).is_none() {
        finding.fix(fix);
    }
}

fn owner_in_one_string(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
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
