//! Whether what came in is one message of JSON-RPC, before rmcp reads it: it answers none of these
//! cases on stdio, and with text over HTTP.

use serde_json::{Value, json};

/// Upper bound on one message.
pub const MAX_BYTES: usize = 4 << 20;
/// Upper bound on the depth of one message.
const MAX_DEPTH: usize = 64;

/// Why a message is not taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: i64,
    pub message: &'static str,
    /// The id of the request, as far as it has one.
    pub id: Value,
}

impl Refusal {
    pub const TOO_LONG: Refusal =
        Refusal { code: -32600, message: "the message has over 4 MiB", id: Value::Null };

    /// The error that the client gets.
    pub fn answer(&self) -> String {
        json!({
            "jsonrpc": "2.0", "id": self.id,
            "error": {"code": self.code, "message": self.message},
        })
        .to_string()
    }
}

/// The message in a text.
///
/// # Errors
/// The text is no JSON, too deep, a batch, or no message of JSON-RPC 2.0.
pub fn open(text: &[u8]) -> Result<Value, Refusal> {
    let refuse = |code, message, id| Err(Refusal { code, message, id });
    if depth(text) > MAX_DEPTH {
        return refuse(-32600, "the message is nested over 64 levels deep", Value::Null);
    }
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return refuse(-32700, "this is not JSON", Value::Null);
    };
    let id = match &value["id"] {
        id @ (Value::String(_) | Value::Number(_)) => id.clone(),
        _ => Value::Null,
    };
    if value.is_array() {
        return refuse(-32600, "batches are not taken; send one message at a time", id);
    }
    let is_message = value["method"].is_string()
        || value.get("result").is_some()
        || value.get("error").is_some();
    if value["jsonrpc"] != "2.0" || !is_message {
        return refuse(-32600, "this is no message of JSON-RPC 2.0", id);
    }
    Ok(value)
}

/// How deep lists and objects are nested.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest): (usize, usize) = (0, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_told_apart() {
        let code = |text: &str| open(text.as_bytes()).map_or_else(|refusal| refusal.code, |_| 0);
        assert_eq!(code("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"), 0);
        assert_eq!(code("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"), 0);
        assert_eq!(code("{"), -32700);
        assert_eq!(code("[]"), -32600);
        assert_eq!(code("3"), -32600);
        assert_eq!(code("{\"id\":1,\"method\":\"ping\"}"), -32600);
        let nested = |n: usize| {
            let lists = format!("{}{}", "[".repeat(n), "]".repeat(n));
            format!("{{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{lists}}}")
        };
        assert_eq!(code(&nested(63)), 0);
        assert_eq!(code(&nested(64)), -32600);
        assert_eq!(code(&nested(1_000_000)), -32600);
        let quoted = "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"a\":\"\\\"[[\"}";
        assert_eq!(depth(quoted.as_bytes()), 1);
        let refused = open(b"{\"id\":7}").expect_err("no version");
        assert_eq!(refused.id, json!(7));
    }
}
