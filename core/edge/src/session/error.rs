//! Why a front cannot do what it was asked.

use std::fmt;
use std::io;

use pacto_core::fact::{RegistryCode, RegistryFailure};

/// The kind of an error, by which programs and exit codes tell errors apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// What was asked for makes no sense as it was typed.
    Usage,
    /// A configuration file holds something unusable.
    Config,
    /// There is no such file, folder or revision.
    NotFound,
    /// Reading or writing failed.
    Io,
    /// A plugin failed, or broke its protocol.
    Plugin,
    /// A registry, or the way to it, failed; or a bundle is not what it should be.
    Registry(RegistryCode),
    /// The registry was asked whether, and its answer is no.
    Refused(RegistryCode),
}

impl Code {
    /// The name that programs see.
    pub fn text(self) -> &'static str {
        match self {
            Code::Usage => "USAGE",
            Code::Config => "CONFIG",
            Code::NotFound => "NOT_FOUND",
            Code::Io => "IO",
            Code::Plugin => "PLUGIN",
            Code::Registry(code) | Code::Refused(code) => code.text(),
        }
    }
}

impl From<RegistryCode> for Code {
    fn from(code: RegistryCode) -> Code {
        Code::Registry(code)
    }
}

/// An error, in words for people.
#[derive(Debug)]
pub struct Error {
    pub code: Code,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(code: impl Into<Code>, message: impl Into<String>) -> Error {
        Error { code: code.into(), message: message.into(), hint: None, cause: None }
    }

    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(Code::Usage, message)
    }

    pub fn config(message: impl Into<String>) -> Error {
        Error::new(Code::Config, message)
    }

    /// An operation on `what`, as it was typed, failed.
    pub fn io(what: &str, error: io::Error) -> Error {
        let (code, message) = match error.kind() {
            io::ErrorKind::NotFound => {
                (Code::NotFound, format!("{what}: there is no such file or folder"))
            }
            _ => (Code::Io, format!("{what}: {error}")),
        };
        Error { cause: Some(error.into()), ..Error::new(code, message) }
    }

    pub fn hint(self, hint: impl Into<String>) -> Error {
        Error { hint: Some(hint.into()), ..self }
    }
}

impl From<RegistryFailure> for Error {
    fn from(failure: RegistryFailure) -> Error {
        Error {
            code: failure.code.into(),
            message: failure.message.clone(),
            hint: failure.hint.clone(),
            cause: Some(failure.into()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.cause.as_deref()?;
        Some(cause)
    }
}
