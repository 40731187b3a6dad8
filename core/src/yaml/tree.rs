//! The lossless syntax tree of a YAML or JSON text.
//!
//! A tree is a flat vector in document order. Comments, document marks and directives stand beside
//! it, so that a blank or comment edit leaves every [`NodeId`] as it was.
//!
//! The tree of a large text shares its parts with the trees of other texts that hold them, too (see
//! [`super::parts`]): its own vector has a placeholder where a part stands.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::scalar;
use crate::text::Span;

/// A node of a tree. Where the tree has no parts this is its index, in document order; else the
/// upper half is the slot of its part (0 for the tree's own nodes), the lower half its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    pub const ROOT: NodeId = NodeId(0);

    pub(super) fn in_slot(slot: u16, index: u32) -> NodeId {
        NodeId(u32::from(slot) << SLOT_SHIFT | index)
    }

    /// The slot of a node in a tree with parts; 0 for the tree's own nodes.
    pub fn slot(self) -> u16 {
        (self.0 >> SLOT_SHIFT) as u16
    }
}

const SLOT_SHIFT: u32 = 16;
/// A part has fewer nodes than this, and so has what a tree with parts has of its own.
pub(super) const MAX_PART_NODES: usize = 1 << SLOT_SHIFT;

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
    /// Text that is read only in quotes.
    NeedsQuotes,
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

/// A run of whole entries of one mapping of a large text, parsed by itself (see [`super::parts`]).
/// Offsets count from its start.
#[derive(Debug)]
pub struct Part {
    text: Box<str>,
    context: Context,
    hash: u64,
    /// Empty where the part cannot be taken over.
    nodes: Box<[Node]>,
    comments: Box<[Span]>,
    is_sound: OnceLock<bool>,
}

/// What the reading of a part depends on besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Context {
    /// The column of its entries.
    pub column: u32,
    /// How deep their mapping is nested.
    pub depth: u32,
}

impl PartialEq for Part {
    fn eq(&self, other: &Part) -> bool {
        self.context == other.context && self.text == other.text
    }
}

impl Eq for Part {}

impl Part {
    /// A part with its nodes and comments. With `hash`, which follows from text and context, goes
    /// the slot that it takes.
    pub(super) fn new(
        text: &str,
        context: Context,
        hash: u64,
        (nodes, comments): (Vec<Node>, Vec<Span>),
    ) -> Part {
        let nodes = if nodes.len() < MAX_PART_NODES { nodes.into() } else { Box::default() };
        let comments = comments.into();
        Part { text: text.into(), context, hash, nodes, comments, is_sound: OnceLock::new() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_of(&self, text: &str, context: Context) -> bool {
        self.context == context && *self.text == *text
    }

    pub(super) fn comments(&self) -> &[Span] {
        &self.comments
    }

    pub(super) fn can_be_taken(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// What `judge` says of the text, which it is asked once.
    pub(super) fn is_sound(&self, judge: impl FnOnce(&str) -> bool) -> bool {
        *self.is_sound.get_or_init(|| judge(&self.text))
    }

    /// The slot that this part takes where no other has it already; never 0.
    fn wanted_slot(&self) -> u16 {
        self.hash as u16 % u16::MAX + 1
    }

    /// Where its first entry starts, and where the last one that is not empty ends.
    pub(super) fn content(&self) -> Span {
        let start = self.nodes.first().map_or(0, |node| node.span.start);
        let mut end = start;
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            if !node.span.is_empty() {
                end = node.span.end;
            }
            at = node.end as usize;
        }
        Span { start, end }
    }
}

/// A part of a tree's text, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub part: Arc<Part>,
    /// The upper half of the ids of its nodes. It follows from the part's text, so that an edit
    /// elsewhere leaves it as it is.
    pub slot: u16,
    /// The offset of its first byte in the whole text.
    pub base: u32,
    /// The index of its placeholder among the tree's own nodes.
    at: u32,
}

impl Placed {
    fn id(&self, index: u32) -> NodeId {
        NodeId::in_slot(self.slot, index)
    }

    /// A node as the whole tree has it.
    fn node(&self, index: u32, outer: NodeId) -> Node {
        let mut node = self.part.nodes[index as usize];
        node.span = node.span.moved(self.base);
        let has_offset =
            !matches!(node.kind, Kind::BlockMap | Kind::BlockSeq | Kind::Literal | Kind::Folded);
        if has_offset && node.mark != NO_MARK {
            node.mark += self.base;
        }
        node.parent = if node.parent == OUTSIDE { outer } else { self.id(node.parent.0) };
        node.end = self.id(node.end).0;
        node
    }

