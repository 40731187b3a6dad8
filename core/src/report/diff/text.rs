//! For people: the worst first.

use std::sync::Arc;

use super::{Comparison, class_text, folded, reason, sbom_line, tree, value};
use crate::db::LocatedChange;
use crate::diff::{Class, SbomChange};
use crate::report::sanitise;
use crate::report::style::{Style, paint};

/// The report as text; with colours where `colour` says so.
pub fn text(comparison: &Comparison<'_>, colour: bool) -> String {
    let report = comparison.report;
    let mut out =
        format!("Classification: {}\n", painted(report.class, report.class.text(), colour));
    if report.changes.is_empty() {
        out.push_str("No changes detected.\n");
    } else {
        out.push_str(&format!("Changes ({}):\n", report.changes.len()));
        rows(&mut out, &report.changes, colour);
    }
    for dependency in &report.dependencies {
        out.push_str(&format!(
            "\nDependency {} [{}] ({}):\n",
            sanitise(&dependency.name),
            painted(dependency.class, dependency.class.text(), colour),
            dependency.changes.len()
        ));
        rows(&mut out, &dependency.changes, colour);
        sbom(&mut out, &dependency.sbom.changes);
    }
    if let Some(graph) = report
        .graph
        .as_ref()
        .filter(|graph| !graph.changes.is_empty() || !graph.unresolved.is_empty())
    {
        out.push_str("\nDependency graph changes:\n");
        out.push_str(&tree(&graph.root));
    }
    sbom(&mut out, &report.sbom.changes);
    if let Some(code) = report.advice.code {
        let sentence = sanitise(&report.advice.sentence);
        out.push_str(&format!("\nVersion advice: {sentence} [{}]\n", code.text()));
    }
    out
}

fn painted(class: Class, text: &str, is_coloured: bool) -> String {
    let style = match class {
        Class::Breaking => Style::Red,
        Class::PotentialBreaking => Style::Yellow,
        Class::NonBreaking => Style::Green,
    };
    paint(text, style, is_coloured)
}

/// The worst first, what is ignored last; otherwise in contract order.
fn rows(out: &mut String, changes: &[Arc<LocatedChange>], colour: bool) {
    let mut rows = folded(changes);
    rows.sort_by_key(|(row, _)| {
        (row.change.ignored.is_some(), std::cmp::Reverse(row.change.class))
    });
    for (row, count) in rows {
        let change = &row.change;
        let values = match (&change.old, &change.new) {
            (Some(old), Some(new)) => format!(" [{} -> {}]", value(old), value(new)),
            (None, Some(new)) => format!(" [+ {}]", value(new)),
            (Some(old), None) => format!(" [- {}]", value(old)),
            (None, None) => String::new(),
        };
        out.push_str(&format!(
            "  [{}] {} ({}): {}{values}\n",
            painted(change.class, &class_text(row), colour),
            sanitise(&change.path),
            change.ty.text(),
            reason(row, count)
        ));
    }
}

fn sbom(out: &mut String, changes: &[SbomChange]) {
    if !changes.is_empty() {
        out.push_str(&format!("\nSBOM changes ({}):\n", changes.len()));
        for change in changes {
            out.push_str(&format!("  {}\n", sbom_line(change)));
        }
    }
}
