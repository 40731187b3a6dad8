//! The table of the contract format, in all of its versions (1-format).

use super::version::FormatVersion::{self, V1_0, V1_1, V1_2};

/// A field of an object, in the versions that have it. A field that later versions have in another
/// form stands once for each form, and no two of these share a version.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// The first version that has it.
    pub since: FormatVersion,
    /// The last version that has it.
    pub until: FormatVersion,
    pub ty: Type,
    pub required: bool,
    /// What it means, in one or two sentences.
    pub doc: &'static str,
    /// The value that counts when the field is absent.
    pub default: Option<&'static str>,
    /// The YAML text that completion offers as a start; empty for none.
    pub placeholder: &'static str,
}

/// The type of a value.
#[derive(Debug)]
pub enum Type {
    Str(StrRule),
    Int {
        min: i64,
        max: Option<i64>,
    },
    /// A number within bounds, both included.
    Number {
        min: f64,
        max: f64,
    },
    Bool,
    Enum(&'static [EnumValue]),
    Object(&'static Object),
    Array {
        item: &'static Type,
        min_items: usize,
    },
    /// Any mapping.
    Free,
    /// A non-empty string, or the object.
    StrOr(&'static Object),
}

/// What a string must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrRule {
    Any,
    NonEmpty,
    /// `pactoVersion`; judged by its own rule.
    FormatVersion,
    ServiceName,
    Team,
    Dri,
    /// A path inside the bundle.
    BundlePath,
    /// A reference to another contract.
    ContractRef,
    /// The name of an http or grpc interface of this contract.
    InterfaceName,
    /// A version; judged by its own rule.
    Version,
    /// A constraint; judged by its own rule.
    Constraint,
    /// `YYYY-MM-DD`; judged by the rules of readiness.
    Date,
    /// The name of a readiness check.
    CheckId,
    /// Where the evidence of a readiness check is found.
    Evidence,
}

impl StrRule {
    /// The regular expression of the rule, as it stands in the JSON Schema.
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            StrRule::ServiceName => Some("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"),
            StrRule::Team => Some("^[a-zA-Z0-9._/-]+$"),
            StrRule::Dri => Some("^[a-zA-Z0-9._@/-]+$"),
            StrRule::CheckId => Some("^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$"),
            _ => None,
        }
    }

    /// Whether `text` satisfies [`StrRule::pattern`].
    pub fn matches(self, text: &str) -> bool {
        let all = |allowed: fn(char) -> bool| !text.is_empty() && text.chars().all(allowed);
        let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        match self {
            StrRule::ServiceName => {
                all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                    && !text.starts_with('-')
                    && !text.ends_with('-')
            }
            StrRule::CheckId => {
                all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
                    && text.starts_with(is_alphanumeric)
                    && text.ends_with(is_alphanumeric)
            }
            StrRule::Team => all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c)),
            StrRule::Dri => all(|c| c.is_ascii_alphanumeric() || "._@/-".contains(c)),
            _ => true,
        }
    }

    pub fn min_length(self) -> usize {
        match self {
            StrRule::Any
            | StrRule::FormatVersion
            | StrRule::Version
            | StrRule::Constraint
            | StrRule::Date => 0,
            _ => 1,
        }
    }

    /// The upper bound on its length, in characters.
    pub fn max_length(self) -> Option<usize> {
        (self == StrRule::Evidence).then_some(2048)
    }

    /// The `format` of JSON Schema that it has.
    pub fn format(self) -> Option<&'static str> {
        (self == StrRule::Date).then_some("date")
    }
}

/// A legal value with what follows from it.
#[derive(Debug)]
pub struct EnumValue {
    pub value: &'static str,
    pub doc: &'static str,
}

/// An object type.
#[derive(Debug)]
pub struct Object {
    /// The name under `$defs` in the JSON Schema.
    pub name: &'static str,
    pub doc: &'static str,
    pub fields: &'static [Field],
    pub rules: &'static [ObjectRule],
}

