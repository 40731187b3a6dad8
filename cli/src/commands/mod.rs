//! One file for each command.

pub mod completions;
pub mod explain_rule;
pub mod fmt;
pub mod lsp;
pub mod man;
pub mod schema;
pub mod validate;
pub mod version;
