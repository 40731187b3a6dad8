//! `not`, `if`, and branches of `allOf` that cannot be merged.

use super::step::Step;
use crate::diff::docs::{At, same};
use crate::diff::pairs::take_pairs;
use crate::diff::rules::schema as rules;

impl Step<'_, '_> {
    pub(super) fn composition(&mut self) {
        let (o, n) = (self.o, self.n);
        match (o.not, n.not) {
            (Some((old, _)), Some((new, _))) => {
                self.children.push(("not".into(), old, new, self.lens.flipped()));
            }
            (old, new) => self.below("not", old, new, [rules::NOT_ADDED, rules::NOT_REMOVED]),
        }
        self.conditions();
        self.merge_failures();
    }

    /// Conditions that are alike on both sides, wherever they stand, are not a change.
    fn conditions(&mut self) {
        let (o, n) = (self.o, self.n);
        let is_same = |a: &At<'_>, b: &At<'_>| {
            ["if", "then", "else"].into_iter().all(|key| same(a.get(key), b.get(key)))
        };
        let (mut was, mut is) = (o.conditionals.clone(), n.conditionals.clone());
        take_pairs(&mut was, &mut is, &mut Vec::new(), is_same);
        for i in 0..was.len().max(is.len()) {
            match (was.get(i), is.get(i)) {
                (None, Some(at)) => {
                    self.spot_row(rules::CONDITIONAL_ADDED, "if", None, Some(at.spot()));
                }
                (Some(at), None) => {
                    self.spot_row(rules::CONDITIONAL_REMOVED, "if", Some(at.spot()), None);
                }
                (Some(a), Some(b)) => {
                    let (a, b) = (a.get("if"), b.get("if"));
                    let row = self.word_row(rules::CONDITIONAL_CHANGED, "if", a, b);
                    row.old = None;
                    row.new = None;
                }
                (None, None) => {}
            }
        }
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
