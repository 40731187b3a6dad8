//! What a rule says about a contract. Findings hold node ids; spans are made when they are shown.

use std::borrow::Cow;

use super::rule::{Rule, Severity};
use crate::place::Anchor;
use crate::text::TextEdit;

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

impl Finding {
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    pub fn detail(&mut self, detail: &'static str) -> &mut Self {
        self.detail = Some(detail);
        self
    }

    pub fn related(&mut self, at: Anchor, message: impl Into<String>) -> &mut Self {
        self.related.push(Related { at, message: message.into() });
        self
    }

    pub fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fixes.push(fix);
        self
    }

    pub fn tag(&mut self, tag: Tag) -> &mut Self {
        self.tag = Some(tag);
        self
    }
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
    Insert { map: Anchor, key: Cow<'static, str>, value: String },
    /// Moves the pair that holds the node `from` into the mapping `map`, as `key`.
    Move { from: Anchor, map: Anchor, key: &'static str },
    /// Adds what the mapping under the key `from` holds to the mapping under the key `into`.
    Merge { from: Anchor, into: Anchor },
    /// Makes a list of the mapping `at`.
    ToList { at: Anchor, form: ListForm },
    /// An edit by bytes.
    Edit { at: Anchor, edit: TextEdit },
    /// Creates a file of the bundle, by its path from the root; the file must not be there.
    Create { file: String, text: String },
}

/// How a mapping becomes a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// The mapping is its only entry.
    OneEntry,
    /// The mapping is its only entry, and gets this `name`.
    Named(&'static str),
    /// Each pair is an entry, and its key the `name`.
    ByName,
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
        Fix::new("insert", title, FixOp::Insert { map, key: key.into(), value: value.into() })
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
