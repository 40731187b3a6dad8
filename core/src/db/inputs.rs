//! What the engine is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{Mode, Severity};
use crate::contract::Date;
use crate::fact::Fact;
use crate::root::Root;
use crate::value::overrides::Set;

/// What an input is called: something that the edge can read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Demand {
    File {
        root: Root,
        path: String,
    },
    Listing {
        root: Root,
    },
    /// The tags of `host/path`.
    Tags {
        repository: String,
    },
    /// The digest that a tag of `host/path` means now.
    Digest {
        repository: String,
        tag: String,
    },
}

impl Demand {
    /// Whether a registry is asked.
    pub fn is_remote(&self) -> bool {
        match self {
            Demand::File { root, .. } | Demand::Listing { root } => root.is_published(),
            Demand::Tags { .. } | Demand::Digest { .. } => true,
        }
    }
}

/// A text file of a bundle.
#[salsa::input(debug)]
pub struct SourceFile {
    #[returns(ref)]
    pub root: Root,
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
    pub root: Root,
    /// Paths from the root, sorted.
    #[returns(ref)]
    pub files: Fact<Arc<[String]>>,
}

/// The tags of a repository.
#[salsa::input]
pub struct TagList {
    /// `host/path`.
    #[returns(ref)]
    pub repository: String,
    #[returns(ref)]
    pub tags: Fact<Arc<[String]>>,
}

/// What a tag means.
#[salsa::input]
pub struct TagState {
    /// `host/path`.
    #[returns(ref)]
    pub repository: String,
    #[returns(ref)]
    pub tag: String,
    /// `sha256:…`
    #[returns(ref)]
    pub digest: Fact<String>,
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
    #[returns(ref)]
    pub severities: Severities,
}

/// What a project says about rules: a severity, or `None` to switch one off. By code.
pub type Severities = Arc<BTreeMap<String, Option<Severity>>>;

/// The bundles of the contracts that are analysed together.
#[salsa::input]
pub struct Workspace {
    #[returns(ref)]
    pub roots: Arc<[Root]>,
    /// The folder in which dependencies are looked for by name before a registry is asked.
    #[returns(ref)]
    pub siblings: Option<Root>,
}

/// What day it is. The engine has no clock: the edge says it, or nothing is said of what expires.
#[salsa::input]
pub struct Calendar {
    #[returns(copy)]
    pub today: Option<Date>,
}

/// One layer over a contract, in the order of application.
#[derive(Clone, Debug, PartialEq)]
pub enum Override {
    /// A values file.
    Values { file: String, text: Arc<str> },
    /// A `--set` flag, and the argument as it was given.
    Set { argument: String, set: Set },
}
