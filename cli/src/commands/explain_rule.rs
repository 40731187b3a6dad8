//! `pacto explain-rule`.

use pacto_core::check::rules::RULES;
use pacto_core::check::{nearest, rule_by_code};
use serde_json::json;

use crate::args::{ExplainRuleArgs, OutputFormat};
use crate::exit::{CliError, Exit};
use crate::output::Output;

/// A rule of comparisons.
fn change_rule(id: &str, text: &str, output: &Output) -> Result<Exit, CliError> {
    match output.format {
        OutputFormat::Json => output.json(&json!({
            "schemaVersion": 1,
            "code": id,
            "summary": pacto_core::diff::rules::summary(id),
            "documentation": text,
        })),
        OutputFormat::Github | OutputFormat::Sarif => return Err(output.unsupported()),
        OutputFormat::Text | OutputFormat::Markdown => output.result(text),
    }
    Ok(Exit::Success)
}

pub fn run(args: ExplainRuleArgs, output: &Output) -> Result<Exit, CliError> {
    if let Some(text) = pacto_core::diff::rules::explain(&args.code) {
        return change_rule(&args.code, &text, output);
    }
    let code = args.code.to_ascii_uppercase().replace('-', "_");
    let Some(rule) = rule_by_code(&code) else {
        let error = CliError::usage(format!("there is no rule {}", args.code));
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
            "summary": rule.summary(),
            "needsRegistry": rule.needs_registry,
            "documentation": rule.docs,
        })),
        OutputFormat::Github | OutputFormat::Sarif => return Err(output.unsupported()),
        OutputFormat::Text | OutputFormat::Markdown => {
            let (title, rest) = rule.docs.split_once('\n').unwrap_or((rule.docs, ""));
            let layer = rule.layer.text();
            output.result(&format!("{title}\n\n*{}, {layer} layer*\n{rest}", rule.severity.text()));
        }
    }
    Ok(Exit::Success)
}
