//! Files that change outside of the editor: the client watches those that are used, or they are
//! polled.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use pacto_core::{CONTRACT_FILE, ContractKey, Root};
use tower_lsp::gen_lsp_types::{
    DidChangeWatchedFilesParams, DidChangeWatchedFilesRegistrationOptions, FileChangeType,
    FileEvent, FileSystemWatcher, GlobPattern, Registration, RegistrationParams,
    RegistrationRequest, RelativePattern, Unregistration, UnregistrationParams,
    UnregistrationRequest, Uri,
};

use super::World;
use crate::client::ServerRequest;
use crate::settings::is_inside;
use crate::timers::Timer;
use crate::uri;

/// How often files are looked at for clients that do not watch them.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// Watchers are registered again once in this time at the most.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);
const METHOD: &str = "workspace/didChangeWatchedFiles";
const PROJECT_FILE: &str = pacto_edge::config::PROJECT_FILE;

/// What is watched however contracts are written.
const ALWAYS: [&str; 8] = [
    "**/pacto.yaml",
    "**/pacto.yml",
    "**/.pactoignore",
    "**/.pacto.yaml",
    "**/.git/HEAD",
    "**/interfaces/**",
    "**/configuration/**",
    "**/policy/**",
];

#[derive(Default)]
pub(super) struct Watching {
    is_on: bool,
    /// The number of the registration, and what it watches.
    registered: Option<(u64, BTreeSet<Watched>)>,
    last: Option<Instant>,
}

/// A pattern, seen from a folder if there is one.
type Watched = (Option<String>, String);

impl World {
    pub(super) fn start_watching(&mut self) {
        if std::mem::replace(&mut self.watching.is_on, true) {
            return;
        }
        if self.capabilities.watches_files {
            self.watch_files();
        } else {
            self.poll_files();
        }
    }

    /// The set of used files may have changed.
    pub(super) fn watch_later(&mut self) {
        if self.watching.is_on && self.capabilities.watches_files {
            let earliest = self.watching.last.map(|last| last + WATCH_INTERVAL);
            let at = earliest.unwrap_or_else(Instant::now);
            self.timers.set(Timer::Watch, at);
        }
    }

