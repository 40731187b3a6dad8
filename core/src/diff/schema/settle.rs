//! Rows of pairs that keywords alone do not decide are held to what values prove.

use serde_json::Value as Json;

use super::form::{Normal, UnionKind};
use super::graph::{Comparison, PairId};
use super::judge::{Verdict, judge};
use super::step::Row;
use super::types::Types;
use super::unions::are_disjoint;
use crate::diff::class::ChangeType::Modified;
use crate::diff::class::Class;
use crate::diff::docs::equal;
use crate::diff::rule::Rule;
use crate::diff::rules::schema as rules;

/// Upper bound on the pairs below one that are looked at.
const MAX_BELOW: usize = 2_000;

impl Comparison<'_, '_> {
    /// Looks at a pair and at all below it, the lower ones first.
    pub(super) fn settle(&mut self, root: PairId) {
        let mut stack = vec![(root, false)];
        while let Some((id, are_lower_done)) = stack.pop() {
            let pair = &mut self.pairs[id.0 as usize];
            if are_lower_done {
                let (o, n) = (self.old.normal(pair.old), self.new.normal(pair.new));
                let is_known =
                    !o.is_cut && !n.is_cut && o.undecided.is_empty() && n.undecided.is_empty();
                let is_told = pair.is_dirty || self.may_count_otherwise(id, &o, &n);
                if is_known && is_told && self.is_open(id, &o, &n) {
                    self.settle_pair(id, &o, &n);
                }
            } else if !pair.is_settled {
                pair.is_settled = true;
                stack.push((id, true));
                stack.extend(pair.children.iter().map(|(_, child)| (*child, false)));
            }
        }
    }

    /// Whether keywords may have said too much or too little of a pair.
    fn is_open(&self, id: PairId, o: &Normal<'_>, n: &Normal<'_>) -> bool {
        let is_small = |normal: &Normal<'_>| normal.properties.len() <= 3;
        let rows = &self.pairs[id.0 as usize].rows;
        let is_breaking = rows.iter().any(|row| row.class == Class::Breaking);
        let is_told = rows.len() == 1 && says_one_thing(o) && says_one_thing(n)
            || rows.iter().all(is_about_listed) && lists_values(o) && lists_values(n);
        is_intricate(o) || is_intricate(n) || is_small(o) && is_small(n) && is_breaking && !is_told
    }

    /// Whether alternatives may have changed without a row.
    fn may_count_otherwise(&self, id: PairId, o: &Normal<'_>, n: &Normal<'_>) -> bool {
        let pair = &self.pairs[id.0 as usize];
        let has_any = !o.unions.is_empty() || !n.unions.is_empty();
        has_any && !equal(self.old.place(pair.old).value, self.new.place(pair.new).value)
    }

