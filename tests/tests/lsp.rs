//! The language server at the level of the protocol.

use pacto_core::check::rules::RULES;
use pacto_tests::fixture::examples;
use pacto_tests::lsp::{Client, VALID, bundle, rich_capabilities};
use pacto_tests::{TempDir, repository};
use serde_json::{Value, json};

fn broken(line: &str) -> String {
    format!("{VALID}interfaces:\n  - name: api\n    {line}\n    port: 8080\n")
}

#[test]
fn findings_appear_while_typing_and_vanish_when_mended() {
    let (_folder, uri) = bundle(VALID);
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&uri, &broken("type: htpp"));
    let items = client.wait_for(&uri, |items| !items.is_empty());
    assert_eq!(client.codes(&uri), ["SCHEMA_VIOLATION"]);
    let item = &items[0];
    assert_eq!(item["range"]["start"], json!({"line": 8, "character": 10}));
    assert_eq!(item["range"]["end"], json!({"line": 8, "character": 14}));
    assert_eq!(item["severity"], 1);
    assert_eq!(item["source"], "pacto");
    assert_eq!(item["data"]["v"], 1);
    assert_eq!(item["data"]["kind"], "enum");
    assert_eq!(item["data"]["path"], "interfaces[0].type");
    assert_eq!(item["data"]["fixes"][0], "replace");
    assert!(item["codeDescription"]["href"].as_str().unwrap().ends_with("#schema_violation"));
    // One edit of a range: `htpp` becomes `http`.
    client.notify("textDocument/didChange", json!({
        "textDocument": {"uri": uri, "version": 2},
        "contentChanges": [{"range": {"start": {"line": 8, "character": 10}, "end": {"line": 8, "character": 14}}, "text": "http"}],
    }));
    client.wait_for(&uri, <[Value]>::is_empty);
    assert_eq!(client.diagnostics[&uri].0, Some(2));
    assert_eq!(client.finish(), 0);
}

#[test]
fn the_same_findings_as_on_the_command_line_at_the_same_places() {
    for rule in RULES.iter().filter(|rule| !rule.needs_registry) {
        let (bad, _) = examples(rule);
        // What only an editor reads has no findings on the command line.
        if !bad.files.iter().any(|(path, _)| path == "pacto.yaml") {
            continue;
        }
        let fleet = TempDir::new("parity");
        for (path, text) in &bad.files {
            let path = match path.strip_prefix("../") {
                Some(rest) => rest.to_owned(),
                None => format!("bundle/{path}"),
            };
            fleet.write(&path, text);
        }
        let bundle = fleet.path().join("bundle");
        let command = |args: &[&str]| {
            let mut pacto = std::process::Command::new(pacto_tests::pacto());
            let output = pacto.env("PACTO_OFFLINE", "1").args(args).arg(&bundle).output();
            let stdout = output.expect("pacto runs").stdout;
            serde_json::from_slice::<Value>(&stdout).expect("JSON")
        };
        let cli = command(&["validate", "--output-format", "json"]);
        let mut expected: Vec<(String, String, u64, u64)> = Vec::new();
        for list in ["errors", "warnings", "infos", "hints"] {
            for finding in cli[list].as_array().unwrap() {
                let range = &finding["range"];
                expected.push((
                    finding["code"].as_str().unwrap().to_owned(),
                    finding["message"].as_str().unwrap().to_owned(),
                    range["startLine"].as_u64().unwrap() - 1,
                    range["startColumn"].as_u64().unwrap() - 1,
                ));
            }
        }
        let documents = command(&["lsp", "--check"]);
        let mut actual = Vec::new();
        for document in documents.as_array().unwrap() {
            for item in document["diagnostics"].as_array().unwrap() {
                let start = &item["range"]["start"];
                actual.push((
                    item["code"].as_str().unwrap().to_owned(),
                    item["message"].as_str().unwrap().to_owned(),
                    start["line"].as_u64().unwrap(),
                    start["character"].as_u64().unwrap(),
                ));
            }
        }
        expected.sort();
        actual.sort();
        assert_eq!(actual, expected, "{}", rule.code);
        assert!(actual.iter().any(|(code, ..)| code == rule.code), "{}", rule.code);
        // And the SARIF of the command line names the same code at the same line.
        let sarif = command(&["validate", "--output-format", "sarif"]);
        if rule.severity > pacto_core::check::Severity::Hint {
            let results = sarif["runs"][0]["results"].as_array().unwrap();
            let result = results.iter().find(|r| r["ruleId"] == rule.code).expect(rule.code);
            let line =
                result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap()
                    - 1;
            assert!(
                actual.iter().any(|(code, _, at, _)| code == rule.code && *at == line),
                "{}",
                rule.code
            );
        }
    }
}

