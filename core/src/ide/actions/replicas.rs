//! `replicas` as `min` and `max`, and back.

use super::action::{Action, ActionKind};
use crate::check::{FixOp, fix};
use crate::place::{Anchor, FileRef, Part};
use crate::yaml::{NodeId, Segment, Tree, path_of};

pub(super) fn rewrite(tree: &Tree, node: NodeId) -> Option<Action> {
    if path_of(tree, node).0.first() != Some(&Segment::Key("scaling".to_owned())) {
        return None;
    }
    let map = tree.value(tree.pair(tree.root_value()?, "scaling")?);
    if !tree.kind(map).is_map() {
        return None;
    }
    let at = |node| Anchor { file: FileRef::Source(0), node, part: Part::Value };
    let edits = |ops: [FixOp; 2]| -> Result<Vec<_>, &'static str> {
        let all: Option<Vec<_>> = ops.iter().map(|op| fix::edits(tree, op)).collect();
        all.map(|all| all.concat()).ok_or("the text does not allow it")
    };
    let key =
        |pair: NodeId, text: &str| FixOp::Replace { at: at(tree.key(pair)), text: text.into() };
    if let Some(pair) = tree.pair(map, "replicas") {
        let value = tree.source(tree.value(pair)).to_owned();
        let ops = [key(pair, "min"), FixOp::Insert { map: at(map), key: "max".into(), value }];
        return Some(Action::new(ActionKind::Rewrite, "Write `min` and `max`", edits(ops)));
    }
    let (min, max) = (tree.pair(map, "min")?, tree.pair(map, "max")?);
    let is_fixed = tree.scalar_text(tree.value(min)) == tree.scalar_text(tree.value(max));
    let edits = match is_fixed {
        true => edits([key(min, "replicas"), FixOp::Remove { at: at(tree.key(max)) }]),
        false => Err("`min` and `max` differ"),
    };
    Some(Action::new(ActionKind::Rewrite, "Write `replicas`", edits))
}
