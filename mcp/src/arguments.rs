//! The arguments of tools: each tool has a table of them, from which its input schema is made and by
//! which calls are checked, all breaches at once.

use std::collections::BTreeMap;

use pacto_core::check::nearest;
use serde_json::{Map, Value, json};

use crate::answer::Failure;

#[derive(Clone, Copy)]
pub enum Kind {
    /// A text that is not empty.
    Text,
    /// Any text.
    Content,
    Flag,
    /// A whole number from 1.
    Count {
        most: u64,
    },
    Choice(&'static [&'static str]),
    Choices(&'static [&'static str]),
    Texts,
    /// `{path, value}` objects: single values that are laid over a contract.
    Settings,
    /// A mapping of any content.
    Object,
    /// A text; a mapping may come in its place, or as JSON in the text.
    TextOrObject,
    /// A text that may stand for any JSON value.
    Anything,
    /// Objects with these fields.
    Records(&'static [Argument]),
}

/// One argument of a tool, or a field of one.
#[derive(Clone, Copy)]
pub struct Argument {
    pub name: &'static str,
    kind: Kind,
    is_required: bool,
    /// Whether the fields of its objects are told by another tool, to keep the list of tools small.
    is_told_elsewhere: bool,
    description: &'static str,
    /// As JSON; empty for fields that need none.
    example: &'static str,
}

/// Upper bound on the length of a list that a client sends.
const MAX_ITEMS: usize = 1_000;

const SETTING: [Argument; 2] = [
    Argument::new("path", Kind::Text, "", "").required(),
    Argument::new("value", Kind::Anything, "", "").required(),
];

impl Argument {
    pub const fn new(
        name: &'static str,
        kind: Kind,
        description: &'static str,
        example: &'static str,
    ) -> Argument {
        Argument { name, kind, is_required: false, is_told_elsewhere: false, description, example }
    }

    pub const fn required(self) -> Argument {
        Argument { is_required: true, ..self }
    }

    pub const fn told_elsewhere(self) -> Argument {
        Argument { is_told_elsewhere: true, ..self }
    }

    fn schema(&self) -> Value {
        let mut out = match self.kind {
            // Told where it must be given: each conversation holds this.
            Kind::Text if self.is_required && !self.description.is_empty() => {
                json!({"type": "string", "minLength": 1})
            }
            Kind::Text | Kind::Content | Kind::TextOrObject | Kind::Anything => {
                json!({"type": "string"})
            }
            Kind::Flag => json!({"type": "boolean"}),
            Kind::Count { most } => json!({"type": "integer", "minimum": 1, "maximum": most}),
            Kind::Choice(values) => json!({"type": "string", "enum": values}),
            Kind::Choices(values) => {
                json!({"type": "array", "items": {"type": "string", "enum": values}})
            }
            Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Kind::Object => json!({"type": "object"}),
            // The example shows both fields.
            Kind::Settings => json!({"type": "array", "items": {"type": "object"}}),
            Kind::Records(_) if self.is_told_elsewhere => {
                json!({"type": "array", "items": {"type": "object"}})
            }
            Kind::Records(fields) => json!({"type": "array", "items": fields_schema(fields)}),
        };
        if !self.description.is_empty() {
            out["description"] = self.description.into();
        }
        if let Ok(example) = serde_json::from_str::<Value>(self.example) {
            out["examples"] = json!([example]);
        }
        out
    }

    /// The value as the tool takes it, or where and what it should have been. Some clients send numbers,
    /// flags, lists and objects as texts.
    fn take(&self, value: &Value, at: &str, breaches: &mut Vec<Breach>) -> Option<Value> {
        let decoded = match (self.kind, value) {
            (Kind::Text | Kind::Content | Kind::Choice(_) | Kind::Anything, _) => None,
            (Kind::TextOrObject, Value::String(text)) => {
                serde_json::from_str::<Value>(text).ok().filter(Value::is_object)
            }
            (_, Value::String(text)) => serde_json::from_str::<Value>(text).ok(),
            _ => None,
        };
        let value = decoded.as_ref().unwrap_or(value);
        let is_good = match self.kind {
            Kind::Text => value.as_str().is_some_and(|text| !text.trim().is_empty()),
            Kind::Content => value.is_string(),
            Kind::Flag => value.is_boolean(),
            Kind::Count { most } => value.as_u64().is_some_and(|n| (1..=most).contains(&n)),
            Kind::Choice(values) => value.as_str().is_some_and(|text| values.contains(&text)),
            Kind::Choices(values) => {
                is_list(value, |item| item.as_str().is_some_and(|text| values.contains(&text)))
            }
            Kind::Texts => is_list(value, Value::is_string),
            Kind::Object => value.is_object(),
            Kind::TextOrObject => {
                value.is_object() || value.as_str().is_some_and(|text| !text.trim().is_empty())
            }
            Kind::Anything => true,
            Kind::Settings => return records(value, &SETTING, at, breaches),
            Kind::Records(fields) => return records(value, fields, at, breaches),
        };
        if is_good {
            return Some(value.clone());
        }
        breaches.push((at.to_owned(), self.expected()));
        None
    }

