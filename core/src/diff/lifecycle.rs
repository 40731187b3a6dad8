//! Deprecation, sunset and stability of operations, parameters, headers and properties.

use serde_json::Value as Json;

use super::change::{ChangeType, Class};
use super::docs::{At, Spot};
use super::rules;
use super::schema::Normal;
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
    pub rule: &'static str,
    pub ty: ChangeType,
    pub step: &'static str,
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub old_at: Option<Spot>,
    pub new_at: Option<Spot>,
    pub class: Class,
    pub reason: String,
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

    /// Of a property.
    pub fn of(normal: &Normal<'a>) -> Lifecycle<'a> {
        let find = |key: &str| {
            normal.annotations.iter().find(|(other, _)| *other == key).map(|(_, at)| *at)
        };
        Lifecycle {
            deprecated: normal.word("deprecated"),
            sunset: find("x-sunset"),
            stability: find("x-stability-level"),
        }
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

/// How a removal is judged: the ending of its rule, and the class.
pub fn removal(old: &Lifecycle<'_>, settings: &Settings) -> (&'static str, Class) {
    match (old.is_deprecated(), old.sunset()) {
        (true, Some(Ok(date))) if date <= settings.as_of => ("-after-sunset", Class::NonBreaking),
        (true, Some(Ok(_))) => ("-before-sunset", Class::Breaking),
        (true, _) => ("-deprecated", Class::PotentialBreaking),
        (false, _) => ("", Class::Breaking),
    }
}

pub fn compare(old: &Lifecycle<'_>, new: &Lifecycle<'_>, settings: &Settings) -> Vec<Event> {
    let mut events = Vec::new();
    let mut event = |rule: &'static str, step, class, a: Option<At<'_>>, b: Option<At<'_>>| {
        let ty = ChangeType::of(a.is_some(), b.is_some());
        let reason = rules::find("openapi/", rule).map_or("", |rule| rule.reason).to_owned();
        events.push(Event {
            rule,
            ty,
            step,
            old: a.map(At::json),
            new: b.map(At::json),
            old_at: a.map(At::spot),
            new_at: b.map(At::spot),
            class,
            reason,
        });
    };
    use Class::{Breaking as B, NonBreaking as N, PotentialBreaking as P};
    match (old.deprecated, new.deprecated) {
        (None, Some(at)) => event("deprecated", "deprecated", N, None, Some(at)),
        (Some(at), None) => event("undeprecated", "deprecated", N, Some(at), None),
        _ => {}
    }
    let step = "x-sunset";
    match (old.sunset(), new.sunset()) {
        (None, None) => {}
        (_, Some(Err(()))) if text(old.sunset) != text(new.sunset) => {
            event("sunset-invalid", step, P, old.sunset, new.sunset);
        }
        (None | Some(Err(())), Some(Ok(_))) => {
            event("sunset-added", step, N, old.sunset, new.sunset);
        }
        (Some(_), None) => {
            let class = if new.is_deprecated() { P } else { N };
            event("sunset-removed", step, class, old.sunset, None);
        }
        (Some(Ok(a)), Some(Ok(b))) if b > a => {
            event("sunset-later", step, N, old.sunset, new.sunset);
        }
        (Some(Ok(a)), Some(Ok(b))) if b < a => {
            event("sunset-earlier", step, B, old.sunset, new.sunset);
        }
        _ => {}
    }
    if old.deprecated.is_none() && new.deprecated.is_some() {
        let days = if new.is_beta() { settings.min_days_beta } else { settings.min_days_stable };
        match new.sunset() {
            _ if days == 0 || new.unstable().is_some() => {}
            None => event("sunset-missing", step, B, None, new.deprecated),
            Some(Ok(date)) if date.days_since(settings.as_of) < i64::from(days) => {
                event("sunset-too-soon", step, B, None, new.sunset);
            }
            Some(_) => {}
        }
    }
    let step = "x-stability-level";
    match (old.level(), new.level()) {
        (_, None) if text(old.stability) != text(new.stability) => {
            event("stability-invalid", step, P, old.stability, new.stability);
        }
        (Some(a), Some(b)) if b > a => {
            event("stability-increased", step, N, old.stability, new.stability);
        }
        (Some(a), Some(b)) if b < a => {
            event("stability-decreased", step, B, old.stability, new.stability);
        }
        _ => {}
    }
    events
}

fn text(at: Option<At<'_>>) -> Option<String> {
    at.map(|at| at.json().to_string())
}
