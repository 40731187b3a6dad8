//! The service: typed requests routed to handlers by tower-lsp.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    CodeActionParams, CodeLensParams, CompletionParams, DocumentDiagnosticParams,
    DocumentFormattingParams, DocumentSymbolParams, HoverParams, InitializeParams,
    InitializeResult, InlayHintParams, WorkspaceDiagnosticParams,
};

use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::{LanguageServer, LspService};

use crate::handlers;
use crate::snapshot::{self, Capabilities, Snapshot};

/// The backend behind the service: it knows what the client can do and nothing else.
#[derive(Default)]
pub(crate) struct Backend {
    pub capabilities: Arc<Mutex<Capabilities>>,
}

impl LanguageServer for Backend {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        let capabilities = self.capabilities.lock().unwrap_or_else(|p| p.into_inner()).clone();
        let result = handlers::initialize::result(&capabilities);
        serde_json::from_value(result).map_err(|error| {
            let mut internal = Error::internal_error();
            internal.message = error.to_string().into();
            internal
        })
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}

/// Parameters whose errors name the field that is wrong.
pub(crate) struct Strict<T>(T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        check_common_fields(&value).map_err(D::Error::custom)?;
        serde_path_to_error::deserialize(value)
            .map(Strict)
            .map_err(|error| D::Error::custom(format!("{}: {}", error.path(), error.inner())))
    }
}

/// Names the wrong one of the fields that most requests share. The typed parameters flatten them,
/// which loses their paths.
fn check_common_fields(params: &Value) -> std::result::Result<(), String> {
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
                return Err(format!(
                    "{}: expected an integer from 0 to 2147483647",
                    dotted(&pointer)
                ));
            }
        }
    }
    Ok(())
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// Runs a handler on the snapshot of the request that this thread handles.
fn run<P>(handler: impl FnOnce(&Snapshot, P) -> Value, params: P) -> Result<Value> {
    match snapshot::current() {
        Some(snapshot) => Ok(handler(&snapshot, params)),
        None => Err(Error::internal_error()),
    }
}

impl Backend {
    async fn completion(&self, params: Strict<CompletionParams>) -> Result<Value> {
        run(handlers::completion::completion, params.0)
    }

    async fn hover(&self, params: Strict<HoverParams>) -> Result<Value> {
        run(handlers::hover::hover, params.0)
    }

    async fn document_symbol(&self, params: Strict<DocumentSymbolParams>) -> Result<Value> {
        run(handlers::document_symbol::document_symbol, params.0)
    }

    async fn code_action(&self, params: Strict<CodeActionParams>) -> Result<Value> {
        run(handlers::code_action::code_action, params.0)
    }

    async fn inlay_hint(&self, params: Strict<InlayHintParams>) -> Result<Value> {
        run(handlers::inlay_hint::inlay_hint, params.0)
    }

    async fn code_lens(&self, params: Strict<CodeLensParams>) -> Result<Value> {
        run(handlers::code_lens::code_lens, params.0)
    }

    async fn formatting(&self, params: Strict<DocumentFormattingParams>) -> Result<Value> {
        run(handlers::formatting::formatting, params.0)
    }

    async fn document_diagnostic(&self, params: Strict<DocumentDiagnosticParams>) -> Result<Value> {
        run(handlers::diagnostic::document_diagnostic, params.0)
    }

    async fn workspace_diagnostic(
        &self,
        params: Strict<WorkspaceDiagnosticParams>,
    ) -> Result<Value> {
        run(handlers::diagnostic::workspace_diagnostic, params.0)
    }
}

/// The service with the methods that are offered, and no others.
pub(crate) fn service(capabilities: Arc<Mutex<Capabilities>>) -> LspService<Backend> {
    let (service, _socket) = LspService::build_with_lifecycle_methods(|_| Backend { capabilities })
        .custom_method("textDocument/completion", Backend::completion)
        .custom_method("textDocument/hover", Backend::hover)
        .custom_method("textDocument/documentSymbol", Backend::document_symbol)
        .custom_method("textDocument/codeAction", Backend::code_action)
        .custom_method("textDocument/inlayHint", Backend::inlay_hint)
        .custom_method("textDocument/codeLens", Backend::code_lens)
        .custom_method("textDocument/formatting", Backend::formatting)
        .custom_method("textDocument/diagnostic", Backend::document_diagnostic)
        .custom_method("workspace/diagnostic", Backend::workspace_diagnostic)
        .finish();
    service
}

/// Runs a future that never waits.
pub(crate) fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
