//! Comparing the files that contracts name.

use std::rc::Rc;
use std::sync::Arc;

use super::change::Change;
use super::docs::{At, Docs, Level, Problem};
use super::openapi::{self, Api, Kept};
use super::rule::Lens;
use super::rules::input as rules;
use super::schema::{Comparison, Dialect, Schemas};
use super::settings::Settings;
use super::side::{ContentDiff, FileSide, dialect_of};
use super::{Side, events, grpc};
use crate::fact::Fact;
use crate::place::Anchor;
use crate::spec::{SpecKind, kind_of, named_files};
use crate::text::Span;
use crate::value::{Data, Value};

/// What a file is compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// An interface's specification, recognised by content.
    Interface,
    Configuration,
    Policy,
}

/// Compares two files. `base` is the path of the element that names them, for schemas. `kept` is what
/// the comparison of the same files before left for this one; it is used for large documents.
pub fn compare_files(
    old: FileSide<'_>,
    new: FileSide<'_>,
    format: Format,
    base: &str,
    settings: &Settings,
    kept: Option<&mut Arc<Kept>>,
) -> ContentDiff {
    if are_identical(old, new) {
        return ContentDiff::default();
    }
    let is_proto = |side: FileSide<'_>| side.path.as_str().ends_with(".proto");
    match (is_proto(old), is_proto(new)) {
        (true, true) => grpc::compare(old, new, settings),
        (false, false) => data_files(old, new, format, base, settings, kept),
        _ => {
            let mut diff = ContentDiff::default();
            mismatch(&mut diff, new, "a .proto file", "another kind of file");
            diff
        }
    }
}

/// Equal bytes are equal specifications, unless they refer to other files.
fn are_identical(old: FileSide<'_>, new: FileSide<'_>) -> bool {
    let (Fact::Ready(a), Fact::Ready(b)) = (old.bundle.text(old.path), new.bundle.text(new.path))
    else {
        return false;
    };
    if a != b {
        return false;
    }
    if old.path.as_str().ends_with(".proto") {
        return !a.contains("import");
    }
    let has_others = || {
        let references = old.bundle.references(old.path).iter();
        !named_files(references.map(|(reference, _)| &**reference)).is_empty()
    };
    !a.contains("$ref") || !has_others()
}

fn mismatch(diff: &mut ContentDiff, new: FileSide<'_>, old_kind: &str, new_kind: &str) {
    let message = format!("{}: {old_kind} cannot be compared with {new_kind}", new.path);
    diff.new_problems.push(Problem {
        code: "SPEC_KIND_MISMATCH",
        level: Level::Warning,
        message,
        at: new.named_at.cloned(),
    });
    diff.not_compared.push("SPEC_KIND_MISMATCH");
}

fn data_files(
    old: FileSide<'_>,
    new: FileSide<'_>,
    format: Format,
    base: &str,
    settings: &Settings,
    kept: Option<&mut Arc<Kept>>,
) -> ContentDiff {
    // Swagger is read as OpenAPI 3; its nodes keep their places.
    let upgraded = |side: FileSide<'_>| match side.bundle.document(side.path) {
        Fact::Ready(document) => openapi::upgrade(&document.value),
        _ => None,
    };
    let (old_upgraded, new_upgraded) = (upgraded(old), upgraded(new));
    let old_docs = Rc::new(Docs::new(old.bundle, old.is_other));
    let new_docs = Rc::new(Docs::new(new.bundle, new.is_other));
    let open = |docs: &Docs<'_>, side: FileSide<'_>| {
        docs.open(side.path, side.named_at.cloned()).is_some()
    };
    let (has_old, has_new) = (open(&old_docs, old), open(&new_docs, new));
    let mut diff = ContentDiff::default();
    if has_old && has_new {
        // References are followed as they are written, before anything is rewritten.
        for (docs, side, upgraded) in
            [(&old_docs, old, &old_upgraded), (&new_docs, new, &new_upgraded)]
        {
            if let Some(root) = docs.open(side.path, None) {
                docs.follow_all(root);
            }
            if let Some(value) = upgraded {
                docs.replace(side.path, value);
            }
        }
        let roots = (old_docs.open(old.path, None), new_docs.open(new.path, None));
        if let (Some(a), Some(b)) = roots {
            // Only what is read part by part is shared with what was read before.
            let is_large = [old, new].into_iter().all(|side| {
                let document = side.bundle.document(side.path);
                matches!(document, Fact::Ready(document) if !document.parts.is_empty())
            });
            let is_kept = is_large && old_upgraded.is_none() && new_upgraded.is_none();
            let kept = kept.filter(|_| is_kept);
            let how = How { format, base, settings, kept };
            documents((&old_docs, a), (&new_docs, b), new, how, &mut diff);
        }
    }
    diff.old_problems.extend(old_docs.take_problems());
    diff.new_problems.extend(new_docs.take_problems());
    forgive_equal_references(&mut diff);
    let stops = diff.old_problems.iter().chain(&diff.new_problems);
    let codes: Vec<&'static str> = stops
        .filter(|problem| problem.level == Level::Error || problem.code == "SPEC_KIND_UNKNOWN")
        .map(|problem| problem.code)
        .collect();
    for code in codes {
        if !diff.not_compared.contains(&code) {
            diff.not_compared.push(code);
        }
    }
    diff
}

