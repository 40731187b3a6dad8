//! `pacto_generate_contract`.

use pacto_core::author::{Answers, generate, proposed_name};
use pacto_core::schema::format::StrRule;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{any_object, flag, list, object, text};
use crate::tool::{Call, Effect, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_generate_contract",
    title: "Generate contract text",
    description: "The text of a new contract from a few answers, valid as it is, with the files that it names. Writes nothing: use pacto_create to write a bundle or to say more about the service, pacto_schema for what else a contract can hold.",
    arguments: &[
        Argument::new(
            "service_name",
            Kind::Text,
            "Lower-case letters, digits and dashes",
            "\"payments\"",
        )
        .required(),
        Argument::new("language", Kind::Text, "Goes to metadata", "\"go\""),
        Argument::new("exposes_http", Kind::Flag, "Has a public http interface", "true"),
        Argument::new("exposes_grpc", Kind::Flag, "Has an internal grpc interface", "true"),
        Argument::new("needs_database", Kind::Flag, "Depends on postgres; is stateful", "true"),
        Argument::new("needs_cache", Kind::Flag, "Depends on redis", "true"),
        Argument::new("owner", Kind::Text, "Who owns it", "\"team/payments\""),
        Argument::new(
            "registry",
            Kind::Text,
            "HOST/ORGANISATION of references",
            "\"ghcr.io/acme\"",
        ),
    ],
    output,
    set: Set::Author,
    effect: Effect::Reads,
    asks_registries: false,
    run,
};

const PLACEHOLDER: &str = "registry.example.com";

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let arguments = &call.arguments;
    let name = service_name(arguments.text("service_name").unwrap_or_default(), "service_name")?;
    let mut notes = Vec::new();
    let database = match arguments.flag("needs_database") {
        true => Some(reference(call, "postgres", &["postgres", "postgresql"], &mut notes)?),
        false => None,
    };
    let cache = match arguments.flag("needs_cache") {
        true => Some(reference(call, "redis", &["redis"], &mut notes)?),
        false => None,
    };
    let draft = generate(&Answers {
        name,
        language: arguments.text("language").map(str::to_owned),
        owner: arguments.text("owner").map(str::to_owned),
        has_http: arguments.flag("exposes_http"),
        has_grpc: arguments.flag("exposes_grpc"),
        database,
        cache,
    });
    let files = draft.files.iter().map(|(path, text)| json!({"path": path, "content": text}));
    let found = json!({
        "yaml": draft.yaml,
        "files": files.collect::<Vec<_>>(),
        "notes": notes,
        "valid": true,
    });
    Ok(Answer::prose(found, "yaml").notes(notes))
}

/// A name that a service can have.
pub(super) fn service_name(text: &str, argument: &str) -> Result<String, Failure> {
    if StrRule::ServiceName.matches(text) && text.len() <= 63 {
        return Ok(text.to_owned());
    }
    let shown: String = text.chars().take(80).collect();
    let message = format!("/{argument}: {shown:?} is not a name for a service");
    Err(Failure::new("INVALID_ARGUMENTS", message).hint(match proposed_name(text) {
        Some(name) if name.len() <= 63 => format!("use \"{name}\""),
        _ => "use at most 63 lower-case letters, digits and dashes".to_owned(),
    }))
}

/// What the contract of a backing service is referred to by.
fn reference(
    call: &Call<'_>,
    name: &str,
    names: &[&str],
    notes: &mut Vec<String>,
) -> Result<String, Failure> {
    let known = call.workspace.ask(|view| {
        let fleet = view.analysis.fleet();
        let of = |name: &&str| {
            let suffixed = format!("{name}-pacto");
            [name.to_string(), suffixed]
                .iter()
                .find_map(|name| fleet.repository(name))
                .map(str::to_owned)
        };
        names.iter().find_map(of)
    })?;
    if let Some(repository) = known {
        return Ok(format!("oci://{repository}"));
    }
    let session = call.session(&call.workspace.anywhere(".")?)?;
    let given = call.arguments.text("registry").map(str::to_owned).or(session.settings.registry);
    let registry = given.unwrap_or_else(|| {
        notes.push(format!(
            "{name}: {PLACEHOLDER} stands for your registry; put its host in, or pass registry"
        ));
        PLACEHOLDER.to_owned()
    });
    let registry = registry.trim_start_matches("oci://").trim_end_matches('/').to_owned();
    let reference = format!("oci://{registry}/{name}-pacto");
    pacto_edge::session::parse_reference(&reference).map_err(|error| {
        Failure::new("INVALID_ARGUMENTS", format!("/registry: {}", error.message))
            .hint("write HOST/ORGANISATION, such as ghcr.io/acme")
    })?;
    Ok(reference)
}

fn output() -> Value {
    object([
        ("yaml", text()),
        ("files", list(any_object())),
        ("notes", list(text())),
        ("valid", flag()),
    ])
}
