//! The robustness table of the specification (9-lsp §7), row by row, over real pipes.

use std::time::{Duration, Instant};

use pacto_tests::TempDir;
use pacto_tests::lsp::{Client, rich_capabilities};
use serde_json::{Value, json};

const VALID: &str =
    "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n  owner:\n    team: pay\n";

fn started() -> (Client, TempDir, String) {
    let folder = TempDir::new("robust");
    folder.write("pacto.yaml", VALID);
    let uri = format!("file://{}/pacto.yaml", folder.path().display());
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&uri, VALID);
    (client, folder, uri)
}

/// The connection still works.
fn is_alive(client: &mut Client, uri: &str) {
    let answer =
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    assert!(answer["result"].is_array(), "{answer}");
}

fn error_code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or(0)
}

#[test]
fn what_is_no_json_rpc_is_answered_and_the_connection_lives() {
    let (mut client, _folder, uri) = started();
    for (body, code) in [
        ("{not json", -32700),
        ("[]", -32600),
        ("1", -32600),
        (r#"{"jsonrpc":"1.0","method":"x"}"#, -32600),
        (r#"{"jsonrpc":"2.0"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"shutdown"}"#, -32600),
    ] {
        client.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        let answer = client.answer(&Value::Null);
        assert_eq!(error_code(&answer), code, "{body}: {answer}");
    }
    client.send(&json!({"jsonrpc": "1.0", "id": 77, "method": "shutdown"}));
    assert_eq!(error_code(&client.answer(&json!(77))), -32600);
    is_alive(&mut client, &uri);
}

#[test]
fn broken_frames_are_skipped() {
    let (mut client, _folder, uri) = started();
    client.send_bytes(b"foreign bytes\r\n");
    is_alive(&mut client, &uri);
    client.send_bytes(b"Content-Length: abc\r\n\r\n");
    is_alive(&mut client, &uri);
    let body = json!({"jsonrpc": "2.0", "id": "lf", "method": "textDocument/documentSymbol", "params": {"textDocument": {"uri": uri}}}).to_string();
    client.send_bytes(format!("Content-Length: {}\n\n{body}", body.len()).as_bytes());
    assert!(client.answer(&json!("lf"))["result"].is_array());
}

#[test]
fn a_body_beyond_64_mib_is_skipped_by_streaming() {
    let (mut client, _folder, uri) = started();
    let before = client.resident_kib();
    let length = (64 << 20) + 1;
    client.send_bytes(format!("Content-Length: {length}\r\n\r\n").as_bytes());
    let chunk = vec![b' '; 1 << 20];
    let mut left = length;
    while left > 0 {
        let now = left.min(chunk.len());
        client.send_bytes(&chunk[..now]);
        left -= now;
    }
    assert_eq!(error_code(&client.answer(&Value::Null)), -32600);
    is_alive(&mut client, &uri);
    assert!(client.resident_kib() < before + 16 * 1024, "it was not held in memory");
}

#[test]
fn wrong_parameters_name_the_field() {
    let (mut client, _folder, uri) = started();
    for (method, params, part) in [
        ("textDocument/hover", json!({"textDocument": {"uri": 5}}), "textDocument.uri"),
        (
            "textDocument/hover",
            json!({"textDocument": {"uri": uri}, "position": {"line": -1, "character": 0}}),
            "position.line",
        ),
        (
            "textDocument/hover",
            json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 4_000_000_000u64}}),
            "position.character",
        ),
        ("textDocument/completion", json!({}), "textDocument"),
    ] {
        let answer = client.request(method, params);
        assert_eq!(error_code(&answer), -32602, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(part), "{answer}");
    }
    client.notify("textDocument/didChange", json!({"nonsense": true}));
    client.notify("textDocument/didChange", json!({"textDocument": {"uri": uri, "version": 9}, "contentChanges": [{"range": {"start": {"line": "x"}}, "text": ""}]}));
    is_alive(&mut client, &uri);
}

#[test]
fn unknown_methods_and_odd_ids() {
    let (mut client, _folder, uri) = started();
    assert_eq!(error_code(&client.request("pacto/nothing", json!({}))), -32601);
    assert_eq!(error_code(&client.request("$/nothing", json!({}))), -32601);
    client.notify("$/nothing", json!({}));
    client.notify("pacto/nothing", json!({}));
    for id in [json!(0), json!(-7), json!("seven"), json!(0)] {
        client.send(&json!({"jsonrpc": "2.0", "id": id, "method": "textDocument/documentSymbol", "params": {"textDocument": {"uri": uri}}}));
        assert!(client.answer(&id)["result"].is_array(), "{id}");
    }
}

