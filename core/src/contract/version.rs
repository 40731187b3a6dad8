//! Versions as published contracts write them: Masterminds/semver v3, more lenient than SemVer 2.0.

use std::cmp::Ordering;
use std::fmt;

/// A version as written, with its normal form: `v1.2` is 1.2.0, `2024.01.01` is 2024.1.1.
///
/// Equality and order are those of the normal form without build metadata (SemVer 2.0 §10, §11).
#[derive(Clone, Debug)]
pub struct Version {
    pub written: String,
    pub normal: semver::Version,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionError {
    Empty,
    NotANumber { part: String },
    TooManyParts,
    TooLarge,
    BadPreRelease { text: String },
    BadBuild { text: String },
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionError::Empty => f.write_str("it is empty"),
            VersionError::NotANumber { part } => write!(f, "`{part}` is not a number"),
            VersionError::TooManyParts => f.write_str("it has more than three numbers"),
            VersionError::TooLarge => f.write_str("a number is beyond 64 bits"),
            VersionError::BadPreRelease { text } => write!(f, "`{text}` is not a pre-release"),
            VersionError::BadBuild { text } => write!(f, "`{text}` is not build metadata"),
        }
    }
}

impl Version {
    /// Parses `[v]major[.minor[.patch]][-pre][+build]`; leading zeros are allowed.
    pub fn parse(text: &str) -> Result<Version, VersionError> {
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, build) = split_at_first(rest, '+');
        let (core, pre) = split_at_first(rest, '-');
        if core.is_empty() {
            return Err(VersionError::Empty);
        }
        let mut numbers = [0u64; 3];
        for (i, part) in core.split('.').enumerate() {
            let slot = numbers.get_mut(i).ok_or(VersionError::TooManyParts)?;
            *slot = number(part)?;
        }
        let mut normal = semver::Version::new(numbers[0], numbers[1], numbers[2]);
        if let Some(pre) = pre {
            normal.pre = pre_release(pre)?;
        }
        if let Some(build) = build {
            let bad = || VersionError::BadBuild { text: build.to_owned() };
            if build.is_empty() {
                return Err(bad());
            }
            normal.build = semver::BuildMetadata::new(build).map_err(|_| bad())?;
        }
        Ok(Version { written: text.to_owned(), normal })
    }

    /// Whether it is written as SemVer 2.0 asks.
    pub fn is_strict(&self) -> bool {
        self.normal.to_string() == self.written
    }
}

pub(super) fn split_at_first(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

pub(super) fn number(part: &str) -> Result<u64, VersionError> {
    if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(VersionError::NotANumber { part: part.to_owned() });
    }
    part.parse().map_err(|_| VersionError::TooLarge)
}

pub(super) fn pre_release(text: &str) -> Result<semver::Prerelease, VersionError> {
    let bad = || VersionError::BadPreRelease { text: text.to_owned() };
    if text.is_empty() {
        return Err(bad());
    }
    semver::Prerelease::new(text).map_err(|_| bad())
}

/// The nearest version that would parse, for a fix: `1.2.3.4` → `1.2.3`, `V1.0` → `1.0.0`.
pub fn nearest(text: &str) -> Option<String> {
    let trimmed = text.trim().trim_start_matches(['v', 'V', '=', '^', '~', ' ']);
    let core: String = trimmed.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let numbers: Vec<u64> = core.split('.').filter_map(|part| part.parse().ok()).take(3).collect();
    let [major, rest @ ..] = &numbers[..] else {
        return None;
    };
    let minor = rest.first().unwrap_or(&0);
    let patch = rest.get(1).unwrap_or(&0);
    Some(format!("{major}.{minor}.{patch}"))
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.normal.cmp_precedence(&other.normal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_forms_have_a_normal_form() {
        for (written, normal) in [
            ("1.2.3", "1.2.3"),
            ("v1.2", "1.2.0"),
            ("1", "1.0.0"),
            ("2024.01.01", "2024.1.1"),
            ("1.2-beta.1+x", "1.2.0-beta.1+x"),
        ] {
            let version = Version::parse(written).unwrap();
            assert_eq!(version.normal.to_string(), normal);
            assert_eq!(version.is_strict(), written == normal);
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", "v", "1.2.3.4", "a", "1..2", "1.2.3-", "1.2.3-beta.01", "1.x", "1 "] {
            assert!(Version::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(Version::parse("99999999999999999999"), Err(VersionError::TooLarge));
    }
}
