//! Which files of a folder belong to its bundle (5-oci, "Packing").

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use pacto_core::fact::{Failure, RegistryCode, RegistryFailure};

use super::Bundle;
use super::human_bytes;
use super::ignore::{IGNORE_FILE, Ignored, Ignores, is_secret};
use super::limits::{Limits, MAX_DEPTH, MAX_PART, MAX_PATH};
use crate::{read_plain_text, read_regular};

const CONTRACT: &str = "pacto.yaml";
/// Upper bound on the file with a bundle's own patterns.
const MAX_PATTERNS: u64 = 1 << 20;
/// The folders that contracts speak of.
const KNOWN_FOLDERS: [&str; 6] =
    ["interfaces", "configuration", "policy", "docs", "sbom", "values"];

/// The files of a bundle, and what is worth saying about the choice.
#[derive(Debug)]
pub struct Selection {
    pub bundle: Bundle,
    /// What was left out, sorted; a folder ends in `/`.
    pub ignored: Vec<String>,
    /// Sentences for people.
    pub notes: Vec<String>,
}

/// Collects the files of the bundle in `root`. `contract` is the text that is packed as
/// `pacto.yaml`, `named` the files that it names, `name` the service.
///
/// # Errors
/// `TOO_LARGE` past a limit, `INVALID_BUNDLE` for what cannot be packed.
pub fn select(
    root: &Path,
    contract: &str,
    named: &BTreeSet<String>,
    name: Option<&str>,
    limits: &Limits,
) -> Result<Selection, RegistryFailure> {
    let own = match read_plain_text(&root.join(IGNORE_FILE), MAX_PATTERNS) {
        Ok(text) => text,
        Err(Failure::NotFound) => String::new(),
        Err(failure) => return Err(invalid(format!("{IGNORE_FILE}: {failure}"))),
    };
    let ignores = Ignores::new(root, name, &own).map_err(invalid)?;
    let real_root = root.canonicalize().map_err(|error| invalid(error.to_string()))?;
    let mut walk = Walk {
        root: real_root,
        ignores,
        own,
        named,
        limits,
        files: BTreeMap::new(),
        total: 0,
        ignored: Vec::new(),
        secrets: Vec::new(),
    };
    walk.add(CONTRACT, contract.as_bytes().to_vec())?;
    walk.folder("", 0)?;
    if let Some(missing) = named.iter().find(|path| !walk.files.contains_key(*path)) {
        return Err(invalid(format!("the contract names `{missing}`, which is not there")));
    }
    walk.ignored.sort();
    let notes = walk.notes();
    Ok(Selection { bundle: Bundle { files: walk.files }, ignored: walk.ignored, notes })
}

fn invalid(message: impl Into<String>) -> RegistryFailure {
    RegistryFailure::new(RegistryCode::InvalidBundle, message)
}

fn too_large(what: &str, found: String, limit: String, key: &str) -> RegistryFailure {
    let message = format!("{what} is {found}, limit {limit}");
    let failure = RegistryFailure::new(RegistryCode::TooLarge, message);
    if key.is_empty() {
        return failure;
    }
    failure.hint(format!(
        "leave files out with {IGNORE_FILE}; `{key}` in the user configuration raises the limit"
    ))
}

struct Walk<'a> {
    root: std::path::PathBuf,
    ignores: Ignores,
    own: String,
    named: &'a BTreeSet<String>,
    limits: &'a Limits,
    files: BTreeMap<String, Arc<[u8]>>,
    total: u64,
    ignored: Vec<String>,
    secrets: Vec<String>,
}

