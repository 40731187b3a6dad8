//! What contracts are compared with while they are edited: a published version, a commit, a folder
//! (9-lsp, "Baseline resolution").

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use crossbeam_channel::{Sender, unbounded};
use pacto_core::contract::ContractRef;
use pacto_core::db::{Baseline, Demand};
use pacto_core::fact::Fact;
use pacto_core::{ContractKey, Host, Root};
use pacto_edge::Files;
use pacto_edge::git::{GitFiles, merge_base, revision_root};
use serde_json::Value;

use crate::world::Event;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A path if one is set, then the registry, then git.
    #[default]
    Auto,
    Registry,
    Git,
    File,
    Off,
}

/// The client's settings, as `pacto.baseline.*`, `pacto.registry.*` and `pacto.breaking.*`.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    mode: Mode,
    path: Option<String>,
    git_ref: Option<String>,
    /// Such as `oci://host/org/{service}-pacto`.
    repositories: Option<String>,
    /// Whether findings are shown in specifications, too.
    pub in_files: bool,
    pub inlay: bool,
    pub lens: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            mode: Mode::Auto,
            path: None,
            git_ref: None,
            repositories: None,
            in_files: true,
            inlay: true,
            lens: true,
        }
    }
}

impl Options {
    /// Reads `initializationOptions`, or the settings of a change of configuration.
    pub(crate) fn read(value: &Value) -> Options {
        let value = value.get("pacto").unwrap_or(value);
        let text =
            |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let flag = |pointer: &str| value.pointer(pointer).and_then(Value::as_bool).unwrap_or(true);
        Options {
            mode: match text("/baseline/mode").as_deref() {
                Some("registry") => Mode::Registry,
                Some("git") => Mode::Git,
                Some("file") => Mode::File,
                Some("off") => Mode::Off,
                _ => Mode::Auto,
            },
            path: text("/baseline/path").filter(|path| !path.is_empty()),
            git_ref: text("/baseline/gitRef").filter(|name| !name.is_empty()),
            repositories: text("/registry/repositories").filter(|text| !text.is_empty()),
            in_files: flag("/breaking/files"),
            inlay: flag("/breaking/inlay"),
            lens: flag("/breaking/lens"),
        }
    }
}

/// What git says of a contract's folder.
enum Revision {
    Asked,
    Known(Option<Baseline>),
}

pub(crate) struct Baselines {
    pub options: Options,
    events: Sender<Event>,
    /// To the thread that asks git; made when it is first needed.
    git: OnceCell<Sender<(ContractKey, Option<String>)>>,
    revisions: BTreeMap<ContractKey, Revision>,
}

/// What the contract in a folder is to be compared with, as far as that is known now.
pub(crate) struct Wanted {
    pub baseline: Option<Baseline>,
    /// What registries must be asked for a better answer.
    pub demand: Option<Demand>,
}

impl Baselines {
    pub(crate) fn new(events: Sender<Event>) -> Self {
        Baselines {
            options: Options::default(),
            events,
            git: OnceCell::new(),
            revisions: BTreeMap::new(),
        }
    }

    /// Takes new settings; everything is looked at again.
    pub(crate) fn configure(&mut self, options: Options) {
        self.options = options;
        self.revisions.clear();
    }

    /// Has git asked again for a contract.
    pub(crate) fn recheck(&mut self, key: &ContractKey) {
        if matches!(self.revisions.get(key), Some(Revision::Known(_))) {
            self.ask_git(key);
        }
    }

    pub(crate) fn answered(&mut self, key: &ContractKey, baseline: Option<Baseline>) {
        self.revisions.insert(key.clone(), Revision::Known(baseline));
    }

    /// What a contract of this name and version is to be compared with.
    pub(crate) fn wanted(
        &mut self,
        host: &Host,
        key: &ContractKey,
        service: (Option<String>, Option<String>),
    ) -> Wanted {
        let nothing = Wanted { baseline: None, demand: None };
        let (name, version) = service;
        match self.options.mode {
            Mode::Off => nothing,
            Mode::File => self.file(host, &key.root),
            Mode::Auto if self.options.path.is_some() => self.file(host, &key.root),
            Mode::Git => Wanted { baseline: self.git(key), demand: None },
            Mode::Registry => self.registry(host, name, version),
            Mode::Auto => {
                let published = self.registry(host, name, version);
                match published.baseline {
                    Some(_) => published,
                    None => Wanted { baseline: self.git(key), demand: published.demand },
                }
            }
        }
    }

