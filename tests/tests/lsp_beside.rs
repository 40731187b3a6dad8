//! The requests, notifications and commands that are ours alone.

use std::time::Duration;

use pacto_tests::lsp::{Client, rich_capabilities};
use pacto_tests::registry::{Fault, Guard, Proxy, Registry, User, contract};
use pacto_tests::{TempDir, git};
use serde_json::{Value, json};

const OPENAPI: &str = "openapi: 3.0.3\ninfo: {title: t, version: 1.0.0}\npaths:\n  /a:\n    get: {responses: {\"200\": {description: ok}}}\n";

fn uri(folder: &TempDir, path: &str) -> String {
    format!("file://{}/{path}", folder.path().display())
}

/// Capabilities of an editor with everything that commands need.
fn able() -> Value {
    let mut capabilities = rich_capabilities();
    capabilities["workspace"]["workspaceEdit"]["resourceOperations"] = json!(["create"]);
    capabilities["experimental"] = json!({"pacto": {"status": true, "graph": true}});
    capabilities
}

/// `shop` uses `pay`, `pay` uses `auth` and something that is not there, `auth` uses `pay`.
fn fleet() -> (TempDir, Client) {
    let folder = TempDir::new("beside");
    let write = |name: &str, dependencies: &[(&str, &str)]| {
        folder.write(&format!("{name}/pacto.yaml"), contract(name, "1.2.0", dependencies));
    };
    write("shop", &[("../pay", "^1.0.0")]);
    write("pay", &[("../auth", "^2.0.0"), ("../none", "^1.0.0")]);
    write("auth", &[("../pay", "^1.0.0")]);
    let root = folder.path().display().to_string();
    let mut client = Client::start(able(), Some(&root));
    client.wait_for(&uri(&folder, "pay/pacto.yaml"), |items| !items.is_empty());
    (folder, client)
}

fn graph(client: &mut Client, params: Value) -> (Vec<String>, Vec<Value>) {
    let answer = client.request("pacto/graph", params)["result"].clone();
    assert_eq!(answer["isTruncated"], false, "{answer}");
    let nodes = answer["nodes"].as_array().expect("nodes");
    let ids: Vec<&Value> = nodes.iter().map(|node| &node["id"]).collect();
    assert_eq!(ids[0], &answer["root"], "{answer}");
    let edges = answer["edges"].as_array().expect("edges").clone();
    for edge in &edges {
        let ends = [&edge["from"], &edge["to"]];
        assert!(ends.iter().all(|end| end.is_null() || ids.contains(end)), "{edge}");
    }
    let names = nodes.iter().map(|node| {
        let mark = if node["inCycle"] == true { "*" } else { "" };
        format!("{}{mark}", node["name"].as_str().unwrap_or("?"))
    });
    (names.collect(), edges)
}

