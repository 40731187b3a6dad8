//! Bundles as they stand in a commit of git. Objects are read; nothing is checked out.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use pacto_core::Root;
use pacto_core::fact::{Fact, Failure};

use crate::Files;
use crate::decode;
use crate::read::MAX_FILE;

/// How long one call of git may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Why a revision is unavailable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitError {
    pub message: String,
    /// Whether git did not answer in time, so that nothing is known.
    pub is_timeout: bool,
}

fn error(message: impl Into<String>) -> GitError {
    GitError { message: message.into(), is_timeout: false }
}

/// The root of the bundle that `folder` was at `revision`. The folder need not be there any more.
///
/// # Errors
/// There is no repository, no git, or no such revision.
pub fn revision_root(revision: &str, folder: &Path) -> Result<Root, GitError> {
    let top = repository(folder)
        .ok_or_else(|| error(format!("{}: not in a git repository", folder.display())))?;
    if revision.is_empty() || revision.starts_with('-') {
        return Err(error(format!("`{revision}` is not a revision")));
    }
    let wanted = format!("{revision}^{{commit}}");
    let commit = run(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?
        .ok_or_else(|| error(format!("`{revision}` is not a revision of {}", top.display())))?;
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
        let found = run(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
        Ok(found.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()))
    };
    let head = resolve("HEAD")?.ok_or_else(|| error("there is no commit yet"))?;
    let current = run(&top, &["symbolic-ref", "--quiet", "--short", "HEAD"])?;
    let current = current.map(|b| String::from_utf8_lossy(&b).trim().to_owned());
    for branch in ["origin/HEAD", "origin/main", "origin/master", "main", "master"] {
        let Some(commit) = resolve(branch)? else { continue };
        if current.as_deref() == Some(branch) {
            return Ok(head);
        }
        let base = run(&top, &["merge-base", &head, &commit])?;
        return Ok(base.map_or(head, |b| String::from_utf8_lossy(&b).trim().to_owned()));
    }
    Ok(head)
}

/// The folder that holds the repository of `folder`.
fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|at| at.join(".git").exists()).map(Path::to_owned)
}

/// What git prints; `None` when it says no.
fn run(top: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, GitError> {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(top)
        // Nothing that the repository configures is run.
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C");
    output(command, LIMIT)
}

/// What a program prints; `None` when it fails. One that takes longer than `limit` is ended.
fn output(mut command: Command, limit: Duration) -> Result<Option<Vec<u8>>, GitError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|failure| match failure.kind() {
        std::io::ErrorKind::NotFound => error("git is not installed"),
        _ => error(format!("git cannot be run: {failure}")),
    })?;
    let (send, printed) = mpsc::channel();
    if let Some(mut stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = stdout.read_to_end(&mut bytes);
            let _ = send.send(read.map(|_| bytes));
        });
    }
    match printed.recv_timeout(limit) {
        Ok(Ok(bytes)) => {
            let status = child.wait();
            Ok(status.is_ok_and(|status| status.success()).then_some(bytes))
        }
        Ok(Err(failure)) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(error(format!("git cannot be read: {failure}")))
        }
        Err(_) => {
            let _ = child.kill();
            let _ = child.wait();
            let message = format!("git did not answer within {} s", limit.as_secs());
            Err(GitError { message, is_timeout: true })
        }
    }
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

fn unreadable(error: GitError) -> Failure {
    Failure::Unreadable { cause: error.message }
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
            Err(error) => Fact::Failed(unreadable(error)),
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
        .ok_or_else(|| unreadable(error("git cannot read the object")))?;
    decode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_ended() {
        let mut sleep = Command::new("sleep");
        sleep.arg("60");
        let start = std::time::Instant::now();
        let failure = output(sleep, Duration::from_millis(100)).unwrap_err();
        assert!(failure.is_timeout, "{}", failure.message);
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
