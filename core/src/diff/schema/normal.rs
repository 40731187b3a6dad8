//! Into one form: references followed, `allOf` merged, dialects levelled.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::arena::{Dialect, Schemas};
use super::form::{Bound, Normal, Others, Property, SchemaId, Union, UnionKind, Word};
use super::keywords::{self, Kind};
use super::types::{Types, number};
use crate::diff::docs::{At, Spot, ValueSet};
use crate::value::Data;

impl<'a> Schemas<'a> {
    /// The form of a schema, made when it is first asked for.
    pub fn normal(&self, id: SchemaId) -> Rc<Normal<'a>> {
        self.normal_or(id, |parts, origin| {
            let mut normal = normalise(self, parts);
            normal.origin = origin.or(normal.origin);
            normal
        })
    }
}

/// Upper bound on the places that are merged into one schema.
const MAX_PARTS: usize = 4_000;

struct Parts<'a> {
    all: Vec<At<'a>>,
    is_forbidden: Option<Spot>,
    is_nullable: Option<Spot>,
    origin: Option<String>,
    undecided: Vec<At<'a>>,
    is_cut: bool,
}

/// Follows references and takes `allOf` and unions of one branch apart.
fn flatten<'a>(schemas: &Schemas<'a>, roots: &[At<'a>]) -> Parts<'a> {
    let mut parts = Parts {
        all: Vec::new(),
        is_forbidden: None,
        is_nullable: None,
        origin: None,
        undecided: Vec::new(),
        is_cut: false,
    };
    let mut seen = FxHashSet::default();
    let mut stack: Vec<At<'a>> = roots.iter().rev().copied().collect();
    while let Some(at) = stack.pop() {
        if !seen.insert(at.id()) {
            continue;
        }
        if parts.all.len() >= MAX_PARTS {
            parts.is_cut = true;
            break;
        }
        match &at.value.data {
            Data::Bool(false) => parts.is_forbidden = Some(at.spot()),
            Data::Map(_) => {}
            _ => continue,
        }
        let reference = at.text("$ref");
        if reference.is_none() || schemas.dialect == Dialect::JsonSchema {
            parts.all.push(at);
            if let Some(all) = at.get("allOf") {
                stack.extend(all.items().collect::<Vec<_>>().into_iter().rev());
            }
            for kind in ["anyOf", "oneOf"] {
                if let Some(union) = at.get(kind) {
                    let (branches, null) = live_branches(union, kind == "oneOf");
                    let is_more = !branches.is_empty();
                    parts.is_nullable = parts.is_nullable.or(null.filter(|_| is_more));
                    match (&branches[..], union.items().next()) {
                        ([only], _) => stack.push(*only),
                        // Nothing but null.
                        ([], Some(null)) => stack.push(null),
                        _ => {}
                    }
                }
            }
        }
        if let Some(reference) = reference {
            match schemas.docs.follow(at, reference) {
                Some(target) => {
                    let pointer = reference.split_once('#').map(|(_, pointer)| pointer);
                    if let Some(pointer) = pointer.filter(|pointer| pointer.starts_with('/')) {
                        parts.origin.get_or_insert_with(|| format!("#{pointer}"));
                    }
                    stack.push(target);
                }
                None => parts.undecided.extend(at.get("$ref")),
            }
        }
    }
    parts
}

/// The branches of a union but for the one that is nothing but null. Where at most one may be right
/// (`is_one`) and another admits null, too, null is not an addition to the others.
fn live_branches(union: At<'_>, is_one: bool) -> (Vec<At<'_>>, Option<Spot>) {
    let is_null = |at: &At<'_>| {
        let is_plain = |(key, _): (&str, At<'_>)| {
            matches!(key, "type" | "nullable") || keywords::kind(key) == Kind::Annotation
        };
        at.text("type") == Some("null") && at.entries().all(is_plain)
            || at.value.get("enum").is_some_and(|e| matches!(e.items(), [v] if v.is_null()))
            || at.value.entry("const").is_some_and(|e| e.value.is_null())
    };
    let null = union.items().find(is_null).map(|at| at.spot());
    let others: Vec<At<'_>> = union.items().filter(|at| !is_null(at)).collect();
    if is_one && null.is_some() && others.iter().any(|at| may_be_null(*at)) {
        return (union.items().collect(), None);
    }
    (others, null)
}

