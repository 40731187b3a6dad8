//! What the client sends, as the server takes it.

use pacto_core::text::ColumnEncoding;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_lsp::gen_lsp_types as lsp;

use crate::client::{Capabilities, FileOperations, ListDefaults};

/// Reads parameters.
///
/// # Errors
/// A sentence that names the field that is wrong.
pub(crate) fn parameters<T: DeserializeOwned>(params: &Value) -> Result<T, String> {
    check_common_fields(params)?;
    serde_path_to_error::deserialize(params)
        .map_err(|error| format!("{}: {}", error.path(), error.inner()))
}

/// Names the wrong one of the fields that most requests share. The typed parameters flatten them,
/// which loses their paths.
fn check_common_fields(params: &Value) -> Result<(), String> {
    let number = |value: &Value| value.as_u64().is_some_and(|n| n <= i32::MAX as u64);
    let has_document = params.get("textDocument").is_some();
    if has_document && !params.pointer("/textDocument/uri").is_some_and(Value::is_string) {
        return Err("textDocument.uri: expected a string".into());
    }
    for base in ["/position", "/range/start", "/range/end"] {
        if params.pointer(base).is_none() {
            continue;
        }
        for part in ["line", "character"] {
            let pointer = format!("{base}/{part}");
            if !params.pointer(&pointer).is_some_and(number) {
                let dotted = pointer.trim_start_matches('/').replace('/', ".");
                return Err(format!("{dotted}: expected an integer from 0 to 2147483647"));
            }
        }
    }
    Ok(())
}

/// `textDocument/didOpen`. The typed parameters know a fixed list of languages and ask for more
/// than is needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidOpen {
    pub text_document: OpenedDocument,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedDocument {
    pub uri: String,
    #[serde(default)]
    pub language_id: String,
    #[serde(default)]
    pub version: i32,
    pub text: String,
}

/// `textDocument/didChange`. Among the typed parameters a change with a broken range passes for one
/// of the whole text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidChange {
    pub text_document: ChangedDocument,
    pub content_changes: Vec<ContentChange>,
}

#[derive(Deserialize)]
pub(crate) struct ChangedDocument {
    pub uri: String,
    pub version: Option<i32>,
}

#[derive(Deserialize)]
pub(crate) struct ContentChange {
    pub range: Option<lsp::Range>,
    pub text: String,
}

