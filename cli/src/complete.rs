//! What shells offer while a command is typed. Nothing here touches the network.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::CompletionCandidate;
use pacto_core::CONTRACT_FILE;
use pacto_core::check::rules::RULES;
use pacto_edge::cache::Cache;
use pacto_edge::session::{Environment, Flags, Settings};

use crate::plugins;

/// Settings as they are without flags; what cannot be read says nothing.
fn settings() -> Settings {
    Settings::read(&Flags::default(), &Environment::of_process()).unwrap_or_default()
}

/// What references to registries start with.
const SCHEME: &str = "oci://";

/// Names of plugins.
pub fn plugins(typed: &OsStr) -> Vec<CompletionCandidate> {
    matching(typed, plugins::all(&settings().plugin_path))
}

/// Codes of rules.
pub fn rules(typed: &OsStr) -> Vec<CompletionCandidate> {
    let upper = typed.to_string_lossy().to_ascii_uppercase();
    let all = RULES.iter().map(|rule| (rule.code.to_owned(), rule.summary().to_owned()));
    matching(OsStr::new(&upper), all)
}

/// Folders that hold a contract, folders on the way to one, and references.
pub fn contracts(typed: &OsStr) -> Vec<CompletionCandidate> {
    let text = typed.to_string_lossy();
    let is_scheme = !text.is_empty() && text.len() < SCHEME.len() && SCHEME.starts_with(&*text);
    if is_scheme {
        return vec![CompletionCandidate::new(SCHEME)];
    }
    if text.starts_with(SCHEME) {
        return references(typed);
    }
    let (folder, _) = text.rsplit_once('/').unwrap_or((".", &text));
    let prefix = if text.contains('/') { format!("{folder}/") } else { String::new() };
    let entries = std::fs::read_dir(Path::new(if folder.is_empty() { "/" } else { folder }));
    let names = entries.into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        if name.starts_with('.') || !entry.path().is_dir() {
            return None;
        }
        let is_contract = entry.path().join(CONTRACT_FILE).is_file();
        Some(match is_contract {
            true => (format!("{prefix}{name}"), "contract".to_owned()),
            false => (format!("{prefix}{name}/"), String::new()),
        })
    });
    matching(typed, names)
}

/// Repositories in the cache, and behind a colon their tags.
pub fn references(typed: &OsStr) -> Vec<CompletionCandidate> {
    let text = typed.to_string_lossy();
    let (scheme, rest) = match text.strip_prefix(SCHEME) {
        Some(rest) => (SCHEME, rest),
        None => ("", &*text),
    };
    let Some(cache) =
        settings().cache_dir.filter(|dir| dir.is_dir()).and_then(|dir| Cache::open(&dir).ok())
    else {
        return Vec::new();
    };
    let is_tag =
        rest.rsplit('/').next().is_some_and(|last| rest.contains('/') && last.contains(':'));
    let found: Vec<(String, String)> = match rest.rsplit_once(':').filter(|_| is_tag) {
        Some((repository, _)) => {
            let mut tags = cache.known_tags(repository);
            tags.extend(cache.tags(repository).map(|known| known.value).unwrap_or_default());
            tags.sort();
            tags.dedup();
            let tags = tags.into_iter().filter(|tag| !tag.starts_with("sha256-"));
            tags.map(|tag| (format!("{scheme}{repository}:{tag}"), String::new())).collect()
        }
        None => {
            let entries = cache.entries();
            let names = entries.iter().flat_map(|entry| entry.reference.split(", "));
            let mut names: Vec<&str> = names
                .filter_map(|name| name.split('@').next()?.rsplit_once(':').map(|(name, _)| name))
                .collect();
            names.sort_unstable();
            names.dedup();
            names
                .into_iter()
                .map(|name| (format!("{scheme}{name}"), "in the cache".to_owned()))
                .collect()
        }
    };
    matching(typed, found)
}

fn matching(
    typed: &OsStr,
    all: impl IntoIterator<Item = (String, String)>,
) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let fitting = all.into_iter().filter(|(text, _)| text.starts_with(&*typed));
    fitting
        .map(|(text, help)| {
            let candidate = CompletionCandidate::new(text);
            if help.is_empty() { candidate } else { candidate.help(Some(help.into())) }
        })
        .collect()
}
