//! The flags of every command, and what holds for a run because of them.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use pacto_edge::registry::Credential;
use pacto_edge::session::{Environment, Error, Flag, Flags, Settings};

use crate::log::LogFormat;
use crate::output::{ColorChoice, Look, OutputFormat};
use crate::stdin;

#[derive(Args, Debug, Clone)]
pub struct Global {
    /// The form of the result [default: text]
    #[arg(
        long,
        global = true,
        value_enum,
        env = "PACTO_OUTPUT_FORMAT",
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub output_format: Option<OutputFormat>,
    /// Show hints and say what is done; twice: headers, too [env: PACTO_VERBOSE]
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// No notes and warnings on stderr; twice: nothing but the exit code [env: PACTO_QUIET]
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub quiet: u8,
    /// The shape of log lines on stderr
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "PACTO_LOG_FORMAT",
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub log_format: LogFormat,
    /// When to use colours [default: auto]
    #[arg(
        long,
        global = true,
        value_enum,
        env = "PACTO_COLOR",
        value_name = "WHEN",
        help_heading = "Output"
    )]
    pub color: Option<ColorChoice>,
    /// No progress bars [env: PACTO_NO_PROGRESS]
    #[arg(long, global = true, alias = "no-anim", help_heading = "Output")]
    pub no_progress: bool,
    /// Use this configuration file beside the user's, instead of the nearest .pacto.yaml
    #[arg(long, global = true, env = "PACTO_CONFIG", value_name = "FILE", help_heading = "Output")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub registry: RegistryFlags,
}

#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Registries")]
pub struct RegistryFlags {
    /// Neither read nor write the cache of bundles [env: PACTO_NO_CACHE]
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// No network at all [env: PACTO_OFFLINE]
    #[arg(long, global = true)]
    pub offline: bool,
    /// Requests at the same time, 1 to 64 [default: 16]
    #[arg(short, long, global = true, env = "PACTO_JOBS", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub jobs: Option<u8>,
    /// The user to log in as, with --registry-password-stdin
    #[arg(
        long,
        global = true,
        value_name = "USER",
        env = "PACTO_REGISTRY_USERNAME",
        hide_env_values = true
    )]
    pub registry_user: Option<String>,
    /// Read the password from stdin (or set PACTO_REGISTRY_PASSWORD)
    #[arg(long, global = true, conflicts_with = "registry_token_stdin")]
    pub registry_password_stdin: bool,
    /// Read a bearer token from stdin (or set PACTO_REGISTRY_TOKEN)
    #[arg(long, global = true)]
    pub registry_token_stdin: bool,
    /// Allow plain HTTP to the registries that are named on the command line
    #[arg(long, global = true)]
    pub insecure: bool,
    /// Allow plain HTTP to this host
    #[arg(
        long,
        global = true,
        value_name = "HOST",
        env = "PACTO_INSECURE_REGISTRIES",
        value_delimiter = ','
    )]
    pub insecure_registry: Vec<String>,
    /// Trust the certificates in this file, too
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Vec<PathBuf>,
}

impl Global {
    /// What the flags say to a session that looks at `contract`, and names `references`.
    ///
    /// # Errors
    /// A secret is to be read from stdin, and is not there.
    pub fn flags(&self, contract: Option<&str>, references: &[&str]) -> Result<Flags, Error> {
        let registry = &self.registry;
        Ok(Flags {
            contract: contract.map(str::to_owned),
            named: references.iter().map(|&text| text.to_owned()).collect(),
            config: self.config.clone(),
            no_cache: registry.no_cache,
            is_offline: registry.offline,
            jobs: registry.jobs.map(usize::from),
            credentials: registry.credentials()?,
            user: registry.registry_user.clone(),
            is_insecure: registry.insecure,
            insecure_hosts: registry.insecure_registry.clone(),
            ca_files: registry.ca_file.clone(),
        })
    }

    /// How results look before the settings are known: as the flags say.
    pub fn look(&self) -> Look {
        Look {
            format: self.output_format.unwrap_or_default(),
            verbose: self.verbose,
            quiet: self.quiet,
            color: self.color.unwrap_or_default(),
        }
    }
}

impl RegistryFlags {
    fn credentials(&self) -> Result<Vec<(Credential, String)>, Error> {
        let mut found = Vec::new();
        if self.registry_token_stdin {
            let token = Credential::Bearer(stdin::secret()?);
            found.push((token, "--registry-token-stdin".to_owned()));
        }
        if self.registry_password_stdin {
            let Some(user) = self.registry_user.clone() else {
                return Err(Error::usage("--registry-password-stdin needs --registry-user"));
            };
            let password = stdin::secret()?;
            found.push((Credential::Basic { user, password }, "--registry-user".to_owned()));
        }
        Ok(found)
    }
}

/// How a run speaks to its user: flags, then the environment, then the configuration files.
pub struct Manner {
    pub look: Look,
    pub log_format: LogFormat,
    pub show_progress: bool,
    /// Whether newer releases may be looked for meanwhile.
    pub checks_for_updates: bool,
}

impl Manner {
    /// # Errors
    /// A variable or a value of a configuration file that cannot be used.
    pub fn new(
        global: &Global,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Manner, Error> {
        let flag = |name: &str| environment.flag(name, Flag::Own);
        let quiet = global.quiet.max(u8::from(flag("PACTO_QUIET")?));
        let verbose = global.verbose.max(u8::from(flag("PACTO_VERBOSE")?));
        let no_progress =
            global.no_progress || flag("PACTO_NO_PROGRESS")? || flag("PACTO_NO_ANIM")?;
        let no_update = flag("PACTO_NO_UPDATE_CHECK")?;
        let format = match global.output_format {
            Some(format) => format,
            None => choice("output-format", settings.output_format.as_deref())?,
        };
        let color = match global.color {
            Some(color) => color,
            None => choice("color", settings.color.as_deref())?,
        };
        Ok(Manner {
            look: Look { format, verbose, quiet, color },
            log_format: global.log_format,
            show_progress: !(no_progress || settings.is_ci || verbose > 0 || quiet > 0)
                && format != OutputFormat::Json,
            checks_for_updates: settings.may_check_for_updates
                && !(no_update || settings.is_ci || settings.is_offline || quiet > 0),
        })
    }
}

fn choice<T: ValueEnum + Default>(key: &str, text: Option<&str>) -> Result<T, Error> {
    let Some(text) = text else { return Ok(T::default()) };
    T::from_str(text, true)
        .map_err(|_| Error::config(format!("{key}: \"{text}\" is not a legal value")))
}
