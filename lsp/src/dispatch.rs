//! The requests that are offered: for each method its handler, with typed parameters and answer,
//! and where it runs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    CallHierarchyIncomingCallsRequest, CallHierarchyOutgoingCallsRequest,
    CallHierarchyPrepareRequest, CodeActionRequest, CodeActionResolveRequest, CodeLensRequest,
    CompletionRequest, CompletionResolveRequest, DeclarationRequest, DefinitionRequest,
    DocumentDiagnosticRequest, DocumentFormattingRequest, DocumentHighlightRequest,
    DocumentLinkRequest, DocumentLinkResolveRequest, DocumentOnTypeFormattingRequest,
    DocumentRangeFormattingRequest, DocumentRangesFormattingRequest, DocumentSymbolRequest,
    ExecuteCommandRequest, FoldingRangeRequest, HoverRequest, ImplementationRequest,
    InlayHintRequest, InlayHintResolveRequest, LinkedEditingRangeRequest, LspErrorCodes,
    PrepareRenameRequest, ProgressParams, ReferencesRequest, RenameRequest, Request,
    SelectionRangeRequest, SemanticTokensDeltaRequest, SemanticTokensRangeRequest,
    SemanticTokensRequest, TextDocumentContentRequest, TypeDefinitionRequest,
    TypeHierarchyPrepareRequest, TypeHierarchySubtypesRequest, TypeHierarchySupertypesRequest,
    WillRenameFilesRequest, WorkspaceDiagnosticReport, WorkspaceDiagnosticReportPartialResult,
    WorkspaceDiagnosticRequest, WorkspaceSymbolRequest, WorkspaceSymbolResolveRequest,
};
use tower_lsp::jsonrpc::{Error, ErrorCode};

use crate::extension::{BundleRequest, DiffRequest, GraphRequest, PreviewRequest, StatusRequest};
use crate::from_protocol::parameters;
use crate::handlers::commands::done::Then;
use crate::handlers::{
    code_action, code_lens, completion, definition, diagnostic, diff, document_link,
    document_symbol, execute_command, folding_range, formatting, graph, hierarchy, hover,
    inlay_hint, preview, references, rename, semantic_tokens, status, text_document_content,
    workspace_symbol,
};
use crate::lanes::Lane;
use crate::outbox::error;
use crate::snapshot::Snapshot;

/// What a request waits for before it gets its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Nothing: it is answered with what is known.
    No,
    /// Until findings of its text are made, so that an unfinished set is never shown.
    ForFindings,
    /// Until there is something new, as workspace pulls do.
    ForNews,
}

/// How a method is served.
pub(crate) struct Route {
    pub lane: Lane,
    pub waits: Waits,
    run: Run,
}

type Run = Box<dyn Fn(&Snapshot, &Value) -> Result<Answer, Error> + Send + Sync>;

/// An answer on its way.
#[derive(Default)]
pub(crate) struct Answer {
    /// The result as JSON.
    pub result: String,
    /// Parts of the result that go before it.
    pub parts: Vec<ProgressParams>,
    pub then: Option<Then>,
}

impl Answer {
    fn of(result: &impl Serialize) -> Result<Answer, Error> {
        let failed = |why: serde_json::Error| error(ErrorCode::InternalError, why.to_string());
        let result = serde_json::to_string(result).map_err(failed)?;
        Ok(Answer { result, ..Answer::default() })
    }
}

impl Route {
    /// Runs the handler.
    ///
    /// # Errors
    /// Parameters that cannot be read, or what the handler says.
    pub(crate) fn run(&self, snapshot: &Snapshot, params: &Value) -> Result<Answer, Error> {
        (self.run)(snapshot, params)
    }
}

/// The routes by method.
pub(crate) struct Routes(BTreeMap<String, Route>);

