//! The engine's plain data as types of the protocol.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pacto_core::Root;
use pacto_core::check::{Diagnostic, ResolvedFix, Severity, Tag};
use pacto_core::diff::Class;
use pacto_core::fact::Fact;
use pacto_core::ide::baseline::{Breaking, Hint};
use pacto_core::ide::completion::{Completion, CompletionKind};
use pacto_core::ide::hover::Hover;
use pacto_core::ide::symbols::{Symbol, SymbolKind};
use pacto_core::text::{ColumnEncoding, LineColumn, LineIndex, Span, TextEdit};
use serde::Serialize;
use tower_lsp::gen_lsp_types as lsp;

use crate::client::Capabilities;
use crate::settings::Shown;
use crate::snapshot::Snapshot;
use pacto_edge::session::ProjectProblem;

/// A text with its lines, for many conversions.
pub(crate) struct Positions {
    text: Arc<str>,
    index: Arc<LineIndex>,
    encoding: ColumnEncoding,
}

impl Positions {
    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub(crate) fn range(&self, span: Span) -> lsp::Range {
        lsp::Range { start: self.position(span.start), end: self.position(span.end) }
    }

    pub(crate) fn position(&self, offset: u32) -> lsp::Position {
        let at = self.index.line_column(&self.text, offset, self.encoding);
        lsp::Position { line: at.line, character: at.column }
    }

    pub(crate) fn offset(&self, at: lsp::Position) -> u32 {
        let at = LineColumn { line: at.line, column: at.character };
        self.index.offset(&self.text, at, self.encoding)
    }

    /// How many columns a span on one line has.
    pub(crate) fn length(&self, span: Span) -> u32 {
        let text = span.slice(&self.text);
        let units = match self.encoding {
            ColumnEncoding::Utf8 => text.len(),
            ColumnEncoding::Utf16 => text.encode_utf16().count(),
            ColumnEncoding::Utf32 => text.chars().count(),
        };
        units as u32
    }

    /// A span, or its parts line by line, without blanks at their ends.
    pub(crate) fn by_line(&self, span: Span, is_whole: bool) -> Vec<Span> {
        if is_whole || !span.slice(&self.text).contains(['\n', '\r']) {
            return vec![span];
        }
        let lines = self.index.line_of(span.start)..=self.index.line_of(span.end);
        let parts = lines.filter_map(|line| {
            let line = self.index.line_span(&self.text, line);
            let part = Span { start: line.start.max(span.start), end: line.end.min(span.end) };
            let text = part.slice(&self.text);
            let blank = text.len() - text.trim_start().len();
            let start = part.start + blank as u32;
            let inner = text.trim().len() as u32;
            (inner > 0).then_some(Span { start, end: start + inner })
        });
        parts.collect()
    }

    /// The offsets of a range, in order.
    pub(crate) fn offsets(&self, range: lsp::Range) -> (u32, u32) {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        (start.min(end), start.max(end))
    }
}

/// Positions of files by absolute path, made once for each answer.
pub(crate) struct Files<'s> {
    pub snapshot: &'s Snapshot,
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
        let load = |root: &Root| {
            let path = root.path_of(file)?;
            let Fact::Ready(text) = self.snapshot.analysis.file_text(root, path) else {
                return None;
            };
            let index = self.snapshot.analysis.lines(root, path)?;
            Some(Positions { text, index, encoding })
        };
        load(&self.root).or_else(|| {
            // A file of another bundle: the folder above that holds it.
            let mut root = file.rsplit_once('/')?.0;
            loop {
                if let Some(found) = load(&Root::from(root)) {
                    return Some(found);
                }
                root = root.rsplit_once('/')?.0;
            }
        })
    }

    /// The texts of the files that positions were asked of.
    pub(crate) fn texts(&self) -> BTreeMap<String, Arc<str>> {
        let known = self
            .known
            .iter()
            .filter_map(|(file, positions)| Some((file.clone(), positions.as_ref()?.text.clone())));
        known.collect()
    }

    fn capabilities(&self) -> &'s Capabilities {
        &self.snapshot.capabilities
    }

    pub(crate) fn location(&mut self, file: &str, span: Span) -> Option<lsp::Location> {
        let range = self.positions(file)?.range(span);
        Some(lsp::Location { uri: self.snapshot.uri(file).0.into(), range })
    }
}

