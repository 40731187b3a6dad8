//! `pacto_edit`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pacto_core::author::{Edit, apply, config_schema, text_value};
use pacto_core::check::{Diagnostic, ResolvedFix, identified_fixes, safe_fixes};
use pacto_core::contract::is_secret;
use pacto_core::diff::{Class, Settings};
use pacto_core::fact::Fact;
use pacto_core::graph::{Options, References};
use pacto_core::text::{TextEdit, apply_edits};
use pacto_core::{CONTRACT_FILE, Root};
use pacto_edge::session::{Comparison, Purpose, Session};
use pacto_edge::{DiskFiles, Files};
use serde_json::{Map, Value, json};

use super::create::{check_replicas, files};
use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Arguments, Kind};
use crate::fields::{
    CONFIGURATIONS, DEPENDENCIES, DRY_RUN, FILES, FIXES, INTERFACES, LOSS, MAX_REPLICAS,
    MIN_REPLICAS, OWNER, POLICIES, PROPERTIES, REPLICAS, SHARED, STORES, SURVIVES, WORKLOAD,
};
use crate::hash::hash;
use crate::judged::{judge, target};
use crate::patch::patch;
use crate::schema::{any_object, flag, list, object, text};
use crate::tool::{Call, Effect, Set, Tool};
use crate::write::{New, check_path, write};

pub const TOOL: Tool = Tool {
    name: "pacto_edit",
    title: "Edit a contract",
    description: "Changes a contract under a root: values by path, items by name, fixes of pacto_check; all or nothing, comments and order kept. Refused if the result had errors that the contract has not. Pass expected_hash of pacto_check; try dry_run. Answers a patch and how the change is classified. Use pacto_create for a new contract.",
    arguments: &[
        Argument::new(
            "path",
            Kind::Text,
            "Folder with a pacto.yaml; . if absent",
            "\"services/payments\"",
        ),
        Argument::new(
            "expected_hash",
            Kind::Text,
            "hash of pacto_check or pacto_inspect",
            "\"9f86d0…\"",
        ),
        Argument::new(
            "set",
            Kind::Settings,
            "Values by path (grammar of --set; JSON for lists and objects)",
            "[{\"path\": \"service.version\", \"value\": \"2.0.0\"}]",
        ),
        Argument::new("remove", Kind::Texts, "Paths to remove", "[\"scaling\"]"),
        Argument::new("name", Kind::Text, "service.name", "\"payments\""),
        Argument::new("version", Kind::Text, "service.version", "\"2.0.0\""),
        OWNER,
        WORKLOAD,
        STORES,
        SURVIVES,
        SHARED,
        LOSS,
        REPLICAS,
        MIN_REPLICAS,
        MAX_REPLICAS,
        Argument::new(
            "add_interfaces",
            Kind::Records(&INTERFACES),
            "As in pacto_create",
            "[{\"name\": \"admin\", \"type\": \"http\", \"port\": 9000}]",
        )
        .told_elsewhere(),
        Argument::new("remove_interfaces", Kind::Texts, "By name", "[\"admin\"]"),
        Argument::new(
            "add_dependencies",
            Kind::Records(&DEPENDENCIES),
            "As in pacto_create",
            "[{\"ref\": \"../auth\", \"compatibility\": \"^1.0.0\"}]",
        )
        .told_elsewhere(),
        Argument::new("remove_dependencies", Kind::Texts, "By name or ref", "[\"auth\"]"),
        Argument::new(
            "add_configurations",
            Kind::Records(&CONFIGURATIONS),
            "As in pacto_create",
            "[{\"name\": \"app\", \"schema\": \"configuration/schema.json\"}]",
        )
        .told_elsewhere(),
        Argument::new(
            "add_policies",
            Kind::Records(&POLICIES),
            "As in pacto_create",
            "[{\"ref\": \"../policy\"}]",
        )
        .told_elsewhere(),
        Argument::new(
            "add_config_properties",
            Kind::Records(&PROPERTIES),
            "Settings of the first configuration's schema",
            "[{\"name\": \"LOG_LEVEL\", \"type\": \"string\"}]",
        )
        .told_elsewhere(),
        Argument::new("set_metadata", Kind::Object, "Keys and values", "{\"tier\": \"1\"}"),
        Argument::new("remove_metadata", Kind::Texts, "Keys", "[\"tier\"]"),
        Argument::new(
            "apply_fixes",
            Kind::Records(&FIXES),
            "Fixes by id, or the preferred ones of a code",
            "[{\"code\": \"PORT_REQUIRED\"}]",
        ),
        Argument::new(
            "files",
            Kind::Records(&FILES),
            "New files of the bundle",
            "[{\"path\": \"docs/a.md\", \"content\": \"A\"}]",
        )
        .told_elsewhere(),
        Argument::new("allow_invalid", Kind::Flag, "Write though errors are added", "true"),
        DRY_RUN,
    ],
    output,
    set: Set::Author,
    effect: Effect::Edits,
    asks_registries: false,
    run,
};

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let arguments = &call.arguments;
    check_replicas(arguments)?;
    let place = call.workspace.place(arguments.text("path").unwrap_or("."))?;
    if place.is_remote() {
        return Err(Failure::new("INVALID_REF", "what is published cannot be edited")
            .hint("name a folder under a root"));
    }
    let folder = folder_of(&place.path())?;
    let _guard = call.workspace.lock();
    let session = call.session(&place)?;
    let before = session.read_text(&place.typed, &folder.join(CONTRACT_FILE))?;
    let hash_before = hash(&before);
    if let Some(expected) = arguments.text("expected_hash").filter(|own| *own != hash_before) {
        let message = format!("{}: the contract is not the one with hash {expected}", place.typed);
        return Err(Failure::new("CONFLICT", message)
            .hint(format!("its hash is {hash_before}; read it again, then edit it"))
            .details(json!({"hash": hash_before})));
    }
    let mut bundle = Bundle::new(&folder, before.to_string());
    bundle.fix(&session, &place.typed, arguments)?;
    let edits = edits(arguments, &bundle.contract)?;
    bundle.contract = apply(&bundle.contract, &edits).map_err(|error| {
        Failure::new("INVALID_ARGUMENTS", error.message).hint(
            "paths have the grammar of --set, such as interfaces[0].port; nothing was written",
        )
    })?;
    bundle.add_properties(arguments)?;
    bundle.add_files(arguments)?;
    finish(call, &session, &place.typed, &before, bundle)
}

