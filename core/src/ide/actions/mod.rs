//! What can be done with a text besides mending it: other ways to write the same, and order.

mod action;
mod collections;
mod inline;
mod organise;
mod quotes;
mod replicas;

pub use action::{Action, ActionKind};
pub use organise::organise;

use super::Subject;

/// The other ways to write what stands at `offset`.
pub fn rewrites(subject: &Subject<'_>, offset: u32) -> Vec<Action> {
    let tree = subject.tree;
    if !subject.merged.document.syntax.is_empty() {
        return Vec::new();
    }
    let node = tree.deepest_at(offset);
    let all = [replicas::rewrite(tree, node), collections::restyle(tree, node)];
    let mut found: Vec<Action> = all.into_iter().flatten().collect();
    found.extend(quotes::restyle(tree, node));
    found.extend(inline::expand(tree, node));
    found
}
