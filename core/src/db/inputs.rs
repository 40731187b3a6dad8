//! What the engine is told.

use std::sync::Arc;

use crate::check::Mode;
use crate::fact::Fact;
use crate::value::overrides::Set;

/// A text file of a bundle.
#[salsa::input(debug)]
pub struct SourceFile {
    /// The folder of its bundle: absolute, normalised, `/` between parts.
    #[returns(ref)]
    pub root: String,
    /// Its path from there.
    #[returns(ref)]
    pub path: String,
    #[returns(ref)]
    pub text: Fact<Arc<str>>,
}

/// The files of a bundle.
#[salsa::input]
pub struct Directory {
    #[returns(ref)]
    pub root: String,
    /// Paths from the root, sorted.
    #[returns(ref)]
    pub files: Fact<Arc<[String]>>,
}

/// A contract that is checked, with what is laid over it.
#[salsa::input(debug)]
pub struct ContractInput {
    #[returns(copy)]
    pub file: SourceFile,
    #[returns(ref)]
    pub overrides: Arc<[Override]>,
    #[returns(copy)]
    pub mode: Mode,
}

/// The folders of the contracts that are looked at together.
#[salsa::input]
pub struct Workspace {
    #[returns(ref)]
    pub roots: Arc<[String]>,
}

/// One layer over a contract, in the order of application.
#[derive(Clone, Debug, PartialEq)]
pub enum Override {
    /// A values file.
    Values { file: String, text: Arc<str> },
    /// A `--set` flag, and the argument as it was given.
    Set { argument: String, set: Set },
}
