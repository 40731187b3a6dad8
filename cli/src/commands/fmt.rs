//! `pacto fmt`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use pacto_core::CONTRACT_FILE;
use pacto_core::check::Layer;
use pacto_core::report::sanitise;
use pacto_core::text::apply_edits;
use pacto_core::yaml::format;
use pacto_edge::session::{Error, Purpose};
use serde_json::json;

use crate::context::Context;
use crate::contract::read_text;
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::output::write_atomically;
use crate::show::beside;
use crate::stdin;

/// Format contracts
///
/// Moves lines and nothing else: two spaces a level, lists below their key, one blank line at
/// most. Comments, quotes and the order of keys stay. Exit code 1: with --check, a file would
/// change; or a file does not parse.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto fmt
  pacto fmt --check examples/*
  pacto fmt - < pacto.yaml")]
pub struct FmtArgs {
    /// Files or folders with a pacto.yaml; - formats stdin to stdout
    #[arg(value_name = "FILE", default_value = ".")]
    pub files: Vec<String>,
    /// Change nothing; list the files that would change
    #[arg(long)]
    pub check: bool,
    /// Change nothing; show what would change
    #[arg(long, conflicts_with = "check")]
    pub diff: bool,
}

pub fn run(args: FmtArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    let mut exit = Exit::Success;
    let mut files = Vec::new();
    let mut text_result = String::new();
    for typed in &args.files {
        let path = file_of(typed);
        let text = read_text(typed, &path, context)?;
        let shown = path.display().to_string();
        let Some(edits) = format::format(&text) else {
            say_why_not(typed, &path, text, context)?;
            exit = Exit::Findings;
            continue;
        };
        let formatted = apply_edits(&text, &edits);
        let is_changed = *formatted != *text;
        files.push(json!({"path": shown, "changed": is_changed}));
        if typed == "-" && !args.check && !args.diff {
            text_result.push_str(&formatted);
            continue;
        }
        if !is_changed {
            continue;
        }
        if args.check {
            text_result.push_str(&format!("{}\n", sanitise(&shown)));
            exit = Exit::Findings;
        } else if args.diff {
            text_result.push_str(&unified_diff(&sanitise(&shown), &text, &formatted));
        } else {
            write_atomically(&path, &formatted)?;
        }
    }
    match output.format {
        OutputFormat::Json => output.json(&json!({"schemaVersion": 1, "files": files})),
        OutputFormat::Text => output.verbatim(&text_result),
        _ => output.plain(&text_result),
    }
    Ok(exit)
}

fn file_of(typed: &str) -> PathBuf {
    let path = Path::new(typed);
    if path.is_dir() { path.join(CONTRACT_FILE) } else { path.to_owned() }
}

/// Says why a text is not formatted: with what is wrong with it as YAML, as every command says it.
fn say_why_not(typed: &str, path: &Path, text: Arc<str>, context: &Context) -> Result<(), Error> {
    let shown = if typed == "-" { stdin::NAME.to_owned() } else { path.display().to_string() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or(".".to_owned(), |folder| folder.display().to_string());
    let target = context.session.text(typed, &shown, text, &folder)?;
    let loaded = context.session.load(vec![target], Vec::new(), Purpose::ALONE);
    let mut contract = loaded.first(false)?;
    contract.subject.checked.diagnostics.retain(|d| d.rule.layer == Layer::Yaml);
    let output = &context.output;
    if contract.subject.is_valid() {
        output
            .problem(&format!("{shown} is not formatted: its data or comments would not survive"));
    } else {
        output.problem(&beside(&contract.subject, &loaded.sources()));
    }
    Ok(())
}

/// A unified diff of lines; formatting keeps most of them, so one pass over both sides is enough.
fn unified_diff(name: &str, old: &str, new: &str) -> String {
    let mut out = format!("--- {name}\n+++ {name}\n");
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let (start_old, start_new) = (i, j);
        // Formatting drops lines and never adds any.
        while i < old.len() && (j >= new.len() || old[i] != new[j]) {
            let same = j < new.len() && old[i].trim() == new[j].trim();
            i += 1;
            if same {
                j += 1;
            }
        }
        if i >= old.len() {
            j = new.len();
        }
        out.push_str(&format!(
            "@@ -{},{} +{},{} @@\n",
            start_old + 1,
            i - start_old,
            start_new + 1,
            j - start_new
        ));
        out.extend(old[start_old..i].iter().map(|line| format!("-{line}\n")));
        out.extend(new[start_new..j].iter().map(|line| format!("+{line}\n")));
    }
    out
}
