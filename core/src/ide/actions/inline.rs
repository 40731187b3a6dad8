//! An alias replaced by what it stands for.

use super::action::{Action, ActionKind};
use super::collections::in_flow;
use crate::text::TextEdit;
use crate::yaml::{Kind, NodeId, Tree};

pub(super) fn expand(tree: &Tree, node: NodeId) -> Option<Action> {
    let source = tree.source(node);
    let name = source.strip_prefix('*').filter(|_| tree.kind(node) == Kind::Alias)?;
    let pair = tree.parent(node).filter(|&pair| tree.kind(pair) == Kind::Pair);
    let is_merge = pair.is_some_and(|pair| tree.scalar_text(tree.key(pair)) == "<<");
    let at = tree.span(node);
    // The last anchor of the name before the alias is meant (YAML 1.2, "Alias Nodes").
    let before = tree.ids().filter(|&id| tree.span(id).start < at.start);
    let anchored = before.filter(|&id| tree.anchor_name(id) == Some(name)).last()?;
    let written = match in_flow(tree, anchored) {
        _ if is_merge => Err("a merge takes the entries over, not the value"),
        Some(text) => Ok(vec![TextEdit::replace(at, text)]),
        None => Err("a text has several lines"),
    };
    Some(Action::new(
        ActionKind::Inline,
        format!("Replace `{source}` by what it stands for"),
        written,
    ))
}
