//! Block collections, block scalars and multi-line plain scalars, with recovery by indentation.

use super::parser::{MAX_DEPTH, Parser};
use super::tree::*;
use crate::text::Span;

/// Whether a block collection may start on the line that the node starts on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Inline {
    Allowed,
    Forbidden,
}

impl Parser<'_> {
    /// Parses one node whose lines are indented by more than `parent` columns; pushes exactly one
    /// node. With `dash_at_parent` a sequence may start at the parent's own column.
    pub(super) fn block_node(&mut self, parent: i64, inline: Inline, dash_at_parent: bool) {
        let start = self.pos;
        let crossed = self.skip_trivia();
        if self.at_end() || self.is_outside(parent, crossed, dash_at_parent) {
            self.null(start);
            return;
        }
        if self.depth >= MAX_DEPTH {
            return self.too_deep(parent);
        }
        self.depth += 1;
        self.block_content(parent, crossed || inline == Inline::Allowed, dash_at_parent);
        self.depth -= 1;
    }

    fn is_outside(&self, parent: i64, crossed: bool, dash_at_parent: bool) -> bool {
        if !crossed {
            return false;
        }
        let column = self.column(self.pos) as i64;
        column < parent || (column == parent && !(dash_at_parent && self.is_dash(self.pos)))
    }

    fn too_deep(&mut self, parent: i64) {
        let start = self.pos;
        let message = format!("nested deeper than {MAX_DEPTH} levels");
        let span = Span::new(start, self.line_end(start));
        self.error(SyntaxErrorKind::TooDeep, span, message);
        let mut end = self.line_end(start);
        loop {
            let next = self.after_break(end);
            let (content, column) = self.measure_indent(next);
            let is_blank = self.is_break(content);
            if next == end || content >= self.bytes.len() || self.is_document_mark(next) {
                break;
            }
            if !is_blank && column as i64 <= parent.max(0) {
                break;
            }
            end = self.line_end(content);
        }
        self.leaf(Kind::Error, start, end, NO_MARK);
        self.resync_line(end);
    }

    fn block_content(&mut self, parent: i64, inline: bool, dash_at_parent: bool) {
        let column = self.column(self.pos);
        if inline {
            if self.is_dash(self.pos) {
                return self.block_seq(column, parent);
            }
            if self.starts_map_entry() {
                return self.block_map(column, parent);
            }
        } else if self.is_dash(self.pos) {
            let span = Span::new(self.pos, self.pos + 1);
            let message = "a list cannot start on the line of its key: put it on the next line";
            self.error(SyntaxErrorKind::UnexpectedText, span, message);
            return self.block_seq(column, parent);
        }
        if matches!(self.here(), b'&' | b'!') {
            return self.block_node_with_properties(parent, dash_at_parent);
        }
        self.block_leaf(parent);
    }

    fn block_node_with_properties(&mut self, parent: i64, dash_at_parent: bool) {
        let properties_start = self.pos;
        let properties = self.read_properties(false);
        let id = NodeId(self.nodes.len() as u32);
        let after = self.pos;
        let crossed = self.skip_trivia() && self.pos > after;
        if self.at_end() || self.is_outside(parent, crossed, dash_at_parent) {
            self.null(properties_start);
        } else if !crossed {
            self.block_leaf(parent);
        } else {
            self.depth += 1;
            let column = self.column(self.pos);
            if self.depth >= MAX_DEPTH {
                self.too_deep(parent);
            } else if self.is_dash(self.pos) {
                self.block_seq(column, parent);
            } else if self.starts_map_entry() {
                self.block_map(column, parent);
            } else if matches!(self.here(), b'&' | b'!') {
                // The second property of a pair that stands on two lines.
                let more = self.read_properties(false);
                self.skip_blanks();
                let merged = Properties {
                    anchor: properties.anchor.or(more.anchor),
                    tag: properties.tag.or(more.tag),
                };
                self.block_node(parent, Inline::Forbidden, dash_at_parent);
                self.set_properties(id, merged);
                self.depth -= 1;
                return;
            } else {
                self.block_leaf(parent);
            }
            self.depth -= 1;
        }
        self.set_properties(id, properties);
    }

    /// A scalar, an alias or a flow collection.
    fn block_leaf(&mut self, parent: i64) {
        match self.here() {
            b'|' | b'>' => self.block_scalar(parent),
            b'*' => {
                self.alias();
                self.end_of_value_line();
            }
            b'[' | b'{' => {
                self.flow_root(parent);
                self.end_of_value_line();
            }
            b'"' | b'\'' => {
                self.quoted_scalar(parent, None);
                self.end_of_value_line();
            }
            b'@' | b'`' | b'%' => {
                let span = Span::new(self.pos, self.pos + 1);
                let message = "this character is reserved at the start of a value: quote the text";
                self.error(SyntaxErrorKind::NeedsQuotes, span, message);
                self.plain_scalar(parent);
            }
            _ => self.plain_scalar(parent),
        }
    }

    /// After a value that is complete, only a comment may follow on its line.
    fn end_of_value_line(&mut self) {
        let end = self.pos;
        self.skip_blanks();
        if self.at_eof() || self.is_break(self.pos) || (self.here() == b'#' && self.pos > end) {
            return;
        }
        let line_end = self.line_end(self.pos);
        let span = Span::new(self.pos, line_end);
        let message = "unexpected text after the value";
        self.error(SyntaxErrorKind::UnexpectedText, span, message);
        self.pos = line_end;
    }

    pub(super) fn is_dash(&self, at: usize) -> bool {
        self.byte(at) == b'-' && self.is_blank_or_end(at + 1)
    }

    fn is_question(&self, at: usize) -> bool {
        self.byte(at) == b'?' && self.is_blank_or_end(at + 1)
    }

    /// Whether a mapping starts at `pos`: an explicit or implicit key, or a half-typed one that has
    /// keys below it at its own column.
    fn starts_map_entry(&self) -> bool {
        let at = self.pos;
        self.is_question(at)
            || (self.byte(at) == b':' && self.is_blank_or_end(at + 1))
            || self.implicit_key_end(at).is_some()
            || self.is_half_typed_key(at)
    }

    /// The offset of the colon if an implicit key (YAML 1.2.2 §7.4.2) stands at `at`.
    pub(super) fn implicit_key_end(&self, at: usize) -> Option<usize> {
        let mut at = at;
        loop {
            match self.byte(at) {
                b'&' if !self.is_blank_or_end(at + 1) => at = self.name_end(at + 1),
                b'!' => at = self.tag_end(at, false),
                _ => break,
            }
            while matches!(self.byte(at), b' ' | b'\t') {
                at += 1;
            }
        }
        let end = match self.byte(at) {
            b'"' | b'\'' => self.quoted_end_on_line(at)?,
            b'[' | b'{' => self.flow_end_on_line(at)?,
            b'*' => self.name_end(at + 1),
            b'|' | b'>' | b'@' | b'`' | b'#' | b',' | b']' | b'}' => return None,
            b'%' if at == 0 => return None,
            b'-' if self.is_blank_or_end(at + 1) => return None,
            b':' if self.is_blank_or_end(at + 1) => return Some(at),
            _ => return self.plain_key_colon(at),
        };
        let mut colon = end;
        while matches!(self.byte(colon), b' ' | b'\t') {
            colon += 1;
        }
        (self.byte(colon) == b':' && self.is_blank_or_end(colon + 1)).then_some(colon)
    }

    fn plain_key_colon(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'\n' | b'\r' => return None,
                b':' if self.is_blank_or_end(at + 1) => return Some(at),
                b'#' if at > from && matches!(self.bytes[at - 1], b' ' | b'\t') => return None,
                _ => at += 1,
            }
        }
        None
    }

    /// A single plain word on its line, or `word:value`, with a key of the same column on the next
    /// line with content.
    fn is_half_typed_key(&self, at: usize) -> bool {
        if !matches!(self.byte(at), b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'"' | b'\'') {
            return false;
        }
        let line_end = self.line_end(at);
        let word = self.text[at..line_end].trim_end();
        let word = word.split(" #").next().unwrap_or(word).trim_end();
        if word.contains(' ') && !word.starts_with(['"', '\'']) {
            return false;
        }
        let mut next = self.after_break(line_end);
        while next < self.bytes.len() {
            let (content, column) = self.measure_indent(next);
            if content >= self.bytes.len() || self.is_document_mark(next) {
                return false;
            }
            if self.is_break(content) || self.byte(content) == b'#' {
                next = self.after_break(self.line_end(content));
                continue;
            }
            return column == self.column(at) && self.implicit_key_end(content).is_some();
        }
        false
    }

    // Sequences

    fn block_seq(&mut self, column: usize, parent: i64) {
        let seq = self.open(Kind::BlockSeq, self.pos, column as u32);
        let mut is_first = true;
        while !self.at_end() && !self.at_eof() {
            let at = self.column(self.pos);
            if self.is_dash(self.pos) && (is_first || at == column || at as i64 > parent) {
                if at != column && !is_first {
                    self.indentation_error("this list item does not line up with the others");
                }
                self.seq_item(column);
            } else if at == column && column as i64 > parent {
                // Same column, no dash: a half-typed item.
                let span = Span::new(self.pos, self.line_end(self.pos));
                let message = "a list item starts with `- `";
                self.error(SyntaxErrorKind::UnexpectedText, span, message);
                let before = self.pos;
                let item = self.open(Kind::Item, self.pos, NO_MARK);
                self.block_node(column as i64 - 1, Inline::Allowed, false);
                let end = self.pos;
                self.close(item, end);
                if self.pos == before {
                    self.error_line();
                }
            } else {
                break;
            }
            is_first = false;
            self.skip_trivia();
        }
        self.close(seq, 0);
    }

    fn seq_item(&mut self, column: usize) {
        let start = self.pos;
        let item = self.open(Kind::Item, start, NO_MARK);
        self.pos += 1;
        self.block_node(column as i64, Inline::Allowed, false);
        self.extra_nodes(column);
        self.close(item, start + 1);
    }

    /// Blocks that are indented below a node whose value is already complete.
    fn extra_nodes(&mut self, column: usize) {
        loop {
            self.skip_trivia();
            if self.at_end() || self.column(self.pos) <= column {
                return;
            }
            let before = self.pos;
            self.indentation_error("this line does not belong to the value above it");
            self.block_node(column as i64, Inline::Allowed, false);
            if self.pos == before {
                self.error_line();
            }
        }
    }

    fn indentation_error(&mut self, message: &'static str) {
        if !self.has_error_at(SyntaxErrorKind::Indentation, self.pos) {
            let span = Span::new(self.pos, self.line_end(self.pos));
            self.error(SyntaxErrorKind::Indentation, span, message);
        }
    }

    // Mappings

    fn block_map(&mut self, column: usize, parent: i64) {
        let map = self.open(Kind::BlockMap, self.pos, column as u32);
        let mut is_first = true;
        let mut misaligned_at = column;
        while !self.at_end() && !self.at_eof() {
            let at = self.column(self.pos);
            if at != column && !is_first {
                if (at as i64) <= parent || !self.starts_map_entry() {
                    break;
                }
                if at != misaligned_at {
                    self.indentation_error("this key does not line up with the keys around it");
                    misaligned_at = at;
                }
            } else if self.is_dash(self.pos) {
                if column as i64 <= parent || !self.dash_in_map(parent) {
                    break;
                }
                continue;
            }
            is_first = false;
            if at == column && self.take_part(column, parent) {
                self.skip_trivia();
                continue;
            }
            let before = self.pos;
            self.map_entry(at.min(column).max((parent + 1).max(0) as usize));
            if self.pos == before {
                self.error_line();
            }
            self.skip_trivia();
        }
        self.close(map, 0);
    }

    /// The entries of a mapping at `column`, whose own node is elsewhere. Returns whether they are all
    /// that there is.
    pub(super) fn entries_at(&mut self, column: usize) -> bool {
        self.skip_trivia();
        while !self.at_end() && !self.at_eof() {
            let before = self.pos;
            if self.column(before) != column || self.is_dash(before) {
                return false;
            }
            self.map_entry(column);
            if self.pos == before {
                return false;
            }
            self.skip_trivia();
        }
        self.at_eof()
    }

    /// Blocks below a pair whose value is complete: list items, text, and keys at the column at
    /// which the value stood. Other keys count as misaligned ones of the mapping.
    fn extra_values(&mut self, pair: NodeId, column: usize) {
        let value_column = self.column_of_value(pair);
        loop {
            self.skip_trivia();
            if self.at_end() {
                return;
            }
            let at = self.column(self.pos);
            let is_beside_value = value_column == Some(at);
            if at <= column || (!is_beside_value && self.starts_map_entry()) {
                return;
            }
            let before = self.pos;
            self.indentation_error("this line does not belong to the value above it");
            self.block_node(column as i64, Inline::Allowed, false);
            if self.pos == before {
                self.error_line();
            }
        }
    }

    /// The column of a value that starts on a line of its own.
    fn column_of_value(&self, pair: NodeId) -> Option<usize> {
        let key = &self.nodes[pair.0 as usize + 1];
        let value = self.nodes.get(key.end as usize)?;
        let start = value.span.start as usize;
        let line = self.bytes[..start].iter().rposition(|&b| b == b'\n' || b == b'\r')? + 1;
        (!value.span.is_empty() && line > key.span.end as usize).then_some(start - line)
    }

    /// A list item among keys, at the keys' own column.
    fn dash_in_map(&mut self, parent: i64) -> bool {
        let before = self.pos;
        let span = Span::new(self.pos, self.line_end(self.pos));
        let message = "a list item cannot stand among keys";
        self.error(SyntaxErrorKind::UnexpectedText, span, message);
        let error = self.open(Kind::Error, self.pos, NO_MARK);
        let column = self.column(self.pos);
        self.depth += 1;
        if self.depth >= MAX_DEPTH {
            self.too_deep(parent);
        } else {
            self.block_seq_here(column);
        }
        self.depth -= 1;
        let end = self.pos;
        self.close(error, end);
        self.skip_trivia();
        self.pos > before
    }

    /// Items at exactly `column`; ends at the first line that is none.
    fn block_seq_here(&mut self, column: usize) {
        let seq = self.open(Kind::BlockSeq, self.pos, column as u32);
        while !self.at_end() && self.is_dash(self.pos) && self.column(self.pos) == column {
            self.seq_item(column);
            self.skip_trivia();
        }
        self.close(seq, 0);
    }

    fn map_entry(&mut self, column: usize) {
        let start = self.pos;
        let pair = self.open(Kind::Pair, start, NO_MARK);
        if self.is_question(start) {
            self.explicit_entry(pair, column);
        } else if self.byte(start) == b':' && self.is_blank_or_end(start + 1) {
            self.null(start);
            self.colon_and_value(pair, start, column);
        } else if let Some(colon) = self.implicit_key_end(start) {
            self.implicit_key(colon);
            self.colon_and_value(pair, colon, column);
        } else {
            self.half_typed_entry(pair, column);
        }
        self.extra_values(pair, column);
        let end = self.node_mut(pair).mark;
        let end = if end == NO_MARK { start } else { end as usize + 1 };
        self.close(pair, end);
    }

    fn explicit_entry(&mut self, pair: NodeId, column: usize) {
        self.pos += 1;
        self.block_node(column as i64, Inline::Allowed, true);
        self.skip_trivia();
        let is_value = !self.at_end()
            && self.column(self.pos) == column
            && self.here() == b':'
            && self.is_blank_or_end(self.pos + 1);
        if is_value {
            self.node_mut(pair).mark = self.pos as u32;
            self.pos += 1;
            self.block_node(column as i64, Inline::Allowed, true);
        } else {
            let at = self.nodes.last().map_or(self.pos, |n| n.span.end as usize);
            self.null(at);
        }
    }

    fn implicit_key(&mut self, colon: usize) {
        let properties = self.read_properties(false);
        let id = NodeId(self.nodes.len() as u32);
        match self.here() {
            b'"' | b'\'' => {
                self.quoted_scalar(-1, Some(colon));
            }
            b'[' | b'{' => self.flow_within(colon),
            b'*' => {
                self.alias();
            }
            b':' if self.pos == colon => {
                self.null(colon);
            }
            _ => {
                let end = self.pos + self.text[self.pos..colon].trim_end().len();
                self.leaf(Kind::Plain, self.pos, end, NO_MARK);
            }
        }
        self.set_properties(id, properties);
    }

    fn colon_and_value(&mut self, pair: NodeId, colon: usize, column: usize) {
        self.node_mut(pair).mark = colon as u32;
        self.pos = colon + 1;
        self.pair_value(column);
    }

    fn pair_value(&mut self, column: usize) {
        let start = self.pos;
        self.skip_blanks();
        let content = self.pos;
        let nested =
            self.implicit_key_end(content).is_some() && !self.is_break(content) && !self.at_eof();
        if nested && !matches!(self.here(), b'#') {
            return self.nested_key_on_line(content);
        }
        self.pos = start;
        self.block_node(column as i64, Inline::Forbidden, true);
    }

    /// `a: b: c`: the rest of the line is the value, with an error.
    fn nested_key_on_line(&mut self, content: usize) {
        let end = self.line_end(content);
        let mut text = &self.text[content..end];
        if let Some(comment) = text.find(" #") {
            text = &text[..comment];
        }
        let span = Span::new(content, content + text.trim_end().len());
        let message = "a second key on one line: put it on the next line, or quote the text";
        self.error(SyntaxErrorKind::NeedsQuotes, span, message);
        self.pos = span.end as usize;
        self.leaf(Kind::Plain, span.start as usize, span.end as usize, NO_MARK);
    }

    /// A key without its colon, perhaps followed by its block.
    fn half_typed_entry(&mut self, pair: NodeId, column: usize) {
        let start = self.pos;
        let line_end = self.line_end(start);
        let line = &self.text[start..line_end];
        let content = line.find(" #").map_or(line, |n| &line[..n]).trim_end();
        let end = start + content.len();
        if let Some(colon) = missing_space_colon(content) {
            let colon = start + colon;
            let span = Span::new(colon, colon + 1);
            let message = "a blank is missing after this colon";
            self.error(SyntaxErrorKind::MissingSpaceAfterColon, span, message);
            self.leaf(Kind::Plain, start, colon, NO_MARK);
            self.node_mut(pair).mark = colon as u32;
            self.pos = colon + 1;
            return self.block_node(column as i64, Inline::Forbidden, true);
        }
        let span = Span::new(start, end);
        self.error(SyntaxErrorKind::MissingColon, span, "a key wants a colon after it");
        self.pos = end;
        match self.byte(start) {
            b'"' | b'\'' => {
                self.pos = start;
                self.quoted_scalar(-1, Some(end));
                self.pos = end;
            }
            _ => {
                self.leaf(Kind::Plain, start, end, NO_MARK);
            }
        }
        let here = self.pos;
        self.skip_trivia();
        let has_block = !self.at_end() && self.column(self.pos) > column;
        if has_block {
            self.block_node(column as i64, Inline::Allowed, false);
        } else {
            self.null(here);
        }
    }

    // Scalars

    fn plain_scalar(&mut self, parent: i64) {
        let start = self.pos;
        let mut end = self.plain_line_end(start);
        if end == start {
            let span = Span::new(start, self.line_end(start));
            self.error(SyntaxErrorKind::UnexpectedText, span, "no value can start here");
            return self.error_line();
        }
        let mut stopped_at_comment = self.byte(self.skip_blanks_from(end)) == b'#';
        let mut break_at = self.line_end(end);
        while !stopped_at_comment {
            let Some(next) = self.plain_continuation(break_at, parent) else {
                break;
            };
            end = self.plain_line_end(next);
            stopped_at_comment = self.byte(self.skip_blanks_from(end)) == b'#';
            break_at = self.line_end(end);
        }
        self.leaf(Kind::Plain, start, end, NO_MARK);
        self.resync_line(end);
        let after = self.skip_blanks_from(end);
        if !self.is_blank_or_end(after) && self.byte(after) != b'#' {
            self.end_of_value_line();
        }
    }

    fn skip_blanks_from(&self, from: usize) -> usize {
        let mut at = from;
        while matches!(self.byte(at), b' ' | b'\t') {
            at += 1;
        }
        at
    }

    /// The end of the plain text on one line, without trailing blanks.
    fn plain_line_end(&self, from: usize) -> usize {
        let mut at = from;
        let mut end = from;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'\n' | b'\r' => break,
                b':' if self.is_blank_or_end(at + 1) => break,
                b'#' if at > from && matches!(self.bytes[at - 1], b' ' | b'\t') => break,
                b' ' | b'\t' => at += 1,
                _ => {
                    at += 1;
                    end = at;
                }
            }
        }
        end
    }

    /// Where a plain scalar goes on after the break at `break_at`, if it does.
    fn plain_continuation(&self, break_at: usize, parent: i64) -> Option<usize> {
        let mut line = self.after_break(break_at);
        loop {
            if line >= self.bytes.len() || self.is_document_mark(line) {
                return None;
            }
            let (content, _) = self.measure_indent(line);
            if content >= self.bytes.len() {
                return None;
            }
            if self.is_break(content) {
                line = self.after_break(content);
                continue;
            }
            let spaces = self.bytes[line..content].iter().take_while(|&&b| b == b' ').count();
            let is_key = self.plain_key_colon(content).is_some();
            let belongs = spaces as i64 > parent && self.byte(content) != b'#' && !is_key;
            return belongs.then_some(content);
        }
    }

    fn block_scalar(&mut self, parent: i64) {
        let start = self.pos;
        let kind = if self.here() == b'|' { Kind::Literal } else { Kind::Folded };
        let line_end = self.line_end(start);
        let header = &self.text[start + 1..line_end];
        let explicit = header.bytes().take(2).find(u8::is_ascii_digit).map(|b| (b - b'0') as usize);
        self.check_block_header(header, start + 1);
        let base = parent.max(0) as usize;
        let minimum = (parent + 1).max(0) as usize;
        let mut column = explicit.filter(|&n| n > 0).map(|n| base + n);
        let mut end = line_end;
        let mut line = self.after_break(line_end);
        let mut widest_blank = 0;
        while line < self.bytes.len() && line > end.min(line_end) {
            let spaces = self.bytes[line..].iter().take_while(|&&b| b == b' ').count();
            let content = line + spaces;
            if content >= self.bytes.len() || self.is_break(content) {
                widest_blank = widest_blank.max(spaces);
                let break_at = content.min(self.bytes.len());
                let next = self.after_break(break_at);
                if column.is_some_and(|c| spaces > c) {
                    end = break_at;
                }
                if next == break_at {
                    break;
                }
                line = next;
                continue;
            }
            if self.is_document_mark(line) {
                break;
            }
            let needed = column.unwrap_or(minimum);
            if spaces < needed || (column.is_none() && spaces < minimum) {
                break;
            }
            if column.is_none() && widest_blank > spaces {
                let span = Span::new(start, start + 1);
                let message = "blank lines before the text are indented deeper than the text";
                self.error(SyntaxErrorKind::Indentation, span, message);
            }
            column.get_or_insert(spaces);
            end = self.line_end(content);
            line = self.after_break(end);
            if line == end {
                break;
            }
        }
        // Blank lines behind the text belong to it: chomping decides about them.
        let full_end = if line > end && line <= self.bytes.len() { line } else { end };
        let mark = column.unwrap_or(widest_blank.max(minimum)) as u32;
        self.leaf(kind, start, full_end, mark);
        self.enter_line_at(full_end);
    }

    fn enter_line_at(&mut self, at: usize) {
        if at > 0 && matches!(self.bytes[at - 1], b'\n' | b'\r') {
            self.enter_line(at);
        } else {
            self.resync_line(at);
        }
    }

    fn check_block_header(&mut self, header: &str, at: usize) {
        let indicators =
            header.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-')).count();
        let rest = &header[indicators..];
        let digits = header[..indicators].bytes().filter(u8::is_ascii_digit).count();
        let is_comment = rest.trim().is_empty()
            || rest.trim_start_matches([' ', '\t']).starts_with('#')
                && rest.starts_with([' ', '\t']);
        let is_valid = digits <= 1
            && indicators - digits <= 1
            && !header[..indicators].contains('0')
            && is_comment;
        if !is_valid {
            let span = Span::new(at, at + header.trim_end().len());
            let message =
                "after `|` or `>` only an indentation digit, `+` or `-` and a comment may stand";
            self.error(SyntaxErrorKind::InvalidBlockHeader, span, message);
        }
    }
}

/// The first colon of `word:value` where `word` is a plain key.
fn missing_space_colon(content: &str) -> Option<usize> {
    let colon = content.find(':')?;
    let word = &content[..colon];
    let is_word =
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    (is_word && !content[colon..].starts_with("://")).then_some(colon)
}
