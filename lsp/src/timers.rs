//! What is to be done later, on the thread that applies messages.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Findings are published although the disk has not answered everything.
    Patience,
    /// References that rest are looked up in registries.
    Registries,
    /// What registries said long ago is asked for again.
    Freshness,
    /// The client is asked to pull, or to ask for hints, again.
    Refresh,
    /// Lines rest that hide hints while they are typed.
    Rest,
    /// A workspace pull may be answered again.
    Pull,
    /// Findings on a line that was being typed are shown.
    Held,
    /// The client is told which files to watch.
    Watch,
    /// Files are looked at for clients that do not watch them.
    Poll,
    /// The client is told how the server is.
    Tell,
}

#[derive(Default)]
pub(crate) struct Timers(BTreeMap<Timer, Instant>);

impl Timers {
    /// Sets a timer that is not set; one that is set goes off when it was to.
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        self.0.entry(timer).or_insert(at);
    }

    /// Sets a timer, or puts it off.
    pub(crate) fn put_off(&mut self, timer: Timer, at: Instant) {
        self.0.insert(timer, at);
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.0.remove(&timer);
    }

    /// Takes a timer that has gone off.
    pub(crate) fn due(&mut self) -> Option<Timer> {
        let now = Instant::now();
        let timer = self.0.iter().find(|(_, at)| **at <= now).map(|(timer, _)| *timer)?;
        self.0.remove(&timer);
        Some(timer)
    }

    /// How long until the next one goes off; `None` when none is set.
    pub(crate) fn next(&self) -> Option<Duration> {
        let at = self.0.values().min()?;
        Some(at.saturating_duration_since(Instant::now()))
    }
}
