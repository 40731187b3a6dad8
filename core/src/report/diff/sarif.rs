//! SARIF 2.1.0 (OASIS), for code scanning.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Comparison, weight};
use crate::db::{Located, LocatedChange};
use crate::diff::{Level, Rule};
use crate::report::sarif::{Run, level, region, uri};
use crate::report::{Range, Weight};

/// Code scanning takes no more than this of one run; the worst are kept.
const MAX_RESULTS: usize = 25_000;

/// One run over all changes. `tool_version` is that of the program.
pub fn sarif(comparison: &Comparison<'_>, tool_version: &str) -> Value {
    let report = comparison.report;
    let mut rows: Vec<&LocatedChange> =
        report.changes.iter().map(|row| &**row).filter(|row| !row.change.is_rollup()).collect();
    let left_out = rows.len().saturating_sub(MAX_RESULTS);
    if left_out > 0 {
        rows.sort_by_key(|row| std::cmp::Reverse(row.change.class));
        rows.truncate(MAX_RESULTS);
    }
    // Rules in the order in which they first occur.
    let mut indices: BTreeMap<String, usize> = BTreeMap::new();
    let mut rules: Vec<Value> = Vec::new();
    let mut results: Vec<Value> = Vec::new();
    for row in &rows {
        let id = row.change.rule_id();
        let index = *indices.entry(id.clone()).or_insert(rules.len());
        if index == rules.len() {
            rules.push(rule(&id, row.change.rule));
        }
        results.push(result(row, &id, index, comparison));
    }
    let mut notifications: Vec<Value> = report
        .problems
        .iter()
        .map(|problem| {
            let weight = match problem.problem.level {
                Level::Error => Weight::Error,
                Level::Warning => Weight::Warning,
                Level::Info => Weight::Note,
            };
            json!({
                "level": level(weight),
                "message": {"text": problem.problem.message},
                "descriptor": {"id": problem.problem.code},
            })
        })
        .collect();
    if left_out > 0 {
        let text = format!("{left_out} changes are left out; the worst are kept");
        notifications.push(json!({"level": "warning", "message": {"text": text}}));
    }
    let is_whole = !report.problems.iter().any(|p| p.problem.level == Level::Error);
    let mut invocation = json!({"executionSuccessful": is_whole});
    if !notifications.is_empty() {
        invocation["toolExecutionNotifications"] = notifications.into();
    }
    Run { tool_version, rules, results, invocation: Some(invocation) }.log()
}

fn rule(id: &str, rule: &Rule) -> Value {
    json!({
        "id": id,
        "shortDescription": {"text": rule.reason},
    })
}

fn location(at: &Located, comparison: &Comparison<'_>) -> Value {
    let shown = at.file.as_deref().and_then(|file| (comparison.shown)(file));
    let uri = uri(shown.as_deref().unwrap_or(&at.name));
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": region(Range {
            start_line: at.line,
            start_column: at.column,
            end_line: at.end_line,
            end_column: at.end_column,
        }),
    }})
}

fn result(row: &LocatedChange, id: &str, index: usize, comparison: &Comparison<'_>) -> Value {
    let change = &row.change;
    let text = format!("{} ({}): {}", change.path, change.ty.text(), change.reason);
    let mut properties = json!({
        "path": change.path,
        "type": change.ty.text(),
        "classification": change.class.text(),
    });
    for (key, value) in [("oldValue", &change.old), ("newValue", &change.new)] {
        if let Some(value) = value {
            properties[key] = value.clone();
        }
    }
    if let Some(side) = change.side {
        properties["side"] = side.text().into();
    }
    let mut out = json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": level(weight(change.class)),
        "message": {"text": text},
        "partialFingerprints": {"pactoChange/v1": change.fingerprint()},
        "properties": properties,
    });
    if let Some(anchor) = &row.anchor {
        out["locations"] = json!([location(anchor, comparison)]);
    }
    if let Some(old) = &row.old {
        let mut related = location(old, comparison);
        related["physicalLocation"]["artifactLocation"] = json!({"uri": uri(&old.name)});
        related["message"] = json!({"text": "before the change"});
        out["relatedLocations"] = json!([related]);
    }
    if let Some(ignored) = &change.ignored {
        out["suppressions"] = json!([{"kind": "external", "justification": ignored.reason}]);
    }
    out
}