impl Object {
    /// The field of this name in `version`; in the first version that has it where the version is
    /// not known.
    pub fn field(&self, name: &str, version: Option<FormatVersion>) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name && field.is_in(version))
    }

    /// Every form of the field of this name, oldest first.
    pub fn forms(&self, name: &str) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    /// The fields that `version` has, each name once.
    pub fn fields_in(
        &self,
        version: Option<FormatVersion>,
    ) -> impl Iterator<Item = &'static Field> {
        let fields = self.fields;
        let is_first = move |i: usize| {
            version.is_some() || fields[..i].iter().all(|f| f.name != fields[i].name)
        };
        let each = fields.iter().enumerate();
        each.filter(move |(i, field)| field.is_in(version) && is_first(*i)).map(|(_, field)| field)
    }

    /// The rules between fields that `version` has.
    pub fn rules_in(
        &'static self,
        version: Option<FormatVersion>,
    ) -> impl Iterator<Item = &'static ObjectRule> {
        let has = move |name: &&str| self.field(name, version).is_some();
        self.rules.iter().filter(move |rule| rule.fields().iter().all(has))
    }
}

/// What the fields of an object ask of each other.
#[derive(Debug)]
pub enum ObjectRule {
    /// At least one of these.
    AnyOf(&'static [&'static str]),
    /// Not both of these.
    Exclusive(&'static str, &'static str),
    /// One of these; the code of the rule that reports when none is there, if it has its own.
    OneOf { fields: &'static [&'static str], none_code: Option<&'static str> },
    /// `field` only beside `beside`; reported by the rule `code`.
    OnlyBeside { field: &'static str, beside: &'static str, code: &'static str },
    /// Either the first field alone or all of the others.
    EitherOrAll { alone: &'static str, all: &'static [&'static str] },
    /// When `field` is one of `values`, `then` is required; reported by the rule `code`.
    RequiredWhen {
        field: &'static str,
        values: &'static [&'static str],
        then: &'static str,
        code: &'static str,
    },
}

impl ObjectRule {
    /// The fields that it speaks of.
    fn fields(&self) -> Vec<&'static str> {
        match *self {
            ObjectRule::AnyOf(fields) | ObjectRule::OneOf { fields, .. } => fields.to_vec(),
            ObjectRule::Exclusive(a, b) => vec![a, b],
            ObjectRule::OnlyBeside { field, beside, .. } => vec![field, beside],
            ObjectRule::EitherOrAll { alone, all } => [&[alone], all].concat(),
            ObjectRule::RequiredWhen { field, then, .. } => vec![field, then],
        }
    }
}

const fn field(name: &'static str, ty: Type, doc: &'static str) -> Field {
    Field {
        name,
        since: FormatVersion::FIRST,
        until: FormatVersion::LATEST,
        ty,
        required: false,
        doc,
        default: None,
        placeholder: "",
    }
}

const fn required(name: &'static str, ty: Type, doc: &'static str) -> Field {
    Field { required: true, ..field(name, ty, doc) }
}

impl Field {
    /// Whether `version` has it; a version that is not known has everything.
    pub fn is_in(&self, version: Option<FormatVersion>) -> bool {
        version.is_none_or(|version| self.since <= version && version <= self.until)
    }

    /// The versions that have it, in words; empty where all of them do.
    pub fn lifetime(&self) -> String {
        match (self.since, self.until) {
            (FormatVersion::FIRST, FormatVersion::LATEST) => String::new(),
            (since, FormatVersion::LATEST) => format!("since {}", since.text()),
            (FormatVersion::FIRST, until) => format!("until {}", until.text()),
            (since, until) if since == until => format!("in {}", since.text()),
            (since, until) => format!("from {} to {}", since.text(), until.text()),
        }
    }

    const fn since(self, since: FormatVersion) -> Field {
        Field { since, ..self }
    }

    const fn until(self, until: FormatVersion) -> Field {
        Field { until, ..self }
    }

    const fn default(self, default: &'static str) -> Field {
        Field { default: Some(default), ..self }
    }

    const fn placeholder(self, placeholder: &'static str) -> Field {
        Field { placeholder, ..self }
    }
}

const fn value(value: &'static str, doc: &'static str) -> EnumValue {
    EnumValue { value, doc }
}

const STR: Type = Type::Str(StrRule::NonEmpty);
const NON_NEGATIVE: Type = Type::Int { min: 0, max: None };

