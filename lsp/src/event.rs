//! What can happen to the server.

use pacto_core::db::{Baseline, Demand};
use pacto_core::{Change, ContractKey, Root};
use serde_json::Value;

use crate::client::ServerRequest;
use crate::handlers::commands::done::Deed;
use crate::publish::Made;
use crate::round::Outcome;
use pacto_edge::session::ProjectFile;

/// What the world handles, one after the other.
pub(crate) enum Event {
    Request(Value),
    Notification(Value),
    /// The client's answer to a request of ours: its id, and the result unless it is an error.
    Response(Value, Option<Value>),
    /// A request whose snapshot an edit took away.
    Retry(Value),
    /// A command that ran wants something of the client.
    Ask(ServerRequest),
    /// A command that ran has something done.
    Do(Deed),
    /// A round of background work has looked at what is missing.
    Looked(Box<Outcome>),
    /// A round has made its findings.
    Made(Made),
    News(News),
    ParentGone,
    /// The input has ended.
    End,
}

/// What disks, git and registries say.
pub(crate) enum News {
    /// The contracts in and below a folder.
    Discovered(String, Vec<ContractKey>),
    /// Answers to demands, or what has changed on disk since it was read.
    Answered { demands: Vec<Demand>, changes: Vec<Change> },
    /// The contract that the document of this key belongs to, and its path there.
    Placed(String, Option<(ContractKey, String)>),
    /// What the projects of these bundles say; `None` where there is no project file.
    Projects(Vec<(Root, Option<ProjectFile>)>),
    /// What git says that a contract is compared with, or why it cannot be asked.
    Revision(ContractKey, Result<Option<Baseline>, String>),
    /// Files of these bundles have changed on disk.
    Touched(Vec<Root>),
}
