//! What every front shares: settings, references to contracts as people type them, contracts that
//! are read with everything that they name, and registries where they are needed.
//!
//! ```text
//! Flags + Environment + files → Settings → Session → find → Target → load → Loaded → findings
//! ```
//!
//! A session waits for registries on the thread that asks; fronts that serve ask on threads of
//! their own.

mod environment;
mod error;
mod load;
mod projects;
mod reference;
mod registries;
mod settings;
mod target;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use pacto_core::db::{Demand, Override};
use pacto_core::fact::{Fact, Failure, RegistryFailure};
use pacto_core::value::overrides::Set;
use pacto_core::{Change, Origin, Root};
use tokio::runtime::Runtime;

use crate::cache::Cache;
use crate::registry::{OnProgress, Progress};
use crate::{Asked, Background, DiskFiles, Remote, Source, Store, local_answer};

pub use environment::{Environment, Flag, clock};
pub use error::{Code, Error};
pub use load::{Comparison, Loaded, LoadedSources, Opened, Pair, Purpose};
pub use projects::{
    ProjectFile, ProjectProblem, Projects, find as find_project, read_projects, today,
};
pub use reference::parse_reference;
pub use settings::{Flags, Settings, duration};
pub use target::Target;

/// How long answers about tags hold in a front that lives long.
pub const TAGS_LIVE: Duration = Duration::from_secs(10 * 60);

/// Settings, and the registries that are spoken to under them.
pub struct Session {
    pub settings: Settings,
    on_progress: Option<OnProgress>,
    /// Made on first use: most work never speaks to a registry.
    remote: OnceLock<Result<(Arc<Store>, Runtime), RegistryFailure>>,
    /// What registries are being asked for.
    asked: Mutex<Asked>,
}

impl Session {
    /// `on_progress` takes what registries tell while they are waited for.
    pub fn new(settings: Settings, on_progress: Option<OnProgress>) -> Session {
        Session { settings, on_progress, remote: OnceLock::new(), asked: Mutex::default() }
    }

    fn connector(&self) -> registries::Connector {
        registries::Connector::new(&self.settings, self.on_progress.clone())
    }

    fn remote(&self) -> &Result<(Arc<Store>, Runtime), RegistryFailure> {
        self.remote.get_or_init(|| self.connector().connect())
    }

    /// Registries, and where to wait for them.
    ///
    /// # Errors
    /// A certificate file that cannot be read.
    pub fn store(&self) -> Result<(&Arc<Store>, &Runtime), Error> {
        match self.remote() {
            Ok((store, runtime)) => Ok((store, runtime)),
            Err(failure) => Err(failure.clone().into()),
        }
    }

    /// Waits for the answer to a question to a registry.
    ///
    /// # Errors
    /// The question's own.
    pub fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&Arc<Store>) -> Result<T, RegistryFailure>,
    ) -> Result<T, Error> {
        let (store, runtime) = self.store()?;
        let answer = runtime.block_on(question(store));
        self.tell_done();
        answer.map_err(Error::from)
    }

    fn tell_done(&self) {
        if let Some(tell) = &self.on_progress {
            tell(Progress::Done);
        }
    }

    /// How a server comes to registries, which it asks in the background; made when it first does.
    /// Tags are asked for again after [`TAGS_LIVE`] where the settings say nothing else.
    pub fn background(&self) -> impl FnOnce() -> Option<Background> + Send + 'static {
        let tags_live = self.settings.tags_live.or(Some(TAGS_LIVE));
        let settings = Settings { tags_live, ..self.settings.clone() };
        let connector = registries::Connector::new(&settings, self.on_progress.clone());
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

    /// Makes room in the cache, if it was used and it is time to: once results are shown.
    pub fn prune_cache(&self) {
        if let Some(Ok((store, _))) = self.remote.get()
            && let Some(cache) = store.cache()
        {
            cache.prune_sometimes(self.settings.cache_size);
        }
    }

    /// The text file at `path`, seen from the working directory, which was typed as `typed`; a pipe,
    /// too.
    ///
    /// # Errors
    /// It is not there, neither a regular file nor a pipe, or not text.
    pub fn read_text(&self, typed: &str, path: &Path) -> Result<Arc<str>, Error> {
        let path = self.settings.working_directory.join(path);
        let text = crate::read_named(&path, crate::read::MAX_FILE).and_then(crate::decode);
        text.map_err(|failure| match failure {
            Failure::NotFound => Error::io(typed, std::io::ErrorKind::NotFound.into()),
            failure => unreadable(typed, failure),
        })
    }
}

