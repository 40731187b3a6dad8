//! Findings with their places as spans.

use std::collections::BTreeMap;

use super::finding::{Applicability, Finding, FixOp, Tag};
use super::fix;
use super::rule::{Rule, Severity};
use crate::place::{Anchor, FileRef, Part};
use crate::text::{Span, TextEdit};
use crate::value::overrides::parse_path;
use crate::yaml::{DocPath, Kind, MarkKind, NodeId, Tree, node_at};

/// A finding as it is shown: what `pacto validate` prints and what an editor underlines.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub message: String,
    pub detail: Option<&'static str>,
    /// The document path as written, such as `interfaces[0].port`.
    pub path: String,
    /// The absolute path of the file; none for a value that a flag has set.
    pub file: Option<String>,
    /// On one line of that file.
    pub span: Span,
    /// Where in the contract the value belongs that a flag has set: file and place of what is there,
    /// or of what is nearest to it.
    pub belongs: Option<(String, Span)>,
    pub related: Vec<RelatedPlace>,
    pub fixes: Vec<ResolvedFix>,
    pub tag: Option<Tag>,
    /// The override that set the value: a file or a flag.
    pub origin: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedPlace {
    pub file: String,
    pub span: Span,
    pub message: String,
}

/// A repair as edits of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedFix {
    pub id: &'static str,
    pub title: String,
    pub applicability: Applicability,
    pub preferred: bool,
    /// Absolute path and edit.
    pub edits: Vec<(String, TextEdit)>,
    /// Absolute path and text of files that it creates.
    pub creates: Vec<(String, String)>,
}

impl ResolvedFix {
    /// Edits alone, which are not preferred to others.
    pub fn of_edits(
        id: &'static str,
        title: impl Into<String>,
        applicability: Applicability,
        edits: Vec<(String, TextEdit)>,
    ) -> ResolvedFix {
        let (title, creates) = (title.into(), Vec::new());
        ResolvedFix { id, title, applicability, preferred: false, edits, creates }
    }
}

/// The safe fixes of some findings that can be made together: each is whole, and none touches what
/// another changes. What is left out can be made in the next round.
pub fn safe_fixes<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) -> Vec<(&'d Diagnostic, &'d ResolvedFix)> {
    let mut chosen: Vec<(&Diagnostic, &ResolvedFix)> = Vec::new();
    for diagnostic in diagnostics {
        let safe = diagnostic.fixes.iter().find(|fix| fix.applicability == Applicability::Safe);
        let Some(fix) = safe else { continue };
        let touches = |(file, edit): &(String, TextEdit)| {
            let taken = chosen.iter().flat_map(|(_, fix)| &fix.edits);
            taken.filter(|(other, _)| other == file).any(|(_, taken)| {
                edit.span.start <= taken.span.end && taken.span.start <= edit.span.end
            })
        };
        if !fix.edits.iter().any(touches) {
            chosen.push((diagnostic, fix));
        }
    }
    chosen
}

/// Every fix with a name of its own, in the order of the findings: code, place and kind of fix, and a
/// number where several have the same. The names of one text are always the same.
pub fn identified_fixes(diagnostics: &[Diagnostic]) -> Vec<(String, &Diagnostic, &ResolvedFix)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for diagnostic in diagnostics {
        for fix in &diagnostic.fixes {
            let name = format!("{}:{}:{}", diagnostic.rule.code, diagnostic.path, fix.id);
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            let name = if *count > 1 { format!("{name}:{count}") } else { name };
            all.push((name, diagnostic, fix));
        }
    }
    all
}

/// A text that anchors point into.
pub(crate) struct SourceText<'t> {
    /// The absolute path; none for a flag.
    pub file: Option<String>,
    pub origin: Option<String>,
    pub tree: Option<&'t Tree>,
}

/// Turns a finding's anchors into spans and its fixes into edits.
pub(crate) fn resolve<'t>(
    finding: &Finding,
    text_of: &dyn Fn(&FileRef) -> Option<SourceText<'t>>,
) -> Option<Diagnostic> {
    let source = text_of(&finding.at.file)?;
    let related = finding.related.iter().filter_map(|related| {
        let source = text_of(&related.at.file)?;
        let span = span_of(source.tree, &related.at);
        Some(RelatedPlace { file: source.file?, span, message: related.message.clone() })
    });
    let fixes = finding.fixes.iter().filter_map(|fix| {
        let (mut edits, mut creates) = (Vec::new(), Vec::new());
        for op in &fix.ops {
            let source = text_of(&fix::file(op))?;
            // What an override set is mended there, not in the contract.
            if source.origin.is_some() {
                return None;
            }
            let file = source.file?;
            if let FixOp::Create { text, .. } = op {
                creates.push((file, text.clone()));
                continue;
            }
            edits
                .extend(fix::edits(source.tree?, op)?.into_iter().map(|edit| (file.clone(), edit)));
        }
        Some(ResolvedFix {
            id: fix.id,
            title: fix.title.clone(),
            applicability: fix.applicability,
            preferred: fix.preferred,
            edits,
            creates,
        })
    });
    Some(Diagnostic {
        rule: finding.rule,
        severity: finding.severity,
        message: finding.message.clone(),
        detail: finding.detail,
        path: finding.path.clone(),
        span: span_of(source.tree, &finding.at),
        belongs: if source.file.is_none() { belongs(&finding.path, text_of) } else { None },
        related: related.collect(),
        fixes: fixes.collect(),
        tag: finding.tag,
        file: source.file,
        origin: source.origin,
    })
}

