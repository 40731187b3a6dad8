//! `pacto man`.

use std::path::{Path, PathBuf};

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
    // `help` has no page, so none is named.
    command = command
        .disable_help_subcommand(true)
        .mut_subcommands(|subcommand| subcommand.disable_help_subcommand(true));
    command.build();
    let Some(folder) = args.dir else {
        output.result(&page(command)?);
        return Ok(Exit::Success);
    };
    std::fs::create_dir_all(&folder)
        .map_err(|error| Error::io(&folder.display().to_string(), error))?;
    write_pages(command, &folder)?;
    Ok(Exit::Success)
}

/// The page of a command, and those of its subcommands, whose names go on behind its own.
fn write_pages(command: clap::Command, folder: &Path) -> Result<(), Error> {
    let name = command.get_name().to_owned();
    for subcommand in command.get_subcommands() {
        let below = format!("{name}-{}", subcommand.get_name());
        write_pages(subcommand.clone().name(below), folder)?;
    }
    write_atomically(&folder.join(format!("{name}.1")), page(command)?)
}

fn page(command: clap::Command) -> Result<String, Error> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .map_err(|error| Error::io("manual page", error))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    // The last section is the version.
    let (before, version) = text.split_at(text.find(".SH VERSION").unwrap_or(text.len()));
    Ok(format!("{before}{EXIT_STATUS}{ENVIRONMENT}{version}"))
}

const EXIT_STATUS: &str = ".SH \"EXIT STATUS\"
.TP
0
Done, and the verdict is good.
.TP
1
Done, and something was found: an invalid contract, a breaking change, credentials that were refused.
.TP
2
Not done: a wrong argument, a file that cannot be read, a registry that cannot be reached.
.TP
130, 143
Ended by SIGINT or SIGTERM.
";

const ENVIRONMENT: &str = ".SH ENVIRONMENT
.TP
PACTO_CACHE_DIR
The folder of the cache of bundles.
.TP
PACTO_REGISTRY, PACTO_REGISTRY_USERNAME, PACTO_REGISTRY_PASSWORD, PACTO_REGISTRY_TOKEN
Credentials, and the host that they are for.
.TP
PACTO_NO_UPDATE_CHECK
Does not look for new versions.
.TP
XDG_CONFIG_HOME, XDG_CACHE_HOME, DOCKER_CONFIG, SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY, NO_COLOR, SOURCE_DATE_EPOCH
As everywhere. Flags name the variables that stand for them.
";
