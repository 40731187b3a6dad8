//! The lines of an entry, to be put elsewhere.

use super::{NodeId, Tree};

/// The start of the line that `at` is on.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

/// Behind the line break of the line that `at` is on; an `at` behind a line break stays.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    if at > 0 && text[..at].ends_with('\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}

/// The lines of an entry with the comments above it.
pub(crate) fn entry_lines(tree: &Tree, entry: NodeId) -> String {
    let text = tree.text();
    let span = tree.span(entry);
    let mut start = line_start(text, span.start as usize);
    while start > 0 {
        let above = line_start(text, start - 1);
        if !text[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    let end = line_end(text, span.end as usize);
    let mut block = text[start..end].to_owned();
    if !block.ends_with('\n') {
        block.push('\n');
    }
    block
}

/// The lines of `block`, moved from column `old` to column `new`.
pub(crate) fn reindent(block: &str, old: usize, new: usize) -> String {
    let line = |line: &str| {
        let content = line.trim_start_matches(' ');
        let indent = (line.len() - content.len() + new).saturating_sub(old);
        format!("{}{content}\n", " ".repeat(indent))
    };
    block.lines().map(line).collect()
}
