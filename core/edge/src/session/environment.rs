//! The environment of a process, as a value: settings are made from it, and tests can say what it
//! is.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use pacto_core::diff::Date;

use super::Error;

/// Variables and the folder in which a process runs.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub variables: BTreeMap<String, OsString>,
    pub working_directory: PathBuf,
}

/// How a variable that says yes or no is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// One of ours: any text but the words for yes and no is an error.
    Own,
    /// Another program's: any text but the words for no is a yes.
    Foreign,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Environment {
        Environment {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| {
                    let name = name.into_string().ok()?;
                    // Windows does not tell `Path` from `PATH`.
                    Some((if cfg!(windows) { name.to_ascii_uppercase() } else { name }, value))
                })
                .collect(),
            working_directory: std::env::current_dir().unwrap_or_default(),
        }
    }

    /// A variable that holds a text; none when it is empty or not UTF-8.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.variables.get(name)?.to_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// A variable that holds a path; none when it is empty.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.variables.get(name)?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    /// Whether a variable says yes.
    ///
    /// # Errors
    /// It is one of ours, and says neither yes nor no.
    pub fn flag(&self, name: &str, kind: Flag) -> Result<bool, Error> {
        let Some(text) = self.text(name) else { return Ok(false) };
        match text.to_ascii_lowercase().as_str() {
            "1" | "t" | "true" | "y" | "yes" | "on" => Ok(true),
            "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
            _ if kind == Flag::Foreign => Ok(true),
            _ => Err(Error::usage(format!("{name}: \"{text}\" is neither yes nor no"))
                .hint("use 1, true, yes, on or 0, false, no, off")),
        }
    }

    pub fn home(&self) -> Option<PathBuf> {
        self.path("HOME").or_else(|| self.path("USERPROFILE"))
    }

    /// `$XDG_CONFIG_HOME/pacto`, by default `~/.config/pacto`.
    pub fn config_dir(&self) -> Option<PathBuf> {
        let base = self.path("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
        Some(base.or_else(|| self.home().map(|home| home.join(".config")))?.join("pacto"))
    }

    /// Where caches of pacto are: `$XDG_CACHE_HOME/pacto`, by default `~/.cache/pacto`.
    pub fn cache_home(&self) -> Option<PathBuf> {
        if cfg!(windows) {
            return Some(self.path("LOCALAPPDATA")?.join("pacto").join("cache"));
        }
        let base = self.path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        Some(base.or_else(|| self.home().map(|home| home.join(".cache")))?.join("pacto"))
    }

    /// The folders in which programs are looked for.
    pub fn program_path(&self) -> Vec<PathBuf> {
        let path = self.variables.get("PATH").cloned().unwrap_or_default();
        std::env::split_paths(&path).collect()
    }

    /// `~/` is the home folder.
    pub fn expand(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), self.home()) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_owned(),
        }
    }

    /// The day on which things are judged: that of `SOURCE_DATE_EPOCH`, else of the clock.
    ///
    /// # Errors
    /// The variable does not hold a number of seconds.
    pub fn today(&self) -> Result<Date, Error> {
        let Some(text) = self.text("SOURCE_DATE_EPOCH") else { return Ok(clock()) };
        let seconds = text.parse().map_err(|_| {
            Error::usage(format!("SOURCE_DATE_EPOCH: \"{text}\" is not a number of seconds"))
        })?;
        Ok(Date::from_unix_seconds(seconds))
    }
}

/// The day that the clock shows, in UTC.
pub fn clock() -> Date {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Date::from_unix_seconds(now.map_or(0, |now| now.as_secs() as i64))
}
