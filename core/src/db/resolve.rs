//! From a reference to the bundle that it means.

use super::{CONTRACT_FILE, Db, Demand};
use crate::contract::{Constraint, ContractRef, OciReference, tags};
use crate::fact::{Fact, Failure, RegistryCode};
use crate::root::Root;

/// Where a reference leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub root: Root,
    /// The tag that was named or chosen.
    pub tag: Option<String>,
    /// Whether a folder of the same name stands for a registry reference.
    pub is_substitute: bool,
}

pub enum Resolution {
    Found(Target),
    /// What must be known first.
    Missing(Demand),
    Failed(Failure),
}

impl Resolution {
    pub fn fact(self) -> Fact<Target> {
        match self {
            Resolution::Found(target) => Fact::Ready(target),
            Resolution::Missing(_) => Fact::Pending,
            Resolution::Failed(failure) => Fact::Failed(failure),
        }
    }
}

/// What `reference`, written in the contract of the bundle in `root`, leads to. Without tag and
/// digest it is the highest version that `constraint` admits.
pub fn resolve(
    db: &dyn Db,
    root: &Root,
    reference: &ContractRef,
    constraint: Option<&str>,
) -> Resolution {
    match reference {
        ContractRef::Local(path) => match root.join(path) {
            Some(root) => found(root, None, false),
            None if root.is_published() => failed(
                RegistryCode::InvalidBundle,
                format!(
                    "`{path}` is a local reference in a bundle of a registry; it is never followed"
                ),
            ),
            None => Resolution::Failed(Failure::NotFound),
        },
        ContractRef::Oci(oci) => {
            local_sibling(db, root, oci).unwrap_or_else(|| in_registry(db, oci, constraint))
        }
    }
}

fn found(root: Root, tag: Option<String>, is_substitute: bool) -> Resolution {
    Resolution::Found(Target { root, tag, is_substitute })
}

fn failed(code: RegistryCode, message: String) -> Resolution {
    Resolution::Failed(Failure::registry(code, message))
}

/// What the answer of [`resolve`] rests on, as far as it is known.
pub fn rests_on(
    db: &dyn Db,
    root: &Root,
    reference: &ContractRef,
    constraint: Option<&str>,
) -> Vec<Demand> {
    let ContractRef::Oci(oci) = reference else { return Vec::new() };
    let beside = siblings(db, root, oci);
    let path = || CONTRACT_FILE.to_owned();
    let mut named: Vec<Demand> =
        beside.into_iter().map(|root| Demand::File { root, path: path() }).collect();
    if oci.digest.is_some() {
        return named;
    }
    let repository = oci.repository();
    let tag = match &oci.tag {
        Some(tag) => Some(tag.clone()),
        None => {
            named.push(Demand::Tags { repository: repository.clone() });
            chosen_tag(db, &repository, constraint).ok()
        }
    };
    named.extend(tag.map(|tag| Demand::Digest { repository, tag }));
    named
}

/// The folders beside the root's that may stand for a repository.
fn siblings(db: &dyn Db, root: &Root, oci: &OciReference) -> Vec<Root> {
    let Some(siblings) = db.inputs().workspace(db).siblings(db) else { return Vec::new() };
    let is_beside = root.is_folder() && siblings.path_of(&root.to_string()).is_some();
    if oci.digest.is_some() || !is_beside {
        return Vec::new();
    }
    let name = oci.path.rsplit('/').next().unwrap_or(&oci.path);
    let names = [Some(name), name.strip_suffix("-pacto")];
    names.into_iter().flatten().map(|name| Root::from(siblings.file(name))).collect()
}

/// The folder beside the root's that has the name of the repository (5-oci, "local siblings").
fn local_sibling(db: &dyn Db, root: &Root, oci: &OciReference) -> Option<Resolution> {
    for folder in siblings(db, root, oci) {
        let file = db.inputs().file(db, &folder, CONTRACT_FILE);
        match file.text(db) {
            Fact::Pending => {
                let path = CONTRACT_FILE.to_owned();
                return Some(Resolution::Missing(Demand::File { root: folder, path }));
            }
            Fact::Ready(_) => return Some(found(folder, None, true)),
            Fact::Failed(_) => {}
        }
    }
    None
}

fn in_registry(db: &dyn Db, oci: &OciReference, constraint: Option<&str>) -> Resolution {
    let repository = oci.repository();
    if let Some(digest) = &oci.digest {
        return found(Root::published(&repository, digest), oci.tag.clone(), false);
    }
    let tag = match &oci.tag {
        Some(tag) => tag.clone(),
        None => match chosen_tag(db, &repository, constraint) {
            Ok(tag) => tag,
            Err(resolution) => return resolution,
        },
    };
    match db.inputs().tag_state(db, &repository, &tag).digest(db) {
        Fact::Pending => Resolution::Missing(Demand::Digest { repository, tag }),
        Fact::Ready(digest) => found(Root::published(&repository, digest), Some(tag), false),
        Fact::Failed(failure) => Resolution::Failed(failure.clone()),
    }
}

fn chosen_tag(db: &dyn Db, repository: &str, text: Option<&str>) -> Result<String, Resolution> {
    let constraint = match text.map(Constraint::parse).transpose() {
        Ok(constraint) => constraint,
        Err(error) => {
            let message =
                format!("\"{}\" is not a version constraint: {error}", text.unwrap_or(""));
            return Err(failed(RegistryCode::NoMatchingVersion, message));
        }
    };
    let list = match db.inputs().tag_list(db, repository).tags(db) {
        Fact::Pending => {
            return Err(Resolution::Missing(Demand::Tags { repository: repository.to_owned() }));
        }
        Fact::Failed(failure) => return Err(Resolution::Failed(failure.clone())),
        Fact::Ready(list) => list,
    };
    match tags::select(list, constraint.as_ref()) {
        Some(chosen) => Ok(chosen.tag.to_owned()),
        None => Err(Resolution::Failed(Failure::Registry(Box::new(tags::no_match(
            repository, text, list,
        ))))),
    }
}
