//! `pacto diff`.

use std::path::Path;

use pacto_core::check::{Layer, Severity};
use pacto_core::db::DiffReport;
use pacto_core::diff::{AdviceCode, Class, Date, Level, Settings};
use pacto_core::graph::{Options, References};
use pacto_core::report::{self, Sources};

use crate::args::{DiffArgs, FailOn, OutputFormat, OverrideArgs};
use crate::contracts::{Argument, Pair, overrides, read_text};
use crate::exit::{CliError, Exit};
use crate::session::Session;

pub fn run(args: DiffArgs, session: &Session) -> Result<Exit, CliError> {
    let settings = settings(&args, session)?;
    let is_version_enforced = settings.enforce_version;
    let layers = [
        overrides(&with(&args.overrides, &args.old_values, &args.old_set))?,
        overrides(&with(&args.overrides, &args.new_values, &args.new_set))?,
    ];
    let new = Argument::resolve(&args.new, session)?;
    let old = match Argument::revision(&args.old, &new)? {
        Some(old) => old,
        None => Argument::resolve(&args.old, session)?,
    };
    let pair = Pair::load([old, new], layers, settings, &args, session);
    session.bars.clear();
    if !are_sound(&pair, session)? {
        return Ok(Exit::Failure);
    }
    let references = if args.with_references { References::With } else { References::None };
    let options = Options { references, depth: None };
    let mut report = pair
        .report(options)
        .ok_or_else(|| CliError::new("INVALID_BUNDLE", "one of the contracts could not be read"))?;
    if args.require_resolved {
        for problem in &mut report.problems {
            if problem.problem.code == "DEPENDENCY_UNRESOLVED" {
                problem.problem.level = Level::Error;
            }
        }
    }
    print(&args, &pair, &report, session)?;
    Ok(verdict(&args, &report, is_version_enforced, session))
}

fn with(both: &OverrideArgs, values: &[String], set: &[String]) -> OverrideArgs {
    let join = |a: &[String], b: &[String]| a.iter().chain(b).cloned().collect();
    OverrideArgs { values: join(&both.values, values), set: join(&both.set, set) }
}

/// What `--rules` says, else the project's file.
fn settings(args: &DiffArgs, session: &Session) -> Result<Settings, CliError> {
    let as_of = match &args.as_of {
        Some(text) => Date::parse(text)
            .ok_or_else(|| CliError::usage(format!("--as-of {text}: expected YYYY-MM-DD")))?,
        None => today()?,
    };
    let (from, value) = match &args.rules {
        Some(file) => {
            let text = read_text(file, Path::new(file))?;
            let tree = pacto_core::yaml::parse(text);
            if let Some(error) = pacto_core::yaml::referee::arbitrate(&tree).first() {
                let message = format!("{file}: not well-formed YAML: {}", error.message);
                return Err(CliError::usage(message));
            }
            let value = pacto_core::value::lower(&tree, 0).value.to_json();
            // The file may hold the settings themselves, or a configuration with them.
            let inner = value.get("diff").cloned();
            (file.as_str(), inner.unwrap_or(value))
        }
        None => ("diff", session.settings.diff.clone()),
    };
    Settings::read(&value, as_of).map_err(|why| CliError::new("CONFIG", format!("{from}: {why}")))
}

/// `SOURCE_DATE_EPOCH`, else the clock.
fn today() -> Result<Date, CliError> {
    if let Some(text) = std::env::var("SOURCE_DATE_EPOCH").ok().filter(|text| !text.is_empty()) {
        let seconds = text.parse().map_err(|_| {
            CliError::usage(format!("SOURCE_DATE_EPOCH: \"{text}\" is no number of seconds"))
        })?;
        return Ok(Date::from_unix_seconds(seconds));
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Ok(Date::from_unix_seconds(now.map_or(0, |duration| duration.as_secs() as i64)))
}

/// Whether both contracts can be compared at all; says why not.
fn are_sound(pair: &Pair, session: &Session) -> Result<bool, CliError> {
    let mut is_sound = true;
    let sources = pair.sources();
    for subject in pair.subjects() {
        let subject = subject?;
        for diagnostic in &subject.checked.diagnostics {
            let is_structural = matches!(diagnostic.rule.layer, Layer::Yaml | Layer::Structural);
            if diagnostic.severity == Severity::Error && is_structural {
                is_sound = false;
                let file = diagnostic.file.as_deref().or(diagnostic.origin.as_deref());
                let place = file.map_or(String::new(), |file| {
                    let (line, column) = report::start(&sources, file, diagnostic.span);
                    format!(" {}:{line}:{column}", sources.shown(file))
                });
                let message = report::sanitise(&diagnostic.message);
                session.output.problem(&format!("error {}{place} {message}", diagnostic.rule.code));
            }
        }
        if !is_sound {
            let why = format!("{}: the contract is invalid", subject.argument);
            session.output.error(&CliError::new("INVALID_BUNDLE", why));
            return Ok(false);
        }
    }
    Ok(true)
}

fn print(
    args: &DiffArgs,
    pair: &Pair,
    report: &DiffReport,
    session: &Session,
) -> Result<(), CliError> {
    let output = &session.output;
    let sources = pair.sources();
    let shown = |file: &str| (!file.starts_with("oci://")).then(|| sources.shown(file));
    let comparison = report::diff::Comparison {
        old_path: args.old.clone(),
        new_path: args.new.clone(),
        report,
        shown: &shown,
    };
    match output.format {
        OutputFormat::Text => output.result(&report::diff::text(&comparison, output.colour())),
        OutputFormat::Json => output.json(&report::diff::json(&comparison)),
        OutputFormat::Markdown => output.result(&report::diff::markdown(&comparison)),
        OutputFormat::Github => {
            output.result(&report::diff::github(&comparison, args.annotate_all));
        }
        OutputFormat::Sarif => {
            output.json(&report::diff::sarif(&comparison, env!("CARGO_PKG_VERSION")));
        }
    }
    if output.format != OutputFormat::Json {
        for problem in &report.problems {
            let line = report::diff::problem_line(problem);
            match problem.problem.level {
                Level::Info if output.verbose == 0 => {}
                Level::Error => output.problem(&line),
                _ => output.note(&line),
            }
        }
    }
    Ok(())
}

fn verdict(
    args: &DiffArgs,
    report: &DiffReport,
    is_version_enforced: bool,
    session: &Session,
) -> Exit {
    let own = report.changes.iter().map(|row| &row.change);
    let is_any = own.clone().any(|change| change.counts())
        || report.dependencies.iter().any(|d| !d.changes.is_empty());
    let is_tripped = match args.fail_on {
        FailOn::Breaking => report.class == Class::Breaking,
        FailOn::Potential => report.class >= Class::PotentialBreaking,
        FailOn::Any => is_any,
        FailOn::Never => false,
    };
    let is_unversioned = is_version_enforced
        && matches!(report.advice.code, Some(AdviceCode::BumpRequired | AdviceCode::Decreased));
    if is_tripped || is_unversioned {
        let summary = match args.fail_on {
            _ if !is_tripped => "the version does not say what changed".to_owned(),
            FailOn::Potential => "changes at or above potential detected".to_owned(),
            FailOn::Any => "changes at or above any detected".to_owned(),
            _ => "breaking changes detected".to_owned(),
        };
        session.output.summary(&summary);
        return Exit::Findings;
    }
    match report.problems.iter().any(|p| p.problem.level == Level::Error) {
        true => Exit::Failure,
        false => Exit::Success,
    }
}
