//! Comparing schemas keyword by keyword. Pairs of schemas form a graph that is worked through once,
//! whatever cycles are in it; rows are put together by [`super::walk`].

use std::rc::Rc;

use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::arena::Schemas;
use super::form::{Bound, Normal, Others, Property, SchemaId, Word};
use super::format::{includes, is_decidable, is_registered, is_wider};
use super::types::{Types, number};
use crate::diff::class::{ChangeType, Class, Side};
use crate::diff::docs::{At, Level, Spot, equal, same};
use crate::diff::lifecycle;
use crate::diff::rule::{Column, Lens, Mark, Rule};
use crate::diff::rules::schema as rules;
use crate::diff::settings::Settings;

/// A pair of schemas that are compared, seen from one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PairId(pub(super) u32);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Busy,
    Done,
}

/// A row without the path that leads to it.
pub(super) struct Row {
    /// The path from the schema.
    pub step: String,
    pub rule: &'static Rule,
    pub ty: ChangeType,
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub class: Class,
    pub reason: String,
    pub old_at: Option<Spot>,
    pub new_at: Option<Spot>,
    pub anchor: Option<Spot>,
    pub hint: Option<String>,
}

pub(super) struct Pair {
    pub old: SchemaId,
    pub new: SchemaId,
    pub lens: Lens,
    state: State,
    pub rows: Vec<Row>,
    pub children: Vec<(String, PairId)>,
    parents: Vec<PairId>,
    /// Whether there are rows here or below.
    pub is_dirty: bool,
    pub origin: Option<String>,
}

/// At most so many pairs are compared (3-diff, "Bad input, limits").
const MAX_PAIRS: usize = 2_000_000;
/// Unions in unions beyond this depth are not decided.
const MAX_DEPTH: usize = 64;

/// All comparisons between the schemas of two bundles.
pub struct Comparison<'s, 'a> {
    pub old: &'s Schemas<'a>,
    pub new: &'s Schemas<'a>,
    pub settings: &'s Settings,
    memo: FxHashMap<(SchemaId, SchemaId, Lens), PairId>,
    pub(super) pairs: Vec<Pair>,
    queue: Vec<PairId>,
    depth: usize,
}

impl<'s, 'a> Comparison<'s, 'a> {
    pub fn new(
        old: &'s Schemas<'a>,
        new: &'s Schemas<'a>,
        settings: &'s Settings,
    ) -> Comparison<'s, 'a> {
        let memo = FxHashMap::default();
        Comparison { old, new, settings, memo, pairs: Vec::new(), queue: Vec::new(), depth: 0 }
    }

    /// Compares two schemas and everything below them.
    pub fn compare(&mut self, old: SchemaId, new: SchemaId, lens: Lens) -> PairId {
        let pair = self.pair(old, new, lens);
        while let Some(next) = self.queue.pop() {
            self.process(next);
        }
        pair
    }

    /// Whether there is any row at this pair or below.
    pub fn is_dirty(&self, pair: PairId) -> bool {
        self.pairs[pair.0 as usize].is_dirty
    }

    pub(super) fn pair(&mut self, old: SchemaId, new: SchemaId, lens: Lens) -> PairId {
        if let Some(pair) = self.memo.get(&(old, new, lens)) {
            return *pair;
        }
        let id = PairId(self.pairs.len() as u32);
        self.pairs.push(Pair {
            old,
            new,
            lens,
            state: State::Waiting,
            rows: Vec::new(),
            children: Vec::new(),
            parents: Vec::new(),
            is_dirty: false,
            origin: None,
        });
        self.memo.insert((old, new, lens), id);
        self.queue.push(id);
        id
    }

    fn process(&mut self, id: PairId) {
        let pair = &mut self.pairs[id.0 as usize];
        if pair.state != State::Waiting {
            return;
        }
        pair.state = State::Busy;
        let (old, new, lens) = (pair.old, pair.new, pair.lens);
        let (o, n) = (self.old.normal(old), self.new.normal(new));
        let place = self.new.place(new);
        let mut step = Step { o: &o, n: &n, lens, place, rows: Vec::new(), children: Vec::new() };
        if id.0 as usize >= MAX_PAIRS || self.depth >= MAX_DEPTH {
            step.undecided();
            let anchor = Some(self.new.docs.anchor(place.spot()));
            let message = "this schema is too large to be compared as a whole".to_owned();
            self.new.docs.report("LIMIT_REACHED", Level::Warning, message, anchor);
        } else {
            // A schema beside a union that may hold it is compared with its branches.
            let is_wrapped = o.unions.is_empty() && n.is_pure_union()
                || n.unions.is_empty() && o.is_pure_union();
            match is_wrapped {
                true => step.annotations(self.settings),
                false => step.keywords(self.settings),
            }
            if !step.is_over() {
                let (olds, news) = (self.old, self.new);
                if !is_wrapped && o.types.and(n.types).has(Types::OBJECT) {
                    step.properties(&|old, new| Seen {
                        old: old.map(|id| olds.normal(id)),
                        new: new.map(|id| news.normal(id)),
                    });
                }
                step.unions(self, old, new);
            }
        }
        let Step { mut rows, children, .. } = step;
        if rows.iter().any(|row| row.rule == rules::PATTERN_CHANGED) {
            self.report_patterns(&o, &n);
        }
        rows.sort_by(|a, b| (&a.step, a.ty, a.rule.name).cmp(&(&b.step, b.ty, b.rule.name)));
        let is_dirty = !rows.is_empty();
        let children: Vec<(String, PairId)> = children
            .into_iter()
            .map(|(step, old, new, lens)| (step, self.pair(old, new, lens)))
            .collect();
        for (_, child) in &children {
            self.pairs[child.0 as usize].parents.push(id);
        }
        let any_child = children.iter().any(|(_, child)| self.is_dirty(*child));
        let pair = &mut self.pairs[id.0 as usize];
        pair.rows = rows;
        pair.children = children;
        pair.state = State::Done;
        pair.origin = n.origin.clone().or_else(|| o.origin.clone());
        if is_dirty || any_child {
            self.mark(id);
        }
    }

