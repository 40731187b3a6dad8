//! The classes of changed schemas, held to what values prove: pairs of small schemas are generated,
//! values are validated on both sides by another implementation of JSON Schema, and a value that
//! only one side admits must be told, a break that no value shows must not.

use pacto_core::db::DiffReport;
use pacto_core::diff::{Class, Side};
use pacto_tests::diff::diff;
use serde_json::{Value, json};

/// Numbers that look random and are the same on every run (Marsaglia, "Xorshift RNGs").
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn one<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }
}

fn leaf(random: &mut Random) -> Value {
    let n = random.below(4);
    let leaves = [
        json!({}),
        json!({"type": "integer"}),
        json!({"type": "number"}),
        json!({"type": "string"}),
        json!({"type": "null"}),
        json!({"type": "boolean"}),
        json!({"type": ["string", "null"]}),
        json!({"type": ["integer", "string"]}),
        json!({"type": "integer", "minimum": n}),
        json!({"type": "integer", "maximum": n}),
        json!({"type": "number", "exclusiveMaximum": n}),
        json!({"multipleOf": n + 1}),
        json!({"type": "string", "maxLength": n}),
        json!({"minLength": n}),
        json!({"type": "string", "pattern": "^a"}),
        json!({"enum": ["a", n]}),
        json!({"enum": ["a", null]}),
        json!({"const": "a"}),
        json!({"const": n}),
        json!(true),
        json!(false),
    ];
    random.one(&leaves).clone()
}

fn schema(random: &mut Random, depth: usize) -> Value {
    if depth == 0 {
        return leaf(random);
    }
    let below = |random: &mut Random| schema(random, depth - 1);
    match random.below(16) {
        0 => json!({"anyOf": [below(random), below(random)]}),
        1 | 2 => json!({"oneOf": [below(random), below(random)]}),
        3 => json!({"allOf": [below(random), below(random)]}),
        4 => json!({"not": below(random)}),
        5 => json!({"if": below(random), "then": below(random), "else": below(random)}),
        6 => json!({"type": "array", "items": below(random)}),
        7 => json!({"type": "array", "prefixItems": [below(random)], "items": below(random)}),
        8 => json!({"type": "array", "contains": below(random)}),
        9 => json!({"type": "object", "additionalProperties": below(random)}),
        10 => {
            let others = below(random);
            json!({"type": "object", "properties": {"a": below(random)}, "additionalProperties": others})
        }
        11 => {
            json!({"type": "object", "properties": {"a": below(random), "b": below(random)}, "required": ["a"]})
        }
        12 => {
            json!({"properties": {"a": below(random)}, "patternProperties": {"^a": below(random)}})
        }
        13 => {
            json!({"type": "object", "properties": {"a": below(random)}, "unevaluatedProperties": false})
        }
        14 => {
            json!({"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}})
        }
        _ => leaf(random),
    }
}

/// A schema with something of it exchanged.
fn changed(random: &mut Random, value: &Value) -> Value {
    match value {
        Value::Object(entries) if !entries.is_empty() && random.below(4) > 0 => {
            let keys: Vec<&String> = entries.keys().collect();
            let key = (*random.one(&keys)).clone();
            let mut entries = entries.clone();
            match (&entries[&key], random.below(6)) {
                (_, 0) => {
                    entries.remove(&key);
                }
                (Value::Object(_) | Value::Array(_), _)
                    if key != "enum" && key != "type" && key != "required" =>
                {
                    let inner = changed(random, &entries[&key]);
                    entries.insert(key, inner);
                }
                _ => {
                    if let Value::Object(other) = leaf(random) {
                        entries.extend(other);
                    }
                }
            }
            Value::Object(entries)
        }
        Value::Array(items) if !items.is_empty() => {
            let mut items = items.clone();
            let at = random.below(items.len());
            match random.below(4) {
                0 if items.len() > 1 => {
                    items.remove(at);
                }
                1 => items.push(leaf(random)),
                _ => items[at] = changed(random, &items[at].clone()),
            }
            Value::Array(items)
        }
        _ => leaf(random),
    }
}

fn values() -> Vec<Value> {
    let leaves = [
        json!(null),
        json!(true),
        json!(-1),
        json!(-0.5),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(4),
        json!(6),
        json!(12),
        json!(0.5),
        json!(1.5),
        json!(2.5),
        json!(""),
        json!("a"),
        json!("b"),
        json!("ab"),
        json!("bb"),
        json!("abc"),
        json!("aaaa"),
        json!([]),
        json!({}),
    ];
    let mut all = leaves.to_vec();
    for one in &leaves {
        all.extend([
            json!([one]),
            json!({"a": one}),
            json!({"b": one}),
            json!({"c": one}),
            json!({"ab": one}),
        ]);
        all.extend([
            json!({"a": {"a": one}}),
            json!([[one]]),
            json!([{"a": one}]),
            json!({"a": [one]}),
        ]);
        for two in &leaves {
            all.extend([
                json!([one, two]),
                json!({"a": one, "b": two}),
                json!({"a": one, "c": two}),
            ]);
        }
    }
    all
}

const CONTRACT: &str = "interfaces: [{name: api, type: http, port: 80, contract: api.json}]\n";

fn compare(old: &Value, new: &Value) -> DiffReport {
    let document = |schema: &Value| {
        let content = json!({"application/json": {"schema": schema}});
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"post": {
                "requestBody": {"required": true, "content": content},
                "responses": {"200": {"description": "ok", "content": content}}
            }}}
        })
        .to_string()
    };
    diff(
        &[("pacto.yaml", CONTRACT), ("api.json", &document(old))],
        &[("pacto.yaml", CONTRACT), ("api.json", &document(new))],
    )
}

