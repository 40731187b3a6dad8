//! Every rule of the comparison fires on its example, as bad as its table says, and not on its
//! counter-example.

use std::sync::Arc;

use pacto_core::db::{DiffReport, LocatedChange};
use pacto_core::diff::rules::{EVENTS, FIELDS, INPUT, OPENAPI, PROTO, SCHEMA, by_id};
use pacto_core::diff::{Class, Column, Date, Mark, Rule, Settings};
use pacto_tests::diff::{Files, diff_with};
use pacto_tests::repository;

/// How the text of an example becomes the files of a bundle.
type Wrap = fn(&str) -> Vec<(String, String)>;

fn settings() -> Settings {
    Settings {
        min_days_stable: 30,
        as_of: Date::parse("2026-01-01").unwrap(),
        ..Settings::default()
    }
}

fn compare(wrap: Wrap, [old, new]: [&str; 2]) -> DiffReport {
    let (old, new) = (wrap(old), wrap(new));
    fn borrow(files: &[(String, String)]) -> Vec<(&str, &str)> {
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
    }
    let (old, new) = (borrow(&old), borrow(&new));
    let (old, new): (Files<'_>, Files<'_>) = (&old, &new);
    diff_with(old, new, settings())
}

/// Checks that a rule fires on its example with this class, and not on its counter-example.
fn check(rule: &Rule, id: &str, class: Option<Class>, wrap: Wrap, problems: &mut Vec<String>) {
    let report = compare(wrap, rule.example);
    let is_it = |row: &&Arc<LocatedChange>| row.change.rule_id() == id;
    let fired: Vec<Class> = report.changes.iter().filter(is_it).map(|r| r.change.class).collect();
    let others: Vec<String> = report.changes.iter().map(|r| r.change.rule_id()).collect();
    let stops: Vec<String> = report
        .problems
        .iter()
        .map(|p| format!("{} {}", p.problem.code, p.problem.message))
        .collect();
    match (fired.first(), class) {
        (None, _) => problems.push(format!("{id}: does not fire; found {others:?} {stops:?}")),
        (Some(found), Some(class)) if *found != class => {
            problems.push(format!("{id}: is {}, expected {}", found.text(), class.text()));
        }
        _ => {}
    }
    let [old, new] = rule.example;
    let counter = rule.counter_example.unwrap_or([new, old]);
    let report = compare(wrap, counter);
    if report.changes.iter().any(|row| is_it(&row)) {
        problems.push(format!("{id}: fires on its counter-example"));
    }
}

const API: &str = "interfaces: [{name: api, type: http, port: 80, contract: api.yaml}]\n";
const EVENT: &str = "interfaces: [{name: ev, type: event, contract: ev.yaml}]\n";

fn files(contract: &str, path: &str, text: String) -> Vec<(String, String)> {
    vec![("pacto.yaml".to_owned(), contract.to_owned()), (path.to_owned(), text)]
}

fn with_schema(mut files: Vec<(String, String)>, schema: &str) -> Vec<(String, String)> {
    files.push(("s.yaml".to_owned(), schema.to_owned()));
    files
}

fn content(schema: &str) -> String {
    let schema = if schema.is_empty() { "{}" } else { "{schema: {$ref: 's.yaml'}}" };
    format!("{{application/xml: {schema}}}")
}

fn in_request(schema: &str) -> Vec<(String, String)> {
    let body = content(schema);
    let api = format!(
        "{{openapi: 3.1.0, paths: {{/a: {{post: {{requestBody: {{content: {body}}}, responses: {{}}}}}}}}}}"
    );
    with_schema(files(API, "api.yaml", api), schema)
}

fn in_response(schema: &str) -> Vec<(String, String)> {
    let body = content(schema);
    let api = format!(
        "{{openapi: 3.1.0, paths: {{/a: {{get: {{responses: {{'200': {{content: {body}}}}}}}}}}}}}"
    );
    with_schema(files(API, "api.yaml", api), schema)
}

fn in_configuration(schema: &str) -> Vec<(String, String)> {
    files("configuration: {schema: s.yaml}\n", "s.yaml", schema.to_owned())
}

fn in_policy(schema: &str) -> Vec<(String, String)> {
    files("policy: {schema: s.yaml}\n", "s.yaml", schema.to_owned())
}

fn message(action: &str, schema: &str) -> Vec<(String, String)> {
    let payload = if schema.is_empty() { "{}" } else { "{payload: {$ref: 's.yaml'}}" };
    let text = format!(
        "{{asyncapi: 3.0.0, channels: {{c: {{address: a, messages: {{m: {payload}}}}}}}, \
         operations: {{o: {{action: {action}, channel: {{$ref: '#/channels/c'}}}}}}}}"
    );
    with_schema(files(EVENT, "ev.yaml", text), schema)
}

fn received(schema: &str) -> Vec<(String, String)> {
    message("receive", schema)
}

fn sent(schema: &str) -> Vec<(String, String)> {
    message("send", schema)
}

