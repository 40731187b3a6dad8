//! Bundles in memory, and the examples in the documentation of the rules.

use std::collections::BTreeMap;

use pacto_core::check::{Mode, ResolvedFix, Rule};
use pacto_core::contract::Date;
use pacto_core::db::{Checked, Demand};
use pacto_core::fact::{Fact, Failure, RegistryCode};
use pacto_core::{
    Analysis, CONTRACT_FILE, Change, ContractKey, Host, MISNAMED_CONTRACT_FILE, Origin, Root,
};
use pacto_edge::{Files, MemoryFiles, Source, local_answer, settle};

/// The folder of the bundle under test.
pub const ROOT: &str = "/fleet/bundle";

/// The day on which fixtures are judged.
pub const TODAY: &str = "2026-01-01";

/// What examples leave out.
const HEADER: &str = "pactoVersion: \"1.0\"\n";
const SERVICE: &str = "service: {name: pay, version: 1.0.0, owner: {team: pay}}\n";

/// Bundles in memory: folders, and registries whose bundles are files named
/// `oci://host/path:tag/file`. Hosts in `.invalid` cannot be reached (RFC 6761).
pub struct Bundles(pub MemoryFiles);

impl Bundles {
    fn tags(&self, repository: &str) -> Fact<Vec<String>> {
        if let Some(failure) = unreachable(repository) {
            return Fact::Failed(failure);
        }
        let prefix = format!("oci://{repository}:");
        let names =
            self.0.0.keys().filter_map(|path| path.strip_prefix(&prefix)?.split('/').next());
        let mut tags: Vec<String> = names.map(str::to_owned).collect();
        tags.dedup();
        match tags.is_empty() {
            true => Fact::Failed(not_found(repository)),
            false => Fact::Ready(tags),
        }
    }

    /// The folder of a published bundle, `oci://host/path:tag`.
    fn folder(&self, root: &Root) -> Option<Root> {
        let Root::Published { repository, digest } = root else { return None };
        let tags = self.tags(repository);
        let tag = tags.ready()?.iter().find(|tag| digest_of(tag) == **digest)?;
        Some(Root::from(format!("oci://{repository}:{tag}")))
    }
}

/// A digest that stands for a tag.
fn digest_of(tag: &str) -> String {
    let sum: u64 = tag.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    format!("sha256:{sum:064x}")
}

fn unreachable(repository: &str) -> Option<Failure> {
    let host = repository.split('/').next().unwrap_or("");
    let message = format!("registry unreachable for {repository}: no such host");
    host.ends_with(".invalid").then(|| Failure::registry(RegistryCode::Unreachable, message))
}

fn not_found(reference: &str) -> Failure {
    Failure::registry(RegistryCode::NotFound, format!("artifact not found: {reference}"))
}

impl Source for Bundles {
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change> {
        // A fixture without registries knows nothing of them.
        let has_registries = self.0.0.keys().any(|path| path.starts_with("oci://"));
        let is_asked = |demand: &Demand| match demand {
            Demand::Tags { repository } | Demand::Digest { repository, .. } => {
                has_registries || unreachable(repository).is_some()
            }
            _ => has_registries || !demand.is_remote(),
        };
        let demands = demands.into_iter().filter(is_asked);
        let one = |demand: Demand| match demand {
            Demand::Tags { repository } => {
                let tags = self.tags(&repository).map(Into::into);
                Some(Change::Tags { repository, tags })
            }
            Demand::Digest { repository, tag } => {
                let digest = match self.tags(&repository) {
                    Fact::Ready(tags) if tags.contains(&tag) => Fact::Ready(digest_of(&tag)),
                    Fact::Failed(failure) => Fact::Failed(failure),
                    _ => Fact::Failed(not_found(&format!("{repository}:{tag}"))),
                };
                Some(Change::Digest { repository, tag, digest })
            }
            Demand::File { root, path } if root.is_published() => {
                let text = match self.folder(&root) {
                    Some(folder) => self.0.read(&folder, &path),
                    None => Fact::Failed(not_found(&root.to_string()[6..])),
                };
                Some(Change::File { root, path, text, origin: Origin::Registry })
            }
            Demand::Listing { root } if root.is_published() => {
                let files = self.0.list(&self.folder(&root).unwrap_or(root.clone()));
                Some(Change::Listing { root, files })
            }
            local => local_answer(&self.0, local),
        };
        demands.filter_map(one).collect()
    }
}

/// A bundle in memory with the bundles beside it.
pub struct Fixture {
    pub files: MemoryFiles,
    pub host: Host,
    pub key: ContractKey,
}

