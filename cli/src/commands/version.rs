//! `pacto version`.

use pacto_edge::session::Error;
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::release::released;

pub fn run(context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    let version = released().unwrap_or_else(|| format!("v{}-dev", env!("CARGO_PKG_VERSION")));
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let commit = option_env!("PACTO_COMMIT").unwrap_or("unknown");
    let date = option_env!("PACTO_DATE").unwrap_or("unknown");
    match output.format {
        OutputFormat::Json => output.json(&json!({
            "schemaVersion": 1,
            "version": version,
            "commit": commit,
            "date": date,
            "target": target,
        })),
        _ if output.verbose > 0 => output.plain(&format!(
            "pacto version {version}\ncommit: {commit}\ndate: {date}\ntarget: {target}\n"
        )),
        _ => output.plain(&format!("pacto version {version}\n")),
    }
    Ok(Exit::Success)
}
