//! Putting back what a change took away.

use super::Baselined;
use crate::db::{self, Db, LocatedChange};
use crate::diff::ChangeType;
use crate::root::Root;
use crate::text::{Span, TextEdit};
use crate::yaml::entry_text::{entry_lines, line_end, line_start, reindent};
use crate::yaml::{Kind, NodeId, Tree};

/// The edit that takes the change `row` of the contract in `root` back; `None` where that is not
/// possible in the style of the file.
pub fn restore_edit(
    db: &dyn Db,
    root: &Root,
    baseline: &Baselined,
    row: &LocatedChange,
) -> Option<TextEdit> {
    let (old, new) = (row.old.as_ref()?, row.new.as_ref().or(row.anchor.as_ref())?);
    let tree = |root: &Root, path: &str| db::tree(db, db.inputs().file(db, root, path)).ready();
    let old_tree = tree(&baseline.baseline.root, &old.name)?;
    let new_tree = tree(root, &new.name)?;
    restore((old_tree, old.span), (new_tree, new.span), row.change.ty)
}

/// The edit that puts an element back where it was: a value in the place of the new one, or an
/// entry among those that are left of its siblings. `old_at` and `new_at` are spans of keys or
/// items; `None` where that is not possible in the style of the file.
fn restore(
    (old_tree, old_at): (&Tree, Span),
    (new_tree, new_at): (&Tree, Span),
    ty: ChangeType,
) -> Option<TextEdit> {
    let old = entry_at(old_tree, old_at)?;
    match ty {
        ChangeType::Modified => {
            let new = entry_at(new_tree, new_at)?;
            let (a, b) = (value_of(old_tree, old), value_of(new_tree, new));
            let is_line = |tree: &Tree, node: NodeId| {
                tree.kind(node).is_scalar() && !tree.source(node).contains('\n')
            };
            (is_line(old_tree, a) && is_line(new_tree, b))
                .then(|| TextEdit { span: new_tree.span(b), text: old_tree.source(a).to_owned() })
        }
        ChangeType::Removed => reinsert(old_tree, old, new_tree, entry_at(new_tree, new_at)?),
        ChangeType::Added => None,
    }
}

/// The pair or the item that a span belongs to.
fn entry_at(tree: &Tree, span: Span) -> Option<NodeId> {
    let node = tree.deepest_at(span.start);
    tree.ancestors(node).find(|id| matches!(tree.kind(*id), Kind::Pair | Kind::Item))
}

fn value_of(tree: &Tree, entry: NodeId) -> NodeId {
    tree.value(entry)
}

/// What tells an entry from its siblings: the key, or the `name` of an item.
fn name_of(tree: &Tree, entry: NodeId) -> String {
    if tree.kind(entry) == Kind::Pair {
        return tree.scalar_text(tree.key(entry)).into_owned();
    }
    let value = tree.value(entry);
    let named = tree.pair(value, "name").or_else(|| tree.pair(value, "ref"));
    match named {
        Some(pair) => tree.scalar_text(tree.value(pair)).into_owned(),
        None => tree.source(value).to_owned(),
    }
}

fn reinsert(old_tree: &Tree, old: NodeId, new_tree: &Tree, new_owner: NodeId) -> Option<TextEdit> {
    // The surviving parent is the value of the pair that the change is shown at.
    let container = value_of(new_tree, new_owner);
    // An element of a list is shown at its name.
    let old = match new_tree.kind(container).is_seq() {
        true => old_tree.ancestors(old).find(|id| old_tree.kind(*id) == Kind::Item)?,
        false => old,
    };
    let parent = old_tree.parent(old)?;
    let kinds = (old_tree.kind(parent), new_tree.kind(container));
    if !matches!(kinds, (Kind::BlockMap, Kind::BlockMap) | (Kind::BlockSeq, Kind::BlockSeq)) {
        return None;
    }
    let block = entry_lines(old_tree, old);
    let (old_column, new_column) =
        (old_tree.node(parent).mark as usize, new_tree.node(container).mark as usize);
    let text = reindent(&block, old_column, new_column);
    let kept: Vec<(String, NodeId)> =
        new_tree.children(container).map(|id| (name_of(new_tree, id), id)).collect();
    let before: Vec<String> = old_tree
        .children(parent)
        .take_while(|id| *id != old)
        .map(|id| name_of(old_tree, id))
        .collect();
    let previous =
        before.iter().rev().find_map(|name| kept.iter().find(|(other, _)| other == name));
    let source = new_tree.text();
    let at = match previous {
        Some((_, id)) => line_end(source, new_tree.span(*id).end as usize),
        None => line_start(source, new_tree.span(kept.first()?.1).start as usize),
    };
    let needs_break = at > 0 && !source[..at].ends_with('\n');
    let text = if needs_break { format!("\n{text}") } else { text };
    Some(TextEdit { span: Span::at(at), text })
}
