//! Plugins of `generate`, and `infer`.

use pacto_tests::registry::{User, contract};
use pacto_tests::repository;
use serde_json::Value;

pub fn plugin(user: &User, name: &str, text: &str) {
    user.write_program(&format!(".config/pacto/plugins/pacto-plugin-{name}"), text);
}

#[test]
fn plugins_in_any_language_make_files() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    for sample in ["markdown-index", "owners"] {
        let source = repository().join(format!("docs/plugin-samples/pacto-plugin-{sample}"));
        plugin(&user, sample, &std::fs::read_to_string(source).unwrap());
    }
    let run = user.run(&["generate", "owners", "pay", "--option", "prefix=@acme/"]).ends_with(0);
    assert_eq!(
        run.stdout,
        "Generated 1 file(s) using owners\nOutput: owners-output/\nMessage: pay belongs to @acme/test\n"
    );
    assert_eq!(
        std::fs::read_to_string(user.folder.path().join("owners-output/CODEOWNERS")).unwrap(),
        "* @acme/test\n"
    );
    let json = user
        .run(&["generate", "markdown-index", "pay", "-o", "site", "--output-format", "json"])
        .ends_with(0)
        .json();
    assert_eq!((&json["filesCount"], &json["files"][0]["path"]), (&1.into(), &"index.md".into()));
    let again = user
        .run(&["generate", "markdown-index", "pay", "-o", "site", "--output-format", "json"])
        .ends_with(0)
        .json();
    assert_eq!(again["files"][0]["changed"], false);
    let list = user.run(&["generate", "--list"]).ends_with(0);
    for name in ["helm", "kubernetes", "openapi-infer", "schema-infer", "owners"] {
        assert!(list.stdout.contains(name), "{list:?}");
    }
    let run = user.run(&["generate", "kubernets", "pay"]).ends_with(2);
    assert!(
        run.stderr.contains("plugin \"kubernets\" not found")
            && run.stderr.contains("did you mean kubernetes?"),
        "{run:?}"
    );
}

#[test]
fn plugins_that_misbehave_change_nothing() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    let answer = |body: &str| format!("#!/bin/sh\ncat >/dev/null\ncat <<'X'\n{body}\nX\n");
    let file = |path: &str| {
        format!(
            "{{\"files\": [{{\"path\": \"ok.txt\", \"content\": \"x\"}}, {{\"path\": \"{path}\", \"content\": \"x\"}}]}}"
        )
    };
    for (text, words) in [
        (answer(&file("../evil")), "plugin file path \"../evil\" escapes output directory"),
        (answer(&file("/evil")), "escapes output directory"),
        (answer(&file("a\\\\b")), "escapes output directory"),
        (answer(&file("link/x")), "escapes output directory"),
        (answer(&file("OK.txt")), "comes twice"),
        (answer("not json"), "plugin bad returned invalid output: "),
        (answer("{\"protocolVersion\": \"2\", \"files\": []}"), "speaks protocol version 2"),
        (
            answer(
                "{\"files\": [{\"path\": \"a\", \"content\": \"%\", \"encoding\": \"base64\"}]}",
            ),
            "is not base64",
        ),
        ("#!/bin/sh\necho the reason >&2\nexit 3\n".into(), "plugin bad: the reason"),
        ("#!/bin/sh\nkill -9 $$\n".into(), "plugin bad: signal"),
        ("#!/bin/sh\nsleep 60 & sleep 60\n".into(), "it did not end within 1 s"),
    ] {
        plugin(&user, "bad", &text);
        std::fs::create_dir_all(user.folder.path().join("out")).unwrap();
        let _ = std::os::unix::fs::symlink("/tmp", user.folder.path().join("out/link"));
        let run =
            user.run(&["generate", "bad", "pay", "-o", "out", "--timeout", "1s"]).ends_with(2);
        assert!(run.stderr.contains(words), "{words}: {run:?}");
        assert!(!user.folder.path().join("out/ok.txt").exists());
        let json = user.run(&[
            "generate",
            "bad",
            "pay",
            "-o",
            "out",
            "--timeout",
            "1s",
            "--output-format",
            "json",
        ]);
        assert!(json.stderr.contains("\"PLUGIN\""), "{json:?}");
    }
    // The author's files of a bundle are not overwritten, and secrets do not reach a plugin.
    plugin(&user, "bad", &answer("{\"files\": [{\"path\": \"pacto.yaml\", \"content\": \"x\"}]}"));
    let run = user.run(&["generate", "bad", "pay", "-o", "pay"]).ends_with(2);
    assert!(run.stderr.contains("would overwrite a file of the bundle"), "{run:?}");
    plugin(&user, "env", "#!/bin/sh\ncat >/dev/null\nenv | grep -c PACTO_REGISTRY_ >&2\nexit 1\n");
    let mut command = user.command(&["generate", "env", "pay"]);
    let run = pacto_tests::registry::run(command.env("PACTO_REGISTRY_TOKEN", "t0ken")).ends_with(2);
    assert!(run.stderr.contains("plugin env: 0"), "{run:?}");
}

