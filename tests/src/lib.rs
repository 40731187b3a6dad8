//! What the tests of several crates share: where the testbed and the examples are.

pub mod fixture;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository").into()
}

/// A JSON file of the testbed, which `cargo xtask setup` makes.
pub fn testbed_json(name: &str) -> serde_json::Value {
    let path = repository().join(".cache/testbed").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask setup` first", path.display())
    });
    serde_json::from_str(&text).expect("valid JSON")
}
