//! Configuration files: the project's, which travels with a checkout, and the user's (4-cli,
//! "Configuration").

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pacto_core::check::{Severity, nearest, rule_by_code, rules::RULES};
use pacto_core::db::Severities;
use serde::Deserialize;

use crate::bundle::Limits;

/// The project's file.
pub const PROJECT_FILE: &str = ".pacto.yaml";
/// Larger files are refused.
const MAX_SIZE: u64 = 1 << 20;

/// What a configuration file may hold. The keys below `cache` and all after it are the user's
/// alone: a checkout is not trusted with them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    pub output_format: Option<String>,
    /// `host/org`, the prefix of scaffolds and suggestions.
    pub registry: Option<String>,
    pub strict: Option<bool>,
    pub rules: BTreeMap<String, RuleLevel>,
    pub graph: GraphConfig,
    /// How contracts are compared (3-diff, "Settings").
    pub diff: Option<serde_json::Value>,
    pub jobs: Option<usize>,
    /// Options of plugins, by plugin.
    pub generate: BTreeMap<String, BTreeMap<String, OptionValue>>,

    pub color: Option<String>,
    pub no_cache: Option<bool>,
    pub offline: Option<bool>,
    pub cache: CacheConfig,
    pub limits: LimitsConfig,
    pub registries: BTreeMap<String, RegistryConfig>,
    pub plugins: PluginsConfig,
    pub update: UpdateConfig,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    Off,
    Hint,
    Info,
    Warning,
    Error,
}

/// The value of a plugin's option: options are texts, and YAML reads some as something else.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OptionValue {
    Text(String),
    Bool(bool),
    Int(i64),
    Float(f64),
}