#[test]
fn a_graph_leads_to_what_is_used_and_to_who_uses_it() {
    let (folder, mut client) = fleet();
    let shop = uri(&folder, "shop/pacto.yaml");
    let (names, edges) = graph(&mut client, json!({"uri": shop}));
    assert_eq!(names, ["shop", "pay*", "auth*"]);
    assert_eq!(edges.len(), 4, "{edges:?}");
    let to_auth = edges.iter().find(|edge| edge["ref"] == "../auth").expect("an edge");
    assert_eq!(to_auth["constraint"], "^2.0.0");
    assert_eq!(to_auth["resolved"], "1.2.0");
    assert_eq!(to_auth["compatible"], false);
    assert_eq!(to_auth["kind"], "dependency");
    let to_none = edges.iter().find(|edge| edge["ref"] == "../none").expect("an edge");
    assert_eq!(to_none["to"], Value::Null, "{to_none}");
    let (names, edges) = graph(&mut client, json!({"uri": shop, "depth": 1}));
    assert_eq!((names.len(), edges.len()), (2, 1));
    let auth = uri(&folder, "auth/pacto.yaml");
    let (names, _) = graph(&mut client, json!({"uri": auth, "direction": "dependents"}));
    assert_eq!(names, ["auth*", "pay*", "shop"]);
    let (mut names, edges) = graph(&mut client, json!({"uri": auth, "direction": "both"}));
    names.sort();
    assert_eq!(names, ["auth*", "pay*", "shop"]);
    assert_eq!(edges.len(), 4, "each edge once: {edges:?}");
    let answer = client.request("pacto/graph", json!({"uri": "file:///nowhere/x.txt"}));
    assert_eq!(answer["result"], Value::Null);
    let answer = client.request("pacto/graph", json!({"uri": shop, "direction": "up"}));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

#[test]
fn who_wants_to_know_is_told_that_the_graph_has_changed() {
    let (folder, mut client) = fleet();
    let is_graph = |message: &Value| message["method"] == "pacto/graphChanged";
    client.wait_for_message(is_graph);
    client.settle();
    client.others.clear();
    let shop = uri(&folder, "shop/pacto.yaml");
    let text = contract("shop", "1.2.0", &[("../pay", "^1.0.0")]);
    client.open(&shop, &format!("{text}# a note\n"));
    client.settle();
    assert!(!client.others.iter().any(is_graph), "{:?}", client.others);
    client.change(&shop, 2, &contract("shop", "1.2.0", &[("../auth", "^1.0.0")]));
    client.wait_for_message(is_graph);
}

#[test]
fn documentation_is_made_of_what_the_editor_holds() {
    let (folder, mut client) = fleet();
    let shop = uri(&folder, "shop/pacto.yaml");
    let preview = |client: &mut Client| {
        client.request("pacto/preview", json!({"uri": shop}))["result"].clone()
    };
    assert_eq!(preview(&mut client)["name"], "shop");
    client.open(&shop, &contract("market", "3.4.5", &[]));
    let page = preview(&mut client);
    assert_eq!(page["name"], "market");
    assert!(page["markdown"].as_str().is_some_and(|text| text.contains("3.4.5")), "{page}");
}

#[test]
fn a_comparison_opens_side_by_side() {
    let folder = TempDir::new("beside");
    let text = |port: u16, version: &str| {
        format!(
            "{}interfaces:\n  - name: api\n    type: http\n    port: {port}\n    contract: openapi.yaml\n",
            contract("pay", version, &[])
        )
    };
    folder.write("pacto.yaml", text(8080, "1.0.0"));
    folder.write("openapi.yaml", OPENAPI);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    git(folder.path(), &["tag", "v1"]);
    let mut client = Client::start(able(), None);
    let (own, api) = (uri(&folder, "pacto.yaml"), uri(&folder, "openapi.yaml"));
    client.open(&own, &text(9090, "1.0.0"));
    client.open(&api, &OPENAPI.replace("/a:", "/b:"));
    let has =
        |code: &'static str| move |items: &[Value]| items.iter().any(|item| item["code"] == code);
    client.wait_for(&own, has("BREAKING_CHANGE"));
    client.wait_for(&api, has("BREAKING_CHANGE"));
    let answer = client.request("pacto/diff", json!({"uri": own}))["result"].clone();
    assert_eq!(answer["report"]["classification"], "BREAKING", "{answer}");
    assert_eq!(answer["newUri"], json!(own));
    let paths: Vec<&Value> =
        answer["files"].as_array().expect("files").iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["pacto.yaml", "openapi.yaml"]);
    for (at, wanted) in [(0, text(8080, "1.0.0")), (1, OPENAPI.to_owned())] {
        let old = answer["files"][at]["oldUri"].as_str().expect("a document");
        assert!(old.starts_with("pacto-bundle:/"), "{old}");
        // For those that lack the method of the protocol there is one of ours.
        for method in ["workspace/textDocumentContent", "pacto/textDocumentContent"] {
            let content = client.request(method, json!({"uri": old}));
            assert_eq!(content["result"]["text"], json!(wanted), "{content}");
        }
    }
    // Nothing more to compare with.
    let set = |client: &mut Client, argument: Value| {
        let answer = client.execute("pacto.server.setBaseline", argument);
        assert_eq!(answer["result"], Value::Null, "{answer}");
    };
    set(&mut client, json!({"uri": own, "mode": "off"}));
    client.wait_for(&own, |items| !has("BREAKING_CHANGE")(items));
    assert_eq!(client.request("pacto/diff", json!({"uri": own}))["result"], Value::Null);
    set(&mut client, json!({"uri": own, "gitRef": "v1"}));
    client.wait_for(&own, has("BREAKING_CHANGE"));
    let answer = client.request("pacto/diff", json!({"uri": own}))["result"].clone();
    assert_eq!(answer["baseline"], "v1 (git)");
    set(&mut client, json!({"uri": own, "mode": "off"}));
    client.wait_for(&own, |items| !has("BREAKING_CHANGE")(items));
    set(&mut client, json!({"uri": own}));
    client.wait_for(&own, has("BREAKING_CHANGE"));
    for (argument, why) in [
        (json!({"uri": own, "mode": "file"}), "needs a `path`"),
        (json!({"uri": own, "path": "a", "gitRef": "b"}), "exclude each other"),
        (json!({"uri": own, "mode": "svn"}), "unknown variant"),
        (json!({"uri": own, "ref": "v1"}), "unknown field"),
    ] {
        let answer = client.execute("pacto.server.setBaseline", argument);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(why), "{answer}");
    }
}

