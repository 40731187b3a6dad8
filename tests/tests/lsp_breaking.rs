//! The breaking layer of the language server, at the level of the protocol.

use pacto_tests::git;
use pacto_tests::lsp::{Client, rich_capabilities};
use serde_json::{Value, json};

const CONTRACT: &str = "\
pactoVersion: \"1.0\"
service:
  name: payments
  version: 1.2.0
  owner: team/pay
  image:
    ref: ghcr.io/acme/payments:1.2.0
interfaces:
  - name: api
    type: http
    port: 8081
    contract: openapi.yaml
  # what Prometheus reads
  - name: metrics
    type: http
    port: 9100
    contract: openapi.yaml
";

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

/// A bundle in a commit of git, with a server beside it.
struct Bench {
    folder: tempfile::TempDir,
    client: Client,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        write("pacto.yaml", CONTRACT);
        write("openapi.yaml", OPENAPI);
        git(folder.path(), &["init", "-q", "-b", "main"]);
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "-q", "-m", "first"]);
        let mut capabilities = rich_capabilities();
        capabilities["workspace"]["inlayHint"] = json!({"refreshSupport": true});
        let client = Client::start(capabilities, None);
        Bench { folder, client }
    }

    fn uri(&self, name: &str) -> String {
        let path = self.folder.path().canonicalize().expect("a path").join(name);
        format!("file://{}", path.display())
    }

    fn with_code(&mut self, uri: &str, code: &str) -> Value {
        let has = |items: &[Value]| items.iter().any(|item| item["code"] == code);
        let items = self.client.wait_for(uri, has);
        items.into_iter().find(|item| item["code"] == code).expect("it was there")
    }

    fn lenses(&mut self, uri: &str) -> Vec<String> {
        let params = json!({"textDocument": {"uri": uri}});
        let answer = self.client.request("textDocument/codeLens", params);
        let lenses = answer["result"].as_array().expect("lenses").clone();
        lenses.iter().map(|l| l["command"]["title"].as_str().expect("a title").to_owned()).collect()
    }

    fn inlays(&mut self, uri: &str) -> Vec<(u64, String)> {
        let range =
            json!({"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}});
        let params = json!({"textDocument": {"uri": uri}, "range": range});
        let answer = self.client.request("textDocument/inlayHint", params);
        let hints = answer["result"].as_array().expect("hints").clone();
        hints
            .iter()
            .map(|hint| {
                let line = hint["position"]["line"].as_u64().expect("a line");
                (line, hint["label"].as_str().expect("a label").to_owned())
            })
            .collect()
    }

    fn actions(&mut self, uri: &str, range: &Value) -> Vec<Value> {
        let params = json!({
            "textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []},
        });
        let answer = self.client.request("textDocument/codeAction", params);
        answer["result"].as_array().expect("actions").clone()
    }
}

fn titled<'v>(actions: &'v [Value], title: &str) -> &'v Value {
    let found = actions.iter().find(|a| a["title"].as_str().is_some_and(|t| t.starts_with(title)));
    found.unwrap_or_else(|| panic!("no action {title}: {actions:#?}"))
}

/// The edits of the only document that an action touches, as line, start, end and new text.
fn edits(action: &Value) -> Vec<(u64, u64, u64, String)> {
    let edits = action["edit"]["documentChanges"][0]["edits"].as_array().expect("edits");
    edits
        .iter()
        .map(|edit| {
            let number =
                |pointer: &str| edit.pointer(pointer).and_then(Value::as_u64).expect("a number");
            let text = edit["newText"].as_str().expect("a text").to_owned();
            (
                number("/range/start/line"),
                number("/range/start/character"),
                number("/range/end/character"),
                text,
            )
        })
        .collect()
}

#[test]
fn a_changed_port_shows_what_it_was_and_can_be_restored() {
    let mut bench = Bench::new();
    let uri = bench.uri("pacto.yaml");
    let text = CONTRACT.replace("port: 8081", "port: 9090");
    bench.client.open(&uri, &text);
    let finding = bench.with_code(&uri, "BREAKING_CHANGE");
    assert_eq!(finding["source"], "pacto-diff");
    assert_eq!(finding["severity"], 2);
    assert_eq!(finding["data"]["rule"], "contract/interfaces-port-modified");
    assert_eq!(finding["range"]["start"], json!({"line": 10, "character": 10}));
    assert_eq!(finding["range"]["end"], json!({"line": 10, "character": 14}));
    assert!(bench.inlays(&uri).contains(&(10, "was 8081".to_owned())));
    bench.with_code(&uri, "VERSION_BUMP_REQUIRED");
    let actions = bench.actions(&uri, &finding["range"]);
    let restore = titled(&actions, "Restore");
    assert_eq!(edits(restore), [(10, 10, 14, "8081".to_owned())]);
    // What is undone is gone at once.
    bench.client.change(&uri, 2, CONTRACT);
    let items = bench.client.wait_for_version(&uri, 2);
    assert!(!items.iter().any(|item| item["source"] == "pacto-diff"), "{items:?}");
}