impl std::fmt::Display for OptionValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OptionValue::Text(text) => f.write_str(text),
            OptionValue::Bool(value) => value.fmt(f),
            OptionValue::Int(value) => value.fmt(f),
            OptionValue::Float(value) => value.fmt(f),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct GraphConfig {
    pub strict: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct CacheConfig {
    pub dir: Option<PathBuf>,
    /// Such as `1GiB`.
    pub max_size: Option<ByteSize>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct LimitsConfig {
    pub file: Option<ByteSize>,
    pub total: Option<ByteSize>,
    pub layer: Option<ByteSize>,
    pub entries: Option<usize>,
}

impl LimitsConfig {
    pub fn limits(&self) -> Limits {
        let usual = Limits::PUBLISHED;
        let size = |value: Option<ByteSize>, usual| value.map_or(usual, |value| value.0);
        Limits {
            file: size(self.file, usual.file),
            total: size(self.total, usual.total),
            layer: size(self.layer, usual.layer),
            entries: self.entries.unwrap_or(usual.entries),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct RegistryConfig {
    pub insecure: bool,
    pub ca_file: Option<PathBuf>,
    /// `docker-credential-HELPER`.
    pub helper: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct PluginsConfig {
    pub path: Vec<PathBuf>,
    /// Such as `5m`.
    pub timeout: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct UpdateConfig {
    pub check: Option<bool>,
}

/// A number of bytes: a number, or one with a unit, such as `10MiB` or `1 GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(pub u64);

impl std::str::FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let digits = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kib" => 1 << 10,
            "kb" => 1_000,
            "m" | "mib" => 1 << 20,
            "mb" => 1_000_000,
            "g" | "gib" => 1 << 30,
            "gb" => 1_000_000_000,
            _ => return Err(format!("\"{text}\" is not a size; write 500MiB or 1GiB")),
        };
        let number: u64 = number
            .parse()
            .map_err(|_| format!("\"{text}\" is not a size; write 500MiB or 1GiB"))?;
        number.checked_mul(factor).map(ByteSize).ok_or_else(|| format!("\"{text}\" is too large"))
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(ByteSize(number)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Project,
    User,
}

/// The keys that only the user's file may hold.
const USER_KEYS: [&str; 8] =
    ["color", "no-cache", "offline", "cache", "limits", "registries", "plugins", "update"];
/// Keys of commands that other parts of the product read.
const OTHER_KEYS: [&str; 1] = ["dashboard"];

/// A file that was read, and what is worth saying about it.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub config: Config,
    pub warnings: Vec<String>,
}

/// Reads a configuration file.
///
/// # Errors
/// It cannot be read, is not YAML, or a value has the wrong type: a sentence that names the file.
pub fn load(path: &Path, owner: Owner) -> Result<Loaded, String> {
    let shown = path.display();
    let fail = |why: String| format!("{shown}: {why}");
    let text = crate::read_plain_text(path, MAX_SIZE).map_err(|why| fail(why.to_string()))?;
    parse(&text, owner)
        .map(|loaded| Loaded {
            warnings: loaded.warnings.iter().map(|warning| format!("{shown}: {warning}")).collect(),
            ..loaded
        })
        .map_err(fail)
}

/// Parses the text of a configuration file.
///
/// # Errors
/// It is not YAML, or a value has the wrong type.
pub fn parse(text: &str, owner: Owner) -> Result<Loaded, String> {
    let tree = pacto_core::yaml::read(text).map_err(|error| error.to_string())?;
    let mut json = pacto_core::value::lower(&tree, 0).value.to_json();
    if json.is_null() {
        json = serde_json::json!({});
    }
    let Some(map) = json.as_object_mut() else {
        return Err("it holds no mapping".into());
    };
    let mut warnings = Vec::new();
    for key in OTHER_KEYS {
        map.remove(key);
    }
    if owner == Owner::Project {
        for key in USER_KEYS {
            if map.remove(key).is_some() {
                warnings
                    .push(format!("`{key}` belongs into the user's configuration; ignored here"));
            }
        }
    }
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(json, &mut track);
    let parsed = serde_ignored::deserialize(tracked, |path| unknown.push(path.to_string()));
    let config: Config = parsed.map_err(|error| {
        let path = track.path().to_string();
        if path == "." { error.to_string() } else { format!("{path}: {error}") }
    })?;
    warnings.extend(unknown.into_iter().map(|key| format!("unknown key `{key}`")));
    for (code, level) in &config.rules {
        match rule_by_code(code) {
            None => {
                let near = nearest(code, RULES.iter().map(|rule| rule.code));
                let near = near.map_or(String::new(), |near| format!(" (did you mean {near}?)"));
                warnings.push(format!("unknown rule `{code}`{near}"));
            }
            Some(rule) if rule.severity == Severity::Error && *level != RuleLevel::Error => {
                return Err(format!(
                    "rules.{code}: it is an error, which cannot be lowered or switched off"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(Loaded { config, warnings })
}

impl Config {
    /// What it says about rules, for the engine.
    pub fn severities(&self) -> Severities {
        let all = self.rules.iter().map(|(code, level)| {
            let severity = match level {
                RuleLevel::Off => None,
                RuleLevel::Hint => Some(Severity::Hint),
                RuleLevel::Info => Some(Severity::Info),
                RuleLevel::Warning => Some(Severity::Warning),
                RuleLevel::Error => Some(Severity::Error),
            };
            (code.clone(), severity)
        });
        Arc::new(all.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_not_trusted() {
        let text = "strict: true\noffline: false\nregistries: {evil.example: {insecure: true}}\nstrikt: 1\n";
        let loaded = parse(text, Owner::Project).unwrap();
        assert!(loaded.config.strict == Some(true) && loaded.config.registries.is_empty());
        assert_eq!(loaded.warnings.len(), 3, "{:?}", loaded.warnings);
        assert!(parse(text, Owner::User).unwrap().config.registries["evil.example"].insecure);
    }

    #[test]
    fn wrong_types_name_their_place() {
        for (text, place) in [
            ("jobs: many", "jobs"),
            ("cache:\n  max-size: huge", "cache.max-size"),
            ("rules: {PORT_IGNORED: loud}", "rules.PORT_IGNORED"),
            ("rules: {INVALID_SEMVER: off}", "rules.INVALID_SEMVER"),
            ("- a", "no mapping"),
            ("a: [", "line"),
        ] {
            let error = parse(text, Owner::User).unwrap_err();
            assert!(error.contains(place), "{text}: {error}");
        }
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("10", 10), ("1GiB", 1 << 30), ("500 mb", 500_000_000), ("2k", 2048)]
        {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "x", "-1", "1 PB", "99999999999999999999", "99999999999G"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
