//! Contracts for people: a short explanation, whole documentation, a scaffold to start from.

mod diagram;
mod explain;
mod inspect;
mod interfaces;
mod markup;
mod page;
mod readiness;
mod scaffold;
mod settings;
mod tables;

pub use diagram::{Architecture, architecture, label};
pub use explain::{Explanation, explain};
pub use inspect::inspect;
pub use interfaces::{Listed, Offered, interfaces};
pub use page::{Page, page};
pub use readiness::{Readiness, Revision};
pub use scaffold::scaffold;
