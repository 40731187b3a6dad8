//! Exit codes and errors.

use std::process::ExitCode;

use pacto_core::fact::RegistryFailure;

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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Findings => 1,
            Exit::Failure => 2,
        })
    }
}

/// Why a command could not run.
#[derive(Debug)]
pub struct CliError {
    /// `USAGE`, `NOT_FOUND`, `IO`, `PLUGIN`, `CONFIG`, `INTERNAL`, and those of registries.
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
}

impl CliError {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        CliError { code, message: message.into(), hint: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        CliError::new("USAGE", message)
    }

    pub fn io(what: &str, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                CliError::new("NOT_FOUND", format!("{what}: there is no such file or folder"))
            }
            _ => CliError::new("IO", format!("{what}: {error}")),
        }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        CliError { hint: Some(hint.into()), ..self }
    }
}

impl From<RegistryFailure> for CliError {
    fn from(failure: RegistryFailure) -> CliError {
        CliError { code: failure.code.text(), message: failure.message, hint: failure.hint }
    }
}

/// Help and version go to stdout with 0; everything else that clap says is a usage error.
pub fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Failure.into() } else { Exit::Success.into() }
}
