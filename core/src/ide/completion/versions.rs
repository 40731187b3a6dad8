//! Versions: of this contract, of a tag, and the constraints on another's.

use std::sync::Arc;

use super::context::Context;
use super::item::{Completion, CompletionKind};
use crate::contract::{Constraint, ContractRef, Version, tags};
use crate::diff::{Bump, Change, advise};
use crate::ide::baseline;
use crate::text::Span;
use crate::yaml::cursor::Slot;

/// Upper bound on the tags that are proposed.
const MAX_TAGS: usize = 200;

/// Versions that may follow that of the baseline: the one that the changes ask for first.
pub(super) fn own(context: &Context<'_>) -> Vec<Completion> {
    let subject = context.subject;
    let report =
        subject.baseline.and_then(|b| baseline::since_baseline(subject.db, subject.input, b));
    let Some(report) = report else { return next(context) };
    // The version that is typed says nothing yet: the changes alone count.
    let old = report.advice.old.as_deref();
    let changes: Vec<Arc<Change>> = report.changes.iter().map(|row| row.change.clone()).collect();
    let required = advise(old, old, &changes).required.max(Bump::Patch);
    let Some(old) = old.and_then(|text| Version::parse(text).ok()) else { return Vec::new() };
    let (major, minor, patch) = (old.normal.major, old.normal.minor, old.normal.patch);
    let steps = [
        (Bump::Patch, format!("{major}.{minor}.{}", patch + 1)),
        (Bump::Minor, format!("{major}.{}.0", minor + 1)),
        (Bump::Major, format!("{}.0.0", major + 1)),
    ];
    let each = steps.into_iter().enumerate().map(|(i, (bump, version))| {
        let (rank, detail) = match bump.cmp(&required) {
            std::cmp::Ordering::Equal => (0, format!("{}: what the changes ask for", bump.text())),
            std::cmp::Ordering::Greater => (100 + i as u32, bump.text().to_owned()),
            std::cmp::Ordering::Less => (5000 + i as u32, format!("{}: not enough", bump.text())),
        };
        let item = context.value(&version, CompletionKind::Value, rank);
        Completion { detail, preselect: rank == 0, ..item }
    });
    each.collect()
}

/// Versions that may follow the one that is written, where nothing is known to compare with.
fn next(context: &Context<'_>) -> Vec<Completion> {
    let written = context.ctx.contract.version().and_then(|text| Version::parse(text).ok());
    let all = match written {
        Some(old) => {
            let (major, minor, patch) = (old.normal.major, old.normal.minor, old.normal.patch);
            vec![
                ("patch", format!("{major}.{minor}.{}", patch + 1)),
                ("minor", format!("{major}.{}.0", minor + 1)),
                ("major", format!("{}.0.0", major + 1)),
            ]
        }
        None => vec![("a first draft", "0.1.0".into()), ("a first release", "1.0.0".into())],
    };
    let each = all.into_iter().enumerate().map(|(i, (detail, version))| Completion {
        detail: detail.to_owned(),
        ..context.value(&version, CompletionKind::Value, i as u32)
    });
    each.collect()
}

