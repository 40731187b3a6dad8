//! Colours, formatting and actions, at the level of the protocol.

use pacto_tests::TempDir;
use pacto_tests::lsp::{Client, VALID, bundle, rich_capabilities};
use serde_json::{Value, json};

fn numbers(answer: &Value) -> Vec<u64> {
    let data = answer["result"]["data"].as_array().expect("tokens");
    data.iter().map(|n| n.as_u64().expect("a number")).collect()
}

/// Line, column and length of each token.
fn places(data: &[u64]) -> Vec<(u64, u64, u64)> {
    let (mut line, mut column) = (0, 0);
    let one = |token: &[u64]| {
        column = if token[0] == 0 { column + token[1] } else { token[1] };
        line += token[0];
        (line, column, token[2])
    };
    data.chunks(5).map(one).collect()
}

fn colouring(extra: Value) -> Value {
    let mut capabilities = rich_capabilities();
    capabilities["textDocument"]["semanticTokens"] = extra;
    capabilities
}

#[test]
fn tokens_are_counted_in_the_encoding_of_the_client() {
    for (encoding, wanted) in [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)] {
        let text = format!("{VALID}metadata: {{\"🚀\": 1}}\n");
        let (_folder, uri) = bundle(&text);
        let mut capabilities = colouring(json!({}));
        capabilities["general"]["positionEncodings"] = json!([encoding]);
        let mut client = Client::start(capabilities, None);
        client.open(&uri, &text);
        let document = json!({"textDocument": {"uri": uri}});
        let answer = client.request("textDocument/semanticTokens/full", document);
        let all = places(&numbers(&answer));
        assert!(all.contains(&(6, 11, wanted + 2)), "{encoding}: {all:?}");
    }
}

#[test]
fn a_delta_makes_the_new_tokens_of_the_old_ones() {
    let (_folder, uri) = bundle(VALID);
    let mut client = Client::start(colouring(json!({})), None);
    client.open(&uri, VALID);
    let document = json!({"textDocument": {"uri": uri}});
    let first = client.request("textDocument/semanticTokens/full", document.clone());
    let mut data = numbers(&first);
    let mut id = first["result"]["resultId"].clone();
    let texts = [
        VALID.replace("name: pay", "name: payments"),
        format!("# head\n{VALID}scaling: {{min: 1}}\n"),
        VALID.to_owned(),
        String::new(),
        VALID.to_owned(),
    ];
    for (version, text) in texts.iter().enumerate() {
        client.change(&uri, version as i64 + 2, text);
        let mut params = document.clone();
        params["previousResultId"] = id;
        let answer = client.request("textDocument/semanticTokens/full/delta", params.clone());
        for edit in answer["result"]["edits"].as_array().expect("edits") {
            let at = edit["start"].as_u64().unwrap() as usize;
            let gone = edit["deleteCount"].as_u64().unwrap() as usize;
            let new = edit["data"].as_array().into_iter().flatten();
            data.splice(at..at + gone, new.map(|n| n.as_u64().unwrap()));
        }
        let whole = client.request("textDocument/semanticTokens/full", document.clone());
        assert_eq!(data, numbers(&whole), "{text}");
        assert_eq!(answer["result"]["resultId"], whole["result"]["resultId"]);
        id = answer["result"]["resultId"].clone();
        // Nothing changed, nothing is sent.
        params["previousResultId"] = id.clone();
        let again = client.request("textDocument/semanticTokens/full/delta", params);
        assert_eq!(again["result"]["edits"], json!([]));
    }
    // Of an answer that is not known there is no difference.
    let mut params = document;
    params["previousResultId"] = "gone".into();
    let answer = client.request("textDocument/semanticTokens/full/delta", params);
    assert_eq!(numbers(&answer), data);
}

#[test]
fn tokens_of_several_lines_are_split_unless_the_client_takes_them() {
    let text = format!("{VALID}metadata:\n  text: |\n    one\n    two\n");
    for (takes, rows) in [(false, vec![(8, 4, 3), (9, 4, 3)]), (true, vec![])] {
        let (_folder, uri) = bundle(&text);
        let mut client = Client::start(colouring(json!({"multilineTokenSupport": takes})), None);
        client.open(&uri, &text);
        let document = json!({"textDocument": {"uri": uri}});
        let answer = client.request("textDocument/semanticTokens/full", document);
        let all = places(&numbers(&answer));
        let below: Vec<_> = all.iter().copied().filter(|(line, ..)| *line > 7).collect();
        assert_eq!(below, rows, "{all:?}");
    }
}

#[test]
fn what_a_grammar_colours_is_left_to_it() {
    let text = format!("{VALID}# a comment\n");
    let (_folder, uri) = bundle(&text);
    let mut client = Client::start(colouring(json!({"augmentsSyntaxTokens": true})), None);
    client.open(&uri, &text);
    let document = json!({"textDocument": {"uri": uri}});
    let answer = client.request("textDocument/semanticTokens/full", document);
    let all = places(&numbers(&answer));
    assert!(all.iter().all(|(line, ..)| *line < 6), "{all:?}");
    assert!(all.contains(&(1, 0, 7)), "{all:?}");
}