/// The folder of a contract that is named by its file or its folder.
fn folder_of(path: &Path) -> Result<PathBuf, Failure> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let is_other = !path.is_dir() && path.file_name().is_none_or(|name| name != CONTRACT_FILE);
    if is_other {
        return Err(Failure::new("INVALID_REF", format!("only {CONTRACT_FILE} is edited"))
            .hint("name the folder of the contract"));
    }
    folder.canonicalize().map_err(|error| Failure::new("IO", error.to_string()))
}

/// The bundle as it becomes.
struct Bundle {
    folder: PathBuf,
    contract: String,
    /// The other files that change or are new.
    files: BTreeMap<String, New>,
}

impl Bundle {
    fn new(folder: &Path, contract: String) -> Bundle {
        Bundle { folder: folder.to_owned(), contract, files: BTreeMap::new() }
    }

    fn root(&self) -> Root {
        Root::Folder(self.folder.display().to_string().into())
    }

    /// A file of the bundle as it becomes; none where there is none.
    fn text(&self, path: &str) -> Option<String> {
        match self.files.get(path) {
            Some(file) => Some(file.text.clone()),
            None => DiskFiles.read(&self.root(), path).ready().map(|text| text.to_string()),
        }
    }

    fn put(&mut self, path: &str, text: String) {
        let on_disk = DiskFiles.read(&self.root(), path).ready().map(|text| text.to_string());
        let before = self.files.remove(path).map_or(on_disk, |file| file.before);
        self.files.insert(path.to_owned(), New { path: path.to_owned(), text, before });
    }

