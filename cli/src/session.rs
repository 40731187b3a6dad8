//! What commands share while they run: settings, output, and registries where they are needed.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use pacto_core::Change;
use pacto_core::contract::OciReference;
use pacto_core::db::Demand;
use pacto_core::fact::{RegistryCode, RegistryFailure};
use pacto_edge::cache::Cache;
use pacto_edge::registry::{Client, Credentials, Options, credentials};
use pacto_edge::{Background, DiskFiles, Remote, Source, Store, StoreOptions, local_answer};
use tokio::runtime::Runtime;

use crate::exit::CliError;
use crate::output::Output;
use crate::progress::Bars;
use crate::settings::Settings;

/// One run of the program.
pub struct Session {
    pub settings: Settings,
    pub output: Output,
    pub bars: Bars,
    /// Made on first use: most commands never speak to a registry.
    remote: OnceLock<Result<(Arc<Store>, Runtime), RegistryFailure>>,
}

impl Session {
    pub fn new(settings: Settings, output: Output) -> Session {
        let bars = Bars::new(settings.show_progress);
        Session { settings, output, bars, remote: OnceLock::new() }
    }

    fn remote(&self) -> &Result<(Arc<Store>, Runtime), RegistryFailure> {
        self.remote.get_or_init(|| self.connect())
    }

    fn connect(&self) -> Result<(Arc<Store>, Runtime), RegistryFailure> {
        self.connector().connect()
    }

    fn connector(&self) -> Connector {
        let settings = &self.settings;
        Connector {
            options: Options {
                trust: settings.trust.clone(),
                jobs: settings.jobs,
                on_progress: self.bars.listener(),
                ..Options::default()
            },
            credentials: settings.credentials.clone(),
            cache_dir: settings.cache_dir.clone().filter(|_| settings.use_cache),
            store: StoreOptions {
                is_offline: settings.is_offline,
                may_fall_back: settings.use_cache && !settings.is_ci,
                limits: settings.limits,
            },
        }
    }

    /// How a server comes to registries, which it asks in the background; made when it first does.
    pub fn background(&self) -> impl FnOnce() -> Option<Background> + Send + 'static {
        let connector = self.connector();
        move || match connector.connect() {
            Ok((store, runtime)) => Some(Background::new(store, runtime)),
            Err(failure) => {
                tracing::warn!(target: "pacto", "{}", failure.message);
                None
            }
        }
    }

    /// The cache, unless it is switched off or cannot be used.
    pub fn cache(&self) -> Option<Cache> {
        self.connector().cache()
    }

    /// Registries, and where to wait for them.
    ///
    /// # Errors
    /// A certificate file that cannot be read.
    pub fn store(&self) -> Result<(&Arc<Store>, &Runtime), CliError> {
        match self.remote() {
            Ok((store, runtime)) => Ok((store, runtime)),
            Err(failure) => Err(failure.clone().into()),
        }
    }

    /// Runs a question to a registry.
    ///
    /// # Errors
    /// The question's own.
    pub fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&Arc<Store>) -> Result<T, RegistryFailure>,
    ) -> Result<T, CliError> {
        let (store, runtime) = self.store()?;
        let answer = runtime.block_on(question(store));
        self.bars.clear();
        answer.map_err(CliError::from)
    }

    /// What remains to be done after the result was printed.
    pub fn finish(&self) {
        if let Some(Ok((store, _))) = self.remote.get()
            && let Some(cache) = store.cache()
        {
            cache.prune_sometimes(self.settings.cache_size);
        }
    }
}

/// What it takes to speak to registries.
struct Connector {
    options: Options,
    credentials: credentials::Sources,
    cache_dir: Option<PathBuf>,
    store: StoreOptions,
}

impl Connector {
    fn connect(&self) -> Result<(Arc<Store>, Runtime), RegistryFailure> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| {
            RegistryFailure::new(RegistryCode::Unreachable, format!("cannot start: {error}"))
        })?;
        let client = Client::new(self.options.clone(), Credentials::new(self.credentials.clone()))?;
        let on_progress = self.options.on_progress.clone();
        let store = Store::new(client, self.cache(), self.store.clone(), on_progress);
        Ok((Arc::new(store), runtime))
    }

    fn cache(&self) -> Option<Cache> {
        let dir = self.cache_dir.as_ref()?;
        match Cache::open(dir) {
            Ok(cache) => Some(cache),
            Err(error) => {
                tracing::debug!(target: "pacto", "no cache: {}: {error}", dir.display());
                None
            }
        }
    }
}

impl Source for Session {
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change> {
        if !demands.iter().any(Demand::is_remote) {
            return demands.into_iter().filter_map(|d| local_answer(&DiskFiles, d)).collect();
        }
        match self.remote() {
            Ok((store, runtime)) => {
                let changes = Remote { files: &DiskFiles, store, runtime }.answer(demands);
                self.bars.clear();
                changes
            }
            Err(failure) => {
                let failed = |demand| pacto_edge::failed_answer(demand, failure);
                demands
                    .into_iter()
                    .map(|d| local_answer(&DiskFiles, d.clone()).unwrap_or_else(|| failed(d)))
                    .collect()
            }
        }
    }
}

/// A registry reference as it is typed for `push` and `pull`, with or without scheme.
///
/// # Errors
/// `INVALID_REF`.
pub fn parse_reference(typed: &str) -> Result<OciReference, CliError> {
    let text = typed.strip_prefix("oci://").unwrap_or(typed);
    OciReference::parse(text).map_err(|error| {
        let (message, hint) = match error.message.split_once("; did you mean ") {
            Some((message, hint)) => (message.to_owned(), Some(format!("did you mean {hint}"))),
            None => (error.message.clone(), None),
        };
        let failure =
            CliError::new("INVALID_REF", format!("invalid reference \"{typed}\": {message}"));
        match hint {
            Some(hint) => failure.hint(hint),
            None if text != text.to_lowercase()
                && OciReference::parse(&text.to_lowercase()).is_ok() =>
            {
                failure.hint(format!("did you mean {}?", text.to_lowercase()))
            }
            None => failure,
        }
    })
}