impl Routes {
    pub(crate) fn new() -> Routes {
        use Lane::{Background, Interactive};
        use Waits::{ForFindings, ForNews, No};
        let mut routes = Routes(BTreeMap::new());
        routes.on::<CompletionRequest>(Interactive, No, completion::completion);
        routes.on::<CompletionResolveRequest>(Interactive, No, completion::resolve);
        routes.on::<HoverRequest>(Interactive, No, hover::hover);
        routes.on::<DocumentSymbolRequest>(Interactive, No, document_symbol::document_symbol);
        routes.on::<CodeActionRequest>(Interactive, No, code_action::code_action);
        routes.add::<CodeActionResolveRequest>(Interactive, No, |snapshot, action| {
            let modified = i32::from(LspErrorCodes::ContentModified);
            let gone = || {
                let modified = ErrorCode::ServerError(modified.into());
                error(modified, "the text has changed since".to_owned())
            };
            Answer::of(&code_action::resolve(snapshot, action).ok_or_else(gone)?)
        });
        routes.on::<InlayHintRequest>(Interactive, No, inlay_hint::inlay_hint);
        routes.on::<InlayHintResolveRequest>(Interactive, No, inlay_hint::resolve);
        routes.on::<CodeLensRequest>(Interactive, No, code_lens::code_lens);
        routes.on::<DefinitionRequest>(Interactive, No, definition::definition);
        routes.on::<DeclarationRequest>(Interactive, No, definition::declaration);
        routes.on::<TypeDefinitionRequest>(Interactive, No, definition::type_definition);
        routes.on::<ImplementationRequest>(Interactive, No, definition::implementation);
        routes.on::<ReferencesRequest>(Interactive, No, references::references);
        routes.on::<DocumentHighlightRequest>(Interactive, No, references::highlight);
        routes.on::<DocumentLinkRequest>(Interactive, No, document_link::document_link);
        routes.on::<DocumentLinkResolveRequest>(Interactive, No, document_link::resolve);
        routes.on::<FoldingRangeRequest>(Interactive, No, folding_range::folding_range);
        routes.on::<SelectionRangeRequest>(Interactive, No, folding_range::selection_range);
        routes.on::<LinkedEditingRangeRequest>(Interactive, No, rename::linked);
        routes.on::<WorkspaceSymbolRequest>(Interactive, No, workspace_symbol::workspace_symbol);
        routes.on::<WorkspaceSymbolResolveRequest>(Interactive, No, workspace_symbol::resolve);
        routes.on::<CallHierarchyPrepareRequest>(Interactive, No, hierarchy::prepare_calls);
        routes.on::<CallHierarchyIncomingCallsRequest>(Interactive, No, hierarchy::incoming);
        routes.on::<CallHierarchyOutgoingCallsRequest>(Interactive, No, hierarchy::outgoing);
        routes.on::<TypeHierarchyPrepareRequest>(Interactive, No, hierarchy::prepare_types);
        routes.on::<TypeHierarchySupertypesRequest>(Interactive, No, hierarchy::supertypes);
        routes.on::<TypeHierarchySubtypesRequest>(Interactive, No, hierarchy::subtypes);
        routes.fallible::<PrepareRenameRequest>(Interactive, No, rename::prepare);
        routes.fallible::<RenameRequest>(Interactive, No, rename::rename);
        routes.fallible::<WillRenameFilesRequest>(Interactive, No, rename::files);
        let content = text_document_content::content;
        routes.fallible::<TextDocumentContentRequest>(Interactive, No, content);
        routes.on::<DocumentFormattingRequest>(Interactive, No, formatting::formatting);
        routes.on::<DocumentRangeFormattingRequest>(Interactive, No, formatting::range);
        routes.on::<DocumentRangesFormattingRequest>(Interactive, No, formatting::ranges);
        routes.on::<DocumentOnTypeFormattingRequest>(Interactive, No, formatting::on_type);
        routes.on::<SemanticTokensRequest>(Interactive, No, semantic_tokens::full);
        routes.on::<SemanticTokensDeltaRequest>(Interactive, No, semantic_tokens::delta);
        routes.on::<SemanticTokensRangeRequest>(Interactive, No, semantic_tokens::range);
        routes.on::<DocumentDiagnosticRequest>(
            Interactive,
            ForFindings,
            diagnostic::document_diagnostic,
        );
        routes.add::<ExecuteCommandRequest>(Interactive, No, |snapshot, params| {
            let done = execute_command::execute(snapshot, &params);
            let done = done.map_err(|why| error(ErrorCode::InvalidParams, why))?;
            Ok(Answer { then: done.then, ..Answer::of(&done.result)? })
        });
        routes.on::<GraphRequest>(Interactive, No, graph::graph);
        routes.on::<PreviewRequest>(Interactive, No, preview::preview);
        routes.on::<BundleRequest>(Interactive, No, preview::bundle);
        routes.on::<DiffRequest>(Interactive, No, diff::diff);
        routes.on::<StatusRequest>(Interactive, No, |snapshot, _| status::status(snapshot));
        routes.add::<WorkspaceDiagnosticRequest>(Background, ForNews, workspace_diagnostic);
        routes
    }

