//! `pacto_validate`.

use pacto_core::report;
use pacto_edge::session::Purpose;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{any_object, count, flag, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, PATH, Set, Tool, VALUES, VALUES_FILES};

pub const TOOL: Tool = Tool {
    name: "pacto_validate",
    title: "Validate a contract",
    description: "Checks a contract in all layers: syntax, structure, meaning, policies, dependencies. Answers errors, warnings, infos and hints with codes, places and fixes as text edits. An invalid contract is a normal result. Use pacto_explain_rule for what a code means. Writes nothing.",
    arguments: &[
        Argument::new("path", Kind::Text, PATH, "\"services/payments\"").required(),
        Argument::new("strict", Kind::Flag, "Let warnings make it invalid, too", "true"),
        OFFLINE,
        VALUES,
        VALUES_FILES,
    ],
    output,
    set: Set::Contract,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let read = call.read("path", Purpose::VALIDATE)?;
    let is_strict = call.arguments.flag("strict") || read.session.settings.is_strict;
    let contract = read.loaded.first(is_strict)?;
    let mut found = report::json(&contract.subject, &read.loaded.sources());
    let count = |key: &str| found[key].as_array().map_or(0, Vec::len);
    let counts = ["errors", "warnings", "infos", "hints"].map(|key| (key, count(key)));
    found["counts"] = counts.into_iter().map(|(key, n)| (key.to_owned(), json!(n))).collect();
    Ok(Answer::json(found))
}

/// What all findings have; the rest is told by pacto_check, whose findings have the same form: each
/// conversation holds the list of tools.
fn finding() -> Value {
    object([("code", text()), ("severity", text()), ("message", text()), ("path", text())])
}

fn output() -> Value {
    let published = || object([("Path", text()), ("Code", text()), ("Message", text())]);
    object([
        ("schemaVersion", count()),
        ("path", text()),
        ("valid", flag()),
        ("?name", text()),
        ("?version", text()),
        ("errors", list(finding())),
        ("warnings", list(finding())),
        ("infos", list(finding())),
        ("hints", list(finding())),
        ("notChecked", list(object([("ref", text()), ("path", text()), ("reason", text())]))),
        ("counts", any_object()),
        ("Path", text()),
        ("Valid", flag()),
        ("Errors", list(published())),
        ("Warnings", list(published())),
        ("?truncated", flag()),
        ("?omitted", count()),
    ])
}
