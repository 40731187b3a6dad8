//! Version constraints in the grammar of Masterminds/semver v3.4 (5-oci, "Constraints").

use std::fmt;
use std::ops::Range;

use super::version::{self, Version};

/// A constraint: alternatives, each a list of comparators that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    pub written: String,
    alternatives: Vec<Vec<Comparator>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparator {
    op: Op,
    kind: Kind,
    version: semver::Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Equal,
    NotEqual,
    Greater,
    Less,
    AtLeast,
    AtMost,
    Tilde,
    Caret,
}

/// How much of a version is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Full,
    PatchFree,
    MinorFree,
    Any,
}

/// Why a text is not a constraint, and the bytes of it that are at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintError {
    pub at: Range<usize>,
    pub message: String,
}

impl fmt::Display for ConstraintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Constraint {
    pub fn parse(text: &str) -> Result<Constraint, ConstraintError> {
        if text.trim().is_empty() {
            return Err(error(0..text.len(), "it is empty"));
        }
        let mut alternatives = Vec::new();
        let mut start = 0;
        for part in text.split("||") {
            let end = start + part.len();
            if part.trim().is_empty() {
                return Err(error(start..end, "an alternative beside `||` is empty"));
            }
            alternatives.push(Scanner { text, at: start, end }.comparators()?);
            start = end + 2;
        }
        Ok(Constraint { written: text.to_owned(), alternatives })
    }

    pub fn matches(&self, version: &Version) -> bool {
        let version = &version.normal;
        self.alternatives.iter().any(|comparators| {
            let admits_pre = comparators.iter().any(|c| !c.version.pre.is_empty());
            (version.pre.is_empty() || admits_pre) && comparators.iter().all(|c| c.matches(version))
        })
    }

    /// Whether some version satisfies all of `constraints`. The smallest such version, if there is
    /// one, is a version that a comparator names or the next one after it.
    pub fn have_common_version(constraints: &[Constraint]) -> bool {
        points(constraints)
            .into_iter()
            .any(|version| constraints.iter().all(|constraint| constraint.matches(&version)))
    }

    /// Whether every version that satisfies `other` satisfies this.
    pub fn includes(&self, other: &Constraint) -> bool {
        points(&[self.clone(), other.clone()])
            .into_iter()
            .all(|version| !other.matches(&version) || self.matches(&version))
    }

    /// Whether every version matches, as with `*`.
    pub fn is_any(&self) -> bool {
        self.alternatives.iter().any(|list| list.iter().all(Comparator::is_any))
    }

    /// Whether some alternative has no upper bound, as `>= 1.0.0` has none.
    pub fn is_unbounded(&self) -> bool {
        self.alternatives.iter().any(|list| list.iter().all(|c| c.interval().1.is_none()))
    }

    /// The interval form: `^2.0.0` is `>= 2.0.0, < 3.0.0`.
    pub fn interval(&self) -> String {
        let alternative = |comparators: &Vec<Comparator>| {
            let parts: Vec<String> = comparators.iter().map(Comparator::interval_text).collect();
            parts.join(", ")
        };
        self.alternatives.iter().map(alternative).collect::<Vec<_>>().join(" || ")
    }
}

/// The versions at which constraints can change their answer: those that comparators name, and the
/// ones before and after.
fn points(constraints: &[Constraint]) -> Vec<Version> {
    const LAST: u64 = u64::MAX / 2;
    let named = constraints.iter().flat_map(|c| c.alternatives.iter().flatten());
    let mut points = vec![semver::Version::new(0, 0, 0), semver::Version::new(LAST, LAST, LAST)];
    for version in named.map(|comparator| &comparator.version) {
        let (major, minor, patch) = (version.major, version.minor, version.patch);
        points.push(version.clone());
        points.push(semver::Version::new(major, minor, patch));
        points.push(semver::Version::new(major, minor, patch.saturating_add(1)));
        points.push(semver::Version::new(major, minor.saturating_add(1), 0));
        points.push(semver::Version::new(major.saturating_add(1), 0, 0));
        points.push(semver::Version::new(major, minor, patch.saturating_sub(1)));
        points.push(semver::Version::new(major, minor.saturating_sub(1), LAST));
        points.push(semver::Version::new(major.saturating_sub(1), LAST, LAST));
    }
    let with_text = |normal: semver::Version| Version { written: normal.to_string(), normal };
    points.into_iter().map(with_text).collect()
}

