//! Whether a text is well-formed YAML, decided by a conforming event parser.
//!
//! Our tree explains and recovers, the referee decides: no text is accepted that a conforming
//! parser refuses, and none is refused that it accepts.

use yaml_rust2::Event;
use yaml_rust2::parser::Parser;

use super::tree::{Kind, Piece, SyntaxError, SyntaxErrorKind, Tree};
use crate::text::Span;

/// The syntax errors of a tree that stand: ours where the referee objects too, the referee's own
/// where we saw nothing, and none where it accepts the text. Conflict markers, nesting beyond the
/// depth limit and JSON errors are ours alone to judge.
pub fn arbitrate(tree: &Tree) -> Vec<SyntaxError> {
    let ours = tree.errors();
    let verdict = verdict(tree);
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

/// The first error of the text of a tree. The parts of a large one are judged by themselves, once.
fn verdict(tree: &Tree) -> Option<SyntaxError> {
    match is_sound_by_parts(tree) {
        true => None,
        false => first_error(tree.text()),
    }
}

/// Whether a text in parts is well-formed, as it is where all of its parts are, and what stands
/// between them; `false` too where they may depend on each other (anchors, tags, several documents),
/// or where the tree found something.
fn is_sound_by_parts(tree: &Tree) -> bool {
    let is_plain = !tree.parts().is_empty()
        && tree.errors().is_empty()
        && tree.properties.is_empty()
        && tree.marks().is_empty()
        && tree.documents().count() == 1;
    if !is_plain
        || !tree
            .parts()
            .iter()
            .all(|placed| placed.part.is_sound(|text| first_error(text).is_none()))
    {
        return false;
    }
    let between = between_parts(tree);
    between.is_some_and(|spans| {
        spans.into_iter().all(|span| first_error(span.slice(tree.text())).is_none())
    })
}

/// What stands between the parts: each own entry of the mappings that hold parts, or that hold such
/// a mapping. `None` where entries do not begin lines, or one is an alias.
fn between_parts(tree: &Tree) -> Option<Vec<Span>> {
    let mut starts = vec![0];
    let mut maps = vec![tree.root_value()?];
    while let Some(map) = maps.pop() {
        for piece in tree.pieces(map) {
            match piece {
                Piece::Part(placed) => starts.extend([placed.span().start, placed.span().end]),
                Piece::Node(pair) => {
                    let at = tree.span(pair).start as usize;
                    starts.push(tree.text()[..at].rfind('\n').map_or(0, |n| n + 1) as u32);
                    if tree.kind(pair) == Kind::Pair
                        && tree.kind(tree.value(pair)) == Kind::BlockMap
                    {
                        maps.push(tree.value(pair));
                    }
                }
            }
        }
    }
    let aliases = tree.own_ids().any(|id| tree.kind(id) == Kind::Alias);
    starts.push(tree.text().len() as u32);
    starts.sort_unstable();
    starts.dedup();
    let is_part = |span: &Span| tree.parts().binary_search_by_key(&span.start, |p| p.base).is_ok();
    let all = starts.windows(2).map(|pair| Span { start: pair[0], end: pair[1] });
    (!aliases).then(|| all.filter(|span| !is_part(span)).collect())
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
