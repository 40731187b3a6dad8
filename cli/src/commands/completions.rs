//! `pacto completions`.

use clap::{Args, Command, ValueEnum};
use clap_complete::env::{Elvish, EnvCompleter, Fish, Powershell, Zsh};
use pacto_edge::session::Error;

use crate::context::Context;
use crate::exit::Exit;

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

/// The script for bash. The one of clap_complete takes the pieces that bash splits a word into, at `:`,
/// `=` and `@`, for words.
const BASH: &str = include_str!("completions.bash");

/// The variable by which a shell asks the program for completions.
pub const VARIABLE: &str = "PACTO_COMPLETE";

/// Prints the completions of `command`, the whole command line.
pub fn run(args: CompletionsArgs, command: &mut Command, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    let mut script = Vec::new();
    let shell: &dyn EnvCompleter = match args.shell {
        Shell::Bash => {
            output.result(BASH);
            return Ok(Exit::Success);
        }
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
        Shell::Elvish => &Elvish,
        Shell::Nushell => {
            // It has no way to ask, and gets what does not change.
            let shell = clap_complete_nushell::Nushell;
            clap_complete::generate(shell, command, "pacto", &mut script);
            output.result(&String::from_utf8_lossy(&script));
            return Ok(Exit::Success);
        }
    };
    let written = shell.write_registration(VARIABLE, "pacto", "pacto", "pacto", &mut script);
    written.map_err(|error| Error::io("the script", error))?;
    output.result(&String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}