fn error(at: Range<usize>, message: impl Into<String>) -> ConstraintError {
    ConstraintError { at, message: message.into() }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn skip_blanks(&mut self) -> bool {
        let rest = self.rest();
        let skipped = rest.len() - rest.trim_start().len();
        self.at += skipped;
        skipped > 0
    }

    fn comparators(&mut self) -> Result<Vec<Comparator>, ConstraintError> {
        let mut list = Vec::new();
        self.skip_blanks();
        loop {
            self.hyphen_range_or_comparator(&mut list)?;
            let had_blank = self.skip_blanks();
            if self.at == self.end {
                return Ok(list);
            }
            if self.rest().starts_with(',') {
                let comma = self.at;
                self.at += 1;
                self.skip_blanks();
                if self.at == self.end || self.rest().starts_with(',') {
                    return Err(error(comma..comma + 1, "nothing follows this comma"));
                }
            } else if !had_blank {
                let message = "comparisons are separated by a blank or a comma";
                return Err(error(self.at..self.end, message));
            }
        }
    }

    fn hyphen_range_or_comparator(
        &mut self,
        list: &mut Vec<Comparator>,
    ) -> Result<(), ConstraintError> {
        let has_operator = self.rest().starts_with(['=', '!', '>', '<', '~', '^']);
        let mut first = self.comparator()?;
        let upper = (!has_operator).then(|| self.after_hyphen()).flatten();
        if let Some(at) = upper {
            self.at = at;
            first.op = Op::AtLeast;
            let mut second = self.comparator()?;
            second.op = Op::AtMost;
            list.push(first);
            list.push(second);
        } else {
            list.push(first);
        }
        Ok(())
    }

    /// Where the version after ` - ` starts.
    fn after_hyphen(&self) -> Option<usize> {
        let rest = self.rest();
        let trimmed = rest.trim_start();
        let after = trimmed.strip_prefix('-')?;
        let is_spaced = trimmed.len() < rest.len() && after.starts_with(char::is_whitespace);
        is_spaced.then(|| self.end - after.trim_start().len())
    }

    fn comparator(&mut self) -> Result<Comparator, ConstraintError> {
        const OPERATORS: [(&str, Op); 11] = [
            ("!=", Op::NotEqual),
            (">=", Op::AtLeast),
            ("=>", Op::AtLeast),
            ("<=", Op::AtMost),
            ("=<", Op::AtMost),
            ("~>", Op::Tilde),
            ("=", Op::Equal),
            (">", Op::Greater),
            ("<", Op::Less),
            ("~", Op::Tilde),
            ("^", Op::Caret),
        ];
        let mut op = Op::Equal;
        if let Some((text, found)) =
            OPERATORS.iter().find(|(text, _)| self.rest().starts_with(text))
        {
            op = *found;
            self.at += text.len();
            self.skip_blanks();
        }
        let start = self.at;
        let length = self.rest().find(|c: char| c.is_whitespace() || ",<>=!~^|".contains(c));
        let end = start + length.unwrap_or(self.rest().len());
        let word = &self.text[start..end];
        if word.is_empty() {
            let end = (start + 1).min(self.end).max(start);
            return Err(error(start.saturating_sub(1)..end, "a version is missing here"));
        }
        self.at = end;
        let (kind, version) = partial_version(word)
            .map_err(|why| error(start..end, format!("`{word}` is not a version: {why}")))?;
        Ok(Comparator { op, kind, version })
    }
}

