//! The rules, in one table for each domain. Each is a constant, so that whoever makes a change names
//! a rule that exists: [`openapi::PATH_REMOVED`].

/// A table of rules: a constant for each, and the list of them in the order of the page. A constant
/// is called as its rule, which is checked while compiling.
macro_rules! table {
    ($table:ident: $($name:ident = $rule:expr;)+) => {
        $(pub const $name: &$crate::diff::rule::Rule = &{
            let rule = $rule;
            assert!($crate::diff::rule::are_same_name(stringify!($name), rule.name));
            rule
        };)+
        pub const $table: &[&$crate::diff::rule::Rule] = &[$($name),+];
    };
}

pub mod contract;
pub mod events;
pub mod input;
pub mod openapi;
mod page;
pub mod proto;
pub mod schema;

use super::class::Side;
use super::rule::Rule;

pub use contract::{FIELDS, Field};
pub use events::EVENTS;
pub use input::INPUT;
pub use openapi::OPENAPI;
pub use page::{anchor, explain, page};
pub use proto::PROTO;
pub use schema::SCHEMA;

/// The sides that data can have, each with rules of its own id.
const SIDES: [Side; 7] = [
    Side::Request,
    Side::Response,
    Side::Config,
    Side::Policy,
    Side::Receive,
    Side::Send,
    Side::Both,
];

/// The rule with a published id.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    let of_schema = SIDES.iter().find_map(|side| {
        let name = id.strip_prefix(side.prefix())?;
        SCHEMA.iter().copied().find(|rule| rule.name == name)
    });
    let mut others = [OPENAPI, PROTO, EVENTS, INPUT].into_iter().flatten().copied();
    let other = || others.find(|rule| id.strip_prefix(rule.domain.prefix(None)) == Some(rule.name));
    let of_contract = || {
        let name = id.strip_prefix("contract/")?;
        FIELDS.iter().flat_map(|field| field.rules()).find(|rule| rule.name == name)
    };
    of_schema.or_else(other).or_else(of_contract)
}

/// What a rule is about, in a sentence.
pub fn summary(id: &str) -> &str {
    by_id(id).map_or(id, |rule| rule.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_id() {
        for (id, found) in [
            ("openapi/path-removed", Some(openapi::PATH_REMOVED)),
            ("openapi/request/type-narrowed", Some(schema::TYPE_NARROWED)),
            ("event/type-narrowed", Some(schema::TYPE_NARROWED)),
            ("contract/interfaces-port-modified", Some(&contract::INTERFACES_PORT.modified)),
            ("config/required-with-new-section", Some(input::REQUIRED_WITH_NEW_SECTION)),
            // A field that can never be added has no rule for it.
            ("contract/service-name-added", None),
            ("openapi/type-narrowed", None),
            ("openapi/path-removed-", None),
            ("", None),
        ] {
            assert_eq!(by_id(id), found, "{id}");
        }
    }
}
