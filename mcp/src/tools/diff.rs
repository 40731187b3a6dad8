//! `pacto_diff`.

use pacto_core::diff::{Class, Settings};
use pacto_core::graph::{Options, References};
use pacto_core::report::{self, Sources};
use pacto_edge::session::{Code, Comparison, Error, overrides};
use serde_json::Value;

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::schema::{any_object, choice, count, flag, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, PATH, Set, Tool, check_structure};

/// Worst first.
const CLASSES: [&str; 3] = ["BREAKING", "POTENTIAL_BREAKING", "NON_BREAKING"];

pub const TOOL: Tool = Tool {
    name: "pacto_diff",
    title: "Compare two contracts",
    description: "What changed between two contracts, with their OpenAPI, AsyncAPI, protobuf, JSON Schema and dependency files: each change with its class, reason and the side that it hurts, worst first; and which version the change needs. A breaking change is a normal result. Use pacto_explain_rule for what a rule means. Writes nothing.",
    arguments: &[
        Argument::new(
            "old",
            Kind::Text,
            "The contract as it was: a path under a root, oci://…, or git:REVISION for the folder of `new` as it was then",
            "\"git:main\"",
        )
        .required(),
        Argument::new("new", Kind::Text, PATH, "\"services/payments\"").required(),
        Argument::new(
            "min_classification",
            Kind::Choice(&CLASSES),
            "Leave out changes that are less severe than this; the summary counts all",
            "\"BREAKING\"",
        ),
        Argument::new("spans", Kind::Flag, "Say where in the files each change is", "true"),
        Argument::new(
            "old_values",
            Kind::Settings,
            "Values that are laid over the old contract for this call",
            "[{\"path\": \"service.version\", \"value\": \"1.0.0\"}]",
        ),
        Argument::new(
            "new_values",
            Kind::Settings,
            "Values that are laid over the new contract for this call",
            "[{\"path\": \"service.version\", \"value\": \"2.0.0\"}]",
        ),
        OFFLINE,
    ],
    output,
    set: Set::Fleet,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let arguments = &call.arguments;
    let place = call.place("new")?;
    let session = call.session(&place)?;
    let new = session.find(&place.typed)?;
    let typed = arguments.text("old").unwrap_or_default();
    // A path of its own could lead out of the roots.
    let is_revision = typed.starts_with("git:") && !typed["git:".len()..].contains(':');
    let old = match is_revision && new.is_folder() {
        true => session.find_old(typed, &new)?,
        false => session.find(&call.workspace.place(typed)?.typed)?,
    };
    let as_of = call.workspace.today()?;
    let settings = Settings::read(&session.settings.diff, as_of)
        .map_err(|why| Error::new(Code::Config, format!("diff: {why}")))?;
    let pair = session.compare(Comparison {
        old: (old, overrides([], &arguments.settings("old_values"))?),
        new: (new, overrides([], &arguments.settings("new_values"))?),
        settings,
        use_siblings: false,
        with_references: false,
    });
    for subject in pair.subjects() {
        check_structure(&subject?)?;
    }
    let report = pair
        .report(Options { references: References::None, depth: None })
        .ok_or_else(|| Failure::new("INVALID_BUNDLE", "one of the contracts could not be read"))?;
    let sources = pair.sources();
    let shown = |file: &str| (!file.starts_with("oci://")).then(|| sources.shown(file));
    let comparison = report::diff::Comparison {
        old_path: typed.to_owned(),
        new_path: place.typed.clone(),
        report: &report,
        shown: &shown,
    };
    let mut found = report::diff::json(&comparison);
    let least = arguments.text("min_classification").unwrap_or(Class::NonBreaking.text());
    select(&mut found["changes"], least, arguments.flag("spans"));
    Ok(Answer::json(found))
}

/// The rows that were asked for, worst first, so that a cut answer has what matters.
fn select(changes: &mut Value, least: &str, with_spans: bool) {
    let Some(rows) = changes.as_array_mut() else { return };
    let rank = |row: &Value| CLASSES.iter().position(|class| row["classification"] == *class);
    let least = CLASSES.iter().position(|class| *class == least);
    rows.retain(|row| rank(row) <= least);
    rows.sort_by_key(rank);
    if !with_spans {
        for row in rows.iter_mut().filter_map(Value::as_object_mut) {
            row.retain(|key, _| !matches!(key.as_str(), "oldSpan" | "newSpan" | "anchor"));
        }
    }
}

fn output() -> Value {
    let change = object([
        ("path", text()),
        ("type", choice(&["added", "removed", "modified"])),
        ("classification", choice(&CLASSES)),
        ("reason", text()),
        ("rule", text()),
        ("?subject", text()),
        ("?side", text()),
        ("fingerprint", text()),
    ]);
    object([
        ("schemaVersion", count()),
        ("oldPath", text()),
        ("newPath", text()),
        ("classification", choice(&CLASSES)),
        (
            "summary",
            object([
                ("breaking", count()),
                ("potentialBreaking", count()),
                ("nonBreaking", count()),
                ("ignored", count()),
            ]),
        ),
        ("changes", list(change)),
        ("?dependencyDiffs", list(any_object())),
        ("?graphDiff", any_object()),
        ("?sbomDiff", any_object()),
        ("versionAdvice", any_object()),
        ("?asOf", text()),
        ("diagnostics", list(any_object())),
        ("?truncated", flag()),
        ("?omitted", count()),
    ])
}
