//! What a tool answers: structured content with the same as text, within the budget; or why not.

use pacto_core::report::sanitise;
use pacto_core::text::{escape_json, is_unsafe};
use pacto_edge::session::{Code, Error};
use rmcp::model::{CallToolResult, ContentBlock, MetaObject};
use serde_json::{Map, Value, json};

/// The result of a tool.
pub struct Answer {
    structured: Map<String, Value>,
    /// The key whose text is the answer as people read it; else that is the JSON.
    prose: Option<&'static str>,
    /// Sentences beside it.
    notes: Vec<String>,
}

impl Answer {
    /// An object; anything else is empty.
    pub fn json(value: Value) -> Answer {
        let structured = match value {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Answer { structured, prose: None, notes: Vec::new() }
    }

    /// An object whose text under `key` is what people read.
    pub fn prose(value: Value, key: &'static str) -> Answer {
        Answer { prose: Some(key), ..Answer::json(value) }
    }

    pub fn notes(self, notes: Vec<String>) -> Answer {
        Answer { notes, ..self }
    }

    /// With the sentences of another answer.
    pub fn noted_as(self, other: &Answer) -> Answer {
        self.notes(other.notes.clone())
    }

    /// What programs read.
    pub fn structured(&self) -> &Map<String, Value> {
        &self.structured
    }

    /// The result for the client, whose text has at most `budget` bytes.
    ///
    /// # Errors
    /// `TOO_LARGE`: there is nothing to leave out.
    pub fn result(mut self, budget: usize) -> Result<CallToolResult, Failure> {
        let text = match self.prose {
            Some(key) => {
                cut_text(&mut self.structured, key, budget);
                let text = self.structured.get(key).and_then(Value::as_str).unwrap_or_default();
                text.lines().map(|line| format!("{}\n", sanitise(line))).collect()
            }
            None => {
                cut_lists(&mut self.structured, budget)?;
                pretty(&self.structured)
            }
        };
        let mut content = vec![ContentBlock::text(text)];
        let notes = self.notes.iter().map(|note| ContentBlock::text(sanitise(note).into_owned()));
        content.extend(notes);
        let mut result = CallToolResult::success(content);
        result.structured_content = Some(Value::Object(self.structured));
        Ok(result)
    }
}

/// The bytes of the text of an answer.
pub fn text_len(structured: &Map<String, Value>) -> usize {
    pretty(structured).len()
}

/// Indented JSON in which nothing changes how a terminal or a reader sees the text around it.
pub fn pretty(value: &Map<String, Value>) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    // What has no width hides words from who reads along.
    let has_no_width = |c: char| matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}');
    escape_json(&text, |c| is_unsafe(c) || has_no_width(c))
}

/// Cuts a text at the end of a line.
fn cut_text(structured: &mut Map<String, Value>, key: &str, budget: usize) {
    let Some(Value::String(text)) = structured.get_mut(key) else { return };
    let is_cut = text.len() > budget;
    if is_cut {
        let head = text.floor_char_boundary(budget);
        let end = text[..head].rfind('\n').map_or(head, |at| at + 1);
        text.truncate(end);
    }
    structured.insert("truncated".into(), is_cut.into());
}

/// Leaves out the last items of the longest lists, and says how many.
fn cut_lists(structured: &mut Map<String, Value>, budget: usize) -> Result<(), Failure> {
    let mut size = pretty(structured).len();
    if size <= budget {
        return Ok(());
    }
    // For the two keys that say so.
    let budget = budget.saturating_sub(64);
    let bytes = |value: &Value| pretty_len(value) + SEPARATION;
    let mut lists: Vec<(String, Vec<usize>)> = structured
        .iter()
        .filter_map(|(key, value)| {
            Some((key.clone(), value.as_array()?.iter().map(bytes).collect()))
        })
        .collect();
    let mut omitted = 0;
    while size > budget {
        let longest = lists.iter_mut().max_by_key(|(_, sizes)| sizes.iter().sum::<usize>());
        let Some((_, sizes)) = longest.filter(|(_, sizes)| !sizes.is_empty()) else {
            return Err(Failure::too_large(size, budget));
        };
        let mut count = sizes.len().div_ceil(8);
        while count > 0 && size > budget {
            size = size.saturating_sub(sizes.pop().unwrap_or(0));
            omitted += 1;
            count -= 1;
        }
    }
    for (key, sizes) in lists {
        if let Some(Value::Array(items)) = structured.get_mut(&key) {
            items.truncate(sizes.len());
        }
    }
    structured.insert("truncated".into(), true.into());
    structured.insert("omitted".into(), omitted.into());
    Ok(())
}

