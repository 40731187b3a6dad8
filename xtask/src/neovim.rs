//! Neovim beside the system: Debian sid's packages, unpacked into the testbed with all that they
//! need, and a script that starts the program in there. Nothing of it is installed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

/// The version that the tests were written with. Sid keeps one version only, so that it cannot be
/// asked for; a later one is used as well, and said.
const WRITTEN_FOR: &str = "0.12";
/// The first version with `vim.lsp.config`, which the README's configuration rests on.
const OLDEST: (u32, u32) = (0, 11);
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Makes `<folder>/nvim`, a script that starts Neovim. `script` is its path.
pub fn install(script: &Path) -> Result<()> {
    let folder = std::path::absolute(script.parent().context("a folder")?)?;
    // What an earlier run left half-done.
    let _ = fs::remove_dir_all(&folder);
    let apt = PrivateApt::new(folder.join("apt"))?;
    let packages = apt.download("neovim")?;
    let root = folder.join("root");
    fs::create_dir_all(&root)?;
    for package in packages {
        shell::run("dpkg", &["-x", &package.display().to_string(), &root.display().to_string()])?;
    }
    fs::remove_dir_all(&apt.folder)?;
    let unfinished = folder.join("nvim.new");
    fs::write(&unfinished, start_script(&root)?)?;
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755))?;
    check_version(&unfinished)?;
    fs::rename(unfinished, script)?;
    Ok(())
}

/// An apt with lists, cache and an empty status file of its own, so that it fetches a package with
/// everything below it and leaves the system alone.
struct PrivateApt {
    folder: PathBuf,
}

impl PrivateApt {
    fn new(folder: PathBuf) -> Result<PrivateApt> {
        for inner in ["lists/partial", "cache/archives/partial", "parts"] {
            fs::create_dir_all(folder.join(inner))?;
        }
        fs::write(folder.join("status"), "")?;
        let signed = if Path::new(KEYRING).exists() {
            format!("[signed-by={KEYRING}] ")
        } else {
            String::new()
        };
        let mirror = debian_mirror()?;
        fs::write(folder.join("sources.list"), format!("deb {signed}{mirror} sid main\n"))?;
        Ok(PrivateApt { folder })
    }

    fn get(&self, arguments: &[&str]) -> Result<()> {
        let at = |name: &str| self.folder.join(name).display().to_string();
        let options = [
            format!("Dir::State::lists={}", at("lists")),
            format!("Dir::State::status={}", at("status")),
            format!("Dir::Cache={}", at("cache")),
            format!("Dir::Etc::sourcelist={}", at("sources.list")),
            format!("Dir::Etc::sourceparts={}", at("parts")),
            format!("Dir::Etc::preferences={}", at("preferences")),
            format!("Dir::Etc::preferencesparts={}", at("parts")),
            // Without it apt changes to a user who cannot write into the testbed.
            "APT::Sandbox::User=root".to_owned(),
        ];
        let mut all: Vec<&str> = vec!["-q"];
        for option in &options {
            all.extend(["-o", option]);
        }
        all.extend(arguments);
        shell::run("apt-get", &all)
    }

    /// Fetches a package and everything that it depends on.
    fn download(&self, package: &str) -> Result<Vec<PathBuf>> {
        self.get(&["update"]).context("Debian sid's package lists cannot be read")?;
        self.get(&["install", "-y", "--download-only", "--no-install-recommends", package])
            .with_context(|| {
                format!("Debian sid has no `{package}` that can be installed today")
            })?;
        let archives = fs::read_dir(self.folder.join("cache/archives"))?.flatten();
        let mut files: Vec<PathBuf> = archives.map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "deb"));
        files.sort();
        if files.is_empty() {
            bail!("apt-get fetched nothing for `{package}`");
        }
        Ok(files)
    }
}

/// The mirror that this machine takes Debian's packages from.
fn debian_mirror() -> Result<String> {
    if let Some(mirror) = known_mirror() {
        return Ok(mirror);
    }
    // A fresh machine has sources, but no lists yet.
    shell::run("apt-get", &["update", "-q"])?;
    known_mirror().context("the apt sources of this machine name no mirror of Debian")
}

fn known_mirror() -> Option<String> {
    let arguments = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"];
    let debian = ["Origin: Debian", "Label: Debian"];
    let output = Command::new("apt-get").args(arguments).args(debian).output().ok()?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned)
}

/// Neovim runs on the libraries beside it, by the dynamic linker beside it; its parsers stand where it
/// looks only when it is installed.
fn start_script(root: &Path) -> Result<String> {
    let library_folders = fs::read_dir(root.join("usr/lib"))?.flatten().map(|entry| entry.path());
    let is_linker = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
    };
    let linker = library_folders
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .find(is_linker)
        .context("no dynamic linker among the unpacked packages")?;
    let linker = linker.strip_prefix(root)?.display();
    Ok(format!(
        "#!/bin/sh\nroot=$(dirname \"$(readlink -f \"$0\")\")/root\n\
         export VIMRUNTIME=\"$root/usr/share/nvim/runtime\"\n\
         linker=$root/{linker}\n\
         exec \"$linker\" --library-path \"${{linker%/*}}\" \"$root/usr/bin/nvim\" \\\n\
         \x20 --cmd \"set runtimepath+=$root/usr/lib/nvim\" \"$@\"\n"
    ))
}

fn check_version(script: &Path) -> Result<()> {
    let output = Command::new(script).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().next().and_then(|line| line.strip_prefix("NVIM v"));
    let Some(version) = version.filter(|_| output.status.success()) else {
        bail!("it does not start: {}", String::from_utf8_lossy(&output.stderr).trim());
    };
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        bail!("Debian sid has Neovim {version}; the tests need {}.{}", OLDEST.0, OLDEST.1);
    }
    if !version.starts_with(&format!("{WRITTEN_FOR}.")) {
        eprintln!(
            "setup: Debian sid moved on to Neovim {version}; the tests were written with {WRITTEN_FOR}"
        );
    }
    Ok(())
}
