//! The `pacto` command.

mod args;
mod commands;
mod contracts;
mod exit;
mod output;

use clap::Parser;

use args::{Cli, Command};
use exit::{CliError, Exit};
use output::Output;

fn main() -> std::process::ExitCode {
    install_panic_hook();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let output = Output::new(&cli.global);
    match run(cli, &output) {
        Ok(exit) => exit.into(),
        Err(error) => output.error(&error).into(),
    }
}

fn run(cli: Cli, output: &Output) -> Result<Exit, CliError> {
    match cli.command {
        Command::Validate(args) => commands::validate::run(args, output),
        Command::Fmt(args) => commands::fmt::run(args, output),
        Command::Schema(args) => commands::schema::run(args, output),
        Command::ExplainRule(args) => commands::explain_rule::run(args, output),
        Command::Lsp(args) => commands::lsp::run(args, output),
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
