//! JSON pointers (RFC 6901) and `$ref`s, from and to nodes of a tree.

use crate::root::Root;
use crate::spec::BundlePath;
use crate::text::{escape_segment, fragment_segment};
use crate::yaml::{Kind, NodeId, Segment, Tree, path_of};

/// What a `$ref` names: a file of the bundle, and the segments of the pointer into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub path: String,
    pub pointer: Vec<String>,
}

/// Reads a `$ref` that is written in the file at `from`; `None` for what is not in the bundle.
pub(super) fn reference(from: &str, text: &str) -> Option<Reference> {
    let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
    if file.contains("://") {
        return None;
    }
    let path = match file {
        "" => from.to_owned(),
        file => BundlePath::parse(from).ok()?.join(file).ok()?.to_string(),
    };
    let pointer = match fragment.strip_prefix('/') {
        Some(rest) => rest.split('/').map(fragment_segment).collect(),
        None if fragment.is_empty() => Vec::new(),
        None => return None,
    };
    Some(Reference { path, pointer })
}

/// A segment as it is written in a `$ref`.
pub(super) fn encode(segment: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c);
    let mut out = String::new();
    for c in escape_segment(segment).chars() {
        let mut buffer = [0; 4];
        match is_plain(c) {
            true => out.push(c),
            false => {
                out.extend(c.encode_utf8(&mut buffer).bytes().map(|b| format!("%{b:02X}")));
            }
        }
    }
    out
}

/// The bytes of the segment `index` of the pointer of a `$ref`.
pub(super) fn segment_range(text: &str, index: usize) -> Option<std::ops::Range<usize>> {
    let mut start = text.find("#/")? + 2;
    for _ in 0..index {
        start += text[start..].find('/')? + 1;
    }
    let end = text[start..].find('/').map_or(text.len(), |at| start + at);
    Some(start..end)
}

/// The pointer of a node.
pub(super) fn pointer_of(tree: &Tree, node: NodeId) -> Vec<String> {
    let segments = path_of(tree, node).0.into_iter();
    let text = |segment| match segment {
        Segment::Key(key) => key,
        Segment::Index(index) => index.to_string(),
    };
    segments.map(text).collect()
}

/// The pair or item at a pointer, if it is there; `None` for the root.
pub(super) fn owner_at(tree: &Tree, pointer: &[String]) -> Option<NodeId> {
    let mut at = tree.root_value()?;
    let mut owner = None;
    for segment in pointer {
        let found = match tree.kind(at).is_seq() {
            true => {
                let index = segment.parse::<usize>().ok()?;
                let mut items = tree.children(at).filter(|&c| tree.kind(c) == Kind::Item);
                items.nth(index)?
            }
            false => tree.pair(at, segment)?,
        };
        owner = Some(found);
        at = tree.value(found);
    }
    owner
}

/// A place in a data file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Element {
    pub root: Root,
    pub path: String,
    /// The segments of its pointer; never empty.
    pub pointer: Vec<String>,
}

impl Element {
    /// Its own key.
    pub fn name(&self) -> &str {
        self.pointer.last().map_or("", String::as_str)
    }

    /// The keys below `values` that it stands for, if it is a property of a schema of settings.
    pub(super) fn setting(&self) -> Option<Vec<&str>> {
        let pairs = self.pointer.chunks(2);
        pairs
            .map(|pair| match pair {
                [keyword, name] if keyword == "properties" => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }
}