    fn settle_pair(&mut self, id: PairId, o: &Normal<'_>, n: &Normal<'_>) {
        let pair = &self.pairs[id.0 as usize];
        let lens = pair.lens;
        let (old, new) = ((self.old, pair.old), (self.new, pair.new));
        let (reads, writes) = lens.directions();
        let refused = if reads { judge(lens, old, new, &self.fuel) } else { Verdict::Holds };
        let admitted = if writes { judge(lens, new, old, &self.fuel) } else { Verdict::Holds };
        match (refused, admitted) {
            (Verdict::Holds, Verdict::Holds) => self.lower(id),
            (Verdict::Fails(value), _) => self.raise(id, rules::VALUES_REFUSED, value, o, n),
            (_, Verdict::Fails(value)) => self.raise(id, rules::VALUES_ADMITTED, value, o, n),
            _ => {
                let is_counted = |normal: &Normal<'_>, is_old: bool| {
                    let schemas = if is_old { self.old } else { self.new };
                    normal.discriminator.is_none()
                        && normal.unions.iter().any(|union| {
                            union.kind == UnionKind::OneOf
                                && !are_disjoint(schemas, &union.branches)
                        })
                };
                if reads && is_counted(n, false) || writes && is_counted(o, true) {
                    self.doubt(id, o, n);
                }
            }
        }
    }

    /// All values that counted before count still: no row may say that somebody is hurt, but for
    /// those that are about more than values.
    fn lower(&mut self, id: PairId) {
        let pair = &mut self.pairs[id.0 as usize];
        for row in pair.rows.iter_mut().filter(|row| is_about_values(row.rule)) {
            row.class = Class::NonBreaking;
        }
        let of_union =
            |step: &str| ["anyOf", "oneOf", "allOf", "not"].iter().any(|k| step.starts_with(k));
        let children = pair.children.clone();
        let (mut kept, mut covered) = (Vec::new(), Vec::new());
        for (step, child) in children {
            let is_worse = of_union(&step) && self.worst(child).0 > Class::NonBreaking;
            if is_worse { &mut covered } else { &mut kept }.push((step, child));
        }
        let new = self.pairs[id.0 as usize].new;
        let place = self.new.place(new);
        let pair = &mut self.pairs[id.0 as usize];
        for (step, _) in covered {
            pair.rows.push(Row::new(rules::UNION_BRANCH_COVERED, Modified, step, pair.lens, place));
        }
        pair.children = kept;
    }

    /// A value is proof that somebody is hurt; where no row says so yet, one does then.
    fn raise(
        &mut self,
        id: PairId,
        rule: &'static Rule,
        value: Json,
        o: &Normal<'_>,
        n: &Normal<'_>,
    ) {
        let (worst, is_excused) = self.worst(id);
        let pair = &self.pairs[id.0 as usize];
        let is_composed = pair.rows.iter().any(|row| is_composition(row.rule));
        let has_room = worst == Class::NonBreaking || is_composed && worst < rule.seen(pair.lens);
        if !has_room || is_excused {
            return;
        }
        let mut text = value.to_string();
        if text.chars().count() > 80 {
            text = text.chars().take(79).chain(['…']).collect();
        }
        let mut row = self.whole_row(id, rule, o, n);
        row.reason = format!("{}, such as {text}", row.reason);
        self.pairs[id.0 as usize].rows.push(row);
        self.mark(id);
    }

    /// Alternatives changed of which at most one may be right, and it cannot be told which are.
    fn doubt(&mut self, id: PairId, o: &Normal<'_>, n: &Normal<'_>) {
        let pair = &self.pairs[id.0 as usize];
        let is_composed = pair.rows.iter().any(|row| is_composition(row.rule));
        if is_composed && self.worst(id).0 == Class::NonBreaking {
            let row = self.whole_row(id, rules::SCHEMA_UNDECIDED, o, n);
            self.pairs[id.0 as usize].rows.push(row);
        }
    }

    fn whole_row(&self, id: PairId, rule: &'static Rule, o: &Normal<'_>, n: &Normal<'_>) -> Row {
        let pair = &self.pairs[id.0 as usize];
        let (was, is) = (o.unions.first(), n.unions.first());
        let step = is.or(was).map_or("", |union| union.kind.text());
        let mut row = Row::new(rule, Modified, step, pair.lens, self.new.place(pair.new));
        row.old_at = was.map(|union| union.spot);
        row.new_at = is.map(|union| union.spot);
        row
    }

    /// The worst class at a pair or below, and whether a row there is milder than what it does to
    /// values, as a type that was merely implied.
    fn worst(&self, root: PairId) -> (Class, bool) {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![root];
        let (mut worst, mut is_excused) = (Class::NonBreaking, false);
        while let Some(id) = stack.pop() {
            if !seen.insert(id) || seen.len() > MAX_BELOW {
                continue;
            }
            let pair = &self.pairs[id.0 as usize];
            for row in &pair.rows {
                worst = worst.max(row.class);
                is_excused |= row.rule == rules::TYPE_MADE_EXPLICIT;
            }
            stack.extend(pair.children.iter().map(|(_, child)| *child));
        }
        (worst, is_excused)
    }
}

