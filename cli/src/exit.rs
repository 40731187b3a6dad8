//! Exit codes.

use std::process::ExitCode;

use pacto_edge::session::{Code, Error};

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

/// Help and version go to stdout with 0; everything else that clap says is a usage error.
pub fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Failure.into() } else { Exit::Success.into() }
}
