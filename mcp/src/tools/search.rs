//! `pacto_search`.

use std::collections::BTreeMap;

use pacto_core::ContractKey;
use pacto_core::check::Severity;
use pacto_core::fleet::match_text;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Arguments, Kind};
use crate::index::{Entry, View};
use crate::page::{CURSOR, LIMIT, page};
use crate::schema::{any_object, count, flag, list, object, text};
use crate::tool::{Call, Effect, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_search",
    title: "Search contracts",
    description: "Finds contracts under the roots by name, owner, metadata, interface, operation path or words of specifications; filters are all to hold, no query lists all. Answers paths that the other tools take. Use pacto_graph for who uses whom, pacto_list_versions for what a registry holds. Writes nothing.",
    arguments: &[
        Argument::new("query", Kind::Text, "Words of a name, owner, path …", "\"payments\""),
        Argument::new("owner", Kind::Text, "Only this owner's", "\"payments\""),
        Argument::new(
            "interface_type",
            Kind::Choice(&["http", "grpc", "event"]),
            "Only with such an interface",
            "\"grpc\"",
        ),
        Argument::new(
            "workload",
            Kind::Choice(&["service", "job", "scheduled"]),
            "Only this workload",
            "\"job\"",
        ),
        Argument::new(
            "state",
            Kind::Choice(&["stateless", "stateful", "hybrid"]),
            "Only this state",
            "\"stateful\"",
        ),
        Argument::new("depends_on", Kind::Text, "Only users of this service", "\"auth\""),
        Argument::new("references", Kind::Text, "Only with such a ref", "\"../auth\""),
        Argument::new(
            "has_findings",
            Kind::Flag,
            "Only with errors or warnings, or without",
            "true",
        ),
        Argument::new("source", Kind::Choice(&["local"]), "Where contracts come from", "\"local\""),
        Argument::new(
            "sort",
            Kind::Choice(&["relevance", "name", "dependents"]),
            "The order; relevance if absent",
            "\"dependents\"",
        ),
        LIMIT,
        CURSOR,
    ],
    output,
    set: Set::Fleet,
    effect: Effect::Reads,
    asks_registries: false,
    run,
};

/// A contract that fits.
struct Found<'v> {
    entry: &'v Entry,
    score: u32,
    matched: Vec<String>,
    dependents: usize,
}

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    call.workspace.ask(|view| {
        let mut all = found(&call.arguments, view);
        let name = |found: &Found<'_>| (found.entry.name.clone(), found.entry.root.clone());
        match call.arguments.text("sort") {
            Some("name") => all.sort_by_key(name),
            Some("dependents") => {
                all.sort_by_key(|found| (std::cmp::Reverse(found.dependents), name(found)));
            }
            _ => all.sort_by_key(|found| (std::cmp::Reverse(found.score), name(found))),
        }
        let mut head = Map::new();
        head.insert("items".into(), json!([]));
        head.insert("total".into(), json!(0));
        head.insert("facets".into(), facets(&all));
        head.insert("revision".into(), json!(view.revision));
        head.insert("incomplete".into(), json!([]));
        // Findings are made for what is shown alone.
        let limit = call.arguments.count("limit").unwrap_or(25);
        let start = call.arguments.text("cursor").and_then(|cursor| cursor.split_once('-'));
        let start = start.and_then(|(start, _)| start.parse::<usize>().ok()).unwrap_or(0);
        let shown = start..start.saturating_add(limit);
        let items = all.iter().enumerate().map(|(i, found)| match shown.contains(&i) {
            true => item(view, found),
            false => Value::Null,
        });
        page(call, head, "items", items.collect(), view.revision)
    })?
}

fn found<'v>(arguments: &Arguments, view: &'v View<'_>) -> Vec<Found<'v>> {
    let query = arguments.text("query").map(|query| query.trim().to_lowercase());
    let wanted = arguments.maybe("has_findings");
    let fits = view.entries.iter().filter(|entry| has_all(arguments, entry));
    let fits = fits.filter(|entry| wanted.is_none_or(|wanted| has_findings(view, entry) == wanted));
    let scored = fits.filter_map(|entry| {
        let (score, matched) = match &query {
            Some(query) => fit(entry, query)?,
            None => (0, Vec::new()),
        };
        let dependents = view.analysis.fleet().dependents(&entry.root).len();
        Some(Found { entry, score, matched, dependents })
    });
    scored.collect()
}

fn has_all(arguments: &Arguments, entry: &Entry) -> bool {
    let is = |name: &str, own: &str| arguments.text(name).is_none_or(|wanted| wanted == own);
    let holds = |name: &str, own: &[String]| {
        arguments.text(name).is_none_or(|wanted| own.iter().any(|text| text == wanted))
    };
    let references = arguments
        .text("references")
        .is_none_or(|wanted| entry.references.iter().any(|reference| reference.contains(wanted)));
    let ty = arguments
        .text("interface_type")
        .is_none_or(|wanted| entry.interfaces.iter().any(|(_, ty)| ty == wanted));
    is("owner", &entry.owner)
        && is("workload", &entry.workload)
        && is("state", &entry.state)
        && holds("depends_on", &entry.depends_on)
        && references
        && ty
}

/// How well an entry fits a query, and by what.
fn fit(entry: &Entry, query: &str) -> Option<(u32, Vec<String>)> {
    let all = entry
        .texts
        .iter()
        .filter_map(|(field, lower, written)| Some((match_text(*field, lower, query)?, written)));
    let mut all: Vec<_> = all.collect();
    all.sort();
    let best = all.first()?.0.score();
    let shown = all.iter().take(3).map(|(fit, text)| format!("{}: {text}", fit.field.text()));
    Some((best, shown.collect()))
}

fn has_findings(view: &View<'_>, entry: &Entry) -> bool {
    let checked = view.analysis.check(&ContractKey::from(&entry.root));
    checked.diagnostics.iter().any(|d| d.severity >= Severity::Warning)
}

fn item(view: &View<'_>, found: &Found<'_>) -> Value {
    let Found { entry, score, matched, dependents } = found;
    let checked = view.analysis.check(&ContractKey::from(&entry.root));
    let is_valid = checked.diagnostics.iter().all(|d| d.severity < Severity::Error);
    let interfaces: Vec<String> =
        entry.interfaces.iter().map(|(name, ty)| format!("{name} ({ty})")).collect();
    let words = [entry.state.as_str(), entry.workload.as_str()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    json!({
        "name": entry.name,
        "version": entry.version,
        "owner": entry.owner,
        "path": view.shown(&entry.root),
        "source": "local",
        "summary": words.join(" "),
        "interfaces": interfaces,
        "dependents": dependents,
        "valid": is_valid,
        "score": score,
        "matched": matched,
    })
}

fn facets(all: &[Found<'_>]) -> Value {
    let counts = |of: fn(&Entry) -> &str| -> Value {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for found in all {
            *counts.entry(of(found.entry)).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().filter(|(key, _)| !key.is_empty()).collect();
        counts.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
        let most = counts.into_iter().take(20).map(|(key, count)| (key.to_owned(), json!(count)));
        Value::Object(most.collect())
    };
    json!({
        "owner": counts(|entry| &entry.owner),
        "source": {"local": all.len()},
        "workload": counts(|entry| &entry.workload),
    })
}

fn output() -> Value {
    object([
        (
            "items",
            list(object([
                ("name", text()),
                ("version", text()),
                ("path", text()),
                ("valid", flag()),
            ])),
        ),
        ("total", count()),
        ("facets", any_object()),
        ("?nextCursor", text()),
        ("revision", count()),
        ("incomplete", list(text())),
    ])
}
