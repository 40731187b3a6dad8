//! The database: salsa's storage and the table of inputs.

use std::sync::{Arc, Mutex};

use super::kept::KeptTable;
use super::table::InputTable;
use crate::spec::Parts;

/// What queries need of the database besides salsa.
#[salsa::db]
pub trait Db: salsa::Database {
    fn inputs(&self) -> &InputTable;
    /// The parts of large texts.
    fn parts(&self) -> &Parts;
    /// What comparisons of large documents leave for the next.
    fn kept(&self) -> &KeptTable;
}

/// Names of the queries that ran, in order; kept for tests of reuse.
pub type QueryLog = Arc<Mutex<Vec<String>>>;

#[salsa::db]
#[derive(Clone)]
pub struct Database {
    storage: salsa::Storage<Self>,
    inputs: InputTable,
    parts: Parts,
    kept: KeptTable,
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

    fn kept(&self) -> &KeptTable {
        &self.kept
    }
}

impl Default for Database {
    fn default() -> Self {
        Database {
            storage: salsa::Storage::new(None),
            inputs: InputTable::default(),
            parts: Parts::default(),
            kept: KeptTable::default(),
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
            kept: KeptTable::default(),
        }
    }
}
