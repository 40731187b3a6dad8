//! Scalars: decoding quoted, folded and literal text, and resolving plain text to core types.

use std::borrow::Cow;

use super::tree::{Kind, NO_MARK, Node};

/// A scalar of the YAML 1.2 core schema (YAML 1.2.2 §10.3).
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'t str),
}

/// Resolves plain text as the core schema does. Integers beyond 64 bits become floats.
pub fn resolve_plain(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        _ => {}
    }
    if !text.starts_with(['-', '+', '.']) && !text.as_bytes()[0].is_ascii_digit() {
        return Scalar::Str(text);
    }
    resolve_number(text).unwrap_or(Scalar::Str(text))
}

fn resolve_number(text: &str) -> Option<Scalar<'static>> {
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(Scalar::Int);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok().map(Scalar::Int);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
        return Some(Scalar::Float(sign * f64::INFINITY));
    }
    let mut digits = 0;
    let is_number_text = unsigned.bytes().enumerate().all(|(i, b)| {
        digits += usize::from(b.is_ascii_digit());
        b.is_ascii_digit()
            || matches!(b, b'.' | b'e' | b'E')
            || (matches!(b, b'+' | b'-')
                && i > 0
                && matches!(unsigned.as_bytes()[i - 1], b'e' | b'E'))
    });
    let starts_like_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !is_number_text || digits == 0 || !starts_like_number {
        return None;
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit())
        && let Ok(int) = text.strip_prefix('+').unwrap_or(text).parse()
    {
        return Some(Scalar::Int(int));
    }
    text.parse().ok().map(Scalar::Float)
}

/// The text that a scalar node stands for. Other nodes give an empty text.
pub(super) fn decode<'t>(node: &Node, text: &'t str) -> Cow<'t, str> {
    let source = node.span.slice(text);
    match node.kind {
        Kind::Plain => fold_lines(source),
        Kind::SingleQuoted => {
            let folded = fold_lines(inner(node, source));
            if folded.contains("''") { Cow::Owned(folded.replace("''", "'")) } else { folded }
        }
        Kind::DoubleQuoted => decode_double(inner(node, source)),
        Kind::Literal | Kind::Folded => Cow::Owned(decode_block(node, source)),
        _ => Cow::Borrowed(""),
    }
}

fn inner<'t>(node: &Node, source: &'t str) -> &'t str {
    let end = if node.mark == NO_MARK { source.len() } else { source.len() - 1 };
    source.get(1..end).unwrap_or("")
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    // `str::lines` does not end a line at a lone carriage return.
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match text.find(['\n', '\r']) {
            Some(at) => {
                let skip = if text[at..].starts_with("\r\n") { 2 } else { 1 };
                rest = Some(&text[at + skip..]);
                Some(&text[..at])
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}

/// Line folding of plain and single-quoted scalars (YAML 1.2.2 §6.5).
fn fold_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let all: Vec<&str> = lines(text).collect();
    let mut out = String::with_capacity(text.len());
    let mut breaks = 0;
    for (i, line) in all.iter().enumerate() {
        let (is_first, is_last) = (i == 0, i + 1 == all.len());
        let mut line = *line;
        if !is_first {
            line = line.trim_start_matches([' ', '\t']);
        }
        if !is_last {
            line = line.trim_end_matches([' ', '\t']);
        }
        if !is_first {
            breaks += 1;
            if line.is_empty() && !is_last {
                continue;
            }
            push_breaks(&mut out, breaks);
            breaks = 0;
        }
        out.push_str(line);
    }
    Cow::Owned(out)
}

fn push_breaks(out: &mut String, breaks: usize) {
    if breaks == 1 {
        out.push(' ');
    } else {
        out.extend(std::iter::repeat_n('\n', breaks - 1));
    }
}

fn decode_double(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    // Blanks before this length came from escapes, and are not trimmed by folding.
    let mut keep = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                match chars.next() {
                    Some('\n' | '\r') => skip_indent(&mut chars, &mut out),
                    Some(escape) => decode_escape(escape, &mut chars, &mut out),
                    None => out.push('\\'),
                }
                keep = out.len();
            }
            '\n' | '\r' => {
                if c == '\r' && chars.peek() == Some(&'\n') {
                    chars.next();
                }
                let trimmed = out[keep..].trim_end_matches([' ', '\t']).len();
                out.truncate(keep + trimmed);
                let mut breaks = 1;
                loop {
                    while matches!(chars.peek(), Some(' ' | '\t')) {
                        chars.next();
                    }
                    match chars.peek() {
                        Some('\n') => drop(chars.next()),
                        Some('\r') => {
                            chars.next();
                            if chars.peek() == Some(&'\n') {
                                chars.next();
                            }
                        }
                        _ => break,
                    }
                    breaks += 1;
                }
                push_breaks(&mut out, breaks);
                keep = out.len();
            }
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

/// After an escaped line break: further breaks stay, indentation goes.
fn skip_indent(chars: &mut Chars<'_>, out: &mut String) {
    loop {
        while matches!(chars.peek(), Some(' ' | '\t')) {
            chars.next();
        }
        if chars.peek() == Some(&'\n') {
            chars.next();
            out.push('\n');
        } else {
            return;
        }
    }
}

