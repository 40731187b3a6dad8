//! For pull requests and chat.

use super::Subject;
use crate::check::Severity;
use crate::report::{Sources, cell, located};

/// The result of one contract.
pub fn markdown(subject: &Subject, sources: &dyn Sources) -> String {
    let name = subject.name.as_deref().unwrap_or(&subject.argument);
    let verdict = if subject.is_valid() { "**Valid**" } else { "**Invalid**" };
    let mut out = format!("## Validation: {}\n\n{verdict}\n", cell(name));
    let shown: Vec<_> =
        subject.checked.diagnostics.iter().filter(|d| d.severity > Severity::Hint).collect();
    if !shown.is_empty() {
        out.push_str("\n| Severity | Code | Path | Message |\n|---|---|---|---|\n");
    }
    for diagnostic in shown {
        let path = if diagnostic.path.is_empty() {
            located(sources, diagnostic.file.as_deref(), diagnostic.span)
                .map_or(String::new(), |(file, range)| format!("{file}:{}", range.start_line))
        } else {
            diagnostic.path.clone()
        };
        out.push_str(&format!(
            "| {} | `{}` | `{}` | {} |\n",
            diagnostic.severity.text(),
            diagnostic.rule.code,
            cell(&path),
            cell(&diagnostic.message)
        ));
    }
    out
}
