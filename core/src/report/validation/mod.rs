//! Renderings of the findings of validated contracts.

mod github;
mod json;
mod markdown;
mod sarif;
mod text;

use crate::check::{Diagnostic, Kept, Severity};
use crate::db::Checked;

pub use github::github;
pub use json::{findings, json};
pub use markdown::markdown;
pub use sarif::sarif;
pub use text::{TextOptions, text};

/// One validated contract.
#[derive(Clone)]
pub struct Subject {
    /// The argument as it was typed.
    pub argument: String,
    pub name: Option<String>,
    pub version: Option<String>,
    pub checked: Checked,
    /// The policies that bind it.
    pub policies: Vec<Kept>,
    /// Whether warnings count as errors.
    pub is_strict: bool,
}

impl Subject {
    /// Whether no finding makes the contract invalid.
    pub fn is_valid(&self) -> bool {
        let bound = if self.is_strict { Severity::Warning } else { Severity::Error };
        self.checked.diagnostics.iter().all(|d| d.severity < bound)
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.checked.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
        self.checked.diagnostics.iter().filter(move |d| d.severity == severity)
    }
}
