//! Lists that are answered page by page, within the budget.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use crate::answer::{Answer, Failure, text_len};
use crate::arguments::{Argument, Kind};
use crate::tool::Call;

pub const LIMIT: Argument =
    Argument::new("limit", Kind::Count { most: 200 }, "Items of one page; 25 if absent", "50");
pub const CURSOR: Argument =
    Argument::new("cursor", Kind::Text, "nextCursor of the page before", "\"25-1f\"");

const USUAL: usize = 25;

/// The page of `items` that the call asks for, under `key` of `found`. `revision` tells apart what the
/// items were made from: a cursor holds for the same question about the same state alone.
///
/// # Errors
/// `CURSOR_EXPIRED`, `INVALID_ARGUMENTS`, or `TOO_LARGE` when not even one item fits.
pub fn page(
    call: &Call<'_>,
    mut found: Map<String, Value>,
    key: &'static str,
    items: Vec<Value>,
    revision: u64,
) -> Result<Answer, Failure> {
    let total = items.len();
    let mark = mark(call, revision);
    let start = match call.arguments.text("cursor") {
        Some(cursor) => start_of(cursor, mark)?,
        None => 0,
    };
    let limit = call.arguments.count("limit").unwrap_or(USUAL);
    let mut shown: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    let wanted = shown.len();
    let budget = call.workspace.max_output.saturating_sub(RESERVE);
    found.insert("total".into(), total.into());
    loop {
        found.insert(key.into(), Value::Array(shown));
        let size = text_len(&found);
        let Some(Value::Array(kept)) = found.get_mut(key) else {
            return Err(Failure::too_large(size, budget));
        };
        if size <= budget {
            break;
        }
        shown = std::mem::take(kept);
        // What is over by its share, at least one.
        let keep = shown.len() * budget / size;
        if keep == 0 || shown.is_empty() {
            return Err(Failure::too_large(size, budget));
        }
        shown.truncate(keep.min(shown.len() - 1));
    }
    let count = found.get(key).and_then(Value::as_array).map_or(0, Vec::len);
    let end = start + count;
    let mut notes = Vec::new();
    if end < total {
        let cursor = format!("{end}-{mark:x}");
        notes.push(format!(
            "Showing {}–{end} of {total}; pass cursor \"{cursor}\" for the next page.",
            start + 1
        ));
        found.insert("nextCursor".into(), cursor.into());
    }
    if count < wanted {
        found.insert("truncated".into(), true.into());
        found.insert("omitted".into(), (wanted - count).into());
    }
    Ok(Answer::json(Value::Object(found)).notes(notes))
}

/// Bytes for what is said of the page.
const RESERVE: usize = 256;

fn mark(call: &Call<'_>, revision: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    revision.hash(&mut hasher);
    for (name, value) in call.arguments.without_paging() {
        (name, value.to_string()).hash(&mut hasher);
    }
    hasher.finish()
}

/// What tells one content from another.
pub fn revision_of(items: &[Value]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for item in items {
        item.to_string().hash(&mut hasher);
    }
    hasher.finish()
}

fn start_of(cursor: &str, mark: u64) -> Result<usize, Failure> {
    let parts = cursor.split_once('-').and_then(|(start, own)| {
        Some((start.parse::<usize>().ok()?, u64::from_str_radix(own, 16).ok()?))
    });
    match parts {
        Some((start, own)) if own == mark => Ok(start),
        Some(_) => Err(Failure::new(
            "CURSOR_EXPIRED",
            "what the cursor points into has changed, or the other arguments have",
        )
        .hint("call again without cursor")),
        None => Err(Failure::new("INVALID_ARGUMENTS", "/cursor: this server made no such cursor")
            .hint("pass nextCursor of the page before as it is, or none")),
    }
}
