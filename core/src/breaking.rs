//! What an editor shows of a comparison with the baseline: hints where they belong, the counts, and
//! edits that restore or raise the version (9-lsp, "Breaking-change hints").

use std::collections::BTreeMap;

use crate::db::{Baseline, DiffReport, Located, LocatedChange};
use crate::diff::{Advice, AdviceCode, Bump, ChangeType, Class};
use crate::text::{Span, TextEdit};
use crate::value::Value;
use crate::yaml::{Kind, NodeId, Tree};

/// One finding of the breaking layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// The absolute path of the file.
    pub file: String,
    pub span: Span,
    pub class: Class,
    /// `BREAKING_CHANGE`, `POTENTIAL_BREAKING_CHANGE` or `VERSION_BUMP_REQUIRED`.
    pub code: &'static str,
    pub message: String,
    pub rule: String,
    pub path: String,
    /// Where the element stood: root-relative file and line, for readers.
    pub old: Option<(String, Span)>,
}

/// A text beside a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlay {
    pub file: String,
    pub offset: u32,
    pub label: String,
}

/// Everything that an editor shows of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Breaking {
    pub baseline: Baseline,
    pub breaking: usize,
    pub potential: usize,
    pub hints: Vec<Hint>,
    pub inlays: Vec<Inlay>,
    pub advice: Advice,
    /// Whether the version says what changed.
    pub is_version_enough: bool,
}

/// More findings than this on one span are one.
const MAX_ON_SPAN: usize = 5;
/// Names listed beside a line.
const MAX_NAMES: usize = 3;

/// Reads a comparison for an editor. `version` is where the contract's version stands.
pub fn breaking(
    report: &DiffReport,
    baseline: Baseline,
    version: Option<(String, Span)>,
) -> Breaking {
    let rows: Vec<&LocatedChange> =
        report.changes.iter().filter(|row| !row.change.is_rollup && row.change.counts()).collect();
    let mut hints = hints(&rows);
    let mut inlays = inlays(&rows);
    let is_version_enough = report.advice.is_ok();
    if let (Some((file, span)), Some(AdviceCode::BumpRequired | AdviceCode::Decreased)) =
        (&version, report.advice.code)
    {
        hints.push(Hint {
            file: file.clone(),
            span: *span,
            class: Class::Breaking,
            code: "VERSION_BUMP_REQUIRED",
            message: report.advice.sentence.clone(),
            rule: "VERSION_BUMP_REQUIRED".to_owned(),
            path: "service.version".to_owned(),
            old: None,
        });
        if let Some(minimum) = &report.advice.minimum {
            let label = format!("needs {minimum}");
            inlays.push(Inlay { file: file.clone(), offset: span.end, label });
        }
    }
    let count = |class| rows.iter().filter(|row| row.change.class == class).count();
    Breaking {
        baseline,
        breaking: count(Class::Breaking),
        potential: count(Class::PotentialBreaking),
        hints,
        inlays,
        advice: report.advice.clone(),
        is_version_enough,
    }
}

/// The span that a change is shown on: the value of what was modified, else the key.
fn shown(row: &LocatedChange) -> Option<(&Located, Span)> {
    match (row.change.ty, &row.new) {
        (ChangeType::Modified, Some(new)) => Some((new, new.value)),
        (_, Some(new)) => Some((new, key_of(new))),
        (_, None) => row.anchor.as_ref().map(|anchor| (anchor, key_of(anchor))),
    }
}

/// The key alone, of a key that is shown with its value.
fn key_of(at: &Located) -> Span {
    match at.value.start > at.span.start {
        true => Span { start: at.span.start, end: at.value.start },
        false => at.span,
    }
}

fn message(row: &LocatedChange) -> String {
    let change = &row.change;
    let text = |json: &serde_json::Value| match json.as_str() {
        Some(text) => text.to_owned(),
        None => json.to_string(),
    };
    let values = match (&change.old, &change.new) {
        (Some(old), Some(new)) if !old.is_object() && !new.is_object() => {
            format!(" ({} -> {})", text(old), text(new))
        }
        _ => String::new(),
    };
    format!("{}: {}{values}", change.path, change.reason)
}

