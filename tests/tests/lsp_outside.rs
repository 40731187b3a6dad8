//! The language server and what is outside of it: disks, git, registries, projects, settings. No
//! message waits for any of them, and the last good state stays.

use std::process::Command;
use std::time::{Duration, Instant};

use pacto_tests::lsp::{Client, rich_capabilities};
use pacto_tests::registry::{Fault, Guard, Proxy, Registry, User, contract};
use pacto_tests::{TempDir, git, pacto};
use serde_json::{Value, json};

const VALID: &str =
    "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n  owner:\n    team: pay\n";

fn api(port: u16) -> String {
    format!("{VALID}interfaces:\n  - name: api\n    type: http\n    port: {port}\n")
}

fn uri(folder: &TempDir, path: &str) -> String {
    format!("file://{}/{path}", folder.path().display())
}

fn has(code: &'static str) -> impl Fn(&[Value]) -> bool {
    move |items| items.iter().any(|item| item["code"] == code)
}

fn lacks(code: &'static str) -> impl Fn(&[Value]) -> bool {
    move |items| items.iter().all(|item| item["code"] != code)
}

fn server() -> Command {
    let mut command = Command::new(pacto());
    command.arg("lsp").env("PACTO_OFFLINE", "1").env("PACTO_NO_CACHE", "1");
    command
}

/// Capabilities with one more.
fn with(pointer: &str, value: Value) -> Value {
    let mut capabilities = rich_capabilities();
    let mut place = &mut capabilities;
    for part in pointer.split('/') {
        place = &mut place[part];
    }
    *place = value;
    capabilities
}

#[test]
fn a_git_that_does_not_answer_delays_nothing_but_the_comparison() {
    let folder = TempDir::new("gate");
    folder.write("pacto.yaml", api(8081));
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    // A git that waits for a file.
    let user = User::new();
    let gate = folder.path().join("gate");
    let script = format!(
        "#!/bin/sh\nwhile [ ! -e '{}' ]; do sleep 0.05; done\nPATH=${{PATH#*:}} exec git \"$@\"\n",
        gate.display()
    );
    let program = user.write_program("git", script);
    let path = std::env::var("PATH").expect("a path");
    let mut command = server();
    command.env("PATH", format!("{}:{path}", program.parent().expect("a folder").display()));
    let mut client = Client::spawn_command(command);
    client.handshake(json!({"capabilities": rich_capabilities()}));
    let uri = uri(&folder, "pacto.yaml");
    client.open(&uri, &api(9090).replace("http", "htpp"));
    client.wait_for(&uri, has("SCHEMA_VIOLATION"));
    client.change(&uri, 2, &api(9090));
    let hover = client.request("textDocument/hover", Client::at(&uri, 2, 4));
    assert!(hover["result"]["contents"].is_object(), "{hover}");
    let items = client.request("textDocument/completion", Client::at(&uri, 10, 0));
    assert!(items["result"]["items"].as_array().is_some_and(|items| !items.is_empty()), "{items}");
    client.wait_for_version(&uri, 2);
    assert!(lacks("BREAKING_CHANGE")(&client.diagnostics[&uri].1), "git has not answered yet");
    std::fs::write(&gate, "").expect("the gate opens");
    client.wait_for(&uri, has("BREAKING_CHANGE"));
}

#[test]
fn what_is_being_typed_is_not_looked_up() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    user.publish(&registry.host(), "auth", "1.0.0", &[]);
    let reference = format!("oci://{}/acme/auth", proxy.host());
    let whole = contract("web", "1.0.0", &[(&reference, "^2.0.0")]);
    let line = whole.lines().position(|line| line.contains(&reference)).expect("a reference");
    let end = whole.lines().nth(line).and_then(|l| l.find(&reference)).expect("a column");
    let end = end + reference.len();
    let start = end - "acme/auth".len();
    let file = user.folder.write("web/pacto.yaml", whole.replace("acme/auth", ""));
    let uri = format!("file://{}", file.display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    client.handshake(json!({"capabilities": rich_capabilities()}));
    client.open(&uri, &whole.replace("acme/auth", ""));
    client.wait_for_version(&uri, 1);
    for (i, letter) in "acme/auth".chars().enumerate() {
        let at = (start + i) as u32;
        client.edit(&uri, 2 + i as i64, (line as u32, at, at), &letter.to_string());
        client.settle_for(Duration::from_millis(30));
    }
    client.wait_for(&uri, has("DEPENDENCY_NO_MATCH"));
    let asked: Vec<String> =
        proxy.log().into_iter().filter(|line| line.contains("tags/list")).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    let flashes = client.seen.iter().any(|code| code == "DEPENDENCY_NOT_FOUND");
    assert!(!flashes, "{:?}", client.seen);
    client.finish();
}

