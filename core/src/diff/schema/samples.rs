//! Values that tell schemas apart: one of each kind that the keywords of two schemas distinguish.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;
use serde_json::{Map, Value as Json, json};

use super::admits::Referee;
use super::format;
use super::pattern;
use super::types::number;
use crate::diff::docs::At;
use crate::value::Data;

/// Upper bound on the values of one place.
const MAX_VALUES: usize = 1_500;
/// Upper bound on the schemas that bear on one place.
const MAX_PARTS: usize = 200;
/// Values in each other.
const MAX_DEPTH: usize = 5;
/// A name that no schema knows.
const STRANGER: &str = "zz";

/// The schemas that bear on one value: of the side that has it, and of the one that may not.
#[derive(Clone, Default)]
pub(super) struct Place<'a> {
    pub from: Vec<At<'a>>,
    pub to: Vec<At<'a>>,
}

pub(super) struct Sampler<'r, 's, 'a> {
    pub from: &'r Referee<'s, 'a>,
    pub to: &'r Referee<'s, 'a>,
    /// Whether names count that the side which has the value knows nothing of.
    pub with_strangers: bool,
    /// Whether what was found is one value of each kind that there is.
    pub is_complete: bool,
}

/// What may stand at a name or a position: values of different kinds.
struct Choice<'a> {
    place: Place<'a>,
    values: Vec<Json>,
}

impl<'a> Sampler<'_, '_, 'a> {
    /// Values for a place.
    pub fn values(&mut self, place: &Place<'a>, depth: usize) -> Vec<Json> {
        if depth > MAX_DEPTH || self.from.fuel.get() == 0 {
            self.is_complete = false;
            return vec![json!({}), json!("a"), json!(1)];
        }
        let place = Place {
            from: self.gather(self.from, &place.from),
            to: self.gather(self.to, &place.to),
        };
        let mut values = vec![Json::Null, json!(true), json!(false)];
        let all: Vec<At<'a>> = place.from.iter().chain(&place.to).copied().collect();
        for part in &all {
            values.extend(part.get("const").map(At::json));
            values.extend(part.get("enum").iter().flat_map(|list| list.items()).map(At::json));
        }
        self.numbers(&all, &mut values);
        self.strings(&all, &mut values);
        let mut values: Vec<Json> = distinct(values);
        self.arrays(&place, depth, &mut values);
        self.objects(&place, depth, &mut values);
        if values.len() > MAX_VALUES {
            self.is_complete = false;
            values.truncate(MAX_VALUES);
        }
        values
    }

