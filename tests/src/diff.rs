//! Two bundles in memory, and what changed between them.

use std::collections::BTreeMap;

use pacto_core::check::Mode;
use pacto_core::db::{DiffReport, Reach};
use pacto_core::diff::{Change, Settings};
use pacto_core::graph::Options;
use pacto_core::value::lower;
use pacto_core::{ContractKey, Host, Role};
use pacto_edge::{Driver, MemoryFiles};

use crate::fixture::Bundles;

/// What contracts in tests leave out.
const HEADER: &str =
    "pactoVersion: '1.0'\nservice: {name: pay, version: 1.0.0, owner: {team: t}}\n";

/// Files of a bundle: path and text. The contract's may leave out version and service; paths that
/// start with `oci://` are bundles in registries.
pub type Files<'a> = &'a [(&'a str, &'a str)];

/// What changed between two bundles.
pub fn diff(old: Files<'_>, new: Files<'_>) -> DiffReport {
    diff_with(old, new, Settings::default())
}

pub fn diff_with(old: Files<'_>, new: Files<'_>, settings: Settings) -> DiffReport {
    let mut map = BTreeMap::new();
    for (root, files) in [("/old/pay", old), ("/new/pay", new)] {
        for (path, text) in files {
            let text = match *path {
                "pacto.yaml" => complete(text),
                _ => (*text).to_owned(),
            };
            let path = match path.strip_prefix("../") {
                Some(rest) => format!("{}/{rest}", &root[..4]),
                None if path.starts_with("oci://") => (*path).to_owned(),
                None => format!("{root}/{path}"),
            };
            map.insert(path, text);
        }
    }
    let bundles = Bundles(MemoryFiles(map));
    let mut host = Host::default();
    let sides = [("/old/pay", Role::Old), ("/new/pay", Role::New)];
    let keys = sides.map(|(root, role)| {
        let key = ContractKey::from(root).with_role(role);
        host.add_contract(key, Vec::new(), Mode::Batch)
    });
    let reach = keys.iter().map(|key| (key, Reach::ComparedWhole));
    Driver::default().settle(&mut host, reach, &bundles);
    let settings = host.add_diff_settings(settings);
    let [old, new] = &keys;
    host.analysis().diff(old, new, settings, Some(Options::default())).expect("two contracts")
}

fn complete(text: &str) -> String {
    let value = lower(&pacto_core::yaml::parse(text), 0).value;
    let lines: Vec<&str> = HEADER.lines().collect();
    let mut out = String::new();
    if value.get("pactoVersion").is_none() {
        out.push_str(lines[0]);
        out.push('\n');
    }
    if value.get("service").is_none() {
        out.push_str(lines[1]);
        out.push('\n');
    }
    out + text
}

/// `path type class`, for each row that sums nothing up.
pub fn rows(report: &DiffReport) -> Vec<String> {
    let changes = report.changes.iter().map(|row| &*row.change);
    changes.filter(|change| !change.is_rollup()).map(row).collect()
}

pub fn row(change: &Change) -> String {
    let class = match change.class {
        pacto_core::diff::Class::NonBreaking => "N",
        pacto_core::diff::Class::PotentialBreaking => "P",
        pacto_core::diff::Class::Breaking => "B",
    };
    format!("{} {} {class}", change.path, change.ty.text())
}
