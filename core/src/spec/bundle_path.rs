//! Paths inside a bundle.

use std::fmt;

/// A path relative to the bundle root that stays inside of it: `/` between parts, no `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BundlePath(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathProblem {
    Absolute,
    ParentDirectory,
    Backslash,
    ControlCharacter,
    Empty,
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathProblem::Absolute => "it is absolute",
            PathProblem::ParentDirectory => "`..` leads out of the bundle",
            PathProblem::Backslash => "it has a backslash; parts are separated by `/`",
            PathProblem::ControlCharacter => "it has a control character",
            PathProblem::Empty => "it is empty",
        })
    }
}

impl BundlePath {
    pub fn parse(text: &str) -> Result<BundlePath, PathProblem> {
        if text.chars().any(char::is_control) {
            return Err(PathProblem::ControlCharacter);
        }
        if text.contains('\\') {
            return Err(PathProblem::Backslash);
        }
        let has_drive =
            text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
        if text.starts_with('/') || has_drive {
            return Err(PathProblem::Absolute);
        }
        let mut parts = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Err(PathProblem::ParentDirectory);
                    }
                }
                _ => parts.push(part),
            }
        }
        if parts.is_empty() {
            return Err(PathProblem::Empty);
        }
        Ok(BundlePath(parts.join("/")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of `reference` as seen from the folder of this file.
    pub fn join(&self, reference: &str) -> Result<BundlePath, PathProblem> {
        let folder = self.0.rsplit_once('/').map_or("", |(folder, _)| folder);
        BundlePath::parse(&format!(
            "{folder}{}{reference}",
            if folder.is_empty() { "" } else { "/" }
        ))
    }
}

impl fmt::Display for BundlePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normal_and_stay_inside() {
        assert_eq!(BundlePath::parse("./a//b/../c.json").unwrap().as_str(), "a/c.json");
        assert_eq!(BundlePath::parse("a/../../b"), Err(PathProblem::ParentDirectory));
        assert_eq!(BundlePath::parse("/etc/passwd"), Err(PathProblem::Absolute));
        assert_eq!(BundlePath::parse("C:/x"), Err(PathProblem::Absolute));
        assert_eq!(BundlePath::parse("a\\b"), Err(PathProblem::Backslash));
        assert_eq!(BundlePath::parse("."), Err(PathProblem::Empty));
        let from = BundlePath::parse("interfaces/api/openapi.yaml").unwrap();
        assert_eq!(from.join("../common.yaml").unwrap().as_str(), "interfaces/common.yaml");
    }
}
