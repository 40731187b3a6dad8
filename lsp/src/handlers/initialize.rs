//! `initialize`: what the server offers.

use pacto_core::text::ColumnEncoding;
use tower_lsp::gen_lsp_types::{
    ChangeNotifications, CodeActionOptions, CodeActionProvider, CodeLensOptions, CompletionOptions,
    DiagnosticOptions, DocumentLinkOptions, DocumentOnTypeFormattingOptions,
    DocumentRangeFormattingOptions, DocumentSymbolOptions, ExecuteCommandOptions,
    FileOperationFilter, FileOperationOptions, FileOperationPattern, FileOperationPatternKind,
    FileOperationRegistrationOptions, InitializeResult, InlayHintOptions, PositionEncodingKind,
    RenameOptions, SaveOptions, SemanticTokensFullDelta, SemanticTokensOptions, ServerCapabilities,
    ServerCompletionItemOptions, ServerInfo, TextDocumentContentOptions, TextDocumentSyncKind,
    TextDocumentSyncOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
    WorkspaceSymbolOptions,
};

use super::code_action;
use super::formatting::TRIGGERS;
use super::semantic_tokens;
use super::text_document_content::VIRTUAL_SCHEMES;
use crate::client::{Capabilities, FileOperations};
use crate::commands;

/// The answer. What the client did not offer is left out.
pub(crate) fn result(client: &Capabilities) -> InitializeResult {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(SaveOptions { include_text: Some(true) }.into()),
        ..TextDocumentSyncOptions::default()
    };
    let triggers = [":", " ", "-", "/", "\"", "'", "{", "[", ",", "@", "^", "~", "=", "."];
    let completion = CompletionOptions {
        trigger_characters: Some(triggers.map(str::to_owned).into()),
        completion_item: Some(ServerCompletionItemOptions {
            label_details_support: Some(client.label_details),
        }),
        resolve_provider: Some(client.resolves_documentation),
        ..CompletionOptions::default()
    };
    let symbols = DocumentSymbolOptions {
        label: Some("Pacto".to_owned()),
        ..DocumentSymbolOptions::default()
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(code_action::kinds()),
        resolve_provider: client.resolves_actions.then_some(true),
        ..CodeActionOptions::default()
    };
    let actions: CodeActionProvider = match client.action_literals {
        true => actions.into(),
        false => true.into(),
    };
    let diagnostics = client.pulls_diagnostics.then(|| DiagnosticOptions {
        identifier: Some("pacto".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        ..DiagnosticOptions::default()
    });
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(ChangeNotifications::Bool(true)),
    };
    let offers = |name: &str| client.offers(name);
    let capabilities = ServerCapabilities {
        position_encoding: Some(match client.encoding {
            ColumnEncoding::Utf8 => PositionEncodingKind::UTF8,
            ColumnEncoding::Utf16 => PositionEncodingKind::UTF16,
            ColumnEncoding::Utf32 => PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(sync.into()),
        completion_provider: Some(completion),
        hover_provider: Some(true.into()),
        document_symbol_provider: Some(symbols.into()),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: offers("rangeFormatting").then(|| {
            let ranges = offers("rangeFormatting/rangesSupport").then_some(true);
            let options = DocumentRangeFormattingOptions {
                ranges_support: ranges,
                ..DocumentRangeFormattingOptions::default()
            };
            options.into()
        }),
        document_on_type_formatting_provider: offers("onTypeFormatting").then(|| {
            DocumentOnTypeFormattingOptions {
                first_trigger_character: TRIGGERS.0.to_owned(),
                more_trigger_character: Some(vec![TRIGGERS.1.to_owned()]),
            }
        }),
        semantic_tokens_provider: offers("semanticTokens").then(|| {
            let delta = SemanticTokensFullDelta { delta: Some(true) };
            let options = SemanticTokensOptions {
                legend: semantic_tokens::legend(),
                range: Some(true.into()),
                full: Some(delta.into()),
                ..SemanticTokensOptions::default()
            };
            options.into()
        }),
        inlay_hint_provider: Some(
            InlayHintOptions {
                resolve_provider: client.offers("inlayHint/resolveSupport").then_some(true),
                ..InlayHintOptions::default()
            }
            .into(),
        ),
        code_lens_provider: Some(CodeLensOptions::default()),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: commands::ALL.map(str::to_owned).into(),
            ..ExecuteCommandOptions::default()
        }),
        definition_provider: offers("definition").then(|| true.into()),
        declaration_provider: offers("declaration").then(|| true.into()),
        type_definition_provider: offers("typeDefinition").then(|| true.into()),
        implementation_provider: offers("implementation").then(|| true.into()),
        references_provider: offers("references").then(|| true.into()),
        document_highlight_provider: offers("documentHighlight").then(|| true.into()),
        document_link_provider: offers("documentLink").then(|| DocumentLinkOptions {
            resolve_provider: Some(true),
            ..DocumentLinkOptions::default()
        }),
        folding_range_provider: offers("foldingRange").then(|| true.into()),
        selection_range_provider: offers("selectionRange").then(|| true.into()),
        rename_provider: offers("rename").then(|| {
            let options =
                RenameOptions { prepare_provider: Some(true), ..RenameOptions::default() };
            options.into()
        }),
        linked_editing_range_provider: offers("linkedEditingRange").then(|| true.into()),
        call_hierarchy_provider: offers("callHierarchy").then(|| true.into()),
        type_hierarchy_provider: offers("typeHierarchy").then(|| true.into()),
        workspace_symbol_provider: offers("symbol").then(|| {
            WorkspaceSymbolOptions {
                resolve_provider: Some(client.resolves_symbols),
                ..WorkspaceSymbolOptions::default()
            }
            .into()
        }),
        code_action_provider: Some(actions),
        diagnostic_provider: diagnostics.map(Into::into),
        workspace: Some(WorkspaceOptions {
            workspace_folders: Some(folders),
            file_operations: file_operations(client.file_operations),
            text_document_content: client.virtual_documents.then(|| {
                TextDocumentContentOptions { schemes: VIRTUAL_SCHEMES.map(str::to_owned).into() }
                    .into()
            }),
        }),
        ..ServerCapabilities::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    let server_info = Some(ServerInfo { name: "pacto".to_owned(), version });
    InitializeResult { capabilities, server_info }
}

/// The operations that the client tells of, on files that contracts may name and on folders.
fn file_operations(client: FileOperations) -> Option<FileOperationOptions> {
    let filter = |glob: &str, kind| FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: FileOperationPattern { glob: glob.to_owned(), matches: Some(kind), options: None },
    };
    let filters = vec![
        filter("**/*.{yaml,yml,json,proto}", FileOperationPatternKind::File),
        filter("**/.pactoignore", FileOperationPatternKind::File),
        filter("**", FileOperationPatternKind::Folder),
    ];
    let of = |is_told: bool| {
        is_told.then(|| FileOperationRegistrationOptions { filters: filters.clone() })
    };
    let options = FileOperationOptions {
        will_rename: of(client.will_rename),
        did_rename: of(client.did_rename),
        did_create: of(client.did_create),
        did_delete: of(client.did_delete),
        ..FileOperationOptions::default()
    };
    (options != FileOperationOptions::default()).then_some(options)
}