    /// Makes the fixes that are asked for.
    fn fix(
        &mut self,
        session: &Session,
        typed: &str,
        arguments: &Arguments,
    ) -> Result<(), Failure> {
        let asked = arguments.list("apply_fixes");
        if asked.is_empty() {
            return Ok(());
        }
        let loaded = session.load(vec![session.find(typed)?], Vec::new(), Purpose::VALIDATE);
        let contract = loaded.first(false)?;
        let diagnostics = &contract.subject.checked.diagnostics;
        let named = identified_fixes(diagnostics);
        let mut chosen: Vec<&ResolvedFix> = Vec::new();
        for wanted in asked {
            let found: Vec<&ResolvedFix> = match (wanted["id"].as_str(), wanted["code"].as_str()) {
                (Some(id), None) => {
                    named.iter().filter(|(name, ..)| name == id).map(|(_, _, fix)| *fix).collect()
                }
                (None, Some(code)) => preferred(diagnostics, code),
                _ => {
                    return Err(Failure::new(
                        "INVALID_ARGUMENTS",
                        "/apply_fixes: each has an id or a code",
                    )
                    .hint("take ids from pacto_check"));
                }
            };
            if found.is_empty() {
                let known: Vec<&str> =
                    named.iter().map(|(name, ..)| name.as_str()).take(10).collect();
                return Err(Failure::new("NOT_FOUND", format!("there is no such fix: {wanted}"))
                    .hint(match known.is_empty() {
                        true => "no finding has a fix".to_owned(),
                        false => format!("there are {}", known.join(", ")),
                    }));
            }
            chosen.extend(found);
        }
        self.make(&chosen)
    }

    fn make(&mut self, fixes: &[&ResolvedFix]) -> Result<(), Failure> {
        let root = self.root();
        let mut by_file: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
        let outside = |file: &str| {
            Failure::new("OUTSIDE_ROOTS", format!("{file}: the fix changes another bundle"))
                .hint("edit that bundle by itself")
        };
        for fix in fixes {
            for (file, edit) in &fix.edits {
                let path = root.path_of(file).ok_or_else(|| outside(file))?;
                let edits = by_file.entry(path.to_owned()).or_default();
                let overlaps = edits
                    .iter()
                    .any(|own| own.span.start < edit.span.end && edit.span.start < own.span.end);
                if overlaps {
                    let message = "two of the fixes change the same place";
                    return Err(
                        Failure::new("INVALID_ARGUMENTS", message).hint("apply them one by one")
                    );
                }
                if !edits.contains(edit) {
                    edits.push(edit.clone());
                }
            }
        }
        for (path, edits) in by_file {
            if path == CONTRACT_FILE {
                self.contract = apply_edits(&self.contract, &edits);
            } else {
                check_path(&path)?;
                let text = self.text(&path).unwrap_or_default();
                self.put(&path, apply_edits(&text, &edits));
            }
        }
        for (file, text) in fixes.iter().flat_map(|fix| &fix.creates) {
            let path = root.path_of(file).ok_or_else(|| outside(file))?.to_owned();
            check_path(&path)?;
            self.put(&path, text.clone());
        }
        Ok(())
    }

    /// Adds settings to the schema of the first configuration, which is made if there is none.
    fn add_properties(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        let properties = arguments.list("add_config_properties");
        if properties.is_empty() {
            return Ok(());
        }
        let json = json_of(&self.contract);
        let listed = json["configurations"].as_array().into_iter().flatten();
        let singular = json.get("configuration").into_iter();
        let file = listed.chain(singular).find_map(|one| one["schema"].as_str().map(str::to_owned));
        let path = file.clone().unwrap_or_else(|| "configuration/schema.json".to_owned());
        check_path(&path)?;
        let base = match self.text(&path) {
            Some(text) => Some(serde_json::from_str::<Value>(&text).map_err(|error| {
                Failure::new("PARSE_ERROR", format!("{path}: {error}"))
                    .hint("settings are added to JSON files alone; edit the file by hand")
            })?),
            None => None,
        };
        self.put(&path, config_schema(base.as_ref(), properties));
        if file.is_none() {
            let item = json!({"name": "default", "schema": path});
            let edit = Edit::Append { list: "configurations".into(), item };
            self.contract = apply(&self.contract, &[edit])
                .map_err(|error| Failure::new("INVALID_ARGUMENTS", error.message))?;
        }
        Ok(())
    }

