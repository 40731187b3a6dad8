//! Which version the changes ask for (3-diff, "Version advice").

use std::borrow::Borrow;

use super::change::Change;
use super::class::{ChangeType, Class};
use super::rule::Mark;
use crate::contract::Version;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    None,
    Patch,
    Minor,
    Major,
}

impl Bump {
    pub fn text(self) -> &'static str {
        match self {
            Bump::None => "none",
            Bump::Patch => "patch",
            Bump::Minor => "minor",
            Bump::Major => "major",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdviceCode {
    BumpRequired,
    Decreased,
    NotSemver,
}

impl AdviceCode {
    pub fn text(self) -> &'static str {
        match self {
            AdviceCode::BumpRequired => "VERSION_BUMP_REQUIRED",
            AdviceCode::Decreased => "VERSION_DECREASED",
            AdviceCode::NotSemver => "VERSION_NOT_SEMVER",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    pub old: Option<String>,
    pub new: Option<String>,
    pub required: Bump,
    /// The least version that would do; none where nothing can be said.
    pub minimum: Option<String>,
    pub code: Option<AdviceCode>,
    pub sentence: String,
}

impl Advice {
    pub fn is_ok(&self) -> bool {
        self.code.is_none()
    }
}

fn is_feature(change: &Change) -> bool {
    change.ty == ChangeType::Added && change.rule.is(Mark::Feature)
}

/// Whether a change is one of the version itself, or of what carries it.
fn is_about_version(change: &Change) -> bool {
    ["service.version", "service.image", "service.chart"].contains(&change.path.as_str())
}

/// What `changes`, those of the service itself, ask of the version.
pub fn advise(old: Option<&str>, new: Option<&str>, changes: &[impl Borrow<Change>]) -> Advice {
    let all = || changes.iter().map(Borrow::borrow);
    let counting = || all().filter(|c: &&Change| c.counts() && !is_about_version(c));
    let worst = counting().map(|change| change.class).max();
    let parsed = |text: Option<&str>| text.and_then(|text| Version::parse(text).ok());
    let mut advice = Advice {
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        required: Bump::None,
        minimum: None,
        code: None,
        sentence: String::new(),
    };
    let (Some(was), Some(is)) = (parsed(old), parsed(new)) else {
        advice.code = Some(AdviceCode::NotSemver);
        advice.sentence =
            "service.version is not a semantic version, so no bump can be advised".to_owned();
        return advice;
    };
    let is_initial = was.normal.major == 0;
    advice.required = match (worst, is_initial) {
        (None, _) => Bump::None,
        (Some(Class::Breaking), false) => Bump::Major,
        (Some(Class::Breaking), true) | (Some(Class::PotentialBreaking), _) => Bump::Minor,
        (Some(Class::NonBreaking), false) if counting().any(is_feature) => Bump::Minor,
        (Some(Class::NonBreaking), _) => Bump::Patch,
    };
    let v = &was.normal;
    let minimum = match advice.required {
        Bump::None => v.clone(),
        Bump::Patch if !v.pre.is_empty() => semver::Version::new(v.major, v.minor, v.patch),
        Bump::Patch => semver::Version::new(v.major, v.minor, v.patch + 1),
        Bump::Minor => semver::Version::new(v.major, v.minor + 1, 0),
        Bump::Major => semver::Version::new(v.major + 1, 0, 0),
    };
    // A pre-release of the version that is asked for will do.
    let mut core = is.normal.clone();
    core.pre = semver::Prerelease::EMPTY;
    let is_enough = core.cmp_precedence(&minimum).is_ge();
    let is_lower = is.normal.cmp_precedence(v).is_lt();
    advice.minimum = Some(minimum.to_string());
    if is_lower {
        advice.code = Some(AdviceCode::Decreased);
        advice.sentence =
            format!("service.version went from {} down to {}", was.written, is.written);
    } else if !is_enough {
        advice.code = Some(AdviceCode::BumpRequired);
        let what = match worst {
            Some(Class::Breaking) => "breaking changes",
            Some(Class::PotentialBreaking) => "potentially breaking changes",
            _ => "these changes",
        };
        advice.sentence = format!(
            "{what} require at least {minimum} ({}), found {}",
            advice.required.text(),
            is.written
        );
    }
    advice
}
