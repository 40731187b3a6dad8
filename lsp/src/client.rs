//! What the client can do, and what it is asked.

use std::collections::BTreeSet;

use pacto_core::text::ColumnEncoding;
use serde_json::Value;
use tower_lsp::gen_lsp_types::Request;

/// What the client can do, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capabilities {
    pub encoding: ColumnEncoding,
    pub pulls_diagnostics: bool,
    pub snippets: bool,
    /// Whether it indents further lines of a completion itself, if it says.
    pub adjusts_indentation: Option<bool>,
    pub markdown_hover: bool,
    pub markdown_completion: bool,
    pub label_details: bool,
    pub inserts_or_replaces: bool,
    pub commit_characters: bool,
    pub preselects: bool,
    /// Whether the documentation of a proposal may come when it is looked at.
    pub resolves_documentation: bool,
    /// What a list of proposals may say once for all of them.
    pub list_defaults: ListDefaults,
    /// Whether the places of symbols may come when they are gone to.
    pub resolves_symbols: bool,
    pub file_operations: FileOperations,
    pub hierarchical_symbols: bool,
    pub action_literals: bool,
    /// Whether it asks for the edit of an action once it is chosen.
    pub resolves_actions: bool,
    pub document_changes: bool,
    pub creates_files: bool,
    pub related_information: bool,
    pub related_documents: bool,
    pub code_description: bool,
    pub diagnostic_data: bool,
    pub diagnostic_tags: bool,
    pub watches_files: bool,
    pub relative_patterns: bool,
    pub answers_configuration: bool,
    pub refreshes_inlays: bool,
    pub refreshes_lenses: bool,
    /// Whether documents can be opened that are in no folder.
    pub virtual_documents: bool,
    /// Whether it makes edits that the server asks for.
    pub applies_edits: bool,
    /// Whether it wants to be told how the server is.
    pub wants_status: bool,
    /// Whether it wants to be told that who uses whom has changed.
    pub wants_graph: bool,
    /// The capabilities of `textDocument` and `workspace`, of those that are looked for, that the
    /// client has.
    pub offered: BTreeSet<&'static str>,
}

impl Capabilities {
    /// Capabilities that are looked for by their path below `textDocument`, else `workspace`.
    pub(crate) const LOOKED_FOR: [&str; 26] = [
        "codeAction/disabledSupport",
        "inlayHint/resolveSupport",
        "definition",
        "definition/linkSupport",
        "declaration",
        "declaration/linkSupport",
        "typeDefinition",
        "typeDefinition/linkSupport",
        "implementation",
        "implementation/linkSupport",
        "references",
        "documentHighlight",
        "documentLink",
        "foldingRange",
        "selectionRange",
        "rename",
        "linkedEditingRange",
        "callHierarchy",
        "typeHierarchy",
        "semanticTokens",
        "semanticTokens/augmentsSyntaxTokens",
        "semanticTokens/multilineTokenSupport",
        "rangeFormatting",
        "rangeFormatting/rangesSupport",
        "onTypeFormatting",
        "symbol",
    ];

    /// Whether the client has a capability of [`Capabilities::LOOKED_FOR`].
    pub(crate) fn offers(&self, name: &str) -> bool {
        self.offered.contains(name)
    }
}

/// The defaults of a list of proposals that the client reads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ListDefaults {
    pub edit_range: bool,
    pub insert_text_format: bool,
    pub insert_text_mode: bool,
}

/// The operations on files that the client tells of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FileOperations {
    pub will_rename: bool,
    pub did_rename: bool,
    pub did_create: bool,
    pub did_delete: bool,
}

/// A request to the client.
pub(crate) struct ServerRequest {
    pub method: String,
    pub params: Value,
    /// A later request of the same key replaces this one while it is queued.
    pub key: Option<String>,
    pub awaited: Option<Awaited>,
}

/// What an answer of the client is needed for.
#[derive(Clone, Debug)]
pub(crate) enum Awaited {
    /// The settings of everything outside of folders, then of these folders.
    Configuration(Vec<String>),
}

impl ServerRequest {
    pub(crate) fn new<R: Request>(params: R::Params) -> ServerRequest {
        ServerRequest {
            method: R::METHOD.to_string(),
            params: serde_json::to_value(params).unwrap_or_default(),
            key: None,
            awaited: None,
        }
    }

    /// One that a later one of the same method makes superfluous.
    pub(crate) fn replaceable<R: Request>(params: R::Params) -> ServerRequest {
        ServerRequest { key: Some(R::METHOD.to_string()), ..ServerRequest::new::<R>(params) }
    }
}