    fn add_files(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        for (path, text) in files(arguments) {
            check_path(&path)?;
            let is_there = path == CONTRACT_FILE
                || self.files.contains_key(&path)
                || self.folder.join(&path).symlink_metadata().is_ok();
            if is_there {
                let message = format!("{path}: this file is there already");
                return Err(Failure::new("ALREADY_EXISTS", message)
                    .hint("only new files are written; name another path"));
            }
            self.files.insert(path.clone(), New { path, text, before: None });
        }
        Ok(())
    }
}

/// The preferred fixes of all findings of a code, as far as they can be made together.
fn preferred<'d>(diagnostics: &'d [Diagnostic], code: &str) -> Vec<&'d ResolvedFix> {
    let of_code = || diagnostics.iter().filter(|d| d.rule.code == code);
    let safe: Vec<&ResolvedFix> = safe_fixes(of_code()).into_iter().map(|(_, fix)| fix).collect();
    if !safe.is_empty() {
        return safe;
    }
    of_code().filter_map(|d| d.fixes.iter().find(|fix| fix.preferred)).collect()
}

fn json_of(contract: &str) -> Value {
    pacto_core::value::lower(&pacto_core::yaml::parse(contract), 0).value.to_json()
}

/// The edits of the contract's text that a call asks for.
fn edits(arguments: &Arguments, contract: &str) -> Result<Vec<Edit>, Failure> {
    let mut all = Vec::new();
    let mut set = |path: &str, value: Value| all.push(Edit::Set { path: path.to_owned(), value });
    for (name, path) in [("name", "service.name"), ("version", "service.version")] {
        if let Some(text) = arguments.text(name) {
            set(path, json!(text));
        }
    }
    if let Some(owner) = arguments.value("owner") {
        set("service.owner", owner.clone());
    }
    if let Some(workload) = arguments.text("workload") {
        set("runtime.workload", json!(workload));
    }
    let choose = |flag: Option<bool>, yes: &str, no: &str| {
        flag.map(|flag| json!(if flag { yes } else { no }))
    };
    let state = [
        ("type", choose(arguments.maybe("stores_data"), "stateful", "stateless")),
        (
            "persistence.durability",
            choose(arguments.maybe("data_survives_restart"), "persistent", "ephemeral"),
        ),
        (
            "persistence.scope",
            choose(arguments.maybe("data_shared_across_instances"), "shared", "local"),
        ),
        ("dataCriticality", arguments.text("data_loss_impact").map(|text| json!(text))),
    ];
    for (path, value) in state {
        if let Some(value) = value {
            set(&format!("runtime.state.{path}"), value);
        }
    }
    let json = json_of(contract);
    let mut gone = Vec::new();
    let scaling = |key: &str| json["scaling"].get(key).is_some();
    for (name, key) in [("replicas", "replicas"), ("min_replicas", "min"), ("max_replicas", "max")]
    {
        if let Some(count) = arguments.count(name) {
            set(&format!("scaling.{key}"), json!(count));
            let other: &[&str] = if key == "replicas" { &["min", "max"] } else { &["replicas"] };
            gone.extend(
                other.iter().filter(|key| scaling(key)).map(|key| format!("scaling.{key}")),
            );
        }
    }
    for (key, value) in
        arguments.value("set_metadata").and_then(Value::as_object).into_iter().flatten()
    {
        set(&format!("metadata.{}", escaped(key)), value.clone());
    }
    for one in arguments.list("set") {
        let path = one["path"].as_str().unwrap_or_default();
        let value = match &one["value"] {
            Value::String(text) => text_value(path, text),
            value => value.clone(),
        };
        set(path, value);
    }
    gone.sort();
    gone.dedup();
    gone.extend(
        arguments.texts("remove_metadata").iter().map(|key| format!("metadata.{}", escaped(key))),
    );
    gone.extend(arguments.texts("remove").into_iter().map(str::to_owned));
    all.extend(gone.into_iter().map(|path| Edit::Remove { path }));
    for (section, removed, added) in [
        ("interfaces", "remove_interfaces", "add_interfaces"),
        ("dependencies", "remove_dependencies", "add_dependencies"),
        ("configurations", "", "add_configurations"),
        ("policies", "", "add_policies"),
    ] {
        all.extend(items(&json, section, &arguments.texts(removed), arguments.list(added))?);
    }
    Ok(all)
}

