//! Registries in the background: no request ever waits for the network.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use crossbeam_channel::Sender;
use pacto_core::db::{Demand, Severities};
use pacto_core::diff::{Date, Settings};
use pacto_core::{Change, Root};
use pacto_edge::config::{Owner, find_project, load};
use pacto_edge::{Background, DiskFiles, Source, local_answer};

use crate::world::Event;
use crate::{Connect, Log};

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

/// What projects say about rules, by the file that says it.
#[derive(Default)]
pub(crate) struct Projects(BTreeMap<PathBuf, Severities>);

impl Projects {
    /// How the contract of the bundle in `root` is compared with its baseline.
    pub(crate) fn diff_settings(&self, root: &Root, log: &Log) -> Settings {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
        let as_of = Date::from_unix_seconds(today);
        let plain = Settings { as_of, ..Settings::default() };
        let project =
            root.folder().and_then(|folder| find_project(Path::new(folder), home.as_deref()));
        let Some(file) = project else { return plain };
        let settings = load(&file, Owner::Project)
            .and_then(|loaded| Settings::read(&loaded.config.diff.unwrap_or_default(), as_of));
        settings.unwrap_or_else(|why| {
            log.line(&why);
            plain
        })
    }

    /// For the contract of the bundle in `root`.
    pub(crate) fn severities(&mut self, root: &Root, log: &Log) -> Severities {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let project =
            root.folder().and_then(|folder| find_project(Path::new(folder), home.as_deref()));
        let Some(file) = project else { return Severities::default() };
        let known =
            self.0.entry(file.clone()).or_insert_with(|| match load(&file, Owner::Project) {
                Ok(loaded) => loaded.config.severities(),
                Err(why) => {
                    log.line(&why);
                    Severities::default()
                }
            });
        known.clone()
    }
}