/// The root of a contract.
pub static CONTRACT: Object = Object {
    name: "Contract",
    doc: "The operational contract of one service.",
    fields: &[
        required(
            "pactoVersion",
            Type::Str(StrRule::FormatVersion),
            "The version of the contract format, as a quoted string.",
        )
        .placeholder("\"1.0\""),
        required("service", Type::Object(&SERVICE), "Who the service is."),
        field(
            "interfaces",
            Type::Array { item: &Type::Object(&INTERFACE), min_items: 0 },
            "The boundaries at which the service is reached.",
        ),
        field(
            "configuration",
            Type::Object(&CONFIGURATION),
            "One source of configuration. Several ones go under `configurations`.",
        )
        .until(V1_0),
        field(
            "configurations",
            Type::Array { item: &Type::Object(&NAMED_CONFIGURATION), min_items: 0 },
            "Named sources of configuration.",
        ),
        field(
            "policy",
            Type::Object(&POLICY),
            "One policy that this contract must satisfy. Several ones go under `policies`.",
        )
        .until(V1_0),
        field(
            "policies",
            Type::Array { item: &Type::Object(&NAMED_POLICY), min_items: 1 },
            "Policies that this contract must satisfy, all of them.",
        ),
        field(
            "dependencies",
            Type::Array { item: &Type::Object(&DEPENDENCY), min_items: 0 },
            "The contracts that this service relies on.",
        ),
        field("runtime", Type::Object(&RUNTIME), "How the service behaves when it runs."),
        field("scaling", Type::Object(&SCALING), "How many replicas are intended."),
        field(
            "readiness",
            Type::Object(&READINESS),
            "How far the service is prepared for operation, as its owners assess it.",
        )
        .since(V1_2),
        field("metadata", Type::Free, "Anything else; never validated, never compared."),
    ],
    rules: &[
        ObjectRule::Exclusive("configuration", "configurations"),
        ObjectRule::Exclusive("policy", "policies"),
    ],
};

static SERVICE: Object = Object {
    name: "Service",
    doc: "The identity of the service.",
    fields: &[
        required(
            "name",
            Type::Str(StrRule::ServiceName),
            "The name of the service: lower-case letters, digits and inner dashes.",
        )
        .placeholder("my-service"),
        required(
            "version",
            Type::Str(StrRule::Version),
            "The version of this contract, a semantic version. Raise it as the changes ask for.",
        )
        .placeholder("1.0.0"),
        field(
            "owner",
            Type::StrOr(&OWNER),
            "Who answers for the service. The structured form is preferred to a plain string.",
        )
        .until(V1_0),
        field("owner", Type::Object(&OWNER), "Who answers for the service.").since(V1_1),
        field("image", Type::Object(&IMAGE), "The container image that runs the service."),
        field("chart", Type::Object(&CHART), "The Helm chart that deploys the service."),
    ],
    rules: &[],
};

static OWNER: Object = Object {
    name: "Owner",
    doc: "Who answers for the service; at least one of the fields.",
    fields: &[
        field("team", Type::Str(StrRule::Team), "The owning team.").placeholder("my-team"),
        field("dri", Type::Str(StrRule::Dri), "The directly responsible individual.")
            .placeholder("me@example.com"),
        field(
            "contacts",
            Type::Array { item: &Type::Object(&CONTACT), min_items: 1 },
            "Ways to reach the owner.",
        ),
    ],
    rules: &[ObjectRule::AnyOf(&["team", "dri", "contacts"])],
};

static CONTACT: Object = Object {
    name: "Contact",
    doc: "One way to reach the owner.",
    fields: &[
        required(
            "type",
            Type::Enum(&[
                value("email", "An e-mail address."),
                value("url", "A page."),
                value("group", "A group of people in a directory."),
                value("oncall", "An on-call schedule."),
                value("chat", "A chat channel."),
                value("other", "Anything else."),
            ]),
            "What kind of contact this is.",
        ),
        required("value", STR, "The address itself.").placeholder("\"#my-team\""),
        field(
            "purpose",
            Type::Enum(&[
                value("ownership", "Questions of ownership."),
                value("support", "Help with using the service."),
                value("escalation", "When nobody else answers."),
                value("oncall", "Incidents."),
                value("notifications", "Automatic messages."),
            ]),
            "When to use this contact.",
        ),
    ],
    rules: &[],
};

