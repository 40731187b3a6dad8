//! GitHub workflow commands, which a runner shows as annotations of the changed lines.

use super::{Comparison, value};
use crate::diff::Class;

/// One command for each change that may break somebody; for all with `with_harmless`.
pub fn github(comparison: &Comparison<'_>, with_harmless: bool) -> String {
    let mut out = String::new();
    for row in &comparison.report.changes {
        let change = &row.change;
        let command = match change.class {
            _ if change.is_rollup() || !change.counts() => continue,
            Class::Breaking => "error",
            Class::PotentialBreaking => "warning",
            Class::NonBreaking if with_harmless => "notice",
            Class::NonBreaking => continue,
        };
        let mut properties = Vec::new();
        if let Some(at) = &row.anchor
            && let Some(file) = at.file.as_deref().and_then(|file| (comparison.shown)(file))
        {
            properties.push(format!("file={}", property(&file)));
            properties.push(format!("line={}", at.line));
            properties.push(format!("col={}", at.column));
        }
        properties.push(format!("title={}", property(&change.rule_id())));
        let values = match (&change.old, &change.new) {
            (Some(old), Some(new)) => format!(" [{} -> {}]", value(old), value(new)),
            _ => String::new(),
        };
        let message = format!("{} ({}): {}{values}", change.path, change.ty.text(), change.reason);
        out.push_str(&format!("::{command} {}::{}\n", properties.join(","), data(&message)));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
