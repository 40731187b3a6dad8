//! Rounds of background work: what is missing is looked for, and when nothing is, findings are
//! made. A write cancels the round that runs; the next one starts where it is needed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use crossbeam_channel::Sender;
use pacto_core::Cancelled;

use crate::event::Event;
use crate::lanes::OnLane;
use crate::log::Log;
use crate::panics;
use crate::publish::Publisher;
use crate::round::{Plan, look};
use crate::snapshot::Sealed;

/// A round on its way to its lane.
pub(crate) struct Round {
    pub snapshot: Sealed,
    pub plan: Plan,
}

/// Where a round waits for its lane. A newer one replaces it.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Round>>>);

impl Slot {
    pub(crate) fn put(&self, round: Round) {
        let old = self.lock().replace(round);
        // Its snapshot goes without the lock held.
        drop(old);
    }

    /// Drops the round that waits, so that its snapshot does not hold up a write.
    pub(crate) fn clear(&self) {
        let old = self.lock().take();
        drop(old);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Round>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Runs the round that waits, until a write cancels it.
    pub(crate) fn run(
        &self,
        lane: &OnLane,
        publisher: &Publisher,
        events: &Sender<Event>,
        log: &Log,
    ) {
        let Some(round) = self.lock().take() else { return };
        let run = AssertUnwindSafe(|| {
            let snapshot = round.snapshot.open(lane);
            let outcome = look(&snapshot, round.plan);
            let (is_ready, with_others) = (outcome.is_ready, outcome.with_others);
            let _ = events.send(Event::Looked(Box::new(outcome)));
            if is_ready {
                let made = publisher.publish(&snapshot, with_others);
                let _ = events.send(Event::Made(made));
            }
        });
        if let Err(payload) = catch_unwind(run)
            && !payload.is::<Cancelled>()
        {
            panics::report(log, "a round", payload.as_ref());
        }
    }
}
