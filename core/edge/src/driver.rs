//! The driver: asks the engine what is missing, has it answered, hands it over, until nothing is
//! missing.

use std::collections::{BTreeSet, HashSet};

use pacto_core::db::{Demand, Reach};
use pacto_core::{Change, Host, Origin};

use crate::Files;
use crate::git::GitFiles;

/// At most so many rounds: each one follows references a step further, and a reference to a
/// registry takes up to three (tags, digest, bundle).
const MAX_ROUNDS: usize = 256;
/// At most so many bundles are looked at (5-oci, "The dependency graph").
const MAX_BUNDLES: usize = 5_000;

/// Answers demands. What it leaves out stays pending.
pub trait Source {
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change>;
}

impl<F: Files> Source for F {
    /// Files and listings of local bundles; registries are not asked.
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change> {
        demands.into_iter().filter_map(|demand| local_answer(self, demand)).collect()
    }
}

/// The answer to a demand for local files; none when a registry is to be asked.
pub fn local_answer(files: &dyn Files, demand: Demand) -> Option<Change> {
    if demand.is_remote() {
        return None;
    }
    let from =
        |root: &str| -> &dyn Files { if root.starts_with("git:") { &GitFiles } else { files } };
    match demand {
        Demand::File { root, path } => {
            let text = from(&root).read(&root, &path);
            Some(Change::File { root, path, text, origin: Origin::Disk })
        }
        Demand::Listing { root } => {
            let files = from(&root).list(&root);
            Some(Change::Listing { root, files })
        }
        Demand::Tags { .. } | Demand::Digest { .. } => None,
    }
}

/// Reads everything that the contracts in `roots` need and that is not known yet.
pub fn settle(host: &mut Host, roots: impl IntoIterator<Item = String>, source: &dyn Source) {
    let roots = roots.into_iter().map(|root| (root, Reach::Whole));
    Driver::default().settle(host, roots, source);
}

/// Remembers the bundles that it has followed, so that an edit does not walk a whole fleet again.
#[derive(Default)]
pub struct Driver {
    followed: HashSet<(String, Reach)>,
    /// What was demanded and not answered yet.
    waiting: BTreeSet<(String, Reach)>,
}

impl Driver {
    /// Has everything answered that the contracts in `roots` need and that is not known yet, and
    /// what earlier calls still wait for. The bundles that they lead to are followed once; when one
    /// of those changes, it is a root itself.
    pub fn settle(
        &mut self,
        host: &mut Host,
        roots: impl IntoIterator<Item = (String, Reach)>,
        source: &dyn Source,
    ) {
        let mut frontier = std::mem::take(&mut self.waiting);
        frontier.extend(roots);
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
            let changes = source.answer(demands.into_iter().collect());
            if changes.is_empty() {
                self.waiting = unsettled;
                return;
            }
            host.apply(changes);
            frontier = unsettled;
        }
        self.waiting = frontier;
    }
}
