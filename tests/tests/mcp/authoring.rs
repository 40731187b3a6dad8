//! The tools that write: nothing invalid is left behind, and what is not edited stays.

use std::path::Path;

use pacto_tests::TempDir;
use pacto_tests::registry::User;
use serde_json::{Value, json};

use crate::{call, results, structured};

const CONTRACT: &str = "# Who pays.\npactoVersion: \"1.0\"   # the format\n\nservice:\n  name: pay\n  version: 1.0.0\n  owner: team/pay # ask them\n\ninterfaces:\n  - name: api   # the only one\n    type: http\n    port: 8080\n";

fn one(folder: &Path, tool: &str, arguments: Value) -> Value {
    results(folder, &[call(tool, arguments)]).remove(0)
}

fn code(result: &Value) -> &str {
    result["_meta"]["pacto/error"]["code"].as_str().unwrap_or_else(|| panic!("{result}"))
}

fn is_valid(folder: &TempDir, path: &str) {
    let user = User::new();
    let path = folder.path().join(path).display().to_string();
    user.run(&["validate", &path, "--offline"]).ends_with(0);
}

#[test]
fn edits_keep_comments_and_say_what_changed() {
    let folder = TempDir::new("mcp-edit");
    folder.write("pay/pacto.yaml", CONTRACT);
    let read = || std::fs::read_to_string(folder.path().join("pay/pacto.yaml")).expect("a file");
    let arguments = json!({
        "path": "pay", "version": "1.1.0", "dry_run": true,
        "set": [{"path": "interfaces[0].port", "value": "8081"}],
        "add_interfaces": [{"name": "admin", "type": "http", "port": 9000}],
        "set_metadata": {"tier": "1"}, "min_replicas": 1, "max_replicas": 3,
    });
    let tried = structured(&one(folder.path(), "pacto_edit", arguments.clone()));
    assert_eq!((&tried["changed"], &tried["dryRun"]), (&json!(true), &json!(true)), "{tried}");
    assert_eq!(read(), CONTRACT);
    let mut arguments = arguments;
    arguments["dry_run"] = json!(false);
    arguments["expected_hash"] = tried["hashBefore"].clone();
    let done = structured(&one(folder.path(), "pacto_edit", arguments.clone()));
    let text = read();
    for kept in
        ["# Who pays.", "\"1.0\"   # the format", "owner: team/pay # ask them", "# the only one"]
    {
        assert!(text.contains(kept), "{text}");
    }
    for new in [
        "version: 1.1.0",
        "port: 8081",
        "  - name: admin\n    type: http\n    port: 9000\n",
        "tier: \"1\"",
        "max: 3",
    ] {
        assert!(text.contains(new), "{text}");
    }
    assert_eq!(done["hashAfter"], tried["hashAfter"]);
    assert_eq!(done["validation"]["valid"], true);
    assert_eq!(done["contractDiff"]["classification"], "BREAKING", "{done}");
    assert!(
        done["patch"]
            .as_str()
            .is_some_and(|patch| patch.contains("\n-  version: 1.0.0\n+  version: 1.1.0\n"))
    );
    assert!(
        done["changes"]
            .as_array()
            .is_some_and(|all| all.iter().any(|c| c["path"] == "service.version"))
    );
    is_valid(&folder, "pay");
    // The hash of the text before is no longer the file's.
    assert_eq!(code(&one(folder.path(), "pacto_edit", arguments)), "CONFLICT");
    let same =
        structured(&one(folder.path(), "pacto_edit", json!({"path": "pay", "version": "1.1.0"})));
    assert_eq!(same["changed"], false);
    let left = std::fs::read_dir(folder.path().join("pay")).expect("a folder").count();
    assert_eq!(left, 1, "no temporary file is left");
}

