//! Contracts that were read, with everything that they name, and can be asked about.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::db::{DiffReport, DiffSettings, Override, Reach};
use pacto_core::fact::{Fact, Failure};
use pacto_core::graph::Options;
use pacto_core::report::{Sources, Subject};
use pacto_core::{Analysis, CONTRACT_FILE, Change, ContractKey, Host, Origin, Role, Root};

use super::{Error, Session, Target, unreadable};
use crate::{DiskFiles, Driver, Files, read_regular_text};

/// How contracts are read.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    pub mode: Mode,
    /// How much of each bundle and of those that it leads to.
    pub reach: Reach,
    /// Whether dependencies are looked for beside the contract first.
    pub use_siblings: bool,
}

impl Purpose {
    /// To check contracts in all layers.
    pub const VALIDATE: Purpose =
        Purpose { mode: Mode::Batch, reach: Reach::Whole, use_siblings: false };
    /// To look at one contract, not at what it depends on.
    pub const ALONE: Purpose =
        Purpose { mode: Mode::Batch, reach: Reach::Bundle, use_siblings: false };
}

/// Contracts that were read.
pub struct Loaded {
    host: Host,
    pub targets: Vec<Target>,
    keys: Vec<ContractKey>,
    working_directory: PathBuf,
}

/// One contract of those that were read.
pub struct Opened<'l> {
    pub target: &'l Target,
    /// Its findings.
    pub subject: Subject,
    pub key: &'l ContractKey,
    /// What to ask about it.
    pub analysis: Analysis,
}

impl Session {
    /// Reads contracts and everything that they name.
    pub fn load(&self, targets: Vec<Target>, overrides: Vec<Override>, purpose: Purpose) -> Loaded {
        let mut host = Host::default();
        if let Some(today) = self.settings.today {
            host.set_today(today);
        }
        set_texts(&mut host, &targets);
        let keys: Vec<ContractKey> = targets.iter().map(|target| (&target.root).into()).collect();
        let severities = &self.settings.severities;
        let is_plain = overrides.is_empty() && purpose.mode == Mode::Batch && severities.is_empty();
        if is_plain && !targets.iter().any(Target::is_published) {
            host.add_contracts(&keys, Mode::Batch);
        } else {
            for target in &targets {
                let mode = if target.is_published() { Mode::Published } else { purpose.mode };
                let key = host.add_contract(&target.root, overrides.clone(), mode);
                host.set_severities(&key, severities.clone());
            }
        }
        if purpose.use_siblings
            && let Some(parent) = targets.first().and_then(Target::parent_folder)
        {
            host.set_siblings(Some(parent));
        }
        Driver::default().settle(&mut host, keys.iter().map(|key| (key, purpose.reach)), self);
        self.tell_done();
        let working_directory = self.settings.working_directory.clone();
        Loaded { host, targets, keys, working_directory }
    }

    /// Reads two contracts and everything that a comparison of them looks at.
    pub fn compare(&self, comparison: Comparison) -> Pair {
        let Comparison { old, new, settings, use_siblings, with_references } = comparison;
        let mut host = Host::default();
        let (targets, overrides): (Vec<Target>, Vec<_>) = [old, new].into_iter().unzip();
        set_texts(&mut host, &targets);
        if use_siblings && let Some(parent) = targets.last().and_then(Target::parent_folder) {
            host.set_siblings(Some(parent));
        }
        let sides = targets.iter().zip([Role::Old, Role::New]).zip(overrides);
        let keys = sides.map(|((target, role), layers)| {
            let key = ContractKey::from(&target.root).with_role(role);
            host.add_contract(key, layers, Mode::Batch)
        });
        let keys: Vec<ContractKey> = keys.collect();
        let reach = match with_references {
            true => Reach::ComparedReferences,
            false => Reach::ComparedWhole,
        };
        Driver::default().settle(&mut host, keys.iter().map(|key| (key, reach)), self);
        self.tell_done();
        let settings = host.add_diff_settings(settings);
        let working_directory = self.settings.working_directory.clone();
        Pair { loaded: Loaded { host, targets, keys, working_directory }, settings }
    }
}

/// Hands over contracts that do not come from their bundle's file.
fn set_texts(host: &mut Host, targets: &[Target]) {
    for target in targets {
        if let Some((_, text)) = target.text() {
            let (root, path) = (target.root.clone(), CONTRACT_FILE.to_owned());
            let text = Fact::Ready(text.clone());
            host.apply([Change::File { root, path, text, origin: Origin::Disk }]);
        }
        for (path, text) in target.files() {
            let (root, path, text) = (target.root.clone(), path.clone(), text.clone());
            let text = Fact::Ready(text);
            host.apply([Change::File { root, path, text, origin: Origin::Disk }]);
        }
        if !target.files().is_empty() {
            let root = target.root.clone();
            let mut all = match DiskFiles.list(&root) {
                Fact::Ready(listed) => listed.to_vec(),
                _ => Vec::new(),
            };
            all.push(CONTRACT_FILE.to_owned());
            all.extend(target.files().iter().map(|(path, _)| path.clone()));
            all.sort();
            all.dedup();
            host.apply([Change::Listing { root, files: Fact::Ready(all.into()) }]);
        }
    }
}

