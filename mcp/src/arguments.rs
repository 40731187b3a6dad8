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
    Flag,
    /// A whole number from 1.
    Count {
        most: u64,
    },
    Choice(&'static [&'static str]),
    Texts,
    /// `{path, value}` objects: single values that are laid over a contract.
    Settings,
}

/// One argument of a tool.
#[derive(Clone, Copy)]
pub struct Argument {
    pub name: &'static str,
    kind: Kind,
    is_required: bool,
    description: &'static str,
    /// As JSON.
    example: &'static str,
}

impl Argument {
    pub const fn new(
        name: &'static str,
        kind: Kind,
        description: &'static str,
        example: &'static str,
    ) -> Argument {
        Argument { name, kind, is_required: false, description, example }
    }

    pub const fn required(self) -> Argument {
        Argument { is_required: true, ..self }
    }

    fn schema(&self) -> Value {
        let mut out = match self.kind {
            Kind::Text => json!({"type": "string", "minLength": 1}),
            Kind::Flag => json!({"type": "boolean"}),
            Kind::Count { most } => json!({"type": "integer", "minimum": 1, "maximum": most}),
            Kind::Choice(values) => json!({"type": "string", "enum": values}),
            Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Kind::Settings => json!({"type": "array", "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "value": {"type": "string"}},
                "required": ["path", "value"],
                "additionalProperties": false,
            }}),
        };
        out["description"] = self.description.into();
        let example: Option<Value> = serde_json::from_str(self.example).ok();
        out["examples"] = example.into_iter().collect();
        out
    }

    /// The value as the tool takes it, or what it should have been. Some clients send numbers, flags
    /// and lists as texts.
    fn take(&self, value: &Value) -> Result<Value, String> {
        let decoded = match (self.kind, value) {
            (Kind::Text | Kind::Choice(_), _) => None,
            (_, Value::String(text)) => serde_json::from_str::<Value>(text).ok(),
            _ => None,
        };
        let value = decoded.as_ref().unwrap_or(value);
        let is_good = match self.kind {
            Kind::Text => value.as_str().is_some_and(|text| !text.trim().is_empty()),
            Kind::Flag => value.is_boolean(),
            Kind::Count { most } => value.as_u64().is_some_and(|n| (1..=most).contains(&n)),
            Kind::Choice(values) => value.as_str().is_some_and(|text| values.contains(&text)),
            Kind::Texts => {
                value.as_array().is_some_and(|all| all.iter().all(|item| item.is_string()))
            }
            Kind::Settings => value.as_array().is_some_and(|all| all.iter().all(is_setting)),
        };
        if is_good { Ok(value.clone()) } else { Err(self.expected()) }
    }

    fn expected(&self) -> String {
        match self.kind {
            Kind::Text => "expected a text that is not empty".into(),
            Kind::Flag => "expected true or false".into(),
            Kind::Count { most } => format!("expected a whole number from 1 to {most}"),
            Kind::Choice(values) => format!("expected one of {}", values.join(", ")),
            Kind::Texts => "expected a list of texts".into(),
            Kind::Settings => {
                "expected a list of {\"path\": …, \"value\": …}, both of them texts".into()
            }
        }
    }
}

fn is_setting(item: &Value) -> bool {
    item.as_object().is_some_and(|item| {
        item.len() == 2
            && ["path", "value"].iter().all(|key| item.get(*key).is_some_and(Value::is_string))
    })
}

/// The input schema of a tool.
pub fn schema(table: &[Argument]) -> Map<String, Value> {
    let properties: Map<String, Value> =
        table.iter().map(|argument| (argument.name.to_owned(), argument.schema())).collect();
    let required: Vec<&str> =
        table.iter().filter(|argument| argument.is_required).map(|a| a.name).collect();
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    schema.as_object().cloned().unwrap_or_default()
}

/// The arguments of one call, which keep to the tool's table.
#[derive(Debug)]
pub struct Arguments(BTreeMap<&'static str, Value>);

impl Arguments {
    /// # Errors
    /// `INVALID_ARGUMENTS`, with every breach.
    pub fn check(given: &Map<String, Value>, table: &[Argument]) -> Result<Arguments, Failure> {
        let mut taken = BTreeMap::new();
        let mut breaches = Vec::new();
        let names = || table.iter().map(|argument| argument.name);
        // Null counts as absent.
        for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            match table.iter().find(|argument| argument.name == name) {
                Some(argument) => match argument.take(value) {
                    Ok(value) => drop(taken.insert(argument.name, value)),
                    Err(why) => breaches.push((pointer, why)),
                },
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
                breaches.push((format!("/{}", argument.name), "this argument is required".into()));
            }
        }
        if breaches.is_empty() {
            return Ok(Arguments(taken));
        }
        let message: Vec<String> =
            breaches.iter().map(|(pointer, why)| format!("{pointer}: {why}")).collect();
        let details =
            breaches.iter().map(|(pointer, why)| json!({"path": pointer, "message": why}));
        Err(Failure::new("INVALID_ARGUMENTS", message.join("; "))
            .hint("call again with these arguments mended")
            .details(details.collect()))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn count(&self, name: &str) -> Option<usize> {
        self.0.get(name)?.as_u64().and_then(|count| usize::try_from(count).ok())
    }

    pub fn texts(&self, name: &str) -> Vec<&str> {
        let all = self.0.get(name).and_then(Value::as_array);
        all.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// As `PATH=VALUE`.
    pub fn settings(&self, name: &str) -> Vec<String> {
        let all = self.0.get(name).and_then(Value::as_array);
        let part = |item: &Value, key| item[key].as_str().unwrap_or_default().to_owned();
        let all = all.into_iter().flatten();
        all.map(|item| format!("{}={}", part(item, "path"), part(item, "value"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Argument; 4] = [
        Argument::new("path", Kind::Text, "", "\".\"").required(),
        Argument::new("strict", Kind::Flag, "", "true"),
        Argument::new("depth", Kind::Count { most: 50 }, "", "3"),
        Argument::new("values_files", Kind::Texts, "", "[]"),
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
    }

    #[test]
    fn values_that_clients_send_as_texts_are_taken() {
        let given =
            r#"{"path": "8080", "strict": "true", "depth": "3", "values_files": "[\"a\"]"}"#;
        let taken = check(given).expect("good arguments");
        assert_eq!(taken.text("path"), Some("8080"));
        assert!(taken.flag("strict"));
        assert_eq!(taken.count("depth"), Some(3));
        assert_eq!(taken.texts("values_files"), ["a"]);
        let nothing = check("{\"path\": \".\", \"strict\": null}").expect("null is absent");
        assert!(!nothing.flag("strict"));
    }
}
