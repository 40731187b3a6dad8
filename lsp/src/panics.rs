//! Panics end one piece of work, never the server.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::log::Log;

/// Writes what a panic said to the log. Returns the number under which it stands there.
pub(crate) fn report(log: &Log, what: &str, payload: &(dyn Any + Send)) -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    log.error(&format!("internal error {number} in {what}: {text}"));
    number
}