fn partial_version(word: &str) -> Result<(Kind, semver::Version), String> {
    let rest = word.strip_prefix('v').unwrap_or(word);
    let (rest, build) = version::split_at_first(rest, '+');
    let (core, pre) = version::split_at_first(rest, '-');
    let parts: Vec<&str> = core.split('.').collect();
    if parts.len() > 3 {
        return Err("it has more than three numbers".into());
    }
    let mut numbers = [0; 3];
    let mut written = 0;
    let mut is_wild = false;
    for (i, part) in parts.iter().enumerate() {
        if matches!(*part, "x" | "X" | "*") {
            is_wild = true;
        } else {
            let number = version::number(part).map_err(|e| e.to_string())?;
            if !is_wild {
                numbers[i] = number;
                written = i + 1;
            }
        }
    }
    let kind = [Kind::Any, Kind::MinorFree, Kind::PatchFree, Kind::Full][written];
    let mut version = semver::Version::new(numbers[0], numbers[1], numbers[2]);
    if let Some(pre) = pre {
        version.pre = version::pre_release(pre).map_err(|e| e.to_string())?;
    }
    if build.is_some_and(str::is_empty) {
        return Err("its build metadata is empty".into());
    }
    Ok((kind, version))
}

impl Comparator {
    fn matches(&self, v: &semver::Version) -> bool {
        let c = &self.version;
        let same_major = v.major == c.major;
        let same_minor = same_major && v.minor == c.minor;
        let order = v.cmp_precedence(c);
        match (self.op, self.kind) {
            (Op::Equal, Kind::Full) => order.is_eq(),
            (Op::Equal, _) => self.tilde(v),
            (Op::NotEqual, Kind::Full | Kind::Any) => order.is_ne(),
            (Op::NotEqual, Kind::PatchFree) => !same_minor,
            (Op::NotEqual, Kind::MinorFree) => !same_major,
            (Op::Greater, Kind::Full | Kind::Any) => order.is_gt(),
            (Op::Greater, Kind::PatchFree) => (v.major, v.minor) > (c.major, c.minor),
            (Op::Greater, Kind::MinorFree) => v.major > c.major,
            (Op::AtLeast, _) => order.is_ge(),
            (Op::Less, _) => order.is_lt(),
            (Op::AtMost, Kind::Full) => order.is_le(),
            (Op::AtMost, Kind::PatchFree | Kind::Any) => (v.major, v.minor) <= (c.major, c.minor),
            (Op::AtMost, Kind::MinorFree) => v.major <= c.major,
            (Op::Tilde, _) => self.tilde(v),
            (Op::Caret, _) => order.is_ge() && self.caret_bound(v),
        }
    }

    fn tilde(&self, v: &semver::Version) -> bool {
        let c = &self.version;
        let same_major = v.major == c.major;
        match self.kind {
            Kind::Any => true,
            Kind::MinorFree => same_major && v.cmp_precedence(c).is_ge(),
            Kind::Full if self.op == Op::Tilde && *c == semver::Version::new(0, 0, 0) => true,
            Kind::Full | Kind::PatchFree => {
                same_major && v.minor == c.minor && v.cmp_precedence(c).is_ge()
            }
        }
    }

    fn caret_bound(&self, v: &semver::Version) -> bool {
        let c = &self.version;
        match self.kind {
            Kind::MinorFree => v.major == c.major,
            _ if c.major > 0 => v.major == c.major,
            Kind::PatchFree => v.major == 0 && v.minor == c.minor,
            Kind::Full if c.minor > 0 => v.major == 0 && v.minor == c.minor,
            Kind::Full | Kind::Any => (v.major, v.minor, v.patch) == (0, 0, c.patch),
        }
    }

    fn is_any(&self) -> bool {
        let is_zero = self.version == semver::Version::new(0, 0, 0);
        match self.op {
            Op::Equal | Op::Tilde => self.kind == Kind::Any || (self.op == Op::Tilde && is_zero),
            Op::AtLeast => is_zero,
            _ => false,
        }
    }

