//! What can be set about a comparison (3-diff, "Settings").

use std::collections::BTreeMap;

use super::class::Class;
use crate::contract::Date;

/// How AsyncAPI 2 documents mean `publish`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Perspective {
    /// `publish`: the service sends.
    Application,
    /// `publish`: clients send, the service receives.
    Client,
}

/// An entry of the ignore list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    pub which: IgnoreKey,
    pub reason: String,
    pub until: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgnoreKey {
    Fingerprint(String),
    RulePath { rule: String, path: String },
}

/// How much of schemas is compared; what lies beyond is undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Upper bound on the pairs of schemas.
    pub schema_pairs: usize,
    /// Upper bound on the alternatives of a side that are matched by what they admit rather than by
    /// name.
    pub union_branches: usize,
}

impl Default for Limits {
    /// 3-diff, "Bad input, limits".
    fn default() -> Limits {
        Limits { schema_pairs: 2_000_000, union_branches: 64 }
    }
}

impl Limits {
    fn read(value: &serde_json::Value) -> Result<Limits, String> {
        let mut limits = Limits::default();
        for (key, value) in value.as_object().ok_or("`limits` must be a mapping")? {
            let slot = match key.as_str() {
                "schemaPairs" => &mut limits.schema_pairs,
                "unionBranches" => &mut limits.union_branches,
                _ => return Err(format!("`limits.{key}` is not a limit of diff")),
            };
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            *slot = number.ok_or(format!("`limits.{key}` must be a number"))?;
        }
        Ok(limits)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Other classes for rules, by id.
    pub severity: BTreeMap<String, Class>,
    pub ignore: Vec<Ignore>,
    /// Days between a deprecation and its sunset, for stable elements; 0 switches the rules off.
    pub min_days_stable: u32,
    /// The same for beta elements.
    pub min_days_beta: u32,
    pub perspective: Option<Perspective>,
    /// Whether gRPC interfaces are also spoken in JSON.
    pub proto_json: bool,
    /// Whether packages such as `v1alpha1` may break.
    pub proto_cap_unstable: bool,
    /// Whether a missing version bump counts as a breaking change.
    pub enforce_version: bool,
    pub limits: Limits,
    /// The day on which sunsets are judged.
    pub as_of: Date,
}

impl Settings {
    /// Reads the `diff` block of a configuration file.
    ///
    /// # Errors
    /// A sentence that names the key that cannot be read.
    pub fn read(value: &serde_json::Value, as_of: Date) -> Result<Settings, String> {
        let mut settings = Settings { as_of, ..Settings::default() };
        let Some(map) = value.as_object() else {
            return match value.is_null() {
                true => Ok(settings),
                false => Err("the settings of diff must be a mapping".to_owned()),
            };
        };
        for (key, value) in map {
            settings.key(key, value)?;
        }
        Ok(settings)
    }

    fn key(&mut self, key: &str, value: &serde_json::Value) -> Result<(), String> {
        let flag = || value.as_bool().ok_or(format!("`{key}` must be true or false"));
        match key {
            "severity" => self.severities(value)?,
            "ignore" => {
                let list = value.as_array().ok_or("`ignore` must be a list")?;
                self.ignore = list.iter().map(ignore).collect::<Result<_, _>>()?;
            }
            "deprecation" => {
                for (name, slot) in [
                    ("minDaysStable", &mut self.min_days_stable),
                    ("minDaysBeta", &mut self.min_days_beta),
                ] {
                    if let Some(days) = value.get(name) {
                        let days = days.as_u64().and_then(|days| u32::try_from(days).ok());
                        *slot =
                            days.ok_or(format!("`deprecation.{name}` must be a number of days"))?;
                    }
                }
            }
            "asyncapi" => {
                self.perspective = match value.get("perspective").and_then(|v| v.as_str()) {
                    Some("application") => Some(Perspective::Application),
                    Some("client") => Some(Perspective::Client),
                    None => None,
                    _ => {
                        return Err(
                            "`asyncapi.perspective` must be `application` or `client`".to_owned()
                        );
                    }
                };
            }
            "proto" => {
                let flag = |name: &str| {
                    value.get(name).and_then(serde_json::Value::as_bool).unwrap_or(false)
                };
                self.proto_json = flag("json");
                self.proto_cap_unstable = flag("capUnstable");
            }
            "limits" => self.limits = Limits::read(value)?,
            "enforceVersion" => self.enforce_version = flag()?,
            _ => return Err(format!("`{key}` is not a setting of diff")),
        }
        Ok(())
    }

    fn severities(&mut self, value: &serde_json::Value) -> Result<(), String> {
        for (rule, class) in value.as_object().ok_or("`severity` must be a mapping")? {
            let class = class.as_str().and_then(|text| match text {
                "N" => Some(Class::NonBreaking),
                "P" => Some(Class::PotentialBreaking),
                "B" => Some(Class::Breaking),
                text => Class::from_text(text),
            });
            let class = class.ok_or(format!(
                "`severity.{rule}` must be NON_BREAKING, POTENTIAL_BREAKING or BREAKING"
            ))?;
            if super::rules::by_id(rule).is_none() {
                return Err(format!("`severity.{rule}`: there is no such rule"));
            }
            self.severity.insert(rule.clone(), class);
        }
        Ok(())
    }
}

fn ignore(value: &serde_json::Value) -> Result<Ignore, String> {
    let text = |key: &str| value.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    // Some of them read as numbers.
    if value.get("fingerprint").is_some_and(|print| !print.is_string()) {
        return Err("a fingerprint is a string; write it in quotes".to_owned());
    }
    let which = match (text("fingerprint"), text("rule"), text("path")) {
        (Some(fingerprint), ..) => IgnoreKey::Fingerprint(fingerprint),
        (None, Some(rule), Some(path)) => IgnoreKey::RulePath { rule, path },
        _ => {
            return Err(
                "an entry of `ignore` must have a fingerprint, or a rule and a path".to_owned()
            );
        }
    };
    let reason = text("reason").ok_or("an entry of `ignore` must have a reason")?;
    let until = match text("until") {
        None => None,
        Some(text) => {
            Some(Date::parse(&text).ok_or(format!("`until: {text}` is not a date (YYYY-MM-DD)"))?)
        }
    };
    Ok(Ignore { which, reason, until })
}
