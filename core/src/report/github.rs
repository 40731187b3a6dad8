//! GitHub workflow commands, which a runner shows as annotations of the changed lines.

use super::{Sources, Subject, located};
use crate::check::Severity;

/// One command for each finding of severity warning or above, and each note.
pub fn github(subject: &Subject, sources: &dyn Sources) -> String {
    let mut out = String::new();
    for diagnostic in &subject.checked.diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
            Severity::Hint => continue,
        };
        let mut properties = Vec::new();
        if let Some((file, range)) = located(sources, diagnostic.file.as_deref(), diagnostic.span) {
            properties.push(format!("file={}", property(&file)));
            properties.push(format!("line={}", range.start_line));
            properties.push(format!("endLine={}", range.end_line));
            properties.push(format!("col={}", range.start_column));
            properties.push(format!("endColumn={}", range.end_column));
        }
        properties.push(format!("title={}", property(diagnostic.rule.code)));
        let path = if diagnostic.path.is_empty() {
            String::new()
        } else {
            format!("{}: ", diagnostic.path)
        };
        let message = data(&format!("{path}{}", diagnostic.message));
        out.push_str(&format!("::{command} {}::{message}\n", properties.join(",")));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
