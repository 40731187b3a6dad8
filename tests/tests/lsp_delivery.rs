//! When findings and hints reach the client: not before they are whole, not more often than they
//! change, and not while they flash.

use std::time::{Duration, Instant};

use pacto_tests::lsp::{Client, rich_capabilities};
use pacto_tests::{TempDir, git};
use serde_json::{Value, json};

const VALID: &str =
    "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n  owner:\n    team: pay\n";

fn api(kind: &str) -> String {
    format!("{VALID}interfaces:\n  - name: api\n    type: {kind}\n    port: 8080\n")
}

fn uri(folder: &TempDir, path: &str) -> String {
    format!("file://{}/{path}", folder.path().display())
}

fn pulling() -> Value {
    let mut capabilities = rich_capabilities();
    capabilities["textDocument"]["diagnostic"] = json!({});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    capabilities
}

#[test]
fn half_typed_words_do_not_flash() {
    let folder = TempDir::new("held");
    folder.write("pacto.yaml", api("http"));
    let uri = uri(&folder, "pacto.yaml");
    let mut client = Client::spawn();
    let options = json!({"diagnostics": {"editingLineDelayMs": 600}});
    client
        .handshake(json!({"capabilities": rich_capabilities(), "initializationOptions": options}));
    client.open(&uri, &api("http"));
    client.wait_for_version(&uri, 1);
    // `http` is taken back letter by letter, and typed again.
    for (version, (start, end, text)) in
        [(13, 14, ""), (12, 13, ""), (12, 12, "t"), (13, 13, "p")].into_iter().enumerate()
    {
        client.edit(&uri, 2 + version as i64, (8, start, end), text);
        let items = client.wait_for_version(&uri, 2 + version as i64);
        assert!(items.is_empty(), "while it is typed: {items:?}");
    }
    // What rests is found, where it is, with the same version.
    let start = Instant::now();
    client.edit(&uri, 6, (8, 13, 14), "");
    let items = client.wait_for(&uri, |items| !items.is_empty());
    assert_eq!(items[0]["code"], "SCHEMA_VIOLATION");
    assert!(start.elapsed() >= Duration::from_millis(600), "{:?}", start.elapsed());
    assert_eq!(client.diagnostics[&uri].0, Some(6));
    // What is mended goes at once, and a finding elsewhere comes at once.
    client.edit(&uri, 7, (8, 13, 13), "p");
    assert!(client.wait_for_version(&uri, 7).is_empty());
    client.change(&uri, 8, &api("htpp"));
    assert_eq!(client.wait_for_version(&uri, 8).len(), 1, "nothing is being typed");
}

#[test]
fn a_pulled_set_is_whole() {
    let folder = TempDir::new("whole");
    let text = format!("{}    contract: missing.yaml\n", api("http"));
    folder.write("pacto.yaml", &text);
    let uri = uri(&folder, "pacto.yaml");
    let mut client = Client::start(pulling(), None);
    client.open(&uri, &text);
    let answer = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
    assert_eq!(answer["result"]["items"][0]["code"], "FILE_NOT_FOUND", "{answer}");
}