    /// Lower bound and exclusive upper bound, each if there is one; inexact ones are widened.
    fn interval(&self) -> (Option<String>, Option<String>) {
        let c = &self.version;
        let at_least = Some(format!(">= {c}"));
        let next_minor = || Some(format!("< {}.{}.0", c.major, c.minor + 1));
        let next_major = || Some(format!("< {}.0.0", c.major + 1));
        match (self.op, self.kind) {
            _ if self.is_any() => (Some("any version".into()), None),
            (Op::NotEqual, _) => (Some(format!("!= {c}")), None),
            (Op::Greater, Kind::Full | Kind::Any) => (Some(format!("> {c}")), None),
            (Op::Greater, Kind::PatchFree) => {
                (Some(format!(">= {}.{}.0", c.major, c.minor + 1)), None)
            }
            (Op::Greater, Kind::MinorFree) => (Some(format!(">= {}.0.0", c.major + 1)), None),
            (Op::AtLeast, _) => (at_least, None),
            (Op::Less, _) => (None, Some(format!("< {c}"))),
            (Op::AtMost, Kind::Full) => (None, Some(format!("<= {c}"))),
            (Op::AtMost, Kind::PatchFree | Kind::Any) => (None, next_minor()),
            (Op::AtMost, Kind::MinorFree) => (None, next_major()),
            (Op::Equal, Kind::Full) => (None, Some(format!("= {c}"))),
            (Op::Equal | Op::Tilde, Kind::MinorFree) => (at_least, next_major()),
            (Op::Equal | Op::Tilde, _) => (at_least, next_minor()),
            (Op::Caret, Kind::MinorFree) => (at_least, next_major()),
            (Op::Caret, _) if c.major > 0 => (at_least, next_major()),
            (Op::Caret, Kind::PatchFree) => (at_least, next_minor()),
            (Op::Caret, Kind::Full) if c.minor > 0 => (at_least, next_minor()),
            (Op::Caret, _) => (at_least, Some(format!("< 0.0.{}", c.patch + 1))),
        }
    }

