//! The driver: asks the engine what is missing, reads it, hands it over, until nothing is missing.

use std::collections::{BTreeSet, HashSet};

use pacto_core::db::{Demand, Reach};
use pacto_core::{Change, Host, Origin};

use crate::Files;

/// At most so many rounds: each one follows references one step further.
const MAX_ROUNDS: usize = 64;
/// At most so many bundles are looked at (5-oci, "The dependency graph").
const MAX_BUNDLES: usize = 5_000;

/// Reads everything that the contracts in `roots` need and that is not known yet. Returns the
/// folders of all bundles that were looked at.
pub fn settle(
    host: &mut Host,
    roots: impl IntoIterator<Item = String>,
    files: &dyn Files,
) -> BTreeSet<String> {
    let mut frontier: BTreeSet<(String, Reach)> =
        roots.into_iter().map(|root| (root, Reach::Whole)).collect();
    let mut seen: HashSet<(String, Reach)> = HashSet::new();
    let mut looked_at = BTreeSet::new();
    for _ in 0..MAX_ROUNDS {
        let mut demands = BTreeSet::new();
        let mut unsettled = BTreeSet::new();
        while let Some((root, reach)) = frontier.pop_first() {
            if looked_at.len() >= MAX_BUNDLES && !looked_at.contains(&root) {
                continue;
            }
            looked_at.insert(root.clone());
            let (missing, bundles) = host.demand(&root, reach);
            let new = bundles.into_iter().filter(|bundle| seen.insert(bundle.clone()));
            frontier.extend(new);
            if !missing.is_empty() {
                demands.extend(missing);
                unsettled.insert((root, reach));
            }
        }
        if demands.is_empty() {
            break;
        }
        host.apply(demands.into_iter().map(|demand| answer(files, demand)));
        frontier = unsettled;
    }
    looked_at
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
