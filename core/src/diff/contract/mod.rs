//! The fields of two contracts (3-diff, "Contract fields").

mod dependencies;
mod differ;
mod forms;
mod interfaces;
mod readiness;
mod runtime;
mod service;

use super::rules::contract as fields;
use crate::value::Value;
use differ::{Differ, pair};

pub use differ::{Content, Named, Ordered, Source};

/// The differences of the fields, and what is to be compared by content.
pub fn compare(old: &Value, new: &Value) -> (Vec<Ordered>, Vec<Content>) {
    let mut differ = Differ { rows: Vec::new(), contents: Vec::new(), new_root: new };
    differ.scalar(fields::PACTO_VERSION, "", pair(old, new, "pactoVersion"));
    differ.service(old, new);
    differ.runtime(pair(old, new, "runtime"));
    differ.interfaces(old, new);
    differ.configurations(old, new);
    differ.policies(old, new);
    differ.dependencies(old, new);
    differ.scaling(pair(old, new, "scaling"));
    differ.readiness(pair(old, new, "readiness"));
    differ.metadata(pair(old, new, "metadata"));
    (differ.rows, differ.contents)
}