    /// Has the client watch what is used, if it does not already.
    pub(super) fn watch_files(&mut self) {
        self.watching.last = Some(Instant::now());
        let wanted = self.watched();
        let old = match &self.watching.registered {
            Some((_, watched)) if *watched == wanted => return,
            Some((number, _)) => Some(*number),
            None => None,
        };
        let number = old.map_or(1, |old| old + 1);
        let id = |number: u64| format!("pacto-files-{number}");
        let options = DidChangeWatchedFilesRegistrationOptions {
            watchers: wanted.iter().map(watcher).collect(),
        };
        self.watching.registered = Some((number, wanted));
        let registration = Registration {
            id: id(number),
            method: METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        self.ask_client(ServerRequest::new::<RegistrationRequest>(params));
        if let Some(old) = old {
            let gone = Unregistration { id: id(old), method: METHOD.to_owned() };
            let params = UnregistrationParams { unregisterations: vec![gone] };
            self.ask_client(ServerRequest::new::<UnregistrationRequest>(params));
        }
    }

    fn watched(&self) -> BTreeSet<Watched> {
        let mut all: BTreeSet<Watched> =
            ALWAYS.iter().map(|pattern| (None, (*pattern).to_owned())).collect();
        for (root, paths) in self.used_files() {
            // In patterns these stand for others.
            let is_plain = |path: &String| !path.contains(['*', '?', '{', '}', '[', ']', '!', ',']);
            let paths: Vec<String> = paths.into_iter().filter(is_plain).collect();
            if !self.capabilities.relative_patterns {
                all.extend(paths.into_iter().map(|path| (None, format!("**/{path}"))));
                continue;
            }
            let pattern = match paths.as_slice() {
                [] => continue,
                [path] => path.clone(),
                paths => format!("{{{}}}", paths.join(",")),
            };
            all.insert((root.folder().map(str::to_owned), pattern));
        }
        all
    }

    /// The files of folders that contracts name, by folder.
    fn used_files(&self) -> BTreeMap<Root, BTreeSet<String>> {
        let roots = self.looks.folders().into_iter();
        let each =
            roots.map(|root| (root.clone(), self.engine.known_files(root).into_iter().collect()));
        each.collect()
    }

    /// The client has done something to files itself; it may watch none.
    pub(super) fn files_changed(&mut self, changes: impl Iterator<Item = (Uri, FileChangeType)>) {
        let changes = changes.map(|(uri, kind)| FileEvent { uri, kind }).collect();
        self.did_change_watched_files(DidChangeWatchedFilesParams { changes });
    }

    pub(super) fn did_change_watched_files(&mut self, params: DidChangeWatchedFilesParams) {
        let mut touched = BTreeSet::new();
        let mut projects = BTreeSet::new();
        let mut has_contracts = false;
        for change in params.changes {
            let Some(path) = uri::path_of(&change.uri.0) else { continue };
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if name == PROJECT_FILE {
                projects.extend(self.projects.roots_below(folder));
                continue;
            }
            if path.contains("/.git/") {
                for key in self.documents.contracts() {
                    self.recheck(&key);
                }
                continue;
            }
            let is_gone = change.kind == FileChangeType::Deleted;
            if name == CONTRACT_FILE && !is_gone {
                self.add_contracts([ContractKey::from(folder)]);
                has_contracts = true;
            } else if change.kind == FileChangeType::Created {
                // It may be a folder with contracts in it.
                self.discover(path.clone());
            }
            touched.extend(self.folders_at(&path));
        }
        if has_contracts {
            // They may have been away, unnoticed but for files that were opened meanwhile.
            self.place_again();
        }
        for root in &touched {
            self.touch(root);
        }
        self.ask_projects(projects.into_iter().collect());
    }

    /// The known folders in which a path is, the innermost of them, and those that are in it.
    fn folders_at(&self, path: &str) -> Vec<Root> {
        let folders = self.looks.folders();
        let of = |root: &Root| root.folder().unwrap_or_default().to_owned();
        let around = folders.iter().filter(|root| is_inside(path, &of(root)));
        let innermost = around.max_by_key(|root| of(root).len()).copied();
        let inside = folders.iter().filter(|root| is_inside(&of(root), path)).copied();
        innermost.into_iter().chain(inside).cloned().collect()
    }

    /// Has the files of open bundles looked at, again and again.
    pub(super) fn poll_files(&mut self) {
        self.timers.set(Timer::Poll, Instant::now() + POLL_INTERVAL);
        if !self.scopes.general().polls {
            return;
        }
        let mut files = Vec::new();
        let open: BTreeSet<Root> =
            self.documents.contracts().into_iter().map(|key| key.root).collect();
        for root in open.iter().filter(|root| root.is_folder()) {
            let known = self.engine.known_files(root).into_iter();
            files.extend(known.map(|path| (root.clone(), root.file(&path))));
            files.push((root.clone(), root.file(PROJECT_FILE)));
            let projects = self.projects.files().chain([]);
            files.extend(projects.map(|file| (root.clone(), file.to_owned())));
        }
        if !files.is_empty() {
            self.outside.poll(files);
        }
    }
}

fn watcher((folder, pattern): &Watched) -> FileSystemWatcher {
    let pattern = pattern.clone();
    let glob_pattern = match folder {
        Some(folder) => GlobPattern::RelativePattern(RelativePattern {
            base_uri: tower_lsp::gen_lsp_types::Uri::from(uri::of_path(folder)).into(),
            pattern,
        }),
        None => GlobPattern::Pattern(pattern),
    };
    FileSystemWatcher { glob_pattern, kind: None }
}
