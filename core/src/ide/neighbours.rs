//! The contracts around one, as nodes and edges: what it uses, and who uses it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::bundle::BundleView;
use crate::contract::{Constraint, Contract, Version};
use crate::db::{self, CONTRACT_FILE, Db, DbView};
use crate::fact::Fact;
use crate::fleet::{Fleet, Profile, Use, UseKind};
use crate::root::Root;

/// Upper bound on the nodes.
const MAX_NODES: usize = 2_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// What the contract uses.
    #[default]
    Uses,
    /// Who uses it.
    Users,
    Both,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub direction: Direction,
    /// Upper bound on the steps from the contract.
    pub depth: Option<usize>,
    /// Whether configurations and policies by reference are followed, too.
    pub with_references: bool,
}

/// Nodes and edges; the first node is the contract itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbourhood {
    pub nodes: Vec<Neighbour>,
    pub edges: Vec<Step>,
    /// Whether there is more than is shown.
    pub is_cut: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Where it is; what was pushed from the workspace counts as what is there.
    pub root: Root,
    pub profile: Profile,
    /// Whether dependencies lead from it back to it.
    pub is_in_cycle: bool,
}

/// One reference of a contract to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub from: Root,
    /// `None` while it is not known where the reference leads.
    pub to: Option<Root>,
    pub kind: UseKind,
    /// Its place among the contract's dependencies, configurations or policies, from 0.
    pub index: usize,
    /// As it is written.
    pub reference: String,
    pub required: bool,
    pub constraint: Option<String>,
    /// The version that the reference leads to.
    pub resolved: Option<String>,
    /// Whether that version is in the range that is asked for.
    pub is_compatible: bool,
    /// Why it leads nowhere.
    pub problem: Option<String>,
}

/// The contracts around that of the bundle in `root`, nearest first.
pub fn neighbours(db: &dyn Db, root: &Root, options: Options) -> Neighbourhood {
    let workspace = db.inputs().workspace(db);
    let fleet = db::fleet_index(db, workspace);
    let mut walk = Walk { db, fleet, options, found: Neighbourhood::default() };
    let start = fleet.source(root).clone();
    let mut nodes = Vec::from([start.clone()]);
    if options.direction != Direction::Users {
        nodes.extend(walk.run(&start, Walk::uses));
    }
    if options.direction != Direction::Uses {
        nodes.extend(walk.run(&start, Walk::users));
    }
    let mut seen = BTreeSet::new();
    nodes.retain(|root| seen.insert(root.clone()));
    // Where the walk was cut, edges lead to what is not shown.
    let is_shown = |step: &Step| step.to.iter().chain([&step.from]).all(|root| seen.contains(root));
    walk.found.edges.retain(is_shown);
    let cyclic = db::cyclic_roots(db, workspace);
    let node = |root: Root| Neighbour {
        profile: db::profile(db, db.inputs().file(db, &root, CONTRACT_FILE)).clone(),
        is_in_cycle: cyclic.contains(&root),
        root,
    };
    Neighbourhood { nodes: nodes.into_iter().map(node).collect(), ..walk.found }
}

struct Walk<'db> {
    db: &'db dyn Db,
    fleet: &'db Fleet,
    options: Options,
    found: Neighbourhood,
}

