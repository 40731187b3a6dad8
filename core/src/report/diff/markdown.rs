//! For pull requests: tables in contract order.

use std::sync::Arc;

use super::{Comparison, class_text, folded, problem_line, reason, tree, value};
use crate::db::LocatedChange;
use crate::diff::SbomChange;
use crate::report::{cell, sanitise};

/// The report as Markdown (GitHub's dialect).
pub fn markdown(comparison: &Comparison<'_>) -> String {
    let report = comparison.report;
    let mut out = format!("## Contract Diff\n\n**Classification:** `{}`\n", report.class.text());
    if report.changes.is_empty() {
        out.push_str("\nNo changes detected.\n");
    } else {
        out.push_str(&format!("\n### Changes ({})\n\n", report.changes.len()));
        table(&mut out, &report.changes);
    }
    for dependency in &report.dependencies {
        let (name, class) = (cell(&dependency.name), dependency.class.text());
        out.push_str(&format!("\n### Dependency: {name} (`{class}`)\n\n"));
        table(&mut out, &dependency.changes);
    }
    if let Some(graph) = report
        .graph
        .as_ref()
        .filter(|graph| !graph.changes.is_empty() || !graph.unresolved.is_empty())
    {
        out.push_str("\n### Dependency Graph Changes\n\n```\n");
        out.push_str(&tree(&graph.root).replace('`', "'"));
        out.push_str("```\n");
    }
    sbom(&mut out, &report.sbom.changes);
    if let Some(code) = report.advice.code {
        let sentence = cell(&report.advice.sentence);
        out.push_str(&format!("\n### Version Advice\n\n{sentence} (`{}`)\n", code.text()));
    }
    if !report.problems.is_empty() {
        out.push_str("\n### Diagnostics\n\n");
        for problem in &report.problems {
            out.push_str(&format!("- {}\n", cell(&problem_line(problem))));
        }
    }
    out
}

/// A value as code in a cell; a dash where there is none.
fn code(json: Option<&serde_json::Value>) -> String {
    match json.map(value) {
        None => "—".to_owned(),
        Some(text) if text.is_empty() => "\"\"".to_owned(),
        Some(text) => {
            let text = sanitise(&text).replace('|', "\\|");
            if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
        }
    }
}

fn table(out: &mut String, changes: &[Arc<LocatedChange>]) {
    out.push_str("| Classification | Path | Change | Old | New | Reason |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    for (row, count) in folded(changes) {
        let change = &row.change;
        out.push_str(&format!(
            "| {} | `{}` | {} | {} | {} | {} |\n",
            class_text(row),
            sanitise(&change.path).replace('|', "\\|").replace('`', "'"),
            change.ty.text(),
            code(change.old.as_ref()),
            code(change.new.as_ref()),
            cell(&reason(row, count)),
        ));
    }
}

fn sbom(out: &mut String, changes: &[SbomChange]) {
    if changes.is_empty() {
        return;
    }
    out.push_str(
        "\n### SBOM Changes\n\n| Package | Type | Field | Old | New |\n|---|---|---|---|---|\n",
    );
    for change in changes {
        let shown = |text: &Option<String>| {
            text.as_deref().map_or_else(|| "—".to_owned(), |text| format!("`{}`", cell(text)))
        };
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            cell(&change.package),
            change.ty().text(),
            change.field,
            shown(&change.old),
            shown(&change.new)
        ));
    }
}
