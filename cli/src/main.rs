//! The `pacto` command.

mod commands;
mod complete;
mod context;
mod contract;
mod exit;
mod global;
mod interrupt;
mod log;
mod output;
mod plugins;
mod progress;
mod release;
mod show;
mod stdin;

use std::io::Write;

use clap::{CommandFactory, Parser};
use commands::Cli;
use context::Context;
use exit::Exit;
use global::Manner;
use output::Output;
use pacto_edge::session::{Environment, Error, Settings};

fn main() -> std::process::ExitCode {
    install_panic_hook();
    // A shell that asks for completions is answered, and nothing else is done.
    clap_complete::CompleteEnv::with_factory(Cli::command).var(commands::VARIABLE).complete();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let (context, manner) = match prepare(&cli) {
        Ok(prepared) => prepared,
        Err(error) => {
            Output::new(cli.global.look()).error(&error);
            return Exit::of(&error).into();
        }
    };
    log::start(manner.look, manner.log_format);
    if let Some(ending) = cli.command.ending() {
        interrupt::listen(ending);
    }
    for warning in &context.session.settings.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
    let notice = release::Notice::start(&manner, &context);
    let ended = commands::run(cli.command, &context);
    context.bars.clear();
    let exit = match ended.and_then(|exit| context.output.finish().map(|()| exit)) {
        Ok(exit) => exit,
        Err(error) => {
            context.output.error(&error);
            Exit::of(&error)
        }
    };
    if let Some(notice) = notice.filter(|_| exit == Exit::Success) {
        notice.finish(&context.output);
    }
    context.session.prune_cache();
    exit.into()
}

/// What holds for this run.
fn prepare(cli: &Cli) -> Result<(Context, Manner), Error> {
    let environment = Environment::of_process();
    let (contract, named) = cli.command.subjects();
    let flags = cli.global.flags(contract, &named)?;
    let settings = Settings::read(&flags, &environment)?;
    let manner = Manner::new(&cli.global, &settings, &environment)?;
    Ok((Context::new(flags, settings, environment, &manner), manner))
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
        // Nothing helps where stderr is closed, too.
        let _ = writeln!(
            std::io::stderr(),
            "error: internal error{place}; please report it at https://github.com/pacto/pacto/issues"
        );
        if std::thread::current().name() == Some("main") {
            std::process::exit(2);
        }
    }));
}
