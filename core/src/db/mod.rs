//! The only salsa code: inputs, queries and the database.
//!
//! `tree` → `document` → `contract` → `findings` by layer → `diagnostics`. Everything between the
//! text and the diagnostics holds node ids only, so that a blank or comment edit runs the parser
//! and nothing after it.

mod baseline;
mod database;
mod demand;
mod diff;
mod findings;
mod fleet;
mod forget;
mod inputs;
mod kept;
mod queries;
mod resolve;
mod table;
mod view;

pub use baseline::Baseline;
pub(crate) use baseline::published_baseline;
pub use database::{Database, Db, QueryLog};
pub use demand::{Named, Reach};
pub(crate) use demand::{everything_named, missing, named};
pub use diff::{DependencyDiff, DiffReport, DiffSettings, Located, LocatedChange, LocatedProblem};
pub(crate) use diff::{diff_report, located_diff};
pub use findings::{Checked, Merged, checked, merged};
pub(crate) use fleet::{
    cyclic_roots, fleet_index, profile, reference_node, repository_of, search, uses, versions,
};
pub(crate) use forget::{drop_answers, drop_findings};
pub use inputs::{
    Calendar, ContractInput, Demand, Directory, Override, Severities, SourceFile, TagList,
    TagState, Workspace,
};
pub(crate) use queries::{base_contract, proto, references_of};
pub use queries::{document, lines, operations_of, tree};
pub use table::InputTable;
pub use view::DbView;

pub use crate::root::CONTRACT_FILE;
