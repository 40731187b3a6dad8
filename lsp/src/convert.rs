//! The engine's plain data as protocol messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use pacto_core::Root;
use pacto_core::check::{Applicability, Diagnostic, ResolvedFix, Severity, Tag};
use pacto_core::diff::Class;
use pacto_core::fact::Fact;
use pacto_core::ide::baseline::{Breaking, Hint};
use pacto_core::ide::completion::{Completion, CompletionKind};
use pacto_core::ide::symbols::{Symbol, SymbolKind};
use pacto_core::text::{ColumnEncoding, LineColumn, LineIndex, Span};
use serde_json::{Value, json};

use crate::snapshot::Snapshot;

/// A text with its lines, for many conversions.
pub(crate) struct Positions {
    text: Arc<str>,
    index: Arc<LineIndex>,
    encoding: ColumnEncoding,
}

impl Positions {
    pub(crate) fn new(text: Arc<str>, encoding: ColumnEncoding) -> Self {
        let index = Arc::new(LineIndex::new(&text));
        Positions { text, index, encoding }
    }

    /// With lines that are known already.
    fn with_lines(text: Arc<str>, index: Arc<LineIndex>, encoding: ColumnEncoding) -> Self {
        Positions { text, index, encoding }
    }

    pub(crate) fn range(&self, span: Span) -> Value {
        json!({"start": self.position(span.start), "end": self.position(span.end)})
    }

    pub(crate) fn position(&self, offset: u32) -> Value {
        let at = self.index.line_column(&self.text, offset, self.encoding);
        json!({"line": at.line, "character": at.column})
    }

    pub(crate) fn offset(&self, line: u32, character: u32) -> u32 {
        self.index.offset(&self.text, LineColumn { line, column: character }, self.encoding)
    }
}

/// Positions of files by absolute path, made once for each answer.
pub(crate) struct Files<'s> {
    snapshot: &'s Snapshot,
    root: Root,
    known: BTreeMap<String, Option<Positions>>,
}

impl<'s> Files<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot, root: &Root) -> Self {
        Files { snapshot, root: root.clone(), known: BTreeMap::new() }
    }

    pub(crate) fn positions(&mut self, file: &str) -> Option<&Positions> {
        if !self.known.contains_key(file) {
            let found = self.load(file);
            self.known.insert(file.to_owned(), found);
        }
        self.known.get(file)?.as_ref()
    }

    fn load(&self, file: &str) -> Option<Positions> {
        let encoding = self.snapshot.capabilities.encoding;
        let text = |root: &Root| {
            let path = root.path_of(file)?;
            match self.snapshot.analysis.file_text(root, path) {
                Fact::Ready(text) => {
                    let lines = self.snapshot.analysis.lines(root, path)?;
                    Some(Positions::with_lines(text, lines, encoding))
                }
                _ => None,
            }
        };
        text(&self.root).or_else(|| {
            // A file of another bundle: the folder above that holds it.
            let mut root = file.rsplit_once('/')?.0;
            loop {
                if let Some(found) = text(&Root::from(root)) {
                    return Some(found);
                }
                root = root.rsplit_once('/')?.0;
            }
        })
    }
}

/// Where the rules of comparisons are documented.
const CHANGES_PAGE: &str = "https://github.com/pacto/pacto/blob/main/docs/changes.md";
/// Where the rules are documented.
const RULES_PAGE: &str = "https://github.com/pacto/pacto/blob/main/docs/rules.md";

pub(crate) fn severity(severity: Severity) -> u32 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Info => 3,
        Severity::Hint => 4,
    }
}