impl Loaded {
    /// The first contract.
    ///
    /// # Errors
    /// There is none, or its file could not be read.
    pub fn first(&self, is_strict: bool) -> Result<Opened<'_>, Error> {
        let (Some(target), Some(key)) = (self.targets.first(), self.keys.first()) else {
            return Err(Error::usage("no contract is named"));
        };
        let analysis = self.host.analysis();
        let subject = subject(&analysis, target, key, is_strict)?;
        Ok(Opened { target, subject, key, analysis })
    }

    /// Each contract with its findings, or why its file could not be read.
    pub fn subjects(&self, is_strict: bool) -> Vec<Result<Subject, Error>> {
        let analysis = self.host.analysis();
        let all = self.targets.iter().zip(&self.keys);
        all.map(|(target, key)| subject(&analysis, target, key, is_strict)).collect()
    }

    /// The texts that findings point into.
    pub fn sources(&self) -> LoadedSources {
        let texts = self.targets.iter().filter_map(|target| {
            let (name, _) = target.text()?;
            Some((target.root.file(CONTRACT_FILE), name.to_owned()))
        });
        // What was unpacked or fetched is shown as a part of what was typed.
        let elsewhere = self.targets.iter().filter(|target| target.is_elsewhere());
        let elsewhere = elsewhere.map(|target| (target.root.to_string(), target.typed.clone()));
        LoadedSources {
            analysis: self.host.analysis(),
            roots: self.targets.iter().map(|target| target.root.clone()).collect(),
            names: texts.chain(elsewhere).collect(),
            working_directory: self.working_directory.clone(),
        }
    }
}

/// What is compared, and how.
pub struct Comparison {
    /// Each side with what is laid over it.
    pub old: (Target, Vec<Override>),
    pub new: (Target, Vec<Override>),
    pub settings: pacto_core::diff::Settings,
    /// Whether dependencies are looked for beside the new contract first.
    pub use_siblings: bool,
    /// Whether configurations and policies by reference are followed, too.
    pub with_references: bool,
}

/// Two contracts that are compared.
pub struct Pair {
    loaded: Loaded,
    settings: DiffSettings,
}

impl Pair {
    /// Each side with its findings, the old one first, or why its file could not be read.
    pub fn subjects(&self) -> Vec<Result<Subject, Error>> {
        self.loaded.subjects(false)
    }

    /// What changed; `None` while a contract is not known.
    pub fn report(&self, graph: Options) -> Option<DiffReport> {
        let [old, new] = &self.loaded.keys[..] else { return None };
        self.loaded.host.analysis().diff(old, new, self.settings, Some(graph))
    }

    /// The texts that changes point into.
    pub fn sources(&self) -> LoadedSources {
        self.loaded.sources()
    }
}

fn subject(
    analysis: &Analysis,
    target: &Target,
    key: &ContractKey,
    is_strict: bool,
) -> Result<Subject, Error> {
    if let Fact::Failed(failure) = analysis.contract_text(key) {
        return Err(match failure {
            Failure::Registry(failure) => (*failure).into(),
            failure => unreadable(&target.contract_file(), failure),
        });
    }
    if let Some((set, why)) = analysis.override_errors(key).first() {
        return Err(Error::usage(format!("--set {set}: {why}")));
    }
    let (name, version) = analysis.service(key);
    let checked = analysis.check(key).clone();
    let policies = analysis.policies(key);
    Ok(Subject { argument: target.typed.clone(), name, version, checked, policies, is_strict })
}

/// The texts that findings point into, shown relative to the working directory.
pub struct LoadedSources {
    analysis: Analysis,
    roots: Vec<Root>,
    names: Vec<(String, String)>,
    working_directory: PathBuf,
}

impl Sources for LoadedSources {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        for root in &self.roots {
            if let Some(path) = root.path_of(file)
                && let Fact::Ready(text) = self.analysis.file_text(root, path)
            {
                return Some(text);
            }
        }
        if let Some((root, path)) = split_published(file) {
            return self.analysis.file_text(&root, path).ready().cloned();
        }
        // A file of another bundle, or a values file.
        read_regular_text(&self.working_directory.join(file)).ok()
    }

    fn shown(&self, file: &str) -> String {
        for (path, name) in &self.names {
            match file.strip_prefix(path.as_str()) {
                Some("") => return name.clone(),
                Some(rest) if rest.starts_with('/') => return format!("{name}{rest}"),
                _ => {}
            }
        }
        let relative = Path::new(file).strip_prefix(&self.working_directory);
        relative.ok().and_then(Path::to_str).unwrap_or(file).to_owned()
    }
}

/// Root and path of a file in a registry's bundle.
fn split_published(file: &str) -> Option<(Root, &str)> {
    let at = file.strip_prefix("oci://")?.find('@')? + 6;
    let slash = at + file[at..].find('/')?;
    Some((Root::from(&file[..slash]), &file[slash + 1..]))
}