/// Where the rules of comparisons are documented.
const CHANGES_PAGE: &str = "https://github.com/pacto/pacto/blob/main/docs/changes.md";
/// Where the rules are documented.
const RULES_PAGE: &str = "https://github.com/pacto/pacto/blob/main/docs/rules.md";

/// What a diagnostic carries for whoever handles it (9-lsp, "Fields").
#[derive(Serialize)]
struct DiagnosticData<'d> {
    v: u32,
    code: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'d str>,
    path: &'d str,
    fixes: Vec<&'d str>,
    r#gen: u64,
}

fn severity(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Error => lsp::DiagnosticSeverity::Error,
        Severity::Warning => lsp::DiagnosticSeverity::Warning,
        Severity::Info => lsp::DiagnosticSeverity::Information,
        Severity::Hint => lsp::DiagnosticSeverity::Hint,
    }
}

/// `None` for what is not shown.
fn level(shown: Shown) -> Option<lsp::DiagnosticSeverity> {
    Some(match shown {
        Shown::Off => return None,
        Shown::Hint => lsp::DiagnosticSeverity::Hint,
        Shown::Information => lsp::DiagnosticSeverity::Information,
        Shown::Warning => lsp::DiagnosticSeverity::Warning,
        Shown::Error => lsp::DiagnosticSeverity::Error,
    })
}

/// A diagnostic of the file that it points into; `None` while that file is not known.
pub(crate) fn diagnostic(
    diagnostic: &Diagnostic,
    files: &mut Files<'_>,
) -> Option<lsp::Diagnostic> {
    let capabilities = files.capabilities();
    let range = files.positions(diagnostic.file.as_ref()?)?.range(diagnostic.span);
    let code = diagnostic.rule.code;
    let set = files.snapshot.settings.of(&files.root).severity.get(code).copied();
    // What the command line rejects is not hidden.
    let set = set.filter(|_| diagnostic.severity != Severity::Error);
    let level = match set {
        Some(shown) => self::level(shown)?,
        None => severity(diagnostic.severity),
    };
    let mut out = finding(range, level, diagnostic.rule.source.text());
    out.code = Some(code.into());
    out.message = diagnostic.message.clone().into();
    if capabilities.code_description {
        out.code_description = page(format!("{RULES_PAGE}#{}", code.to_ascii_lowercase()));
    }
    if capabilities.diagnostic_data {
        let data = DiagnosticData {
            v: 1,
            code,
            kind: diagnostic.detail,
            rule: None,
            path: &diagnostic.path,
            fixes: diagnostic.fixes.iter().map(|fix| fix.id).collect(),
            r#gen: files.snapshot.generation,
        };
        out.data = serde_json::to_value(data).ok();
    }
    if capabilities.diagnostic_tags {
        out.tags = diagnostic.tag.map(|tag| match tag {
            Tag::Unnecessary => vec![lsp::DiagnosticTag::Unnecessary],
            Tag::Deprecated => vec![lsp::DiagnosticTag::Deprecated],
        });
    }
    if capabilities.related_information && !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().filter_map(|place| {
            let location = files.location(&place.file, place.span)?;
            let message = place.message.clone();
            Some(lsp::DiagnosticRelatedInformation { location, message })
        });
        out.related_information = Some(related.collect());
    }
    Some(out)
}

