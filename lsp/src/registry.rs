//! Registries in the background: no request ever waits for the network.

use std::cell::{Cell, OnceCell};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

use crossbeam_channel::Sender;
use pacto_core::Change;
use pacto_core::db::Demand;
use pacto_edge::{Background, DiskFiles, Source, local_answer};

use crate::Connect;
use crate::world::Event;

/// Files of this machine, read at once, and registries, whose answers come as events.
pub(crate) struct Registries {
    connect: Cell<Option<Connect>>,
    background: OnceCell<Option<Background>>,
    events: Sender<Event>,
    /// What was asked for and has not come yet.
    asked: Arc<Mutex<HashSet<Demand>>>,
}

impl Registries {
    pub(crate) fn new(connect: Option<Connect>, events: Sender<Event>) -> Self {
        let connect = Cell::new(connect);
        Registries { connect, background: OnceCell::new(), events, asked: Arc::default() }
    }

    fn background(&self) -> Option<&Background> {
        self.background.get_or_init(|| self.connect.take().and_then(|connect| connect())).as_ref()
    }

    fn asked(&self) -> MutexGuard<'_, HashSet<Demand>> {
        self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Forgets what registries could not answer, so that they are asked again.
    pub(crate) fn forget(&self) {
        if let Some(Some(background)) = self.background.get() {
            background.forget();
        }
    }
}

impl Source for Registries {
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change> {
        let (remote, local): (Vec<_>, Vec<_>) = demands.into_iter().partition(Demand::is_remote);
        if !remote.is_empty()
            && let Some(background) = self.background()
        {
            for demand in remote {
                if !self.asked().insert(demand.clone()) {
                    continue;
                }
                let (events, asked) = (self.events.clone(), Arc::clone(&self.asked));
                background.ask(demand.clone(), move |change| {
                    asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).remove(&demand);
                    let _ = events.send(Event::Fetched(change));
                });
            }
        }
        local.into_iter().filter_map(|demand| local_answer(&DiskFiles, demand)).collect()
    }
}
