//! `pacto validate`.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCompleter;
use pacto_core::check::{Layer, Severity, safe_fixes};
use pacto_core::db::Reach;
use pacto_core::report::{Sources, Subject};
use pacto_core::text::{TextEdit, apply_edits};
use pacto_edge::session::{Error, Purpose};

use crate::complete;
use crate::context::Context;
use crate::contract::{OverrideArgs, find};
use crate::exit::Exit;
use crate::output::write_atomically;
use crate::show::{print_subjects, verdict};

/// Check contracts in all layers
///
/// Exit code 0: all valid. 1: some are invalid. 2: some could not be read.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto validate
  pacto validate examples/* --strict
  pacto validate . --set service.version=2.0.0 -f values/production.yaml
  pacto validate . --readiness
  pacto validate . --output-format sarif > findings.sarif")]
pub struct ValidateArgs {
    /// Folders with a pacto.yaml, files, archives, oci://…, or - for a contract on stdin
    #[arg(value_name = "CONTRACT", default_value = ".", add = ArgValueCompleter::new(complete::contracts))]
    pub contracts: Vec<String>,
    /// Let warnings fail, too
    #[arg(long)]
    pub strict: bool,
    /// Fail when a service is not ready: its score is below minScore, or its assessment has ended.
    /// Off by default, since it depends on the day (SOURCE_DATE_EPOCH, else today)
    #[arg(long)]
    pub readiness: bool,
    /// Report the findings of one layer only
    #[arg(long, value_name = "LAYER", value_parser = ["yaml", "structural", "cross-field", "semantic", "policy", "reference"])]
    pub only_layer: Option<String>,
    /// Apply the fixes that cannot change what the author meant
    #[arg(long)]
    pub fix: bool,
    /// Do not look at dependencies and references
    #[arg(long)]
    pub no_refs: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

pub fn run(mut args: ValidateArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    args.strict |= context.session.settings.is_strict;
    let layers = args.overrides.read(context)?;
    let mut targets = Vec::new();
    let mut failures = Vec::new();
    for typed in &args.contracts {
        match find(typed, context) {
            Ok(target) => targets.push(target),
            Err(error) => failures.push(error),
        }
    }
    let is_many = targets.len() + failures.len() > 1;
    if args.fix {
        let own = targets.iter().filter(|target| target.is_folder());
        let typed = own.map(|target| target.typed.clone()).collect::<Vec<_>>();
        fix(&typed, context)?;
    }
    // What is not asked about is not fetched.
    let reach = if args.no_refs { Reach::Enforced } else { Reach::Whole };
    let loaded = context.session.load(targets, layers, Purpose { reach, ..Purpose::VALIDATE });
    let mut subjects = Vec::new();
    for result in loaded.subjects(args.strict) {
        match result {
            Ok(subject) => subjects.push(subject),
            Err(error) => failures.push(error),
        }
    }
    for subject in &mut subjects {
        select(subject, &args);
    }
    print_subjects(&subjects, is_many, &loaded.sources(), output);
    for failure in &failures {
        output.error(failure);
    }
    let exit = verdict(&subjects, output);
    // A contract that could not be read outweighs one that is invalid.
    Ok(if failures.is_empty() { exit } else { Exit::Failure })
}

/// The rule that `--readiness` makes a gate.
const READINESS: &str = "READINESS_GATE_UNMET";

/// Keeps what was asked for.
fn select(subject: &mut Subject, args: &ValidateArgs) {
    for diagnostic in subject.checked.diagnostics.iter_mut().filter(|d| d.rule.code == READINESS) {
        if args.readiness {
            diagnostic.severity = Severity::Error;
        }
    }
    let only = args.only_layer.as_deref().and_then(Layer::from_text);
    subject.checked.diagnostics.retain(|d| {
        only.is_none_or(|layer| d.rule.layer == layer)
            && !(args.no_refs && d.rule.layer == Layer::Reference)
    });
    if args.no_refs || only.is_some_and(|layer| layer != Layer::Reference) {
        subject.checked.not_checked.clear();
    }
}

/// Upper bound on rounds of fixes: one may make room for another.
const MAX_ROUNDS: usize = 10;

fn fix(typed: &[String], context: &Context) -> Result<(), Error> {
    let output = &context.output;
    for _ in 0..MAX_ROUNDS {
        let targets: Result<Vec<_>, _> = typed.iter().map(|typed| find(typed, context)).collect();
        let loaded = context.session.load(targets?, Vec::new(), Purpose::VALIDATE);
        let sources = loaded.sources();
        let mut edits: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
        for subject in loaded.subjects(false).into_iter().flatten() {
            for (diagnostic, fix) in safe_fixes(&subject.checked.diagnostics) {
                for (file, edit) in &fix.edits {
                    edits.entry(file.clone()).or_default().push(edit.clone());
                }
                let place = format!("{}: {}", subject.argument, diagnostic.rule.code);
                output.note(&format!("fixed {place}: {}", fix.title));
            }
        }
        if edits.is_empty() {
            return Ok(());
        }
        for (file, edits) in edits {
            if let Some(text) = sources.text(&file) {
                write_atomically(Path::new(&file), apply_edits(&text, &edits))?;
            }
        }
    }
    Ok(())
}