/// A reference that leads nowhere on both sides is equal, though unknown.
fn forgive_equal_references(diff: &mut ContentDiff) {
    let remote = |problem: &Problem| {
        matches!(problem.code, "REF_REMOTE" | "SPEC_REF_UNRESOLVED" | "PATH_ESCAPES_BUNDLE")
    };
    let texts = |list: &[Problem]| -> Vec<String> {
        list.iter().filter(|p| remote(p)).map(|p| p.message.clone()).collect()
    };
    let (old, new) = (texts(&diff.old_problems), texts(&diff.new_problems));
    for problem in diff.old_problems.iter_mut().filter(|p| remote(p)) {
        if new.contains(&problem.message) {
            problem.level = Level::Warning;
        }
    }
    for problem in diff.new_problems.iter_mut().filter(|p| remote(p)) {
        if old.contains(&problem.message) {
            problem.level = Level::Warning;
        }
    }
}

/// How documents are compared; see [`compare_files`].
struct How<'h> {
    format: Format,
    base: &'h str,
    settings: &'h Settings,
    kept: Option<&'h mut Arc<Kept>>,
}

fn documents<'a>(
    (old_docs, a): (&Rc<Docs<'a>>, At<'a>),
    (new_docs, b): (&Rc<Docs<'a>>, At<'a>),
    new: FileSide<'_>,
    How { format, base, settings, kept }: How<'_>,
    diff: &mut ContentDiff,
) {
    if format != Format::Interface {
        let side = if format == Format::Policy { Side::Policy } else { Side::Config };
        let schemas =
            (Schemas::new(old_docs, dialect_of(a)), Schemas::new(new_docs, dialect_of(b)));
        let mut comparison = Comparison::new(&schemas.0, &schemas.1, settings);
        let pair = comparison.compare(schemas.0.at(a), schemas.1.at(b), Lens::new(side));
        diff.changes = comparison.rows(pair, base);
        return;
    }
    let kind = |at: At<'a>| match kind_of(at.value) {
        SpecKind::OpenApi => "an OpenAPI document",
        SpecKind::AsyncApi => "an AsyncAPI document",
        SpecKind::JsonSchema => "a JSON Schema",
        SpecKind::Unknown => "of no known kind",
    };
    match (kind_of(a.value), kind_of(b.value)) {
        (SpecKind::OpenApi, SpecKind::OpenApi) => {
            let dialect = |at: At<'a>| {
                let version = at.get("openapi").map(|at| match at.value.as_str() {
                    Some(text) => text.to_owned(),
                    None => at.json().to_string(),
                });
                match version {
                    Some(version) if !version.starts_with("3.0") => Dialect::JsonSchema,
                    _ => Dialect::OpenApi30,
                }
            };
            let schemas = (Schemas::new(old_docs, dialect(a)), Schemas::new(new_docs, dialect(b)));
            let old = Api { root: a, schemas: &schemas.0 };
            let new = Api { root: b, schemas: &schemas.1 };
            old.check();
            new.check();
            diff.changes = openapi::compare(&old, &new, settings, kept);
        }
        (SpecKind::AsyncApi, SpecKind::AsyncApi) => {
            diff.changes = events::asyncapi((old_docs, a), (new_docs, b), settings);
        }
        (SpecKind::JsonSchema, SpecKind::JsonSchema) => {
            diff.changes = events::plain((old_docs, a), (new_docs, b), settings);
        }
        (SpecKind::Unknown, SpecKind::Unknown) => {
            let message = format!("{}: neither OpenAPI nor AsyncAPI nor JSON Schema", new.path);
            let file = new_docs.file_ref(new.path);
            let at = Some(Anchor::bytes(file, Span::default()));
            new_docs.report("SPEC_KIND_UNKNOWN", Level::Warning, message, at);
        }
        _ => mismatch(diff, new, kind(a), kind(b)),
    }
}

/// A row about something that could not be compared.
pub fn not_compared(path: &str, codes: &[&'static str], at: [Option<Anchor>; 2]) -> Change {
    let mut change = Change::new(rules::NOT_COMPARED, super::ChangeType::Modified, path);
    change.reason = format!("not compared: {}", codes.join(", "));
    let [old, new] = at;
    change.old_at = old;
    change.anchor.clone_from(&new);
    change.new_at = new;
    change
}

/// The required properties of a schema, for a section that was not there before.
pub fn required_properties(side: FileSide<'_>, base: &str) -> Vec<Change> {
    let docs = Rc::new(Docs::new(side.bundle, side.is_other));
    let Some(root) = docs.open(side.path, None) else { return Vec::new() };
    let schemas = Schemas::new(&docs, dialect_of(root));
    let normal = schemas.normal(schemas.at(root));
    let each = normal.required.iter().map(|(name, spot)| {
        let path = super::path::keyed(base, "properties", name);
        let mut change =
            Change::new(rules::REQUIRED_WITH_NEW_SECTION, super::ChangeType::Added, path);
        change.reason = format!("configuration property {name} added");
        change.side = Some(Side::Config);
        change.new = Some(name.as_str().into());
        let spot = normal.property(name).map_or(*spot, |property| property.spot);
        change.new_at = Some(docs.anchor(spot));
        change.anchor.clone_from(&change.new_at);
        change
    });
    let mut rows: Vec<Change> = each.collect();
    rows.sort_by(|a, b| a.path.cmp(&b.path));
    rows
}

/// Whether a contract's `values` give a value to a property.
pub fn supplies(values: Option<&Value>, change: &Change) -> bool {
    let Some(mut at) = values else { return false };
    let mut rest = change.path.as_str();
    while let Some(start) = rest.find("properties[") {
        rest = &rest[start + "properties[".len()..];
        let Some(end) = rest.find(']') else { return false };
        let Some(next) = at.get(&rest[..end]) else { return false };
        at = next;
        rest = &rest[end..];
    }
    at.data != Data::Null
}
