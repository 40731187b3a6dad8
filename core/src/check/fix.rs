//! Repairs as text edits.

use super::finding::{FixOp, ListForm};
use crate::place::{Anchor, FileRef, Part};
use crate::schema::{Shape, field_at, shape_at, with_integers};
use crate::text::{Span, TextEdit, apply_edits, newline};
use crate::value::{Data, Value};
use crate::yaml::entry_text::{entry_lines, line_end, reindent};
use crate::yaml::{Kind, NodeId, Style, Tree, path_of};

/// The edits of one operation on the text of `tree`; `None` when the place does not allow it.
pub fn edits(tree: &Tree, op: &FixOp) -> Option<Vec<TextEdit>> {
    match op {
        FixOp::Replace { at, text } => Some(vec![replace(tree, at, text)]),
        FixOp::Remove { at } => {
            let entry = with_empty_parents(tree, entry_of(tree, at.node));
            Some(vec![remove(tree, entry)])
        }
        FixOp::Insert { map, key, value } => {
            let value = restyled(value, Style::of(tree));
            insert(tree, map.node, key, &value).map(|edit| vec![edit])
        }
        FixOp::Move { from, map, key } => moved(tree, from.node, map.node, key),
        FixOp::Merge { from, into } => merged_maps(tree, from.node, into.node),
        FixOp::ToList { at, form } => to_list(tree, at.node, *form).map(|edit| vec![edit]),
        FixOp::Edit { edit, .. } => Some(vec![edit.clone()]),
        FixOp::Create { .. } => None,
    }
}

/// The file that an operation works on.
pub fn file(op: &FixOp) -> FileRef {
    let at = match op {
        FixOp::Replace { at, .. }
        | FixOp::Remove { at }
        | FixOp::ToList { at, .. }
        | FixOp::Edit { at, .. } => at,
        FixOp::Insert { map, .. } | FixOp::Move { map, .. } => map,
        FixOp::Merge { into, .. } => into,
        FixOp::Create { file, .. } => return FileRef::Bundle(file.clone()),
    };
    at.file.clone()
}

fn replace(tree: &Tree, at: &Anchor, text: &str) -> TextEdit {
    let span = tree.span(at.node);
    if let Part::Within(range) = &at.part {
        return TextEdit::replace(within(tree, at.node, range), text);
    }
    let needs_blank = span.is_empty()
        && span.start > 0
        && !tree.text()[..span.start as usize].ends_with([' ', '\n']);
    TextEdit::replace(span, if needs_blank { format!(" {text}") } else { text.to_owned() })
}

/// The bytes of a scalar's source that show `range` of its text.
pub fn within(tree: &Tree, node: NodeId, range: &std::ops::Range<usize>) -> Span {
    let span = tree.span(node);
    let text = tree.scalar_text(node);
    // Escapes and folds would shift the range; then the whole scalar is meant.
    let offset = match tree.kind(node) {
        Kind::Plain if tree.source(node) == text => 0,
        kind if kind.is_quoted()
            && tree.source(node).get(1..).is_some_and(|s| s.starts_with(&*text)) =>
        {
            1
        }
        _ => return span,
    };
    let at = |n: usize| (span.start as usize + offset + n).min(span.end as usize) as u32;
    let found = Span { start: at(range.start), end: at(range.end) };
    if found.is_empty() { span } else { found }
}

/// The pair or item around a node.
fn entry_of(tree: &Tree, node: NodeId) -> NodeId {
    let is_entry = |id: &NodeId| matches!(tree.kind(*id), Kind::Pair | Kind::Item);
    tree.ancestors(node).find(is_entry).unwrap_or(node)
}

/// The entry, or the field around it that would be left empty without it: an empty one is illegal.
fn with_empty_parents(tree: &Tree, entry: NodeId) -> NodeId {
    let mut entry = entry;
    loop {
        let Some(collection) = tree.parent(entry) else { return entry };
        let Some(owner) = tree.parent(collection) else { return entry };
        let is_last = tree.children(collection).count() == 1;
        let may_go = match tree.kind(owner) {
            Kind::Item => true,
            Kind::Pair => {
                field_at(&path_of(tree, owner), None).is_some_and(|(_, field)| !field.required)
            }
            _ => false,
        };
        if !is_last || !may_go {
            return entry;
        }
        entry = owner;
    }
}

