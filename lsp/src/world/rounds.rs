//! Rounds of background work: when one starts, and what follows from what it finds.

use std::collections::BTreeMap;
use std::time::Instant;

use pacto_core::Root;
use pacto_core::db::{Demand, Reach};

use super::World;
use crate::documents::Place;
use crate::lanes::Lane;
use crate::looks::PATIENCE;
use crate::publish::Made;
use crate::round::{Outcome, Plan};
use crate::slot::Round;
use crate::timers::Timer;

/// How far rounds are, as generations of the engine.
#[derive(Default)]
pub(super) struct Rounds {
    started: Option<u64>,
    /// Of which the findings of open contracts are being made, or were.
    made: Option<u64>,
    /// The same for all contracts.
    made_all: Option<u64>,
    /// Whether a round is needed although nothing was written.
    is_wanted: bool,
    /// Whether what is being made now was to be made again since, by other settings.
    is_outdated: bool,
}

impl World {
    pub(super) fn needs_round(&self) -> bool {
        self.rounds.is_wanted || self.rounds.started != Some(self.engine.generation())
    }

    /// Has findings made again of what is there.
    pub(super) fn make_again(&mut self) {
        self.rounds.made = None;
        self.rounds.made_all = None;
        self.rounds.is_wanted = true;
        self.rounds.is_outdated = true;
    }

    /// Has a round look again, though nothing was written.
    pub(super) fn look_again(&mut self) {
        self.rounds.is_wanted = true;
    }

    /// Whether findings are made of everything that was said so far.
    pub(super) fn is_made(&self) -> bool {
        let is_told = !self.documents.has_dirty() && self.answers.is_empty();
        is_told && self.rounds.made == Some(self.engine.generation())
    }

    /// The same for all contracts.
    pub(super) fn is_all_made(&self) -> bool {
        self.is_made() && self.rounds.made_all == Some(self.engine.generation())
    }

    pub(super) fn start_round(&mut self) {
        let generation = self.engine.generation();
        self.rounds.started = Some(generation);
        self.rounds.is_wanted = false;
        self.rounds.is_outdated = false;
        let open = self.documents.contracts();
        let owes_project = |key: &pacto_core::ContractKey| {
            let asked = self.projects_asked.get(&key.root);
            asked.is_some_and(|at| at.elapsed() < PATIENCE)
        };
        let is_waiting = self.looks.is_waiting() || open.iter().any(owes_project);
        let is_discovering = self.discovering.values().any(|at| at.elapsed() < PATIENCE);
        let plan = Plan {
            open: open.iter().map(|key| (key.clone(), self.comparisons.revision(key))).collect(),
            looks: self.looks.next().clone(),
            urgent: self.looks.urgent().clone(),
            followed: self.looks.followed().clone(),
            late: self.looks.late(),
            is_waiting,
            is_stale: self.rounds.made != Some(generation)
                || (self.rounds.made_all != Some(generation) && !is_discovering),
            with_others: self.rounds.made_all != Some(generation) && !is_discovering,
            seeks_named: self.engine.has_much_unnamed(),
        };
        self.tell_later();
        self.slot.put(Round { snapshot: self.complete(self.engine.background()), plan });
        let (slot, publisher) = (self.slot.clone(), self.publisher.clone());
        let (events, log) = (self.events.clone(), self.log.clone());
        self.lanes.run(Lane::Background, move |lane| slot.run(lane, &publisher, &events, &log));
    }

    pub(super) fn looked(&mut self, outcome: Outcome) {
        // What was written since has a round of its own.
        if outcome.generation != self.engine.generation() {
            return;
        }
        self.looks.looked(&outcome.looked, outcome.found);
        let mut reads: BTreeMap<Root, Vec<Demand>> = BTreeMap::new();
        for missing in outcome.missing {
            if !self.looks.needs(&missing.demand, missing.look, missing.is_open) {
                continue;
            }
            match &missing.demand {
                Demand::File { root, .. } | Demand::Listing { root } if !root.is_published() => {
                    reads.entry(root.clone()).or_default().push(missing.demand);
                }
                _ => self.ask_registry(missing.demand),
            }
        }
        for (root, demands) in reads {
            self.outside.read(&root, demands);
        }
        for (key, wanted) in outcome.wanted {
            self.compare(key, wanted);
        }
        if let Some(at) = self.looks.next_rest() {
            self.timers.put_off(Timer::Registries, at);
        }
        // What is outdated is made by the round that is wanted.
        if outcome.is_ready && !self.rounds.is_outdated {
            self.rounds.made = Some(outcome.generation);
            self.timers.stop(Timer::Patience);
            if outcome.with_others {
                self.rounds.made_all = Some(outcome.generation);
            }
        } else if self.rounds.made != Some(outcome.generation) {
            self.timers.set(Timer::Patience, Instant::now() + PATIENCE);
        }
        self.rounds.is_wanted |= !self.looks.next().is_empty();
        if let Some(named) = &outcome.named {
            self.looks.keep(&named.bundles, |key| self.engine.has_in_any_role(key));
            self.engine.forget_unnamed(named);
        }
        self.watch_later();
    }

