//! JSON Schemas from bundles: compiled and applied within bounds.
//!
//! Schemas are untrusted: no network and no file outside of the bundle by `$ref`, regular
//! expressions under a step limit, depth bounded by the parser. This is the only module that knows
//! the `jsonschema` crate.

use std::collections::BTreeMap;
use std::fmt::Write;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{PatternOptions, Validator};
use serde_json::Value as Json;

use crate::text::{escape_segment, unescape_segment};

/// Backtracking steps after which a pattern is given up.
const BACKTRACK_LIMIT: usize = 100_000;
/// Bytes that one compiled pattern may take.
const PATTERN_SIZE_LIMIT: usize = 1 << 20;
/// Upper bound on the breaches that are reported of one document.
pub const MAX_BREACHES: usize = 100;

/// A JSON Schema ready to validate.
#[derive(Debug)]
pub struct CompiledSchema {
    validator: Validator,
    pub title: Option<String>,
    pub description: Option<String>,
    source: Json,
}

/// Why a schema cannot be used, and where in it.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaError {
    /// Segments of the JSON pointer to the place in the schema file.
    pub pointer: Vec<String>,
    pub message: String,
}

/// One breach of a schema by a document.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaBreach {
    /// Segments of the JSON pointer to the offending value.
    pub instance: Vec<String>,
    /// Segments of the JSON pointer to the keyword in the schema.
    pub schema: Vec<String>,
    pub keyword: String,
    /// What is wrong, with the value; then what would be right.
    pub message: String,
    pub kind: BreachKind,
    /// The message that the schema's author wrote for this place (`errorMessage`).
    pub custom_message: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum BreachKind {
    Required {
        property: String,
    },
    Unexpected {
        properties: Vec<String>,
    },
    Enum {
        options: Vec<Json>,
    },
    Type {
        expected: Vec<String>,
    },
    /// A step limit was hit: nothing is known about the value.
    Limit,
    Other,
}

/// Compiles `schema`, the file at `path` of its bundle. `resources` holds the other files of the
/// bundle that it may refer to, by path.
pub fn compile(
    schema: Json,
    path: &str,
    resources: &BTreeMap<String, Json>,
) -> Result<CompiledSchema, SchemaError> {
    if !matches!(schema, Json::Object(_) | Json::Bool(_)) {
        let message = "a JSON Schema is an object (or true or false)".to_owned();
        return Err(SchemaError { pointer: Vec::new(), message });
    }
    let retriever = BundleRetriever { resources: resources.clone() };
    let patterns = PatternOptions::fancy_regex()
        .backtrack_limit(BACKTRACK_LIMIT)
        .size_limit(PATTERN_SIZE_LIMIT);
    let validator = jsonschema::options()
        .with_base_uri(format!("bundle:///{path}"))
        .with_retriever(retriever)
        .with_pattern_options(patterns)
        .should_ignore_unknown_formats(true)
        .build(&schema)
        .map_err(|error| SchemaError {
            pointer: segments(error.instance_path().as_str()),
            message: error.to_string(),
        })?;
    let text = |key: &str| schema.get(key).and_then(Json::as_str).map(str::to_owned);
    Ok(CompiledSchema {
        validator,
        title: text("title"),
        description: text("description"),
        source: schema,
    })
}

/// Files of the bundle, and nothing else.
struct BundleRetriever {
    resources: BTreeMap<String, Json>,
}

impl jsonschema::Retrieve for BundleRetriever {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str();
        let Some(path) = uri.strip_prefix("bundle:///") else {
            return Err(format!("`{uri}` is remote; a $ref must stay inside the bundle").into());
        };
        let found = self.resources.get(path).cloned();
        found.ok_or_else(|| format!("no file `{path}` in the bundle").into())
    }
}

