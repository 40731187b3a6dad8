//! Comment-preserving formatting (9-lsp §5.4).
//!
//! Lines are moved, never rewritten: indentation becomes two spaces a level with lists below their
//! key, colons and dashes are followed by one blank, trailing blanks go, runs of blank lines become
//! one, and the text ends with one line break. Quotes, flow style, numbers and the order of keys
//! stay. The result is checked before it is handed out.

use super::{Kind, NodeId, Tree, parse, referee};
use crate::text::{LineIndex, Span, TextEdit, apply_edits, newline};

/// What a client may want otherwise (LSP 3.17, `FormattingOptions`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Columns from a key to what is below it; from 1 on.
    pub step: usize,
    /// Whether blanks at the ends of lines go.
    pub trims_lines: bool,
    /// Whether the text ends with a line break.
    pub ends_with_break: bool,
    /// Whether further line breaks at the end go.
    pub trims_end: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { step: 2, trims_lines: true, ends_with_break: true, trims_end: true }
    }
}

/// The edits that format `text`; `None` when it has syntax errors, or when its data or comments
/// would not survive. An empty list means that it is formatted already.
pub fn format(text: &str) -> Option<Vec<TextEdit>> {
    format_as(text, Options::default())
}

/// [`format`] in the style of a client.
pub fn format_as(text: &str, style: Options) -> Option<Vec<TextEdit>> {
    let tree = sound(text)?;
    let edits = Formatter::new(&tree, style).edits();
    let formatted = apply_edits(text, &edits);
    let is_stable = || Formatter::new(&parse(formatted.as_str()), style).edits().is_empty();
    (is_same(&tree, &formatted) && is_stable()).then_some(edits)
}

/// The edits of [`format_as`] on the lines that `spans` touch. Where those lines cannot move without
/// others, all of the entries of the top level that they are in; `None` where that does not keep the
/// data either.
pub fn format_lines(text: &str, style: Options, spans: &[Span]) -> Option<Vec<TextEdit>> {
    let tree = sound(text)?;
    let all = Formatter::new(&tree, style).edits();
    let lines = LineIndex::new(text);
    let whole = |span: Span| Span {
        start: lines.line_span(text, lines.line_of(span.start)).start,
        end: lines.line_span(text, lines.line_of(span.end)).end,
    };
    let exact: Vec<Span> = spans.iter().map(|span| whole(*span)).collect();
    let entries = tree.root_value().into_iter().flat_map(|root| tree.children(root));
    let mut wide = exact.clone();
    wide.extend(
        entries
            .map(|entry| whole(tree.span(entry)))
            .filter(|entry| exact.iter().any(|s| s.start <= entry.end && entry.start <= s.end)),
    );
    [exact, wide].into_iter().find_map(|spans| {
        let is_inside = |edit: &&TextEdit| spans.iter().any(|span| span.contains_span(edit.span));
        let edits: Vec<TextEdit> = all.iter().filter(is_inside).cloned().collect();
        is_same(&tree, &apply_edits(text, &edits)).then_some(edits)
    })
}

/// The tree of a text without syntax errors.
fn sound(text: &str) -> Option<Tree> {
    let tree = parse(text);
    (tree.errors().is_empty() && referee::arbitrate(&tree).is_empty()).then_some(tree)
}

/// Whether `formatted` holds the same data and the same comments as `tree`.
fn is_same(tree: &Tree, formatted: &str) -> bool {
    let new = parse(formatted);
    let comments = |tree: &Tree| -> Vec<String> {
        tree.comments().iter().map(|c| c.slice(tree.text()).trim_end().to_owned()).collect()
    };
    // Every node in order, scalars with their text: the same data in the same places.
    let nodes = |tree: &Tree| -> Vec<(Kind, String)> {
        tree.ids().map(|id| (tree.kind(id), tree.scalar_text(id).into_owned())).collect()
    };
    referee::arbitrate(&new).is_empty()
        && comments(tree) == comments(&new)
        && nodes(tree) == nodes(&new)
}

struct Formatter<'t> {
    tree: &'t Tree,
    style: Options,
    lines: LineIndex,
    /// How far each line moves, and whether its inside is text that must stay.
    shift: Vec<i64>,
    is_verbatim: Vec<bool>,
    /// Lines on which a quoted scalar ends, so that blanks behind it are not data.
    ends_quoted: Vec<bool>,
    edits: Vec<TextEdit>,
}

