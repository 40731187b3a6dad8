//! What a reference to a contract, as a person types it, leads to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pacto_core::contract::OciReference;
use pacto_core::fact::{RegistryCode, RegistryFailure};
use pacto_core::{CONTRACT_FILE, Root};

use super::{Code, Error, Session, parse_reference, unreadable};
use crate::bundle::unpack_to_directory;
use crate::scratch::Scratch;
use crate::{Store, git, normalise, open_regular};

/// A contract that was found.
#[derive(Debug)]
pub struct Target {
    /// As it was typed.
    pub typed: String,
    /// Where the bundle is.
    pub root: Root,
    /// The text, when it does not come from the bundle's `pacto.yaml`, and what it is called.
    text: Option<(String, Arc<str>)>,
    /// Files of the bundle that are not on the disk yet, by path, with their texts.
    files: Vec<(String, Arc<str>)>,
    /// The folder that an archive was unpacked to; it goes away with the target.
    unpacked: Option<Scratch>,
}

impl Target {
    fn new(typed: &str, root: Root) -> Target {
        Target { typed: typed.to_owned(), root, text: None, files: Vec::new(), unpacked: None }
    }

    /// The same, with files beside the contract that are not on the disk, or there have other texts.
    pub fn with_files(self, files: Vec<(String, Arc<str>)>) -> Target {
        Target { files, ..self }
    }

    /// The files that stand for those of the disk.
    pub(super) fn files(&self) -> &[(String, Arc<str>)] {
        &self.files
    }

    /// Whether the bundle is in a registry.
    pub fn is_published(&self) -> bool {
        self.root.is_published()
    }

    /// Whether the bundle is a folder of the user's.
    pub fn is_folder(&self) -> bool {
        !self.is_elsewhere() && self.text.is_none()
    }

    /// Whether the files lie somewhere else than what was typed says.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.unpacked.is_some() || !self.root.is_folder()
    }

    /// The text that stands for the bundle's contract, and what it is called.
    pub(super) fn text(&self) -> Option<(&str, &Arc<str>)> {
        self.text.as_ref().map(|(name, text)| (name.as_str(), text))
    }

    /// What the contract's file is called in messages.
    pub(super) fn contract_file(&self) -> String {
        match &self.text {
            Some((name, _)) => name.clone(),
            None => format!("{}/{CONTRACT_FILE}", self.typed.trim_end_matches('/')),
        }
    }

    /// The folder beside which siblings are looked for.
    pub(super) fn parent_folder(&self) -> Option<Root> {
        let parent = self.root.parent().map(|(parent, _)| parent);
        parent.filter(|_| self.is_folder())
    }
}

