//! Where a bundle is, and what a contract is called.

use std::fmt;
use std::sync::Arc;

/// The name of the contract file in its bundle.
pub const CONTRACT_FILE: &str = "pacto.yaml";

/// Another ending of the same name, which an editor may show and nothing else reads.
pub const MISNAMED_CONTRACT_FILE: &str = "pacto.yml";

/// Where a bundle is: two bundles are one when their roots are equal. Shown as a folder,
/// `oci://host/path@digest`, `git:COMMIT:/folder` or a URI. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// A folder of this machine: absolute, normalised, `/` between parts.
    Folder(Arc<str>),
    /// A bundle in a registry, `host/path`, named by its digest, `sha256:…`.
    Published { repository: Arc<str>, digest: Arc<str> },
    /// A folder, as it was in a commit of its git repository.
    Revision { commit: Arc<str>, folder: Arc<str> },
    /// A text without a file, by its URI: a bundle of nothing but a contract.
    Buffer(Arc<str>),
}

impl Root {
    pub fn published(repository: &str, digest: &str) -> Root {
        Root::Published { repository: repository.into(), digest: digest.into() }
    }

    pub fn revision(commit: &str, folder: &str) -> Root {
        Root::Revision { commit: commit.into(), folder: folder.into() }
    }

    /// The folder on this machine.
    pub fn folder(&self) -> Option<&str> {
        match self {
            Root::Folder(folder) => Some(folder),
            _ => None,
        }
    }

    pub fn is_folder(&self) -> bool {
        matches!(self, Root::Folder(_))
    }

    /// Whether it is in a registry.
    pub fn is_published(&self) -> bool {
        matches!(self, Root::Published { .. })
    }

    /// The name of the file at `path` of the bundle, as it is shown; for a folder its absolute path.
    pub fn file(&self, path: &str) -> String {
        format!("{}/{path}", self.text().trim_end_matches('/'))
    }

    /// The path in the bundle of the file that is called `name`; the inverse of [`Root::file`].
    pub fn path_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.text().trim_end_matches('/'))?.strip_prefix('/')
    }

    /// The folder above, and the name in it; `None` where there is none, and for what is not a
    /// folder.
    pub fn parent(&self) -> Option<(Root, &str)> {
        let (parent, name) = self.folder()?.rsplit_once('/')?;
        Some((Root::Folder(parent.into()), name))
    }

    /// The last part of its name.
    pub fn name(&self) -> String {
        let text = self.text();
        text.rsplit('/').next().unwrap_or(&text).to_owned()
    }

    /// The bundle that the local path `path` leads to from here; a path to a contract file means
    /// its folder. `None` where local paths lead nowhere: from a registry and from a buffer.
    pub fn join(&self, path: &str) -> Option<Root> {
        let path = path.strip_suffix(CONTRACT_FILE).unwrap_or(path);
        match self {
            Root::Folder(folder) => Some(Root::Folder(normal(folder, path).into())),
            Root::Revision { .. } if path.starts_with('/') => {
                Some(Root::Folder(normal("", path).into()))
            }
            Root::Revision { commit, folder } => {
                let folder = normal(folder, path).into();
                Some(Root::Revision { commit: commit.clone(), folder })
            }
            Root::Published { .. } | Root::Buffer(_) => None,
        }
    }

    /// The path from here to another folder, such as `../auth`; `None` where one of them is none.
    pub fn relative(&self, other: &Root) -> Option<String> {
        Some(relative(self.folder()?, other.folder()?))
    }

    fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Root::Folder(text) | Root::Buffer(text) => (&**text).into(),
            Root::Published { .. } | Root::Revision { .. } => self.to_string().into(),
        }
    }
}

/// The path from the absolute folder `from` to the absolute path `to`.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[same..].iter().map(|_| "..");
    let all: Vec<&str> = up.chain(to[same..].iter().map(String::as_str)).collect();
    if all.is_empty() { ".".to_owned() } else { all.join("/") }
}

/// `path` as seen from `folder`, without `.`, `..` and empty parts.
fn normal(folder: &str, path: &str) -> String {
    let joined = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{folder}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let lead = if joined.starts_with('/') { "/" } else { "" };
    format!("{lead}{}", parts.join("/"))
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Root::Folder(text) | Root::Buffer(text) => f.write_str(text),
            Root::Published { repository, digest } => write!(f, "oci://{repository}@{digest}"),
            Root::Revision { commit, folder } => write!(f, "git:{commit}:{folder}"),
        }
    }
}

