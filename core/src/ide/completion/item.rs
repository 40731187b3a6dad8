//! One proposal, and the snippet syntax that it is written in (LSP 3.17, "Snippet Syntax").

use crate::text::{Span, TextEdit};

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    pub label: String,
    pub kind: CompletionKind,
    /// A type, a version, a port.
    pub detail: String,
    /// Where it is known from: a registry's host, the workspace.
    pub origin: String,
    pub documentation: String,
    /// What is inserted, in snippet syntax. Further lines are indented relative to the line of the
    /// cursor, as LSP's `adjustIndentation` wants them.
    pub insert: String,
    /// Replaced by it.
    pub replace: Span,
    /// The white space that the line of the cursor starts with.
    pub indent: String,
    /// Edits elsewhere that belong to the proposal.
    pub additional: Vec<TextEdit>,
    /// Orders the list; smaller comes first.
    pub rank: u32,
    /// Characters that accept the proposal, besides the client's own.
    pub commit: &'static [char],
    /// Whether it is the one that most likely is meant.
    pub preselect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    Field,
    Value,
    Snippet,
    Reference,
    File,
    Folder,
    Operation,
}

impl Completion {
    /// The text to insert for clients without snippets, indented as in [`Completion::insert`].
    pub fn plain_insert(&self) -> String {
        plain(&self.insert)
    }

    /// `text`, which is [`Completion::insert`] or [`Completion::plain_insert`], with all of its
    /// indentation: for clients that insert a text as it is.
    pub fn as_is(&self, text: &str) -> String {
        text.replace('\n', &format!("\n{}", self.indent))
    }

    /// All edits that accepting the proposal without snippets makes.
    pub fn edits(&self) -> Vec<TextEdit> {
        let own = TextEdit::replace(self.replace, self.as_is(&self.plain_insert()));
        self.additional.iter().cloned().chain([own]).collect()
    }
}

/// Snippet syntax without its stops: `${1:name}` becomes `name`, `$0` nothing.
pub(super) fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find(['$', '\\', '}']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(escaped) = tail.strip_prefix('\\') {
            let length = escaped.chars().next().map_or(0, char::len_utf8);
            out.push_str(&escaped[..length]);
            rest = &escaped[length..];
        } else if let Some(stop) = tail.strip_prefix("${") {
            let digits = stop.trim_start_matches(|c: char| c.is_ascii_digit());
            rest = match digits.strip_prefix('|') {
                Some(choices) => {
                    let (list, after) = choices.split_once("|}").unwrap_or((choices, ""));
                    out.push_str(list.split(',').next().unwrap_or(""));
                    after
                }
                None => digits.strip_prefix(':').unwrap_or(digits),
            };
        } else if let Some(stop) = tail.strip_prefix('$') {
            rest = stop.trim_start_matches(|c: char| c.is_ascii_digit());
        } else {
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Text that stands for itself in a snippet.
pub(super) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