    pub(crate) fn get(&self, method: &str) -> Option<&Route> {
        match method {
            // For clients that lack the method of the protocol.
            "pacto/textDocumentContent" => {
                self.0.get(&TextDocumentContentRequest::METHOD.to_string())
            }
            _ => self.0.get(method),
        }
    }

    /// A handler that gives the answer of the protocol and nothing else.
    fn on<R: Request>(
        &mut self,
        lane: Lane,
        waits: Waits,
        handler: impl Fn(&Snapshot, R::Params) -> R::Result + Send + Sync + 'static,
    ) {
        self.add::<R>(lane, waits, move |snapshot, params| Answer::of(&handler(snapshot, params)));
    }

    /// A handler that may refuse, with a sentence for the user.
    fn fallible<R: Request>(
        &mut self,
        lane: Lane,
        waits: Waits,
        handler: impl Fn(&Snapshot, &R::Params) -> Result<R::Result, String> + Send + Sync + 'static,
    ) {
        self.add::<R>(lane, waits, move |snapshot, params| {
            let failed = i32::from(LspErrorCodes::RequestFailed);
            let failed = ErrorCode::ServerError(failed.into());
            Answer::of(&handler(snapshot, &params).map_err(|why| error(failed, why))?)
        });
    }

    fn add<R: Request>(
        &mut self,
        lane: Lane,
        waits: Waits,
        handler: impl Fn(&Snapshot, R::Params) -> Result<Answer, Error> + Send + Sync + 'static,
    ) {
        let run: Run = Box::new(move |snapshot, params| {
            let params = parameters(params).map_err(|why| error(ErrorCode::InvalidParams, why))?;
            handler(snapshot, params)
        });
        self.0.insert(R::METHOD.to_string(), Route { lane, waits, run });
    }
}

/// Upper bound on the documents of one part of a workspace pull's answer.
const PART: usize = 64;

/// Who gave a token for it gets the reports in parts.
fn workspace_diagnostic(
    snapshot: &Snapshot,
    params: <WorkspaceDiagnosticRequest as Request>::Params,
) -> Result<Answer, Error> {
    let items = diagnostic::workspace_diagnostic(snapshot, &params);
    let Some(token) = params.partial_result_params.partial_result_token else {
        return Answer::of(&WorkspaceDiagnosticReport { items });
    };
    let parts = items.chunks(PART).map(|items| {
        let part = WorkspaceDiagnosticReportPartialResult { items: items.to_vec() };
        let value = serde_json::to_value(part).unwrap_or_default();
        ProgressParams { token: token.clone(), value }
    });
    let rest = WorkspaceDiagnosticReport { items: Vec::new() };
    Ok(Answer { parts: parts.collect(), ..Answer::of(&rest)? })
}