#[test]
fn schemas_and_specifications_are_inferred() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    for (name, text) in [
        ("c.json", "{\"port\": 8080, \"tags\": [\"a\"], \"db\": {\"url\": \"x\"}}"),
        ("c.yaml", "port: 8080\ntags: [a]\ndb: {url: x}\n"),
        ("c.toml", "port = 8080\ntags = ['a']\n[db]\nurl = 'x'\n"),
    ] {
        user.folder.write(&format!("pay/{name}"), text);
        user.run(&[
            "generate",
            "schema-infer",
            "pay",
            "--option",
            &format!("file={name}"),
            "-o",
            "out",
        ])
        .ends_with(0);
        let text =
            std::fs::read_to_string(user.folder.path().join("out/config.schema.json")).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema["properties"]["port"]["type"], "integer", "{name}");
        assert_eq!(schema["required"], serde_json::json!(["db", "port", "tags"]), "{name}");
        assert_eq!(schema["additionalProperties"], false);
    }
    // What is to be done with it hangs on where it is.
    for (output, words) in [
        ("pay/", "Message: name it in the contract: configuration: {schema: config.schema.json}"),
        (
            "pay/configuration",
            "Message: name it in the contract: configuration: {schema: configuration/config.schema.json}",
        ),
        ("out", "Message: move it into the bundle and name it: "),
    ] {
        let args = ["generate", "schema-infer", "pay", "--option", "file=c.json", "-o", output];
        let run = user.run(&args).ends_with(0);
        assert!(run.stdout.contains(words), "{run:?}");
    }
    for (option, words) in [
        ("file=none.json", "there is no such file"),
        ("file=../../etc/passwd", "leads out"),
        ("fil=x", "did you mean file?"),
    ] {
        let run = user.run(&["generate", "schema-infer", "pay", "--option", option]).ends_with(2);
        assert!(run.stderr.contains(words), "{run:?}");
    }
    let fixture = repository().join("tests/fixtures/huma");
    let source = fixture.to_str().unwrap();
    let option = format!("source={source}");
    user.run(&["generate", "openapi-infer", "pay", "--option", &option, "-o", "pay"]).ends_with(0);
    let made =
        std::fs::read_to_string(user.folder.path().join("pay/interfaces/openapi.yaml")).unwrap();
    let expected = std::fs::read_to_string(fixture.join("openapi.yaml")).unwrap();
    assert_eq!(made, expected);
    let run = user.run(&["generate", "openapi-infer", "pay"]).ends_with(2);
    assert!(run.stderr.contains("supported are fastapi") && run.stderr.contains("huma"), "{run:?}");
}

#[test]
fn fastapi_is_asked_for_its_document() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    user.folder.write("pay/requirements.txt", "fastapi==0.115\n");
    user.folder.write("pay/service/main.py", "import fastapi\n\nprint('noise')\napp = fastapi.FastAPI(title='Pay')\n\n@app.get('/health')\ndef health(): ...\n\n@app.get('/payments/{id}')\ndef payment(id: int) -> dict[str, str]:\n    \"\"\"One payment\"\"\"\n");
    user.folder.write("pay/service/__init__.py", "");
    // The real framework, where the set-up has installed it; a venv beside the sources is found.
    let venv = repository().join(".cache/testbed/fastapi");
    std::os::unix::fs::symlink(&venv, user.folder.path().join("pay/.venv")).unwrap();
    let run = user
        .run(&["generate", "openapi-infer", "pay", "-o", "out", "--option", "output=openapi.json"])
        .ends_with(0);
    assert!(run.stdout.contains("1 path(s) from fastapi"), "{run:?}");
    let text = std::fs::read_to_string(user.folder.path().join("out/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["info"]["title"], "Pay");
    assert_eq!(
        document["paths"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["/payments/{id}"]
    );
    user.folder.write("pay/service/main.py", "app = FastAPI(\n");
    let run = user.run(&["generate", "openapi-infer", "pay"]).ends_with(2);
    assert!(run.stderr.contains("the application cannot be imported: "), "{run:?}");
}
