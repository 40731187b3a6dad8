//! Edits of a contract's text by path. What they do not touch stays byte for byte.

use std::fmt;

use serde_json::Value as Json;

use super::yaml::{beside, item, plain};
use crate::check::fix::{self, quoted};
use crate::check::{Anchor, FileRef, FixOp, Part};
use crate::schema::format::Type;
use crate::schema::{Shape, shape_at};
use crate::text::{Span, TextEdit, apply_edits, newline};
use crate::value::overrides::{Set, parse_path};
use crate::value::{DocPath, Segment, Value, lower};
use crate::yaml::entry_text::line_end;
use crate::yaml::{Kind, NodeId, Tree, node_at, parse};

/// One edit. Paths have the grammar of `--set`.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Gives the place a value; mappings on the way to it are made.
    Set { path: String, value: Json },
    /// Removes the key or the item.
    Remove { path: String },
    /// Adds an item to the end of a list, which is made if it is not there.
    Append { list: String, item: Json },
}

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError {
    /// Which one, from 0.
    pub index: usize,
    pub message: String,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The text after all edits, each made on what the one before it left.
///
/// # Errors
/// The first edit that cannot be made.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut text = text.to_owned();
    for (index, edit) in edits.iter().enumerate() {
        text = one(&text, edit).map_err(|message| EditError { index, message })?;
    }
    Ok(text)
}

/// The value that a text stands for at a path: JSON of a list or a mapping, else as `--set` reads it.
pub fn text_value(path: &str, text: &str) -> Json {
    if text.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        return value;
    }
    let Ok(path) = parse_path(path) else { return text.into() };
    let is_string = matches!(
        shape_at(&DocPath(path.clone()), None),
        Some(Shape::Scalar(Type::Str(_) | Type::Enum(_)))
    );
    let data = Set { path, text: text.to_owned() }.data(is_string);
    Value { source: 0, node: NodeId::ROOT, data }.to_json()
}

fn one(text: &str, edit: &Edit) -> Result<String, String> {
    let tree = parse(text);
    if let Some(error) = tree.errors().first() {
        return Err(format!("the contract is not well-formed: {}", error.message));
    }
    let mut wanted = lower(&tree, 0).value.to_json();
    let (path, done) = match edit {
        Edit::Set { path, value } => {
            let segments = segments(path)?;
            put(&mut wanted, &segments, value.clone(), path)?;
            (path, set(&tree, &segments, value))
        }
        Edit::Remove { path } => {
            let segments = segments(path)?;
            take(&mut wanted, &segments, path)?;
            (path, remove(&tree, &segments))
        }
        Edit::Append { list, item } => {
            let mut segments = segments(list)?;
            let length = match at(&wanted, &segments) {
                None | Some(Json::Null) => 0,
                Some(Json::Array(items)) => items.len(),
                Some(_) => return Err(format!("`{list}` is not a list")),
            };
            let whole = Json::Array(vec![item.clone()]);
            if length == 0 {
                put(&mut wanted, &segments, whole.clone(), list)?;
                (list, set(&tree, &segments, &whole))
            } else {
                segments.push(Segment::Index(length));
                put(&mut wanted, &segments, item.clone(), list)?;
                (list, set(&tree, &segments, item))
            }
        }
    };
    let new = done.ok_or_else(|| cannot(path))?;
    let back = lower(&parse(new.as_str()), 0);
    // Aliases, merge keys and texts that run over lines may stand in the way.
    if back.errors.is_empty() && is_same(&back.value.to_json(), &wanted) {
        Ok(new)
    } else {
        Err(cannot(path))
    }
}

fn cannot(path: &str) -> String {
    format!("`{path}` cannot be edited where it stands; write this part of the file by hand")
}

/// Equal, where a mapping that was left empty may have gone.
fn is_same(found: &Json, wanted: &Json) -> bool {
    match (found, wanted) {
        (Json::Object(found), Json::Object(wanted)) => {
            found.keys().all(|key| wanted.contains_key(key))
                && wanted.iter().all(|(key, value)| match found.get(key) {
                    Some(own) => is_same(own, value),
                    None => is_empty(value),
                })
        }
        (Json::Array(found), Json::Array(wanted)) => {
            let wanted: Vec<&Json> = wanted.iter().collect();
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| is_same(a, b))
        }
        (Json::Null, wanted) => is_empty(wanted),
        _ => found == wanted,
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(map) => map.values().all(is_empty),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn segments(path: &str) -> Result<Vec<Segment>, String> {
    parse_path(path).map_err(|error| format!("`{path}`: {error}"))
}

/// The value at a path.
fn at<'j>(value: &'j Json, path: &[Segment]) -> Option<&'j Json> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

