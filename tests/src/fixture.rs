//! Bundles in memory, and the examples in the documentation of the rules.

use std::collections::BTreeMap;

use pacto_core::check::{Mode, Rule};
use pacto_core::db::Checked;
use pacto_core::{Analysis, ContractId, Host};
use pacto_edge::{MemoryFiles, settle};

/// The folder of the bundle under test.
pub const ROOT: &str = "/fleet/bundle";

/// What examples leave out.
const HEADER: &str = "pactoVersion: \"1.0\"\n";
const SERVICE: &str = "service: {name: pay, version: 1.0.0, owner: {team: pay}}\n";

/// A bundle in memory with the bundles beside it.
pub struct Fixture {
    pub files: MemoryFiles,
    pub host: Host,
    pub id: ContractId,
}

impl Fixture {
    /// `files` are paths from the bundle's folder, such as `pacto.yaml` or `../auth/pacto.yaml`.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Fixture {
        let absolute = |path: &str| match path.strip_prefix("../") {
            Some(rest) => format!("/fleet/{rest}"),
            None => format!("{ROOT}/{path}"),
        };
        let map: BTreeMap<String, String> =
            files.into_iter().map(|(path, text)| (absolute(path), text.to_owned())).collect();
        let files = MemoryFiles(map);
        let mut host = Host::default();
        let id = host.add_contract(ROOT, Vec::new(), Mode::Batch);
        settle(&mut host, [ROOT.to_owned()], &files);
        Fixture { files, host, id }
    }

    /// A bundle of nothing but a contract.
    pub fn contract(text: &str) -> Fixture {
        Fixture::new([("pacto.yaml", text)])
    }

    pub fn analysis(&self) -> Analysis {
        self.host.analysis()
    }

    pub fn check(&self) -> Checked {
        self.analysis().check(self.id).clone()
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
        let text = if path == "pacto.yaml" { complete(text) } else { text.to_owned() };
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