#[test]
fn quick_fixes_mend_what_they_stand_for() {
    let (_folder, uri) = bundle(VALID);
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&uri, &broken("type: htpp"));
    let items = client.wait_for(&uri, |items| !items.is_empty());
    let params = json!({
        "textDocument": {"uri": uri}, "range": items[0]["range"],
        "context": {"diagnostics": [items[0].clone()], "only": ["quickfix"]},
    });
    let answer = client.request("textDocument/codeAction", params);
    let actions = answer["result"].as_array().unwrap();
    let preferred: Vec<&Value> = actions.iter().filter(|a| a["isPreferred"] == true).collect();
    assert_eq!(preferred.len(), 1);
    let change = &preferred[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({"uri": uri, "version": 1}));
    assert_eq!(change["edits"][0]["newText"], "http");
    let all = client.request(
        "textDocument/codeAction",
        json!({
            "textDocument": {"uri": uri}, "range": items[0]["range"],
            "context": {"diagnostics": [], "only": ["source.fixAll.pacto"]},
        }),
    );
    assert_eq!(all["result"][0]["kind"], "source.fixAll.pacto");
}

#[test]
fn symbols_hover_and_formatting_answer() {
    let (_folder, uri) = bundle(VALID);
    let mut client = Client::start(rich_capabilities(), None);
    let text = format!("{}runtime:\n    workload:   service\n", broken("type: http"));
    client.open(&uri, &text);
    let symbols =
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    let names: Vec<&str> =
        symbols["result"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["pactoVersion", "service", "interfaces", "runtime"]);
    assert_eq!(symbols["result"][2]["children"][0]["detail"], "http · 8080");
    let hover = client.request("textDocument/hover", Client::at(&uri, 11, 18));
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().contains("Runs on and on"));
    assert_eq!(hover["result"]["range"]["start"]["character"], 16);
    let edits = client.request(
        "textDocument/formatting",
        json!({
            "textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": true},
        }),
    );
    assert_eq!(edits["result"].as_array().unwrap().len(), 2, "{edits}");
}

#[test]
fn a_position_is_the_same_place_in_every_encoding() {
    for (encoding, character) in [("utf-8", 16), ("utf-16", 14), ("utf-32", 13)] {
        let (_folder, uri) = bundle(VALID);
        let mut capabilities = rich_capabilities();
        capabilities["general"]["positionEncodings"] = json!([encoding]);
        let mut client = Client::start(capabilities, None);
        let text = format!("{VALID}interfaces: [{{name: \"🚀\", typ: http}}]\n");
        client.open(&uri, &text);
        let items = client
            .wait_for(&uri, |items| items.iter().any(|d| d["data"]["kind"] == "unknown-field"));
        let item = items.iter().find(|d| d["data"]["kind"] == "unknown-field").unwrap();
        // Behind `interfaces: [{name: "🚀", `: 12 + 7 + 2 + the rocket and its quotes.
        let start = item["range"]["start"]["character"].as_u64().unwrap();
        assert_eq!(start, character + 12, "{encoding}");
        // An edit at the same place lands between the same characters.
        client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": uri, "version": 2},
                "contentChanges": [{"range": item["range"], "text": "type"}],
            }),
        );
        let items =
            client.wait_for(&uri, |items| items.iter().any(|d| d["code"] == "PORT_REQUIRED"));
        assert!(items.iter().all(|d| d["data"]["kind"] != "unknown-field"), "{items:?}");
    }
}

