//! Files and folders that are half-made: they go away with their value, or with the process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A file or folder that is removed with this value, or by [`remove_all`].
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(path: PathBuf) -> Scratch {
        unfinished().push(path.clone());
        Scratch(path)
    }

    /// A temporary folder that nobody else can read.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder() -> io::Result<Scratch> {
        Ok(Scratch::new(tempfile::Builder::new().prefix("pacto-").tempdir()?.keep()))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
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

/// Removes what is half-made, then calls `end`, which ends the process: nothing new is begun
/// meanwhile.
pub fn remove_all(end: impl FnOnce()) {
    let paths = unfinished();
    paths.iter().for_each(|path| remove(path));
    end();
}
