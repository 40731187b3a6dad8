//! An action, and what is asked of the nodes that it is about.

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
    pub(super) fn new(
        kind: ActionKind,
        title: impl Into<String>,
        edits: Result<Vec<TextEdit>, &'static str>,
    ) -> Action {
        Action { kind, title: title.into(), edits }
    }
}

/// The pair whose key a node is.
pub(super) fn pair_of_key(tree: &Tree, node: NodeId) -> Option<NodeId> {
    let pair = tree.parent(node).filter(|&pair| tree.kind(pair) == Kind::Pair)?;
    (tree.key(pair) == node).then_some(pair)
}

pub(super) fn has_comment(tree: &Tree, span: Span) -> bool {
    tree.comments().iter().any(|comment| span.start <= comment.start && comment.start < span.end)
}

/// Whether a node or something below it has an anchor or a tag, or is an alias.
pub(super) fn has_properties(tree: &Tree, node: NodeId) -> bool {
    let own = tree.properties(node);
    let is_special = own.anchor.is_some() || own.tag.is_some() || tree.kind(node) == Kind::Alias;
    is_special || tree.children(node).any(|child| has_properties(tree, child))
}