/// Whether a branch admits null, as far as it says so itself.
fn may_be_null(at: At<'_>) -> bool {
    let says = |key: &str| at.value.get(key);
    match says("type").map(|word| &word.data) {
        Some(Data::Seq(types)) => types.iter().any(|name| name.as_str() == Some("null")),
        Some(_) => at.flag("nullable"),
        None => !["$ref", "enum", "const", "allOf", "anyOf", "oneOf", "properties"]
            .iter()
            .any(|key| says(key).is_some()),
    }
}

fn normalise<'a>(schemas: &Schemas<'a>, roots: &[At<'a>]) -> Normal<'a> {
    let parts = flatten(schemas, roots);
    let mut normal = Normal { types: Types::ALL, declared: Types::ALL, ..Normal::default() };
    normal.is_forbidden = parts.is_forbidden;
    normal.undecided = parts.undecided;
    normal.is_cut = parts.is_cut;
    normal.origin = parts.origin;
    let (merged, apart) = mergeable(&parts.all);
    for at in apart {
        normal.branches.push((schemas.at(at), at.spot()));
    }
    let mut merge = Merge {
        schemas,
        normal,
        nullable: parts.is_nullable,
        lists: Lists::default(),
        is_additional: false,
    };
    for at in &merged {
        merge.part(*at);
    }
    if merged.len() > 1 {
        merge.across(&merged);
    }
    merge.finish(roots)
}

/// What a part says of the properties that it does not name itself; `None` when it lets them be.
fn said_of_others<'a>(part: At<'a>) -> Option<At<'a>> {
    let word = match part.get("additionalProperties") {
        None if !has_applicators(part) => part.get("unevaluatedProperties"),
        word => word,
    };
    word.filter(|at| at.value.data != Data::Bool(true))
}

/// Whether keywords of this very schema may evaluate properties and items for `unevaluated…`.
fn has_applicators(part: At<'_>) -> bool {
    let applicators = [
        "allOf",
        "anyOf",
        "oneOf",
        "if",
        "$ref",
        "$dynamicRef",
        "$recursiveRef",
        "dependentSchemas",
    ];
    part.entries().any(|(key, _)| applicators.contains(&key))
}

/// Parts that speak of all other properties cannot be merged exactly with parts that name
/// properties by patterns.
fn mergeable<'a>(parts: &[At<'a>]) -> (Vec<At<'a>>, Vec<At<'a>>) {
    let has_patterns = |at: &At<'a>| at.get("patternProperties").is_some();
    if parts.len() < 2 || !parts.iter().any(has_patterns) {
        return (parts.to_vec(), Vec::new());
    }
    let is_apart = |at: &&At<'a>| {
        let mut others = parts.iter().filter(|other| other.id() != at.id());
        said_of_others(**at).is_some() && (has_patterns(at) || others.any(has_patterns))
    };
    let (apart, merged): (Vec<&At<'a>>, Vec<&At<'a>>) = parts.iter().partition(is_apart);
    (merged.into_iter().copied().collect(), apart.into_iter().copied().collect())
}

/// The schemas that parts give for each name.
type ByName<'a> = BTreeMap<String, Vec<At<'a>>>;

/// Schemas that several parts give for one place.
#[derive(Default)]
struct Lists<'a> {
    properties: ByName<'a>,
    pattern_properties: ByName<'a>,
    dependent_schemas: ByName<'a>,
    items: Vec<At<'a>>,
    prefix: Vec<Vec<At<'a>>>,
    others: Vec<At<'a>>,
    contains: Vec<At<'a>>,
    property_names: Vec<At<'a>>,
    unevaluated_items: Vec<At<'a>>,
    unevaluated_properties: Vec<At<'a>>,
    content_schema: Vec<At<'a>>,
    not: Vec<At<'a>>,
}

fn push<'a>(list: &mut ByName<'a>, name: &str, at: At<'a>) {
    list.entry(name.to_owned()).or_default().push(at);
}

struct Merge<'s, 'a> {
    schemas: &'s Schemas<'a>,
    normal: Normal<'a>,
    nullable: Option<Spot>,
    lists: Lists<'a>,
    /// Whether any part has `additionalProperties`.
    is_additional: bool,
}

