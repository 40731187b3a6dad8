//! `pacto lsp`.

use std::fs::OpenOptions;
use std::path::PathBuf;

use clap::Args;
use pacto_core::schema::FormatVersion;
use pacto_edge::session::Error;
use serde_json::json;

use crate::context::Context;
use crate::contract::find;
use crate::exit::Exit;

/// Serve an editor over stdin and stdout (Language Server Protocol)
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto lsp
  pacto lsp --log-file /tmp/pacto-lsp.log
  pacto lsp --check services/payments")]
pub struct LspArgs {
    /// Speak over stdin and stdout; the default, accepted since editors pass it
    #[arg(long)]
    pub stdio: bool,
    /// Write a log to this file
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// End when this process ends
    #[arg(long, value_name = "PID", alias = "clientProcessId")]
    pub client_process_id: Option<u32>,
    /// Print what editors ask before they start the server, as JSON
    #[arg(long)]
    pub handshake: bool,
    /// Print the diagnostics that an editor would get for a contract, as JSON
    #[arg(long, value_name = "CONTRACT")]
    pub check: Option<String>,
}

pub fn run(args: LspArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    if args.handshake {
        output.json(&json!({
            "name": "pacto",
            "version": env!("CARGO_PKG_VERSION"),
            "protocol": "3.17",
            "formats": FormatVersion::ALL.map(FormatVersion::text),
        }));
        return Ok(Exit::Success);
    }
    if let Some(typed) = args.check {
        let target = find(&typed, context)?;
        let today = context.session.settings.today;
        output.json(&pacto_lsp::check(&target.root, today, &context.session));
        return Ok(Exit::Success);
    }
    let log = match args.log_file {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(&path);
            Some(file.map_err(|error| Error::io(&path.display().to_string(), error))?)
        }
        None => None,
    };
    let registries: pacto_lsp::Connect = Box::new(context.session.background());
    let registries = Some(registries);
    let options = pacto_lsp::Options { log, client_process_id: args.client_process_id, registries };
    let code = pacto_lsp::serve(std::io::stdin(), std::io::stdout(), options);
    // Threads that still wait for input end with the process.
    std::process::exit(code)
}
