//! Files of plugins: all paths are checked before the first byte is written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pacto_edge::read_regular;
use pacto_edge::session::{Code, Error};

use super::protocol::File;
use crate::output::write_atomically;

/// Upper bound on the files.
const MAX_FILES: usize = 10_000;

/// A file that was written, or would be.
#[derive(Debug)]
pub struct Written {
    pub path: String,
    pub size: usize,
    pub changed: bool,
}

/// A checked file.
pub struct Checked {
    pub path: String,
    full: PathBuf,
    bytes: Vec<u8>,
    mode: Option<u32>,
}

/// Checks the paths and contents of a plugin's files.
///
/// # Errors
/// The first one that is not to be written.
pub fn check(files: Vec<File>, target: &Path, is_forced: bool) -> Result<Vec<Checked>, Error> {
    let fail = |message: String| Error::new(Code::Plugin, message);
    if files.len() > MAX_FILES {
        return Err(fail(format!(
            "the plugin made {} files; at most {MAX_FILES} are written",
            files.len()
        )));
    }
    let mut seen = BTreeSet::new();
    let mut checked = Vec::new();
    for file in files {
        let shown = pacto_core::report::sanitise(&file.path).into_owned();
        let escapes = || fail(format!("plugin file path \"{shown}\" escapes output directory"));
        if !is_plain(&file.path) || leaves_by_link(target, &file.path) {
            return Err(escapes());
        }
        if !seen.insert(file.path.to_lowercase()) {
            return Err(fail(format!("plugin file path \"{shown}\" comes twice")));
        }
        if !is_forced && is_of_a_bundle(target, &file.path) {
            return Err(fail(format!(
                "plugin file \"{shown}\" would overwrite a file of the bundle"
            ))
            .hint("--force writes it; --output DIR names another folder"));
        }
        let bytes = match file.encoding.as_deref() {
            None | Some("" | "utf-8") => file.content.into_bytes(),
            Some("base64") => STANDARD
                .decode(file.content.trim())
                .map_err(|_| fail(format!("plugin file \"{shown}\" is not base64")))?,
            Some(other) => {
                return Err(fail(format!(
                    "plugin file \"{shown}\" has the unknown encoding {other}"
                )));
            }
        };
        let mode = match &file.mode {
            None => None,
            Some(text) => match u32::from_str_radix(text, 8) {
                Ok(mode @ (0o644 | 0o755 | 0o600 | 0o700)) => Some(mode),
                _ => {
                    return Err(fail(format!(
                        "plugin file \"{shown}\" has the mode {text}; 0644 and 0755 are written"
                    )));
                }
            },
        };
        checked.push(Checked { full: target.join(&file.path), path: file.path, bytes, mode });
    }
    Ok(checked)
}

/// A relative path with `/` between ordinary parts.
fn is_plain(path: &str) -> bool {
    let has_drive = path.as_bytes().get(1) == Some(&b':');
    !path.is_empty()
        && path.len() <= 1024
        && !has_drive
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether a link on the way leads out of the folder.
fn leaves_by_link(target: &Path, path: &str) -> bool {
    let Ok(real) = target.canonicalize() else { return false };
    let mut at = target.to_owned();
    for part in path.split('/') {
        at.push(part);
        let is_link = at.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        if is_link && !at.canonicalize().is_ok_and(|to| to.starts_with(&real)) {
            return true;
        }
    }
    false
}

/// Whether the folder is a bundle in which this file is the author's.
fn is_of_a_bundle(target: &Path, path: &str) -> bool {
    let may_be_written = path.starts_with("interfaces/")
        || path.starts_with("configuration/")
        || path == "config.schema.json";
    target.join("pacto.yaml").exists() && !may_be_written && target.join(path).exists()
        || path == "pacto.yaml" && target.join(path).exists()
}

/// Writes files; what is equal already is not touched.
///
/// # Errors
/// The first that cannot be written.
pub fn write(files: Vec<Checked>, is_dry: bool) -> Result<Vec<Written>, Error> {
    let mut written = Vec::new();
    for file in files {
        let old = read_regular(&file.full, file.bytes.len() as u64);
        let changed = old.map_or(true, |old| old != file.bytes);
        if changed && !is_dry {
            let shown = file.full.display().to_string();
            if let Some(parent) = file.full.parent() {
                std::fs::create_dir_all(parent).map_err(|error| Error::io(&shown, error))?;
            }
            write_atomically(&file.full, &file.bytes)?;
            #[cfg(unix)]
            if let Some(mode) = file.mode {
                use std::os::unix::fs::PermissionsExt;
                let permissions = std::fs::Permissions::from_mode(mode);
                std::fs::set_permissions(&file.full, permissions)
                    .map_err(|error| Error::io(&shown, error))?;
            }
        }
        written.push(Written { path: file.path, size: file.bytes.len(), changed });
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_folder() {
        for path in ["a", "a/b.yaml", "ü/x"] {
            assert!(is_plain(path), "{path}");
        }
        for path in ["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "C:a", "a\nb", "a/"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
