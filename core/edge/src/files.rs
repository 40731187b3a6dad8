//! Local files, within bounds: regular text files inside of their bundle.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use pacto_core::Root;
use pacto_core::fact::{Fact, Failure};

use crate::read_regular_text;

/// Upper bounds on the files of a bundle that are listed, and on the depth of its folders.
const MAX_LISTED: usize = 10_000;
const MAX_DEPTH: usize = 32;

/// Where files come from.
pub trait Files: Send + Sync {
    /// The text at `path` of the bundle in `root`.
    fn read(&self, root: &Root, path: &str) -> Fact<Arc<str>>;
    /// The files of the bundle in `root`, as sorted paths from there.
    fn list(&self, root: &Root) -> Fact<Arc<[String]>>;
}

/// The local disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, root: &Root, path: &str) -> Fact<Arc<str>> {
        match read_inside(root, path) {
            Ok(text) => Fact::Ready(text),
            Err(failure) => Fact::Failed(failure),
        }
    }

    fn list(&self, root: &Root) -> Fact<Arc<[String]>> {
        let Some(folder) = root.folder() else { return Fact::Failed(Failure::NotFound) };
        let mut found = Vec::new();
        list_into(Path::new(folder), "", 0, &mut found);
        found.sort();
        Fact::Ready(found.into())
    }
}

fn read_inside(root: &Root, path: &str) -> Result<Arc<str>, Failure> {
    let root = Path::new(root.folder().ok_or(Failure::NotFound)?);
    let full = root.join(path);
    let is_link = |p: &Path| p.symlink_metadata().is_ok_and(|m| m.is_symlink());
    let mut walked = root.to_owned();
    let has_link = Path::new(path).components().any(|part| {
        walked.push(part);
        is_link(&walked)
    });
    if has_link && full.exists() && !stays_inside(root, &full) {
        return Err(Failure::EscapesBundle);
    }
    read_regular_text(&full)
}

fn stays_inside(root: &Path, full: &Path) -> bool {
    match (root.canonicalize(), full.canonicalize()) {
        (Ok(root), Ok(full)) => full.starts_with(root),
        _ => false,
    }
}

fn list_into(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        if found.len() >= MAX_LISTED {
            return;
        }
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        if kind.is_file() {
            found.push(path);
        } else if kind.is_dir() && !name.starts_with('.') && name != "node_modules" {
            // A folder with a contract of its own is another bundle.
            if !entry.path().join("pacto.yaml").exists() {
                list_into(&entry.path(), &path, depth + 1, found);
            }
        }
    }
}

/// The absolute, normalised form of a folder, `/` between parts; links are kept as they are.
pub fn normalise(path: &Path) -> std::io::Result<String> {
    let absolute = std::path::absolute(path)?;
    let mut parts = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                parts.pop();
            }
            Component::CurDir => {}
            part => parts.push(part),
        }
    }
    let text = parts.to_str().ok_or_else(|| std::io::Error::other("the path is not UTF-8"))?;
    Ok(text.replace('\\', "/"))
}

/// Files held in memory, by the name that their root gives them.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<String, String>);

impl Files for MemoryFiles {
    fn read(&self, root: &Root, path: &str) -> Fact<Arc<str>> {
        match self.0.get(&root.file(path)) {
            Some(text) => Fact::Ready(Arc::from(text.as_str())),
            None => Fact::Failed(Failure::NotFound),
        }
    }

    fn list(&self, root: &Root) -> Fact<Arc<[String]>> {
        let inside = self.0.keys().filter_map(|path| root.path_of(path));
        Fact::Ready(inside.map(str::to_owned).collect())
    }
}