#[test]
fn what_would_be_invalid_or_makes_no_sense_is_refused_whole() {
    let folder = TempDir::new("mcp-refused");
    folder.write("pay/pacto.yaml", CONTRACT);
    let cases = [
        (json!({"version": "one"}), "WOULD_BE_INVALID"),
        (
            json!({"version": "2.0.0", "set": [{"path": "interfaces[7].port", "value": "1"}]}),
            "INVALID_ARGUMENTS",
        ),
        (json!({"version": "2.0.0", "remove": ["scaling"]}), "INVALID_ARGUMENTS"),
        (json!({"add_interfaces": [{"name": "api", "type": "grpc"}]}), "ALREADY_EXISTS"),
        (json!({"remove_dependencies": ["auth"]}), "NOT_FOUND"),
        (json!({"apply_fixes": [{"id": "NO:such:fix"}]}), "NOT_FOUND"),
        (json!({"files": [{"path": "../x", "content": ""}]}), "OUTSIDE_ROOTS"),
        (json!({"files": [{"path": ".git/hooks/x", "content": ""}]}), "OUTSIDE_ROOTS"),
        (json!({"files": [{"path": "pacto.yaml", "content": ""}]}), "ALREADY_EXISTS"),
        (json!({"replicas": 2, "min_replicas": 1}), "INVALID_ARGUMENTS"),
        (json!({"version": "2.0.0", "expected_hash": "0"}), "CONFLICT"),
        (json!({"versoin": "2.0.0"}), "INVALID_ARGUMENTS"),
    ];
    let calls: Vec<Value> = cases
        .iter()
        .map(|(arguments, _)| {
            let mut arguments = arguments.clone();
            arguments["path"] = json!("pay");
            call("pacto_edit", arguments)
        })
        .collect();
    for (result, (arguments, expected)) in results(folder.path(), &calls).iter().zip(&cases) {
        assert_eq!(code(result), *expected, "{arguments}: {result}");
        assert!(result.get("structuredContent").is_none());
    }
    let text = std::fs::read_to_string(folder.path().join("pay/pacto.yaml")).expect("a file");
    assert_eq!(text, CONTRACT);
    let allowed = json!({"path": "pay", "version": "one", "allow_invalid": true});
    assert_eq!(
        structured(&one(folder.path(), "pacto_edit", allowed))["validation"]["valid"],
        false
    );
}

#[test]
fn fixes_are_made_by_id_and_by_code() {
    let folder = TempDir::new("mcp-fixes");
    folder.write("pay/pacto.yaml", CONTRACT.replace("    port: 8080\n", ""));
    let checked = structured(&one(folder.path(), "pacto_check", json!({"path": "pay"})));
    let findings = checked["findings"].as_array().expect("findings");
    let broken = findings.iter().find(|f| f["severity"] == "error").expect("an error");
    let fix = &broken["fixes"][0]["id"];
    let by_id = json!({
        "path": "pay", "apply_fixes": [{"id": fix}], "dry_run": true,
        "expected_hash": checked["hash"],
    });
    let done = structured(&one(folder.path(), "pacto_edit", by_id));
    assert_eq!(done["validation"]["valid"], true, "{done}");
    let by_code = json!({"path": "pay", "apply_fixes": [{"code": broken["code"]}]});
    let done = structured(&one(folder.path(), "pacto_edit", by_code));
    assert_eq!(done["validation"]["valid"], true, "{done}");
    is_valid(&folder, "pay");
}

#[test]
fn two_edits_of_one_file_at_once_have_one_winner() {
    let folder = TempDir::new("mcp-race");
    folder.write("pay/pacto.yaml", CONTRACT);
    let checked = structured(&one(folder.path(), "pacto_check", json!({"path": "pay"})));
    let edit = |version: &str| {
        call(
            "pacto_edit",
            json!({"path": "pay", "version": version, "expected_hash": checked["hash"]}),
        )
    };
    let calls: Vec<Value> = (1..=8).map(|i| edit(&format!("1.{i}.0"))).collect();
    let answer = crate::at_once(folder.path(), &calls);
    let won = answer.iter().filter(|result| result["isError"] == false).count();
    assert_eq!(won, 1, "{answer:?}");
    assert!(
        answer.iter().filter(|result| result["isError"] == true).all(|r| code(r) == "CONFLICT")
    );
    is_valid(&folder, "pay");
}

