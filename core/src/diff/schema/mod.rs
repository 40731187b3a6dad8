//! JSON Schemas: requests, responses, events, configurations, policies (3-diff, Table S).

mod arena;
mod compare;
mod format;
mod keywords;
mod normal;
mod unions;
mod walk;

pub use arena::{Dialect, SchemaId, Schemas};
pub use compare::Comparison;
pub use normal::{Normal, Others, Types};
pub use walk::lone;
