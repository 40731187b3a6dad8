//! `pacto mcp`, as the official client and as a raw pipe see it: its answers are those of the
//! commands.

mod authoring;
mod fleet;
mod http;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use pacto_tests::registry::{User, contract, run};
use pacto_tests::{TempDir, git, pacto, repository};
use serde_json::{Value, json};

/// What the official client gets from a server that starts in `folder`.
fn client(folder: &Path, args: &[&str], calls: &Value) -> Value {
    let sdk = repository().join(".cache/testbed/mcp/node_modules/@modelcontextprotocol/sdk");
    assert!(sdk.exists(), "{}: run `cargo xtask setup` first", sdk.display());
    let args: Vec<&str> = [&["mcp"], args].concat();
    let request =
        json!({"sdk": sdk, "program": pacto(), "args": args, "cwd": folder, "calls": calls});
    let mut node = Command::new("node")
        .arg(repository().join("tests/tests/mcp/client.mjs"))
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stderr(Stdio::null())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut stdin = node.stdin.take().expect("stdin");
    stdin.write_all(request.to_string().as_bytes()).expect("the request");
    drop(stdin);
    let output = node.wait_with_output().expect("node ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn call(name: &str, arguments: Value) -> Value {
    json!({"name": name, "arguments": arguments})
}

/// The results of calls in a folder.
fn results(folder: &Path, calls: &[Value]) -> Vec<Value> {
    let answer = client(folder, &[], &json!(calls));
    answer["results"].as_array().expect("results").clone()
}

/// The results of calls that are made at once.
fn at_once(folder: &Path, calls: &[Value]) -> Vec<Value> {
    let calls: Vec<Value> = calls
        .iter()
        .map(|call| {
            let mut call = call.clone();
            call["atOnce"] = true.into();
            call
        })
        .collect();
    results(folder, &calls)
}

/// What a command prints in the folder of the examples.
fn printed(args: &[&str]) -> Value {
    let user = User::new();
    let args: Vec<&str> = [args, &["--output-format", "json"]].concat();
    let run = run(user.command(&args).current_dir(repository().join("examples")));
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {run:?}"))
}

/// The structured content, which its text equals.
fn structured(result: &Value) -> Value {
    let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{result}"));
    let found = &result["structuredContent"];
    assert!(found.is_object(), "{text}");
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), *found);
    found.clone()
}

fn without(mut value: Value, keys: &[&str]) -> Value {
    value.as_object_mut().expect("an object").retain(|key, _| !keys.contains(&key.as_str()));
    value
}

#[test]
fn each_tool_answers_what_its_command_prints() {
    let calls = [
        call("pacto_validate", json!({"path": "payments"})),
        call("pacto_validate", json!({"path": "../docs/broken-contract"})),
        call("pacto_resolve_dependencies", json!({"ref": "payments"})),
        call("pacto_explain", json!({"ref": "payments"})),
        call("pacto_generate_docs", json!({"ref": "payments"})),
        call("pacto_explain_rule", json!({"code": "port-required"})),
        call("pacto_schema", json!({"section": "runtime.state", "version": "1.2"})),
        call("pacto_diff", json!({"old": "payments", "new": "payments-v1", "spans": true})),
        call("pacto_explain_rule", json!({})),
    ];
    let examples = repository().join("examples");
    let results = results(&examples, &calls);
    let validated = structured(&results[0]);
    assert_eq!(validated["Valid"], true);
    assert_eq!(validated["counts"]["errors"], 0);
    assert_eq!(without(validated, &["counts"]), printed(&["validate", "payments"]));
    assert_eq!(results[1]["_meta"]["pacto/error"]["code"], "OUTSIDE_ROOTS", "{}", results[1]);
    let graph = structured(&results[2]);
    assert_eq!(graph["incomplete"], false);
    assert_eq!(without(graph, &["incomplete"]), printed(&["graph", "payments"]));
    let explained = structured(&results[3]);
    assert_eq!(explained["contract"], printed(&["explain", "payments"]));
    let documented = &results[4]["structuredContent"];
    let doc = printed(&["doc", "payments"]);
    assert_eq!(documented["markdown"], doc["markdown"]);
    assert_eq!(results[4]["content"][0]["text"], doc["markdown"]);
    let rule = printed(&["explain-rule", "PORT_REQUIRED"]);
    assert_eq!(
        structured(&results[5]),
        without(rule, &["schemaVersion", "status", "needsRegistry"])
    );
    let schema = structured(&results[6])["jsonSchema"].as_str().expect("text").to_owned();
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    assert_eq!(schema, printed(&["schema", "runtime.state", "--version", "1.2"]));
    assert!(structured(&results[8])["rules"].as_array().is_some_and(|rules| rules.len() > 50));

    let (mut compared, mut diff) =
        (structured(&results[7]), printed(&["diff", "payments", "payments-v1"]));
    let worst_first = compared["changes"].as_array().expect("changes").clone();
    assert_eq!(worst_first[0]["classification"], "BREAKING");
    for value in [&mut compared, &mut diff] {
        let rows = value["changes"].as_array_mut().expect("changes");
        rows.sort_by_key(|row| row.to_string());
    }
    assert_eq!(compared, diff);
}

