//! The texts that the client has open.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pacto_core::text::{ColumnEncoding, LineColumn, LineIndex};
use pacto_core::{CONTRACT_FILE, ContractKey, Root};
use serde_json::Value;

use crate::uri;

/// An open text and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub uri: String,
    pub version: i64,
    pub text: String,
    /// The contract that it is, or that it is a file of.
    pub contract: ContractKey,
    /// Its path in the contract's bundle.
    pub path: String,
    /// Whether the engine has not seen its text yet.
    pub is_dirty: bool,
}

impl Document {
    pub(crate) fn is_contract(&self) -> bool {
        self.path == *self.contract.path
    }
}

/// Open documents by the client's URI.
#[derive(Default)]
pub(crate) struct Documents(pub BTreeMap<String, Document>);

impl Documents {
    pub(crate) fn open(
        &mut self,
        uri: &str,
        language: &str,
        version: i64,
        text: String,
    ) -> Option<&Document> {
        let (contract, path) = place(uri, language)?;
        let document =
            Document { uri: uri.to_owned(), version, text, contract, path, is_dirty: true };
        self.0.insert(uri.to_owned(), document);
        self.0.get(uri)
    }

    /// The open document at a place of a bundle.
    pub(crate) fn at(&self, root: &Root, path: &str) -> Option<&Document> {
        self.0.values().find(|d| d.contract.root == *root && d.path == path)
    }
}

/// The contract that a document is or belongs to, and its path in the bundle; `None` for files
/// outside of every bundle.
pub(crate) fn place(uri: &str, language: &str) -> Option<(ContractKey, String)> {
    let Some(path) = uri::path_of(uri) else {
        // A buffer without a file is a bundle of its own.
        let contract = || ContractKey::from(Root::Buffer(uri.into()));
        return (language == "pacto").then(|| (contract(), CONTRACT_FILE.to_owned()));
    };
    let (folder, name) = path.rsplit_once('/')?;
    if matches!(name, CONTRACT_FILE | "pacto.yml") || language == "pacto" {
        return Some((ContractKey::new(Root::from(folder), name), name.to_owned()));
    }
    let mut root = folder;
    loop {
        if Path::new(root).join(CONTRACT_FILE).is_file() {
            return Some((ContractKey::from(root), path[root.len() + 1..].to_owned()));
        }
        root = root.rsplit_once('/').map(|(parent, _)| parent).filter(|p| !p.is_empty())?;
    }
}

/// Applies one entry of `contentChanges`. Ranges past the end are clamped, exchanged ends swapped.
pub(crate) fn apply_change(
    text: &mut String,
    change: &Value,
    encoding: ColumnEncoding,
) -> Result<(), String> {
    let new =
        change.get("text").and_then(Value::as_str).ok_or("contentChanges: text is missing")?;
    let Some(range) = change.get("range").filter(|range| !range.is_null()) else {
        new.clone_into(text);
        return Ok(());
    };
    let index = LineIndex::new(text);
    let offset = |end: &str| {
        let position = range.get(end).ok_or(format!("contentChanges: range.{end} is missing"))?;
        let number = |name: &str| {
            let value = position.get(name).and_then(Value::as_u64);
            let value = value.and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= i32::MAX as u32);
            value.ok_or(format!("contentChanges: range.{end}.{name} is no position"))
        };
        let at = LineColumn { line: number("line")?, column: number("character")? };
        Ok::<usize, String>(index.offset(text, at, encoding) as usize)
    };
    let (start, end) = (offset("start")?, offset("end")?);
    text.replace_range(start.min(end)..start.max(end), new);
    Ok(())
}

/// A text as the engine takes it.
pub(crate) fn shared(text: &str) -> Arc<str> {
    Arc::from(text)
}
