//! The versions of the contract format.

use crate::value::{Data, Value};

/// A version of the format that is understood, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FormatVersion {
    V1_0,
    V1_1,
    V1_2,
}

use FormatVersion::{V1_0, V1_1, V1_2};

impl FormatVersion {
    pub const ALL: [FormatVersion; 3] = [V1_0, V1_1, V1_2];
    pub const FIRST: FormatVersion = V1_0;
    pub const LATEST: FormatVersion = V1_2;

    /// As it stands in `pactoVersion`.
    pub fn text(self) -> &'static str {
        match self {
            V1_0 => "1.0",
            V1_1 => "1.1",
            V1_2 => "1.2",
        }
    }

    pub fn from_text(text: &str) -> Option<FormatVersion> {
        FormatVersion::ALL.into_iter().find(|version| version.text() == text)
    }

    /// The version that a contract declares; `None` where it declares none that is understood. A
    /// version without quotes counts too: what else is wrong is judged by it.
    pub fn declared(contract: &Value) -> Option<FormatVersion> {
        match &contract.get("pactoVersion")?.data {
            Data::Str(text) => FormatVersion::from_text(text),
            Data::Float(number) => FormatVersion::from_text(&number.text()),
            _ => None,
        }
    }

    /// The version that is closest to a version that is not understood: `1.2` for `v1.2`, `1.7` and
    /// `2.0`. `None` where `text` is not a version.
    pub fn nearest(text: &str) -> Option<FormatVersion> {
        let mut parts = text.trim().trim_start_matches(['v', 'V']).split('.');
        let mut number = |default: Option<u32>| match parts.next() {
            Some(part) => part.parse().ok(),
            None => default,
        };
        let wanted = (number(None)?, number(Some(0))?);
        let of = |version: FormatVersion| (1, version as u32);
        let below = FormatVersion::ALL.into_iter().rev().find(|version| of(*version) <= wanted);
        Some(below.unwrap_or(FormatVersion::FIRST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::lower;
    use crate::yaml::parse;

    #[test]
    fn versions_are_ordered_and_have_their_texts() {
        assert!(FormatVersion::ALL.is_sorted());
        for version in FormatVersion::ALL {
            assert_eq!(FormatVersion::from_text(version.text()), Some(version));
        }
        assert_eq!(FormatVersion::from_text("2.0"), None);
    }

    #[test]
    fn a_contract_declares_its_version_with_or_without_quotes() {
        let declared = |text: &str| FormatVersion::declared(&lower(&parse(text), 0).value);
        assert_eq!(declared("pactoVersion: '1.1'\n"), Some(V1_1));
        assert_eq!(declared("pactoVersion: 1.2\n"), Some(V1_2));
        assert_eq!(declared("pactoVersion: 1\n"), None);
        assert_eq!(declared("pactoVersion: '2.0'\n"), None);
        assert_eq!(declared("service: {}\n"), None);
    }

    #[test]
    fn the_nearest_version_is_the_highest_that_is_not_above() {
        for (text, nearest) in [
            ("0.9", Some(V1_0)),
            ("1", Some(V1_0)),
            ("v1.1", Some(V1_1)),
            ("1.2.0", Some(V1_2)),
            ("1.3", Some(V1_2)),
            ("2.0", Some(V1_2)),
            ("latest", None),
            ("", None),
        ] {
            assert_eq!(FormatVersion::nearest(text), nearest, "{text}");
        }
    }
}
