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

/// Why outside data is unavailable.
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
    /// A contract without the names that others know it by.
    NotAContract,
    Registry(Box<RegistryFailure>),
}

impl Failure {
    /// What a registry, or the way to it, came to.
    pub fn registry(code: RegistryCode, message: impl Into<String>) -> Failure {
        Failure::Registry(Box::new(RegistryFailure { code, message: message.into(), hint: None }))
    }

    /// Whether nothing is known because no network may be used.
    pub fn is_offline(&self) -> bool {
        self.registry_code() == Some(RegistryCode::Offline)
    }

    /// The code of a registry's failure.
    pub fn registry_code(&self) -> Option<RegistryCode> {
        match self {
            Failure::Registry(failure) => Some(failure.code),
            _ => None,
        }
    }
}

/// Why something in a registry is unavailable, or could not be written there (5-oci, "Errors").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegistryFailure {
    pub code: RegistryCode,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl RegistryFailure {
    pub fn new(code: RegistryCode, message: impl Into<String>) -> Self {
        RegistryFailure { code, message: message.into(), hint: None }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        RegistryFailure { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for RegistryFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RegistryFailure {}

macro_rules! registry_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// The kinds of failure, by the names that programs see.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RegistryCode { $($(#[$doc])* $name),+ }

        impl RegistryCode {
            pub const ALL: &[RegistryCode] = &[$(RegistryCode::$name),+];

            pub fn text(self) -> &'static str {
                match self { $(RegistryCode::$name => $text),+ }
            }
        }
    };
}

registry_codes! {
    InvalidRef = "INVALID_REF",
    NotFound = "NOT_FOUND",
    NoMatchingVersion = "NO_MATCHING_VERSION",
    AuthRequired = "AUTH_REQUIRED",
    Forbidden = "FORBIDDEN",
    Unreachable = "REGISTRY_UNREACHABLE",
    Timeout = "TIMEOUT",
    Tls = "TLS_ERROR",
    PlainHttp = "PLAIN_HTTP",
    RateLimited = "RATE_LIMITED",
    Registry = "REGISTRY_ERROR",
    Unsupported = "UNSUPPORTED",
    WrongArtifact = "WRONG_ARTIFACT",
    InvalidBundle = "INVALID_BUNDLE",
    UnsafeArchive = "UNSAFE_ARCHIVE",
    DigestMismatch = "DIGEST_MISMATCH",
    TooLarge = "TOO_LARGE",
    Offline = "OFFLINE",
    AlreadyExists = "ALREADY_EXISTS",
}

impl RegistryCode {
    /// Whether the registry could not be asked, so that nothing is known of what it holds.
    pub fn is_unreachable(self) -> bool {
        use RegistryCode::*;
        matches!(
            self,
            AuthRequired
                | Forbidden
                | Unreachable
                | Timeout
                | Tls
                | PlainHttp
                | RateLimited
                | Registry
                | Unsupported
        )
    }
}

/// Why bytes are not UTF-8 text.
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
            Failure::NotAContract => f.write_str(
                "it is not a contract: `service.name` and `service.version` are not both there",
            ),
            Failure::Registry(failure) => failure.fmt(f),
        }
    }
}