#[test]
fn a_description_becomes_a_whole_bundle() {
    let folder = TempDir::new("mcp-create");
    let arguments = json!({
        "name": "invoices", "owner": "{\"team\": \"billing\"}",
        "description": "REST API that keeps invoices in Postgres and publishes events",
        "config_properties": [{"name": "LOG_LEVEL", "type": "string", "default": "info"}],
        "replicas": "2",
        "files": "[{\"path\": \"docs/runbook.md\", \"content\": \"# Runbook\\n\"}]",
    });
    let mut dry = arguments.clone();
    dry["dry_run"] = json!(true);
    let tried = structured(&one(folder.path(), "pacto_create", dry));
    assert!(!folder.path().join("invoices").exists());
    let made = structured(&one(folder.path(), "pacto_create", arguments.clone()));
    assert_eq!((&made["yaml"], &made["hash"]), (&tried["yaml"], &tried["hash"]));
    let derived = made["derived"].as_array().expect("derived");
    assert!(
        derived.iter().any(|d| d.as_str().is_some_and(|d| d.contains("\"postgres\""))),
        "{made}"
    );
    for path in [
        "pacto.yaml",
        "docs/runbook.md",
        "configuration/schema.json",
        "interfaces/http-api.yaml",
        "interfaces/events.yaml",
    ] {
        assert!(folder.path().join("invoices").join(path).is_file(), "{path}: {made}");
    }
    assert_eq!(made["fileCount"], 5);
    is_valid(&folder, "invoices");
    assert_eq!(code(&one(folder.path(), "pacto_create", arguments)), "ALREADY_EXISTS");
    for (arguments, expected) in [
        (json!({"name": "a\nb: {}"}), "INVALID_ARGUMENTS"),
        (json!({"name": "x", "path": "../x"}), "OUTSIDE_ROOTS"),
        (json!({"name": "x", "path": "/tmp/x"}), "OUTSIDE_ROOTS"),
        (json!({"name": "x", "path": ".hidden/x"}), "OUTSIDE_ROOTS"),
        (json!({"name": "x", "version": "one"}), "WOULD_BE_INVALID"),
    ] {
        let result = one(folder.path(), "pacto_create", arguments);
        assert_eq!(code(&result), expected, "{result}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Every combination of answers makes a contract without errors.
#[test]
fn generated_contracts_are_valid() {
    let folder = TempDir::new("mcp-generate");
    let mut calls = Vec::new();
    for bits in 0..32_u32 {
        let has = |bit: u32| bits & (1 << bit) != 0;
        let mut arguments = json!({
            "service_name": "payments", "exposes_http": has(0), "exposes_grpc": has(1),
            "needs_database": has(2), "needs_cache": has(3), "language": "go: {}\n",
        });
        if has(4) {
            arguments["owner"] = json!("team/payments");
            arguments["registry"] = json!("ghcr.io/acme");
        }
        calls.push(call("pacto_generate_contract", arguments));
    }
    let made = results(folder.path(), &calls);
    for (i, result) in made.iter().enumerate() {
        let found = &result["structuredContent"];
        assert_eq!(result["content"][0]["text"], found["yaml"]);
        folder.write(&format!("{i}/pacto.yaml"), found["yaml"].as_str().expect("text"));
        for file in found["files"].as_array().expect("files") {
            let path = format!("{i}/{}", file["path"].as_str().expect("a path"));
            folder.write(&path, file["content"].as_str().expect("text"));
        }
    }
    let checks: Vec<Value> = (0..made.len())
        .map(|i| call("pacto_validate", json!({"path": i.to_string(), "offline": true})))
        .collect();
    for result in results(folder.path(), &checks) {
        let validated = structured(&result);
        assert_eq!(validated["errors"], json!([]), "{validated}");
    }
    let named =
        one(folder.path(), "pacto_generate_contract", json!({"service_name": "My Service"}));
    let text = named["content"][0]["text"].as_str().expect("text");
    assert!(text.starts_with("INVALID_ARGUMENTS") && text.contains("use \"my-service\""), "{text}");
}