/// Puts a value where the edit puts it.
fn put(value: &mut Json, path: &[Segment], new: Json, shown: &str) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else {
        *value = new;
        return Ok(());
    };
    let through = |value: &Json| {
        let found = match value {
            Json::Array(_) => "a list",
            Json::Object(_) => "a mapping",
            _ => "a single value",
        };
        Err(format!("`{shown}`: the way leads through {found}, which has no such part"))
    };
    match first {
        Segment::Key(key) => {
            if value.is_null() {
                *value = Json::Object(serde_json::Map::new());
            }
            match value {
                Json::Object(map) => {
                    put(map.entry(key.clone()).or_insert(Json::Null), rest, new, shown)
                }
                other => through(other),
            }
        }
        Segment::Index(index) => match value {
            Json::Array(items) if *index < items.len() => put(&mut items[*index], rest, new, shown),
            Json::Array(items) if *index == items.len() => {
                items.push(Json::Null);
                put(&mut items[*index], rest, new, shown)
            }
            Json::Array(items) => Err(format!(
                "`{shown}`: the list has {} items; [{}] would be the next one",
                items.len(),
                items.len()
            )),
            Json::Null if *index == 0 => {
                *value = Json::Array(vec![Json::Null]);
                put(&mut value[0], rest, new, shown)
            }
            other => through(other),
        },
    }
}

fn take(value: &mut Json, path: &[Segment], shown: &str) -> Result<(), String> {
    let absent = || format!("`{shown}` is not there");
    let (last, way) = path.split_last().ok_or_else(absent)?;
    let mut place = value;
    for segment in way {
        place = match segment {
            Segment::Key(key) => place.get_mut(key),
            Segment::Index(index) => place.get_mut(index),
        }
        .ok_or_else(absent)?;
    }
    let taken = match (place, last) {
        (Json::Object(map), Segment::Key(key)) => map.shift_remove(key),
        (Json::Array(items), Segment::Index(index)) if *index < items.len() => {
            Some(items.remove(*index))
        }
        _ => None,
    };
    taken.map(drop).ok_or_else(absent)
}

fn anchor(node: NodeId) -> Anchor {
    Anchor { file: FileRef::Source(0), node, part: Part::Value }
}

fn edited(tree: &Tree, op: &FixOp) -> Option<String> {
    Some(apply_edits(tree.text(), &fix::edits(tree, op)?))
}

fn remove(tree: &Tree, path: &[Segment]) -> Option<String> {
    let node = node_at(tree, &DocPath(path.to_vec()))?;
    edited(tree, &FixOp::Remove { at: anchor(node) })
}

fn set(tree: &Tree, path: &[Segment], value: &Json) -> Option<String> {
    if let Some(node) = node_at(tree, &DocPath(path.to_vec())) {
        return change(tree, path, node, value);
    }
    let depth = (0..path.len()).rev().find(|n| {
        let above = DocPath(path[..*n].to_vec());
        node_at(tree, &above).is_some()
    });
    let Some(depth) = depth else {
        // An empty file.
        let (Segment::Key(key), rest) = path.split_first()? else { return None };
        return insert(tree, NodeId::ROOT, key, &nested(rest, value)?);
    };
    let node = node_at(tree, &DocPath(path[..depth].to_vec()))?;
    let (first, rest) = path[depth..].split_first()?;
    let value = nested(rest, value)?;
    match first {
        Segment::Key(key) => insert(tree, node, key, &value),
        Segment::Index(_) if tree.kind(node).is_seq() => append(tree, node, &value),
        Segment::Index(_) => change(tree, &path[..depth], node, &Json::Array(vec![value])),
    }
}

/// A value below further parts of a path.
fn nested(path: &[Segment], value: &Json) -> Option<Json> {
    path.iter().rev().try_fold(value.clone(), |value, segment| match segment {
        Segment::Key(key) => Some(Json::Object([(key.clone(), value)].into_iter().collect())),
        Segment::Index(0) => Some(Json::Array(vec![value])),
        Segment::Index(_) => None,
    })
}

fn insert(tree: &Tree, map: NodeId, key: &str, value: &Json) -> Option<String> {
    let value = beside(value);
    let value = value.strip_prefix(' ').map_or(value.clone(), str::to_owned);
    let key = fix::scalar(key).into();
    edited(tree, &FixOp::Insert { map: anchor(map), key, value })
}

