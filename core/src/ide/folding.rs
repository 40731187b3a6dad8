//! What can be folded away, and what is selected step by step.

use crate::text::{LineIndex, Span};
use crate::yaml::{Kind, NodeId, Tree};

/// Upper bound on the folds of one document.
const MAX_FOLDS: usize = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldKind {
    Data,
    Comment,
    Region,
}

/// Lines that can be folded into the first of them; zero-based, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fold {
    pub first: u32,
    pub last: u32,
    pub kind: FoldKind,
}

/// Entries of several lines, runs of comments, and `#region` to `#endregion`; in order, of those
/// that start on one line the largest.
pub fn folds(tree: &Tree, lines: &LineIndex) -> Vec<Fold> {
    let mut found = comments(tree, lines);
    for id in tree.ids() {
        if found.len() >= MAX_FOLDS {
            break;
        }
        if matches!(tree.kind(id), Kind::Pair | Kind::Item) {
            let value = tree.value(id);
            let last = trimmed_end(tree, tree.span(value));
            let first = lines.line_of(tree.span(id).start);
            found.push(Fold { first, last: lines.line_of(last), kind: FoldKind::Data });
        }
    }
    found.retain(|fold| fold.last > fold.first);
    found.sort_by_key(|fold| (fold.first, std::cmp::Reverse(fold.last)));
    found.dedup_by_key(|fold| fold.first);
    found
}

/// Where the text of a span ends, without the blanks and line ends behind it.
fn trimmed_end(tree: &Tree, span: Span) -> u32 {
    let text = span.slice(tree.text());
    span.start + text.trim_end().len().saturating_sub(1) as u32
}

fn comments(tree: &Tree, lines: &LineIndex) -> Vec<Fold> {
    let mut found: Vec<Fold> = Vec::new();
    let mut regions = Vec::new();
    let mut run: Option<Fold> = None;
    for comment in tree.comments() {
        let line = lines.line_of(comment.start);
        let before = lines.line_span(tree.text(), line);
        let is_alone = Span { end: comment.start, ..before }.slice(tree.text()).trim().is_empty();
        let text = comment.slice(tree.text()).trim_start_matches('#').trim();
        if text.starts_with("region") {
            regions.push(line);
        } else if text.starts_with("endregion")
            && let Some(first) = regions.pop()
        {
            found.push(Fold { first, last: line, kind: FoldKind::Region });
        }
        match &mut run {
            Some(fold) if is_alone && fold.last + 1 == line => fold.last = line,
            _ => {
                found.extend(run.take());
                run = is_alone.then_some(Fold { first: line, last: line, kind: FoldKind::Comment });
            }
        }
    }
    found.extend(run);
    found
}

/// The spans around an offset, smallest first, each larger than the one before: the word, the
/// scalar, its entry, and all that those are in.
pub fn selections(tree: &Tree, offset: u32) -> Vec<Span> {
    let text = tree.text();
    let node = tree.deepest_at(offset);
    let mut spans = Vec::new();
    if tree.kind(node).is_scalar() {
        spans.push(word(tree, node, offset));
        spans.push(super::entity::inner(tree, node));
    }
    spans.extend(tree.ancestors(node).map(|id| tree.span(id)));
    spans.push(Span::new(0, text.len()));
    let mut found: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter(|span| span.touches(offset)) {
        match found.last() {
            Some(last) if !span.contains_span(*last) || span == *last => {}
            _ => found.push(span),
        }
    }
    found
}

/// The letters, digits, `_` and `-` around an offset.
fn word(tree: &Tree, node: NodeId, offset: u32) -> Span {
    let (text, span) = (tree.text(), tree.span(node));
    let at = offset.clamp(span.start, span.end) as usize;
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let (Some(before), Some(behind)) =
        (text.get(span.start as usize..at), text.get(at..span.end as usize))
    else {
        return span;
    };
    let start =
        at - before.chars().rev().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let end = at + behind.chars().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    Span::new(start, end)
}
