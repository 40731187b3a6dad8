//! Into one form: references followed, `allOf` merged, dialects levelled.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::arena::{Dialect, Schemas};
use super::form::{Bound, Normal, Others, Property, SchemaId, Union, UnionKind, Word};
use super::keywords::{self, Kind};
use super::types::{Types, number};
use crate::diff::docs::{At, Spot, ValueSet};
use crate::value::{Data, Value};

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
                    let (branches, null) = live_branches(union);
                    parts.is_nullable = parts.is_nullable.or(null);
                    if let [only] = branches[..] {
                        stack.push(only);
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

/// The branches of a union but for the one that is nothing but null.
fn live_branches(union: At<'_>) -> (Vec<At<'_>>, Option<Spot>) {
    let is_null = |at: &At<'_>| {
        at.text("type") == Some("null")
            || at.value.get("enum").is_some_and(|e| matches!(e.items(), [v] if v.is_null()))
            || at.value.entry("const").is_some_and(|e| e.value.is_null())
    };
    let null = union.items().find(is_null).map(|at| at.spot());
    (union.items().filter(|at| !is_null(at)).collect(), null)
}

fn normalise<'a>(schemas: &Schemas<'a>, roots: &[At<'a>]) -> Normal<'a> {
    let parts = flatten(schemas, roots);
    let mut normal = Normal { types: Types::ALL, ..Normal::default() };
    normal.is_forbidden = parts.is_forbidden;
    normal.undecided = parts.undecided;
    normal.is_cut = parts.is_cut;
    normal.origin = parts.origin;
    let (merged, apart) = mergeable(&parts.all);
    for at in apart {
        normal.branches.push((schemas.at(at), at.spot()));
    }
    let mut merge = Merge { schemas, normal, nullable: parts.is_nullable, lists: Lists::default() };
    for at in &merged {
        merge.part(*at);
    }
    merge.finish()
}

/// Parts that close objects can be merged exactly only where no other part names more properties.
fn mergeable<'a>(parts: &[At<'a>]) -> (Vec<At<'a>>, Vec<At<'a>>) {
    let closes = |at: &At<'a>| {
        at.value.get("additionalProperties").is_some_and(|v| v.data != Data::Bool(true))
    };
    let names = |at: &At<'a>| -> Vec<&'a str> {
        let below = at.get("properties");
        below.map_or(Vec::new(), |p| p.entries().map(|(name, _)| name).collect())
    };
    if parts.len() < 2 || !parts.iter().any(closes) {
        return (parts.to_vec(), Vec::new());
    }
    let is_apart = |at: &&At<'a>| {
        closes(at) && {
            let own = names(at);
            let others = parts.iter().filter(|other| other.id() != at.id());
            others.flat_map(&names).any(|name| !own.contains(&name))
        }
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
}

impl<'a> Merge<'_, 'a> {
    fn part(&mut self, at: At<'a>) {
        let is_30 = self.schemas.dialect == Dialect::OpenApi30;
        let own_null = (is_30 && at.flag("nullable") || at.flag("x-nullable"))
            .then(|| at.get("nullable").or(at.get("x-nullable")))
            .flatten();
        if let Some(word) = at.get("type") {
            let mut types = match &word.value.data {
                Data::Str(name) => Types::named(name),
                Data::Seq(items) => items
                    .iter()
                    .filter_map(Value::as_str)
                    .fold(Types::default(), |all, name| all.or(Types::named(name))),
                _ => Types::ALL,
            };
            if own_null.is_some() {
                types = types.or(Types::NULL);
            }
            self.normal.types = self.normal.types.and(types);
            self.normal.type_word.get_or_insert(word);
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
            "additionalProperties" => self.lists.others.push(word),
            "contains" => self.lists.contains.push(word),
            "propertyNames" => self.lists.property_names.push(word),
            "unevaluatedItems" => self.lists.unevaluated_items.push(word),
            "unevaluatedProperties" => self.lists.unevaluated_properties.push(word),
            "contentSchema" => self.lists.content_schema.push(word),
            "not" => self.lists.not.push(word),
            "anyOf" => self.union(UnionKind::AnyOf, word),
            "oneOf" => self.union(UnionKind::OneOf, word),
            "if" => {
                if ["then", "else"].iter().any(|key| part.get(key).is_some()) {
                    self.normal.conditional.get_or_insert(part);
                }
            }
            "enum" => self.enumeration(part, word.items().collect(), word, false),
            "const" => self.enumeration(part, vec![word], word, true),
            "x-extensible-enum" => self.normal.extensible = Some(word.items().collect()),
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
        let (mut places, _) = live_branches(word);
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
        if !is_30 || !part.flag("nullable") {
            let has_null = values.iter().any(|at| at.value.is_null());
            if !has_null {
                self.normal.types = self.normal.types.without_null();
            }
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

    fn finish(mut self) -> Normal<'a> {
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
        normal.properties = properties(lists.properties);
        normal.pattern_properties = properties(lists.pattern_properties);
        normal.dependent_schemas = properties(lists.dependent_schemas);
        normal.prefix = lists.prefix.into_iter().filter_map(one).collect();
        normal.items = others(lists.items);
        normal.others = others(lists.others);
        normal.unevaluated_items = others(lists.unevaluated_items);
        normal.unevaluated_properties = others(lists.unevaluated_properties);
        normal.contains = one(lists.contains);
        normal.property_names = one(lists.property_names);
        normal.content_schema = one(lists.content_schema);
        normal.not = one(lists.not);
        if let Some(null) = self.nullable {
            normal.types = normal.types.or(Types::NULL);
            normal.null_spot = Some(null);
        }
        if normal.is_forbidden.is_some() {
            normal.types = Types::default();
        }
        integer_bounds(normal);
        self.normal
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
