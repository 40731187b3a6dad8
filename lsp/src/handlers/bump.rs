//! Raising the version of a contract.

use pacto_core::ContractKey;
use pacto_core::check::{Applicability, ResolvedFix};

use crate::snapshot::Snapshot;

/// What raises the version of a contract.
pub(crate) fn bump_fix(
    snapshot: &Snapshot,
    contract: &ContractKey,
    to: &str,
) -> Option<ResolvedFix> {
    let file = contract.file();
    let edits = snapshot.analysis.bump_edits(contract, to);
    let edits = edits.into_iter().map(|edit| (file.clone(), edit)).collect();
    let title = format!("Bump version to {to}");
    let fix = ResolvedFix::of_edits("bump-version", title, Applicability::Safe, edits);
    let fix = ResolvedFix { preferred: true, ..fix };
    (!fix.edits.is_empty()).then_some(fix)
}