#[test]
fn a_removed_path_breaks_in_the_specification_and_counts_in_the_contract() {
    let mut bench = Bench::new();
    let (contract, api) = (bench.uri("pacto.yaml"), bench.uri("openapi.yaml"));
    bench.client.open(&contract, CONTRACT);
    bench.client.open(&api, OPENAPI);
    let at = OPENAPI.find("  /charges").expect("a path");
    let end = OPENAPI.find("  /health").expect("a path");
    let text = format!("{}{}", &OPENAPI[..at], &OPENAPI[end..]);
    bench.client.change(&api, 2, &text);
    // At `paths:`, which is what is left.
    let finding = bench.with_code(&api, "BREAKING_CHANGE");
    assert_eq!(finding["range"]["start"], json!({"line": 2, "character": 0}));
    assert!(finding["message"].as_str().expect("a text").contains("/charges"));
    assert!(
        bench
            .inlays(&api)
            .iter()
            .any(|(line, label)| *line == 2 && label.starts_with("removed: /charges"))
    );
    let lenses = bench.lenses(&contract);
    assert!(lenses[0].starts_with("2 BREAKING vs ") && lenses[0].ends_with(" (git)"), "{lenses:?}");
    assert_eq!(lenses[1], "bump to 2.0.0");
    assert!(
        lenses.iter().any(|lens| lens.starts_with("1 operations · 1 removed vs ")),
        "{lenses:?}"
    );
    // Restoring puts the path back where it was.
    let actions = bench.actions(&api, &finding["range"]);
    let [(line, _, _, restored)] = &edits(titled(&actions, "Restore `/charges`"))[..] else {
        panic!("one edit")
    };
    assert_eq!(*line, 3);
    assert_eq!(restored, &OPENAPI[at..end]);
    // The command raises the version of the service and of its image in one edit.
    let command = json!({"command": "pacto.server.bumpVersion", "arguments": [{"uri": contract}]});
    let answer = bench.client.request("workspace/executeCommand", command);
    assert_eq!(answer["result"], Value::Null);
    bench.client.settle();
    let asked = bench.client.others.iter().find(|m| m["method"] == "workspace/applyEdit");
    let edit = asked.expect("an edit")["params"].clone();
    let texts: Vec<String> = edits(&edit).into_iter().map(|(.., text)| text).collect();
    assert_eq!(texts, ["2.0.0", "ghcr.io/acme/payments:2.0.0"]);
    // Once the version says it, findings are milder, and nothing more is asked.
    let bumped = CONTRACT.replace("1.2.0", "2.0.0");
    bench.client.change(&contract, 2, &bumped);
    let is_mild = |items: &[Value]| {
        items.iter().any(|i| i["code"] == "BREAKING_CHANGE" && i["severity"] == 3)
    };
    bench.client.wait_for(&api, is_mild);
    let items = bench.client.wait_for_version(&contract, 2);
    assert!(!items.iter().any(|item| item["code"] == "VERSION_BUMP_REQUIRED"));
    // Undo clears it all.
    bench.client.change(&api, 3, OPENAPI);
    let none = |items: &[Value]| items.iter().all(|item| item["source"] != "pacto-diff");
    bench.client.wait_for(&api, none);
    assert_eq!(bench.lenses(&contract)[0].split(" vs ").next(), Some("no breaking change"));
}

#[test]
fn a_removed_section_is_shown_at_the_name_of_the_service() {
    let mut bench = Bench::new();
    let uri = bench.uri("pacto.yaml");
    let at = CONTRACT.find("interfaces:").expect("a section");
    bench.client.open(&uri, &CONTRACT[..at]);
    let finding = bench.with_code(&uri, "BREAKING_CHANGE");
    assert_eq!(finding["range"]["start"], json!({"line": 2, "character": 8}), "{finding}");
    assert_eq!(finding["range"]["end"], json!({"line": 2, "character": 16}));
}

#[test]
fn a_value_that_is_invalid_breaks_nothing_until_it_can_be_read() {
    let mut bench = Bench::new();
    let uri = bench.uri("pacto.yaml");
    let text = CONTRACT.replacen("type: http", "type: htpp", 1).replace("9100", "9101");
    bench.client.open(&uri, &text);
    // The other port says that the comparison was made.
    assert_eq!(bench.with_code(&uri, "BREAKING_CHANGE")["range"]["start"]["line"], 15);
    let items = bench.client.diagnostics[&uri].1.clone();
    let on_type = items.iter().filter(|item| item["range"]["start"]["line"] == 9);
    let codes: Vec<&Value> = on_type.map(|item| &item["code"]).collect();
    assert_eq!(codes, ["SCHEMA_VIOLATION"]);
    // A legal type is a change again.
    let text = CONTRACT.replacen("type: http", "type: grpc", 1);
    bench.client.change(&uri, 2, &text);
    let breaks =
        |item: &Value| item["range"]["start"]["line"] == 9 && item["code"] == "BREAKING_CHANGE";
    bench.client.wait_for(&uri, |items| items.iter().any(breaks));
}