/// A finding of the breaking layer. Where the version says what changed, it is one step milder.
pub(crate) fn hint(
    hint: &Hint,
    breaking: &Breaking,
    files: &mut Files<'_>,
) -> Option<lsp::Diagnostic> {
    let capabilities = files.capabilities();
    let range = files.positions(&hint.file)?.range(hint.span);
    let is_eased = breaking.is_version_enough && hint.code != "VERSION_BUMP_REQUIRED";
    let settings = files.snapshot.settings.of(&files.root);
    let shown = match hint.class {
        Class::Breaking => settings.breaking.breaking,
        Class::PotentialBreaking => settings.breaking.potential,
        _ => settings.breaking.non_breaking,
    };
    let shown = if is_eased { shown.milder() } else { shown };
    let level = level(settings.severity.get(hint.code).copied().unwrap_or(shown))?;
    let mut out = finding(range, level, "pacto-diff");
    out.code = Some(hint.code.into());
    out.message = hint.message.clone().into();
    if capabilities.code_description {
        out.code_description = page(match hint.code {
            "VERSION_BUMP_REQUIRED" => CHANGES_PAGE.to_owned(),
            _ => format!("{CHANGES_PAGE}#{}", pacto_core::diff::rules::anchor(&hint.rule)),
        });
    }
    if capabilities.diagnostic_data {
        let data = DiagnosticData {
            v: 1,
            code: hint.code,
            kind: None,
            rule: Some(&hint.rule),
            path: &hint.path,
            fixes: Vec::new(),
            r#gen: files.snapshot.generation,
        };
        out.data = serde_json::to_value(data).ok();
    }
    // A baseline that is not on disk is a virtual document, which not every editor can open.
    if let Some((file, span)) = &hint.old
        && capabilities.related_information
        && (capabilities.virtual_documents || Root::from(file.as_str()).is_folder())
        && let Some(location) = files.location(file, *span)
    {
        let message = format!("as it was in {}", breaking.baseline.label);
        out.related_information =
            Some(vec![lsp::DiagnosticRelatedInformation { location, message }]);
    }
    Some(out)
}

/// A problem of a project's file, at the line that its message names, else at its start.
pub(crate) fn project_problem(problem: &ProjectProblem) -> lsp::Diagnostic {
    let named = problem.message.split_once("line ").and_then(|(_, rest)| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<u32>().ok()
    });
    let line = named.map_or(0, |line| line.saturating_sub(1));
    let at = lsp::Position { line, character: 0 };
    let end = lsp::Position { line: line + 1, character: 0 };
    let level = match problem.is_error {
        true => lsp::DiagnosticSeverity::Error,
        false => lsp::DiagnosticSeverity::Warning,
    };
    let mut out = finding(lsp::Range { start: at, end }, level, "pacto");
    out.message = problem.message.clone().into();
    out
}

/// Says how many findings of a document are not shown.
pub(crate) fn more_findings(left: usize) -> lsp::Diagnostic {
    let mut out = finding(lsp::Range::default(), lsp::DiagnosticSeverity::Hint, "pacto");
    out.message = format!("{left} more findings are not shown").into();
    out
}

fn finding(range: lsp::Range, severity: lsp::DiagnosticSeverity, source: &str) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range,
        severity: Some(severity),
        source: Some(source.to_owned()),
        ..lsp::Diagnostic::default()
    }
}

fn page(href: String) -> Option<lsp::CodeDescription> {
    Some(lsp::CodeDescription { href: href.into() })
}

pub(crate) fn text_edit(edit: &TextEdit, positions: &Positions) -> lsp::TextEdit {
    lsp::TextEdit { range: positions.range(edit.span), new_text: edit.text.clone() }
}