#[test]
fn an_invalid_contract_is_a_result_with_its_findings() {
    let found = results(
        &repository().join("docs"),
        &[
            call("pacto_validate", json!({"path": "broken-contract"})),
            call("pacto_explain", json!({"ref": "broken-contract"})),
        ],
    );
    let validated = structured(&found[0]);
    assert_eq!(validated["valid"], false);
    assert!(validated["counts"]["errors"].as_u64().is_some_and(|count| count > 0));
    assert_eq!(found[0].get("isError").and_then(Value::as_bool), Some(false));
}

#[test]
fn errors_say_what_to_do_next() {
    let found = results(
        &repository().join("examples"),
        &[
            call("pacto_validate", json!({"pat": "payments", "strict": "maybe"})),
            call("pacto_validate", json!({"path": "absent"})),
            call("pacto_validate", json!({"path": "../README.md"})),
            call("pacto_explain_rule", json!({"code": "PORT_REQUIRE"})),
            call("pacto_validate", json!({"path": "oci://registry.invalid/a/b", "offline": true})),
            call("pacto_absent", json!({})),
        ],
    );
    let text = |i: usize| found[i]["content"][0]["text"].as_str().expect("text");
    assert_eq!(
        text(0),
        "INVALID_ARGUMENTS: /pat: there is no such argument; did you mean path?; /strict: expected true \
         or false; /path: this argument is required. Next: call again with these arguments mended"
    );
    assert_eq!(found[0]["_meta"]["pacto/error"]["details"].as_array().map(Vec::len), Some(3));
    assert!(
        text(1).starts_with("NOT_FOUND: absent: there is no such file or folder."),
        "{}",
        text(1)
    );
    assert!(text(2).starts_with("OUTSIDE_ROOTS: ../README.md:"), "{}", text(2));
    assert!(text(3).ends_with("Next: did you mean PORT_REQUIRED?"), "{}", text(3));
    for result in &found[..5] {
        assert_eq!(result["isError"], true);
        assert!(result.get("structuredContent").is_none(), "{result}");
    }
    assert_eq!(found[5]["refused"], -32602);
}

#[test]
fn a_path_is_looked_for_in_each_root() {
    let calls = [
        call("pacto_validate", json!({"path": "payments"})),
        call("pacto_validate", json!({"path": "broken-contract"})),
        call("pacto_validate", json!({"path": "../README.md"})),
    ];
    let args = ["--root", "examples", "--root", "docs"];
    let answer = client(&repository(), &args, &json!(calls));
    let valid = |i: usize| answer["results"][i]["structuredContent"]["valid"].clone();
    assert_eq!((valid(0), valid(1)), (json!(true), json!(false)));
    assert_eq!(answer["results"][2]["_meta"]["pacto/error"]["code"], "OUTSIDE_ROOTS");
}

#[test]
fn what_lies_outside_of_the_roots_is_not_read() {
    let folder = TempDir::new("mcp-roots");
    folder.write("out/pacto.yaml", contract("secret", "9.8.7", &[]));
    let dependencies = [("file://../../out", "^9.0.0"), ("file://../lib", "^1.0.0")];
    folder.write("root/svc/pacto.yaml", contract("svc", "1.0.0", &dependencies));
    folder.write("root/lib/pacto.yaml", contract("lib", "1.0.0", &[]));
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    let found = results(
        &folder.path().join("root"),
        &[
            call("pacto_resolve_dependencies", json!({"ref": "svc"})),
            call("pacto_diff", json!({"old": "git:main", "new": "svc"})),
            call("pacto_diff", json!({"old": "git:main:../out", "new": "svc"})),
            call("pacto_validate", json!({"path": "svc", "values_files": ["../out/pacto.yaml"]})),
        ],
    );
    let graph = structured(&found[0]);
    assert_eq!(graph["incomplete"], true);
    let edges = graph["root"]["dependencies"].as_array().expect("edges");
    assert!(edges[0].get("error").is_some() && edges[1]["node"]["name"] == "lib", "{graph}");
    assert_eq!(structured(&found[1])["changes"], json!([]));
    assert_eq!(found[2]["_meta"]["pacto/error"]["code"], "INVALID_REF");
    assert_eq!(found[3]["_meta"]["pacto/error"]["code"], "OUTSIDE_ROOTS");
    for result in &found {
        assert!(!result.to_string().contains("9.8.7"), "{result}");
    }
}

