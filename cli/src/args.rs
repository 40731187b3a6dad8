//! The command line. Doc comments are the help texts.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;
use pacto_edge::config::ByteSize;

use crate::complete;

/// Describe services once; validate, publish and explore their contracts
///
/// A contract describes how a service behaves in operation: its interfaces, dependencies, runtime,
/// configuration and scaling. It stands in a file named pacto.yaml; the file and what it names form
/// a bundle, which is kept in an OCI registry.
#[derive(Parser, Debug)]
#[command(name = "pacto", version, propagate_version = true, max_term_width = 100)]
#[command(after_long_help = "Examples:
  pacto init payments               start a contract
  pacto validate                    check the contract in this folder
  pacto push ghcr.io/acme/payments  publish it
  pacto diff git:main .             say what changed, and whom it breaks
  pacto graph                       show what it depends on
  pacto explain-rule PORT_REQUIRED  say what a finding means")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Debug, Clone)]
pub struct Global {
    /// The form of the result [default: text]
    #[arg(long, global = true, value_enum, env = "PACTO_OUTPUT_FORMAT", value_name = "FORMAT")]
    pub output_format: Option<OutputFormat>,
    /// Show hints and say what is done; twice: headers, too [env: PACTO_VERBOSE]
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// No notes and warnings on stderr; twice: nothing but the exit code [env: PACTO_QUIET]
    #[arg(short, long, global = true, action = ArgAction::Count)]
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
    /// Requests at the same time, 1 to 64 [default: 8]
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

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For pull requests
    Markdown,
    /// GitHub workflow annotations (validate and diff)
    Github,
    /// SARIF 2.1.0, for code scanning (validate and diff)
    Sarif,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    Init(InitArgs),
    Validate(ValidateArgs),
    Pack(PackArgs),
    Push(PushArgs),
    Pull(PullArgs),
    Diff(DiffArgs),
    Graph(GraphArgs),
    Explain(ExplainArgs),
    Doc(DocArgs),
    Generate(GenerateArgs),
    Login(LoginArgs),
    Logout(LogoutArgs),
    Cache(CacheArgs),
    Fmt(FmtArgs),
    Schema(SchemaArgs),
    ExplainRule(ExplainRuleArgs),
    Lsp(LspArgs),
    Update(UpdateArgs),
    /// Print the version
    Version,
    #[command(alias = "completion")]
    Completions(CompletionsArgs),
    Man(ManArgs),
}

impl Command {
    /// The contract that a command looks at, as it was typed, and all references on its line.
    pub fn subjects(&self) -> (Option<&str>, Vec<&str>) {
        match self {
            Command::Validate(args) => {
                let first = args.contracts.first().map(String::as_str);
                (first, args.contracts.iter().map(String::as_str).collect())
            }
            Command::Pack(args) => (Some(&args.contract), vec![]),
            Command::Push(args) => (Some(&args.path), vec![&args.reference]),
            Command::Pull(args) => (None, vec![&args.reference]),
            Command::Diff(args) => (Some(&args.new), vec![&args.old, &args.new]),
            Command::Graph(args) => args.contract.subject(),
            Command::Explain(args) => args.contract.subject(),
            Command::Doc(args) => args.contract.subject(),
            Command::Generate(args) => args.contract.subject(),
            Command::Login(args) => (None, vec![&args.registry]),
            Command::Logout(args) => (None, args.registry.iter().map(String::as_str).collect()),
            _ => (None, vec![]),
        }
    }

    /// Whether it runs until it is ended.
    pub fn is_server(&self) -> bool {
        matches!(self, Command::Lsp(_)) || matches!(self, Command::Doc(args) if args.serve)
    }
}

impl ContractArg {
    fn subject(&self) -> (Option<&str>, Vec<&str>) {
        (Some(&self.contract), vec![&self.contract])
    }
}

/// Start a contract in a new folder
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto init payments-api
  pacto init payments-api --dir services/payments/contract")]
