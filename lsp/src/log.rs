//! The log of the server.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::str::FromStr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

/// How much is logged: lines of a level and of all above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Off,
    /// Faults of the server itself.
    Error,
    /// What the client, the disk, git or a setting did wrong.
    Warning,
    #[default]
    Info,
    /// Each message, and how long it took.
    Debug,
}

impl Level {
    pub const ALL: [Level; 5] =
        [Level::Off, Level::Error, Level::Warning, Level::Info, Level::Debug];

    pub fn text(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Level, String> {
        let found = Level::ALL.into_iter().find(|level| level.text() == text);
        found.ok_or_else(|| {
            let all: Vec<&str> = Level::ALL.map(Level::text).into();
            format!("expected one of {}", all.join(", "))
        })
    }
}

/// Upper bound on the lines that are kept for who asks how the server is.
const MAX_RECENT: usize = 20;

/// A log that never fails and never blocks who writes to it for long.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Shared>);

#[derive(Default)]
struct Shared {
    file: Option<Mutex<File>>,
    level: AtomicU8,
    /// The last errors and warnings, newest last, whether there is a file or not.
    recent: Mutex<VecDeque<String>>,
}

impl Log {
    /// A log in a file; nowhere without one.
    pub(crate) fn new(file: Option<File>, level: Level) -> Log {
        let level = AtomicU8::new(level as u8);
        Log(Arc::new(Shared { file: file.map(Mutex::new), level, recent: Mutex::default() }))
    }

    pub(crate) fn set_level(&self, level: Level) {
        self.0.level.store(level as u8, Ordering::Relaxed);
    }

    /// Whether a line of a level would be written.
    pub(crate) fn takes(&self, level: Level) -> bool {
        self.0.file.is_some() && level as u8 <= self.0.level.load(Ordering::Relaxed)
    }

    /// The last errors and warnings, newest last.
    pub(crate) fn recent(&self) -> Vec<String> {
        let recent = self.0.recent.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        recent.iter().cloned().collect()
    }

    pub(crate) fn error(&self, text: &str) {
        self.line(Level::Error, text);
    }

    pub(crate) fn warning(&self, text: &str) {
        self.line(Level::Warning, text);
    }

    pub(crate) fn info(&self, text: &str) {
        self.line(Level::Info, text);
    }

    pub(crate) fn debug(&self, text: &str) {
        self.line(Level::Debug, text);
    }

    fn line(&self, level: Level, text: &str) {
        let line = format!("{:7} {text}", level.text());
        if level <= Level::Warning {
            let mut recent = self.0.recent.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            if recent.len() == MAX_RECENT {
                recent.pop_front();
            }
            // A panic has its backtrace in the file.
            recent.push_back(line.lines().next().unwrap_or_default().to_owned());
        }
        if let Some(file) = self.0.file.as_ref().filter(|_| self.takes(level)) {
            let mut file = file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let _ = writeln!(file, "{line}");
        }
    }
}
