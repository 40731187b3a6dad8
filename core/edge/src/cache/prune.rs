//! What is in the cache, and what goes when there is too much.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{BundleRef, Cache, LAYER, MANIFEST, REF, TAGS, TagRef, read_note};

/// Staged files older than this belong to nobody.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// The cache is looked through at most this often by itself.
const AUTOMATIC: Duration = Duration::from_secs(24 * 3600);
/// Folders below the cache's, at most.
const MAX_DEPTH: usize = 40;

/// A bundle in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `host/path:tag`, or `host/path@digest` where no tag names it.
    pub reference: String,
    /// None for a bundle of the published tool.
    pub digest: Option<String>,
    /// Bytes on disk.
    pub size: u64,
    pub last_used: SystemTime,
    dir: PathBuf,
}

/// What pruning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub bundles: usize,
    pub bytes: u64,
}

impl Cache {
    /// All bundles, by reference.
    pub fn entries(&self) -> Vec<Entry> {
        let mut folders = Vec::new();
        collect(self.dir(), 0, &mut folders);
        let mut tagged: Vec<(String, String)> = Vec::new();
        let mut entries = Vec::new();
        for dir in &folders {
            if let Ok(note) = read_note::<TagRef>(&dir.join(REF))
                && note.reference_is_tag()
            {
                tagged.push((note.digest, note.reference));
            }
        }
        for dir in folders {
            let layer = dir.join(LAYER);
            let Ok(metadata) = layer.metadata() else { continue };
            if let Ok(note) = read_note::<BundleRef>(&dir.join(REF)) {
                let names: Vec<&String> = tagged
                    .iter()
                    .filter(|(digest, _)| *digest == note.digest)
                    .map(|(_, name)| name)
                    .collect();
                let repository = note.reference.split('@').next().unwrap_or("");
                let named = names.into_iter().filter(|name| name.starts_with(repository));
                let mut references: Vec<String> = named.cloned().collect();
                references.sort();
                let manifest = dir.join(MANIFEST).metadata().map_or(0, |m| m.len());
                entries.push(Entry {
                    reference: if references.is_empty() {
                        note.reference
                    } else {
                        references.join(", ")
                    },
                    digest: Some(note.digest),
                    size: metadata.len() + manifest,
                    last_used: time_of(&dir.join(REF)),
                    dir,
                });
            } else if !dir.join(REF).exists() {
                let shown = dir.strip_prefix(self.dir()).unwrap_or(&dir);
                let shown = shown.display().to_string();
                let reference =
                    shown.rsplit_once('/').map_or(shown.clone(), |(a, b)| format!("{a}:{b}"));
                let last_used = time_of(&layer);
                entries.push(Entry {
                    reference,
                    digest: None,
                    size: metadata.len(),
                    last_used,
                    dir,
                });
            }
        }
        entries.sort_by(|a, b| (&a.reference, &a.digest).cmp(&(&b.reference, &b.digest)));
        entries
    }

