//! `pacto_resolve_dependencies`.

use pacto_core::check::Mode;
use pacto_core::db::Reach;
use pacto_core::graph::{Options, References};
use pacto_core::report;
use pacto_edge::session::Purpose;
use serde_json::Value;

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{any_object, count, flag, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, REF, Set, Tool, VALUES, VALUES_FILES};

pub const TOOL: Tool = Tool {
    name: "pacto_resolve_dependencies",
    title: "Resolve dependencies",
    description: "The tree of what a contract depends on, with the versions that are chosen, cycles and conflicts. A dependency that could not be looked at has an error, and `incomplete` is true: that is not the same as its absence. Writes nothing.",
    arguments: &[
        REF,
        Argument::new("depth", Kind::Count { most: 50 }, "Levels that are shown", "3"),
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
    let purpose = Purpose { mode: Mode::Batch, reach: Reach::Contract, use_siblings: false };
    let read = call.read("ref", purpose)?;
    let contract = read.understood()?;
    let options = Options { references: References::None, depth: call.arguments.count("depth") };
    let graph = contract.analysis.graph(contract.key, options);
    let mut found = report::graph::json(&graph.ok_or_else(|| read.no_contract())?);
    found["incomplete"] = has_error(&found["root"]).into();
    Ok(Answer::json(found))
}

/// Whether something below a node could not be looked at.
fn has_error(node: &Value) -> bool {
    let edges = node["dependencies"].as_array();
    edges.into_iter().flatten().any(|edge| edge.get("error").is_some() || has_error(&edge["node"]))
}

fn output() -> Value {
    object([
        ("schemaVersion", count()),
        (
            "root",
            object([("name", text()), ("version", text()), ("dependencies", list(any_object()))]),
        ),
        ("cycles", list(list(text()))),
        ("conflicts", list(object([("name", text()), ("versions", list(text()))]))),
        ("incomplete", flag()),
    ])
}
