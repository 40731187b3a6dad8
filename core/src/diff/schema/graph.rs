//! Pairs of schemas: a graph that is worked through once, whatever cycles are in it. Rows are put
//! together by [`super::walk`].

use std::cell::Cell;

use rustc_hash::FxHashMap;

use super::arena::Schemas;
use super::form::{Normal, SchemaId};
use super::judge;
use super::pattern::is_decidable;
use super::step::{Row, Step};
use super::types::Types;
use crate::diff::class::Class;
use crate::diff::docs::Level;
use crate::diff::rule::Lens;
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
    /// Whether its rows were held to what values prove.
    pub is_settled: bool,
    pub origin: Option<String>,
}

/// Upper bound on the schemas that are asked about values.
const MAX_FUEL: usize = 3_000_000;

/// Unions in unions beyond this depth are not decided.
const MAX_DEPTH: usize = 64;

/// How much of its limits a comparison has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pairs: usize,
    fuel: usize,
}

impl Spent {
    /// Both together.
    pub fn and(self, other: Spent) -> Spent {
        Spent { pairs: self.pairs + other.pairs, fuel: self.fuel + other.fuel }
    }

    /// Whether no limit decides anything about a comparison that uses as much.
    pub fn is_within(self, settings: &Settings) -> bool {
        self.pairs <= settings.limits.schema_pairs && self.fuel + judge::MAX_FUEL <= MAX_FUEL
    }
}

/// All comparisons between the schemas of two bundles.
pub struct Comparison<'s, 'a> {
    pub old: &'s Schemas<'a>,
    pub new: &'s Schemas<'a>,
    pub settings: &'s Settings,
    memo: FxHashMap<(SchemaId, SchemaId, Lens), PairId>,
    pub(super) pairs: Vec<Pair>,
    queue: Vec<PairId>,
    depth: usize,
    /// How many more schemas may be asked about values.
    pub(super) fuel: Cell<usize>,
}

impl<'s, 'a> Comparison<'s, 'a> {
    pub fn new(
        old: &'s Schemas<'a>,
        new: &'s Schemas<'a>,
        settings: &'s Settings,
    ) -> Comparison<'s, 'a> {
        let memo = FxHashMap::default();
        let fuel = Cell::new(MAX_FUEL);
        Comparison {
            old,
            new,
            settings,
            memo,
            pairs: Vec::new(),
            queue: Vec::new(),
            depth: 0,
            fuel,
        }
    }

    /// Compares two schemas and everything below them.
    pub fn compare(&mut self, old: SchemaId, new: SchemaId, lens: Lens) -> PairId {
        let pair = self.pair(old, new, lens);
        while let Some(next) = self.queue.pop() {
            self.process(next);
        }
        self.settle(pair);
        pair
    }

    pub fn spent(&self) -> Spent {
        Spent { pairs: self.pairs.len(), fuel: MAX_FUEL - self.fuel.get() }
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
            is_settled: false,
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
        let (olds, news) = (self.old, self.new);
        let (rows, children) = (Vec::new(), Vec::new());
        let mut step = Step { o: &o, n: &n, olds, news, lens, place, rows, children };
        let is_beyond =
            id.0 as usize >= self.settings.limits.schema_pairs || self.depth >= MAX_DEPTH;
        if is_beyond || o.is_cut || n.is_cut {
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
                if !is_wrapped && o.types.and(n.types).has(Types::OBJECT) {
                    step.properties();
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

    pub(super) fn mark(&mut self, id: PairId) {
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
