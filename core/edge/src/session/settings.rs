//! What holds for a session: flags, then the environment, then the project's file, then the user's,
//! then what is usual.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use pacto_core::contract::Date;
use pacto_core::db::Severities;

use super::environment::{Environment, Flag, clock};
use super::reference::host_of;
use super::{Error, projects};
use crate::bundle::Limits;
use crate::config::{Config, Loaded, Owner, load};
use crate::registry::{Credential, Trust, credentials};

/// What the cache may hold where nothing else is said.
const USUAL_CACHE: u64 = 1 << 30;
const USUAL_PLUGIN_TIMEOUT: Duration = Duration::from_secs(300);
const USUAL_JOBS: usize = 16;

/// What a front was told by its caller: it stands above all files and variables.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The contract that is looked at, as it was typed: the project's file is looked for from there.
    pub contract: Option<String>,
    /// The references that were typed: credentials of flags and variables are for their hosts, and
    /// so is `is_insecure`.
    pub named: Vec<String>,
    /// A configuration file in place of the project's, trusted like the user's.
    pub config: Option<PathBuf>,
    pub no_cache: bool,
    pub is_offline: bool,
    /// Requests at the same time, 1 to 64.
    pub jobs: Option<usize>,
    /// Credentials, with the words for where they came from.
    pub credentials: Vec<(Credential, String)>,
    /// The user whose password is in the environment.
    pub user: Option<String>,
    /// Whether the hosts that were typed may be spoken to without TLS.
    pub is_insecure: bool,
    pub insecure_hosts: Vec<String>,
    pub ca_files: Vec<PathBuf>,
}

/// The settings of one session.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Relative paths start here.
    pub working_directory: PathBuf,
    pub use_cache: bool,
    pub is_offline: bool,
    pub is_ci: bool,
    /// The day on which readiness is judged; without it nothing is said of what expires.
    pub today: Option<Date>,
    pub jobs: usize,
    pub is_strict: bool,
    pub is_graph_strict: bool,
    /// How contracts are compared.
    pub diff: serde_json::Value,
    /// `host/org`, for scaffolds.
    pub registry: Option<String>,
    pub severities: Severities,
    pub cache_dir: Option<PathBuf>,
    /// Bytes that the cache may hold.
    pub cache_size: u64,
    /// How long the answers about tags hold; without it, as long as the session.
    pub tags_live: Option<Duration>,
    pub limits: Limits,
    pub trust: Trust,
    pub credentials: credentials::Sources,
    /// The file that `login` writes.
    pub credentials_file: Option<PathBuf>,
    pub plugin_path: Vec<PathBuf>,
    pub plugin_timeout: Duration,
    /// Options of plugins, by plugin.
    pub plugin_options: BTreeMap<String, BTreeMap<String, String>>,
    /// The only folders, by their real paths, whose files are read; without it, any.
    pub bounds: Option<Vec<PathBuf>>,
    /// Whether the user lets the program look for updates.
    pub may_check_for_updates: bool,
    /// How results look, as the files say it; fronts that print read these.
    pub output_format: Option<String>,
    pub color: Option<String>,
    /// Sentences about the configuration files.
    pub warnings: Vec<String>,
}

