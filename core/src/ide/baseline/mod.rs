//! What an editor shows of a comparison with the baseline: hints where they belong, the counts, and
//! edits that restore or raise the version (9-lsp, "Breaking-change hints").

mod bump;
mod hints;
mod restore;

pub use bump::bump_edits;
pub use hints::{Hint, Inlay};
pub use restore::restore_edit;

use crate::check::{Diagnostic, Severity};
use crate::db::{self, Baseline, ContractInput, Db, DiffReport, DiffSettings, LocatedChange};
use crate::diff::{Advice, AdviceCode, Bump, ChangeType, Class};
use crate::text::Span;
use hints::{hints, inlays, shown};

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
    pub hints: Vec<Hint>,
    pub inlays: Vec<Inlay>,
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

/// What an editor shows of the changes since the baseline; `None` while they are not known.
pub fn breaking(db: &dyn Db, new: ContractInput, old: &Baselined) -> Option<Breaking> {
    let report = since_baseline(db, new, old)?;
    let file = new.file(db);
    let service = db::merged(db, new).ready()?.contract.service.as_ref();
    let tree = db::tree(db, file).ready()?;
    let place = service.and_then(|service| service.version.place());
    let path = file.root(db).file(file.path(db));
    let diagnostics = &db::checked(db, new).diagnostics;
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    let is_shown = |row: &&LocatedChange| {
        !row.change.is_rollup() && row.change.counts() && !is_on_error(row, &errors)
    };
    let rows = report.changes.iter().filter(is_shown).collect();
    Some(read(
        rows,
        &report.advice,
        old.baseline.clone(),
        place.map(|place| (path, tree.span(place.node))),
    ))
}

/// Whether a value is invalid: what it changes is said when it can be read.
fn is_on_error(row: &LocatedChange, errors: &[&Diagnostic]) -> bool {
    let Some((at, span)) = shown(row).filter(|_| row.change.ty != ChangeType::Removed) else {
        return false;
    };
    errors.iter().any(|d| d.file == at.file && d.span.start < span.end && span.start < d.span.end)
}

/// What an editor shows of a comparison. `version` is where the contract's version stands.
fn read(
    rows: Vec<&LocatedChange>,
    advice: &Advice,
    baseline: Baseline,
    version: Option<(String, Span)>,
) -> Breaking {
    let mut hints = hints(&rows);
    let mut inlays = inlays(&rows);
    let is_version_enough = advice.is_ok();
    if let (Some((file, span)), Some(AdviceCode::BumpRequired | AdviceCode::Decreased)) =
        (&version, advice.code)
    {
        hints.push(Hint {
            file: file.clone(),
            span: *span,
            class: Class::Breaking,
            code: "VERSION_BUMP_REQUIRED",
            message: advice.sentence.clone(),
            rule: "VERSION_BUMP_REQUIRED".to_owned(),
            path: "service.version".to_owned(),
            old: None,
        });
        if let Some(minimum) = &advice.minimum {
            let label = format!("needs {minimum}");
            inlays.push(Inlay { file: file.clone(), offset: span.end, label });
        }
    }
    let count = |class| rows.iter().filter(|row| row.change.class == class).count();
    Breaking {
        baseline,
        breaking: count(Class::Breaking),
        potential: count(Class::PotentialBreaking),
        hints,
        inlays,
        advice: advice.clone(),
        is_version_enough,
    }
}

impl Breaking {
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