/// A key as a part of a path.
fn escaped(key: &str) -> String {
    key.replace('\\', "\\\\").replace('.', "\\.").replace('[', "\\[").replace(']', "\\]")
}

/// Removes items by name and adds others.
fn items(
    json: &Value,
    section: &str,
    removed: &[&str],
    added: &[Value],
) -> Result<Vec<Edit>, Failure> {
    let listed = json[section].as_array().cloned().unwrap_or_default();
    let is_called = |item: &Value, name: &str| item["name"] == name || item["ref"] == name;
    let mut indexes = Vec::new();
    for name in removed {
        let at = listed.iter().position(|item| is_called(item, name));
        let known: Vec<&str> = listed.iter().filter_map(|i| i["name"].as_str()).collect();
        indexes.push(at.ok_or_else(|| {
            Failure::new("NOT_FOUND", format!("{section}: there is no {name}"))
                .hint(format!("there are {}", known.join(", ")))
        })?);
    }
    // From the end, so that those before keep their places.
    indexes.sort_unstable();
    indexes.dedup();
    let left = |i: usize| !indexes.contains(&i);
    for item in added {
        let name = item["name"].as_str().or(item["ref"].as_str()).unwrap_or_default();
        if listed.iter().enumerate().any(|(i, own)| left(i) && is_called(own, name)) {
            return Err(Failure::new(
                "ALREADY_EXISTS",
                format!("{section}: there is {name} already"),
            )
            .hint("change it with set, or remove it in the same call"));
        }
    }
    let removed = indexes.iter().rev().map(|i| Edit::Remove { path: format!("{section}[{i}]") });
    let added =
        added.iter().map(|item| Edit::Append { list: section.to_owned(), item: item.clone() });
    Ok(removed.chain(added).collect())
}

/// Judges the bundle, writes it, and says what became of it.
fn finish(
    call: &Call<'_>,
    session: &Session,
    typed: &str,
    before: &Arc<str>,
    bundle: Bundle,
) -> Result<Answer, Failure> {
    let Bundle { folder, contract, files } = bundle;
    let changed_files: Vec<&New> =
        files.values().filter(|file| file.before.as_ref() != Some(&file.text)).collect();
    let is_changed = contract != **before || !changed_files.is_empty();
    let overlay: Vec<(String, String)> =
        files.values().map(|file| (file.path.clone(), file.text.clone())).collect();
    let old = judge(session, target(session, typed, &folder, before, &[])?)?;
    let new = judge(session, target(session, typed, &folder, &contract, &overlay)?)?;
    let errors = new.new_errors(Some(&old));
    if !errors.is_empty() && !call.arguments.flag("allow_invalid") {
        return Err(new.refusal(&errors));
    }
    let is_dry = call.arguments.flag("dry_run");
    let listed: Vec<Value> = changed_files
        .iter()
        .map(|file| json!({"path": file.path, "bytes": file.text.len()}))
        .collect();
    let patches = changed_files
        .iter()
        .map(|file| patch(&file.path, file.before.as_deref().unwrap_or(""), &file.text));
    let mut shown = patch(CONTRACT_FILE, before, &contract);
    shown.extend(patches);
    let mut changes = Vec::new();
    changed("", &json_of(before), &json_of(&contract), &mut changes);
    let compared = compare(call, session, typed, &folder, before, (&contract, &overlay))?;
    if is_changed && !is_dry {
        let mut all: Vec<New> = files.into_values().collect();
        all.retain(|file| file.before.as_ref() != Some(&file.text));
        if contract != **before {
            let (path, before) = (CONTRACT_FILE.to_owned(), Some(before.to_string()));
            all.push(New { path, text: contract.clone(), before });
        }
        write(call.workspace.roots(), &folder, &all)?;
        call.workspace.touch();
    }
    let mut out = json!({
        "path": typed,
        "changed": is_changed,
        "dryRun": is_dry,
        "hashBefore": hash(before),
        "hashAfter": hash(&contract),
        "patch": shown,
        "changes": changes,
        "files": listed,
        "validation": new.validation,
        "contractDiff": compared,
    });
    if out["contractDiff"]["classification"] == Class::Breaking.text() {
        out["warnings"] = json!(["this change is breaking; pacto_impact says for whom"]);
    }
    Ok(Answer::json(out))
}

