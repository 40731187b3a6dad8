//! Laws of comparisons, over generated specifications.

use std::collections::BTreeSet;

use pacto_core::db::DiffReport;
use pacto_core::diff::{ChangeType, Class};
use pacto_tests::diff::diff;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const CONTRACT: &str = "interfaces: [{name: api, type: http, port: 80, contract: api.yaml}]\n";

fn compare(old: &Value, new: &Value) -> DiffReport {
    texts(&old.to_string(), &new.to_string())
}

fn texts(old: &str, new: &str) -> DiffReport {
    diff(
        &[("pacto.yaml", CONTRACT), ("api.yaml", old)],
        &[("pacto.yaml", CONTRACT), ("api.yaml", new)],
    )
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        (0u32..3).prop_map(|n| json!({"type": "string", "maxLength": n + 1})),
        (0i64..3).prop_map(|n| json!({"type": "integer", "minimum": n})),
        prop::sample::subsequence(vec!["a", "b", "c"], 1..3)
            .prop_map(|values| json!({"type": "string", "enum": values})),
        Just(json!({"type": "boolean", "description": "a flag"})),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            (prop::collection::btree_map("[a-d]", inner, 0..4), any::<bool>()).prop_map(
                |(properties, requires)| {
                    let names: Vec<&String> = properties.keys().take(1).collect();
                    let mut out = json!({"type": "object", "properties": properties});
                    if requires && !names.is_empty() {
                        out["required"] = json!(names);
                    }
                    out
                }
            ),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let parameters = prop::collection::btree_map("[p-r]", (any::<bool>(), schema()), 0..3);
    let responses = prop::collection::btree_map("(200|201|404)", schema(), 1..3);
    (parameters, prop::option::of(schema()), responses).prop_map(|(parameters, body, responses)| {
        let parameters: Vec<Value> = parameters
            .into_iter()
            .map(|(name, (required, schema))| {
                json!({"name": name, "in": "query", "required": required, "schema": schema})
            })
            .collect();
        let responses: Map<String, Value> = responses
            .into_iter()
            .map(|(code, schema)| {
                let content = json!({"application/json": {"schema": schema}});
                (code, json!({"description": "x", "content": content}))
            })
            .collect();
        let mut out = json!({"parameters": parameters, "responses": responses});
        if let Some(schema) = body {
            out["requestBody"] = json!({"content": {"application/json": {"schema": schema}}});
        }
        out
    })
}

fn document() -> impl Strategy<Value = Value> {
    let item = prop::collection::btree_map("(get|post|put)", operation(), 1..3);
    prop::collection::btree_map("/[a-c]", item, 0..4).prop_map(
        |paths| json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}),
    )
}

/// The same data with keys in the other order, and sets, too.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .rev()
                .map(|(key, value)| {
                    let mut value = reversed(value);
                    let is_set = matches!(key.as_str(), "required" | "enum" | "parameters");
                    if let (true, Value::Array(items)) = (is_set, &mut value) {
                        items.reverse();
                    }
                    (key.clone(), value)
                })
                .collect(),
        ),
        Value::Array(items) => items.iter().map(reversed).collect(),
        scalar => scalar.clone(),
    }
}

/// YAML in block style, with a comment on every line and texts in single quotes.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                out.push_str(&format!("\n{pad}'{key}': "));
                yaml(value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("\n{pad}- "));
                yaml(item, indent + 2, out);
            }
        }
        Value::String(text) => out.push_str(&format!("'{text}' # a comment")),
        other => out.push_str(&other.to_string()),
    }
}

/// Every schema of a response becomes a definition.
fn extracted(document: &Value) -> Value {
    let mut out = document.clone();
    let mut schemas = Map::new();
    let paths = out["paths"].as_object_mut().expect("paths");
    for item in paths.values_mut() {
        for operation in item.as_object_mut().expect("an item").values_mut() {
            let responses = operation["responses"].as_object_mut().expect("responses");
            for response in responses.values_mut() {
                let name = format!("S{}", schemas.len());
                let place = &mut response["content"]["application/json"]["schema"];
                schemas.insert(name.clone(), place.take());
                *place = json!({"$ref": format!("#/components/schemas/{name}")});
            }
        }
    }
    out["components"] = json!({"schemas": schemas});
    out
}

fn shown(report: &DiffReport) -> Vec<String> {
    report.changes.iter().map(|r| format!("{} {}", r.change.path, r.change.rule_id())).collect()
}

/// Paths with what happened, without roll-ups.
fn events(report: &DiffReport, is_swapped: bool) -> BTreeSet<(String, ChangeType)> {
    let rows = report.changes.iter().map(|row| &row.change).filter(|change| !change.is_rollup());
    rows.map(|change| {
        let ty = match (change.ty, is_swapped) {
            (ChangeType::Added, true) => ChangeType::Removed,
            (ChangeType::Removed, true) => ChangeType::Added,
            (ty, _) => ty,
        };
        (change.path.clone(), ty)
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn equals_do_not_differ(a in document()) {
        let report = compare(&a, &a);
        prop_assert!(report.changes.is_empty(), "{:?}", shown(&report));
    }

    #[test]
    fn the_form_of_a_document_does_not_count(a in document()) {
        let report = compare(&a, &reversed(&a));
        prop_assert!(report.changes.is_empty(), "{:?}", shown(&report));
        let mut text = String::new();
        yaml(&a, 0, &mut text);
        let report = texts(&a.to_string(), &text);
        prop_assert!(report.problems.is_empty(), "{:?}\n{text}", report.problems);
        prop_assert!(report.changes.is_empty(), "{:?}\n{text}", shown(&report));
    }

    #[test]
    fn definitions_may_be_extracted_and_inlined(a in document()) {
        let b = extracted(&a);
        for report in [compare(&a, &b), compare(&b, &a)] {
            prop_assert!(report.changes.is_empty(), "{:?}", shown(&report));
        }
    }

    #[test]
    fn exchanged_sides_mirror_what_was_added_and_removed(a in document(), b in document()) {
        let (there, back) = (compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(events(&there, false), events(&back, true));
    }

    #[test]
    fn an_unrelated_operation_changes_no_other_row(a in document(), b in document(), o in operation()) {
        let before = compare(&a, &b);
        let mut with = b.clone();
        with["paths"]["/unrelated"] = json!({"get": o});
        let after = compare(&a, &with);
        let own = |report: &DiffReport| -> Vec<String> {
            shown(report).into_iter().filter(|row| !row.contains("/unrelated")).collect()
        };
        prop_assert_eq!(own(&before), own(&after));
    }

    #[test]
    fn the_class_of_the_whole_is_the_worst_and_more_changes_never_lower_it(a in document(), b in document()) {
        let report = compare(&a, &b);
        let worst = report.changes.iter().map(|row| row.change.class).max();
        prop_assert_eq!(report.class, worst.unwrap_or(Class::NonBreaking));
        let mut more = a.clone();
        more["paths"]["/gone"] = json!({"get": {}});
        let with_removal = compare(&more, &b);
        prop_assert!(with_removal.class >= report.class);
        prop_assert_eq!(with_removal.class, Class::Breaking);
    }
}
