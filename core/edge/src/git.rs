//! Bundles as they stand in a commit of git. Objects are read; nothing is checked out.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use pacto_core::Root;
use pacto_core::fact::{Fact, Failure};

use crate::Files;
use crate::files::{MAX_FILE, decode};

/// Why a revision cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitError {
    pub message: String,
}

fn error(message: impl Into<String>) -> GitError {
    GitError { message: message.into() }
}

/// The root of the bundle that `folder` was at `revision`. The folder need not be there any more.
///
/// # Errors
/// There is no repository, no git, or no such revision.
pub fn revision_root(revision: &str, folder: &Path) -> Result<Root, GitError> {
    let top = repository(folder)
        .ok_or_else(|| error(format!("{}: not in a git repository", folder.display())))?;
    if revision.is_empty() || revision.starts_with('-') {
        return Err(error(format!("`{revision}` is no revision")));
    }
    let wanted = format!("{revision}^{{commit}}");
    let commit = run(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])
        .map_err(error)?
        .ok_or_else(|| error(format!("`{revision}` is no revision of {}", top.display())))?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let folder = folder.to_str().ok_or_else(|| error("the path is not UTF-8"))?;
    Ok(Root::revision(&commit, folder))
}

/// The commit at which the work in `folder` left the default branch, as a revision; `HEAD` on that
/// branch itself.
///
/// # Errors
/// As [`revision_root`].
pub fn merge_base(folder: &Path) -> Result<String, GitError> {
    let top = repository(folder)
        .ok_or_else(|| error(format!("{}: not in a git repository", folder.display())))?;
    let resolve = |name: &str| {
        let wanted = format!("{name}^{{commit}}");
        let found = run(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]);
        found.ok().flatten().map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    let head = resolve("HEAD").ok_or_else(|| error("there is no commit yet"))?;
    let current = run(&top, &["symbolic-ref", "--quiet", "--short", "HEAD"]).map_err(error)?;
    let current = current.map(|b| String::from_utf8_lossy(&b).trim().to_owned());
    for branch in ["origin/HEAD", "origin/main", "origin/master", "main", "master"] {
        let Some(commit) = resolve(branch) else { continue };
        if current.as_deref() == Some(branch) {
            return Ok(head);
        }
        let base = run(&top, &["merge-base", &head, &commit]).map_err(error)?;
        return Ok(base.map_or(head, |b| String::from_utf8_lossy(&b).trim().to_owned()));
    }
    Ok(head)
}

/// The folder that holds the repository of `folder`.
fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|at| at.join(".git").exists()).map(Path::to_owned)
}

/// What git prints; `None` when it says no.
fn run(top: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(top)
        // Nothing that the repository configures is run.
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "git is not installed".to_owned(),
            _ => format!("git cannot be run: {error}"),
        })?;
    Ok(output.status.success().then_some(output.stdout))
}

/// The files of commits.
#[derive(Clone, Copy, Debug, Default)]
pub struct GitFiles;

/// Commit, repository, and the path of a root in it.
fn parts(root: &Root) -> Option<(&str, PathBuf, String)> {
    let Root::Revision { commit, folder } = root else { return None };
    let folder = Path::new(&**folder);
    let top = repository(folder)?;
    let inside = folder.strip_prefix(&top).ok()?.to_str()?.to_owned();
    Some((commit, top, inside))
}

fn unreadable(cause: impl Into<String>) -> Failure {
    Failure::Unreadable { cause: cause.into() }
}

impl Files for GitFiles {
    fn read(&self, root: &Root, path: &str) -> Fact<Arc<str>> {
        match read(root, path) {
            Ok(text) => Fact::Ready(text),
            Err(failure) => Fact::Failed(failure),
        }
    }

    fn list(&self, root: &Root) -> Fact<Arc<[String]>> {
        let Some((commit, top, inside)) = parts(root) else {
            return Fact::Failed(Failure::NotFound);
        };
        let tree = format!("{commit}:{inside}");
        match run(&top, &["ls-tree", "-r", "-z", "--name-only", "--end-of-options", &tree]) {
            Err(cause) => Fact::Failed(unreadable(cause)),
            Ok(None) => Fact::Failed(Failure::NotFound),
            Ok(Some(bytes)) => {
                let names = bytes.split(|b| *b == 0).filter(|name| !name.is_empty());
                let mut names: Vec<String> =
                    names.filter_map(|name| String::from_utf8(name.to_vec()).ok()).collect();
                names.sort();
                Fact::Ready(names.into())
            }
        }
    }
}

fn read(root: &Root, path: &str) -> Result<Arc<str>, Failure> {
    let (commit, top, inside) = parts(root).ok_or(Failure::NotFound)?;
    let path = if inside.is_empty() { path.to_owned() } else { format!("{inside}/{path}") };
    let entry = run(&top, &["ls-tree", "-l", "-z", "--full-tree", commit, "--", &path])
        .map_err(unreadable)?
        .ok_or(Failure::NotFound)?;
    // `MODE TYPE OBJECT SIZE\tPATH`
    let entry = String::from_utf8_lossy(&entry).into_owned();
    let head = entry.split('\t').next().unwrap_or("");
    let mut words = head.split_whitespace();
    let (Some(mode), Some(kind), Some(object)) = (words.next(), words.next(), words.next()) else {
        return Err(Failure::NotFound);
    };
    if mode == "120000" {
        return Err(Failure::NotAFile { kind: "a link" });
    }
    if kind != "blob" {
        return Err(Failure::NotAFile { kind: "a directory" });
    }
    let size = words.next().and_then(|size| size.parse().ok()).unwrap_or(0);
    if size > MAX_FILE {
        return Err(Failure::TooLarge { size, limit: MAX_FILE });
    }
    let bytes = run(&top, &["cat-file", "blob", object])
        .map_err(unreadable)?
        .ok_or_else(|| unreadable("git cannot read the object"))?;
    decode(bytes)
}