#[test]
fn pulled_diagnostics_have_names_and_say_when_nothing_changed() {
    let (folder, uri) = bundle(&broken("type: htpp"));
    let mut capabilities = rich_capabilities();
    capabilities["textDocument"]["diagnostic"] = json!({"relatedDocumentSupport": true});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let root = folder.path().display().to_string();
    let mut client = Client::start(capabilities, Some(&root));
    client.open(&uri, &broken("type: htpp"));
    let pull =
        |previous: Value| json!({"textDocument": {"uri": uri}, "previousResultId": previous});
    let first = client.request("textDocument/diagnostic", pull(Value::Null));
    assert_eq!(first["result"]["kind"], "full");
    assert_eq!(first["result"]["items"][0]["code"], "SCHEMA_VIOLATION");
    let id = first["result"]["resultId"].clone();
    let second = client.request("textDocument/diagnostic", pull(id));
    assert_eq!(second["result"]["kind"], "unchanged");
    let all = client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    let items = all["result"]["items"].as_array().unwrap();
    assert!(items.iter().any(|report| report["uri"] == uri), "{all}");
    client.settle();
    assert!(client.published.is_empty(), "never both push and pull");
    assert!(client.others.iter().any(|m| m["method"] == "workspace/diagnostic/refresh"));
}

#[test]
fn a_workspace_is_indexed_and_files_beside_the_contract_count() {
    let folder = TempDir::new("workspace");
    let contract = format!(
        "{VALID}interfaces:\n  - name: api\n    type: http\n    port: 8080\n    contract: interfaces/api.yaml\n"
    );
    folder.write("a/pacto.yaml", &contract);
    folder.write("b/pacto.yaml", VALID);
    let root = folder.path().display().to_string();
    let mut client = Client::start(rich_capabilities(), Some(&root));
    let a = format!("file://{root}/a/pacto.yaml");
    client.wait_for(&a, |items| items.iter().any(|d| d["code"] == "FILE_NOT_FOUND"));
    // The file appears on disk.
    folder.write(
        "a/interfaces/api.yaml",
        "openapi: 3.1.0\ninfo: {title: a, version: 1.0.0}\npaths: {}\n",
    );
    let file = format!("file://{root}/a/interfaces/api.yaml");
    client
        .notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": file, "type": 1}]}));
    client.wait_for(&a, <[Value]>::is_empty);
    // An open buffer shadows the disk.
    client.open(&file, "openapi: [\n");
    let items = client.wait_for(&file, |items| !items.is_empty());
    assert_eq!(items[0]["code"], "INVALID_INTERFACE_SPEC");
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": file}}));
    client.wait_for(&file, <[Value]>::is_empty);
}

#[test]
fn closing_a_file_outside_of_the_workspace_clears_it() {
    let (_folder, uri) = bundle(VALID);
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&uri, &broken("type: htpp"));
    client.wait_for(&uri, |items| !items.is_empty());
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    client.wait_for(&uri, <[Value]>::is_empty);
}