/// Reads the form in which roots are shown.
impl From<&str> for Root {
    fn from(text: &str) -> Root {
        let published = text.strip_prefix("oci://").and_then(|rest| rest.split_once('@'));
        let revision = text.strip_prefix("git:").and_then(|rest| rest.split_once(':'));
        let bytes = text.as_bytes();
        let has_drive = matches!(bytes, [drive, b':', b'/', ..] if drive.is_ascii_alphabetic());
        match (published, revision) {
            (Some((repository, digest)), _) => Root::published(repository, digest),
            (_, Some((commit, folder))) => Root::revision(commit, folder),
            _ if text.starts_with('/') || has_drive => Root::Folder(text.into()),
            _ => Root::Buffer(text.into()),
        }
    }
}

impl From<String> for Root {
    fn from(text: String) -> Root {
        Root::from(text.as_str())
    }
}

/// In which role a contract is looked at. The same file may be a contract of the workspace and a
/// side of a comparison, each with values of its own laid over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// One of those that are analysed together.
    #[default]
    Workspace,
    /// What a comparison starts from, such as a baseline.
    Old,
    /// What a comparison leads to, by itself.
    New,
}

/// What a contract is called: its bundle, its file there, and its role.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContractKey {
    pub root: Root,
    /// The path from the root; usually [`CONTRACT_FILE`].
    pub path: Arc<str>,
    pub role: Role,
}

impl ContractKey {
    pub fn new(root: Root, path: &str) -> ContractKey {
        ContractKey { root, path: path.into(), role: Role::Workspace }
    }

    pub fn with_role(self, role: Role) -> ContractKey {
        ContractKey { role, ..self }
    }

    /// The name of its file, as it is shown.
    pub fn file(&self) -> String {
        self.root.file(&self.path)
    }

    /// Whether references to its bundle lead to it.
    pub fn is_usual(&self) -> bool {
        &*self.path == CONTRACT_FILE
    }
}

/// The contract that references to the bundle lead to.
impl From<Root> for ContractKey {
    fn from(root: Root) -> ContractKey {
        ContractKey::new(root, CONTRACT_FILE)
    }
}

impl From<&Root> for ContractKey {
    fn from(root: &Root) -> ContractKey {
        root.clone().into()
    }
}

impl From<&ContractKey> for ContractKey {
    fn from(key: &ContractKey) -> ContractKey {
        key.clone()
    }
}

impl From<&str> for ContractKey {
    fn from(root: &str) -> ContractKey {
        Root::from(root).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(root: &str, path: &str) -> String {
        Root::from(root).join(path).map_or("nowhere".to_owned(), |root| root.to_string())
    }

    #[test]
    fn local_references_have_one_form() {
        assert_eq!(join("/fleet/a", "../b"), "/fleet/b");
        assert_eq!(join("/fleet/a", "../b/pacto.yaml"), "/fleet/b");
        assert_eq!(join("/fleet/a", "./x/../../b/"), "/fleet/b");
        assert_eq!(join("/fleet/a", "/other"), "/other");
        assert_eq!(join("/a", "../../../b"), "/b");
        assert_eq!(join("git:12ab:/fleet/a", "../b"), "git:12ab:/fleet/b");
        assert_eq!(join("git:12ab:/a", "../../b"), "git:12ab:/b");
        assert_eq!(join("oci://h.io/a@sha256:1", "../b"), "nowhere");
        assert_eq!(join("untitled:1", "../b"), "nowhere");
    }

    #[test]
    fn a_root_reads_back_from_how_it_is_shown() {
        let shown =
            ["/fleet/a", "C:/fleet/a", "oci://h.io/a/b@sha256:12", "git:12ab:/a", "untitled:1"];
        for text in shown {
            let root = Root::from(text);
            assert_eq!(root.to_string(), text);
            let file = root.file("interfaces/api.yaml");
            assert_eq!(file, format!("{text}/interfaces/api.yaml"));
            assert_eq!(root.path_of(&file), Some("interfaces/api.yaml"));
            assert_eq!(root.path_of(&format!("{text}2/a")), None);
        }
        assert_eq!(Root::from("/").file("pacto.yaml"), "/pacto.yaml");
        assert!(matches!(Root::from("C:/fleet"), Root::Folder(_)));
        assert!(matches!(Root::from("untitled:1"), Root::Buffer(_)));
    }
}
