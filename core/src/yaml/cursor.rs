//! Where a cursor stands in a text that is perhaps half typed.
//!
//! Blocks are found by columns and by the lines above, not by a successful parse, so that every
//! position has an answer (9-lsp §4.3).

pub use super::slot::{Cursor, KeySlot, Slot};
use super::{DocPath, Kind, Segment, Tree, flow_cursor};
use crate::text::Span;

/// What stands at `offset`; `None` inside of comments and of text over several lines.
pub fn cursor(tree: &Tree, offset: u32) -> Option<Cursor> {
    let text = tree.text();
    let offset = floor(text, (offset as usize).min(text.len()));
    if in_comment(tree, offset as u32) || in_long_text(tree, offset as u32) {
        return None;
    }
    match flow_cursor::flow_around(tree, offset) {
        Some(flow) => flow_cursor::in_flow(tree, flow, offset),
        None => in_block(tree, offset),
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
        let is_plain = kind == Kind::Plain && !are_words(text, span.start as usize, behind);
        let is_text = kind.is_block_scalar() || kind.is_quoted() || is_plain;
        // At the start of the line behind a block scalar, something new begins.
        let at_end = kind.is_block_scalar() && offset == span.end && behind.ends_with('\n');
        is_text && behind.contains('\n') && !at_end
    })
}

/// One mark of a line: a dash, or a key with whether a value follows on its line.
#[derive(Clone, Debug, PartialEq)]
enum Mark<'t> {
    Dash,
    Key {
        name: &'t str,
        is_open: bool,
    },
    /// A word alone on its line: perhaps a key whose colon is not typed yet.
    Word {
        name: &'t str,
    },
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
    } else if is_word(line[at..].trim_end()) {
        found.push((at + tabs, Mark::Word { name: line[at..].trim_end() }));
    }
    found
}

/// Whether a plain text has lines of its own with one word each: keys that are being typed, rather
/// than a text over several lines.
fn are_words(text: &str, start: usize, behind: &str) -> bool {
    let line_start = text[..start].rfind('\n').map_or(0, |n| n + 1);
    let is_alone = text[line_start..start].trim_start_matches([' ', '-']).is_empty();
    is_alone && behind.lines().all(|line| line.trim().is_empty() || is_word(line.trim()))
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
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

fn in_block(tree: &Tree, offset: usize) -> Option<Cursor> {
    let text = tree.text();
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
    // Before what stands on the line there is nothing to complete, and before a dash neither.
    let rest = line[content.min(line.len())..].trim_end();
    let is_dash = rest == "-" || rest.starts_with("- ");
    if (at < content && !rest.is_empty()) || (at == content && is_dash) {
        return None;
    }
    // With the cursor in the blanks, its own column counts.
    let content = content.min(at.max(dash.map_or(0, |d| d + 1 - tabs)));
    let column = content + tabs;
    let Parent { mut path, item, missing_colons } =
        parent(tree, above, dash.unwrap_or(column), dash.is_some());
    if dash.is_some() {
        // The list that the dash belongs to, and the item that it starts.
        path = path.index(item);
    }
    if let Some((key_end, colon)) = key_of(&line[content..])
        && at > content + colon
    {
        let key = line[content..content + key_end].trim().trim_matches(['"', '\'']);
        let cursor = value_slot(path.key(key), line, line_start, content + colon, at, column);
        return cursor.map(|cursor| Cursor { missing_colons, ..cursor });
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
    let below = &text[line_end..];
    // A dash before lines that are there already starts their entry, not a new one.
    let starts_entry = dash.is_some_and(|dash| !has_deeper(below, dash));
    if starts_entry && line[content..].trim().is_empty() {
        path.0.pop();
        let needs_blank = text[..start.min(offset)].ends_with('-');
        let column = column + usize::from(needs_blank);
        let slot = Slot::Item { needs_blank };
        return Some(Cursor { missing_colons, ..Cursor::in_block(path, slot, replace, column) });
    }
    let has_children = !has_colon && has_children(below, column);
    let slot = Slot::Key(KeySlot { has_colon, has_children, quote: None });
    Some(Cursor { missing_colons, ..Cursor::in_block(path, slot, replace, column) })
}

/// Whether the first line of `below` that holds something belongs to a key at `column`.
fn has_children(below: &str, column: usize) -> bool {
    first_line(below).is_some_and(|(own, content)| {
        own > column || (own == column && (content == "-" || content.starts_with("- ")))
    })
}

/// Whether the first line of `below` that holds something stands right of `column`.
fn has_deeper(below: &str, column: usize) -> bool {
    first_line(below).is_some_and(|(own, _)| own > column)
}

/// The first line behind a line break that is not blank and not a comment: its column and content.
fn first_line(below: &str) -> Option<(usize, &str)> {
    let mut lines = below.lines().skip(1).map(|line| (line, line.trim_start()));
    let (line, content) = lines.find(|(_, it)| !it.is_empty() && !it.starts_with('#'))?;
    Some((line.len() - content.len(), content))
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
            (inner, end, true)
        }
        // The comment behind an empty value stays.
        _ if line[value_start..].starts_with('#') => (at, at, false),
        _ => {
            let text = &line[value_start..];
            let end = value_start + text.find(" #").map_or(text, |n| &text[..n]).trim_end().len();
            (value_start, end, false)
        }
    };
    // A flow collection is written already; behind a value there is nothing to complete.
    if at > end || (at >= value_start && line[value_start..].starts_with(['{', '['])) {
        return None;
    }
    let start = start.min(at);
    let replace = Span::new(line_start + start, line_start + end.max(start));
    let slot = Slot::Value { needs_blank: start == colon + 1, in_quotes };
    Some(Cursor::in_block(path, slot, replace, column))
}

