//! Overrides: values files and `--set path=value`, merged over a contract (1-format, "Overrides").

use std::fmt;

use super::{Data, Entry, Number, Segment, SourceId, Value};
use crate::yaml::NodeId;

/// Merges `over` into `base`: maps key by key, anything else is replaced, null removes a key.
pub fn merge(base: &mut Value, over: Value) {
    let Data::Map(entries) = over.data else {
        *base = over;
        return;
    };
    if !matches!(base.data, Data::Map(_)) {
        base.data = Data::empty_map();
        base.source = over.source;
        base.node = over.node;
    }
    base.edit_entries(|own| {
        for entry in entries.iter() {
            let at = own.iter().position(|e| e.key == entry.key);
            match (at, entry.value.is_null()) {
                (Some(at), true) => drop(own.remove(at)),
                (None, true) => {}
                (Some(at), false) => merge(&mut own[at].value, entry.value.clone()),
                (None, false) => own.push(strip_nulls(entry.clone())),
            }
        }
    });
}

/// Nulls below a new key remove nothing and mean nothing.
fn strip_nulls(mut entry: Entry) -> Entry {
    entry.value.edit_entries(|entries| {
        entries.retain(|e| !e.value.is_null());
        *entries = std::mem::take(entries).into_iter().map(strip_nulls).collect();
    });
    entry
}

/// What is wrong with a `--set` argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    MissingEquals,
    EmptyPath,
    EmptyKey { at: usize },
    BadIndex { at: usize },
    ThroughScalar { path: String, found: &'static str },
    IndexPastEnd { path: String, index: usize, length: usize },
    TooDeep,
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetError::MissingEquals => f.write_str("there is no `=`: write path=value"),
            SetError::EmptyPath => f.write_str("the path before `=` is empty"),
            SetError::EmptyKey { at } => write!(f, "empty key at character {} of the path", at + 1),
            SetError::BadIndex { at } => {
                write!(f, "character {} of the path starts no index: write [0], [1], …", at + 1)
            }
            SetError::ThroughScalar { path, found } => {
                write!(f, "`{path}` is a {found}; a path cannot go through it")
            }
            SetError::IndexPastEnd { path, index, length } => {
                write!(
                    f,
                    "`{path}` has {length} entries; [{index}] is past the end, [{length}] appends"
                )
            }
            SetError::TooDeep => f.write_str("the path has more than 64 parts"),
        }
    }
}

impl std::error::Error for SetError {}

/// A parsed `--set` argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    pub path: Vec<Segment>,
    /// The text after `=`.
    pub text: String,
}

impl Set {
    /// Parses `path=value`: `.` between keys, `\.` a dot in a key, `[n]` an index.
    pub fn parse(argument: &str) -> Result<Set, SetError> {
        let at = argument.find('=').ok_or(SetError::MissingEquals)?;
        let path = parse_path(&argument[..at])?;
        Ok(Set { path, text: argument[at + 1..].to_owned() })
    }

    /// The value that the text stands for. `is_string` says that the schema admits only a string
    /// at this place.
    pub fn data(&self, is_string: bool) -> Data {
        let text = self.text.as_str();
        if text.len() >= 2 && text.starts_with('"') && text.ends_with('"') {
            return Data::Str(text[1..text.len() - 1].into());
        }
        if is_string && text != "null" {
            return Data::Str(text.into());
        }
        match text {
            "true" => return Data::Bool(true),
            "false" => return Data::Bool(false),
            "null" => return Data::Null,
            _ => {}
        }
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let is_decimal = unsigned.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b));
        if digits(unsigned)
            && let Ok(int) = text.parse()
        {
            return Data::Int(Number::of_text(int, text));
        }
        if (is_decimal || digits(unsigned))
            && let Ok(float) = text.parse()
        {
            return Data::Float(Number::of_text(float, text));
        }
        Data::Str(text.into())
    }

    /// Applies this to `base`; missing maps are created.
    pub fn apply(
        &self,
        base: &mut Value,
        source: SourceId,
        is_string: bool,
    ) -> Result<(), SetError> {
        let new = Value { source, node: NodeId::ROOT, data: self.data(is_string) };
        set_at(base, &self.path, new, &mut super::DocPath::root())
    }
}

/// The segments of a path: `.` between keys, `\.` a dot in a key, `[n]` an index.
pub(crate) fn parse_path(text: &str) -> Result<Vec<Segment>, SetError> {
    if text.is_empty() {
        return Err(SetError::EmptyPath);
    }
    let mut segments = Vec::new();
    let mut key = String::new();
    let mut key_is_open = true;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if matches!(chars.peek(), Some((_, '.' | '[' | ']' | '\\'))) => {
                key.extend(chars.next().map(|(_, c)| c));
            }
            '.' => {
                if key_is_open {
                    push_key(&mut segments, &mut key, at)?;
                }
                key_is_open = true;
            }
            '[' => {
                if key_is_open && (!key.is_empty() || !segments.is_empty()) {
                    push_key(&mut segments, &mut key, at)?;
                }
                key_is_open = false;
                let digits: String =
                    std::iter::from_fn(|| chars.next_if(|(_, c)| c.is_ascii_digit()))
                        .map(|(_, c)| c)
                        .collect();
                let index = digits.parse().map_err(|_| SetError::BadIndex { at })?;
                if chars.next().map(|(_, c)| c) != Some(']') {
                    return Err(SetError::BadIndex { at });
                }
                segments.push(Segment::Index(index));
            }
            _ if !key_is_open => return Err(SetError::BadIndex { at }),
            _ => key.push(c),
        }
    }
    if key_is_open {
        push_key(&mut segments, &mut key, text.len())?;
    }
    if segments.len() > 64 { Err(SetError::TooDeep) } else { Ok(segments) }
}

