//! `pacto explain-rule`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use pacto_core::check::rules::RULES;
use pacto_core::check::{nearest, rule_by_code};
use pacto_edge::session::Error;
use serde_json::json;

use crate::complete;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::Output;
use crate::output::OutputFormat;

/// Say what a finding means, with examples
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto explain-rule PORT_REQUIRED
  pacto explain-rule SCHEMA_VIOLATION --output-format json")]
pub struct ExplainRuleArgs {
    /// The code of the rule
    #[arg(value_name = "CODE", add = ArgValueCompleter::new(complete::rules))]
    pub code: String,
}

/// A rule of comparisons.
fn change_rule(id: &str, text: &str, output: &Output) -> Result<Exit, Error> {
    match output.format {
        OutputFormat::Json => output.json(&json!({
            "schemaVersion": 1,
            "code": id,
            "summary": pacto_core::diff::rules::summary(id),
            "documentation": text,
        })),
        _ => output.result(text),
    }
    Ok(Exit::Success)
}

pub fn run(args: ExplainRuleArgs, context: &Context) -> Result<Exit, Error> {
    let output = &context.output;
    if let Some(text) = pacto_core::diff::rules::explain(&args.code) {
        return change_rule(&args.code, &text, output);
    }
    let code = args.code.to_ascii_uppercase().replace('-', "_");
    let Some(rule) = rule_by_code(&code) else {
        let error = Error::usage(format!("there is no rule {}", args.code));
        return Err(match nearest(&code, RULES.iter().map(|rule| rule.code)) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("the codes stand in the findings of pacto validate and in the changes of pacto diff --output-format json"),
        });
    };
    match output.format {
        OutputFormat::Json => output.json(&json!({
            "schemaVersion": 1,
            "code": rule.code,
            "layer": rule.layer.text(),
            "severity": rule.severity.text(),
            "since": rule.since,
            "status": rule.status.text(),
            "summary": rule.summary(),
            "needsRegistry": rule.needs_registry,
            "documentation": rule.docs,
        })),
        _ => {
            let (title, rest) = rule.docs.split_once('\n').unwrap_or((rule.docs, ""));
            let layer = rule.layer.text();
            let severity = rule.severity.text();
            let history = rule.history();
            output.result(&format!("{title}\n\n*{severity}, {layer} layer, {history}*\n{rest}"));
        }
    }
    Ok(Exit::Success)
}
