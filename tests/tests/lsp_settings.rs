//! Settings of the client that take effect at once, by folder.

use pacto_tests::TempDir;
use pacto_tests::lsp::{Client, rich_capabilities};
use serde_json::{Value, json};

/// Two folders, `a` and `b`, with a contract each that has an error and a warning.
fn start() -> (TempDir, Client, [String; 2]) {
    let folder = TempDir::new("settings");
    let text = "pactoVersion: \"1.0\"\nservice: {name: pay, version: nonsense}\ninterfaces:\n  - {name: a, type: http, port: 8080}\n  - {name: b, type: http, port: 8080}\n";
    let uri = |name: &str| format!("file://{}/{name}", folder.path().display());
    for name in ["a", "b"] {
        folder.write(&format!("{name}/pacto.yaml"), text.replace("pay", name));
    }
    let mut client = Client::spawn();
    let folders = ["a", "b"].map(|name| json!({"uri": uri(name), "name": name}));
    client.handshake(json!({"capabilities": rich_capabilities(), "workspaceFolders": folders}));
    let uris = ["a", "b"].map(|name| uri(&format!("{name}/pacto.yaml")));
    for uri in &uris {
        client.wait_for(uri, |items| items.len() > 1);
    }
    (folder, client, uris)
}

fn set(client: &mut Client, settings: Value) {
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"pacto": settings}}));
}

fn severity(items: &[Value], code: &str) -> Option<u64> {
    items.iter().find(|item| item["code"] == code)?["severity"].as_u64()
}

#[test]
fn the_severity_of_advice_is_the_users_and_that_of_errors_is_not() {
    let (_folder, mut client, [uri, _]) = start();
    let items = client.wait_for(&uri, |_| true);
    assert_eq!(severity(&items, "DUPLICATE_PORT"), Some(2), "{items:?}");
    set(
        &mut client,
        json!({"diagnostics": {"severity": {
            "DUPLICATE_PORT": "hint", "INVALID_SEMVER": "off",
        }}}),
    );
    let items = client.wait_for(&uri, |items| severity(items, "DUPLICATE_PORT") == Some(4));
    assert_eq!(severity(&items, "INVALID_SEMVER"), Some(1));
    set(&mut client, json!({"diagnostics": {"severity": {"DUPLICATE_PORT": "off"}}}));
    client.wait_for(&uri, |items| severity(items, "DUPLICATE_PORT").is_none());
    set(&mut client, json!({"diagnostics": {"severity": {"DUPLICATE_PORT": "warning"}}}));
    client.wait_for(&uri, |items| severity(items, "DUPLICATE_PORT") == Some(2));
}

#[test]
fn only_what_is_open_is_shown_on_request() {
    let (folder, mut client, [first, second]) = start();
    let text = std::fs::read_to_string(folder.path().join("a/pacto.yaml")).expect("a text");
    client.open(&first, &text);
    set(&mut client, json!({"diagnostics": {"scope": "open"}}));
    client.wait_for(&second, <[Value]>::is_empty);
    client.wait_for(&first, |items| !items.is_empty());
    set(&mut client, json!({"diagnostics": {"scope": "workspace"}}));
    client.wait_for(&second, |items| !items.is_empty());
}

#[test]
fn a_switched_off_server_is_silent() {
    let (folder, mut client, [uri, _]) = start();
    let text = std::fs::read_to_string(folder.path().join("a/pacto.yaml")).expect("a text");
    client.open(&uri, &text);
    let hover = |client: &mut Client| {
        client.request("textDocument/hover", Client::at(&uri, 0, 2))["result"].clone()
    };
    assert!(hover(&mut client).is_object());
    set(&mut client, json!({"enable": false}));
    client.wait_for(&uri, <[Value]>::is_empty);
    assert_eq!(hover(&mut client), Value::Null);
    set(&mut client, json!({"enable": true}));
    client.wait_for(&uri, |items| !items.is_empty());
    assert!(hover(&mut client).is_object());
}

#[test]
fn the_places_of_symbols_come_when_they_are_gone_to() {
    let folder = TempDir::new("settings");
    folder.write("pay/pacto.yaml", "pactoVersion: \"1.0\"\nservice: {name: pay, version: 1.0.0}\n");
    let mut client = Client::spawn();
    let uri = format!("file://{}", folder.path().display());
    let symbol = json!({"resolveSupport": {"properties": ["location.range"]}});
    let answer = client.handshake(json!({
        "capabilities": {"workspace": {"symbol": symbol}},
        "workspaceFolders": [{"uri": uri, "name": "w"}],
    }));
    let provider = &answer["result"]["capabilities"]["workspaceSymbolProvider"];
    assert_eq!(provider["resolveProvider"], true, "{answer}");
    client.wait_for(&format!("{uri}/pay/pacto.yaml"), |_| true);
    let found = client.request("workspace/symbol", json!({"query": "pay"}))["result"].clone();
    assert_eq!(found[0]["name"], "pay");
    assert!(found[0]["location"].get("range").is_none(), "{found}");
    let whole = client.request("workspaceSymbol/resolve", found[0].clone())["result"].clone();
    let start = json!({"line": 1, "character": 16});
    assert_eq!(whole["location"]["range"]["start"], start, "{whole}");
}