impl<'a> Merge<'_, 'a> {
    fn part(&mut self, at: At<'a>) {
        let is_30 = self.schemas.dialect == Dialect::OpenApi30;
        let own_null = (is_30 && at.flag("nullable") || at.flag("x-nullable"))
            .then(|| at.get("nullable").or(at.get("x-nullable")))
            .flatten();
        if let Some(word) = at.get("type") {
            let known = match &word.value.data {
                Data::Str(name) => Types::named(name),
                Data::Seq(items) => items.iter().try_fold(Types::default(), |all, item| {
                    Some(all.or(Types::named(item.as_str()?)?))
                }),
                _ => None,
            };
            match known {
                Some(types) => {
                    let types = if own_null.is_some() { types.or(Types::NULL) } else { types };
                    self.normal.types = self.normal.types.and(types);
                    self.normal.declared = self.normal.declared.and(types);
                    self.normal.type_word.get_or_insert(word);
                }
                // What this type is, nobody knows.
                None => self.normal.unknown.push(("type", word)),
            }
        }
        if let Some(null) = own_null {
            self.nullable.get_or_insert(null.spot());
        }
        for (key, word) in at.entries() {
            self.keyword(at, key, word);
        }
    }

    fn keyword(&mut self, part: At<'a>, key: &'a str, word: At<'a>) {
        let implied = keywords::implied(key);
        self.normal.implied = self.normal.implied.or(implied);
        match key {
            "properties" => {
                self.normal.properties_spot.get_or_insert(word.spot());
                for (name, at) in word.entries() {
                    push(&mut self.lists.properties, name, at);
                }
            }
            "patternProperties" => {
                for (name, at) in word.entries() {
                    push(&mut self.lists.pattern_properties, name, at);
                }
            }
            "dependentSchemas" | "dependencies" | "dependentRequired" => self.dependent(word),
            "required" if !word.value.items().is_empty() => self.required(word),
            "required" if word.value.data == Data::Bool(true) && part.get("in").is_none() => {
                self.normal.unknown.push((key, word));
            }
            "required" => {}
            "items" | "prefixItems" if matches!(word.value.data, Data::Seq(_)) => {
                for (i, item) in word.items().enumerate() {
                    match self.lists.prefix.get_mut(i) {
                        Some(places) => places.push(item),
                        None => self.lists.prefix.push(vec![item]),
                    }
                }
            }
            "items" if part.value.get("prefixItems").is_some() => self.lists.items.push(word),
            "items" => self.lists.items.push(word),
            "additionalItems" => {
                if matches!(part.value.get("items").map(|v| &v.data), Some(Data::Seq(_))) {
                    self.lists.items.push(word);
                }
            }
            "additionalProperties" => {
                self.is_additional = true;
                self.lists.others.push(word);
            }
            "contains" => self.lists.contains.push(word),
            "propertyNames" => self.lists.property_names.push(word),
            "unevaluatedItems" => self.unevaluated_items(part, word),
            "unevaluatedProperties" if has_applicators(part) => {
                self.lists.unevaluated_properties.push(word);
            }
            "unevaluatedProperties" => self.lists.others.extend(said_of_others(part)),
            "contentSchema" => self.lists.content_schema.push(word),
            "not" => self.lists.not.push(word),
            "anyOf" => self.union(UnionKind::AnyOf, word),
            "oneOf" => self.union(UnionKind::OneOf, word),
            "if" => {
                if ["then", "else"].iter().any(|key| part.get(key).is_some()) {
                    self.normal.conditionals.push(part);
                }
            }
            "enum" => self.enumeration(part, word.items().collect(), word, false),
            "const" => self.enumeration(part, vec![word], word, true),
            "x-extensible-enum" => self.normal.extensible = Some(word),
            "maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum" => {
                self.bound(part, key, word);
            }
            "pattern" => {
                let is_open = matches!(word.value.as_str(), Some(".*" | "^.*$" | ""));
                let known = |p: &Word<'_>| p.value.as_str() == word.value.as_str();
                if !is_open && !self.normal.patterns.iter().any(known) {
                    self.normal.patterns.push(word);
                }
            }
            "format" if word.value.as_str() == Some("password") => self.annotation(key, word),
            "discriminator" => {
                self.normal.discriminator.get_or_insert(word);
            }
            "readOnly" if word.value.data == Data::Bool(true) => {
                self.normal.is_read_only.get_or_insert(word.spot());
            }
            "writeOnly" if word.value.data == Data::Bool(true) => {
                self.normal.is_write_only.get_or_insert(word.spot());
            }
            "$dynamicRef" | "$recursiveRef" => self.normal.undecided.push(word),
            key => match keywords::kind(key) {
                Kind::Word(name) => self.word(name, word),
                Kind::Handled => {}
                Kind::Annotation => self.annotation(key, word),
                Kind::Unknown => self.normal.unknown.push((key, word)),
            },
        }
    }

    /// One value per keyword; of limits the tighter one.
    fn word(&mut self, name: &'static str, word: Word<'a>) {
        if keywords::is_default_limit(name, word.value) {
            return;
        }
        let slot = self.normal.words.iter_mut().find(|(other, _)| *other == name);
        let Some((_, old)) = slot else {
            self.normal.words.push((name, word));
            return;
        };
        let (Some(was), Some(is)) = (number(old.value), number(word.value)) else { return };
        let is_tighter = match name {
            "maxLength" | "maxItems" | "maxProperties" | "maxContains" => is < was,
            "multipleOf" => is % was == 0.0,
            _ => is > was,
        };
        if is_tighter {
            *old = word;
        }
    }

    fn annotation(&mut self, key: &'a str, word: Word<'a>) {
        if !self.normal.annotations.iter().any(|(other, _)| *other == key) {
            self.normal.annotations.push((key, word));
        }
    }

    fn required(&mut self, word: Word<'a>) {
        self.normal.declares_required = true;
        for item in word.items() {
            if let Some(name) = item.value.as_str() {
                self.normal.required.entry(name.to_owned()).or_insert_with(|| item.spot());
            }
        }
    }

    fn dependent(&mut self, word: Word<'a>) {
        for (name, at) in word.entries() {
            match &at.value.data {
                Data::Seq(items) => {
                    let mut needs: Vec<String> =
                        items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
                    needs.sort();
                    self.normal.dependent_required.push((name.to_owned(), needs, at.spot()));
                }
                _ => push(&mut self.lists.dependent_schemas, name, at),
            }
        }
    }

    fn union(&mut self, kind: UnionKind, word: Word<'a>) {
        let (mut places, _) = live_branches(word, kind == UnionKind::OneOf);
        if places.len() < 2 {
            return;
        }
        // A branch that is nothing but a union of the same kind is its branches.
        let mut depth = 0;
        while depth < 16 && places.iter().any(|at| nested(*at, kind).is_some()) {
            let inner = |at: At<'a>| nested(at, kind).map_or(vec![at], |u| u.items().collect());
            places = places.into_iter().flat_map(inner).collect();
            depth += 1;
        }
        let branches = places.iter().map(|at| self.schemas.at(*at)).collect();
        self.normal.unions.push(Union { kind, branches, spot: word.spot(), places });
    }

    fn enumeration(&mut self, part: At<'a>, values: Vec<At<'a>>, word: At<'a>, is_const: bool) {
        let is_30 = self.schemas.dialect == Dialect::OpenApi30;
        match values.iter().find(|at| at.value.is_null()) {
            Some(null) => self.normal.enum_null = Some(*null),
            None if is_30 && part.flag("nullable") => self.normal.is_null_doubtful = true,
            None => self.normal.types = self.normal.types.without_null(),
        }
        let values: Vec<At<'a>> = values.into_iter().filter(|at| !at.value.is_null()).collect();
        let values = match self.normal.enumeration.take() {
            Some(old) => {
                let known = ValueSet::new(&values);
                old.into_iter().filter(|at| known.has(at.value)).collect()
            }
            None => values,
        };
        self.normal.enumeration = Some(values);
        self.normal.enum_spot.get_or_insert(word.spot());
        self.normal.is_const |= is_const;
    }

    fn bound(&mut self, part: At<'a>, key: &str, word: Word<'a>) {
        let Some(value) = number(word.value) else { return };
        let is_maximum = key.ends_with("aximum");
        let is_exclusive = key.starts_with("exclusive")
            || part.flag(if is_maximum { "exclusiveMaximum" } else { "exclusiveMinimum" });
        let bound = Bound { value, is_exclusive, word };
        let slot = if is_maximum { &mut self.normal.maximum } else { &mut self.normal.minimum };
        let is_tighter = slot.is_none_or(|old| {
            let (was, is) = if is_maximum { (-old.value, -value) } else { (old.value, value) };
            is > was || is == was && is_exclusive
        });
        if is_tighter {
            *slot = Some(bound);
        }
    }

    fn unevaluated_items(&mut self, part: At<'a>, word: At<'a>) {
        let items = part.get("items").filter(|at| !matches!(at.value.data, Data::Seq(_)));
        if has_applicators(part) || part.get("contains").is_some() {
            self.lists.unevaluated_items.push(word);
        } else if items.or(part.get("additionalItems")).is_none() {
            // Nothing else evaluates items: it is `items` by another name.
            self.lists.items.push(word);
            self.normal.items_are_unevaluated = true;
        }
    }

    /// What a part says of other properties and items binds those that another part names.
    fn across(&mut self, parts: &[At<'a>]) {
        let names: Vec<String> = self.lists.properties.keys().cloned().collect();
        for part in parts {
            if let Some(word) = said_of_others(*part) {
                let own = part.get("properties");
                let is_other = |name: &&String| own.is_none_or(|p| p.get(name).is_none());
                for name in names.iter().filter(is_other) {
                    push(&mut self.lists.properties, name, word);
                }
            }
            let own = ["prefixItems", "items"].map(|key| part.get(key));
            let tuple = own.iter().flatten().find(|at| matches!(at.value.data, Data::Seq(_)));
            let length = tuple.map_or(0, |at| at.value.items().len());
            let rest = part.get("items").filter(|at| !matches!(at.value.data, Data::Seq(_)));
            let rest = rest.or_else(|| tuple.and(part.get("additionalItems")));
            if let Some(rest) = rest {
                for places in self.lists.prefix.iter_mut().skip(length) {
                    places.push(rest);
                }
            }
        }
    }

    fn finish(mut self, roots: &[At<'a>]) -> Normal<'a> {
        let schemas = self.schemas;
        let lists = std::mem::take(&mut self.lists);
        let normal = &mut self.normal;
        let properties = |list: ByName<'a>| -> Vec<Property> {
            let one = |(name, places): (String, Vec<At<'a>>)| {
                let spot = places[0].spot();
                Property { name, schema: schemas.all(places), spot }
            };
            list.into_iter().map(one).collect()
        };
        let one = |places: Vec<At<'a>>| {
            let spot = places.first()?.spot();
            Some((schemas.all(places), spot))
        };
        let others = |places: Vec<At<'a>>| {
            if let Some(closed) = places.iter().find(|at| at.value.data == Data::Bool(false)) {
                return Others::Closed(closed.spot());
            }
            let is_open = |at: &At<'a>| match &at.value.data {
                Data::Map(entries) => {
                    entries.iter().all(|e| keywords::kind(&e.key) == Kind::Annotation)
                }
                _ => true,
            };
            let places: Vec<At<'a>> = places.into_iter().filter(|at| !is_open(at)).collect();
            one(places).map_or(Others::Open, |(schema, spot)| Others::Schema(schema, spot))
        };
        // Whether all that evaluates properties and items was merged into this one form.
        let is_whole = normal.unions.is_empty()
            && normal.branches.is_empty()
            && normal.conditionals.is_empty()
            && lists.dependent_schemas.is_empty();
        let is_closed = matches!(others(lists.others.clone()), Others::Closed(_));
        let mut named = lists.properties;
        if is_closed && lists.pattern_properties.is_empty() {
            // What is forbidden there is forbidden like all that is not named.
            named.retain(|_, places| !is_false(places));
        }
        normal.is_impossible = normal.required.keys().any(|name| {
            named
                .get(name)
                .map_or(is_closed && lists.pattern_properties.is_empty(), |p| is_false(p))
        });
        normal.properties = properties(named);
        normal.pattern_properties = properties(lists.pattern_properties);
        normal.dependent_schemas = properties(lists.dependent_schemas);
        normal.prefix = lists.prefix.into_iter().map(others).collect();
        normal.others_are_unevaluated = !self.is_additional;
        let (mut unevaluated, mut items) = (lists.unevaluated_properties, lists.unevaluated_items);
        let mut all_others = lists.others;
        if is_whole {
            if all_others.is_empty() {
                all_others = unevaluated;
            }
            unevaluated = Vec::new();
        }
        let mut all_items = lists.items;
        if is_whole && lists.contains.is_empty() {
            if all_items.is_empty() {
                normal.items_are_unevaluated = !items.is_empty();
                all_items = items;
            }
            items = Vec::new();
        }
        normal.others = others(all_others);
        normal.items = others(all_items);
        normal.unevaluated_items = others(items);
        normal.unevaluated_properties = others(unevaluated);
        normal.contains = one(lists.contains);
        normal.property_names = one(lists.property_names);
        normal.content_schema = one(lists.content_schema);
        normal.not = one(lists.not);
        if let Some(null) = self.nullable {
            if normal.is_forbidden.take().is_some() {
                // Of the alternatives null alone is left.
                normal.types = Types::default();
            }
            normal.types = normal.types.or(Types::NULL);
            normal.declared = normal.declared.or(Types::NULL);
            normal.null_spot = Some(null);
        }
        integer_bounds(normal);
        without_impossible(normal);
        if normal.types == Types::default() {
            normal.is_forbidden = normal.is_forbidden.or(roots.first().map(|at| at.spot()));
        }
        if normal.is_forbidden.is_some() {
            normal.types = Types::default();
        }
        // What is forbidden there is forbidden like all that follows.
        while let (Some(Others::Closed(_)), Others::Closed(_)) =
            (normal.prefix.last(), normal.items)
        {
            normal.prefix.pop();
        }
        self.normal
    }
}

