//! `workspace/textDocumentContent`: files of published bundles and of commits, to be read.

use tower_lsp::gen_lsp_types::{TextDocumentContentParams, TextDocumentContentResult};

use crate::snapshot::Snapshot;
use crate::uri;

/// # Errors
/// Why there is no text.
pub(crate) fn content(
    snapshot: &Snapshot,
    params: &TextDocumentContentParams,
) -> Result<TextDocumentContentResult, String> {
    let uri = &params.uri.0;
    let file =
        uri::virtual_file(uri).ok_or(format!("`{uri}` is not a `pacto-bundle:` document"))?;
    let text = snapshot.virtual_place(&file).and_then(|(key, path)| {
        snapshot.analysis.file_text(&key.root, &path).ready().map(|text| text.to_string())
    });
    let text = text.ok_or(format!("`{file}` is not known; open the contract that leads there"))?;
    Ok(TextDocumentContentResult { text })
}
