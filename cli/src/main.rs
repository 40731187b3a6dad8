//! The `pacto` command.

mod args;
mod commands;
mod complete;
mod contracts;
mod exit;
mod interrupt;
mod log;
mod output;
mod plugins;
mod progress;
mod release;
mod session;
mod settings;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};
use exit::{CliError, Exit};
use interrupt::Ending;
use output::Output;
use session::Session;
use settings::Settings;

fn main() -> std::process::ExitCode {
    install_panic_hook();
    // A shell that asks for completions is answered, and nothing else is done.
    clap_complete::CompleteEnv::with_factory(Cli::command)
        .var(commands::completions::VARIABLE)
        .complete();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let (contract, named) = cli.command.subjects();
    let settings = match Settings::new(&cli.global, contract, &named) {
        Ok(settings) => settings,
        Err(error) => return Output::of_flags(&cli.global).error(&error).into(),
    };
    log::start(&settings);
    interrupt::listen(if cli.command.is_server() { Ending::Server } else { Ending::CutOff });
    let output = Output::new(&settings);
    for warning in &settings.warnings {
        output.note(&format!("warning: {warning}"));
    }
    let session = Session::new(settings, output);
    let notice = release::Notice::start(&session);
    let exit = match run(cli.command, &session) {
        Ok(exit) => exit,
        Err(error) => {
            session.bars.clear();
            session.output.error(&error)
        }
    };
    if let Some(notice) = notice.filter(|_| exit == Exit::Success) {
        notice.finish();
    }
    session.finish();
    exit.into()
}

fn run(command: Command, session: &Session) -> Result<Exit, CliError> {
    let output = &session.output;
    match command {
        Command::Init(args) => commands::init::run(args, session),
        Command::Validate(args) => commands::validate::run(args, session),
        Command::Pack(args) => commands::pack::run(args, session),
        Command::Push(args) => commands::push::run(args, session),
        Command::Pull(args) => commands::pull::run(args, session),
        Command::Diff(args) => commands::diff::run(args, session),
        Command::Graph(args) => commands::graph::run(args, session),
        Command::Explain(args) => commands::explain::run(args, session),
        Command::Doc(args) => commands::doc::run(args, session),
        Command::Generate(args) => commands::generate::run(args, session),
        Command::Login(args) => commands::login::run(args, session),
        Command::Logout(args) => commands::logout::run(args, session),
        Command::Cache(args) => commands::cache::run(args, session),
        Command::Fmt(args) => commands::fmt::run(args, output),
        Command::Schema(args) => commands::schema::run(args, output),
        Command::ExplainRule(args) => commands::explain_rule::run(args, output),
        Command::Lsp(args) => commands::lsp::run(args, session),
        Command::Update(args) => commands::update::run(args, session),
        Command::Version => commands::version::run(output),
        Command::Completions(args) => commands::completions::run(args, output),
        Command::Man(args) => commands::man::run(args, output),
    }
}

/// A panic is a bug: one line that says where to report it, and exit code 2.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        // Cancelled queries unwind by design.
        if info.payload().is::<pacto_core::Cancelled>() {
            return;
        }
        let place =
            info.location().map_or(String::new(), |l| format!(" at {}:{}", l.file(), l.line()));
        eprintln!(
            "error: internal error{place}; please report it at https://github.com/pacto/pacto/issues"
        );
        if std::thread::current().name() == Some("main") {
            std::process::exit(2);
        }
    }));
}
