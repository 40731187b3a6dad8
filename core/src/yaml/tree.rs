//! The lossless syntax tree of a YAML or JSON text.
//!
//! A tree is a flat vector in document order. Comments, document marks and directives stand beside
//! it, so that a blank or comment edit leaves every [`NodeId`] as it was.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::scalar;
use crate::text::Span;

/// Index of a node in its tree, in document order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

impl NodeId {
    pub const ROOT: NodeId = NodeId(0);
}

/// What a node is. `Pair` has a key and a value child, `Item` one value child; absent ones are
/// `Null` nodes with an empty span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Stream,
    Document,
    BlockMap,
    FlowMap,
    BlockSeq,
    FlowSeq,
    Pair,
    Item,
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
    Alias,
    Null,
    Error,
}

impl Kind {
    pub fn is_map(self) -> bool {
        matches!(self, Kind::BlockMap | Kind::FlowMap)
    }

    pub fn is_seq(self) -> bool {
        matches!(self, Kind::BlockSeq | Kind::FlowSeq)
    }

    pub fn is_flow(self) -> bool {
        matches!(self, Kind::FlowMap | Kind::FlowSeq)
    }

    pub fn is_scalar(self) -> bool {
        matches!(
            self,
            Kind::Plain
                | Kind::SingleQuoted
                | Kind::DoubleQuoted
                | Kind::Literal
                | Kind::Folded
                | Kind::Null
        )
    }

    pub fn is_quoted(self) -> bool {
        matches!(self, Kind::SingleQuoted | Kind::DoubleQuoted)
    }

    pub fn is_block_scalar(self) -> bool {
        matches!(self, Kind::Literal | Kind::Folded)
    }
}

/// No such offset; the value of [`Node::mark`] where a colon or a closing bracket is missing.
pub const NO_MARK: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    pub span: Span,
    pub parent: NodeId,
    /// One past the last node below this one.
    pub(super) end: u32,
    /// By kind: the colon of a pair, the closing mark of a flow collection or quoted scalar
    /// ([`NO_MARK`] when missing), the column of a block collection or of a block scalar's text.
    pub mark: u32,
}

/// The anchor (`&name`, without `&`) and tag (`!name`, with `!`) of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    pub anchor: Option<Span>,
    pub tag: Option<Span>,
}

/// Marks between documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    Directive,
    DocumentStart,
    DocumentEnd,
}

/// What is wrong with the text at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SyntaxErrorKind {
    TabIndentation,
    MissingSpaceAfterColon,
    MissingColon,
    UnclosedQuote,
    UnclosedFlow,
    Indentation,
    UnexpectedText,
    InvalidEscape,
    InvalidBlockHeader,
    MissingComma,
    UnknownAlias,
    TooDeep,
    ConflictMarker,
    InvalidJson,
    /// Accepted with a warning: flow or quoted text that continues left of its parent.
    LeftContinuation,
    /// Reported by the referee parser only.
    Referee,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub kind: SyntaxErrorKind,
    pub span: Span,
    pub message: Cow<'static, str>,
}

/// A parsed text: nodes, trivia and every syntax error. Parsing never fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    text: Arc<str>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) properties: FxHashMap<NodeId, Properties>,
    pub(crate) comments: Vec<Span>,
    pub(crate) marks: Vec<(MarkKind, Span)>,
    pub(crate) errors: Vec<SyntaxError>,
}

impl Tree {
    pub(crate) fn new(text: Arc<str>) -> Self {
        Tree {
            text,
            nodes: Vec::new(),
            properties: FxHashMap::default(),
            comments: Vec::new(),
            marks: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// All nodes, in document order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    pub fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// The source text of a node.
    pub fn source(&self, id: NodeId) -> &str {
        self.span(id).slice(&self.text)
    }

    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        (id != NodeId::ROOT).then(|| self.node(id).parent)
    }

    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { tree: self, next: id.0 + 1, end: self.node(id).end }
    }

    pub fn properties(&self, id: NodeId) -> Properties {
        self.properties.get(&id).copied().unwrap_or_default()
    }

    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    pub fn marks(&self) -> &[(MarkKind, Span)] {
        &self.marks
    }

    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    pub fn documents(&self) -> Children<'_> {
        self.children(NodeId::ROOT)
    }

    /// The root value of the first document.
    pub fn root_value(&self) -> Option<NodeId> {
        let document = self.documents().next()?;
        self.children(document).next()
    }

    /// The key of a pair.
    pub fn key(&self, pair: NodeId) -> NodeId {
        NodeId(pair.0 + 1)
    }

    /// The value of a pair or an item.
    pub fn value(&self, id: NodeId) -> NodeId {
        match self.kind(id) {
            Kind::Pair => NodeId(self.node(self.key(id)).end),
            _ => NodeId(id.0 + 1),
        }
    }

    /// The pairs of a mapping; empty for any other node.
    pub fn pairs(&self, map: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let is_map = self.kind(map).is_map();
        self.children(map).filter(move |&id| is_map && self.kind(id) == Kind::Pair)
    }

    /// The values of a sequence; empty for any other node.
    pub fn items(&self, seq: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let is_seq = self.kind(seq).is_seq();
        self.children(seq)
            .filter(move |&id| is_seq && self.kind(id) == Kind::Item)
            .map(|item| self.value(item))
    }

    /// The pair of a mapping with this key.
    pub fn pair(&self, map: NodeId, key: &str) -> Option<NodeId> {
        self.pairs(map).find(|&pair| self.scalar_text(self.key(pair)) == key)
    }

    /// The decoded text of a scalar (YAML 1.2.2 chapters 7.3 and 8.1); empty for other nodes.
    pub fn scalar_text(&self, id: NodeId) -> Cow<'_, str> {
        scalar::decode(self.node(id), &self.text)
    }

    pub fn anchor_name(&self, id: NodeId) -> Option<&str> {
        self.properties(id).anchor.map(|span| span.slice(&self.text))
    }

    /// The deepest node whose span touches `offset`.
    pub fn deepest_at(&self, offset: u32) -> NodeId {
        let mut at = NodeId::ROOT;
        'down: loop {
            for child in self.children(at) {
                let node = self.node(child);
                if node.span.touches(offset) && !(node.span.is_empty() && node.kind == Kind::Null) {
                    at = child;
                    continue 'down;
                }
            }
            return at;
        }
    }

    /// Ancestors of a node, from itself to the stream.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(id), move |&at| self.parent(at))
    }
}

pub struct Children<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.next >= self.end {
            return None;
        }
        let id = NodeId(self.next);
        self.next = self.tree.nodes[self.next as usize].end;
        Some(id)
    }
}
