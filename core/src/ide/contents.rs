//! The files of a bundle, and what each is for.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::{BundleView, named_files};
use crate::contract::{Contract, InterfaceType};
use crate::db::DbView;
use crate::fact::Fact;
use crate::root::{CONTRACT_FILE, MISNAMED_CONTRACT_FILE};

/// What a file of a bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    Contract,
    OpenApi,
    AsyncApi,
    Protobuf,
    ConfigurationSchema,
    PolicySchema,
    Documentation,
    Sbom,
    /// `.pactoignore`.
    Ignore,
    /// What a contract or a file that it names refers to, and what nothing names.
    Other,
}

impl FileKind {
    pub fn text(self) -> &'static str {
        match self {
            FileKind::Contract => "contract",
            FileKind::OpenApi => "openapi",
            FileKind::AsyncApi => "asyncapi",
            FileKind::Protobuf => "protobuf",
            FileKind::ConfigurationSchema => "configurationSchema",
            FileKind::PolicySchema => "policySchema",
            FileKind::Documentation => "documentation",
            FileKind::Sbom => "sbom",
            FileKind::Ignore => "ignore",
            FileKind::Other => "other",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// From the root of the bundle.
    pub path: String,
    pub kind: FileKind,
    /// Whether the contract names it, itself or by way of another file.
    pub is_named: bool,
}

/// The files of a bundle, by path; of one whose listing is not known those that its contract names.
pub fn contents(view: &DbView<'_>, own: &str, contract: &Contract) -> Vec<BundleFile> {
    let named = named_files(view, contract);
    let kinds = kinds(contract);
    let mut paths: BTreeSet<String> = named.clone();
    paths.insert(own.to_owned());
    if let Fact::Ready(files) = view.files() {
        paths.extend(files.iter().cloned());
    }
    let each = paths.into_iter().map(|path| BundleFile {
        kind: kinds.get(path.as_str()).copied().unwrap_or_else(|| by_name(&path, own)),
        is_named: path == own || named.contains(&path),
        path,
    });
    each.collect()
}

/// What the files are for that the contract names itself.
fn kinds(contract: &Contract) -> BTreeMap<&str, FileKind> {
    let interfaces = contract.interfaces.iter().filter_map(|interface| {
        let path = interface.contract.get()?;
        let kind = match interface.ty.get()? {
            InterfaceType::Http => FileKind::OpenApi,
            InterfaceType::Grpc => FileKind::Protobuf,
            InterfaceType::Event => FileKind::AsyncApi,
        };
        Some((path.as_str(), kind))
    });
    let configurations = contract.configurations.iter();
    let configurations = configurations
        .filter_map(|c| Some((c.schema.get()?.as_str(), FileKind::ConfigurationSchema)));
    let policies = contract.policies.iter();
    let policies =
        policies.filter_map(|p| Some((p.schema.get()?.as_str(), FileKind::PolicySchema)));
    interfaces.chain(configurations).chain(policies).collect()
}

/// What a file is for by its name alone.
fn by_name(path: &str, own: &str) -> FileKind {
    let name = path.rsplit('/').next().unwrap_or(path);
    match path {
        _ if path == own || path == CONTRACT_FILE || path == MISNAMED_CONTRACT_FILE => {
            FileKind::Contract
        }
        "configuration/schema.json" => FileKind::ConfigurationSchema,
        "policy/schema.json" => FileKind::PolicySchema,
        _ if name == ".pactoignore" => FileKind::Ignore,
        _ if path.starts_with("sbom/") => FileKind::Sbom,
        _ if path.starts_with("docs/") || name.to_lowercase().ends_with(".md") => {
            FileKind::Documentation
        }
        _ if name.ends_with(".proto") => FileKind::Protobuf,
        _ => FileKind::Other,
    }
}
