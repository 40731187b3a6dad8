//! Flow collections and quoted scalars.

use super::parser::{MAX_DEPTH, Parser, is_flow_indicator};
use super::tree::*;
use crate::text::Span;

/// How far a flow collection reaches.
struct Extent {
    end: usize,
    is_closed: bool,
    continues_left: Option<usize>,
}

impl Parser<'_> {
    /// A flow collection in block context. Unclosed ones end at the end of their line.
    pub(super) fn flow_root(&mut self, parent: i64) {
        let start = self.pos;
        let extent = self.flow_extent(start, parent, self.bytes.len());
        if let Some(at) = extent.continues_left {
            let message = "this flow collection continues left of its parent; indent it";
            self.error(SyntaxErrorKind::LeftContinuation, Span::new(at, at + 1), message);
        }
        let limit = if extent.is_closed { extent.end } else { self.line_end(start) };
        self.flow_within(limit);
    }

    /// A flow collection that cannot reach past `limit`.
    pub(super) fn flow_within(&mut self, limit: usize) {
        let from = self.pos;
        self.flow_collection(limit);
        let pos = self.pos;
        self.pos = from;
        self.resync_line(pos);
    }

    /// Finds the mark that closes the flow collection at `start`. Gives up at a line that is not
    /// indented deeper than `parent`, unless only closing marks stand on it.
    fn flow_extent(&self, start: usize, parent: i64, stop: usize) -> Extent {
        let mut depth = 0i64;
        let mut at = start;
        let mut token_start = true;
        let mut continues_left = None;
        while at < stop {
            match self.bytes[at] {
                b'[' | b'{' => {
                    depth += 1;
                    token_start = true;
                }
                b']' | b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        return Extent { end: at + 1, is_closed: true, continues_left };
                    }
                    token_start = false;
                }
                b'"' | b'\'' if token_start => {
                    let Some(end) = self.quoted_end(at, stop) else {
                        break;
                    };
                    at = end;
                    token_start = false;
                    continue;
                }
                b'#' if at > start && matches!(self.bytes[at - 1], b' ' | b'\t' | b'\n') => {
                    at = self.line_end(at);
                    continue;
                }
                b',' | b':' => token_start = true,
                b' ' | b'\t' => {}
                b'\n' | b'\r' => {
                    let next = self.after_break(at);
                    let (content, column) = self.measure_indent(next);
                    if content < self.bytes.len()
                        && !self.is_break(content)
                        && self.byte(content) != b'#'
                    {
                        if self.is_document_mark(next) {
                            break;
                        }
                        if column as i64 <= parent {
                            if !matches!(self.byte(content), b']' | b'}') {
                                break;
                            }
                            continues_left.get_or_insert(content);
                        }
                    }
                    at = content.max(next);
                    token_start = true;
                    continue;
                }
                _ => token_start = false,
            }
            at += 1;
        }
        Extent { end: at, is_closed: false, continues_left: None }
    }

    pub(super) fn flow_end_on_line(&self, at: usize) -> Option<usize> {
        let extent = self.flow_extent(at, -1, self.line_end(at));
        extent.is_closed.then_some(extent.end)
    }

    fn flow_collection(&mut self, limit: usize) {
        let start = self.pos;
        let is_map = self.here() == b'{';
        let kind = if is_map { Kind::FlowMap } else { Kind::FlowSeq };
        if self.depth >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            self.error(SyntaxErrorKind::TooDeep, Span::new(start, start + 1), message);
            // What is around it goes on behind it.
            let extent = self.flow_extent(start, -1, limit);
            let end = if extent.is_closed { extent.end.min(limit) } else { limit };
            self.leaf(Kind::Error, start, end, NO_MARK);
            self.pos = end;
            return;
        }
        self.depth += 1;
        let id = self.open(kind, start, NO_MARK);
        self.pos += 1;
        self.flow_entries(id, is_map, limit);
        let end = self.pos;
        self.close(id, end);
        self.depth -= 1;
    }

    fn flow_entries(&mut self, id: NodeId, is_map: bool, limit: usize) {
        let mut wants_comma = false;
        loop {
            self.skip_flow_blanks(limit);
            if self.pos >= limit {
                let start = self.nodes[id.0 as usize].span.start as usize;
                let message = if is_map { "`{` is never closed" } else { "`[` is never closed" };
                self.error(SyntaxErrorKind::UnclosedFlow, Span::new(start, start + 1), message);
                return;
            }
            match self.here() {
                b']' | b'}' => {
                    if (self.here() == b'}') != is_map {
                        let message = if is_map { "expected `}`" } else { "expected `]`" };
                        let span = Span::new(self.pos, self.pos + 1);
                        self.error(SyntaxErrorKind::UnclosedFlow, span, message);
                    }
                    self.node_mut(id).mark = self.pos as u32;
                    self.pos += 1;
                    return;
                }
                b',' => {
                    if !wants_comma {
                        let span = Span::new(self.pos, self.pos + 1);
                        let message = "an entry is missing before this comma";
                        self.error(SyntaxErrorKind::UnexpectedText, span, message);
                    }
                    wants_comma = false;
                    self.pos += 1;
                }
                _ => {
                    if wants_comma {
                        let span = Span::new(self.pos, self.pos + self.char_len(self.pos));
                        let message = "a comma is missing before this entry";
                        self.error(SyntaxErrorKind::MissingComma, span, message);
                    }
                    let before = self.pos;
                    if is_map {
                        self.flow_pair(limit)
                    } else {
                        self.flow_item(limit)
                    }
                    wants_comma = true;
                    if self.pos == before {
                        let end = self.pos + self.char_len(self.pos);
                        let span = Span::new(self.pos, end);
                        let message = "unexpected character in a flow collection";
                        self.error(SyntaxErrorKind::UnexpectedText, span, message);
                        self.leaf(Kind::Error, self.pos, end, NO_MARK);
                        self.pos = end;
                    }
                }
            }
        }
    }

    /// Skips blanks, line breaks and comments inside a flow collection.
    pub(super) fn skip_flow_blanks(&mut self, limit: usize) {
        while self.pos < limit {
            match self.here() {
                b' ' | b'\t' | b'\n' | b'\r' => self.pos += 1,
                b'#' if self.pos == 0
                    || matches!(self.bytes[self.pos - 1], b' ' | b'\t' | b'\n' | b'\r') =>
                {
                    let end = self.line_end(self.pos).min(limit);
                    self.push_comment(Span::new(self.pos, end));
                    self.pos = end;
                }
                _ => return,
            }
        }
    }

    fn flow_pair(&mut self, limit: usize) {
        let start = self.pos;
        let pair = self.open(Kind::Pair, start, NO_MARK);
        let explicit = self.here() == b'?' && self.is_blank_or_end(self.pos + 1);
        if explicit {
            self.pos += 1;
            self.skip_flow_blanks(limit);
        }
        let is_json_key = self.flow_node_or_null(limit);
        self.flow_pair_value(pair, is_json_key, limit);
        let end = self.pos_of_content();
        self.close(pair, end.max(start));
    }

    /// `: value` after a key, if it is there. Pushes the value node in any case.
    fn flow_pair_value(&mut self, pair: NodeId, is_json_key: bool, limit: usize) {
        let key_end = self.pos;
        self.skip_flow_blanks(limit);
        if self.pos < limit && self.is_flow_colon(self.pos, is_json_key) {
            self.node_mut(pair).mark = self.pos as u32;
            self.pos += 1;
            let after = self.pos;
            self.skip_flow_blanks(limit);
            if self.pos >= limit || matches!(self.here(), b',' | b']' | b'}') {
                self.null(after);
            } else {
                self.flow_node(limit);
            }
        } else {
            self.pos = key_end;
            self.null(key_end);
        }
    }

    fn is_flow_colon(&self, at: usize, is_json_key: bool) -> bool {
        self.byte(at) == b':'
            && (is_json_key || self.is_blank_or_end(at + 1) || is_flow_indicator(self.byte(at + 1)))
    }

    fn flow_item(&mut self, limit: usize) {
        let start = self.pos;
        let item = self.open(Kind::Item, start, NO_MARK);
        let explicit = self.here() == b'?' && self.is_blank_or_end(self.pos + 1);
        if explicit {
            let map = self.open(Kind::FlowMap, start, NO_MARK);
            self.flow_pair(limit);
            let end = self.pos_of_content();
            self.close(map, end);
        } else {
            let key = NodeId(self.nodes.len() as u32);
            let is_json_key = self.flow_node_or_null(limit);
            let after_key = self.pos;
            let line_end = self.line_end(after_key);
            self.skip_flow_blanks(limit.min(line_end));
            if self.pos < limit && self.is_flow_colon(self.pos, is_json_key) {
                let wrappers = self.wrap(key, &[Kind::FlowMap, Kind::Pair]);
                self.pos = after_key;
                self.flow_pair_value(wrappers[1], is_json_key, limit);
                let end = self.pos_of_content();
                self.close(wrappers[1], end);
                self.close(wrappers[0], end);
            } else {
                self.pos = after_key;
            }
        }
        let end = self.pos_of_content();
        self.close(item, end.max(start));
    }

    fn pos_of_content(&self) -> usize {
        let blanks = self.bytes[..self.pos].iter().rev();
        self.pos - blanks.take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count()
    }

    pub(super) fn flow_node_or_null(&mut self, limit: usize) -> bool {
        let is_empty = matches!(self.here(), b',' | b']' | b'}')
            || (self.here() == b':' && self.is_flow_colon(self.pos, false));
        if is_empty {
            self.null(self.pos);
            return false;
        }
        self.flow_node(limit)
    }

    /// Parses a node; returns whether it is quoted or a collection, so that a colon may follow it
    /// without a blank.
    fn flow_node(&mut self, limit: usize) -> bool {
        let at = self.pos;
        let properties = self.read_properties(true);
        let id = NodeId(self.nodes.len() as u32);
        self.skip_flow_blanks(limit);
        let is_json = matches!(self.here(), b'[' | b'{' | b'"' | b'\'');
        if self.pos >= limit
            || (self.pos > at
                && (matches!(self.here(), b',' | b']' | b'}')
                    || self.is_flow_colon(self.pos, false)))
        {
            self.null(at);
        } else {
            match self.here() {
                b'[' | b'{' => self.flow_collection(limit),
                b'"' | b'\'' => {
                    self.quoted_scalar(-1, Some(limit));
                }
                b'*' => {
                    self.alias();
                }
                _ => self.flow_plain(limit),
            }
        }
        self.set_properties(id, properties);
        is_json
    }

    fn flow_plain(&mut self, limit: usize) {
        let start = self.pos;
        let mut at = start;
        let mut end = start;
        while at < limit {
            match self.bytes[at] {
                b if is_flow_indicator(b) => break,
                b':' if at + 1 >= limit
                    || self.is_blank_or_end(at + 1)
                    || is_flow_indicator(self.byte(at + 1)) =>
                {
                    break;
                }
                b'#' if at > start
                    && matches!(self.bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r') =>
                {
                    break;
                }
                b' ' | b'\t' | b'\n' | b'\r' => at += 1,
                _ => {
                    at += 1;
                    end = at;
                }
            }
        }
        if end == start {
            self.null(start);
            return;
        }
        if matches!(self.bytes[start], b'@' | b'`' | b'%' | b'|' | b'>')
            || (self.bytes[start] == b'-' && end == start + 1)
        {
            let span = Span::new(start, start + 1);
            let message = "this character cannot start a value here: quote the text";
            self.error(SyntaxErrorKind::NeedsQuotes, span, message);
        }
        self.leaf(Kind::Plain, start, end, NO_MARK);
        self.pos = end;
    }

    // Quoted scalars

    /// Past the quote that closes the scalar at `at`, if it closes before `stop`.
    fn quoted_end(&self, at: usize, stop: usize) -> Option<usize> {
        self.quoted_scan(at, at, stop).ok()
    }

    /// Looks for the closing quote of the scalar at `start` from `from` (its own quote or some
    /// place behind it); `Err` holds where to go on.
    fn quoted_scan(&self, start: usize, from: usize, stop: usize) -> Result<usize, usize> {
        let quote = self.bytes[start];
        let mut at = from.max(start + 1);
        while at < stop {
            match self.bytes[at] {
                b'\\' if quote == b'"' => at += 2,
                b if b == quote => {
                    if quote == b'\'' && at + 1 < stop && self.byte(at + 1) == b'\'' {
                        at += 2;
                    } else {
                        return Ok(at + 1);
                    }
                }
                _ => at += 1,
            }
        }
        Err(at)
    }

    pub(super) fn quoted_end_on_line(&self, at: usize) -> Option<usize> {
        self.quoted_end(at, self.line_end(at))
    }

    /// A quoted scalar. With a `limit` it is looked for up to there; otherwise it may go on over
    /// lines that are indented deeper than `parent`. Unclosed, it ends with its first line.
    pub(super) fn quoted_scalar(&mut self, parent: i64, limit: Option<usize>) -> NodeId {
        let start = self.pos;
        let kind = if self.here() == b'"' { Kind::DoubleQuoted } else { Kind::SingleQuoted };
        let line_end = self.line_end(start);
        let found = match limit {
            Some(limit) => self.quoted_end(start, limit),
            None => self.quoted_end_in_block(start, parent),
        };
        let closed = found.filter(|&end| self.is_plausible_quote(end, line_end));
        let id = match closed {
            Some(end) => self.leaf(kind, start, end, end as u32 - 1),
            None => {
                let stop = line_end.min(limit.unwrap_or(line_end));
                let end = start + self.text[start..stop].trim_end().len();
                let message = "this quote is never closed";
                self.error(SyntaxErrorKind::UnclosedQuote, Span::new(start, end), message);
                self.leaf(kind, start, end.max(start + 1), NO_MARK)
            }
        };
        let end = self.nodes[id.0 as usize].span.end as usize;
        if kind == Kind::DoubleQuoted {
            self.check_escapes(start + 1, end);
        }
        if limit.is_some() {
            self.pos = end
        } else {
            self.resync_line(end)
        }
        id
    }

    /// Past the quote that closes the scalar at `start`, on its line or on lines that are indented
    /// deeper than `parent`.
    fn quoted_end_in_block(&self, start: usize, parent: i64) -> Option<usize> {
        let mut line_end = self.line_end(start);
        let mut from = start;
        loop {
            match self.quoted_scan(start, from, line_end) {
                Ok(end) => return Some(end),
                Err(resume) => from = resume,
            }
            let next = self.after_break(line_end);
            if next == line_end || self.is_document_mark(next) {
                return None;
            }
            let (content, column) = self.measure_indent(next);
            if content < self.bytes.len() && !self.is_break(content) && column as i64 <= parent {
                return None;
            }
            line_end = self.line_end(content);
            from = from.max(next);
        }
    }

    /// A quote that closes on a later line must be followed by what can follow a scalar; otherwise
    /// it more likely opens another one.
    fn is_plausible_quote(&self, end: usize, first_line_end: usize) -> bool {
        if end <= first_line_end {
            return true;
        }
        let rest = self.text[end..self.line_end(end)].trim_start();
        rest.is_empty() || rest.starts_with(['#', ':', ',', ']', '}'])
    }

    fn check_escapes(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            if self.bytes[at] != b'\\' {
                at += 1;
                continue;
            }
            let length = match self.byte(at + 1) {
                b'x' => 2,
                b'u' => 4,
                b'U' => 8,
                b'0' | b'a' | b'b' | b't' | b'\t' | b'n' | b'v' | b'f' | b'r' | b'e' | b' '
                | b'"' | b'/' | b'\\' | b'N' | b'_' | b'L' | b'P' | b'\n' | b'\r' => 0,
                _ => usize::MAX,
            };
            let digits_ok = length != usize::MAX
                && self
                    .bytes
                    .get(at + 2..at + 2 + length)
                    .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
            if !digits_ok && at + 1 < end {
                let span = Span::new(at, (at + 1 + self.char_len(at + 1)).min(end.max(at + 1)));
                let message = "no such escape in double quotes; use single quotes or `\\\\`";
                self.error(SyntaxErrorKind::InvalidEscape, span, message);
            }
            at += 2;
            while at < end && !self.text.is_char_boundary(at) {
                at += 1;
            }
        }
    }
}