static IMAGE: Object = Object {
    name: "Image",
    doc: "A container image.",
    fields: &[
        required("ref", STR, "The OCI image reference.")
            .placeholder("ghcr.io/org/my-service:1.0.0"),
        field("private", Type::Bool, "Whether pulling it needs credentials.").default("false"),
    ],
    rules: &[],
};

static CHART: Object = Object {
    name: "Chart",
    doc: "A Helm chart.",
    fields: &[
        required(
            "ref",
            STR,
            "A local path, or `oci://…`. A local chart cannot be pushed to a registry.",
        )
        .placeholder("oci://ghcr.io/org/charts/my-service"),
        required("version", Type::Str(StrRule::Version), "The chart's semantic version.")
            .placeholder("1.0.0"),
    ],
    rules: &[],
};

static INTERFACE: Object = Object {
    name: "Interface",
    doc: "One boundary at which the service is reached.",
    fields: &[
        required("name", STR, "The name of the interface, unique in the contract.")
            .placeholder("api"),
        required(
            "type",
            Type::Enum(&[
                value("http", "HTTP requests; described by OpenAPI, reached at a port."),
                value("grpc", "Remote procedure calls; described by protobuf, reached at a port."),
                value("event", "Messages on a broker; described by AsyncAPI, without a port."),
            ]),
            "The protocol of the interface.",
        ),
        field(
            "port",
            Type::Int { min: 1, max: Some(65535) },
            "The port that the service listens on. Required for http and grpc.",
        )
        .placeholder("8080"),
        field(
            "visibility",
            Type::Enum(&[
                value("public", "Meant for callers outside of the organisation."),
                value("internal", "Meant for other services of the organisation."),
            ]),
            "Who the interface is meant for.",
        )
        .default("internal"),
        field(
            "contract",
            Type::Str(StrRule::BundlePath),
            "The interface's specification: OpenAPI, protobuf, AsyncAPI or JSON Schema, as a path in the bundle. Required for grpc and event.",
        )
        .placeholder("interfaces/openapi.yaml"),
    ],
    rules: &[
        ObjectRule::RequiredWhen {
            field: "type",
            values: &["http", "grpc"],
            then: "port",
            code: "PORT_REQUIRED",
        },
        ObjectRule::RequiredWhen {
            field: "type",
            values: &["grpc", "event"],
            then: "contract",
            code: "CONTRACT_REQUIRED",
        },
    ],
};

const CONFIGURATION_SCHEMA: Field = field(
    "schema",
    Type::Str(StrRule::BundlePath),
    "The JSON Schema of the settings, as a path in the bundle.",
)
.placeholder("configuration/schema.json");
const CONFIGURATION_REF: Field = field(
    "ref",
    Type::Str(StrRule::ContractRef),
    "Another contract; its schema at `configuration/schema.json` describes the settings.",
)
.placeholder("oci://ghcr.io/org/shared-config:1.0.0");
const CONFIGURATION_VALUES: Field = field(
    "values",
    Type::Free,
    "Settings that must satisfy the schema. Secrets are written as `secret://…` or `${NAME}`.",
);
const CONFIGURATION_RULES: &[ObjectRule] = &[
    ObjectRule::OnlyBeside { field: "values", beside: "schema", code: "VALUES_WITHOUT_SCHEMA" },
    ObjectRule::OneOf { fields: &["schema", "ref"], none_code: None },
];

static CONFIGURATION: Object = Object {
    name: "Configuration",
    doc: "A source of configuration: a schema of its own, or another contract's.",
    fields: &[CONFIGURATION_SCHEMA, CONFIGURATION_REF, CONFIGURATION_VALUES],
    rules: CONFIGURATION_RULES,
};

static NAMED_CONFIGURATION: Object = Object {
    name: "NamedConfiguration",
    doc: "A named source of configuration.",
    fields: &[
        required("name", STR, "The name of the configuration, unique in the contract.")
            .placeholder("default"),
        CONFIGURATION_SCHEMA,
        CONFIGURATION_REF,
        CONFIGURATION_VALUES,
    ],
    rules: CONFIGURATION_RULES,
};