/// Some clients refuse a whole server over one schema that they do not understand.
#[test]
fn the_list_of_tools_is_plain_and_small() {
    let answer = client(&repository(), &[], &json!([]));
    assert_eq!(answer["server"]["name"], "pacto");
    assert!(answer["instructions"].as_str().is_some_and(|text| text.len() <= 1500));
    let tools = answer["tools"].as_array().expect("tools");
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert!(names.is_sorted() && names.len() == 18, "{names:?}");
    let all = Value::from(tools.clone()).to_string();
    assert!(all.len() <= 40 * 1024, "{}", all.len());
    let inputs = tools.iter().map(|tool| {
        json!({
            "name": tool["name"], "description": tool["description"],
            "inputSchema": tool["inputSchema"],
        })
    });
    let inputs = inputs.collect::<Value>().to_string();
    assert!(inputs.len() <= 24 * 1024, "{}", inputs.len());
    for tool in tools {
        let name = &tool["name"];
        assert!(tool["description"].as_str().is_some_and(|text| text.len() <= 400), "{name}");
        let hints = tool["annotations"].as_object().expect("annotations");
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(hints[hint].is_boolean(), "{name} {hint}");
        }
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
        let writes = ["pacto_create", "pacto_edit"].iter().any(|writer| name == writer);
        assert_eq!(hints["readOnlyHint"], !writes, "{name}");
        for (argument, described) in
            tool["inputSchema"]["properties"].as_object().expect("arguments")
        {
            assert!(described["description"].is_string(), "{name} {argument}");
            assert_eq!(
                described["examples"].as_array().map(Vec::len),
                Some(1),
                "{name} {argument}"
            );
        }
        lint(&tool["inputSchema"], name);
        lint(&tool["outputSchema"], name);
    }
    let page = std::fs::read_to_string(repository().join("docs/mcp.md")).expect("the page");
    let told: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(told, names.into_iter().collect(), "docs/mcp.md lists the tools");
}

