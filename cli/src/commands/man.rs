//! `pacto man`.

use clap::CommandFactory;

use crate::args::{Cli, ManArgs};
use crate::exit::{CliError, Exit};
use crate::output::{Output, write_atomically};

pub fn run(args: ManArgs, output: &Output) -> Result<Exit, CliError> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = args.dir else {
        output.result(&page(command)?);
        return Ok(Exit::Success);
    };
    std::fs::create_dir_all(&folder)
        .map_err(|error| CliError::io(&folder.display().to_string(), &error))?;
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

fn page(command: clap::Command) -> Result<String, CliError> {
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut text);
    rendered.map_err(|error| CliError::io("manual page", &error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
