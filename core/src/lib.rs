//! The contract engine.
//!
//! Pure and incremental: no I/O, no async, no clock, no environment. A [`Host`] is told what the
//! outside world holds and says what it still needs; an [`Analysis`] answers questions in plain
//! data.

mod analysis;
pub mod author;
pub mod bundle;
pub mod check;
pub mod contract;
pub mod db;
pub mod diff;
pub mod doc;
pub mod fact;
pub mod fleet;
pub mod graph;
mod host;
pub mod ide;
pub mod json;
pub mod place;
pub mod report;
pub mod root;
pub mod schema;
pub mod shared_schema;
pub mod spec;
pub mod text;
pub mod value;
pub mod yaml;

pub use analysis::{Analysis, Cancelled};
pub use host::{Change, Host, Origin};
pub use root::{CONTRACT_FILE, ContractKey, MISNAMED_CONTRACT_FILE, Role, Root};
