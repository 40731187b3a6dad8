//! Tags that are versions, and the choice among them (5-oci, "Versions and tags").

use std::cmp::{Ordering, Reverse};

use super::{Constraint, Version};
use crate::fact::{RegistryCode, RegistryFailure};

/// The tag of a version: `+` cannot occur in a tag, so that `1.0.0+b5` is `1.0.0_b5`.
pub fn tag_of_version(version: &str) -> String {
    version.replace('+', "_")
}

/// A tag that reads as a version.
#[derive(Clone, Debug)]
pub struct VersionTag<'t> {
    pub tag: &'t str,
    pub version: Version,
    /// How many numbers are written: 1 to 3.
    numbers: usize,
}

impl<'t> VersionTag<'t> {
    /// Reads `v?N[.N[.N]][-pre][+build]`, with `_` for `+`.
    pub fn parse(tag: &'t str) -> Option<VersionTag<'t>> {
        let version = Version::parse(&tag.replacen('_', "+", 1)).ok()?;
        let core = tag.trim_start_matches('v').split(['-', '_']).next().unwrap_or(tag);
        Some(VersionTag { tag, version, numbers: core.split('.').count() })
    }

    fn is_stable(&self) -> bool {
        self.version.normal.pre.is_empty()
    }

    /// Precedence; among equal versions the one with more numbers, without `v`, first in byte order.
    fn order(&self, other: &Self) -> Ordering {
        let rest = |t: &Self| (t.numbers, !t.tag.starts_with('v'));
        let by_version = self.version.cmp(&other.version);
        by_version
            .then_with(|| rest(self).cmp(&rest(other)))
            .then_with(|| Reverse(self.tag).cmp(&Reverse(other.tag)))
    }
}

/// The version tags among `tags`, highest first. Those of one number count only where there is no
/// longer one: `20240501` is a date rather than a version.
pub fn versions(tags: &[String]) -> Vec<VersionTag<'_>> {
    let mut all: Vec<VersionTag<'_>> = tags.iter().filter_map(|t| VersionTag::parse(t)).collect();
    drop_short(&mut all);
    all.sort_by(|a, b| b.order(a));
    all
}

fn drop_short(candidates: &mut Vec<VersionTag<'_>>) {
    if candidates.iter().any(|c| c.numbers > 1) {
        candidates.retain(|c| c.numbers > 1);
    }
}

/// The highest tag that `constraint` admits; without one the highest stable version, and a
/// pre-release only where there is no stable one.
pub fn select<'t>(tags: &'t [String], constraint: Option<&Constraint>) -> Option<VersionTag<'t>> {
    let mut all: Vec<VersionTag<'_>> = tags.iter().filter_map(|t| VersionTag::parse(t)).collect();
    if let Some(constraint) = constraint {
        all.retain(|c| constraint.matches(&c.version));
    }
    drop_short(&mut all);
    if constraint.is_none() && all.iter().any(VersionTag::is_stable) {
        all.retain(VersionTag::is_stable);
    }
    all.into_iter().max_by(VersionTag::order)
}

/// How many versions are named where none fits.
const SHOWN_VERSIONS: usize = 5;

/// Says that no tag of a repository is a version, or none that `constraint` admits.
pub fn no_match(repository: &str, constraint: Option<&str>, list: &[String]) -> RegistryFailure {
    let versions = versions(list);
    let message = match constraint.filter(|_| !versions.is_empty()) {
        Some(constraint) => format!("no version of {repository} satisfies \"{constraint}\""),
        None => format!("no semver tags found in {repository}"),
    };
    let failure = RegistryFailure::new(RegistryCode::NoMatchingVersion, message);
    let shown: Vec<&str> = versions.iter().take(SHOWN_VERSIONS).map(|v| v.tag).collect();
    match shown[..] {
        [] => failure,
        _ => failure.hint(format!("the highest published: {}", shown.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen<'t>(tags: &'t [String], constraint: Option<&str>) -> Option<&'t str> {
        let constraint = constraint.map(|text| Constraint::parse(text).unwrap());
        select(tags, constraint.as_ref()).map(|tag| tag.tag)
    }

    #[test]
    fn the_highest_version_is_chosen() {
        for (tags, constraint, expected) in [
            ("1.0.0 1.2.0 latest main", None, Some("1.2.0")),
            ("1.0.0 2.0.0-rc.1", None, Some("1.0.0")),
            ("2.0.0-rc.1 2.0.0-rc.2", None, Some("2.0.0-rc.2")),
            ("1.0.0 20240501 2", None, Some("1.0.0")),
            ("1 2", None, Some("2")),
            ("1 2.0.0-rc.1", None, Some("2.0.0-rc.1")),
            ("1.2 1.2.0 v1.2.0", None, Some("1.2.0")),
            ("v1.2.0 1.2", None, Some("v1.2.0")),
            ("1.0.0_b5 1.0.0_a1", None, Some("1.0.0_a1")),
            ("sha256-abc latest", None, None),
            ("1.0.0 1.4.0 2.0.0", Some("^1.0.0"), Some("1.4.0")),
            ("1.0.0 1.4.0-beta.1", Some("^1.0.0"), Some("1.0.0")),
            ("1.0.0 1.4.0-beta.1", Some("^1.0.0-0"), Some("1.4.0-beta.1")),
            ("2 20240501", Some("^2"), Some("2")),
            ("1.0.0 3.0.0", Some("^2"), None),
        ] {
            let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
            assert_eq!(chosen(&tags, constraint), expected, "{tags:?} {constraint:?}");
        }
    }

    #[test]
    fn versions_are_listed_from_the_top() {
        let tags: Vec<String> =
            ["1.0.0", "latest", "3", "2.0.0", "2.0.0-rc.1"].map(str::to_owned).into();
        let listed: Vec<&str> = versions(&tags).iter().map(|t| t.tag).collect();
        assert_eq!(listed, ["2.0.0", "2.0.0-rc.1", "1.0.0"]);
        assert_eq!(tag_of_version("1.0.0+b5"), "1.0.0_b5");
    }
}