/// A diagnostic of the file that it points into.
pub(crate) fn diagnostic(diagnostic: &Diagnostic, files: &mut Files<'_>) -> Option<Value> {
    let capabilities = files.snapshot.capabilities.clone();
    let generation = files.snapshot.generation;
    let range = files.positions(diagnostic.file.as_ref()?)?.range(diagnostic.span);
    let mut out = json!({
        "range": range,
        "severity": severity(diagnostic.severity),
        "code": diagnostic.rule.code,
        "source": diagnostic.rule.source.text(),
        "message": diagnostic.message,
    });
    if capabilities.code_description {
        let anchor = diagnostic.rule.code.to_ascii_lowercase();
        out["codeDescription"] = json!({"href": format!("{RULES_PAGE}#{anchor}")});
    }
    if capabilities.diagnostic_data {
        let fixes: Vec<&str> = diagnostic.fixes.iter().map(|fix| fix.id).collect();
        out["data"] = json!({
            "v": 1, "code": diagnostic.rule.code, "kind": diagnostic.detail,
            "path": diagnostic.path, "fixes": fixes, "gen": generation,
        });
    }
    if let Some(tag) = diagnostic.tag
        && capabilities.diagnostic_tags
    {
        out["tags"] = json!([if tag == Tag::Unnecessary { 1 } else { 2 }]);
    }
    if capabilities.related_information && !diagnostic.related.is_empty() {
        let mut related = Vec::new();
        for place in &diagnostic.related {
            let Some(positions) = files.positions(&place.file) else { continue };
            let range = positions.range(place.span);
            let (uri, _) = files.snapshot.uri(&place.file);
            related
                .push(json!({"location": {"uri": uri, "range": range}, "message": place.message}));
        }
        out["relatedInformation"] = Value::Array(related);
    }
    Some(out)
}

/// A finding of the breaking layer. Where the version says what changed, it is one step milder.
pub(crate) fn hint(hint: &Hint, breaking: &Breaking, files: &mut Files<'_>) -> Option<Value> {
    let capabilities = files.snapshot.capabilities.clone();
    let generation = files.snapshot.generation;
    let range = files.positions(&hint.file)?.range(hint.span);
    let severity = match hint.class {
        Class::Breaking => 2,
        Class::PotentialBreaking => 3,
        Class::NonBreaking => 4,
    };
    let is_eased = breaking.is_version_enough && hint.code != "VERSION_BUMP_REQUIRED";
    let mut out = json!({
        "range": range,
        "severity": severity + i32::from(is_eased),
        "code": hint.code,
        "source": "pacto-diff",
        "message": hint.message,
    });
    if capabilities.code_description {
        let href = match hint.code {
            "VERSION_BUMP_REQUIRED" => CHANGES_PAGE.to_owned(),
            _ => format!("{CHANGES_PAGE}#{}", pacto_core::diff::rules::anchor(&hint.rule)),
        };
        out["codeDescription"] = json!({"href": href});
    }
    if capabilities.diagnostic_data {
        out["data"] = json!({
            "v": 1, "code": hint.code, "rule": hint.rule, "path": hint.path, "fixes": [],
            "gen": generation,
        });
    }
    // Only a baseline on disk can be opened by every editor.
    if let Some((file, span)) = &hint.old
        && capabilities.related_information
        && file.starts_with('/')
        && let Some(range) = files.positions(file).map(|positions| positions.range(*span))
    {
        let uri = files.snapshot.uri(file).0;
        let message = format!("as it was in {}", breaking.baseline.label);
        out["relatedInformation"] =
            json!([{"location": {"uri": uri, "range": range}, "message": message}]);
    }
    Some(out)
}

/// At most so many diagnostics of one document are shown; one more says how many are left.
const MAX_DIAGNOSTICS: usize = 500;

/// The diagnostics of each file of a contract, by absolute path; the contract's own always there.
pub(crate) fn diagnostics_by_file(
    all: &[Diagnostic],
    contract_file: &str,
    files: &mut Files<'_>,
) -> BTreeMap<String, Vec<Value>> {
    let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    by_file.insert(contract_file.to_owned(), Vec::new());
    let mut left = 0;
    for one in all {
        let Some(file) = &one.file else { continue };
        let list = by_file.entry(file.clone()).or_default();
        if list.len() >= MAX_DIAGNOSTICS {
            left += 1;
            continue;
        }
        list.extend(diagnostic(one, files));
    }
    if left > 0 {
        let start = json!({"line": 0, "character": 0});
        let more = json!({
            "range": {"start": start, "end": start}, "severity": 4, "source": "pacto",
            "message": format!("{left} more findings are not shown"),
        });
        by_file.entry(contract_file.to_owned()).or_default().push(more);
    }
    by_file
}

