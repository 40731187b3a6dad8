//! Deprecation, sunset and stability of operations, parameters, headers and properties.

use serde_json::Value as Json;

use super::class::{ChangeType, Class};
use super::docs::{At, Spot};
use super::rule::Rule;
use super::rules::openapi as rules;
use super::settings::Settings;
use crate::contract::Date;
use crate::value::Data;

/// What is said of the life of an element.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lifecycle<'a> {
    deprecated: Option<At<'a>>,
    sunset: Option<At<'a>>,
    stability: Option<At<'a>>,
}

/// What happened to it: a row without its path.
pub struct Event {
    pub rule: &'static Rule,
    pub ty: ChangeType,
    pub step: &'static str,
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub old_at: Option<Spot>,
    pub new_at: Option<Spot>,
    pub class: Class,
}

/// Whether an extension is about the life of an element.
pub fn is_word(key: &str) -> bool {
    matches!(key, "deprecated" | "x-sunset" | "x-stability-level")
}

const LEVELS: [&str; 4] = ["draft", "alpha", "beta", "stable"];

impl<'a> Lifecycle<'a> {
    /// Of an operation, a parameter or a header.
    pub fn at(at: At<'a>) -> Lifecycle<'a> {
        Lifecycle {
            deprecated: at.get("deprecated").filter(|at| at.value.data == Data::Bool(true)),
            sunset: at.get("x-sunset"),
            stability: at.get("x-stability-level"),
        }
    }

    /// Of a property, whose extensions `find` finds.
    pub fn of(deprecated: Option<At<'a>>, find: impl Fn(&str) -> Option<At<'a>>) -> Lifecycle<'a> {
        let (sunset, stability) = (find("x-sunset"), find("x-stability-level"));
        Lifecycle { deprecated, sunset, stability }
    }

    pub fn is_deprecated(&self) -> bool {
        self.deprecated.is_some()
    }

    /// The day from which the element may be gone; `Err` when it cannot be read.
    pub fn sunset(&self) -> Option<Result<Date, ()>> {
        let at = self.sunset?;
        Some(at.value.as_str().and_then(Date::parse).ok_or(()))
    }

    /// The stability as an index; stable without one.
    fn level(&self) -> Option<usize> {
        match self.stability {
            None => Some(3),
            Some(at) => LEVELS.iter().position(|level| at.value.as_str() == Some(level)),
        }
    }

    /// `draft` or `alpha`, where nothing is promised yet.
    pub fn unstable(&self) -> Option<&'static str> {
        self.level().filter(|level| *level < 2).map(|level| LEVELS[level])
    }

    fn is_beta(&self) -> bool {
        self.level() == Some(2)
    }
}

/// The rules for the removal of an element, by what was said of its life.
pub struct Removal {
    pub unannounced: &'static Rule,
    pub deprecated: &'static Rule,
    pub before_sunset: &'static Rule,
    pub after_sunset: &'static Rule,
}

pub const PATH: Removal = Removal {
    unannounced: rules::PATH_REMOVED,
    deprecated: rules::PATH_REMOVED_DEPRECATED,
    before_sunset: rules::PATH_REMOVED_BEFORE_SUNSET,
    after_sunset: rules::PATH_REMOVED_AFTER_SUNSET,
};

pub const METHOD: Removal = Removal {
    unannounced: rules::METHOD_REMOVED,
    deprecated: rules::METHOD_REMOVED_DEPRECATED,
    before_sunset: rules::METHOD_REMOVED_BEFORE_SUNSET,
    after_sunset: rules::METHOD_REMOVED_AFTER_SUNSET,
};

pub const PARAMETER: Removal = Removal {
    unannounced: rules::PARAMETER_REMOVED,
    deprecated: rules::PARAMETER_REMOVED_DEPRECATED,
    before_sunset: rules::PARAMETER_REMOVED_BEFORE_SUNSET,
    after_sunset: rules::PARAMETER_REMOVED_AFTER_SUNSET,
};

