//! The contract format as one table, and what is made from it.
//!
//! [`format::CONTRACT`] is the single source: the JSON Schema that `pacto schema` prints, the
//! structural check, completion, hover and the reference page all read it. It knows which versions
//! of the format have a field; which version counts is what `pactoVersion` says.

pub mod format;
mod json_schema;
mod navigate;
mod numbers;
mod reference;
mod structural;
mod templates;
mod version;

pub use json_schema::json_schema;
pub use navigate::{Shape, field_at, shape_at};
pub use numbers::with_integers;
pub use reference::{reference_page, type_text};
pub use structural::{Breach, BreachKind, check, check_as};
pub use templates::{Start, Template, templates};
pub use version::FormatVersion;
