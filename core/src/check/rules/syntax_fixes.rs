//! Repairs of syntax errors, by bytes: a text that cannot be read has no nodes to work on.

use crate::check::{Anchor, FileRef, Fix, FixOp, fix};
use crate::text::{Span, TextEdit};
use crate::yaml::{SyntaxError, SyntaxErrorKind, unclosed_flow_end};

/// The repairs of a syntax error in the text of `file`.
pub(super) fn fixes(text: &str, error: &SyntaxError, file: &FileRef) -> Vec<Fix> {
    let span = error.span;
    let edited = |id, title: &str, edit: Option<TextEdit>| {
        let at = Anchor::bytes(file.clone(), span);
        edit.map(|edit| Fix::new(id, title, FixOp::Edit { at, edit }))
    };
    let one = match error.kind {
        SyntaxErrorKind::TabIndentation => {
            let spaces = "  ".repeat(span.len() as usize);
            let edit = TextEdit::replace(span, spaces);
            edited("tabs-to-spaces", "Indent with spaces", Some(edit)).map(Fix::safe)
        }
        SyntaxErrorKind::MissingSpaceAfterColon => {
            let edit = TextEdit::insert(span.end, " ");
            edited("add-space", "Add a space after the colon", Some(edit)).map(Fix::safe)
        }
        SyntaxErrorKind::MissingColon => {
            edited("add-colon", "Add a colon", Some(TextEdit::insert(span.end, ":")))
        }
        SyntaxErrorKind::MissingComma => {
            edited("add-comma", "Add a comma", Some(TextEdit::insert(span.start, ", ")))
        }
        SyntaxErrorKind::UnclosedQuote => {
            edited("close-quote", "Close the quote", close_quote(text, span))
        }
        SyntaxErrorKind::UnclosedFlow if span.slice(text).starts_with(['{', '[']) => {
            edited("close-flow", "Close the bracket", close_flow(text, span))
        }
        SyntaxErrorKind::UnclosedFlow => {
            let wanted = if span.slice(text) == "]" { "}" } else { "]" };
            let edit = TextEdit::replace(span, wanted);
            edited("close-flow", &format!("Replace by `{wanted}`"), Some(edit))
        }
        SyntaxErrorKind::Indentation => edited("align", "Line it up", align(text, span)),
        SyntaxErrorKind::NeedsQuotes | SyntaxErrorKind::UnknownAlias => {
            edited("quote", "Quote the text", quote(text, span))
        }
        SyntaxErrorKind::ConflictMarker => return conflict_fixes(text, span, file),
        _ => None,
    };
    // Where a line belongs is a guess.
    let is_sure = error.kind != SyntaxErrorKind::Indentation;
    one.map(|fix| if is_sure { fix.preferred() } else { fix }).into_iter().collect()
}

/// Keeps one side of a merge conflict, or both.
fn conflict_fixes(text: &str, marker: Span, file: &FileRef) -> Vec<Fix> {
    let Some(conflict) = Conflict::around(text, marker.start) else { return Vec::new() };
    let fix = |title: &str, edit: TextEdit| {
        let at = Anchor::bytes(file.clone(), marker);
        Fix::new("keep-side", title, FixOp::Edit { at, edit })
    };
    vec![
        fix("Keep our side", conflict.ours(text)),
        fix("Keep their side", conflict.theirs(text)),
        fix("Keep both sides", conflict.both(text)),
    ]
}

/// Closes the quote that `span` starts with.
fn close_quote(text: &str, span: Span) -> Option<TextEdit> {
    let quote = span.slice(text).chars().next()?;
    let line_start = text[..span.start as usize].rfind('\n').map_or(0, |n| n + 1);
    let before = &text[line_start..span.start as usize];
    let is_in_flow = before.matches(['{', '[']).count() > before.matches(['}', ']']).count();
    let inner = &span.slice(text)[1..];
    let end = match is_in_flow {
        true => inner.find([',', '}', ']']).unwrap_or(inner.len()),
        false => inner.find(" #").unwrap_or(inner.len()),
    };
    let end = inner[..end].trim_end().len();
    Some(TextEdit::insert(span.start + 1 + end as u32, quote))
}