const POLICY_SCHEMA: Field = field(
    "schema",
    Type::Str(StrRule::BundlePath),
    "A JSON Schema for contracts, as a path in the bundle. This contract must satisfy it, unless it has neither `interfaces` nor `runtime` and so only offers it to others.",
)
.placeholder("policy/schema.json");
const POLICY_REF: Field = field(
    "ref",
    Type::Str(StrRule::ContractRef),
    "Another contract, whose policies this contract must satisfy.",
)
.placeholder("oci://ghcr.io/org/shared-policy:1.0.0");
const POLICY_RULES: &[ObjectRule] =
    &[ObjectRule::OneOf { fields: &["schema", "ref"], none_code: Some("POLICY_EMPTY") }];

static POLICY: Object = Object {
    name: "Policy",
    doc: "A policy: a schema for contracts, or another contract's policies.",
    fields: &[POLICY_SCHEMA, POLICY_REF],
    rules: POLICY_RULES,
};

static NAMED_POLICY: Object = Object {
    name: "NamedPolicy",
    doc: "One of several policies.",
    fields: &[
        field("name", STR, "The name of the policy, unique in the contract.")
            .placeholder("my-policy")
            .until(V1_0),
        required("name", STR, "The name of the policy, unique in the contract.")
            .placeholder("my-policy")
            .since(V1_1),
        POLICY_SCHEMA,
        POLICY_REF,
    ],
    rules: POLICY_RULES,
};

static DEPENDENCY: Object = Object {
    name: "Dependency",
    doc: "A contract that this service relies on.",
    fields: &[
        field(
            "name",
            STR,
            "The name of the dependency, unique in the contract; the last part of its ref if absent.",
        )
        .placeholder("my-dependency")
        .until(V1_0),
        required("name", STR, "The name of the dependency, unique in the contract.")
            .placeholder("my-dependency")
            .since(V1_1),
        required(
            "ref",
            Type::Str(StrRule::ContractRef),
            "Where the contract is: `oci://host/path[:tag][@digest]`, or a path from this bundle. Without tag and digest the highest version inside `compatibility` counts.",
        )
        .placeholder("oci://ghcr.io/org/service"),
        field(
            "required",
            Type::Bool,
            "Whether the service cannot work without it.",
        )
        .default("false"),
        required(
            "compatibility",
            Type::Str(StrRule::Constraint),
            "The versions that this service works with, as a semantic version constraint.",
        )
        .placeholder("^1.0.0"),
    ],
    rules: &[],
};

static RUNTIME: Object = Object {
    name: "Runtime",
    doc: "How the service behaves when it runs.",
    fields: &[
        required(
            "workload",
            Type::Enum(&[
                value("service", "Runs on and on. A Deployment or a StatefulSet, by its state."),
                value("job", "Runs once to completion. A Job; it does not scale."),
                value("scheduled", "Runs on a schedule that is kept elsewhere. A CronJob."),
            ]),
            "What kind of process this is.",
        ),
        required("state", Type::Object(&STATE), "What the service keeps between requests."),
        field("lifecycle", Type::Object(&LIFECYCLE), "How instances are replaced and stopped."),
        field("health", Type::Object(&HEALTH), "Where the platform asks whether it is healthy."),
        field("metrics", Type::Object(&METRICS), "Where metrics are scraped."),
    ],
    rules: &[],
};

static STATE: Object = Object {
    name: "State",
    doc: "What the service keeps between requests.",
    fields: &[
        required(
            "type",
            Type::Enum(&[
                value(
                    "stateless",
                    "Nothing that outlives a request. Scales freely, needs no volume.",
                ),
                value(
                    "stateful",
                    "Data that must survive: stable identity, storage for each replica.",
                ),
                value("hybrid", "Data that speeds it up but can be lost: tolerates a cold start."),
            ]),
            "Whether instances keep data.",
        ),
        required("persistence", Type::Object(&PERSISTENCE), "Where and how long data is kept."),
        required(
            "dataCriticality",
            Type::Enum(&[
                value("low", "A loss is a nuisance."),
                value("medium", "A loss hurts, and can be repaired."),
                value("high", "A loss is not acceptable."),
            ]),
            "How bad a loss of the data is.",
        ),
    ],
    rules: &[],
};