    /// Asks registries for what contracts refer to that rest now.
    pub(super) fn ask_rested(&mut self) {
        for demand in self.looks.rested() {
            self.ask_registry(demand);
        }
        if let Some(at) = self.looks.next_rest() {
            self.timers.put_off(Timer::Registries, at);
        }
    }

    /// Asks registries again for what they said long ago.
    pub(super) fn ask_stale(&mut self) {
        let stale = self.freshness.stale(Instant::now(), |demand| self.engine.knows(demand));
        stale.into_iter().for_each(|demand| self.ask_registry(demand));
        self.watch_freshness();
    }

    fn watch_freshness(&mut self) {
        if let Some(at) = self.freshness.next() {
            self.timers.put_off(Timer::Freshness, at);
        }
    }

    /// Drops answers of registries that say nothing new, and failures where there is an answer: the
    /// last good state stays.
    fn refreshed(&mut self, demands: &[Demand], changes: &mut Vec<pacto_core::Change>) {
        let is_again = demands.iter().all(|demand| self.freshness.is_known(demand));
        if is_again && !demands.is_empty() {
            changes.retain(|change| self.engine.is_news(change));
            if !changes.is_empty() {
                // What leads elsewhere now has to be looked at from there.
                self.looks.again();
            }
        }
        self.freshness.answered(demands, Instant::now());
        self.watch_freshness();
    }

    /// Findings and hints have been made.
    pub(super) fn made(&mut self, made: Made) {
        if let Some(until) = made.held_until {
            self.timers.put_off(Timer::Held, until);
        }
        if let Some(until) = made.resting_until {
            self.timers.put_off(Timer::Rest, until);
        }
        self.pulled(&made);
        self.hinted(&made);
        self.graphed(&made);
        self.tell_later();
    }

    /// Hands the edits of open documents to the engine.
    pub(super) fn flush(&mut self) {
        let mut changes = Vec::new();
        let mut contracts = Vec::new();
        for document in self.documents.dirty() {
            document.is_dirty = false;
            if let Place::In(key, path) = &document.place {
                changes.push(pacto_core::Change::File {
                    root: key.root.clone(),
                    path: path.clone(),
                    text: pacto_core::fact::Fact::Ready(document.text.text().into()),
                    origin: pacto_core::Origin::Editor,
                });
                contracts.push(key.clone());
            }
        }
        if changes.is_empty() {
            return;
        }
        self.engine.apply(changes);
        for key in &contracts {
            self.looks.want_whole(key);
            if self.engine.baseline(key).is_some() {
                self.looks.want((key.clone(), Reach::Compared));
            }
        }
        if self.add_contracts(contracts) {
            self.place_again();
        }
        self.set_open();
    }

    /// Hands answers of the outside world to the engine.
    pub(super) fn take_answers(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        self.tell_later();
        let mut all = Vec::new();
        for (demands, mut changes) in std::mem::take(&mut self.answers) {
            // What is open stands over what is on disk.
            changes.retain(|change| match change {
                pacto_core::Change::File { root, path, .. } => !self.documents.is_open(root, path),
                _ => true,
            });
            self.health.answered(&demands, &changes);
            self.refreshed(&demands, &mut changes);
            self.looks.answered(&demands, &changes);
            all.append(&mut changes);
        }
        if all.is_empty() {
            return self.look_again();
        }
        let missing = World::missing_contracts(&all);
        self.engine.apply(all);
        for key in missing.iter().filter(|key| key.is_usual()) {
            self.engine.forget_folder(&key.root);
        }
        let gone: Vec<_> = missing.into_iter().filter(|key| self.engine.has(key)).collect();
        for key in &gone {
            self.drop_contract(key);
            // It may have come back since the answer was given.
            if let Some(folder) = key.root.folder().filter(|_| self.is_in_workspace(&key.root)) {
                self.discover(folder.to_owned());
            }
        }
        if !gone.is_empty() {
            self.place_again();
        }
    }
}
