//! A bundle as it would be, judged before it is written.

use std::path::Path;
use std::sync::Arc;

use pacto_core::check::{Diagnostic, Severity};
use pacto_core::report::{self, Subject};
use pacto_edge::session::{Purpose, Session, Target};
use serde_json::{Value, json};

use crate::answer::Failure;

/// The findings of a bundle that is not on the disk as it is judged.
pub struct Judged {
    pub subject: Subject,
    /// Its errors and warnings, for programs.
    pub validation: Value,
}

/// Upper bound on the findings that are told.
const MAX_TOLD: usize = 20;

/// The target of a contract text in `folder`, with files that are not on the disk.
pub fn target(
    session: &Session,
    typed: &str,
    folder: &Path,
    text: &str,
    files: &[(String, String)],
) -> Result<Target, Failure> {
    let folder = folder.display().to_string();
    let name = format!("{}/pacto.yaml", typed.trim_end_matches('/'));
    let target = session.text(typed, &name, Arc::from(text), &folder)?;
    let files = files.iter().map(|(path, text)| (path.clone(), Arc::from(text.as_str())));
    Ok(target.with_files(files.collect()))
}

/// Judges it.
///
/// # Errors
/// The contract cannot be read.
pub fn judge(session: &Session, target: Target) -> Result<Judged, Failure> {
    let loaded = session.load(vec![target], Vec::new(), Purpose::VALIDATE);
    let contract = loaded.first(false)?;
    let findings = report::findings(&contract.subject, &loaded.sources());
    let told = findings.into_iter().zip(&contract.subject.checked.diagnostics);
    let told = told.filter(|(_, d)| d.severity >= Severity::Warning).map(|(finding, _)| {
        let keys = ["code", "severity", "message", "path", "file", "range"];
        let each =
            keys.iter().filter_map(|key| Some(((*key).to_owned(), finding.get(key)?.clone())));
        Value::Object(each.collect())
    });
    let subject = contract.subject.clone();
    let validation = json!({
        "valid": subject.is_valid(),
        "errors": subject.count(Severity::Error),
        "warnings": subject.count(Severity::Warning),
        "findings": told.take(MAX_TOLD).collect::<Vec<_>>(),
    });
    Ok(Judged { subject, validation })
}

impl Judged {
    fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.subject.checked.diagnostics.iter().filter(|d| d.severity == Severity::Error)
    }

    /// The errors that `before` had not, by code: places move with an edit.
    pub fn new_errors(&self, before: Option<&Judged>) -> Vec<String> {
        let mut old: Vec<&str> =
            before.into_iter().flat_map(Judged::errors).map(|d| d.rule.code).collect();
        let is_new = |d: &&Diagnostic| match old.iter().position(|code| *code == d.rule.code) {
            Some(at) => {
                old.swap_remove(at);
                false
            }
            None => true,
        };
        let new: Vec<&Diagnostic> = self.errors().filter(is_new).collect();
        new.into_iter().map(|d| format!("{} at {}: {}", d.rule.code, d.path, d.message)).collect()
    }

    /// The refusal of what would be invalid.
    pub fn refusal(&self, errors: &[String]) -> Failure {
        let first = errors.iter().take(5).cloned().collect::<Vec<_>>().join("; ");
        Failure::new("WOULD_BE_INVALID", format!("nothing was written: {first}"))
            .hint("mend these in the same call; pacto_explain_rule says what a code means")
            .details(self.validation.clone())
    }
}
