//! One file for each request. A handler gets a snapshot and typed parameters, and gives the typed
//! answer of the protocol.

pub(crate) mod bump;
pub(crate) mod check;
pub(crate) mod code_action;
pub(crate) mod code_lens;
pub(crate) mod commands;
pub(crate) mod completion;
pub(crate) mod definition;
pub(crate) mod diagnostic;
pub(crate) mod diff;
pub(crate) mod document_link;
pub(crate) mod document_symbol;
pub(crate) mod execute_command;
pub(crate) mod folding_range;
pub(crate) mod formatting;
pub(crate) mod graph;
pub(crate) mod hierarchy;
pub(crate) mod hover;
pub(crate) mod initialize;
pub(crate) mod inlay_hint;
pub(crate) mod preview;
pub(crate) mod references;
pub(crate) mod rename;
pub(crate) mod semantic_tokens;
pub(crate) mod status;
pub(crate) mod text_document_content;
pub(crate) mod workspace_symbol;

use pacto_core::ContractKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_lsp::gen_lsp_types::TextDocumentPositionParams;

use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

/// The contract that a document is or belongs to, and the document's absolute path.
fn file_of(snapshot: &Snapshot, uri: &str) -> Option<(ContractKey, String)> {
    let (key, path) = snapshot.place(uri)?;
    let file = key.root.file(&path);
    Some((key, file))
}

/// The contract that a document is, and the positions of its bundle's files.
fn contract_of<'s>(snapshot: &'s Snapshot, uri: &str) -> Option<(ContractKey, Files<'s>)> {
    let key = snapshot.contract(uri)?;
    let files = Files::new(snapshot, &key.root);
    Some((key, files))
}

/// Where something was offered that is made whole later, as the client carries it back.
#[derive(Serialize, Deserialize)]
struct Offered {
    uri: String,
    offset: u32,
}

impl Offered {
    fn at(uri: &str, offset: u32) -> Option<Value> {
        serde_json::to_value(Offered { uri: uri.to_owned(), offset }).ok()
    }

    /// `None` for what is not ours.
    fn read(data: Option<&Value>) -> Option<Offered> {
        serde_json::from_value(data?.clone()).ok()
    }
}

/// A cursor in a file of a bundle.
struct AtPlace {
    key: ContractKey,
    /// The path of the file in the bundle.
    path: String,
    /// Its name.
    file: String,
    offset: u32,
}

fn at_place(snapshot: &Snapshot, at: &TextDocumentPositionParams) -> Option<AtPlace> {
    let (key, path) = snapshot.place(&at.text_document.uri.0)?;
    let file = key.root.file(&path);
    let mut files = Files::new(snapshot, &key.root);
    let offset = files.positions(&file)?.offset(at.position);
    Some(AtPlace { key, path, file, offset })
}