    /// Schemas with all that apply to the same value.
    fn gather(&mut self, side: &Referee<'_, 'a>, roots: &[At<'a>]) -> Vec<At<'a>> {
        let mut seen = FxHashSet::default();
        let mut found = Vec::new();
        let mut stack: Vec<At<'a>> = roots.iter().rev().copied().collect();
        while let Some(at) = stack.pop() {
            if !matches!(at.value.data, Data::Map(_)) || !seen.insert(at.id()) {
                continue;
            }
            if found.len() == MAX_PARTS {
                self.is_complete = false;
                break;
            }
            found.push(at);
            if let Some(reference) = at.text("$ref") {
                stack.extend(side.schemas.docs.follow(at, reference));
            }
            for key in ["oneOf", "anyOf", "allOf"] {
                let branches = at.get(key);
                let branches: Vec<_> = branches.iter().flat_map(|list| list.items()).collect();
                stack.extend(branches.into_iter().rev());
            }
            stack.extend(["not", "if", "then", "else"].into_iter().filter_map(|key| at.get(key)));
            for key in ["dependentSchemas", "dependencies"] {
                stack.extend(at.get(key).iter().flat_map(|all| all.entries()).map(|(_, at)| at));
            }
        }
        found
    }

    /// Numbers around every bound, and multiples and others there.
    fn numbers(&mut self, all: &[At<'a>], values: &mut Vec<Json>) {
        let limit = |part: &At<'a>, key: &str| part.get(key).and_then(|at| number(at.value));
        let mut bounds = vec![0.0];
        let mut steps = Vec::new();
        for part in all {
            for key in ["maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"] {
                bounds.extend(limit(part, key));
            }
            let listed = part.get("enum");
            let listed = listed.iter().flat_map(|list| list.items()).chain(part.get("const"));
            bounds.extend(listed.filter_map(|at| number(at.value)));
            steps.extend(limit(part, "multipleOf").filter(|step| *step > 0.0));
            bounds.extend(part.text("format").iter().flat_map(|name| format::bounds(name)));
        }
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        steps.sort_by(f64::total_cmp);
        steps.dedup();
        self.is_complete &= steps.len() <= 2 && bounds.len() <= 12;
        bounds.truncate(24);
        steps.truncate(4);
        let pairs: Vec<f64> =
            bounds.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
        let mut found: Vec<f64> = Vec::new();
        for bound in bounds.iter().chain(&pairs) {
            found.extend([*bound, bound - 1.0, bound + 1.0, bound - 0.5, bound + 0.5]);
            found.extend([bound.floor(), bound.ceil()]);
            let products: Vec<f64> = steps
                .iter()
                .enumerate()
                .flat_map(|(i, a)| steps[i + 1..].iter().map(move |b| a * b))
                .collect();
            for step in steps.iter().chain(&products) {
                let below = (bound / step).floor() * step;
                found.extend([below - step, below, below + step, below + 2.0 * step]);
            }
        }
        for number in found {
            let is_whole = number.fract() == 0.0 && number.abs() < 9e15;
            values.push(if is_whole { json!(number as i64) } else { json!(number) });
        }
    }

    /// Texts of every length that is told apart, of every format, and some of every pattern.
    fn strings(&mut self, all: &[At<'a>], values: &mut Vec<Json>) {
        values.extend([json!(""), json!("a"), json!("q")]);
        let mut patterns = BTreeSet::new();
        for part in all {
            for key in ["maxLength", "minLength"] {
                if let Some(limit) = part.get(key).and_then(|at| number(at.value)) {
                    if limit > 200.0 {
                        self.is_complete = false;
                    }
                    for length in [limit - 1.0, limit, limit + 1.0] {
                        if (0.0..=201.0).contains(&length) {
                            // One that lists name, maybe, and one that they do not.
                            values.push("a".repeat(length as usize).into());
                            values.push("q".repeat(length as usize).into());
                        }
                    }
                }
            }
            patterns.extend(part.text("pattern"));
            if let Some(name) = part.text("format") {
                values.extend(format::samples(name).map(Json::from));
                // One text does not stand for all of a format.
                self.is_complete &= format::is_numeric(name);
            }
        }
        let found = matching(&patterns);
        // With one pattern there are texts that match and texts that do not.
        let has_length = all.iter().any(|at| at.get("maxLength").or(at.get("minLength")).is_some());
        self.is_complete &= patterns.is_empty() || patterns.len() == 1 && !has_length;
        let longer = found.iter().flat_map(|text| [format!("{text}0"), format!("{text}z")]);
        values.extend(longer.chain(found.iter().cloned()).map(Json::from));
        for pattern in &patterns {
            values.extend(pattern::witness("", Some((pattern, false))).map(Json::from));
        }
    }

    /// Values of each kind for a name or a position: two are of one kind when no schema that bears
    /// on them tells them apart.
    fn choice(&mut self, place: Place<'a>, depth: usize) -> Choice<'a> {
        if place.from.is_empty() && place.to.is_empty() {
            return Choice { place, values: vec![json!(1)] };
        }
        let mut seen = BTreeSet::new();
        let mut values = self.values(&place, depth + 1);
        values.retain(|value| {
            let from = place.from.iter().map(|at| self.from.admits(&[*at], value));
            let to = place.to.iter().map(|at| self.to.admits(&[*at], value));
            seen.insert(from.chain(to).collect::<Vec<_>>())
        });
        // What is admitted most is the best stuff for larger values.
        let score = |value: &Json| {
            let from = place.from.iter().map(|at| self.from.admits(&[*at], value));
            let to = place.to.iter().map(|at| self.to.admits(&[*at], value));
            from.chain(to).filter(|verdict| *verdict != Some(true)).count()
        };
        values.sort_by_cached_key(score);
        Choice { place, values }
    }

    fn arrays(&mut self, place: &Place<'a>, depth: usize, values: &mut Vec<Json>) {
        values.push(json!([]));
        let all = || place.from.iter().chain(&place.to);
        let about = ["items", "prefixItems", "contains", "unevaluatedItems", "uniqueItems"];
        let limits = ["minItems", "maxItems"];
        let has = |keys: &[&str]| all().any(|at| keys.iter().any(|key| at.get(key).is_some()));
        if !has(&about) && !has(&limits) {
            values.push(json!([1]));
            return;
        }
        // Two items show what one schema of `contains` on each side may find.
        let contained = all().filter(|at| at.get("contains").is_some()).count();
        let counted = ["minContains", "maxContains", "unevaluatedItems"];
        self.is_complete &= contained <= 2 && !has(&counted) && all().count() <= 8;
        let tuple = |at: &At<'a>| {
            let lists = ["prefixItems", "items"].into_iter().filter_map(|key| at.get(key));
            lists.map(|list| list.value.items().len()).max().unwrap_or(0)
        };
        let named = all().map(tuple).max().unwrap_or(0).min(8);
        let choices: Vec<Choice<'a>> = (0..=named)
            .map(|i| {
                let below =
                    |parts: &[At<'a>]| parts.iter().flat_map(|at| items_at(*at, i)).collect();
                let place = Place { from: below(&place.from), to: below(&place.to) };
                self.choice(place, depth)
            })
            .collect();
        let choice = |i: usize| &choices[i.min(named)].values;
        let mut lengths = BTreeSet::from([1, 2, named, named + 1]);
        for at in all() {
            let limit = |key: &str| at.get(key).and_then(|at| number(at.value));
            for limit in limits.iter().filter_map(|key| limit(key)) {
                self.is_complete &= limit <= 20.0;
                let limit = limit.clamp(0.0, 20.0) as usize;
                lengths.extend([limit.saturating_sub(1), limit, limit + 1]);
            }
        }
        for length in lengths.into_iter().filter(|length| *length > 0) {
            let options: Vec<Vec<Option<Json>>> =
                (0..length).map(|i| choice(i).iter().cloned().map(Some).collect()).collect();
            for items in self.combine(&options) {
                values.push(items.into_iter().flatten().collect());
            }
        }
    }

    fn objects(&mut self, place: &Place<'a>, depth: usize, values: &mut Vec<Json>) {
        values.push(json!({}));
        let names = self.names(place);
        let mut choices: BTreeMap<String, Choice<'a>> = BTreeMap::new();
        for name in names {
            let from = members(self.from, &place.from, &name);
            let to = members(self.to, &place.to, &name);
            let choice = self.choice(Place { from, to }, depth);
            choices.insert(name, choice);
        }
        let options: Vec<Vec<Option<Json>>> = choices
            .values()
            .map(|choice| {
                std::iter::once(None).chain(choice.values.iter().cloned().map(Some)).collect()
            })
            .collect();
        let count = options.iter().try_fold(1usize, |all, own| all.checked_mul(own.len()));
        if count.is_some_and(|count| count <= MAX_VALUES) {
            let names: Vec<&String> = choices.keys().collect();
            for combination in self.combine(&options) {
                values.push(object(names.iter().map(|name| (*name).clone()).zip(combination)));
            }
        } else {
            self.is_complete = false;
            self.typical(place, &choices, values);
        }
    }

    /// The names that tell objects apart. What the side that has the value does not name is of no
    /// interest to it, unless it says something of all names.
    fn names(&mut self, place: &Place<'a>) -> BTreeSet<String> {
        let is_said = |at: &At<'a>, key: &str| {
            at.get(key).is_some_and(|word| !word.value.entries().is_empty())
        };
        let speaks_of_all = |at: &At<'a>| {
            let words = ["additionalProperties", "patternProperties", "unevaluatedProperties"];
            words.iter().any(|key| is_said(at, key))
        };
        let mut names = BTreeSet::from([STRANGER.to_owned()]);
        let is_general = self.with_strangers || place.from.iter().any(speaks_of_all);
        let sides = [(&place.from, self.from, true), (&place.to, self.to, is_general)];
        for (parts, side, counts) in sides {
            for part in parts.iter().filter(|_| counts) {
                for key in ["properties", "dependentSchemas", "dependentRequired", "dependencies"] {
                    let entries = part.get(key);
                    let all = entries.iter().flat_map(|entries| entries.entries());
                    names.extend(all.map(|(name, _)| name.to_owned()));
                }
                let required = part.get("required");
                let required = required.iter().flat_map(|list| list.items());
                names.extend(required.filter_map(|at| at.value.as_str().map(str::to_owned)));
                let patterns = part.get("patternProperties");
                let patterns = patterns.iter().flat_map(|patterns| patterns.entries());
                // One that is named besides, maybe, and others.
                for name in matching(&patterns.map(|(name, _)| name).collect()) {
                    names.extend([format!("{name}q"), name]);
                }
            }
            names.retain(|name| !parts.iter().any(|part| side.is_hidden(*part, name)));
        }
        let all = || place.from.iter().chain(&place.to);
        let general = all().filter(|at| speaks_of_all(at)).count();
        let others = ["propertyNames", "minProperties", "maxProperties"];
        let patterns = all().filter_map(|at| at.get("patternProperties"));
        let patterns: BTreeSet<&str> =
            patterns.flat_map(|at| at.entries()).map(|(name, _)| name).collect();
        self.is_complete &= general <= 2
            && patterns.len() <= 1
            && !all().any(|at| others.iter().any(|key| at.get(key).is_some()));
        names
    }

    /// Objects that one schema or two of them demand, and what differs from those in one member.
    fn typical(
        &mut self,
        place: &Place<'a>,
        choices: &BTreeMap<String, Choice<'a>>,
        values: &mut Vec<Json>,
    ) {
        let all: Vec<At<'a>> = place.from.iter().chain(&place.to).copied().collect();
        let demanded = |at: At<'a>| {
            let list = at.get("required");
            let list = list.iter().flat_map(|list| list.items());
            list.filter_map(|at| at.value.as_str().map(str::to_owned)).collect::<BTreeSet<String>>()
        };
        let mut sets: Vec<(Vec<At<'a>>, BTreeSet<String>)> =
            all.iter().map(|at| (vec![*at], demanded(*at))).collect();
        for (i, a) in all.iter().enumerate().take(20) {
            let with = |b: &At<'a>| (vec![*a, *b], &demanded(*a) | &demanded(*b));
            sets.extend(all[i + 1..].iter().take(20).map(with));
        }
        let best = |parts: &[At<'a>], name: &str| -> Option<Json> {
            let choice = choices.get(name)?;
            let own: Vec<At<'a>> =
                parts.iter().flat_map(|at| at.get("properties")?.get(name)).collect();
            let fits = |value: &&Json| {
                let side = |at: &At<'a>| match choice.place.from.iter().any(|p| p.id() == at.id()) {
                    true => self.from,
                    false => self.to,
                };
                own.iter().all(|at| side(at).admits(&[*at], value) == Some(true))
            };
            choice.values.iter().find(fits).or(choice.values.first()).cloned()
        };
        let mut seen = BTreeSet::new();
        for (parts, names) in sets {
            let all = names.iter().map(|name| (name.clone(), best(&parts, name)));
            let base: BTreeMap<String, Option<Json>> = all.collect();
            if !seen.insert(object(base.clone()).to_string()) {
                continue;
            }
            if values.len() > MAX_VALUES {
                return;
            }
            values.push(object(base.clone()));
            let varied = choices.iter().flat_map(|(name, choice)| {
                let now = base.get(name).cloned().flatten();
                let others = choice.values.iter().filter(|v| Some(*v) != now.as_ref()).cloned();
                others
                    .map(Some)
                    .chain([None])
                    .map(|value| (name.clone(), value))
                    .collect::<Vec<_>>()
            });
            for (name, value) in varied {
                let mut other = base.clone();
                other.insert(name, value);
                values.push(object(other));
            }
        }
    }

    /// All combinations of one value for each place, or those that differ in one place from the
    /// first where there are too many.
    fn combine(&mut self, options: &[Vec<Option<Json>>]) -> Vec<Vec<Option<Json>>> {
        let count = options.iter().try_fold(1usize, |all, own| all.checked_mul(own.len()));
        if options.iter().any(Vec::is_empty) {
            self.is_complete = false;
            return Vec::new();
        }
        if count.is_some_and(|count| count <= MAX_VALUES) {
            let mut all = vec![Vec::new()];
            for own in options {
                let longer = |start: &Vec<Option<Json>>| {
                    let start = start.clone();
                    own.iter().map(move |value| {
                        let mut longer = start.clone();
                        longer.push(value.clone());
                        longer
                    })
                };
                all = all.iter().flat_map(|start| longer(start).collect::<Vec<_>>()).collect();
            }
            return all;
        }
        self.is_complete = false;
        let base: Vec<Option<Json>> = options.iter().map(|own| own[0].clone()).collect();
        let mut all = vec![base.clone()];
        for (i, own) in options.iter().enumerate() {
            for value in own.iter().skip(1) {
                let mut other = base.clone();
                other[i] = value.clone();
                all.push(other);
            }
        }
        all
    }
}

fn object(members: impl IntoIterator<Item = (String, Option<Json>)>) -> Json {
    let members = members.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Json::Object(members.collect::<Map<_, _>>())
}

fn distinct(values: Vec<Json>) -> Vec<Json> {
    let mut seen = BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(value.to_string())).collect()
}

/// Texts that match one of some patterns, two at once, and one without another.
fn matching(patterns: &BTreeSet<&str>) -> Vec<String> {
    let patterns: Vec<&str> = patterns.iter().copied().take(6).collect();
    let mut found = Vec::new();
    for a in &patterns {
        found.extend(pattern::witness(a, None));
        for b in patterns.iter().filter(|b| *b != a) {
            found.extend(pattern::witness(a, Some((b, true))));
            found.extend(pattern::witness(a, Some((b, false))));
        }
    }
    found
}

/// The schemas that a schema has for the item at a position.
fn items_at(at: At<'_>, position: usize) -> Vec<At<'_>> {
    let mut found: Vec<At<'_>> = Vec::new();
    let mut is_named = false;
    for key in ["prefixItems", "items"] {
        match at.get(key) {
            Some(list) if matches!(list.value.data, Data::Seq(_)) => {
                let item = list.items().nth(position);
                is_named |= item.is_some();
                found.extend(item);
            }
            Some(rest) if !is_named => found.push(rest),
            _ => {}
        }
    }
    if !is_named {
        found.extend(at.get("additionalItems"));
    }
    found.extend(["contains", "unevaluatedItems"].into_iter().filter_map(|key| at.get(key)));
    found
}

/// The schemas that some schemas have for the property of a name.
fn members<'a>(side: &Referee<'_, 'a>, parts: &[At<'a>], name: &str) -> Vec<At<'a>> {
    let mut found = Vec::new();
    for part in parts {
        let own = part.get("properties").and_then(|all| all.get(name));
        let patterns = part.get("patternProperties");
        let matched: Vec<At<'a>> = patterns
            .iter()
            .flat_map(|patterns| patterns.entries())
            .filter(|(pattern, _)| side.schemas.matches(pattern, name) == Some(true))
            .map(|(_, at)| at)
            .collect();
        if own.is_none() && matched.is_empty() {
            found.extend(part.get("additionalProperties"));
        }
        found.extend(own.into_iter().chain(matched));
        found.extend(part.get("unevaluatedProperties"));
    }
    found
}
