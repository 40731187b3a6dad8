//! `pacto completions`.

use clap::CommandFactory;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use crate::args::{Cli, CompletionsArgs, Shell};
use crate::exit::{CliError, Exit};
use crate::output::Output;

/// The variable by which a shell asks the program for completions.
pub const VARIABLE: &str = "PACTO_COMPLETE";

pub fn run(args: CompletionsArgs, output: &Output) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    let shell: &dyn EnvCompleter = match args.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
        Shell::Elvish => &Elvish,
        Shell::Nushell => {
            // It has no way to ask, and gets what does not change.
            let shell = clap_complete_nushell::Nushell;
            clap_complete::generate(shell, &mut Cli::command(), "pacto", &mut script);
            output.result(&String::from_utf8_lossy(&script));
            return Ok(Exit::Success);
        }
    };
    let written = shell.write_registration(VARIABLE, "pacto", "pacto", "pacto", &mut script);
    written.map_err(|error| CliError::io("the script", &error))?;
    output.result(&String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}
