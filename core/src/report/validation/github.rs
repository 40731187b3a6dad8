//! As annotations of lines by GitHub.

use super::Subject;
use crate::check::Severity;
use crate::report::github::{Place, command};
use crate::report::{Sources, placed};

/// One command for each finding of severity warning or above, and each note.
pub fn github(subject: &Subject, sources: &dyn Sources) -> String {
    let mut out = String::new();
    for diagnostic in &subject.checked.diagnostics {
        if diagnostic.severity <= Severity::Hint {
            continue;
        }
        let located = placed(sources, diagnostic);
        let numbers = located.as_ref().map(|(_, range)| {
            [
                ("line", range.start_line),
                ("endLine", range.end_line),
                ("col", range.start_column),
                ("endColumn", range.end_column),
            ]
        });
        let place = located.as_ref().zip(numbers.as_ref());
        let place = place.map(|((file, _), numbers)| Place { file, numbers });
        let message = match diagnostic.path.as_str() {
            "" => diagnostic.message.clone(),
            path => format!("{path}: {}", diagnostic.message),
        };
        out.push_str(&command(diagnostic.severity.into(), place, diagnostic.rule.code, &message));
    }
    out
}
