//! `pacto_generate_docs`.

use pacto_core::check::Mode;
use pacto_core::db::Reach;
use pacto_edge::session::Purpose;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::schema::{flag, object, text};
use crate::tool::{Call, Effect, OFFLINE, REF, Set, Tool, VALUES, VALUES_FILES};

pub const TOOL: Tool = Tool {
    name: "pacto_generate_docs",
    title: "Document a contract",
    description: "The documentation of a contract as Markdown: architecture diagram, interfaces with their operations, settings, dependencies. Long; use pacto_explain for a summary. Writes nothing.",
    arguments: &[REF, OFFLINE, VALUES, VALUES_FILES],
    output,
    set: Set::Contract,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let purpose = Purpose { mode: Mode::Batch, reach: Reach::Documented, use_siblings: false };
    let read = call.read("ref", purpose)?;
    let contract = read.understood()?;
    let page = contract.analysis.document(contract.key).ok_or_else(|| read.no_contract())?;
    let found = json!({"serviceName": page.service, "markdown": page.markdown});
    Ok(Answer::prose(found, "markdown"))
}

fn output() -> Value {
    object([("serviceName", text()), ("markdown", text()), ("truncated", flag())])
}
