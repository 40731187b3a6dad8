//! `initialize`: what the client can do, what the server offers.

use pacto_core::text::ColumnEncoding;
use serde_json::{Value, json};

use super::code_lens::{BUMP_VERSION, SHOW_CHANGES};
use crate::snapshot::Capabilities;

/// Reads the client's capabilities. Its name decides nothing, but where a client does otherwise than
/// it says.
pub(crate) fn capabilities(params: &Value) -> Capabilities {
    let client = &params["capabilities"];
    let flag = |path: &str| client.pointer(path).and_then(Value::as_bool).unwrap_or(false);
    let has = |path: &str, wanted: &str| {
        let list = client.pointer(path).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|value| value == wanted))
    };
    let document = |path: &str| format!("/textDocument/{path}");
    let publish = |name: &str| {
        flag(&document(&format!("publishDiagnostics/{name}")))
            || flag(&document(&format!("diagnostic/{name}")))
    };
    let pull = client.pointer("/textDocument/diagnostic").is_some_and(Value::is_object);
    // Neovim 0.12 answers a refresh with a pull of the workspace, and drops what that says of open
    // documents: what comes late from git and registries would not be seen.
    let drops_refreshes = params.pointer("/clientInfo/name").is_some_and(|name| name == "Neovim");
    let tags = |kind: &str| {
        client.pointer(&document(&format!("{kind}/tagSupport"))).is_some_and(Value::is_object)
    };
    Capabilities {
        encoding: encoding(client),
        // The wire name is plural.
        pulls_diagnostics: pull
            && flag("/workspace/diagnostics/refreshSupport")
            && !drops_refreshes,
        snippets: flag(&document("completion/completionItem/snippetSupport")),
        markdown_hover: has(&document("hover/contentFormat"), "markdown"),
        markdown_completion: has(
            &document("completion/completionItem/documentationFormat"),
            "markdown",
        ),
        label_details: flag(&document("completion/completionItem/labelDetailsSupport")),
        hierarchical_symbols: flag(&document("documentSymbol/hierarchicalDocumentSymbolSupport")),
        action_literals: client
            .pointer(&document("codeAction/codeActionLiteralSupport"))
            .is_some_and(Value::is_object),
        document_changes: flag("/workspace/workspaceEdit/documentChanges"),
        related_information: publish("relatedInformation"),
        code_description: publish("codeDescriptionSupport"),
        diagnostic_data: publish("dataSupport"),
        diagnostic_tags: tags("publishDiagnostics") || tags("diagnostic"),
        refreshes_inlays: flag("/workspace/inlayHint/refreshSupport"),
        refreshes_lenses: flag("/workspace/codeLens/refreshSupport"),
        watches_files: flag("/workspace/didChangeWatchedFiles/dynamicRegistration"),
    }
}

/// The first encoding of the client's list that is known; UTF-16 without one.
fn encoding(client: &Value) -> ColumnEncoding {
    let list = client.pointer("/general/positionEncodings").and_then(Value::as_array);
    let names = list.into_iter().flatten().filter_map(Value::as_str);
    let known = names.filter_map(|name| match name {
        "utf-8" => Some(ColumnEncoding::Utf8),
        "utf-16" => Some(ColumnEncoding::Utf16),
        "utf-32" => Some(ColumnEncoding::Utf32),
        _ => None,
    });
    known.into_iter().next().unwrap_or_default()
}

/// The answer. What the client did not offer is left out.
pub(crate) fn result(client: &Capabilities) -> Value {
    let encoding = match client.encoding {
        ColumnEncoding::Utf8 => "utf-8",
        ColumnEncoding::Utf16 => "utf-16",
        ColumnEncoding::Utf32 => "utf-32",
    };
    let mut capabilities = json!({
        "positionEncoding": encoding,
        "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": true}},
        "completionProvider": {
            "triggerCharacters": [":", " ", "-", "/", "\"", "'", "{", "[", ","],
            "completionItem": {"labelDetailsSupport": client.label_details},
        },
        "hoverProvider": true,
        "documentSymbolProvider": {"label": "Pacto"},
        "documentFormattingProvider": true,
        "inlayHintProvider": true,
        "codeLensProvider": {},
        "executeCommandProvider": {"commands": [SHOW_CHANGES, BUMP_VERSION]},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    });
    if client.action_literals {
        capabilities["codeActionProvider"] =
            json!({"codeActionKinds": ["quickfix", "source.fixAll.pacto"]});
    }
    if client.pulls_diagnostics {
        capabilities["diagnosticProvider"] = json!({
            "identifier": "pacto", "interFileDependencies": true, "workspaceDiagnostics": true,
        });
    }
    let info = json!({"name": "pacto", "version": env!("CARGO_PKG_VERSION")});
    json!({"capabilities": capabilities, "serverInfo": info})
}
