//! The registry: every rule of the engine, in the order of the specification.
//!
//! A rule's documentation is `docs/<CODE>.md`; its check is the function beside it. The reference
//! page, `pacto explain-rule`, the editor's code links and SARIF's rule list are made from here.

mod configuration;
mod dependency;
mod files;
mod forms;
mod interface;
mod names;
mod policy;
mod probe;
mod readiness;
mod references;
mod scaling;
mod semantic;
mod service;
mod state;
mod structural;
mod syntax_fixes;
mod unreadable;
mod yaml;

use super::ctx::Ctx;
use super::rule::Layer::{CrossField, Policy, Reference, Semantic, Structural, Yaml};
use super::rule::Severity::{Error, Hint, Info, Warning};
use super::rule::{Rule, Source, Status};
use super::sink::Sink;
pub use policy::Kept;
pub(crate) use policy::kept;
pub(crate) use probe::looks_like;

/// Looks at a contract and says what is to be said.
type Check = fn(&Ctx<'_>, &mut Sink<'_>);

/// The rule with this code.
pub fn rule_by_code(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// The table. Behind its source a rule says that it needs a `(registry)`, the release that first had
/// it where that is not the first one, and, when it is deprecated, what takes its place.
macro_rules! rules {
    ($(
        $code:ident: $layer:ident $severity:ident $source:ident $(($registry:ident))?
            $(since $since:literal)? $(deprecated $instead:literal)? = $check:expr;
    )+) => {
        /// Every rule, in the order of the specification.
        pub static RULES: &[Rule] = &[$(Rule {
            code: stringify!($code),
            layer: $layer,
            severity: $severity,
            source: Source::$source,
            since: rules!(@since $($since)?),
            status: rules!(@status $($instead)?),
            needs_registry: rules!(@registry $($registry)?),
            docs: include_str!(concat!("docs/", stringify!($code), ".md")),
        }),+];

        /// What each of [`RULES`] does, in the same order.
        pub(super) static CHECKS: &[Check] = &[$($check),+];
    };
    (@since $since:literal) => { $since };
    (@since) => { "0.1.0" };
    (@status $instead:literal) => { Status::Deprecated($instead) };
    (@status) => { Status::Stable };
    (@registry registry) => { true };
    (@registry) => { false };
}

rules! {
    YAML_PARSE_ERROR: Yaml Error Pacto = yaml::parse_error;
    YAML_DUPLICATE_KEY: Yaml Error Pacto = yaml::duplicate_key;
    YAML_OCTAL_NUMBER: Yaml Hint Lint = yaml::octal_number;
    YAML_MULTIPLE_DOCUMENTS: Yaml Error Pacto = yaml::multiple_documents;
    YAML_TOO_LARGE: Yaml Error Pacto = yaml::too_large;

    UNSUPPORTED_PACTO_VERSION: Structural Error Pacto = structural::unsupported_version;
    SCHEMA_VIOLATION: Structural Error Pacto = structural::schema_violation;

    INVALID_SEMVER: CrossField Error Pacto = service::invalid_semver;
    DUPLICATE_INTERFACE_NAME: CrossField Error Pacto = names::interfaces;
    DUPLICATE_CONFIGURATION_NAME: CrossField Error Pacto = names::configurations;
    DUPLICATE_POLICY_NAME: CrossField Error Pacto = names::policies;
    DUPLICATE_DEPENDENCY_NAME: CrossField Error Pacto = names::dependencies;
    PORT_REQUIRED: CrossField Error Pacto = interface::port_required;
    PORT_IGNORED: CrossField Warning Pacto = interface::port_ignored;
    CONTRACT_REQUIRED: CrossField Error Pacto = interface::contract_required;
    HEALTH_INTERFACE_NOT_FOUND: CrossField Error Pacto = probe::health::interface_not_found;
    METRICS_INTERFACE_NOT_FOUND: CrossField Error Pacto = probe::metrics::interface_not_found;
    HEALTH_INTERFACE_INVALID: CrossField Error Pacto = probe::health::interface_invalid;
    METRICS_INTERFACE_INVALID: CrossField Error Pacto = probe::metrics::interface_invalid;
    HEALTH_PATH_REQUIRED: CrossField Error Pacto = probe::health::path_required;
    METRICS_PATH_REQUIRED: CrossField Error Pacto = probe::metrics::path_required;
    HEALTH_PATH_IGNORED: CrossField Warning Pacto = probe::health::path_ignored;
    METRICS_PATH_IGNORED: CrossField Warning Pacto = probe::metrics::path_ignored;
    FILE_NOT_FOUND: CrossField Error Pacto = files::not_found;
    PATH_ESCAPES_BUNDLE: CrossField Error Pacto = files::escapes_bundle;
    INVALID_INTERFACE_SPEC: CrossField Error Pacto = interface::invalid_spec;
    INVALID_OCI_REF: CrossField Error Pacto = dependency::invalid_ref;
    TAG_NOT_DIGEST: CrossField Warning Pacto = dependency::tag_not_digest;
    EMPTY_COMPATIBILITY: CrossField Error Pacto = dependency::empty_compatibility;
    INVALID_COMPATIBILITY: CrossField Error Pacto = dependency::invalid_compatibility;
    COMPATIBILITY_UNSATISFIED: CrossField Error Pacto = dependency::compatibility_unsatisfied;
    INVALID_IMAGE_REF: CrossField Error Pacto = service::invalid_image_ref;
    INVALID_CHART_REF: CrossField Error Pacto = service::invalid_chart_ref;
    INVALID_CHART_VERSION: CrossField Error Pacto = service::invalid_chart_version;
    INVALID_CONFIG_REF: CrossField Error Pacto = configuration::invalid_ref;
    INVALID_POLICY_REF: CrossField Error Pacto = policy::invalid_ref;
    INVALID_CONFIG_JSON: CrossField Error Pacto = configuration::invalid_json;
    INVALID_CONFIG_SCHEMA: CrossField Error Pacto = configuration::invalid_schema;
    VALUES_WITHOUT_SCHEMA: CrossField Error Pacto = configuration::values_without_schema;
    CONFIG_VALUES_VALIDATION_FAILED: CrossField Error Pacto = configuration::values_invalid;
    POLICY_EMPTY: CrossField Error Pacto = policy::empty;
    INVALID_POLICY_JSON: CrossField Error Pacto = policy::invalid_json;
    INVALID_POLICY_SCHEMA: CrossField Error Pacto = policy::invalid_schema;
    SCALING_MIN_EXCEEDS_MAX: CrossField Error Pacto = scaling::min_exceeds_max;
    JOB_SCALING_NOT_ALLOWED: CrossField Error Pacto = scaling::job_scaling;
    STATELESS_PERSISTENT_CONFLICT: CrossField Error Pacto = state::stateless_persistent;
    INVALID_READINESS_EXPIRES: CrossField Error Pacto = readiness::invalid_expires;
    INVALID_READINESS_REVISION: CrossField Error Pacto = readiness::invalid_revision;
    DUPLICATE_READINESS_ID: CrossField Error Pacto = readiness::duplicate_id;
    EMPTY_READINESS_EVIDENCE: CrossField Error Pacto = readiness::empty_evidence;
    EMPTY_READINESS_DESCRIPTION: CrossField Error Pacto = readiness::empty_description;
    DUPLICATE_PORT: CrossField Warning Lint = interface::duplicate_port;
    DUPLICATE_DEPENDENCY: CrossField Warning Pacto = dependency::duplicate;
    SELF_DEPENDENCY: CrossField Error Pacto = dependency::on_itself;

    UPGRADE_STRATEGY_STATE_MISMATCH: Semantic Warning Pacto = state::ordered_stateless;
    CRITICAL_DATA_EPHEMERAL: Semantic Warning Lint = state::critical_ephemeral;
    LOCAL_STATE_MULTI_REPLICA: Semantic Info Lint = state::local_multi_replica;
    SINGLE_REPLICA_CRITICAL: Semantic Info Lint = state::single_replica_critical;
    PUBLIC_INTERFACE_UNDOCUMENTED: Semantic Warning Lint = interface::public_undocumented;
    SERVICE_WITHOUT_HEALTH: Semantic Hint Lint = semantic::without_health;
    HEALTH_PATH_UNDOCUMENTED: Semantic Info Lint = semantic::health_path_undocumented;
    SECRET_IN_VALUES: Semantic Warning Lint = semantic::secret_in_values;
    OWNER_MISSING: Semantic Hint Lint = semantic::owner_missing;
    OPTIONAL_DEPENDENCY_UNPINNED: Semantic Hint Lint = dependency::optional_unpinned;
    REQUIRED_DEPENDENCY_UNBOUNDED: Semantic Hint Lint = dependency::required_unbounded;
    UNREFERENCED_FILE: Semantic Hint Lint = files::unreferenced;
    CONTRACT_MISNAMED: Semantic Info Lint = semantic::contract_misnamed;
    DEPRECATED_FORM: Semantic Hint Lint = semantic::deprecated_form;
    READINESS_GATE_UNMET: Semantic Hint Lint = readiness::gate_unmet;

    POLICY_VIOLATION: Policy Error Pacto = policy::violation;
    POLICY_REF_UNRESOLVED: Policy Error Pacto = policy::ref_unresolved;
    POLICY_REF_CYCLE: Policy Error Pacto = policy::ref_cycle;
    POLICY_ENFORCEMENT_ERROR: Policy Error Pacto = policy::enforcement_error;

    DEPENDENCY_NOT_FOUND: Reference Warning Deps = dependency::not_found;
    DEPENDENCY_UNREACHABLE: Reference Warning Deps (registry) = dependency::unreachable;
    DEPENDENCY_NO_MATCH: Reference Error Deps (registry) = dependency::no_match;
    DEPENDENCY_OUTDATED: Reference Hint Deps (registry) = dependency::outdated;
    DEPENDENCY_CYCLE: Reference Warning Deps = dependency::cycle;
    DEPENDENCY_CONFLICT: Reference Warning Deps = dependency::conflict;
    CONFIG_REF_UNRESOLVED: Reference Warning Deps = configuration::ref_unresolved;
    SPEC_REF_UNRESOLVED: Reference Warning Deps = files::spec_ref_unresolved;
    LOCAL_REF_NOT_PUBLISHABLE: Reference Hint Deps = dependency::local_not_publishable;
}