impl Fixture {
    /// `files` are paths from the bundle's folder, such as `pacto.yaml` or `../auth/pacto.yaml`.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Fixture {
        let absolute = |path: &str| match path.strip_prefix("../") {
            Some(rest) => format!("/fleet/{rest}"),
            None if path.starts_with("oci://") => path.to_owned(),
            None => format!("{ROOT}/{path}"),
        };
        let map: BTreeMap<String, String> =
            files.into_iter().map(|(path, text)| (absolute(path), text.to_owned())).collect();
        let bundles = Bundles(MemoryFiles(map));
        let mut host = Host::default();
        host.set_today(Date::parse(TODAY).expect("a day"));
        let has = |name: &str| bundles.0.0.contains_key(&format!("{ROOT}/{name}"));
        let key = match has(MISNAMED_CONTRACT_FILE) && !has(CONTRACT_FILE) {
            true => ContractKey::new(Root::from(ROOT), MISNAMED_CONTRACT_FILE),
            false => ContractKey::from(ROOT),
        };
        host.add_contract(key.clone(), Vec::new(), Mode::Batch);
        settle(&mut host, [&key], &bundles);
        Fixture { files: bundles.0, host, key }
    }

    /// A bundle as one text: the contract, and files that each start with a line `//- path`. Returns
    /// the contract's text too.
    pub fn of_text(text: &str) -> (Fixture, String) {
        let mut parts = text.split("\n//- ");
        let contract = parts.next().unwrap_or("").to_owned();
        let others: Vec<(&str, &str)> =
            parts.map(|part| part.split_once('\n').unwrap_or((part, ""))).collect();
        let own = [("pacto.yaml", contract.as_str())];
        let mut fixture = Fixture::new(others.iter().copied().chain(own));
        // The contracts beside it are looked at together with it.
        let beside = others.iter().filter_map(|(path, _)| {
            path.strip_prefix("../")?
                .strip_suffix("/pacto.yaml")
                .map(|name| format!("/fleet/{name}"))
        });
        for root in beside {
            let key = fixture.host.add_contract(root.as_str(), Vec::new(), Mode::Batch);
            settle(&mut fixture.host, [&key], &fixture.files);
        }
        (fixture, contract)
    }

    /// The same with a cursor, `┃`, in the contract; returns its offset too.
    pub fn marked(text: &str) -> (Fixture, String, u32) {
        let offset = text.find('┃').expect("a cursor") as u32;
        let (fixture, contract) = Fixture::of_text(&text.replacen('┃', "", 1));
        (fixture, contract, offset)
    }

    /// A bundle of nothing but a contract.
    pub fn contract(text: &str) -> Fixture {
        Fixture::new([("pacto.yaml", text)])
    }

    pub fn analysis(&self) -> Analysis {
        self.host.analysis()
    }

    pub fn check(&self) -> Checked {
        self.analysis().check(&self.key).clone()
    }

    /// The codes of all findings, sorted, each once.
    pub fn codes(&self) -> Vec<&'static str> {
        let mut codes: Vec<_> = self.check().diagnostics.iter().map(|d| d.rule.code).collect();
        codes.sort();
        codes.dedup();
        codes
    }
}

/// An example in the documentation of a rule.
pub struct Example {
    /// Path from the bundle's folder and text; the contract completed by what examples leave out.
    pub files: Vec<(String, String)>,
}

impl Example {
    pub fn fixture(&self) -> Fixture {
        Fixture::new(self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }
}

/// The files that a fix creates: path from the bundle's folder and text.
pub fn created(fix: &ResolvedFix) -> impl Iterator<Item = (&str, &str)> {
    fix.creates.iter().map(|(file, text)| {
        let path = file.strip_prefix(ROOT).and_then(|path| path.strip_prefix('/'));
        (path.expect("a file of the bundle"), text.as_str())
    })
}

/// The bad and the good example of a rule.
pub fn examples(rule: &Rule) -> (Example, Example) {
    let (_, rest) = rule.docs.split_once("\n## Bad\n").expect("a bad example");
    let (bad, good) = rest.split_once("\n## Good\n").expect("a good example");
    (example(bad), example(good))
}

fn example(markdown: &str) -> Example {
    let mut files = Vec::new();
    for block in markdown.split("```").skip(1).step_by(2) {
        let (info, text) = block.split_once('\n').expect("a fence with its language");
        let path = info.split_whitespace().nth(1).expect("a fence with a path");
        let is_contract = matches!(path, CONTRACT_FILE | MISNAMED_CONTRACT_FILE);
        let text = if is_contract { complete(text) } else { text.to_owned() };
        files.push((path.to_owned(), text));
    }
    Example { files }
}

/// An example contract with `pactoVersion` and `service`.
pub fn complete(text: &str) -> String {
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    let mut out = String::new();
    if !has("pactoVersion:") {
        out.push_str(HEADER);
    }
    if !has("service:") {
        out.push_str(SERVICE);
    }
    out + text
}
