//! `pacto_generate_docs`.

use pacto_core::check::Mode;
use pacto_core::db::Reach;
use pacto_edge::session::Purpose;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{flag, object, text};
use crate::tool::{Call, OFFLINE, PATH, Tool, VALUES, VALUES_FILES, check_structure, no_contract};

pub const TOOL: Tool = Tool {
    name: "pacto_generate_docs",
    title: "Document a contract",
    description: "The documentation of a contract as Markdown: architecture diagram, interfaces with their operations, settings, dependencies. Long; use pacto_explain for a summary. Writes nothing.",
    arguments: &[
        Argument::new("ref", Kind::Text, PATH, "\"services/payments\"").required(),
        OFFLINE,
        VALUES,
        VALUES_FILES,
    ],
    output,
    asks_registries: true,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let place = call.place("ref")?;
    let session = call.session(&place)?;
    let purpose = Purpose { mode: Mode::Batch, reach: Reach::Whole, use_siblings: false };
    let loaded = call.load(&session, &place, purpose)?;
    let contract = loaded.first(false)?;
    check_structure(&contract.subject)?;
    let page = contract.analysis.document(contract.key).ok_or_else(|| no_contract(&place))?;
    let found = json!({"serviceName": page.service, "markdown": page.markdown});
    Ok(Answer::prose(found, "markdown"))
}

fn output() -> Value {
    object([("serviceName", text()), ("markdown", text()), ("truncated", flag())])
}