    /// Says which of the patterns of a changed schema cannot be decided.
    fn report_patterns(&self, o: &Normal<'a>, n: &Normal<'a>) {
        for (docs, patterns) in [(&self.old.docs, &o.patterns), (&self.new.docs, &n.patterns)] {
            for pattern in patterns {
                if let Some(text) = pattern.value.as_str().filter(|text| !is_decidable(text)) {
                    let text: String = text.chars().take(80).collect();
                    let message = format!("the pattern `{text}` cannot be decided");
                    let at = Some(docs.anchor(pattern.spot()));
                    docs.report("REGEX_UNSUPPORTED", Level::Info, message, at);
                }
            }
        }
    }

    fn mark(&mut self, id: PairId) {
        let mut stack = vec![id];
        while let Some(at) = stack.pop() {
            let pair = &mut self.pairs[at.0 as usize];
            if !pair.is_dirty {
                pair.is_dirty = true;
                stack.extend(pair.parents.iter().copied());
            }
        }
    }

    /// Whether no row worse than `NON_BREAKING` is at a pair or below. Pairs in progress count as
    /// compatible: where that is wrong, they have rows of their own.
    pub fn is_compatible(&mut self, old: SchemaId, new: SchemaId, lens: Lens) -> bool {
        self.depth += 1;
        let root = self.pair(old, new, lens);
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![root];
        let mut is_good = true;
        while let Some(at) = stack.pop() {
            if !seen.insert(at) {
                continue;
            }
            self.process(at);
            let pair = &self.pairs[at.0 as usize];
            if pair.rows.iter().any(|row| row.class > Class::NonBreaking) {
                is_good = false;
                break;
            }
            stack.extend(pair.children.iter().map(|(_, child)| *child));
        }
        self.depth -= 1;
        is_good
    }
}

/// One pair while it is compared.
pub(super) struct Step<'n, 'a> {
    pub o: &'n Normal<'a>,
    pub n: &'n Normal<'a>,
    pub lens: Lens,
    /// The new schema.
    pub place: At<'a>,
    pub rows: Vec<Row>,
    pub children: Vec<(String, SchemaId, SchemaId, Lens)>,
}

use ChangeType::Modified;

