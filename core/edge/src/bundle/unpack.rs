//! Layers of registries → files. Everything in them is hostile until it was checked (5-oci, "Pull
//! and unpacking").

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use pacto_core::fact::{RegistryCode, RegistryFailure};
use tar::{Archive, EntryType};

use super::limits::{Limits, MAX_DEPTH, MAX_PART, MAX_PATH};
use super::{Bundle, human_bytes};

/// Unpacks a layer (gzip, zstd or plain tar) into memory. `reference` is named in errors.
///
/// # Errors
/// `UNSAFE_ARCHIVE`, `TOO_LARGE`, `INVALID_BUNDLE`.
pub fn unpack_to_memory(
    layer: impl Read,
    limits: &Limits,
    reference: &str,
) -> Result<Bundle, RegistryFailure> {
    let mut files = BTreeMap::new();
    unpack(layer, limits, reference, &mut |path, size, content| {
        let mut bytes = Vec::with_capacity(size as usize);
        content.read_to_end(&mut bytes)?;
        let read = bytes.len() as u64;
        files.insert(path.to_owned(), bytes.into());
        Ok(read)
    })?;
    Ok(Bundle { files })
}

/// Unpacks a layer into the empty folder `target`; nothing is ever written outside of it. Returns
/// the number of files.
///
/// # Errors
/// As [`unpack_to_memory`]; what was written by then is left for the caller to remove.
pub fn unpack_to_directory(
    layer: impl Read,
    target: &Path,
    limits: &Limits,
    reference: &str,
) -> Result<usize, RegistryFailure> {
    let mut count = 0;
    unpack(layer, limits, reference, &mut |path, _, content| {
        let full = target.join(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&full)?;
        count += 1;
        let written = io::copy(content, &mut file)?;
        file.flush()?;
        Ok(written)
    })?;
    Ok(count)
}

/// Takes path, announced size and content of a file; returns the bytes that it read.
type Store<'a> = dyn FnMut(&str, u64, &mut dyn Read) -> io::Result<u64> + 'a;

fn unpack(
    layer: impl Read,
    limits: &Limits,
    reference: &str,
    store: &mut Store<'_>,
) -> Result<(), RegistryFailure> {
    let invalid = |cause: String| {
        RegistryFailure::new(
            RegistryCode::InvalidBundle,
            format!("{reference} is not a valid bundle: {cause}"),
        )
    };
    let reader = decompress(layer).map_err(|error| invalid(cause(&error)))?;
    // Headers and padding come on top of the files.
    let overhead = (limits.entries as u64 + 2) * 4 * 1024;
    let mut archive = Archive::new(Capped { inner: reader, left: limits.total + overhead });
    let mut state = State {
        limits,
        reference,
        total: 0,
        files: BTreeSet::new(),
        folders: BTreeSet::new(),
        entries: 0,
    };
    let broken = |error: &io::Error| match error.get_ref().is_some_and(|e| e.is::<PastLimit>()) {
        true => state_too_large(
            reference,
            "the unpacked bundle",
            format!("more than {}", human_bytes(limits.total)),
            human_bytes(limits.total),
            "limits.total",
        ),
        false => invalid(cause(error)),
    };
    for entry in archive.entries().map_err(|error| broken(&error))? {
        let mut entry = entry.map_err(|error| broken(&error))?;
        let Some((path, size)) = state.admit(&mut entry)? else { continue };
        let read = store(&path, size, &mut entry).map_err(|error| broken(&error))?;
        if read != size {
            return Err(invalid(format!("`{path}` has {read} bytes, {size} were announced")));
        }
    }
    let mut rest = archive.into_inner();
    let mut buffer = [0; 4096];
    loop {
        match rest.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) if buffer[..n].iter().all(|byte| *byte == 0) => {}
            Ok(_) => return Err(invalid("there is data after its end".into())),
            Err(error) => return Err(broken(&error)),
        }
    }
    if !state.files.contains("pacto.yaml") {
        return Err(invalid("there is no pacto.yaml at its root".into()));
    }
    Ok(())
}

fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".into(),
        _ => error.to_string(),
    }
}

fn state_too_large(
    reference: &str,
    what: &str,
    found: String,
    limit: String,
    key: &str,
) -> RegistryFailure {
    let failure = RegistryFailure::new(
        RegistryCode::TooLarge,
        format!("{reference}: {what} is {found}, limit {limit}"),
    );
    if key.is_empty() {
        failure
    } else {
        failure.hint(format!("`{key}` in the user configuration raises the limit"))
    }
}

/// What was unpacked so far.
struct State<'a> {
    limits: &'a Limits,
    reference: &'a str,
    total: u64,
    entries: usize,
    files: BTreeSet<String>,
    /// Folders, named or needed by a file.
    folders: BTreeSet<String>,
}

