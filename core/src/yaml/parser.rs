//! The tree builder: cursor, trivia, documents, node properties.
//!
//! `block.rs` and `flow.rs` hold the two halves of the grammar. Every loop either consumes a byte
//! or ends; every look-ahead is bounded by a line or by the outermost flow collection, so that the
//! whole takes linear time.

use std::borrow::Cow;
use std::sync::Arc;

use super::tree::*;
use crate::text::Span;

/// Collections nested deeper than this are not looked into.
pub const MAX_DEPTH: u32 = 128;

/// Parses `text` into a tree. Never fails: what is not YAML becomes errors and error nodes.
pub fn parse(text: impl Into<Arc<str>>) -> Tree {
    let text = text.into();
    let mut parser = Parser::new(&text);
    parser.stream();
    parser.finish(text.clone())
}

/// Parses `text` as one flow value: the tolerant half of the JSON reader.
pub(crate) fn parse_flow(text: impl Into<Arc<str>>) -> Tree {
    let text = text.into();
    let mut parser = Parser::new(&text);
    parser.flow_stream();
    parser.finish(text.clone())
}

/// The part that starts at the start of a line, if one does that is made for what is around it.
pub(super) type PartAt<'p> = dyn FnMut(usize, Context) -> Option<Arc<Part>> + 'p;

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) pos: usize,
    /// Start of the line that `pos` is on.
    line_start: usize,
    /// A place that was asked for the end of its line, and that end.
    known_line_end: std::cell::Cell<(usize, usize)>,
    /// How many columns the tabs in this line's indentation add beyond their bytes.
    tab_columns: usize,
    pub(super) depth: u32,
    stack: Vec<NodeId>,
    pub(super) nodes: Vec<Node>,
    properties: rustc_hash::FxHashMap<NodeId, Properties>,
    comments: Vec<Span>,
    marks: Vec<(MarkKind, Span)>,
    errors: Vec<SyntaxError>,
    anchors: rustc_hash::FxHashSet<&'t str>,
    /// What is the parent of nodes outside of all others.
    outside: NodeId,
    part_at: Option<&'t mut PartAt<'t>>,
    /// Parts that were taken over: the index of their placeholder, their offset.
    taken: Vec<(u32, u32, Arc<Part>)>,
    refused: Vec<Arc<Part>>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Parser {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            line_start: 0,
            known_line_end: std::cell::Cell::new((1, 0)),
            tab_columns: 0,
            depth: 0,
            stack: Vec::new(),
            nodes: Vec::with_capacity(text.len() / 12 + 4),
            properties: Default::default(),
            comments: Vec::new(),
            marks: Vec::new(),
            errors: Vec::new(),
            anchors: Default::default(),
            outside: NodeId::ROOT,
            part_at: None,
            taken: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// A parser that takes parts over.
    pub(super) fn with_parts(text: &'t str, part_at: &'t mut PartAt<'t>) -> Self {
        Parser { nodes: Vec::new(), part_at: Some(part_at), ..Parser::new(text) }
    }

    /// The tree of the whole text.
    pub(super) fn whole(mut self, text: Arc<str>) -> Tree {
        self.stream();
        self.finish(text)
    }

    /// Nodes and comments of a text that holds entries of one mapping and nothing else; `None` where
    /// it has errors, or depends on what may stand around it.
    pub(super) fn part(text: &'t str, context: Context) -> Option<(Vec<Node>, Vec<Span>)> {
        let mut parser = Parser { depth: context.depth, outside: OUTSIDE, ..Parser::new(text) };
        let is_whole = parser.entries_at(context.column as usize);
        let is_plain =
            parser.errors.is_empty() && parser.properties.is_empty() && parser.marks.is_empty();
        (is_whole && is_plain).then_some((parser.nodes, parser.comments))
    }

    /// Takes the part over that starts on this line, if there is one and it fits in here. `parent`
    /// is the column that its mapping must be right of.
    pub(super) fn take_part(&mut self, column: usize, parent: i64) -> bool {
        let Some(part_at) = &mut self.part_at else { return false };
        let (line, depth) = (self.line_start, self.depth);
        if self.pos != line + column || column as i64 <= parent {
            return false;
        }
        let context = Context { column: column as u32, depth };
        let Some(part) = part_at(line, context) else { return false };
        if !part.can_be_taken() {
            self.refused.push(part);
            return false;
        }
        let content = part.content();
        let id = self.leaf(
            Kind::Error,
            line + content.start as usize,
            line + content.end as usize,
            NO_MARK,
        );
        self.comments.extend(part.comments().iter().map(|span| span.moved(line as u32)));
        self.enter_line(line + part.text().len());
        self.taken.push((id.0, line as u32, part));
        true
    }

    fn finish(mut self, text: Arc<str>) -> Tree {
        self.errors.sort_by_key(|error| (error.span, error.kind));
        let mut tree = Tree::new(text);
        tree.nodes = self.nodes;
        tree.place(self.taken, self.refused);
        tree.properties = self.properties;
        tree.comments = self.comments;
        tree.marks = self.marks;
        tree.errors = self.errors;
        tree
    }

    // Cursor

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn here(&self) -> u8 {
        self.byte(self.pos)
    }

    pub(super) fn at_eof(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    pub(super) fn is_blank_or_end(&self, at: usize) -> bool {
        at >= self.bytes.len() || matches!(self.bytes[at], b' ' | b'\t' | b'\n' | b'\r')
    }

    pub(super) fn is_break(&self, at: usize) -> bool {
        matches!(self.byte(at), b'\n' | b'\r') && at < self.bytes.len()
    }

    /// Zero-based column of `at`, which must be on the current line; a tab in the indentation
    /// counts as two.
    pub(super) fn column(&self, at: usize) -> usize {
        at - self.line_start + self.tab_columns
    }

    /// The break that ends the line of `from`, or the end of the text. A line is looked at once,
    /// however often it is asked for: documents may be a single line.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let (start, end) = self.known_line_end.get();
        if (start..=end).contains(&from) {
            return end;
        }
        let from = from.min(self.bytes.len());
        let found = memchr::memchr2(b'\n', b'\r', &self.bytes[from..]);
        let end = found.map_or(self.bytes.len(), |n| from + n);
        self.known_line_end.set((from, end));
        end
    }

    /// Past the line break at `at`, if there is one.
    pub(super) fn after_break(&self, at: usize) -> usize {
        match self.byte(at) {
            b'\r' if self.byte(at + 1) == b'\n' => at + 2,
            b'\n' | b'\r' if at < self.bytes.len() => at + 1,
            _ => at,
        }
    }

    /// Moves to the start of a line, or to some place after its indentation.
    pub(super) fn enter_line(&mut self, line_start: usize) {
        self.line_start = line_start;
        self.pos = line_start;
        self.tab_columns = 0;
    }

    /// Sets `line_start` for a `pos` that a scalar over several lines has moved.
    pub(super) fn resync_line(&mut self, pos: usize) {
        let from = self.line_start;
        if let Some(n) = self.bytes[from..pos].iter().rposition(|&b| b == b'\n' || b == b'\r') {
            self.line_start = from + n + 1;
            self.tab_columns = 0;
        }
        self.pos = pos;
    }

    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.here(), b' ' | b'\t') && !self.at_eof() {
            self.pos += 1;
        }
    }

    /// The indentation of the line at `start`: (offset of its first content byte, its column).
    pub(super) fn measure_indent(&self, start: usize) -> (usize, usize) {
        let mut at = start;
        let mut column = 0;
        loop {
            match self.byte(at) {
                b' ' => column += 1,
                b'\t' => column += 2,
                _ => return (at, column),
            }
            at += 1;
        }
    }

    /// `---` or `...` alone at the start of a line.
    pub(super) fn is_document_mark(&self, line_start: usize) -> bool {
        let mark = self.bytes.get(line_start..line_start + 3);
        (mark == Some(b"---") || mark == Some(b"...")) && self.is_blank_or_end(line_start + 3)
    }

    /// Whether block content ends here: end of text or a document mark.
    pub(super) fn at_end(&self) -> bool {
        self.at_eof() || (self.pos == self.line_start && self.is_document_mark(self.pos))
    }

    /// Skips blanks, comments and line breaks. Returns whether a line break was crossed. Reports
    /// tabs in the indentation of block lines.
    pub(super) fn skip_trivia(&mut self) -> bool {
        let mut crossed = self.pos == self.line_start;
        loop {
            let before = self.pos;
            self.skip_blanks();
            if self.at_eof() {
                return crossed;
            }
            match self.here() {
                b'#' if self.pos == self.line_start
                    || self.pos > before
                    || self.follows_blank() =>
                {
                    let end = self.line_end(self.pos);
                    self.comments.push(Span::new(self.pos, end));
                    self.pos = end;
                }
                b'\n' | b'\r' => {
                    let next = self.after_break(self.pos);
                    self.enter_line(next);
                    crossed = true;
                    if self.is_document_mark(next) {
                        return true;
                    }
                    if self.is_conflict_marker(next) {
                        let end = self.line_end(next);
                        let message = "merge conflict marker: keep one side and remove the markers";
                        self.error(SyntaxErrorKind::ConflictMarker, Span::new(next, end), message);
                        self.pos = end;
                    }
                }
                _ => {
                    self.check_tabs();
                    return crossed;
                }
            }
        }
    }

    fn follows_blank(&self) -> bool {
        self.pos > 0 && matches!(self.bytes[self.pos - 1], b' ' | b'\t')
    }

    fn is_conflict_marker(&self, line_start: usize) -> bool {
        const MARKERS: [&[u8]; 4] = [b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||"];
        let Some(head) = self.bytes.get(line_start..line_start + 7) else {
            return false;
        };
        MARKERS.contains(&head) && self.is_blank_or_end(line_start + 7)
    }

    /// Reports tabs in the indentation before `pos`, and counts them as two columns each.
    fn check_tabs(&mut self) {
        let indentation = &self.bytes[self.line_start..self.pos];
        if indentation.is_empty() || indentation.iter().any(|&b| b != b' ' && b != b'\t') {
            return;
        }
        let tabs = indentation.iter().filter(|&&b| b == b'\t').count();
        if tabs > 0 && self.tab_columns == 0 {
            self.tab_columns = tabs;
            let first = indentation.iter().position(|&b| b == b'\t').unwrap_or(0);
            let span = Span::new(self.line_start + first, self.pos);
            let message = "a tab indents this line; YAML wants spaces";
            self.error(SyntaxErrorKind::TabIndentation, span, message);
        }
    }

    // Nodes

    pub(super) fn open(&mut self, kind: Kind, start: usize, mark: u32) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let parent = self.stack.last().copied().unwrap_or(self.outside);
        self.nodes.push(Node { kind, span: Span::at(start), parent, end: 0, mark });
        self.stack.push(id);
        id
    }

    /// Ends the node at `end`, or at the end of its last child if that is later.
    pub(super) fn close(&mut self, id: NodeId, end: usize) {
        debug_assert_eq!(self.stack.last(), Some(&id));
        self.stack.pop();
        let nodes_end = self.nodes.len() as u32;
        let last_child_end =
            self.nodes[id.0 as usize + 1..].last().map_or(0, |_| self.last_content_end(id));
        let node = &mut self.nodes[id.0 as usize];
        node.span.end = (end as u32).max(last_child_end).max(node.span.start);
        node.end = nodes_end;
    }

    /// Where the last child of `id` that is not empty ends.
    fn last_content_end(&self, id: NodeId) -> u32 {
        let mut at = id.0 as usize + 1;
        let mut end = 0;
        while at < self.nodes.len() {
            let node = &self.nodes[at];
            if !node.span.is_empty() {
                end = node.span.end;
            }
            at = node.end as usize;
        }
        end
    }

    pub(super) fn leaf(&mut self, kind: Kind, start: usize, end: usize, mark: u32) -> NodeId {
        let id = self.open(kind, start, mark);
        self.close(id, end);
        id
    }

    pub(super) fn null(&mut self, at: usize) -> NodeId {
        self.leaf(Kind::Null, at, at, NO_MARK)
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// Wraps the node at `id` (the newest child of the open node) into `wrappers`, outermost
    /// first, which stay open.
    pub(super) fn wrap(&mut self, id: NodeId, wrappers: &[Kind]) -> Vec<NodeId> {
        let shift = wrappers.len() as u32;
        let at = id.0 as usize;
        let outer_parent = self.nodes[at].parent;
        let start = self.nodes[at].span.start;
        let (first, last) = (id.0, self.nodes.len() as u32);
        for node in &mut self.nodes[at..] {
            node.end += shift;
            if (first..last).contains(&node.parent.0) && node.parent.0 >= first {
                node.parent.0 += shift;
            }
        }
        self.nodes[at].parent = NodeId(first + shift - 1);
        let moved: Vec<NodeId> = self.properties.keys().copied().filter(|k| k.0 >= first).collect();
        for key in moved {
            if let Some(value) = self.properties.remove(&key) {
                self.properties.insert(NodeId(key.0 + shift), value);
            }
        }
        let mut ids = Vec::with_capacity(wrappers.len());
        for (i, &kind) in wrappers.iter().enumerate() {
            let parent = if i == 0 { outer_parent } else { NodeId(first + i as u32 - 1) };
            let node =
                Node { kind, span: Span { start, end: start }, parent, end: 0, mark: NO_MARK };
            self.nodes.insert(at + i, node);
            let wrapper = NodeId(first + i as u32);
            self.stack.push(wrapper);
            ids.push(wrapper);
        }
        ids
    }

    pub(super) fn error(
        &mut self,
        kind: SyntaxErrorKind,
        span: Span,
        message: impl Into<Cow<'static, str>>,
    ) {
        self.errors.push(SyntaxError { kind, span, message: message.into() });
    }

    pub(super) fn push_comment(&mut self, span: Span) {
        self.comments.push(span);
    }

    pub(super) fn has_error_at(&self, kind: SyntaxErrorKind, start: usize) -> bool {
        self.errors.iter().rev().take(4).any(|e| e.kind == kind && e.span.start == start as u32)
    }

    // Properties

    /// Reads `&anchor` and `!tag` in any order; blanks after them are skipped.
    pub(super) fn read_properties(&mut self, in_flow: bool) -> Properties {
        let mut properties = Properties::default();
        loop {
            match self.here() {
                b'&' if properties.anchor.is_none() && !self.is_blank_or_end(self.pos + 1) => {
                    let end = self.name_end(self.pos + 1);
                    properties.anchor = Some(Span::new(self.pos + 1, end));
                    self.anchors.insert(&self.text[self.pos + 1..end]);
                    self.pos = end;
                }
                b'!' if properties.tag.is_none() => {
                    let end = self.tag_end(self.pos, in_flow);
                    properties.tag = Some(Span::new(self.pos, end));
                    self.pos = end;
                }
                _ => return properties,
            }
            let ends_in_flow = in_flow && is_flow_indicator(self.here());
            if !(self.is_blank_or_end(self.pos) || ends_in_flow) {
                let span = Span::new(self.pos, self.pos + self.char_len(self.pos));
                let message = "a blank is missing after the anchor or tag";
                self.error(SyntaxErrorKind::UnexpectedText, span, message);
            }
            self.skip_blanks();
        }
    }

    pub(super) fn set_properties(&mut self, id: NodeId, properties: Properties) {
        if properties != Properties::default() {
            self.properties.insert(id, properties);
        }
    }

    /// The end of an anchor or alias name that starts at `from`.
    pub(super) fn name_end(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.bytes.len()
            && !self.is_blank_or_end(at)
            && !is_flow_indicator(self.bytes[at])
        {
            at += 1;
        }
        at
    }

    pub(super) fn tag_end(&self, from: usize, in_flow: bool) -> usize {
        if self.byte(from + 1) == b'<' {
            let line_end = self.line_end(from);
            let close = self.bytes[from..line_end].iter().position(|&b| b == b'>');
            return close.map_or(line_end, |n| from + n + 1);
        }
        let mut at = from + 1;
        while at < self.bytes.len()
            && !self.is_blank_or_end(at)
            && !(is_flow_indicator(self.bytes[at]) && (in_flow || self.bytes[at] != b','))
        {
            at += 1;
        }
        at
    }

    pub(super) fn alias(&mut self) -> NodeId {
        let start = self.pos;
        let end = self.name_end(start + 1);
        let name = &self.text[start + 1..end];
        if !self.anchors.contains(name) {
            let message = format!("no anchor `&{name}` stands before this alias");
            self.error(SyntaxErrorKind::UnknownAlias, Span::new(start, end), message);
        }
        self.pos = end;
        self.leaf(Kind::Alias, start, end, NO_MARK)
    }

    pub(super) fn char_len(&self, at: usize) -> usize {
        self.text[at..].chars().next().map_or(0, char::len_utf8)
    }

    // Stream

    /// One flow value and nothing else.
    fn flow_stream(&mut self) {
        let end = self.bytes.len();
        let stream = self.open(Kind::Stream, 0, NO_MARK);
        let document = self.open(Kind::Document, 0, NO_MARK);
        if self.text.starts_with('\u{feff}') {
            self.pos = 3;
        }
        self.skip_flow_blanks(end);
        self.flow_node_or_null(end);
        self.skip_flow_blanks(end);
        if self.pos < end {
            let message = "nothing may follow the value";
            self.error(SyntaxErrorKind::UnexpectedText, Span::new(self.pos, end), message);
            self.leaf(Kind::Error, self.pos, end, NO_MARK);
        }
        self.close(document, end);
        self.close(stream, end);
    }

    fn stream(&mut self) {
        let stream = self.open(Kind::Stream, 0, NO_MARK);
        if self.text.starts_with('\u{feff}') {
            self.enter_line(3);
        }
        let mut first = true;
        loop {
            let explicit = self.document_prefix();
            if self.at_eof() && !explicit && !first {
                break;
            }
            first = false;
            self.document();
            let ended = self.document_suffix();
            if self.at_eof() && !ended {
                break;
            }
        }
        let end = self.bytes.len();
        self.close(stream, end);
    }

    /// Directives and `---`. Returns whether a document starts explicitly.
    fn document_prefix(&mut self) -> bool {
        loop {
            self.skip_trivia();
            if self.at_eof() {
                return false;
            }
            if self.pos != self.line_start {
                return false;
            }
            if self.here() == b'%' {
                let end = self.line_end(self.pos);
                self.marks.push((MarkKind::Directive, Span::new(self.pos, end)));
                self.pos = end;
            } else if self.is_document_mark(self.pos) && self.here() == b'-' {
                self.marks.push((MarkKind::DocumentStart, Span::new(self.pos, self.pos + 3)));
                self.pos += 3;
                return true;
            } else if self.is_document_mark(self.pos) {
                self.document_suffix();
            } else {
                return false;
            }
        }
    }

    fn document(&mut self) {
        self.anchors.clear();
        let start = self.pos;
        let document = self.open(Kind::Document, start, NO_MARK);
        self.block_node(-1, super::block::Inline::Allowed, false);
        loop {
            self.skip_trivia();
            if self.at_end() {
                break;
            }
            let before = self.pos;
            if !self.has_error_at(SyntaxErrorKind::Indentation, before) {
                let span = Span::new(before, self.line_end(before));
                let message = "this does not belong to the value above it: check its indentation";
                self.error(SyntaxErrorKind::UnexpectedText, span, message);
            }
            self.block_node(-1, super::block::Inline::Allowed, false);
            if self.pos == before {
                self.error_line();
            }
        }
        let end = self.pos;
        self.close(document, end);
    }

    /// `...` after a document. Returns whether one stood there.
    fn document_suffix(&mut self) -> bool {
        if !self.at_eof() && self.is_document_mark(self.pos) && self.here() == b'.' {
            self.marks.push((MarkKind::DocumentEnd, Span::new(self.pos, self.pos + 3)));
            self.pos += 3;
            let end = self.line_end(self.pos);
            let rest = self.text[self.pos..end].trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let span = Span::new(self.pos, end);
                let message = "nothing may follow the end of a document on its line";
                self.error(SyntaxErrorKind::UnexpectedText, span, message);
                self.pos = end;
            }
            return false;
        }
        !self.at_eof() && self.is_document_mark(self.pos)
    }

    /// Takes the rest of the line as an error node.
    pub(super) fn error_line(&mut self) {
        let end = self.line_end(self.pos);
        self.leaf(Kind::Error, self.pos, end, NO_MARK);
        self.pos = end;
    }
}

pub(super) fn is_flow_indicator(b: u8) -> bool {
    matches!(b, b',' | b'[' | b']' | b'{' | b'}')
}