fn remove(tree: &Tree, entry: NodeId) -> TextEdit {
    let parent = tree.parent(entry).unwrap_or(NodeId::ROOT);
    let span = tree.span(entry);
    if tree.kind(parent).is_flow() {
        return TextEdit::delete(flow_entry_span(tree, parent, entry));
    }
    let text = tree.text();
    let line_start = text[..span.start as usize].rfind('\n').map_or(0, |n| n + 1);
    let before = &text[line_start..span.start as usize];
    if !before.trim().is_empty() {
        // The first key behind a dash: what follows moves up to the dash.
        let next = tree.children(parent).skip_while(|id| *id != entry).nth(1);
        let end = next.map_or(span.end, |next| tree.span(next).start);
        return TextEdit::delete(Span { start: span.start, end });
    }
    let mut end = line_end(text, span.end as usize);
    let mut start = line_start;
    let rest = &text[end..];
    let blank_after = rest.len() - rest.trim_start_matches(['\n', '\r', ' ', '\t']).len();
    if end >= text.len() || blank_after == rest.len() {
        // The last entry takes the blank line above it along.
        let kept = text[..start].trim_end();
        start = if kept.is_empty() { 0 } else { kept.len() + newline_len(&text[kept.len()..]) };
    } else if let Some(first) = rest.find('\n').filter(|&n| rest[..n].trim().is_empty()) {
        let has_blank_above = text[..start].ends_with("\n\n") || text[..start].ends_with("\n\r\n");
        if has_blank_above || start == 0 {
            end += first + 1;
        }
    }
    TextEdit::delete(Span::new(start, end))
}

fn newline_len(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
}

fn flow_entry_span(tree: &Tree, parent: NodeId, entry: NodeId) -> Span {
    let span = tree.span(entry);
    let siblings: Vec<NodeId> = tree.children(parent).collect();
    let at = siblings.iter().position(|&id| id == entry).unwrap_or(0);
    if let Some(&next) = siblings.get(at + 1) {
        Span { start: span.start, end: tree.span(next).start }
    } else if at > 0 {
        Span { start: tree.span(siblings[at - 1]).end, end: span.end }
    } else {
        span
    }
}

fn insert(tree: &Tree, map: NodeId, key: &str, value: &str) -> Option<TextEdit> {
    let text = tree.text();
    let newline = newline(text);
    let separator = if value.is_empty() || value.starts_with('\n') { "" } else { " " };
    let entry = |indent: &str| {
        format!("{key}:{separator}{value}").replace('\n', &format!("{newline}{indent}"))
    };
    match tree.kind(map) {
        Kind::BlockMap => {
            let indent = " ".repeat(tree.node(map).mark as usize);
            let pairs: Vec<NodeId> = tree.pairs(map).collect();
            let order = field_order(tree, map);
            let rank = |name: &str| order.iter().position(|o| *o == name).unwrap_or(usize::MAX);
            let own = rank(key);
            let is_before = |pair: &&NodeId| rank(&tree.scalar_text(tree.key(**pair))) < own;
            // What has no place in the table comes last.
            let before = match own {
                usize::MAX => pairs.last(),
                _ => pairs.iter().rev().find(is_before),
            };
            match (before, pairs.first()) {
                (Some(&pair), _) => {
                    let at = line_end(text, tree.span(pair).end as usize);
                    let at_line_start = text[..at].ends_with('\n');
                    let lead = if at_line_start { "" } else { newline };
                    // Deeper lines that hang there without a key are what it is about.
                    let is_hanging = value.starts_with('\n') && hangs(&text[at..], indent.len());
                    let entry = if is_hanging { format!("{key}:") } else { entry(&indent) };
                    Some(TextEdit::insert(at as u32, format!("{lead}{indent}{entry}{newline}")))
                }
                (None, Some(&first)) => {
                    let at = tree.span(first).start;
                    Some(TextEdit::insert(at, format!("{}{newline}{indent}", entry(&indent))))
                }
                (None, None) => None,
            }
        }
        Kind::FlowMap => {
            let entry = format!("{key}: {}", in_flow(value));
            let edit = match tree.pairs(map).last() {
                Some(last) => TextEdit::insert(tree.span(last).end, format!(", {entry}")),
                None => TextEdit::insert(tree.span(map).start + 1, format!(" {entry} ")),
            };
            Some(edit)
        }
        Kind::Null | Kind::Plain if tree.span(map).is_empty() => {
            let pair = tree.parent(map).filter(|&p| tree.kind(p) == Kind::Pair);
            let parent_map =
                pair.and_then(|p| tree.parent(p)).filter(|&m| tree.kind(m) == Kind::BlockMap);
            match parent_map {
                Some(parent) => {
                    let column = tree.node(parent).mark as usize + Style::of(tree).step;
                    let indent = " ".repeat(column);
                    let at = tree.span(map).start;
                    Some(TextEdit::insert(at, format!("{newline}{indent}{}", entry(&indent))))
                }
                None if tree.root_value() == Some(map) => Some(append(text, newline, &entry(""))),
                None => None,
            }
        }
        Kind::Stream if tree.root_value().is_none() => Some(append(text, newline, &entry(""))),
        _ => None,
    }
}

