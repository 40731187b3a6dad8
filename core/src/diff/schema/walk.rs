//! From the graph of compared pairs to rows with paths.

use super::graph::{Comparison, Pair, PairId};
use crate::diff::change::Change;
use crate::diff::class::{ChangeType, Class};
use crate::diff::docs::Level;
use crate::diff::path::step;
use crate::diff::rule::Lens;
use crate::diff::rules::schema as rules;
use crate::place::Anchor;

/// Beyond so many visits of one place, each pair is shown at its first path only.
const MAX_VISITS: usize = 10_000;
/// Upper bound on schemas in each other on one path. What is deeper is one row.
const MAX_DEPTH: usize = 256;

struct Walk<'c, 's, 'a> {
    comparison: &'c Comparison<'s, 'a>,
    path: Vec<PairId>,
    visits: usize,
    seen: rustc_hash::FxHashSet<PairId>,
    rows: Vec<Change>,
}

/// A row for a schema that only one side has. `anchor` is where it is shown.
pub fn lone(
    lens: Lens,
    path: &str,
    old: Option<Anchor>,
    new: Option<Anchor>,
    anchor: Option<Anchor>,
) -> Change {
    let rule = if old.is_some() { rules::SCHEMA_REMOVED } else { rules::SCHEMA_ADDED };
    let ty = ChangeType::of(old.is_some(), new.is_some());
    let mut change = Change::new(rule, ty, path);
    change.side = Some(lens.side);
    change.class = rule.seen(lens);
    change.old_at = old;
    change.new_at = new;
    change.anchor = anchor;
    change
}

impl Comparison<'_, '_> {
    /// The rows of a pair and of everything below it, each path once, in bytewise order of paths.
    /// `base` leads to the pair.
    pub fn rows(&self, root: PairId, base: &str) -> Vec<Change> {
        if !self.is_dirty(root) {
            return Vec::new();
        }
        let mut walk = Walk {
            comparison: self,
            path: Vec::new(),
            visits: 0,
            seen: rustc_hash::FxHashSet::default(),
            rows: Vec::new(),
        };
        walk.pair(root, base, None);
        let mut rows = walk.rows;
        rows.sort_by(|a, b| {
            (&a.path, a.ty).cmp(&(&b.path, b.ty)).then_with(|| a.rule_id().cmp(&b.rule_id()))
        });
        rows.dedup_by(|a, b| {
            a.path == b.path && a.rule == b.rule && a.ty == b.ty && a.old == b.old && a.new == b.new
        });
        rows
    }
}

impl Walk<'_, '_, '_> {
    fn pair(&mut self, id: PairId, base: &str, origin: Option<&str>) {
        let pair = &self.comparison.pairs[id.0 as usize];
        self.visits += 1;
        let is_first = self.seen.insert(id);
        let is_cut = self.path.contains(&id) || self.visits > MAX_VISITS && !is_first;
        if !pair.is_dirty || is_cut {
            return;
        }
        if self.path.len() >= MAX_DEPTH {
            return self.too_deep(pair, base);
        }
        let origin = pair.origin.as_deref().or(origin);
        let comparison = self.comparison;
        for row in &pair.rows {
            let mut change = Change::new(row.rule, row.ty, step(base, &row.step));
            change.side = Some(pair.lens.side);
            change.class = row.class;
            change.reason.clone_from(&row.reason);
            if pair.lens.side == crate::diff::class::Side::Both && row.class > Class::NonBreaking {
                change.reason.push_str(" (direction unknown: set asyncapi.perspective)");
            }
            change.old.clone_from(&row.old);
            change.new.clone_from(&row.new);
            change.old_at = row.old_at.map(|spot| comparison.old.docs.anchor(spot));
            change.new_at = row.new_at.map(|spot| comparison.new.docs.anchor(spot));
            change.anchor = change
                .new_at
                .clone()
                .or_else(|| row.anchor.map(|spot| comparison.new.docs.anchor(spot)));
            change.origin = origin.map(str::to_owned);
            change.hints.extend(row.hint.clone());
            self.rows.push(change);
        }
        self.path.push(id);
        for (below, child) in &pair.children {
            if comparison.is_dirty(*child) {
                self.pair(*child, &step(base, below), origin);
            }
        }
        self.path.pop();
    }

    /// Something changed in or below a pair that lies too deep to be shown.
    fn too_deep(&mut self, pair: &Pair, base: &str) {
        let docs = &self.comparison.new.docs;
        let anchor = docs.anchor(self.comparison.new.place(pair.new).spot());
        let message = format!("more than {MAX_DEPTH} schemas in each other");
        docs.report("LIMIT_REACHED", Level::Warning, message, Some(anchor.clone()));
        let mut change = Change::new(rules::SCHEMA_UNDECIDED, ChangeType::Modified, base);
        change.side = Some(pair.lens.side);
        change.class = rules::SCHEMA_UNDECIDED.seen(pair.lens);
        change.new_at = Some(anchor.clone());
        change.anchor = Some(anchor);
        self.rows.push(change);
    }
}
