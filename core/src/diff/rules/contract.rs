//! The fields of a contract and what their changes mean (3-diff, "Contract fields").

use crate::diff::change::ChangeType;
use crate::diff::change::Class;
use crate::diff::rule::Classes;
use crate::diff::rule::classes::{B, N, NONE, P};

/// A field, with the classes of its addition, modification and removal.
#[derive(Debug)]
pub struct Field {
    /// Without keys, such as `interfaces.port`.
    pub path: &'static str,
    pub added: Classes,
    pub modified: Classes,
    pub removed: Classes,
    /// A contract's text without the field, with one value of it, and with another.
    pub examples: [&'static str; 3],
}

const fn field(
    path: &'static str,
    classes: [Classes; 3],
    absent: &'static str,
    one: &'static str,
    other: &'static str,
) -> Field {
    let [added, modified, removed] = classes;
    Field { path, added, modified, removed, examples: [absent, one, other] }
}

impl Field {
    pub fn classes(&self, ty: ChangeType) -> Classes {
        match ty {
            ChangeType::Added => self.added,
            ChangeType::Modified => self.modified,
            ChangeType::Removed => self.removed,
        }
    }
}

pub const FIELDS: &[Field] = &[
    field("pactoVersion", [NONE, N, NONE], "", "pactoVersion: '1.0'", "pactoVersion: '1.1'"),
    field("service.name", [NONE, B, NONE], "", "service: {name: a}", "service: {name: b}"),
    field(
        "service.version",
        [NONE, N, NONE],
        "",
        "service: {version: 1.0.0}",
        "service: {version: 1.1.0}",
    ),
    field("service.owner", [N, N, N], "service: {}", "service: {owner: a}", "service: {owner: b}"),
    field(
        "service.owner.team",
        [N, N, N],
        "service: {owner: {dri: x}}",
        "service: {owner: {dri: x, team: a}}",
        "service: {owner: {dri: x, team: b}}",
    ),
    field(
        "service.owner.dri",
        [N, N, N],
        "service: {owner: {team: x}}",
        "service: {owner: {team: x, dri: a}}",
        "service: {owner: {team: x, dri: b}}",
    ),
    field(
        "service.owner.contacts",
        [N, N, N],
        "service: {owner: {team: x}}",
        "service: {owner: {team: x, contacts: [{type: email, value: a@b.c}]}}",
        "service: {owner: {team: x, contacts: [{type: email, value: a@b.c, purpose: alerts}]}}",
    ),
    field(
        "service.image",
        [N, N, N],
        "service: {}",
        "service: {image: {ref: 'a:1'}}",
        "service: {image: {ref: 'a:2'}}",
    ),
    field(
        "service.image.private",
        [NONE, N, NONE],
        "",
        "service: {image: {ref: a}}",
        "service: {image: {ref: a, private: true}}",
    ),
    field(
        "service.chart",
        [N, N, N],
        "service: {}",
        "service: {chart: {ref: a, version: 1.0.0}}",
        "service: {chart: {ref: a, version: 1.1.0}}",
    ),
    field("runtime", [N, NONE, B], "service: {}", "runtime: {workload: service}", ""),
    field(
        "runtime.workload",
        [N, B, B],
        "runtime: {}",
        "runtime: {workload: service}",
        "runtime: {workload: job}",
    ),
    field(
        "runtime.state.type",
        [N, B, B],
        "runtime: {}",
        "runtime: {state: {type: stateless}}",
        "runtime: {state: {type: stateful}}",
    ),
    field(
        "runtime.state.persistence.scope",
        [N, B, B],
        "runtime: {}",
        "runtime: {state: {persistence: {scope: local}}}",
        "runtime: {state: {persistence: {scope: shared}}}",
    ),
    field(
        "runtime.state.persistence.durability",
        [N, B, B],
        "runtime: {}",
        "runtime: {state: {persistence: {durability: ephemeral}}}",
        "runtime: {state: {persistence: {durability: persistent}}}",
    ),
    field(
        "runtime.state.dataCriticality",
        [N, P, P],
        "runtime: {}",
        "runtime: {state: {dataCriticality: low}}",
        "runtime: {state: {dataCriticality: high}}",
    ),
    field(
        "runtime.lifecycle.upgradeStrategy",
        [N, P, P],
        "runtime: {}",
        "runtime: {lifecycle: {upgradeStrategy: rolling}}",
        "runtime: {lifecycle: {upgradeStrategy: ordered}}",
    ),
    field(
        "runtime.lifecycle.gracefulShutdownSeconds",
        [N, N, N],
        "runtime: {}",
        "runtime: {lifecycle: {gracefulShutdownSeconds: 10}}",
        "runtime: {lifecycle: {gracefulShutdownSeconds: 30}}",
    ),
    field("runtime.health", [N, NONE, P], "runtime: {}", "runtime: {health: {interface: a}}", ""),
    field(
        "runtime.health.interface",
        [P, P, P],
        "runtime: {health: {}}",
        "runtime: {health: {interface: a}}",
        "runtime: {health: {interface: b}}",
    ),
    field(
        "runtime.health.path",
        [P, P, P],
        "runtime: {health: {}}",
        "runtime: {health: {path: /a}}",
        "runtime: {health: {path: /b}}",
    ),
    field(
        "runtime.health.initialDelaySeconds",
        [N, N, N],
        "runtime: {health: {}}",
        "runtime: {health: {initialDelaySeconds: 1}}",
        "runtime: {health: {initialDelaySeconds: 2}}",
    ),
    field("runtime.metrics", [N, NONE, P], "runtime: {}", "runtime: {metrics: {interface: a}}", ""),
    field(
        "runtime.metrics.interface",
        [P, P, P],
        "runtime: {metrics: {}}",
        "runtime: {metrics: {interface: a}}",
        "runtime: {metrics: {interface: b}}",
    ),
    field(
        "runtime.metrics.path",
        [P, P, P],
        "runtime: {metrics: {}}",
        "runtime: {metrics: {path: /a}}",
        "runtime: {metrics: {path: /b}}",
    ),
    field("interfaces", [N, NONE, B], "interfaces: []", "interfaces: [{name: a, type: http}]", ""),
    field(
        "interfaces.type",
        [NONE, B, NONE],
        "",
        "interfaces: [{name: a, type: http}]",
        "interfaces: [{name: a, type: grpc}]",
    ),
    field(
        "interfaces.port",
        [P, B, B],
        "interfaces: [{name: a, type: http}]",
        "interfaces: [{name: a, type: http, port: 80}]",
        "interfaces: [{name: a, type: http, port: 81}]",
    ),
    field(
        "interfaces.visibility",
        [NONE, P, NONE],
        "",
        "interfaces: [{name: a, visibility: public}]",
        "interfaces: [{name: a}]",
    ),
    field(
        "interfaces.contract",
        [NONE, P, NONE],
        "",
        "interfaces: [{name: a, contract: a.yaml}]",
        "interfaces: [{name: a, contract: b.yaml}]",
    ),
    field(
        "configuration",
        [N, P, B],
        "service: {}",
        "configuration: {schema: a.json}",
        "configuration: {ref: ../b}",
    ),
    field(
        "configuration.schema",
        [NONE, P, NONE],
        "",
        "configuration: {schema: a.json}",
        "configuration: {schema: b.json}",
    ),
    field(
        "configuration.ref",
        [NONE, P, NONE],
        "",
        "configuration: {ref: ../a}",
        "configuration: {ref: ../b}",
    ),
    field(
        "configuration.values",
        [N, N, N],
        "configuration: {schema: a.json}",
        "configuration: {schema: a.json, values: {A: 1}}",
        "configuration: {schema: a.json, values: {A: 2}}",
    ),
    field(
        "configurations",
        [N, P, B],
        "service: {}",
        "configurations: [{name: x, schema: a.json}]",
        "configurations: [{name: x, ref: ../b}]",
    ),
    field(
        "configurations.schema",
        [NONE, P, NONE],
        "",
        "configurations: [{name: x, schema: a.json}]",
        "configurations: [{name: x, schema: b.json}]",
    ),
    field(
        "configurations.ref",
        [NONE, P, NONE],
        "",
        "configurations: [{name: x, ref: ../a}]",
        "configurations: [{name: x, ref: ../b}]",
    ),
    field(
        "configurations.values",
        [N, N, N],
        "configurations: [{name: x, schema: a.json}]",
        "configurations: [{name: x, schema: a.json, values: {A: 1}}]",
        "configurations: [{name: x, schema: a.json, values: {A: 2}}]",
    ),
    field("policy", [N, NONE, P], "service: {}", "policy: {schema: a.json}", ""),
    field(
        "policy.schema",
        [N, P, P],
        "policy: {ref: ../a}",
        "policy: {ref: ../a, schema: a.json}",
        "policy: {ref: ../a, schema: b.json}",
    ),
    field(
        "policy.ref",
        [N, P, P],
        "policy: {schema: a.json}",
        "policy: {schema: a.json, ref: ../a}",
        "policy: {schema: a.json, ref: ../b}",
    ),
    field("policies", [N, NONE, P], "policies: []", "policies: [{name: x, schema: a.json}]", ""),
    field(
        "policies.schema",
        [N, P, P],
        "policies: [{name: x, ref: ../a}]",
        "policies: [{name: x, ref: ../a, schema: a.json}]",
        "policies: [{name: x, ref: ../a, schema: b.json}]",
    ),
    field(
        "policies.ref",
        [N, P, P],
        "policies: [{name: x, schema: a.json}]",
        "policies: [{name: x, schema: a.json, ref: ../a}]",
        "policies: [{name: x, schema: a.json, ref: ../b}]",
    ),
    field("dependencies", [N, NONE, B], "dependencies: []", "dependencies: [{ref: ../a}]", ""),
    field(
        "dependencies.name",
        [NONE, N, NONE],
        "",
        "dependencies: [{name: a, ref: 'oci://h.io/x/y:1.0.0'}]",
        "dependencies: [{name: b, ref: 'oci://h.io/x/y:1.0.0'}]",
    ),
    field(
        "dependencies.ref",
        [NONE, P, NONE],
        "",
        "dependencies: [{name: a, ref: 'oci://h.io/x/y:1.0.0'}]",
        "dependencies: [{name: a, ref: 'oci://h.io/x/y:1.1.0'}]",
    ),
    field(
        "dependencies.compatibility",
        [NONE, P, NONE],
        "",
        "dependencies: [{name: a, ref: ../a, compatibility: ^1.0.0}]",
        "dependencies: [{name: a, ref: ../a, compatibility: ^2.0.0}]",
    ),
    field(
        "dependencies.required",
        [NONE, P, NONE],
        "",
        "dependencies: [{name: a, ref: ../a}]",
        "dependencies: [{name: a, ref: ../a, required: true}]",
    ),
    field(
        "scaling",
        [N, P, P],
        "service: {}",
        "scaling: {replicas: 3}",
        "scaling: {min: 1, max: 5}",
    ),
    field(
        "scaling.replicas",
        [NONE, P, NONE],
        "",
        "scaling: {replicas: 3}",
        "scaling: {replicas: 4}",
    ),
    field(
        "scaling.min",
        [NONE, P, NONE],
        "",
        "scaling: {min: 1, max: 5}",
        "scaling: {min: 2, max: 5}",
    ),
    field(
        "scaling.max",
        [NONE, N, NONE],
        "",
        "scaling: {min: 1, max: 5}",
        "scaling: {min: 1, max: 6}",
    ),
    field(
        "metadata",
        [N, N, N],
        "metadata: {x: 1}",
        "metadata: {x: 1, tier: a}",
        "metadata: {x: 1, tier: b}",
    ),
];

/// `contract/` and this is the id of the rule for a change of `field`.
pub fn id(path: &str, ty: ChangeType) -> String {
    format!("{}-{}", path.replace('.', "-"), ty.text())
}

/// Place and entry of a field in the table.
pub fn find(path: &str) -> Option<(u16, &'static Field)> {
    let at = FIELDS.iter().position(|field| field.path == path)?;
    Some((at as u16, &FIELDS[at]))
}

/// The class of a change of a field; what the table does not know may break somebody.
pub fn class(path: &str, ty: ChangeType) -> Class {
    let classes = find(path).map_or(P, |(_, field)| field.classes(ty));
    classes.first().copied().unwrap_or(Class::PotentialBreaking)
}

pub fn exists(rule: &str) -> bool {
    let types = [ChangeType::Removed, ChangeType::Added, ChangeType::Modified];
    FIELDS.iter().any(|field| {
        types.iter().any(|ty| !field.classes(*ty).is_empty() && id(field.path, *ty) == rule)
    })
}