/// The deepest place of the contract on the way to `path`.
fn belongs<'t>(
    path: &str,
    text_of: &dyn Fn(&FileRef) -> Option<SourceText<'t>>,
) -> Option<(String, Span)> {
    let contract = text_of(&FileRef::Source(0))?;
    let tree = contract.tree?;
    let path = parse_path(path).unwrap_or_default();
    let deepest = (0..=path.len()).rev();
    let node = deepest.into_iter().find_map(|n| node_at(tree, &DocPath(path[..n].to_vec())))?;
    Some((contract.file?, first_line(tree.text(), value_span(tree, node))))
}

/// The bytes of an anchor, on one line.
fn span_of(tree: Option<&Tree>, at: &Anchor) -> Span {
    let Some(tree) = tree else {
        return match at.part {
            Part::Bytes(span) => span,
            _ => Span::default(),
        };
    };
    if !tree.contains(at.node) {
        return Span::default();
    }
    let span = match &at.part {
        Part::Bytes(span) => *span,
        Part::Value => value_span(tree, at.node),
        Part::Within(range) => fix::within(tree, at.node, range),
        Part::Pair => pair_span(tree, at.node),
        Part::Owner => owner_span(tree, at.node),
    };
    first_line(tree.text(), span)
}

/// A node; the key of an empty value; the first key of a mapping or the first line of a list.
fn value_span(tree: &Tree, node: NodeId) -> Span {
    let span = tree.span(node);
    match tree.kind(node) {
        Kind::Null if span.is_empty() => owner_span(tree, node),
        Kind::Stream => first_content(tree),
        Kind::Document => document_start(tree, span),
        _ => span,
    }
}

/// The mark that a document starts with.
fn document_start(tree: &Tree, span: Span) -> Span {
    let starts = tree.marks().iter().filter(|(kind, _)| *kind == MarkKind::DocumentStart);
    let own = starts.map(|(_, mark)| *mark).take_while(|mark| mark.start <= span.end).last();
    own.unwrap_or(span)
}

/// The first line that holds something.
fn first_content(tree: &Tree) -> Span {
    let text = tree.text();
    let start = text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']).len();
    let start = if start == text.len() { 0 } else { start };
    Span::new(start, text.len())
}

fn pair_span(tree: &Tree, node: NodeId) -> Span {
    let entry = tree.ancestors(node).find(|&id| matches!(tree.kind(id), Kind::Pair | Kind::Item));
    entry.map_or(tree.span(node), |entry| tree.span(entry))
}

/// The key of a pair or the dash of an item around the node.
fn owner_span(tree: &Tree, node: NodeId) -> Span {
    if tree.kind(node) == Kind::Document {
        return document_start(tree, tree.span(node));
    }
    for id in tree.ancestors(node) {
        let span = tree.span(id);
        match tree.kind(id) {
            Kind::Pair if tree.key(id) != node || tree.span(node).is_empty() => {
                let key = tree.span(tree.key(id));
                return if key.is_empty() { span } else { key };
            }
            Kind::Pair => return tree.span(node),
            Kind::Item if tree.text().as_bytes().get(span.start as usize) == Some(&b'-') => {
                return Span { start: span.start, end: span.start + 1 };
            }
            Kind::Item => return span,
            _ => {}
        }
    }
    first_content(tree)
}

fn first_line(text: &str, span: Span) -> Span {
    let source = span.slice(text);
    let line = source.split(['\n', '\r']).next().unwrap_or("");
    // Blanks behind a text are left out; where there are only blanks, they are meant.
    let line = if line.trim().is_empty() { line } else { line.trim_end() };
    Span { start: span.start, end: span.start + line.len() as u32 }
}

/// Drops diagnostics that a comment `# pacto:ignore CODE reason` above or at the end of their line
/// silences. Only advice can be silenced, never what makes a contract invalid.
pub(crate) fn apply_suppressions(diagnostics: &mut Vec<Diagnostic>, tree: &Tree, file: &str) {
    let text = tree.text();
    let line_of = |offset: u32| text[..offset as usize].matches('\n').count();
    let mut ignored: Vec<(usize, &str)> = Vec::new();
    for comment in tree.comments() {
        let Some(rest) =
            comment.slice(text).trim_start_matches('#').trim_start().strip_prefix("pacto:ignore")
        else {
            continue;
        };
        let Some(code) = rest.split_whitespace().next() else { continue };
        let line = line_of(comment.start);
        let line_start = text[..comment.start as usize].rfind('\n').map_or(0, |n| n + 1);
        let is_alone = text[line_start..comment.start as usize].trim().is_empty();
        ignored.push((if is_alone { line + 1 } else { line }, code));
    }
    if ignored.is_empty() {
        return;
    }
    diagnostics.retain(|diagnostic| {
        let is_here = diagnostic.file.as_deref() == Some(file);
        let silenced = is_here
            && diagnostic.rule.source.is_suppressible()
            && diagnostic.severity != Severity::Error
            && ignored.contains(&(line_of(diagnostic.span.start), diagnostic.rule.code));
        !silenced
    });
}

/// By file (the contract first), then span, then code; equal ones are merged.
pub(crate) fn sort(diagnostics: &mut Vec<Diagnostic>, contract: &str) {
    let key = |d: &Diagnostic| {
        let file = d.file.clone().unwrap_or_default();
        (file != contract, file, d.span, d.rule.code, d.path.clone(), d.message.clone())
    };
    diagnostics.sort_by_cached_key(key);
    diagnostics.dedup_by(|a, b| key(a) == key(b));
}
