//! Syntax tree → value: aliases and merge keys resolved, every value tied to its node.
//!
//! Values hold node ids, never offsets, so that blank and comment edits leave them equal.

mod lower;
mod number;
pub mod overrides;

pub use crate::yaml::{DocPath, Segment};
pub use lower::{LowerError, Lowered, MAX_EXPANDED_NODES, lower, lower_by_parts, lower_part};
pub use number::Number;

use std::sync::Arc;

use crate::yaml::NodeId;

/// Which text a value stands in: 0 is the contract itself, above are overrides in their order.
pub type SourceId = u16;

/// One value and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub source: SourceId,
    pub node: NodeId,
    pub data: Data,
}

/// What a value is. Texts, lists and mappings are shared, so that a copy costs nothing and two
/// readings of one text are seen to be equal without a look at what is in them.
#[derive(Clone, Debug)]
pub enum Data {
    Null,
    Bool(bool),
    Int(Number<i64>),
    Float(Number<f64>),
    Str(Arc<str>),
    Seq(Arc<[Value]>),
    Map(Arc<[Entry]>),
    /// Text that could not be parsed.
    Invalid,
}

impl Data {
    /// A mapping without entries.
    pub fn empty_map() -> Data {
        Data::Map(Arc::default())
    }

    /// A list without items.
    pub fn empty_seq() -> Data {
        Data::Seq(Arc::default())
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Data) -> bool {
        match (self, other) {
            (Data::Null, Data::Null) | (Data::Invalid, Data::Invalid) => true,
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Int(a), Data::Int(b)) => a == b,
            (Data::Float(a), Data::Float(b)) => a == b,
            (Data::Str(a), Data::Str(b)) => a == b,
            (Data::Seq(a), Data::Seq(b)) => Arc::ptr_eq(a, b) || a == b,
            (Data::Map(a), Data::Map(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: Arc<str>,
    pub key_node: NodeId,
    /// The source of the key; it differs from the value's where an override replaced the value.
    pub source: SourceId,
    pub value: Value,
}

impl Value {
    pub fn null(source: SourceId, node: NodeId) -> Self {
        Value { source, node, data: Data::Null }
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Value] {
        match &self.data {
            Data::Seq(items) => items,
            _ => &[],
        }
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| *entry.key == *key)
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Changes the entries of a mapping; any other value is left as it is.
    pub fn edit_entries<T: Default>(&mut self, edit: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
        let Data::Map(entries) = &mut self.data else { return T::default() };
        let mut list = entries.to_vec();
        let result = edit(&mut list);
        *entries = list.into();
        result
    }

    /// Changes the items of a list; any other value is left as it is.
    pub fn edit_items<T: Default>(&mut self, edit: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        let Data::Seq(items) = &mut self.data else { return T::default() };
        let mut list = items.to_vec();
        let result = edit(&mut list);
        *items = list.into();
        result
    }

    pub fn is_null(&self) -> bool {
        self.data == Data::Null
    }

    /// What a reader would call this type.
    pub fn type_name(&self) -> &'static str {
        match self.data {
            Data::Null => "null",
            Data::Bool(_) => "boolean",
            Data::Int(_) => "integer",
            Data::Float(_) => "number",
            Data::Str(_) => "string",
            Data::Seq(_) => "array",
            Data::Map(_) => "object",
            Data::Invalid => "unreadable text",
        }
    }

    /// The value at a JSON pointer's segments (RFC 6901, already unescaped), or the deepest one on
    /// the way to it.
    pub fn deepest<'v, 's>(
        &'v self,
        segments: impl IntoIterator<Item = &'s str>,
    ) -> (&'v Value, usize) {
        let mut at = self;
        let mut depth = 0;
        for segment in segments {
            let next = match &at.data {
                Data::Map(_) => at.get(segment),
                Data::Seq(items) => segment.parse::<usize>().ok().and_then(|i| items.get(i)),
                _ => None,
            };
            let Some(next) = next else { break };
            at = next;
            depth += 1;
        }
        (at, depth)
    }

    /// The number as it is written; `None` for what is not a number.
    pub fn number_text(&self) -> Option<String> {
        match &self.data {
            Data::Int(number) => Some(number.text()),
            Data::Float(number) => Some(number.text()),
            _ => None,
        }
    }

    /// The JSON value that people see: like [`Value::to_json`], but a number whose text says more than
    /// its value, such as `1.10` or `0e1234`, is that text.
    pub fn to_shown_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        let written = match &self.data {
            Data::Int(number) => number.written(),
            Data::Float(number) => number.written(),
            Data::Seq(items) => return items.iter().map(Value::to_shown_json).collect(),
            Data::Map(entries) => {
                let shown = entries.iter().map(|e| (e.key.to_string(), e.value.to_shown_json()));
                return Json::Object(shown.collect());
            }
            _ => None,
        };
        written.map_or_else(|| self.to_json(), Json::from)
    }

    /// The JSON value that schemas see. Numbers that JSON lacks (NaN, infinities) become null.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.data {
            Data::Null | Data::Invalid => Json::Null,
            Data::Bool(value) => Json::Bool(*value),
            Data::Int(number) => Json::from(number.value),
            Data::Float(number) => {
                serde_json::Number::from_f64(number.value).map_or(Json::Null, Json::Number)
            }
            Data::Str(text) => Json::String(text.to_string()),
            Data::Seq(items) => Json::Array(items.iter().map(Value::to_json).collect()),
            Data::Map(entries) => Json::Object(
                entries.iter().map(|e| (e.key.to_string(), e.value.to_json())).collect(),
            ),
        }
    }
}