impl<'a> Step<'_, 'a> {
    /// Whether nothing more can be said.
    fn is_over(&self) -> bool {
        self.rows.iter().any(|row| row.rule.is(Mark::Final))
    }

    /// A row of the class that its rule usually has on this side.
    pub fn row(
        &mut self,
        rule: &'static Rule,
        ty: ChangeType,
        step: impl Into<String>,
    ) -> &mut Row {
        self.rows.push(Row {
            step: step.into(),
            rule,
            ty,
            old: None,
            new: None,
            class: rule.seen(self.lens),
            reason: rule.reason.to_owned(),
            old_at: None,
            new_at: None,
            anchor: Some(self.place.spot()),
            hint: None,
        });
        self.rows.last_mut().expect("a row was pushed")
    }

    /// A row about a keyword that stands on one side or both.
    fn word_row(
        &mut self,
        rule: &'static Rule,
        step: impl Into<String>,
        old: Option<Word<'a>>,
        new: Option<Word<'a>>,
    ) -> &mut Row {
        let ty = ChangeType::of(old.is_some(), new.is_some());
        let row = self.row(rule, ty, step);
        row.old = old.map(At::json);
        row.new = new.map(At::json);
        row.old_at = old.map(At::spot);
        row.new_at = new.map(At::spot);
        row
    }

    fn spot_row(
        &mut self,
        rule: &'static Rule,
        step: impl Into<String>,
        old: Option<Spot>,
        new: Option<Spot>,
    ) -> &mut Row {
        let ty = ChangeType::of(old.is_some(), new.is_some());
        let row = self.row(rule, ty, step);
        row.old_at = old;
        row.new_at = new;
        row
    }

    pub fn undecided(&mut self) {
        self.row(rules::SCHEMA_UNDECIDED, Modified, "");
    }

    fn keywords(&mut self, settings: &Settings) {
        let (o, n) = (self.o, self.n);
        match (o.is_forbidden, n.is_forbidden) {
            (None, Some(spot)) => {
                self.spot_row(rules::SCHEMA_FORBIDDEN, "", None, Some(spot)).ty = Modified;
            }
            (Some(spot), None) => {
                self.spot_row(rules::SCHEMA_ALLOWED, "", Some(spot), None).ty = Modified;
            }
            (Some(_), Some(_)) => return,
            (None, None) => {}
        }
        if self.is_over() {
            return;
        }
        if o.is_undecided != n.is_undecided || o.is_undecided && !self.same_text() {
            return self.undecided();
        }
        self.types();
        self.annotations(settings);
        if self.is_over() {
            return;
        }
        let both = o.types.and(n.types);
        self.values();
        self.format();
        if both.has(Types::NUMBER) {
            self.bound("maximum", o.maximum, n.maximum, |a, b| a < b);
            self.bound("minimum", o.minimum, n.minimum, |a, b| a > b);
            self.multiple_of();
        }
        if both.has(Types::STRING) {
            self.limit(
                "maxLength",
                [
                    rules::MAX_LENGTH_SET,
                    rules::MAX_LENGTH_DECREASED,
                    rules::MAX_LENGTH_INCREASED,
                    rules::MAX_LENGTH_REMOVED,
                ],
            );
            self.floor("minLength", [rules::MIN_LENGTH_INCREASED, rules::MIN_LENGTH_DECREASED]);
            self.patterns();
            for (word, rule) in [
                ("contentEncoding", rules::CONTENT_ENCODING_CHANGED),
                ("contentMediaType", rules::CONTENT_MEDIA_TYPE_CHANGED),
            ] {
                self.replaced(word, rule);
            }
            let (old, new) = (o.content_schema, n.content_schema);
            self.below(
                "contentSchema",
                old,
                new,
                [rules::CONTENT_SCHEMA_ADDED, rules::CONTENT_SCHEMA_REMOVED],
            );
        }
        if both.has(Types::ARRAY) {
            self.arrays();
        }
        if both.has(Types::OBJECT) {
            self.objects();
        }
        self.composition();
    }

    /// Whether what cannot be decided is written alike on both sides.
    fn same_text(&self) -> bool {
        self.o.words.len() == self.n.words.len()
            && self.o.annotations.len() == self.n.annotations.len()
            && self.o.properties.len() == self.n.properties.len()
    }

    fn types(&mut self) {
        let (o, n) = (self.o, self.n);
        let (was, is) = (o.types.without_null(), n.types.without_null());
        let (old, new) = (o.type_word, n.type_word);
        let rule = match (old, new) {
            _ if was == is
                && (was != Types::ALL.without_null() || old.is_some() == new.is_some()) =>
            {
                None
            }
            (None, Some(_)) if o.implied != Types::default() && is == o.implied => {
                Some(rules::TYPE_MADE_EXPLICIT)
            }
            (Some(_), None) if n.implied != Types::default() && was == n.implied => None,
            _ if was == is => None,
            _ if is.within(was) && is != Types::default() => Some(rules::TYPE_NARROWED),
            _ if was.within(is) && was != Types::default() => Some(rules::TYPE_WIDENED),
            _ if is == Types::default() || was == Types::default() => None,
            _ => Some(rules::TYPE_CHANGED),
        };
        if let Some(rule) = rule {
            self.word_row(rule, "type", old, new).ty = Modified;
        }
        if old.is_some() == new.is_some() || o.null_spot.is_some() || n.null_spot.is_some() {
            let (had, has) = (o.types.has(Types::NULL), n.types.has(Types::NULL));
            if had != has
                && (old.is_some() && new.is_some()
                    || o.null_spot.is_some() != n.null_spot.is_some())
            {
                let rule = if has { rules::NULLABLE_ADDED } else { rules::NULLABLE_REMOVED };
                let old_at = o.null_spot.or(old.map(At::spot));
                let new_at = n.null_spot.or(new.map(At::spot));
                let row = self.spot_row(rule, "nullable", old_at, new_at);
                row.ty = Modified;
                row.old = Some(had.into());
                row.new = Some(has.into());
            }
        }
    }

    fn annotations(&mut self, settings: &Settings) {
        let (o, n) = (self.o, self.n);
        if self.lens.side.is_http() {
            let lifecycle = |normal: &Normal<'a>| {
                let extension = |key: &str| find(&normal.annotations, key);
                lifecycle::Lifecycle::of(normal.word("deprecated"), extension)
            };
            let (old, new) = (lifecycle(o), lifecycle(n));
            for event in lifecycle::compare(&old, &new, settings) {
                let row = self.row(event.rule, event.ty, event.step);
                row.class = event.class;
                row.old = event.old;
                row.new = event.new;
                row.old_at = event.old_at;
                row.new_at = event.new_at;
            }
        }
        let skip = |key: &str| self.lens.side.is_http() && lifecycle::is_word(key);
        let mut old = serde_json::Map::new();
        let mut new = serde_json::Map::new();
        let mut places = (None, None);
        let keys = o.annotations.iter().chain(&n.annotations).map(|(key, _)| *key);
        let deprecated = (o.word("deprecated"), n.word("deprecated"));
        let is_openapi = self.lens.side.is_http();
        let xml = (o.word("xml"), n.word("xml"));
        let pairs = keys
            .map(|key| (key, find(&o.annotations, key), find(&n.annotations, key)))
            .chain((!is_openapi).then_some(("deprecated", deprecated.0, deprecated.1)))
            .chain((!self.lens.is_xml).then_some(("xml", xml.0, xml.1)));
        for (key, a, b) in pairs {
            if same(a, b) || skip(key) {
                continue;
            }
            if let Some(at) = a {
                old.insert(key.to_owned(), at.json());
                places.0 = places.0.or(Some(at.spot()));
            }
            if let Some(at) = b {
                new.insert(key.to_owned(), at.json());
                places.1 = places.1.or(Some(at.spot()));
            }
        }
        if !old.is_empty() || !new.is_empty() {
            let row = self.spot_row(rules::ANNOTATION_CHANGED, "", places.0, places.1);
            row.ty = Modified;
            row.old = (!old.is_empty()).then_some(Json::Object(old));
            row.new = (!new.is_empty()).then_some(Json::Object(new));
        }
        if self.lens.is_xml {
            self.replaced("xml", rules::XML_CHANGED);
        }
        self.unknown();
        self.default();
    }

    fn unknown(&mut self) {
        let (o, n) = (self.o, self.n);
        for (key, at) in &o.unknown {
            match find(&n.unknown, key) {
                Some(new) if equal(at.value, new.value) => {}
                new => {
                    self.word_row(rules::UNKNOWN_KEYWORD_CHANGED, *key, Some(*at), new);
                }
            }
        }
        for (key, at) in &n.unknown {
            if find(&o.unknown, key).is_none() {
                self.word_row(rules::UNKNOWN_KEYWORD_CHANGED, *key, None, Some(*at));
            }
        }
    }

    fn default(&mut self) {
        let (old, new) = (self.o.word("default"), self.n.word("default"));
        let rule = match (old, new) {
            (None, Some(_)) => rules::DEFAULT_ADDED,
            (Some(_), None) => rules::DEFAULT_REMOVED,
            (Some(old), Some(new)) if !equal(old.value, new.value) => rules::DEFAULT_CHANGED,
            _ => return,
        };
        let is_parameter = self.lens.is_parameter;
        let row = self.word_row(rule, "default", old, new);
        if is_parameter {
            row.class = if rule == rules::DEFAULT_ADDED {
                Class::PotentialBreaking
            } else {
                Class::Breaking
            };
        }
    }

    /// A keyword whose every change replaces what was.
    fn replaced(&mut self, word: &'static str, rule: &'static Rule) {
        let (old, new) = (self.o.word(word), self.n.word(word));
        if !same(old, new) {
            self.word_row(rule, word, old, new);
        }
    }

    fn values(&mut self) {
        let (o, n) = (self.o, self.n);
        self.extensible();
        let (old, new) = (&o.enumeration, &n.enumeration);
        let word = |normal: &Normal<'a>| if normal.is_const { "const" } else { "enum" };
        let json = |values: &[At<'a>], is_const: bool| match values {
            [only] if is_const => only.json(),
            values => values.iter().map(|at| at.json()).collect(),
        };
        match (old, new) {
            (None, None) => {}
            (None, Some(new)) => {
                let rule = if n.is_const { rules::CONST_ADDED } else { rules::ENUM_INTRODUCED };
                let value = json(new, n.is_const);
                self.spot_row(rule, word(n), None, n.enum_spot).new = Some(value);
            }
            (Some(old), None) => {
                let rule = if o.is_const { rules::CONST_REMOVED } else { rules::ENUM_DROPPED };
                let value = json(old, o.is_const);
                self.spot_row(rule, word(o), o.enum_spot, None).old = Some(value);
            }
            (Some(old), Some(new)) if o.is_const && n.is_const => {
                let (Some(a), Some(b)) = (old.first(), new.first()) else { return };
                if !equal(a.value, b.value) {
                    self.word_row(rules::CONST_CHANGED, "const", Some(*a), Some(*b));
                }
            }
            (Some(old), Some(new)) => {
                self.value_rows(old, new, [rules::ENUM_VALUE_REMOVED, rules::ENUM_VALUE_ADDED]);
            }
        }
    }

    fn value_rows(&mut self, old: &[At<'a>], new: &[At<'a>], rules: [&'static Rule; 2]) {
        let key = |at: &At<'a>| match at.value.as_str() {
            Some(text) => text.to_owned(),
            None => at.json().to_string(),
        };
        let has = |list: &[At<'a>], at: &At<'a>| list.iter().any(|v| equal(v.value, at.value));
        for at in old.iter().filter(|at| !has(new, at)) {
            let anchor = self.n.enum_spot;
            let row = self.word_row(
                rules[0],
                crate::diff::path::keyed("", "enum", &key(at)),
                Some(*at),
                None,
            );
            row.anchor = anchor.or(row.anchor);
        }
        for at in new.iter().filter(|at| !has(old, at)) {
            self.word_row(
                rules[1],
                crate::diff::path::keyed("", "enum", &key(at)),
                None,
                Some(*at),
            );
        }
    }

    fn extensible(&mut self) {
        let none = Vec::new();
        let old = self.o.extensible.as_ref().unwrap_or(&none);
        let new = self.n.extensible.as_ref().unwrap_or(&none);
        if self.o.extensible.is_some() && self.n.extensible.is_some() {
            self.value_rows(
                old,
                new,
                [rules::EXTENSIBLE_ENUM_VALUE_REMOVED, rules::EXTENSIBLE_ENUM_VALUE_ADDED],
            );
        }
    }

    fn format(&mut self) {
        let (old, new) = (self.o.word("format"), self.n.word("format"));
        let text = |word: Option<Word<'a>>| word.and_then(|at| at.value.as_str());
        let rule = match (text(old), text(new)) {
            (a, b) if a == b => return,
            (a, b) if [a, b].into_iter().flatten().any(|f| !is_registered(f)) => {
                rules::FORMAT_UNREGISTERED_CHANGED
            }
            (None, Some(_)) => rules::FORMAT_ADDED,
            (Some(_), None) => rules::FORMAT_REMOVED,
            (Some(a), Some(b)) if is_wider(b, a) => rules::FORMAT_WIDENED,
            (Some(a), Some(b)) if is_wider(a, b) => rules::FORMAT_NARROWED,
            _ => rules::FORMAT_CHANGED,
        };
        self.word_row(rule, "format", old, new);
    }

    fn bound(
        &mut self,
        name: &'static str,
        old: Option<Bound<'a>>,
        new: Option<Bound<'a>>,
        is_tighter: impl Fn(f64, f64) -> bool,
    ) {
        let is_max = name == "maximum";
        let word = |bound: Option<Bound<'a>>| bound.map(|bound| bound.word);
        let rule = match (old, new) {
            (None, None) => return,
            (None, Some(_)) if is_max => rules::MAXIMUM_SET,
            (None, Some(_)) => rules::MINIMUM_SET,
            (Some(_), None) if is_max => rules::MAXIMUM_REMOVED,
            (Some(_), None) => rules::MINIMUM_REMOVED,
            (Some(a), Some(b)) if a.value == b.value && a.is_exclusive == b.is_exclusive => return,
            (Some(a), Some(b)) => {
                let is_tighter = is_tighter(b.value, a.value)
                    || a.value == b.value && b.is_exclusive && !a.is_exclusive;
                match (is_tighter, is_max) {
                    (true, true) => rules::MAXIMUM_DECREASED,
                    (true, false) => rules::MINIMUM_INCREASED,
                    (false, true) => rules::MAXIMUM_INCREASED,
                    (false, false) => rules::MINIMUM_DECREASED,
                }
            }
        };
        self.word_row(rule, name, word(old), word(new));
    }

    fn multiple_of(&mut self) {
        let (old, new) = (self.o.word("multipleOf"), self.n.word("multipleOf"));
        let value = |word: Option<Word<'a>>| word.and_then(|at| number(at.value));
        let rule = match (value(old), value(new)) {
            (None, None) => return,
            (a, b) if a == b => return,
            (None, Some(_)) => rules::MULTIPLE_OF_SET,
            (Some(_), None) => rules::MULTIPLE_OF_REMOVED,
            (Some(a), Some(b)) if is_multiple(b, a) => rules::MULTIPLE_OF_NARROWED,
            (Some(a), Some(b)) if is_multiple(a, b) => rules::MULTIPLE_OF_WIDENED,
            _ => rules::MULTIPLE_OF_CHANGED,
        };
        self.word_row(rule, "multipleOf", old, new);
    }

    /// An upper limit: set, decreased, increased, removed.
    fn limit(&mut self, name: &'static str, rules: [&'static Rule; 4]) {
        let (old, new) = (self.o.word(name), self.n.word(name));
        let value = |word: Option<Word<'a>>| word.and_then(|at| number(at.value));
        let rule = match (value(old), value(new)) {
            (None, Some(_)) => rules[0],
            (Some(_), None) => rules[3],
            (Some(a), Some(b)) if b < a => rules[1],
            (Some(a), Some(b)) if b > a => rules[2],
            _ => return,
        };
        self.word_row(rule, name, old, new);
    }

    /// A lower limit, whose absence is 0: increased, decreased.
    fn floor(&mut self, name: &'static str, rules: [&'static Rule; 2]) {
        let (old, new) = (self.o.word(name), self.n.word(name));
        let value = |word: Option<Word<'a>>| word.and_then(|at| number(at.value)).unwrap_or(0.0);
        if value(new) > value(old) {
            self.word_row(rules[0], name, old, new);
        } else if value(new) < value(old) {
            self.word_row(rules[1], name, old, new);
        }
    }

    fn patterns(&mut self) {
        let text = |at: &Word<'a>| at.value.as_str().unwrap_or("").to_owned();
        let (o, n) = (&self.o.patterns, &self.n.patterns);
        let old: Vec<_> = o.iter().filter(|p| !n.iter().any(|q| text(p) == text(q))).collect();
        let new: Vec<_> = n.iter().filter(|p| !o.iter().any(|q| text(p) == text(q))).collect();
        let rule = match (&old[..], &new[..]) {
            ([], []) => return,
            ([], _) => rules::PATTERN_ADDED,
            (_, []) => rules::PATTERN_REMOVED,
            ([old], [new]) => {
                let (a, b) = (text(old), text(new));
                match (includes(&b, &a), includes(&a, &b)) {
                    (Some(true), Some(true)) => return,
                    (Some(true), _) => rules::PATTERN_WIDENED,
                    (_, Some(true)) => rules::PATTERN_NARROWED,
                    _ => rules::PATTERN_CHANGED,
                }
            }
            _ => rules::PATTERN_CHANGED,
        };
        let (old, new) = (old.first().map(|at| **at), new.first().map(|at| **at));
        self.word_row(rule, "pattern", old, new);
    }

    /// A schema below a keyword: compared, or a row for each side that lacks it.
    fn below(
        &mut self,
        step: impl Into<String>,
        old: Option<(SchemaId, Spot)>,
        new: Option<(SchemaId, Spot)>,
        rules: [&'static Rule; 2],
    ) {
        let step = step.into();
        match (old, new) {
            (Some((old, _)), Some((new, _))) => {
                self.children.push((step, old, new, self.lens));
            }
            (None, Some((_, spot))) => {
                self.spot_row(rules[0], step, None, Some(spot));
            }
            (Some((_, spot)), None) => {
                self.spot_row(rules[1], step, Some(spot), None);
            }
            (None, None) => {}
        }
    }

    fn arrays(&mut self) {
        let (o, n) = (self.o, self.n);
        self.limit(
            "maxItems",
            [
                rules::MAX_ITEMS_SET,
                rules::MAX_ITEMS_DECREASED,
                rules::MAX_ITEMS_INCREASED,
                rules::MAX_ITEMS_REMOVED,
            ],
        );
        self.floor("minItems", [rules::MIN_ITEMS_INCREASED, rules::MIN_ITEMS_DECREASED]);
        match (o.word("uniqueItems"), n.word("uniqueItems")) {
            (None, Some(at)) => {
                self.word_row(rules::UNIQUE_ITEMS_SET, "uniqueItems", None, Some(at));
            }
            (Some(at), None) => {
                self.word_row(rules::UNIQUE_ITEMS_UNSET, "uniqueItems", Some(at), None);
            }
            _ => {}
        }
        self.tuple();
        self.others(
            "items",
            o.items,
            n.items,
            OtherRules {
                schema_added: rules::ITEMS_ADDED,
                schema_removed: rules::ITEMS_REMOVED,
                closed: rules::ITEMS_ADDED,
                opened: rules::ITEMS_REMOVED,
            },
        );
        self.below(
            "contains",
            o.contains,
            n.contains,
            [rules::CONTAINS_ADDED, rules::CONTAINS_REMOVED],
        );
        if o.contains.is_some() && n.contains.is_some() {
            self.least_contained();
            self.limit(
                "maxContains",
                [
                    rules::MAX_CONTAINS_SET,
                    rules::MAX_CONTAINS_DECREASED,
                    rules::MAX_CONTAINS_INCREASED,
                    rules::MAX_CONTAINS_REMOVED,
                ],
            );
        }
        self.others(
            "unevaluatedItems",
            o.unevaluated_items,
            n.unevaluated_items,
            OtherRules {
                schema_added: rules::UNEVALUATED_ITEMS_CLOSED,
                schema_removed: rules::UNEVALUATED_ITEMS_OPENED,
                closed: rules::UNEVALUATED_ITEMS_CLOSED,
                opened: rules::UNEVALUATED_ITEMS_OPENED,
            },
        );
    }

    /// `minContains`, whose absence is 1.
    fn least_contained(&mut self) {
        let (old, new) = (self.o.word("minContains"), self.n.word("minContains"));
        let value = |word: Option<Word<'a>>| word.and_then(|at| number(at.value)).unwrap_or(1.0);
        if value(new) > value(old) {
            self.word_row(rules::MIN_CONTAINS_INCREASED, "minContains", old, new);
        } else if value(new) < value(old) {
            self.word_row(rules::MIN_CONTAINS_DECREASED, "minContains", old, new);
        }
    }

    fn tuple(&mut self) {
        let (o, n) = (self.o, self.n);
        for i in 0..o.prefix.len().max(n.prefix.len()) {
            let step = format!("prefixItems[{i}]");
            let rest = |items: Others| match items {
                Others::Schema(schema, spot) => Some((schema, spot)),
                _ => None,
            };
            let old = o.prefix.get(i).copied().or(rest(o.items));
            let new = n.prefix.get(i).copied().or(rest(n.items));
            match (old, new) {
                (Some((old, _)), Some((new, _))) => {
                    self.children.push((step, old, new, self.lens));
                }
                (None, Some((_, spot))) => {
                    let rule = match o.items {
                        Others::Closed(_) => rules::PREFIX_ITEM_WIDENED,
                        _ => rules::PREFIX_ITEM_NARROWED,
                    };
                    self.spot_row(rule, step, None, Some(spot));
                }
                (Some((_, spot)), None) => {
                    let rule = match n.items {
                        Others::Closed(_) => rules::PREFIX_ITEM_NARROWED,
                        _ => rules::PREFIX_ITEM_WIDENED,
                    };
                    self.spot_row(rule, step, Some(spot), None);
                }
                (None, None) => {}
            }
        }
    }

    fn others(&mut self, step: &str, old: Others, new: Others, rules: OtherRules) {
        let (rule, old_at, new_at) = match (old, new) {
            (Others::Schema(old, _), Others::Schema(new, _)) => {
                return self.children.push((step.to_owned(), old, new, self.lens));
            }
            (Others::Open, Others::Schema(_, spot)) => (rules.schema_added, None, Some(spot)),
            (Others::Schema(_, spot), Others::Open) => (rules.schema_removed, Some(spot), None),
            (Others::Open, Others::Closed(spot)) => (rules.closed, None, Some(spot)),
            (Others::Schema(_, was), Others::Closed(spot)) => (rules.closed, Some(was), Some(spot)),
            (Others::Closed(spot), Others::Open) => (rules.opened, Some(spot), None),
            (Others::Closed(was), Others::Schema(_, spot)) => (rules.opened, Some(was), Some(spot)),
            (Others::Open, Others::Open) | (Others::Closed(_), Others::Closed(_)) => return,
        };
        let row = self.spot_row(rule, step, old_at, new_at);
        row.ty = Modified;
        let shown = |others: Others| match others {
            Others::Open => None,
            Others::Closed(_) => Some(Json::Bool(false)),
            Others::Schema(..) => Some(Json::from("schema")),
        };
        row.old = shown(old);
        row.new = shown(new);
    }

    fn objects(&mut self) {
        let (o, n) = (self.o, self.n);
        self.required_names();
        self.others(
            "additionalProperties",
            o.others,
            n.others,
            OtherRules {
                schema_added: rules::ADDITIONAL_PROPERTIES_SCHEMA_ADDED,
                schema_removed: rules::ADDITIONAL_PROPERTIES_SCHEMA_REMOVED,
                closed: rules::ADDITIONAL_PROPERTIES_CLOSED,
                opened: rules::ADDITIONAL_PROPERTIES_OPENED,
            },
        );
        self.others(
            "unevaluatedProperties",
            o.unevaluated_properties,
            n.unevaluated_properties,
            OtherRules {
                schema_added: rules::UNEVALUATED_PROPERTIES_CLOSED,
                schema_removed: rules::UNEVALUATED_PROPERTIES_OPENED,
                closed: rules::UNEVALUATED_PROPERTIES_CLOSED,
                opened: rules::UNEVALUATED_PROPERTIES_OPENED,
            },
        );
        self.pattern_properties();
        let (old, new) = (o.property_names, n.property_names);
        self.below(
            "propertyNames",
            old,
            new,
            [rules::PROPERTY_NAMES_ADDED, rules::PROPERTY_NAMES_REMOVED],
        );
        self.limit(
            "maxProperties",
            [
                rules::MAX_PROPERTIES_SET,
                rules::MAX_PROPERTIES_DECREASED,
                rules::MAX_PROPERTIES_INCREASED,
                rules::MAX_PROPERTIES_REMOVED,
            ],
        );
        self.floor(
            "minProperties",
            [rules::MIN_PROPERTIES_INCREASED, rules::MIN_PROPERTIES_DECREASED],
        );
        self.dependent();
    }

    fn find<'p>(list: &'p [Property], name: &str) -> Option<&'p Property> {
        list.iter().find(|property| property.name == name)
    }

    fn pattern_properties(&mut self) {
        let (o, n) = (self.o, self.n);
        let swapped = |class: Class, is_closed: bool| match (class, is_closed) {
            (class, false) => class,
            (Class::NonBreaking, true) => Class::Breaking,
            (_, true) => Class::NonBreaking,
        };
        for old in &o.pattern_properties {
            let step = crate::diff::path::keyed("", "patternProperties", &old.name);
            match Self::find(&n.pattern_properties, &old.name) {
                Some(new) => self.children.push((step, old.schema, new.schema, self.lens)),
                None => {
                    let is_closed = n.is_closed();
                    let row =
                        self.spot_row(rules::PATTERN_PROPERTY_REMOVED, step, Some(old.spot), None);
                    row.class = swapped(row.class, is_closed);
                    row.old = Some(old.name.as_str().into());
                }
            }
        }
        for new in &n.pattern_properties {
            if Self::find(&o.pattern_properties, &new.name).is_none() {
                let step = crate::diff::path::keyed("", "patternProperties", &new.name);
                let is_closed = o.is_closed();
                let row = self.spot_row(rules::PATTERN_PROPERTY_ADDED, step, None, Some(new.spot));
                row.class = swapped(row.class, is_closed);
                row.new = Some(new.name.as_str().into());
            }
        }
    }

    fn dependent(&mut self) {
        let (o, n) = (self.o, self.n);
        let mut names: Vec<&String> = o
            .dependent_required
            .iter()
            .chain(&n.dependent_required)
            .map(|(name, ..)| name)
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            let find = |normal: &Normal<'a>| {
                normal.dependent_required.iter().find(|(other, ..)| other == name).cloned()
            };
            let (old, new) = (find(o), find(n));
            let needs = |side: &Option<(String, Vec<String>, Spot)>| {
                side.as_ref().map_or(Vec::new(), |(_, needs, _)| needs.clone())
            };
            let (was, is) = (needs(&old), needs(&new));
            let step = crate::diff::path::keyed("", "dependentRequired", name);
            let spots = (old.map(|(.., spot)| spot), new.map(|(.., spot)| spot));
            let grew = is.iter().any(|need| !was.contains(need));
            let shrank = was.iter().any(|need| !is.contains(need));
            for (fires, rule) in
                [(grew, rules::DEPENDENT_REQUIRED_GREW), (shrank, rules::DEPENDENT_REQUIRED_SHRANK)]
            {
                if fires {
                    let row = self.spot_row(rule, step.clone(), spots.0, spots.1);
                    row.old = (!was.is_empty()).then(|| was.clone().into());
                    row.new = (!is.is_empty()).then(|| is.clone().into());
                }
            }
        }
        for old in &o.dependent_schemas {
            let new = Self::find(&n.dependent_schemas, &old.name);
            let step = crate::diff::path::keyed("", "dependentSchemas", &old.name);
            let new = new.map(|new| (new.schema, new.spot));
            self.below(
                step,
                Some((old.schema, old.spot)),
                new,
                [rules::DEPENDENT_SCHEMA_ADDED, rules::DEPENDENT_SCHEMA_REMOVED],
            );
        }
        for new in &n.dependent_schemas {
            if Self::find(&o.dependent_schemas, &new.name).is_none() {
                let step = crate::diff::path::keyed("", "dependentSchemas", &new.name);
                self.below(
                    step,
                    None,
                    Some((new.schema, new.spot)),
                    [rules::DEPENDENT_SCHEMA_ADDED, rules::DEPENDENT_SCHEMA_REMOVED],
                );
            }
        }
    }

    fn composition(&mut self) {
        let (o, n) = (self.o, self.n);
        match (o.not, n.not) {
            (Some((old, _)), Some((new, _))) => {
                self.children.push(("not".into(), old, new, self.lens.flipped()));
            }
            (old, new) => self.below("not", old, new, [rules::NOT_ADDED, rules::NOT_REMOVED]),
        }
        match (o.conditional, n.conditional) {
            (None, Some(at)) => {
                self.spot_row(rules::CONDITIONAL_ADDED, "if", None, Some(at.spot()));
            }
            (Some(at), None) => {
                self.spot_row(rules::CONDITIONAL_REMOVED, "if", Some(at.spot()), None);
            }
            (Some(a), Some(b)) => {
                let is_same = |key: &str| same(a.get(key), b.get(key));
                if !["if", "then", "else"].into_iter().all(is_same) {
                    let (a, b) = (a.get("if"), b.get("if"));
                    let row = self.word_row(rules::CONDITIONAL_CHANGED, "if", a, b);
                    row.old = None;
                    row.new = None;
                }
            }
            (None, None) => {}
        }
        self.merge_failures();
    }

    /// Branches of `allOf` that could not be merged, in their order.
    fn merge_failures(&mut self) {
        let (o, n) = (self.o, self.n);
        for i in 0..o.branches.len().max(n.branches.len()) {
            let (old, new) = (o.branches.get(i).copied(), n.branches.get(i).copied());
            self.below(
                format!("allOf[{i}]"),
                old,
                new,
                [rules::ALL_OF_BRANCH_ADDED, rules::ALL_OF_BRANCH_REMOVED],
            );
        }
    }
}