impl<'t> Formatter<'t> {
    fn new(tree: &'t Tree, style: Options) -> Self {
        let lines = LineIndex::new(tree.text());
        let count = lines.line_count() as usize;
        Formatter {
            tree,
            style,
            lines,
            shift: vec![0; count],
            is_verbatim: vec![false; count],
            ends_quoted: vec![false; count],
            edits: Vec::new(),
        }
    }

    fn edits(mut self) -> Vec<TextEdit> {
        for document in self.tree.documents() {
            for root in self.tree.children(document) {
                self.block(root, 0);
            }
        }
        self.mark_verbatim();
        self.move_comments();
        self.rewrite_lines();
        self.edits.retain(|edit| edit.span.slice(self.tree.text()) != edit.text);
        self.edits.sort_by_key(|edit| edit.span);
        self.edits
    }

    fn line_of(&self, offset: u32) -> usize {
        self.lines.line_of(offset) as usize
    }

    fn column(&self, offset: u32) -> i64 {
        let start = self.lines.line_span(self.tree.text(), self.lines.line_of(offset)).start;
        i64::from(offset - start)
    }

    /// Lays out a block collection whose entries start at `column`.
    fn block(&mut self, node: NodeId, column: i64) {
        match self.tree.kind(node) {
            Kind::BlockMap => {
                for pair in self.tree.pairs(node) {
                    self.entry(pair, column);
                    self.pair(pair, column);
                }
            }
            Kind::BlockSeq => {
                for item in self.tree.children(node) {
                    self.entry(item, column);
                    let dash = self.tree.span(item).start;
                    self.single_blank(dash + 1);
                    self.block(self.tree.value(item), column + 2);
                }
            }
            _ => {}
        }
    }

    fn pair(&mut self, pair: NodeId, column: i64) {
        let colon = self.tree.node(pair).mark;
        let key = self.tree.span(self.tree.key(pair));
        let is_simple =
            colon != super::NO_MARK && key.end <= colon && key.start == self.tree.span(pair).start;
        if is_simple {
            let gap = Span { start: key.end, end: colon };
            if gap.slice(self.tree.text()).bytes().all(|b| b == b' ' || b == b'\t')
                && self.tree.kind(self.tree.key(pair)) != Kind::Alias
            {
                self.edits.push(TextEdit::delete(gap));
            }
            self.single_blank(colon + 1);
        }
        self.block(self.tree.value(pair), column + self.style.step as i64);
    }

    /// Moves the lines of an entry so that it starts at `column`.
    fn entry(&mut self, entry: NodeId, column: i64) {
        let span = self.tree.span(entry);
        // Properties stand before the node that they belong to.
        let first = self.tree.properties(self.tree.key(entry));
        let start = [first.anchor, first.tag].into_iter().flatten().map(|s| s.start).min();
        let start =
            start.filter(|&s| self.line_of(s) == self.line_of(span.start)).unwrap_or(span.start);
        let shift = column - self.line_indent(start).unwrap_or(self.column(start));
        let last = self.line_of(span.end.saturating_sub(1).max(span.start));
        let first_line = self.line_of(span.start);
        let is_first_on_line = self.line_indent(span.start).is_some();
        let from = if is_first_on_line { first_line } else { first_line + 1 };
        let own_shift = if is_first_on_line { shift } else { column - self.column(span.start) };
        for line in from..=last {
            self.shift[line] = own_shift;
        }
    }

    /// The indentation of the line at `offset`, when nothing else stands before it there.
    fn line_indent(&self, offset: u32) -> Option<i64> {
        let line = self.lines.line_span(self.tree.text(), self.lines.line_of(offset));
        let before = Span { start: line.start, end: offset }.slice(self.tree.text());
        before.bytes().all(|b| b == b' ').then_some(before.len() as i64)
    }

    /// One blank after a colon or a dash, when something follows on its line.
    fn single_blank(&mut self, at: u32) {
        let rest = &self.tree.text()[at as usize..];
        let blanks = rest.bytes().take_while(|&b| b == b' ' || b == b'\t').count();
        let is_last = rest[blanks..].is_empty() || rest[blanks..].starts_with(['\n', '\r']);
        // A comment keeps its distance.
        if !is_last && blanks > 0 && !rest[blanks..].starts_with('#') {
            self.edits.push(TextEdit::replace(Span { start: at, end: at + blanks as u32 }, " "));
        }
    }

