//! Renderings of a comparison (3-diff, "Output formats").

mod github;
mod json;
mod markdown;
mod sarif;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::db::{DiffReport, LocatedChange, LocatedProblem};
use crate::diff::{ChangeType, Class, GraphNode, NodeChange, SbomChange};
use crate::graph::EdgeKind;
use crate::report::{Weight, line, sanitise};

pub use github::github;
pub use json::json;
pub use markdown::markdown;
pub use sarif::sarif;
pub use text::text;

/// A comparison with the names of its sides.
pub struct Comparison<'r> {
    /// As they were typed.
    pub old_path: String,
    pub new_path: String,
    pub report: &'r DiffReport,
    /// How a file of the new side is shown to tools; none for those in registries.
    pub shown: &'r dyn Fn(&str) -> Option<String>,
}

/// Longer values are cut.
const MAX_VALUE: usize = 120;

/// A value as people read it.
fn value(json: &Json) -> String {
    let text = match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == MAX_VALUE {
            out.push('…');
            break;
        }
        match c {
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    sanitise(&out).into_owned()
}

/// Rows that say the same of one shared definition are shown once: which, and at how many places.
fn folded(changes: &[Arc<LocatedChange>]) -> Vec<(&LocatedChange, usize)> {
    let key = |row: &LocatedChange| {
        let change = &row.change;
        let origin = change.origin.clone()?;
        let values = format!("{:?} {:?}", change.old, change.new);
        Some((origin, change.rule_id(), change.side, change.ty, values, change.ignored.is_some()))
    };
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for row in changes {
        if let Some(key) = key(row) {
            *places.entry(key).or_default() += 1;
        }
    }
    let mut out = Vec::new();
    for row in changes {
        match key(row) {
            None => out.push((&**row, 1)),
            Some(key) => {
                if let Some(count) = places.remove(&key) {
                    out.push((&**row, count));
                }
            }
        }
    }
    out
}

fn elsewhere(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        2 => " (and 1 other place)".to_owned(),
        n => format!(" (and {} other places)", n - 1),
    }
}

/// The reason of a row with the number of other places.
fn reason(row: &LocatedChange, count: usize) -> String {
    format!("{}{}", sanitise(&row.change.reason), elsewhere(count))
}

/// The branches of a dependency tree that changed.
fn tree(root: &GraphNode) -> String {
    let mut out = format!("{}\n", sanitise(&root.name));
    branches(root, "", &mut out);
    out
}

fn branches(node: &GraphNode, indent: &str, out: &mut String) {
    let shown: Vec<&GraphNode> =
        node.children.iter().filter(|child| child.has_change() || child.is_unresolved).collect();
    for (i, child) in shown.iter().enumerate() {
        let is_last = i + 1 == shown.len();
        let branch = if is_last { "└─ " } else { "├─ " };
        let kind = match child.kind {
            EdgeKind::Dependency => "",
            EdgeKind::Configuration => " [config]",
            EdgeKind::Policy => " [policy]",
        };
        let name = format!("{}{kind}", sanitise(&child.name));
        let line = match &child.change {
            _ if child.is_unresolved => format!("{name}  (unresolved)"),
            None => name,
            Some(change) => format!("{name:<14}{}{}", pad(&name), change_text(change)),
        };
        out.push_str(&format!("{indent}{branch}{line}\n"));
        let below = format!("{indent}{}", if is_last { "   " } else { "│  " });
        branches(child, &below, out);
    }
}

/// A name that fills its column is still followed by a blank.
fn pad(name: &str) -> &'static str {
    if name.chars().count() >= 14 { " " } else { "" }
}

fn change_text(change: &NodeChange) -> String {
    match change {
        NodeChange::Added { new } => format!("+{}", sanitise(new)),
        NodeChange::Removed { old } => format!("-{}", sanitise(old)),
        NodeChange::Version { old, new } => format!("{} → {}", sanitise(old), sanitise(new)),
    }
}

fn sbom_line(change: &SbomChange) -> String {
    let package = sanitise(&change.package);
    let text = |value: &Option<String>| sanitise(value.as_deref().unwrap_or("")).into_owned();
    match change.ty() {
        ChangeType::Added => format!("+ {package}@{}", text(&change.new)),
        ChangeType::Removed => format!("- {package}@{}", text(&change.old)),
        ChangeType::Modified => {
            format!("~ {package} {}: {} -> {}", change.field, text(&change.old), text(&change.new))
        }
    }
}

/// What was not compared, one line each.
pub fn problem_line(problem: &LocatedProblem) -> String {
    let problem_at = problem.at.as_ref().map(|at| (at.name.as_str(), at.line, at.column));
    let LocatedProblem { problem, side, .. } = problem;
    let line = line(problem.level.text(), problem.code, problem_at, &problem.message);
    format!("{line} ({} side)", side.text())
}

fn weight(class: Class) -> Weight {
    match class {
        Class::Breaking => Weight::Error,
        Class::PotentialBreaking => Weight::Warning,
        Class::NonBreaking => Weight::Note,
    }
}

fn class_text(row: &LocatedChange) -> String {
    let class: Class = row.change.class;
    match row.change.ignored {
        Some(_) => format!("IGNORED {}", class.text()),
        None => class.text().to_owned(),
    }
}