/// The word with this name.
pub(super) fn find<'a>(list: &[(&str, Word<'a>)], name: &str) -> Option<Word<'a>> {
    list.iter().find(|(other, _)| *other == name).map(|(_, at)| *at)
}

struct OtherRules {
    schema_added: &'static Rule,
    schema_removed: &'static Rule,
    closed: &'static Rule,
    opened: &'static Rule,
}

fn is_multiple(of: f64, by: f64) -> bool {
    let ratio = of / by;
    by != 0.0 && (ratio - ratio.round()).abs() < 1e-9
}

impl<'a> Step<'_, 'a> {
    fn is_visible(&self, normal: &Normal<'_>) -> bool {
        !(self.lens.is_input() && normal.is_read_only.is_some()
            || self.lens.is_output() && normal.is_write_only.is_some())
    }

    fn class(&self, input: Class, output: Class, config: Class) -> Class {
        self.lens.class(|column| match column {
            Column::Input => input,
            Column::Output => output,
            Column::Config => config,
        })
    }

    fn required_names(&mut self) {
        let (o, n) = (self.o, self.n);
        for (name, spot) in &n.required {
            if !o.requires(name) && n.property(name).is_none() {
                let step = crate::diff::path::keyed("", "required", name);
                let row = self.spot_row(rules::REQUIRED_NAME_ADDED, step, None, Some(*spot));
                row.new = Some(name.as_str().into());
            }
        }
        for (name, spot) in &o.required {
            if !n.requires(name) && o.property(name).is_none() {
                let step = crate::diff::path::keyed("", "required", name);
                let row = self.spot_row(rules::REQUIRED_NAME_REMOVED, step, Some(*spot), None);
                row.old = Some(name.as_str().into());
            }
        }
    }
}

