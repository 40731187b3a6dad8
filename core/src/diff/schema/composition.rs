//! `not`, `if`, and branches of `allOf` that cannot be merged.

use super::step::Step;
use crate::diff::docs::same;
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