#[test]
fn completion_does_not_wait_for_a_registry_and_says_that_more_may_come() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    user.publish(&registry.host(), "auth", "2.3.0", &[]);
    proxy.fault("tags/list", Fault::Hang(Duration::from_secs(4)), 1);
    let reference = format!("oci://{}/acme/auth", proxy.host());
    let text = contract("web", "1.0.0", &[(&reference, "^2.0.0")]);
    let at = |part: &str| {
        let line = text.lines().position(|line| line.contains(part)).expect("a line");
        let column = text.lines().nth(line).and_then(|l| l.find(part)).expect("a column");
        (line as u32, (column + part.len()) as u32)
    };
    let uri = format!("file://{}", user.folder.write("web/pacto.yaml", &text).display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    client.handshake(json!({"capabilities": rich_capabilities()}));
    client.open(&uri, &text);
    client.wait_for_version(&uri, 1);
    let mut complete = |(line, column)| {
        let answer = client.request("textDocument/completion", Client::at(&uri, line, column));
        let items = answer["result"]["items"].as_array().cloned().unwrap_or_default();
        let labels: Vec<String> =
            items.iter().filter_map(|item| item["label"].as_str().map(str::to_owned)).collect();
        (labels, answer["result"]["isIncomplete"] == true)
    };
    assert_eq!(complete(at("^")), (Vec::new(), true), "the registry hangs");
    let (labels, is_incomplete) = complete(at("required: "));
    assert!(
        labels.contains(&"true".to_owned()) && !is_incomplete,
        "no registry adds to {labels:?}"
    );
    let deadline = Instant::now() + Duration::from_secs(20);
    let found = loop {
        match complete(at("^")) {
            (labels, false) => break labels,
            (_, true) if Instant::now() > deadline => panic!("the answer never arrives"),
            (_, true) => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    assert_eq!(found, ["2.3.0"]);
    client.finish();
}

#[test]
fn a_project_file_takes_effect_when_it_changes_and_a_broken_one_changes_nothing() {
    let folder = TempDir::new("project");
    let text = format!("{}  # note\n", api(8080).replace("type: http", "type: event"));
    folder.write("a/pacto.yaml", &text);
    folder.write("a/.git/HEAD", "");
    let (contract, project) = (uri(&folder, "a/pacto.yaml"), uri(&folder, "a/.pacto.yaml"));
    let root = folder.path().display().to_string();
    let mut client = Client::start(rich_capabilities(), Some(&root));
    client.open(&contract, &text);
    client.wait_for(&contract, has("PORT_IGNORED"));
    folder.write("a/.pacto.yaml", "rules: {PORT_IGNORED: off}\n");
    client.files_changed(&[(&project, 1)]);
    client.wait_for(&contract, lacks("PORT_IGNORED"));
    folder.write("a/.pacto.yaml", "rules: {PORT_IGNORED: off}\nrules: [\n");
    client.files_changed(&[(&project, 2)]);
    let items = client.wait_for(&project, |items| !items.is_empty());
    let message = items[0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("what it said before still counts"), "{message}");
    assert!(items[0]["range"]["start"]["line"].as_u64() > Some(0), "at its place: {items:?}");
    assert!(lacks("PORT_IGNORED")(&client.diagnostics[&contract].1), "the last good state stays");
    folder.write("a/.pacto.yaml", "rules: {PORT_IGNORED: hint}\n");
    client.files_changed(&[(&project, 2)]);
    client.wait_for(&project, <[Value]>::is_empty);
    client.wait_for(&contract, |items| {
        items.iter().any(|item| item["code"] == "PORT_IGNORED" && item["severity"] == 4)
    });
}

#[test]
fn files_that_a_contract_names_are_watched_wherever_they_are() {
    let folder = TempDir::new("watch");
    let text = format!("{VALID}configuration:\n  schema: config.schema.json\n");
    folder.write("pacto.yaml", &text);
    let capabilities = with(
        "workspace/didChangeWatchedFiles",
        json!({"dynamicRegistration": true, "relativePatternSupport": true}),
    );
    let root = folder.path().display().to_string();
    let mut client = Client::start(capabilities, Some(&root));
    let contract = uri(&folder, "pacto.yaml");
    client.open(&contract, &text);
    let is_about = |name: &'static str| {
        move |message: &Value| {
            message["method"] == "client/registerCapability"
                && message["params"].to_string().contains(name)
        }
    };
    let first = client.wait_for_message(is_about("**/.pacto.yaml"));
    let watched = client.wait_for_message(is_about("config.schema.json"));
    let gone = client.wait_for_message(|m| m["method"] == "client/unregisterCapability");
    let id = |message: &Value, list: &str| message["params"][list][0]["id"].clone();
    assert_eq!(id(&gone, "unregisterations"), id(&first, "registrations"), "in its place");
    assert_ne!(id(&watched, "registrations"), id(&first, "registrations"));
    // Said twice, it is heard once.
    client.notify("initialized", json!({}));
    client.settle();
    assert!(client.others.iter().all(|m| m["method"] != "client/registerCapability"));
    client.wait_for(&contract, has("FILE_NOT_FOUND"));
    folder.write("config.schema.json", "{\"type\": \"object\"}");
    client.files_changed(&[(&uri(&folder, "config.schema.json"), 1)]);
    client.wait_for(&contract, lacks("FILE_NOT_FOUND"));
}

#[test]
fn folders_come_and_go() {
    let folder = TempDir::new("folders");
    folder.write("a/pacto.yaml", api(8080));
    let root = folder.path().display().to_string();
    let mut client = Client::start(rich_capabilities(), Some(&root));
    // A folder is moved in.
    folder.write("deep/b/pacto.yaml", api(8080).replace("http", "htpp"));
    client.files_changed(&[(&uri(&folder, "deep"), 1)]);
    let b = uri(&folder, "deep/b/pacto.yaml");
    client.wait_for(&b, has("SCHEMA_VIOLATION"));
    std::fs::remove_dir_all(folder.path().join("deep")).expect("removed");
    client.files_changed(&[(&uri(&folder, "deep"), 3)]);
    client.wait_for(&b, <[Value]>::is_empty);
    assert_eq!(client.finish(), 0);
}

#[test]
fn a_folder_that_is_deleted_leaves_what_is_open() {
    let folder = TempDir::new("deleted");
    let text = format!("{}    contract: api.yaml\n", api(8080));
    folder.write("a/pacto.yaml", &text);
    folder.write("a/api.yaml", "openapi: 3.1.0\ninfo: {title: a, version: 1.0.0}\npaths: {}\n");
    let root = folder.path().display().to_string();
    let mut client = Client::start(rich_capabilities(), Some(&root));
    let contract = uri(&folder, "a/pacto.yaml");
    client.open(&contract, &text);
    client.wait_for_version(&contract, 1);
    std::fs::remove_dir_all(folder.path().join("a")).expect("removed");
    client.files_changed(&[(&uri(&folder, "a"), 3)]);
    client.wait_for(&contract, has("FILE_NOT_FOUND"));
    let symbols =
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": contract}}));
    assert!(symbols["result"].as_array().is_some_and(|list| !list.is_empty()), "{symbols}");
}

#[test]
fn closed_files_end_with_the_findings_of_a_fresh_server() {
    let folder = TempDir::new("closed");
    let text = api(9000).replace("http", "grpc");
    let text = format!("{text}    contract: api.proto\n");
    folder.write("pacto.yaml", &text);
    folder.write("api.proto", "syntax = \"proto3\";\nmessage A {\n");
    let (contract, proto) = (uri(&folder, "pacto.yaml"), uri(&folder, "api.proto"));
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&contract, &text);
    client.open(&proto, "syntax = \"proto3\";\nmessage A {\n");
    client.wait_for(&proto, |items| !items.is_empty());
    for uri in [&contract, &proto] {
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }
    client.wait_for(&proto, <[Value]>::is_empty);
    client.wait_for(&contract, <[Value]>::is_empty);
}