fn formatting() -> Value {
    let mut capabilities = rich_capabilities();
    capabilities["textDocument"]["rangeFormatting"] = json!({"rangesSupport": true});
    capabilities["textDocument"]["onTypeFormatting"] = json!({});
    capabilities
}

fn edited_lines(answer: &Value) -> Vec<u64> {
    let edits = answer["result"].as_array().expect("edits");
    edits.iter().map(|edit| edit["range"]["start"]["line"].as_u64().expect("a line")).collect()
}

#[test]
fn parts_are_formatted_and_what_is_typed() {
    let text = format!("{VALID}scaling:\n  min:   1\n  max:   2\n");
    let (_folder, uri) = bundle(&text);
    let mut client = Client::start(formatting(), None);
    client.open(&uri, &text);
    let line =
        |n: u32| json!({"start": {"line": n, "character": 0}, "end": {"line": n, "character": 1}});
    let params = |extra: Value| {
        let mut all = json!({
            "textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": true},
        });
        for (key, value) in extra.as_object().expect("an object") {
            all[key] = value.clone();
        }
        all
    };
    let range = params(json!({"range": line(7)}));
    assert_eq!(edited_lines(&client.request("textDocument/rangeFormatting", range)), [7]);
    let ranges = params(json!({"ranges": [line(8), line(0)]}));
    assert_eq!(edited_lines(&client.request("textDocument/rangesFormatting", ranges)), [8]);
    let at =
        |line: u32, ch: &str| params(json!({"position": {"line": line, "character": 2}, "ch": ch}));
    let typed = client.request("textDocument/onTypeFormatting", at(8, "\n"));
    assert_eq!(edited_lines(&typed), [7]);
    // At the start of the file there is no line that was ended.
    let typed = client.request("textDocument/onTypeFormatting", at(0, "\n"));
    assert_eq!(typed["result"], Value::Null);
    let mut wide = params(json!({}));
    wide["options"]["tabSize"] = 4.into();
    let all = client.request("textDocument/formatting", wide);
    assert!(edited_lines(&all).contains(&2), "{all}");
}

/// The client's side of code actions.
struct Acting {
    _folder: TempDir,
    uri: String,
    client: Client,
}

impl Acting {
    fn new(support: Value, text: &str) -> Acting {
        let (folder, uri) = bundle(text);
        let mut capabilities = rich_capabilities();
        capabilities["textDocument"]["codeAction"] = support;
        let mut client = Client::start(capabilities, None);
        client.open(&uri, text);
        client.next_diagnostics(&uri);
        Acting { _folder: folder, uri, client }
    }

    fn actions(&mut self, line: u32, character: u32, mut context: Value) -> Vec<Value> {
        context["diagnostics"] = json!([]);
        let at = json!({"line": line, "character": character});
        let params = json!({
            "textDocument": {"uri": self.uri}, "range": {"start": at, "end": at},
            "context": context,
        });
        let answer = self.client.request("textDocument/codeAction", params);
        answer["result"].as_array().unwrap_or_else(|| panic!("actions: {answer}")).clone()
    }
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["title"].as_str().expect("a title")).collect()
}

fn full_support() -> Value {
    json!({
        "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
        "disabledSupport": true, "dataSupport": true, "isPreferredSupport": true,
        "resolveSupport": {"properties": ["edit"]},
    })
}

