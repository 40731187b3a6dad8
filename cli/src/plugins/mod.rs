//! Plugins: programs, or functions of ours, that make files from a contract (4-cli, "Plugins").

mod built_in;
mod external;
mod files;
mod protocol;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pacto_edge::session::{Code, Error};

pub use built_in::BUILT_IN;
pub use files::{Written, check, write};
pub use protocol::{BuiltIn, Request, Response};

/// A plugin that was found.
pub enum Plugin {
    External { name: String, program: PathBuf },
    BuiltIn(&'static BuiltIn),
}

impl Plugin {
    /// The plugin of this name: programs in the folders of `path` first, so that a team's own replaces ours.
    ///
    /// # Errors
    /// There is none, with the nearest name.
    pub fn find(name: &str, path: &[PathBuf]) -> Result<Plugin, Error> {
        let is_name =
            name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if name.is_empty() || name.starts_with('-') || !is_name {
            return Err(Error::usage(format!("\"{name}\" is not the name of a plugin"))
                .hint("use lower-case letters, digits and dashes"));
        }
        let program = format!("pacto-plugin-{name}{}", std::env::consts::EXE_SUFFIX);
        for dir in path {
            let file = dir.join(&program);
            if is_program(&file) {
                return Ok(Plugin::External { name: name.to_owned(), program: file });
            }
        }
        if let Some(found) = BUILT_IN.iter().find(|plugin| plugin.name == name) {
            return Ok(Plugin::BuiltIn(found));
        }
        let known = all(path);
        let error = Error::new(
            Code::Plugin,
            format!(
                "plugin \"{name}\" not found (looked for {program} in the plugin folders and PATH)"
            ),
        );
        let near = pacto_core::check::nearest(name, known.keys().map(String::as_str));
        Err(match near {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("pacto generate --list shows what there is"),
        })
    }

    /// Runs the plugin.
    ///
    /// # Errors
    /// What it said, or how it broke the protocol.
    pub fn run(
        &self,
        request: &Request,
        timeout: std::time::Duration,
        is_verbose: bool,
    ) -> Result<Response, Error> {
        let fail =
            |name: &str, why: String| Error::new(Code::Plugin, format!("plugin {name}: {why}"));
        match self {
            Plugin::BuiltIn(plugin) => (plugin.run)(request).map_err(|why| fail(plugin.name, why)),
            Plugin::External { name, program } => {
                external::run(name, program, request, timeout, is_verbose)
                    .map_err(|why| Error::new(Code::Plugin, why))
            }
        }
    }
}

/// Names of all plugins, with where each is or what it does; the first of a name is the one that
/// runs.
pub fn all(path: &[PathBuf]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for dir in path {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let file = entry.file_name();
            let Some(name) = file.to_str().and_then(|name| name.strip_prefix("pacto-plugin-"))
            else {
                continue;
            };
            let name = name.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(name);
            if is_program(&entry.path()) {
                found.entry(name.to_owned()).or_insert_with(|| entry.path().display().to_string());
            }
        }
    }
    for plugin in BUILT_IN {
        found.entry(plugin.name.to_owned()).or_insert_with(|| plugin.about.to_owned());
    }
    found
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
