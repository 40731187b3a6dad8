//! Published versions as baselines (9-lsp, "Baseline resolution").

use super::{Db, Demand};
use crate::contract::{Version, tags};
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
