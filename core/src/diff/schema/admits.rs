//! Whether a schema admits a value, as the specification of JSON Schema says it: the measure that
//! comparisons of schemas are held to where keywords alone do not tell.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::arena::{Dialect, Schemas};
use super::format::{self, is_registered};
use super::types::{Types, number};
use crate::diff::docs::At;
use crate::diff::rule::Lens;
use crate::value::{Data, Value};

/// Schemas in each other that are followed for one value.
const MAX_DEPTH: usize = 64;

/// Values against the schemas of one side. `None` is the answer where it cannot be told.
pub(super) struct Referee<'s, 'a> {
    pub schemas: &'s Schemas<'a>,
    /// Whose data it is: properties that this side does not see are of no interest.
    pub lens: Lens,
    /// How many more schemas may be asked.
    pub fuel: &'s Cell<usize>,
}

/// What one schema says of one value, and what of the value it has looked at.
#[derive(Default)]
struct Outcome {
    is_refused: bool,
    is_doubtful: bool,
    names: BTreeSet<String>,
    /// The items before this position were evaluated.
    items: usize,
    /// Single items that `contains` has found.
    found: BTreeSet<usize>,
}

impl Outcome {
    fn verdict(&self) -> Option<bool> {
        match (self.is_refused, self.is_doubtful) {
            (true, _) => Some(false),
            (false, true) => None,
            (false, false) => Some(true),
        }
    }

    fn demand(&mut self, verdict: Option<bool>) {
        match verdict {
            Some(true) => {}
            Some(false) => self.is_refused = true,
            None => self.is_doubtful = true,
        }
    }

    /// Takes over what another schema has looked at.
    fn look(&mut self, other: Outcome) {
        self.names.extend(other.names);
        self.items = self.items.max(other.items);
        self.found.extend(other.found);
    }

    fn demand_all(&mut self, other: Outcome) {
        self.demand(other.verdict());
        self.look(other);
    }
}

