//! `pacto_check`.

use pacto_core::check::{Diagnostic, Mode, Severity};
use pacto_core::db::Reach;
use pacto_core::report;
use pacto_core::schema::{FormatVersion, json_schema};
use pacto_edge::session::{Opened, Purpose};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::hash::hash;
use crate::page::{CURSOR, LIMIT, page, revision_of};
use crate::schema::{any_object, choice, count, flag, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, PATH, Read, Set, Tool};

const SEVERITIES: [&str; 4] = ["error", "warning", "info", "hint"];

pub const TOOL: Tool = Tool {
    name: "pacto_check",
    title: "Check a contract in depth",
    description: "All findings of a contract as an editor shows them: place, line, related places and fixes with ids that pacto_edit takes; what was not checked; and calls to make next. Call it after each edit. pacto_validate is the verdict alone, pacto_explain_rule says what a code means. Writes nothing.",
    arguments: &[
        Argument::new("path", Kind::Text, PATH, "\"services/payments\"").required(),
        OFFLINE,
        Argument::new(
            "min_severity",
            Kind::Choice(&SEVERITIES),
            "Leave out less; hint if absent",
            "\"warning\"",
        ),
        Argument::new("codes", Kind::Texts, "Only these codes", "[\"PORT_REQUIRED\"]"),
        LIMIT,
        CURSOR,
    ],
    output,
    set: Set::Contract,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let purpose = Purpose { mode: Mode::Editor, reach: Reach::Whole, use_siblings: false };
    let read = call.read("path", purpose)?;
    let contract = read.loaded.first(false)?;
    let sources = read.loaded.sources();
    let all = report::findings(&contract.subject, &sources);
    let diagnostics = &contract.subject.checked.diagnostics;
    let least = call.arguments.text("min_severity").and_then(severity).unwrap_or(Severity::Hint);
    let codes = call.arguments.texts("codes");
    let is_asked =
        |d: &Diagnostic| d.severity >= least && (codes.is_empty() || codes.contains(&d.rule.code));
    let shown = all.into_iter().zip(diagnostics).filter(|(_, d)| is_asked(d));
    let items: Vec<Value> = shown.map(|(finding, _)| finding).collect();
    let text = contract.analysis.contract_text(contract.key).ready().cloned().unwrap_or_default();
    let counts = SEVERITIES.iter().filter_map(|name| {
        let key = if *name == "info" { "infos".to_owned() } else { format!("{name}s") };
        Some((key, json!(contract.subject.count(severity(name)?))))
    });
    let counts: Map<String, Value> = counts.collect();
    let mut head = Map::new();
    head.insert("path".into(), json!(read.place.typed));
    head.insert("hash".into(), json!(hash(&text)));
    head.insert("valid".into(), json!(contract.subject.is_valid()));
    head.insert("summary".into(), json!(summary(&contract)));
    head.insert("counts".into(), Value::Object(counts));
    head.insert("offline".into(), json!(read.session.settings.is_offline));
    head.insert("findings".into(), json!([]));
    head.insert("sections".into(), sections(&contract));
    let not_checked = contract
        .subject
        .checked
        .not_checked
        .iter()
        .map(|one| json!({"ref": one.reference, "path": one.path, "reason": one.reason}));
    head.insert("notChecked".into(), not_checked.take(50).collect());
    head.insert("suggestions".into(), suggestions(&read, &contract));
    let revision = revision_of(&items) ^ revision_of(&[json!(&*text)]);
    page(call, head, "findings", items, revision)
}

fn severity(name: &str) -> Option<Severity> {
    let all = [Severity::Error, Severity::Warning, Severity::Info, Severity::Hint];
    all.into_iter().find(|severity| severity.text() == name)
}

/// The findings in a sentence.
fn summary(contract: &Opened<'_>) -> String {
    let count = |severity| contract.subject.count(severity);
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let verdict = if contract.subject.is_valid() { "valid" } else { "invalid" };
    let left = contract.subject.checked.not_checked.len();
    let unchecked = match left {
        0 => String::new(),
        n => format!("; {n} could not be checked"),
    };
    format!("{verdict}: {errors} errors, {warnings} warnings{unchecked}")
}

