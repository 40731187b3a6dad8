//! Rules about the files of the bundle.

use rustc_hash::FxHashSet;

use crate::check::template::{Purpose, template};
use crate::check::{Anchor, Ctx, Fix, FixOp, Sink, fix, nearest};
use crate::contract::{Contract, Field, Place};
use crate::fact::{Fact, Failure};
use crate::shared_schema::Shared;
use crate::spec::{BundlePath, PathProblem, named_files};
use crate::text::{escape_segment, fragment_segment};
use crate::value::Value;

pub fn not_found(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (path, place) in ctx.named_files() {
        let Fact::Failed(failure) = ctx.bundle.exists(&path) else {
            continue;
        };
        if failure == Failure::EscapesBundle {
            continue;
        }
        let message = match &failure {
            Failure::NotFound => format!("there is no file `{path}` in the bundle"),
            failure => format!("`{path}` cannot be used: {failure}"),
        };
        let finding = sink.report(place.value(), &place.path, message);
        for (i, near) in near_files(ctx, path.as_str()).iter().enumerate() {
            let fix =
                Fix::replace("replace", format!("Use `{near}`"), place.value(), fix::scalar(near));
            finding.fix(if i == 0 { fix.preferred() } else { fix });
        }
        if failure == Failure::NotFound
            && let Some(purpose) = purpose_of(ctx.contract, place)
            && let Some(fix) = create(ctx.contract, purpose, path.as_str())
        {
            finding.fix(fix);
        }
    }
}

/// What the file that the field at `place` names is for.
fn purpose_of(contract: &Contract, place: &Place) -> Option<Purpose> {
    let is_here = |field: &Field<String>| field.place() == Some(place);
    let interface = contract.interfaces.iter().find(|i| is_here(&i.contract));
    match interface {
        Some(interface) => interface.ty.get().copied().map(Purpose::Interface),
        None if contract.configurations.iter().any(|c| is_here(&c.schema)) => {
            Some(Purpose::Configuration)
        }
        None => Some(Purpose::Policy),
    }
}

/// A fix that creates a file with what it starts with.
pub(super) fn create(contract: &Contract, purpose: Purpose, path: &str) -> Option<Fix> {
    let text = template(contract, purpose, path)?;
    let op = FixOp::Create { file: path.to_owned(), text };
    Some(Fix::new("create-file", format!("Create `{path}`"), op))
}

/// Files whose path or whose name is near; at most three.
fn near_files(ctx: &Ctx<'_>, path: &str) -> Vec<String> {
    let Fact::Ready(files) = ctx.bundle.files() else {
        return Vec::new();
    };
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let stem = |path: &str| name(path).split('.').next().unwrap_or("").to_owned();
    let mut near: Vec<String> =
        nearest(path, files.iter().map(String::as_str)).map(str::to_owned).into_iter().collect();
    let same_name = |file: &&String| {
        name(file) == name(path) || (stem(file) == stem(path) && *file != "pacto.yaml")
    };
    near.extend(files.iter().filter(same_name).cloned());
    near.dedup();
    near.truncate(3);
    near
}

pub fn escapes_bundle(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for field in ctx.contract.file_fields() {
        let Some((text, place)) = field.both() else {
            continue;
        };
        let problem = match BundlePath::parse(text) {
            Err(PathProblem::Empty) => continue,
            Err(problem) => problem.to_string(),
            Ok(path) => match ctx.bundle.exists(&path) {
                Fact::Failed(failure @ Failure::EscapesBundle) => failure.to_string(),
                _ => continue,
            },
        };
        let message = format!("the path \"{text}\" leaves the bundle: {problem}");
        sink.report(place.value(), &place.path, message);
    }
}

/// Folders whose files are there to be named.
const NAMED_FOLDERS: [(&str, &str); 3] =
    [("interfaces/", "interfaces"), ("configuration/", "configurations"), ("policy/", "policies")];

pub fn unreferenced(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Fact::Ready(files) = ctx.bundle.files() else {
        return;
    };
    let mut used: Vec<String> =
        [Shared::Configuration, Shared::Policy].map(|s| s.usual_path().to_owned()).to_vec();
    let mut queue: Vec<BundlePath> = ctx.named_files().into_iter().map(|(path, _)| path).collect();
    while let Some(path) = queue.pop() {
        if used.contains(&path.to_string()) && !path.as_str().ends_with("schema.json") {
            continue;
        }
        used.push(path.to_string());
        if path.as_str().ends_with(".proto") {
            // Imports of a .proto file are found by the folders it stands in.
            used.extend(files.iter().filter(|f| f.ends_with(".proto")).cloned());
            continue;
        }
        let references = ctx.bundle.references(&path).iter();
        let named = named_files(references.map(|(reference, _)| &**reference));
        let next = named.iter().filter_map(|file| path.join(file).ok());
        queue.extend(next.filter(|p| !used.contains(&p.to_string())));
    }
    let root = &ctx.contract.value;
    for file in files {
        let Some((_, section)) = NAMED_FOLDERS.iter().find(|(folder, _)| file.starts_with(folder))
        else {
            continue;
        };
        if used.contains(file) {
            continue;
        }
        let singular = if *section == "policies" { "policy" } else { "configuration" };
        let entry =
            root.entry(section).or_else(|| root.entry(singular)).or_else(|| root.entry("service"));
        let Some(entry) = entry else { continue };
        let message =
            format!("nothing names the file `{file}`; name it, move it to docs/, or remove it");
        sink.report(Anchor::key(entry), section, message);
    }
}

