//! Text from outside, made fit to be shown: nothing in it drives a terminal, nothing in it is a
//! password.

use std::borrow::Cow;
use std::fmt::Write;

/// Control, escape and bidirectional characters.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Replaces control, escape and bidirectional characters by `\u{…}`, so that text out of a bundle
/// cannot drive a terminal. Line breaks become spaces.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_unsafe(c) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// JSON in which characters that `is_hidden` are escapes, which mean the same; line breaks stay.
pub fn escape_json(json: &str, is_hidden: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            c if c != '\n' && is_hidden(c) => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// A whole text, sanitised line by line.
pub fn sanitise_lines(text: &str) -> String {
    let mut out: String = text.split('\n').map(|line| sanitise(line) + "\n").collect();
    out.pop();
    out
}

/// What stands for user and password.
const MASK: &str = "***";

/// Replaces user and password in addresses (`scheme://user:password@host`) and in references without
/// a scheme (`user:password@host/path`) by `***`.
pub fn mask_credentials(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\' | '|' | '(' | ')')
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        let scheme = word.find("://").map(|at| at + 3);
        // What is left of an address that was cut at its scheme begins with slashes.
        let start = scheme.unwrap_or_else(|| word.len() - word.trim_start_matches('/').len());
        match credentials(&word[start..], scheme.is_some()) {
            Some(end) => {
                out.push_str(&word[..start]);
                out.push_str(MASK);
                out.push_str(&word[start + end..]);
            }
            None => out.push_str(word),
        }
        let delimiter = behind.chars().next().map_or(0, char::len_utf8);
        out.push_str(&behind[..delimiter]);
        rest = &behind[delimiter..];
    }
    Cow::Owned(out)
}

/// Where the user information ends that an address (RFC 3986 §3.2) or reference begins with: at the
/// `@` behind it. A digest begins with an `@`, too, and passwords may hold slashes.
pub fn credentials(address: &str, has_scheme: bool) -> Option<usize> {
    let first = &address[..address.find('/').unwrap_or(address.len())];
    if let Some(at) = first.rfind('@') {
        let is_reference = first[..at].contains(':') && address.len() > first.len();
        return (has_scheme || is_reference).then_some(at);
    }
    let (_, password) = first.split_once(':').filter(|_| has_scheme && !first.starts_with('['))?;
    let is_port = password.bytes().all(|b| b.is_ascii_digit());
    address.rfind('@').filter(|at| !is_port && address[*at..].contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_drive_a_terminal() {
        assert_eq!(sanitise("a\x1b[31m\u{202e}b\nc"), "a\\u{1b}[31m\\u{202e}b c");
        assert_eq!(sanitise_lines("a\x07\nb\n"), "a\\u{7}\nb\n");
    }

    #[test]
    fn passwords_in_addresses_are_masked_and_nothing_else() {
        for (text, shown) in [
            (
                "at oci://bob:s3cret@host/x:1, \"oci://b@h/x\"",
                "at oci://***@host/x:1, \"oci://***@h/x\"",
            ),
            ("https://u:p@ss@host:5000/a?b=c", "https://***@host:5000/a?b=c"),
            ("oci://bob:a/b@host/x", "oci://***@host/x"),
            ("bob:s3cret@ghcr.io/a/x:1", "***@ghcr.io/a/x:1"),
            ("//bob:s3cret@ghcr.io/a/x:1", "//***@ghcr.io/a/x:1"),
            ("proxy http://u:p@proxy:3128", "proxy http://***@proxy:3128"),
        ] {
            assert_eq!(mask_credentials(text), shown);
        }
        for text in [
            "oci://localhost:5000/acme/x:1@sha256:abc",
            "oci://ghcr.io/acme/x@sha256:abc",
            "ghcr.io/x@sha256:abc/y",
            "nginx:1.27@sha256:abc",
            "bob@example.org, mailto:bob@example.org",
            "oci://[::1]:5000/a@b",
        ] {
            assert_eq!(mask_credentials(text), text);
        }
    }
}