    fn expected(&self) -> String {
        match self.kind {
            Kind::Text => "expected a text that is not empty".into(),
            Kind::Content | Kind::Anything => "expected a text".into(),
            Kind::Flag => "expected true or false".into(),
            Kind::Count { most } => format!("expected a whole number from 1 to {most}"),
            Kind::Choice(values) => format!("expected one of {}", values.join(", ")),
            Kind::Choices(values) => format!("expected a list of {}", values.join(", ")),
            Kind::Texts => "expected a list of texts".into(),
            Kind::Object => "expected an object".into(),
            Kind::TextOrObject => "expected a text or an object".into(),
            Kind::Settings | Kind::Records(_) => "expected a list of objects".into(),
        }
    }
}

/// Where a call breaks its tool's table, and how.
type Breach = (String, String);

fn is_list(value: &Value, is_item: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|all| all.len() <= MAX_ITEMS && all.iter().all(is_item))
}

fn records(
    value: &Value,
    fields: &[Argument],
    at: &str,
    breaches: &mut Vec<Breach>,
) -> Option<Value> {
    let list = value.as_array().filter(|all| all.len() <= MAX_ITEMS);
    let Some(list) = list else {
        breaches.push((at.to_owned(), format!("expected a list of at most {MAX_ITEMS} objects")));
        return None;
    };
    let before = breaches.len();
    let mut taken = Vec::new();
    for (i, item) in list.iter().enumerate() {
        let at = format!("{at}/{i}");
        match item {
            Value::Object(given) => taken.push(check(given, fields, &at, breaches)),
            _ => breaches.push((at, "expected an object".into())),
        }
    }
    let objects = taken.into_iter().map(|fields| {
        let named = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
        Value::Object(named.collect())
    });
    (breaches.len() == before).then(|| objects.collect())
}

/// What keeps to a table of what was given.
fn check(
    given: &Map<String, Value>,
    table: &[Argument],
    at: &str,
    breaches: &mut Vec<Breach>,
) -> Vec<(&'static str, Value)> {
    let mut taken = Vec::new();
    let names = || table.iter().map(|argument| argument.name);
    // Null counts as absent.
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        match table.iter().find(|argument| argument.name == name) {
            Some(argument) => {
                let value = argument.take(value, &pointer, breaches);
                taken.extend(value.map(|value| (argument.name, value)));
            }
            None => {
                let near = nearest(name, names()).map(|near| format!("did you mean {near}?"));
                let known = || format!("there are {}", names().collect::<Vec<_>>().join(", "));
                let hint = near.unwrap_or_else(known);
                breaches.push((pointer, format!("there is no such argument; {hint}")));
            }
        }
    }
    for argument in table.iter().filter(|argument| argument.is_required) {
        if given.get(argument.name).is_none_or(Value::is_null) {
            let pointer = format!("{at}/{}", argument.name);
            breaches.push((pointer, "this argument is required".into()));
        }
    }
    taken
}

/// The input schema of a tool.
pub fn schema(table: &[Argument]) -> Map<String, Value> {
    let mut schema = fields_schema(table);
    schema.insert("additionalProperties".into(), json!(false));
    schema
}

/// The schema of objects in lists. That other fields are refused is told of the whole alone.
fn fields_schema(table: &[Argument]) -> Map<String, Value> {
    let properties: Map<String, Value> =
        table.iter().map(|argument| (argument.name.to_owned(), argument.schema())).collect();
    let required: Vec<&str> =
        table.iter().filter(|argument| argument.is_required).map(|a| a.name).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), properties.into());
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    schema
}

