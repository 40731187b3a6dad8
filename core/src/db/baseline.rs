//! Published versions as baselines (9-lsp, "Baseline resolution").

use std::collections::BTreeMap;

use super::{CONTRACT_FILE, Db, Demand, SourceFile, Workspace, queries};
use crate::contract::{ContractRef, Version, tags};
use crate::fact::Fact;
use crate::root::Root;

/// What a contract is compared with in an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Where it is.
    pub root: Root,
    /// How it is called, such as `1.2.0 (registry)`.
    pub label: String,
}

/// Root and label of the bundle that version `own` is compared with: the same version if it is
/// published, else the highest below it. `Err` holds what must be known first, if anything.
pub fn published_baseline(
    db: &dyn Db,
    repository: &str,
    own: Option<&str>,
) -> Result<Baseline, Option<Demand>> {
    let repository = repository.to_owned();
    let list = match db.inputs().tag_list(db, &repository).tags(db) {
        Fact::Pending => return Err(Some(Demand::Tags { repository })),
        Fact::Failed(_) => return Err(None),
        Fact::Ready(list) => list,
    };
    let own = own.and_then(|text| Version::parse(text).ok());
    let core = |v: &Version| (v.normal.major, v.normal.minor, v.normal.patch);
    let fits = |version: &Version| {
        let is_pre = !version.normal.pre.is_empty();
        match &own {
            None => !is_pre,
            Some(own) => {
                let may_be_pre = !own.normal.pre.is_empty() && core(own) == core(version);
                version.normal.cmp_precedence(&own.normal).is_le() && (!is_pre || may_be_pre)
            }
        }
    };
    let chosen = tags::versions(list).into_iter().find(|tag| fits(&tag.version));
    let Some(tags::VersionTag { tag, version, .. }) = chosen else { return Err(None) };
    match db.inputs().tag_state(db, &repository, tag).digest(db) {
        Fact::Pending => Err(Some(Demand::Digest { repository, tag: tag.to_owned() })),
        Fact::Failed(_) => Err(None),
        Fact::Ready(digest) => Ok(Baseline {
            root: Root::published(&repository, digest),
            label: format!("{} (registry)", version.written),
        }),
    }
}

/// A repository that a contract of the workspace names for the service `name`.
pub fn repository_of(db: &dyn Db, name: &str) -> Option<String> {
    repositories(db, db.inputs().workspace(db)).get(name).cloned()
}

/// Repositories by the services that they hold, as far as dependencies say.
#[salsa::tracked(returns(ref))]
fn repositories(db: &dyn Db, workspace: Workspace) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for root in workspace.roots(db).iter() {
        for (name, repository) in named_repositories(db, db.inputs().file(db, root, CONTRACT_FILE))
        {
            found.entry(name.clone()).or_insert_with(|| repository.clone());
        }
    }
    found
}

/// The services in registries that one contract depends on.
#[salsa::tracked(returns(ref))]
fn named_repositories(db: &dyn Db, file: SourceFile) -> Vec<(String, String)> {
    let Fact::Ready(contract) = queries::base_contract(db, file) else { return Vec::new() };
    let references = contract.dependencies.iter().filter_map(|d| d.reference.get());
    let each = references.filter_map(|text| match ContractRef::parse(text) {
        Ok(ContractRef::Oci(oci)) => {
            let last = oci.path.rsplit('/').next().unwrap_or(&oci.path);
            let name = last.strip_suffix("-pacto").unwrap_or(last).to_owned();
            Some((name, oci.repository()))
        }
        _ => None,
    });
    each.collect()
}