/// Whether a value has only members that a schema speaks of.
fn is_known(schema: &str, value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.iter().all(|(name, value)| {
            (schema.contains(&format!("\"{name}\""))
                || schema.contains("additionalProperties\":{")
                || schema.contains("^a"))
                && is_known(schema, value)
        }),
        Value::Array(items) => items.iter().all(|item| is_known(schema, item)),
        _ => true,
    }
}

/// What is wrong with the class of one side: `from` are the values that counted, by the schema
/// `text`, `to` those that count now. Values show all there is to shallow schemas alone.
fn problem(
    report: &DiffReport,
    side: Side,
    text: &str,
    is_shallow: bool,
    (from, to): (&[bool], &[bool]),
    all: &[Value],
) -> Option<String> {
    let rows = || report.changes.iter().map(|row| &row.change).filter(|row| row.side == Some(side));
    let class = rows().map(|row| row.class).max().unwrap_or(Class::NonBreaking);
    let lost = || {
        all.iter().zip(from.iter().zip(to)).filter(|(_, (was, is))| **was && !**is).map(|(v, _)| v)
    };
    // What a consumer reads of an object, and patterns in general, go beyond values of this list.
    let has_pattern = text.contains("pattern");
    let witness = lost().find(|value| is_known(text, value));
    let has = |names: &[&str]| rows().any(|row| names.contains(&row.rule.name));
    match witness {
        Some(value) if class == Class::NonBreaking && !has(&["type-made-explicit"]) => {
            Some(format!("{value} is lost, but the class is {}", class.text()))
        }
        None if is_shallow
            && class == Class::Breaking
            && lost().next().is_none()
            && !has(&["property-removed"])
            && !has_pattern =>
        {
            let rows: Vec<String> = rows()
                .filter(|r| r.class == Class::Breaking)
                .map(|r| {
                    format!("{} {}", r.rule.name, r.path.rsplit("schema").next().unwrap_or(""))
                })
                .collect();
            Some(format!("no value is lost, but the class is BREAKING: {rows:?}"))
        }
        _ => None,
    }
}

/// Pairs that are compared, and where their random numbers begin.
const PAIRS: usize = 400;
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

#[test]
fn classes_are_what_values_prove() {
    let mut random = Random(SEED);
    let all = values();
    let mut problems = Vec::new();
    for _ in 0..PAIRS {
        let depth = 1 + random.below(2);
        let old = schema(&mut random, depth);
        let new =
            if random.below(5) == 0 { schema(&mut random, 1) } else { changed(&mut random, &old) };
        let check = |schema: &Value| {
            let validator = jsonschema::draft202012::new(schema).ok()?;
            Some(all.iter().map(|value| validator.is_valid(value)).collect::<Vec<bool>>())
        };
        // Not every exchange makes a schema.
        let (Some(was), Some(is)) = (check(&old), check(&new)) else { continue };
        let report = compare(&old, &new);
        let (a, b) = (old.to_string(), new.to_string());
        let request = problem(&report, Side::Request, &a, depth == 1, (&was, &is), &all);
        let response = problem(&report, Side::Response, &b, depth == 1, (&is, &was), &all);
        for (side, problem) in [("request", request), ("response", response)] {
            if let Some(problem) = problem {
                problems.push(format!("{side}: {a} -> {b}: {problem}"));
            }
        }
    }
    assert!(problems.is_empty(), "{} of {PAIRS}:\n{}", problems.len(), problems.join("\n"));
}
