//! Arrays: their length, their items.

use super::form::{Others, Word};
use super::step::{OtherRules, Step};
use super::types::number;
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
}
