//! Whole entries of lists, as a start: what completion offers behind a dash.

/// An entry of a list.
#[derive(Debug)]
pub struct Template {
    pub label: &'static str,
    pub doc: &'static str,
    /// The fields in order.
    pub fields: &'static [(&'static str, Start)],
}

/// What a field of a template starts with.
#[derive(Debug)]
pub enum Start {
    /// This value, which makes the kind of the entry.
    Fixed(&'static str),
    /// A value to write over.
    Hole(&'static str),
    /// One of these values, the usual one first.
    OneOf(&'static [&'static str]),
}

use Start::{Fixed, Hole, OneOf};

/// The templates for entries of the object type `object`.
pub fn templates(object: &str) -> &'static [Template] {
    match object {
        "Interface" => INTERFACES,
        "Dependency" => DEPENDENCIES,
        "NamedPolicy" => POLICIES,
        "NamedConfiguration" => CONFIGURATIONS,
        "Contact" => CONTACTS,
        _ => &[],
    }
}

const INTERFACES: &[Template] = &[
    Template {
        label: "http interface",
        doc: "HTTP, described by OpenAPI.",
        fields: &[
            ("name", Hole("api")),
            ("type", Fixed("http")),
            ("port", Hole("8080")),
            ("visibility", OneOf(&["internal", "public"])),
            ("contract", Hole("interfaces/openapi.yaml")),
        ],
    },
    Template {
        label: "grpc interface",
        doc: "gRPC, described by a .proto file.",
        fields: &[
            ("name", Hole("rpc")),
            ("type", Fixed("grpc")),
            ("port", Hole("9090")),
            ("contract", Hole("interfaces/service.proto")),
        ],
    },
    Template {
        label: "event interface",
        doc: "Messages, described by AsyncAPI.",
        fields: &[
            ("name", Hole("events")),
            ("type", Fixed("event")),
            ("contract", Hole("interfaces/asyncapi.yaml")),
        ],
    },
];

const DEPENDENCIES: &[Template] = &[Template {
    label: "dependency",
    doc: "Another contract that this service relies on.",
    fields: &[
        ("name", Hole("name")),
        ("ref", Hole("oci://ghcr.io/org/name")),
        ("required", OneOf(&["true", "false"])),
        ("compatibility", Hole("^1.0.0")),
    ],
}];

const POLICIES: &[Template] = &[
    Template {
        label: "policy by schema",
        doc: "A policy of this bundle.",
        fields: &[("name", Hole("name")), ("schema", Hole("policy/schema.json"))],
    },
    Template {
        label: "policy by ref",
        doc: "The policies of another contract.",
        fields: &[("name", Hole("name")), ("ref", Hole("oci://ghcr.io/org/policy"))],
    },
];

const CONFIGURATIONS: &[Template] = &[
    Template {
        label: "configuration by schema",
        doc: "Settings described in this bundle.",
        fields: &[("name", Hole("app")), ("schema", Hole("configuration/schema.json"))],
    },
    Template {
        label: "configuration by ref",
        doc: "Settings described by another contract.",
        fields: &[("name", Hole("shared")), ("ref", Hole("oci://ghcr.io/org/config"))],
    },
];

const CONTACTS: &[Template] = &[Template {
    label: "contact",
    doc: "A way to reach the owner.",
    fields: &[
        ("type", OneOf(&["email", "url", "group", "oncall", "chat", "other"])),
        ("value", Hole("me@example.com")),
    ],
}];