/// What the comparison of properties needs of the schemas themselves.
struct Seen<'a> {
    old: Option<Rc<Normal<'a>>>,
    new: Option<Rc<Normal<'a>>>,
}

impl<'a> Step<'_, 'a> {
    fn properties(&mut self, seen: &dyn Fn(Option<SchemaId>, Option<SchemaId>) -> Seen<'a>) {
        let (o, n) = (self.o, self.n);
        let anchor = n.properties_spot;
        let mut removed = Vec::new();
        let mut added = Vec::new();
        for old in &o.properties {
            let step = crate::diff::path::keyed("", "properties", &old.name);
            let new = n.property(&old.name);
            let sides = seen(Some(old.schema), new.map(|new| new.schema));
            let was = sides.old.as_deref().is_some_and(|normal| self.is_visible(normal));
            match (new, sides.new.as_deref()) {
                (Some(new), Some(normal)) => {
                    let is = self.is_visible(normal);
                    self.common_property(&step, old, new, &sides, was, is);
                }
                _ if was => {
                    removed.push(old);
                    self.property_removed(step, old, anchor);
                }
                _ => {}
            }
        }
        for new in &n.properties {
            if o.property(&new.name).is_none() {
                let sides = seen(None, Some(new.schema));
                if sides.new.as_deref().is_some_and(|normal| self.is_visible(normal)) {
                    added.push(new);
                    self.property_added(new);
                }
            }
        }
        if let ([old], [new]) = (&removed[..], &added[..]) {
            let sides = seen(Some(old.schema), Some(new.schema));
            let is_same =
                matches!((&sides.old, &sides.new), (Some(a), Some(b)) if same_shape(a, b));
            if is_same {
                let (old, new) = (old.name.clone(), new.name.clone());
                for row in &mut self.rows {
                    if row.rule == rules::PROPERTY_REMOVED {
                        row.hint = Some(format!("possible-rename:{new}"));
                    } else if row.rule == rules::PROPERTY_ADDED_OPTIONAL
                        || row.rule == rules::PROPERTY_ADDED_REQUIRED
                    {
                        row.hint = Some(format!("possible-rename:{old}"));
                    }
                }
            }
        }
    }

    fn noun(&self) -> &'static str {
        match self.lens.side {
            Side::Config => "configuration property",
            _ => "property",
        }
    }

    fn property_removed(&mut self, step: String, old: &Property, anchor: Option<Spot>) {
        use Class::{Breaking as B, PotentialBreaking as P};
        let was_required = self.o.requires(&old.name) || !self.o.declares_required;
        let input = if self.n.is_closed() { B } else { P };
        let class = self.class(input, if was_required { B } else { P }, B);
        let reason = format!("{} {} removed", self.noun(), old.name);
        let row = self.spot_row(rules::PROPERTY_REMOVED, step, Some(old.spot), None);
        row.class = class;
        row.reason = reason;
        row.old = Some(old.name.as_str().into());
        row.anchor = anchor.or(row.anchor);
    }

    fn property_added(&mut self, new: &Property) {
        use Class::{NonBreaking as N, PotentialBreaking as P};
        let is_required = self.n.requires(&new.name);
        let rule = if is_required {
            rules::PROPERTY_ADDED_REQUIRED
        } else {
            rules::PROPERTY_ADDED_OPTIONAL
        };
        let step = crate::diff::path::keyed("", "properties", &new.name);
        let output = if self.o.is_closed() { P } else { N };
        let class = self.class(rule.usual(Column::Input), output, rule.usual(Column::Config));
        let reason = format!("{} {} added", self.noun(), new.name);
        let row = self.spot_row(rule, step, None, Some(new.spot));
        row.class = class;
        row.reason = reason;
        row.new = Some(new.name.as_str().into());
    }

    fn common_property(
        &mut self,
        step: &str,
        old: &Property,
        new: &Property,
        sides: &Seen<'a>,
        was: bool,
        is: bool,
    ) {
        let (Some(a), Some(b)) = (sides.old.as_deref(), sides.new.as_deref()) else { return };
        self.marks(step, &old.name, a, b);
        if !(was && is) {
            return;
        }
        self.children.push((step.to_owned(), old.schema, new.schema, self.lens));
        let (had, has) = (self.o.requires(&old.name), self.n.requires(&old.name));
        if had != has {
            let find = |normal: &Normal<'a>| {
                let found = normal.required.iter().find(|(name, _)| *name == old.name);
                found.map(|(_, spot)| *spot)
            };
            let (old_at, new_at) =
                (find(self.o).unwrap_or(old.spot), find(self.n).unwrap_or(new.spot));
            let rule =
                if has { rules::PROPERTY_BECAME_REQUIRED } else { rules::PROPERTY_BECAME_OPTIONAL };
            let row = self.spot_row(rule, format!("{step}.required"), Some(old_at), Some(new_at));
            row.old = Some(had.into());
            row.new = Some(has.into());
        }
    }

    /// `readOnly` and `writeOnly`.
    fn marks(&mut self, step: &str, name: &str, a: &Normal<'a>, b: &Normal<'a>) {
        use Class::{Breaking as B, NonBreaking as N, PotentialBreaking as P};
        let was_required = self.o.requires(name) || !self.o.declares_required;
        let is_required = self.n.requires(name);
        let lost = if was_required { B } else { P };
        for (word, old, new, set, unset) in [
            (
                "readOnly",
                a.is_read_only,
                b.is_read_only,
                (rules::READ_ONLY_SET, self.class(P, N, N)),
                (rules::READ_ONLY_UNSET, self.class(if is_required { B } else { N }, N, N)),
            ),
            (
                "writeOnly",
                a.is_write_only,
                b.is_write_only,
                (rules::WRITE_ONLY_SET, self.class(N, lost, N)),
                (rules::WRITE_ONLY_UNSET, self.class(N, N, N)),
            ),
        ] {
            if old.is_some() == new.is_some() {
                continue;
            }
            let (rule, class) = if new.is_some() { set } else { unset };
            let row = self.spot_row(rule, format!("{step}.{word}"), old, new);
            row.ty = Modified;
            row.class = class;
            row.old = Some(old.is_some().into());
            row.new = Some(new.is_some().into());
        }
    }
}

/// Whether two schemas look alike without looking below them.
fn same_shape(a: &Normal<'_>, b: &Normal<'_>) -> bool {
    let words = |normal: &Normal<'_>| {
        let mut words: Vec<(&str, String)> =
            normal.words.iter().map(|(name, at)| (*name, at.json().to_string())).collect();
        words.sort();
        words
    };
    let names = |normal: &Normal<'_>| -> Vec<String> {
        normal.properties.iter().map(|property| property.name.clone()).collect()
    };
    let values = |normal: &Normal<'_>| -> Option<Vec<String>> {
        let all = normal.enumeration.as_ref()?;
        Some(all.iter().map(|at| at.json().to_string()).collect())
    };
    a.types == b.types
        && words(a) == words(b)
        && names(a) == names(b)
        && values(a) == values(b)
        && a.unions.len() == b.unions.len()
}
