//! What the keywords of schemas are.

use super::types::{Types, number};
use crate::value::{Data, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One value that is compared as such.
    Word(&'static str),
    /// Dealt with elsewhere, or without a meaning of its own.
    Handled,
    /// For readers only.
    Annotation,
    Unknown,
}

const WORDS: [&str; 16] = [
    "format",
    "multipleOf",
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "contentEncoding",
    "contentMediaType",
    "default",
    "deprecated",
    "xml",
];

const HANDLED: [&str; 22] = [
    "$schema",
    "$id",
    "id",
    "$ref",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$vocabulary",
    "$defs",
    "definitions",
    "type",
    "nullable",
    "allOf",
    "then",
    "else",
    "readOnly",
    "writeOnly",
    // Of Swagger's parameters and headers, which are schemas themselves.
    "name",
    "in",
    "collectionFormat",
    "allowEmptyValue",
    "required",
];

const ANNOTATIONS: [&str; 6] =
    ["title", "description", "examples", "example", "externalDocs", "$comment"];

pub fn kind(key: &str) -> Kind {
    if let Some(word) = WORDS.iter().find(|word| **word == key) {
        return Kind::Word(word);
    }
    if HANDLED.contains(&key) || matches!(key, "x-nullable" | "x-pacto-direction") {
        Kind::Handled
    } else if ANNOTATIONS.contains(&key) || key.starts_with("x-") || key == "errorMessage" {
        Kind::Annotation
    } else {
        Kind::Unknown
    }
}

/// A limit that says nothing.
pub fn is_default_limit(name: &str, value: &Value) -> bool {
    match name {
        "minLength" | "minItems" | "minProperties" => number(value) == Some(0.0),
        "uniqueItems" | "deprecated" => value.data == Data::Bool(false),
        _ => false,
    }
}

/// The types that a keyword is about.
pub fn implied(key: &str) -> Types {
    match key {
        "properties"
        | "patternProperties"
        | "additionalProperties"
        | "propertyNames"
        | "minProperties"
        | "maxProperties" => Types::OBJECT,
        "items" | "prefixItems" | "minItems" | "maxItems" | "uniqueItems" | "contains" => {
            Types::ARRAY
        }
        "maxLength" | "minLength" | "pattern" => Types::STRING,
        "maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum" | "multipleOf" => {
            Types::NUMBER
        }
        _ => Types::default(),
    }
}
