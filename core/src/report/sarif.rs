//! SARIF 2.1.0 (OASIS), for code scanning: what all logs of the program have in common.

use serde_json::{Value, json};

use super::{Range, Weight};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run of the program.
pub(super) struct Run<'a> {
    pub tool_version: &'a str,
    pub rules: Vec<Value>,
    pub results: Vec<Value>,
    /// How it went, where there is more to say than the results.
    pub invocation: Option<Value>,
}

impl Run<'_> {
    /// The log that holds this run alone.
    pub fn log(self) -> Value {
        let mut run = json!({
            "tool": {"driver": {
                "name": "pacto",
                "version": self.tool_version,
                "semanticVersion": self.tool_version,
                "informationUri": "https://github.com/pacto/pacto",
                "rules": self.rules,
            }},
            "columnKind": "unicodeCodePoints",
        });
        if let Some(invocation) = self.invocation {
            run["invocations"] = json!([invocation]);
        }
        run["results"] = self.results.into();
        json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
    }
}

pub(super) fn level(weight: Weight) -> &'static str {
    match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "note",
    }
}

pub(super) fn region(range: Range) -> Value {
    json!({
        "startLine": range.start_line,
        "startColumn": range.start_column,
        "endLine": range.end_line,
        "endColumn": range.end_column,
    })
}

/// A path as a relative URI reference (RFC 3986).
pub(super) fn uri(path: &str) -> String {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/".contains(b);
    let encode = |b: u8| if is_plain(&b) { (b as char).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(encode).collect()
}
