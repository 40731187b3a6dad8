//! Rules of the YAML layer.

use crate::check::{Anchor, Ctx, FileRef, Fix, FixOp, Part, Severity, Sink};
use crate::text::TextEdit;
use crate::value::{LowerError, MAX_EXPANDED_NODES};
use crate::yaml::{NodeId, SyntaxErrorKind};

fn here(node: NodeId, part: Part) -> Anchor {
    Anchor { file: FileRef::Source(0), node, part }
}

pub fn parse_error(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for error in &ctx.document.syntax {
        let at = Anchor::bytes(FileRef::Source(0), error.span);
        let finding = sink.report(at.clone(), "", error.message.clone());
        let edit = |edit: TextEdit| FixOp::Edit { at: at.clone(), edit };
        let end = error.span.end;
        let fix = match error.kind {
            SyntaxErrorKind::LeftContinuation => {
                finding.severity(Severity::Warning);
                None
            }
            SyntaxErrorKind::TabIndentation => {
                let spaces = "  ".repeat(error.span.len() as usize);
                let op = edit(TextEdit::replace(error.span, spaces));
                Some(Fix::new("tabs-to-spaces", "Indent with spaces", op).safe())
            }
            SyntaxErrorKind::MissingSpaceAfterColon => {
                let op = edit(TextEdit::insert(end, " "));
                Some(Fix::new("add-space", "Add a space after the colon", op).safe())
            }
            SyntaxErrorKind::MissingColon => {
                let op = edit(TextEdit::insert(end, ":"));
                Some(Fix::new("add-colon", "Add a colon", op).preferred())
            }
            _ => None,
        };
        finding.fixes.extend(fix);
    }
    for error in &ctx.document.lower_errors {
        if let LowerError::AliasCycle { at } = error {
            let message = "this alias stands inside of the value that it names";
            sink.report(here(*at, Part::Value), "", message);
        }
    }
}

pub fn duplicate_key(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for error in &ctx.document.lower_errors {
        let LowerError::DuplicateKey { key, first, second } = error else {
            continue;
        };
        sink.report(
            here(*second, Part::Value),
            key,
            format!("the key `{key}` is there already; keep one"),
        )
        .related(here(*first, Part::Value), "the first one")
        .fix(Fix::remove("Remove this one", here(*second, Part::Pair)))
        .fix(Fix::remove("Remove the first one", here(*first, Part::Pair)));
    }
}

pub fn multiple_documents(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for error in &ctx.document.lower_errors {
        if let LowerError::MultipleDocuments { second } = error {
            let message = "a second document starts here; a contract file holds one";
            sink.report(here(*second, Part::Owner), "", message);
        }
    }
}

pub fn too_large(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for error in &ctx.document.lower_errors {
        match error {
            LowerError::TooLarge { at } => {
                let message = format!("aliases expand to more than {MAX_EXPANDED_NODES} nodes");
                sink.report(here(*at, Part::Value), "", message);
            }
            LowerError::FileTooLarge { size, limit } => {
                let message = format!("the file has {size} bytes; a contract has at most {limit}");
                sink.report(here(NodeId::ROOT, Part::Value), "", message);
            }
            _ => {}
        }
    }
}
