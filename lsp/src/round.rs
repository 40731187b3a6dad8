//! What one round of background work looks for: what is missing, what contracts are to be compared
//! with, and whether findings can be made.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use pacto_core::db::{Demand, Named, Reach};
use pacto_core::{ContractKey, Role};

use crate::baseline::{Revision, Wanted, wanted};
use crate::snapshot::Snapshot;

/// Upper bound on the contracts of which one round looks for what is missing, so that a round ends.
const MAX_LOOKED: usize = 256;

/// A contract, and how much of its bundle is wanted.
pub(crate) type Look = (ContractKey, Reach);

/// What a round is to do.
pub(crate) struct Plan {
    /// The open contracts, which come first, and what git says of them.
    pub open: Vec<(ContractKey, Revision)>,
    /// Where to look for what is missing.
    pub looks: BTreeSet<Look>,
    /// Those of them that open contracts wait for.
    pub urgent: BTreeSet<Look>,
    /// What was looked at before.
    pub followed: Arc<BTreeSet<Look>>,
    /// What was asked for so long ago that findings do not wait for it.
    pub late: BTreeSet<Demand>,
    /// Whether answers are owed that open contracts need.
    pub is_waiting: bool,
    /// Whether findings are to be made.
    pub is_stale: bool,
    /// Whether everything is to be published, and not the open contracts alone.
    pub with_others: bool,
    /// Whether it is to be found out what contracts name, so that the rest is forgotten.
    pub seeks_named: bool,
}

/// What a round has found.
pub(crate) struct Outcome {
    pub generation: u64,
    pub looked: Vec<Look>,
    /// What is missing, and who needs it.
    pub missing: Vec<Missing>,
    /// Bundles that were led to.
    pub found: Vec<Look>,
    /// What the open contracts are to be compared with.
    pub wanted: Vec<(ContractKey, Wanted)>,
    /// Whether findings are being made from the round's snapshot.
    pub is_ready: bool,
    pub with_others: bool,
    /// What contracts name, if that was to be found out.
    pub named: Option<Named>,
}

pub(crate) struct Missing {
    pub demand: Demand,
    pub look: Look,
    /// Whether an open contract needs it.
    pub is_open: bool,
}

/// Looks for what is missing: first for the open contracts, with what they lead to.
pub(crate) fn look(snapshot: &Snapshot, plan: Plan) -> Outcome {
    let mut outcome = Outcome {
        generation: snapshot.generation,
        looked: Vec::new(),
        missing: Vec::new(),
        found: Vec::new(),
        wanted: Vec::new(),
        is_ready: false,
        with_others: false,
        named: None,
    };
    let is_open =
        |look: &Look| plan.urgent.contains(look) || plan.open.iter().any(|(key, _)| *key == look.0);
    let (open, others): (Vec<Look>, Vec<Look>) = plan.looks.into_iter().partition(is_open);
    let mut walk =
        Walk { snapshot, followed: &plan.followed, new: BTreeSet::new(), outcome: &mut outcome };
    walk.run(open, true);
    let is_whole = walk.run(others, false);
    for (key, revision) in &plan.open {
        if key.root.is_folder() && snapshot.analysis.has_contract(key) {
            let settings = snapshot.settings.of(&key.root);
            let wanted = wanted(&snapshot.analysis, key, settings, revision);
            outcome.wanted.push((key.clone(), wanted));
        }
    }
    outcome.named = plan.seeks_named.then(|| named(snapshot, &plan.followed));
    let is_awaited = |missing: &Missing| {
        missing.is_open && !missing.demand.is_remote() && !plan.late.contains(&missing.demand)
    };
    let is_settled = !plan.is_waiting && !outcome.missing.iter().any(is_awaited);
    outcome.is_ready = plan.is_stale && is_settled;
    outcome.with_others = plan.with_others && is_whole;
    outcome
}

/// What the contracts name that are looked at, and everything that they lead to.
fn named(snapshot: &Snapshot, followed: &BTreeSet<Look>) -> Named {
    let is_own = |(key, _): &&Look| {
        let roles = [Role::Workspace, Role::Old, Role::New];
        roles.into_iter().any(|role| snapshot.analysis.has_contract(&key.clone().with_role(role)))
    };
    snapshot.analysis.named(followed.iter().filter(is_own).cloned())
}

struct Walk<'r> {
    snapshot: &'r Snapshot,
    followed: &'r BTreeSet<Look>,
    new: BTreeSet<Look>,
    outcome: &'r mut Outcome,
}

impl Walk<'_> {
    /// Walks from `looks` on. Returns whether it got to the end.
    fn run(&mut self, looks: Vec<Look>, is_open: bool) -> bool {
        let mut queue = VecDeque::from(looks);
        while let Some((key, reach)) = queue.pop_front() {
            if self.outcome.looked.len() >= MAX_LOOKED && !is_open {
                return false;
            }
            let (missing, bundles) = self.snapshot.analysis.demand(&key, reach);
            for (root, reach) in bundles {
                let look: Look = (ContractKey::from(root), reach);
                if !self.followed.contains(&look) && self.new.insert(look.clone()) {
                    self.outcome.found.push(look.clone());
                    queue.push_back(look);
                }
            }
            let look = (key, reach);
            self.outcome.missing.extend(missing.into_iter().map(|demand| Missing {
                demand,
                look: look.clone(),
                is_open,
            }));
            self.outcome.looked.push(look);
        }
        true
    }
}