/// The edit of a workspace that a fix makes; `None` while a file is not known, and where the client
/// cannot create the files of the fix.
pub(crate) fn workspace_edit(
    fix: &ResolvedFix,
    files: &mut Files<'_>,
) -> Option<lsp::WorkspaceEdit> {
    let mut by_file: BTreeMap<&str, Vec<lsp::TextEdit>> = BTreeMap::new();
    for (file, edit) in &fix.edits {
        let edit = text_edit(edit, files.positions(file)?);
        by_file.entry(file).or_default().push(edit);
    }
    let mut out = lsp::WorkspaceEdit::default();
    let capabilities = files.capabilities();
    let can_create = capabilities.document_changes && capabilities.creates_files;
    if !fix.creates.is_empty() && !can_create {
        return None;
    }
    if capabilities.document_changes {
        let created = fix.creates.iter().flat_map(|(file, text)| creation(files, file, text));
        let changes = by_file.into_iter().map(|(file, edits)| {
            let (uri, version) = files.snapshot.uri(file);
            let identifier = lsp::TextDocumentIdentifier { uri: uri.into() };
            lsp::DocumentChange::TextDocumentEdit(lsp::TextDocumentEdit {
                text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                    version,
                    text_document_identifier: identifier,
                },
                edits: edits.into_iter().map(lsp::Edit::TextEdit).collect(),
            })
        });
        out.document_changes = Some(created.chain(changes).collect());
    } else {
        let changes = by_file.into_iter();
        let changes = changes.map(|(file, edits)| (files.snapshot.uri(file).0.into(), edits));
        out.changes = Some(changes.collect::<HashMap<_, _>>());
    }
    Some(out)
}

/// A new file, and its text.
fn creation(files: &Files<'_>, file: &str, text: &str) -> [lsp::DocumentChange; 2] {
    let (uri, version) = files.snapshot.uri(file);
    let uri: lsp::Uri = uri.into();
    let create = lsp::CreateFile { uri: uri.clone(), options: None, annotation_id: None };
    let insert = lsp::TextEdit { range: lsp::Range::default(), new_text: text.to_owned() };
    let document = lsp::OptionalVersionedTextDocumentIdentifier {
        version,
        text_document_identifier: lsp::TextDocumentIdentifier { uri },
    };
    let edits = vec![lsp::Edit::TextEdit(insert)];
    let edit = lsp::TextDocumentEdit { text_document: document, edits };
    [create.into(), lsp::DocumentChange::TextDocumentEdit(edit)]
}

/// Proposals, in their order, with what a list says once for all of them. `at` is the cursor.
pub(crate) fn completions(
    items: &[Completion],
    at: u32,
    positions: &Positions,
    capabilities: &Capabilities,
) -> (Vec<lsp::CompletionItem>, Option<lsp::CompletionItemDefaults>) {
    let with = capabilities.list_defaults;
    let mut defaults = lsp::CompletionItemDefaults::default();
    let form = Form::of(capabilities);
    if with.insert_text_format {
        defaults.insert_text_format = Some(form.format);
    }
    if with.insert_text_mode {
        defaults.insert_text_mode = form.mode;
    }
    let common = items.first().map(|item| item.replace).filter(|_| with.edit_range);
    defaults.edit_range = common.map(|span| match insert_and_replace(span, at, capabilities) {
        Some(insert) => {
            lsp::EditRange::EditRangeWithInsertReplace(lsp::EditRangeWithInsertReplace {
                insert: positions.range(insert),
                replace: positions.range(span),
            })
        }
        None => lsp::EditRange::Range(positions.range(span)),
    });
    let shown = items.iter().enumerate().map(|(order, item)| {
        let mut out = completion(item, order, at, positions, capabilities);
        if with.insert_text_format {
            out.insert_text_format = None;
        }
        if with.insert_text_mode {
            out.insert_text_mode = None;
        }
        if common == Some(item.replace) {
            out.text_edit_text = out.text_edit.take().map(|edit| match edit {
                lsp::CompletionItemTextEdit::TextEdit(edit) => edit.new_text,
                lsp::CompletionItemTextEdit::InsertReplaceEdit(edit) => edit.new_text,
            });
        }
        out
    });
    let shown = shown.collect();
    let is_any = defaults != lsp::CompletionItemDefaults::default();
    (shown, is_any.then_some(defaults))
}

