//! Whether a text is well-formed YAML, decided by a conforming event parser.
//!
//! Our tree explains and recovers, the referee decides: no text is accepted that a conforming
//! parser refuses, and none is refused that it accepts.

use yaml_rust2::Event;
use yaml_rust2::parser::Parser;

use super::tree::{Kind, NodeId, SyntaxError, SyntaxErrorKind, Tree};
use crate::text::Span;

/// The syntax errors of a tree that stand: ours where the referee objects too, the referee's own
/// where we saw nothing, and none where it accepts the text. Conflict markers, nesting beyond the
/// depth limit and JSON errors are ours alone to judge.
pub fn arbitrate(tree: &Tree) -> Vec<SyntaxError> {
    let ours = tree.errors();
    let verdict = first_error(tree.text());
    let stands = |error: &&SyntaxError| {
        verdict.is_some()
            || matches!(
                error.kind,
                SyntaxErrorKind::ConflictMarker
                    | SyntaxErrorKind::TooDeep
                    | SyntaxErrorKind::LeftContinuation
            )
    };
    let mut errors: Vec<SyntaxError> = ours.iter().filter(stands).cloned().collect();
    let has_error = errors.iter().any(|e| e.kind != SyntaxErrorKind::LeftContinuation);
    if let Some(error) = verdict
        && !has_error
    {
        errors.push(error);
    }
    errors
}

/// The first error of the event parser, at its position.
pub fn first_error(text: &str) -> Option<SyntaxError> {
    if let Some(error) = control_character(text) {
        return Some(error);
    }
    let without_bom = text.strip_prefix('\u{feff}').unwrap_or(text);
    let base = text.len() - without_bom.len();
    let mut parser = Parser::new(without_bom.chars());
    loop {
        match parser.next_token() {
            Ok((Event::StreamEnd, _)) => return None,
            Ok(_) => {}
            Err(error) => {
                let at = base + byte_offset(without_bom, error.marker().index());
                let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
                let info = error.info().to_owned();
                return Some(SyntaxError {
                    kind: SyntaxErrorKind::Referee,
                    span: Span::new(at, end),
                    message: info.into(),
                });
            }
        }
    }
}

/// The parts of a large text that are well-formed if and only if the whole is: its top-level
/// entries, and theirs where there are many. `None` where parts may depend on each other (anchors,
/// tags, several documents), or where the tree found something.
pub fn parts(tree: &Tree) -> Option<Vec<Span>> {
    let is_plain = tree.errors().is_empty()
        && tree.properties.is_empty()
        && tree.marks().is_empty()
        && tree.documents().count() == 1
        && !tree.ids().any(|id| tree.kind(id) == Kind::Alias);
    let root = tree.root_value().filter(|root| is_plain && tree.kind(*root) == Kind::BlockMap)?;
    let text = tree.text();
    let line = |id: NodeId| {
        let at = tree.span(id).start as usize;
        text[..at].rfind('\n').map_or(0, |n| n + 1)
    };
    let mut starts = vec![0];
    for pair in tree.pairs(root) {
        starts.push(line(pair));
        let value = tree.value(pair);
        if tree.kind(value) == Kind::BlockMap {
            starts.extend(tree.pairs(value).map(line));
        }
    }
    starts.push(text.len());
    starts.dedup();
    let is_ordered = starts.windows(2).all(|pair| pair[0] < pair[1]);
    is_ordered.then(|| starts.windows(2).map(|pair| Span::new(pair[0], pair[1])).collect())
}

/// Characters that YAML does not allow (YAML 1.2.2 §5.1). The event parser takes NUL for the end.
fn control_character(text: &str) -> Option<SyntaxError> {
    let is_forbidden = |b: &u8| matches!(b, 0..=8 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f);
    let at = text.as_bytes().iter().position(is_forbidden)?;
    let code = text.as_bytes()[at];
    Some(SyntaxError {
        kind: SyntaxErrorKind::Referee,
        span: Span::new(at, at + 1),
        message: format!("the control character U+{code:04X} is not allowed in YAML").into(),
    })
}

fn byte_offset(text: &str, char_index: usize) -> usize {
    text.char_indices().nth(char_index).map_or(text.len(), |(at, _)| at)
}
