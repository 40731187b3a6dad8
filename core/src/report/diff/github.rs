//! As annotations of the changed lines by GitHub.

use super::{Comparison, value, weight};
use crate::diff::Class;
use crate::report::github::{Place, command};

/// One command for each change that may break somebody; for all with `with_harmless`.
pub fn github(comparison: &Comparison<'_>, with_harmless: bool) -> String {
    let mut out = String::new();
    for row in &comparison.report.changes {
        let change = &row.change;
        if change.is_rollup() || !change.counts() {
            continue;
        }
        if change.class == Class::NonBreaking && !with_harmless {
            continue;
        }
        let shown = row.anchor.as_ref().and_then(|at| {
            let file = (comparison.shown)(at.file.as_deref()?)?;
            Some((file, [("line", at.line), ("col", at.column)]))
        });
        let place = shown.as_ref().map(|(file, numbers)| Place { file, numbers });
        let values = match (&change.old, &change.new) {
            (Some(old), Some(new)) => format!(" [{} -> {}]", value(old), value(new)),
            _ => String::new(),
        };
        let message = format!("{} ({}): {}{values}", change.path, change.ty.text(), change.reason);
        out.push_str(&command(weight(change.class), place, &change.rule_id(), &message));
    }
    out
}
