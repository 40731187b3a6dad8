//! The contract format as one table, and what is made from it.
//!
//! [`format::CONTRACT`] is the single source: the JSON Schema that `pacto schema` prints, the
//! structural check, completion, hover and the reference page all read it.

pub mod format;
mod json_schema;
mod navigate;
mod reference;
mod structural;

pub use json_schema::{SCHEMA_ID, json_schema};
pub use navigate::{Shape, field_at, shape_at};
pub use reference::{reference_page, type_text};
pub use structural::{Breach, BreachKind, check};

/// The versions of the format that are understood.
pub const SUPPORTED_VERSIONS: [&str; 1] = ["1.0"];
