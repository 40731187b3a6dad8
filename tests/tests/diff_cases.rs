//! Pairs of small bundles, each with the class that is right: `fixtures/diff_cases.jsonl`, one JSON
//! object a line. And inputs that meet limits, or would grow without them.

use std::fmt::Write;

use pacto_core::db::DiffReport;
use pacto_tests::diff::{Files, diff};
use pacto_tests::growth::Edition;
use pacto_tests::repository;
use serde_json::Value;

/// The files of a side of a case: path and text.
fn files(side: &Value) -> Vec<(&str, &str)> {
    let entries = side.as_object().expect("files");
    entries.iter().map(|(path, text)| (path.as_str(), text.as_str().expect("a text"))).collect()
}

/// The class of the worst row, apart from those about the version; `none` without one.
fn worst(report: &DiffReport) -> &'static str {
    let rows = report.changes.iter().map(|row| &row.change);
    let classes = rows.filter(|change| change.path != "service.version").map(|c| c.class);
    classes.max().map_or("none", |class| class.text())
}

/// `want` of a case lists the classes of the worst row that are right, `none` for no row at all.
#[test]
fn cases() {
    let path = repository().join("tests/fixtures/diff_cases.jsonl");
    let text = std::fs::read_to_string(path).expect("the cases");
    let mut problems = String::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let report = diff(&files(&case["old"]), &files(&case["new"]));
        let found = worst(&report);
        if !case["want"].as_array().expect("classes").iter().any(|want| want == found) {
            let _ = writeln!(problems, "{}: {found}, but: {}", case["name"], case["why"]);
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

const API: &str = "interfaces: [{name: api, type: http, port: 80, contract: api.yaml}]\n";

fn api(old: &str, new: &str) -> DiffReport {
    let contract = ("pacto.yaml", API);
    let (old, new): (Files<'_>, Files<'_>) =
        (&[contract, ("api.yaml", old)], &[contract, ("api.yaml", new)]);
    diff(old, new)
}

fn configuration(old: &str, new: &str) -> DiffReport {
    let contract = ("pacto.yaml", "configuration: {schema: s.yaml}\n");
    let (old, new): (Files<'_>, Files<'_>) =
        (&[contract, ("s.yaml", old)], &[contract, ("s.yaml", new)]);
    diff(old, new)
}

fn rules(report: &DiffReport) -> Vec<String> {
    report.changes.iter().map(|row| row.change.rule_id()).collect()
}

fn codes(report: &DiffReport) -> Vec<&'static str> {
    report.problems.iter().map(|problem| problem.problem.code).collect()
}

/// A schema whose meaning depends on who refers to it is undecided where what is written changed,
/// however much else is alike.
#[test]
fn a_changed_dynamic_reference_is_undecided() {
    let schema = |anchor: &str| {
        format!(
            "{{$defs: {{a: {{$dynamicAnchor: a}}, b: {{$dynamicAnchor: b}}}}, \
             properties: {{x: {{$dynamicRef: '#{anchor}'}}}}}}"
        )
    };
    let report = configuration(&schema("a"), &schema("b"));
    assert_eq!(rules(&report), ["config/schema-undecided"]);
    assert_eq!(report.changes[0].change.path, "configuration.properties[x]");
    let same =
        configuration(&schema("a"), &schema("a").replace("properties", "title: T, properties"));
    assert_eq!(rules(&same), ["config/annotation-changed"]);
}

/// Schemas in each other, `{properties: {next: …}}` as definitions that refer to the next one.
fn chain(length: usize, last: &str) -> String {
    let mut text = String::from("{$ref: '#/$defs/d0', $defs: {");
    for i in 0..length {
        let _ = write!(text, "d{i}: {{properties: {{n: {{$ref: '#/$defs/d{}'}}}}}}, ", i + 1);
    }
    let _ = write!(text, "d{length}: {{type: {last}}}}}}}");
    text
}

#[test]
fn what_lies_beyond_a_limit_is_a_row() {
    let shallow = configuration(&chain(200, "string"), &chain(200, "integer"));
    assert_eq!(rules(&shallow), ["config/type-changed"]);
    let deep = configuration(&chain(300, "string"), &chain(300, "integer"));
    assert_eq!(rules(&deep), ["config/schema-undecided"]);
    assert_eq!(codes(&deep), ["LIMIT_REACHED"]);

    let wide = |parts: usize, last: &str| {
        let mut text = String::from("{allOf: [");
        for i in 0..parts {
            let _ = write!(text, "{{properties: {{p{i}: {{type: string}}}}}}, ");
        }
        let _ = write!(text, "{{properties: {{last: {{type: {last}}}}}}}]}}");
        text
    };
    let merged = configuration(&wide(2_000, "string"), &wide(2_000, "integer"));
    assert_eq!(rules(&merged), ["config/type-changed"]);
    let cut = configuration(&wide(4_001, "string"), &wide(4_001, "integer"));
    assert_eq!(rules(&cut), ["config/schema-undecided"]);
    assert!(codes(&cut).contains(&"LIMIT_REACHED"));
}

/// Callbacks that name each other describe a graph: each is compared where it is met first.
#[test]
fn mutual_callbacks_are_compared_once() {
    let document = |count: usize, ty: &str| {
        let all = |from: usize| {
            let one = |i: usize| format!("k{i}: {{$ref: '#/components/callbacks/c{i}'}}");
            (from..count).map(one).collect::<Vec<_>>().join(", ")
        };
        let mut text = format!(
            "{{openapi: 3.1.0, paths: {{/a: {{post: {{callbacks: {{{}}}, responses: {{}}}}}}}}, \
             components: {{callbacks: {{",
            all(0)
        );
        for i in 0..count {
            let _ = write!(
                text,
                "c{i}: {{'{{$url}}': {{post: {{requestBody: {{content: {{application/json: \
                 {{schema: {{type: {ty}}}}}}}}}, callbacks: {{{}}}, responses: {{}}}}}}}}, ",
                all(0)
            );
        }
        text.push_str("}}}");
        text
    };
    for count in [1, 3, 8] {
        let report = api(&document(count, "string"), &document(count, "integer"));
        let changed = rules(&report).iter().filter(|id| id.ends_with("type-changed")).count();
        // Those of the operation, and each once among the others.
        assert_eq!(changed, 2 * count, "{count} callbacks");
    }
}

/// The work of a comparison grows with the documents, and not with what could be held against each
/// other: with every element changed, as many pairs of schemas are looked at as there are elements, times
/// a constant, or a limit would be met. Where every element is held against every other, this takes
/// minutes as well.
#[test]
fn work_grows_with_the_documents() {
    for growth in pacto_tests::growth::ALL {
        let size = growth.size.min(600);
        let limits = serde_json::json!({"limits": {"schemaPairs": 12 * size + 100}});
        let today = pacto_core::contract::Date::default();
        let settings = pacto_core::diff::Settings::read(&limits, today).expect("settings");
        let document = |edition| (growth.document)(size, edition);
        let (old, new) = (document(Edition::Old), document(Edition::New));
        let contract = ("pacto.yaml", API);
        let report = pacto_tests::diff::diff_with(
            &[contract, ("api.yaml", &old)],
            &[contract, ("api.yaml", &new)],
            settings,
        );
        assert_eq!(report.problems.len(), 0, "{}: {:?}", growth.name, codes(&report));
        assert!(report.class > pacto_core::diff::Class::NonBreaking, "{}", growth.name);
    }
}

/// A definition is used however the reference to it is written, and by a reference into it: when it is
/// inlined, nothing changes.
#[test]
fn a_definition_may_be_inlined_however_it_is_referred_to() {
    let document = |schema: &str, rest: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{get: {{responses: {{'200': \
             {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}}}}}}}}}\n{rest}"
        )
    };
    let inlined = document("{type: string}", "");
    for (reference, name) in [
        ("a%20b", "a b"),
        ("a~1b", "a/b"),
        ("a%7E1b", "a/b"),
        ("%C3%A4", "ä"),
        ("whole/properties/part", "whole"),
    ] {
        let schema = format!("{{$ref: '#/components/schemas/{reference}'}}");
        let rest = match name {
            "whole" => {
                "components: {schemas: {whole: {properties: {part: {type: string}}}}}".to_owned()
            }
            name => format!("components: {{schemas: {{'{name}': {{type: string}}}}}}"),
        };
        let named = document(&schema, &rest);
        for report in [api(&named, &inlined), api(&inlined, &named)] {
            assert!(rules(&report).is_empty(), "{reference}: {:?}", rules(&report));
        }
    }
}