#[test]
fn a_workspace_is_pulled_in_parts_and_then_when_something_changes() {
    let folder = TempDir::new("parts");
    for i in 0..150 {
        folder.write(&format!("s{i:03}/pacto.yaml"), api("http"));
    }
    let root = folder.path().display().to_string();
    let mut client = Client::start(pulling(), Some(&root));
    client.wait_for_message(|m| m["method"] == "workspace/diagnostic/refresh");
    let params = json!({"previousResultIds": [], "partialResultToken": "t"});
    let answer = client.request("workspace/diagnostic", params);
    assert_eq!(answer["result"]["items"], json!([]), "everything is in the parts");
    let parts: Vec<Value> =
        client.others.iter().filter(|m| m["method"] == "$/progress").cloned().collect();
    let items = |part: &Value| part["params"]["value"]["items"].as_array().expect("items").clone();
    let sizes: Vec<usize> = parts.iter().map(|part| items(part).len()).collect();
    assert!(sizes.iter().all(|size| *size <= 64) && sizes.len() > 1, "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 150);
    let known: Vec<Value> = parts
        .iter()
        .flat_map(items)
        .map(|report| json!({"uri": report["uri"], "value": report["resultId"]}))
        .collect();
    // Nothing has changed: the next pull is held. An edit is what it waits for.
    let uri = uri(&folder, "s007/pacto.yaml");
    let start = Instant::now();
    let id = client.start_request("workspace/diagnostic", json!({"previousResultIds": known}));
    client.settle();
    assert!(!client.others.iter().any(|message| message["id"] == id), "it is held");
    client.open(&uri, &api("htpp"));
    let answer = client.answer(&json!(id));
    assert!(start.elapsed() >= Duration::from_millis(250), "{:?}", start.elapsed());
    let reports = answer["result"]["items"].as_array().expect("items").clone();
    let full: Vec<&Value> = reports.iter().filter(|report| report["kind"] == "full").collect();
    assert_eq!(full.len(), 1, "{full:?}");
    assert_eq!(full[0]["items"][0]["code"], "SCHEMA_VIOLATION");
    // Answers are half a second apart, however fast the text changes.
    let mut last = Instant::now();
    let mut known = full[0]["resultId"].clone();
    for version in 2..5 {
        let kind = if version % 2 == 0 { "http" } else { "htpp" };
        client.change(&uri, version, &api(kind));
        let previous = json!([{"uri": uri, "value": known}]);
        let answer = client.request("workspace/diagnostic", json!({"previousResultIds": previous}));
        let reports = answer["result"]["items"].as_array().expect("items");
        let own = reports.iter().find(|report| report["uri"] == uri).expect("a report");
        known = own["resultId"].clone();
        assert!(last.elapsed() >= Duration::from_millis(400), "{:?}", last.elapsed());
        last = Instant::now();
    }
}

/// A bundle in a commit of git.
fn committed(contract: &str, api: &str) -> TempDir {
    let folder = TempDir::new("committed");
    folder.write("pacto.yaml", contract);
    folder.write("openapi.yaml", api);
    for arguments in
        [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-q", "-m", "x"]]
    {
        git(folder.path(), arguments);
    }
    folder
}

const OPENAPI: &str = "\
openapi: 3.0.3
info: {title: Payments, version: 1.2.0}
paths:
  /charges:
    get:
      responses:
        \"200\": {description: ok}
  /health:
    get:
      responses:
        \"200\": {description: ok}
";

#[test]
fn hints_are_asked_for_again_when_they_change_and_not_before() {
    let text = format!("{}    contract: openapi.yaml\n", api("http"));
    let folder = committed(&text, OPENAPI);
    let uri = uri(&folder, "pacto.yaml");
    let mut capabilities = rich_capabilities();
    capabilities["workspace"]["inlayHint"] = json!({"refreshSupport": true});
    capabilities["workspace"]["codeLens"] = json!({"refreshSupport": true});
    let mut client = Client::start(capabilities, None);
    client.open(&uri, &text);
    let is_refresh = |m: &Value| m["method"] == "workspace/codeLens/refresh";
    client.wait_for_message(is_refresh);
    client.settle();
    client.others.clear();
    // Typing elsewhere changes no hint.
    for version in 2..40 {
        client.change(&uri, version, &format!("{text}# {version}\n"));
    }
    client.wait_for_version(&uri, 39);
    client.settle_for(Duration::from_millis(1_200));
    let refreshes = |client: &Client| {
        client
            .others
            .iter()
            .filter(|m| m["method"].as_str().is_some_and(|m| m.ends_with("/refresh")))
            .count()
    };
    assert_eq!(refreshes(&client), 0, "{:?}", client.others);
    client.change(&uri, 40, &text.replace("8080", "9090"));
    client.wait_for_message(is_refresh);
}

#[test]
fn the_line_that_is_being_typed_shows_nothing_as_removed() {
    let text = format!("{}    contract: openapi.yaml\n", api("http"));
    let folder = committed(&text, OPENAPI);
    let (contract, spec) = (uri(&folder, "pacto.yaml"), uri(&folder, "openapi.yaml"));
    let mut capabilities = rich_capabilities();
    capabilities["workspace"]["inlayHint"] = json!({"refreshSupport": true});
    let mut client = Client::start(capabilities, None);
    client.open(&contract, &text);
    client.open(&spec, OPENAPI);
    let at = OPENAPI.find("  /charges").expect("a path");
    let end = OPENAPI.find("  /health").expect("a path");
    client.change(&spec, 2, &format!("{}{}", &OPENAPI[..at], &OPENAPI[end..]));
    client.wait_for(&spec, |items| items.iter().any(|item| item["code"] == "BREAKING_CHANGE"));
    let labels = |client: &mut Client| {
        let range =
            json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
        let params = json!({"textDocument": {"uri": spec}, "range": range});
        let answer = client.request("textDocument/inlayHint", params);
        answer["result"].to_string()
    };
    assert!(labels(&mut client).contains("removed: /charges"));
    // The cursor is on the line of `paths:`.
    client.edit(&spec, 3, (2, 6, 6), " ");
    assert!(!labels(&mut client).contains("removed: "), "{}", labels(&mut client));
    client.settle();
    client.others.clear();
    client.wait_for_message(|m| m["method"] == "workspace/inlayHint/refresh");
    assert!(labels(&mut client).contains("removed: /charges"), "the line rests");
}

#[test]
fn showing_changes_shows_them() {
    let text = format!("{}    contract: openapi.yaml\n", api("http"));
    let folder = committed(&text, OPENAPI);
    let uri = uri(&folder, "pacto.yaml");
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&uri, &text.replace("8080", "9090"));
    client.wait_for(&uri, |items| items.iter().any(|item| item["code"] == "BREAKING_CHANGE"));
    let command = json!({"command": "pacto.server.showChanges", "arguments": [{"uri": uri}]});
    client.request("workspace/executeCommand", command);
    let shown = client.wait_for_message(|m| m["method"] == "window/showMessage");
    let message = shown["params"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("1 BREAKING vs "), "{message}");
    assert!(message.contains("interfaces.port") && message.contains("8080 -> 9090"), "{message}");
}