impl Session {
    /// Finds what `typed` means: a folder, a file, an archive, `file://…`, `oci://…`, or
    /// `git:REV[:PATH]`.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn find(&self, typed: &str) -> Result<Target, Error> {
        if let Some(revision) = typed.strip_prefix("git:") {
            return self.revision(typed, revision, None);
        }
        if typed.starts_with("oci://") {
            let reference = parse_reference(typed)?;
            let pinned = self.ask(async |store| pin(store, &reference).await)?;
            let digest = pinned.digest.clone().unwrap_or_default();
            return Ok(Target::new(typed, Root::published(&pinned.repository(), &digest)));
        }
        self.local(typed)
    }

    /// Finds the contract that `new` is compared with: as [`Session::find`], but `git:REV` without
    /// a path is the folder of `new` as it was.
    ///
    /// # Errors
    /// As [`Session::find`].
    pub fn find_old(&self, typed: &str, new: &Target) -> Result<Target, Error> {
        match typed.strip_prefix("git:") {
            Some(revision) => self.revision(typed, revision, Some(new)),
            None => self.find(typed),
        }
    }

    /// A contract whose text is handed in, called `name` in messages; the files that it refers to
    /// are those of `folder`.
    ///
    /// # Errors
    /// The folder has no usable path.
    pub fn text(
        &self,
        typed: &str,
        name: &str,
        text: Arc<str>,
        folder: &str,
    ) -> Result<Target, Error> {
        let root = self.folder(Path::new(folder), typed)?;
        Ok(Target { text: Some((name.to_owned(), text)), ..Target::new(typed, root) })
    }

    /// `REV[:PATH]`: a folder as it was at a revision; without a path that of `new`, else the
    /// working directory.
    fn revision(&self, typed: &str, text: &str, new: Option<&Target>) -> Result<Target, Error> {
        let (revision, path) = match text.split_once(':') {
            Some((revision, path)) => (revision, Some(path)),
            None => (text, None),
        };
        let own = new.filter(|new| path.is_none() && new.is_folder());
        let folder = match own.and_then(|new| new.root.folder()) {
            Some(folder) => PathBuf::from(folder),
            // The folder need not be there any more.
            None => PathBuf::from(self.normal(Path::new(path.unwrap_or(".")), typed)?),
        };
        let root = git::revision_root(revision, &folder)
            .map_err(|error| Error::new(Code::NotFound, error.message))?;
        Ok(Target::new(typed, root))
    }

    fn local(&self, typed: &str) -> Result<Target, Error> {
        let written = Path::new(typed.strip_prefix("file://").unwrap_or(typed));
        let path = self.settings.working_directory.join(written);
        let metadata = std::fs::metadata(&path).map_err(|error| not_there(typed, error))?;
        if metadata.is_dir() {
            let contract = path.join(CONTRACT_FILE).symlink_metadata();
            if let Err(error) = &contract
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(Error::new(Code::Io, format!("{typed}: {error}")));
            }
            if !contract.is_ok_and(|metadata| !metadata.is_dir()) {
                let message = format!("{typed}: there is no {CONTRACT_FILE} in this folder");
                return Err(Error::new(Code::NotFound, message)
                    .hint("name a folder that holds a contract, or the contract's file"));
            }
            return Ok(Target::new(typed, self.folder(written, typed)?));
        }
        if metadata.is_file() && is_archive(&path) {
            return self.archive(typed, &path);
        }
        let parent = written.parent().unwrap_or(Path::new(""));
        let root = self.folder(parent, typed)?;
        if path.file_name().is_some_and(|name| name == CONTRACT_FILE) {
            return Ok(Target::new(typed, root));
        }
        let text = self.read_text(typed, written)?;
        Ok(Target { text: Some((typed.to_owned(), text)), ..Target::new(typed, root) })
    }

    /// Unpacks an archive that `pack` made to a folder of its own.
    fn archive(&self, typed: &str, path: &Path) -> Result<Target, Error> {
        let file = open_regular(path).map_err(|failure| unreadable(typed, failure))?;
        let folder = Scratch::folder().map_err(|error| Error::io(typed, error))?;
        let limits = &self.settings.limits;
        unpack_to_directory(std::io::BufReader::new(file), folder.path(), limits, typed)?;
        let root = self.folder(folder.path(), typed)?;
        Ok(Target { unpacked: Some(folder), ..Target::new(typed, root) })
    }

    fn folder(&self, path: &Path, typed: &str) -> Result<Root, Error> {
        Ok(Root::Folder(self.normal(path, typed)?.into()))
    }

    fn normal(&self, path: &Path, typed: &str) -> Result<String, Error> {
        let path = self.settings.working_directory.join(path);
        normalise(&path).map_err(|error| Error::io(typed, error))
    }
}

/// The digest of a reference. Who asks for `latest` where nobody has set that tag means the highest
/// version.
async fn pin(store: &Store, reference: &OciReference) -> Result<OciReference, RegistryFailure> {
    let missing = match store.pin(reference).await {
        Err(failure) if failure.code == RegistryCode::NotFound => failure,
        pinned => return pinned,
    };
    if reference.tag.as_deref() != Some("latest") || reference.digest.is_some() {
        return Err(missing);
    }
    let highest = store.pin(&reference.with_tag(None)).await.map_err(|_| missing)?;
    let tag = highest.tag.as_deref().unwrap_or("");
    tracing::warn!(target: "pacto", "{reference} is not there; {tag} is the highest version, and is taken");
    Ok(highest)
}

fn is_archive(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    [".tar.gz", ".tgz", ".tar", ".tar.zst"].iter().any(|end| name.ends_with(end))
}

fn not_there(typed: &str, error: std::io::Error) -> Error {
    let mut parts = typed.splitn(2, '/');
    let host = parts.next().unwrap_or("");
    let is_host = host.contains(['.', ':']) && !host.starts_with('.') || host == "localhost";
    let looks_like_registry = is_host && parts.next().is_some() && !typed.contains("://");
    let error = Error::io(typed, error);
    if looks_like_registry { error.hint(format!("did you mean oci://{typed}?")) } else { error }
}
