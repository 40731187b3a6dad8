//! The tools that look at all contracts, and those that read one: against the examples.

use pacto_tests::registry::{Guard, Registry, User, contract};
use pacto_tests::{TempDir, repository};
use serde_json::{Value, json};

use crate::{call, client, printed, results, structured};

/// The structured answers of calls in the folder of the examples.
fn answers(calls: &[Value]) -> Vec<Value> {
    results(&repository().join("examples"), calls).iter().map(structured).collect()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|item| item["name"].as_str()).collect()
}

#[test]
fn contracts_are_found_by_what_is_remembered_of_them() {
    let found = answers(&[
        call("pacto_search", json!({"query": "payments"})),
        call("pacto_search", json!({"depends_on": "auth", "sort": "name"})),
        call("pacto_search", json!({"limit": 5})),
        call("pacto_search", json!({"query": "zzzz"})),
        call("pacto_search", json!({"workload": "scheduled"})),
        call("pacto_search", json!({"sort": "dependents", "limit": 1})),
    ]);
    assert_eq!(found[0]["items"][0]["name"], "payments", "{}", found[0]);
    assert_eq!(found[0]["items"][0]["valid"], true);
    assert!(names(&found[1]["items"]).contains(&"payments"), "{}", found[1]);
    assert_eq!(found[2]["items"].as_array().map(Vec::len), Some(5));
    assert!(found[2]["total"].as_u64().is_some_and(|total| total >= 15), "{}", found[2]);
    assert!(found[2]["nextCursor"].is_string());
    assert_eq!((&found[3]["total"], &found[3]["items"]), (&json!(0), &json!([])));
    assert!(!names(&found[4]["items"]).is_empty(), "{}", found[4]);
    assert!(found[5]["items"][0]["dependents"].as_u64().is_some_and(|count| count > 1));
}

#[test]
fn pages_follow_one_another_until_something_changes() {
    let folder = TempDir::new("mcp-pages");
    for i in 0..30 {
        let name = format!("service-{i:02}");
        folder.write(&format!("{name}/pacto.yaml"), contract(&name, "1.0.0", &[]));
    }
    let first = results(folder.path(), &[call("pacto_search", json!({"sort": "name"}))]);
    let text = first[0]["content"][1]["text"].as_str().expect("a sentence");
    assert!(text.starts_with("Showing 1–25 of 30; pass cursor \""), "{text}");
    let cursor = structured(&first[0])["nextCursor"].clone();
    let next = results(
        folder.path(),
        &[
            call("pacto_search", json!({"sort": "name", "cursor": cursor})),
            call("pacto_search", json!({"sort": "dependents", "cursor": cursor})),
            call("pacto_search", json!({"sort": "name", "cursor": "mine"})),
        ],
    );
    let page = structured(&next[0]);
    assert_eq!(
        names(&page["items"]),
        ["service-25", "service-26", "service-27", "service-28", "service-29"]
    );
    assert!(page.get("nextCursor").is_none());
    assert_eq!(next[1]["_meta"]["pacto/error"]["code"], "CURSOR_EXPIRED");
    assert_eq!(next[2]["_meta"]["pacto/error"]["code"], "INVALID_ARGUMENTS");
}

#[test]
fn who_uses_whom_is_told_in_both_directions() {
    let found = answers(&[
        call("pacto_graph", json!({"ref": "payments", "direction": "up", "depth": 1})),
        call("pacto_graph", json!({"ref": "payments", "format": "mermaid"})),
        call("pacto_graph", json!({"limit": 4, "format": "dot"})),
        call("pacto_graph", json!({"ref": "payments", "kinds": "both", "format": "tree"})),
        call("pacto_impact", json!({"ref": "payments"})),
    ]);
    assert!(names(&found[0]["nodes"]).contains(&"orders"), "{}", found[0]);
    let edge = &found[0]["edges"][0];
    assert_eq!((&edge["to"], &edge["kind"]), (&json!("payments"), &json!("dependency")));
    assert!(names(&found[1]["nodes"]).contains(&"auth"), "{}", found[1]);
    assert!(found[1]["rendered"].as_str().is_some_and(|text| text.starts_with("graph TB\n")));
    assert_eq!(found[2]["truncated"], true);
    assert_eq!(found[2]["nodes"].as_array().map(Vec::len), Some(4));
    let tree = found[3]["rendered"].as_str().expect("a tree");
    assert!(tree.starts_with("payments@2.1.0\n  ") && tree.contains("platform-policy"), "{tree}");
    let affected = &found[4]["affected"];
    assert!(names(affected).contains(&"orders"), "{}", found[4]);
    assert_eq!(affected[0]["verdict"], "unknown");
}