/// Reads the client's capabilities, each by itself, so that an odd one spoils no other. Its name
/// decides nothing, but where a client does otherwise than it says.
pub(crate) fn capabilities(params: &Value) -> Capabilities {
    let client = &params["capabilities"];
    let flag = |path: &str| client.pointer(path).and_then(Value::as_bool).unwrap_or(false);
    let has = |path: &str, wanted: &str| {
        let list = client.pointer(path).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|value| value == wanted))
    };
    let is_object = |path: &str| client.pointer(path).is_some_and(Value::is_object);
    let document = |path: &str| format!("/textDocument/{path}");
    let publish = |name: &str| {
        flag(&document(&format!("publishDiagnostics/{name}")))
            || flag(&document(&format!("diagnostic/{name}")))
    };
    // Neovim 0.12 answers a refresh with a pull of the workspace, and drops what that says of open
    // documents: what comes late from git and registries would not be seen.
    let drops_refreshes = params.pointer("/clientInfo/name").is_some_and(|name| name == "Neovim");
    let has_tags = |kind: &str| is_object(&document(&format!("{kind}/tagSupport")));
    Capabilities {
        encoding: encoding(client),
        // The wire name is plural.
        pulls_diagnostics: is_object("/textDocument/diagnostic")
            && flag("/workspace/diagnostics/refreshSupport")
            && !drops_refreshes,
        snippets: flag(&document("completion/completionItem/snippetSupport")),
        adjusts_indentation: client
            .pointer(&document("completion/completionItem/insertTextModeSupport/valueSet"))
            .and_then(Value::as_array)
            .map(|modes| modes.iter().any(|mode| *mode == 2)),
        markdown_hover: has(&document("hover/contentFormat"), "markdown"),
        markdown_completion: has(
            &document("completion/completionItem/documentationFormat"),
            "markdown",
        ),
        label_details: flag(&document("completion/completionItem/labelDetailsSupport")),
        inserts_or_replaces: flag(&document("completion/completionItem/insertReplaceSupport")),
        commit_characters: flag(&document("completion/completionItem/commitCharactersSupport")),
        preselects: flag(&document("completion/completionItem/preselectSupport")),
        resolves_documentation: has(
            &document("completion/completionItem/resolveSupport/properties"),
            "documentation",
        ),
        list_defaults: {
            let has = |name| has(&document("completion/completionList/itemDefaults"), name);
            ListDefaults {
                edit_range: has("editRange"),
                insert_text_format: has("insertTextFormat"),
                insert_text_mode: has("insertTextMode"),
            }
        },
        resolves_symbols: has("/workspace/symbol/resolveSupport/properties", "location.range"),
        file_operations: {
            let flag = |name| flag(&format!("/workspace/fileOperations/{name}"));
            FileOperations {
                will_rename: flag("willRename"),
                did_rename: flag("didRename"),
                did_create: flag("didCreate"),
                did_delete: flag("didDelete"),
            }
        },
        hierarchical_symbols: flag(&document("documentSymbol/hierarchicalDocumentSymbolSupport")),
        action_literals: is_object(&document("codeAction/codeActionLiteralSupport")),
        resolves_actions: has(&document("codeAction/resolveSupport/properties"), "edit"),
        document_changes: flag("/workspace/workspaceEdit/documentChanges"),
        creates_files: has("/workspace/workspaceEdit/resourceOperations", "create"),
        related_information: publish("relatedInformation"),
        related_documents: flag(&document("diagnostic/relatedDocumentSupport")),
        code_description: publish("codeDescriptionSupport"),
        diagnostic_data: publish("dataSupport"),
        diagnostic_tags: has_tags("publishDiagnostics") || has_tags("diagnostic"),
        refreshes_inlays: flag("/workspace/inlayHint/refreshSupport"),
        refreshes_lenses: flag("/workspace/codeLens/refreshSupport"),
        watches_files: flag("/workspace/didChangeWatchedFiles/dynamicRegistration"),
        relative_patterns: flag("/workspace/didChangeWatchedFiles/relativePatternSupport"),
        answers_configuration: flag("/workspace/configuration"),
        virtual_documents: is_object("/workspace/textDocumentContent"),
        applies_edits: flag("/workspace/applyEdit"),
        wants_status: flag("/experimental/pacto/status"),
        wants_graph: flag("/experimental/pacto/graph"),
        offered: Capabilities::LOOKED_FOR
            .into_iter()
            .filter(|name| {
                let has = |base: &str| {
                    let found = client.pointer(&format!("/{base}/{name}"));
                    found.is_some_and(|value| value.is_object() || *value == true)
                };
                has("textDocument") || has("workspace")
            })
            .collect(),
    }
}

/// The first encoding of the client's list that is known; UTF-16 without one.
fn encoding(client: &Value) -> ColumnEncoding {
    let list = client.pointer("/general/positionEncodings").and_then(Value::as_array);
    let names = list.into_iter().flatten().filter_map(Value::as_str);
    let mut known = names.filter_map(|name| match name {
        "utf-8" => Some(ColumnEncoding::Utf8),
        "utf-16" => Some(ColumnEncoding::Utf16),
        "utf-32" => Some(ColumnEncoding::Utf32),
        _ => None,
    });
    known.next().unwrap_or_default()
}

/// A kind of action, as the protocol calls it.
pub(crate) fn kind_text(kind: &lsp::CodeActionKind) -> String {
    let kind = serde_json::to_value(kind).unwrap_or_default();
    kind.as_str().unwrap_or_default().to_owned()
}

/// Whether an action of `kind` is wanted; without a list those that a person may choose from.
pub(crate) fn wants_action(only: Option<&[lsp::CodeActionKind]>, kind: &str) -> bool {
    let Some(only) = only else { return !kind.starts_with("source") };
    only.iter().any(|wanted| {
        let wanted = &*kind_text(wanted);
        kind.strip_prefix(wanted)
            .is_some_and(|rest| wanted.is_empty() || rest.is_empty() || rest.starts_with('.'))
    })
}

/// The folders of `initialize`.
pub(crate) fn workspace_folders(params: &Value) -> Vec<String> {
    match params["workspaceFolders"].as_array() {
        Some(folders) => {
            folders.iter().filter_map(|f| f["uri"].as_str().map(str::to_owned)).collect()
        }
        None => params["rootUri"].as_str().map(str::to_owned).into_iter().collect(),
    }
}