/// The bytes between two items of a list at the top: a comma, a line end, the indentation.
const SEPARATION: usize = 6;

/// The bytes of a value as an item of a list at the top, without the indentation of its first line.
fn pretty_len(value: &Value) -> usize {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    // More than it takes would let the answer stay over its budget.
    text.len() + 4 * text.lines().count().saturating_sub(1)
}

/// Why a tool could not do what it was asked, in words that say what to do next.
#[derive(Debug)]
pub struct Failure {
    pub code: &'static str,
    pub message: String,
    hint: Option<String>,
    details: Option<Box<Value>>,
}

impl Failure {
    pub fn new(code: &'static str, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), hint: None, details: None }
    }

    /// An answer that cannot be cut.
    pub fn too_large(size: usize, budget: usize) -> Failure {
        let message = format!("the answer has {size} bytes, and {budget} may be sent");
        Failure::new("TOO_LARGE", message)
            .hint("ask for less, such as a smaller depth, fewer items or a part")
            .details(json!({"bytes": size, "limit": budget}))
    }

    pub fn hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: Some(hint.into()), ..self }
    }

    pub fn details(self, details: Value) -> Failure {
        Failure { details: Some(Box::new(details)), ..self }
    }

    /// No structured content, so that clients which hold it to the output schema do not stumble.
    pub fn result(self) -> CallToolResult {
        let Failure { code, message, hint, details } = self;
        let message = sanitise(&message).into_owned();
        let next = hint.as_ref().map(|hint| format!(" Next: {}", sanitise(hint)));
        let stop = if message.ends_with(['.', '?', '!']) { "" } else { "." };
        let text = format!("{code}: {message}{stop}{}", next.unwrap_or_default());
        let mut content = vec![ContentBlock::text(text)];
        if let Some(details) = &details {
            content.push(ContentBlock::text(
                serde_json::to_string_pretty(details).unwrap_or_default(),
            ));
        }
        let retryable = matches!(
            code,
            "REGISTRY_UNREACHABLE" | "RATE_LIMITED" | "TIMEOUT" | "CONFLICT" | "CURSOR_EXPIRED"
        );
        let error = json!({
            "code": code, "message": message, "hint": hint, "details": details,
            "retryable": retryable,
        });
        let mut result = CallToolResult::error(content);
        result.meta = Some(MetaObject([("pacto/error".to_owned(), error)].into_iter().collect()));
        result
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let code = match error.code {
            Code::Usage => "INVALID_ARGUMENTS",
            code => code.text(),
        };
        let failure = Failure::new(code, error.message);
        match error.hint {
            Some(hint) => failure.hint(hint),
            None if error.code == Code::NotFound => failure
                .hint("paths start at a root of this server; name a folder with a pacto.yaml"),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_at_the_end_and_counted() {
        let items: Vec<Value> = (0..1000).map(|i| json!({"code": format!("C{i}")})).collect();
        let result = Answer::json(json!({"path": ".", "errors": items})).result(4096);
        let result = result.expect("it can be cut");
        let structured = result.structured_content.expect("structured content");
        let kept = structured["errors"].as_array().expect("a list");
        assert!(pretty(structured.as_object().expect("an object")).len() <= 4096);
        assert!(kept.len() > 50, "{}", kept.len());
        assert_eq!(kept[0]["code"], "C0");
        assert_eq!(structured["truncated"], true);
        assert_eq!(structured["omitted"], 1000 - kept.len());
        let nested = json!({"root": {"dependencies": items_text(9000)}});
        assert_eq!(Answer::json(nested).result(4096).expect_err("one tree").code, "TOO_LARGE");
    }

    fn items_text(length: usize) -> String {
        "x".repeat(length)
    }

    #[test]
    fn hidden_characters_are_escaped_in_the_text() {
        let text = pretty(json!({"name": "a\u{202e}b\u{9b}"}).as_object().expect("an object"));
        assert!(text.contains("a\\u202eb\\u009b"), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}
