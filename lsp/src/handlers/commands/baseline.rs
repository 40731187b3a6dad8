//! What a contract is compared with.

use serde::Deserialize;
use serde_json::{Value, json};

use super::done::{Deed, Done, Then};
use super::upgrade::NO_CONTRACT;
use crate::handlers::contract_of;
use crate::snapshot::Snapshot;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Auto,
    Registry,
    Git,
    File,
    Off,
}

/// The settings of a baseline; without any, those of the client count again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Baseline {
    uri: String,
    mode: Option<Mode>,
    path: Option<String>,
    git_ref: Option<String>,
}

/// Compares a contract with something else, until it is set again or the server ends.
///
/// # Errors
/// There is no such contract, or what is asked for does not fit together.
pub(crate) fn set(snapshot: &Snapshot, arguments: Baseline) -> Result<Done, String> {
    let (contract, _) = contract_of(snapshot, &arguments.uri).ok_or(NO_CONTRACT)?;
    let Baseline { mode, path, git_ref, .. } = arguments;
    if path.is_some() && git_ref.is_some() {
        return Err("`path` and `gitRef` exclude each other".to_owned());
    }
    let mode = match mode {
        Some(Mode::File) if path.is_none() => {
            return Err("mode `file` needs a `path`".to_owned());
        }
        Some(Mode::Auto) => Some("auto"),
        Some(Mode::Registry) => Some("registry"),
        Some(Mode::Git) => Some("git"),
        Some(Mode::File) => Some("file"),
        Some(Mode::Off) => Some("off"),
        None if path.is_some() => Some("file"),
        None if git_ref.is_some() => Some("git"),
        None => None,
    };
    let settings = mode.map(|mode| {
        let text = |text: Option<String>| Value::from(text.unwrap_or_default());
        json!({"baseline": {"mode": mode, "path": text(path), "gitRef": text(git_ref)}})
    });
    Ok(Done::default().then(Then::Do(Deed::Compare(contract, settings))))
}
