//! `pacto man`.

use std::path::PathBuf;

use clap::Args;
use pacto_edge::session::Error;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::write_atomically;

/// Write the manual pages of all commands
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto man man/
  pacto man | man -l -")]
pub struct ManArgs {
    /// The folder to write to; without it the main page goes to stdout
    pub dir: Option<PathBuf>,
}

/// Writes the pages of `command`, the whole command line.
pub fn run(args: ManArgs, mut command: clap::Command, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    command.build();
    let Some(folder) = args.dir else {
        output.result(&page(command)?);
        return Ok(Exit::Success);
    };
    std::fs::create_dir_all(&folder)
        .map_err(|error| Error::io(&folder.display().to_string(), error))?;
    let pages: Vec<clap::Command> =
        command.get_subcommands().filter(|c| c.get_name() != "help").cloned().collect();
    for subcommand in pages {
        let name = format!("pacto-{}", subcommand.get_name());
        let path = folder.join(format!("{name}.1"));
        write_atomically(&path, &page(subcommand.name(name))?)?;
    }
    write_atomically(&folder.join("pacto.1"), &page(command)?)?;
    Ok(Exit::Success)
}

fn page(command: clap::Command) -> Result<String, Error> {
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut text);
    rendered.map_err(|error| Error::io("manual page", error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
