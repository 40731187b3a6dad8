//! For programs: everything, in contract order.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Comparison;
use crate::db::{DependencyDiff, Located, LocatedChange, LocatedProblem};
use crate::diff::{Class, GraphDiff, GraphNode, NodeChange, SbomDiff};

/// The report as JSON.
pub fn json(comparison: &Comparison<'_>) -> Value {
    let report = comparison.report;
    let mut out = json!({
        "schemaVersion": 1,
        "oldPath": comparison.old_path,
        "newPath": comparison.new_path,
        "classification": report.class.text(),
        "summary": {
            "breaking": report.count(Class::Breaking),
            "potentialBreaking": report.count(Class::PotentialBreaking),
            "nonBreaking": report.count(Class::NonBreaking),
            "ignored": ignored(&report.changes),
        },
        "changes": report.changes.iter().map(|row| change(row)).collect::<Vec<_>>(),
    });
    if !report.dependencies.is_empty() {
        out["dependencyDiffs"] = report.dependencies.iter().map(dependency).collect();
    }
    if let Some(graph) = &report.graph
        && (graph.root.has_change() || !graph.unresolved.is_empty())
    {
        out["graphDiff"] = graph_diff(graph);
    }
    if !report.sbom.changes.is_empty() {
        out["sbomDiff"] = sbom(&report.sbom);
    }
    let advice = &report.advice;
    let mut said = json!({"old": advice.old, "new": advice.new});
    if let Some(minimum) = &advice.minimum {
        said["required"] = advice.required.text().into();
        said["minimum"] = minimum.as_str().into();
    }
    said["ok"] = advice.is_ok().into();
    if let Some(code) = advice.code {
        said["code"] = code.text().into();
        said["message"] = advice.sentence.as_str().into();
    }
    out["versionAdvice"] = said;
    if let Some(date) = report.as_of {
        out["asOf"] = date.to_string().into();
    }
    out["diagnostics"] = report.problems.iter().map(problem).collect();
    out
}

fn ignored(changes: &[Arc<LocatedChange>]) -> usize {
    changes.iter().filter(|row| !row.change.counts() && !row.change.is_rollup()).count()
}

fn span(at: &Located) -> Value {
    json!({
        "file": at.name,
        "line": at.line,
        "col": at.column,
        "endLine": at.end_line,
        "endCol": at.end_column,
    })
}

/// A row.
pub fn change(row: &LocatedChange) -> Value {
    let change = &row.change;
    let mut out = Map::new();
    out.insert("path".into(), change.path.as_str().into());
    out.insert("type".into(), change.ty.text().into());
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    };
    put("oldValue", change.old.clone());
    put("newValue", change.new.clone());
    put("classification", Some(change.class.text().into()));
    put("reason", Some(change.reason.as_str().into()));
    put("rule", Some(change.rule_id().into()));
    put("subject", change.subject.as_deref().map(Into::into));
    put("side", change.side.map(|side| side.text().into()));
    put("oldSpan", row.old.as_ref().map(span));
    put("newSpan", row.new.as_ref().map(span));
    let anchor = row.anchor.as_ref();
    put("anchor", anchor.map(|at| json!({"file": at.name, "line": at.line, "col": at.column})));
    put("rollup", change.is_rollup().then_some(true.into()));
    put("origin", change.origin.as_deref().map(Into::into));
    put("fingerprint", Some(change.fingerprint().into()));
    put(
        "ignored",
        change.ignored.as_ref().map(|ignored| match &ignored.until {
            Some(until) => json!({"reason": ignored.reason, "until": until}),
            None => json!({"reason": ignored.reason}),
        }),
    );
    let hints = (!change.hints.is_empty()).then(|| change.hints.clone().into());
    put("hints", hints);
    out.into()
}

fn dependency(dependency: &DependencyDiff) -> Value {
    let mut out = json!({
        "name": dependency.name,
        "oldVersion": dependency.old_version,
        "newVersion": dependency.new_version,
        "classification": dependency.class.text(),
        "changes": dependency.changes.iter().map(|row| change(row)).collect::<Vec<_>>(),
    });
    if !dependency.sbom.changes.is_empty() {
        out["sbomDiff"] = sbom(&dependency.sbom);
    }
    out["via"] = dependency.via.clone().into();
    out
}

fn node_change(name: &str, change: &NodeChange) -> Value {
    match change {
        NodeChange::Added { new } => {
            json!({"name": name, "changeType": "added", "newVersion": new})
        }
        NodeChange::Removed { old } => {
            json!({"name": name, "changeType": "removed", "oldVersion": old})
        }
        NodeChange::Version { old, new } => json!({
            "name": name, "changeType": "version_changed", "oldVersion": old, "newVersion": new,
        }),
    }
}

fn graph_diff(graph: &GraphDiff) -> Value {
    let changes: Vec<Value> =
        graph.changes.iter().map(|change| node_change(&change.name, &change.change)).collect();
    let mut out = json!({"root": node(&graph.root), "changes": changes});
    if !graph.unresolved.is_empty() {
        out["incomplete"] = true.into();
    }
    if !graph.cycles.is_empty() {
        out["cycles"] = graph.cycles.clone().into();
    }
    if !graph.conflicts.is_empty() {
        let each = graph.conflicts.iter();
        out["conflicts"] = each
            .map(|conflict| json!({"name": conflict.name, "versions": conflict.versions}))
            .collect();
    }
    out
}

fn node(node: &GraphNode) -> Value {
    let mut out = json!({"name": node.name, "version": node.version});
    if let Some(change) = &node.change {
        out["change"] = node_change(&node.name, change);
    }
    for (key, is) in
        [("shared", node.is_shared), ("unresolved", node.is_unresolved), ("local", node.is_local)]
    {
        if is {
            out[key] = true.into();
        }
    }
    if !node.children.is_empty() {
        out["children"] = node.children.iter().map(self::node).collect();
    }
    out
}

fn sbom(diff: &SbomDiff) -> Value {
    let changes = diff.changes.iter().map(|change| {
        let mut out = json!({
            "package": change.package,
            "type": change.ty().text(),
            "field": change.field,
        });
        for (key, value) in
            [("oldValue", &change.old), ("newValue", &change.new), ("purl", &change.purl)]
        {
            if let Some(value) = value {
                out[key] = value.as_str().into();
            }
        }
        out
    });
    let mut out = Map::new();
    for (key, format) in [("oldFormat", diff.old_format), ("newFormat", diff.new_format)] {
        if let Some(format) = format {
            out.insert(key.into(), format.into());
        }
    }
    out.insert("changes".into(), changes.collect());
    out.into()
}

/// Something that was not compared.
pub fn problem(problem: &LocatedProblem) -> Value {
    let mut out = json!({
        "code": problem.problem.code,
        "level": problem.problem.level.text(),
        "side": problem.side.text(),
        "message": problem.problem.message,
    });
    if let Some(at) = &problem.at {
        out["file"] = at.name.as_str().into();
        out["line"] = at.line.into();
        out["col"] = at.column.into();
    }
    out
}
