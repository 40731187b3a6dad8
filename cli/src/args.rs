//! The command line. Doc comments are the help texts.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// Validate and explain service contracts
///
/// A contract describes how a service behaves in operation: its interfaces, dependencies, runtime,
/// configuration and scaling. It stands in a file named pacto.yaml.
#[derive(Parser, Debug)]
#[command(name = "pacto", version, propagate_version = true, max_term_width = 100)]
#[command(after_long_help = "Examples:
  pacto validate                    check the contract in this folder
  pacto validate services/*         check many contracts
  pacto explain-rule PORT_REQUIRED  say what a finding means
  pacto lsp                         serve an editor")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Debug, Clone)]
pub struct Global {
    /// The form of the result
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "PACTO_OUTPUT_FORMAT",
        value_name = "FORMAT"
    )]
    pub output_format: OutputFormat,
    /// Show hints, and say more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// No notes and warnings on stderr; twice: nothing but the exit code
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub quiet: u8,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "PACTO_COLOR",
        value_name = "WHEN"
    )]
    pub color: ColorChoice,
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
    /// GitHub workflow annotations (validate only)
    Github,
    /// SARIF 2.1.0, for code scanning (validate only)
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
    Validate(ValidateArgs),
    Fmt(FmtArgs),
    Schema(SchemaArgs),
    ExplainRule(ExplainRuleArgs),
    Lsp(LspArgs),
    /// Print the version
    Version,
    #[command(alias = "completion")]
    Completions(CompletionsArgs),
    Man(ManArgs),
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
    /// Folders with a pacto.yaml, files, or - for a contract on stdin
    #[arg(value_name = "CONTRACT", default_value = ".")]
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
    #[arg(value_name = "CODE")]
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
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto completions bash > /etc/bash_completion.d/pacto
  pacto completions zsh > ~/.zfunc/_pacto
  pacto completions fish > ~/.config/fish/completions/pacto.fish")]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
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
