//! `pacto_list_interfaces`.

use pacto_edge::session::Purpose;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::page::{CURSOR, LIMIT, page, revision_of};
use crate::schema::{any_object, count, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, REF, Set, Tool, VALUES, VALUES_FILES};

pub const TOOL: Tool = Tool {
    name: "pacto_list_interfaces",
    title: "List interfaces",
    description: "The interfaces of a contract with type, port, visibility and specification file; with `operations` what the specifications describe: http operations, rpc methods, event channels. A specification that cannot be read has a `problem`. Use pacto_inspect for the rest of a contract. Writes nothing.",
    arguments: &[
        REF,
        Argument::new("operations", Kind::Flag, "With operations", "true"),
        Argument::new("interface", Kind::Text, "Only the interface of this name", "\"api\""),
        OFFLINE,
        VALUES,
        VALUES_FILES,
        LIMIT,
        CURSOR,
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
    let all = contract.analysis.offered(contract.key);
    let wanted = call.arguments.text("interface");
    if let Some(name) = wanted.filter(|name| all.iter().all(|interface| interface.name != *name)) {
        let names: Vec<&str> = all.iter().map(|interface| interface.name.as_str()).collect();
        return Err(Failure::new("NOT_FOUND", format!("there is no interface {name}"))
            .hint(format!("there are {}", names.join(", "))));
    }
    let with_operations = call.arguments.flag("operations");
    let shown = all.iter().filter(|interface| wanted.is_none_or(|name| interface.name == name));
    let items: Vec<Value> = shown.map(|interface| interface.json(with_operations)).collect();
    let revision = revision_of(&items);
    // One interface is paged by its operations, which may be many.
    if let (Some(_), true, [interface]) = (wanted, with_operations, &items[..]) {
        let mut head = interface.as_object().cloned().unwrap_or_default();
        let operations = head.remove("operations").and_then(|all| all.as_array().cloned());
        let answer =
            page(call, Map::new(), "operations", operations.unwrap_or_default(), revision)?;
        let mut found = answer.structured().clone();
        head.insert("operations".into(), found.remove("operations").unwrap_or_else(|| json!([])));
        let mut whole = Map::new();
        whole.insert("interfaces".into(), json!([head]));
        whole.extend(found);
        return Ok(Answer::json(Value::Object(whole)).noted_as(&answer));
    }
    page(call, Map::new(), "interfaces", items, revision)
}

fn output() -> Value {
    let interface = [
        ("name", text()),
        ("type", text()),
        ("?port", count()),
        ("?visibility", text()),
        ("?contract", text()),
        ("?operations", list(any_object())),
        ("?problem", text()),
    ];
    object([("interfaces", list(object(interface))), ("total", count()), ("?nextCursor", text())])
}
