//! `pacto_suggest_dependencies`.

use std::collections::BTreeMap;

use pacto_edge::session::Purpose;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{list, object, text};
use crate::tool::{Call, Effect, OFFLINE, PATH, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_suggest_dependencies",
    title: "Suggest dependencies",
    description: "Dependencies that a contract may lack, each with the reason and how sure it is: from its runtime, its settings that name services of the workspace, and the servers in its specifications. Guesses to be confirmed; pacto_edit adds them, pacto_resolve_dependencies shows what is declared. Writes nothing.",
    arguments: &[
        Argument::new("contract", Kind::Text, PATH, "\"services/payments\"").required(),
        OFFLINE,
    ],
    output,
    set: Set::Author,
    effect: Effect::Reads,
    asks_registries: false,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let read = call.read("contract", Purpose::ALONE)?;
    let contract = read.understood()?;
    let known = known(call, &contract.target.root)?;
    let found = contract.analysis.suggest(contract.key, &known);
    let details = found.iter().map(|one| {
        let mut out = json!({
            "name": one.name, "reason": one.reason, "rule": one.rule, "confidence": one.confidence,
        });
        if let Some(reference) = &one.reference {
            out["ref"] = json!(reference);
        }
        out
    });
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    Ok(Answer::json(json!({"suggested": names, "details": details.collect::<Vec<_>>()})))
}

/// The services of the workspace, each as the contract in `root` would refer to it.
pub(super) fn known(
    call: &Call<'_>,
    root: &pacto_core::Root,
) -> Result<BTreeMap<String, String>, Failure> {
    call.workspace.ask(|view| {
        let local = view.entries.iter().filter(|entry| entry.root != *root).filter_map(|entry| {
            let path = root.relative(&entry.root)?;
            let path = if path.starts_with('.') { path } else { format!("./{path}") };
            Some((entry.name.clone(), path))
        });
        let fleet = view.analysis.fleet();
        let published = fleet
            .repositories()
            .map(|(name, repository)| (name.to_owned(), format!("oci://{repository}")));
        // What is published is referred to where it is published.
        local.chain(published).collect()
    })
}

fn output() -> Value {
    let detail = object([
        ("name", text()),
        ("reason", text()),
        ("rule", text()),
        ("confidence", text()),
        ("?ref", text()),
    ]);
    object([("suggested", list(text())), ("details", list(detail))])
}