static PERSISTENCE: Object = Object {
    name: "Persistence",
    doc: "Where and how long data is kept.",
    fields: &[
        required(
            "scope",
            Type::Enum(&[
                value("local", "Each instance has data of its own."),
                value("shared", "All instances see the same data."),
            ]),
            "Who sees the data.",
        ),
        required(
            "durability",
            Type::Enum(&[
                value("ephemeral", "Gone with the instance: no volume, or an emptyDir."),
                value(
                    "persistent",
                    "Kept when the instance goes: a volume claim or shared storage.",
                ),
            ]),
            "How long the data lives.",
        ),
    ],
    rules: &[],
};

static LIFECYCLE: Object = Object {
    name: "Lifecycle",
    doc: "How instances are replaced and stopped.",
    fields: &[
        field(
            "upgradeStrategy",
            Type::Enum(&[
                value("rolling", "A few at a time: RollingUpdate."),
                value("recreate", "All stop before new ones start: Recreate."),
                value("ordered", "One by one in order: a StatefulSet with OrderedReady."),
            ]),
            "How a new version replaces the old one.",
        ),
        field(
            "gracefulShutdownSeconds",
            NON_NEGATIVE,
            "How many seconds an instance may take to stop.",
        )
        .placeholder("30"),
    ],
    rules: &[],
};

static HEALTH: Object = Object {
    name: "Health",
    doc: "Where the platform asks whether the service is healthy.",
    fields: &[
        required(
            "interface",
            Type::Str(StrRule::InterfaceName),
            "A declared http or grpc interface.",
        ),
        field("path", STR, "The path of the health endpoint. Required for http, ignored for grpc.")
            .placeholder("/health"),
        field(
            "initialDelaySeconds",
            NON_NEGATIVE,
            "How many seconds to wait after the start before the first check.",
        )
        .placeholder("5"),
    ],
    rules: &[],
};

static METRICS: Object = Object {
    name: "Metrics",
    doc: "Where metrics are scraped.",
    fields: &[
        required(
            "interface",
            Type::Str(StrRule::InterfaceName),
            "A declared http or grpc interface.",
        ),
        field(
            "path",
            STR,
            "The path of the metrics endpoint. Required for http, ignored for grpc.",
        )
        .placeholder("/metrics"),
    ],
    rules: &[],
};

static SCALING: Object = Object {
    name: "Scaling",
    doc: "How many replicas are intended: a fixed number, or a range.",
    fields: &[
        field("replicas", NON_NEGATIVE, "A fixed number of replicas.").placeholder("2"),
        field("min", NON_NEGATIVE, "The least number of replicas.").placeholder("1"),
        field("max", NON_NEGATIVE, "The greatest number of replicas.").placeholder("3"),
    ],
    rules: &[ObjectRule::EitherOrAll { alone: "replicas", all: &["min", "max"] }],
};

static READINESS: Object = Object {
    name: "Readiness",
    doc: "How far the service is prepared for operation: a list of checks with weights, from which a score is made. Deferred checks do not count. The owners say what is done; the evidence is not looked at.",
    fields: &[
        required(
            "expires",
            Type::Str(StrRule::Date),
            "The last day on which the assessment counts, as YYYY-MM-DD. From the day after it on, the score is 0.",
        )
        .placeholder("\"2099-12-31\""),
        field(
            "minScore",
            Type::Int { min: 0, max: Some(100) },
            "The score from which on the service counts as ready.",
        )
        .default("100")
        .placeholder("80"),
        field(
            "partialCredit",
            Type::Number { min: 0.0, max: 1.0 },
            "The share of its weight that a check earns whose status is `partial`.",
        )
        .default("0.5")
        .placeholder("0.5"),
        required(
            "checks",
            Type::Array { item: &Type::Object(&READINESS_CHECK), min_items: 1 },
            "What there must be before the service is ready.",
        ),
        field(
            "history",
            Type::Array { item: &Type::Object(&READINESS_REVISION), min_items: 0 },
            "What changed in the assessment, and when. Never compared.",
        ),
    ],
    rules: &[],
};

