//! SARIF 2.1.0 (OASIS), for code scanning.

use serde_json::{Map, Value, json};

use super::Subject;
use crate::check::rules::RULES;
use crate::check::{Diagnostic, ResolvedFix, Rule, Severity};
use crate::report::sarif::{Run, level, region, uri};
use crate::report::{Range, Sources, located, placed};

/// One run over all contracts. `tool_version` is that of the program.
pub fn sarif(subjects: &[Subject], sources: &dyn Sources, tool_version: &str) -> Value {
    let all = subjects.iter().flat_map(|subject| &subject.checked.diagnostics);
    let results: Vec<Value> =
        all.filter(|d| d.severity > Severity::Hint).map(|d| result(d, sources)).collect();
    let rules = RULES.iter().map(rule).collect();
    Run { tool_version, rules, results, invocation: None }.log()
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "shortDescription": {"text": rule.summary()},
        "help": {"text": rule.docs, "markdown": rule.docs},
        "defaultConfiguration": {"level": level(rule.severity.into())},
        "properties": {"layer": rule.layer.text()},
    })
}

fn location(file: &str, range: Range) -> Map<String, Value> {
    let mut location = Map::new();
    let physical = json!({"artifactLocation": {"uri": uri(file)}, "region": region(range)});
    location.insert("physicalLocation".into(), physical);
    location
}

fn result(diagnostic: &Diagnostic, sources: &dyn Sources) -> Value {
    let index = RULES.iter().position(|rule| rule.code == diagnostic.rule.code);
    let mut result = json!({
        "ruleId": diagnostic.rule.code,
        "ruleIndex": index.map_or(-1, |i| i as i64),
        "level": level(diagnostic.severity.into()),
        "message": {"text": diagnostic.message},
    });
    let place = placed(sources, diagnostic);
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