/// How the change is classified. The contract as it was is looked at in a folder that is not there,
/// beside the real one, so that its references lead where they did.
fn compare(
    call: &Call<'_>,
    session: &Session,
    typed: &str,
    folder: &Path,
    before: &Arc<str>,
    after: (&str, &[(String, String)]),
) -> Result<Value, Failure> {
    let root = Root::Folder(folder.display().to_string().into());
    let listed = match DiskFiles.list(&root) {
        Fact::Ready(files) => files,
        _ => Arc::from([]),
    };
    let texts = listed
        .iter()
        .filter(|path| *path != CONTRACT_FILE)
        .filter_map(|path| Some((path.clone(), DiskFiles.read(&root, path).ready()?.to_string())));
    let texts: Vec<(String, String)> = texts.collect();
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or("bundle");
    let beside = folder.with_file_name(format!(".{name}.before"));
    let old = target(session, typed, &beside, before, &texts)?;
    let new = target(session, typed, folder, after.0, after.1)?;
    let settings = Settings::read(&session.settings.diff, call.workspace.today()?)
        .map_err(|why| Failure::new("CONFIG", format!("diff: {why}")))?;
    let (use_siblings, with_references) = (false, false);
    let pair = session.compare(Comparison {
        old: (old, Vec::new()),
        new: (new, Vec::new()),
        settings,
        use_siblings,
        with_references,
    });
    let report = pair.report(Options { references: References::None, depth: None });
    Ok(match report {
        Some(report) => json!({
            "classification": report.class.text(),
            "counts": {
                "breaking": report.count(Class::Breaking),
                "potentialBreaking": report.count(Class::PotentialBreaking),
                "nonBreaking": report.count(Class::NonBreaking),
            },
        }),
        None => json!({"classification": "UNKNOWN"}),
    })
}

/// Upper bound on the changes that are told.
const MAX_CHANGES: usize = 200;

/// Where two contracts differ; secrets are masked.
fn changed(path: &str, old: &Value, new: &Value, found: &mut Vec<Value>) {
    if old == new || found.len() >= MAX_CHANGES {
        return;
    }
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().collect();
            keys.extend(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys {
                let deeper =
                    if path.is_empty() { escaped(key) } else { format!("{path}.{}", escaped(key)) };
                let part = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
                changed(&deeper, &part(a), &part(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                changed(&format!("{path}[{i}]"), a, b, found);
            }
        }
        _ => {
            let op = match (old, new) {
                (Value::Null, _) => "add",
                (_, Value::Null) => "remove",
                _ => "set",
            };
            let mut out = json!({"path": path, "op": op});
            let key = path.rsplit('.').next().unwrap_or(path);
            for (name, value) in [("oldValue", old), ("newValue", new)] {
                if !value.is_null() {
                    out[name] = masked(key, value);
                }
            }
            found.push(out);
        }
    }
}

fn masked(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if is_secret(key, text) => json!("***"),
        Value::Array(items) => items.iter().map(|item| masked(key, item)).collect(),
        Value::Object(map) => Value::Object(
            map.iter().map(|(key, value)| (key.clone(), masked(key, value))).collect(),
        ),
        other => other.clone(),
    }
}

fn output() -> Value {
    object([
        ("path", text()),
        ("changed", flag()),
        ("dryRun", flag()),
        ("hashBefore", text()),
        ("hashAfter", text()),
        ("patch", text()),
        ("changes", list(any_object())),
        ("files", list(any_object())),
        ("validation", any_object()),
        ("contractDiff", any_object()),
        ("?warnings", list(text())),
    ])
}
