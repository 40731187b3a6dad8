//! The only salsa code: inputs, queries and the database.
//!
//! `tree` → `document` → `contract` → `findings` by layer → `diagnostics`. Everything between the
//! text and the diagnostics holds node ids only, so that a blank or comment edit runs the parser
//! and nothing after it.

mod baseline;
mod demand;
mod diff;
mod inputs;
mod queries;
mod resolve;
mod table;
mod view;

pub use baseline::Baseline;
pub(crate) use baseline::{published_baseline, repository_of};
pub use demand::Reach;
pub(crate) use demand::{missing, named};
pub(crate) use diff::diff_report;
pub use diff::{DependencyDiff, DiffReport, DiffSettings, Located, LocatedChange, LocatedProblem};
pub use inputs::{
    Calendar, ContractInput, Demand, Directory, Override, Severities, SourceFile, TagList,
    TagState, Workspace,
};
pub use queries::{Checked, Merged, checked, document, lines, merged, operations_of, tree};
pub(crate) use queries::{drop_answers, drop_findings};
pub use table::InputTable;
pub use view::DbView;

use std::sync::{Arc, Mutex};

use crate::spec::Parts;

pub use crate::root::CONTRACT_FILE;

/// What queries need of the database besides salsa.
#[salsa::db]
pub trait Db: salsa::Database {
    fn inputs(&self) -> &InputTable;
    /// The parts of large texts.
    fn parts(&self) -> &Parts;
}

/// Names of the queries that ran, in order; kept for tests of reuse.
pub type QueryLog = Arc<Mutex<Vec<String>>>;

#[salsa::db]
#[derive(Clone)]
pub struct Database {
    storage: salsa::Storage<Self>,
    inputs: InputTable,
    parts: Parts,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl Db for Database {
    fn inputs(&self) -> &InputTable {
        &self.inputs
    }

    fn parts(&self) -> &Parts {
        &self.parts
    }
}

impl Default for Database {
    fn default() -> Self {
        Database {
            storage: salsa::Storage::new(None),
            inputs: InputTable::default(),
            parts: Parts::default(),
        }
    }
}

impl Database {
    /// A database that writes the name of each query that runs to `log`.
    pub fn with_log(log: QueryLog) -> Self {
        let callback = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                let name = format!("{database_key:?}");
                let name = name.split('(').next().unwrap_or("").to_owned();
                log.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(name);
            }
        };
        Database {
            storage: salsa::Storage::new(Some(Box::new(callback))),
            inputs: InputTable::default(),
            parts: Parts::default(),
        }
    }
}