    /// The bytes of the part in the whole text.
    pub fn span(&self) -> Span {
        Span { start: self.base, end: self.base + self.part.text().len() as u32 }
    }
}

/// The parent of a part's outermost nodes, as the part itself has it.
pub(super) const OUTSIDE: NodeId = NodeId(u32::MAX);

/// A child of a node: one of the tree's own, or a part that holds several.
pub enum Piece<'t> {
    Node(NodeId),
    Part(&'t Placed),
}

/// A parsed text: nodes, trivia and every syntax error. Parsing never fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    text: Arc<str>,
    pub(crate) nodes: Vec<Node>,
    /// In document order.
    parts: Vec<Placed>,
    /// From slots to indexes of `parts`.
    slots: FxHashMap<u16, u32>,
    refused: Vec<Arc<Part>>,
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
            parts: Vec::new(),
            slots: FxHashMap::default(),
            refused: Vec::new(),
            properties: FxHashMap::default(),
            comments: Vec::new(),
            marks: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Puts parts in the place of the nodes at the given indexes. Those that were refused are kept
    /// with them, so that they are not parsed by themselves again.
    pub(super) fn place(&mut self, parts: Vec<(u32, u32, Arc<Part>)>, refused: Vec<Arc<Part>>) {
        self.refused = refused;
        for (at, base, part) in parts {
            let mut slot = part.wanted_slot();
            while self.slots.contains_key(&slot) {
                slot = slot % u16::MAX + 1;
            }
            self.slots.insert(slot, self.parts.len() as u32);
            self.parts.push(Placed { part, slot, base, at });
        }
    }

    /// The parts that this tree shares with others, in document order.
    pub fn parts(&self) -> &[Placed] {
        &self.parts
    }

    fn placed(&self, id: NodeId) -> Option<&Placed> {
        if self.parts.is_empty() || id.slot() == 0 {
            return None;
        }
        self.slots.get(&id.slot()).map(|&index| &self.parts[index as usize])
    }

    /// The part whose placeholder one of the tree's own nodes is.
    fn part_at(&self, own: u32) -> Option<&Placed> {
        if self.parts.is_empty() || NodeId(own).slot() != 0 {
            return None;
        }
        self.parts.binary_search_by_key(&own, |placed| placed.at).ok().map(|i| &self.parts[i])
    }

    /// All nodes, in document order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.nodes.len() as u32).flat_map(move |own| {
            let (first, count) = match self.part_at(own) {
                Some(placed) => (placed.id(0), placed.part.nodes.len() as u32),
                None => (NodeId(own), 1),
            };
            (first.0..first.0 + count).map(NodeId)
        })
    }

    /// The tree's own nodes: those that are in none of its parts, in document order.
    pub(super) fn own_ids(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.nodes.len() as u32).filter(|&own| self.part_at(own).is_none()).map(NodeId)
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        let in_parts: usize = self.parts.iter().map(|placed| placed.part.nodes.len()).sum();
        self.nodes.len() - self.parts.len() + in_parts
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A node of this tree.
    pub fn node(&self, id: NodeId) -> Node {
        match self.placed(id) {
            Some(placed) => {
                let outer = self.nodes[placed.at as usize].parent;
                placed.node(id.0 & (MAX_PART_NODES as u32 - 1), outer)
            }
            None => self.nodes[id.0 as usize],
        }
    }

    /// Whether this tree has a node of that id.
    pub fn contains(&self, id: NodeId) -> bool {
        match self.placed(id) {
            Some(placed) => id.0 < placed.id(placed.part.nodes.len() as u32).0,
            None => (id.0 as usize) < self.nodes.len(),
        }
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
        Children { tree: self, next: id.0 + 1, end: self.node(id).end, behind: None }
    }

    /// The children of a node, with parts as one piece each.
    pub fn pieces(&self, id: NodeId) -> impl Iterator<Item = Piece<'_>> {
        let (mut next, end) = (id.0 + 1, self.node(id).end);
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let at = next;
            next = self.node(NodeId(at)).end;
            Some(self.part_at(at).map_or(Piece::Node(NodeId(at)), Piece::Part))
        })
    }

    /// The outermost nodes of a part.
    pub fn nodes_of(&self, placed: &Placed) -> Children<'_> {
        let end = placed.id(placed.part.nodes.len() as u32).0;
        Children { tree: self, next: placed.id(0).0, end, behind: None }
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
        scalar::decode(&self.node(id), &self.text)
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
    /// Where it goes on behind a part: the next node and the end.
    behind: Option<(u32, u32)>,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        loop {
            if self.next >= self.end {
                (self.next, self.end) = self.behind.take()?;
                continue;
            }
            if let Some(placed) = self.tree.part_at(self.next) {
                self.behind = Some((self.next + 1, self.end));
                self.next = placed.id(0).0;
                self.end = placed.id(placed.part.nodes.len() as u32).0;
                continue;
            }
            let id = NodeId(self.next);
            self.next = self.tree.node(id).end;
            return Some(id);
        }
    }
}
