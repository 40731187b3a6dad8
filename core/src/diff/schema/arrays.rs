//! Arrays: their length, their items.

use super::form::{Normal, Others, Word};
use super::step::{OtherRules, Step};
use super::types::number;
use crate::diff::class::ChangeType::Modified;
use crate::diff::docs::equal;
use crate::diff::rules::schema as rules;

impl<'a> Step<'_, 'a> {
    pub(super) fn arrays(&mut self) {
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
        let is_unevaluated = |normal: &Normal<'a>| {
            normal.items_are_unevaluated || matches!(normal.items, Others::Open)
        };
        let unevaluated = OtherRules {
            schema_added: rules::UNEVALUATED_ITEMS_CLOSED,
            schema_removed: rules::UNEVALUATED_ITEMS_OPENED,
            closed: rules::UNEVALUATED_ITEMS_CLOSED,
            opened: rules::UNEVALUATED_ITEMS_OPENED,
        };
        match is_unevaluated(o) && is_unevaluated(n) {
            true => self.others("unevaluatedItems", o.items, n.items, unevaluated),
            false => self.others(
                "items",
                o.items,
                n.items,
                OtherRules {
                    schema_added: rules::ITEMS_ADDED,
                    schema_removed: rules::ITEMS_REMOVED,
                    closed: rules::ITEMS_ADDED,
                    opened: rules::ITEMS_REMOVED,
                },
            ),
        }
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
        self.others("unevaluatedItems", o.unevaluated_items, n.unevaluated_items, unevaluated);
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

    /// Position by position, as far as either side names positions.
    fn tuple(&mut self) {
        let (o, n) = (self.o, self.n);
        for i in 0..o.prefix.len().max(n.prefix.len()) {
            let step = format!("prefixItems[{i}]");
            let (rule, old_at, new_at) = match (o.item(i), n.item(i)) {
                (Others::Open, Others::Open) | (Others::Closed(_), Others::Closed(_)) => {
                    self.position_named(step, i);
                    continue;
                }
                (Others::Schema(old, _), Others::Schema(new, _)) => {
                    let (a, b) = (self.olds.parts(old), self.news.parts(new));
                    let is_same = a.len() == b.len()
                        && a.iter().zip(&*b).all(|(a, b)| equal(a.value, b.value));
                    if is_same {
                        self.position_named(step.clone(), i);
                    }
                    self.children.push((step, old, new, self.lens));
                    continue;
                }
                (Others::Open, Others::Schema(_, spot) | Others::Closed(spot)) => {
                    (rules::PREFIX_ITEM_NARROWED, None, Some(spot))
                }
                (Others::Schema(_, was), Others::Closed(spot)) => {
                    (rules::PREFIX_ITEM_NARROWED, Some(was), Some(spot))
                }
                (Others::Schema(_, spot) | Others::Closed(spot), Others::Open) => {
                    (rules::PREFIX_ITEM_WIDENED, Some(spot), None)
                }
                (Others::Closed(was), Others::Schema(_, spot)) => {
                    (rules::PREFIX_ITEM_WIDENED, Some(was), Some(spot))
                }
            };
            self.spot_row(rule, step, old_at, new_at);
        }
    }

    /// A position that one side names, and of which both say the same.
    fn position_named(&mut self, step: String, i: usize) {
        if (self.o.prefix.len() > i) != (self.n.prefix.len() > i) {
            self.row(rules::ANNOTATION_CHANGED, Modified, step);
        }
    }
}
