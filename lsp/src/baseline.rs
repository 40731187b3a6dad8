//! What contracts are compared with while they are edited: a published version, a commit, a folder
//! (9-lsp, "Baseline resolution").

use std::path::Path;

use pacto_core::contract::ContractRef;
use pacto_core::db::{Baseline, Demand};
use pacto_core::fact::{Fact, Failure};
use pacto_core::{Analysis, ContractKey, Root};
use pacto_edge::Files;
use pacto_edge::git::{GitFiles, merge_base, revision_root};

use crate::settings::{BaselineMode, Settings};

/// What git says of a contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Revision {
    #[default]
    Unasked,
    Asked,
    Known(Option<Baseline>),
}

/// What a contract is to be compared with, as far as that is known now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub baseline: Option<Baseline>,
    /// What registries must be asked for a better answer.
    pub demand: Option<Demand>,
    /// Whether git must be asked.
    pub needs_git: bool,
}

impl Wanted {
    fn known(baseline: Option<Baseline>) -> Wanted {
        Wanted { baseline, ..Wanted::default() }
    }

    fn missing(demand: Option<Demand>) -> Wanted {
        Wanted { demand, ..Wanted::default() }
    }

    fn git(revision: &Revision) -> Wanted {
        match revision {
            Revision::Unasked => Wanted { needs_git: true, ..Wanted::default() },
            Revision::Asked => Wanted::default(),
            Revision::Known(baseline) => Wanted::known(baseline.clone()),
        }
    }
}

/// What a contract is to be compared with.
pub(crate) fn wanted(
    analysis: &Analysis,
    key: &ContractKey,
    settings: &Settings,
    revision: &Revision,
) -> Wanted {
    match settings.baseline_mode {
        BaselineMode::Off => Wanted::default(),
        BaselineMode::File => file(analysis, &key.root, settings),
        BaselineMode::Auto if settings.baseline_path.is_some() => {
            file(analysis, &key.root, settings)
        }
        BaselineMode::Git => Wanted::git(revision),
        BaselineMode::Registry => registry(analysis, key, settings),
        BaselineMode::Auto => {
            let published = registry(analysis, key, settings);
            match published.baseline {
                Some(_) => published,
                None => Wanted { demand: published.demand, ..Wanted::git(revision) },
            }
        }
    }
}

fn registry(analysis: &Analysis, key: &ContractKey, settings: &Settings) -> Wanted {
    let (name, version) = analysis.service(key);
    let Some(name) = name else { return Wanted::default() };
    let template = settings.repositories.as_ref().map(|text| text.replace("{service}", &name));
    let templated = template.and_then(|text| match ContractRef::parse(&text) {
        Ok(ContractRef::Oci(oci)) => Some(oci.repository()),
        _ => None,
    });
    match templated.or_else(|| analysis.repository_of(&name)) {
        Some(repository) => published(analysis, &repository, version.as_deref()),
        None => Wanted::default(),
    }
}

fn published(analysis: &Analysis, repository: &str, version: Option<&str>) -> Wanted {
    match analysis.published_baseline(repository, version) {
        Ok(baseline) => Wanted::known(Some(baseline)),
        Err(demand) => Wanted::missing(demand),
    }
}

/// `pacto.baseline.path`: a folder, seen from the contract's, or a reference to a registry.
fn file(analysis: &Analysis, root: &Root, settings: &Settings) -> Wanted {
    let Some(path) = &settings.baseline_path else { return Wanted::default() };
    let found = |root: Root| Baseline { root, label: path.clone() };
    let Ok(ContractRef::Oci(oci)) = ContractRef::parse(path) else {
        return Wanted::known(root.join(path).map(found));
    };
    let repository = oci.repository();
    if let Some(digest) = &oci.digest {
        return Wanted::known(Some(found(Root::published(&repository, digest))));
    }
    let Some(tag) = oci.tag else { return published(analysis, &repository, None) };
    match analysis.digest(&repository, &tag) {
        Fact::Ready(digest) => Wanted::known(Some(found(Root::published(&repository, &digest)))),
        Fact::Pending => Wanted::missing(Some(Demand::Digest { repository, tag })),
        Fact::Failed(_) => Wanted::default(),
    }
}

/// Asks git what a contract was: at `git_ref`, else where its branch left the default one. `None`
/// for what is new, or not in a repository.
///
/// # Errors
/// Git cannot be asked, or does not answer.
pub(crate) fn revision(
    key: &ContractKey,
    git_ref: Option<String>,
) -> Result<Option<Baseline>, String> {
    let Some(folder) = key.root.folder().map(Path::new) else { return Ok(None) };
    let failed = |error: pacto_edge::git::GitError| match error.is_timeout {
        true => Err(error.message),
        false => Ok(None),
    };
    let revision = match &git_ref {
        Some(name) => name.clone(),
        None => match merge_base(folder) {
            Ok(revision) => revision,
            Err(error) => return failed(error),
        },
    };
    let at = match revision_root(&revision, folder) {
        Ok(at) => at,
        Err(error) => return failed(error),
    };
    match GitFiles.read(&at, &key.path) {
        Fact::Ready(_) => {}
        Fact::Failed(Failure::Unreadable { cause }) => return Err(cause),
        // A contract that is new has nothing to be compared with.
        _ => return Ok(None),
    }
    let short: String = revision.chars().take(7).collect();
    let label = format!("{} (git)", git_ref.unwrap_or(short));
    Ok(Some(Baseline { root: at, label }))
}
