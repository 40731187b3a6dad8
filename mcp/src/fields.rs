//! The parts of contracts that writing tools take, as the format has them.

use crate::arguments::{Argument, Kind};

const fn field(name: &'static str, kind: Kind) -> Argument {
    Argument::new(name, kind, "", "")
}

pub const INTERFACES: [Argument; 5] = [
    field("name", Kind::Text).required(),
    field("type", Kind::Choice(&["http", "grpc", "event"])).required(),
    field("port", Kind::Count { most: 65535 }),
    field("visibility", Kind::Choice(&["public", "internal"])),
    field("contract", Kind::Text),
];

pub const DEPENDENCIES: [Argument; 4] = [
    field("name", Kind::Text),
    field("ref", Kind::Text).required(),
    field("required", Kind::Flag),
    field("compatibility", Kind::Text),
];

pub const CONFIGURATIONS: [Argument; 4] = [
    field("name", Kind::Text),
    field("schema", Kind::Text),
    field("ref", Kind::Text),
    field("values", Kind::Object),
];

pub const POLICIES: [Argument; 3] =
    [field("name", Kind::Text), field("schema", Kind::Text), field("ref", Kind::Text)];

pub const PROPERTIES: [Argument; 5] = [
    field("name", Kind::Text).required(),
    field("type", Kind::Choice(&["string", "integer", "number", "boolean", "array", "object"]))
        .required(),
    field("required", Kind::Flag),
    field("default", Kind::Anything),
    field("description", Kind::Text),
];

pub const FILES: [Argument; 2] =
    [field("path", Kind::Text).required(), field("content", Kind::Content).required()];

pub const FIXES: [Argument; 2] = [field("id", Kind::Text), field("code", Kind::Text)];

/// The answers about data that both writing tools take.
pub const STORES: Argument =
    Argument::new("stores_data", Kind::Flag, "Whether the service is stateful", "true");
pub const SURVIVES: Argument =
    Argument::new("data_survives_restart", Kind::Flag, "persistent or ephemeral", "true");
pub const SHARED: Argument =
    Argument::new("data_shared_across_instances", Kind::Flag, "shared or local", "false");
pub const LOSS: Argument = Argument::new(
    "data_loss_impact",
    Kind::Choice(&["low", "medium", "high"]),
    "dataCriticality",
    "\"high\"",
);
pub const WORKLOAD: Argument = Argument::new(
    "workload",
    Kind::Choice(&["service", "job", "scheduled"]),
    "runtime.workload",
    "\"job\"",
);
pub const REPLICAS: Argument =
    Argument::new("replicas", Kind::Count { most: 10_000 }, "A fixed number", "2");
pub const MIN_REPLICAS: Argument =
    Argument::new("min_replicas", Kind::Count { most: 10_000 }, "With max_replicas", "2");
pub const MAX_REPLICAS: Argument =
    Argument::new("max_replicas", Kind::Count { most: 10_000 }, "With min_replicas", "6");
pub const OWNER: Argument = Argument::new(
    "owner",
    Kind::TextOrObject,
    "Who owns it: a name, or an object as JSON",
    "\"team/payments\"",
);
pub const DRY_RUN: Argument =
    Argument::new("dry_run", Kind::Flag, "Write nothing, answer the same", "true");
