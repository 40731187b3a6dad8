//! `pacto diff` as it is typed.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const CONTRACT: &str = "\
pactoVersion: \"1.0\"
service:
  name: predictor
  version: 1.0.0
  owner: team/ml
interfaces:
  - name: rest-api
    type: http
    port: 8081
    contract: interfaces/openapi.yaml
configuration:
  schema: configuration/schema.json
";
const OPENAPI: &str = "\
openapi: 3.0.3
info: {title: Predictor, version: 1.0.0}
paths:
  /health:
    get:
      responses:
        \"200\": {description: ok}
  /predict:
    post:
      responses:
        \"200\": {description: ok}
";
const SCHEMA: &str = r#"{"type": "object", "properties": {"model_path": {"type": "string"}, "level": {"type": "string"}}}"#;

fn write(folder: &Path, path: &str, text: &str) {
    let file = folder.join(path);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    std::fs::write(file, text).expect("written");
}

fn bundle(folder: &Path, contract: &str, openapi: &str, schema: &str) {
    write(folder, "pacto.yaml", contract);
    write(folder, "interfaces/openapi.yaml", openapi);
    write(folder, "configuration/schema.json", schema);
}

/// The product's lead example: `old` and `new` in a folder of their own.
fn lead() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    bundle(&folder.path().join("old"), CONTRACT, OPENAPI, SCHEMA);
    let contract = CONTRACT.replace("1.0.0", "2.0.0").replace("8081", "9090");
    let openapi = &OPENAPI[..OPENAPI.find("  /predict").expect("a path")];
    let schema = r#"{"type": "object", "properties": {"level": {"type": "string"}}}"#;
    bundle(&folder.path().join("new"), &contract, openapi, schema);
    folder
}

