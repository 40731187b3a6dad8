//! `pacto_create`.

use pacto_core::CONTRACT_FILE;
use pacto_core::author::{Plan, create};
use serde_json::{Value, json};

use super::generate_contract::service_name;
use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Arguments, Kind};
use crate::fields::{
    CONFIGURATIONS, DEPENDENCIES, DRY_RUN, FILES, INTERFACES, LOSS, MAX_REPLICAS, MIN_REPLICAS,
    OWNER, POLICIES, PROPERTIES, REPLICAS, SHARED, STORES, SURVIVES, WORKLOAD,
};
use crate::hash::hash;
use crate::judged::{judge, target};
use crate::schema::{any_object, count, flag, list, object, text};
use crate::tool::{Call, Effect, Set, Tool};
use crate::write::{New, check_path, write};

pub const TOOL: Tool = Tool {
    name: "pacto_create",
    title: "Create a bundle",
    description: "Writes a new bundle: pacto.yaml and every file that it names, complete and valid, or nothing. `description` fills what other arguments leave open; `derived` says what and why. Try it with dry_run first. Use pacto_edit for a contract that exists, pacto_schema for the fields.",
    arguments: &[
        Argument::new("name", Kind::Text, "Name of the service", "\"invoices\"").required(),
        Argument::new(
            "path",
            Kind::Text,
            "Folder; NAME under the first root if absent",
            "\"services/invoices\"",
        ),
        Argument::new("version", Kind::Text, "0.1.0 if absent", "\"1.0.0\""),
        OWNER,
        Argument::new(
            "description",
            Kind::Text,
            "What the service is, in words",
            "\"REST API with Postgres\"",
        ),
        Argument::new("metadata", Kind::Object, "As in the format", "{\"tier\": \"1\"}"),
        Argument::new(
            "interfaces",
            Kind::Records(&INTERFACES),
            "As in the format (pacto_schema)",
            "[{\"name\": \"api\", \"type\": \"http\"}]",
        )
        .told_elsewhere(),
        Argument::new(
            "dependencies",
            Kind::Records(&DEPENDENCIES),
            "As in the format (pacto_schema)",
            "[{\"ref\": \"../auth\", \"compatibility\": \"^1.0.0\"}]",
        )
        .told_elsewhere(),
        Argument::new(
            "configurations",
            Kind::Records(&CONFIGURATIONS),
            "As in the format (pacto_schema)",
            "[{\"name\": \"app\", \"schema\": \"configuration/schema.json\"}]",
        )
        .told_elsewhere(),
        Argument::new(
            "policies",
            Kind::Records(&POLICIES),
            "As in the format (pacto_schema)",
            "[{\"ref\": \"../policy\"}]",
        )
        .told_elsewhere(),
        Argument::new("runtime", Kind::Object, "As in the format", "{\"workload\": \"service\"}"),
        Argument::new("scaling", Kind::Object, "As in the format", "{\"min\": 1, \"max\": 3}"),
        WORKLOAD,
        STORES,
        SURVIVES,
        SHARED,
        LOSS,
        Argument::new(
            "config_properties",
            Kind::Records(&PROPERTIES),
            "Settings of configuration/schema.json",
            "[{\"name\": \"LOG_LEVEL\", \"type\": \"string\"}]",
        ),
        REPLICAS,
        MIN_REPLICAS,
        MAX_REPLICAS,
        Argument::new(
            "files",
            Kind::Records(&FILES),
            "Files to write along",
            "[{\"path\": \"docs/a.md\", \"content\": \"A\"}]",
        )
        .told_elsewhere(),
        DRY_RUN,
    ],
    output,
    set: Set::Author,
    effect: Effect::Creates,
    asks_registries: false,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let arguments = &call.arguments;
    let name = service_name(arguments.text("name").unwrap_or_default(), "name")?;
    check_replicas(arguments)?;
    let plan = plan(arguments, &name);
    for (path, _) in &plan.files {
        check_path(path)?;
    }
    let typed = arguments.text("path").unwrap_or(&name);
    let place = call.workspace.fresh(typed)?;
    let folder = place.path();
    let folder = match folder.file_name() {
        Some(last) if last == CONTRACT_FILE => folder.parent().unwrap_or(&folder).to_owned(),
        _ => folder,
    };
    let _guard = call.workspace.lock();
    if folder.join(CONTRACT_FILE).symlink_metadata().is_ok() {
        let message = format!("{typed}: there is a contract already");
        return Err(Failure::new("ALREADY_EXISTS", message)
            .hint("edit it with pacto_edit, or name another path"));
    }
    let draft = create(&plan);
    let session = call.session(&place)?;
    let target = target(&session, &place.typed, &folder, &draft.yaml, &draft.files)?;
    let judged = judge(&session, target)?;
    let errors = judged.new_errors(None);
    if !errors.is_empty() {
        return Err(judged.refusal(&errors));
    }
    let mut files =
        vec![New { path: CONTRACT_FILE.to_owned(), text: draft.yaml.clone(), before: None }];
    files.extend(draft.files.into_iter().map(|(path, text)| New { path, text, before: None }));
    if let Some(there) =
        files.iter().find(|file| folder.join(&file.path).symlink_metadata().is_ok())
    {
        let message = format!("{}: this file is there already", there.path);
        return Err(Failure::new("ALREADY_EXISTS", message).hint("name another path"));
    }
    let is_dry = arguments.flag("dry_run");
    if !is_dry {
        write(call.workspace.roots(), &folder, &files)?;
        call.workspace.touch();
    }
    let listed = files.iter().map(|file| json!({"path": file.path, "bytes": file.text.len()}));
    Ok(Answer::json(json!({
        "path": place.typed,
        "files": listed.collect::<Vec<_>>(),
        "fileCount": files.len(),
        "yaml": draft.yaml,
        "derived": draft.derived,
        "validation": judged.validation,
        "hash": hash(&draft.yaml),
        "dryRun": is_dry,
    })))
}

