//! `workspace/textDocumentContent`: documents that are in no folder, to be read: files of published
//! bundles and of commits, the pages of rules, the schemas of the format.

use pacto_core::check::rule_by_code;
use pacto_core::schema::{FormatVersion, json_schema};
use tower_lsp::gen_lsp_types::{TextDocumentContentParams, TextDocumentContentResult};

use crate::snapshot::Snapshot;
use crate::uri::{self, VIRTUAL_SCHEME};

const RULE: &str = "pacto-doc";
const SCHEMA: &str = "pacto-schema";

/// The schemes of the documents that there are.
pub(crate) const VIRTUAL_SCHEMES: [&str; 3] = [VIRTUAL_SCHEME, RULE, SCHEMA];

/// # Errors
/// Why there is no text.
pub(crate) fn content(
    snapshot: &Snapshot,
    params: &TextDocumentContentParams,
) -> Result<TextDocumentContentResult, String> {
    let uri = &params.uri.0;
    let (scheme, name) = uri.split_once(':').unwrap_or((uri, ""));
    let text = match scheme {
        RULE => rule(name)?,
        SCHEMA => schema(name)?,
        _ => bundled(snapshot, uri)?,
    };
    Ok(TextDocumentContentResult { text })
}

/// The page of a rule, by its code, with or without an ending.
fn rule(name: &str) -> Result<String, String> {
    let code = name.trim_start_matches('/').trim_end_matches(".md");
    let rule = rule_by_code(code).ok_or(format!("there is no rule `{code}`"))?;
    Ok(rule.docs.to_owned())
}

/// The JSON Schema of a version of the format.
fn schema(name: &str) -> Result<String, String> {
    let text = name.trim_start_matches('/').trim_end_matches(".json");
    let version = FormatVersion::from_text(text);
    let version = version.ok_or(format!("there is no version `{text}` of the format"))?;
    serde_json::to_string_pretty(&json_schema(version, "")).map_err(|why| why.to_string())
}

fn bundled(snapshot: &Snapshot, uri: &str) -> Result<String, String> {
    let schemes = VIRTUAL_SCHEMES.join(":`, `");
    let file = uri::virtual_file(uri).ok_or(format!("`{uri}` is not one of `{schemes}:`"))?;
    let text = snapshot.virtual_place(&file).and_then(|(key, path)| {
        snapshot.analysis.file_text(&key.root, &path).ready().map(|text| text.to_string())
    });
    text.ok_or(format!("`{file}` is not known; open the contract that leads there"))
}
