//! `pacto schema`.

use std::path::PathBuf;

use clap::Args;
use pacto_core::schema::{FormatVersion, json_schema};
use pacto_edge::session::Error;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::write_atomically;

/// Print the JSON Schema of the contract format
#[derive(Args, Debug)]
#[command(disable_version_flag = true)]
#[command(after_long_help = "Examples:
  pacto schema > pacto.schema.json
  pacto schema runtime.state
  pacto schema readiness --version 1.2")]
pub struct SchemaArgs {
    /// A part, such as runtime.state
    #[arg(default_value = "")]
    pub part: String,
    /// The version of the format
    #[arg(long = "version", value_name = "VERSION", default_value = "1.0")]
    pub format_version: String,
    /// Write to a file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

pub fn run(args: SchemaArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    let Some(version) = FormatVersion::from_text(&args.format_version) else {
        let message = format!("unknown format version {}", args.format_version);
        let hint = format!("supported: {}", FormatVersion::ALL.map(FormatVersion::text).join(", "));
        return Err(Error::usage(message).hint(hint));
    };
    let Some(schema) = json_schema(version, &args.part) else {
        let message = format!("format {} has no part `{}`", version.text(), args.part);
        return Err(Error::usage(message).hint("a part is a path such as runtime.state"));
    };
    match args.output {
        Some(path) => {
            let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
            write_atomically(&path, &(text + "\n"))?;
        }
        None => output.json(&schema),
    }
    Ok(Exit::Success)
}
