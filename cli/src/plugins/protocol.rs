//! What is said to a plugin and what it answers, whether it is a program or a function of ours.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a plugin is asked: protocol version 1, one JSON object on its stdin.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub protocol_version: &'static str,
    /// The contract with overrides, its keys as in `pacto.yaml`.
    pub contract: Value,
    /// The same with numbers as they are written, `1.10` or `1e3`, for settings, which are texts where
    /// they end up. Plugins that are programs do not get it.
    #[serde(skip)]
    pub as_written: Value,
    /// Absolute paths.
    pub bundle_dir: PathBuf,
    pub output_dir: PathBuf,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// What a plugin answers. Unknown fields are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    #[serde(default)]
    pub protocol_version: Option<String>,
    #[serde(default)]
    pub files: Vec<File>,
    #[serde(default)]
    pub message: Option<String>,
}

/// A file that a plugin made.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct File {
    pub path: String,
    #[serde(default)]
    pub content: String,
    /// `base64`, or text.
    #[serde(default)]
    pub encoding: Option<String>,
    /// Such as `0755`.
    #[serde(default)]
    pub mode: Option<String>,
}

impl File {
    pub fn text(path: impl Into<String>, content: impl Into<String>) -> File {
        File { path: path.into(), content: content.into(), ..File::default() }
    }
}

/// A plugin of ours.
pub struct BuiltIn {
    pub name: &'static str,
    pub about: &'static str,
    pub run: fn(&Request) -> Result<Response, String>,
}
