//! Exit codes.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use pacto_core::report::{mask_credentials, sanitise_lines};
use pacto_edge::session::{Code, Error};

use crate::output::{ColorChoice, Look, Output, OutputFormat};

/// How a command ended. Nothing else is ever returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, verdict good.
    Success,
    /// Done, verdict bad.
    Findings,
    /// Could not run.
    Failure,
}

impl Exit {
    /// How a command ends that could not do what it was asked.
    pub fn of(error: &Error) -> Exit {
        match error.code {
            Code::Refused(_) => Exit::Findings,
            Code::Usage
            | Code::Config
            | Code::NotFound
            | Code::Io
            | Code::Plugin
            | Code::Registry(_) => Exit::Failure,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Findings => 1,
            Exit::Failure => 2,
        })
    }
}

/// Help and version go to stdout with 0; everything else that clap says is a usage error, which is
/// JSON where results were to be.
pub fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return help(error);
    }
    let planned = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(name)) => PLANNED.iter().find(|planned| *planned == name),
        _ => None,
    };
    if let Some(name) = planned {
        let error = Error::usage(format!("`pacto {name}` is not in this release"));
        error_on_stderr(&error);
    } else if wants_json() {
        let text = error.render().to_string();
        let message = text.split("\n\n").next().unwrap_or("");
        let message = message.strip_prefix("error: ").unwrap_or(message).trim();
        error_on_stderr(&Error::usage(message));
    } else {
        let text = error.render().to_string();
        let text = sanitise_lines(&mask_credentials(&text));
        let _ = write!(std::io::stderr(), "{text}");
    }
    Exit::Failure.into()
}

/// Prints help or the version, with colours on a terminal.
fn help(error: &clap::Error) -> ExitCode {
    let lost = match error.print() {
        Ok(()) => return Exit::Success.into(),
        Err(lost) if lost.kind() == ErrorKind::BrokenPipe => return Exit::Success.into(),
        Err(lost) => lost,
    };
    let error = Error::io("<stdout>", lost);
    error_on_stderr(&error);
    Exit::of(&error).into()
}

/// Commands of the documents that are still to come.
const PLANNED: [&str; 3] = ["dashboard", "lock", "impact"];

fn error_on_stderr(error: &Error) {
    let format = if wants_json() { OutputFormat::Json } else { OutputFormat::Text };
    let look = Look { format, verbose: 0, quiet: 0, color: ColorChoice::Never };
    Output::new(look).error(error);
}

/// Whether a command line that could not be understood asks for JSON.
fn wants_json() -> bool {
    let arguments: Vec<_> = std::env::args_os().collect();
    let flag = (0..arguments.len()).rev().find_map(|i| {
        let value = arguments[i].to_str()?.strip_prefix("--output-format")?;
        match value.strip_prefix('=') {
            Some(value) => Some(value == "json"),
            None if value.is_empty() => Some(arguments.get(i + 1)? == "json"),
            None => None,
        }
    });
    flag.unwrap_or_else(|| std::env::var("PACTO_OUTPUT_FORMAT").is_ok_and(|text| text == "json"))
}
