//! `pacto logout`.

use pacto_edge::registry::credentials;
use serde_json::json;

use crate::args::{LogoutArgs, OutputFormat};
use crate::commands::login::host;
use crate::exit::{CliError, Exit};
use crate::session::Session;

pub fn run(args: LogoutArgs, session: &Session) -> Result<Exit, CliError> {
    let host = match (&args.registry, args.all) {
        (Some(registry), false) => Some(host(registry)?),
        _ => None,
    };
    let removed = match &session.settings.credentials_file {
        Some(file) => credentials::remove(file, host.as_deref())
            .map_err(|why| CliError::new("IO", format!("{}: {why}", file.display())))?,
        None => false,
    };
    let shown = host.as_deref().unwrap_or("all registries");
    let output = &session.output;
    match output.format {
        OutputFormat::Json => {
            output.json(&json!({"schemaVersion": 1, "registry": shown, "removed": removed}));
        }
        _ if removed => output.plain(&format!("Logout succeeded for {shown}\n"))?,
        _ => output.plain(&format!("No stored credentials for {shown}\n"))?,
    }
    Ok(Exit::Success)
}
