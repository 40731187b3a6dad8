//! `pacto lsp`.

use std::fs::OpenOptions;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::{Args, FromArgMatches};
use pacto_core::schema::FormatVersion;
use pacto_edge::session::{Code, Error};
use pacto_lsp::{Address, Level};
use serde_json::json;

use crate::context::Context;
use crate::contract::find;
use crate::exit::Exit;

/// Serve an editor (Language Server Protocol), over stdin and stdout unless told otherwise
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto lsp
  pacto lsp --log-file /tmp/pacto-lsp.log --log-level debug
  pacto lsp --tcp 7777
  pacto lsp --check services/payments")]
pub struct LspArgs {
    /// Speak over stdin and stdout; the default, accepted since editors pass it
    #[arg(long)]
    pub stdio: bool,
    /// Wait for one editor at this address or port and serve it; a port alone is on this machine
    #[arg(long, value_name = "[HOST:]PORT", conflicts_with_all = ["stdio", "pipe"], value_parser = tcp_address)]
    pub tcp: Option<SocketAddr>,
    /// Let other machines connect to --tcp: whoever connects can read the files that you can read
    #[arg(long)]
    pub allow_remote: bool,
    /// Serve one editor over this socket or named pipe
    #[arg(long, value_name = "PATH", conflicts_with = "stdio")]
    pub pipe: Option<PathBuf>,
    /// Write a log to this file
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// How much is written to the log: off, error, warning, info or debug
    #[arg(long, value_name = "LEVEL", value_parser = str::parse::<Level>)]
    pub log_level: Option<Level>,
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
    ///
    /// # Errors
    /// A known flag has a value that it cannot have.
    fn take_unknown(&mut self) -> Result<Vec<String>, Error> {
        let mut unknown = Vec::new();
        while !self.unknown.is_empty() {
            unknown.push(self.unknown.remove(0));
            let command = LspArgs::augment_args(clap::Command::new("lsp")).no_binary_name(true);
            let rest = command.try_get_matches_from(std::mem::take(&mut self.unknown));
            let rest = rest.and_then(|matches| LspArgs::from_arg_matches(&matches));
            let rest = rest.map_err(|why| {
                let text = why.to_string();
                let first = text.lines().next().unwrap_or_default();
                Error::usage(first.trim_start_matches("error: "))
            })?;
            *self = LspArgs {
                stdio: self.stdio || rest.stdio,
                tcp: self.tcp.or(rest.tcp),
                allow_remote: self.allow_remote || rest.allow_remote,
                pipe: self.pipe.take().or(rest.pipe),
                log_file: self.log_file.take().or(rest.log_file),
                log_level: self.log_level.or(rest.log_level),
                client_process_id: self.client_process_id.or(rest.client_process_id),
                handshake: self.handshake || rest.handshake,
                check: self.check.take().or(rest.check),
                unknown: rest.unknown,
            };
        }
        Ok(unknown)
    }

    /// Where the editor is met, unless it is over standard streams.
    fn address(&self) -> Result<Option<Address>, Error> {
        let Some(tcp) = self.tcp else {
            return Ok(self.pipe.clone().map(Address::Pipe));
        };
        if tcp.ip().is_loopback() || self.allow_remote {
            return Ok(Some(Address::Tcp(tcp)));
        }
        let why = format!("--tcp {tcp} can be reached from other machines");
        let hint = "whoever connects can read the files that you can read; use 127.0.0.1, or add --allow-remote";
        Err(Error::new(Code::Usage, why).hint(hint))
    }
}

/// `7777`, `127.0.0.1:7777` or `localhost:7777`.
fn tcp_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let found = text.to_socket_addrs().map_err(|_| "expected a port, or host:port".to_owned())?;
    let mut all: Vec<SocketAddr> = found.collect();
    all.sort_by_key(|address| !address.is_ipv4());
    all.into_iter().next().ok_or_else(|| "the host has no address".to_owned())
}

pub fn run(mut args: LspArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    for flag in args.take_unknown()? {
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
    let address = args.address()?;
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
    let options = pacto_lsp::Options {
        log,
        log_level: args.log_level.unwrap_or_default(),
        client_process_id: args.client_process_id,
        registries,
    };
    let code = match address {
        None => pacto_lsp::serve(std::io::stdin(), std::io::stdout(), options),
        Some(address) => {
            let listening = |at: &str| output.problem(&format!("listening on {at}"));
            let served = pacto_lsp::serve_at(&address, listening, options);
            served.map_err(|error| {
                let what = match &address {
                    Address::Tcp(address) => address.to_string(),
                    Address::Pipe(path) => path.display().to_string(),
                };
                Error::io(&what, error)
            })?
        }
    };
    // Threads that still wait for input end with the process.
    std::process::exit(code)
}