#[test]
fn spellings_of_one_file_are_one_document() {
    let folder = TempDir::new("spelt");
    folder.write("pacto.yaml", api(8080));
    let plain = uri(&folder, "pacto.yaml");
    let other = uri(&folder, "%70acto.yaml");
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&plain, &api(8080).replace("http", "htpp"));
    client.wait_for(&plain, has("SCHEMA_VIOLATION"));
    client.open(&other, &api(8080).replace("http", "htpp"));
    client.wait_for(&other, has("SCHEMA_VIOLATION"));
    client.wait_for(&plain, <[Value]>::is_empty);
    client.change(&plain, 7, &api(8080));
    client.wait_for(&other, <[Value]>::is_empty);
}

#[test]
fn settings_are_asked_for_and_null_says_nothing() {
    let folder = TempDir::new("settings");
    folder.write("old/pacto.yaml", api(7000));
    folder.write("pacto.yaml", api(8080));
    let contract = uri(&folder, "pacto.yaml");
    let options = json!({"baseline": {"mode": "file", "path": "old"}});
    let mut client = Client::spawn();
    client
        .handshake(json!({"capabilities": rich_capabilities(), "initializationOptions": options}));
    client.open(&contract, &api(8080));
    client.wait_for(&contract, has("BREAKING_CHANGE"));
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    client.change(&contract, 2, &api(8080));
    let items = client.wait_for_version(&contract, 2);
    assert!(has("BREAKING_CHANGE")(&items), "the options of the start still count");
    client.finish();
    // Who can be asked is asked, for each folder, and again when something has changed.
    let mut client = Client::spawn();
    client.configuration = json!({"pacto": {"baseline": {"mode": "off"}}});
    let folders = json!([{"uri": uri(&folder, ""), "name": "test"}]);
    client.handshake(json!({
        "capabilities": with("workspace/configuration", json!(true)),
        "initializationOptions": options, "workspaceFolders": folders,
    }));
    let is_asked = |message: &Value| message["method"] == "workspace/configuration";
    let asked = client.wait_for_message(is_asked);
    assert_eq!(asked["params"]["items"].as_array().map(Vec::len), Some(2), "{asked}");
    client.open(&contract, &api(8080));
    client.wait_for_version(&contract, 1);
    client.settle();
    assert!(lacks("BREAKING_CHANGE")(&client.diagnostics[&contract].1));
    client.configuration = json!({"pacto": {"baseline": {"mode": "file"}}});
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    client.wait_for(&contract, has("BREAKING_CHANGE"));
}

