//! `pacto lsp`.

use std::fs::OpenOptions;

use serde_json::json;

use crate::args::LspArgs;
use crate::contracts::Argument;
use crate::exit::{CliError, Exit};
use crate::session::Session;

pub fn run(args: LspArgs, session: &Session) -> Result<Exit, CliError> {
    let output = &session.output;
    if args.handshake {
        output.json(&json!({
            "name": "pacto",
            "version": env!("CARGO_PKG_VERSION"),
            "protocol": "3.17",
            "formats": pacto_core::schema::SUPPORTED_VERSIONS,
        }));
        return Ok(Exit::Success);
    }
    if let Some(typed) = args.check {
        let argument = Argument::resolve(&typed, session)?;
        output.json(&pacto_lsp::check(&argument.root, session));
        return Ok(Exit::Success);
    }
    let log = match args.log_file {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(&path);
            Some(file.map_err(|error| CliError::io(&path.display().to_string(), &error))?)
        }
        None => None,
    };
    let registries: pacto_lsp::Connect = Box::new(session.background());
    let registries = Some(registries);
    let options = pacto_lsp::Options { log, client_process_id: args.client_process_id, registries };
    let code = pacto_lsp::serve(std::io::stdin(), std::io::stdout(), options);
    // Threads that still wait for input end with the process.
    std::process::exit(code)
}