/// Upper bound on the files that one specification consists of.
const MAX_PARTS: usize = 1_000;

/// The files that a specification consists of: itself, and what its `$ref`s lead to.
pub(super) fn parts(ctx: &Ctx<'_>, path: &BundlePath) -> Vec<BundlePath> {
    let mut parts = vec![path.clone()];
    let mut at = 0;
    while let Some(part) = parts.get(at).cloned() {
        at += 1;
        if part.as_str().ends_with(".proto") {
            continue;
        }
        let references = ctx.bundle.references(&part).iter();
        for file in named_files(references.map(|(reference, _)| &**reference)) {
            if let Ok(next) = part.join(&file)
                && parts.len() < MAX_PARTS
                && !parts.contains(&next)
            {
                parts.push(next);
            }
        }
    }
    parts
}

pub fn spec_ref_unresolved(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let mut seen = FxHashSet::default();
    for (named, place) in ctx.named_files() {
        for path in parts(ctx, &named) {
            if path.as_str().ends_with(".proto") || !seen.insert(path.clone()) {
                continue;
            }
            if let Fact::Ready(document) = ctx.bundle.document(&path) {
                check_references(ctx, &path, &document.value, place, sink);
            }
        }
    }
}

fn check_references(
    ctx: &Ctx<'_>,
    path: &BundlePath,
    document: &Value,
    named_by: &Place,
    sink: &mut Sink<'_>,
) {
    // Large documents refer to one definition again and again.
    let mut sound: FxHashSet<&str> = FxHashSet::default();
    for (reference, node) in ctx.bundle.references(path) {
        let reference: &str = reference;
        if sound.contains(reference) {
            continue;
        }
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if file.contains("://") {
            continue;
        }
        let (target_path, target) = if file.is_empty() {
            (path.clone(), Fact::Ready(document))
        } else {
            match path.join(file) {
                Ok(target) => {
                    let value = ctx.bundle.document(&target).map(|d| &d.value);
                    (target, value)
                }
                Err(problem) => {
                    let message = format!("the $ref \"{reference}\" leaves the bundle: {problem}");
                    let at = Anchor::in_bundle(path.as_str(), *node);
                    sink.report(at, &named_by.path, message);
                    continue;
                }
            }
        };
        let problem = match &target {
            Fact::Pending => continue,
            Fact::Failed(failure) => format!("`{target_path}`: {failure}"),
            Fact::Ready(target) => match missing_segment(target, pointer) {
                Some(segment) => format!("`{target_path}` has no `{segment}` there"),
                None => {
                    sound.insert(reference);
                    continue;
                }
            },
        };
        let at = Anchor::in_bundle(path.as_str(), *node);
        let message = format!("the $ref \"{reference}\" leads nowhere: {problem}");
        let finding = sink.report(at.clone(), &named_by.path, message);
        finding.related(named_by.value(), "the file is named here");
        let near = match target {
            Fact::Ready(target) => {
                near_pointer(target, pointer).map(|near| format!("{file}#{near}"))
            }
            _ => near_part(ctx, path, file).map(|near| reference.replacen(file, &near, 1)),
        };
        if let Some(near) = near {
            let title = format!("Use `{near}`");
            finding.fix(Fix::replace("replace", title, at, fix::quoted(&near)).preferred());
        }
    }
}

/// The pointer with the nearest of the names that are there, where one segment is mistyped.
fn near_pointer(document: &Value, pointer: &str) -> Option<String> {
    let segments: Vec<String> =
        pointer.strip_prefix('/')?.split('/').map(fragment_segment).collect();
    let (found, depth) = document.deepest(segments.iter().map(String::as_str));
    let near = nearest(segments.get(depth)?, found.entries().iter().map(|entry| &*entry.key))?;
    let mut mended: Vec<&str> = segments.iter().map(String::as_str).collect();
    mended[depth] = near;
    let (_, reached) = document.deepest(mended.iter().copied());
    let written = mended.iter().map(|segment| format!("/{}", escape_segment(segment)));
    (reached == mended.len()).then(|| written.collect())
}

/// The nearest file of the bundle, as a path from the folder of `from`.
fn near_part(ctx: &Ctx<'_>, from: &BundlePath, file: &str) -> Option<String> {
    let (written, name) = file.rsplit_once('/').map_or(("", file), |(folder, name)| (folder, name));
    let target = from.join(file).ok()?;
    let folder = target.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let files = ctx.bundle.files();
    let beside = files.ready()?.iter().filter_map(|path| {
        let (of, name) = path.rsplit_once('/').unwrap_or(("", path));
        (of == folder && path != from.as_str()).then_some(name)
    });
    let near = nearest(name, beside)?;
    Some(if written.is_empty() { near.to_owned() } else { format!("{written}/{near}") })
}

/// The first segment of a JSON pointer that leads nowhere. Anchors (`#name`) are not followed.
fn missing_segment(document: &Value, pointer: &str) -> Option<String> {
    if !pointer.starts_with('/') {
        return None;
    }
    let segments: Vec<String> = pointer[1..].split('/').map(fragment_segment).collect();
    let (_, depth) = document.deepest(segments.iter().map(String::as_str));
    segments.get(depth).cloned()
}
