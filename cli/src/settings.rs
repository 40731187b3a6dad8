//! What holds for a run: flags, then the environment, then the project's file, then the user's,
//! then what is usual.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use pacto_core::contract::OciReference;
use pacto_core::db::Severities;
use pacto_edge::bundle::Limits;
use pacto_edge::config::{Config, Loaded, Owner, find_project, load};
use pacto_edge::registry::{Credential, Trust, credentials};

use crate::args::{ColorChoice, Global, LogFormat, OutputFormat};
use crate::exit::CliError;

/// What the cache may hold where nothing else is said.
const USUAL_CACHE: u64 = 1 << 30;
const USUAL_PLUGIN_TIMEOUT: Duration = Duration::from_secs(300);

/// The settings of one run.
pub struct Settings {
    pub output_format: OutputFormat,
    pub verbose: u8,
    pub quiet: u8,
    pub log_format: LogFormat,
    pub color: ColorChoice,
    pub show_progress: bool,
    pub use_cache: bool,
    pub is_offline: bool,
    pub is_ci: bool,
    pub jobs: usize,
    pub is_strict: bool,
    pub is_graph_strict: bool,
    /// How contracts are compared.
    pub diff: serde_json::Value,
    /// `host/org`, for scaffolds.
    pub registry: Option<String>,
    pub severities: Severities,
    pub cache_dir: Option<PathBuf>,
    pub cache_size: u64,
    pub limits: Limits,
    pub trust: Trust,
    pub credentials: credentials::Sources,
    pub credentials_file: Option<PathBuf>,
    pub plugin_path: Vec<PathBuf>,
    pub plugin_timeout: Duration,
    /// Options of plugins, by plugin.
    pub plugin_options: BTreeMap<String, BTreeMap<String, String>>,
    pub checks_for_updates: bool,
    /// Sentences about the configuration files.
    pub warnings: Vec<String>,
}

impl Settings {
    /// The settings for a command that looks at `contract` (as it was typed) and names `hosts`.
    ///
    /// # Errors
    /// A configuration file or a variable that cannot be used.
    pub fn new(
        global: &Global,
        contract: Option<&str>,
        named: &[&str],
    ) -> Result<Settings, CliError> {
        let home = home();
        let project = match &global.config {
            Some(path) => Some(path.clone()),
            None => find_project(&start(contract), home.as_deref()),
        };
        let config_dir = config_dir(home.as_deref());
        let user = config_dir.as_ref().and_then(|dir| {
            ["config.yaml", "pacto.yaml"]
                .iter()
                .map(|name| dir.join(name))
                .find(|path| path.is_file())
        });
        let is_named = global.config.is_some();
        let project =
            read(project.as_deref(), if is_named { Owner::User } else { Owner::Project })?;
        let user = read(user.as_deref(), Owner::User)?;
        let mut warnings = project.warnings;
        warnings.extend(user.warnings);
        let (project, user) = (project.config, user.config);
        let is_ci = flag_variable("CI", Lenient::Yes)?;
        let registry = &global.registry;
        let hosts: BTreeSet<String> = named.iter().filter_map(|text| host_of(text)).collect();
        let is_offline =
            registry.offline || first_flag("PACTO_OFFLINE", [project.offline, user.offline])?;
        let no_cache =
            registry.no_cache || first_flag("PACTO_NO_CACHE", [project.no_cache, user.no_cache])?;
        let quiet = global.quiet.max(u8::from(flag_variable("PACTO_QUIET", Lenient::No)?));
        let verbose = global.verbose.max(u8::from(flag_variable("PACTO_VERBOSE", Lenient::No)?));
        let no_progress = global.no_progress
            || flag_variable("PACTO_NO_PROGRESS", Lenient::No)?
            || flag_variable("PACTO_NO_ANIM", Lenient::No)?;
        let no_update = flag_variable("PACTO_NO_UPDATE_CHECK", Lenient::No)?;
        let output_format = match global.output_format {
            Some(format) => format,
            None => choice("output-format", [&project.output_format, &user.output_format])?,
        };
        let color = match global.color {
            Some(color) => color,
            None => choice("color", [&project.color, &user.color])?,
        };
        Ok(Settings {
            show_progress: !(no_progress || is_ci || verbose > 0 || quiet > 0)
                && output_format != OutputFormat::Json,
            output_format,
            verbose,
            quiet,
            log_format: global.log_format,
            color,
            use_cache: !no_cache,
            is_offline,
            is_ci,
            jobs: jobs(registry.jobs, &project, &user)?,
            is_strict: project.strict.or(user.strict).unwrap_or(false),
            is_graph_strict: project.graph.strict.or(user.graph.strict).unwrap_or(false),
            diff: project.diff.clone().or(user.diff.clone()).unwrap_or_default(),
            registry: project.registry.clone().or(user.registry.clone()),
            severities: if project.rules.is_empty() {
                user.severities()
            } else {
                project.severities()
            },
            cache_dir: cache_dir(&user, home.as_deref()),
            cache_size: user.cache.max_size.map_or(USUAL_CACHE, |size| size.0),
            limits: user.limits.limits(),
            trust: trust(global, &user, &hosts),
            credentials: credential_sources(
                global,
                &user,
                config_dir.as_deref(),
                home.as_deref(),
                &hosts,
            )?,
            credentials_file: config_dir.as_ref().map(|dir| dir.join("config.json")),
            plugin_path: plugin_path(&user, config_dir.as_deref()),
            plugin_timeout: match &user.plugins.timeout {
                Some(text) => {
                    duration(text).map_err(|why| config_error(format!("plugins.timeout: {why}")))?
                }
                None => USUAL_PLUGIN_TIMEOUT,
            },
            plugin_options: plugin_options(&user, &project),
            checks_for_updates: !no_update
                && !is_ci
                && !is_offline
                && quiet == 0
                && user.update.check.unwrap_or(true),
            warnings,
        })
    }
}