    /// Lines inside of block scalars and quoted text: their blanks may be data.
    fn mark_verbatim(&mut self) {
        for id in self.tree.ids() {
            let (kind, span) = (self.tree.kind(id), self.tree.span(id));
            if kind.is_quoted() {
                let line = self.line_of(span.end);
                self.ends_quoted[line] = true;
            }
            if kind.is_block_scalar() || kind.is_quoted() {
                let first = self.line_of(span.start) + 1;
                let end =
                    if kind.is_block_scalar() { span.end.saturating_sub(1) } else { span.end };
                for line in first..=self.line_of(end) {
                    self.is_verbatim[line] = true;
                }
            }
        }
    }

    /// A comment alone on its line moves with what follows it, if that stands at its column, or
    /// with what stands before it.
    fn move_comments(&mut self) {
        let text = self.tree.text();
        let comments: Vec<(usize, i64)> = self
            .tree
            .comments()
            .iter()
            .filter_map(|c| self.line_indent(c.start).map(|indent| (self.line_of(c.start), indent)))
            .collect();
        let mut content: Vec<Option<i64>> = vec![None; self.shift.len()];
        for (line, slot) in content.iter_mut().enumerate() {
            let source = self.lines.line_span(text, line as u32).slice(text);
            if !source.trim().is_empty() {
                *slot = Some((source.len() - source.trim_start().len()) as i64);
            }
        }
        for &(line, _) in &comments {
            content[line] = None;
        }
        for (line, indent) in comments {
            let next = (line + 1..content.len()).find(|&l| content[l].is_some());
            let previous = (0..line).rev().find(|&l| content[l].is_some());
            let at = |l: Option<usize>| l.filter(|&l| content[l] == Some(indent));
            let neighbour = at(next).or(at(previous)).or(next).or(previous);
            self.shift[line] = neighbour.map_or(0, |l| self.shift[l]);
        }
    }

    fn rewrite_lines(&mut self) {
        let text = self.tree.text();
        let newline = newline(text);
        let count = self.lines.line_count();
        let content_end = text.trim_end().len() as u32;
        let mut blank_run = 0;
        let mut has_content = false;
        let mut last_content_end = 0;
        for line in 0..count {
            let span = self.lines.line_span(text, line);
            let source = span.slice(text);
            let at = line as usize;
            let next = if line + 1 < count {
                self.lines.line_span(text, line + 1).start
            } else {
                text.len() as u32
            };
            if source.trim().is_empty() {
                if self.is_verbatim[at] {
                    has_content = true;
                    last_content_end = span.end;
                    continue;
                }
                let is_at_end = span.start >= content_end && content_end > 0;
                if is_at_end && !self.style.trims_end {
                    continue;
                }
                blank_run += 1;
                let is_kept = blank_run == 1 && has_content && line + 1 < count;
                let end = if is_kept { span.end } else { next };
                if !is_kept || self.style.trims_lines {
                    self.edits.push(TextEdit::delete(Span { start: span.start, end }));
                }
                continue;
            }
            blank_run = 0;
            has_content = true;
            let indent = source.len() - source.trim_start_matches(' ').len();
            let moved = (indent as i64 + self.shift[at]).max(0) as usize;
            let indent_span = Span { start: span.start, end: span.start + indent as u32 };
            self.edits.push(TextEdit::replace(indent_span, " ".repeat(moved)));
            if !self.is_verbatim[at] || !self.is_verbatim.get(at + 1).copied().unwrap_or(false) {
                let kept = source.trim_end().len() as u32;
                let is_text = self.is_verbatim[at] && !self.ends_quoted[at];
                if !is_text && self.style.trims_lines {
                    self.edits
                        .push(TextEdit::delete(Span { start: span.start + kept, end: span.end }));
                }
            }
            last_content_end = span.end;
        }
        self.end_with_one_break(last_content_end, newline);
    }