impl Walk<'_> {
    /// Follows `next`, which adds edges, from a root on. Returns the roots on the way.
    fn run(&mut self, start: &Root, next: fn(&mut Self, &Root) -> Vec<Root>) -> Vec<Root> {
        let mut distances = BTreeMap::from([(start.clone(), 0)]);
        let mut queue = VecDeque::from([start.clone()]);
        let mut found = Vec::new();
        while let Some(root) = queue.pop_front() {
            let distance = distances[&root];
            if self.options.depth.is_some_and(|depth| distance >= depth) {
                continue;
            }
            for root in next(self, &root) {
                if distances.len() >= MAX_NODES {
                    self.found.is_cut = true;
                } else if !distances.contains_key(&root) {
                    distances.insert(root.clone(), distance + 1);
                    queue.push_back(root.clone());
                    found.push(root);
                }
            }
        }
        found
    }

    fn is_followed(&self, kind: UseKind) -> bool {
        kind == UseKind::Dependency || self.options.with_references
    }

    /// What a contract uses.
    fn uses(&mut self, root: &Root) -> Vec<Root> {
        let file = self.db.inputs().file(self.db, root, CONTRACT_FILE);
        let all = db::uses(self.db, file).iter().filter(|used| self.is_followed(used.kind));
        let steps: Vec<Step> = all.map(|used| self.step(root, used)).collect();
        let targets = steps.iter().filter_map(|step| step.to.clone()).collect();
        self.add(steps);
        targets
    }

    /// Who uses a contract.
    fn users(&mut self, root: &Root) -> Vec<Root> {
        let mut steps = Vec::new();
        for user in self.fleet.dependents(root).iter().filter(|u| self.is_followed(u.kind)) {
            let file = self.db.inputs().file(self.db, &user.root, CONTRACT_FILE);
            let mut all = db::uses(self.db, file).iter();
            let used = all.find(|used| (used.kind, used.index) == (user.kind, user.index));
            steps.extend(used.map(|used| self.step(&user.root, used)));
        }
        let users = steps.iter().map(|step| step.from.clone()).collect();
        self.add(steps);
        users
    }

    /// Adds edges that are not there yet: in a circle both walks meet them.
    fn add(&mut self, steps: Vec<Step>) {
        for step in steps {
            let name = |step: &Step| (step.from.clone(), step.kind, step.index);
            if !self.found.edges.iter().any(|edge| name(edge) == name(&step)) {
                self.found.edges.push(step);
            }
        }
    }

    fn step(&self, from: &Root, used: &Use) -> Step {
        let view = DbView::new(self.db, from.clone());
        let contract = view.contract();
        let contract = contract.ready();
        let (reference, required) = contract.map_or((None, false), |c| written(c, used));
        let file = |root: &Root| self.db.inputs().file(self.db, root, CONTRACT_FILE);
        let profile = |root: &Root| db::profile(self.db, file(root));
        let text = |root: &Root| file(root).text(self.db).as_ref();
        let resolved = used.target.as_ref().and_then(|root| profile(root).version.clone());
        let range = used.constraint.as_deref().and_then(|text| Constraint::parse(text).ok());
        let version = resolved.as_deref().and_then(|text| Version::parse(text).ok());
        let (to, problem) = match view.follow(&used.reference, used.constraint.as_deref()) {
            Fact::Failed(failure) => (None, Some(failure.to_string())),
            // Where it leads there may be nothing.
            _ => match used.target.as_ref().map(|root| (root, text(root))) {
                Some((_, Fact::Failed(failure))) => (None, Some(failure.to_string())),
                Some((root, Fact::Ready(_))) => (Some(self.fleet.source(root).clone()), None),
                _ => (None, None),
            },
        };
        Step {
            from: self.fleet.source(from).clone(),
            to,
            kind: used.kind,
            index: used.index,
            reference: reference.unwrap_or_default(),
            required,
            constraint: used.constraint.clone(),
            resolved,
            is_compatible: range
                .zip(version)
                .is_none_or(|(range, version)| range.matches(&version)),
            problem,
        }
    }
}

/// A reference as it is written, and whether the contract says that it is required.
fn written(contract: &Contract, used: &Use) -> (Option<String>, bool) {
    match used.kind {
        UseKind::Dependency => {
            let found = contract.dependencies.get(used.index);
            let required = found.and_then(|d| d.required.get().copied()).unwrap_or(false);
            (found.and_then(|d| d.reference.get().cloned()), required)
        }
        UseKind::Configuration => {
            let found = contract.configurations.get(used.index);
            (found.and_then(|c| c.reference.get().cloned()), true)
        }
        UseKind::Policy => {
            let found = contract.policies.get(used.index);
            (found.and_then(|p| p.reference.get().cloned()), true)
        }
    }
}
