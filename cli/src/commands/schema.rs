//! `pacto schema`.

use pacto_core::schema::{SUPPORTED_VERSIONS, json_schema};

use crate::args::SchemaArgs;
use crate::exit::{CliError, Exit};
use crate::output::{Output, write_atomically};

pub fn run(args: SchemaArgs, output: &Output) -> Result<Exit, CliError> {
    if !SUPPORTED_VERSIONS.contains(&args.format_version.as_str()) {
        let message = format!("unknown format version {}", args.format_version);
        let hint = format!("supported: {}", SUPPORTED_VERSIONS.join(", "));
        return Err(CliError::usage(message).hint(hint));
    }
    let Some(schema) = json_schema(&args.part) else {
        let message = format!("the format has no part `{}`", args.part);
        return Err(CliError::usage(message).hint("a part is a path such as runtime.state"));
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
