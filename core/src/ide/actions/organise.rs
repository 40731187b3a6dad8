//! The fields of a contract in the order of the format.

use crate::schema::{Shape, shape_at};
use crate::text::{Span, TextEdit, apply_edits};
use crate::value::lower;
use crate::yaml::entry_text::{line_end, line_start};
use crate::yaml::{Kind, NodeId, Tree, parse, path_of};

/// Upper bound on the mappings that are put in order.
const MAX_STEPS: usize = 1_000;

/// The edit that puts the fields of every mapping in order, with the comments above them; `None`
/// where they are.
///
/// # Errors
/// Why they cannot be.
pub fn organise(tree: &Tree) -> Result<Option<TextEdit>, &'static str> {
    let mut text = tree.text().to_owned();
    for _ in 0..MAX_STEPS {
        let now = parse(text.as_str());
        if !now.errors().is_empty() {
            return Err("it has syntax errors");
        }
        let Some(edit) = now.ids().find_map(|id| sorted(&now, id)) else { break };
        text = apply_edits(&text, &[edit]);
    }
    if text == tree.text() {
        return Ok(None);
    }
    let new = parse(text.as_str());
    let json = |tree: &Tree| lower(tree, 0).value.to_json();
    let comments = |tree: &Tree| {
        let mut all: Vec<String> =
            tree.comments().iter().map(|c| c.slice(tree.text()).to_owned()).collect();
        all.sort();
        all
    };
    if json(tree) != json(&new) || comments(tree) != comments(&new) {
        return Err("the order of its lines means something");
    }
    Ok(Some(TextEdit::replace(Span::new(0, tree.text().len()), text)))
}

/// The edit that puts the fields of one mapping in order; `None` where they are.
fn sorted(tree: &Tree, map: NodeId) -> Option<TextEdit> {
    if tree.kind(map) != Kind::BlockMap {
        return None;
    }
    let Some(Shape::Object(object)) = shape_at(&path_of(tree, map), None) else { return None };
    let order: Vec<&str> = object.fields_in(None).map(|field| field.name).collect();
    let pairs: Vec<NodeId> = tree.pairs(map).collect();
    // What the format does not know stays behind what it knows.
    let rank = |pair: &NodeId| {
        let name = tree.scalar_text(tree.key(*pair));
        order.iter().position(|known| *known == name).unwrap_or(usize::MAX)
    };
    if pairs.is_sorted_by_key(rank) {
        return None;
    }
    let text = tree.text();
    let column = tree.node(map).mark as usize;
    let first = tree.span(*pairs.first()?).start as usize;
    // Behind a dash, the first key has no line of its own.
    let dash = text[line_start(text, first)..first].to_owned();
    let is_behind_dash = !dash.trim().is_empty();
    // Blank lines stay where they are; comments go with what they stand above.
    let mut gaps: Vec<&str> = Vec::new();
    let mut chunks: Vec<String> = Vec::new();
    for (i, pair) in pairs.iter().enumerate() {
        let end = line_end(text, tree.span(*pair).end as usize);
        let chunk = match i.checked_sub(1) {
            None if is_behind_dash => format!("{}{}", " ".repeat(column), &text[first..end]),
            None => text[lead(text, first)..end].to_owned(),
            Some(before) => {
                text[line_end(text, tree.span(pairs[before]).end as usize)..end].to_owned()
            }
        };
        let blank: usize = match i {
            0 => 0,
            _ => {
                chunk.split_inclusive('\n').take_while(|l| l.trim().is_empty()).map(str::len).sum()
            }
        };
        let at = end - chunk.len();
        gaps.push(if blank == 0 { "" } else { &text[at..at + blank] });
        let chunk = &chunk[blank..];
        chunks.push(if chunk.ends_with('\n') { chunk.to_owned() } else { format!("{chunk}\n") });
    }
    let mut sorted: Vec<usize> = (0..pairs.len()).collect();
    sorted.sort_by_key(|i| rank(&pairs[*i]));
    let lines = gaps.iter().zip(sorted).map(|(gap, i)| format!("{gap}{}", chunks[i]));
    let mut out: String = lines.collect();
    let start = if is_behind_dash { first - dash.len() } else { lead(text, first) };
    let end = line_end(text, tree.span(*pairs.last()?).end as usize);
    if is_behind_dash {
        if out.get(..column)?.trim().is_empty() {
            out.replace_range(..column, &dash);
        } else {
            return None;
        }
    }
    Some(TextEdit::replace(Span::new(start, end), out))
}

/// Where the comments above the entry at `at` start.
fn lead(text: &str, at: usize) -> usize {
    let mut start = line_start(text, at);
    while start > 0 {
        let above = line_start(text, start - 1);
        if !text[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    start
}
