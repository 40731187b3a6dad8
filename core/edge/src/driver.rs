//! The driver: asks the engine what is missing, reads it, hands it over, until nothing is missing.

use std::collections::{BTreeSet, HashSet};

use pacto_core::db::{Demand, Reach};
use pacto_core::{Change, Host, Origin};

use crate::Files;

/// At most so many rounds: each one follows references one step further.
const MAX_ROUNDS: usize = 64;
/// At most so many bundles are looked at (5-oci, "The dependency graph").
const MAX_BUNDLES: usize = 5_000;

/// Reads everything that the contracts in `roots` need and that is not known yet.
pub fn settle(host: &mut Host, roots: impl IntoIterator<Item = String>, files: &dyn Files) {
    Driver::default().settle(host, roots, files);
}

/// Remembers the bundles that it has followed, so that an edit does not walk a whole fleet again.
#[derive(Default)]
pub struct Driver {
    followed: HashSet<(String, Reach)>,
}

impl Driver {
    /// Reads what the contracts in `roots` need and that is not known yet. The bundles that they
    /// lead to are followed once; when one of those changes, it is a root itself.
    pub fn settle(
        &mut self,
        host: &mut Host,
        roots: impl IntoIterator<Item = String>,
        files: &dyn Files,
    ) {
        let mut frontier: BTreeSet<(String, Reach)> =
            roots.into_iter().map(|root| (root, Reach::Whole)).collect();
        for _ in 0..MAX_ROUNDS {
            let mut demands = BTreeSet::new();
            let mut unsettled = BTreeSet::new();
            while let Some((root, reach)) = frontier.pop_first() {
                let (missing, bundles) = host.demand(&root, reach);
                let has_room = self.followed.len() < MAX_BUNDLES;
                let new = bundles.into_iter().filter(|_| has_room);
                frontier.extend(new.filter(|bundle| self.followed.insert(bundle.clone())));
                if !missing.is_empty() {
                    demands.extend(missing);
                    unsettled.insert((root, reach));
                }
            }
            if demands.is_empty() {
                return;
            }
            host.apply(demands.into_iter().map(|demand| answer(files, demand)));
            frontier = unsettled;
        }
    }
}

fn answer(files: &dyn Files, demand: Demand) -> Change {
    match demand {
        Demand::File { root, path } => {
            let text = files.read(&root, &path);
            Change::File { root, path, text, origin: Origin::Disk }
        }
        Demand::Listing { root } => {
            let files = files.list(&root);
            Change::Listing { root, files }
        }
    }
}
