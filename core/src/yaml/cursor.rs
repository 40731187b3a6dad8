//! Where a cursor stands in a text that is perhaps half typed.
//!
//! Blocks are found by columns and by the lines above, not by a successful parse, so that every
//! position has an answer (9-lsp §4.3).

use super::{DocPath, Kind, NO_MARK, NodeId, Segment, Tree};
use crate::text::Span;

/// What may be written at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// The mapping, list or field that the slot belongs to.
    pub path: DocPath,
    pub slot: Slot,
    /// What is there already and would be replaced.
    pub replace: Span,
    /// The column of what is inserted, for its further lines.
    pub column: usize,
    pub is_flow: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A key of the mapping at the path.
    Key { has_colon: bool },
    /// The value of the field at the path.
    Value { needs_blank: bool, in_quotes: bool },
    /// An item of the list at the path, behind its dash or inside of its bracket.
    Item,
}

/// What stands at `offset`; `None` inside of comments and of text over several lines.
pub fn cursor(tree: &Tree, offset: u32) -> Option<Cursor> {
    let text = tree.text();
    let offset = floor(text, (offset as usize).min(text.len()));
    if in_comment(tree, offset as u32) || in_long_text(tree, offset as u32) {
        return None;
    }
    match flow_around(tree, offset as u32) {
        Some(flow) => in_flow(tree, flow, offset),
        None => in_block(text, offset),
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn in_comment(tree: &Tree, offset: u32) -> bool {
    tree.comments().iter().any(|c| c.start < offset && offset <= c.end)
}

/// Inside of a block scalar, or on a further line of a quoted or plain text.
fn in_long_text(tree: &Tree, offset: u32) -> bool {
    let text = tree.text();
    tree.ids().any(|id| {
        let (kind, span) = (tree.kind(id), tree.span(id));
        if span.start >= offset || offset > span.end {
            return false;
        }
        let behind = Span { start: span.start, end: offset }.slice(text);
        let is_text = kind.is_block_scalar() || kind.is_quoted() || kind == Kind::Plain;
        // At the start of the line behind a block scalar, something new begins.
        let at_end = kind.is_block_scalar() && offset == span.end && behind.ends_with('\n');
        is_text && behind.contains('\n') && !at_end
    })
}

/// The innermost flow collection around `offset`; an unclosed one reaches to the end of its line.
fn flow_around(tree: &Tree, offset: u32) -> Option<NodeId> {
    let text = tree.text();
    let holds = |id: &NodeId| {
        let node = tree.node(*id);
        // A single pair in a list is a mapping without brackets of its own.
        if !node.kind.is_flow() || !tree.source(*id).starts_with(['[', '{']) {
            return false;
        }
        let end = match node.mark {
            NO_MARK => {
                let from = node.span.end as usize;
                text[from..].find('\n').map_or(text.len(), |n| from + n) as u32
            }
            mark => mark,
        };
        node.span.start < offset && offset <= end
    };
    tree.ids().filter(holds).last()
}

fn in_flow(tree: &Tree, flow: NodeId, offset: usize) -> Option<Cursor> {
    let text = tree.text();
    let start = tree.span(flow).start as usize;
    let base = super::path_of(tree, flow);
    let is_map = tree.kind(flow) == Kind::FlowMap;
    let word_start = text[start + 1..offset]
        .rfind(|c: char| ",:[]{}\n".contains(c) || c.is_whitespace())
        .map_or(start + 1, |n| {
            start + 1 + n + text[start + 1 + n..].chars().next().map_or(1, char::len_utf8)
        });
    let word_end = offset
        + text[offset..]
            .find(|c: char| ",:[]{}\"'".contains(c) || c.is_whitespace())
            .unwrap_or(text.len() - offset);
    let in_quotes = text[word_start..offset].starts_with(['"', '\'']);
    let word_start = if in_quotes { word_start + 1 } else { word_start };
    let before = text[start..word_start].trim_end_matches(['"', '\'']).trim_end();
    let replace = Span::new(word_start.min(offset), word_end);
    let column = 0;
    let make = |path, slot| Some(Cursor { path, slot, replace, column, is_flow: true });
    match before.as_bytes().last() {
        Some(b':') if is_map => {
            let key = before[..before.len() - 1].trim_end();
            let key_start = key.rfind([',', '{', '\n']).map_or(0, |n| n + 1);
            let key = key[key_start..].trim().trim_matches(['"', '\'']);
            let needs_blank = text[..word_start].ends_with(':');
            make(base.key(key), Slot::Value { needs_blank, in_quotes })
        }
        Some(b'{' | b',') if is_map => {
            let has_colon = text[word_end..].trim_start_matches(['"', '\'', ' ']).starts_with(':');
            make(base, Slot::Key { has_colon })
        }
        _ if !is_map => make(base, Slot::Item),
        _ => None,
    }
}

/// One mark of a line: a dash, or a key with whether a value follows on its line.
#[derive(Clone, Debug, PartialEq)]
enum Mark<'t> {
    Dash,
    Key { name: &'t str, is_open: bool },
}

/// The marks of a line with their columns; a tab in the indentation counts as two.
fn marks(line: &str) -> Vec<(usize, Mark<'_>)> {
    let mut found = Vec::new();
    let mut at = line.len() - line.trim_start_matches([' ', '\t']).len();
    let tabs = line[..at].matches('\t').count();
    while line[at..].starts_with("- ") || &line[at..] == "-" {
        found.push((at + tabs, Mark::Dash));
        at += 1;
        at += line[at..].len() - line[at..].trim_start_matches(' ').len();
    }
    if let Some((key_end, colon)) = key_of(&line[at..]) {
        let name = line[at..at + key_end].trim().trim_matches(['"', '\'']);
        let rest = line[at + colon + 1..].trim_start();
        let is_open = rest.is_empty() || rest.starts_with(['#', '&', '!']);
        found.push((at + tabs, Mark::Key { name, is_open }));
    }
    found
}

/// The end of the key and its colon in the content of a line.
fn key_of(content: &str) -> Option<(usize, usize)> {
    if content.starts_with('#') {
        return None;
    }
    let from = match content.as_bytes().first()? {
        quote @ (b'"' | b'\'') => 1 + content[1..].find(*quote as char)? + 1,
        b'{' | b'[' => return None,
        _ => 0,
    };
    let mut at = from;
    loop {
        let colon = at + content[at..].find(':')?;
        let rest = &content[colon + 1..];
        if rest.is_empty() || rest.starts_with([' ', '\t', '\r']) {
            return (!content[from..colon].contains(" #")).then_some((colon, colon));
        }
        at = colon + 1;
    }
}

fn in_block(text: &str, offset: usize) -> Option<Cursor> {
    let line_start = text[..offset].rfind(['\n', '\r']).map_or(0, |n| n + 1);
    let line_end = text[offset..].find(['\n', '\r']).map_or(text.len(), |n| offset + n);
    let line = text[line_start..line_end].trim_start_matches('\u{feff}');
    let line_start = line_end - line.len();
    let at = offset.saturating_sub(line_start);
    let above = &text[..line_start];
    let mut content = line.len() - line.trim_start_matches([' ', '\t']).len();
    let tabs = line[..content.min(line.len())].matches('\t').count();
    let mut dash = None;
    while content < line.len()
        && (line[content..].starts_with("- ") || &line[content..] == "-")
        && content < at
    {
        dash = Some(content + tabs);
        content += 1;
        content += line[content..].len() - line[content..].trim_start_matches(' ').len();
    }
    // With the cursor in the blanks, its own column counts.
    let content = content.min(at.max(dash.map_or(0, |d| d + 1 - tabs)));
    let column = content + tabs;
    let (mut path, item) = parent(above, dash.map_or(column, |d| d), dash.is_some());
    if dash.is_some() {
        // The list that the dash belongs to, and the item that it starts.
        path = path.index(item);
    }
    if let Some((key_end, colon)) = key_of(&line[content..])
        && at > content + colon
    {
        let key = line[content..content + key_end].trim().trim_matches(['"', '\'']);
        return value_slot(path.key(key), line, line_start, content + colon, at, column);
    }
    let word_end = content + line[content..].find([':', '#']).unwrap_or(line.len() - content);
    let word_end = content + line[content..word_end].trim_end().len();
    let has_colon = line[word_end..].trim_start().starts_with(':');
    let start = line_start + content;
    let end = (line_start + word_end).max(offset);
    let replace = Span::new(start.min(offset), if word_end >= at { end } else { offset });
    // Behind a word and a blank nothing fits.
    if line[content.min(at)..at].trim_end().contains(' ') {
        return None;
    }
    if dash.is_some() && line[content..].trim().is_empty() {
        let list = DocPath(path.0[..path.0.len() - 1].to_vec());
        return Some(Cursor { path: list, slot: Slot::Item, replace, column, is_flow: false });
    }
    Some(Cursor { path, slot: Slot::Key { has_colon }, replace, column, is_flow: false })
}

fn value_slot(
    path: DocPath,
    line: &str,
    line_start: usize,
    colon: usize,
    at: usize,
    column: usize,
) -> Option<Cursor> {
    let after = &line[colon + 1..];
    let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
    let value_start = colon + 1 + blanks;
    let quote = line[value_start..].chars().next().filter(|c| matches!(c, '"' | '\''));
    let (start, end, in_quotes) = match quote {
        Some(quote) if at > value_start => {
            let inner = value_start + 1;
            let end = line[inner..].find(quote).map_or(line.len(), |n| inner + n);
            (inner, end.max(at), true)
        }
        _ => {
            let text = &line[value_start..];
            let end = value_start + text.find(" #").map_or(text, |n| &text[..n]).trim_end().len();
            (value_start, end, false)
        }
    };
    // Behind the value there is nothing to complete.
    if at > end {
        return None;
    }
    let start = start.min(at);
    let replace = Span::new(line_start + start, line_start + end.max(start));
    let needs_blank = blanks == 0;
    Some(Cursor {
        path,
        slot: Slot::Value { needs_blank, in_quotes },
        replace,
        column,
        is_flow: false,
    })
}

/// The path of the block that a line with its first mark at `column` belongs to, and how many items
/// stand before it there.
fn parent(above: &str, column: usize, is_item: bool) -> (DocPath, usize) {
    let mut segments = Vec::new();
    let mut column = column;
    // A list may stand at the column of its key.
    let mut behind_dash = is_item;
    let mut counting = is_item.then_some(column);
    let mut items = 0;
    let mut own_items = None;
    for line in above.lines().rev() {
        for (at, mark) in marks(line).into_iter().rev() {
            let is_ancestor = at < column || (behind_dash && at == column && mark != Mark::Dash);
            match mark {
                Mark::Dash => {
                    if counting == Some(at) {
                        items += 1;
                    } else if is_ancestor {
                        settle(&mut segments, &mut own_items, counting, items, is_item);
                        segments.push(Segment::Index(0));
                        (column, behind_dash, counting, items) = (at, true, Some(at), 0);
                    }
                }
                Mark::Key { name, is_open } if is_ancestor && is_open => {
                    settle(&mut segments, &mut own_items, counting, items, is_item);
                    segments.push(Segment::Key(name.to_owned()));
                    (column, behind_dash, counting, items) = (at, false, None, 0);
                }
                // A key without room below it ends the list that was counted.
                Mark::Key { .. } => {}
            }
        }
        if column == 0 && !behind_dash {
            break;
        }
    }
    settle(&mut segments, &mut own_items, counting, items, is_item);
    segments.reverse();
    (DocPath(segments), own_items.unwrap_or(0))
}

/// Writes the number of items before the one that was found into its segment.
fn settle(
    segments: &mut [Segment],
    own_items: &mut Option<usize>,
    counting: Option<usize>,
    items: usize,
    is_item: bool,
) {
    if counting.is_none() {
        return;
    }
    if is_item && own_items.is_none() {
        *own_items = Some(items);
    } else if let Some(Segment::Index(index)) = segments.last_mut() {
        *index = items;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn at(text: &str) -> String {
        let offset = text.find('┃').expect("a cursor") as u32;
        let text = text.replace('┃', "");
        match cursor(&parse(text.as_str()), offset) {
            None => "none".into(),
            Some(cursor) => {
                let slot = match cursor.slot {
                    Slot::Key { has_colon: false } => "key",
                    Slot::Key { has_colon: true } => "key with colon",
                    Slot::Value { .. } => "value",
                    Slot::Item => "item",
                };
                format!("{slot} at `{}` for {:?}", cursor.path, cursor.replace.slice(&text))
            }
        }
    }

    #[test]
    fn columns_and_the_lines_above_decide() {
        for (text, expected) in [
            ("┃", "key at `` for \"\""),
            ("runtime:\n┃", "key at `` for \"\""),
            ("runtime:\n  ┃", "key at `runtime` for \"\""),
            ("runtime:\n  wor┃\n  state:\n    type: x", "key at `runtime` for \"wor\""),
            ("runtime:\n  wor┃: service", "key with colon at `runtime` for \"wor\""),
            ("runtime:\n  workload:┃", "value at `runtime.workload` for \"\""),
            ("runtime:\n  workload: \"┃", "value at `runtime.workload` for \"\""),
            ("runtime:\n  workload: ser┃vice # x", "value at `runtime.workload` for \"service\""),
            ("runtime:\n  state:\n    type: a\n    ┃", "key at `runtime.state` for \"\""),
            ("runtime:\n  state:\n    type: a\n  ┃", "key at `runtime` for \"\""),
            ("interfaces:\n  - ┃", "item at `interfaces` for \"\""),
            ("interfaces:\n- name: a\n  ┃", "key at `interfaces[0]` for \"\""),
            ("interfaces:\n- name: a\n- name: b\n  po┃", "key at `interfaces[1]` for \"po\""),
            ("interfaces:\n  - name: a\n  - na┃", "key at `interfaces[1]` for \"na\""),
            ("interfaces:\n  - name: a\n    type: ht┃", "value at `interfaces[0].type` for \"ht\""),
            ("interfaces:\n  - name: a\n  ┃", "key at `interfaces` for \"\""),
            ("scaling: { ┃ }", "key at `scaling` for \"\""),
            ("scaling: { ┃", "key at `scaling` for \"\""),
            ("scaling: {min: ┃}", "value at `scaling.min` for \"\""),
            ("scaling: {min: 1, m┃}", "key at `scaling` for \"m\""),
            ("a: 1 # note ┃", "none"),
            ("metadata:\n  d: |\n    te┃", "none"),
            ("runtime:\n\t┃", "key at `runtime` for \"\""),
            ("service:\n  name: a\n      ┃", "key at `service` for \"\""),
            (
                "service:\n  owner:\n    contacts:\n      - type: email\n        value: x\n      - type: ┃",
                "value at `service.owner.contacts[1].type` for \"\"",
            ),
            ("a: \"🚀 ┃\"", "value at `a` for \"🚀 \""),
        ] {
            assert_eq!(at(text), expected, "{text:?}");
        }
    }
}