#[test]
fn a_bundle_lists_its_files_by_kind() {
    let folder = TempDir::new("beside");
    let text = format!(
        "{}interfaces:\n  - {{name: api, type: http, port: 80, contract: api/openapi.yaml}}\nconfigurations:\n  - {{name: c, schema: config.json}}\n",
        contract("pay", "1.0.0", &[])
    );
    folder.write("pacto.yaml", &text);
    folder.write("api/openapi.yaml", OPENAPI);
    folder.write("config.json", "{\"type\": \"object\"}");
    folder.write("docs/guide.md", "# Guide");
    folder.write("notes.txt", "x");
    let mut client = Client::start(able(), None);
    let own = uri(&folder, "pacto.yaml");
    client.open(&own, &text);
    client.wait_for_version(&own, 1);
    let answer = client.request("pacto/bundle", json!({"uri": own}))["result"].clone();
    assert_eq!((&answer["name"], &answer["version"]), (&json!("pay"), &json!("1.0.0")));
    let files = answer["files"].as_array().expect("files");
    let shown = |file: &Value| {
        let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
        (text("path"), text("kind"), file["named"] == true)
    };
    let shown: Vec<_> = files.iter().map(shown).collect();
    let wanted = [
        ("api/openapi.yaml", "openapi", true),
        ("config.json", "configurationSchema", true),
        ("docs/guide.md", "documentation", false),
        ("notes.txt", "other", false),
        ("pacto.yaml", "contract", true),
    ];
    assert_eq!(shown, wanted.map(|(path, kind, named)| (path.to_owned(), kind.to_owned(), named)));
    assert_eq!(files[4]["uri"], json!(own));
}