impl Walk<'_> {
    fn folder(&mut self, prefix: &str, depth: usize) -> Result<(), RegistryFailure> {
        if depth > MAX_DEPTH {
            return Err(too_large(
                &format!("the depth of `{prefix}`"),
                depth.to_string(),
                MAX_DEPTH.to_string(),
                "",
            ));
        }
        let folder = self.root.join(prefix);
        let fail = |error: std::io::Error| invalid(format!("{}: {error}", folder.display()));
        let entries = fs::read_dir(&folder).map_err(fail)?;
        for entry in entries {
            let entry = entry.map_err(fail)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(invalid(format!("`{}` is not a UTF-8 name", name.to_string_lossy())));
            };
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type().map_err(fail)?;
            self.entry(&path, kind, depth)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        path: &str,
        kind: fs::FileType,
        depth: usize,
    ) -> Result<(), RegistryFailure> {
        if path == CONTRACT {
            return Ok(());
        }
        let is_dir = kind.is_dir();
        let prefix = format!("{path}/");
        let is_named = self.named.contains(path)
            || is_dir && self.named.iter().any(|named| named.starts_with(&prefix));
        match self.ignores.matched(path, is_dir, &self.own) {
            Some(Ignored::Own { pattern, line }) if is_named => {
                let what = if is_dir { "a file in" } else { "" };
                let message = format!(
                    "{IGNORE_FILE}:{line}: the pattern `{pattern}` leaves out {what}`{path}`, which the contract names"
                );
                return Err(invalid(message.replace("a file in`", "a file in `")));
            }
            Some(_) if !is_named => {
                if is_secret(path) && kind.is_file() {
                    self.secrets.push(path.to_owned());
                }
                self.ignored.push(if is_dir { prefix } else { path.to_owned() });
                return Ok(());
            }
            _ => {}
        }
        check_name(path)?;
        if is_dir {
            return self.folder(path, depth + 1);
        }
        let full = self.root.join(path);
        if kind.is_symlink() {
            self.check_link(path, &full)?;
        } else if !kind.is_file() {
            return Err(invalid(format!(
                "`{path}` is a device, a socket or a pipe; bundles hold regular files"
            )));
        }
        let size = fs::metadata(&full).map_err(|e| invalid(format!("{path}: {e}")))?.len();
        if size > self.limits.file {
            let (found, limit) = (human_bytes(size), human_bytes(self.limits.file));
            return Err(too_large(&format!("`{path}`"), found, limit, "limits.file"));
        }
        let bytes = read_regular(&full, self.limits.file)
            .map_err(|failure| invalid(format!("{path}: {failure}")))?;
        self.add(path, bytes)
    }

    /// A link may lead to a regular file of the same bundle, and is packed as that file.
    fn check_link(&self, path: &str, full: &Path) -> Result<(), RegistryFailure> {
        let target = fs::read_link(full).map_or("?".into(), |target| target.display().to_string());
        let bad = |why: &str| Err(invalid(format!("`{path}` is a link to `{target}`, {why}")));
        match full.canonicalize() {
            Err(_) => bad("which is not there"),
            Ok(real) if !real.starts_with(&self.root) => bad("which lies outside of the bundle"),
            Ok(real) if !real.is_file() => bad("which is not a regular file"),
            Ok(_) => Ok(()),
        }
    }

    fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), RegistryFailure> {
        let size = bytes.len() as u64;
        if size > self.limits.file {
            let (found, limit) = (human_bytes(size), human_bytes(self.limits.file));
            return Err(too_large(&format!("`{path}`"), found, limit, "limits.file"));
        }
        self.total += size;
        if self.total > self.limits.total {
            let (found, limit) = (human_bytes(self.total), human_bytes(self.limits.total));
            return Err(too_large(
                "the bundle",
                format!("at least {found}"),
                limit,
                "limits.total",
            ));
        }
        self.files.insert(path.to_owned(), bytes.into());
        if self.files.len() > self.limits.entries {
            let limit = self.limits.entries.to_string();
            return Err(too_large(
                "the number of files",
                format!("more than {limit}"),
                limit,
                "limits.entries",
            ));
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for path in &self.secrets {
            notes.push(format!("note: {path} looks like a secret and was left out"));
        }
        let mut by_lower: BTreeMap<String, &String> = BTreeMap::new();
        for path in self.files.keys() {
            if let Some(other) = by_lower.insert(path.to_lowercase(), path) {
                notes.push(format!("warning: `{other}` and `{path}` differ in case only"));
            }
        }
        let is_known = |path: &&String| {
            let first = path.split('/').next().unwrap_or("");
            *path == CONTRACT
                || self.named.contains(*path)
                || path.contains('/') && KNOWN_FOLDERS.contains(&first)
        };
        let outside: Vec<&String> = self.files.keys().filter(|path| !is_known(path)).collect();
        if !outside.is_empty() {
            let mut tops: Vec<String> = Vec::new();
            for path in &outside {
                let top = match path.split_once('/') {
                    Some((folder, _)) => format!("{folder}/"),
                    None => (*path).clone(),
                };
                if !tops.contains(&top) {
                    tops.push(top);
                }
            }
            let more = if tops.len() > 3 { ", …" } else { "" };
            tops.truncate(3);
            notes.push(format!(
                "note: bundle includes {} file(s) outside the contract's directories ({}{more}); list them in {IGNORE_FILE}",
                outside.len(),
                tops.join(", ")
            ));
        }
        notes
    }
}

fn check_name(path: &str) -> Result<(), RegistryFailure> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return Err(invalid(format!(
            "`{}` has a backslash or a control character in its name",
            path.escape_debug()
        )));
    }
    if path.len() > MAX_PATH || name.len() > MAX_PART {
        return Err(too_large(
            &format!("the path `{path}`"),
            format!("{} bytes", path.len()),
            format!("{MAX_PATH} bytes, {MAX_PART} a part"),
            "",
        ));
    }
    Ok(())
}
