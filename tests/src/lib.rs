//! What the tests of several crates share: where the testbed and the examples are.

pub mod cases;
pub mod diff;
pub mod fixture;
pub mod growth;
pub mod lsp;
pub mod marked;
pub mod registry;
pub mod releases;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository").into()
}

/// Runs git in a folder as a person who has set nothing up.
///
/// # Panics
/// When git fails.
pub fn git(folder: &Path, arguments: &[&str]) {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A JSON file of the testbed, which `cargo xtask setup` makes.
pub fn testbed_json(name: &str) -> serde_json::Value {
    let path = repository().join(".cache/testbed").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask setup` first", path.display())
    });
    serde_json::from_str(&text).expect("valid JSON")
}

/// The `pacto` program of the profile that the tests run in.
///
/// Built on first use, so that a test of one package alone finds it, too.
pub fn pacto() -> PathBuf {
    static BUILT: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    BUILT
        .get_or_init(|| {
            if let Some(path) = std::env::var_os("PACTO_BIN") {
                return path.into();
            }
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let status = std::process::Command::new(cargo)
                // With a test beside it, features are resolved as in `cargo test --workspace`, so that
                // no dependency is built twice.
                .args(["build", "--quiet", "--workspace", "--bin", "pacto", "--test", "readme"])
                .current_dir(repository())
                .status();
            assert!(status.is_ok_and(|s| s.success()), "cargo build -p pacto failed");
            let target = std::env::var_os("CARGO_TARGET_DIR")
                .map_or(repository().join("target"), PathBuf::from);
            target.join("debug/pacto")
        })
        .clone()
}

/// A folder that goes away with the value.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new(name: &str) -> TempDir {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("pacto-test-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        TempDir(path.canonicalize().expect("the folder is there"))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file below, with the folders that it needs.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let full = self.0.join(path);
        std::fs::create_dir_all(full.parent().expect("a parent")).expect("a folder");
        std::fs::write(&full, bytes).expect("a file");
        full
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
