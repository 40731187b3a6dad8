//! One file for each command.

pub mod cache;
pub mod completions;
pub mod diff;
pub mod doc;
pub mod explain;
pub mod explain_rule;
pub mod fmt;
pub mod generate;
pub mod graph;
pub mod init;
pub mod login;
pub mod logout;
pub mod lsp;
pub mod man;
pub mod pack;
pub mod pull;
pub mod push;
pub mod schema;
pub mod update;
pub mod validate;
pub mod version;
