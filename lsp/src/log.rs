//! The log of the server.

use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A log that never fails and never blocks who writes to it for long.
#[derive(Clone, Default)]
pub(crate) struct Log(Option<Arc<Mutex<File>>>);

impl Log {
    /// A log in a file; nowhere without one.
    pub(crate) fn new(file: Option<File>) -> Log {
        Log(file.map(|file| Arc::new(Mutex::new(file))))
    }

    pub(crate) fn line(&self, text: &str) {
        if let Some(file) = &self.0 {
            let mut file = file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let _ = writeln!(file, "{text}");
        }
    }
}
