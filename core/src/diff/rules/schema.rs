//! The rules of schemas (3-diff, Table S).

use crate::diff::rule::Meaning::BySide;
use crate::diff::rule::classes::{B, BN, BP, N, NB, NONE, NP, P, PB, PN};
use crate::diff::rule::{Domain, Mark, Meaning, Rule};

/// The new schema admits less.
const TIGHTER: Meaning = BySide { input: B, output: N, config: B };
/// The new schema admits more.
const LOOSER: Meaning = BySide { input: N, output: B, config: N };
/// The new schema admits something else.
const OTHER: Meaning = BySide { input: B, output: B, config: B };
const UNKNOWN: Meaning = BySide { input: P, output: P, config: P };
const HARMLESS: Meaning = BySide { input: N, output: N, config: N };
/// A limit where there was none.
const LIMIT: Meaning = BySide { input: P, output: N, config: B };

const fn rule(
    name: &'static str,
    meaning: Meaning,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    Rule::new(Domain::Schema, name, meaning, reason, [old, new])
}

/// A rule whose exchanged example fires, too.
const fn symmetric(
    name: &'static str,
    meaning: Meaning,
    reason: &'static str,
    example: [&'static str; 2],
    counter: [&'static str; 2],
) -> Rule {
    Rule::new(Domain::Schema, name, meaning, reason, example).unless(counter)
}

const SAME: [&str; 2] = ["{type: string, title: A}", "{title: A, type: string}"];

table! { SCHEMA:
    TYPE_NARROWED = rule(
        "type-narrowed",
        TIGHTER,
        "fewer types are admitted",
        "{type: [string, integer]}",
        "{type: string}",
    );
    NULLABLE_REMOVED = rule(
        "nullable-removed",
        TIGHTER,
        "null is no longer admitted",
        "{type: [string, 'null']}",
        "{type: string}",
    );
    SCHEMA_FORBIDDEN = rule(
        "schema-forbidden",
        TIGHTER,
        "no value is admitted",
        "{properties: {x: true}}",
        "{properties: {x: false}}",
    ).marked(&[Mark::Final]);
    TYPE_WIDENED = rule("type-widened", LOOSER, "more types are admitted", "{type: integer}", "{type: number}");
    NULLABLE_ADDED = rule(
        "nullable-added",
        LOOSER,
        "null is admitted",
        "{type: string}",
        "{type: [string, 'null']}",
    );
    SCHEMA_ALLOWED = rule(
        "schema-allowed",
        LOOSER,
        "values are admitted that were not",
        "{properties: {x: false}}",
        "{properties: {x: true}}",
    ).marked(&[Mark::Final]);
    TYPE_CHANGED = symmetric(
        "type-changed",
        OTHER,
        "the type changed",
        ["{type: string}", "{type: integer}"],
        SAME,
    ).marked(&[Mark::Final]);
    FORMAT_ADDED = rule(
        "format-added",
        TIGHTER,
        "a format is required",
        "{type: string}",
        "{type: string, format: uuid}",
    );
    FORMAT_NARROWED = rule(
        "format-narrowed",
        TIGHTER,
        "the format admits less",
        "{type: integer, format: int64}",
        "{type: integer, format: int32}",
    );
    FORMAT_REMOVED = rule(
        "format-removed",
        LOOSER,
        "a format is no longer required",
        "{type: string, format: uuid}",
        "{type: string}",
    );
    FORMAT_WIDENED = rule(
        "format-widened",
        LOOSER,
        "the format admits more",
        "{type: integer, format: int32}",
        "{type: integer, format: int64}",
    );
    FORMAT_CHANGED = symmetric(
        "format-changed",
        OTHER,
        "the format changed",
        ["{type: string, format: date}", "{type: string, format: uuid}"],
        SAME,
    );
    ENUM_VALUE_REMOVED = rule(
        "enum-value-removed",
        TIGHTER,
        "a value is no longer admitted",
        "{enum: [a, b]}",
        "{enum: [a]}",
    );
    ENUM_INTRODUCED = rule(
        "enum-introduced",
        TIGHTER,
        "only listed values are admitted",
        "{type: string}",
        "{type: string, enum: [a]}",
    );
    EXTENSIBLE_ENUM_VALUE_REMOVED = rule(
        "extensible-enum-value-removed",
        TIGHTER,
        "a known value is no longer listed",
        "{type: string, x-extensible-enum: [a, b]}",
        "{type: string, x-extensible-enum: [a]}",
    );
    CONST_ADDED = rule(
        "const-added",
        TIGHTER,
        "only one value is admitted",
        "{type: string}",
        "{type: string, const: a}",
    );
    CONST_REMOVED = rule(
        "const-removed",
        LOOSER,
        "more than one value is admitted",
        "{type: string, const: a}",
        "{type: string}",
    );
    CONST_CHANGED = symmetric(
        "const-changed",
        OTHER,
        "the only value that is admitted changed",
        ["{const: a}", "{const: b}"],
        SAME,
    );
    MAXIMUM_DECREASED = rule(
        "maximum-decreased",
        TIGHTER,
        "the maximum is lower",
        "{type: integer, maximum: 10}",
        "{type: integer, maximum: 5}",
    );
    MINIMUM_INCREASED = rule(
        "minimum-increased",
        TIGHTER,
        "the minimum is higher",
        "{type: integer, minimum: 1}",
        "{type: integer, minimum: 5}",
    );
    MULTIPLE_OF_NARROWED = rule(
        "multiple-of-narrowed",
        TIGHTER,
        "fewer multiples are admitted",
        "{type: integer, multipleOf: 2}",
        "{type: integer, multipleOf: 4}",
    );
    MAXIMUM_INCREASED = rule(
        "maximum-increased",
        LOOSER,
        "the maximum is higher",
        "{type: integer, maximum: 5}",
        "{type: integer, maximum: 10}",
    );
    MAXIMUM_REMOVED = rule(
        "maximum-removed",
        LOOSER,
        "there is no longer a maximum",
        "{type: integer, maximum: 5}",
        "{type: integer}",
    );
    MINIMUM_DECREASED = rule(
        "minimum-decreased",
        LOOSER,
        "the minimum is lower",
        "{type: integer, minimum: 5}",
        "{type: integer, minimum: 1}",
    );
    MINIMUM_REMOVED = rule(
        "minimum-removed",
        LOOSER,
        "there is no longer a minimum",
        "{type: integer, minimum: 5}",
        "{type: integer}",
    );
    MULTIPLE_OF_WIDENED = rule(
        "multiple-of-widened",
        LOOSER,
        "more multiples are admitted",
        "{type: integer, multipleOf: 4}",
        "{type: integer, multipleOf: 2}",
    );
    MULTIPLE_OF_REMOVED = rule(
        "multiple-of-removed",
        LOOSER,
        "not only multiples are admitted",
        "{type: integer, multipleOf: 4}",
        "{type: integer}",
    );
    MULTIPLE_OF_CHANGED = symmetric(
        "multiple-of-changed",
        OTHER,
        "other multiples are admitted",
        ["{type: integer, multipleOf: 4}", "{type: integer, multipleOf: 6}"],
        SAME,
    );
    MAX_LENGTH_DECREASED = rule(
        "max-length-decreased",
        TIGHTER,
        "the maximum length is smaller",
        "{type: string, maxLength: 10}",
        "{type: string, maxLength: 5}",
    );
    MIN_LENGTH_INCREASED = rule(
        "min-length-increased",
        TIGHTER,
        "the minimum length is greater",
        "{type: string}",
        "{type: string, minLength: 5}",
    );
    PATTERN_ADDED = rule(
        "pattern-added",
        TIGHTER,
        "a pattern is required",
        "{type: string}",
        "{type: string, pattern: '^a'}",
    );
    PATTERN_NARROWED = rule(
        "pattern-narrowed",
        TIGHTER,
        "the pattern admits less",
        "{type: string, pattern: '^[a-z]+$'}",
        "{type: string, pattern: '^[a-f]+$'}",
    );
    CONTENT_SCHEMA_ADDED = rule(
        "content-schema-added",
        TIGHTER,
        "the content must satisfy a schema",
        "{type: string, contentMediaType: application/json}",
        "{type: string, contentMediaType: application/json, contentSchema: {type: object}}",
    );
    MAX_LENGTH_INCREASED = rule(
        "max-length-increased",
        LOOSER,
        "the maximum length is greater",
        "{type: string, maxLength: 5}",
        "{type: string, maxLength: 10}",
    );
    MAX_LENGTH_REMOVED = rule(
        "max-length-removed",
        LOOSER,
        "there is no longer a maximum length",
        "{type: string, maxLength: 5}",
        "{type: string}",
    );
    MIN_LENGTH_DECREASED = rule(
        "min-length-decreased",
        LOOSER,
        "the minimum length is smaller",
        "{type: string, minLength: 5}",
        "{type: string}",
    );
    CONTENT_SCHEMA_REMOVED = rule(
        "content-schema-removed",
        LOOSER,
        "the content no longer needs to satisfy a schema",
        "{type: string, contentSchema: {type: object}}",
        "{type: string}",
    );
    CONTENT_ENCODING_CHANGED = symmetric(
        "content-encoding-changed",
        OTHER,
        "the encoding of the content changed",
        ["{type: string, contentEncoding: base64}", "{type: string, contentEncoding: base32}"],
        SAME,
    );
    CONTENT_MEDIA_TYPE_CHANGED = symmetric(
        "content-media-type-changed",
        OTHER,
        "the media type of the content changed",
        [
            "{type: string, contentMediaType: image/png}",
            "{type: string, contentMediaType: image/gif}",
        ],
        SAME,
    );
    MAX_ITEMS_DECREASED = rule(
        "max-items-decreased",
        TIGHTER,
        "fewer items are admitted",
        "{type: array, maxItems: 10}",
        "{type: array, maxItems: 5}",
    );
    MIN_ITEMS_INCREASED = rule(
        "min-items-increased",
        TIGHTER,
        "more items are required",
        "{type: array}",
        "{type: array, minItems: 1}",
    );
    UNIQUE_ITEMS_SET = rule(
        "unique-items-set",
        TIGHTER,
        "items must differ",
        "{type: array}",
        "{type: array, uniqueItems: true}",
    );
    ITEMS_ADDED = rule(
        "items-added",
        TIGHTER,
        "items must satisfy a schema",
        "{type: array}",
        "{type: array, items: {type: string}}",
    );
    PREFIX_ITEM_NARROWED = rule(
        "prefix-item-narrowed",
        TIGHTER,
        "an item at a position must satisfy a schema",
        "{type: array, prefixItems: [{type: string}]}",
        "{type: array, prefixItems: [{type: string}, {type: integer}]}",
    );
    CONTAINS_ADDED = rule(
        "contains-added",
        TIGHTER,
        "an item of a kind is required",
        "{type: array}",
        "{type: array, contains: {const: a}}",
    );
    MIN_CONTAINS_INCREASED = rule(
        "min-contains-increased",
        TIGHTER,
        "more items of a kind are required",
        "{type: array, contains: {const: a}}",
        "{type: array, contains: {const: a}, minContains: 2}",
    );
    MAX_CONTAINS_SET = rule(
        "max-contains-set",
        TIGHTER,
        "items of a kind are limited",
        "{type: array, contains: {const: a}}",
        "{type: array, contains: {const: a}, maxContains: 3}",
    );
    MAX_CONTAINS_DECREASED = rule(
        "max-contains-decreased",
        TIGHTER,
        "fewer items of a kind are admitted",
        "{type: array, contains: {const: a}, maxContains: 5}",
        "{type: array, contains: {const: a}, maxContains: 3}",
    );
    UNEVALUATED_ITEMS_CLOSED = rule(
        "unevaluated-items-closed",
        TIGHTER,
        "items that no schema knows are limited",
        "{type: array}",
        "{type: array, unevaluatedItems: false}",
    );
    MAX_ITEMS_INCREASED = rule(
        "max-items-increased",
        LOOSER,
        "more items are admitted",
        "{type: array, maxItems: 5}",
        "{type: array, maxItems: 10}",
    );
    MAX_ITEMS_REMOVED = rule(
        "max-items-removed",
        LOOSER,
        "any number of items is admitted",
        "{type: array, maxItems: 5}",
        "{type: array}",
    );
    MIN_ITEMS_DECREASED = rule(
        "min-items-decreased",
        LOOSER,
        "fewer items are required",
        "{type: array, minItems: 2}",
        "{type: array, minItems: 1}",
    );
    UNIQUE_ITEMS_UNSET = rule(
        "unique-items-unset",
        LOOSER,
        "items may be equal",
        "{type: array, uniqueItems: true}",
        "{type: array}",
    );
    ITEMS_REMOVED = rule(
        "items-removed",
        LOOSER,
        "items no longer need to satisfy a schema",
        "{type: array, items: {type: string}}",
        "{type: array}",
    );
    PREFIX_ITEM_WIDENED = rule(
        "prefix-item-widened",
        LOOSER,
        "an item at a position no longer needs to satisfy a schema",
        "{type: array, prefixItems: [{type: string}, {type: integer}]}",
        "{type: array, prefixItems: [{type: string}]}",
    );
    CONTAINS_REMOVED = rule(
        "contains-removed",
        LOOSER,
        "an item of a kind is no longer required",
        "{type: array, contains: {const: a}}",
        "{type: array}",
    );
    MIN_CONTAINS_DECREASED = rule(
        "min-contains-decreased",
        LOOSER,
        "fewer items of a kind are required",
        "{type: array, contains: {const: a}, minContains: 2}",
        "{type: array, contains: {const: a}}",
    );
    MAX_CONTAINS_INCREASED = rule(
        "max-contains-increased",
        LOOSER,
        "more items of a kind are admitted",
        "{type: array, contains: {const: a}, maxContains: 3}",
        "{type: array, contains: {const: a}, maxContains: 5}",
    );
    MAX_CONTAINS_REMOVED = rule(
        "max-contains-removed",
        LOOSER,
        "any number of items of a kind is admitted",
        "{type: array, contains: {const: a}, maxContains: 3}",
        "{type: array, contains: {const: a}}",
    );
    UNEVALUATED_ITEMS_OPENED = rule(
        "unevaluated-items-opened",
        LOOSER,
        "items that no schema knows are admitted",
        "{type: array, unevaluatedItems: false}",
        "{type: array}",
    );
    PROPERTY_BECAME_REQUIRED = rule(
        "property-became-required",
        TIGHTER,
        "the property is required now",
        "{type: object, required: [y], properties: {x: {type: string}, y: {}}}",
        "{type: object, required: [x, y], properties: {x: {type: string}, y: {}}}",
    ).marked(&[Mark::Demand]);
    REQUIRED_NAME_ADDED = rule(
        "required-name-added",
        TIGHTER,
        "a property is required",
        "{type: object}",
        "{type: object, required: [x]}",
    );
    ADDITIONAL_PROPERTIES_CLOSED = rule(
        "additional-properties-closed",
        TIGHTER,
        "other properties are no longer admitted",
        "{type: object, properties: {x: {}}}",
        "{type: object, properties: {x: {}}, additionalProperties: false}",
    );
    ADDITIONAL_PROPERTIES_SCHEMA_ADDED = rule(
        "additional-properties-schema-added",
        TIGHTER,
        "other properties must satisfy a schema",
        "{type: object}",
        "{type: object, additionalProperties: {type: string}}",
    );
    PROPERTY_NAMES_ADDED = rule(
        "property-names-added",
        TIGHTER,
        "names of properties must satisfy a schema",
        "{type: object}",
        "{type: object, propertyNames: {pattern: '^a'}}",
    );
    MIN_PROPERTIES_INCREASED = rule(
        "min-properties-increased",
        TIGHTER,
        "more properties are required",
        "{type: object}",
        "{type: object, minProperties: 1}",
    );
    MAX_PROPERTIES_DECREASED = rule(
        "max-properties-decreased",
        TIGHTER,
        "fewer properties are admitted",
        "{type: object, maxProperties: 5}",
        "{type: object, maxProperties: 3}",
    );
    DEPENDENT_REQUIRED_GREW = rule(
        "dependent-required-grew",
        TIGHTER,
        "a property demands more properties",
        "{type: object}",
        "{type: object, dependentRequired: {a: [b]}}",
    );
    DEPENDENT_SCHEMA_ADDED = rule(
        "dependent-schema-added",
        TIGHTER,
        "a property demands a schema",
        "{type: object}",
        "{type: object, dependentSchemas: {a: {required: [b]}}}",
    );
    UNEVALUATED_PROPERTIES_CLOSED = rule(
        "unevaluated-properties-closed",
        TIGHTER,
        "properties that no schema knows are limited",
        "{type: object, properties: {x: {}}}",
        "{type: object, properties: {x: {}}, unevaluatedProperties: false}",
    );
    PROPERTY_BECAME_OPTIONAL = rule(
        "property-became-optional",
        LOOSER,
        "the property is no longer required",
        "{type: object, required: [x, y], properties: {x: {type: string}, y: {}}}",
        "{type: object, required: [y], properties: {x: {type: string}, y: {}}}",
    );
    REQUIRED_NAME_REMOVED = rule(
        "required-name-removed",
        LOOSER,
        "a property is no longer required",
        "{type: object, required: [x]}",
        "{type: object}",
    );
    ADDITIONAL_PROPERTIES_SCHEMA_REMOVED = rule(
        "additional-properties-schema-removed",
        LOOSER,
        "other properties no longer need to satisfy a schema",
        "{type: object, additionalProperties: {type: string}}",
        "{type: object}",
    );
    PROPERTY_NAMES_REMOVED = rule(
        "property-names-removed",
        LOOSER,
        "names of properties no longer need to satisfy a schema",
        "{type: object, propertyNames: {pattern: '^a'}}",
        "{type: object}",
    );
    MIN_PROPERTIES_DECREASED = rule(
        "min-properties-decreased",
        LOOSER,
        "fewer properties are required",
        "{type: object, minProperties: 2}",
        "{type: object, minProperties: 1}",
    );
    MAX_PROPERTIES_INCREASED = rule(
        "max-properties-increased",
        LOOSER,
        "more properties are admitted",
        "{type: object, maxProperties: 3}",
        "{type: object, maxProperties: 5}",
    );
    MAX_PROPERTIES_REMOVED = rule(
        "max-properties-removed",
        LOOSER,
        "any number of properties is admitted",
        "{type: object, maxProperties: 3}",
        "{type: object}",
    );
    DEPENDENT_REQUIRED_SHRANK = rule(
        "dependent-required-shrank",
        LOOSER,
        "a property demands fewer properties",
        "{type: object, dependentRequired: {a: [b]}}",
        "{type: object}",
    );
    DEPENDENT_SCHEMA_REMOVED = rule(
        "dependent-schema-removed",
        LOOSER,
        "a property no longer requires a schema",
        "{type: object, dependentSchemas: {a: {required: [b]}}}",
        "{type: object}",
    );
    ALL_OF_BRANCH_ADDED = rule(
        "all-of-branch-added",
        TIGHTER,
        "one more schema must be satisfied",
        "{type: object, patternProperties: {a: {}}}",
        "{type: object, patternProperties: {a: {}}, allOf: [{additionalProperties: false, properties: {b: {}}}]}",
    );
    UNION_BRANCH_REMOVED = rule(
        "union-branch-removed",
        TIGHTER,
        "an alternative is no longer admitted",
        "{oneOf: [{type: string}, {type: integer}]}",
        "{oneOf: [{type: string}]}",
    );
    VALUES_REFUSED = rule(
        "values-refused",
        BySide { input: B, output: NONE, config: B },
        "values are refused that were admitted",
        "{oneOf: [{type: integer}, {type: string}]}",
        "{oneOf: [{type: integer}, {type: string}, {type: number}]}",
    );
    VALUES_ADMITTED = rule(
        "values-admitted",
        BySide { input: NONE, output: B, config: NONE },
        "values are admitted that were refused",
        "{oneOf: [{type: integer}, {type: string}, {type: number}]}",
        "{oneOf: [{type: string}, {type: number}]}",
    );
    NOT_ADDED = rule(
        "not-added",
        TIGHTER,
        "values are excluded",
        "{type: string}",
        "{type: string, not: {const: a}}",
    );
    CONDITIONAL_ADDED = rule(
        "conditional-added",
        TIGHTER,
        "a condition was added",
        "{type: object}",
        "{type: object, if: {required: [a]}, then: {required: [b]}}",
    );
    SCHEMA_ADDED = rule("schema-added", TIGHTER, "a schema is required", "", "{type: string}");
    ALL_OF_BRANCH_REMOVED = rule(
        "all-of-branch-removed",
        LOOSER,
        "one schema less must be satisfied",
        "{type: object, patternProperties: {a: {}}, allOf: [{additionalProperties: false, properties: {b: {}}}]}",
        "{type: object, patternProperties: {a: {}}}",
    );
    UNION_BRANCH_ADDED = rule(
        "union-branch-added",
        LOOSER,
        "one more alternative is admitted",
        "{oneOf: [{type: string}]}",
        "{oneOf: [{type: string}, {type: integer}]}",
    );
    NOT_REMOVED = rule(
        "not-removed",
        LOOSER,
        "values are no longer excluded",
        "{type: string, not: {const: a}}",
        "{type: string}",
    );
    CONDITIONAL_REMOVED = rule(
        "conditional-removed",
        LOOSER,
        "a condition was removed",
        "{type: object, if: {required: [a]}, then: {required: [b]}}",
        "{type: object}",
    );
    DISCRIMINATOR_PROPERTY_CHANGED = symmetric(
        "discriminator-property-changed",
        OTHER,
        "another property tells the alternatives apart",
        ["{discriminator: {propertyName: a}}", "{discriminator: {propertyName: b}}"],
        SAME,
    );
    DISCRIMINATOR_MAPPING_RETARGETED = symmetric(
        "discriminator-mapping-retargeted",
        OTHER,
        "a value stands for another schema",
        [
            "{discriminator: {propertyName: a, mapping: {x: '#/$defs/A'}}, $defs: {A: {type: object}, B: {type: string}}}",
            "{discriminator: {propertyName: a, mapping: {x: '#/$defs/B'}}, $defs: {A: {type: object}, B: {type: string}}}",
        ],
        SAME,
    );
    PROPERTY_ADDED_REQUIRED = rule(
        "property-added-required",
        BySide { input: B, output: NP, config: B },
        "a required property was added",
        "{type: object, required: [y], properties: {y: {}}}",
        "{type: object, required: [x, y], properties: {x: {}, y: {}}}",
    ).marked(&[Mark::Feature, Mark::Demand]);
    PROPERTY_ADDED_OPTIONAL = rule(
        "property-added-optional",
        BySide { input: N, output: NP, config: N },
        "an optional property was added",
        "{type: object, properties: {y: {}}}",
        "{type: object, properties: {x: {}, y: {}}}",
    ).marked(&[Mark::Feature]);
    PROPERTY_REMOVED = rule(
        "property-removed",
        BySide { input: PB, output: BP, config: B },
        "a property was removed",
        "{type: object, properties: {x: {}, y: {}}}",
        "{type: object, properties: {y: {}}}",
    );
    READ_ONLY_SET = rule(
        "read-only-set",
        BySide { input: P, output: N, config: N },
        "the property is no longer read",
        "{type: object, properties: {x: {type: string}}}",
        "{type: object, properties: {x: {type: string, readOnly: true}}}",
    );
    READ_ONLY_UNSET = rule(
        "read-only-unset",
        BySide { input: NB, output: N, config: N },
        "the property is read now",
        "{type: object, properties: {x: {type: string, readOnly: true}}}",
        "{type: object, properties: {x: {type: string}}}",
    );
    WRITE_ONLY_SET = rule(
        "write-only-set",
        BySide { input: N, output: BP, config: N },
        "the property is no longer written",
        "{type: object, properties: {x: {type: string}}}",
        "{type: object, properties: {x: {type: string, writeOnly: true}}}",
    );
    WRITE_ONLY_UNSET = rule(
        "write-only-unset",
        BySide { input: N, output: N, config: N },
        "the property is written now",
        "{type: object, properties: {x: {type: string, writeOnly: true}}}",
        "{type: object, properties: {x: {type: string}}}",
    );
    ADDITIONAL_PROPERTIES_OPENED = rule(
        "additional-properties-opened",
        BySide { input: N, output: P, config: N },
        "other properties are admitted",
        "{type: object, properties: {x: {}}, additionalProperties: false}",
        "{type: object, properties: {x: {}}}",
    );
    UNEVALUATED_PROPERTIES_OPENED = rule(
        "unevaluated-properties-opened",
        BySide { input: N, output: P, config: N },
        "properties that no schema knows are admitted",
        "{type: object, properties: {x: {}}, unevaluatedProperties: false}",
        "{type: object, properties: {x: {}}}",
    );
    PATTERN_PROPERTY_ADDED = rule(
        "pattern-property-added",
        BySide { input: BN, output: NB, config: BN },
        "properties of some names must satisfy a schema",
        "{type: object}",
        "{type: object, patternProperties: {'^a': {type: string}}}",
    );
    PATTERN_PROPERTY_REMOVED = rule(
        "pattern-property-removed",
        BySide { input: NB, output: PB, config: NB },
        "properties of some names no longer need to satisfy a schema",
        "{type: object, patternProperties: {'^a': {type: string}}}",
        "{type: object}",
    );
    MAXIMUM_SET = rule(
        "maximum-set",
        LIMIT,
        "there is a maximum now",
        "{type: integer}",
        "{type: integer, maximum: 5}",
    );
    MINIMUM_SET = rule(
        "minimum-set",
        LIMIT,
        "there is a minimum now",
        "{type: integer}",
        "{type: integer, minimum: 5}",
    );
    MULTIPLE_OF_SET = rule(
        "multiple-of-set",
        LIMIT,
        "only multiples are admitted",
        "{type: integer}",
        "{type: integer, multipleOf: 2}",
    );
    MAX_LENGTH_SET = rule(
        "max-length-set",
        LIMIT,
        "there is a maximum length now",
        "{type: string}",
        "{type: string, maxLength: 5}",
    );
    MAX_ITEMS_SET = rule(
        "max-items-set",
        LIMIT,
        "the number of items is limited",
        "{type: array}",
        "{type: array, maxItems: 5}",
    );
    MAX_PROPERTIES_SET = rule(
        "max-properties-set",
        LIMIT,
        "the number of properties is limited",
        "{type: object}",
        "{type: object, maxProperties: 5}",
    );
    PATTERN_REMOVED = rule(
        "pattern-removed",
        BySide { input: N, output: P, config: N },
        "a pattern is no longer required",
        "{type: string, pattern: '^a'}",
        "{type: string}",
    );
    PATTERN_WIDENED = rule(
        "pattern-widened",
        BySide { input: N, output: P, config: N },
        "the pattern admits more",
        "{type: string, pattern: '^[a-f]+$'}",
        "{type: string, pattern: '^[a-z]+$'}",
    );
    PATTERN_CHANGED = symmetric(
        "pattern-changed",
        UNKNOWN,
        "the pattern changed",
        ["{type: string, pattern: '^a'}", "{type: string, pattern: '^b'}"],
        SAME,
    );
    ENUM_VALUE_ADDED = rule(
        "enum-value-added",
        BySide { input: N, output: P, config: N },
        "one more value is admitted",
        "{enum: [a]}",
        "{enum: [a, b]}",
    );
    ENUM_DROPPED = rule(
        "enum-dropped",
        BySide { input: N, output: P, config: N },
        "not only listed values are admitted",
        "{type: string, enum: [a]}",
        "{type: string}",
    );
    EXTENSIBLE_ENUM_INTRODUCED = rule(
        "extensible-enum-introduced",
        BySide { input: P, output: N, config: P },
        "values are listed as known",
        "{type: string}",
        "{type: string, x-extensible-enum: [a, b]}",
    );
    EXTENSIBLE_ENUM_DROPPED = rule(
        "extensible-enum-dropped",
        BySide { input: N, output: P, config: N },
        "no value is listed as known any more",
        "{type: string, x-extensible-enum: [a, b]}",
        "{type: string}",
    );
    EXTENSIBLE_ENUM_VALUE_ADDED = rule(
        "extensible-enum-value-added",
        HARMLESS,
        "one more value is known",
        "{type: string, x-extensible-enum: [a]}",
        "{type: string, x-extensible-enum: [a, b]}",
    );
    DEFAULT_ADDED = rule(
        "default-added",
        BySide { input: NP, output: N, config: N },
        "there is a default now",
        "{type: integer}",
        "{type: integer, default: 1}",
    );
    DEFAULT_CHANGED = symmetric(
        "default-changed",
        BySide { input: PB, output: N, config: P },
        "the default changed",
        ["{type: integer, default: 1}", "{type: integer, default: 2}"],
        SAME,
    );
    DEFAULT_REMOVED = rule(
        "default-removed",
        BySide { input: PB, output: N, config: P },
        "there is no longer a default",
        "{type: integer, default: 1}",
        "{type: integer}",
    );
    FORMAT_UNREGISTERED_CHANGED = symmetric(
        "format-unregistered-changed",
        UNKNOWN,
        "a format that no registry knows changed",
        ["{type: string, format: iban}", "{type: string, format: bic}"],
        SAME,
    );
    TYPE_MADE_EXPLICIT = rule(
        "type-made-explicit",
        HARMLESS,
        "the type that was implied is written",
        "{properties: {x: {}}}",
        "{type: object, properties: {x: {}}}",
    );
    UNION_BRANCH_COVERED = symmetric(
        "union-branch-covered",
        HARMLESS,
        "another alternative admits the same",
        [
            "{anyOf: [{type: string}, {type: integer}, {type: string, maxLength: 3}]}",
            "{anyOf: [{type: string}, {type: integer}]}",
        ],
        SAME,
    );
    UNION_KIND_CHANGED = symmetric(
        "union-kind-changed",
        BySide { input: PN, output: NP, config: PN },
        "alternatives that may overlap are counted in another way",
        [
            "{anyOf: [{type: string}, {type: string, maxLength: 3}]}",
            "{oneOf: [{type: string}, {type: string, maxLength: 3}]}",
        ],
        [
            "{anyOf: [{type: string}, {type: integer}]}",
            "{oneOf: [{type: string}, {type: integer}]}",
        ],
    );
    CONDITIONAL_CHANGED = symmetric(
        "conditional-changed",
        UNKNOWN,
        "a condition changed",
        [
            "{if: {required: [a]}, then: {required: [b]}}",
            "{if: {required: [a]}, then: {required: [c]}}",
        ],
        SAME,
    );
    DISCRIMINATOR_ADDED = rule(
        "discriminator-added",
        BySide { input: P, output: N, config: N },
        "a property tells the alternatives apart",
        "{type: object}",
        "{type: object, discriminator: {propertyName: a}}",
    );
    DISCRIMINATOR_REMOVED = rule(
        "discriminator-removed",
        BySide { input: N, output: P, config: N },
        "alternatives are no longer told apart by a property",
        "{type: object, discriminator: {propertyName: a}}",
        "{type: object}",
    );
    DISCRIMINATOR_MAPPING_ADDED = rule(
        "discriminator-mapping-added",
        BySide { input: N, output: P, config: N },
        "one more value tells an alternative",
        "{discriminator: {propertyName: a}}",
        "{discriminator: {propertyName: a, mapping: {x: X}}}",
    );
    DISCRIMINATOR_MAPPING_REMOVED = rule(
        "discriminator-mapping-removed",
        BySide { input: B, output: N, config: N },
        "a value no longer selects an alternative",
        "{discriminator: {propertyName: a, mapping: {x: X}}}",
        "{discriminator: {propertyName: a}}",
    );
    SCHEMA_REMOVED = rule(
        "schema-removed",
        BySide { input: N, output: P, config: N },
        "a schema is no longer required",
        "{type: string}",
        "",
    );
    XML_CHANGED = symmetric(
        "xml-changed",
        BySide { input: P, output: P, config: N },
        "the form in XML changed",
        ["{type: string, xml: {name: a}}", "{type: string, xml: {name: b}}"],
        SAME,
    );
    UNKNOWN_KEYWORD_CHANGED = symmetric(
        "unknown-keyword-changed",
        UNKNOWN,
        "a keyword that the dialect does not know changed",
        ["{type: string, frob: 1}", "{type: string, frob: 2}"],
        SAME,
    );
    SCHEMA_UNDECIDED = symmetric(
        "schema-undecided",
        UNKNOWN,
        "the schema cannot be compared",
        ["{$dynamicRef: '#a'}", "{type: string}"],
        SAME,
    ).marked(&[Mark::Final]);
    ANNOTATION_CHANGED = symmetric(
        "annotation-changed",
        HARMLESS,
        "only what readers see changed",
        ["{title: a}", "{title: b}"],
        ["{type: string}", "{type: integer}"],
    );
}