#[test]
fn before_initialize_and_after_shutdown() {
    let mut client = Client::spawn();
    client.notify("textDocument/didOpen", json!({}));
    let answer = client.request("textDocument/hover", Client::at("file:///x/pacto.yaml", 0, 0));
    assert_eq!(error_code(&answer), -32002);
    let answer = client.request("initialize", json!({"capabilities": {}}));
    assert!(answer["result"].is_object());
    assert_eq!(error_code(&client.request("initialize", json!({"capabilities": {}}))), -32600);
    assert_eq!(client.request("shutdown", Value::Null)["result"], Value::Null);
    let answer = client.request("textDocument/hover", Client::at("file:///x/pacto.yaml", 0, 0));
    assert_eq!(error_code(&answer), -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0);
}

#[test]
fn exit_without_shutdown_and_the_end_of_input() {
    let (mut client, _folder, _uri) = started();
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1);
    let (mut client, _folder, _uri) = started();
    let start = Instant::now();
    client.hang_up();
    assert_eq!(client.exit_code(), 1);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn the_server_ends_with_the_process_that_it_was_told_to_watch() {
    let mut parent = std::process::Command::new("sleep").arg("60").spawn().expect("sleep runs");
    let mut client = Client::spawn();
    let answer =
        client.request("initialize", json!({"processId": parent.id(), "capabilities": {}}));
    assert!(answer["result"].is_object());
    parent.kill().and_then(|()| parent.wait()).expect("it ends");
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn ranges_are_clamped_swapped_and_rounded() {
    let (mut client, _folder, uri) = started();
    let mut version = 1;
    let mut change =
        |client: &mut Client, start: [u32; 2], end: [u32; 2], text: &str| {
            version += 1;
            let at = |p: [u32; 2]| json!({"line": p[0], "character": p[1]});
            client.notify("textDocument/didChange", json!({
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": {"start": at(start), "end": at(end)}, "text": text}],
        }));
        };
    change(&mut client, [900, 0], [900, 5], "scaling:\n  replicas: 1\n");
    change(&mut client, [6, 900], [6, 900], " # end");
    change(&mut client, [7, 13], [7, 12], "3");
    let symbols =
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    let scaling = &symbols["result"][2];
    assert_eq!(
        (scaling["name"].as_str(), scaling["children"][0]["detail"].as_str()),
        (Some("scaling"), Some("3"))
    );
}

#[test]
fn changes_of_closed_documents_are_ignored_and_saved_text_heals() {
    let (mut client, _folder, uri) = started();
    client.notify("textDocument/didChange", json!({"textDocument": {"uri": "file:///nowhere/pacto.yaml", "version": 2}, "contentChanges": [{"text": "x"}]}));
    // The version goes back: the text counts all the same.
    client.change(&uri, 5, &VALID.replace("1.0.0", "one"));
    client.wait_for(&uri, |items| items.iter().any(|d| d["code"] == "INVALID_SEMVER"));
    client.change(&uri, 3, VALID);
    client.wait_for(&uri, <[Value]>::is_empty);
    client.notify(
        "textDocument/didSave",
        json!({"textDocument": {"uri": uri}, "text": VALID.replace("1.0.0", "two")}),
    );
    client.wait_for(&uri, |items| items.iter().any(|d| d["code"] == "INVALID_SEMVER"));
}

#[test]
fn huge_and_hostile_texts_end_in_a_finding() {
    let (mut client, _folder, uri) = started();
    let mut version = 1;
    let deep: String = (0..1_500).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let mut bomb = String::from("metadata:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (one, two) in ["ab", "bc", "cd", "de", "ef", "fg"].map(|s| s.split_at(1)) {
        let refs = vec![format!("*{one}"); 10].join(",");
        bomb.push_str(&format!("  {two}: &{two} [{refs}]\n"));
    }
    for (name, text, code) in [
        ("50 MB", "# comment\n".repeat(5 << 20), "YAML_TOO_LARGE"),
        ("a line of 10 MB", "a".repeat(10 << 20), "YAML_TOO_LARGE"),
        ("flow 10,000 deep", "[".repeat(10_000), "YAML_PARSE_ERROR"),
        ("blocks 1,500 deep", deep, "YAML_PARSE_ERROR"),
        ("alias bomb", bomb, "YAML_TOO_LARGE"),
        ("NUL bytes", "a\0b: \0\n".to_owned(), "YAML_PARSE_ERROR"),
    ] {
        version += 1;
        client.change(&uri, version, &text);
        client.wait_for_version(&uri, version);
        assert!(client.codes(&uri).iter().any(|c| c == code), "{name}: {:?}", client.codes(&uri));
        let answer = client.request("textDocument/completion", Client::at(&uri, 0, 0));
        assert!(answer.get("error").is_none(), "{name}: {answer}");
    }
    client.change(&uri, version + 1, VALID);
    client.wait_for(&uri, <[Value]>::is_empty);
}

#[test]
fn what_is_nested_too_deep_is_not_said_to_be_unclosed() {
    let (mut client, _folder, uri) = started();
    let deep = format!("{VALID}metadata: {}1{}\n", "{a: ".repeat(10_000), "}".repeat(10_000));
    client.change(&uri, 2, &deep);
    let items = client.wait_for_version(&uri, 2);
    let messages: Vec<&str> = items.iter().filter_map(|item| item["message"].as_str()).collect();
    assert!(messages.iter().any(|m| m.contains("nested deeper")), "{messages:?}");
    assert!(!messages.iter().any(|m| m.contains("never closed")), "{messages:?}");
}

#[test]
fn a_lone_carriage_return_ends_a_line() {
    let (mut client, _folder, uri) = started();
    client.change(&uri, 2, &VALID.replace('\n', "\r").replace("1.0.0", "one"));
    let items = client.wait_for(&uri, |items| items.iter().any(|d| d["code"] == "INVALID_SEMVER"));
    assert_eq!(items[0]["range"]["start"], json!({"line": 3, "character": 11}));
    client.edit(&uri, 3, (3, 11, 14), "1.0.0");
    client.wait_for(&uri, <[Value]>::is_empty);
}

#[test]
fn odd_files_beside_the_contract_never_block() {
    let (mut client, folder, uri) = started();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.yaml")).status();
    assert!(made.is_ok_and(|status| status.success()));
    std::os::unix::fs::symlink("loop.yaml", folder.path().join("loop.yaml")).expect("a link");
    folder.write("utf16.yaml", [0xff, 0xfe, b'a', 0]);
    folder.write("binary.yaml", [0u8, 1, 2]);
    let mut version = 1;
    for (file, part) in [
        ("pipe.yaml", "it is a pipe"),
        ("loop.yaml", "cannot be"),
        ("utf16.yaml", "UTF-16"),
        ("binary.yaml", "binary data"),
        (".", "directory"),
        ("missing.yaml", "there is no file"),
    ] {
        version += 1;
        let text = format!(
            "{VALID}interfaces:\n  - name: a\n    type: http\n    port: 80\n    contract: \"{file}\"\n"
        );
        client.change(&uri, version, &text);
        let items = client.wait_for_version(&uri, version);
        if file != "." {
            let said =
                items.iter().any(|d| d["message"].as_str().unwrap_or_default().contains(part));
            assert!(said, "{file}: {items:?}");
        }
    }
}

#[test]
fn a_client_that_does_not_read_does_not_stop_the_reader() {
    let (mut client, _folder, uri) = started();
    // Far more than a pipe holds, without reading an answer in between.
    let mut ids = Vec::new();
    for version in 2..1_500_i64 {
        client.change(
            &uri,
            version,
            &VALID.replace("1.0.0", if version % 2 == 0 { "one" } else { "1.0.0" }),
        );
        ids.push(client.start_request("textDocument/completion", Client::at(&uri, 2, 2)));
    }
    for id in ids {
        assert!(client.answer(&json!(id)).get("error").is_none());
    }
}

#[test]
fn a_cancelled_request_is_answered_once_and_at_once() {
    let (mut client, _folder, uri) = started();
    // A line of work before it, so that it still waits.
    client.change(&uri, 2, &format!("{VALID}metadata:\n{}", "  k: v\n".repeat(60_000)));
    let id =
        client.start_request("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    client.notify("$/cancelRequest", json!({"id": id}));
    client.notify("$/cancelRequest", json!({"id": 987_654}));
    let answer = client.answer(&json!(id));
    let is_done = answer["result"].is_array();
    assert!(is_done || error_code(&answer) == -32800, "{answer}");
    client.change(&uri, 3, VALID);
    is_alive(&mut client, &uri);
    let again = client.others.iter().filter(|message| message["id"] == id).count();
    assert_eq!(again, 0, "one answer only");
}

#[test]
fn a_client_without_capabilities_gets_nothing_that_it_cannot_use() {
    let folder = TempDir::new("bare");
    folder.write("pacto.yaml", VALID);
    let uri = format!("file://{}/pacto.yaml", folder.path().display());
    let mut client = Client::start(json!({}), None);
    client.open(&uri, &VALID.replace("1.0.0", "one"));
    let items = client.wait_for(&uri, |items| !items.is_empty());
    for field in ["codeDescription", "data", "relatedInformation", "tags"] {
        assert!(items[0].get(field).is_none(), "{field}");
    }
    let answer = client.request("textDocument/completion", Client::at(&uri, 6, 0));
    let insert = answer["result"]["items"][0]["textEdit"]["newText"].as_str().unwrap();
    assert!(!insert.contains('$'), "{insert}");
    let symbols =
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    assert!(symbols["result"][0]["location"].is_object(), "a flat list");
    client.settle();
    assert!(client.others.is_empty(), "nothing is asked of it: {:?}", client.others);
}
