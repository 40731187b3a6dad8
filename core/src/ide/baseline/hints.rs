//! Findings of the breaking layer and texts beside lines, from the rows of a comparison.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::db::{Located, LocatedChange};
use crate::diff::{Advice, AdviceCode, ChangeType, Class};
use crate::text::Span;

/// One finding of the breaking layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// The absolute path of the file.
    pub file: String,
    pub span: Span,
    pub class: Class,
    /// `BREAKING_CHANGE`, `POTENTIAL_BREAKING_CHANGE` or `VERSION_BUMP_REQUIRED`.
    pub code: &'static str,
    pub message: String,
    pub rule: String,
    pub path: String,
    /// Where the element stood: root-relative file and line, for readers.
    pub old: Option<(String, Span)>,
}

/// A text beside a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlay {
    pub offset: u32,
    pub label: String,
}

/// What is shown in one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InFile {
    pub hints: Vec<Hint>,
    pub inlays: Vec<Inlay>,
}

/// More findings than this on one span are one.
const MAX_ON_SPAN: usize = 5;
/// Names listed beside a line.
const MAX_NAMES: usize = 3;

/// The span that a change is shown on: the value of what was modified, the key of what was added or of
/// what is left around something removed. Where a whole section is gone, the name of the service.
pub(super) fn shown(row: &LocatedChange) -> Option<(&Located, Span)> {
    match (row.change.ty, &row.new) {
        (ChangeType::Modified, Some(new)) => Some((new, new.value)),
        (_, Some(new)) => Some((new, new.key)),
        // What is left is a key with a mapping or a list below it, or a name.
        (_, None) => row.anchor.as_ref().map(|anchor| (anchor, anchor.value)),
    }
}

fn message(row: &LocatedChange) -> String {
    let change = &row.change;
    let text = |json: &serde_json::Value| match json.as_str() {
        Some(text) => text.to_owned(),
        None => json.to_string(),
    };
    let values = match (&change.old, &change.new) {
        (Some(old), Some(new)) if !old.is_object() && !new.is_object() => {
            format!(" ({} -> {})", text(old), text(new))
        }
        _ => String::new(),
    };
    // Most reasons begin with the path.
    match change.reason.starts_with(change.path.as_str()) {
        true => format!("{}{values}", change.reason),
        false => format!("{}: {}{values}", change.path, change.reason),
    }
}

/// The findings of the rows of one file.
pub(super) fn hints(rows: &[Arc<LocatedChange>]) -> Vec<Hint> {
    let mut by_span: BTreeMap<(&str, Span, Class), Vec<&LocatedChange>> = BTreeMap::new();
    for row in rows {
        let Some((at, span)) = shown(row) else { continue };
        let Some(file) = &at.file else { continue };
        by_span.entry((file, span, row.change.class)).or_default().push(row);
    }
    let mut hints = Vec::new();
    for ((file, span, class), rows) in by_span {
        let code = match class {
            Class::Breaking => "BREAKING_CHANGE",
            _ => "POTENTIAL_BREAKING_CHANGE",
        };
        let hint = |message: String, row: &LocatedChange| Hint {
            file: file.to_owned(),
            span,
            class,
            code,
            message,
            rule: row.change.rule_id(),
            path: row.change.path.clone(),
            old: row.old.as_ref().and_then(|at| Some((at.file.clone()?, at.span))),
        };
        if rows.len() > MAX_ON_SPAN {
            let first: Vec<String> =
                rows.iter().take(MAX_ON_SPAN).map(|row| message(row)).collect();
            let text = format!("{} changes here:\n{}\n…", rows.len(), first.join("\n"));
            hints.push(hint(text, rows[0]));
        } else {
            hints.extend(rows.iter().map(|row| hint(message(row), row)));
        }
    }
    hints
}

/// What is gone: an element by its name, a field by its key.
fn removed_name(path: &str, old: &serde_json::Value) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_section = last.len() == path.len() && !path.ends_with(']');
    let named = path.strip_suffix(']').and_then(|path| path.rsplit_once('['));
    match (named, old.as_str()) {
        (Some((_, name)), _) => name.to_owned(),
        (None, Some(name)) if is_section => name.to_owned(),
        _ => last.to_owned(),
    }
}

/// `was …` beside what was modified, `removed: …` beside what lost something, in one file.
pub(super) fn inlays(rows: &[Arc<LocatedChange>]) -> Vec<Inlay> {
    let mut removed: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut inlays = Vec::new();
    for row in rows {
        let Some((_, span)) = shown(row) else { continue };
        match (row.change.ty, &row.change.old) {
            (ChangeType::Removed, Some(old)) => {
                let name = removed_name(&row.change.path, old);
                removed.entry(span.end).or_default().push(name);
            }
            (ChangeType::Modified, Some(old)) if !old.is_object() && !old.is_array() => {
                let text = old.as_str().map_or_else(|| old.to_string(), str::to_owned);
                // `name: value` of a list's element; the name is on the line already.
                let text = match (&row.change.subject, text.split_once(": ")) {
                    (Some(subject), Some((name, rest))) if subject.contains(name) => {
                        rest.to_owned()
                    }
                    _ => text,
                };
                let label = format!("was {text}");
                inlays.push(Inlay { offset: span.end, label });
            }
            _ => {}
        }
    }
    for (offset, mut names) in removed {
        let more = names.len().saturating_sub(MAX_NAMES);
        names.truncate(MAX_NAMES);
        let mut label = format!("removed: {}", names.join(", "));
        if more > 0 {
            label.push_str(&format!(" and {more} more"));
        }
        inlays.push(Inlay { offset, label });
    }
    inlays.sort_by_key(|inlay| inlay.offset);
    inlays
}

/// Adds to the file of a contract what its version at `span` must become.
pub(super) fn advise(advice: &Advice, file: Entry<'_, String, Arc<InFile>>, span: Span) {
    if !matches!(advice.code, Some(AdviceCode::BumpRequired | AdviceCode::Decreased)) {
        return;
    }
    let name = file.key().clone();
    let in_file = Arc::make_mut(file.or_default());
    in_file.hints.push(Hint {
        file: name,
        span,
        class: Class::Breaking,
        code: "VERSION_BUMP_REQUIRED",
        message: advice.sentence.clone(),
        rule: "VERSION_BUMP_REQUIRED".to_owned(),
        path: "service.version".to_owned(),
        old: None,
    });
    if let Some(minimum) = &advice.minimum {
        let label = format!("needs {minimum}");
        in_file.inlays.push(Inlay { offset: span.end, label });
    }
}
