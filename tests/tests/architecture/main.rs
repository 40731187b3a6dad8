//! The rules of `docs/architecture.md` that a machine can check.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use modules::{Modules, shown};
use pacto_tests::repository;
use serde_json::Value;

/// The modules of the engine: each may use those before it.
const ORDER: [&str; 23] = [
    "fact",
    "root",
    "text",
    "yaml",
    "json",
    "value",
    "schema",
    "contract",
    "place",
    "spec",
    "bundle",
    "shared_schema",
    "graph",
    "fleet",
    "check",
    "diff",
    "doc",
    "author",
    "db",
    "ide",
    "report",
    "analysis",
    "host",
];

/// Which crate of the workspace may use which.
const CRATES: [(&str, &[&str]); 7] = [
    ("pacto-core", &[]),
    ("pacto-edge", &["pacto-core"]),
    ("pacto-lsp", &["pacto-core", "pacto-edge"]),
    ("pacto-mcp", &["pacto-core", "pacto-edge"]),
    ("pacto", &["pacto-core", "pacto-edge", "pacto-lsp", "pacto-mcp"]),
    ("pacto-tests", &["pacto-core", "pacto-edge"]),
    ("xtask", &["pacto-core", "pacto-edge", "pacto-tests"]),
];

/// The crates whose modules are looked at.
const SOURCES: [(&str, &str); 6] = [
    ("core", "core/src"),
    ("edge", "core/edge/src"),
    ("lsp", "lsp/src"),
    ("mcp", "mcp/src"),
    ("cli", "cli/src"),
    ("xtask", "xtask/src"),
];

/// Crate and modules of the circles that are known, each with its reason. One that is gone must be
/// taken off.
const CIRCLES: [(&str, &str, &str); 2] = [
    (
        "core",
        "yaml::scalar yaml::tree",
        "a scalar is decoded where the tree that holds it is defined",
    ),
    (
        "lsp",
        "world world::comparisons world::deeds world::news world::notifications world::pulls world::requests world::rounds world::run world::telling world::watching",
        "one state, whose methods stand by subject",
    ),
];

fn metadata(args: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(args)
        .current_dir(repository())
        .output()
        .expect("cargo metadata runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn modules_of_the_engine_use_only_those_before_them() {
    let modules = Modules::read(&repository().join("core/src"));
    let mut problems = Vec::new();
    for (module, used) in modules.uses() {
        // The root names them all.
        let Some(own) = module.first() else { continue };
        let place = |name: &str| ORDER.iter().position(|m| *m == name);
        let own = place(own).unwrap_or_else(|| panic!("`{own}` has no place in the order"));
        for used in used {
            if used.first().and_then(|name| place(name)).is_some_and(|at| at > own) {
                problems.push(format!("{} uses {}", shown(module), shown(&used)));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn modules_do_not_use_each_other_in_circles() {
    let mut found = Vec::new();
    for (name, src) in SOURCES {
        for circle in Modules::read(&repository().join(src)).circles() {
            let of_crate = |module: &String| format!("{name} {module}");
            found.push(circle.iter().map(of_crate).collect::<BTreeSet<String>>());
        }
    }
    let known: Vec<BTreeSet<String>> = CIRCLES
        .iter()
        .map(|(name, modules, _)| modules.split(' ').map(|m| format!("{name} {m}")).collect())
        .collect();
    let new = found.iter().filter(|circle| !known.iter().any(|k| circle.is_subset(k)));
    let gone = known.iter().filter(|circle| !found.iter().any(|f| f.is_subset(circle)));
    let (new, gone) = (new.collect::<Vec<_>>(), gone.collect::<Vec<_>>());
    assert!(new.is_empty(), "modules use each other: {new:#?}");
    assert!(gone.is_empty(), "no circle any more, take it off the list: {gone:#?}");
}

#[test]
fn crates_use_only_those_that_they_may() {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().expect("packages");
    let names: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let rules: BTreeMap<&str, &[&str]> = CRATES.into_iter().collect();
    assert_eq!(names, rules.keys().copied().collect(), "every crate has its rule");
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let used = dependency["name"].as_str().expect("a name");
            if names.contains(used) {
                assert!(rules[name].contains(&used), "{name} uses {used}");
            }
        }
    }
}

#[test]
fn licences_are_permissive() {
    const ALLOWED: [&str; 11] = [
        "MIT",
        "MIT-0",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "Unicode-3.0",
        "Unlicense",
        "0BSD",
        "CDLA-Permissive-2.0",
    ];
    let metadata = metadata(&[]);
    for package in metadata["packages"].as_array().expect("packages") {
        let licence = package["license"].as_str().unwrap_or("none");
        let is_allowed = licence.split(" OR ").flat_map(|l| l.split('/')).any(|choice| {
            let parts = choice.trim_matches(['(', ')', ' ']).split(" AND ");
            parts.into_iter().all(|part| {
                let part = part.trim_matches(['(', ')', ' ']);
                let part = part.split(" WITH ").next().unwrap_or(part);
                ALLOWED.contains(&part)
            })
        });
        assert!(is_allowed, "{} is licensed {licence}", package["name"]);
    }
}

#[test]
fn heavy_crates_are_there_once_and_c_libraries_are_not() {
    let lock = std::fs::read_to_string(repository().join("Cargo.lock")).expect("a lock file");
    for name in ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls"] {
        assert!(!lock.contains(&format!("name = \"{name}\"")), "{name} is in the tree");
    }
    for name in [
        "serde",
        "serde_json",
        "regex",
        "salsa",
        "jsonschema",
        "clap",
        "tower",
        "tokio",
        "reqwest",
        "rustls",
        "hyper",
    ] {
        let count = lock.matches(&format!("name = \"{name}\"\n")).count();
        assert!(count <= 1, "{count} versions of {name}");
    }
}