impl Default for Settings {
    /// Without files, variables and credentials: no cache, the network allowed.
    fn default() -> Settings {
        Settings {
            working_directory: PathBuf::from("."),
            use_cache: true,
            is_offline: false,
            is_ci: false,
            today: None,
            jobs: USUAL_JOBS,
            is_strict: false,
            is_graph_strict: false,
            diff: serde_json::Value::Null,
            registry: None,
            severities: Severities::default(),
            cache_dir: None,
            cache_size: USUAL_CACHE,
            tags_live: None,
            limits: Limits::PUBLISHED,
            trust: Trust::default(),
            credentials: credentials::Sources::default(),
            credentials_file: None,
            plugin_path: Vec::new(),
            plugin_timeout: USUAL_PLUGIN_TIMEOUT,
            plugin_options: BTreeMap::new(),
            bounds: None,
            may_check_for_updates: false,
            output_format: None,
            color: None,
            warnings: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the configuration files and lays flags and variables over them.
    ///
    /// # Errors
    /// A configuration file or a variable that cannot be used.
    pub fn read(flags: &Flags, environment: &Environment) -> Result<Settings, Error> {
        let Files { project, user, warnings } = Files::read(flags, environment)?;
        let hosts: BTreeSet<String> = flags.named.iter().filter_map(|text| host_of(text)).collect();
        let first = |name, configured: [Option<bool>; 2]| match environment.text(name) {
            Some(_) => environment.flag(name, Flag::Own),
            None => Ok(configured.into_iter().flatten().next().unwrap_or(false)),
        };
        let is_offline =
            flags.is_offline || first("PACTO_OFFLINE", [project.offline, user.offline])?;
        let no_cache =
            flags.no_cache || first("PACTO_NO_CACHE", [project.no_cache, user.no_cache])?;
        let config_dir = environment.config_dir();
        Ok(Settings {
            working_directory: environment.working_directory.clone(),
            use_cache: !no_cache,
            is_offline,
            is_ci: environment.flag("CI", Flag::Foreign)?,
            today: Some(environment.today().unwrap_or_else(|_| clock())),
            jobs: jobs(flags.jobs, &project, &user)?,
            is_strict: project.strict.or(user.strict).unwrap_or(false),
            is_graph_strict: project.graph.strict.or(user.graph.strict).unwrap_or(false),
            diff: project.diff.clone().or(user.diff.clone()).unwrap_or_default(),
            registry: project.registry.clone().or(user.registry.clone()),
            severities: match project.rules.is_empty() {
                true => user.severities(),
                false => project.severities(),
            },
            cache_dir: cache_dir(&user, environment),
            cache_size: user.cache.max_size.map_or(USUAL_CACHE, |size| size.0),
            tags_live: None,
            limits: user.limits.limits(),
            trust: trust(flags, &user, &hosts),
            credentials: credential_sources(flags, &user, environment, hosts),
            credentials_file: config_dir.as_ref().map(|dir| dir.join("config.json")),
            plugin_path: plugin_path(&user, environment),
            plugin_timeout: match &user.plugins.timeout {
                Some(text) => duration(text)
                    .map_err(|why| Error::config(format!("plugins.timeout: {why}")))?,
                None => USUAL_PLUGIN_TIMEOUT,
            },
            plugin_options: plugin_options(&user, &project),
            bounds: None,
            may_check_for_updates: user.update.check.unwrap_or(true),
            output_format: project.output_format.clone().or(user.output_format.clone()),
            color: project.color.clone().or(user.color.clone()),
            warnings,
        })
    }
}

/// The project's file, or the one that takes its place, and the user's.
struct Files {
    project: Config,
    user: Config,
    warnings: Vec<String>,
}

impl Files {
    fn read(flags: &Flags, environment: &Environment) -> Result<Files, Error> {
        let (project, owner) = match &flags.config {
            Some(path) => (Some(environment.working_directory.join(path)), Owner::User),
            None => {
                let folder = start(flags.contract.as_deref(), &environment.working_directory);
                (projects::find(&folder, environment.home().as_deref()), Owner::Project)
            }
        };
        let user = environment.config_dir().and_then(|dir| {
            let names = ["config.yaml", "pacto.yaml"];
            names.iter().map(|name| dir.join(name)).find(|path| path.is_file())
        });
        let project = read(project.as_deref(), owner)?;
        let user = read(user.as_deref(), Owner::User)?;
        let mut warnings = project.warnings;
        warnings.extend(user.warnings);
        Ok(Files { project: project.config, user: user.config, warnings })
    }
}

fn read(path: Option<&Path>, owner: Owner) -> Result<Loaded, Error> {
    match path {
        Some(path) => load(path, owner).map_err(Error::config),
        None => Ok(Loaded::default()),
    }
}

/// Where the project's file is looked for.
fn start(contract: Option<&str>, here: &Path) -> PathBuf {
    let local = contract.map(|typed| typed.strip_prefix("file://").unwrap_or(typed));
    let Some(path) = local.filter(|typed| !typed.contains("://") && *typed != "-") else {
        return here.to_owned();
    };
    let path = here.join(path);
    let path = path.canonicalize().unwrap_or(path);
    match path.is_dir() {
        true => path,
        false => path.parent().unwrap_or(here).to_owned(),
    }
}

fn cache_dir(user: &Config, environment: &Environment) -> Option<PathBuf> {
    let configured = || user.cache.dir.as_ref().map(|dir| environment.expand(dir));
    environment
        .path("PACTO_CACHE_DIR")
        .or_else(configured)
        .or_else(|| environment.cache_home().map(|dir| dir.join("oci")))
}

fn jobs(flag: Option<usize>, project: &Config, user: &Config) -> Result<usize, Error> {
    let jobs = flag.or(project.jobs).or(user.jobs).unwrap_or(USUAL_JOBS);
    match jobs {
        1..=64 => Ok(jobs),
        _ => Err(Error::config(format!("jobs: {jobs} is not between 1 and 64"))),
    }
}

fn trust(flags: &Flags, user: &Config, hosts: &BTreeSet<String>) -> Trust {
    let insecure = user.registries.iter().filter(|(_, r)| r.insecure).map(|(host, _)| host.clone());
    let mut insecure_hosts: BTreeSet<String> = insecure.collect();
    insecure_hosts.extend(flags.insecure_hosts.iter().map(|host| host.to_ascii_lowercase()));
    if flags.is_insecure {
        insecure_hosts.extend(hosts.iter().cloned());
    }
    let mut ca_files = flags.ca_files.clone();
    ca_files.extend(user.registries.values().filter_map(|registry| registry.ca_file.clone()));
    Trust { insecure_hosts, ca_files }
}

fn credential_sources(
    flags: &Flags,
    user: &Config,
    environment: &Environment,
    hosts: BTreeSet<String>,
) -> credentials::Sources {
    let given = flags.credentials.iter().cloned();
    let mut explicit: Vec<_> =
        given.map(|(credential, from)| (credential, from, Some(hosts.clone()))).collect();
    let bound = match environment.text("PACTO_REGISTRY") {
        Some(host) => BTreeSet::from([host_of(&host).unwrap_or(host)]),
        None => hosts,
    };
    let mut of_variable = |name: &str, credential: Credential| {
        explicit.push((credential, name.to_owned(), Some(bound.clone())));
    };
    if let Some(token) = environment.text("PACTO_REGISTRY_TOKEN") {
        of_variable("PACTO_REGISTRY_TOKEN", Credential::Bearer(token));
    }
    let user_name = flags.user.clone().or_else(|| environment.text("PACTO_REGISTRY_USERNAME"));
    if let (Some(user), Some(password)) = (user_name, environment.text("PACTO_REGISTRY_PASSWORD")) {
        of_variable("PACTO_REGISTRY_PASSWORD", Credential::Basic { user, password });
    }
    let helpers =
        user.registries.iter().filter_map(|(host, r)| Some((host.clone(), r.helper.clone()?)));
    let github = || environment.text("GH_TOKEN").or_else(|| environment.text("GITHUB_TOKEN"));
    credentials::Sources {
        explicit,
        pacto_config: environment.config_dir().map(|dir| dir.join("config.json")),
        helpers: helpers.collect(),
        github_token: github(),
        use_gh: true,
        docker_configs: docker_configs(environment),
        use_cloud_helpers: true,
    }
}

/// Docker's and Podman's files, in the order in which they are looked at.
fn docker_configs(environment: &Environment) -> Vec<PathBuf> {
    let home = environment.home();
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let all = [
        environment.path("DOCKER_CONFIG").map(|dir| dir.join("config.json")),
        in_home(".docker/config.json"),
        environment.path("REGISTRY_AUTH_FILE"),
        environment.path("XDG_RUNTIME_DIR").map(|dir| dir.join("containers/auth.json")),
        in_home(".config/containers/auth.json"),
    ];
    all.into_iter().flatten().collect()
}

fn plugin_path(user: &Config, environment: &Environment) -> Vec<PathBuf> {
    let mut path = user.plugins.path.clone();
    path.extend(environment.program_path());
    path.extend(environment.config_dir().map(|dir| dir.join("plugins")));
    // A relative entry would mean another program in every folder.
    path.retain(|dir| dir.is_absolute());
    path
}

fn plugin_options(user: &Config, project: &Config) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for config in [user, project] {
        for (plugin, options) in &config.generate {
            let options = options.iter().map(|(key, value)| (key.clone(), value.to_string()));
            all.entry(plugin.clone()).or_default().extend(options);
        }
    }
    all
}

/// `90s`, `5m`, `1h`, or seconds.
///
/// # Errors
/// It is not a time, as a sentence.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let wrong = || format!("\"{text}\" is not a time; write 90s, 5m or 1h");
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    match number.checked_mul(factor) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("\"{text}\" is not a usable time")),
    }
}
