//! `pacto version`.

use serde_json::json;

use crate::args::OutputFormat;
use crate::exit::{CliError, Exit};
use crate::output::Output;

pub fn run(output: &Output) -> Result<Exit, CliError> {
    let version = env!("CARGO_PKG_VERSION");
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    match output.format {
        OutputFormat::Json => output.json(&json!({
            "schemaVersion": 1,
            "version": format!("v{version}"),
            "target": target,
        })),
        _ if output.verbose > 0 => {
            output.plain(&format!("pacto version v{version}\ntarget: {target}\n"))?
        }
        _ => output.plain(&format!("pacto version v{version}\n"))?,
    }
    Ok(Exit::Success)
}