static READINESS_CHECK: Object = Object {
    name: "ReadinessCheck",
    doc: "One thing that there must be before the service is ready.",
    fields: &[
        required("id", Type::Str(StrRule::CheckId), "What is checked, unique in the contract.")
            .placeholder("runbook"),
        required(
            "type",
            Type::Enum(&[
                value("url", "A page, such as a dashboard."),
                value("document", "A document, in the bundle or elsewhere."),
                value("ticket", "An entry of an issue tracker."),
                value("report", "The result of a scan or a test."),
                value("artifact", "Something that was built or stored."),
                value("identifier", "A name that means something elsewhere, such as a channel."),
                value("other", "Anything else."),
            ]),
            "What kind of evidence there is.",
        ),
        field(
            "category",
            Type::Enum(&[
                value("architecture", "Design and its decisions."),
                value("testing", "Tests of any kind."),
                value("code-quality", "The state of the code."),
                value("observability", "Metrics, logs, traces, alerts."),
                value("security", "Reviews, scans, access."),
                value("documentation", "What people read."),
                value("infrastructure", "What the service runs on."),
                value("ci-cd", "Building and delivering."),
                value("deployment", "Rolling out and back."),
                value("resilience", "Working while something fails."),
                value("backup-recovery", "Keeping data and getting it back."),
                value("incident-response", "What happens when it breaks."),
                value("compliance", "What law and contracts ask for."),
                value("other", "Anything else."),
            ]),
            "Which concern the check belongs to.",
        ),
        required(
            "status",
            Type::Enum(&[
                value("done", "Earns its whole weight."),
                value("partial", "Earns the share of its weight that `partialCredit` names."),
                value("not-done", "Earns nothing."),
                value("deferred", "Left out of the score."),
            ]),
            "How far it is.",
        ),
        required(
            "evidence",
            Type::Str(StrRule::Evidence),
            "Where to see that it is so: a link, a path, the number of a ticket. It is not followed.",
        )
        .placeholder("docs/runbook.md"),
        required(
            "weight",
            Type::Int { min: 0, max: Some(100) },
            "How much the check counts, relative to the others.",
        )
        .placeholder("10"),
        field("description", STR, "What is meant, for people."),
    ],
    rules: &[],
};

static READINESS_REVISION: Object = Object {
    name: "ReadinessRevision",
    doc: "A change of the assessment.",
    fields: &[
        required("date", Type::Str(StrRule::Date), "The day of the change, as YYYY-MM-DD."),
        required("version", STR, "The version of the contract at that time.").placeholder("1.0.0"),
        required("author", STR, "Who made the change.").placeholder("me@example.com"),
        required("description", STR, "What changed."),
    ],
    rules: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(ty: &'static Type, seen: &mut Vec<&'static Object>) {
        match ty {
            Type::Object(object) | Type::StrOr(object) => objects(object, seen),
            Type::Array { item, .. } => walk(item, seen),
            _ => {}
        }
    }

    fn objects(object: &'static Object, seen: &mut Vec<&'static Object>) {
        seen.push(object);
        object.fields.iter().for_each(|field| walk(&field.ty, seen));
    }

    #[test]
    fn the_forms_of_a_field_share_no_version_and_stand_in_order() {
        let mut all = Vec::new();
        objects(&CONTRACT, &mut all);
        for object in all {
            for field in object.fields {
                assert!(field.since <= field.until, "{}.{}", object.name, field.name);
                let forms: Vec<&Field> = object.forms(field.name).collect();
                let is_apart = forms.windows(2).all(|two| two[0].until < two[1].since);
                assert!(is_apart, "{}.{}", object.name, field.name);
            }
        }
    }

    #[test]
    fn a_version_has_each_field_in_one_form() {
        let service = |version| {
            SERVICE.fields_in(version).filter(|field| field.name == "owner").collect::<Vec<_>>()
        };
        assert!(matches!(service(Some(V1_0))[..], [Field { ty: Type::StrOr(_), .. }]));
        assert!(matches!(service(Some(V1_1))[..], [Field { ty: Type::Object(_), .. }]));
        assert!(matches!(service(None)[..], [Field { ty: Type::StrOr(_), .. }]));
        assert!(CONTRACT.field("readiness", Some(V1_1)).is_none());
        assert_eq!(CONTRACT.field("readiness", Some(V1_2)).unwrap().lifetime(), "since 1.2");
        assert_eq!(CONTRACT.field("policy", None).unwrap().lifetime(), "until 1.0");
    }
}
