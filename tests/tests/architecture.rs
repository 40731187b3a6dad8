//! The rules of `docs/architecture.md` that a machine can check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use pacto_tests::repository;
use serde_json::Value;

/// The modules of the engine: each may use those before it.
const ORDER: [&str; 19] = [
    "fact", "root", "text", "yaml", "json", "value", "schema", "contract", "spec", "bundle",
    "graph", "check", "diff", "doc", "db", "ide", "report", "analysis", "host",
];

/// Which crate of the workspace may use which.
const CRATES: [(&str, &[&str]); 6] = [
    ("pacto-core", &[]),
    ("pacto-edge", &["pacto-core"]),
    ("pacto-lsp", &["pacto-core", "pacto-edge"]),
    ("pacto", &["pacto-core", "pacto-edge", "pacto-lsp"]),
    ("pacto-tests", &["pacto-core", "pacto-edge"]),
    ("xtask", &["pacto-core", "pacto-edge", "pacto-tests"]),
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

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((
                path.display().to_string(),
                std::fs::read_to_string(&path).expect("a file"),
            ));
        }
    }
}

#[test]
fn modules_of_the_engine_use_only_those_before_them() {
    let src = repository().join("core/src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut problems = Vec::new();
    for (path, text) in files {
        let inside = path.strip_prefix(&format!("{}/", src.display())).expect("below src");
        let module = inside.split(['/', '.']).next().expect("a name");
        let Some(own) = ORDER.iter().position(|m| *m == module) else {
            assert_eq!(module, "lib", "{inside} is a module without a place in the order");
            continue;
        };
        // Tests may look at everything.
        let code = text.split("#[cfg(test)]").next().expect("a first part");
        for (number, line) in code.lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let name =
                    used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                let at = ORDER.iter().position(|m| *m == name);
                if at.is_some_and(|at| at > own) {
                    problems.push(format!("{inside}:{}: {module} uses {name}", number + 1));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
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
