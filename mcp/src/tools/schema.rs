//! `pacto_schema`.

use pacto_core::schema::{FormatVersion, json_schema};
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{list, object, text};
use crate::tool::{Call, Effect, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_schema",
    title: "Format of contracts",
    description: "The JSON Schema of the contract format, whole or one section with its descriptions. Call it before you write a contract; one section such as runtime.state is mostly enough. Writes nothing.",
    arguments: &[
        Argument::new("version", Kind::Text, "The version of the format; 1.0 if absent", "\"1.0\""),
        Argument::new("section", Kind::Text, "A part of the contract", "\"runtime.state\""),
    ],
    output,
    set: Set::Contract,
    effect: Effect::Reads,
    asks_registries: false,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let versions = FormatVersion::ALL.map(FormatVersion::text);
    let typed = call.arguments.text("version").unwrap_or("1.0");
    let section = call.arguments.text("section").unwrap_or("");
    let Some(version) = FormatVersion::from_text(typed) else {
        let message = format!("there is no version {typed} of the format");
        return Err(
            Failure::new("NOT_FOUND", message).hint(format!("there are {}", versions.join(", ")))
        );
    };
    let Some(schema) = json_schema(version, section) else {
        let message = format!("format {} has no section `{section}`", version.text());
        return Err(Failure::new("NOT_FOUND", message)
            .hint("a section is a path such as runtime.state; call without it for the whole"));
    };
    let mut found = json!({
        "version": version.text(),
        "versions": versions,
        "description": "A contract describes how a service behaves in operation; it stands in pacto.yaml",
        "jsonSchema": schema.to_string(),
    });
    if !section.is_empty() {
        found["section"] = section.into();
    }
    Ok(Answer::json(found))
}

fn output() -> Value {
    object([
        ("version", text()),
        ("versions", list(text())),
        ("description", text()),
        ("jsonSchema", text()),
        ("?section", text()),
    ])
}
