//! JSON as block YAML.

use serde_json::Value;

use crate::check::fix::scalar;

/// A mapping as the text of a file, with a blank line between its entries.
pub(super) fn document(value: &Value) -> String {
    let entries = value.as_object().into_iter().flatten();
    let blocks = entries.map(|(key, value)| format!("{}:{}\n", scalar(key), beside(value)));
    blocks.collect::<Vec<_>>().join("\n")
}

/// A value as it stands behind `key:`; further lines are indented by two columns for each level.
pub(super) fn beside(value: &Value) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => below(value),
        Value::Array(items) if !items.is_empty() => below(value),
        _ => format!(" {}", plain(value)),
    }
}

/// A collection on lines of its own.
fn below(value: &Value) -> String {
    lines(value).iter().map(|line| format!("\n  {line}")).collect()
}

/// The lines of a value, not indented.
pub(super) fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let entry = |(key, value): (&String, &Value)| {
                let text = format!("{}:{}", scalar(key), beside(value));
                text.split('\n').map(str::to_owned).collect::<Vec<_>>()
            };
            map.iter().flat_map(entry).collect()
        }
        Value::Array(items) if !items.is_empty() => items.iter().flat_map(item).collect(),
        _ => vec![plain(value)],
    }
}

/// The lines of a list's item, the first with its dash.
pub(super) fn item(value: &Value) -> Vec<String> {
    let lead = |(i, line): (usize, String)| format!("{} {line}", if i == 0 { "-" } else { " " });
    lines(value).into_iter().enumerate().map(lead).collect()
}

/// A value on one line.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Object(map) => {
            let each = map.iter().map(|(key, value)| format!("{}: {}", scalar(key), plain(value)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{value, yaml};

    #[test]
    fn what_is_written_reads_back() {
        let all = json!({
            "service": {"name": "a", "version": "1.0", "tags": ["x", "# y", "", "yes"]},
            "list": [{"a": 1, "b": {"c": [], "d": {}}}, [1, [2, {"e": "f: g"}]], "multi\nline"],
            "a key: with": null,
            "empty": {},
        });
        let text = document(&all);
        let read = value::lower(&yaml::parse(text.as_str()), 0);
        assert!(read.errors.is_empty(), "{text}");
        assert_eq!(read.value.to_json(), all, "{text}");
    }
}