/// Which sections of the format the contract has.
fn sections(contract: &Opened<'_>) -> Value {
    let json = contract.analysis.contract_json(contract.key).unwrap_or_default();
    let format = json["pactoVersion"].as_str().and_then(FormatVersion::from_text);
    let schema = json_schema(format.unwrap_or(FormatVersion::V1_0), "").unwrap_or_default();
    let names = schema["properties"].as_object().into_iter().flatten();
    let each = names.map(|(name, _)| {
        let state = if json.get(name).is_some() { "present" } else { "absent" };
        (name.clone(), json!(state))
    });
    Value::Object(each.collect())
}

/// Upper bound on the calls that are suggested.
const MAX_SUGGESTIONS: usize = 8;

/// Calls that work as they are given.
fn suggestions(read: &Read, contract: &Opened<'_>) -> Value {
    let path = &read.place.typed;
    let json = contract.analysis.contract_json(contract.key).unwrap_or_default();
    let mut all: Vec<(String, &str, Value)> = Vec::new();
    let mut codes: Vec<&str> = Vec::new();
    for d in &contract.subject.checked.diagnostics {
        if codes.contains(&d.rule.code) || d.severity < Severity::Warning {
            continue;
        }
        codes.push(d.rule.code);
        let has_fix = d.fixes.iter().any(|fix| fix.preferred);
        all.push(match has_fix && contract.target.is_folder() {
            true => (
                format!("Apply the preferred fix of {}", d.rule.code),
                "pacto_edit",
                json!({"path": path, "apply_fixes": [{"code": d.rule.code}], "dry_run": true}),
            ),
            false => (
                format!("See what {} means and how it is mended", d.rule.code),
                "pacto_explain_rule",
                json!({"code": d.rule.code}),
            ),
        });
    }
    if json["service"]["owner"].is_null() {
        let message = "The contract names no owner; see which owners the workspace has";
        all.push((message.to_owned(), "pacto_search", json!({"sort": "name"})));
    }
    let listed = json["interfaces"].as_array().cloned().unwrap_or_default();
    let asked = listed.iter().find(|interface| interface["type"] == "http");
    if json["runtime"]["health"].is_null()
        && let Some(name) = asked.and_then(|interface| interface["name"].as_str())
    {
        let set =
            json!([{"path": "runtime.health", "value": {"interface": name, "path": "/health"}}]);
        all.push((
            "Say how the service's health is asked".to_owned(),
            "pacto_edit",
            json!({"path": path, "set": set, "dry_run": true}),
        ));
    }
    for dependency in json["dependencies"].as_array().into_iter().flatten() {
        let Some(reference) = dependency["ref"].as_str() else { continue };
        if reference.starts_with("oci://") && !reference.contains('@') {
            let repository = repository_of(reference);
            let mut arguments = json!({"ref": repository});
            if let Some(range) = dependency["compatibility"].as_str() {
                arguments["constraint"] = json!(range);
            }
            let message = format!("See which versions of {repository} there are");
            all.push((message, "pacto_list_versions", arguments));
        }
    }
    if all.is_empty() {
        let message = "See which dependencies the contract may lack".to_owned();
        all.push((message, "pacto_suggest_dependencies", json!({"contract": path})));
    }
    let each = all.into_iter().take(MAX_SUGGESTIONS).map(|(message, tool, arguments)| {
        json!({
            "message": message,
            "tool": tool,
            "toolCall": {"tool": tool, "params": arguments},
            "arguments": arguments,
        })
    });
    each.collect()
}

/// A reference without its tag.
fn repository_of(reference: &str) -> &str {
    let last = reference.rfind('/').unwrap_or(0);
    match reference[last..].find(':') {
        Some(at) => &reference[..last + at],
        None => reference,
    }
}

fn output() -> Value {
    let finding = object([
        ("code", text()),
        ("layer", text()),
        ("severity", choice(&SEVERITIES)),
        ("message", text()),
        ("path", text()),
        ("?file", text()),
        ("?range", any_object()),
        ("?excerpt", text()),
        ("related", list(any_object())),
        ("fixes", list(object([("id", text()), ("title", text()), ("preferred", flag())]))),
    ]);
    object([
        ("path", text()),
        ("hash", text()),
        ("valid", flag()),
        ("summary", text()),
        ("counts", any_object()),
        ("offline", flag()),
        ("findings", list(finding)),
        ("total", count()),
        ("?nextCursor", text()),
        ("sections", any_object()),
        ("notChecked", list(any_object())),
        (
            "suggestions",
            list(object([("message", text()), ("tool", text()), ("arguments", any_object())])),
        ),
    ])
}
