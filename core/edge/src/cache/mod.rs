//! Bundles on this machine: verified whenever they are read, whole or not there, safe for many
//! processes at once (5-oci, "Cache").

mod prune;

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pacto_core::fact::Failure;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::bundle::artifact::{Descriptor, Manifest, bundle_layer};
use crate::bundle::{format_digest, sha256};
use crate::{open_regular, read_plain_text, read_regular};

pub use prune::{Entry, Pruned};

const LAYOUT: &str = "1";
const TAG_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Bundles of pacto; made anew when they are needed.\n";
const REF: &str = "ref.json";
const MANIFEST: &str = "manifest.json";
const LAYER: &str = "bundle.tar.gz";
const TAGS: &str = ".tags.json";
/// Use is recorded at most this often.
const TOUCH_INTERVAL: Duration = Duration::from_secs(3600);
/// Larger notes of ours are none.
const MAX_NOTE: u64 = 8 << 20;
/// Upper bound on a manifest.
const MAX_MANIFEST: u64 = 4 << 20;

/// `ref.json` of a digest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BundleRef {
    #[serde(rename = "ref")]
    reference: String,
    digest: String,
    layer_digest: String,
    size: u64,
}

/// `ref.json` of a tag.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TagRef {
    #[serde(rename = "ref")]
    reference: String,
    digest: String,
    /// Seconds since 1970.
    checked_at: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TagNote {
    tags: Vec<String>,
    checked_at: u64,
}

/// Something that was known once, and when, in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered<T> {
    pub value: T,
    pub checked_at: u64,
}

impl<T> Remembered<T> {
    /// How long ago it was checked, for people: `3 h ago`.
    pub fn age(&self) -> String {
        let seconds = now().saturating_sub(self.checked_at);
        match seconds {
            0..=59 => "just now".into(),
            60..=3_599 => format!("{} min ago", seconds / 60),
            3_600..=86_399 => format!("{} h ago", seconds / 3_600),
            _ => format!("{} d ago", seconds / 86_400),
        }
    }
}

/// What reading a digest entry came to.
pub enum Cached {
    /// The layer, open at its start.
    Hit {
        layer: File,
        manifest: Manifest,
    },
    Miss,
    /// It did not match its digest, and was removed.
    Damaged {
        expected: String,
        found: String,
    },
}

/// A cache folder.
#[derive(Clone, Debug)]
pub struct Cache {
    dir: PathBuf,
}