#[test]
fn contracts_of_one_folder_are_judged_by_their_own_text() {
    let folder = TempDir::new("twins");
    folder.write("pacto.yaml", api(8080));
    let (usual, other) = (uri(&folder, "pacto.yaml"), uri(&folder, "pacto.yml"));
    let third = uri(&folder, "draft.yaml");
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&usual, &api(8080));
    client.open(&other, &api(8080).replace("http", "htpp"));
    let draft = api(8080).replace("1.0.0", "one");
    let document = json!({"uri": third, "languageId": "pacto", "version": 1, "text": draft});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    client.wait_for(&other, has("SCHEMA_VIOLATION"));
    client.wait_for(&third, has("INVALID_SEMVER"));
    client.settle();
    assert!(client.codes(&usual).is_empty(), "{:?}", client.codes(&usual));
    assert!(!client.codes(&third).contains(&"SCHEMA_VIOLATION".to_owned()));
}

#[test]
fn a_buffer_without_a_file_names_no_missing_files() {
    let mut client = Client::start(rich_capabilities(), None);
    let uri = "untitled:Untitled-1";
    let text = format!("{}    contract: api.yaml\n", api(8080).replace("http", "htpp"));
    let document = json!({"uri": uri, "languageId": "pacto", "version": 1, "text": text});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    client.wait_for(uri, has("SCHEMA_VIOLATION"));
    assert!(!client.codes(uri).contains(&"FILE_NOT_FOUND".to_owned()));
}

#[test]
fn an_unknown_flag_is_a_warning() {
    let mut command = server();
    command.args(["--stdio", "--of-another-server=1", "--node-ipc"]);
    let mut client = Client::spawn_command(command);
    client.handshake(json!({"capabilities": {}}));
    assert_eq!(client.finish(), 0);
}
