//! `pacto_explain`.

use pacto_edge::session::Purpose;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::schema::{any_object, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, REF, Set, Tool, VALUES, VALUES_FILES};

pub const TOOL: Tool = Tool {
    name: "pacto_explain",
    title: "Explain a contract",
    description: "What a contract describes, in short: who owns the service, its interfaces, dependencies, runtime, configuration, scaling. Use pacto_generate_docs for all details, and pacto_validate for what is wrong with it. Writes nothing.",
    arguments: &[REF, OFFLINE, VALUES, VALUES_FILES],
    output,
    set: Set::Contract,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let read = call.read("ref", Purpose::ALONE)?;
    let contract = read.understood()?;
    let explained = contract.analysis.explain(contract.key).ok_or_else(|| read.no_contract())?;
    Ok(Answer::json(json!({"summary": explained.text(), "contract": explained.json()})))
}

fn output() -> Value {
    let contract = object([
        ("name", text()),
        ("version", text()),
        ("?owner", text()),
        ("pactoVersion", text()),
        ("?runtime", any_object()),
        ("interfaces", list(any_object())),
        ("dependencies", list(any_object())),
        ("?scaling", any_object()),
        ("configurations", list(any_object())),
        ("policies", list(any_object())),
    ]);
    object([("summary", text()), ("contract", contract)])
}
