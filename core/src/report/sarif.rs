//! SARIF 2.1.0 (OASIS), for code scanning.

use serde_json::{Map, Value, json};

use super::{Range, Sources, Subject, located};
use crate::check::rules::RULES;
use crate::check::{Diagnostic, ResolvedFix, Rule, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run over all contracts. `tool_version` is that of the program.
pub fn sarif(subjects: &[Subject], sources: &dyn Sources, tool_version: &str) -> Value {
    let all = subjects.iter().flat_map(|subject| &subject.checked.diagnostics);
    let results: Vec<Value> =
        all.filter(|d| d.severity > Severity::Hint).map(|d| result(d, sources)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "pacto",
                "version": tool_version,
                "semanticVersion": tool_version,
                "informationUri": "https://github.com/pacto/pacto",
                "rules": RULES.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "shortDescription": {"text": rule.summary()},
        "help": {"text": rule.docs, "markdown": rule.docs},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"layer": rule.layer.text()},
    })
}

fn region(range: Range) -> Value {
    json!({
        "startLine": range.start_line,
        "startColumn": range.start_column,
        "endLine": range.end_line,
        "endColumn": range.end_column,
    })
}

fn location(file: &str, range: Range) -> Map<String, Value> {
    let mut location = Map::new();
    let physical = json!({"artifactLocation": {"uri": uri(file)}, "region": region(range)});
    location.insert("physicalLocation".into(), physical);
    location
}

/// A path as a relative URI reference (RFC 3986).
pub(super) fn uri(path: &str) -> String {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/".contains(b);
    let encode = |b: u8| if is_plain(&b) { (b as char).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(encode).collect()
}

fn result(diagnostic: &Diagnostic, sources: &dyn Sources) -> Value {
    let index = RULES.iter().position(|rule| rule.code == diagnostic.rule.code);
    let mut result = json!({
        "ruleId": diagnostic.rule.code,
        "ruleIndex": index.map_or(-1, |i| i as i64),
        "level": level(diagnostic.severity),
        "message": {"text": diagnostic.message},
    });
    let place = located(sources, diagnostic.file.as_deref(), diagnostic.span);
    if let Some((file, range)) = place {
        let mut location = location(&file, range);
        if !diagnostic.path.is_empty() {
            let logical = json!([{"fullyQualifiedName": diagnostic.path}]);
            location.insert("logicalLocations".into(), logical);
        }
        result["locations"] = json!([location]);
    }
    let related: Vec<Value> = diagnostic
        .related
        .iter()
        .filter_map(|related| {
            let (file, range) = located(sources, Some(&related.file), related.span)?;
            let mut location = location(&file, range);
            location.insert("message".into(), json!({"text": related.message}));
            Some(Value::Object(location))
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    let fixes: Vec<Value> = diagnostic.fixes.iter().filter_map(|f| fix(f, sources)).collect();
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    result
}

fn fix(fix: &ResolvedFix, sources: &dyn Sources) -> Option<Value> {
    let changes: Vec<Value> = fix
        .edits
        .iter()
        .filter_map(|(file, edit)| {
            let (shown, range) = located(sources, Some(file), edit.span)?;
            Some(json!({
                "artifactLocation": {"uri": uri(&shown)},
                "replacements": [{
                    "deletedRegion": region(range),
                    "insertedContent": {"text": edit.text},
                }],
            }))
        })
        .collect();
    (!changes.is_empty())
        .then(|| json!({"description": {"text": fix.title}, "artifactChanges": changes}))
}
