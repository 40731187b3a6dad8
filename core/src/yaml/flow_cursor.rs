//! Where a cursor stands in a flow collection, closed or not.
//!
//! The text between its opening mark and the cursor is read token by token: the tree cuts an unclosed
//! collection off at the end of its line.

use super::slot::{Cursor, KeySlot, Slot};
use super::{DocPath, NO_MARK, NodeId, Tree, path_of};
use crate::text::Span;

/// The outermost flow collection around `offset`.
pub(super) fn flow_around(tree: &Tree, offset: usize) -> Option<NodeId> {
    let holds = |id: &NodeId| {
        let node = tree.node(*id);
        let is_outermost = !tree.ancestors(*id).skip(1).any(|above| tree.kind(above).is_flow());
        if !node.kind.is_flow() || !is_outermost || node.span.start as usize >= offset {
            return false;
        }
        match node.mark {
            NO_MARK => offset <= region_end(tree.text(), node.span.start as usize, offset),
            mark => offset <= mark as usize,
        }
    };
    tree.ids().find(holds)
}

/// How far the unclosed flow collection at `start` reaches: to the first line that is not indented
/// deeper than the one that opens it.
pub(crate) fn unclosed_flow_end(text: &str, start: usize) -> usize {
    region_end(text, start, usize::MAX)
}

/// The same; a blank line counts when the cursor is on it.
fn region_end(text: &str, start: usize, cursor: usize) -> usize {
    let line_start = text[..start].rfind('\n').map_or(0, |n| n + 1);
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let own = indent(&text[line_start..]);
    let mut at = text[start..].find('\n').map_or(text.len(), |n| start + n);
    while at < text.len() {
        let next = at + 1;
        let end = text[next..].find('\n').map_or(text.len(), |n| next + n);
        let line = &text[next..end];
        let is_blank = line.trim().is_empty();
        let is_here = (next..=end).contains(&cursor);
        let column = if is_blank { cursor.saturating_sub(next) } else { indent(line) };
        let is_closing = line.trim_start().starts_with([']', '}']);
        if column <= own && !is_closing && (is_here || !is_blank) {
            return at;
        }
        at = end;
    }
    at
}

/// A collection that is open at the cursor.
struct Frame {
    is_map: bool,
    path: DocPath,
    /// The key, or the last text of the entry.
    text: Option<String>,
    has_colon: bool,
    has_value: bool,
    index: usize,
    keys: Vec<String>,
}

impl Frame {
    fn new(is_map: bool, path: DocPath) -> Frame {
        Frame {
            is_map,
            path,
            text: None,
            has_colon: false,
            has_value: false,
            index: 0,
            keys: Vec::new(),
        }
    }

    /// The path of the value that comes next.
    fn child(&self) -> DocPath {
        match self.is_map {
            true => self.path.key(self.text.as_deref().unwrap_or("")),
            false => self.path.index(self.index),
        }
    }

    fn scalar(&mut self, text: &str) {
        if self.is_map && !self.has_colon {
            self.text = Some(text.to_owned());
        } else {
            self.has_value = true;
        }
    }

    fn comma(&mut self) {
        self.keys.extend(self.text.take());
        (self.has_colon, self.has_value) = (false, false);
        self.index += 1;
    }
}

/// The token that the cursor is in.
#[derive(Clone, Copy)]
struct Token {
    start: usize,
    quote: Option<char>,
}

/// What stands at `offset` in the collection `flow`; `None` behind a complete entry and in comments.
pub(super) fn in_flow(tree: &Tree, flow: NodeId, offset: usize) -> Option<Cursor> {
    let text = tree.text();
    let mut at = tree.span(flow).start as usize;
    let mut stack: Vec<Frame> = Vec::new();
    let mut token = Token { start: offset, quote: None };
    while at < offset {
        let rest = &text[at..];
        let c = rest.chars().next()?;
        let next = at + c.len_utf8();
        match c {
            '{' | '[' => {
                let path = stack.last().map_or_else(|| path_of(tree, flow), Frame::child);
                stack.push(Frame::new(c == '{', path));
            }
            '}' | ']' => {
                stack.pop();
                stack.last_mut()?.has_value = true;
            }
            ',' => stack.last_mut()?.comma(),
            ':' => stack.last_mut()?.has_colon = true,
            '#' if text[..at].ends_with(char::is_whitespace) => {
                at += rest.find('\n').filter(|n| at + n < offset)?;
                continue;
            }
            '"' | '\'' => {
                let Some(end) = rest[1..].find(c).map(|n| at + 1 + n).filter(|&n| n < offset)
                else {
                    token = Token { start: next, quote: Some(c) };
                    break;
                };
                stack.last_mut()?.scalar(&text[next..end]);
                at = end + 1;
                continue;
            }
            c if c.is_whitespace() => {}
            _ => {
                let end = at + plain_length(rest);
                if end >= offset {
                    token.start = at;
                    break;
                }
                stack.last_mut()?.scalar(text[at..end].trim_end());
                at = end;
                continue;
            }
        }
        at = next;
    }
    slot(text, stack.last()?, token, offset)
}

/// The length of a plain scalar in a flow collection, blanks behind it left out.
fn plain_length(text: &str) -> usize {
    let is_end = |(at, c): (usize, char)| match c {
        ',' | '[' | ']' | '{' | '}' | '\n' | '\r' => true,
        ':' => {
            text[at + 1..].chars().next().is_none_or(|c| c.is_whitespace() || ",[]{}".contains(c))
        }
        '#' => text[..at].ends_with([' ', '\t']),
        _ => false,
    };
    let end = text.char_indices().find(|&at| is_end(at)).map_or(text.len(), |(at, _)| at);
    text[..end].trim_end().len().max(1)
}

fn slot(text: &str, frame: &Frame, token: Token, offset: usize) -> Option<Cursor> {
    // A key stands behind a brace or a comma, a value behind its colon.
    if frame.has_value || (frame.is_map && frame.text.is_some() && !frame.has_colon) {
        return None;
    }
    let line = text[offset..].split(['\n', '\r']).next().unwrap_or("");
    let closing = token.quote.and_then(|quote| line.find(quote));
    let word = line.find(|c: char| ",:[]{}\"'".contains(c) || c.is_whitespace());
    let end = offset + closing.or(word).unwrap_or(line.len());
    let behind = &text[end + usize::from(closing.is_some())..];
    let needs_blank = text[..token.start].ends_with(':');
    let mut replace = Span::new(token.start, end);
    let slot = if !frame.is_map {
        Slot::Item { needs_blank: false }
    } else if frame.has_colon {
        Slot::Value { needs_blank, in_quotes: token.quote.is_some() }
    } else {
        let has_colon = behind.trim_start_matches([' ', '\t']).starts_with(':');
        if !has_colon && closing.is_some() {
            replace.end += 1;
        }
        let quote = token.quote.filter(|_| !has_colon);
        Slot::Key(KeySlot { has_colon, has_children: false, quote })
    };
    let keys_before = frame.keys.clone();
    let path = match slot {
        Slot::Value { .. } => frame.child(),
        _ => frame.path.clone(),
    };
    Some(Cursor {
        path,
        slot,
        replace,
        column: 0,
        is_flow: true,
        keys_before,
        missing_colons: Vec::new(),
    })
}
