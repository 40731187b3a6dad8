//! The fields of a contract and what their changes mean (3-diff, "Contract fields").

use crate::diff::class::ChangeType;
use crate::diff::rule::Meaning::Always;
use crate::diff::rule::classes::{B, N, NONE, P};
use crate::diff::rule::{Classes, Column, Domain, Mark, Rule, are_same_name};

/// A field, with the rules of its addition, modification and removal. Those that cannot occur give
/// no class.
#[derive(Debug)]
pub struct Field {
    /// Without keys of lists, such as `interfaces.port`.
    pub path: &'static str,
    pub added: Rule,
    pub modified: Rule,
    pub removed: Rule,
}

impl Field {
    pub fn rule(&'static self, ty: ChangeType) -> &'static Rule {
        match ty {
            ChangeType::Added => &self.added,
            ChangeType::Modified => &self.modified,
            ChangeType::Removed => &self.removed,
        }
    }

    /// The rules of what can happen to the field.
    pub fn rules(&'static self) -> impl Iterator<Item = &'static Rule> {
        let all = [&self.added, &self.modified, &self.removed];
        all.into_iter().filter(|rule| !rule.classes(Column::Input).is_empty())
    }

    /// The path from a field that holds this one.
    pub fn below(&self, outer: &Field) -> &'static str {
        self.path.strip_prefix(outer.path).map_or(self.path, |rest| rest.trim_start_matches('.'))
    }

    /// The last key of the path.
    pub fn key(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The place in the table, which is that in reports.
    pub fn position(&self) -> u16 {
        let position = FIELDS.iter().position(|field| field.path == self.path);
        position.map_or(u16::MAX, |position| position as u16)
    }
}

const fn rule(
    name: &'static str,
    classes: Classes,
    reason: &'static str,
    example: [&'static str; 2],
) -> Rule {
    Rule::new(Domain::Contract, name, Always(classes), reason, example)
}

/// The table: the constant of a field, its path, the classes of addition, modification and removal,
/// then a contract without it, with one value, and with another. A mark is one of the addition.
macro_rules! fields {
    ($(
        $name:ident = $first:ident $(.$rest:ident)*, $classes:expr $(, $mark:ident)? => $examples:expr;
    )+) => {
        $(pub const $name: &Field = &{
            const PATH: &str = concat!(stringify!($first) $(, ".", stringify!($rest))*);
            assert!(are_same_name(stringify!($name), PATH));
            let [added, modified, removed] = $classes;
            let [absent, one, other] = $examples;
            Field {
                path: PATH,
                added: rule(
                    concat!(stringify!($first) $(, "-", stringify!($rest))*, "-added"),
                    added,
                    concat!(stringify!($first) $(, ".", stringify!($rest))*, " added"),
                    [absent, one],
                )$(.marked(&[Mark::$mark]))?,
                modified: rule(
                    concat!(stringify!($first) $(, "-", stringify!($rest))*, "-modified"),
                    modified,
                    concat!(stringify!($first) $(, ".", stringify!($rest))*, " modified"),
                    [one, other],
                ).unless([one, one]),
                removed: rule(
                    concat!(stringify!($first) $(, "-", stringify!($rest))*, "-removed"),
                    removed,
                    concat!(stringify!($first) $(, ".", stringify!($rest))*, " removed"),
                    [one, absent],
                ),
            }
        };)+
        /// Every field, in the order of reports.
        pub const FIELDS: &[&Field] = &[$($name),+];
    };
}

fields! {
    PACTO_VERSION = pactoVersion, [NONE, N, NONE] =>
        ["", "pactoVersion: '1.0'", "pactoVersion: '1.1'"];
    SERVICE_NAME = service.name, [NONE, B, NONE] =>
        ["", "service: {name: a}", "service: {name: b}"];
    SERVICE_VERSION = service.version, [NONE, N, NONE] =>
        ["", "service: {version: 1.0.0}", "service: {version: 1.1.0}"];
    SERVICE_OWNER = service.owner, [N, N, N] =>
        ["service: {}", "service: {owner: a}", "service: {owner: b}"];
    SERVICE_OWNER_TEAM = service.owner.team, [N, N, N] =>
        [
            "service: {owner: {dri: x}}",
            "service: {owner: {dri: x, team: a}}",
            "service: {owner: {dri: x, team: b}}",
        ];
    SERVICE_OWNER_DRI = service.owner.dri, [N, N, N] =>
        [
            "service: {owner: {team: x}}",
            "service: {owner: {team: x, dri: a}}",
            "service: {owner: {team: x, dri: b}}",
        ];
    SERVICE_OWNER_CONTACTS = service.owner.contacts, [N, N, N] =>
        [
            "service: {owner: {team: x}}",
            "service: {owner: {team: x, contacts: [{type: email, value: a@b.c}]}}",
            "service: {owner: {team: x, contacts: [{type: email, value: a@b.c, purpose: alerts}]}}",
        ];
    SERVICE_IMAGE = service.image, [N, N, N] =>
        ["service: {}", "service: {image: {ref: 'a:1'}}", "service: {image: {ref: 'a:2'}}"];
    SERVICE_IMAGE_PRIVATE = service.image.private, [NONE, N, NONE] =>
        ["", "service: {image: {ref: a}}", "service: {image: {ref: a, private: true}}"];
    SERVICE_CHART = service.chart, [N, N, N] =>
        [
            "service: {}",
            "service: {chart: {ref: a, version: 1.0.0}}",
            "service: {chart: {ref: a, version: 1.1.0}}",
        ];
    RUNTIME = runtime, [N, NONE, B] =>
        ["service: {}", "runtime: {workload: service}", ""];
    RUNTIME_WORKLOAD = runtime.workload, [N, B, B] =>
        ["runtime: {}", "runtime: {workload: service}", "runtime: {workload: job}"];
    RUNTIME_STATE_TYPE = runtime.state.type, [N, B, B] =>
        [
            "runtime: {}",
            "runtime: {state: {type: stateless}}",
            "runtime: {state: {type: stateful}}",
        ];
    RUNTIME_STATE_PERSISTENCE_SCOPE = runtime.state.persistence.scope, [N, B, B] =>
        [
            "runtime: {}",
            "runtime: {state: {persistence: {scope: local}}}",
            "runtime: {state: {persistence: {scope: shared}}}",
        ];
    RUNTIME_STATE_PERSISTENCE_DURABILITY = runtime.state.persistence.durability, [N, B, B] =>
        [
            "runtime: {}",
            "runtime: {state: {persistence: {durability: ephemeral}}}",
            "runtime: {state: {persistence: {durability: persistent}}}",
        ];
    RUNTIME_STATE_DATA_CRITICALITY = runtime.state.dataCriticality, [N, P, P] =>
        [
            "runtime: {}",
            "runtime: {state: {dataCriticality: low}}",
            "runtime: {state: {dataCriticality: high}}",
        ];
    RUNTIME_LIFECYCLE_UPGRADE_STRATEGY = runtime.lifecycle.upgradeStrategy, [N, P, P] =>
        [
            "runtime: {}",
            "runtime: {lifecycle: {upgradeStrategy: rolling}}",
            "runtime: {lifecycle: {upgradeStrategy: ordered}}",
        ];
    RUNTIME_LIFECYCLE_GRACEFUL_SHUTDOWN_SECONDS = runtime.lifecycle.gracefulShutdownSeconds, [N, N, N] =>
        [
            "runtime: {}",
            "runtime: {lifecycle: {gracefulShutdownSeconds: 10}}",
            "runtime: {lifecycle: {gracefulShutdownSeconds: 30}}",
        ];
    RUNTIME_HEALTH = runtime.health, [N, NONE, P] =>
        ["runtime: {}", "runtime: {health: {interface: a}}", ""];
    RUNTIME_HEALTH_INTERFACE = runtime.health.interface, [P, P, P] =>
        [
            "runtime: {health: {}}",
            "runtime: {health: {interface: a}}",
            "runtime: {health: {interface: b}}",
        ];
    RUNTIME_HEALTH_PATH = runtime.health.path, [P, P, P] =>
        ["runtime: {health: {}}", "runtime: {health: {path: /a}}", "runtime: {health: {path: /b}}"];
    RUNTIME_HEALTH_INITIAL_DELAY_SECONDS = runtime.health.initialDelaySeconds, [N, N, N] =>
        [
            "runtime: {health: {}}",
            "runtime: {health: {initialDelaySeconds: 1}}",
            "runtime: {health: {initialDelaySeconds: 2}}",
        ];
    RUNTIME_METRICS = runtime.metrics, [N, NONE, P] =>
        ["runtime: {}", "runtime: {metrics: {interface: a}}", ""];
    RUNTIME_METRICS_INTERFACE = runtime.metrics.interface, [P, P, P] =>
        [
            "runtime: {metrics: {}}",
            "runtime: {metrics: {interface: a}}",
            "runtime: {metrics: {interface: b}}",
        ];
    RUNTIME_METRICS_PATH = runtime.metrics.path, [P, P, P] =>
        [
            "runtime: {metrics: {}}",
            "runtime: {metrics: {path: /a}}",
            "runtime: {metrics: {path: /b}}",
        ];
    INTERFACES = interfaces, [N, NONE, B], Feature =>
        ["interfaces: []", "interfaces: [{name: a, type: http}]", ""];
    INTERFACES_TYPE = interfaces.type, [NONE, B, NONE] =>
        ["", "interfaces: [{name: a, type: http}]", "interfaces: [{name: a, type: grpc}]"];
    INTERFACES_PORT = interfaces.port, [P, B, B] =>
        [
            "interfaces: [{name: a, type: http}]",
            "interfaces: [{name: a, type: http, port: 80}]",
            "interfaces: [{name: a, type: http, port: 81}]",
        ];
    INTERFACES_VISIBILITY = interfaces.visibility, [NONE, P, NONE] =>
        ["", "interfaces: [{name: a, visibility: public}]", "interfaces: [{name: a}]"];
    INTERFACES_CONTRACT = interfaces.contract, [NONE, P, NONE] =>
        [
            "",
            "interfaces: [{name: a, contract: a.yaml}]",
            "interfaces: [{name: a, contract: b.yaml}]",
        ];
    CONFIGURATION = configuration, [N, P, B] =>
        ["service: {}", "configuration: {schema: a.json}", "configuration: {ref: ../b}"];
    CONFIGURATION_SCHEMA = configuration.schema, [NONE, P, NONE] =>
        ["", "configuration: {schema: a.json}", "configuration: {schema: b.json}"];
    CONFIGURATION_REF = configuration.ref, [NONE, P, NONE] =>
        ["", "configuration: {ref: ../a}", "configuration: {ref: ../b}"];
    CONFIGURATION_VALUES = configuration.values, [N, N, N] =>
        [
            "configuration: {schema: a.json}",
            "configuration: {schema: a.json, values: {A: 1}}",
            "configuration: {schema: a.json, values: {A: 2}}",
        ];
    CONFIGURATIONS = configurations, [N, P, B] =>
        [
            "service: {}",
            "configurations: [{name: x, schema: a.json}]",
            "configurations: [{name: x, ref: ../b}]",
        ];
    CONFIGURATIONS_SCHEMA = configurations.schema, [NONE, P, NONE] =>
        [
            "",
            "configurations: [{name: x, schema: a.json}]",
            "configurations: [{name: x, schema: b.json}]",
        ];
    CONFIGURATIONS_REF = configurations.ref, [NONE, P, NONE] =>
        ["", "configurations: [{name: x, ref: ../a}]", "configurations: [{name: x, ref: ../b}]"];
    CONFIGURATIONS_VALUES = configurations.values, [N, N, N] =>
        [
            "configurations: [{name: x, schema: a.json}]",
            "configurations: [{name: x, schema: a.json, values: {A: 1}}]",
            "configurations: [{name: x, schema: a.json, values: {A: 2}}]",
        ];
    POLICY = policy, [N, NONE, P] =>
        ["service: {}", "policy: {schema: a.json}", ""];
    POLICY_SCHEMA = policy.schema, [N, P, P] =>
        [
            "policy: {ref: ../a}",
            "policy: {ref: ../a, schema: a.json}",
            "policy: {ref: ../a, schema: b.json}",
        ];
    POLICY_REF = policy.ref, [N, P, P] =>
        [
            "policy: {schema: a.json}",
            "policy: {schema: a.json, ref: ../a}",
            "policy: {schema: a.json, ref: ../b}",
        ];
    POLICIES = policies, [N, NONE, P] =>
        ["policies: []", "policies: [{name: x, schema: a.json}]", ""];
    POLICIES_SCHEMA = policies.schema, [N, P, P] =>
        [
            "policies: [{name: x, ref: ../a}]",
            "policies: [{name: x, ref: ../a, schema: a.json}]",
            "policies: [{name: x, ref: ../a, schema: b.json}]",
        ];
    POLICIES_REF = policies.ref, [N, P, P] =>
        [
            "policies: [{name: x, schema: a.json}]",
            "policies: [{name: x, schema: a.json, ref: ../a}]",
            "policies: [{name: x, schema: a.json, ref: ../b}]",
        ];
    DEPENDENCIES = dependencies, [N, NONE, B], Feature =>
        ["dependencies: []", "dependencies: [{ref: ../a}]", ""];
    DEPENDENCIES_NAME = dependencies.name, [NONE, N, NONE] =>
        [
            "",
            "dependencies: [{name: a, ref: 'oci://h.io/x/y:1.0.0'}]",
            "dependencies: [{name: b, ref: 'oci://h.io/x/y:1.0.0'}]",
        ];
    DEPENDENCIES_REF = dependencies.ref, [NONE, P, NONE] =>
        [
            "",
            "dependencies: [{name: a, ref: 'oci://h.io/x/y:1.0.0'}]",
            "dependencies: [{name: a, ref: 'oci://h.io/x/y:1.1.0'}]",
        ];
    DEPENDENCIES_COMPATIBILITY = dependencies.compatibility, [NONE, P, NONE] =>
        [
            "",
            "dependencies: [{name: a, ref: ../a, compatibility: ^1.0.0}]",
            "dependencies: [{name: a, ref: ../a, compatibility: ^2.0.0}]",
        ];
    DEPENDENCIES_REQUIRED = dependencies.required, [NONE, P, NONE] =>
        [
            "",
            "dependencies: [{name: a, ref: ../a}]",
            "dependencies: [{name: a, ref: ../a, required: true}]",
        ];
    SCALING = scaling, [N, P, P] =>
        ["service: {}", "scaling: {replicas: 3}", "scaling: {min: 1, max: 5}"];
    SCALING_REPLICAS = scaling.replicas, [NONE, P, NONE] =>
        ["", "scaling: {replicas: 3}", "scaling: {replicas: 4}"];
    SCALING_MIN = scaling.min, [NONE, P, NONE] =>
        ["", "scaling: {min: 1, max: 5}", "scaling: {min: 2, max: 5}"];
    SCALING_MAX = scaling.max, [NONE, N, NONE] =>
        ["", "scaling: {min: 1, max: 5}", "scaling: {min: 1, max: 6}"];
    READINESS = readiness, [N, NONE, N] =>
        ["service: {}", "readiness: {minScore: 80}", ""];
    READINESS_EXPIRES = readiness.expires, [N, N, N] =>
        [
            "readiness: {minScore: 80}",
            "readiness: {minScore: 80, expires: '2027-06-30'}",
            "readiness: {minScore: 80, expires: '2028-06-30'}",
        ];
    READINESS_MIN_SCORE = readiness.minScore, [N, N, N] =>
        [
            "readiness: {expires: '2027-06-30'}",
            "readiness: {expires: '2027-06-30', minScore: 80}",
            "readiness: {expires: '2027-06-30', minScore: 90}",
        ];
    READINESS_PARTIAL_CREDIT = readiness.partialCredit, [N, N, N] =>
        [
            "readiness: {minScore: 80}",
            "readiness: {minScore: 80, partialCredit: 0.5}",
            "readiness: {minScore: 80, partialCredit: 0.25}",
        ];
    READINESS_CHECKS = readiness.checks, [N, N, N] =>
        [
            "readiness: {minScore: 80}",
            "readiness: {minScore: 80, checks: [{id: runbook, status: partial, weight: 10, evidence: x}]}",
            "readiness: {minScore: 80, checks: [{id: runbook, status: done, weight: 10, evidence: x}]}",
        ];
    METADATA = metadata, [N, N, N] =>
        ["metadata: {x: 1}", "metadata: {x: 1, tier: a}", "metadata: {x: 1, tier: b}"];
}