impl CompiledSchema {
    /// All breaches of `instance`, at most [`MAX_BREACHES`].
    pub fn validate(&self, instance: &Json) -> Vec<SchemaBreach> {
        let mut breaches = Vec::new();
        for error in self.validator.iter_errors(instance).take(MAX_BREACHES) {
            let schema = segments(error.schema_path().as_str());
            let custom_message = self.custom_message(&schema, error.kind().keyword());
            breaches.push(SchemaBreach {
                instance: segments(error.instance_path().as_str()),
                keyword: error.kind().keyword().to_owned(),
                message: describe(error.kind(), error.instance()),
                kind: breach_kind(error.kind()),
                custom_message,
                schema,
            });
        }
        breaches
    }

    /// `errorMessage` beside the keyword: a text, or an object with a text for the keyword.
    fn custom_message(&self, schema: &[String], keyword: &str) -> Option<String> {
        let parent = &schema[..schema.len().saturating_sub(1)];
        let pointer = parent.iter().fold(String::new(), |mut out, segment| {
            let _ = write!(out, "/{}", escape_segment(segment));
            out
        });
        let message = self.source.pointer(&pointer)?.get("errorMessage")?;
        let text = message.as_str().or_else(|| message.get(keyword)?.as_str());
        text.map(str::to_owned)
    }
}

fn segments(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(unescape_segment).collect()
}

fn breach_kind(kind: &Kind) -> BreachKind {
    match kind {
        Kind::Required { property } => {
            BreachKind::Required { property: property.as_str().unwrap_or_default().to_owned() }
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            BreachKind::Unexpected { properties: unexpected.clone() }
        }
        Kind::Enum { options } => {
            BreachKind::Enum { options: options.as_array().cloned().unwrap_or_default() }
        }
        Kind::Constant { expected_value } => {
            BreachKind::Enum { options: vec![(**expected_value).clone()] }
        }
        Kind::Type { kind } => BreachKind::Type { expected: type_names(kind) },
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => BreachKind::Limit,
        _ => BreachKind::Other,
    }
}

fn type_names(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(ty) => vec![ty.to_string()],
        TypeKind::Multiple(set) => set.iter().map(|ty| ty.to_string()).collect(),
    }
}

/// What is wrong and what would be right, in words that do not repeat large values.
fn describe(kind: &Kind, instance: &Json) -> String {
    let value = short(instance);
    match kind {
        Kind::Required { property } => format!("{property} is missing"),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("{} not allowed here", plural(unexpected, "is", "are"))
        }
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let list: Vec<String> = options.iter().map(short).collect();
            format!("{value} is not one of {}", list.join(", "))
        }
        Kind::Constant { expected_value } => format!("{value} is not {}", short(expected_value)),
        Kind::Type { kind } => {
            let found = type_of(instance);
            format!("{value} is {found}, expected {}", type_names(kind).join(" or "))
        }
        Kind::Pattern { pattern } => format!("{value} does not match the pattern {pattern}"),
        Kind::Format { format } => format!("{value} is no {format}"),
        Kind::Minimum { limit } => format!("{value} is less than the minimum {limit}"),
        Kind::Maximum { limit } => format!("{value} is greater than the maximum {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("{value} is not greater than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("{value} is not less than {limit}"),
        Kind::MinLength { limit } => format!("{value} is shorter than {limit} characters"),
        Kind::MaxLength { limit } => format!("{value} is longer than {limit} characters"),
        Kind::MinItems { limit } => format!("fewer than {limit} items"),
        Kind::MaxItems { limit } => format!("more than {limit} items"),
        Kind::MinProperties { limit } => format!("fewer than {limit} properties"),
        Kind::MaxProperties { limit } => format!("more than {limit} properties"),
        Kind::UniqueItems => "two items are equal; they must differ".into(),
        Kind::FalseSchema => format!("{value} is not allowed here"),
        Kind::Not { .. } => format!("{value} has a form that is excluded (`not`)"),
        Kind::Contains => "no item is of the required form (`contains`)".into(),
        Kind::OneOfMultipleValid { .. } => {
            "more than one of the alternatives under `oneOf` fits; exactly one must".into()
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(context),
        Kind::PropertyNames { error } => format!("a property name is wrong: {error}"),
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
            format!("not checked: a pattern needs more than {BACKTRACK_LIMIT} steps on this value")
        }
        _ => "the value does not fit its schema".into(),
    }
}

