//! Words, numbers, strings and marks of a protobuf file.

use std::borrow::Cow;

use crate::text::Span;
use crate::yaml::{SyntaxError, SyntaxErrorKind};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'t> {
    /// Names, keywords and numbers; dotted names are one word.
    Word(&'t str),
    /// A string with its quotes.
    Text(&'t str),
    Mark(u8),
}

pub fn error(errors: &mut Vec<SyntaxError>, span: Span, message: impl Into<Cow<'static, str>>) {
    errors.push(SyntaxError {
        kind: SyntaxErrorKind::UnexpectedText,
        span,
        message: message.into(),
    });
}

pub fn tokens<'t>(text: &'t str, errors: &mut Vec<SyntaxError>) -> Vec<(Token<'t>, Span)> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b if b.is_ascii_whitespace() => at += 1,
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(bytes.len() - at);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => match text[at + 2..].find("*/") {
                Some(n) => at += n + 4,
                None => {
                    error(errors, Span::new(at, at + 2), "this comment is never closed");
                    at = bytes.len();
                }
            },
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if bytes.get(at) == Some(&quote) {
                    at += 1;
                } else {
                    at = at.min(bytes.len());
                    while !text.is_char_boundary(at) {
                        at += 1;
                    }
                    error(errors, Span::new(start, at), "this quote is never closed");
                }
                tokens.push((Token::Text(&text[start..at]), Span::new(start, at)));
            }
            b if is_word(b) => {
                while bytes.get(at).copied().is_some_and(is_word) {
                    at += 1;
                }
                tokens.push((Token::Word(&text[start..at]), Span::new(start, at)));
            }
            b if b.is_ascii_punctuation() => {
                at += 1;
                tokens.push((Token::Mark(b), Span::new(start, at)));
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                error(errors, Span::new(start, at), "unexpected character");
            }
        }
    }
    tokens
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'.'
}
