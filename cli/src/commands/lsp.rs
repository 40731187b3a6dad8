//! `pacto lsp`.

use std::fs::OpenOptions;
use std::path::PathBuf;

use clap::{Args, FromArgMatches};
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
    /// What editors pass to other servers
    #[arg(hide = true, allow_hyphen_values = true, trailing_var_arg = true)]
    pub unknown: Vec<String>,
}

impl LspArgs {
    /// Takes the flags that stand behind unknown ones. Returns the unknown ones.
    fn take_unknown(&mut self) -> Vec<String> {
        let mut unknown = Vec::new();
        while !self.unknown.is_empty() {
            unknown.push(self.unknown.remove(0));
            let command = LspArgs::augment_args(clap::Command::new("lsp")).no_binary_name(true);
            let rest = command.try_get_matches_from(std::mem::take(&mut self.unknown));
            let rest = rest.and_then(|matches| LspArgs::from_arg_matches(&matches));
            let Ok(rest) = rest else { break };
            *self = LspArgs {
                stdio: self.stdio || rest.stdio,
                log_file: self.log_file.take().or(rest.log_file),
                client_process_id: self.client_process_id.or(rest.client_process_id),
                handshake: self.handshake || rest.handshake,
                check: self.check.take().or(rest.check),
                unknown: rest.unknown,
            };
        }
        unknown
    }
}

pub fn run(mut args: LspArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    for flag in args.take_unknown() {
        output.problem(&format!("warning: `pacto lsp` has no flag `{flag}`; it is passed over"));
    }
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
