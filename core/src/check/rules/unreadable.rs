//! What keeps a file that a contract names from being read as data.

use crate::check::{Anchor, Ctx, FileRef, Fix, Part};
use crate::fact::Fact;
use crate::spec::{BundlePath, Document};
use crate::value::LowerError;
use crate::yaml::{NodeId, SyntaxErrorKind};

use super::syntax_fixes;

/// One thing that is wrong, where, and how it is mended.
pub(super) struct Problem {
    pub at: Anchor,
    pub message: String,
    pub fixes: Vec<Fix>,
}

/// Whether a document has problems of this kind.
pub(super) fn is_unreadable(document: &Document) -> bool {
    let is_error = |kind| kind != SyntaxErrorKind::LeftContinuation;
    document.syntax.iter().any(|e| is_error(e.kind)) || !document.lower_errors.is_empty()
}

/// What keeps the document at `path` from being read.
pub(super) fn syntax_problems(
    ctx: &Ctx<'_>,
    path: &BundlePath,
    document: &Document,
) -> Vec<Problem> {
    let file = FileRef::Bundle(path.to_string());
    let errors = document.syntax.iter().filter(|e| e.kind != SyntaxErrorKind::LeftContinuation);
    let mut problems: Vec<Problem> = errors
        .map(|error| Problem {
            at: Anchor::bytes(file.clone(), error.span),
            message: error.message.to_string(),
            // The text is read where there is an error alone.
            fixes: match ctx.bundle.text(path) {
                Fact::Ready(text) => syntax_fixes::fixes(text, error, &file),
                _ => Vec::new(),
            },
        })
        .collect();
    let here = |node: NodeId, part| Anchor { part, ..Anchor::in_bundle(path.as_str(), node) };
    for error in &document.lower_errors {
        let (node, message) = match error {
            LowerError::DuplicateKey { key, second, .. } => {
                (*second, format!("the key `{key}` is there twice"))
            }
            LowerError::TooLarge { at } => (*at, "its aliases expand to too many nodes".into()),
            LowerError::AliasCycle { at } => {
                (*at, "an alias stands inside of its own value".into())
            }
            LowerError::MultipleDocuments { second } => {
                (*second, "it holds more than one document".into())
            }
            LowerError::FileTooLarge { size, limit } => {
                (NodeId::ROOT, format!("it has {size} bytes, and at most {limit} are read"))
            }
        };
        let fixes = match error {
            LowerError::DuplicateKey { first, second, .. } => vec![
                Fix::remove("Remove this one", here(*second, Part::Pair)),
                Fix::remove("Remove the first one", here(*first, Part::Pair)),
            ],
            _ => Vec::new(),
        };
        problems.push(Problem { at: here(node, Part::Value), message, fixes });
    }
    problems
}
