//! How a session comes to registries.

use std::path::PathBuf;
use std::sync::Arc;

use pacto_core::fact::{RegistryCode, RegistryFailure};
use tokio::runtime::Runtime;

use super::Settings;
use crate::cache::Cache;
use crate::registry::{Client, Credentials, OnProgress, Options, credentials};
use crate::{Store, StoreOptions};

/// What it takes to speak to registries.
pub(super) struct Connector {
    options: Options,
    credentials: credentials::Sources,
    cache_dir: Option<PathBuf>,
    store: StoreOptions,
}

impl Connector {
    pub(super) fn new(settings: &Settings, on_progress: Option<OnProgress>) -> Connector {
        Connector {
            options: Options {
                trust: settings.trust.clone(),
                jobs: settings.jobs,
                on_progress,
                ..Options::default()
            },
            credentials: settings.credentials.clone(),
            cache_dir: settings.cache_dir.clone().filter(|_| settings.use_cache),
            store: StoreOptions {
                is_offline: settings.is_offline,
                may_fall_back: settings.use_cache && !settings.is_ci,
                limits: settings.limits,
                tags_live: settings.tags_live,
                ..StoreOptions::default()
            },
        }
    }

    /// # Errors
    /// A certificate file that cannot be read.
    pub(super) fn connect(&self) -> Result<(Arc<Store>, Runtime), RegistryFailure> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| {
            RegistryFailure::new(RegistryCode::Unreachable, format!("cannot start: {error}"))
        })?;
        let client = Client::new(self.options.clone(), Credentials::new(self.credentials.clone()))?;
        let on_progress = self.options.on_progress.clone();
        let cache = self.open_cache().and_then(|cache| {
            let warn = |error: &std::io::Error| tracing::warn!(target: "pacto", "the cache cannot be used, going on without it: {error}");
            cache.inspect_err(warn).ok()
        });
        let store = Store::new(client, cache, self.store.clone(), on_progress);
        Ok((Arc::new(store), runtime))
    }

    /// The cache, unless it is switched off or cannot be used.
    pub(super) fn cache(&self) -> Option<Cache> {
        self.open_cache()?.ok()
    }

    fn open_cache(&self) -> Option<std::io::Result<Cache>> {
        let dir = self.cache_dir.as_ref()?;
        let named = |error: std::io::Error| {
            std::io::Error::new(error.kind(), format!("{}: {error}", dir.display()))
        };
        Some(Cache::open(dir).map_err(named))
    }
}
