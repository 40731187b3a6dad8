//! What the engine knows about the outside world: nothing yet, something, or why not.

use std::fmt;

/// A piece of outside data. Absence is a value: a missing file is `Failed`, never an error path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact<T> {
    /// Asked for, and not answered yet.
    Pending,
    Ready(T),
    Failed(Failure),
}

impl<T> Fact<T> {
    pub fn ready(&self) -> Option<&T> {
        match self {
            Fact::Ready(value) => Some(value),
            _ => None,
        }
    }

    pub fn is_pending(&self) -> bool {
        matches!(self, Fact::Pending)
    }

    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Fact::Pending => Fact::Pending,
            Fact::Ready(value) => Fact::Ready(value),
            Fact::Failed(failure) => Fact::Failed(failure.clone()),
        }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Pending => Fact::Pending,
            Fact::Ready(value) => Fact::Ready(f(value)),
            Fact::Failed(failure) => Fact::Failed(failure),
        }
    }
}

/// Why outside data could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    NotFound,
    /// A directory, a device, a pipe.
    NotAFile {
        kind: &'static str,
    },
    NotText {
        reason: TextProblem,
    },
    TooLarge {
        size: u64,
        limit: u64,
    },
    /// A link leads out of the bundle.
    EscapesBundle,
    Unreadable {
        cause: String,
    },
}

/// Why bytes are no UTF-8 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextProblem {
    Utf16,
    Binary,
    InvalidUtf8 { offset: usize },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NotFound => f.write_str("it does not exist"),
            Failure::NotAFile { kind } => write!(f, "it is {kind}, not a file"),
            Failure::NotText { reason: TextProblem::Utf16 } => {
                f.write_str("it is UTF-16 text; save it as UTF-8")
            }
            Failure::NotText { reason: TextProblem::Binary } => {
                f.write_str("it is binary data, not text")
            }
            Failure::NotText { reason: TextProblem::InvalidUtf8 { offset } } => {
                write!(f, "it is not UTF-8: the byte at offset {offset} is invalid")
            }
            Failure::TooLarge { size, limit } => {
                write!(f, "it has {size} bytes, and at most {limit} are read")
            }
            Failure::EscapesBundle => f.write_str("it is a link that leads out of the bundle"),
            Failure::Unreadable { cause } => write!(f, "it cannot be read: {cause}"),
        }
    }
}
