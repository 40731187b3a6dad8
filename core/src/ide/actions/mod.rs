//! What can be done with a text besides mending it: other ways to write the same, and order.

mod collections;
mod inline;
mod organise;
mod quotes;
mod replicas;

pub use organise::organise;

use super::Subject;
use crate::text::{Span, TextEdit};
use crate::yaml::{Kind, NodeId, Tree};

/// Which kind of change an action makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionKind {
    Rewrite,
    Inline,
}

/// An action on the contract's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub kind: ActionKind,
    pub title: String,
    /// The edits, or why there are none.
    pub edits: Result<Vec<TextEdit>, &'static str>,
}

impl Action {
    fn new(
        kind: ActionKind,
        title: impl Into<String>,
        edits: Result<Vec<TextEdit>, &'static str>,
    ) -> Action {
        Action { kind, title: title.into(), edits }
    }
}

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

/// The pair whose key a node is.
fn pair_of_key(tree: &Tree, node: NodeId) -> Option<NodeId> {
    let pair = tree.parent(node).filter(|&pair| tree.kind(pair) == Kind::Pair)?;
    (tree.key(pair) == node).then_some(pair)
}

fn has_comment(tree: &Tree, span: Span) -> bool {
    tree.comments().iter().any(|comment| span.start <= comment.start && comment.start < span.end)
}

/// Whether a node or something below it has an anchor or a tag, or is an alias.
fn has_properties(tree: &Tree, node: NodeId) -> bool {
    let own = tree.properties(node);
    let is_special = own.anchor.is_some() || own.tag.is_some() || tree.kind(node) == Kind::Alias;
    is_special || tree.children(node).any(|child| has_properties(tree, child))
}
