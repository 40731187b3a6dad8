//! The command line: one file for each command, with its arguments beside what it does. Doc comments
//! are the help texts.

mod cache;
mod completions;
mod diff;
mod doc;
mod explain;
mod explain_rule;
mod fmt;
mod generate;
mod graph;
mod init;
mod login;
mod logout;
mod lsp;
mod man;
mod mcp;
mod pack;
mod pull;
mod push;
mod schema;
mod update;
mod validate;
mod version;

use clap::{CommandFactory, Parser, Subcommand};
use pacto_edge::session::Error;

use crate::context::Context;
use crate::exit::Exit;
use crate::global::Global;
use crate::interrupt::Ending;

pub use completions::VARIABLE;

/// Describe services once; validate, publish and explore their contracts
///
/// A contract describes how a service behaves in operation: its interfaces, dependencies, runtime,
/// configuration and scaling. It stands in a file named pacto.yaml; the file and what it names form
/// a bundle, which is kept in an OCI registry.
#[derive(Parser, Debug)]
#[command(name = "pacto", version, propagate_version = true, max_term_width = 100)]
#[command(after_long_help = "Exit codes:
  0  done, and nothing is wrong
  1  done, and something is wrong: findings, a breaking change; each command says what
  2  not done: wrong arguments, unreadable files, registries that cannot be reached

Examples:
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

#[derive(Subcommand, Debug)]
pub enum Command {
    Init(init::InitArgs),
    Validate(validate::ValidateArgs),
    Pack(pack::PackArgs),
    Push(push::PushArgs),
    Pull(pull::PullArgs),
    Diff(diff::DiffArgs),
    Graph(graph::GraphArgs),
    Explain(explain::ExplainArgs),
    Doc(doc::DocArgs),
    Generate(generate::GenerateArgs),
    Login(login::LoginArgs),
    Logout(logout::LogoutArgs),
    Cache(cache::CacheArgs),
    Fmt(fmt::FmtArgs),
    Schema(schema::SchemaArgs),
    ExplainRule(explain_rule::ExplainRuleArgs),
    Lsp(lsp::LspArgs),
    Mcp(mcp::McpArgs),
    Update(update::UpdateArgs),
    /// Print the version
    #[command(after_long_help = "Examples:
  pacto version
  pacto version -v                    commit, date and platform, too
  pacto version --output-format json")]
    Version,
    #[command(alias = "completion")]
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
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
            Command::Graph(args) => of_contract(&args.contract.contract),
            Command::Explain(args) => of_contract(&args.contract.contract),
            Command::Doc(args) => of_contract(&args.contract.contract),
            Command::Generate(args) => of_contract(&args.contract.contract),
            Command::Login(args) => (None, vec![&args.registry]),
            Command::Logout(args) => (None, args.registry.iter().map(String::as_str).collect()),
            _ => (None, vec![]),
        }
    }

    /// Whether its result is neither findings nor a file that is printed as it is.
    fn has_own_result(&self) -> bool {
        !matches!(
            self,
            Command::Validate(_)
                | Command::Diff(_)
                | Command::Schema(_)
                | Command::Lsp(_)
                | Command::Mcp(_)
                | Command::Completions(_)
                | Command::Man(_)
        )
    }

    /// How a signal ends it; none of what listens to signals itself.
    pub fn ending(&self) -> Option<Ending> {
        match self {
            Command::Mcp(args) if args.command.is_none() => None,
            Command::Lsp(_) => Some(Ending::Server),
            Command::Doc(args) if args.serve => Some(Ending::Server),
            _ => Some(Ending::CutOff),
        }
    }
}

/// The one contract that a command looks at.
fn of_contract(typed: &str) -> (Option<&str>, Vec<&str>) {
    (Some(typed), vec![typed])
}

/// Runs a command.
///
/// # Errors
/// It could not do what it is there for.
pub fn run(command: Command, context: &Context) -> Result<Exit, Error> {
    // Said before anything is done.
    if command.has_own_result() {
        context.output.check_format()?;
    }
    match command {
        Command::Init(args) => init::run(args, context),
        Command::Validate(args) => validate::run(args, context),
        Command::Pack(args) => pack::run(args, context),
        Command::Push(args) => push::run(args, context),
        Command::Pull(args) => pull::run(args, context),
        Command::Diff(args) => diff::run(args, context),
        Command::Graph(args) => graph::run(args, context),
        Command::Explain(args) => explain::run(args, context),
        Command::Doc(args) => doc::run(args, context),
        Command::Generate(args) => generate::run(args, context),
        Command::Login(args) => login::run(args, context),
        Command::Logout(args) => logout::run(args, context),
        Command::Cache(args) => cache::run(args, context),
        Command::Fmt(args) => fmt::run(args, context),
        Command::Schema(args) => schema::run(args, context),
        Command::ExplainRule(args) => explain_rule::run(args, context),
        Command::Lsp(args) => lsp::run(args, context),
        Command::Mcp(args) => mcp::run(args, context),
        Command::Update(args) => update::run(args, context),
        Command::Completions(args) => completions::run(args, &mut Cli::command(), context),
        Command::Man(args) => man::run(args, Cli::command(), context),
        Command::Version => version::run(context),
    }
}