fn hints(rows: &[&LocatedChange]) -> Vec<Hint> {
    let mut by_span: BTreeMap<(String, Span, Class), Vec<&LocatedChange>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.change.class > Class::NonBreaking) {
        let Some((at, span)) = shown(row) else { continue };
        let Some(file) = &at.file else { continue };
        by_span.entry((file.clone(), span, row.change.class)).or_default().push(row);
    }
    let mut hints = Vec::new();
    for ((file, span, class), rows) in by_span {
        let code = match class {
            Class::Breaking => "BREAKING_CHANGE",
            _ => "POTENTIAL_BREAKING_CHANGE",
        };
        let hint = |message: String, row: &LocatedChange| Hint {
            file: file.clone(),
            span,
            class,
            code,
            message,
            rule: row.change.rule.clone(),
            path: row.change.path.clone(),
            old: row.old.as_ref().and_then(|at| Some((at.file.clone()?, at.span))),
        };
        if rows.len() > MAX_ON_SPAN {
            let first: Vec<String> =
                rows.iter().take(MAX_ON_SPAN).map(|row| message(row)).collect();
            let text = format!("{} changes here:\n{}\n…", rows.len(), first.join("\n"));
            hints.push(hint(text, rows[0]));
        } else {
            hints.extend(rows.iter().map(|row| hint(message(row), row)));
        }
    }
    hints
}

/// `was …` beside what was modified, `removed: …` beside what lost something.
fn inlays(rows: &[&LocatedChange]) -> Vec<Inlay> {
    let mut removed: BTreeMap<(String, u32), Vec<String>> = BTreeMap::new();
    let mut inlays = Vec::new();
    for row in rows.iter().filter(|row| row.change.class > Class::NonBreaking) {
        let Some((at, span)) = shown(row) else { continue };
        let Some(file) = &at.file else { continue };
        match (row.change.ty, &row.change.old) {
            (ChangeType::Removed, Some(old)) => {
                let name = old.as_str().map_or_else(|| old.to_string(), str::to_owned);
                removed.entry((file.clone(), span.end)).or_default().push(name);
            }
            (ChangeType::Modified, Some(old)) if !old.is_object() && !old.is_array() => {
                let text = old.as_str().map_or_else(|| old.to_string(), str::to_owned);
                // `name: value` of a list's element; the name is on the line already.
                let text = match (&row.change.subject, text.split_once(": ")) {
                    (Some(subject), Some((name, rest))) if subject.contains(name) => {
                        rest.to_owned()
                    }
                    _ => text,
                };
                let label = format!("was {text}");
                inlays.push(Inlay { file: file.clone(), offset: span.end, label });
            }
            _ => {}
        }
    }
    for ((file, offset), mut names) in removed {
        let more = names.len().saturating_sub(MAX_NAMES);
        names.truncate(MAX_NAMES);
        let mut label = format!("removed: {}", names.join(", "));
        if more > 0 {
            label.push_str(&format!(" and {more} more"));
        }
        inlays.push(Inlay { file, offset, label });
    }
    inlays.sort_by(|a, b| (&a.file, a.offset).cmp(&(&b.file, b.offset)));
    inlays
}

impl Breaking {
    /// `4 BREAKING · 2 potential vs 1.2.0 (registry)`.
    pub fn headline(&self) -> String {
        let mut parts = Vec::new();
        if self.breaking > 0 {
            parts.push(format!("{} BREAKING", self.breaking));
        }
        if self.potential > 0 {
            parts.push(format!("{} potential", self.potential));
        }
        let what =
            if parts.is_empty() { "no breaking change".to_owned() } else { parts.join(" · ") };
        format!("{what} vs {}", self.baseline.label)
    }

    /// The version to go to, unless the version is high enough.
    pub fn bump(&self) -> Option<&str> {
        let is_asked = self.advice.required > Bump::None && !self.is_version_enough;
        self.advice.minimum.as_deref().filter(|_| is_asked)
    }
}

/// The edits that raise the version to `to`: of the service, and of image and chart where they have
/// the old one.
pub fn bump_edits(tree: &Tree, contract: &Value, old: Option<&str>, to: &str) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let service = contract.get("service");
    let node = |path: &[&str]| -> Option<(NodeId, String)> {
        let value = path.iter().try_fold(service?, |at, key| at.get(key))?;
        (value.source == 0).then(|| Some((value.node, value.as_str()?.to_owned())))?
    };
    let mut set = |node: NodeId, text: &str| {
        let quoted = match tree.kind(node) {
            Kind::DoubleQuoted => format!("\"{text}\""),
            Kind::SingleQuoted => format!("'{text}'"),
            _ => text.to_owned(),
        };
        edits.push(TextEdit { span: tree.span(node), text: quoted });
    };
    let own = node(&["version"]);
    let current = own.as_ref().map(|(_, text)| text.clone());
    if let Some((node, _)) = own {
        set(node, to);
    }
    let is_old = |version: &str| current.as_deref() == Some(version) || old == Some(version);
    if let Some((node, text)) = node(&["image", "ref"])
        && let Some((name, tag)) = text.rsplit_once(':')
        && is_old(tag)
    {
        set(node, &format!("{name}:{to}"));
    }
    if let Some((node, text)) = node(&["chart", "version"])
        && is_old(&text)
    {
        set(node, to);
    }
    edits
}

