//! Where the cursor stands, and how the file around it is written.

use std::cell::Cell;

use super::item::{Completion, CompletionKind, escape};
use crate::check::{Ctx, fix};
use crate::fact::Fact;
use crate::ide::Subject;
use crate::schema::FormatVersion;
use crate::text::TextEdit;
use crate::yaml::cursor::{Cursor, KeySlot, Slot, cursor};
use crate::yaml::{DocPath, Kind, Style, Tree, node_at};

/// What a proposal is made from.
pub(super) struct Context<'a> {
    pub subject: &'a Subject<'a>,
    pub ctx: Ctx<'a>,
    pub tree: &'a Tree,
    pub cursor: Cursor,
    pub offset: u32,
    /// How the file is indented.
    pub style: Style,
    /// The white space that the line of the cursor starts with.
    indent: String,
    /// Whether something was asked for that is not known yet.
    is_waiting: Cell<bool>,
}

impl<'a> Context<'a> {
    /// `None` where nothing can be written, such as in a comment.
    pub(super) fn new(subject: &'a Subject<'a>, offset: u32) -> Option<Self> {
        let tree = subject.tree;
        let cursor = cursor(tree, offset)?;
        let before = &tree.text()[..cursor.replace.start as usize];
        let line = before.rfind(['\n', '\r']).map_or(before, |n| &before[n + 1..]);
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let indent = line[..blanks].to_owned();
        let style = Style::of(tree);
        let (ctx, is_waiting) = (subject.ctx(), Cell::new(false));
        Some(Context { subject, ctx, tree, cursor, offset, style, indent, is_waiting })
    }

    /// What a fact holds. One that is pending may add to the proposals later.
    pub(super) fn known<T>(&self, fact: Fact<T>) -> Option<T> {
        match fact {
            Fact::Ready(value) => Some(value),
            Fact::Pending => {
                self.is_waiting.set(true);
                None
            }
            Fact::Failed(_) => None,
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting.get()
    }

    /// The version of the format that the contract declares.
    pub(super) fn format(&self) -> Option<FormatVersion> {
        self.ctx.contract.format
    }

    /// Whether the file holds comments at most.
    pub(super) fn is_blank_file(&self) -> bool {
        let lines = self.tree.text().lines();
        lines.map(str::trim_start).all(|line| line.is_empty() || line.starts_with('#'))
    }

    /// What is written of the value before the cursor.
    pub(super) fn typed(&self) -> &str {
        let end = self.offset.clamp(self.cursor.replace.start, self.cursor.replace.end);
        &self.tree.text()[self.cursor.replace.start as usize..end as usize]
    }

    /// The mapping that the field at the cursor belongs to.
    pub(super) fn map(&self) -> DocPath {
        let path = &self.cursor.path.0;
        DocPath(path[..path.len().saturating_sub(1)].to_vec())
    }

    /// The text of the field `key` of a mapping.
    pub(super) fn scalar(&self, map: &DocPath, key: &str) -> Option<String> {
        let pair = self.tree.pair(node_at(self.tree, map)?, key)?;
        Some(self.tree.scalar_text(self.tree.value(pair)).into_owned())
    }

    /// The keys of the mapping at the cursor, but for the one at the cursor.
    pub(super) fn present(&self) -> Vec<String> {
        let before = self.cursor.keys_before.clone();
        let Some(map) = node_at(self.tree, &self.cursor.path) else { return before };
        let replace = self.cursor.replace;
        let is_own = |pair| {
            let key = self.tree.span(self.tree.key(pair));
            let is_inside = key.start <= replace.start && replace.end <= key.end;
            is_inside && (!replace.is_empty() || key.start < replace.start)
        };
        let others = self.tree.pairs(map).filter(|&pair| !is_own(pair));
        let others = others.map(|pair| self.tree.scalar_text(self.tree.key(pair)).into_owned());
        others.chain(before).collect()
    }

    /// Whether something stands in the block of the cursor, at another column.
    pub(super) fn is_out_of_line(&self) -> bool {
        let node = node_at(self.tree, &self.cursor.path);
        let block =
            node.filter(|&node| matches!(self.tree.kind(node), Kind::BlockMap | Kind::BlockSeq));
        let has_colon = matches!(self.cursor.slot, Slot::Key(KeySlot { has_colon: true, .. }));
        let column = |node| self.tree.node(node).mark as usize;
        !has_colon && block.is_some_and(|node| column(node) != self.cursor.column)
    }

    /// How far a line below the one of the cursor is indented, relative to it, when its column is
    /// `column`.
    pub(super) fn relative(&self, column: usize) -> usize {
        column.saturating_sub(self.indent.len())
    }

    /// Whether what is inserted may have further lines: they could not be indented behind a tab.
    pub(super) fn allows_lines(&self) -> bool {
        !self.cursor.is_flow && !self.indent.contains('\t')
    }

    /// A proposal that inserts `insert`, in snippet syntax.
    pub(super) fn item(
        &self,
        label: &str,
        kind: CompletionKind,
        insert: String,
        rank: u32,
    ) -> Completion {
        // A comment needs a blank before it.
        let rest = &self.tree.text()[self.cursor.replace.end as usize..];
        let tail = if rest.starts_with('#') { " " } else { "" };
        Completion {
            label: label.to_owned(),
            kind,
            detail: String::new(),
            origin: String::new(),
            documentation: String::new(),
            insert: insert + tail,
            replace: self.cursor.replace,
            indent: self.indent.clone(),
            additional: self.repairs(),
            rank,
            commit: &[],
            preselect: false,
        }
    }

    /// A proposal for the value at the cursor: `text`, in quotes where it needs them.
    pub(super) fn value(&self, text: &str, kind: CompletionKind, rank: u32) -> Completion {
        let written = match self.cursor.slot {
            Slot::Value { in_quotes: true, .. } => text.to_owned(),
            _ => fix::scalar(text),
        };
        self.written(text, &written, kind, rank)
    }

    /// A proposal for the value at the cursor that is written as `yaml`.
    pub(super) fn written(
        &self,
        label: &str,
        yaml: &str,
        kind: CompletionKind,
        rank: u32,
    ) -> Completion {
        let (lead, in_quotes) = match self.cursor.slot {
            Slot::Value { needs_blank, in_quotes } => {
                (if needs_blank { " " } else { "" }, in_quotes)
            }
            _ => ("", false),
        };
        let yaml = if in_quotes { yaml.trim_matches('"') } else { yaml };
        self.item(label, kind, format!("{lead}{}", escape(yaml)), rank)
    }

    /// What must change around the cursor for a proposal to be legal there.
    fn repairs(&self) -> Vec<TextEdit> {
        let colons = self.cursor.missing_colons.iter().map(|&at| TextEdit::insert(at, ":"));
        let line = self.tree.text()[..self.cursor.replace.start as usize]
            .rfind(['\n', '\r'])
            .map_or(0, |n| n + 1);
        let tabs = self.indent.char_indices().filter(|(_, c)| *c == '\t').map(|(at, _)| {
            let start = (line + at) as u32;
            let span = crate::text::Span { start, end: start + 1 };
            TextEdit::replace(span, "  ")
        });
        colons.chain(tabs).collect()
    }
}
