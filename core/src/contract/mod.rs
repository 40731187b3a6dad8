//! What a contract says: its typed model, and the grammars of the texts in it.

pub mod constraint;
mod lower;
mod model;
mod summary;
pub mod reference;
pub mod tags;
pub mod version;

pub use constraint::Constraint;
pub use lower::lower;
pub use model::*;
pub use summary::{Summary, summary};
pub use reference::{ContractRef, OciReference};
pub use version::Version;