/// How inserted texts are written for a client.
struct Form {
    format: lsp::InsertTextFormat,
    /// What is said of further lines, to clients that can be told.
    mode: Option<lsp::InsertTextMode>,
    /// Whether the client indents further lines like the first.
    adjusts: bool,
}

impl Form {
    fn of(capabilities: &Capabilities) -> Form {
        let format = match capabilities.snippets {
            true => lsp::InsertTextFormat::Snippet,
            false => lsp::InsertTextFormat::PlainText,
        };
        // Snippets are indented by every client that does not say otherwise, plain texts by none.
        let adjusts = capabilities.adjusts_indentation.unwrap_or(capabilities.snippets);
        let mode = capabilities.adjusts_indentation.map(|_| match adjusts {
            true => lsp::InsertTextMode::AdjustIndentation,
            false => lsp::InsertTextMode::AsIs,
        });
        Form { format, mode, adjusts }
    }
}

/// What is replaced when a proposal is inserted rather than put in the place of the word: what is
/// before the cursor. `None` where the client does not tell the two apart.
fn insert_and_replace(replace: Span, at: u32, capabilities: &Capabilities) -> Option<Span> {
    let end = at.clamp(replace.start, replace.end);
    capabilities.inserts_or_replaces.then_some(Span { start: replace.start, end })
}

fn completion(
    item: &Completion,
    order: usize,
    at: u32,
    positions: &Positions,
    capabilities: &Capabilities,
) -> lsp::CompletionItem {
    let kind = match item.kind {
        CompletionKind::Field => lsp::CompletionItemKind::Property,
        CompletionKind::Value => lsp::CompletionItemKind::EnumMember,
        CompletionKind::Snippet => lsp::CompletionItemKind::Snippet,
        CompletionKind::Reference => lsp::CompletionItemKind::Reference,
        CompletionKind::File => lsp::CompletionItemKind::File,
        CompletionKind::Folder => lsp::CompletionItemKind::Folder,
        CompletionKind::Operation => lsp::CompletionItemKind::Method,
    };
    let Form { format, mode, adjusts } = Form::of(capabilities);
    let new_text = if capabilities.snippets { item.insert.clone() } else { item.plain_insert() };
    let new_text = if adjusts { new_text } else { item.as_is(&new_text) };
    let replace = positions.range(item.replace);
    let edit = match insert_and_replace(item.replace, at, capabilities) {
        Some(insert) => {
            let insert = positions.range(insert);
            lsp::CompletionItemTextEdit::InsertReplaceEdit(lsp::InsertReplaceEdit {
                new_text,
                insert,
                replace,
            })
        }
        None => lsp::TextEdit { range: replace, new_text }.into(),
    };
    let additional: Vec<lsp::TextEdit> =
        item.additional.iter().map(|edit| text_edit(edit, positions)).collect();
    let commit = item.commit.iter().map(char::to_string);
    let commit: Vec<String> = commit.filter(|_| capabilities.commit_characters).collect();
    let (details, detail) = labels(item, capabilities);
    lsp::CompletionItem {
        label: item.label.clone(),
        label_details: details,
        detail,
        kind: Some(kind),
        sort_text: Some(format!("{order:04}")),
        filter_text: Some(item.label.clone()),
        insert_text_format: Some(format),
        insert_text_mode: mode,
        additional_text_edits: (!additional.is_empty()).then_some(additional),
        text_edit: Some(edit),
        preselect: (item.preselect && capabilities.preselects).then_some(true),
        commit_characters: (!commit.is_empty()).then_some(commit),
        documentation: match capabilities.resolves_documentation {
            true => None,
            false => documentation(item, capabilities),
        },
        ..lsp::CompletionItem::default()
    }
}