fn lint(schema: &Value, tool: &Value) {
    match schema {
        Value::Object(map) => {
            for key in ["$ref", "$defs", "anyOf", "oneOf", "allOf", "format", "$schema"] {
                assert!(!map.contains_key(key), "{tool}: {key}");
            }
            assert!(map.get("type").is_none_or(|ty| !ty.is_array()), "{tool}: {schema}");
            assert!(
                map.get("type") != Some(&json!("array")) || map.contains_key("items"),
                "{tool}"
            );
            for (key, value) in map {
                match value.as_object().filter(|_| key == "properties") {
                    // Names of arguments are no keywords.
                    Some(named) => named.values().for_each(|value| lint(value, tool)),
                    None => lint(value, tool),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| lint(item, tool)),
        _ => {}
    }
}

/// A server on pipes.
fn raw() -> std::process::Child {
    Command::new(pacto())
        .args(["mcp", "-v"])
        .current_dir(repository().join("examples"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("pacto runs")
}

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
"#;

#[test]
fn stdout_holds_messages_only_and_the_end_of_stdin_ends_the_server() {
    let mut server = raw();
    let mut stdin = server.stdin.take().expect("stdin");
    let mut lines = BufReader::new(server.stdout.take().expect("stdout")).lines();
    let mut next = || -> Value {
        serde_json::from_str(&lines.next().expect("a line").expect("text")).expect("JSON")
    };
    stdin.write_all(INITIALIZE.as_bytes()).expect("written");
    assert_eq!(next()["result"]["protocolVersion"], "2025-06-18");
    let calls = "this is no message\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\",\"params\":{\"cursor\":\"mine\"}}\n";
    stdin.write_all(calls.as_bytes()).expect("written");
    let refused = next();
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(2), &json!(-32602)));
    drop(stdin);
    assert!(lines.next().is_none());
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}

#[cfg(unix)]
#[test]
fn sigterm_ends_the_server_while_stdin_is_open() {
    let mut server = raw();
    let mut stdin = server.stdin.take().expect("stdin");
    stdin.write_all(INITIALIZE.as_bytes()).expect("written");
    let mut line = String::new();
    let mut stdout = BufReader::new(server.stdout.take().expect("stdout"));
    stdout.read_line(&mut line).expect("an answer");
    let id = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().is_ok_and(|s| s.success()));
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
    drop(stdin);
}

#[test]
fn snippets_for_clients_start_the_server() {
    for client in ["claude-code", "claude-desktop", "cursor", "vscode", "generic"] {
        let user = User::new();
        let snippet = user.run(&["mcp", "config", client]).ends_with(0).json();
        let servers = snippet.get("mcpServers").or(snippet.get("servers")).expect("servers");
        assert_eq!(servers["pacto"]["command"], "pacto");
        assert_eq!(servers["pacto"]["args"][0], "mcp");
    }
    let user = User::new();
    user.run(&["mcp", "--root", "absent"]).ends_with(2);
    for client in ["claude-code", "cursor", "vscode", "generic"] {
        let args = ["mcp", "--transport", "http", "--port", "9000", "config", client];
        let snippet = user.run(&args).ends_with(0).json();
        let servers = snippet.get("mcpServers").or(snippet.get("servers")).expect("servers");
        assert_eq!(servers["pacto"]["url"], "http://127.0.0.1:9000/mcp");
    }
    user.run(&["mcp", "--transport", "http", "config", "claude-desktop"]).ends_with(2);
}

/// What is no message is told so, and nothing that came is lost.
#[test]
fn lines_that_are_no_messages_are_refused_and_the_server_goes_on() {
    let mut server = raw();
    let mut stdin = server.stdin.take().expect("stdin");
    let mut lines = BufReader::new(server.stdout.take().expect("stdout")).lines();
    let mut next = || -> Value {
        serde_json::from_str(&lines.next().expect("a line").expect("text")).expect("JSON")
    };
    let early = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
    stdin.write_all(early.as_bytes()).expect("written");
    stdin.write_all(INITIALIZE.as_bytes()).expect("written");
    assert_eq!(next()["id"], 1);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"x\":\"{}\"}}", "y".repeat(5 << 20));
    for (line, id) in [
        ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", Value::Null),
        ("{\"id\":7,\"method\":\"ping\"}", json!(7)),
        ("{\"jsonrpc\":\"2.0\",\"id\":8}", json!(8)),
        (&deep, Value::Null),
        (&long, Value::Null),
    ] {
        stdin.write_all(format!("{line}\n").as_bytes()).expect("written");
        let refused = next();
        let shown = &line[..line.len().min(60)];
        assert_eq!((&refused["id"], &refused["error"]["code"]), (&id, &json!(-32600)), "{shown}");
    }
    for (method, code) in [("tools/call", -32602), ("no/such", -32601)] {
        let line =
            format!("{{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"{method}\",\"params\":{{}}}}\n");
        stdin.write_all(line.as_bytes()).expect("written");
        assert_eq!(next()["error"]["code"], code, "{method}");
    }
    drop(stdin);
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_thousand_calls_at_once_are_all_answered_even_when_stdin_ends() {
    let mut server = raw();
    let mut stdin = server.stdin.take().expect("stdin");
    let stdout = BufReader::new(server.stdout.take().expect("stdout"));
    let reader = std::thread::spawn(move || {
        let parsed =
            stdout.lines().map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"));
        parsed.collect::<Vec<Value>>()
    });
    stdin.write_all(INITIALIZE.as_bytes()).expect("written");
    for id in 2..1002 {
        let call = json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": "pacto_explain_rule", "arguments": {"code": "PORT_REQUIRED"}},
        });
        stdin.write_all(format!("{call}\n").as_bytes()).expect("written");
    }
    drop(stdin);
    let answers = reader.join().expect("answers");
    let mut ids: Vec<u64> = answers.iter().filter_map(|answer| answer["id"].as_u64()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..1002).collect::<Vec<_>>());
    assert!(answers[1..].iter().all(|answer| answer["result"]["isError"] == false));
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}

/// Node starts servers on sockets, whose reads cannot be ended.
#[cfg(unix)]
#[test]
fn sigterm_ends_a_server_on_sockets() {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    let (mut ours, theirs) = UnixStream::pair().expect("sockets");
    let stdin = OwnedFd::from(theirs.try_clone().expect("a socket"));
    let mut server = Command::new(pacto())
        .arg("mcp")
        .current_dir(repository().join("examples"))
        .stdin(stdin)
        .stdout(OwnedFd::from(theirs))
        .stderr(Stdio::null())
        .spawn()
        .expect("pacto runs");
    ours.write_all(INITIALIZE.as_bytes()).expect("written");
    let mut line = String::new();
    BufReader::new(ours.try_clone().expect("a socket")).read_line(&mut line).expect("an answer");
    let began = std::time::Instant::now();
    let id = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().is_ok_and(|s| s.success()));
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
    assert!(began.elapsed() < std::time::Duration::from_secs(1));
}