#[test]
fn rules_of_schemas() {
    let mut problems = Vec::new();
    for rule in SCHEMA {
        let places: [(&str, Column, Wrap); 6] = [
            ("openapi/request/", Column::Input, in_request),
            ("openapi/response/", Column::Output, in_response),
            ("config/", Column::Config, in_configuration),
            ("policy/", Column::Config, in_policy),
            ("event/receive/", Column::Input, received),
            ("event/send/", Column::Output, sent),
        ];
        for (domain, column, wrap) in places {
            // Only media types, headers and messages may lack a schema; only media types are XML.
            let is_lone = rule.example.contains(&"") && column == Column::Config;
            let is_xml = rule.name == "xml-changed" && !domain.starts_with("openapi/");
            if is_lone || is_xml {
                continue;
            }
            let mut class = rule.usual(column);
            if domain == "policy/" {
                class = class.min(Class::PotentialBreaking);
            }
            let id = format!("{domain}{}", rule.name);
            if rule.classes(column).is_empty() {
                let report = compare(wrap, rule.example);
                let fires = report.changes.iter().any(|row| row.change.rule_id() == id);
                assert!(!fires, "{id} cannot occur, as its table says");
                continue;
            }
            check(rule, &id, Some(class), wrap, &mut problems);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn rules_of_openapi() {
    fn wrap(example: &str) -> Vec<(String, String)> {
        let is_document = ["{paths", "{servers", "{openapi", "{info"]
            .iter()
            .any(|start| example.starts_with(start));
        let text = match is_document {
            true if example.starts_with("{openapi") => example.to_owned(),
            true => format!("{{openapi: 3.0.3, {}", &example[1..]),
            false => format!("{{openapi: 3.0.3, paths: {{/a: {{get: {example}}}}}}}"),
        };
        files(API, "api.yaml", text)
    }
    let mut problems = Vec::new();
    for rule in OPENAPI {
        let class = Some(rule.usual(Column::Input));
        let class = class.filter(|_| !rule.is(Mark::Rollup));
        check(rule, &rule.id(None), class, wrap, &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn rules_of_protobuf() {
    fn wrap(example: &str) -> Vec<(String, String)> {
        let text = match example.starts_with("syntax") {
            true => example.to_owned(),
            false => format!("syntax = 'proto3'; package p; {example}"),
        };
        let contract = "interfaces: [{name: rpc, type: grpc, port: 80, contract: a.proto}]\n";
        let mut all = files(contract, "a.proto", text.replace('\'', "\""));
        all.push(("other.proto".to_owned(), "syntax = \"proto3\";".to_owned()));
        all
    }
    let mut problems = Vec::new();
    for rule in PROTO {
        let both = rule.usual(Column::Input).max(rule.usual(Column::Output));
        check(rule, &rule.id(None), Some(both), wrap, &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn rules_of_asyncapi() {
    fn wrap(example: &str) -> Vec<(String, String)> {
        let text = match example.starts_with("{asyncapi") {
            true => example.to_owned(),
            false => format!("{{asyncapi: 3.0.0, {}", &example[1..]),
        };
        files(EVENT, "ev.yaml", text)
    }
    let mut problems = Vec::new();
    for rule in EVENTS {
        let both = rule.usual(Column::Input).max(rule.usual(Column::Output));
        check(rule, &rule.id(None), Some(both), wrap, &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn rules_of_contracts() {
    let mut problems = Vec::new();
    let wrap: Wrap = |contract| vec![("pacto.yaml".to_owned(), contract.to_owned())];
    for rule in FIELDS.iter().flat_map(|field| field.rules()) {
        let id = rule.id(None);
        check(rule, &id, Some(rule.usual(Column::Input)), wrap, &mut problems);
        let [_, after] = rule.example;
        let same = compare(wrap, [after, after]);
        let mut between = same.changes.iter().map(|row| row.change.rule_id());
        if between.any(|rule| rule != "input/not-compared") {
            problems.push(format!("{id}: {} rows between equals", same.changes.len()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Rules about what cannot be compared: as an interface, and as a configuration that was not there.
#[test]
fn rules_of_inputs() {
    let as_interface: Wrap = |text| files(EVENT, "ev.yaml", text.to_owned());
    let as_configuration: Wrap = |schema| match schema {
        "" => vec![("pacto.yaml".to_owned(), String::new())],
        schema => in_configuration(schema),
    };
    let mut problems = Vec::new();
    for (rule, wrap) in INPUT.iter().zip([as_interface, as_configuration]) {
        check(rule, &rule.id(None), Some(rule.usual(Column::Input)), wrap, &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The checks of other detectors, each with the rule that answers it, or why none does.
#[test]
fn the_checks_of_other_detectors_are_answered() {
    for (name, count) in [("oasdiff", 509), ("buf", 65), ("confluent", 132)] {
        let path = repository().join(format!("tests/fixtures/coverage/{name}.csv"));
        let text = std::fs::read_to_string(&path).expect("a map");
        let rows: Vec<Vec<&str>> =
            text.lines().skip(1).map(|line| line.splitn(3, ',').collect()).collect();
        let mut checks: Vec<&str> = rows.iter().map(|row| row[0]).collect();
        checks.sort_unstable();
        checks.dedup();
        assert_eq!(checks.len(), count, "{name}");
        for row in &rows {
            let [check, rule, reason] = row[..] else { panic!("{name}: {row:?}") };
            let is_advice = matches!(rule, "VERSION_BUMP_REQUIRED" | "VERSION_DECREASED");
            let is_answered = is_advice || by_id(rule).is_some();
            assert!(is_answered != rule.is_empty(), "{name}: {check}: there is no rule {rule}");
            assert!(rule.is_empty() != reason.is_empty(), "{name}: {check} has no reason");
        }
    }
}
