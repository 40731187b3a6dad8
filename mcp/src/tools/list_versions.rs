//! `pacto_list_versions`.

use pacto_core::contract::{Constraint, OciReference, tags};
use pacto_core::fact::Fact;
use pacto_edge::session::{Error, parse_reference};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::page::{CURSOR, LIMIT, page, revision_of};
use crate::schema::{choice, count, flag, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_list_versions",
    title: "List published versions",
    description: "The versions of a repository, newest first, which of them a constraint admits, and the best of these. `ref` is oci://HOST/REPOSITORY, or the name of a service whose repository some contract of the workspace refers to. Use pacto_inspect with one of the tags for its contract. Writes nothing.",
    arguments: &[
        Argument::new(
            "ref",
            Kind::Text,
            "oci://HOST/REPOSITORY, or a service's name",
            "\"oci://ghcr.io/acme/payments\"",
        )
        .required(),
        Argument::new("constraint", Kind::Text, "A range of versions", "\"^2.0.0\""),
        OFFLINE,
        LIMIT,
        CURSOR,
    ],
    output,
    set: Set::Fleet,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let reference = repository(call)?;
    let constraint = match call.arguments.text("constraint") {
        Some(text) => Some(Constraint::parse(text).map_err(|error| {
            Failure::new("INVALID_ARGUMENTS", format!("/constraint: {}", error.message))
                .hint("write a range such as ^2.0.0, ~1.2.0 or >= 1.0.0, < 3.0.0")
        })?),
        None => None,
    };
    let place = call.workspace.anywhere(&format!("oci://{reference}"))?;
    let session = call.session(&place)?;
    let list = session.ask(async |store| match store.tags(&reference).await {
        Fact::Ready(list) => Ok(list),
        Fact::Failed(pacto_core::fact::Failure::Registry(failure)) => Err(*failure),
        _ => Err(pacto_core::fact::RegistryFailure::new(
            pacto_core::fact::RegistryCode::Unreachable,
            format!("{reference}: the registry gave no answer"),
        )),
    })?;
    let all = tags::versions(&list);
    let is_in = |version| constraint.as_ref().is_none_or(|constraint| constraint.matches(version));
    let items: Vec<Value> = all
        .iter()
        .map(|tag| {
            json!({
                "version": tag.version.written,
                "tag": tag.tag,
                "ref": format!("oci://{}:{}", reference.repository(), tag.tag),
                "inConstraint": is_in(&tag.version),
            })
        })
        .collect();
    let mut head = Map::new();
    head.insert("repository".into(), json!(reference.repository()));
    head.insert("versions".into(), json!([]));
    if let Some(best) = tags::select(&list, constraint.as_ref()) {
        head.insert("best".into(), json!(best.version.written));
    }
    head.insert("ignoredTags".into(), json!(list.len() - all.len()));
    let is_offline = session.settings.is_offline;
    head.insert("source".into(), json!(if is_offline { "cache" } else { "registry" }));
    // The cache knows what was asked for, not what there is.
    head.insert("incomplete".into(), json!(is_offline));
    let revision = revision_of(&items);
    page(call, head, "versions", items, revision)
}

/// The repository that the call is about.
fn repository(call: &Call<'_>) -> Result<OciReference, Failure> {
    let typed = call.arguments.text("ref").unwrap_or_default();
    if typed.starts_with("oci://") {
        return Ok(parse_reference(typed)?);
    }
    let found = call.workspace.ask(|view| {
        let fleet = view.analysis.fleet();
        let known: Vec<String> =
            fleet.repositories().map(|(name, _)| name.to_owned()).take(10).collect();
        (fleet.repository(typed).map(str::to_owned), known)
    })?;
    match found {
        (Some(repository), _) => Ok(parse_reference(&format!("oci://{repository}"))
            .map_err(|error: Error| Failure::from(error))?),
        (None, known) => {
            let message = format!("no contract of the workspace names a repository of {typed}");
            Err(Failure::new("NOT_FOUND", message).hint(match known.is_empty() {
                true => "name the repository: oci://HOST/REPOSITORY".to_owned(),
                false => format!("name oci://HOST/REPOSITORY, or one of {}", known.join(", ")),
            }))
        }
    }
}

fn output() -> Value {
    let version = object([
        ("version", text()),
        ("tag", text()),
        ("?digest", text()),
        ("?createdAt", text()),
        ("inConstraint", flag()),
    ]);
    object([
        ("repository", text()),
        ("versions", list(version)),
        ("?best", text()),
        ("ignoredTags", count()),
        ("total", count()),
        ("source", choice(&["registry", "cache"])),
        ("incomplete", flag()),
        ("?nextCursor", text()),
    ])
}
