//! Readiness: how it is judged, and its checks by their ids. The history grows with every release
//! and is not compared.

use super::differ::{Differ, Element, Pair, Said, anchor, below, change_type, elements};
use crate::diff::class::ChangeType::{Added, Modified, Removed};
use crate::diff::docs::equal;
use crate::diff::path::keyed;
use crate::diff::rules::contract as fields;
use crate::value::Value;

impl Differ<'_> {
    pub(super) fn readiness(&mut self, readiness: Pair<'_>) {
        match change_type(readiness) {
            Some(ty @ (Added | Removed)) => {
                let said = Said {
                    old_at: readiness.0.map(anchor),
                    new_at: readiness.1.map(anchor),
                    ..Said::default()
                };
                return self.row(fields::READINESS, ty, said);
            }
            Some(Modified) => {}
            None => return,
        }
        for field in [
            fields::READINESS_EXPIRES,
            fields::READINESS_MIN_SCORE,
            fields::READINESS_PARTIAL_CREDIT,
        ] {
            self.scalar(field, "", below(readiness, field.key()));
        }
        let checks = below(readiness, "checks");
        let id = |check: &Value| check.get("id").and_then(Value::as_str).map(str::to_owned);
        self.checks(&elements(checks.0, id), &elements(checks.1, id));
    }

    fn checks(&mut self, was: &[Element<'_>], is: &[Element<'_>]) {
        let field = fields::READINESS_CHECKS;
        let path = |check: &Element<'_>| Some(keyed("", field.path, &check.name));
        for a in was {
            match is.iter().find(|b| b.name == a.name) {
                Some(b) if !equal(a.value, b.value) => {
                    let said = Said {
                        path: path(a),
                        old: Some(in_short(a.value).into()),
                        new: Some(in_short(b.value).into()),
                        old_at: Some(a.at.clone()),
                        new_at: Some(b.at.clone()),
                        ..Said::default()
                    };
                    self.row(field, Modified, said);
                }
                Some(_) => {}
                None => self.element(field, path(a), Removed, a),
            }
        }
        for b in is.iter().filter(|b| !was.iter().any(|a| a.name == b.name)) {
            self.element(field, path(b), Added, b);
        }
    }
}

/// What counts of a check.
fn in_short(check: &Value) -> String {
    let text = |key: &str| match check.get(key).map(Value::to_json) {
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => "?".to_owned(),
    };
    format!("status={} weight={} evidence={}", text("status"), text("weight"), text("evidence"))
}