/// The block that a line belongs to.
struct Parent {
    path: DocPath,
    /// How many items stand before the line there.
    item: usize,
    missing_colons: Vec<u32>,
}

/// The block that a line with its first mark at `column` belongs to.
fn parent(tree: &Tree, above: &str, column: usize, is_item: bool) -> Parent {
    let mut missing_colons = Vec::new();
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
                Mark::Word { name } if at < column => {
                    let end = name.as_ptr() as usize + name.len() - above.as_ptr() as usize;
                    if !in_long_text(tree, end as u32) {
                        settle(&mut segments, &mut own_items, counting, items, is_item);
                        segments.push(Segment::Key(name.to_owned()));
                        missing_colons.push(end as u32);
                        (column, behind_dash, counting, items) = (at, false, None, 0);
                    }
                }
                // A key without room below it ends the list that was counted.
                Mark::Key { .. } | Mark::Word { .. } => {}
            }
        }
        if column == 0 && !behind_dash {
            break;
        }
    }
    settle(&mut segments, &mut own_items, counting, items, is_item);
    segments.reverse();
    Parent { path: DocPath(segments), item: own_items.unwrap_or(0), missing_colons }
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
                    Slot::Key(KeySlot { has_colon: true, .. }) => "key with colon",
                    Slot::Key(KeySlot { has_children: true, .. }) => "key with children",
                    Slot::Key(_) => "key",
                    Slot::Value { .. } => "value",
                    Slot::Item { .. } => "item",
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
            ("a: ┃ # keep", "value at `a` for \"\""),
            ("a:┃ # keep", "value at `a` for \"\""),
            ("interfaces:\n  -┃", "item at `interfaces` for \"\""),
            ("interfaces:\n  - ┃\n    type: http", "key at `interfaces[0]` for \"\""),
            ("interfaces:\n  - ┃\n  - type: http", "item at `interfaces` for \"\""),
            ("runtime:\n  sta┃\n    type: x", "key with children at `runtime` for \"sta\""),
            ("runtime\n  ┃", "key at `runtime` for \"\""),
            ("runtime:\n  state\n    t┃", "key at `runtime.state` for \"t\""),
            ("a: some\n  text\n    ┃", "key at `` for \"\""),
            ("scaling: {\"mi┃\"}", "key at `scaling` for \"mi\\\"\""),
            ("scaling: {\"mi┃n\": 1}", "key with colon at `scaling` for \"min\""),
            ("scaling: {\"mi┃", "key at `scaling` for \"mi\""),
            ("scaling: {\n  min: 1,\n  ┃\nruntime:\n", "key at `scaling` for \"\""),
            ("a: {\n  b: {c: 1,\n    ┃\n", "key at `a.b` for \"\""),
            ("a: {b: {c: 1}, ┃}", "key at `a` for \"\""),
            ("a: {b: [{c: 1}, {d: ┃", "value at `a.b[1].d` for \"\""),
            ("a: [x, ┃]", "item at `a` for \"\""),
            ("a: {b: 1 ┃", "none"),
            ("a: {b: 1}┃", "none"),
            ("a: { # note ┃\n}", "none"),
            ("a: {\n  b: 1,\n┃", "key at `` for \"\""),
        ] {
            assert_eq!(at(text), expected, "{text:?}");
        }
    }
}
