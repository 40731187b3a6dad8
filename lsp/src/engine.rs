//! The engine as the thread that applies messages has it: inputs go in, sealed snapshots come out,
//! and no query runs.

use std::time::{Duration, Instant};

use pacto_core::check::Mode;
use pacto_core::contract::Date;
use pacto_core::db::{Baseline, Demand, Named, Severities};
use pacto_core::diff;
use pacto_core::{Change, ContractKey, Host, Role, Root};

use pacto_edge::session::today;

use crate::slot::Slot;
use crate::snapshot::{Permits, Snapshot};

/// How long an edit waits for requests that run.
const EDIT_PATIENCE: Duration = Duration::from_millis(50);
/// How often the day is looked up.
const DAY_INTERVAL: Duration = Duration::from_secs(60);

pub(crate) struct Engine {
    host: Host,
    generation: u64,
    permits: Permits,
    /// The round that waits for its lane.
    slot: Slot,
    /// The day that the host was told, and when.
    day: Option<(Date, Instant)>,
}

impl Engine {
    pub(crate) fn new(slot: Slot) -> Engine {
        Engine {
            host: Host::default(),
            generation: 0,
            permits: Permits::default(),
            slot,
            day: None,
        }
    }

    /// Says what day it is, if it may be another than the last time.
    pub(crate) fn tell_day(&mut self) {
        if self.day.is_some_and(|(_, told)| told.elapsed() < DAY_INTERVAL) {
            return;
        }
        let (today, old) = (today(), self.day.map(|(day, _)| day));
        self.day = Some((today, Instant::now()));
        if old != Some(today) {
            self.write().set_today(today);
        }
    }

    /// Counts writes: what was computed for an older generation may be outdated.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The host, after requests have finished that run, and the round that waits has let go of its
    /// snapshot. Background work that runs is cancelled by the write that follows.
    fn write(&mut self) -> &mut Host {
        self.slot.clear();
        self.permits.wait(EDIT_PATIENCE);
        self.generation += 1;
        &mut self.host
    }

    pub(crate) fn apply(&mut self, changes: Vec<Change>) {
        self.write().apply(changes);
    }

    /// Adds contracts that are not known yet.
    pub(crate) fn add(&mut self, new: &[ContractKey]) {
        self.write().add_contracts(new, Mode::Editor);
    }

    pub(crate) fn remove(&mut self, key: &ContractKey) {
        let host = self.write();
        host.set_baseline(key, None);
        host.remove_contract(key);
    }

    pub(crate) fn set_severities(&mut self, key: &ContractKey, severities: Severities) {
        self.write().set_severities(key, severities);
    }

    pub(crate) fn set_baseline(
        &mut self,
        key: &ContractKey,
        baseline: Option<(Baseline, diff::Settings)>,
    ) {
        self.write().set_baseline(key, baseline);
    }

    /// Forgets what registries could not answer. Returns whether there was anything.
    pub(crate) fn forget_registry_failures(&mut self) -> bool {
        self.write().forget_registry_failures()
    }

    /// Forgets what registries said of tags, and what they could not answer.
    pub(crate) fn forget_registry_answers(&mut self) {
        self.write().forget_registry_answers();
    }

    /// Whether a registry has answered this, and the answer is still of use.
    pub(crate) fn knows(&self, demand: &Demand) -> bool {
        self.host.knows(demand)
    }

    /// Whether an answer of a registry is other than what is known.
    pub(crate) fn is_news(&self, change: &Change) -> bool {
        self.host.is_news(change)
    }

    /// Forgets what was in a folder that holds no contract any more.
    pub(crate) fn forget_folder(&mut self, root: &Root) {
        self.write().forget_folder(root);
    }

    /// Whether it is worth to look for what nothing names any more.
    pub(crate) fn has_much_unnamed(&self) -> bool {
        self.host.has_much_unnamed()
    }

    /// Forgets what is not among `named`.
    pub(crate) fn forget_unnamed(&mut self, named: &Named) {
        self.write().forget_unnamed(&named.inputs);
    }

    pub(crate) fn has(&self, key: &ContractKey) -> bool {
        self.host.has_contract(key)
    }

    /// Whether it is a contract of the workspace, or a baseline.
    pub(crate) fn has_in_any_role(&self, key: &ContractKey) -> bool {
        let roles = [Role::Workspace, Role::Old, Role::New];
        roles.into_iter().any(|role| self.host.has_contract(&key.clone().with_role(role)))
    }

    pub(crate) fn contracts(&self) -> impl Iterator<Item = &ContractKey> {
        self.host.contracts()
    }

    pub(crate) fn baseline(&self, key: &ContractKey) -> Option<&Baseline> {
        self.host.baseline(key)
    }

    /// The files of a bundle that were ever asked for.
    pub(crate) fn known_files(&self, root: &Root) -> Vec<String> {
        self.host.known_files(root)
    }

    /// A snapshot for a request that a person waits for; an edit lets it finish.
    pub(crate) fn interactive(&self) -> Snapshot {
        Snapshot::of(&self.host, Some(self.permits.take()))
    }

    /// A snapshot for work that an edit cancels.
    pub(crate) fn background(&self) -> Snapshot {
        Snapshot::of(&self.host, None)
    }
}