#[test]
fn a_removed_interface_comes_back_with_its_comment() {
    let mut bench = Bench::new();
    let uri = bench.uri("pacto.yaml");
    let at = CONTRACT.find("  # what").expect("a comment");
    bench.client.open(&uri, &CONTRACT[..at]);
    let finding = bench.with_code(&uri, "BREAKING_CHANGE");
    assert_eq!(finding["range"]["start"], json!({"line": 7, "character": 0}));
    let actions = bench.actions(&uri, &finding["range"]);
    let [(line, _, _, restored)] = &edits(titled(&actions, "Restore `metrics`"))[..] else {
        panic!("one edit")
    };
    assert_eq!((*line, restored.as_str()), (12, &CONTRACT[at..]));
}

#[test]
fn the_baseline_is_what_the_settings_say() {
    let mut bench = Bench::new();
    let old = bench.folder.path().join("old");
    std::fs::create_dir(&old).expect("a folder");
    std::fs::write(old.join("pacto.yaml"), CONTRACT.replace("8081", "7000")).expect("written");
    std::fs::write(old.join("openapi.yaml"), OPENAPI).expect("written");
    let uri = bench.uri("pacto.yaml");
    bench.client.open(&uri, CONTRACT);
    let settings =
        |mode: &str| json!({"settings": {"pacto": {"baseline": {"mode": mode, "path": "old"}}}});
    bench.client.notify("workspace/didChangeConfiguration", settings("file"));
    let finding = bench.with_code(&uri, "BREAKING_CHANGE");
    // A baseline on disk can be opened from the finding.
    let related = &finding["relatedInformation"][0]["location"]["uri"];
    assert!(related.as_str().expect("a URI").ends_with("/old/pacto.yaml"), "{related}");
    bench.client.notify("workspace/didChangeConfiguration", settings("off"));
    let none = |items: &[Value]| items.iter().all(|item| item["source"] != "pacto-diff");
    bench.client.wait_for(&uri, none);
    assert!(bench.lenses(&uri).is_empty());
}

#[test]
fn who_pulls_is_told_of_a_baseline_that_comes_late() {
    let mut bench = Bench::new();
    let mut capabilities = rich_capabilities();
    capabilities["textDocument"]["diagnostic"] = json!({});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let uri = bench.uri("pacto.yaml");
    let mut client = Client::start(capabilities, None);
    client.open(&uri, &CONTRACT.replace("8081", "9090"));
    let pull = |client: &mut Client, known: &[Value]| {
        let params = json!({"previousResultIds": known});
        client.request("workspace/diagnostic", params)["result"]["items"].clone()
    };
    // The first pull may come before git has answered.
    let first = pull(&mut client, &[]);
    let known = json!({"uri": uri, "value": first[0]["resultId"]});
    client.settle();
    let is_asked = |m: &&Value| m["method"] == "workspace/diagnostic/refresh";
    assert!(client.others.iter().any(|m| is_asked(&m)), "the client is asked to pull again");
    // Who pulls because it was asked is answered, whatever it knew before.
    let second = if first.to_string().contains("BREAKING_CHANGE") {
        first
    } else {
        pull(&mut client, &[known])
    };
    assert!(second.to_string().contains("BREAKING_CHANGE"), "{second}");
    bench.client.settle();
}

#[test]
fn a_client_that_drops_refreshes_is_pushed_to() {
    let mut bench = Bench::new();
    let mut capabilities = rich_capabilities();
    capabilities["textDocument"]["diagnostic"] = json!({});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let mut client = Client::spawn();
    let params = json!({
        "processId": null, "clientInfo": {"name": "Neovim", "version": "0.12.4"},
        "capabilities": capabilities, "rootUri": null,
    });
    let answer = client.request("initialize", params);
    assert!(answer["result"]["capabilities"].get("diagnosticProvider").is_none(), "{answer}");
    client.notify("initialized", json!({}));
    let uri = bench.uri("pacto.yaml");
    client.open(&uri, &CONTRACT.replace("8081", "9090"));
    client.wait_for(&uri, |items| items.iter().any(|item| item["code"] == "BREAKING_CHANGE"));
    bench.client.settle();
}

#[test]
fn commands_that_cannot_run_say_why() {
    let mut bench = Bench::new();
    let uri = bench.uri("pacto.yaml");
    bench.client.open(&uri, CONTRACT);
    for (params, why) in [
        (json!({"command": "pacto.server.frob", "arguments": [{"uri": uri}]}), "no command"),
        (json!({"command": "pacto.server.bumpVersion"}), "missing field `uri`"),
        (
            json!({
                "command": "pacto.server.bumpVersion",
                "arguments": [{"uri": "file:///nowhere/pacto.yaml"}],
            }),
            "not that of a contract",
        ),
    ] {
        let answer = bench.client.request("workspace/executeCommand", params);
        let message = answer["error"]["message"].as_str().expect("an error").to_owned();
        assert!(message.contains(why), "{message}");
    }
}