#[test]
fn edits_are_applied_in_order_and_requests_see_their_own_version() {
    let (_folder, uri) = bundle(VALID);
    let mut client = Client::start(rich_capabilities(), None);
    client.open(&uri, VALID);
    let mut ids = Vec::new();
    // A comment grows by one character at a time; in between, the place of the next key is asked.
    let line = VALID.lines().count();
    for version in 2..2_002_i64 {
        client.notify("textDocument/didChange", json!({
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}, "text": if version % 50 == 0 { "\n" } else { "#" }}],
        }));
        if version % 100 == 0 {
            let symbols = client.start_request(
                "textDocument/documentSymbol",
                json!({"textDocument": {"uri": uri}}),
            );
            let hover = client.start_request("textDocument/hover", Client::at(&uri, 2, 4));
            ids.push((symbols, hover));
        }
    }
    for (symbols, hover) in ids {
        let answer = client.answer(&json!(symbols));
        assert_eq!(answer["result"].as_array().map(Vec::len), Some(2), "{answer}");
        let answer = client.answer(&json!(hover));
        assert!(answer["result"]["contents"].is_object(), "{answer}");
    }
    client.settle();
    let versions: Vec<i64> = client.published.iter().filter_map(|(_, version)| *version).collect();
    assert!(
        versions.windows(2).all(|pair| pair[0] <= pair[1]),
        "never an older version: {versions:?}"
    );
    assert_eq!(client.diagnostics[&uri].0, Some(2_001), "the last version is published");
    client.others.retain(|message| message.get("error").is_some());
    assert!(client.others.is_empty(), "{:?}", client.others);
}

