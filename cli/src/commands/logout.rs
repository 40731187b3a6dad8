//! `pacto logout`.

use clap::Args;
use pacto_edge::registry::credentials;
use pacto_edge::session::{Code, Error};
use serde_json::json;

use super::login::host;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::OutputFormat;

/// Remove stored credentials
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto logout ghcr.io
  pacto logout --all")]
pub struct LogoutArgs {
    /// The registry
    #[arg(required_unless_present = "all")]
    pub registry: Option<String>,
    /// Of all registries
    #[arg(long)]
    pub all: bool,
}

pub fn run(args: LogoutArgs, context: &Context) -> Result<Exit, Error> {
    let host = match (&args.registry, args.all) {
        (Some(registry), false) => Some(host(registry)?),
        _ => None,
    };
    let removed = match &context.session.settings.credentials_file {
        Some(file) => credentials::remove(file, host.as_deref())
            .map_err(|why| Error::new(Code::Io, format!("{}: {why}", file.display())))?,
        None => false,
    };
    let shown = host.as_deref().unwrap_or("all registries");
    let output = &context.output;
    match output.format {
        OutputFormat::Json => {
            output.json(&json!({"schemaVersion": 1, "registry": shown, "removed": removed}));
        }
        _ if removed => output.plain(&format!("Logout succeeded for {shown}\n")),
        _ => output.plain(&format!("No stored credentials for {shown}\n")),
    }
    Ok(Exit::Success)
}