/// The arguments of one call, which keep to the tool's table.
#[derive(Debug)]
pub struct Arguments(BTreeMap<&'static str, Value>);

impl Arguments {
    /// # Errors
    /// `INVALID_ARGUMENTS`, with every breach.
    pub fn check(given: &Map<String, Value>, table: &[Argument]) -> Result<Arguments, Failure> {
        let mut breaches = Vec::new();
        let taken = check(given, table, "", &mut breaches);
        if breaches.is_empty() {
            return Ok(Arguments(taken.into_iter().collect()));
        }
        let shown = breaches.iter().take(MAX_BREACHES);
        let mut message: Vec<String> =
            shown.clone().map(|(pointer, why)| format!("{pointer}: {why}")).collect();
        if breaches.len() > MAX_BREACHES {
            message.push(format!("and {} more", breaches.len() - MAX_BREACHES));
        }
        let details = shown.map(|(pointer, why)| json!({"path": pointer, "message": why}));
        Err(Failure::new("INVALID_ARGUMENTS", message.join("; "))
            .hint("call again with these arguments mended")
            .details(details.collect()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub fn flag(&self, name: &str) -> bool {
        self.maybe(name).unwrap_or(false)
    }

    /// A flag, as far as it was given.
    pub fn maybe(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    pub fn count(&self, name: &str) -> Option<usize> {
        self.0.get(name)?.as_u64().and_then(|count| usize::try_from(count).ok())
    }

    pub fn texts(&self, name: &str) -> Vec<&str> {
        self.list(name).iter().filter_map(Value::as_str).collect()
    }

    /// The items of a list; none of one that was not given.
    pub fn list(&self, name: &str) -> &[Value] {
        self.0.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// As `PATH=VALUE`.
    pub fn settings(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let all = self.list(name).iter();
        all.map(|item| format!("{}={}", text(&item["path"]), text(&item["value"]))).collect()
    }

    /// All but those that turn pages, to be told apart from other calls.
    pub fn without_paging(&self) -> Vec<(&'static str, &Value)> {
        let counts = |name: &str| !matches!(name, "limit" | "cursor");
        self.0.iter().filter(|(name, _)| counts(name)).map(|(name, value)| (*name, value)).collect()
    }
}

/// No more breaches than this are told.
const MAX_BREACHES: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Argument; 5] = [
        Argument::new("path", Kind::Text, "", "\".\"").required(),
        Argument::new("strict", Kind::Flag, "", "true"),
        Argument::new("depth", Kind::Count { most: 50 }, "", "3"),
        Argument::new("values_files", Kind::Texts, "", "[]"),
        Argument::new("set", Kind::Settings, "", "[]"),
    ];

    fn check(given: &str) -> Result<Arguments, Failure> {
        let given: Value = serde_json::from_str(given).expect("JSON");
        Arguments::check(given.as_object().expect("an object"), &TABLE)
    }

    #[test]
    fn all_breaches_are_named_at_once() {
        let failure = check("{\"pat\": 1, \"strict\": 3, \"depth\": 51}").expect_err("breaches");
        assert_eq!(
            failure.message,
            "/pat: there is no such argument; did you mean path?; /strict: expected true or false; \
             /depth: expected a whole number from 1 to 50; /path: this argument is required"
        );
        let failure = check("{\"path\": \" \"}").expect_err("an empty path");
        assert_eq!(failure.message, "/path: expected a text that is not empty");
        let failure = check("{\"path\": \".\", \"set\": [{\"path\": \"a\", \"valu\": 1}, 3]}")
            .expect_err("set");
        assert_eq!(
            failure.message,
            "/set/0/valu: there is no such argument; did you mean value?; /set/0/value: this \
             argument is required; /set/1: expected an object"
        );
    }

    #[test]
    fn values_that_clients_send_as_texts_are_taken() {
        let given = r#"{"path": "8080", "strict": "true", "depth": "3", "values_files": "[\"a\"]", "set": "[{\"path\": \"a\", \"value\": 1}]"}"#;
        let taken = check(given).expect("good arguments");
        assert_eq!(taken.text("path"), Some("8080"));
        assert!(taken.flag("strict"));
        assert_eq!(taken.count("depth"), Some(3));
        assert_eq!(taken.texts("values_files"), ["a"]);
        assert_eq!(taken.settings("set"), ["a=1"]);
        let nothing = check("{\"path\": \".\", \"strict\": null}").expect("null is absent");
        assert!(!nothing.flag("strict"));
    }
}