impl Cache {
    /// The cache in `dir`, made if it is not there.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(dir: &Path) -> io::Result<Cache> {
        create_private(dir)?;
        let version = dir.join(".version");
        let dir = match read_plain_text(&version, MAX_NOTE) {
            Ok(text) if text.trim() != LAYOUT => dir.join(format!("v{LAYOUT}")),
            _ => dir.to_owned(),
        };
        create_private(&dir.join(".tmp"))?;
        for (name, text) in [("CACHEDIR.TAG", TAG_TEXT), (".version", LAYOUT)] {
            if !dir.join(name).exists() {
                fs::write(dir.join(name), text)?;
            }
        }
        Ok(Cache { dir })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file to write to before it is known whether it is whole.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn temporary(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.dir.join(".tmp"))
    }

    /// Holds pruning off while it lives; taken for moments, never over a wait for the network.
    fn shared(&self) -> io::Result<File> {
        let lock = self.lock_file()?;
        lock.lock_shared()?;
        Ok(lock)
    }

    /// Keeps everybody else out, if nobody is there now.
    fn exclusive(&self) -> io::Result<Option<File>> {
        let lock = self.lock_file()?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn lock_file(&self) -> io::Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(self.dir.join(".lock"))
    }

    /// As the published tool lays it out: each `:` of a reference becomes `/`.
    fn place(&self, reference: &str) -> PathBuf {
        self.dir.join(reference.replace(':', "/"))
    }

    fn bundle_dir(&self, repository: &str, digest: &str) -> PathBuf {
        self.place(&format!("{repository}@{digest}"))
    }

    fn tag_dir(&self, repository: &str, tag: &str) -> PathBuf {
        self.place(&format!("{repository}:{tag}"))
    }

    /// The bundle of a digest, verified: manifest against the digest, layer against the manifest.
    pub fn bundle(&self, repository: &str, digest: &str) -> Cached {
        match self.read_bundle(repository, digest) {
            Ok(cached) => cached,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::debug!(target: "pacto", "cache: {repository}@{digest}: {error}");
                }
                Cached::Miss
            }
        }
    }

    fn read_bundle(&self, repository: &str, digest: &str) -> io::Result<Cached> {
        let dir = self.bundle_dir(repository, digest);
        // Asked before the lock, which a miss need not take.
        if !dir.join(REF).exists() {
            return Ok(Cached::Miss);
        }
        let lock = self.shared()?;
        let note: BundleRef = read_note(&dir.join(REF))?;
        let reference = format!("{repository}@{digest}");
        if note.reference != reference {
            return Ok(Cached::Miss);
        }
        let bytes = read_regular(&dir.join(MANIFEST), MAX_MANIFEST)
            .map_err(|failure| io::Error::other(failure.to_string()))?;
        let mut layer = open_regular(&dir.join(LAYER))
            .map_err(|failure| io::Error::other(failure.to_string()))?;
        drop(lock);
        let damaged = |expected: &str, found: String| {
            self.remove_bundle(&dir);
            Ok(Cached::Damaged { expected: expected.to_owned(), found })
        };
        let found = sha256(&bytes);
        if found != digest {
            return damaged(digest, found);
        }
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
        let descriptor = bundle_layer(&manifest, &reference).map_err(io::Error::other)?;
        let found = hash(&mut layer)?;
        if found != descriptor.digest {
            return damaged(&descriptor.digest.clone(), found);
        }
        layer.rewind()?;
        touch(&dir.join(REF));
        Ok(Cached::Hit { layer, manifest })
    }

    fn remove_bundle(&self, dir: &Path) {
        if let Ok(_lock) = self.shared() {
            for name in [REF, MANIFEST, LAYER] {
                let _ = fs::remove_file(dir.join(name));
            }
        }
    }

    /// Keeps a bundle. Entries are immutable, so that a lost race is harmless.
    ///
    /// # Errors
    /// The folder cannot be written; the bundle is as good without it.
    pub fn store(
        &self,
        repository: &str,
        (digest, manifest): (&str, &[u8]),
        descriptor: &Descriptor,
        layer: NamedTempFile,
    ) -> io::Result<()> {
        let dir = self.bundle_dir(repository, digest);
        let mut staged = self.temporary()?;
        // Nothing is synced: what a power cut spoils is found out when it is read, and fetched anew.
        staged.write_all(manifest)?;
        let note = BundleRef {
            reference: format!("{repository}@{digest}"),
            digest: digest.to_owned(),
            layer_digest: descriptor.digest.clone(),
            size: descriptor.size,
        };
        let note = self.staged_note(&note)?;
        let _lock = self.shared()?;
        create_private(&dir)?;
        staged.persist(dir.join(MANIFEST)).map_err(|error| error.error)?;
        layer.persist(dir.join(LAYER)).map_err(|error| error.error)?;
        // The note last: an entry exists only when it is whole.
        note.persist(dir.join(REF)).map_err(|error| error.error)?;
        Ok(())
    }

    fn staged_note(&self, note: &impl Serialize) -> io::Result<NamedTempFile> {
        let mut file = self.temporary()?;
        serde_json::to_writer(&mut file, note)?;
        file.write_all(b"\n")?;
        Ok(file)
    }

    /// The digest that a tag had when it was last asked for.
    pub fn tag(&self, repository: &str, tag: &str) -> Option<Remembered<String>> {
        let note: TagRef = read_note(&self.tag_dir(repository, tag).join(REF)).ok()?;
        let is_this = note.reference == format!("{repository}:{tag}");
        is_this.then_some(Remembered { value: note.digest, checked_at: note.checked_at })
    }

    /// Notes what a tag means, and links its bundle there for the published tool.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn set_tag(&self, repository: &str, tag: &str, digest: &str) -> io::Result<()> {
        let known = self.tag(repository, tag);
        let dir = self.tag_dir(repository, tag);
        let layer = self.bundle_dir(repository, digest).join(LAYER);
        let is_same = known.as_ref().is_some_and(|known| known.value == digest);
        let is_fresh = known.is_some_and(|known| now().saturating_sub(known.checked_at) < 60);
        if is_same && is_fresh && (dir.join(LAYER).exists() || !layer.exists()) {
            return Ok(());
        }
        let note = TagRef {
            reference: format!("{repository}:{tag}"),
            digest: digest.to_owned(),
            checked_at: now(),
        };
        let note = self.staged_note(&note)?;
        let _lock = self.shared()?;
        create_private(&dir)?;
        note.persist(dir.join(REF)).map_err(|error| error.error)?;
        if layer.exists() && !(is_same && dir.join(LAYER).exists()) {
            // A link cannot replace a file, so that it is made beside and renamed.
            let staged = self.temporary()?.into_temp_path();
            let _ = fs::remove_file(&staged);
            if fs::hard_link(&layer, &staged).is_err() {
                fs::copy(&layer, &staged)?;
            }
            fs::rename(&staged, dir.join(LAYER))?;
        }
        Ok(())
    }

    /// The layer that the published tool keeps for a tag, which nothing vouches for.
    pub fn unverified(&self, repository: &str, tag: &str) -> Option<PathBuf> {
        let dir = self.tag_dir(repository, tag);
        let layer = dir.join(LAYER);
        (!dir.join(REF).exists() && layer.is_file()).then_some(layer)
    }

    /// The tags of a repository when they were last listed.
    pub fn tags(&self, repository: &str) -> Option<Remembered<Vec<String>>> {
        let note: TagNote = read_note(&self.place(repository).join(TAGS)).ok()?;
        Some(Remembered { value: note.tags, checked_at: note.checked_at })
    }

    /// Notes the tags of a repository.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn set_tags(&self, repository: &str, tags: &[String]) -> io::Result<()> {
        let note = self.staged_note(&TagNote { tags: tags.to_vec(), checked_at: now() })?;
        let _lock = self.shared()?;
        let dir = self.place(repository);
        create_private(&dir)?;
        note.persist(dir.join(TAGS)).map_err(|error| error.error)?;
        Ok(())
    }

    /// The tags of a repository that have something here.
    pub fn known_tags(&self, repository: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.place(repository)) else { return Vec::new() };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut tags: Vec<String> = names
            .filter(|name| {
                self.tag(repository, name).is_some() || self.unverified(repository, name).is_some()
            })
            .collect();
        tags.sort();
        tags
    }
}

fn hash(file: &mut File) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(64 << 10, file);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(format_digest(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

fn read_note<T: for<'de> Deserialize<'de>>(path: &Path) -> io::Result<T> {
    let text = read_plain_text(path, MAX_NOTE).map_err(|failure| match failure {
        Failure::NotFound => io::ErrorKind::NotFound.into(),
        failure => io::Error::other(failure.to_string()),
    })?;
    serde_json::from_str(&text).map_err(io::Error::other)
}

fn touch(path: &Path) {
    let Ok(file) = File::options().append(true).open(path) else { return };
    let is_recent = file
        .metadata()
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|time| time.elapsed().is_ok_and(|age| age < TOUCH_INTERVAL));
    if !is_recent {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// A folder, and those above it, that nobody else may read.
fn create_private(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