/// What the alternative that fits best still lacks.
fn alternatives(context: &[Vec<jsonschema::ValidationError<'static>>]) -> String {
    let best = context.iter().filter(|errors| !errors.is_empty()).min_by_key(|errors| {
        let wrong_type = errors.iter().any(|e| {
            matches!(e.kind(), Kind::Type { .. }) && e.instance_path().as_str().is_empty()
        });
        (wrong_type, errors.len())
    });
    match best.and_then(|errors| errors.first()) {
        Some(error) => format!(
            "fits none of {} alternatives; the nearest one says: {}",
            context.len(),
            describe(error.kind(), error.instance())
        ),
        None => "fits none of the alternatives".into(),
    }
}

fn plural(names: &[String], one: &str, many: &str) -> String {
    let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} {}", list.join(", "), if names.len() == 1 { one } else { many })
}

fn short(value: &Json) -> String {
    match value {
        Json::Object(_) => "the object".into(),
        Json::Array(_) => "the list".into(),
        Json::String(text) if text.chars().count() > 60 => {
            let head: String = text.chars().take(57).collect();
            format!("\"{head}…\"")
        }
        _ => value.to_string(),
    }
}

fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(n) if n.is_f64() => "a number",
        Json::Number(_) => "an integer",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compiled(schema: Json) -> CompiledSchema {
        compile(schema, "configuration/schema.json", &BTreeMap::new()).unwrap()
    }

    #[test]
    fn breaches_say_what_is_wrong_and_what_is_right() {
        let schema = compiled(json!({
            "type": "object",
            "required": ["A"],
            "additionalProperties": false,
            "properties": {"A": {"type": "integer"}, "B": {"enum": ["x", "y"], "errorMessage": "choose x or y"}},
        }));
        let messages: Vec<String> =
            schema.validate(&json!({"B": "z", "C": 1})).into_iter().map(|b| b.message).collect();
        assert!(messages.contains(&"\"z\" is not one of \"x\", \"y\"".to_owned()), "{messages:?}");
        assert!(messages.contains(&"`C` is not allowed here".to_owned()));
        assert!(messages.contains(&"\"A\" is missing".to_owned()));
        let custom = schema.validate(&json!({"A": 1, "B": "z"}));
        assert_eq!(custom[0].custom_message.as_deref(), Some("choose x or y"));
    }

    #[test]
    fn remote_references_are_refused() {
        let schema = json!({"$ref": "https://example.com/schema.json"});
        let error = compile(schema, "s.json", &BTreeMap::new()).unwrap_err();
        assert!(error.message.contains("must stay inside the bundle"), "{}", error.message);
        let schema = json!({"$ref": "file:///etc/passwd"});
        assert!(compile(schema, "s.json", &BTreeMap::new()).is_err());
    }

    #[test]
    fn references_to_other_files_and_cycles_work() {
        let other = json!({"$defs": {"port": {"type": "integer"}, "tree": {"properties": {"child": {"$ref": "#/$defs/tree"}}}}});
        let resources = BTreeMap::from([("configuration/defs.json".to_owned(), other)]);
        let schema = json!({"properties": {"p": {"$ref": "defs.json#/$defs/port"}, "t": {"$ref": "defs.json#/$defs/tree"}, "s": {"$ref": "#"}}});
        let schema = compile(schema, "configuration/schema.json", &resources).unwrap();
        assert_eq!(schema.validate(&json!({"p": "x", "s": {"p": 1}})).len(), 1);
    }

    #[test]
    fn a_catastrophic_pattern_ends_at_the_limit() {
        let schema = compiled(json!({"properties": {"a": {"pattern": "^((?=a)a+)+$"}}}));
        let breaches = schema.validate(&json!({"a": "a".repeat(60) + "!"}));
        assert_eq!(breaches[0].kind, BreachKind::Limit);
        let huge = json!({"pattern": "(x{1000}){1000}{1000}"});
        assert!(compile(huge, "s.json", &BTreeMap::new()).is_err());
    }
}
