//! `# pacto:ignore CODE` above a line with advice.

use super::item::{Completion, CompletionKind};
use crate::check::Severity;
use crate::db;
use crate::ide::Subject;
use crate::text::Span;

const PREFIX: &str = "pacto:";

/// What may be ignored on the next line, in a comment that starts with `pacto:`; `None` elsewhere.
pub(super) fn completions(subject: &Subject<'_>, offset: u32) -> Option<Vec<Completion>> {
    let text = subject.tree.text();
    let inside = |c: &&Span| c.start < offset && offset <= c.end;
    let comment = subject.tree.comments().iter().find(inside)?;
    let before = text.get(comment.start as usize..offset as usize)?;
    let typed = before.trim_start_matches(['#', ' ', '\t']).strip_prefix(PREFIX)?;
    let line = text[..comment.start as usize].matches('\n').count();
    let line_start = text[..comment.start as usize].rfind('\n').map_or(0, |n| n + 1);
    let is_alone = text[line_start..comment.start as usize].trim().is_empty();
    let line = if is_alone { line + 1 } else { line };
    let checked = db::checked(subject.db, subject.input);
    let file = subject.input.file(subject.db);
    let own = file.root(subject.db).file(file.path(subject.db));
    let silenceable = checked.diagnostics.iter().filter(|d| {
        d.file.as_deref() == Some(&own)
            && d.rule.source.is_suppressible()
            && d.severity != Severity::Error
            && text[..d.span.start as usize].matches('\n').count() == line
    });
    let mut codes: Vec<&str> = silenceable.map(|d| d.rule.code).collect();
    codes.dedup();
    let replace = Span { start: offset - typed.len() as u32, end: comment.end.max(offset) };
    let each = codes.into_iter().enumerate().map(|(i, code)| {
        let label = format!("ignore {code}");
        Completion {
            kind: CompletionKind::Value,
            detail: String::new(),
            origin: String::new(),
            documentation: "Silences this advice on the next line.".to_owned(),
            insert: label.clone(),
            label,
            replace,
            indent: String::new(),
            additional: Vec::new(),
            rank: i as u32,
            commit: &[],
            preselect: false,
        }
    });
    Some(each.collect())
}
