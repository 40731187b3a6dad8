//! Other quotes around a text.

use super::action::{Action, ActionKind, pair_of_key};
use crate::check::fix;
use crate::text::TextEdit;
use crate::yaml::{Kind, NodeId, Scalar, Tree, resolve_plain};

/// The styles that a text on one line can have besides its own.
pub(super) fn restyle(tree: &Tree, node: NodeId) -> Vec<Action> {
    let (kind, span) = (tree.kind(node), tree.span(node));
    let is_one_line = !tree.source(node).contains('\n') && !span.is_empty();
    if pair_of_key(tree, node).is_some() || !is_one_line {
        return Vec::new();
    }
    let text = tree.scalar_text(node);
    let action = |title: &str, written: Result<String, &'static str>| {
        let edits = written.map(|text| vec![TextEdit::replace(span, text)]);
        Action::new(ActionKind::Rewrite, title, edits)
    };
    let double = || action("Use double quotes", Ok(fix::quoted(&text)));
    let single = || {
        let is_plain = !text.chars().any(char::is_control);
        let written = is_plain.then(|| fix::single_quoted(&text));
        action("Use single quotes", written.ok_or("single quotes have no escapes"))
    };
    let none = || {
        let written = Some(fix::scalar(&text)).filter(|written| *written == text);
        action("Remove the quotes", written.ok_or("without quotes it is read as something else"))
    };
    match kind {
        // A number or a boolean in quotes is another value.
        Kind::Plain if matches!(resolve_plain(&text), Scalar::Str(_)) => vec![double(), single()],
        Kind::DoubleQuoted => vec![single(), none()],
        Kind::SingleQuoted => vec![double(), none()],
        _ => Vec::new(),
    }
}