fn decode_escape(escape: char, chars: &mut Chars<'_>, out: &mut String) {
    let digits = match escape {
        '0' => return out.push('\0'),
        'a' => return out.push('\x07'),
        'b' => return out.push('\x08'),
        't' | '\t' => return out.push('\t'),
        'n' => return out.push('\n'),
        'v' => return out.push('\x0b'),
        'f' => return out.push('\x0c'),
        'r' => return out.push('\r'),
        'e' => return out.push('\x1b'),
        'N' => return out.push('\u{85}'),
        '_' => return out.push('\u{a0}'),
        'L' => return out.push('\u{2028}'),
        'P' => return out.push('\u{2029}'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return out.push(other),
    };
    let code: String =
        std::iter::from_fn(|| chars.next_if(char::is_ascii_hexdigit)).take(digits).collect();
    let mut value = u32::from_str_radix(&code, 16).unwrap_or(0xfffd);
    // JSON writes characters beyond the basic plane as two escapes.
    if (0xd800..0xdc00).contains(&value) {
        let mut ahead = chars.clone();
        if ahead.next() == Some('\\') && ahead.next() == Some('u') {
            let low: String = ahead.by_ref().take(4).collect();
            if let Ok(low) = u32::from_str_radix(&low, 16)
                && (0xdc00..0xe000).contains(&low)
            {
                value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
                *chars = ahead;
            }
        }
    }
    out.push(char::from_u32(value).unwrap_or('\u{fffd}'));
}

#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

/// Block scalars (YAML 1.2.2 §8.1); the node's mark is the column of the text.
fn decode_block(node: &Node, source: &str) -> String {
    let column = node.mark as usize;
    let header_end = source.find(['\n', '\r']).unwrap_or(source.len());
    let header = source[..header_end].split([' ', '\t', '#']).next().unwrap_or("");
    let chomping = match () {
        () if header.contains('-') => Chomping::Strip,
        () if header.contains('+') => Chomping::Keep,
        () => Chomping::Clip,
    };
    let body = source[header_end..]
        .strip_prefix("\r\n")
        .unwrap_or_else(|| source.get(header_end + 1..).unwrap_or(""));
    let mut content: Vec<&str> = lines(body)
        .map(|line| {
            let spaces = line.bytes().take(column).take_while(|&b| b == b' ').count();
            &line[spaces..]
        })
        .collect();
    // The last line break ends the last line; it does not start another.
    let ends_with_break = body.ends_with(['\n', '\r']);
    if ends_with_break || body.is_empty() {
        content.pop();
    }
    let trailing = content.iter().rev().take_while(|line| line.is_empty()).count();
    let text_lines = &content[..content.len() - trailing];
    let mut out =
        if node.kind == Kind::Literal { text_lines.join("\n") } else { fold_block(text_lines) };
    let has_break = ends_with_break || trailing > 0;
    match chomping {
        Chomping::Strip => {}
        Chomping::Clip if out.is_empty() => {}
        Chomping::Clip => {
            if has_break {
                out.push('\n');
            }
        }
        Chomping::Keep => {
            let breaks = trailing + usize::from(has_break && !text_lines.is_empty());
            out.extend(std::iter::repeat_n('\n', breaks));
        }
    }
    out
}

fn fold_block(lines: &[&str]) -> String {
    let mut out = String::new();
    let mut breaks = 0;
    let mut previous_is_spaced = false;
    let mut has_text = false;
    for line in lines {
        if line.is_empty() {
            breaks += 1;
            continue;
        }
        let is_spaced = line.starts_with([' ', '\t']);
        if has_text {
            if is_spaced || previous_is_spaced {
                out.extend(std::iter::repeat_n('\n', breaks + 1));
            } else {
                push_breaks(&mut out, breaks + 1);
            }
        } else {
            out.extend(std::iter::repeat_n('\n', breaks));
        }
        out.push_str(line);
        breaks = 0;
        has_text = true;
        previous_is_spaced = is_spaced;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_resolves_by_the_core_schema() {
        let cases = [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("TRUE", Scalar::Bool(true)),
            ("yes", Scalar::Str("yes")),
            ("012", Scalar::Int(12)),
            ("0x1F", Scalar::Int(31)),
            ("0o17", Scalar::Int(15)),
            ("-3", Scalar::Int(-3)),
            ("1.0", Scalar::Float(1.0)),
            (".5", Scalar::Float(0.5)),
            ("1e3", Scalar::Float(1000.0)),
            ("1.0.0", Scalar::Str("1.0.0")),
            ("-", Scalar::Str("-")),
            (".", Scalar::Str(".")),
            ("1_000", Scalar::Str("1_000")),
            ("-.inf", Scalar::Float(f64::NEG_INFINITY)),
            ("99999999999999999999", Scalar::Float(99999999999999999999.0)),
        ];
        for (text, expected) in cases {
            assert_eq!(resolve_plain(text), expected, "{text:?}");
        }
    }
}