/// Alternatives that nothing tells apart beyond the limit are undecided, and a row says so.
#[test]
fn too_many_alternatives_without_a_name_are_undecided() {
    let union = |maximum: usize| {
        let one = |i: usize| format!("{{minimum: {i}, maximum: {}}}", i + maximum);
        format!("{{anyOf: [{}]}}", (0..70).map(one).collect::<Vec<_>>().join(", "))
    };
    let report = configuration(&union(200), &union(100));
    assert!(rules(&report).contains(&"config/schema-undecided".to_owned()), "{:?}", rules(&report));
    assert!(codes(&report).contains(&"LIMIT_REACHED"));
    let worst = report.changes.iter().map(|row| row.change.class).max();
    assert!(worst >= Some(pacto_core::diff::Class::PotentialBreaking));
}

/// `limits` of the settings: what lies beyond is a row, and says so.
#[test]
fn limits_can_be_set() {
    let read = |limits: Value| {
        let today = pacto_core::contract::Date::default();
        pacto_core::diff::Settings::read(&serde_json::json!({"limits": limits}), today)
    };
    let settings = read(serde_json::json!({"schemaPairs": 2})).expect("settings");
    let contract = ("pacto.yaml", "configuration: {schema: s.yaml}\n");
    let [old, new] = ["string", "integer"].map(|last| chain(9, last));
    let report = pacto_tests::diff::diff_with(
        &[contract, ("s.yaml", &old)],
        &[contract, ("s.yaml", &new)],
        settings,
    );
    assert_eq!(rules(&report), ["config/schema-undecided"]);
    assert_eq!(codes(&report), ["LIMIT_REACHED"]);
    for (limits, expected) in [
        (serde_json::json!({"pairs": 2}), "`limits.pairs` is not a limit of diff"),
        (serde_json::json!({"schemaPairs": "many"}), "`limits.schemaPairs` must be a number"),
        (serde_json::json!(3), "`limits` must be a mapping"),
    ] {
        assert_eq!(read(limits).expect_err("an error"), expected);
    }
}

/// Specifications on this machine may be larger than what may be published; a file that is not read
/// is said to be too large, once for each side, and nothing else of it.
#[test]
fn large_specifications_are_compared() {
    let padded = |megabytes: usize, ty: &str| {
        format!("{{\"type\": \"{ty}\", \"title\": \"{}\"}}", "x".repeat(megabytes << 20))
    };
    let large = configuration(&padded(11, "string"), &padded(11, "integer"));
    assert_eq!(rules(&large), ["config/type-changed"]);
    let beyond = configuration(&padded(64, "string"), &padded(65, "integer"));
    assert_eq!(codes(&beyond).len(), 2);
    let problems = beyond.problems.iter().map(|problem| &problem.problem.message);
    assert!(problems.into_iter().all(|message| message.contains("at most 67108864 are read")));
}
