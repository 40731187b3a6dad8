//! Files that tools write: inside of a bundle under a root, all of them or none.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use pacto_core::spec::BundlePath;
use pacto_edge::scratch::Scratch;

use crate::answer::Failure;

/// A file that is to be written.
pub struct New {
    /// The path from the bundle's folder.
    pub path: String,
    pub text: String,
    /// What stands there now; none of a file that is not there.
    pub before: Option<String>,
}

/// Upper bounds on what one call writes (5-oci, limits on bundles).
const MAX_FILE: usize = 10 << 20;
const MAX_ALL: usize = 50 << 20;

/// Checks the path of a file in a bundle that is to be written.
///
/// # Errors
/// It leads out of the bundle, or to where nothing is written.
pub fn check_path(path: &str) -> Result<(), Failure> {
    let refuse = |why: &str| {
        Err(Failure::new("OUTSIDE_ROOTS", format!("{path}: {why}"))
            .hint("name a path inside of the bundle, such as docs/runbook.md"))
    };
    if BundlePath::parse(path).is_err() || path.contains(['\\', ':']) || path.contains('\0') {
        return refuse("this is no path inside of the bundle");
    }
    match path.split('/').find(|part| is_refused(part)) {
        Some(part) => refuse(&format!("nothing is written to {part}")),
        None => Ok(()),
    }
}

/// Whether nothing is written to files and below folders of this name.
pub fn is_refused(part: &str) -> bool {
    part.starts_with('.') && !matches!(part, "." | "..")
        || matches!(part, "node_modules" | "target")
        || part.ends_with(['.', ' ']) && !matches!(part, "." | "..")
}

/// Writes files below `folder`, whose real path must lie in one of `roots`.
///
/// # Errors
/// `CONFLICT` when a file is not as it was read, `OUTSIDE_ROOTS`, or a failure of the disk; then nothing
/// has changed.
pub fn write(roots: &[PathBuf], folder: &Path, files: &[New]) -> Result<(), Failure> {
    let total: usize = files.iter().map(|file| file.text.len()).sum();
    if total > MAX_ALL || files.iter().any(|file| file.text.len() > MAX_FILE) {
        let message = format!("the files have {total} bytes; at most {MAX_FILE} each are written");
        return Err(Failure::new("TOO_LARGE", message).hint("write less"));
    }
    let mut made = Made::default();
    let mut staged = Vec::new();
    for file in files {
        let target = made.folder_of(roots, folder, &file.path)?;
        staged.push((stage(&target, &file.text, &file.path)?, target, file));
    }
    // All are on the disk; from here only names change.
    for (_, target, file) in &staged {
        let now = fs::read_to_string(target).ok();
        if now != file.before {
            let message = format!("{}: the file was changed meanwhile", file.path);
            return Err(Failure::new("CONFLICT", message).hint("read it again, then edit it"));
        }
    }
    let mut done: Vec<(&Path, &New)> = Vec::new();
    for (temporary, target, file) in &staged {
        if let Err(error) = fs::rename(temporary.path(), target) {
            for (target, file) in done {
                let _ = match &file.before {
                    Some(text) => fs::write(target, text),
                    None => fs::remove_file(target),
                };
            }
            return Err(io(&file.path, &error));
        }
        done.push((target, file));
    }
    made.keep();
    Ok(())
}

/// Folders that were made, which go away again unless they are kept.
#[derive(Default)]
struct Made(Vec<PathBuf>);

impl Made {
    fn keep(mut self) {
        self.0.clear();
    }

    /// The real path of a file, whose folder is made if it is not there.
    fn folder_of(
        &mut self,
        roots: &[PathBuf],
        folder: &Path,
        path: &str,
    ) -> Result<PathBuf, Failure> {
        let full = folder.join(path);
        let parent = full.parent().unwrap_or(folder);
        let missing: Vec<&Path> = parent.ancestors().take_while(|dir| !dir.exists()).collect();
        let base = parent.ancestors().find(|dir| dir.exists()).unwrap_or(folder);
        let real = base.canonicalize().map_err(|error| io(path, &error))?;
        if !roots.iter().any(|root| real.starts_with(root)) {
            return Err(Failure::new(
                "OUTSIDE_ROOTS",
                format!("{path}: this is outside of the roots"),
            )
            .hint("name a path under a root of this server"));
        }
        for dir in missing.iter().rev() {
            fs::create_dir(dir).map_err(|error| io(path, &error))?;
            self.0.push(dir.to_path_buf());
        }
        let name = full.file_name().unwrap_or_default();
        let target = parent.canonicalize().map_err(|error| io(path, &error))?.join(name);
        // A link keeps pointing where it does, as long as that is inside.
        let Ok(real) = target.canonicalize() else { return Ok(target) };
        match roots.iter().any(|root| real.starts_with(root)) {
            true => Ok(real),
            false => {
                Err(Failure::new("OUTSIDE_ROOTS", format!("{path}: this is outside of the roots"))
                    .hint("name a path under a root of this server"))
            }
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for dir in self.0.iter().rev() {
            let _ = fs::remove_dir(dir);
        }
    }
}

fn stage(target: &Path, text: &str, shown: &str) -> Result<Scratch, Failure> {
    let name = target.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    let number = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let number = number.map_or(0, |time| time.subsec_nanos());
    let temporary = target.with_file_name(format!(".{name}.{}-{number}.tmp", std::process::id()));
    let scratch = Scratch::new(temporary.clone());
    let written = fs::File::create_new(&temporary).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        if let Ok(metadata) = fs::metadata(target) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()
    });
    written.map_err(|error| io(shown, &error)).map(|()| scratch)
}

fn io(path: &str, error: &std::io::Error) -> Failure {
    Failure::new("IO", format!("{path}: {error}")).hint("see whether the folder can be written to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_bundle() {
        for bad in [
            "../x",
            "/x",
            "a/../../x",
            ".git/config",
            "a/.x",
            "target/x",
            "node_modules/x",
            "a\\b",
            "c:x",
            "",
            "x.",
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
        assert!(check_path("docs/runbook.md").is_ok());
    }
}
