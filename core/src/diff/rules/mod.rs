//! The rules, in one table for each domain.

pub(super) mod contract;
mod events;
mod openapi;
mod page;
mod proto;
mod schema;

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::rule::Rule;

pub use contract::{FIELDS, Field};
pub use events::EVENTS;
pub use openapi::OPENAPI;
pub use page::{anchor, explain, page};
pub use proto::PROTO;
pub use schema::SCHEMA;

/// The prefixes under which the rules of schemas occur.
pub const SCHEMA_DOMAINS: [&str; 7] = [
    "openapi/request/",
    "openapi/response/",
    "config/",
    "policy/",
    "event/receive/",
    "event/send/",
    "event/",
];

fn table(rules: &'static [Rule]) -> FxHashMap<&'static str, &'static Rule> {
    rules.iter().map(|rule| (rule.id, rule)).collect()
}

/// A rule of schemas, without its domain.
pub fn schema(id: &str) -> Option<&'static Rule> {
    static TABLE: OnceLock<FxHashMap<&'static str, &'static Rule>> = OnceLock::new();
    TABLE.get_or_init(|| table(SCHEMA)).get(id).copied()
}

/// A rule of another domain, such as `openapi/`.
pub fn find(domain: &str, id: &str) -> Option<&'static Rule> {
    static TABLES: OnceLock<[FxHashMap<&'static str, &'static Rule>; 3]> = OnceLock::new();
    let [openapi, proto, events] =
        TABLES.get_or_init(|| [table(OPENAPI), table(PROTO), table(EVENTS)]);
    match domain {
        "openapi/" => openapi.get(id).copied(),
        "proto/" => proto.get(id).copied(),
        "asyncapi/" => events.get(id).copied(),
        _ => None,
    }
}

/// Whether there is a rule with this id.
pub fn exists(id: &str) -> bool {
    let schema_rule = SCHEMA_DOMAINS
        .iter()
        .any(|domain| id.strip_prefix(domain).is_some_and(|rest| schema(rest).is_some()));
    let other = ["openapi/", "proto/", "asyncapi/"]
        .iter()
        .any(|domain| id.strip_prefix(domain).is_some_and(|rest| find(domain, rest).is_some()));
    let own = id.strip_prefix("contract/").is_some_and(contract::exists);
    schema_rule || other || own || OWN.contains(&id)
}

/// What a rule is about, in a sentence.
pub fn summary(id: &str) -> String {
    if let Some(field) = id.strip_prefix("contract/") {
        let (path, ty) = field.rsplit_once('-').unwrap_or((field, "modified"));
        return format!("{} {ty}", path.replace('-', "."));
    }
    let of_schema = SCHEMA_DOMAINS.iter().find_map(|domain| schema(id.strip_prefix(domain)?));
    let others = ["openapi/", "proto/", "asyncapi/"];
    let other = || others.iter().find_map(|domain| find(domain, id.strip_prefix(domain)?));
    match (of_schema.or_else(other), id) {
        (Some(rule), _) => rule.reason.to_owned(),
        (None, "input/not-compared") => "a file could not be compared".to_owned(),
        (None, "config/required-with-new-section") => {
            "a property that a new configuration demands".to_owned()
        }
        (None, id) => id.to_owned(),
    }
}

/// Rules that stand outside of the tables.
pub const OWN: [&str; 2] = ["input/not-compared", "config/required-with-new-section"];
