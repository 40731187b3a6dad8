//! The client's settings (9-lsp, "Settings"), for each workspace folder.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pacto_core::Root;
use serde_json::Value;

use crate::log::Level;

/// How baselines are chosen (`pacto.baseline.mode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BaselineMode {
    /// A path if one is set, then the registry, then git.
    #[default]
    Auto,
    Registry,
    Git,
    File,
    Off,
}

/// Of which contracts findings are shown (`pacto.diagnostics.scope`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    #[default]
    Workspace,
    /// Of those with an open file.
    Open,
}

/// How something is shown, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shown {
    Off,
    Hint,
    Information,
    Warning,
    Error,
}

impl Shown {
    fn read(text: &str) -> Option<Shown> {
        Some(match text {
            "off" => Shown::Off,
            "hint" => Shown::Hint,
            "information" | "info" => Shown::Information,
            "warning" => Shown::Warning,
            "error" => Shown::Error,
            _ => return None,
        })
    }

    /// One step less, but never nothing.
    pub(crate) fn milder(self) -> Shown {
        match self {
            Shown::Error => Shown::Warning,
            Shown::Warning => Shown::Information,
            Shown::Information | Shown::Hint => Shown::Hint,
            Shown::Off => Shown::Off,
        }
    }
}

/// How changes are shown, by their class (`pacto.breaking.severity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Breaking {
    pub breaking: Shown,
    pub potential: Shown,
    pub non_breaking: Shown,
}

impl Default for Breaking {
    fn default() -> Self {
        Breaking {
            breaking: Shown::Warning,
            potential: Shown::Information,
            non_breaking: Shown::Hint,
        }
    }
}

fn severities(value: Option<&Value>) -> BTreeMap<String, Shown> {
    let each = value.and_then(Value::as_object).into_iter().flatten();
    let read = each.filter_map(|(code, level)| Some((code.clone(), Shown::read(level.as_str()?)?)));
    read.collect()
}

/// How long new findings on the line that is being typed are held back, unless the client says
/// otherwise.
const EDITING_LINE_DELAY: Duration = Duration::from_millis(150);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub baseline_mode: BaselineMode,
    /// A folder, or a reference to a registry.
    pub baseline_path: Option<String>,
    pub git_ref: Option<String>,
    /// Such as `oci://host/org/{service}-pacto`.
    pub repositories: Option<String>,
    /// Whether findings of comparisons are shown in specifications, too.
    pub breaking_in_files: bool,
    pub inlay: bool,
    pub lens: bool,
    /// Whether references of dependencies show what they lead to.
    pub dependency_hints: bool,
    /// How long a new finding on the line that is being typed is held back.
    pub editing_line_delay: Duration,
    /// Whether anything is said of the folder at all.
    pub enable: bool,
    /// Of which contracts findings are shown.
    pub scope: Scope,
    /// Codes whose findings are shown otherwise than usual.
    pub severity: BTreeMap<String, Shown>,
    /// How changes are shown, by their class.
    pub breaking: Breaking,
    /// Whether proposals have stops to jump to.
    pub snippets: bool,
    /// Whether files are looked at again and again for clients that do not watch them.
    pub polls: bool,
    /// How much is logged; as the command line says if absent.
    pub log_level: Option<Level>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings::read(&Value::Null)
    }
}

impl Settings {
    /// Reads a section `pacto`; what it does not say, or says in a way that is not understood, is
    /// as usual.
    pub(crate) fn read(value: &Value) -> Settings {
        let text = |pointer: &str| {
            let text = value.pointer(pointer).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let flag = |pointer: &str| value.pointer(pointer).and_then(Value::as_bool).unwrap_or(true);
        let delay = value.pointer("/diagnostics/editingLineDelayMs").and_then(Value::as_u64);
        Settings {
            baseline_mode: match text("/baseline/mode").as_deref() {
                Some("registry") => BaselineMode::Registry,
                Some("git") => BaselineMode::Git,
                Some("file") => BaselineMode::File,
                Some("off") => BaselineMode::Off,
                _ => BaselineMode::Auto,
            },
            baseline_path: text("/baseline/path"),
            git_ref: text("/baseline/gitRef"),
            repositories: text("/registry/repositories"),
            breaking_in_files: flag("/breaking/files"),
            inlay: flag("/breaking/inlay"),
            lens: flag("/breaking/lens"),
            dependency_hints: flag("/dependencies/hints"),
            enable: flag("/enable"),
            scope: match text("/diagnostics/scope").as_deref() {
                Some("open") => Scope::Open,
                _ => Scope::Workspace,
            },
            severity: severities(value.pointer("/diagnostics/severity")),
            breaking: {
                let usual = Breaking::default();
                let of = |name: &str, usual| {
                    let set = text(&format!("/breaking/severity/{name}"));
                    set.and_then(|text| Shown::read(&text)).unwrap_or(usual)
                };
                Breaking {
                    breaking: of("breaking", usual.breaking),
                    potential: of("potential", usual.potential),
                    non_breaking: of("nonBreaking", usual.non_breaking),
                }
            },
            snippets: flag("/completion/snippets"),
            polls: text("/files/watcher").as_deref() != Some("client"),
            log_level: text("/log/level").and_then(|level| level.parse().ok()),
            editing_line_delay: delay
                .map_or(EDITING_LINE_DELAY, |ms| Duration::from_millis(ms.min(60_000))),
        }
    }
}

/// The settings of all folders.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scopes {
    /// As given at the start, with what notifications said since.
    base: Value,
    /// What counts for what is in no folder, as it is written and as it is read.
    whole: Value,
    general: Arc<Settings>,
    folders: BTreeMap<String, Folder>,
    /// What a command has set for one bundle.
    own: BTreeMap<Root, (Value, Arc<Settings>)>,
}

