//! Values that other contracts of the workspace have at the same place: teams, contacts, images.

use std::collections::BTreeMap;

use super::context::Context;
use super::item::{Completion, CompletionKind};
use crate::db;
use crate::root::CONTRACT_FILE;
use crate::yaml::{NodeId, Segment, Tree};

/// Upper bound on the contracts that are looked at, and on what is proposed.
const MAX_CONTRACTS: usize = 500;
const MAX_VALUES: usize = 50;

/// What stands at the place of the cursor elsewhere, most used first.
pub(super) fn values(context: &Context<'_>) -> Vec<Completion> {
    let db = context.subject.db;
    let own = context.ctx.bundle.root();
    let others = context.ctx.bundle.workspace().iter().filter(|root| *root != own);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for root in others.take(MAX_CONTRACTS) {
        let file = db.inputs().file(db, root, CONTRACT_FILE);
        let Some(tree) = db::tree(db, file).ready() else { continue };
        let Some(top) = tree.root_value() else { continue };
        let mut texts = Vec::new();
        collect(tree, top, &context.cursor.path.0, &mut texts);
        // Once for each contract, however often it says so.
        texts.sort();
        texts.dedup();
        texts.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
    }
    let mut found: Vec<(String, usize)> = counts.into_iter().collect();
    found.sort_by(|(a, m), (b, n)| (n, a).cmp(&(m, b)));
    found.truncate(MAX_VALUES);
    let each = found.into_iter().enumerate().map(|(i, (text, count))| {
        let detail = match count {
            1 => "in 1 other contract".to_owned(),
            n => format!("in {n} other contracts"),
        };
        let item = context.value(&text, CompletionKind::Value, i as u32);
        Completion { detail, origin: "workspace".to_owned(), ..item }
    });
    each.collect()
}

/// The texts of one line at a path; any item where the path has an index.
fn collect(tree: &Tree, at: NodeId, path: &[Segment], out: &mut Vec<String>) {
    match path {
        [] if tree.kind(at).is_scalar() => {
            let text = tree.scalar_text(at).into_owned();
            if !text.is_empty() && !text.contains('\n') {
                out.push(text);
            }
        }
        [] => {}
        [Segment::Key(key), rest @ ..] => {
            if let Some(pair) = tree.pair(at, key) {
                collect(tree, tree.value(pair), rest, out);
            }
        }
        [Segment::Index(_), rest @ ..] => {
            tree.items(at).for_each(|item| collect(tree, item, rest, out));
        }
    }
}
