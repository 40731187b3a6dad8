//! Demands answered from registries, beside those for local files.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use pacto_core::contract::OciReference;
use pacto_core::db::Demand;
use pacto_core::fact::{Fact, Failure, RegistryCode, RegistryFailure};
use pacto_core::{Change, Origin, Root};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::{Files, Source, Store, decode, local_answer};

/// Files of this machine and bundles of registries; an answer waits for the network.
///
/// Answers are handed over as they arrive, while other requests are under way, so that what a bundle
/// depends on is asked for before its siblings are there.
pub struct Remote<'a> {
    pub files: &'a dyn Files,
    pub store: &'a Arc<Store>,
    pub runtime: &'a Runtime,
    pub asked: &'a Mutex<Asked>,
}

/// What registries are being asked for.
#[derive(Default)]
pub struct Asked {
    under_way: HashSet<Demand>,
    tasks: JoinSet<(Demand, Option<Change>)>,
}

/// As long as more demands than this are under way, the connections are busy whatever is asked next,
/// and answers are gathered: each round costs a look at all that is unsettled.
const BUSY: usize = 32;

impl Source for Remote<'_> {
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change> {
        let (remote, local): (Vec<_>, Vec<_>) = demands.into_iter().partition(Demand::is_remote);
        let mut changes: Vec<Change> =
            local.into_iter().filter_map(|demand| local_answer(self.files, demand)).collect();
        if remote.is_empty() {
            return changes;
        }
        let mut asked = self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let wanted: HashSet<&Demand> = remote.iter().collect();
        {
            let _runtime = self.runtime.enter();
            asked.start(self.store, &remote);
        }
        // Local answers do not wait for the network.
        let at_least = usize::from(changes.is_empty());
        changes.extend(self.runtime.block_on(asked.answers(&wanted, at_least)));
        changes
    }
}

impl Asked {
    /// Asks for what is not asked for yet.
    fn start(&mut self, store: &Arc<Store>, demands: &[Demand]) {
        for demand in demands {
            if self.under_way.insert(demand.clone()) {
                let (store, demand) = (Arc::clone(store), demand.clone());
                self.tasks.spawn(async move {
                    let change = fetch_one(&store, demand.clone()).await;
                    (demand, change)
                });
            }
        }
    }

    /// The answers that have arrived, once there are `at_least` so many. Those to demands that are not
    /// `wanted` are left behind by another contract, and dropped.
    async fn answers(&mut self, wanted: &HashSet<&Demand>, at_least: usize) -> Vec<Change> {
        let mut changes = Vec::new();
        while !self.tasks.is_empty() {
            let must_wait = changes.len() < at_least || self.tasks.len() > BUSY;
            let next = match must_wait {
                true => self.tasks.join_next().await,
                false => self.tasks.join_next().now_or_never().flatten(),
            };
            match next {
                Some(Ok((demand, change))) => {
                    self.under_way.remove(&demand);
                    changes.extend(change.filter(|_| wanted.contains(&demand)));
                }
                Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
                None => break,
            }
        }
        changes
    }
}

/// Registries asked in the background: answers come when they come.
pub struct Background {
    store: Arc<Store>,
    runtime: Runtime,
}

impl Background {
    pub fn new(store: Arc<Store>, runtime: Runtime) -> Background {
        Background { store, runtime }
    }

    /// Has a demand answered. `done` is called on another thread.
    pub fn ask(&self, demand: Demand, done: impl FnOnce(Change) + Send + 'static) {
        let store = Arc::clone(&self.store);
        self.runtime.spawn(async move {
            if let Some(change) = fetch_one(&store, demand).await {
                done(change);
            }
        });
    }

    /// Forgets what registries could not answer.
    pub fn forget(&self) {
        self.store.forget();
    }
}

async fn fetch_one(store: &Store, demand: Demand) -> Option<Change> {
    match demand {
        Demand::Tags { repository } => {
            let tags = match OciReference::parse(&repository) {
                Ok(reference) => store.tags(&reference).await,
                Err(error) => Fact::Failed(invalid(&repository, &error.message)),
            };
            Some(Change::Tags { repository, tags })
        }
        Demand::Digest { repository, tag } => {
            let digest = match OciReference::parse(&repository) {
                Ok(reference) => store.digest(&reference.with_tag(Some(&tag))).await,
                Err(error) => Fact::Failed(invalid(&repository, &error.message)),
            };
            Some(Change::Digest { repository, tag, digest })
        }
        Demand::File { root, path } => {
            let text = match bundle(store, &root).await {
                Ok(bundle) => match bundle.files.get(&path) {
                    Some(bytes) => match decode(bytes.to_vec()) {
                        Ok(text) => Fact::Ready(text),
                        Err(failure) => Fact::Failed(failure),
                    },
                    None => Fact::Failed(Failure::NotFound),
                },
                Err(failure) => Fact::Failed(failure),
            };
            Some(Change::File { root, path, text, origin: Origin::Registry })
        }
        Demand::Listing { root } => {
            let files = match bundle(store, &root).await {
                Ok(bundle) => Fact::Ready(bundle.files.keys().cloned().collect()),
                Err(failure) => Fact::Failed(failure),
            };
            Some(Change::Listing { root, files })
        }
    }
}

/// The answer to a demand that could not even be asked.
pub fn failed_answer(demand: Demand, failure: &RegistryFailure) -> Change {
    let failure = || Failure::Registry(Box::new(failure.clone()));
    match demand {
        Demand::Tags { repository } => Change::Tags { repository, tags: Fact::Failed(failure()) },
        Demand::Digest { repository, tag } => {
            Change::Digest { repository, tag, digest: Fact::Failed(failure()) }
        }
        Demand::File { root, path } => {
            let text = Fact::Failed(failure());
            Change::File { root, path, text, origin: Origin::Disk }
        }
        Demand::Listing { root } => Change::Listing { root, files: Fact::Failed(failure()) },
    }
}

async fn bundle(store: &Store, root: &Root) -> Result<Arc<crate::bundle::Bundle>, Failure> {
    let Root::Published { repository, digest } = root else { return Err(Failure::NotFound) };
    let text = format!("{repository}@{digest}");
    let pinned = OciReference::parse(&text).map_err(|error| invalid(&text, &error.message))?;
    store.bundle(&pinned).await.map_err(|failure| Failure::Registry(Box::new(failure)))
}

fn invalid(reference: &str, why: &str) -> Failure {
    let message = format!("invalid reference \"{reference}\": {why}");
    Failure::Registry(Box::new(RegistryFailure::new(RegistryCode::InvalidRef, message)))
}
