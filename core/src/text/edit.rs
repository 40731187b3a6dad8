//! Replacements of byte ranges.

use super::Span;

/// Replaces the bytes of `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextEdit {
    pub span: Span,
    pub text: String,
}

impl TextEdit {
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        TextEdit { span, text: text.into() }
    }

    pub fn insert(at: u32, text: impl Into<String>) -> Self {
        TextEdit { span: Span { start: at, end: at }, text: text.into() }
    }

    pub fn delete(span: Span) -> Self {
        TextEdit { span, text: String::new() }
    }
}

/// Applies `edits` to `text`. They may come in any order; of two that overlap the later is dropped.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> String {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in sorted {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let Some(kept) = text.get(at..start) else {
            continue;
        };
        out.push_str(kept);
        out.push_str(&edit.text);
        at = end.min(text.len());
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_position_order_and_overlaps_are_dropped() {
        let edits = [
            TextEdit::insert(5, "!"),
            TextEdit::replace(Span::new(0, 1), "J"),
            TextEdit::replace(Span::new(0, 3), "XXX"),
        ];
        assert_eq!(apply_edits("hello", &edits), "Jello!");
    }
}
