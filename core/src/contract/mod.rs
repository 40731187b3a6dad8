//! What a contract says: its typed model, and the grammars of the texts in it.

pub mod constraint;
mod date;
mod lower;
mod model;
mod readiness;
pub mod reference;
mod secret;
mod summary;
pub mod tags;
pub mod version;

pub use constraint::Constraint;
pub use date::Date;
pub use lower::lower;
pub use model::*;
pub use readiness::{AssessedCheck, Assessment, assess};
pub use reference::{ContractRef, OciReference};
pub use secret::{is_placeholder, is_secret};
pub use summary::{Summary, summary};
pub use version::Version;
