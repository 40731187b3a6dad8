//! Everything that must pass.

use anyhow::Result;

use crate::{codegen, links, setup, shell};

/// `cargo xtask test`: every check, cheap ones first; the tests come last, so that their summary
/// closes the output.
pub fn run() -> Result<()> {
    setup::run()?;
    shell::run("cargo", &["fmt", "--all", "--", "--check"])?;
    shell::run(
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"],
    )?;
    links::check()?;
    codegen::run(codegen::Mode::Check)?;
    // Each fuzz target and the soak run for a minute here, and for two seconds in a plain
    // `cargo test`. The gate tries the same inputs each time: new ones are for those who look for
    // trouble.
    let or = |name: &str, default: &str| {
        format!("{name}={}", std::env::var(name).unwrap_or_else(|_| default.into()))
    };
    let fuzz = or("FUZZ_SECONDS", "60");
    let soak = or("SOAK_SECONDS", "60");
    let seed = or("PROPTEST_RNG_SEED", "1");
    shell::run("env", &[&fuzz, &soak, &seed, "cargo", "test", "--workspace", "--no-fail-fast"])
}