    /// Removes the bundles that were used least lately until at most `max_size` bytes are left;
    /// `None` when another process is at work here.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn prune(&self, max_size: u64) -> io::Result<Option<Pruned>> {
        let Some(_lock) = self.exclusive()? else { return Ok(None) };
        self.remove_stale();
        let mut entries = self.entries();
        entries.sort_by_key(|entry| entry.last_used);
        let mut left: u64 = entries.iter().map(|entry| entry.size).sum();
        let mut pruned = Pruned::default();
        for entry in entries {
            if left <= max_size {
                break;
            }
            left -= entry.size;
            pruned.bundles += 1;
            pruned.bytes += entry.size;
            self.remove(&entry);
        }
        self.remove_dead_tags();
        let _ = fs::write(self.dir().join(".pruned"), "");
        Ok(Some(pruned))
    }

    /// Prunes if that was not done for a day.
    pub fn prune_sometimes(&self, max_size: u64) {
        let mark = self.dir().join(".pruned");
        match mark.metadata().and_then(|metadata| metadata.modified()) {
            Ok(time) if time.elapsed().is_ok_and(|age| age < AUTOMATIC) => return,
            Ok(_) => {}
            // A cache that is new is looked through when it is a day old.
            Err(_) => return drop(fs::write(mark, "")),
        }
        if let Err(error) = self.prune(max_size) {
            tracing::debug!(target: "pacto", "cache: {error}");
        }
    }

    /// Removes the bundles whose reference `is_meant` picks, and what is known of their tags;
    /// `None` when another process is at work here.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn clean(&self, is_meant: impl Fn(&str) -> bool) -> io::Result<Option<Pruned>> {
        let Some(_lock) = self.exclusive()? else { return Ok(None) };
        let mut pruned = Pruned::default();
        let mut folders = Vec::new();
        collect(self.dir(), 0, &mut folders);
        for entry in self.entries() {
            let names = entry.reference.split(", ");
            let own = read_note::<BundleRef>(&entry.dir.join(REF)).ok().map(|note| note.reference);
            if names.into_iter().any(&is_meant) || own.is_some_and(|own| is_meant(&own)) {
                pruned.bundles += 1;
                pruned.bytes += entry.size;
                self.remove(&entry);
            }
        }
        for dir in folders {
            if let Ok(note) = read_note::<TagRef>(&dir.join(REF))
                && note.reference_is_tag()
                && is_meant(&note.reference)
            {
                self.remove_files(&dir, &[REF, LAYER]);
            }
            let shown = dir.strip_prefix(self.dir()).map(|path| path.display().to_string());
            if dir.join(TAGS).exists() && shown.is_ok_and(|shown| is_meant(&shown)) {
                self.remove_files(&dir, &[TAGS]);
            }
        }
        self.remove_dead_tags();
        Ok(Some(pruned))
    }

    fn remove(&self, entry: &Entry) {
        self.remove_files(&entry.dir, &[REF, MANIFEST, LAYER]);
    }

    /// Removes files of a folder, and the folders that are empty then. The note goes first, so that
    /// what is left of an interrupted removal is not an entry. A folder is never removed with content:
    /// it may be the parent of another repository.
    fn remove_files(&self, dir: &Path, names: &[&str]) {
        for name in names {
            let _ = fs::remove_file(dir.join(name));
        }
        let mut folder = dir;
        while folder != self.dir() && fs::remove_dir(folder).is_ok() {
            let Some(parent) = folder.parent() else { break };
            folder = parent;
        }
    }

    /// Tags whose bundle is gone, with the link to it.
    fn remove_dead_tags(&self) {
        let mut folders = Vec::new();
        collect(self.dir(), 0, &mut folders);
        let digests: BTreeSet<String> = folders
            .iter()
            .filter_map(|dir| read_note::<BundleRef>(&dir.join(REF)).ok())
            .map(|note| note.reference)
            .collect();
        for dir in folders {
            let Ok(note) = read_note::<TagRef>(&dir.join(REF)) else { continue };
            if !note.reference_is_tag() {
                continue;
            }
            let repository =
                note.reference.rsplit_once(':').map_or("", |(repository, _)| repository);
            if !digests.contains(&format!("{repository}@{}", note.digest))
                && dir.join(LAYER).exists()
            {
                self.remove_files(&dir, &[REF, LAYER]);
            }
        }
    }

    fn remove_stale(&self) {
        let Ok(staged) = fs::read_dir(self.dir().join(".tmp")) else { return };
        for entry in staged.flatten() {
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            if modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > STALE)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl TagRef {
    /// A digest's note has these fields, too.
    fn reference_is_tag(&self) -> bool {
        !self.reference.contains('@')
    }
}

fn time_of(path: &Path) -> SystemTime {
    path.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// All folders below, without staging.
fn collect(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if depth > MAX_DEPTH {
        return;
    }
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), depth + 1, found);
            found.push(entry.path());
        }
    }
}
