//! What is missing, who needs it, and what is being asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pacto_core::db::{Demand, Reach};
use pacto_core::{Change, ContractKey, Root};

use crate::round::Look;

/// How long findings wait for disks; what takes longer comes later.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// How long a contract must rest before what it refers to is looked up in registries.
const REST: Duration = Duration::from_millis(300);

#[derive(Default)]
pub(crate) struct Looks {
    /// Where the next round looks.
    next: BTreeSet<Look>,
    /// Those of them that open contracts wait for.
    urgent: BTreeSet<Look>,
    /// Everything that was ever wanted, so that a change of a bundle has it looked at again.
    followed: Arc<BTreeSet<Look>>,
    /// Who needs what is missing.
    waiting: BTreeMap<Demand, BTreeSet<Look>>,
    asked: BTreeMap<Demand, Asked>,
    /// What registries are to be asked once the contracts rest that these look at.
    resting: BTreeMap<Demand, Look>,
    edited: BTreeMap<ContractKey, Instant>,
}

struct Asked {
    at: Instant,
    /// Whether an open contract needs it.
    is_open: bool,
}

impl Looks {
    pub(crate) fn want(&mut self, look: Look) {
        if !self.followed.contains(&look) {
            Arc::make_mut(&mut self.followed).insert(look.clone());
        }
        self.next.insert(look);
    }

    pub(crate) fn want_whole(&mut self, key: &ContractKey) {
        self.want((key.clone(), Reach::Whole));
    }

    pub(crate) fn next(&self) -> &BTreeSet<Look> {
        &self.next
    }

    /// Where to look for what open contracts wait for.
    pub(crate) fn urgent(&self) -> &BTreeSet<Look> {
        &self.urgent
    }

    pub(crate) fn followed(&self) -> &Arc<BTreeSet<Look>> {
        &self.followed
    }

    /// The folders of which something was ever wanted.
    pub(crate) fn folders(&self) -> BTreeSet<&Root> {
        self.followed.iter().map(|(key, _)| &key.root).filter(|root| root.is_folder()).collect()
    }

    /// What was asked for so long ago that findings do not wait for it.
    pub(crate) fn late(&self) -> BTreeSet<Demand> {
        let late = self.asked.iter().filter(|(_, asked)| asked.at.elapsed() >= PATIENCE);
        late.map(|(demand, _)| demand.clone()).collect()
    }

    /// The files of a bundle that were asked for, and of which there is no answer yet.
    pub(crate) fn asked_files(&self, of: &Root) -> impl Iterator<Item = String> {
        self.asked.keys().filter_map(move |demand| match demand {
            Demand::File { root, path } if root == of => Some(path.clone()),
            _ => None,
        })
    }

    /// Whether a disk owes answers that open contracts need.
    pub(crate) fn is_waiting(&self) -> bool {
        let is_owed = |(demand, asked): (&Demand, &Asked)| {
            asked.is_open && !demand.is_remote() && asked.at.elapsed() < PATIENCE
        };
        self.asked.iter().any(is_owed)
    }

    /// Takes what a round has looked at out of the next one.
    pub(crate) fn looked(&mut self, looked: &[Look], found: Vec<Look>) {
        for look in found {
            self.want(look);
        }
        for look in looked {
            self.next.remove(look);
            self.urgent.remove(look);
        }
        let looked: BTreeSet<&Look> = looked.iter().collect();
        self.waiting.retain(|_, looks| {
            looks.retain(|look| !looked.contains(look));
            !looks.is_empty()
        });
        // What they still need, they say again.
        self.resting.retain(|_, look| !looked.contains(look));
    }

    /// Notes who needs something. Returns whether it is to be asked for now.
    pub(crate) fn needs(&mut self, demand: &Demand, look: Look, is_open: bool) -> bool {
        self.waiting.entry(demand.clone()).or_default().insert(look.clone());
        self.asks(demand, look, is_open)
    }

    /// Whether something is to be asked for now. References that are being typed rest first.
    pub(crate) fn asks(&mut self, demand: &Demand, look: Look, is_open: bool) -> bool {
        if let Some(asked) = self.asked.get_mut(demand) {
            asked.is_open |= is_open;
            return false;
        }
        if demand.is_remote() && self.rests_at(&look.0).is_some() {
            self.resting.insert(demand.clone(), look);
            return false;
        }
        self.asked.insert(demand.clone(), Asked { at: Instant::now(), is_open });
        true
    }

    pub(crate) fn edited(&mut self, key: &ContractKey) {
        self.edited.insert(key.clone(), Instant::now());
    }

    /// When a contract that was just edited counts as resting.
    fn rests_at(&self, key: &ContractKey) -> Option<Instant> {
        let at = *self.edited.get(key)? + REST;
        (at > Instant::now()).then_some(at)
    }

    /// When registries are to be asked next.
    pub(crate) fn next_rest(&self) -> Option<Instant> {
        let now = Instant::now();
        self.resting.values().map(|look| self.rests_at(&look.0).unwrap_or(now)).min()
    }

    /// Takes what registries are to be asked, now that contracts rest.
    pub(crate) fn rested(&mut self) -> Vec<Demand> {
        let all = std::mem::take(&mut self.resting);
        let ask =
            |(demand, look): (Demand, Look)| self.asks(&demand, look, false).then_some(demand);
        all.into_iter().filter_map(ask).collect()
    }

    /// Takes note of answers: who waited for them, and what looks at a bundle that has changed, is
    /// looked at again.
    pub(crate) fn answered(&mut self, demands: &[Demand], changes: &[Change]) {
        for demand in demands {
            let looks = self.waiting.remove(demand).unwrap_or_default();
            if self.asked.remove(demand).is_some_and(|asked| asked.is_open) {
                self.urgent.extend(looks.iter().cloned());
            }
            self.next.extend(looks);
        }
        let roots: BTreeSet<&Root> = changes
            .iter()
            .filter_map(|change| match change {
                Change::File { root, .. } | Change::Listing { root, .. } => Some(root),
                Change::Tags { .. } | Change::Digest { .. } => None,
            })
            .collect();
        let touched = self.followed.iter().filter(|(key, _)| roots.contains(&key.root));
        self.next.extend(touched.cloned());
    }

    /// Has everything looked at again.
    pub(crate) fn again(&mut self) {
        self.next.extend(self.followed.iter().cloned());
    }

    /// Whether nothing is missing that a look needs, and it has been looked at.
    pub(crate) fn is_settled(&self, look: &Look) -> bool {
        self.followed.contains(look)
            && !self.next.contains(look)
            && !self.waiting.values().any(|looks| looks.contains(look))
    }

    /// Forgets everything but `bundles` and what `is_own` holds for.
    pub(crate) fn keep(&mut self, bundles: &BTreeSet<Look>, is_own: impl Fn(&ContractKey) -> bool) {
        let is_kept = |look: &Look| bundles.contains(look) || is_own(&look.0);
        self.next.retain(is_kept);
        self.urgent.retain(is_kept);
        Arc::make_mut(&mut self.followed).retain(is_kept);
        self.waiting.retain(|_, looks| {
            looks.retain(is_kept);
            !looks.is_empty()
        });
    }

    pub(crate) fn forget(&mut self, key: &ContractKey) {
        let is_other = |look: &Look| look.0 != *key;
        self.next.retain(is_other);
        self.urgent.retain(is_other);
        Arc::make_mut(&mut self.followed).retain(is_other);
        self.waiting.retain(|_, looks| {
            looks.retain(is_other);
            !looks.is_empty()
        });
        self.resting.retain(|_, look| is_other(look));
        self.edited.remove(key);
    }
}