    fn end_with_one_break(&mut self, content_end: u32, newline: &str) {
        let text = self.tree.text();
        let rest = Span { start: content_end, end: text.len() as u32 };
        if content_end == 0 || self.is_verbatim[self.line_of(content_end)] && rest.is_empty() {
            return;
        }
        if rest.is_empty() {
            if self.style.ends_with_break {
                self.edits.push(TextEdit::insert(content_end, newline));
            }
            return;
        }
        if !self.style.trims_end {
            return;
        }
        // Blank lines at the end were counted as one kept blank line: take all of them.
        let own_break = if rest.slice(text).starts_with("\r\n") { 2 } else { 1 };
        let kept = content_end + own_break;
        let last = self.line_of(content_end);
        let is_text = self.is_verbatim[last] && !self.ends_quoted[last];
        if kept < rest.end && !is_text {
            self.edits.retain(|edit| edit.span.start < kept);
            self.edits.push(TextEdit::delete(Span { start: kept, end: rest.end }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn formatted(text: &str) -> String {
        apply_edits(text, &format(text).expect("formattable"))
    }

    #[test]
    fn indentation_blanks_and_line_ends_are_normal() {
        let text = "a:\n    b:   1\n    c:\n    - x\n    -   y: 1\n        z: 2   \n\n\n\n# end\nd : [1,  2]";
        let expected = "a:\n  b: 1\n  c:\n    - x\n    - y: 1\n      z: 2\n\n# end\nd: [1,  2]\n";
        assert_eq!(formatted(text), expected);
    }

    #[test]
    fn comments_stay_with_their_owners() {
        let text = "a:\n    # about b\n    b: 1   # trailing\n    # - commented\n\n    # about c\n    c: 2\n# about d\nd: 3\n";
        let expected = "a:\n  # about b\n  b: 1   # trailing\n  # - commented\n\n  # about c\n  c: 2\n# about d\nd: 3\n";
        assert_eq!(formatted(text), expected);
    }

    #[test]
    fn block_scalars_and_quotes_are_untouched() {
        let text = "a:\n    text: |\n        one\n          two  \n\n\n        three\n    q: 'x\n      y'\n";
        let expected =
            "a:\n  text: |\n      one\n        two  \n\n\n      three\n  q: 'x\n    y'\n";
        assert_eq!(formatted(text), expected);
    }

    #[test]
    fn a_client_has_its_own_style() {
        let text = "a:\n  b: 1  \n  c:\n  - x\n\n\n";
        let style = Options { step: 4, ..Options::default() };
        let apply = |style| apply_edits(text, &format_as(text, style).expect("formattable"));
        assert_eq!(apply(style), "a:\n    b: 1\n    c:\n        - x\n");
        let style = Options { trims_lines: false, trims_end: false, ..Options::default() };
        assert_eq!(apply(style), "a:\n  b: 1  \n  c:\n    - x\n\n\n");
        let style = Options { ends_with_break: false, ..Options::default() };
        assert_eq!(format_as("a: 1", style), Some(Vec::new()));
    }

    #[test]
    fn lines_are_formatted_alone_where_the_data_allows_it() {
        let lines = |text: &str, first: &str| {
            let at = text.find(first).unwrap();
            let spans = [Span::new(at, at + 1)];
            apply_edits(text, &format_lines(text, Options::default(), &spans).unwrap())
        };
        assert_eq!(lines("a:   1\nb:   2\nc:   3\n", "b"), "a:   1\nb: 2\nc:   3\n");
        // One key cannot move without its siblings.
        let text = "a:\n    b: 1\n    c: 2\nd:\n    e: 1\n";
        assert_eq!(lines(text, "c"), "a:\n  b: 1\n  c: 2\nd:\n    e: 1\n");
    }

    #[test]
    fn broken_text_is_left_alone() {
        assert_eq!(format("a: [1\nb: 2\n"), None);
    }

    fn document() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec!["1", "\"1.0\"", "x y", "[a,  b]", "{a: 1}", "'q'"]);
        let leaf = leaf.prop_map(|v: &str| vec![v.to_owned()]);
        let block = leaf.prop_recursive(4, 24, 4, |inner| {
            let children = prop::collection::vec((inner, 1usize..5, any::<bool>()), 1..4);
            (children, any::<bool>()).prop_map(|(children, is_list)| {
                let mut lines = Vec::new();
                let step = children[0].1;
                for (i, (child, _, comment)) in children.into_iter().enumerate() {
                    if comment {
                        lines.push(format!("# about {i}"));
                    }
                    let head = if is_list { "-".to_owned() } else { format!("k{i}:") };
                    if child.len() == 1
                        && !child[0].ends_with(':')
                        && !child[0].starts_with('k')
                        && !child[0].starts_with("- ")
                    {
                        lines.push(format!("{head}  {}", child[0]));
                    } else {
                        lines.push(head);
                        lines.extend(child.iter().map(|l| format!("{}{l}", " ".repeat(step))));
                    }
                }
                lines
            })
        });
        block.prop_map(|lines| lines.join("\n") + "\n")
    }

    proptest! {
        #[test]
        fn formatting_is_idempotent_and_keeps_the_data(text in document()) {
            if let Some(edits) = format(&text) {
                let once = apply_edits(&text, &edits);
                prop_assert_eq!(formatted(&once), once);
            }
        }

        #[test]
        fn most_well_formed_documents_can_be_formatted(text in document()) {
            prop_assume!(referee::first_error(&text).is_none());
            prop_assert!(format(&text).is_some(), "{}", text);
        }
    }
}
