//! What a new version of a service means for who uses it.

use super::Class;
use crate::contract::{Constraint, Version};

/// What becomes of a dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Its range admits the new version, and the change is breaking.
    Breaks,
    /// The same, and the change may be breaking.
    AtRisk,
    /// It needs the service, and its range excludes the new version.
    Blocked,
    /// Its range excludes the new version, and it can stay with the old one.
    Stays,
    /// Its range admits the new version, and the change is compatible.
    Safe,
    /// Nothing is known of the change.
    Unknown,
}

impl Verdict {
    pub fn text(self) -> &'static str {
        match self {
            Verdict::Breaks => "breaks",
            Verdict::AtRisk => "at-risk",
            Verdict::Blocked => "blocked",
            Verdict::Stays => "stays",
            Verdict::Safe => "safe",
            Verdict::Unknown => "unknown",
        }
    }

    /// What it means for those that use this dependent: they see what it makes of the change.
    pub fn of_transitive(self) -> Verdict {
        match self {
            Verdict::Breaks => Verdict::AtRisk,
            other => other,
        }
    }
}

/// Whether a range admits a version; no range admits all, and what cannot be read none.
pub fn admits(constraint: Option<&str>, version: &str) -> bool {
    let Some(constraint) = constraint.filter(|text| !text.is_empty()) else { return true };
    match (Constraint::parse(constraint), Version::parse(version)) {
        (Ok(constraint), Ok(version)) => constraint.matches(&version),
        _ => false,
    }
}

/// What becomes of a direct dependent when the service changes to the version `new` by changes of
/// the class `class`.
pub fn verdict(class: Class, constraint: Option<&str>, is_required: bool, new: &str) -> Verdict {
    match (admits(constraint, new), class) {
        (true, Class::Breaking) => Verdict::Breaks,
        (true, Class::PotentialBreaking) => Verdict::AtRisk,
        (true, _) => Verdict::Safe,
        (false, _) if is_required => Verdict::Blocked,
        (false, _) => Verdict::Stays,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_and_the_change_decide() {
        let of = |class, range, required| verdict(class, Some(range), required, "2.0.0").text();
        assert_eq!(of(Class::Breaking, ">=1.0.0", true), "breaks");
        assert_eq!(of(Class::PotentialBreaking, "*", true), "at-risk");
        assert_eq!(of(Class::NonBreaking, "^2.0.0", true), "safe");
        assert_eq!(of(Class::Breaking, "^1.0.0", true), "blocked");
        assert_eq!(of(Class::Breaking, "^1.0.0", false), "stays");
        assert_eq!(Verdict::Breaks.of_transitive(), Verdict::AtRisk);
    }
}