#[test]
fn the_status_says_which_registry_does_not_answer() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    user.publish(&registry.host(), "auth", "1.0.0", &[]);
    proxy.fault("tags/list", Fault::Hang(Duration::from_secs(60)), 1);
    let reference = format!("oci://{}/acme/auth", proxy.host());
    let text = contract("web", "1.0.0", &[(&reference, "^1.0.0")]);
    let own = format!("file://{}", user.folder.write("web/pacto.yaml", &text).display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    client.handshake(json!({"capabilities": able()}));
    client.open(&own, &text);
    let host = proxy.host();
    let is_pending = |message: &Value| {
        let registry = &message["params"]["registries"][0];
        message["method"] == "pacto/statusChanged"
            && registry["host"] == json!(host)
            && registry["pending"] == 1
            && message["params"]["busy"] == true
    };
    client.wait_for_message(is_pending);
    let status = client.request("pacto/status", json!({}))["result"].clone();
    assert_eq!(status["contracts"], 1, "{status}");
    assert_eq!(status["openDocuments"], 1);
    assert_eq!(status["registries"][0]["state"], "asked");
    assert!(status["memory"].as_u64() > Some(1 << 20), "{status}");
    assert!(status["version"].is_string() && status["lastErrors"].is_array(), "{status}");
}

#[test]
fn versions_are_raised_and_digests_pinned_by_commands() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    user.publish(&registry.host(), "auth", "1.0.0", &[]);
    user.publish(&registry.host(), "auth", "1.1.0", &[]);
    let reference = format!("oci://{}/acme/auth:1.0.0", registry.host());
    let text = contract("web", "1.0.0", &[(&reference, "^1.0.0")]);
    let own = format!("file://{}", user.folder.write("web/pacto.yaml", &text).display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    client.handshake(json!({"capabilities": able()}));
    client.open(&own, &text);
    let has =
        |code: &'static str| move |items: &[Value]| items.iter().any(|item| item["code"] == code);
    client.wait_for(&own, has("DEPENDENCY_OUTDATED"));
    let is_idle = |message: &Value| {
        message["method"] == "pacto/statusChanged" && message["params"]["busy"] == false
    };
    client.wait_for_message(is_idle);
    let edit = |client: &mut Client, command: &str, argument: Value| -> Vec<String> {
        let answer = client.execute(command, argument);
        assert!(answer.get("error").is_none(), "{answer}");
        let asked = client.wait_for_message(|m| m["method"] == "workspace/applyEdit");
        let changes = &asked["params"]["edit"]["documentChanges"][0]["edits"];
        let texts = changes.as_array().expect("edits").iter();
        texts.map(|edit| edit["newText"].as_str().expect("a text").to_owned()).collect()
    };
    let newer = reference.replace("1.0.0", "1.1.0");
    let upgrade = "pacto.server.upgradeDependency";
    assert_eq!(edit(&mut client, upgrade, json!({"uri": own, "name": "auth"})), [&*newer]);
    let to = json!({"uri": own, "name": reference, "version": "2.0.0"});
    let wanted = [reference.replace("1.0.0", "2.0.0"), "^2.0.0".to_owned()];
    assert_eq!(edit(&mut client, upgrade, to), wanted);
    let pinned = edit(&mut client, "pacto.server.pinDigests", json!({"uri": own}));
    assert!(pinned[0].starts_with(&format!("{reference}@sha256:")), "{pinned:?}");
    let argument = json!({"uri": own, "version": "4.0.0"});
    assert_eq!(edit(&mut client, "pacto.server.bumpVersion", argument), ["4.0.0"]);
    for (command, argument, why) in [
        (upgrade, json!({"uri": own, "name": "none"}), "there is no dependency"),
        (upgrade, json!({"uri": own, "name": "auth", "version": "x"}), "not a version"),
        (upgrade, json!({"uri": own, "name": "auth", "version": "1.0.0"}), "admits 1.0.0 already"),
        ("pacto.server.bumpVersion", json!({"uri": own, "version": "x"}), "not a version"),
    ] {
        let answer = client.execute(command, argument);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(why), "{answer}");
    }
    assert!(client.others.iter().all(|m| m["method"] != "window/showMessage"));
}

