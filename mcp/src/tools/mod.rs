//! The tools: one file for each, with its description, arguments and output beside what it does.

mod diff;
mod explain;
mod explain_rule;
mod generate_docs;
mod resolve_dependencies;
mod schema;
mod validate;

use rmcp::model::Tool as Description;

use crate::tool::Tool;

/// All tools, by name.
const TOOLS: [&Tool; 7] = [
    &diff::TOOL,
    &explain::TOOL,
    &explain_rule::TOOL,
    &generate_docs::TOOL,
    &resolve_dependencies::TOOL,
    &schema::TOOL,
    &validate::TOOL,
];

/// The names of all tools.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|tool| tool.name)
}

pub fn by_name(name: &str) -> Option<&'static Tool> {
    TOOLS.into_iter().find(|tool| tool.name == name)
}

/// The tools as clients see them.
pub fn descriptions() -> Vec<Description> {
    TOOLS.iter().map(|tool| tool.describe()).collect()
}
