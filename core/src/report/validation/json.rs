//! For programs: one object for each contract, with the keys of 4-cli and those of the published
//! tool.

use serde::Serialize;

use super::Subject;
use crate::check::{Diagnostic, Severity, identified_fixes};
use crate::report::{Range, Sources, located};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    schema_version: u32,
    path: &'a str,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    errors: Vec<Finding<'a>>,
    warnings: Vec<Finding<'a>>,
    infos: Vec<Finding<'a>>,
    hints: Vec<Finding<'a>>,
    not_checked: Vec<NotChecked<'a>>,
    policies: Vec<Policy<'a>>,
    #[serde(rename = "Path")]
    published_path: &'a str,
    #[serde(rename = "Valid")]
    published_valid: bool,
    #[serde(rename = "Errors")]
    published_errors: Vec<Published<'a>>,
    #[serde(rename = "Warnings")]
    published_warnings: Vec<Published<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    code: &'a str,
    layer: &'a str,
    severity: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
    related: Vec<Related<'a>>,
    fixes: Vec<Fix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    file: String,
    range: Range,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    id: &'a str,
    title: &'a str,
    safe: bool,
    edits: Vec<Edit<'a>>,
    /// Files that the fix creates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    creates: Vec<NewFile<'a>>,
}

#[derive(Serialize)]
struct NewFile<'a> {
    file: String,
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Edit<'a> {
    file: String,
    range: Range,
    new_text: &'a str,
}

#[derive(Serialize)]
struct NotChecked<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    path: &'a str,
    reason: &'a str,
}

/// A policy that binds the contract, and whether the contract keeps it.
#[derive(Serialize)]
struct Policy<'a> {
    name: &'a str,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    ok: bool,
}

/// The shape of the published tool's findings.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Published<'a> {
    path: &'a str,
    code: &'a str,
    message: &'a str,
}

impl Serialize for Range {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut range = serializer.serialize_struct("Range", 4)?;
        range.serialize_field("startLine", &self.start_line)?;
        range.serialize_field("startColumn", &self.start_column)?;
        range.serialize_field("endLine", &self.end_line)?;
        range.serialize_field("endColumn", &self.end_column)?;
        range.end()
    }
}

/// The result of one contract.
pub fn json(subject: &Subject, sources: &dyn Sources) -> serde_json::Value {
    let of = |severity| subject.of(severity).map(|d| finding(d, sources)).collect();
    let published = |severity| {
        let all = subject.of(severity);
        all.map(|d| Published { path: &d.path, code: d.rule.code, message: &d.message }).collect()
    };
    let output = Output {
        schema_version: 1,
        path: &subject.argument,
        valid: subject.is_valid(),
        name: subject.name.as_deref(),
        version: subject.version.as_deref(),
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        infos: of(Severity::Info),
        hints: of(Severity::Hint),
        not_checked: subject
            .checked
            .not_checked
            .iter()
            .map(|n| NotChecked { reference: &n.reference, path: &n.path, reason: &n.reason })
            .collect(),
        policies: subject
            .policies
            .iter()
            .map(|p| Policy { name: &p.name, reference: p.reference.as_deref(), ok: p.is_kept })
            .collect(),
        published_path: &subject.argument,
        published_valid: subject.is_valid(),
        published_errors: published(Severity::Error),
        published_warnings: published(Severity::Warning),
    };
    serde_json::to_value(output).unwrap_or_default()
}

/// The findings in the order of the analysis, for programs that act on them: each with the line that
/// it stands on, and its fixes by names that are theirs alone.
pub fn findings(subject: &Subject, sources: &dyn Sources) -> Vec<serde_json::Value> {
    let diagnostics = &subject.checked.diagnostics;
    let mut names = identified_fixes(diagnostics).into_iter();
    let each = diagnostics.iter().map(|diagnostic| {
        let mut out = serde_json::to_value(finding(diagnostic, sources)).unwrap_or_default();
        if let Some(line) = line_of(diagnostic, sources) {
            out["excerpt"] = line.into();
        }
        let fixes = out["fixes"].as_array_mut().into_iter().flatten();
        for (shown, (name, _, fix)) in fixes.zip(names.by_ref().take(diagnostic.fixes.len())) {
            shown["kind"] = fix.id.into();
            shown["id"] = name.into();
            shown["preferred"] = fix.preferred.into();
        }
        out
    });
    each.collect()
}

/// The line that a finding stands on; a long one is cut.
fn line_of(diagnostic: &Diagnostic, sources: &dyn Sources) -> Option<String> {
    let text = sources.text(diagnostic.file.as_deref()?)?;
    let at = (diagnostic.span.start as usize).min(text.len());
    let start = text.get(..at)?.rfind('\n').map_or(0, |n| n + 1);
    let line = text.get(start..)?.lines().next().unwrap_or("");
    Some(line.chars().take(MAX_EXCERPT).collect())
}

/// Upper bound on the characters of a line that is shown.
const MAX_EXCERPT: usize = 200;

fn finding<'a>(diagnostic: &'a Diagnostic, sources: &dyn Sources) -> Finding<'a> {
    let place = located(sources, diagnostic.file.as_deref(), diagnostic.span);
    let (file, range) = place.unzip();
    let related = diagnostic.related.iter().filter_map(|related| {
        let (file, range) = located(sources, Some(&related.file), related.span)?;
        Some(Related { file, range, message: &related.message })
    });
    let fixes = diagnostic.fixes.iter().map(|fix| Fix {
        id: fix.id,
        title: &fix.title,
        safe: fix.applicability == crate::check::Applicability::Safe,
        edits: fix
            .edits
            .iter()
            .filter_map(|(file, edit)| {
                let (file, range) = located(sources, Some(file), edit.span)?;
                Some(Edit { file, range, new_text: &edit.text })
            })
            .collect(),
        creates: fix
            .creates
            .iter()
            .map(|(file, text)| NewFile { file: sources.shown(file), text })
            .collect(),
    });
    Finding {
        code: diagnostic.rule.code,
        layer: diagnostic.rule.layer.text(),
        severity: diagnostic.severity.text(),
        message: &diagnostic.message,
        detail: diagnostic.detail,
        path: &diagnostic.path,
        file,
        range,
        related: related.collect(),
        fixes: fixes.collect(),
        origin: diagnostic.origin.as_deref(),
    }
}