/// # Errors
/// A fixed number beside a range.
pub(super) fn check_replicas(arguments: &Arguments) -> Result<(), Failure> {
    let is_range = arguments.has("min_replicas") || arguments.has("max_replicas");
    if arguments.has("replicas") && is_range {
        let message =
            "/replicas: a fixed number and min_replicas or max_replicas exclude each other";
        return Err(Failure::new("INVALID_ARGUMENTS", message).hint("give one of the two forms"));
    }
    Ok(())
}

fn plan(arguments: &Arguments, name: &str) -> Plan {
    let text = |name: &str| arguments.text(name).map(str::to_owned);
    let list = |name: &str| arguments.list(name).to_vec();
    let count = |name: &str| arguments.count(name).map(|count| count as u64);
    Plan {
        name: name.to_owned(),
        version: text("version"),
        owner: arguments.value("owner").cloned(),
        description: text("description"),
        metadata: arguments.value("metadata").cloned(),
        interfaces: list("interfaces"),
        dependencies: list("dependencies"),
        configurations: list("configurations"),
        policies: list("policies"),
        runtime: arguments.value("runtime").cloned(),
        scaling: arguments.value("scaling").cloned(),
        workload: text("workload"),
        stores_data: arguments.maybe("stores_data"),
        survives_restart: arguments.maybe("data_survives_restart"),
        is_shared: arguments.maybe("data_shared_across_instances"),
        loss_impact: text("data_loss_impact"),
        config_properties: list("config_properties"),
        replicas: count("replicas"),
        min_replicas: count("min_replicas"),
        max_replicas: count("max_replicas"),
        files: files(arguments),
    }
}

/// The files of a call: path and text.
pub(super) fn files(arguments: &Arguments) -> Vec<(String, String)> {
    let part = |file: &Value, key: &str| file[key].as_str().unwrap_or_default().to_owned();
    arguments.list("files").iter().map(|file| (part(file, "path"), part(file, "content"))).collect()
}

fn output() -> Value {
    object([
        ("path", text()),
        ("files", list(object([("path", text()), ("bytes", count())]))),
        ("fileCount", count()),
        ("yaml", text()),
        ("derived", list(text())),
        ("validation", any_object()),
        ("hash", text()),
        ("dryRun", flag()),
    ])
}
