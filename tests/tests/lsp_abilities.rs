//! Every request, at many places of broken texts; clients of different abilities.

use std::collections::BTreeSet;

use pacto_tests::lsp::Client;
use pacto_tests::repository;
use serde_json::{Value, json};

const URI: &str = "untitled:sweep";

/// A client that can do everything that the server asks about.
fn everything() -> Value {
    let dynamic = json!({"dynamicRegistration": false});
    let link = json!({"linkSupport": true});
    json!({
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "window": {"workDoneProgress": true, "showDocument": {"support": true}},
        "workspace": {
            "applyEdit": true, "configuration": true, "workspaceFolders": true,
            "workspaceEdit": {
                "documentChanges": true, "resourceOperations": ["create", "rename", "delete"],
                "changeAnnotationSupport": {"groupsOnLabel": true},
            },
            "didChangeWatchedFiles": {"dynamicRegistration": true, "relativePatternSupport": true},
            "fileOperations": {"willRename": true, "didRename": true, "didCreate": true, "didDelete": true},
            "symbol": {"resolveSupport": {"properties": ["location.range"]}},
            "diagnostics": {"refreshSupport": true}, "inlayHint": {"refreshSupport": true},
            "codeLens": {"refreshSupport": true}, "semanticTokens": {"refreshSupport": true},
            "textDocumentContent": {"dynamicRegistration": false},
        },
        "textDocument": {
            "diagnostic": {"relatedDocumentSupport": true, "relatedInformation": true},
            "publishDiagnostics": {
                "relatedInformation": true, "codeDescriptionSupport": true, "dataSupport": true,
                "tagSupport": {"valueSet": [1, 2]}, "versionSupport": true,
            },
            "completion": {
                "completionItem": {
                    "snippetSupport": true, "labelDetailsSupport": true, "insertReplaceSupport": true,
                    "commitCharactersSupport": true, "preselectSupport": true,
                    "documentationFormat": ["markdown"],
                    "insertTextModeSupport": {"valueSet": [1, 2]},
                    "resolveSupport": {"properties": ["documentation"]},
                },
                "completionList": {"itemDefaults": ["editRange", "insertTextFormat", "insertTextMode"]},
            },
            "hover": {"contentFormat": ["markdown"]},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
            "codeAction": {
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
                "dataSupport": true, "disabledSupport": true, "isPreferredSupport": true,
                "resolveSupport": {"properties": ["edit"]},
            },
            "definition": link, "declaration": link, "typeDefinition": link, "implementation": link,
            "references": dynamic, "documentHighlight": dynamic, "documentLink": dynamic,
            "foldingRange": dynamic, "selectionRange": dynamic, "linkedEditingRange": dynamic,
            "callHierarchy": dynamic, "typeHierarchy": dynamic, "formatting": dynamic,
            "onTypeFormatting": dynamic, "rangeFormatting": {"rangesSupport": true},
            "inlayHint": {"resolveSupport": {"properties": ["tooltip"]}},
            "rename": {"prepareSupport": true},
            "semanticTokens": {
                "requests": {"full": {"delta": true}, "range": true}, "formats": ["relative"],
                "tokenTypes": ["property", "string", "number"], "tokenModifiers": ["deprecated"],
            },
        },
    })
}

/// The requests about a place.
const AT: [&str; 13] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/declaration",
    "textDocument/typeDefinition",
    "textDocument/implementation",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/linkedEditingRange",
    "textDocument/prepareCallHierarchy",
    "textDocument/prepareTypeHierarchy",
];

/// The requests about a text as a whole.
const OF: [&str; 9] = [
    "textDocument/documentSymbol",
    "textDocument/documentLink",
    "textDocument/foldingRange",
    "textDocument/selectionRange",
    "textDocument/codeLens",
    "textDocument/inlayHint",
    "textDocument/codeAction",
    "textDocument/formatting",
    "workspace/symbol",
];

fn params(method: &str, line: u32, character: u32) -> Value {
    let mut params = Client::at(URI, line, character);
    let at = params["position"].clone();
    params["positions"] = json!([at]);
    params["newName"] = json!("renamed");
    params["query"] = json!("a");
    params["range"] = json!({"start": {"line": 0, "character": 0}, "end": at});
    params["options"] = json!({"tabSize": 2, "insertSpaces": true});
    params["context"] = match method {
        "textDocument/references" => json!({"includeDeclaration": true}),
        _ => json!({"diagnostics": []}),
    };
    if method == "textDocument/completion" {
        params.as_object_mut().unwrap().remove("context");
    }
    params
}

/// A request that must have an answer; a refusal to rename is one.
fn ask(client: &mut Client, method: &str, line: u32, character: u32) -> Value {
    let answer = client.request(method, params(method, line, character));
    let is_refused = method.to_lowercase().contains("rename") && answer["error"]["code"] == -32803;
    assert!(
        answer.get("error").is_none() || is_refused,
        "{method} at {line}:{character}: {answer}"
    );
    answer["result"].clone()
}

