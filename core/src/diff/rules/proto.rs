//! The rules of protobuf files (3-diff, "gRPC interfaces").
//!
//! Examples follow `syntax = "proto3"; package p;`, unless they start with `syntax`.

use crate::diff::rule::Meaning::{Always, BySide};
use crate::diff::rule::classes::{B, BP, N, NONE, P, PB, PBN, PN};
use crate::diff::rule::{Classes, Domain, Mark, Meaning, Rule};

const fn rule(
    name: &'static str,
    classes: Classes,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    Rule::new(Domain::Proto, name, Always(classes), reason, [old, new])
}

/// A rule whose exchanged example fires, too.
const fn symmetric(
    name: &'static str,
    classes: Classes,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    rule(name, classes, reason, old, new)
        .unless(["message A { int32 a = 1; }", "message A { int32 a = 1; } // same"])
}

const fn sided(
    name: &'static str,
    input: Classes,
    output: Classes,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    let meaning: Meaning = BySide { input, output, config: NONE };
    Rule::new(Domain::Proto, name, meaning, reason, [old, new])
}

table! { PROTO:
    PACKAGE_CHANGED = symmetric(
        "package-changed",
        B,
        "every name on the wire changes with the package",
        "syntax = 'proto3'; package a; message M {}",
        "syntax = 'proto3'; package b; message M {}",
    );
    PACKAGE_REMOVED = rule(
        "package-removed",
        B,
        "every name on the wire changes with the package",
        "syntax = 'proto3'; package a; message M {}",
        "syntax = 'proto3'; message M {}",
    );
    FILE_REMOVED = rule(
        "file-removed",
        N,
        "a file is gone; what it declared is compared by name",
        "import 'google/type/date.proto'; import 'other.proto';",
        "import 'google/type/date.proto';",
    );
    IMPORT_CHANGED = symmetric(
        "import-changed",
        N,
        "files refer to each other in another way",
        "import 'google/type/date.proto';",
        "import 'google/type/money.proto';",
    );
    SYNTAX_CHANGED = symmetric(
        "syntax-changed",
        PN,
        "defaults of fields and enums depend on the syntax",
        "syntax = 'proto2'; message M {}",
        "syntax = 'proto3'; message M {}",
    );
    FILE_OPTION_CHANGED = symmetric(
        "file-option-changed",
        P,
        "generated code changes",
        "option go_package = 'a';",
        "option go_package = 'b';",
    );
    SERVICE_ADDED = rule("service-added", N, "a service was added", "", "service S {}").marked(&[Mark::Feature]);
    RPC_ADDED = rule(
        "rpc-added",
        N,
        "an rpc was added",
        "service S {} message A {}",
        "service S { rpc Get (A) returns (A); } message A {}",
    ).marked(&[Mark::Feature]);
    ENUM_ADDED = rule("enum-added", N, "an enum was added", "", "enum E { X = 0; }");
    SERVICE_REMOVED = rule("service-removed", B, "a service was removed", "service S {}", "");
    RPC_REMOVED = rule(
        "rpc-removed",
        B,
        "an rpc was removed",
        "service S { rpc Get (A) returns (A); } message A {}",
        "service S {} message A {}",
    );
    ENUM_REMOVED = rule("enum-removed", B, "an enum was removed", "enum E { X = 0; }", "");
    RPC_REQUEST_TYPE_CHANGED = symmetric(
        "rpc-request-type-changed",
        BP,
        "the rpc reads another message",
        "service S { rpc Get (A) returns (A); } message A { int32 a = 1; } message B {}",
        "service S { rpc Get (B) returns (A); } message A { int32 a = 1; } message B {}",
    );
    RPC_RESPONSE_TYPE_CHANGED = symmetric(
        "rpc-response-type-changed",
        BP,
        "the rpc writes another message",
        "service S { rpc Get (A) returns (A); } message A { int32 a = 1; } message B {}",
        "service S { rpc Get (A) returns (B); } message A { int32 a = 1; } message B {}",
    );
    RPC_CLIENT_STREAMING_CHANGED = symmetric(
        "rpc-client-streaming-changed",
        B,
        "requests are streamed in another way",
        "service S { rpc Get (A) returns (A); } message A {}",
        "service S { rpc Get (stream A) returns (A); } message A {}",
    );
    RPC_SERVER_STREAMING_CHANGED = symmetric(
        "rpc-server-streaming-changed",
        B,
        "responses are streamed in another way",
        "service S { rpc Get (A) returns (A); } message A {}",
        "service S { rpc Get (A) returns (stream A); } message A {}",
    );
    RPC_IDEMPOTENCY_CHANGED = symmetric(
        "rpc-idempotency-changed",
        B,
        "the rpc may be repeated in other cases",
        "service S { rpc Get (A) returns (A) { option idempotency_level = NO_SIDE_EFFECTS; } } message A {}",
        "service S { rpc Get (A) returns (A) { option idempotency_level = IDEMPOTENT; } } message A {}",
    );
    RPC_HTTP_ROUTE_CHANGED = symmetric(
        "rpc-http-route-changed",
        B,
        "the rpc has another route in HTTP",
        "service S { rpc Get (A) returns (A) { option (google.api.http) = { get: '/a' }; } } message A {}",
        "service S { rpc Get (A) returns (A) { option (google.api.http) = { get: '/b' }; } } message A {}",
    );
    RPC_HTTP_ROUTE_REMOVED = rule(
        "rpc-http-route-removed",
        B,
        "the rpc no longer has an HTTP route",
        "service S { rpc Get (A) returns (A) { option (google.api.http) = { get: '/a' }; } } message A {}",
        "service S { rpc Get (A) returns (A); } message A {}",
    );
    RPC_HTTP_ROUTE_ADDED = rule(
        "rpc-http-route-added",
        N,
        "the rpc has a route in HTTP",
        "service S { rpc Get (A) returns (A); } message A {}",
        "service S { rpc Get (A) returns (A) { option (google.api.http) = { get: '/a' }; } } message A {}",
    );
    MESSAGE_ADDED = rule("message-added", N, "a message was added", "", "message A {}");
    MESSAGE_REMOVED = rule("message-removed", PB, "a message was removed", "message A {}", "");
    FIELD_ADDED = rule("field-added", N, "a field was added", "message A {}", "message A { int32 a = 1; }");
    REQUIRED_FIELD_ADDED = rule(
        "required-field-added",
        B,
        "a required field was added",
        "syntax = 'proto2'; message A {}",
        "syntax = 'proto2'; message A { required int32 a = 1; }",
    );
    REQUIRED_FIELD_REMOVED = rule(
        "required-field-removed",
        B,
        "a required field was removed",
        "syntax = 'proto2'; message A { required int32 a = 1; }",
        "syntax = 'proto2'; message A {}",
    );
    FIELD_REMOVED = rule("field-removed", BP, "a field was removed", "message A { int32 a = 1; }", "message A {}");
    FIELD_NUMBER_CHANGED = symmetric(
        "field-number-changed",
        B,
        "the field has another number on the wire",
        "message A { int32 a = 1; }",
        "message A { int32 a = 2; }",
    );
    FIELD_RENAMED = symmetric(
        "field-renamed",
        PB,
        "code and JSON name the field",
        "message A { int32 a = 1; }",
        "message A { int32 b = 1; }",
    );
    FIELD_JSON_NAME_CHANGED = symmetric(
        "field-json-name-changed",
        PB,
        "JSON names the field",
        "message A { int32 a = 1; }",
        "message A { int32 a = 1 [json_name = 'x']; }",
    );
    FIELD_TYPE_CHANGED = symmetric(
        "field-type-changed",
        B,
        "the field is written in another way",
        "message A { int32 a = 1; }",
        "message A { string a = 1; }",
    );
    FIELD_TYPE_CHANGED_WIRE = symmetric(
        "field-type-changed-wire",
        PB,
        "the field is written alike, but not in JSON",
        "message A { int32 a = 1; }",
        "message A { int64 a = 1; }",
    );
    FIELD_TYPE_CHANGED_SOURCE = symmetric(
        "field-type-changed-source",
        P,
        "the field has another type in code",
        "message A { int32 a = 1; }",
        "message A { uint32 a = 1; }",
    );
    FIELD_CARDINALITY_CHANGED = symmetric(
        "field-cardinality-changed",
        BP,
        "the field has another number of values",
        "message A { int32 a = 1; }",
        "message A { repeated int32 a = 1; }",
    );
    FIELD_PRESENCE_CHANGED = symmetric(
        "field-presence-changed",
        P,
        "whether the field was set is seen in another way",
        "message A { int32 a = 1; }",
        "message A { optional int32 a = 1; }",
    );
    FIELD_DEFAULT_CHANGED = symmetric(
        "field-default-changed",
        B,
        "readers assume another value",
        "syntax = 'proto2'; message A { optional int32 a = 1 [default = 1]; }",
        "syntax = 'proto2'; message A { optional int32 a = 1 [default = 2]; }",
    );
    FIELD_ONEOF_CHANGED = symmetric(
        "field-oneof-changed",
        B,
        "the field excludes other fields",
        "message A { int32 a = 1; }",
        "message A { oneof o { int32 a = 1; } }",
    );
    ONEOF_REMOVED = rule(
        "oneof-removed",
        P,
        "a oneof was removed",
        "message A { oneof o { int32 a = 1; } }",
        "message A { int32 a = 1; }",
    );
    FIELD_CODEGEN_OPTION_CHANGED = symmetric(
        "field-codegen-option-changed",
        P,
        "generated code changes",
        "message A { int64 a = 1; }",
        "message A { int64 a = 1 [jstype = JS_STRING]; }",
    );
    MESSAGE_JSON_FORMAT_CHANGED = symmetric(
        "message-json-format-changed",
        PB,
        "the message is written in JSON in another way",
        "message A { option features.json_format = ALLOW; }",
        "message A { option features.json_format = LEGACY_BEST_EFFORT; }",
    );
    ENUM_JSON_FORMAT_CHANGED = symmetric(
        "enum-json-format-changed",
        PB,
        "the enum is written in JSON in another way",
        "enum E { option features.json_format = ALLOW; X = 0; }",
        "enum E { option features.json_format = LEGACY_BEST_EFFORT; X = 0; }",
    );
    MESSAGE_SET_FORMAT_CHANGED = symmetric(
        "message-set-format-changed",
        B,
        "the message is written in another way",
        "syntax = 'proto2'; message A { }",
        "syntax = 'proto2'; message A { option message_set_wire_format = true; }",
    );
    DESCRIPTOR_ACCESSOR_REMOVED = rule(
        "descriptor-accessor-removed",
        P,
        "generated code lacks the descriptor",
        "syntax = 'proto2'; message A { }",
        "syntax = 'proto2'; message A { option no_standard_descriptor_accessor = true; }",
    );
    RESERVED_REMOVED = rule(
        "reserved-removed",
        P,
        "a number or a name may be used again",
        "message A { reserved 3; }",
        "message A {}",
    );
    RESERVED_REUSED = rule(
        "reserved-reused",
        B,
        "a number or a name is used again",
        "message A { reserved 3; }",
        "message A { int32 a = 3; }",
    );
    EXTENSION_RANGE_REMOVED = rule(
        "extension-range-removed",
        P,
        "numbers for extensions are gone",
        "syntax = 'proto2'; message A { extensions 100 to 199; }",
        "syntax = 'proto2'; message A {}",
    );
    EXTENSION_REMOVED = rule(
        "extension-removed",
        B,
        "an extension was removed",
        "syntax = 'proto2'; message A { extensions 100 to 199; } extend A { optional int32 x = 100; }",
        "syntax = 'proto2'; message A { extensions 100 to 199; }",
    );
    EXTENSION_ADDED = rule(
        "extension-added",
        N,
        "an extension was added",
        "syntax = 'proto2'; message A { extensions 100 to 199; }",
        "syntax = 'proto2'; message A { extensions 100 to 199; } extend A { optional int32 x = 100; }",
    );
    ENUM_VALUE_ADDED = sided(
        "enum-value-added",
        N,
        P,
        "readers meet a value that they do not know",
        "enum E { X = 0; }",
        "enum E { X = 0; Y = 1; }",
    );
    ENUM_VALUE_REMOVED = rule(
        "enum-value-removed",
        BP,
        "a value was removed",
        "enum E { X = 0; Y = 1; }",
        "enum E { X = 0; }",
    );
    ENUM_VALUE_RENAMED = symmetric(
        "enum-value-renamed",
        PBN,
        "code and JSON name the value",
        "enum E { X = 0; Y = 1; }",
        "enum E { X = 0; Z = 1; }",
    );
    ENUM_VALUE_NUMBER_CHANGED = symmetric(
        "enum-value-number-changed",
        B,
        "the value has another number on the wire",
        "enum E { X = 0; Y = 1; }",
        "enum E { X = 0; Y = 2; }",
    );
    ENUM_OPENNESS_CHANGED = symmetric(
        "enum-openness-changed",
        P,
        "unknown values are treated in another way",
        "syntax = 'proto2'; enum E { X = 0; }",
        "syntax = 'proto3'; enum E { X = 0; }",
    );
    VALIDATION_RULE_NARROWED = sided(
        "validation-rule-narrowed",
        B,
        N,
        "fewer values are valid",
        "message A { int32 a = 1; }",
        "message A { int32 a = 1 [(buf.validate.field).int32.lt = 5]; }",
    );
    VALIDATION_RULE_WIDENED = sided(
        "validation-rule-widened",
        N,
        P,
        "more values are valid",
        "message A { int32 a = 1 [(buf.validate.field).int32.lt = 5]; }",
        "message A { int32 a = 1; }",
    );
    CUSTOM_OPTION_CHANGED = symmetric(
        "custom-option-changed",
        P,
        "an option of your own changed",
        "message A { int32 a = 1 [(acme.x) = 1]; }",
        "message A { int32 a = 1 [(acme.x) = 2]; }",
    );
    DEPRECATED = rule(
        "deprecated",
        N,
        "it is deprecated now",
        "message A { int32 a = 1; }",
        "message A { int32 a = 1 [deprecated = true]; }",
    );
    UNDEPRECATED = rule(
        "undeprecated",
        N,
        "it is no longer deprecated",
        "message A { int32 a = 1 [deprecated = true]; }",
        "message A { int32 a = 1; }",
    );
}