/// Gives a node that is there another value.
fn change(tree: &Tree, path: &[Segment], node: NodeId, value: &Json) -> Option<String> {
    let text = tree.text();
    let old = lower(tree, 0).value.to_json();
    let old = at(&old, path)?;
    if old == value {
        return Some(text.to_owned());
    }
    let is_scalar = |value: &Json| !value.is_object() && !value.is_array();
    match (old, value) {
        (Json::Object(old), Json::Object(new)) if !old.is_empty() && !new.is_empty() => {
            return entries(text, path, old, new);
        }
        (Json::Array(old), Json::Array(new)) if !old.is_empty() && !new.is_empty() => {
            return items(text, path, old, new);
        }
        (old, new) if is_scalar(old) && is_scalar(new) => {
            let written = match new {
                Json::String(text) if tree.kind(node).is_quoted() => quoted(text),
                new => plain(new),
            };
            let op = FixOp::Replace { at: anchor(node), text: written };
            return edited(tree, &op);
        }
        _ => {}
    }
    // From one kind to another: the entry is written again at its place.
    let pair = tree.parent(node)?;
    let parent = tree.parent(pair)?;
    match (tree.kind(pair), tree.kind(parent)) {
        (Kind::Pair, Kind::BlockMap) => {
            let column = tree.node(parent).mark as usize;
            let body = indented(&beside(value), column, newline(text));
            let colon = colon_after(tree, pair)?;
            let end = content_end(tree, node, colon);
            Some(apply_edits(text, &[TextEdit::replace(Span::new(colon, end), body)]))
        }
        _ => {
            let op = FixOp::Replace { at: anchor(node), text: plain(value) };
            edited(tree, &op)
        }
    }
}

/// One key after the other, each on what the one before it left.
fn entries(
    text: &str,
    path: &[Segment],
    old: &serde_json::Map<String, Json>,
    new: &serde_json::Map<String, Json>,
) -> Option<String> {
    let mut text = text.to_owned();
    let deeper = |key: &str| [path, &[Segment::Key(key.to_owned())]].concat();
    for (key, value) in new.iter().filter(|(key, value)| old.get(*key) != Some(value)) {
        text = set(&parse(text.as_str()), &deeper(key), value)?;
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        text = remove(&parse(text.as_str()), &deeper(key))?;
    }
    Some(text)
}

fn items(text: &str, path: &[Segment], old: &[Json], new: &[Json]) -> Option<String> {
    let mut text = text.to_owned();
    let deeper = |index: usize| [path, &[Segment::Index(index)]].concat();
    for (index, value) in new.iter().enumerate() {
        if old.get(index) != Some(value) {
            text = set(&parse(text.as_str()), &deeper(index), value)?;
        }
    }
    for index in (new.len()..old.len()).rev() {
        text = remove(&parse(text.as_str()), &deeper(index))?;
    }
    Some(text)
}

/// Behind the colon of a pair.
fn colon_after(tree: &Tree, pair: NodeId) -> Option<usize> {
    let key = tree.span(tree.key(pair)).end as usize;
    let rest = &tree.text()[key..];
    let colon = rest.find(':')?;
    rest[..colon].trim().is_empty().then_some(key + colon + 1)
}

/// The end of a value, without its line break.
fn content_end(tree: &Tree, node: NodeId, colon: usize) -> usize {
    let end = (tree.span(node).end as usize).max(colon);
    colon + tree.text()[colon..end].trim_end().len()
}

fn indented(value: &str, column: usize, newline: &str) -> String {
    value.replace('\n', &format!("{newline}{}", " ".repeat(column)))
}