/// What stands beside a label: type or version, then where it is known from.
fn labels(
    item: &Completion,
    capabilities: &Capabilities,
) -> (Option<lsp::CompletionItemLabelDetails>, Option<String>) {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (detail, origin) = (said(&item.detail), said(&item.origin));
    if detail.is_none() && origin.is_none() {
        return (None, None);
    }
    if !capabilities.label_details {
        let all: Vec<String> = detail.into_iter().chain(origin).collect();
        return (None, Some(all.join(" · ")));
    }
    // Clients put the detail right behind the label.
    let detail = detail.map(|detail| format!(" {detail}"));
    (Some(lsp::CompletionItemLabelDetails { detail, description: origin }), None)
}

/// What a proposal means.
pub(crate) fn documentation(
    item: &Completion,
    capabilities: &Capabilities,
) -> Option<lsp::Documentation> {
    let text = Some(item.documentation.clone()).filter(|text| !text.is_empty())?;
    Some(match capabilities.markdown_completion {
        true => lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: text }.into(),
        false => lsp::Documentation::String(text.replace('`', "")),
    })
}

/// A text as the client can show it.
pub(crate) fn markup(markdown: String, is_markdown: bool) -> lsp::MarkupContent {
    match is_markdown {
        true => lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: markdown },
        false => lsp::MarkupContent {
            kind: lsp::MarkupKind::PlainText,
            value: markdown.replace("**", "").replace('`', ""),
        },
    }
}

pub(crate) fn hover(
    hover: Hover,
    positions: &Positions,
    capabilities: &Capabilities,
) -> lsp::Hover {
    let content = markup(hover.markdown, capabilities.markdown_hover);
    lsp::Hover {
        contents: lsp::Contents::MarkupContent(content),
        range: Some(positions.range(hover.span)),
    }
}

fn symbol_kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Section => lsp::SymbolKind::Namespace,
        SymbolKind::Entry => lsp::SymbolKind::Object,
        SymbolKind::List => lsp::SymbolKind::Array,
        SymbolKind::Text => lsp::SymbolKind::String,
        SymbolKind::Number => lsp::SymbolKind::Number,
        SymbolKind::Boolean => lsp::SymbolKind::Boolean,
        SymbolKind::Null => lsp::SymbolKind::Null,
        SymbolKind::Interface => lsp::SymbolKind::Interface,
        SymbolKind::Method => lsp::SymbolKind::Method,
        SymbolKind::Type => lsp::SymbolKind::Struct,
        SymbolKind::Field => lsp::SymbolKind::Field,
        SymbolKind::Enum => lsp::SymbolKind::Enum,
        SymbolKind::EnumMember => lsp::SymbolKind::EnumMember,
    }
}

pub(crate) fn symbol(symbol: &Symbol, positions: &Positions) -> lsp::DocumentSymbol {
    let children = symbol.children.iter().map(|child| self::symbol(child, positions));
    #[expect(deprecated, reason = "the type has no constructor without the field")]
    lsp::DocumentSymbol {
        name: symbol.name.clone(),
        detail: Some(symbol.detail.clone()),
        kind: symbol_kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: positions.range(symbol.span),
        selection_range: positions.range(symbol.name_span),
        children: Some(children.collect()),
    }
}

/// The outline as a list, for clients without hierarchy.
pub(crate) fn flat_symbols(
    symbols: &[Symbol],
    container: &str,
    uri: &str,
    positions: &Positions,
    out: &mut Vec<lsp::SymbolInformation>,
) {
    for symbol in symbols {
        #[expect(deprecated, reason = "the type has no constructor without the field")]
        out.push(lsp::SymbolInformation {
            deprecated: None,
            location: lsp::Location { uri: uri.into(), range: positions.range(symbol.span) },
            base_symbol_information: lsp::BaseSymbolInformation {
                name: symbol.name.clone(),
                kind: symbol_kind(symbol.kind),
                tags: None,
                container_name: Some(container.to_owned()),
            },
        });
        flat_symbols(&symbol.children, &symbol.name, uri, positions, out);
    }
}
