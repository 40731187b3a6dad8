//! `pacto completions`.

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::exit::{CliError, Exit};
use crate::output::Output;

pub fn run(args: CompletionsArgs, output: &Output) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pacto", &mut script);
    output.result(&String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}
