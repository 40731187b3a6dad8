//! What an editor shows of a comparison with the baseline: hints where they belong, the counts, and
//! edits that restore or raise the version (9-lsp, "Breaking-change hints").

mod bump;
mod hints;
mod restore;
mod shown;

pub use bump::bump_edits;
pub use hints::{Hint, InFile, Inlay};
pub use restore::restore_edit;
pub use shown::Shown;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{Diagnostic, Severity};
use crate::db::{self, Baseline, ContractInput, Db, DiffReport, DiffSettings, LocatedChange};
use crate::diff::{Advice, Bump, ChangeType, Class};
use crate::root::ContractKey;
use hints::shown;

/// A baseline that a contract is compared with.
#[derive(Clone)]
pub struct Baselined {
    pub baseline: Baseline,
    /// The contract as it was.
    pub contract: ContractInput,
    pub settings: DiffSettings,
}

/// Everything that an editor shows of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Breaking {
    pub baseline: Baseline,
    pub breaking: usize,
    pub potential: usize,
    /// By the absolute path of the file.
    pub files: BTreeMap<String, Arc<InFile>>,
    pub advice: Advice,
    /// Whether the version says what changed.
    pub is_version_enough: bool,
}

/// All changes of a contract since its baseline; `None` while one of the two is not known.
pub fn since_baseline<'db>(
    db: &'db dyn Db,
    new: ContractInput,
    old: &Baselined,
) -> Option<&'db DiffReport> {
    db::located_diff(db, old.contract, new, old.settings).as_ref()
}

/// What an editor shows of the changes of the contract `key` since the baseline; `None` while they are
/// not known. `before` holds what was shown of them before.
pub fn breaking(
    db: &dyn Db,
    key: &ContractKey,
    new: ContractInput,
    old: &Baselined,
    before: &Shown,
) -> Option<Breaking> {
    let report = since_baseline(db, new, old)?;
    let file = new.file(db);
    let service = db::merged(db, new).ready()?.contract.service.as_ref();
    let tree = db::tree(db, file).ready()?;
    let version = service.and_then(|service| service.version.place());
    let diagnostics = &db::checked(db, new).diagnostics;
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    let is_shown = |row: &&Arc<LocatedChange>| {
        !row.change.is_rollup() && row.change.counts() && !is_on_error(row, &errors)
    };
    let rows: Vec<Arc<LocatedChange>> = report.changes.iter().filter(is_shown).cloned().collect();
    let count = |class| rows.iter().filter(|row| row.change.class == class).count();
    let (breaking, potential) = (count(Class::Breaking), count(Class::PotentialBreaking));
    let mut files = before.read(key, rows);
    if let Some(place) = version {
        let own = files.entry(file.root(db).file(file.path(db)));
        let span = tree.span(place.node);
        hints::advise(&report.advice, own, span);
    }
    Some(Breaking {
        baseline: old.baseline.clone(),
        breaking,
        potential,
        files,
        advice: report.advice.clone(),
        is_version_enough: report.advice.is_ok(),
    })
}

/// Whether a value is invalid: what it changes is said when it can be read.
fn is_on_error(row: &LocatedChange, errors: &[&Diagnostic]) -> bool {
    let Some((at, span)) = shown(row).filter(|_| row.change.ty != ChangeType::Removed) else {
        return false;
    };
    errors.iter().any(|d| d.file == at.file && d.span.start < span.end && span.start < d.span.end)
}

impl Breaking {
    /// The findings of all files.
    pub fn hints(&self) -> impl Iterator<Item = &Hint> {
        self.files.values().flat_map(|file| &file.hints)
    }

    /// The texts beside lines of a file.
    pub fn inlays(&self, file: &str) -> &[Inlay] {
        self.files.get(file).map_or(&[], |file| &file.inlays)
    }

    /// `4 BREAKING · 2 potential vs 1.2.0 (registry)`.
    pub fn headline(&self) -> String {
        let mut parts = Vec::new();
        if self.breaking > 0 {
            parts.push(format!("{} BREAKING", self.breaking));
        }
        if self.potential > 0 {
            parts.push(format!("{} potential", self.potential));
        }
        let what =
            if parts.is_empty() { "no breaking change".to_owned() } else { parts.join(" · ") };
        format!("{what} vs {}", self.baseline.label)
    }

    /// The version to go to, unless the version is high enough.
    pub fn bump(&self) -> Option<&str> {
        let is_asked = self.advice.required > Bump::None && !self.is_version_enough;
        self.advice.minimum.as_deref().filter(|_| is_asked)
    }
}
