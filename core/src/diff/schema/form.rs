//! The one form of all schemas of equal meaning.

use std::collections::BTreeMap;

use super::types::Types;
use crate::diff::docs::{At, Spot};

/// A schema of one bundle, as [`super::Schemas`] counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub(super) u32);

/// A keyword's value and where it stands.
pub type Word<'a> = At<'a>;

/// The greatest or the least value.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    pub value: f64,
    pub is_exclusive: bool,
    pub word: Word<'a>,
}

#[derive(Clone, Debug)]
pub struct Property {
    pub name: String,
    pub schema: SchemaId,
    pub spot: Spot,
}

/// What is said of properties or items that nothing else names.
#[derive(Clone, Copy, Debug, Default)]
pub enum Others {
    #[default]
    Open,
    Closed(Spot),
    Schema(SchemaId, Spot),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnionKind {
    AnyOf,
    OneOf,
}

impl UnionKind {
    pub fn text(self) -> &'static str {
        match self {
            UnionKind::AnyOf => "anyOf",
            UnionKind::OneOf => "oneOf",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Union<'a> {
    pub kind: UnionKind,
    pub branches: Vec<SchemaId>,
    pub spot: Spot,
    /// The branches as written, for names.
    pub places: Vec<At<'a>>,
}

#[derive(Debug, Default)]
pub struct Normal<'a> {
    pub is_forbidden: Option<Spot>,
    pub types: Types,
    /// The types before the enumeration took null away.
    pub declared: Types,
    /// Whether readers differ on null: `nullable` beside an `enum` that does not list it.
    pub is_null_doubtful: bool,
    /// Where the types are written; `None` when nothing is said of them.
    pub type_word: Option<Word<'a>>,
    /// Whether null is written as a type, or by `nullable`.
    pub null_spot: Option<Spot>,
    /// What `properties`, `items`, … imply of the types.
    pub implied: Types,
    pub words: Vec<(&'static str, Word<'a>)>,
    pub maximum: Option<Bound<'a>>,
    pub minimum: Option<Bound<'a>>,
    pub enumeration: Option<Vec<At<'a>>>,
    /// Null as a value of the enumeration, which does not list it.
    pub enum_null: Option<At<'a>>,
    pub enum_spot: Option<Spot>,
    pub is_const: bool,
    /// `x-extensible-enum`: values that are known, among others.
    pub extensible: Option<Word<'a>>,
    pub patterns: Vec<Word<'a>>,
    /// What is said of the items after those of `prefix`.
    pub items: Others,
    /// Whether `unevaluatedItems` says so rather than `items`.
    pub items_are_unevaluated: bool,
    pub prefix: Vec<Others>,
    pub contains: Option<(SchemaId, Spot)>,
    pub unevaluated_items: Others,
    /// Sorted by name.
    pub properties: Vec<Property>,
    pub properties_spot: Option<Spot>,
    /// By name.
    pub required: BTreeMap<String, Spot>,
    pub declares_required: bool,
    /// What is said of properties that nothing names.
    pub others: Others,
    /// Whether `unevaluatedProperties` says so rather than `additionalProperties`.
    pub others_are_unevaluated: bool,
    pub pattern_properties: Vec<Property>,
    pub property_names: Option<(SchemaId, Spot)>,
    pub dependent_required: Vec<(String, Vec<String>, Spot)>,
    pub dependent_schemas: Vec<Property>,
    pub unevaluated_properties: Others,
    pub content_schema: Option<(SchemaId, Spot)>,
    pub unions: Vec<Union<'a>>,
    pub not: Option<(SchemaId, Spot)>,
    /// Schemas with `if`.
    pub conditionals: Vec<At<'a>>,
    /// Branches of `allOf` that cannot be merged exactly.
    pub branches: Vec<(SchemaId, Spot)>,
    pub discriminator: Option<At<'a>>,
    pub annotations: Vec<(&'a str, Word<'a>)>,
    pub unknown: Vec<(&'a str, Word<'a>)>,
    pub is_read_only: Option<Spot>,
    pub is_write_only: Option<Spot>,
    /// JSON pointer of the definition that this schema is, when it is nothing else.
    pub origin: Option<String>,
    /// What cannot be followed without knowing who refers: `$dynamicRef`, and references that lead
    /// nowhere.
    pub undecided: Vec<Word<'a>>,
    /// Not all of the schema was read, since it has too many parts.
    pub is_cut: bool,
    /// Whether a property must be there that may not.
    pub is_impossible: bool,
}

impl<'a> Normal<'a> {
    pub fn word(&self, name: &str) -> Option<Word<'a>> {
        self.words.iter().find(|(word, _)| *word == name).map(|(_, at)| *at)
    }

    pub fn property(&self, name: &str) -> Option<&Property> {
        let found = self.properties.binary_search_by(|property| property.name.as_str().cmp(name));
        found.ok().map(|at| &self.properties[at])
    }

    pub fn requires(&self, name: &str) -> bool {
        self.required.contains_key(name)
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.others, Others::Closed(_))
            || matches!(self.unevaluated_properties, Others::Closed(_))
    }

    /// Whether only null and what a union says is demanded.
    pub fn is_pure_union(&self) -> bool {
        self.unions.len() == 1
            && self.type_word.is_none()
            && self.words.is_empty()
            && self.maximum.is_none()
            && self.minimum.is_none()
            && self.enumeration.is_none()
            && self.patterns.is_empty()
            && self.properties.is_empty()
            && self.required.is_empty()
            && matches!(self.others, Others::Open)
            && matches!(self.items, Others::Open)
            && self.not.is_none()
            && self.branches.is_empty()
    }
}
