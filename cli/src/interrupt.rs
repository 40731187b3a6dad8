//! Ctrl-C and SIGTERM: what is half-made goes away before the process does.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A file or folder that goes away with this value, or with the process when a signal ends it.
#[derive(Debug)]
pub struct Unfinished(PathBuf);

impl Unfinished {
    pub fn new(path: PathBuf) -> Unfinished {
        unfinished().push(path.clone());
        Unfinished(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.0);
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => drop(std::fs::remove_dir_all(path)),
        Ok(_) => drop(std::fs::remove_file(path)),
        Err(_) => {}
    }
}

/// How a signal ends the process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// 130 or 143: the work was cut off.
    CutOff,
    /// 0: servers are meant to be ended so.
    Server,
}

/// Listens for signals from now on.
#[cfg(unix)]
pub fn listen(ending: Ending) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held until the end, so that nothing new is begun.
            let paths = unfinished();
            paths.iter().for_each(|path| remove(path));
            std::process::exit(match ending {
                Ending::CutOff => 128 + signal,
                Ending::Server => 0,
            });
        }
    });
}

#[cfg(not(unix))]
pub fn listen(_: Ending) {}