/// Whether at most one keyword besides the type restricts a text or a number, so that a row about it
/// is the whole truth.
fn says_one_thing(normal: &Normal<'_>) -> bool {
    let bounds = [normal.minimum, normal.maximum];
    let count = normal.words.len() + normal.patterns.len() + bounds.iter().flatten().count();
    normal.type_word.is_some()
        && normal.types.within(Types::STRING.or(Types::NUMBER))
        && normal.enumeration.is_none()
        && count <= 1
}

fn is_about_listed(row: &Row) -> bool {
    [rules::ENUM_VALUE_REMOVED, rules::ENUM_VALUE_ADDED].contains(&row.rule)
}

/// Whether a schema is a list of values, and nothing else but a type.
fn lists_values(normal: &Normal<'_>) -> bool {
    normal.enumeration.is_some()
        && normal.implied == Types::default()
        && normal.words.is_empty()
        && normal.patterns.is_empty()
        && normal.minimum.or(normal.maximum).is_none()
}

/// Whether keywords of a schema depend on each other in ways that rows do not show.
fn is_intricate(normal: &Normal<'_>) -> bool {
    !normal.unions.is_empty()
        || !normal.branches.is_empty()
        || normal.not.is_some()
        || !normal.conditionals.is_empty()
        || normal.contains.is_some()
        || normal.property_names.is_some()
        || !normal.dependent_schemas.is_empty()
        || !normal.pattern_properties.is_empty()
        || !matches!(normal.unevaluated_items, super::form::Others::Open)
        || !matches!(normal.unevaluated_properties, super::form::Others::Open)
}

fn is_composition(rule: &Rule) -> bool {
    [
        rules::UNION_BRANCH_ADDED,
        rules::UNION_BRANCH_REMOVED,
        rules::UNION_BRANCH_COVERED,
        rules::UNION_KIND_CHANGED,
        rules::ALL_OF_BRANCH_ADDED,
        rules::ALL_OF_BRANCH_REMOVED,
        rules::NOT_ADDED,
        rules::NOT_REMOVED,
        rules::CONDITIONAL_ADDED,
        rules::CONDITIONAL_REMOVED,
        rules::CONDITIONAL_CHANGED,
    ]
    .contains(&rule)
}

/// Whether a row says nothing but which values are admitted. What readers expect beyond that
/// (properties that are gone, defaults, who may write, discriminators, XML, words that nobody
/// knows) stays.
fn is_about_values(rule: &Rule) -> bool {
    ![
        rules::PROPERTY_REMOVED,
        rules::DEFAULT_ADDED,
        rules::DEFAULT_CHANGED,
        rules::DEFAULT_REMOVED,
        rules::READ_ONLY_SET,
        rules::READ_ONLY_UNSET,
        rules::WRITE_ONLY_SET,
        rules::WRITE_ONLY_UNSET,
        rules::DISCRIMINATOR_ADDED,
        rules::DISCRIMINATOR_REMOVED,
        rules::DISCRIMINATOR_PROPERTY_CHANGED,
        rules::DISCRIMINATOR_MAPPING_ADDED,
        rules::DISCRIMINATOR_MAPPING_REMOVED,
        rules::DISCRIMINATOR_MAPPING_RETARGETED,
        rules::EXTENSIBLE_ENUM_DROPPED,
        rules::EXTENSIBLE_ENUM_INTRODUCED,
        rules::EXTENSIBLE_ENUM_VALUE_ADDED,
        rules::EXTENSIBLE_ENUM_VALUE_REMOVED,
        rules::XML_CHANGED,
        rules::UNKNOWN_KEYWORD_CHANGED,
        rules::SCHEMA_UNDECIDED,
        rules::CONTENT_ENCODING_CHANGED,
        rules::CONTENT_MEDIA_TYPE_CHANGED,
        rules::CONTENT_SCHEMA_ADDED,
        rules::CONTENT_SCHEMA_REMOVED,
        rules::FORMAT_UNREGISTERED_CHANGED,
    ]
    .contains(&rule)
        && rule.domain == crate::diff::rule::Domain::Schema
}
