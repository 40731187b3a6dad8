//! Registries: the OCI distribution protocol 1.1 over HTTP, and who may ask.

mod auth;
mod body;
mod client;
mod connections;
pub mod credentials;
mod failure;
mod host;
mod retry;
mod transport;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

pub use client::{Client, Fetched, Pushed};
pub use credentials::{Credential, Credentials, Identity};
pub use transport::Options;

/// What a request may do in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    Pull,
    Push,
}

impl Access {
    /// The actions of a token's scope (distribution specification, "Token Scope").
    fn actions(self) -> &'static str {
        match self {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        }
    }
}

/// How long work goes on, told while it does.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Bytes of a transfer; `what` names it.
    Bytes { what: String, done: u64, total: u64 },
    /// Bundles of a graph.
    Bundles { done: usize, known: usize, name: String },
    /// What was waited for is there.
    Done,
}

/// Takes progress; called often and from any thread.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// Hosts that may be spoken to without TLS, and certificates to trust beside the system's.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub insecure_hosts: BTreeSet<String>,
    pub ca_files: Vec<PathBuf>,
}