impl State<'_> {
    /// Path and size of a file that may be written; none for a folder.
    fn admit<R: Read>(
        &mut self,
        entry: &mut tar::Entry<'_, R>,
    ) -> Result<Option<(String, u64)>, RegistryFailure> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            let limit = self.limits.entries.to_string();
            return Err(self.too_large(
                "the number of entries",
                format!("more than {limit}"),
                limit,
                "limits.entries",
            ));
        }
        let raw = entry.path_bytes().into_owned();
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            return self.global_header(entry);
        }
        let shown = String::from_utf8_lossy(&raw).into_owned();
        let Ok(name) = String::from_utf8(raw) else {
            return Err(self.is_unsafe(&shown, "its name is not UTF-8"));
        };
        let is_folder = kind.is_dir() || kind.is_file() && name.ends_with('/');
        if !is_folder && !kind.is_file() {
            return Err(self.is_unsafe(&name, what_it_is(kind)));
        }
        let path = self.checked_path(&name, is_folder)?;
        let Some(path) = path else { return Ok(None) };
        if is_folder {
            if self.files.contains(&path) {
                return Err(self.is_unsafe(&name, "a file of that name came before"));
            }
            self.add_folders(&format!("{path}/x"), &name)?;
            return Ok(None);
        }
        if self.folders.contains(&path) {
            return Err(self.is_unsafe(&name, "a folder of that name came before"));
        }
        self.add_folders(&path, &name)?;
        if !self.files.insert(path.clone()) {
            return Err(self.is_unsafe(&name, "it comes twice"));
        }
        let size = entry.size();
        if size > self.limits.file {
            let (found, limit) = (human_bytes(size), human_bytes(self.limits.file));
            return Err(self.too_large(&format!("`{path}`"), found, limit, "limits.file"));
        }
        self.total += size;
        if self.total > self.limits.total {
            let (found, limit) = (human_bytes(self.total), human_bytes(self.limits.total));
            return Err(self.too_large(
                "the unpacked bundle",
                format!("at least {found}"),
                limit,
                "limits.total",
            ));
        }
        Ok(Some((path, size)))
    }

    /// A header for all entries may carry a comment, but neither a path nor a size.
    fn global_header<R: Read>(
        &self,
        entry: &mut tar::Entry<'_, R>,
    ) -> Result<Option<(String, u64)>, RegistryFailure> {
        let mut text = Vec::new();
        let limit = 64 << 10;
        let read = entry.take(limit + 1).read_to_end(&mut text);
        let sets = |key: &str| {
            let needle = format!(" {key}=");
            text.windows(needle.len()).any(|window| window == needle.as_bytes())
        };
        if read.is_err()
            || text.len() as u64 > limit
            || ["path", "linkpath", "size"].iter().any(|key| sets(key))
        {
            return Err(self.is_unsafe(
                "pax_global_header",
                "it is a global header that sets a path or a size",
            ));
        }
        Ok(None)
    }

    fn checked_path(&self, name: &str, is_folder: bool) -> Result<Option<String>, RegistryFailure> {
        let mut rest = name;
        while let Some(stripped) = rest.strip_prefix("./") {
            rest = stripped;
        }
        if is_folder {
            rest = rest.strip_suffix('/').unwrap_or(rest);
            if rest.is_empty() || rest == "." {
                return Ok(None);
            }
        }
        match path_problem(rest) {
            Some(problem) => Err(self.is_unsafe(name, problem)),
            None => Ok(Some(rest.to_owned())),
        }
    }

    /// Notes the folders above `path`.
    fn add_folders(&mut self, path: &str, name: &str) -> Result<(), RegistryFailure> {
        for (at, _) in path.match_indices('/') {
            let folder = &path[..at];
            if self.files.contains(folder) {
                return Err(self.is_unsafe(name, "one of its folders is a file"));
            }
            self.folders.insert(folder.to_owned());
        }
        Ok(())
    }

    fn is_unsafe(&self, name: &str, why: &str) -> RegistryFailure {
        let shown: String = name.chars().take(200).collect();
        RegistryFailure::new(
            RegistryCode::UnsafeArchive,
            format!("{} contains an unsafe entry \"{shown}\": {why}", self.reference),
        )
    }

    fn too_large(&self, what: &str, found: String, limit: String, key: &str) -> RegistryFailure {
        state_too_large(self.reference, what, found, limit, key)
    }
}

fn path_problem(path: &str) -> Option<&'static str> {
    let has_drive =
        path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if path.starts_with('/') || has_drive {
        return Some("its path is absolute");
    }
    if path.contains('\\') {
        return Some("its path has a backslash");
    }
    if path.chars().any(char::is_control) {
        return Some("its path has a control character");
    }
    if path.len() > MAX_PATH {
        return Some("its path is longer than 1,024 bytes");
    }
    if path.split('/').any(|part| part.len() > MAX_PART) {
        return Some("a part of its path is longer than 255 bytes");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("its path has an empty part, `.` or `..`");
    }
    if path.split('/').count() > MAX_DEPTH + 1 {
        return Some("it lies more than 32 folders deep");
    }
    #[cfg(windows)]
    if path.split('/').any(is_reserved_on_windows) {
        return Some("its path is reserved on Windows");
    }
    None
}

#[cfg(windows)]
fn is_reserved_on_windows(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_uppercase();
    let is_device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.as_bytes()[3].is_ascii_digit());
    is_device || part.ends_with(['.', ' ']) || part.contains(['<', '>', ':', '"', '|', '?', '*'])
}

fn what_it_is(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Symlink => "it is a symbolic link",
        EntryType::Link => "it is a hard link",
        EntryType::Char | EntryType::Block => "it is a device",
        EntryType::Fifo => "it is a pipe",
        EntryType::GNUSparse => "it is a sparse file",
        EntryType::Continuous => "it is a contiguous file",
        _ => "it is neither a file nor a folder",
    }
}

/// The tar stream in a layer, whichever way it is compressed.
fn decompress<'r>(layer: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let mut reader = BufReader::with_capacity(64 << 10, layer);
    let magic = io::BufRead::fill_buf(&mut reader)?;
    if magic.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(MultiGzDecoder::new(reader)));
    }
    if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = ruzstd::decoding::StreamingDecoder::new(reader);
        return Ok(Box::new(decoder.map_err(|error| io::Error::other(error.to_string()))?));
    }
    Ok(Box::new(reader))
}

/// Ends with an error instead of reading past a limit.
struct Capped<R> {
    inner: R,
    left: u64,
}

#[derive(Debug)]
struct PastLimit;

impl std::fmt::Display for PastLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is larger than its limit")
    }
}

impl std::error::Error for PastLimit {}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left =
            self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(PastLimit))?;
        Ok(read)
    }
}
