//! Completion as clients of different abilities get it.

use pacto_tests::lsp::Client;
use serde_json::{Value, json};

const URI: &str = "untitled:pay";
const TEXT: &str =
    "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\nruntime:\n  wor\n";

/// A client with these abilities of completion, with `TEXT` open.
fn client(completion: Value) -> (Client, Value) {
    let mut client = Client::spawn();
    let document = json!({"completion": completion});
    let answer = client.handshake(json!({"capabilities": {"textDocument": document}}));
    let document = json!({"uri": URI, "languageId": "pacto", "version": 1, "text": TEXT});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    (client, answer["result"]["capabilities"]["completionProvider"].clone())
}

fn list(client: &mut Client, line: u32, character: u32) -> Value {
    client.request("textDocument/completion", Client::at(URI, line, character))["result"].clone()
}

fn item(list: &Value, label: &str) -> Value {
    let all = list["items"].as_array().expect("items");
    all.iter().find(|item| item["label"] == label).unwrap_or_else(|| panic!("{list}")).clone()
}

#[test]
fn a_client_that_says_nothing_gets_plain_texts_and_one_range() {
    let (mut client, provider) = client(json!({}));
    assert_eq!(provider["resolveProvider"], false);
    let list = list(&mut client, 5, 5);
    let workload = item(&list, "workload");
    assert_eq!(workload["insertTextFormat"], 1);
    assert_eq!(workload["textEdit"]["newText"], "workload: service");
    assert_eq!(workload["textEdit"]["range"]["start"], json!({"line": 5, "character": 2}));
    assert!(workload["detail"].is_string() && workload["documentation"].is_string());
    for absent in ["labelDetails", "preselect", "commitCharacters", "insertTextMode", "data"] {
        assert!(workload.get(absent).is_none(), "{absent}: {workload}");
    }
    assert!(list.get("itemDefaults").is_none());
}

#[test]
fn what_is_typed_can_be_inserted_or_replaced() {
    let (mut client, _) = client(json!({"completionItem": {"insertReplaceSupport": true}}));
    // The cursor is behind `w`.
    let edit = item(&list(&mut client, 5, 3), "workload")["textEdit"].clone();
    let at = |character: u32| json!({"line": 5, "character": character});
    assert_eq!(edit["insert"], json!({"start": at(2), "end": at(3)}));
    assert_eq!(edit["replace"], json!({"start": at(2), "end": at(5)}));
}

#[test]
fn what_all_items_share_is_said_once() {
    let defaults = ["editRange", "insertTextFormat", "insertTextMode"];
    let (mut client, _) = client(json!({
        "completionItem": {
            "snippetSupport": true, "insertReplaceSupport": true,
            "insertTextModeSupport": {"valueSet": [1, 2]},
        },
        "completionList": {"itemDefaults": defaults},
    }));
    let list = list(&mut client, 5, 5);
    let shared = &list["itemDefaults"];
    assert_eq!((&shared["insertTextFormat"], &shared["insertTextMode"]), (&json!(2), &json!(2)));
    assert_eq!(shared["editRange"]["replace"]["start"], json!({"line": 5, "character": 2}));
    let state = item(&list, "state");
    assert!(state["textEditText"].as_str().unwrap().starts_with("state:\n  type: "), "{state}");
    for said in ["textEdit", "insertTextFormat", "insertTextMode"] {
        assert!(state.get(said).is_none(), "{state}");
    }
}

#[test]
fn documentation_comes_when_it_is_asked_for() {
    let resolve = json!({"properties": ["documentation"]});
    let (mut client, provider) = client(json!({"completionItem": {
        "resolveSupport": resolve, "documentationFormat": ["markdown"],
    }}));
    assert_eq!(provider["resolveProvider"], true);
    let list = list(&mut client, 5, 5);
    let workload = item(&list, "workload");
    assert!(workload.get("documentation").is_none(), "{workload}");
    let whole = client.request("completionItem/resolve", workload.clone())["result"].clone();
    assert_eq!(whole["documentation"]["kind"], "markdown");
    // Nothing else changes.
    let mut same = whole.clone();
    same.as_object_mut().unwrap().remove("documentation");
    assert_eq!(same, workload);
    // An item of a text that is gone, or of nobody, stays as it is.
    client.change(URI, 2, "a: 1\n");
    let stale = client.request("completionItem/resolve", workload.clone())["result"].clone();
    assert_eq!(stale["label"], "workload");
    let foreign = json!({"label": "x", "data": [1]});
    assert_eq!(client.request("completionItem/resolve", foreign.clone())["result"], foreign);
}

#[test]
fn details_stand_beside_labels() {
    let (mut client, _) = client(json!({"completionItem": {
        "labelDetailsSupport": true, "preselectSupport": true,
    }}));
    let workload = item(&list(&mut client, 5, 5), "workload");
    assert!(workload["labelDetails"]["detail"].as_str().unwrap().starts_with(' '));
    assert!(workload.get("detail").is_none());
}

#[test]
fn a_setting_takes_snippets_away_at_once() {
    let (mut client, _) = client(json!({"completionItem": {"snippetSupport": true}}));
    assert_eq!(item(&list(&mut client, 5, 5), "workload")["insertTextFormat"], 2);
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": {"pacto": {"completion": {"snippets": false}}}}),
    );
    let workload = item(&list(&mut client, 5, 5), "workload");
    assert_eq!(workload["insertTextFormat"], 1);
    assert_eq!(workload["textEdit"]["newText"], "workload: service");
}

#[test]
fn all_trigger_characters_are_announced_and_a_line_break_is_none() {
    let (_, provider) = client(json!({}));
    let triggers: Vec<&str> = provider["triggerCharacters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for wanted in [":", " ", "-", "/", "@", "\"", "'", "^", "~", "=", ",", "{", "[", "."] {
        assert!(triggers.contains(&wanted), "{wanted}");
    }
    assert!(!triggers.contains(&"\n"));
}
