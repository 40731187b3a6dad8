//! `pacto explain`.

use pacto_core::check::{Layer, Mode, Severity};
use pacto_core::db::Reach;
use pacto_core::report;
use pacto_core::report::Subject;

use crate::args::{ExplainArgs, OutputFormat};
use crate::commands::validate::{print_subjects, verdict};
use crate::contracts::{Loaded, Purpose};
use crate::exit::{CliError, Exit};
use crate::session::Session;

/// To look at one contract, not at what it depends on.
pub const ALONE: Purpose = Purpose { mode: Mode::Batch, reach: Reach::Bundle, use_siblings: false };

pub fn run(args: ExplainArgs, session: &Session) -> Result<Exit, CliError> {
    let loaded = Loaded::one(&args.contract.contract, &args.overrides, ALONE, session)?;
    let (_, subject, id, analysis) = loaded.first(false)?;
    session.bars.clear();
    let output = &session.output;
    if let Some(exit) = structural_errors(subject, &loaded, session) {
        return Ok(exit);
    }
    let Some(explanation) = analysis.explain(id) else {
        return Err(CliError::new("INVALID_BUNDLE", "there is no contract"));
    };
    match output.format {
        OutputFormat::Text => {
            let text = explanation.text();
            let safe = text.lines().map(|line| format!("{}\n", report::sanitise(line)));
            output.result(&safe.collect::<String>());
        }
        OutputFormat::Json => output.json(&explanation.json()),
        OutputFormat::Markdown => output.result(&explanation.markdown(&report::cell)),
        OutputFormat::Github | OutputFormat::Sarif => return Err(output.unsupported()),
    }
    Ok(Exit::Success)
}

/// Prints what keeps a contract from being understood at all; none when it can be.
pub fn structural_errors(mut subject: Subject, loaded: &Loaded, session: &Session) -> Option<Exit> {
    let is_structural = |layer| matches!(layer, Layer::Yaml | Layer::Structural);
    subject
        .checked
        .diagnostics
        .retain(|d| is_structural(d.rule.layer) && d.severity == Severity::Error);
    subject.checked.not_checked.clear();
    if subject.is_valid() {
        return None;
    }
    let subjects = [subject];
    print_subjects(&subjects, false, &loaded.sources(), &session.output);
    Some(verdict(&subjects, &session.output))
}
