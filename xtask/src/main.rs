//! Tasks of the project: set-up of the testbed, generated files, the test command, benchmarks.

mod bench;
mod bench_diff;
mod bench_registry;
mod codegen;
mod links;
mod setup;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
cargo xtask <task>

  setup            fetch what the tests need; says what it fetches, does nothing twice
  test             set-up, then every check and test
  codegen          write the generated files of docs/
  codegen --check  fail if one of them is out of date
  bench            benchmarks; prints the tables of docs/performance.md
  bench diff       those of comparisons alone
  bench registry   those of registries alone";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    std::env::set_current_dir(root())?;
    match args[..] {
        ["setup"] => setup::run(),
        ["test"] => test(),
        ["codegen"] => codegen::run(codegen::Mode::Write),
        ["codegen", "--check"] => codegen::run(codegen::Mode::Check),
        ["bench"] => {
            bench::run().and_then(|()| bench_diff::run()).and_then(|()| bench_registry::run())
        }
        ["bench", "diff"] => bench_diff::run(),
        ["bench", "registry"] => bench_registry::run(),
        _ => bail!("{USAGE}"),
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Runs a program and fails if it does.
pub fn run(program: &str, args: &[&str]) -> Result<()> {
    eprintln!("$ {program} {}", args.join(" "));
    let status = Command::new(program)
        .args(args)
        .status()
        .with_context(|| format!("{program} does not start"))?;
    if !status.success() {
        bail!("{program} {} failed: {status}", args.join(" "));
    }
    Ok(())
}

/// Every check, cheap ones first; the tests come last, so that their summary closes the output.
fn test() -> Result<()> {
    setup::run()?;
    run("cargo", &["fmt", "--all", "--", "--check"])?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    links::check()?;
    codegen::run(codegen::Mode::Check)?;
    // Each fuzz target runs for a minute here, and for two seconds in a plain `cargo test`. The
    // gate tries the same inputs each time: new ones are for those who look for trouble.
    let or = |name: &str, default: &str| {
        format!("{name}={}", std::env::var(name).unwrap_or_else(|_| default.into()))
    };
    let seconds = or("FUZZ_SECONDS", "60");
    let seed = or("PROPTEST_RNG_SEED", "1");
    run("env", &[&seconds, &seed, "cargo", "test", "--workspace", "--no-fail-fast"])
}
