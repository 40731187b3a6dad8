//! Rules about what could not be compared, or has nothing to be compared with.
//!
//! Examples are files: of a contract that names them, `a.yaml` as an interface, or as the schema of
//! its configuration.

use crate::diff::rule::Meaning::Always;
use crate::diff::rule::classes::P;
use crate::diff::rule::{Domain, Rule};

table! { INPUT:
    NOT_COMPARED = Rule::new(
        Domain::Input,
        "not-compared",
        Always(P),
        "a file could not be compared",
        ["{openapi: 3.1.0, paths: {}}", "{asyncapi: 3.0.0, channels: {}}"],
    ).unless(["{openapi: 3.1.0, paths: {}}", "{openapi: 3.1.0, paths: {}}"]);
    REQUIRED_WITH_NEW_SECTION = Rule::new(
        Domain::Configuration,
        "required-with-new-section",
        Always(P),
        "a property that a new configuration demands",
        ["", "{required: [a], properties: {a: {type: string}}}"],
    );
}
