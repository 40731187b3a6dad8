//! Mappings and lists in brackets as lines, and back.

use super::action::{Action, ActionKind, has_comment, has_properties, pair_of_key};
use crate::check::fix;
use crate::text::{Span, TextEdit, newline};
use crate::yaml::{Kind, NO_MARK, NodeId, Style, Tree};

/// The other style of the collection below the key at `node`.
pub(super) fn restyle(tree: &Tree, node: NodeId) -> Option<Action> {
    let pair = pair_of_key(tree, node)?;
    let (value, colon) = (tree.value(pair), tree.node(pair).mark);
    let map = tree.parent(pair)?;
    let is_above_block = tree.kind(map) == Kind::BlockMap && colon != NO_MARK;
    let kind = tree.kind(value);
    if !is_above_block || tree.children(value).next().is_none() {
        return None;
    }
    let is_flow = kind.is_flow();
    if !is_flow && !matches!(kind, Kind::BlockMap | Kind::BlockSeq) {
        return None;
    }
    let title = if is_flow { "Write it on several lines" } else { "Write it on one line" };
    let end = tree.span(value).start as usize + tree.source(value).trim_end().len();
    let span = Span::new(colon as usize + 1, end);
    let written = match () {
        () if has_comment(tree, span) => Err("it has comments"),
        () if has_properties(tree, value) => Err("it has an anchor, an alias or a tag"),
        () if is_flow => {
            let mut lines = String::new();
            block(tree, value, tree.node(map).mark as usize, &mut lines);
            Ok(lines)
        }
        () => in_flow(tree, value).map(|text| format!(" {text}")).ok_or("a text has several lines"),
    };
    let edits = written.map(|text| vec![TextEdit::replace(span, text)]);
    Some(Action::new(ActionKind::Rewrite, title, edits))
}

/// A node on one line; `None` where a text has several.
pub(super) fn in_flow(tree: &Tree, node: NodeId) -> Option<String> {
    let kind = tree.kind(node);
    let each = |entries: Vec<NodeId>, one: &dyn Fn(NodeId) -> Option<String>| {
        let all: Option<Vec<String>> = entries.into_iter().map(one).collect();
        all.map(|all| all.join(", "))
    };
    if kind.is_map() {
        let pair = |pair| {
            let key = in_flow(tree, tree.key(pair))?;
            Some(format!("{key}: {}", in_flow(tree, tree.value(pair))?))
        };
        return each(tree.pairs(node).collect(), &pair).map(|all| format!("{{{all}}}"));
    }
    if kind.is_seq() {
        let item = |item| in_flow(tree, item);
        return each(tree.items(node).collect(), &item).map(|all| format!("[{all}]"));
    }
    let source = tree.source(node);
    match kind {
        _ if source.contains('\n') || kind.is_block_scalar() => None,
        Kind::Null if source.is_empty() => Some("null".to_owned()),
        // What is a text between brackets, too, stays as it is written.
        Kind::Plain if source.contains([',', '[', ']', '{', '}']) => Some(fix::quoted(source)),
        _ => Some(source.to_owned()),
    }
}

/// The lines of a collection that belongs to a key at `column`, each behind a line break.
fn block(tree: &Tree, node: NodeId, column: usize, out: &mut String) {
    let newline = newline(tree.text());
    let style = Style::of(tree);
    let is_seq = tree.kind(node).is_seq();
    let own = column + if is_seq { style.list } else { style.step };
    let entries: Vec<NodeId> = match is_seq {
        true => tree.items(node).collect(),
        false => tree.pairs(node).collect(),
    };
    for entry in entries {
        out.push_str(newline);
        out.push_str(&" ".repeat(own));
        match is_seq {
            true => item(tree, entry, own, out),
            false => pair(tree, entry, own, out),
        }
    }
}

/// The first key of a mapping stands behind the dash.
fn item(tree: &Tree, value: NodeId, column: usize, out: &mut String) {
    out.push_str("- ");
    if !tree.kind(value).is_map() || tree.pairs(value).next().is_none() {
        out.push_str(tree.source(value));
        return;
    }
    for (i, entry) in tree.pairs(value).enumerate() {
        if i > 0 {
            out.push_str(newline(tree.text()));
            out.push_str(&" ".repeat(column + 2));
        }
        pair(tree, entry, column + 2, out);
    }
}

fn pair(tree: &Tree, pair: NodeId, column: usize, out: &mut String) {
    let value = tree.value(pair);
    out.push_str(tree.source(tree.key(pair)));
    out.push(':');
    // Mappings become lines all the way down; short lists of words stay.
    let has_children = tree.children(value).next().is_some();
    if has_children && tree.kind(value).is_map() {
        block(tree, value, column, out);
    } else if !tree.source(value).is_empty() {
        out.push(' ');
        out.push_str(tree.source(value));
    }
}