/// Whether the settings let the files of a local bundle be read.
fn is_inside(root: &Root, bounds: &[PathBuf]) -> bool {
    match root {
        Root::Folder(folder) => Path::new(&**folder)
            .canonicalize()
            .is_ok_and(|real| bounds.iter().any(|bound| real.starts_with(bound))),
        // It need not be there any more.
        Root::Revision { folder, .. } => {
            bounds.iter().any(|bound| Path::new(&**folder).starts_with(bound))
        }
        Root::Published { .. } | Root::Buffer(_) => true,
    }
}

/// The answer to a demand for what lies outside of the bounds: that it is not there.
fn refused(demand: &Demand, bounds: &[PathBuf]) -> Option<Change> {
    match demand {
        Demand::File { root, path } if !is_inside(root, bounds) => {
            let (root, path, text) = (root.clone(), path.clone(), Fact::Failed(Failure::NotFound));
            Some(Change::File { root, path, text, origin: Origin::Disk })
        }
        Demand::Listing { root } if !is_inside(root, bounds) => {
            Some(Change::Listing { root: root.clone(), files: Fact::Failed(Failure::NotFound) })
        }
        _ => None,
    }
}

impl Source for Session {
    fn answer(&self, mut demands: Vec<Demand>) -> Vec<Change> {
        let Some(bounds) = &self.settings.bounds else { return self.unbounded(demands) };
        let mut changes = Vec::new();
        demands.retain(|demand| match refused(demand, bounds) {
            Some(change) => {
                changes.push(change);
                false
            }
            None => true,
        });
        changes.extend(self.unbounded(demands));
        changes
    }
}

impl Session {
    fn unbounded(&self, demands: Vec<Demand>) -> Vec<Change> {
        if !demands.iter().any(Demand::is_remote) {
            return demands.into_iter().filter_map(|d| local_answer(&DiskFiles, d)).collect();
        }
        match self.remote() {
            Ok((store, runtime)) => {
                let asked = &self.asked;
                Remote { files: &DiskFiles, store, runtime, asked }.answer(demands)
            }
            Err(failure) => {
                let failed = |demand| crate::failed_answer(demand, failure);
                demands
                    .into_iter()
                    .map(|d| local_answer(&DiskFiles, d.clone()).unwrap_or_else(|| failed(d)))
                    .collect()
            }
        }
    }
}

/// Values files, with their names, and settings of single values (`PATH=VALUE`), to be laid over a
/// contract in this order.
///
/// # Errors
/// One of them cannot be understood.
pub fn overrides(
    values: impl IntoIterator<Item = (String, Arc<str>)>,
    set: &[String],
) -> Result<Vec<Override>, Error> {
    let mut layers = Vec::new();
    for (file, text) in values {
        let tree = pacto_core::yaml::read(text.clone()).map_err(|error| {
            Error::usage(format!("{file}: not well-formed YAML: {}", error.message))
        })?;
        match pacto_core::value::lower(&tree, 0).value.type_name() {
            "object" => layers.push(Override::Values { file, text }),
            // An empty file sets nothing.
            "null" => {}
            _ => return Err(Error::usage(format!("{file}: a values file holds a mapping"))),
        }
    }
    for argument in set {
        let set = Set::parse(argument)
            .map_err(|error| Error::usage(format!("--set {argument}: {error}")))?;
        layers.push(Override::Set { argument: argument.clone(), set });
    }
    Ok(layers)
}

fn unreadable(what: &str, failure: Failure) -> Error {
    let code = match failure {
        Failure::NotFound => Code::NotFound,
        _ => Code::Io,
    };
    Error::new(code, format!("{what}: {failure}"))
}
