//! Demands answered from registries, beside those for local files.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use pacto_core::contract::OciReference;
use pacto_core::db::Demand;
use pacto_core::fact::{Fact, Failure, RegistryCode, RegistryFailure};
use pacto_core::{Change, Origin, Root};
use tokio::runtime::Runtime;

use crate::{Files, Source, Store, decode, local_answer};

/// Files of this machine and bundles of registries; an answer waits for the network.
pub struct Remote<'a> {
    pub files: &'a dyn Files,
    pub store: &'a Arc<Store>,
    pub runtime: &'a Runtime,
}

impl Source for Remote<'_> {
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change> {
        let (remote, local): (Vec<_>, Vec<_>) = demands.into_iter().partition(Demand::is_remote);
        let mut changes: Vec<Change> =
            local.into_iter().filter_map(|demand| local_answer(self.files, demand)).collect();
        if !remote.is_empty() {
            changes.extend(self.runtime.block_on(fetch(self.store, remote)));
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

/// Answers demands for registries, all at once.
pub async fn fetch(store: &Arc<Store>, demands: Vec<Demand>) -> Vec<Change> {
    let mut seen = BTreeSet::new();
    let unique = demands.into_iter().filter(|demand| seen.insert(demand.clone()));
    let tasks = unique.map(|demand| {
        let store = Arc::clone(store);
        tokio::spawn(async move { fetch_one(&store, demand).await })
    });
    join_all(tasks).await.into_iter().flatten().flatten().collect()
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
