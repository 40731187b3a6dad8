//! `pacto_inspect`.

use pacto_edge::session::Purpose;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::hash::hash;
use crate::schema::{any_object, choice, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, REF, Set, Tool, VALUES, VALUES_FILES};

const SECTIONS: [&str; 9] = [
    "owner",
    "interfaces",
    "configurations",
    "values",
    "policies",
    "dependencies",
    "runtime",
    "metadata",
    "files",
];

pub const TOOL: Tool = Tool {
    name: "pacto_inspect",
    title: "Inspect a contract",
    description: "A whole contract as structured data, with the hash of its file: owner, interfaces, configurations, policies, dependencies with their ranges, runtime, files. `sections` chooses parts; settings have values with section values alone, secrets masked. Use pacto_explain for a summary, pacto_check for what is wrong. Writes nothing.",
    arguments: &[
        REF,
        Argument::new(
            "sections",
            Kind::Choices(&SECTIONS),
            "Parts; all but values if absent",
            "[\"runtime\"]",
        ),
        Argument::new("raw", Kind::Flag, "With the text of pacto.yaml", "true"),
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
    let read = call.read("ref", Purpose::ALONE)?;
    let contract = read.understood()?;
    let wanted = call.arguments.texts("sections");
    let is_wanted = |section: &str| wanted.is_empty() || wanted.contains(&section);
    let with_values = wanted.contains(&"values");
    let found = contract.analysis.inspect(contract.key, with_values);
    let mut found = found.ok_or_else(|| read.no_contract())?;
    let text = contract.analysis.contract_text(contract.key).ready().cloned().unwrap_or_default();
    if let Some(map) = found.as_object_mut() {
        map.retain(|key, _| match key.as_str() {
            "owner" | "ownerKey" => is_wanted("owner"),
            "image" | "chart" | "scaling" => is_wanted("runtime"),
            "configurations" => is_wanted("configurations") || with_values,
            "interfaces" | "policies" | "dependencies" | "runtime" | "metadata" | "files" => {
                is_wanted(key)
            }
            _ => true,
        });
    }
    found["hash"] = json!(hash(&text));
    match &contract.target.root {
        root if root.is_published() => {
            found["source"] = json!("oci");
            found["resolvedRef"] = json!(root.to_string());
            let digest = root.to_string().rsplit_once('@').map(|(_, digest)| digest.to_owned());
            found["digest"] = json!(digest.unwrap_or_default());
        }
        _ => {
            found["source"] = json!("local");
            found["path"] = json!(read.place.typed);
        }
    }
    if call.arguments.flag("raw") {
        found["yaml"] = json!(&*text);
    }
    Ok(Answer::json(found))
}

fn output() -> Value {
    object([
        ("name", text()),
        ("version", text()),
        ("?pactoVersion", text()),
        ("hash", text()),
        ("source", choice(&["local", "oci", "cache"])),
        ("?path", text()),
        ("?resolvedRef", text()),
        ("?digest", text()),
        ("?ownerKey", text()),
        ("?interfaces", list(any_object())),
        ("?configurations", list(any_object())),
        ("?policies", list(any_object())),
        ("?dependencies", list(any_object())),
        ("?runtime", any_object()),
        ("?files", list(any_object())),
        ("?yaml", text()),
    ])
}
