//! What clients are told that want to know how the server is, and who uses whom.

use std::time::{Duration, Instant};

use super::World;
use crate::extension::{GraphChanged, GraphChangedParams, Status, StatusChanged};
use crate::health::resident_memory;
use crate::publish::Made;
use crate::timers::Timer;

/// What changes within this time is told once.
const TELL_INTERVAL: Duration = Duration::from_millis(200);

#[derive(Default)]
pub(super) struct Telling {
    /// What the client was told last, without what changes all the time.
    status: Option<Status>,
    /// The name of the graph that it was told of.
    graph: Option<u64>,
}

impl World {
    /// How the server is, but for what takes a look.
    pub(super) fn status(&self) -> Status {
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            busy: !self.discovering.is_empty() || !self.is_all_made() || self.health.pending() > 0,
            offline: !self.outside.has_registries(),
            open_documents: self.documents.by_key().count(),
            registries: self.health.registries(),
            cache: None,
            last_errors: self.log.recent(),
            ..Status::default()
        }
    }

    /// The status may have changed.
    pub(super) fn tell_later(&mut self) {
        if self.capabilities.wants_status {
            self.timers.set(Timer::Tell, Instant::now() + TELL_INTERVAL);
        }
    }

    /// Tells how the server is, if it is otherwise than it was told.
    pub(super) fn tell(&mut self) {
        let status = Status { contracts: self.engine.contracts().count(), ..self.status() };
        let mut lasting = status.clone();
        for registry in &mut lasting.registries {
            registry.age = None;
            registry.pending = registry.pending.min(1);
        }
        if self.telling.status.replace(lasting.clone()) == Some(lasting) {
            return;
        }
        let status = Status { memory: resident_memory(), ..status };
        self.outbox.replaceable_notification::<StatusChanged>("status".to_owned(), status);
    }

    /// Tells that who uses whom has changed.
    pub(super) fn graphed(&mut self, made: &Made) {
        let Some(graph) = made.graph else { return };
        if self.telling.graph.replace(graph) == Some(graph) {
            return;
        }
        let params = GraphChangedParams { contracts: self.engine.contracts().count() };
        self.outbox.replaceable_notification::<GraphChanged>("graph".to_owned(), params);
    }
}
