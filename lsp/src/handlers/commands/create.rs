//! New files: those that a contract names, and whole contracts.

use pacto_core::check::{Applicability, ResolvedFix};
use pacto_core::doc::scaffold;
use pacto_core::ide::completion::scaffolds::{kind_labels, new_contract};
use pacto_core::{CONTRACT_FILE, ContractKey, Root};
use serde::Deserialize;

use super::done::Done;
use super::upgrade::NO_CONTRACT;
use crate::handlers::contract_of;
use crate::snapshot::Snapshot;
use crate::uri;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    uri: String,
    /// As the contract names it.
    path: String,
}

/// Creates a file that a contract names and that is not there.
///
/// # Errors
/// It is there, or the contract does not name it.
pub(crate) fn file(snapshot: &Snapshot, arguments: &File) -> Result<Done, String> {
    let (contract, _) = contract_of(snapshot, &arguments.uri).ok_or(NO_CONTRACT)?;
    let wanted = contract.root.file(&arguments.path);
    let found = snapshot.analysis.check(&contract).diagnostics.iter();
    let mut fixes = found.flat_map(|diagnostic| &diagnostic.fixes);
    let fix = fixes
        .find(|fix| fix.edits.is_empty() && fix.creates.iter().any(|(file, _)| *file == wanted));
    let why = || format!("`{}` is not a missing file that the contract names", arguments.path);
    Done::fix(snapshot, &contract, fix.ok_or_else(why)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contract {
    /// Of the folder.
    uri: String,
    /// The name of the folder if absent.
    name: Option<String>,
    /// One of the contracts that completion proposes in an empty file; a service with its
    /// specification and settings if absent.
    kind: Option<String>,
}

/// Creates a contract in a folder.
///
/// # Errors
/// There is one, or the arguments make none.
pub(crate) fn contract(snapshot: &Snapshot, arguments: &Contract) -> Result<Done, String> {
    let folder = uri::path_of(&arguments.uri).ok_or("`uri` is not that of a folder")?;
    let root = Root::from(folder.as_str());
    if snapshot.analysis.has_contract(&ContractKey::from(root.clone())) {
        return Err(format!("there is a contract in {folder}"));
    }
    let name = arguments.name.clone().unwrap_or_else(|| root.name());
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(format!("`{name}` is not the name of a service: use a-z, 0-9 and `-`"));
    }
    let files: Vec<(&str, String)> = match &arguments.kind {
        None => scaffold(&name, None).into(),
        Some(kind) => {
            let known =
                || format!("there is no kind `{kind}`; known are {}", kind_labels().join(", "));
            vec![(CONTRACT_FILE, new_contract(kind, &name).ok_or_else(known)?)]
        }
    };
    let title = format!("Create the contract of {name}");
    let fix = ResolvedFix::of_edits("new-contract", title, Applicability::Review, Vec::new());
    let creates = files.into_iter().map(|(path, text)| (root.file(path), text)).collect();
    Done::fix(snapshot, &ContractKey::from(root), &ResolvedFix { creates, ..fix })
}
