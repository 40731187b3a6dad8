//! JSON: a tolerant tree of the same node type as YAML's, with the errors of strict JSON.

use std::sync::Arc;

use crate::text::Span;
use crate::yaml::{Kind, NO_MARK, NodeId, SyntaxError, SyntaxErrorKind, Tree, parse_flow};

/// Parses JSON text (RFC 8259). Never fails: single quotes, bare words, comments, trailing commas
/// and unclosed brackets are errors of the tree, and the rest of the text is read all the same.
pub fn parse(text: impl Into<Arc<str>>) -> Tree {
    let mut tree = parse_flow(text);
    let mut errors = strict_errors(&tree);
    tree.errors.append(&mut errors);
    tree.errors.sort_by_key(|error| (error.span, error.kind));
    tree
}

fn strict_errors(tree: &Tree) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    let mut report = |span: Span, message: &'static str| {
        let kind = SyntaxErrorKind::InvalidJson;
        errors.push(SyntaxError { kind, span, message: message.into() });
    };
    for &comment in tree.comments() {
        report(comment, "JSON has no comments");
    }
    for id in tree.ids() {
        let node = tree.node(id);
        match node.kind {
            Kind::Plain if !is_json_literal(node.span.slice(tree.text())) => {
                report(node.span, "JSON wants this text in double quotes");
            }
            Kind::DoubleQuoted if has_raw_control(tree.source(id)) => {
                report(node.span, "a line break or control character in a string: write `\\n`");
            }
            Kind::SingleQuoted => report(node.span, "JSON wants double quotes"),
            Kind::Alias => report(node.span, "JSON has no aliases"),
            Kind::Null => report(expected_at(tree, id), "a value is missing here"),
            Kind::Pair if node.mark == NO_MARK => report(node.span, "`: value` is missing"),
            Kind::Pair if tree.kind(tree.key(id)) == Kind::Plain => {
                report(tree.span(tree.key(id)), "JSON wants keys in double quotes");
            }
            Kind::FlowMap | Kind::FlowSeq if node.mark != NO_MARK => {
                let inside = &tree.text()[node.span.start as usize..node.mark as usize];
                let inside = inside.trim_end();
                if inside.ends_with(',') {
                    let comma = node.span.start as usize + inside.len() - 1;
                    report(
                        Span::new(comma, comma + 1),
                        "JSON allows no comma before a closing bracket",
                    );
                }
            }
            _ => {}
        }
        let properties = tree.properties(id);
        for span in [properties.anchor, properties.tag].into_iter().flatten() {
            report(span, "JSON has no anchors or tags");
        }
    }
    errors
}

/// The character before a missing value.
fn expected_at(tree: &Tree, id: NodeId) -> Span {
    let at = tree.span(id).start as usize;
    let before = tree.text()[..at].chars().next_back().map_or(0, char::len_utf8);
    Span::new(at - before, at)
}

fn has_raw_control(source: &str) -> bool {
    source.bytes().any(|b| b < 0x20)
}

/// `null`, `true`, `false` or a number (RFC 8259 §6).
fn is_json_literal(text: &str) -> bool {
    if matches!(text, "null" | "true" | "false") {
        return true;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(integer)
        && (integer == "0" || !integer.starts_with('0'))
        && fraction.is_none_or(all_digits)
        && exponent.is_none_or(|e| all_digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn messages(text: &str) -> Vec<String> {
        parse(text).errors().iter().map(|e| e.message.to_string()).collect()
    }

    #[test]
    fn strict_json_has_no_errors() {
        assert!(messages(r#"{"a": [1, -0.5e+3, true, null], "b": {"c": "\u00e9\n"}}"#).is_empty());
    }

    #[test]
    fn leniencies_are_named_and_read_all_the_same() {
        let tree = parse("{'a': 1, // no\n \"b\": 2,}");
        assert!(!tree.errors().is_empty());
        let root = tree.root_value().unwrap();
        assert!(tree.pair(root, "a").is_some());
    }

    proptest! {
        #[test]
        fn accepts_exactly_what_serde_json_accepts(
            text in r#"([\[\]{},: \n]|"[ab]"|null|true|1|-2\.5e3|01|a){0,14}"#
        ) {
            let strict = serde_json::from_str::<serde_json::Value>(&text);
            // RFC 8259 sets no bound on numbers; serde_json does.
            let is_bound = |e: &serde_json::Error| e.to_string().contains("number out of range");
            prop_assume!(!strict.as_ref().is_err_and(is_bound));
            let strict = strict.is_ok();
            let ours = parse(text.as_str()).errors().is_empty();
            prop_assert_eq!(ours, strict, "{:?}", text);
        }
    }
}
