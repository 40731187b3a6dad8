//! A file of a bundle, read as data, and what kind of specification it is.

use std::sync::Arc;

use crate::contract::InterfaceType;
use crate::value::{Data, Entry, LowerError, Value};
use crate::yaml::{NodeId, Part, SyntaxError};

/// A parsed file of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub value: Value,
    pub syntax: Vec<SyntaxError>,
    pub lower_errors: Vec<LowerError>,
    /// What is known of the parts of a large document, by slot.
    pub parts: Vec<Arc<DocumentPart>>,
}

/// A part of a large document, as data.
#[derive(Debug)]
pub struct DocumentPart {
    /// Kept, so that its address stands for it.
    pub(super) part: Arc<Part>,
    pub(super) slot: u16,
    pub(super) entries: Option<Arc<[Entry]>>,
    /// Its `$ref`s and where they stand, in its order.
    pub(super) references: Vec<(Arc<str>, NodeId)>,
}

impl PartialEq for DocumentPart {
    fn eq(&self, other: &DocumentPart) -> bool {
        self.slot == other.slot && (Arc::ptr_eq(&self.part, &other.part) || self.part == other.part)
    }
}

/// What a data file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecKind {
    OpenApi,
    AsyncApi,
    JsonSchema,
    Unknown,
}

/// The kind of a data file, by its telling keys.
pub fn kind_of(value: &Value) -> SpecKind {
    let has = |key: &str| value.get(key).is_some();
    if has("openapi") || has("swagger") {
        SpecKind::OpenApi
    } else if has("asyncapi") {
        SpecKind::AsyncApi
    } else if matches!(value.data, Data::Bool(_)) || SCHEMA_KEYS.iter().any(|key| has(key)) {
        SpecKind::JsonSchema
    } else {
        SpecKind::Unknown
    }
}

const SCHEMA_KEYS: [&str; 12] = [
    "$schema",
    "$ref",
    "$id",
    "$defs",
    "type",
    "properties",
    "allOf",
    "anyOf",
    "oneOf",
    "enum",
    "const",
    "required",
];

/// Why `value` is not what an interface of type `ty` wants; `None` when it is. The key that is at
/// fault, when there is one, comes first.
pub fn mismatch(value: &Value, ty: InterfaceType) -> Option<(Option<&'static str>, String)> {
    let found = match kind_of(value) {
        SpecKind::OpenApi => "an OpenAPI document",
        SpecKind::AsyncApi => "an AsyncAPI document",
        SpecKind::JsonSchema => "a JSON Schema",
        SpecKind::Unknown => "neither OpenAPI nor AsyncAPI nor JSON Schema",
    };
    let wanted = |what: &str| Some((None, format!("expected {what}, found {found}")));
    match (ty, kind_of(value)) {
        (InterfaceType::Http, SpecKind::OpenApi) => openapi_problem(value),
        (InterfaceType::Http, _) => wanted("an OpenAPI 3.0, 3.1 or Swagger 2.0 document"),
        (InterfaceType::Event, SpecKind::AsyncApi) => asyncapi_problem(value),
        (InterfaceType::Event, SpecKind::JsonSchema) => None,
        (InterfaceType::Event, _) => wanted("an AsyncAPI 2 or 3 document, or a JSON Schema"),
        (InterfaceType::Grpc, _) => wanted("a .proto file"),
    }
}

fn version_text(value: &Value) -> String {
    match &value.data {
        Data::Str(text) => text.to_string(),
        _ => value.number_text().unwrap_or_default(),
    }
}

fn openapi_problem(value: &Value) -> Option<(Option<&'static str>, String)> {
    let (key, supported): (_, &[&str]) = match value.get("openapi") {
        Some(_) => ("openapi", &["3.0", "3.1", "3.2"]),
        None => ("swagger", &["2.0"]),
    };
    let version = value.get(key).map(version_text).unwrap_or_default();
    if !supported.iter().any(|prefix| version.starts_with(prefix)) {
        let message = format!(
            "`{key}: {version}` is not a supported version; expected 3.0, 3.1 or Swagger 2.0"
        );
        return Some((Some(key), message));
    }
    let has_paths = matches!(value.get("paths").map(|v| &v.data), Some(Data::Map(_)));
    let may_lack_paths = version.starts_with("3.1") || version.starts_with("3.2");
    let is_excused = may_lack_paths && value.get("paths").is_none();
    if !(has_paths || is_excused) {
        let key = value.get("paths").map(|_| "paths");
        return Some((key, "an OpenAPI document needs a `paths` object".into()));
    }
    None
}

fn asyncapi_problem(value: &Value) -> Option<(Option<&'static str>, String)> {
    let version = value.get("asyncapi").map(version_text).unwrap_or_default();
    let is_supported = version.starts_with("2.") || version.starts_with("3.");
    let message = format!("`asyncapi: {version}` is not a supported version; expected 2.x or 3.x");
    (!is_supported).then_some((Some("asyncapi"), message))
}
