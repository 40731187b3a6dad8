//! Requests that wait for their answer.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// Whoever takes an id out of here may answer it: the lane that ran the request, or a cancellation.
#[derive(Clone, Default)]
pub(crate) struct Pending(Arc<Mutex<HashSet<String>>>);

impl Pending {
    pub(crate) fn start(&self, id: &Value) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(id.to_string());
    }

    /// Whether the request was still waiting.
    pub(crate) fn finish(&self, id: &Value) -> bool {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).remove(&id.to_string())
    }

    pub(crate) fn is_waiting(&self, id: &Value) -> bool {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).contains(&id.to_string())
    }
}