#[test]
fn a_change_is_judged_for_each_of_its_users() {
    let folder = TempDir::new("mcp-impact");
    let service = |name: &str, dependencies: &str| {
        format!(
            "pactoVersion: \"1.0\"\nservice:\n  name: {name}\n  version: 1.0.0\n  owner: team/{name}\n{dependencies}"
        )
    };
    let http = |version: &str, port: u16| {
        format!(
            "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: {version}\ninterfaces:\n  - name: api\n    type: http\n    port: {port}\n"
        )
    };
    let on = |path: &str, range: &str, required: bool| {
        format!(
            "dependencies:\n  - name: dep\n    ref: {path}\n    required: {required}\n    compatibility: \"{range}\"\n"
        )
    };
    folder.write("pay/pacto.yaml", http("1.0.0", 8080));
    folder.write("next/pay/pacto.yaml", http("2.0.0", 9090).replace("name: api", "name: other"));
    folder.write("open/pacto.yaml", service("open", &on("../pay", ">=1.0.0", true)));
    folder.write("closed/pacto.yaml", service("closed", &on("../pay", "^1.0.0", true)));
    folder.write("loose/pacto.yaml", service("loose", &on("../pay", "^1.0.0", false)));
    folder.write("far/pacto.yaml", service("far", &on("../open", "^1.0.0", true)));
    let found = results(
        folder.path(),
        &[call("pacto_impact", json!({"ref": "pay", "new_ref": "next/pay"}))],
    );
    let found = structured(&found[0]);
    assert_eq!(found["classification"], "BREAKING", "{found}");
    let affected = found["affected"].as_array().expect("rows").iter();
    let verdicts: Vec<(&str, &str)> = affected
        .map(|row| (row["name"].as_str().unwrap_or(""), row["verdict"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(
        verdicts,
        [("open", "breaks"), ("far", "at-risk"), ("closed", "blocked"), ("loose", "stays")]
    );
    assert_eq!(found["affected"][1]["via"], json!(["open"]));
    assert_eq!(found["owners"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_contract_is_taken_apart() {
    let found = answers(&[
        call("pacto_inspect", json!({"ref": "orders"})),
        call("pacto_inspect", json!({"ref": "orders", "sections": ["values"], "raw": true})),
        call("pacto_list_interfaces", json!({"ref": "orders", "operations": true})),
        call(
            "pacto_list_interfaces",
            json!({"ref": "orders", "operations": true, "interface": "api", "limit": 1}),
        ),
        call("pacto_suggest_dependencies", json!({"contract": "orders"})),
        call("pacto_inspect", json!({"ref": "orders@2.3.0"})),
    ]);
    let orders = &found[0];
    assert_eq!((&orders["name"], &orders["ownerKey"]), (&json!("orders"), &json!("checkout")));
    assert_eq!(orders["dependencies"][1]["interval"], ">= 2.0.0, < 3.0.0");
    assert_eq!(orders["runtime"]["workloadType"], "service");
    assert!(
        orders["configurations"][0]["valueKeys"].as_array().is_some_and(|keys| keys.len() == 3)
    );
    assert!(orders["configurations"][0].get("values").is_none());
    assert_eq!(found[1]["configurations"][0]["values"]["LOG_LEVEL"], "info");
    assert!(found[1]["yaml"].as_str().is_some_and(|text| text.starts_with("pactoVersion")));
    assert!(found[1].get("dependencies").is_none());
    let kinds = |i: usize| found[2]["interfaces"][i]["operations"][0]["kind"].clone();
    assert_eq!((kinds(0), kinds(1)), (json!("http"), json!("channel")), "{}", found[2]);
    assert_eq!(found[3]["interfaces"][0]["operations"].as_array().map(Vec::len), Some(1));
    assert!(found[3]["nextCursor"].is_string(), "{}", found[3]);
    assert!(found[4]["suggested"].is_array());
    assert_eq!(found[5]["hash"], orders["hash"]);
}

#[test]
fn findings_are_those_of_the_editor() {
    let docs = repository().join("docs");
    let found =
        results(&docs, &[call("pacto_check", json!({"path": "broken-contract", "limit": 200}))]);
    let checked = structured(&found[0]);
    assert_eq!(checked["valid"], false);
    let user = User::new();
    let shown = user.command(&["lsp", "--check", "broken-contract"]).current_dir(&docs).output();
    let shown: Value = serde_json::from_slice(&shown.expect("it runs").stdout).expect("JSON");
    let place = |code: &Value, start: &Value, line: &str, column: &str, first: u64| {
        let at = |key: &str| start[key].as_u64().expect("a number") + first;
        (code.as_str().expect("a code").to_owned(), at(line), at(column))
    };
    let mut editor: Vec<_> = shown
        .as_array()
        .expect("documents")
        .iter()
        .flat_map(|document| document["diagnostics"].as_array().expect("a list"))
        .map(|d| place(&d["code"], &d["range"]["start"], "line", "character", 1))
        .collect();
    let findings = checked["findings"].as_array().expect("findings");
    let mut own: Vec<_> = findings
        .iter()
        .map(|f| place(&f["code"], &f["range"], "startLine", "startColumn", 0))
        .collect();
    editor.sort();
    own.sort();
    assert_eq!(own, editor);
    assert!(findings.iter().all(|finding| finding["excerpt"].is_string()), "{checked}");
}

/// Each call that is suggested works as it is given.
#[test]
fn suggested_calls_work() {
    let examples = repository().join("examples");
    let checked = results(&examples, &[call("pacto_check", json!({"path": "payments"}))]);
    let mut suggested = structured(&checked[0])["suggestions"].as_array().expect("a list").clone();
    let docs = repository().join("docs");
    let broken = results(&docs, &[call("pacto_check", json!({"path": "broken-contract"}))]);
    let of_broken = structured(&broken[0])["suggestions"].as_array().expect("a list").clone();
    assert!(!suggested.is_empty() && !of_broken.is_empty());
    for (folder, list) in [(&examples, &mut suggested), (&docs, &mut of_broken.clone())] {
        let calls: Vec<Value> = list
            .iter()
            .map(|one| call(one["tool"].as_str().expect("a tool"), one["arguments"].clone()))
            .collect();
        for (called, result) in calls.iter().zip(results(folder, &calls)) {
            assert_eq!(result["isError"], false, "{called}: {result}");
        }
    }
}

#[test]
fn published_versions_are_listed() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    for version in ["1.0.0", "1.2.0", "2.0.0"] {
        user.folder.write("svc/pacto.yaml", contract("pay", version, &[]));
        user.run(&["push", &format!("{}/acme/pay", registry.host()), "-p", "svc"]).ends_with(0);
    }
    let reference = format!("oci://{}/acme/pay", registry.host());
    let found = results(
        user.folder.path(),
        &[
            call("pacto_list_versions", json!({"ref": reference, "constraint": "^1.0.0"})),
            call("pacto_list_versions", json!({"ref": reference, "constraint": "one"})),
            call("pacto_list_versions", json!({"ref": "absent"})),
            call("pacto_inspect", json!({"ref": format!("{reference}:1.2.0")})),
        ],
    );
    let listed = structured(&found[0]);
    let versions: Vec<&str> = listed["versions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|v| v["version"].as_str())
        .collect();
    assert_eq!(versions, ["2.0.0", "1.2.0", "1.0.0"]);
    assert_eq!((&listed["best"], &listed["source"]), (&json!("1.2.0"), &json!("registry")));
    assert_eq!(listed["versions"][0]["inConstraint"], false);
    assert_eq!(found[1]["_meta"]["pacto/error"]["code"], "INVALID_ARGUMENTS");
    assert_eq!(found[2]["_meta"]["pacto/error"]["code"], "NOT_FOUND");
    let published = structured(&found[3]);
    assert_eq!((&published["source"], &published["version"]), (&json!("oci"), &json!("1.2.0")));
}

#[test]
fn services_are_named_and_names_that_several_have_are_told() {
    let folder = TempDir::new("mcp-names");
    folder.write("a/pacto.yaml", contract("pay", "1.0.0", &[]));
    folder.write("b/pacto.yaml", contract("pay", "2.0.0", &[]));
    folder.write("c/pacto.yaml", contract("auth", "1.0.0", &[]));
    let found = results(
        folder.path(),
        &[
            call("pacto_inspect", json!({"ref": "auth"})),
            call("pacto_inspect", json!({"ref": "pay"})),
            call("pacto_inspect", json!({"ref": "pay@2.0.0"})),
            call("pacto_inspect", json!({"ref": "auht"})),
        ],
    );
    assert_eq!(structured(&found[0])["path"], "c");
    let error = &found[1]["_meta"]["pacto/error"];
    assert_eq!(error["code"], "AMBIGUOUS_REF");
    assert_eq!(error["details"]["candidates"], json!(["a", "b"]));
    assert_eq!(structured(&found[2])["path"], "b");
    let missing = found[3]["content"][0]["text"].as_str().expect("text");
    assert!(
        missing.starts_with("NOT_FOUND") && missing.contains("did you mean auth?"),
        "{missing}"
    );
}

#[test]
fn tools_are_chosen_by_flags() {
    let listed = |args: &[&str]| -> Vec<String> {
        let answer = client(&repository(), args, &json!([]));
        let tools = answer["tools"].as_array().expect("tools").iter();
        tools.filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect()
    };
    let all = listed(&[]);
    let left = listed(&["--read-only", "--toolsets", "all"]);
    let gone: Vec<&String> = all.iter().filter(|name| !left.contains(name)).collect();
    assert_eq!(gone, ["pacto_create", "pacto_edit"]);
    assert_eq!(
        listed(&[
            "--toolsets",
            "author",
            "--exclude-tools",
            "pacto_edit,pacto_create",
            "--tools",
            "pacto_diff"
        ]),
        ["pacto_diff", "pacto_generate_contract", "pacto_suggest_dependencies"]
    );
    let calls = json!([call("pacto_edit", json!({"path": "x"}))]);
    let answer = client(&repository(), &["--read-only"], &calls);
    assert_eq!(answer["results"][0]["_meta"]["pacto/error"]["code"], "READ_ONLY");
    let user = User::new();
    user.run(&["mcp", "--toolsets", "fleets"]).ends_with(2);
    user.run(&["mcp", "--tools", "pacto_dif"]).ends_with(2);
}

#[test]
fn the_editor_and_the_command_agree_with_the_tree() {
    let found = answers(&[call("pacto_graph", json!({"ref": "payments", "depth": 50}))]);
    let printed = printed(&["graph", "payments"]);
    let mut edges = 0;
    let mut queue = vec![&printed["root"]];
    while let Some(node) = queue.pop() {
        for edge in node["dependencies"].as_array().into_iter().flatten() {
            edges += 1;
            queue.push(&edge["node"]);
        }
    }
    assert_eq!(found[0]["edges"].as_array().map(Vec::len), Some(edges));
}