/// The settings of a folder, as they are written and as they are read.
#[derive(Clone, Debug, Default, PartialEq)]
struct Folder {
    written: Value,
    read: Arc<Settings>,
}

impl Scopes {
    /// Takes `initializationOptions`, or the settings of a change of configuration, on top of what
    /// is there. `null` says nothing.
    pub(crate) fn merge(&mut self, value: &Value) {
        merge(&mut self.base, value.get("pacto").unwrap_or(value));
        self.general = Arc::new(Settings::read(&self.base));
        self.whole.clone_from(&self.base);
        self.folders.clear();
        self.set_all_own();
    }

    /// Takes the client's answer for a workspace folder, or for what is in none. `null` says
    /// nothing.
    pub(crate) fn answer(&mut self, folder: Option<&str>, value: &Value) {
        let mut whole = self.base.clone();
        merge(&mut whole, value);
        let settings = Arc::new(Settings::read(&whole));
        match folder {
            Some(folder) => {
                let folder = folder.to_owned();
                self.folders.insert(folder, Folder { written: whole, read: settings });
            }
            None => {
                self.general = settings;
                self.whole = whole;
            }
        }
        self.set_all_own();
    }

    /// From now on what is written in `settings` counts for a bundle, whatever the client says; with
    /// `None` as the client says.
    pub(crate) fn set_own(&mut self, root: &Root, settings: Option<Value>) {
        self.own.remove(root);
        if let Some(settings) = settings {
            self.own.insert(root.clone(), (settings, Arc::default()));
        }
        self.set_all_own();
    }

    fn set_all_own(&mut self) {
        for (root, (written, read)) in std::mem::take(&mut self.own) {
            let mut whole = self.folder_of(&root).map_or(&self.whole, |f| &f.written).clone();
            merge(&mut whole, &written);
            let settings = Settings::read(&whole);
            self.own
                .insert(root, (written, if *read == settings { read } else { settings.into() }));
        }
    }

    /// The settings of what is in no folder.
    pub(crate) fn general(&self) -> &Settings {
        &self.general
    }

    pub(crate) fn forget_folder(&mut self, folder: &str) {
        self.folders.remove(folder);
    }

    /// For what is in a bundle: those of the deepest folder around it.
    pub(crate) fn of(&self, root: &Root) -> &Arc<Settings> {
        if let Some((_, own)) = self.own.get(root) {
            return own;
        }
        self.folder_of(root).map_or(&self.general, |folder| &folder.read)
    }

    fn folder_of(&self, root: &Root) -> Option<&Folder> {
        let path = root.folder()?;
        let around = self.folders.iter().rev().find(|(folder, _)| is_inside(path, folder));
        around.map(|(_, folder)| folder)
    }
}

/// Whether a path is that of a folder, or of something in it.
pub(crate) fn is_inside(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn merge(base: &mut Value, new: &Value) {
    match (base, new) {
        (_, Value::Null) => {}
        (Value::Object(base), Value::Object(new)) => {
            for (key, value) in new {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, new) => *base = new.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_said_stays_as_it_was() {
        let mut scopes = Scopes::default();
        scopes.merge(
            &json!({"baseline": {"mode": "git", "gitRef": "v1"}, "breaking": {"lens": false}}),
        );
        scopes.merge(&Value::Null);
        scopes.merge(&json!({"pacto": {"baseline": {"mode": "off"}}}));
        let settings = scopes.of(&Root::from("/a"));
        assert_eq!(settings.baseline_mode, BaselineMode::Off);
        assert_eq!(settings.git_ref.as_deref(), Some("v1"));
        assert!(!settings.lens && settings.inlay);
    }

    #[test]
    fn the_deepest_folder_decides() {
        let mut scopes = Scopes::default();
        let mode = |mode: &str| json!({"baseline": {"mode": mode}});
        scopes.answer(None, &mode("off"));
        scopes.answer(Some("/ws"), &mode("git"));
        scopes.answer(Some("/ws/deep"), &mode("file"));
        let of = |root: &str| scopes.of(&Root::from(root)).baseline_mode;
        assert_eq!(of("/ws/deep/a"), BaselineMode::File);
        assert_eq!(of("/ws/deeper"), BaselineMode::Git);
        assert_eq!(of("/elsewhere"), BaselineMode::Off);
    }
}