/// The edit that puts an element back where it was: a value in the place of the new one, or an
/// entry among those that are left of its siblings. `old_at` and `new_at` are spans of keys or
/// items; `None` where that is not possible in the style of the file.
pub fn restore(
    (old_tree, old_at): (&Tree, Span),
    (new_tree, new_at): (&Tree, Span),
    ty: ChangeType,
) -> Option<TextEdit> {
    let old = entry_at(old_tree, old_at)?;
    match ty {
        ChangeType::Modified => {
            let new = entry_at(new_tree, new_at)?;
            let (a, b) = (value_of(old_tree, old), value_of(new_tree, new));
            let is_line = |tree: &Tree, node: NodeId| {
                tree.kind(node).is_scalar() && !tree.source(node).contains('\n')
            };
            (is_line(old_tree, a) && is_line(new_tree, b))
                .then(|| TextEdit { span: new_tree.span(b), text: old_tree.source(a).to_owned() })
        }
        ChangeType::Removed => reinsert(old_tree, old, new_tree, entry_at(new_tree, new_at)?),
        ChangeType::Added => None,
    }
}

/// The pair or the item that a span belongs to.
fn entry_at(tree: &Tree, span: Span) -> Option<NodeId> {
    let node = tree.deepest_at(span.start);
    tree.ancestors(node).find(|id| matches!(tree.kind(*id), Kind::Pair | Kind::Item))
}

fn value_of(tree: &Tree, entry: NodeId) -> NodeId {
    tree.value(entry)
}

/// What tells an entry from its siblings: the key, or the `name` of an item.
fn name_of(tree: &Tree, entry: NodeId) -> String {
    if tree.kind(entry) == Kind::Pair {
        return tree.scalar_text(tree.key(entry)).into_owned();
    }
    let value = tree.value(entry);
    let named = tree.pair(value, "name").or_else(|| tree.pair(value, "ref"));
    match named {
        Some(pair) => tree.scalar_text(tree.value(pair)).into_owned(),
        None => tree.source(value).to_owned(),
    }
}

fn reinsert(old_tree: &Tree, old: NodeId, new_tree: &Tree, new_owner: NodeId) -> Option<TextEdit> {
    // The surviving parent is the value of the pair that the change is shown at.
    let container = value_of(new_tree, new_owner);
    // An element of a list is shown at its name.
    let old = match new_tree.kind(container).is_seq() {
        true => old_tree.ancestors(old).find(|id| old_tree.kind(*id) == Kind::Item)?,
        false => old,
    };
    let parent = old_tree.parent(old)?;
    let kinds = (old_tree.kind(parent), new_tree.kind(container));
    if !matches!(kinds, (Kind::BlockMap, Kind::BlockMap) | (Kind::BlockSeq, Kind::BlockSeq)) {
        return None;
    }
    let block = lines_of(old_tree, old);
    let (old_column, new_column) =
        (old_tree.node(parent).mark as usize, new_tree.node(container).mark as usize);
    let text = reindent(&block, old_column, new_column);
    let kept: Vec<(String, NodeId)> =
        new_tree.children(container).map(|id| (name_of(new_tree, id), id)).collect();
    let before: Vec<String> = old_tree
        .children(parent)
        .take_while(|id| *id != old)
        .map(|id| name_of(old_tree, id))
        .collect();
    let previous =
        before.iter().rev().find_map(|name| kept.iter().find(|(other, _)| other == name));
    let source = new_tree.text();
    let at = match previous {
        Some((_, id)) => line_end(source, new_tree.span(*id).end as usize),
        None => line_start(source, new_tree.span(kept.first()?.1).start as usize),
    };
    let needs_break = at > 0 && !source[..at].ends_with('\n');
    let text = if needs_break { format!("\n{text}") } else { text };
    Some(TextEdit { span: Span::at(at), text })
}

/// The lines of an entry with the comments above it.
fn lines_of(tree: &Tree, entry: NodeId) -> String {
    let text = tree.text();
    let span = tree.span(entry);
    let mut start = line_start(text, span.start as usize);
    while start > 0 {
        let above = line_start(text, start - 1);
        if !text[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    let end = line_end(text, span.end as usize);
    let mut block = text[start..end].to_owned();
    if !block.ends_with('\n') {
        block.push('\n');
    }
    block
}

fn reindent(block: &str, old: usize, new: usize) -> String {
    block
        .lines()
        .map(|line| {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let indent = (indent + new).saturating_sub(old);
            format!("{}{}\n", " ".repeat(indent), line.trim_start_matches(' '))
        })
        .collect()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

/// Behind the line break of the line that `at` is in; an `at` behind a line break stays.
fn line_end(text: &str, at: usize) -> usize {
    if at > 0 && text[..at].ends_with('\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}