/// A text and ways to break it, all over it.
fn broken(text: &str, nth: usize) -> String {
    let at = (0..text.len()).filter(|at| text.is_char_boundary(*at)).nth(nth * 97 % text.len());
    let (before, after) = text.split_at(at.unwrap_or(0));
    match nth % 8 {
        0 => before.to_owned(),
        1 => format!("{before}\"{after}"),
        2 => format!("{before}{{{after}"),
        3 => format!("{before}\t{after}"),
        4 => format!("{before}{}", after.chars().skip(1).collect::<String>()),
        5 => format!("{before}\n<<<<<<< HEAD\n{after}"),
        6 => text.replacen(':', "", nth % 5 + 1),
        _ => text.replace('\n', "\r\n"),
    }
}

#[test]
fn every_request_has_an_answer_wherever_it_is_asked() {
    let path = repository().join("examples/orders/pacto.yaml");
    let text = std::fs::read_to_string(path).expect("an example");
    let mut client = Client::spawn();
    client.handshake(json!({"capabilities": everything()}));
    let document = json!({"uri": URI, "languageId": "pacto", "version": 1, "text": text});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    let mut asked = 0;
    for nth in 0..16 {
        let text = broken(&text, nth);
        client.change(URI, nth as i64 + 2, &text);
        for method in OF {
            ask(&mut client, method, 3, 1);
        }
        for (line, content) in text.lines().enumerate().skip(nth % 6).step_by(6) {
            let width = content.len() as u32;
            for character in BTreeSet::from([0, width / 2, width, width + 9]) {
                for method in AT {
                    ask(&mut client, method, line as u32, character);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 2_000, "only {asked}");
    assert_eq!(client.finish(), 0);
}

/// What a session with a client sends to it.
fn session(capabilities: &Value) -> (Value, Vec<Value>) {
    let mut client = Client::spawn();
    let answer = client.handshake(json!({"capabilities": capabilities}));
    let text = "pactoVersion: \"1.0\"\nservice: {name: pay, version: x}\nruntime:\n  wor\n";
    let document = json!({"uri": URI, "languageId": "pacto", "version": 1, "text": text});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    for method in ["textDocument/hover", "textDocument/completion"] {
        ask(&mut client, method, 3, 5);
    }
    for method in OF {
        ask(&mut client, method, 3, 1);
    }
    client.settle_for(std::time::Duration::from_millis(30));
    let sent = std::mem::take(&mut client.others);
    assert_eq!(client.finish(), 0);
    (answer["result"]["capabilities"].clone(), sent)
}

/// The paths of everything that can be left out of `value`.
fn parts(value: &Value, path: &str, out: &mut Vec<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{key}");
        parts(inner, &path, out);
        out.push(path);
    }
}

#[test]
fn a_client_that_can_nothing_is_sent_nothing_that_it_does_not_know() {
    let (offered, sent) = session(&json!({}));
    assert!(sent.iter().all(|message| message.get("id").is_none()), "{sent:?}");
    assert!(sent.is_empty(), "{sent:?}");
    for name in
        ["renameProvider", "callHierarchyProvider", "diagnosticProvider", "definitionProvider"]
    {
        assert!(offered.get(name).is_none(), "{name}");
    }
    assert!(offered["workspace"].get("fileOperations").is_none());
}

#[test]
fn whatever_a_client_lacks_the_rest_works() {
    let all = everything();
    let (offered, _) = session(&all);
    for name in [
        "completionProvider",
        "hoverProvider",
        "definitionProvider",
        "declarationProvider",
        "typeDefinitionProvider",
        "implementationProvider",
        "referencesProvider",
        "documentHighlightProvider",
        "documentSymbolProvider",
        "workspaceSymbolProvider",
        "codeActionProvider",
        "codeLensProvider",
        "documentLinkProvider",
        "documentFormattingProvider",
        "renameProvider",
        "foldingRangeProvider",
        "selectionRangeProvider",
        "linkedEditingRangeProvider",
        "callHierarchyProvider",
        "typeHierarchyProvider",
        "inlayHintProvider",
        "semanticTokensProvider",
        "executeCommandProvider",
        "diagnosticProvider",
    ] {
        assert!(offered.get(name).is_some(), "{name}");
    }
    let mut leaves = Vec::new();
    parts(&all, "", &mut leaves);
    assert!(leaves.len() > 80, "{}", leaves.len());
    for leaf in leaves {
        let mut without = all.clone();
        let (parent, key) = leaf.rsplit_once('/').expect("a path");
        let parent = without.pointer_mut(parent).expect("a part");
        parent.as_object_mut().expect("an object").remove(key);
        session(&without);
    }
}
