//! Rules of the YAML layer.

use crate::check::{Anchor, Ctx, FileRef, Fix, FixOp, Part, Severity, Sink, fix};
use crate::fact::Fact;
use crate::value::{Data, DocPath, LowerError, MAX_EXPANDED_NODES, Value};
use crate::yaml::{NodeId, SyntaxErrorKind};

use super::syntax_fixes;

fn here(node: NodeId, part: Part) -> Anchor {
    Anchor { file: FileRef::Source(0), node, part }
}

pub fn parse_error(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for error in &ctx.document.syntax {
        let at = Anchor::bytes(FileRef::Source(0), error.span);
        let finding = sink.report(at, "", error.message.clone());
        if error.kind == SyntaxErrorKind::LeftContinuation {
            finding.severity(Severity::Warning);
        }
        // The text is read here alone: a contract without errors does not depend on its blanks.
        if let Fact::Ready(text) = ctx.bundle.contract_text() {
            finding.fixes.extend(syntax_fixes::fixes(text, error, &FileRef::Source(0)));
        }
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
        let message = match key.as_str() {
            "<<" => "the key `<<` is there already; several mappings are merged by `<<: [*a, *b]`"
                .into(),
            _ => format!("the key `{key}` is there already; keep one"),
        };
        sink.report(here(*second, Part::Value), key, message)
            .related(here(*first, Part::Value), "the first one")
            .fix(Fix::remove("Remove this one", here(*second, Part::Pair)))
            .fix(Fix::remove("Remove the first one", here(*first, Part::Pair)))
            .fix(Fix::new(
                "merge",
                "Merge it with the first one",
                FixOp::Merge { from: here(*second, Part::Pair), into: here(*first, Part::Pair) },
            ));
    }
}

/// Numbers that readers of YAML 1.1 take for octal ones (YAML 1.1, `tag:yaml.org,2002:int`).
pub fn octal_number(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    look_for_octals(&ctx.contract.value, &DocPath::root(), sink);
}

fn look_for_octals(value: &Value, path: &DocPath, sink: &mut Sink<'_>) {
    for entry in value.entries() {
        look_for_octals(&entry.value, &path.key(&entry.key), sink);
    }
    for (i, item) in value.items().iter().enumerate() {
        look_for_octals(item, &path.index(i), sink);
    }
    let Data::Int(number) = &value.data else { return };
    let Some(written) = number.written() else { return };
    let digits = written.trim_start_matches(['-', '+']);
    if !digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    let decimal = number.value;
    let other = match i64::from_str_radix(digits, 8) {
        Ok(octal) => format!("readers of YAML 1.1 take it for {}", octal * decimal.signum()),
        Err(_) => "readers of YAML 1.1 take it for a text".to_owned(),
    };
    let at = Anchor::value(value);
    sink.report(at.clone(), path, format!("`{written}` is {decimal} here, but {other}"))
        .fix(Fix::replace("decimal", format!("Write {decimal}"), at.clone(), decimal.to_string()))
        .fix(Fix::replace("quote", "Quote it", at, fix::quoted(written)));
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