impl Removal {
    /// The rule for the removal of an element that was said to be `old`.
    pub fn rule(&self, old: &Lifecycle<'_>, settings: &Settings) -> &'static Rule {
        match (old.is_deprecated(), old.sunset()) {
            (true, Some(Ok(date))) if date <= settings.as_of => self.after_sunset,
            (true, Some(Ok(_))) => self.before_sunset,
            (true, _) => self.deprecated,
            (false, _) => self.unannounced,
        }
    }
}

pub fn compare(old: &Lifecycle<'_>, new: &Lifecycle<'_>, settings: &Settings) -> Vec<Event> {
    let mut events = Vec::new();
    let mut event = |rule: &'static Rule, step, class, a: Option<At<'_>>, b: Option<At<'_>>| {
        let ty = ChangeType::of(a.is_some(), b.is_some());
        events.push(Event {
            rule,
            ty,
            step,
            old: a.map(At::json),
            new: b.map(At::json),
            old_at: a.map(At::spot),
            new_at: b.map(At::spot),
            class,
        });
    };
    use Class::{Breaking as B, NonBreaking as N, PotentialBreaking as P};
    match (old.deprecated, new.deprecated) {
        (None, Some(at)) => event(rules::DEPRECATED, "deprecated", N, None, Some(at)),
        (Some(at), None) => event(rules::UNDEPRECATED, "deprecated", N, Some(at), None),
        _ => {}
    }
    let step = "x-sunset";
    match (old.sunset(), new.sunset()) {
        (None, None) => {}
        (_, Some(Err(()))) if text(old.sunset) != text(new.sunset) => {
            event(rules::SUNSET_INVALID, step, P, old.sunset, new.sunset);
        }
        (None | Some(Err(())), Some(Ok(_))) => {
            event(rules::SUNSET_ADDED, step, N, old.sunset, new.sunset);
        }
        (Some(_), None) => {
            let class = if new.is_deprecated() { P } else { N };
            event(rules::SUNSET_REMOVED, step, class, old.sunset, None);
        }
        (Some(Ok(a)), Some(Ok(b))) if b > a => {
            event(rules::SUNSET_LATER, step, N, old.sunset, new.sunset);
        }
        (Some(Ok(a)), Some(Ok(b))) if b < a => {
            event(rules::SUNSET_EARLIER, step, B, old.sunset, new.sunset);
        }
        _ => {}
    }
    if old.deprecated.is_none() && new.deprecated.is_some() {
        let days = if new.is_beta() { settings.min_days_beta } else { settings.min_days_stable };
        match new.sunset() {
            _ if days == 0 || new.unstable().is_some() => {}
            None => event(rules::SUNSET_MISSING, step, B, None, new.deprecated),
            Some(Ok(date)) if date.days_since(settings.as_of) < i64::from(days) => {
                event(rules::SUNSET_TOO_SOON, step, B, None, new.sunset);
            }
            Some(_) => {}
        }
    }
    let step = "x-stability-level";
    match (old.level(), new.level()) {
        (_, None) if text(old.stability) != text(new.stability) => {
            event(rules::STABILITY_INVALID, step, P, old.stability, new.stability);
        }
        // What was promised before, nobody could tell.
        (None, Some(b)) => {
            let class = if b < 3 { P } else { N };
            event(rules::STABILITY_INVALID, step, class, old.stability, new.stability);
        }
        (Some(a), Some(b)) if b > a => {
            event(rules::STABILITY_INCREASED, step, N, old.stability, new.stability);
        }
        (Some(a), Some(b)) if b < a => {
            event(rules::STABILITY_DECREASED, step, B, old.stability, new.stability);
        }
        _ => {}
    }
    events
}

fn text(at: Option<At<'_>>) -> Option<String> {
    at.map(|at| at.json().to_string())
}
