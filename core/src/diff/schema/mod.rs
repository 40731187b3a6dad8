//! JSON Schemas: requests, responses, events, configurations, policies (3-diff, Table S).

mod arena;
mod compare;
mod form;
mod format;
mod keywords;
mod normal;
mod types;
mod unions;
mod walk;

pub use arena::{Dialect, Schemas};
pub use compare::Comparison;
pub use form::{Others, SchemaId};
pub use types::Types;
pub use walk::lone;