#[test]
fn the_edit_of_an_action_is_made_when_it_is_chosen() {
    let text = format!("{VALID}interfaces:\n  - name: api\n    type: htpp\n    port: 8080\n");
    let mut acting = Acting::new(full_support(), &text);
    let actions = acting.actions(8, 11, json!({}));
    let chosen = actions.iter().find(|a| a["isPreferred"] == true).expect("a preferred one");
    assert!(chosen.get("edit").is_none() && chosen["diagnostics"].is_array(), "{chosen}");
    let resolved = acting.client.request("codeAction/resolve", chosen.clone());
    let edit = &resolved["result"]["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!(edit["newText"], "http", "{resolved}");
    // Of a text that has changed there is no such action any more.
    let mended = text.replace("htpp", "http");
    acting.client.change(&acting.uri.clone(), 2, &mended);
    let resolved = acting.client.request("codeAction/resolve", chosen.clone());
    assert_eq!(resolved["error"]["code"], -32801, "{resolved}");
}

#[test]
fn actions_are_of_the_kinds_that_are_asked_for() {
    let text = format!("{VALID}scaling: {{min: 1, max: 2}}\n");
    let mut acting = Acting::new(full_support(), &text);
    let rewrite = acting.actions(6, 11, json!({"only": ["refactor.rewrite"]}));
    let disabled = rewrite.iter().find(|a| a["title"] == "Write `replicas`").expect("it is there");
    assert_eq!(disabled["disabled"]["reason"], "`min` and `max` differ");
    assert!(disabled.get("data").is_none() && disabled.get("edit").is_none());
    let all = acting.actions(6, 11, json!({"only": ["refactor"]}));
    assert_eq!(titles(&all), titles(&rewrite));
    let source = acting.actions(6, 11, json!({"only": ["source"]}));
    let kinds: Vec<&str> = source.iter().map(|a| a["kind"].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["source.organize.pacto", "source.upgrade.pacto"], "{source:?}");
    assert!(source.iter().all(|a| a["disabled"]["reason"].is_string()), "{source:?}");
    assert!(acting.actions(6, 11, json!({"only": ["quickfix"]})).is_empty());
    // Who moves the cursor is not offered another style.
    assert!(acting.actions(6, 1, json!({"triggerKind": 2})).is_empty());
    assert_eq!(
        titles(&acting.actions(6, 1, json!({"triggerKind": 1}))),
        ["Write `replicas`", "Write it on several lines"]
    );
}

#[test]
fn a_client_without_literals_gets_commands_that_do_the_same() {
    let text = format!("{VALID}interfaces:\n  - name: api\n    type: htpp\n    port: 8080\n");
    let mut acting = Acting::new(json!({}), &text);
    let actions = acting.actions(8, 11, json!({}));
    let command = actions.iter().find(|a| a["title"] == "Use `http`").unwrap_or(&actions[0]);
    assert_eq!(command["command"], "pacto.server.applyAction", "{command}");
    let params = json!({"command": command["command"], "arguments": command["arguments"]});
    let answer = acting.client.request("workspace/executeCommand", params);
    assert!(answer.get("error").is_none(), "{answer}");
    acting.client.settle();
    let asked = acting.client.others.iter().find(|m| m["method"] == "workspace/applyEdit");
    let edit = &asked.expect("an edit")["params"]["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!(edit["newText"], "http", "{edit}");
}

#[test]
fn rules_and_schemas_can_be_read_as_documents() {
    let mut capabilities = rich_capabilities();
    capabilities["workspace"]["textDocumentContent"] = json!({});
    let mut client = Client::spawn();
    let answer = client.handshake(json!({"capabilities": capabilities}));
    let schemes = &answer["result"]["capabilities"]["workspace"]["textDocumentContent"]["schemes"];
    assert_eq!(*schemes, json!(["pacto-bundle", "pacto-doc", "pacto-schema"]));
    let mut read = |method: &str, uri: &str| client.request(method, json!({"uri": uri}));
    let rule = read("workspace/textDocumentContent", "pacto-doc:PORT_REQUIRED");
    assert!(rule["result"]["text"].as_str().expect("a text").starts_with("# "), "{rule}");
    let schema = read("pacto/textDocumentContent", "pacto-schema:1.1");
    let text = schema["result"]["text"].as_str().expect("a text");
    assert!(serde_json::from_str::<Value>(text).expect("JSON")["properties"].is_object());
    for uri in ["pacto-doc:NONE", "pacto-schema:9", "http://x", "pacto-bundle:/none"] {
        let answer = read("workspace/textDocumentContent", uri);
        assert_eq!(answer["error"]["code"], -32803, "{answer}");
    }
}

#[test]
fn dependencies_show_what_they_lead_to_and_services_who_uses_them() {
    let (folder, uri) = bundle(VALID);
    let user = VALID.replace("name: pay", "name: shop")
        + "dependencies:\n  - {name: pay, ref: .., compatibility: ^1.0.0}\n";
    folder.write("shop/pacto.yaml", user);
    let shop = uri.replace("/pacto.yaml", "/shop/pacto.yaml");
    let mut capabilities = rich_capabilities();
    capabilities["textDocument"]["inlayHint"] =
        json!({"resolveSupport": {"properties": ["tooltip"]}});
    let root = folder.path().to_str().expect("a path").to_owned();
    let mut client = Client::start(capabilities, Some(&root));
    let text = std::fs::read_to_string(folder.path().join("shop/pacto.yaml")).expect("a contract");
    client.open(&shop, &text);
    client.open(&uri, VALID);
    client.wait_for(&shop, |items| items.iter().any(|i| i["code"] == "LOCAL_REF_NOT_PUBLISHABLE"));
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let params = json!({"textDocument": {"uri": shop}, "range": range});
    let hints = client.request("textDocument/inlayHint", params);
    let hint = hints["result"][0].clone();
    assert_eq!(hint["label"], "resolves 1.0.0", "{hints}");
    let resolved = client.request("inlayHint/resolve", hint);
    let tooltip = resolved["result"]["tooltip"]["value"].as_str().expect("a tooltip");
    assert!(tooltip.contains("**pay** 1.0.0"), "{resolved}");
    let lenses = client.request("textDocument/codeLens", json!({"textDocument": {"uri": uri}}));
    let lens = &lenses["result"][0];
    assert_eq!(lens["command"]["title"], "used by 1 contract", "{lenses}");
    assert_eq!(lens["range"]["start"]["line"], 2);
    let params = json!({
        "command": lens["command"]["command"], "arguments": lens["command"]["arguments"],
    });
    let shown = client.request("workspace/executeCommand", params);
    assert_eq!(shown["result"], "shop ^1.0.0");
}