/// Closes the flow collection that starts at `span` with all that is open in it.
fn close_flow(text: &str, span: Span) -> Option<TextEdit> {
    let start = span.start as usize;
    let region = &text[start..unclosed_flow_end(text, start)];
    let mut open = Vec::new();
    let mut content_end = 0;
    let mut at = 0;
    while at < region.len() {
        let rest = &region[at..];
        let c = rest.chars().next()?;
        let length = match c {
            '"' | '\'' => rest[1..].find(c).map_or(rest.len(), |n| n + 2),
            '#' if region[..at].ends_with(char::is_whitespace) => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ => c.len_utf8(),
        };
        match c {
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' if open.last() == Some(&c) => drop(open.pop()),
            _ => {}
        }
        at += length;
        if !c.is_whitespace() {
            content_end = at;
        }
    }
    let closing: String = open.into_iter().rev().collect();
    let at = (start + content_end) as u32;
    (!closing.is_empty()).then(|| TextEdit::insert(at, closing))
}

/// Puts the value that `span` is at the start of into quotes.
fn quote(text: &str, span: Span) -> Option<TextEdit> {
    let start = span.start as usize;
    let line = text[start..].split(['\n', '\r']).next()?;
    let line_start = text[..start].rfind('\n').map_or(0, |n| n + 1);
    let before = &text[line_start..start];
    let is_in_flow = before.matches(['{', '[']).count() > before.matches(['}', ']']).count();
    let end = match is_in_flow {
        true => line.find([',', '}', ']']).unwrap_or(line.len()),
        false => line.find(" #").unwrap_or(line.len()),
    };
    let value = line[..end].trim_end();
    let span = Span::new(start, start + value.len());
    (!value.is_empty()).then(|| TextEdit::replace(span, fix::quoted(value)))
}

/// Indents the line at `span`, with those that line up with it or are deeper, like the nearest line
/// of its block.
fn align(text: &str, span: Span) -> Option<TextEdit> {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |n| n + 1);
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let own = indent(&text[start..]);
    let mut columns: Vec<usize> = Vec::new();
    let mut bound = usize::MAX;
    let is_item = text[start + own..].starts_with("- ");
    for line in text[..start].lines().rev().filter(|line| !line.trim().is_empty()) {
        let column = indent(line);
        let content = line[column..].trim_start_matches("- ");
        // Inside of an item its keys stand behind the dash.
        let inner = line.len() - content.len();
        if column < bound {
            let fits = if is_item { line[column..].starts_with("- ") } else { true };
            if fits {
                columns.push(if is_item { column } else { inner });
            }
            bound = column;
        }
        if column == 0 {
            break;
        }
    }
    let column = columns.into_iter().min_by_key(|column| column.abs_diff(own))?;
    if column == own {
        return None;
    }
    let mut end = start;
    for (i, line) in text[start..].split_inclusive('\n').enumerate() {
        if i > 0 && !line.trim().is_empty() && indent(line) < own {
            break;
        }
        end += line.len();
    }
    let block = &text[start..end];
    let lines = block.split_inclusive('\n').map(|line| match line.trim().is_empty() {
        true => line.to_owned(),
        false => {
            let content = line.trim_start_matches(' ');
            let moved = (line.len() - content.len() + column).saturating_sub(own);
            format!("{}{content}", " ".repeat(moved))
        }
    });
    Some(TextEdit::replace(Span::new(start, end), lines.collect::<String>()))
}

/// A merge conflict as a version control system marks it.
struct Conflict {
    /// All of it, markers included.
    span: Span,
    ours: Span,
    theirs: Span,
}

impl Conflict {
    /// The conflict that the marker at `at` belongs to.
    fn around(text: &str, at: u32) -> Option<Conflict> {
        let mut offset = 0;
        let mut start = None;
        let mut base = None;
        let mut middle = None;
        for line in text.split_inclusive('\n') {
            let end = offset + line.len();
            match line.get(..7) {
                Some("<<<<<<<") => (start, base, middle) = (Some((offset, end)), None, None),
                Some("|||||||") => base = Some(offset),
                Some("=======") => middle = Some((offset, end)),
                Some(">>>>>>>") => {
                    if let (Some(start), Some(middle)) = (start, middle)
                        && (start.0..end).contains(&(at as usize))
                    {
                        return Some(Conflict {
                            span: Span::new(start.0, end),
                            ours: Span::new(start.1, base.unwrap_or(middle.0)),
                            theirs: Span::new(middle.1, offset),
                        });
                    }
                    (start, base, middle) = (None, None, None);
                }
                _ => {}
            }
            offset = end;
        }
        None
    }

    fn ours(&self, text: &str) -> TextEdit {
        TextEdit::replace(self.span, self.ours.slice(text))
    }

    fn theirs(&self, text: &str) -> TextEdit {
        TextEdit::replace(self.span, self.theirs.slice(text))
    }

    fn both(&self, text: &str) -> TextEdit {
        let both = format!("{}{}", self.ours.slice(text), self.theirs.slice(text));
        TextEdit::replace(self.span, both)
    }
}
