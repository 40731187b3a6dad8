//! `pacto diff`.

use std::path::Path;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use pacto_core::check::{Layer, Severity};
use pacto_core::db::DiffReport;
use pacto_core::diff::{AdviceCode, Class, Date, Level, Settings};
use pacto_core::fact::RegistryCode;
use pacto_core::graph::{Options, References};
use pacto_core::report::{self, Sources};
use pacto_edge::session::{Code, Comparison, Error, Pair};

use crate::complete;
use crate::context::Context;
use crate::contract::{OverrideArgs, SiblingsArg, find, read_text};
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::show::beside;

/// Say what changed between two contracts, and whom it breaks
///
/// Compares fields, OpenAPI and AsyncAPI documents, protobuf files, JSON Schemas, bills of materials
/// and dependencies. Each side is a folder, an archive, oci://…, or git:REV[:PATH], which is read
/// from git's objects. Exit code 1: a change is breaking (see --fail-on).
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto diff git:main .
  pacto diff oci://ghcr.io/acme/payments services/payments
  pacto diff old new --fail-on potential --output-format markdown
  pacto diff git:v1.2.0:contract contract --new-set service.version=2.0.0")]
pub struct DiffArgs {
    /// The contract as it was: a folder, an archive, oci://…, or git:REV[:PATH]
    #[arg(add = ArgValueCompleter::new(complete::contracts))]
    pub old: String,
    /// The contract as it is
    #[arg(add = ArgValueCompleter::new(complete::contracts))]
    pub new: String,
    /// The least change that ends with exit code 1
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub fail_on: FailOn,
    /// Classes of rules and changes to ignore, instead of the diff block of .pacto.yaml
    #[arg(long, value_name = "FILE")]
    pub rules: Option<String>,
    /// Follow configurations and policies by reference, too
    #[arg(long)]
    pub with_references: bool,
    /// A dependency that does not resolve is an error
    #[arg(long)]
    pub require_resolved: bool,
    /// The day on which sunsets are judged [default: SOURCE_DATE_EPOCH, else today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// With github: notices of changes that break nobody, too
    #[arg(long)]
    pub annotate_all: bool,
    #[command(flatten)]
    pub siblings: SiblingsArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
    /// Lay a YAML or JSON file over the old contract only
    #[arg(long, value_name = "FILE")]
    pub old_values: Vec<String>,
    /// Set one value of the old contract only
    #[arg(long, value_name = "PATH=VALUE")]
    pub old_set: Vec<String>,
    /// Lay a YAML or JSON file over the new contract only
    #[arg(long, value_name = "FILE")]
    pub new_values: Vec<String>,
    /// Set one value of the new contract only
    #[arg(long, value_name = "PATH=VALUE")]
    pub new_set: Vec<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailOn {
    /// Somebody stops working
    #[default]
    Breaking,
    /// Somebody may stop working
    Potential,
    /// Anything changed
    Any,
    /// Exit code 1 is never given
    Never,
}

pub fn run(args: DiffArgs, context: &Context) -> Result<Exit, Error> {
    let settings = settings(&args, context)?;
    let is_version_enforced = settings.enforce_version;
    let [old_layers, new_layers] = [
        with(&args.overrides, &args.old_values, &args.old_set).read(context)?,
        with(&args.overrides, &args.new_values, &args.new_set).read(context)?,
    ];
    let new = find(&args.new, context)?;
    let old = match args.old.as_str() {
        "-" => find("-", context)?,
        old => context.session.find_old(old, &new)?,
    };
    let pair = context.session.compare(Comparison {
        old: (old, old_layers),
        new: (new, new_layers),
        settings,
        use_siblings: args.siblings.local_siblings,
        with_references: args.with_references,
    });
    check(&pair, context)?;
    let references = if args.with_references { References::With } else { References::None };
    let options = Options { references, depth: None };
    let mut report = pair.report(options).ok_or_else(|| {
        Error::new(RegistryCode::InvalidBundle, "one of the contracts could not be read")
    })?;
    if args.require_resolved {
        for problem in &mut report.problems {
            if problem.problem.code == "DEPENDENCY_UNRESOLVED" {
                problem.problem.level = Level::Error;
            }
        }
    }
    print(&args, &pair, &report, context)?;
    Ok(verdict(&args, &report, is_version_enforced, context))
}

fn with(both: &OverrideArgs, values: &[String], set: &[String]) -> OverrideArgs {
    let join = |a: &[String], b: &[String]| a.iter().chain(b).cloned().collect();
    OverrideArgs { values: join(&both.values, values), set: join(&both.set, set) }
}

/// What `--rules` says, else the project's file.
fn settings(args: &DiffArgs, context: &Context) -> Result<Settings, Error> {
    let as_of = match &args.as_of {
        Some(text) => Date::parse(text)
            .ok_or_else(|| Error::usage(format!("--as-of {text}: expected YYYY-MM-DD")))?,
        None => context.environment.today()?,
    };
    let (from, value) = match &args.rules {
        Some(file) => {
            let text = read_text(file, Path::new(file), context)?;
            let tree = pacto_core::yaml::read(text).map_err(|error| {
                Error::usage(format!("{file}: not well-formed YAML: {}", error.message))
            })?;
            let value = pacto_core::value::lower(&tree, 0).value.to_json();
            // The file may hold the settings themselves, or a configuration with them.
            let inner = value.get("diff").cloned();
            (file.as_str(), inner.unwrap_or(value))
        }
        None => ("diff", context.session.settings.diff.clone()),
    };
    Settings::read(&value, as_of).map_err(|why| Error::new(Code::Config, format!("{from}: {why}")))
}

/// Prints what keeps the contracts from being compared at all.
///
/// # Errors
/// One of them is invalid, or could not be read.
fn check(pair: &Pair, context: &Context) -> Result<(), Error> {
    let is_structural = |layer| matches!(layer, Layer::Yaml | Layer::Structural);
    let sources = pair.sources();
    for subject in pair.subjects() {
        let mut subject = subject?;
        let diagnostics = &mut subject.checked.diagnostics;
        diagnostics.retain(|d| d.severity == Severity::Error && is_structural(d.rule.layer));
        if !diagnostics.is_empty() {
            context.output.problem(&beside(&subject, &sources));
            let why = format!("{}: the contract is invalid", subject.argument);
            return Err(Error::new(RegistryCode::InvalidBundle, why));
        }
    }
    Ok(())
}

fn print(
    args: &DiffArgs,
    pair: &Pair,
    report: &DiffReport,
    context: &Context,
) -> Result<(), Error> {
    let output = &context.output;
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
    context: &Context,
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
        context.output.summary(&summary);
        return Exit::Findings;
    }
    match report.problems.iter().any(|p| p.problem.level == Level::Error) {
        true => Exit::Failure,
        false => Exit::Success,
    }
}