fn push_key(segments: &mut Vec<Segment>, key: &mut String, at: usize) -> Result<(), SetError> {
    if key.is_empty() {
        return Err(SetError::EmptyKey { at });
    }
    segments.push(Segment::Key(std::mem::take(key)));
    Ok(())
}

fn set_at(
    at: &mut Value,
    path: &[Segment],
    new: Value,
    walked: &mut super::DocPath,
) -> Result<(), SetError> {
    let Some((first, rest)) = path.split_first() else {
        *at = new;
        return Ok(());
    };
    let removes = rest.is_empty() && new.is_null();
    match first {
        Segment::Key(key) => {
            if at.is_null() {
                at.data = Data::empty_map();
                at.source = new.source;
            }
            let found = at.type_name();
            let Data::Map(entries) = &at.data else {
                return Err(SetError::ThroughScalar { path: walked.to_string(), found });
            };
            *walked = walked.key(key);
            let position = entries.iter().position(|e| *e.key == **key);
            if removes {
                if let Some(position) = position {
                    at.edit_entries(|entries| drop(entries.remove(position)));
                }
                return Ok(());
            }
            let mut entries = entries.to_vec();
            let position = position.unwrap_or_else(|| {
                let value = Value::null(new.source, NodeId::ROOT);
                let (key, source) = (key.as_str().into(), new.source);
                entries.push(Entry { key, key_node: NodeId::ROOT, source, value });
                entries.len() - 1
            });
            let result = set_at(&mut entries[position].value, rest, new, walked);
            at.data = Data::Map(entries.into());
            result
        }
        Segment::Index(index) => {
            if at.is_null() {
                at.data = Data::empty_seq();
                at.source = new.source;
            }
            let found = at.type_name();
            let Data::Seq(items) = &at.data else {
                return Err(SetError::ThroughScalar { path: walked.to_string(), found });
            };
            if *index > items.len() {
                let (index, length) = (*index, items.len());
                return Err(SetError::IndexPastEnd { path: walked.to_string(), index, length });
            }
            *walked = walked.index(*index);
            let mut items = items.to_vec();
            if *index == items.len() {
                items.push(Value::null(new.source, NodeId::ROOT));
            }
            let result = match removes {
                true => {
                    items.remove(*index);
                    Ok(())
                }
                false => set_at(&mut items[*index], rest, new, walked),
            };
            at.data = Data::Seq(items.into());
            result
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::lower;
    use crate::yaml::parse;

    fn set(base: &str, argument: &str) -> Result<String, String> {
        let mut value = lower(&parse(base), 0).value;
        let set = Set::parse(argument).map_err(|e| e.to_string())?;
        set.apply(&mut value, 1, false).map_err(|e| e.to_string())?;
        Ok(value.to_json().to_string())
    }

    #[test]
    fn set_follows_dots_indexes_and_escapes() {
        let base = "a: {b: 1}\nl: [1, 2]\n";
        let cases = [
            ("a.b=2", r#"{"a":{"b":2},"l":[1,2]}"#),
            ("a.c.d=x", r#"{"a":{"b":1,"c":{"d":"x"}},"l":[1,2]}"#),
            (r"a.x\.y=true", r#"{"a":{"b":1,"x.y":true},"l":[1,2]}"#),
            ("l[0]=9", r#"{"a":{"b":1},"l":[9,2]}"#),
            ("l[2]=3.5", r#"{"a":{"b":1},"l":[1,2,3.5]}"#),
            ("a=null", r#"{"l":[1,2]}"#),
            ("a.b=1.0.0", r#"{"a":{"b":"1.0.0"},"l":[1,2]}"#),
            ("a.b=\"7\"", r#"{"a":{"b":"7"},"l":[1,2]}"#),
            ("a.b=t", r#"{"a":{"b":"t"},"l":[1,2]}"#),
            ("a.b=nan", r#"{"a":{"b":"nan"},"l":[1,2]}"#),
            ("a.b=x=y", r#"{"a":{"b":"x=y"},"l":[1,2]}"#),
        ];
        for (argument, expected) in cases {
            assert_eq!(set(base, argument).as_deref(), Ok(expected), "{argument}");
        }
    }

    #[test]
    fn a_wrong_set_says_what_is_wrong() {
        let base = "a: {b: 1}\nl: [1, 2]\n";
        for (argument, part) in [
            ("a", "no `=`"),
            ("=1", "empty"),
            ("a..b=1", "empty key"),
            ("a.=1", "empty key"),
            ("l[x]=1", "starts no index"),
            ("l[9]=1", "has 2 entries"),
            ("a.b.c=1", "cannot go through"),
            ("l.x=1", "cannot go through"),
        ] {
            let message = set(base, argument).unwrap_err();
            assert!(message.contains(part), "{argument}: {message}");
        }
    }

    #[test]
    fn maps_merge_and_null_removes() {
        let mut base = lower(&parse("a: {b: 1, c: 2}\nl: [1]\n"), 0).value;
        merge(&mut base, lower(&parse("a: {c: null, d: 3}\nl: [2, 3]\n"), 1).value);
        assert_eq!(base.to_json().to_string(), r#"{"a":{"b":1,"d":3},"l":[2,3]}"#);
    }
}