#[test]
fn registries_are_asked_again_on_demand() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    user.publish(&registry.host(), "auth", "1.0.0", &[]);
    let reference = format!("oci://{}/acme/auth:1.0.0", proxy.host());
    let text = contract("web", "1.0.0", &[(&reference, "^1.0.0")]);
    let own = format!("file://{}", user.folder.write("web/pacto.yaml", &text).display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    client.handshake(json!({"capabilities": able()}));
    client.open(&own, &text);
    let has =
        |code: &'static str| move |items: &[Value]| items.iter().any(|item| item["code"] == code);
    client.wait_for(&own, has("TAG_NOT_DIGEST"));
    let asked =
        |proxy: &Proxy| proxy.log().into_iter().filter(|line| line.contains("tags/list")).count();
    let is_idle = |message: &Value| {
        message["method"] == "pacto/statusChanged" && message["params"]["busy"] == false
    };
    client.wait_for_message(is_idle);
    let before = asked(&proxy);
    user.publish(&registry.host(), "auth", "1.1.0", &[]);
    let answer = client.execute("pacto.server.checkUpdates", json!({"uri": own}));
    let repository = format!("{}/acme/auth", proxy.host());
    assert_eq!(answer["result"]["asked"], json!([repository]), "{answer}");
    assert_eq!(answer["result"]["dependencies"][0]["newest"], Value::Null, "{answer}");
    client.wait_for(&own, has("DEPENDENCY_OUTDATED"));
    assert_eq!(asked(&proxy), before + 1);
    let answer = client.execute("pacto.server.checkUpdates", json!({}));
    assert_eq!(answer["result"]["dependencies"][0]["newest"], "1.1.0", "{answer}");
    // Nothing is said of registries while they are asked again.
    proxy.fault("tags/list", Fault::Hang(Duration::from_millis(1_500)), 1);
    assert_eq!(client.execute("pacto.server.clearAdvice", json!({}))["result"], Value::Null);
    client.wait_for(&own, |items| !has("DEPENDENCY_OUTDATED")(items));
    client.wait_for(&own, has("DEPENDENCY_OUTDATED"));
    // Asked again without forgetting, what was said stays.
    client.settle();
    let before = asked(&proxy);
    client.published.clear();
    client.execute("pacto.server.refreshRegistry", json!({}));
    client.settle();
    assert_eq!(asked(&proxy), before + 1);
    assert!(client.published.is_empty(), "{:?}", client.published);
}

#[test]
fn files_and_contracts_are_created_by_commands() {
    let folder = TempDir::new("beside");
    let text = format!(
        "{}interfaces:\n  - {{name: api, type: http, port: 80, contract: api/openapi.yaml}}\n",
        contract("pay", "1.0.0", &[])
    );
    folder.write("pay/pacto.yaml", &text);
    let mut client = Client::start(able(), Some(&folder.path().display().to_string()));
    let own = uri(&folder, "pay/pacto.yaml");
    client.open(&own, &text);
    client.wait_for(&own, |items| items.iter().any(|item| item["code"] == "FILE_NOT_FOUND"));
    let created = |client: &mut Client, command: &str, argument: Value| -> Vec<(Value, String)> {
        let answer = client.execute(command, argument);
        assert!(answer.get("error").is_none(), "{answer}");
        let asked = client.wait_for_message(|m| m["method"] == "workspace/applyEdit");
        let changes =
            asked["params"]["edit"]["documentChanges"].as_array().expect("changes").clone();
        let pairs = changes.chunks(2).map(|pair| {
            assert_eq!(
                (&pair[0]["kind"], &pair[0]["uri"]),
                (&json!("create"), &pair[1]["textDocument"]["uri"])
            );
            let text = pair[1]["edits"][0]["newText"].as_str().expect("a text").to_owned();
            (pair[0]["uri"].clone(), text)
        });
        pairs.collect()
    };
    let argument = json!({"uri": own, "path": "api/openapi.yaml"});
    let made = created(&mut client, "pacto.server.createFile", argument);
    assert_eq!(made[0].0, json!(uri(&folder, "pay/api/openapi.yaml")));
    assert!(made[0].1.starts_with("openapi: 3"), "{made:?}");
    let new = "pacto.server.newContract";
    let made = created(&mut client, new, json!({"uri": uri(&folder, "auth")}));
    let places: Vec<&Value> = made.iter().map(|(uri, _)| uri).collect();
    let wanted = ["pacto.yaml", "interfaces/openapi.yaml", "configuration/schema.json"];
    assert_eq!(
        places,
        wanted.map(|path| json!(uri(&folder, &format!("auth/{path}")))).iter().collect::<Vec<_>>()
    );
    assert!(made[0].1.contains("name: auth\n"));
    let argument = json!({"uri": uri(&folder, "j"), "name": "nightly", "kind": "scheduled job"});
    let made = created(&mut client, new, argument);
    assert_eq!(made.len(), 1);
    assert!(made[0].1.contains("name: nightly\n") && made[0].1.contains("workload: scheduled"));
    assert!(!made[0].1.contains('$'), "{}", made[0].1);
    for (command, argument, why) in [
        (new, json!({"uri": uri(&folder, "pay")}), "there is a contract"),
        (new, json!({"uri": uri(&folder, "x"), "name": "A B"}), "not the name of a service"),
        (new, json!({"uri": uri(&folder, "x"), "kind": "app"}), "known are minimal contract"),
        (new, json!({"uri": "untitled:x"}), "not that of a folder"),
        ("pacto.server.createFile", json!({"uri": own, "path": "../x"}), "not a missing file"),
    ] {
        let answer = client.execute(command, argument);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(why), "{answer}");
    }
}

