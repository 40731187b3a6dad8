//! Files and folders that an editor moves: what names them follows, all of it or nothing.

use std::collections::BTreeMap;

use pacto_tests::TempDir;
use pacto_tests::lsp::Client;
use serde_json::{Value, json};

fn contract(name: &str, rest: &str) -> String {
    format!("pactoVersion: \"1.0\"\nservice: {{name: {name}, version: 1.0.0}}\n{rest}")
}

/// A fleet: `pay` has specifications and depends on `auth`, which is a folder deeper.
fn fleet() -> TempDir {
    let folder = TempDir::new("files");
    let pay = "interfaces:\n  - name: api\n    type: http\n    port: 8080\n    contract: \"interfaces/api.yaml\" # the API\n  - name: rpc\n    type: grpc\n    port: 9090\n    contract: interfaces/pay.proto\ndependencies:\n  - {name: auth, ref: ../core/auth, required: true, compatibility: ^1.0.0}\n";
    folder.write("pay/pacto.yaml", contract("pay", pay));
    let api = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /health:\n    get:\n      responses:\n        '200':\n          description: ok\n          content: {application/json: {schema: {$ref: './parts/one.yaml#/One'}}}\n";
    folder.write("pay/interfaces/api.yaml", api);
    folder.write("pay/interfaces/parts/one.yaml", "One: {type: object}\n");
    let proto = "syntax = \"proto3\";\nimport \"types.proto\";\n";
    folder.write("pay/interfaces/pay.proto", proto);
    folder.write("pay/interfaces/types.proto", "syntax = \"proto3\";\nmessage A {}\n");
    folder.write("core/auth/pacto.yaml", contract("auth", ""));
    folder
}

fn client(folder: &TempDir) -> Client {
    let mut client = Client::spawn();
    let uri = format!("file://{}", folder.path().display());
    let operations =
        json!({"willRename": true, "didRename": true, "didDelete": true, "didCreate": true});
    let answer = client.handshake(json!({
        "capabilities": {"workspace": {
            "fileOperations": operations, "workspaceEdit": {"documentChanges": false},
        }},
        "workspaceFolders": [{"uri": uri, "name": "fleet"}],
    }));
    let offered = &answer["result"]["capabilities"]["workspace"]["fileOperations"];
    assert!(offered["willRename"]["filters"].is_array(), "{answer}");
    assert!(offered.get("willDelete").is_none() && offered.get("willCreate").is_none());
    // Until everything is read.
    for name in ["pay", "core/auth"] {
        client.wait_for(&format!("{uri}/{name}/pacto.yaml"), |_| true);
    }
    client
}

/// The edits that a move asks for, by file: the new texts in order, or the refusal.
fn renamed(
    client: &mut Client,
    folder: &TempDir,
    from: &str,
    to: &str,
) -> Result<Vec<(String, String)>, String> {
    let uri = |path: &str| format!("file://{}/{path}", folder.path().display());
    let files = json!([{"oldUri": uri(from), "newUri": uri(to)}]);
    let answer = client.request("workspace/willRenameFiles", json!({"files": files}));
    if let Some(why) = answer["error"]["message"].as_str() {
        return Err(why.to_owned());
    }
    let base = uri("");
    let changes: BTreeMap<String, Vec<Value>> =
        serde_json::from_value(answer["result"]["changes"].clone()).unwrap_or_default();
    let each = changes.into_iter().flat_map(|(file, edits)| {
        let file = file.strip_prefix(&base).unwrap_or(&file).to_owned();
        edits.into_iter().map(move |edit| {
            (file.clone(), edit["newText"].as_str().unwrap_or_default().to_owned())
        })
    });
    Ok(each.collect())
}

#[test]
fn what_names_a_file_or_a_folder_follows_it() {
    let folder = fleet();
    let mut client = client(&folder);
    let one = |file: &str, text: &str| (file.to_owned(), text.to_owned());
    for (from, to, expected) in [
        // A specification; its own references stay right when the folder stays.
        (
            "pay/interfaces/api.yaml",
            "pay/interfaces/v1.yaml",
            vec![one("pay/pacto.yaml", "\"interfaces/v1.yaml\"")],
        ),
        // Into another folder: its references lead back.
        (
            "pay/interfaces/api.yaml",
            "pay/specs/api.yaml",
            vec![
                one("pay/interfaces/api.yaml", "'../interfaces/parts/one.yaml#/One'"),
                one("pay/pacto.yaml", "\"specs/api.yaml\""),
            ],
        ),
        // A part that a specification refers to.
        (
            "pay/interfaces/parts/one.yaml",
            "pay/interfaces/one.yaml",
            vec![one("pay/interfaces/api.yaml", "'./one.yaml#/One'")],
        ),
        (
            "pay/interfaces/types.proto",
            "pay/interfaces/common.proto",
            vec![one("pay/interfaces/pay.proto", "common.proto")],
        ),
        // A folder of specifications as a whole.
        (
            "pay/interfaces",
            "pay/api",
            vec![one("pay/pacto.yaml", "\"api/api.yaml\""), one("pay/pacto.yaml", "api/pay.proto")],
        ),
        // A bundle: who refers to it follows, and its own references do.
        ("core/auth", "login", vec![one("pay/pacto.yaml", "../login")]),
        ("pay", "apps/shop/pay", vec![one("pay/pacto.yaml", "../../../core/auth")]),
        // All of it moves together.
        ("core", "platform", vec![one("pay/pacto.yaml", "../platform/auth")]),
        ("README.md", "docs/README.md", vec![]),
    ] {
        let found = renamed(&mut client, &folder, from, to);
        assert_eq!(found.as_ref(), Ok(&expected), "{from} → {to}");
    }
}

#[test]
fn a_move_that_cannot_be_followed_whole_is_refused_with_the_reason() {
    let folder = fleet();
    let mut client = client(&folder);
    let why = renamed(&mut client, &folder, "pay/interfaces/api.yaml", "elsewhere/api.yaml");
    let why = why.expect_err("refused");
    assert!(why.contains("interfaces/api.yaml would leave the bundle"), "{why}");
}

#[test]
fn operations_of_the_editor_are_seen_without_watchers() {
    let folder = fleet();
    let mut client = client(&folder);
    let uri = |path: &str| format!("file://{}/{path}", folder.path().display());
    let contract = uri("pay/pacto.yaml");
    let is_missing = |items: &[Value]| items.iter().any(|d| d["code"] == "FILE_NOT_FOUND");
    client.wait_for(&contract, |items| !is_missing(items));
    std::fs::remove_file(folder.path().join("pay/interfaces/api.yaml")).expect("a file");
    let gone = json!({"files": [{"uri": uri("pay/interfaces/api.yaml")}]});
    client.notify("workspace/didDeleteFiles", gone);
    client.wait_for(&contract, is_missing);
    folder.write("pay/other.yaml", "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n");
    let from = folder.path().join("pay/other.yaml");
    std::fs::rename(from, folder.path().join("pay/interfaces/api.yaml")).expect("a move");
    let moved = json!({"oldUri": uri("pay/other.yaml"), "newUri": uri("pay/interfaces/api.yaml")});
    client.notify("workspace/didRenameFiles", json!({"files": [moved]}));
    client.wait_for(&contract, |items| !is_missing(items));
    let text = self::contract("new", "");
    folder.write("new/pacto.yaml", text.replace("1.0.0", "nonsense"));
    client.notify("workspace/didCreateFiles", json!({"files": [{"uri": uri("new/pacto.yaml")}]}));
    client.wait_for(&uri("new/pacto.yaml"), |items| !items.is_empty());
}
