//! Generated files: the reference of the format, of the rules and of the command line, and the
//! JSON Schema.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use pacto_core::check::rules::RULES;
use pacto_core::check::{Layer, Source};
use pacto_core::schema::{FormatVersion, json_schema};

use crate::shell;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Write,
    Check,
}

/// Writes or checks every generated file.
pub fn run(mode: Mode) -> Result<()> {
    let mut files = vec![
        ("docs/format.md".to_owned(), pacto_core::schema::reference_page()),
        ("docs/rules.md".to_owned(), rules_page()),
        ("docs/changes.md".to_owned(), pacto_core::diff::rules::page()),
        ("docs/cli.md".to_owned(), cli_page()?),
    ];
    for version in FormatVersion::ALL {
        let schema = json_schema(version, "").context("the schema of the whole")?;
        let path = format!("docs/pacto-{}.schema.json", version.text());
        files.push((path, serde_json::to_string_pretty(&schema)? + "\n"));
    }
    let mut stale = Vec::new();
    for (path, text) in files {
        let current = fs::read_to_string(&path).unwrap_or_default();
        if current != text {
            match mode {
                Mode::Write => fs::write(&path, text)?,
                Mode::Check => stale.push(path),
            }
        }
    }
    if !stale.is_empty() {
        bail!("out of date: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    Ok(())
}

fn rules_page() -> String {
    let mut out = String::from(
        "# Rules\n\n\
         Every rule of the engine. This page is generated from the registry; the same texts stand\n\
         behind `pacto explain-rule CODE` and the links in editors. The examples run as tests.\n\n\
         An example leaves out `pactoVersion` and `service` where they do not matter.\n\n\
         A finding of the sources `pacto-deps` and `pacto-lint` that is not an error can be silenced\n\
         with a comment `# pacto:ignore CODE reason` above its line or at its end.\n",
    );
    for layer in Layer::ALL {
        let _ = write!(
            out,
            "\n## {} layer\n\n| code | severity | finds |\n|---|---|---|\n",
            title(layer)
        );
        for rule in RULES.iter().filter(|rule| rule.layer == layer) {
            let anchor = rule.code.to_ascii_lowercase();
            let severity = rule.severity.text();
            let _ =
                writeln!(out, "| [`{}`](#{anchor}) | {severity} | {} |", rule.code, rule.summary());
        }
    }
    out.push_str("\n---\n");
    for rule in RULES {
        let (heading, rest) = rule.docs.split_once('\n').unwrap_or((rule.docs, ""));
        let source = match rule.source {
            Source::Pacto => String::new(),
            source => format!(" · `{}`", source.text()),
        };
        let registry = if rule.needs_registry { " · needs a registry" } else { "" };
        let _ = write!(
            out,
            "\n#{heading}\n\n*{} · {} layer{source}{registry} · {}*\n{}\n",
            rule.severity.text(),
            rule.layer.text(),
            rule.history(),
            rest.trim_end().replace("\n## ", "\n#### ")
        );
    }
    out
}

fn title(layer: Layer) -> String {
    let text = layer.text();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

const COMMANDS: [&str; 25] = [
    "",
    "init",
    "validate",
    "pack",
    "push",
    "pull",
    "diff",
    "graph",
    "explain",
    "doc",
    "generate",
    "login",
    "logout",
    "cache",
    "cache list",
    "cache prune",
    "cache clean",
    "fmt",
    "schema",
    "explain-rule",
    "lsp",
    "update",
    "version",
    "completions",
    "man",
];

fn cli_page() -> Result<String> {
    let mut out = String::from(
        "# Command line\n\nWhat `pacto --help` and `pacto <command> --help` print. This page is generated.\n\n\
         ## Exit codes\n\n\
         | code | meaning |\n|---|---|\n\
         | 0 | done, verdict good |\n\
         | 1 | done, verdict bad: the contract is invalid (with `--strict`: or has warnings); `diff` found a change at or above `--fail-on`; `graph` found a required dependency missing or out of range; `push --if-exists error` found the tag; `login` was refused; `update --check` found a newer release; `fmt --check` found files that would change; `fmt` found files that do not parse |\n\
         | 2 | could not run: unknown flag or value, unreadable file, no contract there, registry or plugin failure |\n\
         | 130, 143 | ended by SIGINT or SIGTERM; what was half-made is gone. Servers (`lsp`, `doc --serve`) end with 0 |\n",
    );
    // With the features of the whole workspace, as the tests build it.
    shell::run("cargo", &["build", "--quiet", "--workspace", "--bin", "pacto"])?;
    for command in COMMANDS {
        let mut pacto = Command::new("target/debug/pacto");
        pacto.args(command.split_whitespace());
        // A fixed width, and no values from this environment.
        pacto.arg("--help").env("COLUMNS", "100").stdin(std::process::Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PACTO_") {
                pacto.env_remove(name);
            }
        }
        let output = pacto.output()?;
        let text = String::from_utf8(output.stdout)?;
        let name = if command.is_empty() { "pacto".to_owned() } else { format!("pacto {command}") };
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let _ = write!(out, "\n## `{name}`\n\n```text\n{}\n```\n", lines.join("\n").trim_end());
    }
    Ok(out)
}