impl<'a> Referee<'_, 'a> {
    /// Whether all of these places admit a value.
    pub fn admits(&self, parts: &[At<'a>], value: &Json) -> Option<bool> {
        let mut all = Outcome::default();
        for part in parts {
            all.demand(self.evaluate(*part, value, 0).verdict());
        }
        all.verdict()
    }

    fn evaluate(&self, at: At<'a>, value: &Json, depth: usize) -> Outcome {
        let mut out = Outcome::default();
        let fuel = self.fuel.get();
        if depth > MAX_DEPTH || fuel == 0 {
            out.is_doubtful = true;
            return out;
        }
        self.fuel.set(fuel - 1);
        match &at.value.data {
            Data::Map(_) => {}
            Data::Bool(false) => {
                out.is_refused = true;
                return out;
            }
            _ => return out,
        }
        if let Some(reference) = at.text("$ref") {
            match self.schemas.docs.follow(at, reference) {
                Some(target) => out.demand_all(self.evaluate(target, value, depth + 1)),
                None => out.is_doubtful = true,
            }
            if self.schemas.dialect != Dialect::JsonSchema {
                return out;
            }
        }
        if value.is_null() && self.is_nullable(at) {
            return out;
        }
        for (key, word) in at.entries() {
            self.keyword(at, key, word, value, depth, &mut out);
        }
        self.unevaluated(at, value, depth, &mut out);
        out
    }

    fn is_nullable(&self, at: At<'a>) -> bool {
        self.schemas.dialect == Dialect::OpenApi30 && at.flag("nullable") || at.flag("x-nullable")
    }

    fn keyword(
        &self,
        at: At<'a>,
        key: &str,
        word: At<'a>,
        value: &Json,
        depth: usize,
        out: &mut Outcome,
    ) {
        match key {
            "type" => out.demand(is_of_type(word, value)),
            "const" => out.demand(Some(is_equal(word.value, value))),
            "enum" => {
                self.fuel.set(self.fuel.get().saturating_sub(word.value.items().len()));
                out.demand(Some(word.items().any(|item| is_equal(item.value, value))));
            }
            "allOf" => {
                for branch in word.items() {
                    out.demand_all(self.evaluate(branch, value, depth + 1));
                }
            }
            "anyOf" | "oneOf" => self.union(key == "oneOf", word, value, depth, out),
            "not" => {
                let verdict = self.evaluate(word, value, depth + 1).verdict();
                out.demand(verdict.map(|is_admitted| !is_admitted));
            }
            "if" => self.condition(at, word, value, depth, out),
            "$dynamicRef" | "$recursiveRef" => out.is_doubtful = true,
            _ => match value {
                Json::Number(_) => self.of_number(at, key, word, value, out),
                Json::String(text) => self.of_string(key, word, text, out),
                Json::Array(items) => self.of_array(at, key, word, items, depth, out),
                Json::Object(entries) => self.of_object(at, key, word, entries, depth, out),
                _ => {}
            },
        }
    }

    fn union(&self, is_one: bool, word: At<'a>, value: &Json, depth: usize, out: &mut Outcome) {
        let (mut admitted, mut doubtful) = (0, 0);
        for branch in word.items() {
            let outcome = self.evaluate(branch, value, depth + 1);
            match outcome.verdict() {
                Some(true) => {
                    admitted += 1;
                    out.look(outcome);
                }
                Some(false) => {}
                None => doubtful += 1,
            }
        }
        out.demand(match (is_one, admitted, doubtful) {
            (false, 1.., _) | (true, 1, 0) => Some(true),
            (true, 2.., _) | (_, 0, 0) => Some(false),
            _ => None,
        });
    }

    fn condition(&self, at: At<'a>, word: At<'a>, value: &Json, depth: usize, out: &mut Outcome) {
        let condition = self.evaluate(word, value, depth + 1);
        let verdict = condition.verdict();
        let then = match verdict {
            Some(true) => {
                out.look(condition);
                at.get("then")
            }
            Some(false) => at.get("else"),
            None => {
                out.is_doubtful |= at.get("then").or(at.get("else")).is_some();
                return;
            }
        };
        if let Some(then) = then {
            out.demand_all(self.evaluate(then, value, depth + 1));
        }
    }

    fn of_number(&self, at: At<'a>, key: &str, word: At<'a>, value: &Json, out: &mut Outcome) {
        let Some(value) = value.as_f64() else { return };
        let Some(limit) = number(word.value) else {
            if let ("format", Some(format)) = (key, word.value.as_str()) {
                out.demand(format::admits_number(format, value));
            }
            return;
        };
        out.demand(Some(match key {
            "maximum" if at.flag("exclusiveMaximum") => value < limit,
            "minimum" if at.flag("exclusiveMinimum") => value > limit,
            "maximum" => value <= limit,
            "minimum" => value >= limit,
            "exclusiveMaximum" => value < limit,
            "exclusiveMinimum" => value > limit,
            "multipleOf" if limit > 0.0 => {
                let ratio = value / limit;
                (ratio - ratio.round()).abs() < 1e-9
            }
            _ => true,
        }));
    }

    fn of_string(&self, key: &str, word: At<'a>, text: &str, out: &mut Outcome) {
        let length = text.chars().count() as f64;
        match (key, number(word.value), word.value.as_str()) {
            ("maxLength", Some(limit), _) => out.demand(Some(length <= limit)),
            ("minLength", Some(limit), _) => out.demand(Some(length >= limit)),
            ("pattern", _, Some(pattern)) => out.demand(self.schemas.matches(pattern, text)),
            ("format", _, Some("password")) => {}
            ("format", _, Some(name)) if is_registered(name) => {
                out.demand(format::admits_text(name, text));
            }
            ("format" | "contentEncoding" | "contentMediaType", ..) => out.is_doubtful = true,
            _ => {}
        }
    }

    fn of_array(
        &self,
        at: At<'a>,
        key: &str,
        word: At<'a>,
        items: &[Json],
        depth: usize,
        out: &mut Outcome,
    ) {
        let limit = number(word.value);
        let length = items.len() as f64;
        match (key, limit) {
            ("maxItems", Some(limit)) => out.demand(Some(length <= limit)),
            ("minItems", Some(limit)) => out.demand(Some(length >= limit)),
            ("uniqueItems", _) if word.value.data == Data::Bool(true) => {
                let is_repeated = |(i, item): (usize, &Json)| items[..i].contains(item);
                out.demand(Some(!items.iter().enumerate().any(is_repeated)));
            }
            ("items" | "prefixItems", _) if matches!(word.value.data, Data::Seq(_)) => {
                for (schema, item) in word.items().zip(items) {
                    out.demand(self.evaluate(schema, item, depth + 1).verdict());
                }
                out.items = out.items.max(word.value.items().len());
            }
            ("items" | "additionalItems", _) => {
                let tuple = ["prefixItems", "items"].map(|key| at.get(key));
                let is_tuple = |at: &&At<'_>| matches!(at.value.data, Data::Seq(_));
                let tuple = tuple.iter().flatten().find(is_tuple);
                if key == "additionalItems" && tuple.is_none() {
                    return;
                }
                for item in items.iter().skip(tuple.map_or(0, |at| at.value.items().len())) {
                    out.demand(self.evaluate(word, item, depth + 1).verdict());
                }
                out.items = usize::MAX;
            }
            ("contains", _) => self.contains(at, word, items, depth, out),
            _ => {}
        }
    }

    fn contains(&self, at: At<'a>, word: At<'a>, items: &[Json], depth: usize, out: &mut Outcome) {
        let (mut found, mut doubtful) = (0, 0);
        for (i, item) in items.iter().enumerate() {
            match self.evaluate(word, item, depth + 1).verdict() {
                Some(true) => {
                    found += 1;
                    out.found.insert(i);
                }
                Some(false) => {}
                None => doubtful += 1,
            }
        }
        let limit = |key: &str| at.get(key).and_then(|at| number(at.value));
        let least = limit("minContains").unwrap_or(1.0);
        let most = limit("maxContains").unwrap_or(f64::INFINITY);
        let is_right = |count: i32| f64::from(count) >= least && f64::from(count) <= most;
        let (low, high) = (is_right(found), is_right(found + doubtful));
        out.demand(if doubtful == 0 || low && high { Some(low) } else { None });
    }

    fn of_object(
        &self,
        at: At<'a>,
        key: &str,
        word: At<'a>,
        entries: &serde_json::Map<String, Json>,
        depth: usize,
        out: &mut Outcome,
    ) {
        let count = entries.len() as f64;
        match key {
            "maxProperties" | "minProperties" => {
                if let Some(limit) = number(word.value) {
                    let is_most = key == "maxProperties";
                    out.demand(Some(if is_most { count <= limit } else { count >= limit }));
                }
            }
            "required" => {
                let names = word.items().filter_map(|item| item.value.as_str());
                let is_missing =
                    |name: &str| !entries.contains_key(name) && !self.is_hidden(at, name);
                out.demand(Some(!names.into_iter().any(is_missing)));
            }
            "properties" => {
                for (name, schema) in word.entries() {
                    if let Some(value) = entries.get(name) {
                        out.demand(self.evaluate(schema, value, depth + 1).verdict());
                        out.names.insert(name.to_owned());
                    }
                }
            }
            "patternProperties" => {
                for (pattern, schema) in word.entries() {
                    for (name, value) in entries {
                        match self.schemas.matches(pattern, name) {
                            Some(false) => continue,
                            Some(true) => {
                                out.demand(self.evaluate(schema, value, depth + 1).verdict());
                            }
                            None => out.is_doubtful = true,
                        }
                        out.names.insert(name.clone());
                    }
                }
            }
            "additionalProperties" => {
                for (name, value) in entries {
                    match self.is_named(at, name) {
                        Some(true) => continue,
                        Some(false) => {
                            out.demand(self.evaluate(word, value, depth + 1).verdict());
                        }
                        None => out.is_doubtful = true,
                    }
                    out.names.insert(name.clone());
                }
            }
            "propertyNames" => {
                for name in entries.keys() {
                    let name = Json::from(name.as_str());
                    out.demand(self.evaluate(word, &name, depth + 1).verdict());
                }
            }
            "dependencies" | "dependentRequired" | "dependentSchemas" => {
                for (_, needs) in word.entries().filter(|(name, _)| entries.contains_key(*name)) {
                    if let Data::Seq(_) = needs.value.data {
                        let mut names = needs.items().filter_map(|item| item.value.as_str());
                        out.demand(Some(names.all(|name| entries.contains_key(name))));
                    } else {
                        let value = Json::Object(entries.clone());
                        out.demand_all(self.evaluate(needs, &value, depth + 1));
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether `properties` or a pattern of the same schema names a property.
    fn is_named(&self, at: At<'a>, name: &str) -> Option<bool> {
        if at.get("properties").is_some_and(|all| all.get(name).is_some()) {
            return Some(true);
        }
        let patterns = at.get("patternProperties");
        let mut is_doubtful = false;
        for (pattern, _) in patterns.iter().flat_map(|patterns| patterns.entries()) {
            match self.schemas.matches(pattern, name) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => is_doubtful = true,
            }
        }
        (!is_doubtful).then_some(false)
    }

    /// Whether a property is one that this side does not see.
    pub fn is_hidden(&self, at: At<'a>, name: &str) -> bool {
        let Some(property) = at.get("properties").and_then(|all| all.get(name)) else {
            return false;
        };
        let property = self.schemas.docs.target(property);
        self.lens.is_input() && property.flag("readOnly")
            || self.lens.is_output() && property.flag("writeOnly")
    }

    /// What nothing else has looked at.
    fn unevaluated(&self, at: At<'a>, value: &Json, depth: usize, out: &mut Outcome) {
        match value {
            Json::Object(entries) => {
                let Some(word) = at.get("unevaluatedProperties") else { return };
                for (name, value) in entries {
                    if !out.names.contains(name) {
                        out.demand(self.evaluate(word, value, depth + 1).verdict());
                        out.names.insert(name.clone());
                    }
                }
            }
            Json::Array(items) => {
                let Some(word) = at.get("unevaluatedItems") else { return };
                for (i, item) in items.iter().enumerate().skip(out.items) {
                    if !out.found.contains(&i) {
                        out.demand(self.evaluate(word, item, depth + 1).verdict());
                    }
                }
                out.items = usize::MAX;
            }
            _ => {}
        }
    }
}

fn is_of_type(word: At<'_>, value: &Json) -> Option<bool> {
    let types = match &word.value.data {
        Data::Str(name) => Types::named(name)?,
        Data::Seq(items) => {
            let named = |item: &Value| item.as_str().and_then(Types::named);
            items.iter().try_fold(Types::default(), |all, item| Some(all.or(named(item)?)))?
        }
        _ => return None,
    };
    Some(types.has(type_of(value)))
}

fn type_of(value: &Json) -> Types {
    match value {
        Json::Null => Types::NULL,
        Json::Bool(_) => Types::BOOLEAN,
        Json::Number(number) if number.as_f64().is_none_or(|n| n.fract() == 0.0) => Types::INTEGER,
        Json::Number(_) => Types::FRACTION,
        Json::String(_) => Types::STRING,
        Json::Array(_) => Types::ARRAY,
        Json::Object(_) => Types::OBJECT,
    }
}

fn is_equal(a: &Value, b: &Json) -> bool {
    match (&a.data, b) {
        (Data::Null, Json::Null) => true,
        (Data::Bool(a), Json::Bool(b)) => a == b,
        (Data::Int(_) | Data::Float(_), Json::Number(b)) => number(a) == b.as_f64(),
        (Data::Str(a), Json::String(b)) => **a == **b,
        (Data::Seq(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Data::Map(a), Json::Object(b)) => {
            let is_same = |key: &str, value: &Value| b.get(key).is_some_and(|b| is_equal(value, b));
            a.len() == b.len() && a.iter().all(|entry| is_same(&entry.key, &entry.value))
        }
        _ => false,
    }
}