/// Whether `text` goes on with a line that is indented deeper than `column`.
fn hangs(text: &str, column: usize) -> bool {
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.is_some_and(|line| line.len() - line.trim_start_matches(' ').len() > column)
}

/// Adds a line at the end of a file.
fn append(text: &str, newline: &str, entry: &str) -> TextEdit {
    let lead = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    TextEdit::insert(text.len() as u32, format!("{lead}{}{newline}", entry.trim_end()))
}

/// A value whose lines are indented by two columns each, in the style of a file.
fn restyled(value: &str, style: Style) -> String {
    // Columns in `value` and what they become.
    let mut levels: Vec<(usize, usize)> = vec![(0, 0)];
    let line = |(i, line): (usize, &str)| {
        let text = line.trim_start_matches(' ');
        let own = line.len() - text.len();
        if i == 0 || text.is_empty() {
            return line.to_owned();
        }
        while levels.len() > 1 && levels.last().is_some_and(|(old, _)| *old > own) {
            levels.pop();
        }
        let (old, new) = levels.last().copied().unwrap_or_default();
        let is_item = text.starts_with("- ");
        let column = match old == own {
            true => new,
            false => new + if is_item { style.list } else { style.step },
        };
        levels.push((own, column));
        if is_item {
            levels.push((own + 2, column + 2));
        }
        format!("{}{text}", " ".repeat(column))
    };
    value.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// The value of a pair with its lines indented relative to the key.
fn value_text(tree: &Tree, pair: NodeId) -> String {
    let value = tree.value(pair);
    if !matches!(tree.kind(value), Kind::BlockMap | Kind::BlockSeq) {
        return tree.source(value).to_owned();
    }
    let text = tree.text();
    let start = text[..tree.span(value).start as usize].rfind('\n').map_or(0, |n| n + 1);
    let lines = &text[start..line_end(text, tree.span(value).end as usize)];
    let map = tree.parent(pair).unwrap_or(NodeId::ROOT);
    format!("\n{}", reindent(lines, tree.node(map).mark as usize, 0).trim_end())
}

fn moved(tree: &Tree, from: NodeId, map: NodeId, key: &str) -> Option<Vec<TextEdit>> {
    let pair = entry_of(tree, from);
    let is_block = tree.parent(pair).is_some_and(|map| tree.kind(map) == Kind::BlockMap);
    let is_taken = tree.kind(map).is_map() && tree.pair(map, key).is_some();
    if tree.kind(pair) != Kind::Pair || !is_block || is_taken {
        return None;
    }
    let inserted = insert(tree, map, key, &value_text(tree, pair))?;
    let removed = remove(tree, with_empty_parents(tree, pair));
    let (at, gone) = (inserted.span.start, removed.span);
    (at <= gone.start || gone.end <= at).then(|| vec![inserted, removed])
}

fn merged_maps(tree: &Tree, from: NodeId, into: NodeId) -> Option<Vec<TextEdit>> {
    let (from, into) = (entry_of(tree, from), entry_of(tree, into));
    let (source, target) = (tree.value(from), tree.value(into));
    let is_block = |node| tree.kind(node) == Kind::BlockMap;
    let key = |pair| tree.scalar_text(tree.key(pair));
    let is_new = |pair| tree.pair(target, &key(pair)).is_none();
    if !is_block(source) || !is_block(target) || !tree.pairs(source).all(is_new) {
        return None;
    }
    let columns = (tree.node(source).mark as usize, tree.node(target).mark as usize);
    let lines =
        tree.pairs(source).map(|pair| reindent(&entry_lines(tree, pair), columns.0, columns.1));
    let at = line_end(tree.text(), tree.span(tree.pairs(target).last()?).end as usize);
    let added = TextEdit::insert(at as u32, lines.collect::<String>());
    let removed = remove(tree, from);
    (at <= removed.span.start as usize).then(|| vec![added, removed])
}

fn to_list(tree: &Tree, map: NodeId, form: ListForm) -> Option<TextEdit> {
    let span = tree.span(map);
    if tree.kind(map) == Kind::FlowMap {
        let source = tree.source(map);
        return match form {
            ListForm::OneEntry => Some(TextEdit::replace(span, format!("[{source}]"))),
            ListForm::Named(name) => {
                let rest = source.strip_prefix('{')?.trim_start();
                Some(TextEdit::replace(span, format!("[{{name: {name}, {rest}]")))
            }
            ListForm::ByName => None,
        };
    }
    if tree.kind(map) != Kind::BlockMap {
        return None;
    }
    let column = tree.node(map).mark as usize;
    let lines = |node: NodeId, from: usize| reindent(&entry_lines(tree, node), from, column + 2);
    let mut entries: Vec<String> = Vec::new();
    match form {
        ListForm::ByName => {
            for pair in tree.pairs(map) {
                let value = tree.value(pair);
                if tree.kind(value) != Kind::BlockMap {
                    return None;
                }
                let own = tree.node(value).mark as usize;
                let fields = tree.pairs(value).map(|pair| lines(pair, own));
                let name = tree.source(tree.key(pair));
                entries.push(format!(
                    "{}name: {name}\n{}",
                    " ".repeat(column + 2),
                    fields.collect::<String>()
                ));
            }
        }
        ListForm::OneEntry | ListForm::Named(_) => {
            let name = match form {
                ListForm::Named(name) => format!("{}name: {name}\n", " ".repeat(column + 2)),
                _ => String::new(),
            };
            let fields = tree.pairs(map).map(|pair| lines(pair, column));
            entries.push(name + &fields.collect::<String>());
        }
    }
    let dashed = entries.iter().map(|entry| {
        let mut entry = entry.clone();
        // The dash stands where the first line that is not a comment starts.
        let first = entry
            .split_inclusive('\n')
            .scan(0, |at, line| {
                *at += line.len();
                Some((*at - line.len(), line))
            })
            .find(|(_, line)| !line.trim_start().starts_with('#'))
            .map_or(0, |(at, _)| at);
        entry.replace_range(first + column..first + column + 2, "- ");
        entry
    });
    let text: String = dashed.collect();
    let start = tree.text()[..span.start as usize].rfind('\n').map_or(0, |n| n + 1);
    let first_line = tree.text()[start..span.start as usize].trim();
    // A mapping that starts behind a dash has lines of another's.
    if !first_line.is_empty() {
        return None;
    }
    let end = line_end(tree.text(), span.end as usize);
    // Where items follow already, the mapping is one of them that lost its dash.
    let next = tree.text()[end..].lines().find(|line| !line.trim().is_empty());
    if next.is_some_and(|line| line.trim_start().starts_with("- ")) {
        return None;
    }
    let text = if tree.text()[..end].ends_with('\n') { text } else { text.trim_end().to_owned() };
    Some(TextEdit::replace(Span::new(start, end), text))
}

/// A block value on one line: `\n  team: pay` is `{team: pay}`.
fn in_flow(value: &str) -> String {
    if !value.contains('\n') {
        return value.to_owned();
    }
    flow(&crate::value::lower(&crate::yaml::parse(value), 0).value)
}

/// A value on one line.
pub fn flow(value: &Value) -> String {
    match &value.data {
        Data::Map(entries) => {
            let entries = entries.iter().map(|e| format!("{}: {}", scalar(&e.key), flow(&e.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Data::Seq(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Data::Str(text) => scalar(text),
        _ => value.to_json().to_string(),
    }
}

/// The text of `tree` with the value `merged` instead of `base`, which it holds. Lines and comments
/// of what stays equal are kept.
pub fn merged_text(tree: &Tree, base: &Value, merged: &Value) -> String {
    // The merged contract has its integers.
    let base = &with_integers(base.clone());
    if base.to_json() == merged.to_json() {
        return tree.text().to_owned();
    }
    let mut edits = Vec::new();
    merge_edits(tree, base, merged, &mut edits);
    let text = apply_edits(tree.text(), &edits);
    let back = crate::value::lower(&crate::yaml::parse(text.as_str()), 0);
    // Where edits met in one place, or an alias stands for the value, the whole is written anew.
    match back.errors.is_empty() && with_integers(back.value).to_json() == merged.to_json() {
        true => text,
        false => serde_json::to_string_pretty(&merged.to_json()).unwrap_or_default() + "\n",
    }
}

fn merge_edits(tree: &Tree, base: &Value, merged: &Value, edits: &mut Vec<TextEdit>) {
    match (&base.data, &merged.data) {
        (Data::Map(old), Data::Map(new)) => {
            for entry in old.iter().filter(|entry| merged.get(&entry.key).is_none()) {
                edits.push(remove(tree, entry_of(tree, entry.key_node)));
            }
            for entry in new.iter() {
                match base.get(&entry.key) {
                    Some(value) => merge_edits(tree, value, &entry.value, edits),
                    None => {
                        edits.extend(insert(
                            tree,
                            base.node,
                            &scalar(&entry.key),
                            &flow(&entry.value),
                        ));
                    }
                }
            }
        }
        (Data::Seq(old), Data::Seq(new)) if old.len() == new.len() => {
            for (old, new) in old.iter().zip(new.iter()) {
                merge_edits(tree, old, new, edits);
            }
        }
        _ if base.to_json() == merged.to_json() => {}
        _ => {
            let at = Anchor { file: FileRef::Source(0), node: base.node, part: Part::Value };
            let is_string = matches!(merged.data, Data::Str(_));
            let was_quoted = tree.kind(base.node).is_quoted();
            let text = if is_string && was_quoted {
                quoted(merged.as_str().unwrap_or(""))
            } else {
                flow(merged)
            };
            edits.push(replace(tree, &at, &text));
        }
    }
}

/// The names of the fields that may stand in `map`, in the order of the table.
fn field_order(tree: &Tree, map: NodeId) -> Vec<&'static str> {
    match shape_at(&path_of(tree, map), None) {
        Some(Shape::Object(object)) => object.fields_in(None).map(|field| field.name).collect(),
        _ => Vec::new(),
    }
}

/// `text` as a YAML scalar on one line, in quotes only where it needs them.
pub fn scalar(text: &str) -> String {
    use crate::yaml::{Scalar, resolve_plain};
    let is_plain = !text.is_empty()
        && matches!(resolve_plain(text), Scalar::Str(_))
        && !text.starts_with(|c: char| c.is_whitespace() || "-?:,[]{}#&*!|>'\"%@`".contains(c))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(['{', '}', '[', ']', ','])
        && !text.chars().any(char::is_control)
        && !matches!(text.to_ascii_lowercase().as_str(), "yes" | "no" | "on" | "off" | "y" | "n");
    if is_plain { text.to_owned() } else { quoted(text) }
}

/// `text` in single quotes, which have no escapes: it has one line and no control characters.
pub fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `text` in double quotes.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn node(tree: &Tree, path: &str) -> NodeId {
        let mut at = tree.root_value().unwrap();
        for key in path.split('.').filter(|key| !key.is_empty()) {
            at = match key.parse::<usize>() {
                Ok(index) => tree.items(at).nth(index).unwrap(),
                Err(_) => tree.value(tree.pair(at, key).unwrap()),
            };
        }
        at
    }

    fn anchor_of(node: NodeId) -> Anchor {
        Anchor { file: FileRef::Source(0), node, part: Part::Value }
    }

    fn removed(text: &str, path: &str) -> String {
        let tree = parse(text);
        let op = FixOp::Remove { at: anchor_of(node(&tree, path)) };
        apply_edits(text, &edits(&tree, &op).unwrap())
    }

    fn inserted(text: &str, path: &str, key: &'static str, value: &str) -> String {
        let tree = parse(text);
        apply_edits(text, &[insert(&tree, node(&tree, path), key, value).unwrap()])
    }

    #[test]
    fn removing_takes_lines_and_one_blank_line() {
        assert_eq!(removed("a: 1\n\nb:\n  c: 1\n\nd: 2\n", "b"), "a: 1\n\nd: 2\n");
        assert_eq!(removed("a: 1\n\nb: 2\n", "b"), "a: 1\n");
        assert_eq!(removed("l:\n  - a: 1\n    b: 2\n", "l.0.a"), "l:\n  - b: 2\n");
        assert_eq!(removed("l: [1, 2, 3]\n", "l.1"), "l: [1, 3]\n");
        assert_eq!(removed("m: {a: 1, b: 2}\n", "m.b"), "m: {a: 1}\n");
        assert_eq!(removed("a: 1 # x\nb: 2\n", "a"), "b: 2\n");
    }

    #[test]
    fn removing_the_last_entry_takes_the_field_around_it_along() {
        let text = "runtime:\n  workload: job\n  lifecycle:\n    upgradeStrategy: ordered\n";
        let expected = "runtime:\n  workload: job\n";
        assert_eq!(removed(text, "runtime.lifecycle.upgradeStrategy"), expected);
        let text = "service:\n  name: a\ndependencies:\n  - ref: ../b\n";
        assert_eq!(removed(text, "dependencies.0"), "service:\n  name: a\n");
        // A field that must be there stays.
        let text = "runtime:\n  state:\n    type: x\n";
        assert_eq!(removed(text, "runtime.state.type"), "runtime:\n  state:\n");
    }

    #[test]
    fn what_is_inserted_is_indented_like_the_file() {
        let (text, value) = ("service:\n    name: x\n", "\n  workload: job\n  state:\n    type: x");
        let tree = parse(text);
        let map = anchor_of(tree.root_value().unwrap());
        let op = FixOp::Insert { map, key: "runtime".into(), value: value.into() };
        let expected =
            "service:\n    name: x\nruntime:\n    workload: job\n    state:\n        type: x\n";
        assert_eq!(apply_edits(text, &edits(&tree, &op).unwrap()), expected);
        let list = restyled("\n  - a: 1\n    b:\n      c: 2\n  - d: 3", Style { step: 4, list: 0 });
        assert_eq!(list, "\n- a: 1\n  b:\n      c: 2\n- d: 3");
    }

    #[test]
    fn mappings_are_moved_merged_and_made_lists() {
        let text = "runtime:\n  workload: job\nstate:\n  type: x\n";
        let tree = parse(text);
        let op = FixOp::Move {
            from: anchor_of(tree.key(tree.pair(tree.root_value().unwrap(), "state").unwrap())),
            map: anchor_of(node(&tree, "runtime")),
            key: "state",
        };
        let expected = "runtime:\n  workload: job\n  state:\n    type: x\n";
        assert_eq!(apply_edits(text, &edits(&tree, &op).unwrap()), expected);

        let text = "a:\n  b: 1\nc: 2\na:\n    d: 3\n";
        let tree = parse(text);
        let keys: Vec<NodeId> =
            tree.pairs(tree.root_value().unwrap()).map(|p| tree.key(p)).collect();
        let op = FixOp::Merge { from: anchor_of(keys[2]), into: anchor_of(keys[0]) };
        assert_eq!(apply_edits(text, &edits(&tree, &op).unwrap()), "a:\n  b: 1\n  d: 3\nc: 2\n");

        let listed = |text: &str, form| {
            let tree = parse(text);
            let op = FixOp::ToList { at: anchor_of(node(&tree, "l")), form };
            apply_edits(text, &edits(&tree, &op).unwrap())
        };
        assert_eq!(listed("l:\n  a: 1\n  b: 2\n", ListForm::OneEntry), "l:\n  - a: 1\n    b: 2\n");
        assert_eq!(listed("l: {a: 1}\n", ListForm::Named("x")), "l: [{name: x, a: 1}]\n");
        let named = "l:\n  - name: default\n    a: 1\n";
        assert_eq!(listed("l:\n  a: 1\n", ListForm::Named("default")), named);
        let by_name = "l:\n  - name: x\n    a: 1\n  - name: y\n    b: 2\n";
        assert_eq!(listed("l:\n  x:\n    a: 1\n  y:\n    b: 2\n", ListForm::ByName), by_name);
    }

    #[test]
    fn inserting_follows_the_order_of_the_table() {
        let text = "interfaces:\n  - name: a\n    type: http\n    contract: x\n";
        let expected =
            "interfaces:\n  - name: a\n    type: http\n    port: 8080\n    contract: x\n";
        assert_eq!(inserted(text, "interfaces.0", "port", "8080"), expected);
        assert_eq!(
            inserted("scaling: {min: 1}\n", "scaling", "max", "2"),
            "scaling: {min: 1, max: 2}\n"
        );
        assert_eq!(
            inserted("runtime:\n", "runtime", "workload", "job"),
            "runtime:\n  workload: job\n"
        );
        assert_eq!(
            inserted("service:\n  version: 1.0.0\n", "service", "name", "x"),
            "service:\n  name: x\n  version: 1.0.0\n"
        );
        assert_eq!(inserted("a: 1", "", "service", "\n  name: x"), "service:\n  name: x\na: 1");
        assert_eq!(
            inserted("service: 1", "", "runtime", "\n  workload: x"),
            "service: 1\nruntime:\n  workload: x\n"
        );
    }

    #[test]
    fn scalars_are_quoted_when_they_must_be() {
        for (text, yaml) in [
            ("a", "a"),
            ("1.0", "\"1.0\""),
            ("#x", "\"#x\""),
            ("*", "\"*\""),
            ("yes", "\"yes\""),
            ("^1.0.0", "^1.0.0"),
            (">=1.0.0", "\">=1.0.0\""),
            ("a: b", "\"a: b\""),
            ("/health", "/health"),
        ] {
            assert_eq!(scalar(text), yaml);
        }
    }

    #[test]
    fn merged_text_keeps_what_stays_equal() {
        let text = "# head\nservice:\n  name: pay # the name\n  version: \"1.0.0\"\nscaling:\n  min: 1\nports:\n  - a: 1\n  - a: 2\n";
        let tree = parse(text);
        let base = crate::value::lower(&tree, 0).value;
        let mut merged = base.clone();
        let over =
            parse("service: {version: 2.0.0, owner: me}\nscaling: null\nports: [{a: 1}, {a: 3}]\n");
        crate::value::overrides::merge(&mut merged, crate::value::lower(&over, 1).value);
        let expected = "# head\nservice:\n  name: pay # the name\n  version: \"2.0.0\"\n  owner: me\nports:\n  - a: 1\n  - a: 3\n";
        assert_eq!(merged_text(&tree, &base, &merged), expected);
    }
}