    fn interval_text(&self) -> String {
        let (lower, upper) = self.interval();
        [lower, upper].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(constraint: &str, version: &str) -> bool {
        Constraint::parse(constraint).unwrap().matches(&Version::parse(version).unwrap())
    }

    /// The vectors of 5-oci: constraint, versions inside, versions outside.
    const VECTORS: &[(&str, &str, &str)] = &[
        ("^1.2.3", "1.2.3 1.5.0", "1.2.0 2.0.0 1.3.0-alpha"),
        ("^0.2.3", "0.2.3", "0.3.0 1.0.0"),
        ("^0.2", "0.2.3", "0.3.0 1.0.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("^0.0", "0.0.4", "0.1.0"),
        ("^0", "0.3.0", "1.0.0"),
        ("~1.2.3", "1.2.9", "1.3.0"),
        ("~1", "1.5.0", "2.0.0"),
        ("1.2.3", "1.2.3", "1.2.9"),
        ("1.2", "1.2.9", "1.3.0"),
        ("1", "1.5.0", "2.0.0"),
        (">1.2", "1.3.0", "1.2.9"),
        (">1", "2.0.0", "1.5.0"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<1.2", "1.0.0", "1.2.0"),
        ("!=1.2", "1.3.0", "1.2.9"),
        ("~1.2.3-beta", "1.2.9-alpha 1.2.9", "1.3.0-alpha"),
        ("1.2 - 1.4.5", "1.2.0 1.4.5", "1.4.9"),
        ("1.2.3 - 1.4", "1.4.9", "1.5.0"),
        ("1.2-1.4.5", "1.2.9 1.2.9-alpha", "1.3.0"),
        (">= 1.0.0-0 <2.0.0", "1.2.3-beta.2 2.0.0-rc.1", "2.0.0"),
        (">=1.0.0 <2.0.0-0", "1.3.0-alpha", "2.0.0-alpha"),
        ("^2.0.0-rc", "2.0.0-rc.1 2.3.0", "2.0.0-alpha 3.0.0"),
        ("^1 || ^3", "1.0.0 3.0.0", "2.0.0"),
        ("^1||^3", "1.0.0 3.0.0", "2.0.0"),
        ("*", "4.5.6", "1.2.9-alpha"),
        ("*-0", "1.2.9-alpha", ""),
        ("01.2.3", "1.2.3", "1.2.4"),
        ("v1.2.3", "1.2.3", "1.2.4"),
        ("1.2.3+b", "1.2.3", "1.2.4"),
        ("~0.0.0", "0.0.0 7.1.2", ""),
        ("^*", "0.0.0", "0.0.1 1.0.0"),
        ("<=*", "0.0.7", "0.1.0"),
        ("~> 1.2, != 1.2.5", "1.2.4", "1.2.5 1.3.0"),
        ("=> 1.0.0 =< 1.5.0", "1.5.0", "1.5.1"),
        ("1.x", "1.9.0", "2.0.0"),
        ("^2024.01.01", "2024.01.01 2024.6.0", "2025.1.1"),
    ];

    #[test]
    fn the_vectors_of_the_specification_hold() {
        for (constraint, inside, outside) in VECTORS {
            for version in inside.split_whitespace() {
                assert!(matches(constraint, version), "{constraint} admits {version}");
            }
            for version in outside.split_whitespace() {
                assert!(!matches(constraint, version), "{constraint} refuses {version}");
            }
        }
    }

    #[test]
    fn errors_point_at_the_wrong_token() {
        for (text, at) in [
            ("", ""),
            ("^1 ||", ""),
            ("^1,", ","),
            (">=1.2<2", "<2"),
            ("1.2.3.4", "1.2.3.4"),
            (">=1.0.0 beta.01", "beta.01"),
            ("1.0.0-beta.01", "1.0.0-beta.01"),
            ("99999999999999999999", "99999999999999999999"),
            ("^1 || abc", "abc"),
        ] {
            let error = Constraint::parse(text).unwrap_err();
            assert_eq!(&text[error.at.clone()], at, "{text:?}: {error}");
        }
    }

    #[test]
    fn constraints_have_a_common_version_or_not() {
        let common = |texts: &[&str]| {
            let all: Vec<_> = texts.iter().map(|t| Constraint::parse(t).unwrap()).collect();
            Constraint::have_common_version(&all)
        };
        assert!(common(&["^1.0.0", ">=1.4", "<1.9"]));
        assert!(common(&[">1.0.0", "!=1.0.1", "<1.0.3"]));
        assert!(common(&["*"]) && common(&[]));
        assert!(common(&["^2.0.0-rc.1", "<2.0.0-z"]));
        assert!(!common(&["^1.0.0", "^2.0.0"]));
        assert!(!common(&["<1.0.0", ">=1.0.0"]));
    }

    #[test]
    fn the_interval_form_says_what_a_constraint_means() {
        for (constraint, interval) in [
            ("^2.0.0", ">= 2.0.0, < 3.0.0"),
            ("~1.2", ">= 1.2.0, < 1.3.0"),
            ("1.x", ">= 1.0.0, < 2.0.0"),
            ("*", "any version"),
            ("1.2 - 1.4.5", ">= 1.2.0, <= 1.4.5"),
            ("^0.0.3 || >4", ">= 0.0.3, < 0.0.4 || >= 5.0.0"),
        ] {
            assert_eq!(Constraint::parse(constraint).unwrap().interval(), interval);
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_names_its_place(text in "[0-9v.xX*^~<>=!, |a-]{0,16}|.{0,12}") {
            if let Err(error) = Constraint::parse(&text) {
                prop_assert!(text.get(error.at).is_some());
            }
        }
    }
}
