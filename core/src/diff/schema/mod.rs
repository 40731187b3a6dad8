//! JSON Schemas: requests, responses, events, configurations, policies (3-diff, Table S).

mod admits;
mod annotations;
mod arena;
mod arrays;
mod candidates;
mod compare;
mod composition;
mod form;
mod format;
mod graph;
mod judge;
mod keywords;
mod members;
mod normal;
mod objects;
mod pattern;
mod properties;
mod samples;
mod settle;
mod step;
mod types;
mod unions;
mod values;
mod walk;

pub use arena::{Dialect, Schemas};
pub use form::{Others, SchemaId};
pub use graph::{Comparison, Spent};
pub use types::Types;
pub use walk::lone;
