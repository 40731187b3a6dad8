//! `pacto init`.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use pacto_core::doc::scaffold;
use pacto_core::schema::format::StrRule;
use pacto_edge::scratch::Scratch;
use pacto_edge::session::{Code, Error};
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::output::write_atomically;

/// Start a contract in a new folder, or in one that is empty
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto init payments-api
  pacto init payments-api --dir services/payments/contract")]
pub struct InitArgs {
    /// The name of the service: lower-case letters, digits and dashes
    pub name: String,
    /// Where to put it [default: ./<NAME>]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Write into a folder that holds something; existing files are replaced
    #[arg(long)]
    pub force: bool,
}

pub fn run(args: InitArgs, context: &Context) -> Result<Exit, Error> {
    let name = &args.name;
    if !StrRule::ServiceName.matches(name) {
        return Err(Error::usage(format!("\"{name}\" is not a name for a service"))
            .hint("use lower-case letters, digits and dashes, such as payments-api"));
    }
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from(name));
    let shown = dir.display().to_string();
    let shown = shown.trim_end_matches('/');
    let io = |error: std::io::Error| Error::io(shown, error);
    let is_there = dir.symlink_metadata().is_ok();
    let is_empty = is_there && fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_none());
    if is_there && !is_empty && !args.force {
        return Err(Error::new(Code::Io, format!("{shown}: it holds something already"))
            .hint("--force writes into it; --dir DIR names another place"));
    }
    let files = scaffold(name, context.session.settings.registry.as_deref());
    if is_there {
        for (path, text) in &files {
            let full = dir.join(path);
            fs::create_dir_all(full.parent().unwrap_or(&dir)).map_err(io)?;
            write_atomically(&full, text)?;
        }
    } else {
        // Made beside its place, so that nothing half-made is left behind.
        let parent = dir
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .map_or(PathBuf::from("."), PathBuf::from);
        fs::create_dir_all(&parent).map_err(io)?;
        let staging = tempfile::Builder::new().prefix(".pacto-init-").tempdir_in(&parent);
        let staging = Scratch::new(staging.map_err(io)?.keep());
        let fresh = staging.path().join("bundle");
        for (path, text) in &files {
            let full = fresh.join(path);
            fs::create_dir_all(full.parent().unwrap_or(&fresh)).map_err(io)?;
            fs::write(&full, text).map_err(io)?;
        }
        fs::rename(&fresh, &dir).map_err(io)?;
    }
    let output = &context.output;
    if output.format == OutputFormat::Json {
        let paths: Vec<String> = files.iter().map(|(path, _)| format!("{shown}/{path}")).collect();
        output.json(&json!({
            "schemaVersion": 1, "dir": shown, "path": format!("{shown}/pacto.yaml"), "files": paths,
            "Dir": shown, "Path": format!("{shown}/pacto.yaml"),
        }));
    } else {
        output.plain(&format!(
            "Created {shown}/\n  {shown}/pacto.yaml\n  {shown}/interfaces/\n  {shown}/configuration/\n"
        ));
    }
    Ok(Exit::Success)
}
