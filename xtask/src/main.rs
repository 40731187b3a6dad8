//! Tasks of the project: set-up of the testbed, generated files, the test command, benchmarks.

mod bare_client;
mod bench;
mod bench_diff;
mod bench_peer;
mod bench_registry;
mod codegen;
mod gate;
mod links;
mod neovim;
mod setup;
mod shell;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <task>

  setup            fetch what the tests need; says what it fetches, does nothing twice
  test             set-up, then every check and test
  codegen          write the generated files of docs/
  codegen --check  fail if one of them is out of date
  bench            benchmarks; prints the tables of docs/performance.md
  bench diff       those of comparisons and large documents alone
  bench growth     comparisons of documents of which every element differs alone
  bench large      those of large documents in an editor alone
  bench registry   those of registries alone
  bench peer FILE  our commands beside those of the published tool, which FILE is";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    std::env::set_current_dir(shell::root())?;
    match args[..] {
        ["setup"] => setup::run(),
        ["test"] => gate::run(),
        ["codegen"] => codegen::run(codegen::Mode::Write),
        ["codegen", "--check"] => codegen::run(codegen::Mode::Check),
        ["bench"] => {
            bench::run().and_then(|()| bench_diff::run()).and_then(|()| bench_registry::run())
        }
        ["bench", "diff"] => bench_diff::run(),
        ["bench", "growth"] => bench_diff::growth(),
        ["bench", "large"] => bench_diff::large(),
        ["bench", "registry"] => bench_registry::run(),
        ["bench", "peer", program] => bench_peer::run(program),
        _ => bail!("{USAGE}"),
    }
}
