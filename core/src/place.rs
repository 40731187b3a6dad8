//! Places in the files of bundles, stable under edits elsewhere: nodes instead of offsets.

use crate::contract::Place;
use crate::root::Root;
use crate::text::Span;
use crate::value::{Entry, SourceId, Value};
use crate::yaml::NodeId;

/// The file that an anchor points into.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileRef {
    /// The contract (0) or one of its overrides.
    Source(SourceId),
    /// Another file of the bundle, by path.
    Bundle(String),
    /// A file of another bundle: its root and the path in it.
    Other { root: Root, path: String },
}

/// Which part of a node is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole node, on its first line.
    Value,
    /// A byte range of a scalar's text.
    Within(std::ops::Range<usize>),
    /// The key and the value together.
    Pair,
    /// The key or list dash that owns the node; the node itself when it has none.
    Owner,
    /// Bytes of the file; the node does not count.
    Bytes(Span),
}

/// A place in a file, stable under edits elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub file: FileRef,
    pub node: NodeId,
    pub part: Part,
}

impl Anchor {
    pub fn value(value: &Value) -> Anchor {
        Anchor { file: FileRef::Source(value.source), node: value.node, part: Part::Value }
    }

    /// The key of an entry.
    pub fn key(entry: &Entry) -> Anchor {
        Anchor { file: FileRef::Source(entry.source), node: entry.key_node, part: Part::Value }
    }

    pub fn bytes(file: FileRef, span: Span) -> Anchor {
        Anchor { file, node: NodeId::ROOT, part: Part::Bytes(span) }
    }

    pub fn in_bundle(path: &str, node: NodeId) -> Anchor {
        Anchor { file: FileRef::Bundle(path.to_owned()), node, part: Part::Value }
    }
}

impl Place {
    pub fn value(&self) -> Anchor {
        Anchor { file: FileRef::Source(self.source), node: self.node, part: Part::Value }
    }

    /// A byte range of the scalar's text.
    pub fn within(&self, range: std::ops::Range<usize>) -> Anchor {
        Anchor { part: Part::Within(range), ..self.value() }
    }

    pub fn pair(&self) -> Anchor {
        Anchor { part: Part::Pair, ..self.value() }
    }

    /// The key (or list dash) of the value.
    pub fn owner(&self) -> Anchor {
        match self.key {
            Some(key) => Anchor { node: key, ..self.value() },
            None => Anchor { part: Part::Owner, ..self.value() },
        }
    }
}
