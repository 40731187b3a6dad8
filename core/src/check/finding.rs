//! What a rule says about a contract. Findings hold node ids; spans are made when they are shown.

use crate::contract::Place;
use crate::root::Root;
use crate::text::{Span, TextEdit};
use crate::value::{Entry, SourceId, Value};
use crate::yaml::NodeId;

use super::rule::Rule;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Hint,
    Info,
    Warning,
    Error,
}

impl Severity {
    pub fn text(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
            Severity::Hint => "hint",
        }
    }
}

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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    pub at: Anchor,
    pub message: String,
}

/// LSP 3.17 `DiagnosticTag`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    Unnecessary,
    Deprecated,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    /// What is wrong, with the value; then what would be right.
    pub message: String,
    /// The keyword of the schema that is breached, where the rule has several.
    pub detail: Option<&'static str>,
    /// The document path as the author wrote it.
    pub path: String,
    pub at: Anchor,
    pub related: Vec<Related>,
    pub fixes: Vec<Fix>,
    pub tag: Option<Tag>,
}

/// Whether a fix may be applied without being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Applicability {
    /// Cannot change what the author meant.
    Safe,
    /// One of several ways, or with a placeholder to fill in.
    Review,
}

/// A repair. Edits are made from the operations when it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Stable name of the kind of repair, such as `rename-field`.
    pub id: &'static str,
    pub title: String,
    pub applicability: Applicability,
    /// The one that an editor applies first.
    pub preferred: bool,
    pub ops: Vec<FixOp>,
}

/// One step of a repair, in terms of nodes of the contract.
#[derive(Clone, Debug, PartialEq)]
pub enum FixOp {
    /// Replaces the text of a scalar (or the empty place where one belongs) by YAML text.
    Replace { at: Anchor, text: String },
    /// Removes the pair or list item that holds the node.
    Remove { at: Anchor },
    /// Inserts `key: value` into the mapping `map`, in the order of its table. Further lines of
    /// `value` are indented with the key.
    Insert { map: Anchor, key: &'static str, value: String },
    /// An edit by bytes.
    Edit { at: Anchor, edit: TextEdit },
}

impl Fix {
    pub fn new(id: &'static str, title: impl Into<String>, op: FixOp) -> Fix {
        Fix {
            id,
            title: title.into(),
            applicability: Applicability::Review,
            preferred: false,
            ops: vec![op],
        }
    }

    pub fn replace(
        id: &'static str,
        title: impl Into<String>,
        at: Anchor,
        text: impl Into<String>,
    ) -> Fix {
        Fix::new(id, title, FixOp::Replace { at, text: text.into() })
    }

    pub fn remove(title: impl Into<String>, at: Anchor) -> Fix {
        Fix::new("remove", title, FixOp::Remove { at })
    }

    pub fn insert(
        title: impl Into<String>,
        map: Anchor,
        key: &'static str,
        value: impl Into<String>,
    ) -> Fix {
        Fix::new("insert", title, FixOp::Insert { map, key, value: value.into() })
    }

    pub fn safe(self) -> Fix {
        Fix { applicability: Applicability::Safe, preferred: true, ..self }
    }

    pub fn preferred(self) -> Fix {
        Fix { preferred: true, ..self }
    }

    pub fn and(mut self, op: FixOp) -> Fix {
        self.ops.push(op);
        self
    }
}

/// Something that could not be looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotChecked {
    pub reference: String,
    pub path: String,
    pub reason: String,
}

/// What the rules of a layer said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub not_checked: Vec<NotChecked>,
}