fn pacto(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(pacto_tests::pacto())
        .current_dir(folder)
        .arg("diff")
        .args(arguments)
        .env("PACTO_OFFLINE", "1")
        .env("NO_COLOR", "1")
        .output()
        .expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn the_lead_example_as_text() {
    let folder = lead();
    let output = pacto(folder.path(), &["old", "new"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        out(&output),
        "Classification: BREAKING
Changes (4):
  [BREAKING] interfaces.port (modified): interfaces.port modified (rest-api) [8081 -> 9090]
  [BREAKING] openapi.paths[/predict] (removed): API path /predict removed [- /predict]
  [BREAKING] configuration.properties[model_path] (removed): configuration property model_path removed [- model_path]
  [NON_BREAKING] service.version (modified): service.version modified [1.0.0 -> 2.0.0]
"
    );
    assert_eq!(err(&output), "breaking changes detected\n");
}

#[test]
fn the_lead_example_as_markdown() {
    let folder = lead();
    let output = pacto(folder.path(), &["old", "new", "--output-format", "markdown"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        out(&output),
        "## Contract Diff

**Classification:** `BREAKING`

### Changes (4)

| Classification | Path | Change | Old | New | Reason |
|---|---|---|---|---|---|
| NON_BREAKING | `service.version` | modified | `1.0.0` | `2.0.0` | service.version modified |
| BREAKING | `interfaces.port` | modified | `8081` | `9090` | interfaces.port modified (rest-api) |
| BREAKING | `openapi.paths[/predict]` | removed | `/predict` | — | API path /predict removed |
| BREAKING | `configuration.properties[model_path]` | removed | `model_path` | — | configuration property model_path removed |
"
    );
    assert_eq!(err(&output), "", "pipelines merge the streams");
}

#[test]
fn the_lead_example_as_json() {
    let folder = lead();
    let output = pacto(folder.path(), &["old", "new", "--output-format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(json["classification"], "BREAKING");
    assert_eq!(json["summary"]["breaking"], 3);
    assert_eq!(json["summary"]["nonBreaking"], 1);
    assert_eq!(json["versionAdvice"]["required"], "major");
    assert_eq!(json["versionAdvice"]["ok"], true);
    assert_eq!(json["diagnostics"], serde_json::json!([]));
    let port = &json["changes"][1];
    assert_eq!(port["path"], "interfaces.port");
    assert_eq!((&port["oldValue"], &port["newValue"]), (&8081.into(), &9090.into()));
    assert_eq!(port["subject"], "interfaces[rest-api]");
    assert_eq!(
        port["newSpan"],
        serde_json::json!({"file": "pacto.yaml", "line": 9, "col": 5, "endLine": 9, "endCol": 15})
    );
    let path = &json["changes"][2];
    assert_eq!(
        path["anchor"],
        serde_json::json!({"file": "interfaces/openapi.yaml", "line": 3, "col": 1})
    );
    assert!(path.get("newSpan").is_none() && path.get("newValue").is_none());
    // Same inputs, same bytes.
    for _ in 0..5 {
        let again = pacto(folder.path(), &["old", "new", "--output-format", "json"]);
        assert_eq!(out(&again), out(&output));
    }
}

#[test]
fn annotations_and_sarif_point_at_what_is_left() {
    let folder = lead();
    let output = pacto(folder.path(), &["old", "new", "--output-format", "github"]);
    let text = out(&output);
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("::error file=new/interfaces/openapi.yaml,line=3,col=1,title=openapi/path-removed::openapi.paths[/predict] (removed): API path /predict removed\n"), "{text}");
    let output =
        pacto(folder.path(), &["old", "new", "--output-format", "github", "--annotate-all"]);
    assert!(out(&output).contains("::notice file=new/pacto.yaml,line=4"));
    let output = pacto(folder.path(), &["old", "new", "--output-format", "sarif"]);
    let sarif: Value = serde_json::from_str(&out(&output)).expect("JSON");
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().expect("results").len(), 4);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let result = &run["results"][2];
    assert_eq!(result["ruleId"], "openapi/path-removed");
    assert_eq!(
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "new/interfaces/openapi.yaml"
    );
    let mut schema = pacto_tests::testbed_json("sarif-2.1.0.json");
    // A pattern of the published schema is not a regular expression; nothing of ours has a language.
    for place in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{place}/properties/language"));
        language.and_then(Value::as_object_mut).expect("an object").remove("pattern");
    }
    let validator = jsonschema::options().should_validate_formats(false).build(&schema);
    let validator = validator.expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&sarif).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn the_gate_has_levels() {
    let folder = lead();
    let contract = CONTRACT.replace("1.0.0", "1.0.1");
    bundle(&folder.path().join("patch"), &contract, OPENAPI, SCHEMA);
    for (arguments, code, last) in [
        (&["old", "new", "--fail-on", "never"][..], 0, ""),
        (&["old", "patch"], 0, ""),
        (&["old", "patch", "--fail-on", "potential"], 0, ""),
        (&["old", "patch", "--fail-on", "any"], 1, "changes at or above any detected\n"),
        (&["old", "new", "--fail-on", "potential"], 1, "changes at or above potential detected\n"),
        (&["old", "old", "--fail-on", "any"], 0, ""),
    ] {
        let output = pacto(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
        assert_eq!(err(&output), last, "{arguments:?}");
    }
    let same = pacto(folder.path(), &["old", "old"]);
    assert_eq!(out(&same), "Classification: NON_BREAKING\nNo changes detected.\n");
}

#[test]
fn overrides_are_laid_over_one_side_or_both() {
    let folder = lead();
    let output = pacto(
        folder.path(),
        &["old", "old", "--new-set", "interfaces[0].port=9090", "--output-format", "json"],
    );
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(json["changes"][0]["newSpan"]["file"], "--set");
    write(folder.path(), "v.yaml", "service: {version: 3.0.0}\n");
    let output = pacto(folder.path(), &["old", "old", "--old-values", "v.yaml"]);
    assert!(out(&output).contains("[3.0.0 -> 1.0.0]"));
    assert!(out(&output).contains("[VERSION_DECREASED]"));
    let output = pacto(folder.path(), &["old", "old", "--set", "service.version=4.0.0"]);
    assert!(out(&output).contains("No changes detected."));
}

#[test]
fn rules_can_be_classed_anew_and_changes_ignored_until_a_day() {
    let folder = lead();
    write(
        folder.path(),
        "rules.yaml",
        "severity: {contract/interfaces-port-modified: NON_BREAKING}
ignore:
  - {rule: openapi/path-removed, path: 'openapi.paths[/predict]', reason: nobody called it, until: '2030-01-01'}
  - {rule: config/property-removed, path: 'schema.properties[model_path]', reason: moved}
  - {fingerprint: '0000000000000000', reason: gone}
",
    );
    let output =
        pacto(folder.path(), &["old", "new", "--rules", "rules.yaml", "--as-of", "2026-01-01"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let text = out(&output);
    assert!(text.contains("[NON_BREAKING] interfaces.port"), "{text}");
    assert!(text.contains("[IGNORED BREAKING] openapi.paths[/predict]"), "{text}");
    assert!(err(&output).contains("warning IGNORE_UNUSED"), "{}", err(&output));
    let output =
        pacto(folder.path(), &["old", "new", "--rules", "rules.yaml", "--as-of", "2031-01-01"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("warning IGNORE_EXPIRED"), "{}", err(&output));
    // The project's file says the same.
    write(folder.path(), ".pacto.yaml", "diff:\n  enforceVersion: true\n");
    let output =
        pacto(folder.path(), &["old", "old", "--new-set", "interfaces[0].visibility=public"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("the version does not say what changed"), "{}", err(&output));
}

#[test]
fn a_revision_is_read_from_objects() {
    let folder = lead();
    let path = folder.path();
    let git = |arguments: &[&str]| pacto_tests::git(path, arguments);
    git(&["init", "-q", "-b", "main"]);
    bundle(&path.join("svc"), CONTRACT, OPENAPI, SCHEMA);
    git(&["add", "svc"]);
    git(&["commit", "-q", "-m", "first"]);
    git(&["tag", "v1"]);
    bundle(&path.join("svc"), &CONTRACT.replace("8081", "9090"), OPENAPI, SCHEMA);
    for old in ["git:v1", "git:main:svc", "git:HEAD:./svc"] {
        let output = pacto(path, &[old, "svc"]);
        assert_eq!(output.status.code(), Some(1), "{old}: {}", err(&output));
        assert!(out(&output).contains("[8081 -> 9090]"), "{old}");
    }
    // Folders that are gone from the working tree are still there.
    std::fs::remove_dir_all(path.join("svc")).expect("removed");
    let output = pacto(path, &["git:v1:svc", "new"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    for (old, why) in [
        ("git:nowhere:svc", "`nowhere` is not a revision"),
        ("git:--output=x:svc", "is not a revision"),
        ("git:v1:absent", "pacto.yaml"),
    ] {
        let output = pacto(path, &[old, "new"]);
        assert_eq!(output.status.code(), Some(2), "{old}");
        assert!(err(&output).contains(why), "{old}: {}", err(&output));
    }
}

#[test]
fn archives_and_folders_are_compared_alike() {
    let folder = lead();
    let packed = Command::new(pacto_tests::pacto())
        .current_dir(folder.path())
        .args(["pack", "old", "-o", "old.tar.gz"])
        .output()
        .expect("it runs");
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let output = pacto(folder.path(), &["old.tar.gz", "new"]);
    assert_eq!(out(&output), out(&pacto(folder.path(), &["old", "new"])));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let folder = lead();
    let path = folder.path();
    bundle(&path.join("broken"), CONTRACT, "openapi: 3.0.3\npaths: {\n", SCHEMA);
    bundle(
        &path.join("escape"),
        CONTRACT,
        "openapi: 3.0.3\npaths: {/a: {get: {responses: {'200': {$ref: '../../../etc/x.yaml'}}}}}\n",
        SCHEMA,
    );
    for (new, code) in [("broken", "INVALID_INTERFACE_SPEC"), ("escape", "PATH_ESCAPES_BUNDLE")] {
        let output = pacto(path, &["old", new, "--fail-on", "never"]);
        assert_eq!(output.status.code(), Some(2), "{new}");
        assert!(
            out(&output).contains("interfaces.contract (modified): not compared"),
            "{}",
            out(&output)
        );
        let place = format!("error {code} interfaces/openapi.yaml:2:");
        assert!(err(&output).contains(&place), "{}", err(&output));
    }
    // The gate has its answer first.
    let output = pacto(path, &["old", "broken", "--new-set", "interfaces[0].port=1"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn contracts_that_are_wrong_end_with_two() {
    let folder = lead();
    let path = folder.path();
    write(&path.join("wrong"), "pacto.yaml", "pactoVersion: \"1.0\"\nservice: {nam: x}\n");
    for (arguments, why) in [
        (&["old", "wrong"][..], "SCHEMA_VIOLATION"),
        (&["old", "nowhere"], "there is no such file or folder"),
        (&["old"], "required"),
        (&["old", "new", "--fail-on", "sometimes"], "possible values"),
        (&["old", "new", "--rules", "nowhere.yaml"], "there is no such file"),
        (&["old", "new", "--as-of", "soon"], "expected YYYY-MM-DD"),
        (&["old", "new", "--old-set", "service.version"], "there is no `=`"),
    ] {
        let output = pacto(path, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(why), "{arguments:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{arguments:?}");
    }
    for (rules, why) in [
        ("severity: {contract/nothing: BREAKING}", "there is no such rule"),
        ("ignore: [{fingerprint: 1234567890123456, reason: x}]", "write it in quotes"),
        ("ignore: [{rule: openapi/path-removed, reason: x}]", "a rule and a path"),
        ("ignore: [{fingerprint: a, reason: x, until: soon}]", "is not a date"),
        ("limits: {pairs: 2}", "is not a limit of diff"),
        ("gate: breaking", "is not a setting of diff"),
        ("- a", "must be a mapping"),
    ] {
        write(path, "bad.yaml", rules);
        let output = pacto(path, &["old", "new", "--rules", "bad.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{rules}");
        assert!(err(&output).contains(why), "{rules}: {}", err(&output));
    }
}

#[test]
fn secrets_among_values_are_masked_everywhere() {
    let folder = lead();
    let with = |name: &str, secret: &str| {
        let contract = CONTRACT.replace(
            "  schema: configuration/schema.json\n",
            &format!("  schema: configuration/schema.json\n  values: {{DB_PASSWORD: {secret}}}\n"),
        );
        bundle(&folder.path().join(name), &contract, OPENAPI, SCHEMA);
    };
    with("one", "hunter2-old");
    with("two", "hunter2-new");
    for format in ["text", "json", "markdown", "github", "sarif"] {
        let arguments = ["one", "two", "--output-format", format, "--annotate-all"];
        let output = pacto(folder.path(), &arguments);
        let all = out(&output) + &err(&output);
        assert!(!all.contains("hunter2"), "{format}: {all}");
        assert!(all.contains("DB_PASSWORD"), "{format}: {all}");
    }
}