/// The edit of a workspace that a fix makes.
pub(crate) fn workspace_edit(fix: &ResolvedFix, files: &mut Files<'_>) -> Option<Value> {
    let mut by_file: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (file, edit) in &fix.edits {
        let range = files.positions(file)?.range(edit.span);
        by_file.entry(file).or_default().push(json!({"range": range, "newText": edit.text}));
    }
    if files.snapshot.capabilities.document_changes {
        let changes: Vec<Value> = by_file
            .into_iter()
            .map(|(file, edits)| {
                let (uri, version) = files.snapshot.uri(file);
                json!({"textDocument": {"uri": uri, "version": version}, "edits": edits})
            })
            .collect();
        return Some(json!({"documentChanges": changes}));
    }
    let changes: serde_json::Map<String, Value> = by_file
        .into_iter()
        .map(|(file, edits)| (files.snapshot.uri(file).0, Value::Array(edits)))
        .collect();
    Some(json!({"changes": changes}))
}

pub(crate) fn is_safe(fix: &ResolvedFix) -> bool {
    fix.applicability == Applicability::Safe
}

pub(crate) fn completion(
    item: &Completion,
    order: usize,
    positions: &Positions,
    snapshot: &Snapshot,
) -> Value {
    let capabilities = &snapshot.capabilities;
    let kind = match item.kind {
        CompletionKind::Field => 10,
        CompletionKind::Value => 20,
        CompletionKind::Snippet => 15,
        CompletionKind::Reference => 18,
        CompletionKind::File => 17,
        CompletionKind::Folder => 19,
        CompletionKind::Operation => 2,
    };
    let text = if capabilities.snippets { item.insert.clone() } else { item.plain_insert() };
    let mut out = json!({
        "label": item.label,
        "kind": kind,
        "sortText": format!("{order:04}"),
        "filterText": item.label,
        "insertTextFormat": if capabilities.snippets { 2 } else { 1 },
        "insertTextMode": 1,
        "textEdit": {"range": positions.range(item.replace), "newText": text},
    });
    if !item.detail.is_empty() {
        if capabilities.label_details {
            out["labelDetails"] = json!({"description": item.detail});
        } else {
            out["detail"] = json!(item.detail);
        }
    }
    if !item.documentation.is_empty() {
        out["documentation"] = if capabilities.markdown_completion {
            json!({"kind": "markdown", "value": item.documentation})
        } else {
            json!(item.documentation)
        };
    }
    if item.preselect {
        out["preselect"] = json!(true);
    }
    out
}

fn symbol_kind(kind: SymbolKind) -> u32 {
    match kind {
        SymbolKind::Section => 3,
        SymbolKind::Entry => 19,
        SymbolKind::List => 18,
        SymbolKind::Text => 15,
        SymbolKind::Number => 16,
        SymbolKind::Boolean => 17,
        SymbolKind::Null => 21,
    }
}

pub(crate) fn symbol(symbol: &Symbol, positions: &Positions) -> Value {
    let children: Vec<Value> = symbol.children.iter().map(|s| self::symbol(s, positions)).collect();
    json!({
        "name": symbol.name,
        "detail": symbol.detail,
        "kind": symbol_kind(symbol.kind),
        "range": positions.range(symbol.span),
        "selectionRange": positions.range(symbol.name_span),
        "children": children,
    })
}

/// The outline as a list, for clients without hierarchy.
pub(crate) fn flat_symbols(
    symbols: &[Symbol],
    container: &str,
    uri: &str,
    positions: &Positions,
    out: &mut Vec<Value>,
) {
    for symbol in symbols {
        out.push(json!({
            "name": symbol.name,
            "kind": symbol_kind(symbol.kind),
            "containerName": container,
            "location": {"uri": uri, "range": positions.range(symbol.span)},
        }));
        flat_symbols(&symbol.children, &symbol.name, uri, positions, out);
    }
}