#[test]
fn a_client_that_makes_no_edits_is_told_so() {
    let folder = TempDir::new("beside");
    let text = contract("pay", "1.0.0", &[]);
    folder.write("pacto.yaml", &text);
    let mut client = Client::start(json!({}), None);
    let own = uri(&folder, "pacto.yaml");
    client.open(&own, &text);
    client.wait_for_version(&own, 1);
    for (command, argument, why) in [
        ("bumpVersion", json!({"uri": own, "version": "2.0.0"}), "does not apply edits"),
        ("newContract", json!({"uri": uri(&folder, "x")}), "does not create files"),
    ] {
        let answer = client.execute(&format!("pacto.server.{command}"), argument);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(why), "{answer}");
    }
    client.settle();
    assert!(client.others.is_empty(), "{:?}", client.others);
}

#[test]
fn the_workspace_is_judged_and_shown_as_a_whole() {
    let (folder, mut client) = fleet();
    let answer = client.execute("pacto.server.validateWorkspace", json!({}))["result"].clone();
    assert_eq!(answer["contracts"], 3, "{answer}");
    let items = answer["items"].as_array().expect("items");
    let of = |name: &str| items.iter().find(|item| item["name"] == name).expect("an item");
    assert!(of("pay")["errors"].as_u64() > Some(0) || of("pay")["warnings"].as_u64() > Some(0));
    let sum = |key: &str| items.iter().filter_map(|item| item[key].as_u64()).sum::<u64>();
    assert_eq!(answer["errors"].as_u64(), Some(sum("errors")));
    assert_eq!(answer["warnings"].as_u64(), Some(sum("warnings")));
    let shop = uri(&folder, "shop/pacto.yaml");
    client.open(&shop, "service: {name: secret-name}\n");
    let state = client.execute("pacto.server.dumpState", json!({}))["result"].clone();
    assert_eq!(state["documents"][0]["uri"], json!(shop), "{state}");
    assert_eq!(state["documents"][0]["bytes"], 29);
    assert!(state["documents"][0]["digest"].as_str().is_some_and(|d| d.starts_with("sha256:")));
    assert_eq!(state["contracts"].as_array().map(Vec::len), Some(3));
    assert_eq!(state["status"]["openDocuments"], 1);
}