pub struct InitArgs {
    /// The name of the service: lower-case letters, digits and dashes
    pub name: String,
    /// Where to put it [default: ./<NAME>]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Write into a folder that is there already; existing files are replaced
    #[arg(long)]
    pub force: bool,
}

/// Pack a bundle into an archive
///
/// Writes exactly the bytes that push would upload: the same files make the same archive on any
/// machine. Files are left out by built-in patterns (.git, node_modules, secrets, …) and by the
/// bundle's .pactoignore. Exit code 1: the contract is invalid.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto pack
  pacto pack services/payments -o payments.tar.gz
  pacto pack --list")]
pub struct PackArgs {
    /// The bundle
    #[arg(value_name = "DIR", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    pub contract: String,
    /// The archive [default: <name>-<version>.tar.gz]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// List the files that would be packed, and make no archive
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

/// Publish a bundle in a registry
///
/// The contract is validated first. A tag that exists already is left alone, unless --force. Exit
/// code 1: the contract is invalid, or refers to local folders.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto push ghcr.io/acme/payments
  pacto push oci://ghcr.io/acme/payments:2.1.0 -p services/payments --tag latest
  pacto push ghcr.io/acme/payments --dry-run")]
pub struct PushArgs {
    /// The repository, with a tag if it is not to be the contract's version
    #[arg(value_name = "REF", add = ArgValueCompleter::new(complete::references))]
    pub reference: String,
    /// The bundle
    #[arg(short, long, value_name = "DIR", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    pub path: String,
    /// Write the tag even if it exists
    #[arg(short, long)]
    pub force: bool,
    /// Another tag for the same bundle
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// What to do about a tag that exists
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub if_exists: IfExists,
    /// An annotation of the manifest
    #[arg(long, value_name = "KEY=VALUE")]
    pub annotation: Vec<String>,
    /// Do everything but write
    #[arg(long)]
    pub dry_run: bool,
    /// Write the layout of a container image, for registries that refuse others
    #[arg(long)]
    pub image_compat: bool,
    /// Lay a YAML or JSON file over the contract; - is stdin
    #[arg(long, value_name = "FILE")]
    pub values: Vec<String>,
    /// Set one value of the contract, such as service.version=2.0.0
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfExists {
    #[default]
    Warn,
    Error,
}

/// Fetch a bundle from a registry
///
/// Nothing is ever merged into a folder: one that holds something else is an error, unless --force,
/// which replaces it whole.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto pull ghcr.io/acme/payments
  pacto pull oci://ghcr.io/acme/payments:2.1.0 -o vendor/payments
  pacto pull ghcr.io/acme/payments@sha256:…")]
pub struct PullArgs {
    /// The bundle; without a tag the highest version
    #[arg(value_name = "REF", add = ArgValueCompleter::new(complete::references))]
    pub reference: String,
    /// The folder to make [default: the name of the service]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Replace a folder that is there already
    #[arg(long)]
    pub force: bool,
}

/// Say what changed between two contracts, and whom it breaks
///
/// Compares fields, OpenAPI and AsyncAPI documents, protobuf files, JSON Schemas, bills of materials
/// and dependencies. Each side is a folder, an archive, oci://…, or git:REV[:PATH], which is read
/// from git's objects. Exit code 1: a change is breaking (see --fail-on).
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto diff git:main .
  pacto diff oci://ghcr.io/acme/payments services/payments
  pacto diff old new --fail-on potential --output-format markdown
  pacto diff git:v1.2.0:contract contract --new-set service.version=2.0.0")]
pub struct DiffArgs {
    /// The contract as it was: a folder, an archive, oci://…, or git:REV[:PATH]
    #[arg(add = ArgValueCompleter::new(complete::contracts))]
    pub old: String,
    /// The contract as it is
    #[arg(add = ArgValueCompleter::new(complete::contracts))]
    pub new: String,
    /// The least change that ends with exit code 1
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub fail_on: FailOn,
    /// Classes of rules and changes to ignore, instead of the diff block of .pacto.yaml
    #[arg(long, value_name = "FILE")]
    pub rules: Option<String>,
    /// Follow configurations and policies by reference, too
    #[arg(long)]
    pub with_references: bool,
    /// A dependency that does not resolve is an error
    #[arg(long)]
    pub require_resolved: bool,
    /// The day on which sunsets are judged [default: SOURCE_DATE_EPOCH, else today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// With github: notices of changes that break nobody, too
    #[arg(long)]
    pub annotate_all: bool,
    #[command(flatten)]
    pub siblings: SiblingsArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
    /// Lay a YAML or JSON file over the old contract only
    #[arg(long, value_name = "FILE")]
    pub old_values: Vec<String>,
    /// Set one value of the old contract only
    #[arg(long, value_name = "PATH=VALUE")]
    pub old_set: Vec<String>,
    /// Lay a YAML or JSON file over the new contract only
    #[arg(long, value_name = "FILE")]
    pub new_values: Vec<String>,
    /// Set one value of the new contract only
    #[arg(long, value_name = "PATH=VALUE")]
    pub new_set: Vec<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailOn {
    /// Somebody stops working
    #[default]
    Breaking,
    /// Somebody may stop working
    Potential,
    /// Anything changed
    Any,
    /// Exit code 1 is never given
    Never,
}

/// Show what a contract depends on
///
/// Exit code 1: a required dependency is missing, has no version that fits, or lies outside of its
/// range.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto graph
  pacto graph oci://ghcr.io/acme/payments --depth 2
  pacto graph --with-references --output-format markdown")]
pub struct GraphArgs {
    #[command(flatten)]
    pub contract: ContractArg,
    /// Follow configurations and policies by reference, too
    #[arg(long, conflicts_with = "only_references")]
    pub with_references: bool,
    /// Follow nothing but configurations and policies
    #[arg(long)]
    pub only_references: bool,
    /// Show at most so many levels
    #[arg(long, value_name = "N")]
    pub depth: Option<usize>,
    /// Let any error, cycle and conflict fail
    #[arg(long)]
    pub strict: bool,
    /// End with exit code 0 whatever is found
    #[arg(long, conflicts_with = "strict")]
    pub no_fail: bool,
    #[command(flatten)]
    pub siblings: SiblingsArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

#[derive(Args, Debug)]
pub struct ContractArg {
    /// A folder with a pacto.yaml, a file, an archive, oci://…, or - for stdin
    #[arg(value_name = "CONTRACT", default_value = ".", add = ArgValueCompleter::new(complete::contracts))]
    pub contract: String,
}

#[derive(Args, Debug)]
pub struct SiblingsArg {
    /// Look for dependencies in folders of their names beside the contract's first
    #[arg(long)]
    pub local_siblings: bool,
}

/// Say in a few lines what a contract describes
///
/// Exit code 1: the contract has structural errors.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto explain
  pacto explain oci://ghcr.io/acme/payments:2.1.0 --output-format json")]
pub struct ExplainArgs {
    #[command(flatten)]
    pub contract: ContractArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

/// Write the documentation of a contract
///
/// Markdown with an architecture diagram, interfaces with their operations, settings and
/// dependencies. Exit code 1: the contract has structural errors.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto doc > payments.md
  pacto doc -o docs
  pacto doc --serve --open")]
pub struct DocArgs {
    #[command(flatten)]
    pub contract: ContractArg,
    /// Write DIR/<service>.md instead of stdout
    #[arg(short, long, value_name = "DIR", conflicts_with = "serve")]
    pub output: Option<PathBuf>,
    /// Show it in a browser, and again whenever a file changes
    #[arg(long)]
    pub serve: bool,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8484, requires = "serve")]
    pub port: u16,
    /// Open the browser
    #[arg(long, requires = "serve")]
    pub open: bool,
    #[command(flatten)]
    pub siblings: SiblingsArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

/// Generate files from a contract with a plugin
///
/// Built in are kubernetes, helm, schema-infer and openapi-infer. Any program named
/// pacto-plugin-NAME serves, too: it reads one JSON object and writes one. openapi-infer runs code
/// of a FastAPI project. Exit code 1: the contract is invalid.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto generate kubernetes --option image=ghcr.io/acme/payments:2.1.0
  pacto generate helm -o chart
  pacto generate schema-infer --option file=config.yaml -o configuration
  pacto generate --list")]
pub struct GenerateArgs {
    /// The plugin
    #[arg(required_unless_present = "list", add = ArgValueCompleter::new(complete::plugins))]
    pub plugin: Option<String>,
    #[command(flatten)]
    pub contract: ContractArg,
    /// The folder to write to [default: <PLUGIN>-output]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// An option of the plugin
    #[arg(long, value_name = "KEY=VALUE")]
    pub option: Vec<String>,
    /// How long the plugin may run, such as 90s or 5m [default: 5m]
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// List the files, and write none
    #[arg(long)]
    pub dry_run: bool,
    /// Overwrite files of a bundle
    #[arg(long)]
    pub force: bool,
    /// List the plugins
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

/// Store credentials for a registry
///
/// Exit code 1: the registry refused them; then nothing is stored.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto login ghcr.io -u octocat
  echo \"$TOKEN\" | pacto login ghcr.io -u octocat --password-stdin")]
pub struct LoginArgs {
    /// The registry, such as ghcr.io
    pub registry: String,
    #[arg(short, long)]
    pub username: Option<String>,
    /// The password; visible to other processes, so rather use --password-stdin
    #[arg(short, long, conflicts_with = "password_stdin")]
    pub password: Option<String>,
    /// Read the password from stdin
    #[arg(long)]
    pub password_stdin: bool,
    /// Store without asking the registry
    #[arg(long)]
    pub no_verify: bool,
}

/// Remove stored credentials
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto logout ghcr.io
  pacto logout --all")]
pub struct LogoutArgs {
    /// The registry
    #[arg(required_unless_present = "all")]
    pub registry: Option<String>,
    /// Of all registries
    #[arg(long)]
    pub all: bool,
}

/// Look at the cache of bundles, or make it smaller
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto cache list
  pacto cache prune --max-size 200MiB
  pacto cache clean ghcr.io/acme/payments")]
pub struct CacheArgs {
    #[command(subcommand)]
    pub action: CacheAction,
}

#[derive(Subcommand, Debug)]
pub enum CacheAction {
    /// Print where it is
    Dir,
    /// List the bundles in it
    List,
    /// Remove what was used least lately
    Prune {
        /// What may stay, such as 500MiB [default: 1GiB, or cache.max-size]
        #[arg(long, value_name = "SIZE")]
        max_size: Option<ByteSize>,
    },
    /// Remove everything, or one repository, tag or digest
    Clean {
        #[arg(value_name = "REF")]
        reference: Option<String>,
    },
}

/// Replace this program by a newer release
///
/// The download is checked against the checksums of the release. Exit code 1: --check, and there is
/// a newer one.
#[derive(Args, Debug)]
#[command(disable_version_flag = true)]
#[command(after_long_help = "Examples:
  pacto update
  pacto update --check
  pacto update v1.2.0")]
pub struct UpdateArgs {
    /// The version [default: the latest]
    #[arg(value_name = "VERSION")]
    pub release: Option<String>,
    /// Only say whether there is a newer one
    #[arg(long)]
    pub check: bool,
    /// Look at pre-releases, too
    #[arg(long)]
    pub prerelease: bool,
}

/// Check contracts in all layers
///
/// Exit code 0: all valid. 1: some are invalid. 2: some could not be read.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto validate
  pacto validate examples/* --strict
  pacto validate . --set service.version=2.0.0 -f values/production.yaml
  pacto validate . --output-format sarif > findings.sarif")]
pub struct ValidateArgs {
    /// Folders with a pacto.yaml, files, archives, oci://…, or - for a contract on stdin
    #[arg(value_name = "CONTRACT", default_value = ".", add = ArgValueCompleter::new(complete::contracts))]
    pub contracts: Vec<String>,
    /// Let warnings fail, too
    #[arg(long)]
    pub strict: bool,
    /// Report the findings of one layer only
    #[arg(long, value_name = "LAYER", value_parser = ["yaml", "structural", "cross-field", "semantic", "policy", "reference"])]
    pub only_layer: Option<String>,
    /// Apply the fixes that cannot change what the author meant
    #[arg(long)]
    pub fix: bool,
    /// Do not look at dependencies and references
    #[arg(long)]
    pub no_refs: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

#[derive(Args, Debug, Clone, Default)]
pub struct OverrideArgs {
    /// Lay a YAML or JSON file over the contract; - is stdin
    #[arg(short = 'f', long, value_name = "FILE")]
    pub values: Vec<String>,
    /// Set one value of the contract, such as service.version=2.0.0 or interfaces[0].port=9090
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

/// Format contracts
///
/// Moves lines and nothing else: two spaces a level, lists below their key, one blank line at
/// most. Comments, quotes and the order of keys stay. Exit code 1: with --check, a file would
/// change; or a file does not parse.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto fmt
  pacto fmt --check examples/*
  pacto fmt - < pacto.yaml")]
pub struct FmtArgs {
    /// Files or folders with a pacto.yaml; - formats stdin to stdout
    #[arg(value_name = "FILE", default_value = ".")]
    pub files: Vec<String>,
    /// Change nothing; list the files that would change
    #[arg(long)]
    pub check: bool,
    /// Change nothing; show what would change
    #[arg(long, conflicts_with = "check")]
    pub diff: bool,
}

/// Print the JSON Schema of the contract format
#[derive(Args, Debug)]
#[command(disable_version_flag = true)]
#[command(after_long_help = "Examples:
  pacto schema > pacto.schema.json
  pacto schema runtime.state")]
pub struct SchemaArgs {
    /// A part, such as runtime.state
    #[arg(default_value = "")]
    pub part: String,
    /// The version of the format
    #[arg(long = "version", value_name = "VERSION", default_value = "1.0")]
    pub format_version: String,
    /// Write to a file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Say what a finding means, with examples
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto explain-rule PORT_REQUIRED
  pacto explain-rule SCHEMA_VIOLATION --output-format json")]
pub struct ExplainRuleArgs {
    /// The code of the rule
    #[arg(value_name = "CODE", add = ArgValueCompleter::new(complete::rules))]
    pub code: String,
}

/// Serve an editor over stdin and stdout (Language Server Protocol)
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto lsp
  pacto lsp --log-file /tmp/pacto-lsp.log
  pacto lsp --check services/payments")]
pub struct LspArgs {
    /// Speak over stdin and stdout; the default, accepted since editors pass it
    #[arg(long)]
    pub stdio: bool,
    /// Write a log to this file
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// End when this process ends
    #[arg(long, value_name = "PID", alias = "clientProcessId")]
    pub client_process_id: Option<u32>,
    /// Print what editors ask before they start the server, as JSON
    #[arg(long)]
    pub handshake: bool,
    /// Print the diagnostics that an editor would get for a contract, as JSON
    #[arg(long, value_name = "CONTRACT")]
    pub check: Option<String>,
}

/// Print completions for a shell
///
/// They offer subcommands, flags and values, and what this machine knows: contracts, plugins, rules,
/// versions in the cache.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto completions bash > /etc/bash_completion.d/pacto
  pacto completions zsh > ~/.zfunc/_pacto
  pacto completions fish > ~/.config/fish/completions/pacto.fish")]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
    Nushell,
}

/// Write the manual pages of all commands
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto man man/
  pacto man | man -l -")]
pub struct ManArgs {
    /// The folder to write to; without it the main page goes to stdout
    pub dir: Option<PathBuf>,
}
