//! The driver: asks the engine what is missing, has it answered, hands it over, until nothing is
//! missing.

use std::collections::{BTreeSet, HashMap, HashSet};

use pacto_core::db::{Demand, Reach};
use pacto_core::{Change, ContractKey, Host, Origin, Role, Root};

use crate::Files;
use crate::git::GitFiles;

/// Upper bound on rounds. Each takes at least one answer, so that only a source that answers nothing
/// which was asked comes near it.
const MAX_ROUNDS: usize = 100_000;
/// Upper bound on references from one bundle to the next that are followed from a contract that is
/// asked for.
const MAX_STEPS: u32 = 256;

/// Answers demands.
pub trait Source {
    /// Answers to some of the demands; those that it leaves out are made again. None where no further
    /// answer is to be had: what is left stays pending.
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
    let from = |root: &Root| -> &dyn Files {
        if matches!(root, Root::Revision { .. }) { &GitFiles } else { files }
    };
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

/// Reads everything that contracts need and that is not known yet.
pub fn settle(
    host: &mut Host,
    contracts: impl IntoIterator<Item = impl Into<ContractKey>>,
    source: &dyn Source,
) {
    let contracts = contracts.into_iter().map(|key| (key.into(), Reach::Whole));
    Driver::default().settle(host, contracts, source);
}

/// Remembers what it was asked for and the bundles that it has followed, so that an edit does not
/// walk a whole fleet again.
#[derive(Default)]
pub struct Driver {
    /// The contracts that it was asked to settle.
    asked: BTreeSet<(ContractKey, Reach)>,
    /// The bundles that those lead to.
    followed: HashSet<(ContractKey, Reach)>,
    /// What was demanded and not answered yet.
    waiting: BTreeSet<(ContractKey, Reach)>,
}

impl Driver {
    /// Has everything answered that `contracts` need and that is not known yet, and what earlier
    /// calls still wait for. The bundles that they lead to are followed once; when one of those
    /// changes, it is to be named itself.
    ///
    /// Once most inputs are such that nothing names any more, as references do that were half typed,
    /// the host forgets them.
    pub fn settle(
        &mut self,
        host: &mut Host,
        contracts: impl IntoIterator<Item = (impl Into<ContractKey>, Reach)>,
        source: &dyn Source,
    ) {
        if host.has_much_unnamed() {
            self.forget_unnamed(host);
        }
        // What is demanded does not depend on the role.
        let plain = |key: ContractKey| key.with_role(Role::Workspace);
        let contracts = contracts.into_iter().map(|(key, reach)| (plain(key.into()), reach));
        let contracts: Vec<_> = contracts.collect();
        self.asked.extend(contracts.iter().cloned());
        let mut frontier = std::mem::take(&mut self.waiting);
        frontier.extend(contracts);
        // How many references lead to a bundle; none to what was asked for.
        let mut steps: HashMap<(ContractKey, Reach), u32> = HashMap::new();
        for _ in 0..MAX_ROUNDS {
            let mut demands = BTreeSet::new();
            let mut unsettled = BTreeSet::new();
            while let Some((key, reach)) = frontier.pop_first() {
                let (missing, bundles) = host.demand(&key, reach);
                let bundles = bundles.into_iter().map(|(root, reach)| (root.into(), reach));
                let step = steps.get(&(key.clone(), reach)).map_or(1, |step| step + 1);
                let new = bundles.filter(|_| step <= MAX_STEPS);
                for bundle in new.filter(|bundle| self.followed.insert(bundle.clone())) {
                    steps.insert(bundle.clone(), step);
                    frontier.insert(bundle);
                }
                if !missing.is_empty() {
                    demands.extend(missing);
                    unsettled.insert((key, reach));
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

    /// Has the host forget what no contract names any more: half-typed references, and what only
    /// contracts and baselines named that were removed.
    pub fn forget_unnamed(&mut self, host: &mut Host) {
        self.asked.retain(|(key, _)| {
            let roles = [Role::Workspace, Role::Old, Role::New];
            roles.into_iter().any(|role| host.has_contract(&key.clone().with_role(role)))
        });
        let named = host.analysis().named(self.asked.iter().cloned());
        // What nobody has followed yet is left to be followed.
        self.followed.retain(|bundle| named.bundles.contains(bundle));
        let Driver { asked, followed, waiting } = self;
        waiting.retain(|bundle| asked.contains(bundle) || followed.contains(bundle));
        host.forget_unnamed(&named.inputs);
    }

    /// The files of the bundle in `root` that some contract names. The host forgets the others, so
    /// that they are read when they are named again.
    pub fn named_files(&self, host: &mut Host, root: &Root) -> BTreeSet<String> {
        let own = self.asked.iter().chain(&self.followed).filter(|(key, _)| key.root == *root);
        let named = own.flat_map(|(key, reach)| host.named(key, *reach).0);
        let files = named.filter_map(|demand| match demand {
            Demand::File { root: other, path } => (other == *root).then_some(path),
            _ => None,
        });
        let files: BTreeSet<String> = files.collect();
        host.forget_files(root, &files);
        files
    }
}
