//! Operations of OpenAPI and Swagger documents.

use crate::value::Value;
use crate::yaml::NodeId;

/// One method of one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// In upper case.
    pub method: String,
    pub path: String,
    pub summary: Option<String>,
    /// The key of the path in the document.
    pub path_key: NodeId,
}

/// The methods of a path item, in the order of OpenAPI and of reports.
pub const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// The operations of a document, in its order.
pub fn operations(document: &Value) -> Vec<Operation> {
    let Some(paths) = document.get("paths") else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for path in paths.entries() {
        for method in path.value.entries() {
            if METHODS.contains(&&*method.key) {
                let text = |key| method.value.get(key).and_then(Value::as_str).map(str::to_owned);
                all.push(Operation {
                    method: method.key.to_ascii_uppercase(),
                    path: path.key.to_string(),
                    summary: text("summary").or_else(|| text("operationId")),
                    path_key: path.key_node,
                });
            }
        }
    }
    all
}
