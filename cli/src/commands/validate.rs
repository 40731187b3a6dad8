//! `pacto validate`.

use std::collections::BTreeMap;
use std::path::Path;

use pacto_core::check::{Applicability, Layer, Severity};
use pacto_core::db::Reach;
use pacto_core::report::{self, Sources, Subject, TextOptions};
use pacto_core::text::{TextEdit, apply_edits};

use crate::args::{OutputFormat, ValidateArgs};
use crate::contracts::{Argument, Loaded, Purpose, overrides};
use crate::exit::{CliError, Exit};
use crate::output::{Output, write_atomically};
use crate::session::Session;

pub fn run(mut args: ValidateArgs, session: &Session) -> Result<Exit, CliError> {
    let output = &session.output;
    args.strict |= session.settings.is_strict;
    let layers = overrides(&args.overrides)?;
    let mut arguments = Vec::new();
    let mut failures = Vec::new();
    for typed in &args.contracts {
        match Argument::resolve(typed, session) {
            Ok(argument) => arguments.push(argument),
            Err(error) => failures.push(error),
        }
    }
    let is_many = arguments.len() + failures.len() > 1;
    if args.fix {
        let own = arguments.iter().filter(|argument| argument.is_folder());
        let typed = own.map(|a| a.typed.clone()).collect::<Vec<_>>();
        fix(&typed, session)?;
    }
    // What is not asked about is not fetched.
    let reach = if args.no_refs { Reach::Enforced } else { Reach::Whole };
    let loaded = Loaded::new(arguments, layers, Purpose { reach, ..Purpose::VALIDATE }, session);
    session.bars.clear();
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

/// Keeps what was asked for.
fn select(subject: &mut Subject, args: &ValidateArgs) {
    let only = args.only_layer.as_deref().and_then(Layer::from_text);
    subject.checked.diagnostics.retain(|d| {
        only.is_none_or(|layer| d.rule.layer == layer)
            && !(args.no_refs && d.rule.layer == Layer::Reference)
    });
    if args.no_refs || only.is_some_and(|layer| layer != Layer::Reference) {
        subject.checked.not_checked.clear();
    }
}

/// Prints findings in the format that was asked for.
pub fn print_subjects(subjects: &[Subject], is_many: bool, sources: &dyn Sources, output: &Output) {
    match output.format {
        OutputFormat::Text => {
            let options = TextOptions {
                colour: output.colour(),
                snippets: output.stdout_is_terminal(),
                hints: output.verbose > 0,
            };
            let all = subjects.iter().map(|subject| report::text(subject, sources, options));
            output.result(&all.collect::<String>());
        }
        OutputFormat::Json => {
            let mut all: Vec<_> = subjects.iter().map(|s| report::json(s, sources)).collect();
            match all.pop() {
                Some(one) if !is_many => output.json(&one),
                last => {
                    all.extend(last);
                    if is_many || !all.is_empty() {
                        output.json(&all.into());
                    }
                }
            }
        }
        OutputFormat::Markdown => {
            let all: Vec<_> = subjects.iter().map(|s| report::markdown(s, sources)).collect();
            output.result(&all.join("\n"));
        }
        OutputFormat::Github => {
            output.result(&subjects.iter().map(|s| report::github(s, sources)).collect::<String>());
        }
        OutputFormat::Sarif => {
            output.json(&report::sarif(subjects, sources, env!("CARGO_PKG_VERSION")));
        }
    }
}

/// Prints the last line, and what the findings come to.
pub fn verdict(subjects: &[Subject], output: &Output) -> Exit {
    let not_checked: usize = subjects.iter().map(|s| s.checked.not_checked.len()).sum();
    if not_checked > 0 && output.format == OutputFormat::Text {
        let reason = &subjects.iter().find_map(|s| s.checked.not_checked.first());
        let reason = reason.map_or("", |n| n.reason.as_str());
        output.note(&format!("note: {not_checked} reference(s) not checked: {reason}"));
    }
    if subjects.iter().all(Subject::is_valid) {
        return Exit::Success;
    }
    let count = |severity| subjects.iter().map(|s| s.count(severity)).sum::<usize>();
    let mut summary = format!("validation failed with {} error(s)", count(Severity::Error));
    if subjects.iter().any(|s| s.is_strict) {
        summary.push_str(&format!(" and {} warning(s)", count(Severity::Warning)));
    }
    output.summary(&summary);
    Exit::Findings
}

/// At most so many rounds of fixes: one may make room for another.
const MAX_ROUNDS: usize = 10;

fn fix(typed: &[String], session: &Session) -> Result<(), CliError> {
    let output = &session.output;
    for _ in 0..MAX_ROUNDS {
        let arguments: Result<Vec<_>, _> =
            typed.iter().map(|typed| Argument::resolve(typed, session)).collect();
        let loaded = Loaded::new(arguments?, Vec::new(), Purpose::VALIDATE, session);
        let sources = loaded.sources();
        let mut edits: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
        for subject in loaded.subjects(false).into_iter().flatten() {
            for diagnostic in &subject.checked.diagnostics {
                let safe = diagnostic.fixes.iter().find(|f| f.applicability == Applicability::Safe);
                let Some(fix) = safe else { continue };
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