/// The tags or digests behind `repository:` or `repository@`; `None` where neither is typed.
pub(super) fn tags(context: &Context<'_>) -> Option<Vec<Completion>> {
    let written = context.cursor.replace.slice(context.tree.text());
    let rest = written.strip_prefix("oci://")?;
    let path = rest.find('/')?;
    let mark = path + rest[path..].find([':', '@'])?;
    let is_digest = rest[mark..].starts_with('@');
    let repository = &rest[..mark];
    let start = context.cursor.replace.start + ("oci://".len() + mark + 1) as u32;
    let Some(list) = context.known(context.ctx.bundle.tags(repository)) else {
        return Some(Vec::new());
    };
    let constraint = context.scalar(&context.map(), "compatibility");
    let constraint = constraint.and_then(|text| Constraint::parse(&text).ok().map(|c| (text, c)));
    let mut found = Vec::new();
    for (i, tag) in tags::versions(list).into_iter().take(MAX_TAGS).enumerate() {
        let (group, detail) = match &constraint {
            Some((text, c)) if c.matches(&tag.version) => (0, format!("matches {text}")),
            Some((text, _)) => (5000, format!("outside {text}")),
            None if tag.version.normal.pre.is_empty() => (0, String::new()),
            None => (5000, "pre-release".to_owned()),
        };
        let db = context.subject.db;
        let state = db.inputs().tag_state(db, repository, tag.tag);
        let documentation = match state.digest(db).as_ref().ready() {
            Some(digest) if !is_digest => format!("`{digest}`"),
            _ => String::new(),
        };
        let (label, detail) = match is_digest {
            false => (tag.tag.to_owned(), detail),
            true => {
                let Some(digest) = context.known(state.digest(db).as_ref()) else { continue };
                (digest.clone(), format!("{} {detail}", tag.tag).trim_end().to_owned())
            }
        };
        let item = context.item(&label, CompletionKind::Reference, label.clone(), group + i as u32);
        let replace = Span { start, ..context.cursor.replace };
        let origin = host(repository);
        found.push(Completion { detail, origin, documentation, replace, ..item });
    }
    Some(found)
}

/// The registry of a repository.
pub(super) fn host(repository: &str) -> String {
    repository.split('/').next().unwrap_or_default().to_owned()
}

/// Constraints on the versions that the `ref` beside leads to.
pub(super) fn constraints(context: &Context<'_>) -> Vec<Completion> {
    let versions = versions_of(context);
    let in_quotes = matches!(context.cursor.slot, Slot::Value { in_quotes: true, .. });
    let written = context.cursor.replace.slice(context.tree.text());
    let operator_length = written.find(|c: char| !"^~<>=! ".contains(c)).unwrap_or(written.len());
    let operator = &written[..operator_length];
    if !operator.is_empty() && (in_quotes || !operator.contains(['<', '>', '!', '='])) {
        let each = versions.iter().enumerate().map(|(i, version)| {
            let item = context.item(version, CompletionKind::Value, version.clone(), i as u32);
            let start = context.cursor.replace.start + operator_length as u32;
            Completion { replace: Span { start, ..context.cursor.replace }, ..item }
        });
        return each.collect();
    }
    let Some(latest) = versions.first() else { return Vec::new() };
    let major = latest.split('.').next().unwrap_or(latest);
    let mut all: Vec<String> = [
        format!("^{latest}"),
        format!("~{latest}"),
        format!(">= {latest}"),
        format!("{major}.x"),
        "*".to_owned(),
    ]
    .into();
    all.dedup();
    let each = all.iter().enumerate().map(|(i, text)| {
        let matching = Constraint::parse(text).map_or(0, |constraint| {
            let parsed = versions.iter().filter_map(|v| Version::parse(v).ok());
            parsed.filter(|version| constraint.matches(version)).count()
        });
        let detail = match matching {
            1 => "1 version matches".to_owned(),
            n => format!("{n} versions match"),
        };
        Completion { detail, ..context.value(text, CompletionKind::Value, i as u32) }
    });
    each.collect()
}

/// The versions that the reference beside leads to, newest first.
fn versions_of(context: &Context<'_>) -> Vec<String> {
    let reference = context.scalar(&context.map(), "ref");
    let Some(Ok(reference)) = reference.map(|text| ContractRef::parse(&text)) else {
        return Vec::new();
    };
    match &reference {
        ContractRef::Oci(oci) => {
            let list = context.known(context.ctx.bundle.tags(&oci.repository()));
            let all = tags::versions(list.unwrap_or_default()).into_iter();
            let stable = all.filter(|tag| tag.version.normal.pre.is_empty()).take(MAX_TAGS);
            stable.map(|tag| tag.version.normal.to_string()).collect()
        }
        ContractRef::Local(_) => {
            let followed = context.ctx.bundle.follow(&reference, None);
            let Some(followed) = context.known(followed) else { return Vec::new() };
            let contract = context.known(followed.bundle.contract());
            contract.and_then(|c| c.version()).map(str::to_owned).into_iter().collect()
        }
    }
}