fn is_false(places: &[At<'_>]) -> bool {
    places.iter().any(|at| at.value.data == Data::Bool(false))
}

/// Takes types away of which no value is left: by an enumeration, by bounds that cross, by a
/// property that must and may not be there.
fn without_impossible(normal: &mut Normal<'_>) {
    if let Some(values) = &mut normal.enumeration {
        let types = normal.types;
        values.retain(|at| types.has(Types::of(at.value)));
        if values.is_empty() {
            normal.types = normal.types.and(Types::NULL);
            normal.enumeration = None;
            normal.is_const = false;
        }
    }
    let crosses = |least: &str, most: &str| {
        let value = |name: &str| normal.word(name).and_then(|at| number(at.value));
        matches!((value(least), value(most)), (Some(least), Some(most)) if least > most)
    };
    let are_bounds_crossed = match (normal.minimum, normal.maximum) {
        (Some(least), Some(most)) => {
            let is_point = least.value == most.value;
            least.value > most.value || is_point && (least.is_exclusive || most.is_exclusive)
        }
        _ => false,
    };
    for (is_gone, types) in [
        (are_bounds_crossed, Types::NUMBER),
        (crosses("minLength", "maxLength"), Types::STRING),
        (crosses("minItems", "maxItems"), Types::ARRAY),
        (crosses("minProperties", "maxProperties") || normal.is_impossible, Types::OBJECT),
    ] {
        if is_gone {
            normal.types = normal.types.except(types);
        }
    }
}

fn nested(at: At<'_>, kind: UnionKind) -> Option<At<'_>> {
    let union = at.get(kind.text())?;
    (at.value.entries().len() == 1 && union.value.items().len() > 1).then_some(union)
}

/// For integers a bound is always inclusive.
fn integer_bounds(normal: &mut Normal<'_>) {
    if normal.types.without_null() != Types::INTEGER {
        return;
    }
    if let Some(bound) = &mut normal.maximum {
        let value = bound.value;
        bound.value =
            if bound.is_exclusive && value.fract() == 0.0 { value - 1.0 } else { value.floor() };
        bound.is_exclusive = false;
    }
    if let Some(bound) = &mut normal.minimum {
        let value = bound.value;
        bound.value =
            if bound.is_exclusive && value.fract() == 0.0 { value + 1.0 } else { value.ceil() };
        bound.is_exclusive = false;
    }
}
