//! Findings, printed, and what they come to.

use pacto_core::check::{Layer, Severity};
use pacto_core::report::{self, Sources, Subject, TextOptions};
use pacto_edge::session::{Loaded, Opened};

use crate::exit::Exit;
use crate::output::{Output, OutputFormat};

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

/// Prints what keeps a contract from being understood at all; none when it can be.
pub fn structural_errors(contract: &Opened<'_>, loaded: &Loaded, output: &Output) -> Option<Exit> {
    let is_structural = |layer| matches!(layer, Layer::Yaml | Layer::Structural);
    errors(contract, loaded, output, is_structural)
}

/// Prints what keeps a contract from being used; none when nothing does.
pub fn all_errors(contract: &Opened<'_>, loaded: &Loaded, output: &Output) -> Option<Exit> {
    errors(contract, loaded, output, |_| true)
}

/// The findings of a contract as lines for stderr, beside a result on stdout.
pub fn beside(subject: &Subject, sources: &dyn Sources) -> String {
    let options = TextOptions { colour: false, snippets: false, hints: false };
    report::text(subject, sources, options).trim_end().to_owned()
}

fn errors(
    contract: &Opened<'_>,
    loaded: &Loaded,
    output: &Output,
    counts: impl Fn(Layer) -> bool,
) -> Option<Exit> {
    let mut subject = contract.subject.clone();
    let is_strict = subject.is_strict;
    subject.checked.diagnostics.retain(|d| {
        let fails = d.severity == Severity::Error || is_strict && d.severity == Severity::Warning;
        counts(d.rule.layer) && fails
    });
    subject.checked.not_checked.clear();
    if subject.is_valid() {
        return None;
    }
    let subjects = [subject];
    print_subjects(&subjects, false, &loaded.sources(), output);
    Some(verdict(&subjects, output))
}