    fn registry(&self, host: &Host, name: Option<String>, version: Option<String>) -> Wanted {
        let nothing = Wanted { baseline: None, demand: None };
        let Some(name) = name else { return nothing };
        let template =
            self.options.repositories.as_ref().map(|text| text.replace("{service}", &name));
        let templated = template.and_then(|text| match ContractRef::parse(&text) {
            Ok(ContractRef::Oci(oci)) => Some(oci.repository()),
            _ => None,
        });
        let Some(repository) = templated.or_else(|| host.repository_of(&name)) else {
            return nothing;
        };
        match host.published_baseline(&repository, version.as_deref()) {
            Ok(baseline) => Wanted { baseline: Some(baseline), demand: None },
            Err(demand) => Wanted { baseline: None, demand },
        }
    }

    /// `pacto.baseline.path`: a folder, seen from the contract's, or a reference to a registry.
    fn file(&self, host: &Host, root: &Root) -> Wanted {
        let nothing = Wanted { baseline: None, demand: None };
        let Some(path) = &self.options.path else { return nothing };
        let found = |root: Root| Baseline { root, label: path.clone() };
        let oci = match ContractRef::parse(path) {
            Ok(ContractRef::Oci(oci)) => oci,
            _ => return Wanted { baseline: root.join(path).map(found), demand: None },
        };
        let repository = oci.repository();
        if let Some(digest) = &oci.digest {
            let root = Root::published(&repository, digest);
            return Wanted { baseline: Some(found(root)), demand: None };
        }
        let Some(tag) = oci.tag else {
            return match host.published_baseline(&repository, None) {
                Ok(baseline) => Wanted { baseline: Some(baseline), demand: None },
                Err(demand) => Wanted { baseline: None, demand },
            };
        };
        match host.digest(&repository, &tag) {
            Fact::Ready(digest) => {
                let root = Root::published(&repository, &digest);
                Wanted { baseline: Some(found(root)), demand: None }
            }
            Fact::Pending => {
                Wanted { baseline: None, demand: Some(Demand::Digest { repository, tag }) }
            }
            Fact::Failed(_) => nothing,
        }
    }

    fn git(&mut self, key: &ContractKey) -> Option<Baseline> {
        match self.revisions.get(key) {
            Some(Revision::Known(baseline)) => baseline.clone(),
            Some(Revision::Asked) => None,
            None => {
                self.revisions.insert(key.clone(), Revision::Asked);
                self.ask_git(key);
                None
            }
        }
    }

    /// Git is asked on a thread of its own, for one contract after the other: no message waits.
    fn ask_git(&self, key: &ContractKey) {
        let ask = self.git.get_or_init(|| {
            let (ask, asked) = unbounded::<(ContractKey, Option<String>)>();
            let events = self.events.clone();
            let answer = move || {
                for (key, git_ref) in asked {
                    let baseline = revision(&key, git_ref);
                    if events.send(Event::Revision(key, baseline)).is_err() {
                        return;
                    }
                }
            };
            let _ = thread::Builder::new().name("git".into()).spawn(answer);
            ask
        });
        let _ = ask.send((key.clone(), self.options.git_ref.clone()));
    }
}

fn revision(key: &ContractKey, git_ref: Option<String>) -> Option<Baseline> {
    let folder = Path::new(key.root.folder()?);
    let revision = match &git_ref {
        Some(name) => name.clone(),
        None => merge_base(folder).ok()?,
    };
    let at = revision_root(&revision, folder).ok()?;
    // A contract that is new has nothing to be compared with.
    GitFiles.read(&at, &key.path).ready()?;
    let short: String = revision.chars().take(7).collect();
    let label = format!("{} (git)", git_ref.unwrap_or(short));
    Some(Baseline { root: at, label })
}
