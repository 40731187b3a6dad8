//! The requests and notifications that are ours alone (docs/editor.md, "Beside the protocol").

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    LspNotificationMethod, LspRequestMethod, MessageDirection, Notification, Request,
};

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident = $method:literal, $params:ty => $result:ty;)+) => {$(
        $(#[$doc])*
        pub(crate) enum $name {}

        impl Request for $name {
            type Params = $params;
            type Result = $result;
            const METHOD: LspRequestMethod<'static> = LspRequestMethod::new($method);
            const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ClientToServer;
        }
    )+};
}

requests! {
    /// What a contract uses and who uses it, as nodes and edges.
    GraphRequest = "pacto/graph", GraphParams => Option<Graph>;
    /// The documentation of a contract.
    PreviewRequest = "pacto/preview", ContractParams => Option<Preview>;
    /// What changed since the baseline.
    DiffRequest = "pacto/diff", ContractParams => Option<Diff>;
    /// The files of a bundle.
    BundleRequest = "pacto/bundle", ContractParams => Option<Bundle>;
    /// How the server is.
    StatusRequest = "pacto/status", StatusParams => Status;
}

/// The status has changed; sent to clients that set `experimental.pacto.status`.
pub(crate) enum StatusChanged {}

impl Notification for StatusChanged {
    type Params = Status;
    const METHOD: LspNotificationMethod<'static> =
        LspNotificationMethod::new("pacto/statusChanged");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// Who uses whom has changed; sent to clients that set `experimental.pacto.graph`.
pub(crate) enum GraphChanged {}

impl Notification for GraphChanged {
    type Params = GraphChangedParams;
    const METHOD: LspNotificationMethod<'static> = LspNotificationMethod::new("pacto/graphChanged");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// A contract, by its URI or that of a file of its bundle.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ContractParams {
    pub uri: String,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Direction {
    #[default]
    Dependencies,
    Dependents,
    Both,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphParams {
    pub uri: String,
    #[serde(default)]
    pub direction: Direction,
    /// Upper bound on the steps from the contract.
    pub depth: Option<usize>,
    /// Whether configurations and policies by reference count, too.
    #[serde(default)]
    pub references: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Graph {
    /// The id of the contract that was asked about.
    pub root: String,
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
    /// Whether there is more than is shown.
    pub is_truncated: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphNode {
    pub id: String,
    pub name: Option<String>,
    pub version: Option<String>,
    pub owner: Option<String>,
    pub uri: String,
    /// Whether it is in a folder, rather than in a registry.
    pub local: bool,
    pub in_cycle: bool,
    /// Of contracts of the workspace.
    pub findings: Option<Counts>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub errors: usize,
    pub warnings: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphEdge {
    pub from: String,
    /// Absent while it is not known where the reference leads.
    pub to: Option<String>,
    /// `dependency`, `configuration` or `policy`.
    pub kind: String,
    #[serde(rename = "ref")]
    pub reference: String,
    pub required: bool,
    pub constraint: Option<String>,
    pub resolved: Option<String>,
    pub compatible: bool,
    /// Why it leads nowhere.
    pub problem: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Preview {
    pub name: String,
    pub markdown: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Diff {
    /// What it is compared with, such as `1.2.0 (registry)`.
    pub baseline: String,
    pub headline: String,
    /// The contract, before and now.
    pub old_uri: String,
    pub new_uri: String,
    /// Every file in which something has changed, the contract first.
    pub files: Vec<DiffFile>,
    /// As `pacto diff --output-format json` has it.
    pub report: Value,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiffFile {
    pub path: String,
    /// Absent for a file that is new.
    pub old_uri: Option<String>,
    /// Absent for a file that is gone.
    pub new_uri: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bundle {
    /// Where it is: a folder, `oci://…@sha256:…` or a commit.
    pub root: String,
    pub name: Option<String>,
    pub version: Option<String>,
    pub files: Vec<BundleFile>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BundleFile {
    pub path: String,
    pub uri: String,
    pub kind: String,
    /// Whether the contract names it, itself or by way of another file.
    pub named: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct StatusParams {}

/// How the server is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    pub version: String,
    /// Whether contracts are being looked for, read or judged.
    pub busy: bool,
    /// Whether registries are not to be asked.
    pub offline: bool,
    /// Contracts that are known in the workspace folders and open.
    pub contracts: usize,
    pub open_documents: usize,
    pub registries: Vec<RegistryStatus>,
    pub cache: Option<String>,
    /// Resident memory in bytes, where that can be told.
    pub memory: Option<u64>,
    /// The last errors and warnings, newest last.
    pub last_errors: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegistryStatus {
    pub host: String,
    /// `ok`, `failing` or `asked`.
    pub state: String,
    /// How many answers are owed.
    pub pending: usize,
    /// Seconds since the last answer that was not a failure.
    pub age: Option<u64>,
    pub problem: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GraphChangedParams {
    /// Contracts that are known.
    pub contracts: usize,
}