fn config_error(message: impl Into<String>) -> CliError {
    CliError::new("CONFIG", message)
}

fn read(path: Option<&Path>, owner: Owner) -> Result<Loaded, CliError> {
    match path {
        Some(path) => load(path, owner).map_err(config_error),
        None => Ok(Loaded::default()),
    }
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .or_else(|| std::env::var_os("USERPROFILE"))
        .filter(|h| !h.is_empty())
        .map(PathBuf::from)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn path_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// `$XDG_CONFIG_HOME/pacto`, by default `~/.config/pacto`.
fn config_dir(home: Option<&Path>) -> Option<PathBuf> {
    let base = path_variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    Some(base.or_else(|| home.map(|home| home.join(".config")))?.join("pacto"))
}

/// Where caches of pacto are: `$XDG_CACHE_HOME/pacto`, by default `~/.cache/pacto`.
pub fn cache_home() -> Option<PathBuf> {
    let base = path_variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    if cfg!(windows) {
        return Some(path_variable("LOCALAPPDATA")?.join("pacto").join("cache"));
    }
    Some(base.or_else(|| home().map(|home| home.join(".cache")))?.join("pacto"))
}

fn cache_dir(user: &Config, home: Option<&Path>) -> Option<PathBuf> {
    let configured = || user.cache.dir.as_ref().map(|dir| expand(dir, home));
    path_variable("PACTO_CACHE_DIR")
        .or_else(configured)
        .or_else(|| cache_home().map(|dir| dir.join("oci")))
}

/// The cache's folder, as it is without a configuration file.
pub fn usual_cache_dir() -> Option<PathBuf> {
    cache_dir(&Config::default(), home().as_deref())
}

/// Where plugins are, as it is without a configuration file.
pub fn usual_plugin_path() -> Vec<PathBuf> {
    plugin_path(&Config::default(), config_dir(home().as_deref()).as_deref())
}

/// `~/` is the home folder.
fn expand(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// Where the project's file is looked for.
fn start(contract: Option<&str>) -> PathBuf {
    let here = || std::env::current_dir().unwrap_or_default();
    let local = contract.map(|typed| typed.strip_prefix("file://").unwrap_or(typed));
    let Some(path) = local.filter(|typed| !typed.contains("://") && *typed != "-") else {
        return here();
    };
    let path = here().join(path);
    let path = path.canonicalize().unwrap_or(path);
    if path.is_dir() { path } else { path.parent().map_or_else(here, Path::to_path_buf) }
}

fn host_of(text: &str) -> Option<String> {
    let text = text.strip_prefix("oci://").unwrap_or(text);
    match OciReference::parse(text) {
        Ok(reference) => Some(reference.host),
        Err(_) => OciReference::parse(&format!("{text}/x")).ok().map(|reference| reference.host),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lenient {
    /// Another program's variable: any text but the words for no is a yes.
    Yes,
    No,
}

fn flag_variable(name: &str, lenient: Lenient) -> Result<bool, CliError> {
    let Some(text) = variable(name) else { return Ok(false) };
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "y" | "yes" | "on" => Ok(true),
        "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
        _ if lenient == Lenient::Yes => Ok(true),
        _ => Err(CliError::usage(format!("{name}: \"{text}\" is neither yes nor no"))
            .hint("use 1, true, yes, on or 0, false, no, off")),
    }
}

fn first_flag(name: &str, configured: [Option<bool>; 2]) -> Result<bool, CliError> {
    if variable(name).is_some() {
        return flag_variable(name, Lenient::No);
    }
    Ok(configured.into_iter().flatten().next().unwrap_or(false))
}

fn choice<T: ValueEnum + Default>(key: &str, texts: [&Option<String>; 2]) -> Result<T, CliError> {
    let Some(text) = texts.into_iter().flatten().next() else { return Ok(T::default()) };
    T::from_str(text, true)
        .map_err(|_| config_error(format!("{key}: \"{text}\" is no legal value")))
}

fn jobs(flag: Option<u8>, project: &Config, user: &Config) -> Result<usize, CliError> {
    let jobs = flag.map(usize::from).or(project.jobs).or(user.jobs).unwrap_or(8);
    match jobs {
        1..=64 => Ok(jobs),
        _ => Err(config_error(format!("jobs: {jobs} is not between 1 and 64"))),
    }
}

fn trust(global: &Global, user: &Config, hosts: &BTreeSet<String>) -> Trust {
    let flags = &global.registry;
    let insecure = user.registries.iter().filter(|(_, r)| r.insecure).map(|(host, _)| host.clone());
    let mut insecure_hosts: BTreeSet<String> = insecure.collect();
    insecure_hosts.extend(flags.insecure_registry.iter().map(|host| host.to_ascii_lowercase()));
    if flags.insecure {
        insecure_hosts.extend(hosts.iter().cloned());
    }
    let mut ca_files = flags.ca_file.clone();
    ca_files.extend(user.registries.values().filter_map(|registry| registry.ca_file.clone()));
    Trust { insecure_hosts, ca_files }
}

fn credential_sources(
    global: &Global,
    user: &Config,
    config_dir: Option<&Path>,
    home: Option<&Path>,
    hosts: &BTreeSet<String>,
) -> Result<credentials::Sources, CliError> {
    let flags = &global.registry;
    let bound = match variable("PACTO_REGISTRY") {
        Some(host) => Some(BTreeSet::from([host_of(&host).unwrap_or(host)])),
        None => Some(hosts.clone()),
    };
    let mut explicit = Vec::new();
    if flags.registry_token_stdin {
        explicit.push((
            Credential::Bearer(secret_from_stdin()?),
            "--registry-token-stdin".to_owned(),
            Some(hosts.clone()),
        ));
    }
    if flags.registry_password_stdin {
        let Some(user) = flags.registry_user.clone() else {
            return Err(CliError::usage("--registry-password-stdin needs --registry-user"));
        };
        let password = secret_from_stdin()?;
        explicit.push((
            Credential::Basic { user, password },
            "--registry-user".to_owned(),
            Some(hosts.clone()),
        ));
    }
    if let Some(token) = variable("PACTO_REGISTRY_TOKEN") {
        explicit.push((
            Credential::Bearer(token),
            "PACTO_REGISTRY_TOKEN".to_owned(),
            bound.clone(),
        ));
    }
    if let (Some(user), Some(password)) =
        (flags.registry_user.clone(), variable("PACTO_REGISTRY_PASSWORD"))
    {
        explicit.push((
            Credential::Basic { user, password },
            "PACTO_REGISTRY_PASSWORD".to_owned(),
            bound,
        ));
    }
    let helpers =
        user.registries.iter().filter_map(|(host, r)| Some((host.clone(), r.helper.clone()?)));
    let docker = path_variable("DOCKER_CONFIG").map(|dir| dir.join("config.json"));
    let mut docker_configs: Vec<PathBuf> = docker.into_iter().collect();
    docker_configs.extend(home.map(|home| home.join(".docker/config.json")));
    docker_configs.extend(path_variable("REGISTRY_AUTH_FILE"));
    docker_configs
        .extend(path_variable("XDG_RUNTIME_DIR").map(|dir| dir.join("containers/auth.json")));
    docker_configs.extend(home.map(|home| home.join(".config/containers/auth.json")));
    Ok(credentials::Sources {
        explicit,
        pacto_config: config_dir.map(|dir| dir.join("config.json")),
        helpers: helpers.collect(),
        github_token: variable("GH_TOKEN").or_else(|| variable("GITHUB_TOKEN")),
        use_gh: true,
        docker_configs,
        use_cloud_helpers: true,
    })
}

/// A secret on stdin, without the line break at its end.
pub fn secret_from_stdin() -> Result<String, CliError> {
    use std::io::Read;
    let mut text = String::new();
    let read = std::io::stdin().lock().take(64 << 10).read_to_string(&mut text);
    read.map_err(|_| CliError::new("IO", "stdin cannot be read as text"))?;
    let secret = text.trim_end_matches(['\n', '\r']);
    match secret {
        "" => Err(CliError::usage("stdin holds no secret")),
        secret => Ok(secret.to_owned()),
    }
}

fn plugin_path(user: &Config, config_dir: Option<&Path>) -> Vec<PathBuf> {
    let mut path = user.plugins.path.clone();
    let variable = std::env::var_os("PATH").unwrap_or_default();
    path.extend(std::env::split_paths(&variable));
    path.extend(config_dir.map(|dir| dir.join("plugins")));
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
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(format!("\"{text}\" is no time; write 90s, 5m or 1h")),
    };
    let number: u64 =
        number.parse().map_err(|_| format!("\"{text}\" is no time; write 90s, 5m or 1h"))?;
    match number.checked_mul(factor) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("\"{text}\" is no usable time")),
    }
}
