//! Raising versions: of the contract itself, of what it depends on; pinning digests.

use pacto_core::check::{Applicability, ResolvedFix};
use pacto_core::text::TextEdit;
use serde::{Deserialize, Serialize};

use super::done::{Deed, Done, Then};
use crate::handlers::bump::bump_fix;
use crate::handlers::contract_of;
use crate::snapshot::Snapshot;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bump {
    uri: String,
    /// Instead of what the changes ask for.
    version: Option<String>,
}

/// # Errors
/// Why the version stays as it is.
pub(crate) fn bump(snapshot: &Snapshot, arguments: &Bump) -> Result<Done, String> {
    let (contract, _) = contract_of(snapshot, &arguments.uri).ok_or(NO_CONTRACT)?;
    let asked = || {
        let breaking = snapshot.analysis.breaking(&contract).ok_or("there is no baseline")?;
        breaking.bump().map(str::to_owned).ok_or("the version is high enough")
    };
    let to = match &arguments.version {
        Some(version) => {
            pacto_core::contract::Version::parse(version)
                .map_err(|_| format!("`{version}` is not a version"))?;
            version.clone()
        }
        None => asked()?,
    };
    let fix = bump_fix(snapshot, &contract, &to).ok_or("the version cannot be edited")?;
    Done::fix(snapshot, &contract, &fix)
}

pub(super) const NO_CONTRACT: &str = "`uri` is not that of a contract that is known";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contract {
    uri: String,
}

/// Pins every reference of a contract whose digest is known.
///
/// # Errors
/// There is none.
pub(crate) fn pin(snapshot: &Snapshot, arguments: &Contract) -> Result<Done, String> {
    let (contract, _) = contract_of(snapshot, &arguments.uri).ok_or(NO_CONTRACT)?;
    let found = &snapshot.analysis.check(&contract).diagnostics;
    let fixes = found.iter().flat_map(|d| d.fixes.iter().filter(|fix| fix.id == "pin-digest"));
    let edits: Vec<(String, TextEdit)> = fixes.flat_map(|fix| fix.edits.clone()).collect();
    if edits.is_empty() {
        return Err("no reference of the contract has a tag whose digest is known".to_owned());
    }
    let title = match edits.len() {
        1 => "Pin a reference to its digest".to_owned(),
        n => format!("Pin {n} references to their digests"),
    };
    let fix = ResolvedFix::of_edits("pin-digest", title, Applicability::Review, edits);
    Done::fix(snapshot, &contract, &fix)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upgrade {
    uri: String,
    /// What the contract calls the dependency, or its reference.
    name: String,
    /// Instead of the newest that is known.
    version: Option<String>,
}

/// # Errors
/// Why the dependency stays as it is.
pub(crate) fn upgrade(snapshot: &Snapshot, arguments: &Upgrade) -> Result<Done, String> {
    let (contract, _) = contract_of(snapshot, &arguments.uri).ok_or(NO_CONTRACT)?;
    let version = arguments.version.as_deref();
    let edits = snapshot.analysis.upgrade_edits(&contract, &arguments.name, version)?;
    let file = contract.file();
    let edits = edits.into_iter().map(|edit| (file.clone(), edit)).collect();
    let title = format!("Upgrade {}", arguments.name);
    let fix = ResolvedFix::of_edits("upgrade", title, Applicability::Review, edits);
    Done::fix(snapshot, &contract, &fix)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Updates {
    /// Absent for all contracts.
    uri: Option<String>,
}

/// What is known of the versions of a dependency.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    uri: String,
    name: Option<String>,
    #[serde(rename = "ref")]
    reference: String,
    resolved: Option<String>,
    newest: Option<String>,
    in_range: Option<bool>,
}

#[derive(Serialize)]
struct Checked {
    /// The repositories that are being asked.
    asked: Vec<String>,
    /// What is known already.
    dependencies: Vec<Known>,
}

/// Has registries asked which versions there are. Says what is known so far; findings, hints and
/// lenses follow.
///
/// # Errors
/// There is no such contract.
pub(crate) fn check(snapshot: &Snapshot, arguments: &Updates) -> Result<Done, String> {
    let keys = match &arguments.uri {
        Some(uri) => vec![contract_of(snapshot, uri).ok_or(NO_CONTRACT)?.0],
        None => snapshot.analysis.contracts().cloned().collect(),
    };
    let (mut asked, mut known) = (Vec::new(), Vec::new());
    for key in &keys {
        let uri = snapshot.uri(&key.file()).0;
        for note in snapshot.analysis.dependencies(key) {
            let Some(repository) = note.repository else { continue };
            asked.push(repository);
            known.push(Known {
                uri: uri.clone(),
                name: note.name,
                reference: note.reference,
                resolved: note.resolved,
                in_range: note.newer.as_ref().map(|newer| newer.is_in_range),
                newest: note.newer.map(|newer| newer.tag),
            });
        }
    }
    asked.sort();
    asked.dedup();
    let deed = Deed::AskAgain(Some(asked.clone()));
    Ok(Done::with(&Checked { asked, dependencies: known }).then(Then::Do(deed)))
}
