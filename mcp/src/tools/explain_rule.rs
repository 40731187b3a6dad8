//! `pacto_explain_rule`.

use pacto_core::check::rules::RULES;
use pacto_core::check::{nearest, rule_by_code};
use pacto_core::diff;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{list, object, text};
use crate::tool::{Call, Effect, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_explain_rule",
    title: "Explain a rule",
    description: "What the code of a finding (PORT_REQUIRED) or the rule of a change means: why it exists, a bad and a good example, how to mend it. Without a code: all codes of findings with a sentence each. Writes nothing.",
    arguments: &[Argument::new(
        "code",
        Kind::Text,
        "The code of a finding, or the rule of a change",
        "\"PORT_REQUIRED\"",
    )],
    output,
    set: Set::Contract,
    effect: Effect::Reads,
    asks_registries: false,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let Some(typed) = call.arguments.text("code") else {
        let rules = RULES.iter().map(|rule| {
            json!({
                "code": rule.code, "layer": rule.layer.text(), "severity": rule.severity.text(),
                "summary": rule.summary(),
            })
        });
        return Ok(Answer::json(json!({"rules": rules.collect::<Vec<_>>()})));
    };
    if let Some(documentation) = diff::rules::explain(typed) {
        let summary = diff::rules::summary(typed);
        return Ok(Answer::json(
            json!({"code": typed, "summary": summary, "documentation": documentation}),
        ));
    }
    let code = typed.to_ascii_uppercase().replace('-', "_");
    let Some(rule) = rule_by_code(&code) else {
        let failure = Failure::new("NOT_FOUND", format!("there is no rule {typed}"));
        return Err(failure.hint(match nearest(&code, RULES.iter().map(|rule| rule.code)) {
            Some(near) => format!("did you mean {near}?"),
            None => "call pacto_explain_rule without a code for all codes".into(),
        }));
    };
    Ok(Answer::json(json!({
        "code": rule.code,
        "layer": rule.layer.text(),
        "severity": rule.severity.text(),
        "since": rule.since,
        "summary": rule.summary(),
        "documentation": rule.docs,
    })))
}

fn output() -> Value {
    let rule = [("code", text()), ("layer", text()), ("severity", text()), ("summary", text())];
    object([
        ("?code", text()),
        ("?layer", text()),
        ("?severity", text()),
        ("?since", text()),
        ("?summary", text()),
        ("?documentation", text()),
        ("?rules", list(object(rule))),
    ])
}