/// Adds an item to a list that has some.
fn append(tree: &Tree, list: NodeId, value: &Json) -> Option<String> {
    let text = tree.text();
    let newline = newline(text);
    let last = tree.children(list).filter(|&id| tree.kind(id) == Kind::Item).last();
    let edit = match tree.kind(list) {
        Kind::BlockSeq => {
            let column = tree.node(list).mark as usize;
            let at = line_end(text, tree.span(last?).end as usize);
            let lead = if text[..at].ends_with('\n') { "" } else { newline };
            let indent = " ".repeat(column);
            let lines: Vec<String> =
                item(value).iter().map(|line| format!("{indent}{line}{newline}")).collect();
            TextEdit::insert(at as u32, format!("{lead}{}", lines.concat()))
        }
        Kind::FlowSeq => match last {
            Some(last) => TextEdit::insert(tree.span(last).end, format!(", {}", plain(value))),
            None => TextEdit::insert(tree.span(list).start + 1, plain(value)),
        },
        _ => return None,
    };
    Some(apply_edits(text, &[edit]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "# A contract.\npactoVersion: \"1.0\" # the format\n\nservice:\n    name:   pay   # who\n    version: 1.0.0\ninterfaces:\n- name: api\n  type: http\n  port: 8080 # here\n- {name: admin, type: http, port: 9000}\n";

    fn set(path: &str, value: Json) -> Edit {
        Edit::Set { path: path.into(), value }
    }

    fn done(edits: &[Edit]) -> String {
        apply(TEXT, edits).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn comments_and_quotes_around_an_edit_stay() {
        let expected = TEXT.replace("1.0.0", "2.0.0").replace("8080", "8081").replace("9000", "1");
        let edits = [
            set("service.version", json!("2.0.0")),
            set("interfaces[0].port", json!(8081)),
            set("interfaces[1].port", json!(1)),
        ];
        assert_eq!(done(&edits), expected);
        assert_eq!(done(&[set("service.name", json!("pay"))]), TEXT);
        let quoted = done(&[set("pactoVersion", json!("1.1"))]);
        assert_eq!(quoted, TEXT.replace("\"1.0\"", "\"1.1\""));
    }

    #[test]
    fn what_is_not_there_is_made_in_its_place() {
        let made = done(&[set("service.owner.team", json!("pay"))]);
        let lines = "    version: 1.0.0\n    owner:\n        team: pay\n";
        assert_eq!(made, TEXT.replace("    version: 1.0.0\n", lines));
        let made = done(&[set("runtime.state.type", json!("stateless"))]);
        assert!(made.ends_with("runtime:\n    state:\n        type: stateless\n"), "{made}");
        let appended = done(&[Edit::Append {
            list: "interfaces".into(),
            item: json!({"name": "events", "type": "event", "tags": ["a", "b"]}),
        }]);
        let lines = "- name: events\n  type: event\n  tags:\n    - a\n    - b\n";
        assert_eq!(appended, format!("{TEXT}{lines}"));
        let first =
            done(&[Edit::Append { list: "dependencies".into(), item: json!({"ref": "../a"}) }]);
        assert!(first.contains("\ndependencies:\n- ref: ../a\n"), "{first}");
        assert_eq!(apply("", &[set("a.b", json!(1))]).expect("an empty file"), "a:\n  b: 1\n");
    }

    #[test]
    fn what_is_removed_goes_with_its_lines() {
        let gone = done(&[Edit::Remove { path: "interfaces[0]".into() }]);
        assert!(gone.contains("interfaces:\n- {name: admin"), "{gone}");
        assert!(!gone.contains("api"), "{gone}");
        let gone = done(&[Edit::Remove { path: "interfaces[1].port".into() }]);
        assert!(gone.contains("{name: admin, type: http}"), "{gone}");
        let error = apply(TEXT, &[Edit::Remove { path: "scaling".into() }]).expect_err("absent");
        assert_eq!(error.message, "`scaling` is not there");
    }

    #[test]
    fn a_value_may_become_another_kind() {
        let made = done(&[set("service", json!({"name": "x", "owner": {"team": "t"}}))]);
        assert!(
            made.contains(
                "service:\n    name:   x   # who\n    owner:\n        team: t\ninterfaces"
            ),
            "{made}"
        );
        let made = done(&[set("interfaces[0]", json!("x"))]);
        // No comment is lost, not even one within what is replaced.
        assert!(made.contains("- x # here\n"), "{made}");
        let made = done(&[set("service.name", json!({"a": [1]}))]);
        assert!(made.contains("    name:\n      a:\n        - 1"), "{made}");
    }

    #[test]
    fn what_cannot_be_edited_is_refused() {
        let text = "a: &x {b: 1}\nc: *x\n";
        assert!(apply(text, &[set("c.b", json!(2))]).is_err());
        assert!(apply(TEXT, &[set("service.name.first", json!(2))]).is_err());
        assert!(apply(TEXT, &[set("interfaces[4].name", json!("x"))]).is_err());
        assert!(apply("a: [", &[set("b", json!(2))]).is_err());
        let error = apply(TEXT, &[set("service..name", json!("x"))]).expect_err("a bad path");
        assert!(error.message.starts_with("`service..name`: empty key"), "{error}");
    }
}
