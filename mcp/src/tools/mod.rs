//! The tools: one file for each, with its description, arguments and output beside what it does.

mod check;
mod create;
mod diff;
mod edit;
mod explain;
mod explain_rule;
mod generate_contract;
mod generate_docs;
mod graph;
mod impact;
mod inspect;
mod list_interfaces;
mod list_versions;
mod resolve_dependencies;
mod schema;
mod search;
mod suggest_dependencies;
mod validate;

use crate::tool::Tool;

/// All tools, by name.
const TOOLS: [&Tool; 18] = [
    &check::TOOL,
    &create::TOOL,
    &diff::TOOL,
    &edit::TOOL,
    &explain::TOOL,
    &explain_rule::TOOL,
    &generate_contract::TOOL,
    &generate_docs::TOOL,
    &graph::TOOL,
    &impact::TOOL,
    &inspect::TOOL,
    &list_interfaces::TOOL,
    &list_versions::TOOL,
    &resolve_dependencies::TOOL,
    &schema::TOOL,
    &search::TOOL,
    &suggest_dependencies::TOOL,
    &validate::TOOL,
];

pub fn all() -> impl Iterator<Item = &'static Tool> {
    TOOLS.into_iter()
}

/// The names of all tools.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|tool| tool.name)
}

pub fn by_name(name: &str) -> Option<&'static Tool> {
    all().find(|tool| tool.name == name)
}