#[test]
fn every_example_can_be_typed_character_by_character() {
    let mut client = Client::start(json!({}), None);
    let mut examples: Vec<_> = std::fs::read_dir(repository().join("examples"))
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .collect();
    examples.sort();
    for example in examples {
        let path = example.join("pacto.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let uri = format!("file://{}", path.display());
        client.open(&uri, "");
        let (mut line, mut column, mut version) = (0, 0, 1);
        let mut ids = Vec::new();
        for c in text.chars() {
            version += 1;
            let at = json!({"line": line, "character": column});
            client.notify(
                "textDocument/didChange",
                json!({
                    "textDocument": {"uri": uri, "version": version},
                    "contentChanges": [{"range": {"start": at, "end": at}, "text": c.to_string()}],
                }),
            );
            if c == '\n' {
                (line, column) = (line + 1, 0);
            } else {
                column += c.len_utf16();
            }
            let position = json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": column}});
            ids.push(client.start_request("textDocument/completion", position.clone()));
            if version % 7 == 0 {
                ids.push(client.start_request("textDocument/hover", position));
                ids.push(client.start_request(
                    "textDocument/documentSymbol",
                    json!({"textDocument": {"uri": uri}}),
                ));
            }
        }
        for id in ids {
            let answer = client.answer(&json!(id));
            assert!(answer.get("error").is_none(), "{answer}");
        }
        let last = client.wait_for_version(&uri, version);
        let shown: Vec<&Value> = last.iter().filter(|d| d["severity"].as_u64() < Some(4)).collect();
        assert!(shown.is_empty(), "{}: {shown:?}", path.display());
        let versions: Vec<i64> =
            client.published.iter().filter(|(u, _)| *u == uri).filter_map(|(_, v)| *v).collect();
        assert!(versions.windows(2).all(|pair| pair[0] <= pair[1]));
    }
    assert_eq!(client.finish(), 0);
}

#[test]
fn nested_lines_are_indented_once_whoever_indents_them() {
    // What the client says, the mode that it gets, and the column of the first nested line.
    let modes = |modes: serde_json::Value| json!({"valueSet": modes});
    for (declared, snippets, mode, column) in [
        (Some(modes(json!([1, 2]))), true, json!(2), 2),
        (Some(modes(json!([1]))), true, json!(1), 4),
        (None, true, json!(null), 2),
        (None, false, json!(null), 4),
    ] {
        let mut item = json!({"snippetSupport": snippets});
        if let Some(declared) = declared {
            item["insertTextModeSupport"] = declared;
        }
        let capabilities = json!({"textDocument": {"completion": {"completionItem": item}}});
        let text = "pactoVersion: \"1.0\"\nservice: {name: a, version: 1.0.0}\nruntime:\n  ";
        let (_folder, uri) = bundle(text);
        let mut client = Client::start(capabilities, None);
        client.open(&uri, text);
        let answer = client.request("textDocument/completion", Client::at(&uri, 3, 2));
        let items = answer["result"]["items"].as_array().or(answer["result"].as_array());
        let state = items.expect("items").iter().find(|item| item["label"] == "state");
        let state = state.expect("state");
        let inserted = state["textEdit"]["newText"].as_str().expect("a text");
        let nested = inserted.lines().nth(1).expect("a nested line");
        assert_eq!(nested.len() - nested.trim_start().len(), column, "{inserted}");
        assert_eq!(state["insertTextMode"], mode);
        assert_eq!(client.finish(), 0);
    }
}

/// All capabilities that navigation is announced for.
fn navigating_capabilities() -> Value {
    let mut capabilities = rich_capabilities();
    for name in [
        "declaration",
        "typeDefinition",
        "implementation",
        "references",
        "documentHighlight",
        "documentLink",
        "foldingRange",
        "selectionRange",
        "rename",
        "linkedEditingRange",
        "callHierarchy",
        "typeHierarchy",
        "semanticTokens",
        "rangeFormatting",
        "onTypeFormatting",
    ] {
        capabilities["textDocument"][name] = json!({});
    }
    capabilities["textDocument"]["definition"] = json!({"linkSupport": true});
    capabilities["workspace"]["symbol"] = json!({});
    capabilities["workspace"]["textDocumentContent"] = json!({});
    capabilities
}

#[test]
fn what_a_client_does_not_offer_is_not_announced_and_what_it_offers_is() {
    let announced = |capabilities: Value| -> Vec<String> {
        let mut client = Client::spawn();
        let answer = client.handshake(json!({"capabilities": capabilities}));
        let all = answer["result"]["capabilities"].as_object().unwrap();
        all.keys().filter(|key| key.ends_with("Provider")).cloned().collect()
    };
    let (few, many) = (announced(json!({})), announced(navigating_capabilities()));
    for name in [
        "definitionProvider",
        "declarationProvider",
        "typeDefinitionProvider",
        "implementationProvider",
        "referencesProvider",
        "documentHighlightProvider",
        "documentLinkProvider",
        "foldingRangeProvider",
        "selectionRangeProvider",
        "renameProvider",
        "linkedEditingRangeProvider",
        "callHierarchyProvider",
        "typeHierarchyProvider",
        "workspaceSymbolProvider",
        "semanticTokensProvider",
        "documentRangeFormattingProvider",
        "documentOnTypeFormattingProvider",
    ] {
        assert!(!few.contains(&name.to_owned()), "{name}");
        assert!(many.contains(&name.to_owned()), "{name}");
    }
}

/// All ranges of an answer that are of the document itself.
fn ranges(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ranges(item, out)),
        Value::Object(fields) => {
            // Ranges of other documents are not held to this one.
            if fields.contains_key("uri") || fields.contains_key("targetUri") {
                return;
            }
            for (name, field) in fields {
                match name == "range" {
                    true => out.push(field.clone()),
                    false => ranges(field, out),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_method_answers_at_every_line_of_every_example_within_the_document() {
    let examples = repository().join("examples");
    let root = examples.to_str().unwrap();
    let mut client = Client::start(navigating_capabilities(), Some(root));
    let mut tried = 0;
    for folder in std::fs::read_dir(&examples).unwrap().flatten() {
        for part in [".", "interfaces", "configuration", "policy"] {
            for file in std::fs::read_dir(folder.path().join(part)).into_iter().flatten().flatten()
            {
                let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
                let path = file.path().canonicalize().unwrap();
                let uri = format!("file://{}", path.display());
                client.open(&uri, &text);
                let lines: Vec<&str> = text.lines().collect();
                let mut check = |method: &str, params: Value| {
                    let answer = client.request(method, params);
                    assert!(answer.get("error").is_none(), "{method} {uri}: {answer}");
                    let mut found = Vec::new();
                    ranges(&answer["result"], &mut found);
                    for range in found {
                        let end = range["end"]["line"].as_u64().unwrap() as usize;
                        assert!(end <= lines.len(), "{method} {uri}: {range}");
                    }
                    tried += 1;
                };
                let document = json!({"textDocument": {"uri": uri}});
                for method in [
                    "documentLink",
                    "foldingRange",
                    "documentSymbol",
                    "semanticTokens/full",
                    "codeLens",
                ] {
                    check(&format!("textDocument/{method}"), document.clone());
                }
                for (at, line) in lines.iter().enumerate().step_by(lines.len() / 12 + 1) {
                    let key = line.len() - line.trim_start_matches([' ', '-']).len();
                    for character in [key, line.len()] {
                        let mut params = Client::at(&uri, at as u32, character as u32);
                        params["context"] = json!({
                            "includeDeclaration": true, "triggerKind": 1, "diagnostics": [],
                        });
                        params["positions"] = json!([params["position"]]);
                        params["range"] =
                            json!({"start": params["position"], "end": params["position"]});
                        params["options"] = json!({"tabSize": 2, "insertSpaces": true});
                        params["ch"] = "\n".into();
                        for method in [
                            "definition",
                            "declaration",
                            "typeDefinition",
                            "implementation",
                            "references",
                            "documentHighlight",
                            "selectionRange",
                            "linkedEditingRange",
                            "prepareCallHierarchy",
                            "prepareTypeHierarchy",
                            "semanticTokens/range",
                            "rangeFormatting",
                            "onTypeFormatting",
                            "inlayHint",
                            "codeAction",
                            "hover",
                            "completion",
                        ] {
                            check(&format!("textDocument/{method}"), params.clone());
                        }
                    }
                }
            }
        }
    }
    assert!(tried > 1_000, "only {tried}");
}

#[test]
fn l58_the_graph_is_walked_up_and_down_and_symbols_are_found() {
    let examples = repository().join("examples").canonicalize().unwrap();
    let mut client = Client::start(navigating_capabilities(), examples.to_str());
    let uri = format!("file://{}/orders/pacto.yaml", examples.display());
    let text = std::fs::read_to_string(examples.join("orders/pacto.yaml")).unwrap();
    client.open(&uri, &text);
    client.next_diagnostics(&uri);
    let items = client.request("textDocument/prepareCallHierarchy", Client::at(&uri, 0, 0));
    let item = items["result"][0].clone();
    assert_eq!(item["name"], "orders");
    let below = client.request("callHierarchy/outgoingCalls", json!({"item": item}));
    let below = below["result"].as_array().unwrap();
    assert!(below.iter().any(|call| call["to"]["name"] == "payments"), "{below:?}");
    let payments = below.iter().find(|call| call["to"]["name"] == "payments").unwrap();
    let above = client.request("callHierarchy/incomingCalls", json!({"item": payments["to"]}));
    let above = above["result"].as_array().unwrap();
    assert!(above.iter().any(|call| call["from"]["name"] == "orders"), "{above:?}");
    let found = client.request("workspace/symbol", json!({"query": "payments"}));
    assert_eq!(found["result"][0]["name"], "payments", "{found}");
}

#[test]
fn a_rename_edits_all_files_or_is_refused_with_the_reason() {
    let (folder, uri) = bundle(VALID);
    folder.write("configuration/schema.json", "{\"properties\": {\"LEVEL\": {}}}");
    let mut client = Client::start(navigating_capabilities(), None);
    let text = format!(
        "{VALID}configurations:\n  - name: app\n    schema: configuration/schema.json\n    values:\n      LEVEL: 1\n"
    );
    client.open(&uri, &text);
    client.next_diagnostics(&uri);
    let mut params = Client::at(&uri, 10, 8);
    let found = client.request("textDocument/prepareRename", params.clone());
    assert_eq!(found["result"]["placeholder"], "LEVEL", "{found}");
    params["newName"] = "LOG_LEVEL".into();
    let edit = client.request("textDocument/rename", params);
    let changes = edit["result"]["documentChanges"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{edit}");
    for change in changes {
        assert_eq!(change["edits"][0]["newText"], "LOG_LEVEL");
    }
    let refused = client.request("textDocument/prepareRename", Client::at(&uri, 0, 2));
    assert_eq!(refused["error"]["code"], -32803, "{refused}");
}
