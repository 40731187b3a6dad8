//! The server in Neovim: the README's configuration, a real editor, its own completion menu and
//! snippet engine.

mod completion;

use std::path::{Path, PathBuf};
use std::process::Command;

use pacto_tests::{TempDir, repository};
use serde_json::{Value, json};

/// A workspace with the examples, and an editor configured as the README says.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let folder = TempDir::new("neovim");
        copy(&repository().join("examples"), &folder.path().join("fleet"));
        std::fs::create_dir(folder.path().join("fleet/.git")).expect("a folder");
        folder.write("init.lua", readme_configuration());
        Bench { folder }
    }

    /// Runs one of the scripts in `tests/neovim`.
    fn run(&self, script: &str, arguments: &[&Path]) {
        let nvim = nvim();
        let pacto = pacto_tests::pacto();
        let program_folder = pacto.parent().expect("a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders =
            std::iter::once(program_folder.to_owned()).chain(std::env::split_paths(&path));
        let output = Command::new(&nvim)
            .args(["--headless", "--clean", "-l"])
            .arg(repository().join("tests/neovim").join(script))
            .arg(self.folder.path().join("init.lua"))
            .args(arguments)
            .env("NVIM_SCRIPT", &nvim)
            .env("PATH", std::env::join_paths(folders).expect("folders"))
            .env("PACTO_OFFLINE", "1")
            .env("HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("XDG_DATA_HOME", self.folder.path().join("data"))
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .current_dir(self.folder.path())
            .output()
            .expect("Neovim starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {said}");
    }
}

/// Neovim of the testbed.
fn nvim() -> PathBuf {
    let path = repository().join(".cache/testbed/neovim/nvim");
    assert!(path.exists(), "{} is not there; run `cargo xtask setup` first", path.display());
    path
}

/// What the README tells to put into `init.lua`.
fn readme_configuration() -> String {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let (_, rest) = readme.split_once("```lua\n").expect("a configuration");
    rest.split_once("```").expect("its end").0.to_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[test]
fn contracts_and_the_files_of_their_bundles_are_looked_after() {
    let bench = Bench::new();
    let fleet = bench.folder.path().join("fleet");
    bench.folder.write("fleet/compose.yaml", "services: {}\n");
    let results = bench.folder.path().join("seen.json");
    bench.run("tour.lua", &[&fleet, &results]);
    let seen = std::fs::read_to_string(results).expect("results");
    let seen: Value = serde_json::from_str(&seen).expect("JSON");
    assert_eq!(seen["root"], fleet.display().to_string());
    assert_eq!(seen["typo"], json!(["SCHEMA_VIOLATION"]));
    assert!(seen["virtual_text"].as_str().expect("a text").contains("htpp"), "{seen}");
    assert_eq!(seen["mended"], json!([]));
    assert!(seen["hover"].as_str().expect("a text").contains("Runs on and on"), "{seen}");
    let formatted = seen["formatted"].as_array().expect("lines");
    assert!(formatted.contains(&json!("  workload: service")), "{formatted:?}");
    let attached = seen["attached"].as_object().expect("files");
    for (file, count) in attached {
        assert_eq!(*count, u32::from(file != "compose.yaml"), "{file}");
        assert_eq!(seen["findings"][file], json!([]), "{file}");
    }
    assert_eq!(seen["broken_specification"], json!(["INVALID_INTERFACE_SPEC"]));
    assert!(seen["unsaved"].to_string().contains("SCHEMA_VIOLATION"), "{seen}");
    assert_eq!(seen["messages"], "", "Neovim has nothing to say");
}
