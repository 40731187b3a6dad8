//! Commands that make something of a contract: their text, their JSON, their exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use expect_test::expect;
use pacto_tests::registry::{User, contract, run};
use pacto_tests::repository;
use serde_json::Value;

#[test]
fn a_fresh_contract_has_no_finding() {
    let user = User::new();
    let run = user.run(&["init", "payments-api"]).ends_with(0);
    expect![[r#"
        Created payments-api/
          payments-api/pacto.yaml
          payments-api/interfaces/
          payments-api/configuration/
    "#]]
    .assert_eq(&run.stdout);
    let run = user.run(&["validate", "payments-api", "--strict", "-v"]).ends_with(0);
    assert_eq!(run.stdout, "payments-api is valid\n");
    assert_eq!(
        user.files("payments-api"),
        ["configuration/schema.json", "interfaces/openapi.yaml", "pacto.yaml"]
    );
    user.run(&["fmt", "--check", "payments-api"]).ends_with(0);
    let again = user.run(&["init", "payments-api"]).ends_with(2);
    assert!(again.stderr.contains("payments-api: it holds something already"), "{again:?}");
    user.run(&["init", "payments-api", "--force"]).ends_with(0);
    let json = user
        .run(&["init", "x", "--dir", "deep/down", "--output-format", "json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&json["dir"], &json["Path"]),
        (&"deep/down".into(), &"deep/down/pacto.yaml".into())
    );
    for name in ["Pay", "-x", "", "../x", "a_b"] {
        let run = user.run(&["init", "--", name]).ends_with(2);
        assert!(run.stderr.contains("is not a name for a service"), "{run:?}");
    }
    user.folder.write(".pacto.yaml", "registry: reg.example/team\n");
    user.run(&["init", "y"]).ends_with(0);
    let text = std::fs::read_to_string(user.folder.path().join("y/pacto.yaml")).unwrap();
    assert!(text.contains("oci://reg.example/team/auth"));
}

#[test]
fn an_archive_holds_the_bundle_and_nothing_else() {
    let user = User::new();
    user.run(&["init", "pay"]).ends_with(0);
    for (path, text) in [
        ("pay/.git/config", "x"),
        ("pay/.env", "SECRET=1"),
        ("pay/server.key", "x"),
        ("pay/src/main.rs", "x"),
        ("pay/node_modules/a/b.js", "x"),
        ("pay/docs/keep.md", "x"),
        ("pay/docs/draft.md", "x"),
        ("pay/pay-0.0.1.tar.gz", "x"),
        ("pay/.pactoignore", "# not ready\ndocs/draft.md\n/src/*\n!.env.example\n"),
        ("pay/.env.example", "x"),
    ] {
        user.folder.write(path, text);
    }
    let list = user.run(&["pack", "pay", "--list"]).ends_with(0);
    assert_eq!(
        list.stdout,
        ".env.example\nconfiguration/schema.json\ndocs/keep.md\ninterfaces/openapi.yaml\npacto.yaml\n"
    );
    assert!(list.stderr.contains("note: .env looks like a secret and was left out"), "{list:?}");
    assert!(list.stderr.contains("note: bundle includes 1 file(s) outside"), "{list:?}");
    let packed = user.run(&["pack", "pay"]).ends_with(0);
    assert_eq!(packed.stdout, "Packed pay@0.1.0 -> pay-0.1.0.tar.gz\n");
    let bytes = std::fs::read(user.folder.path().join("pay-0.1.0.tar.gz")).unwrap();
    // Another time, another mode, another folder: the same bytes.
    for path in ["pay/pacto.yaml", "pay/docs/keep.md"] {
        let path = user.folder.path().join(path);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }
    std::fs::rename(user.folder.path().join("pay"), user.folder.path().join("moved")).unwrap();
    let mut command = user.command(&["pack", "moved", "-o", "b.tgz", "--output-format", "json"]);
    let json =
        run(command.env("TZ", "Asia/Tokyo").env("LC_ALL", "tr_TR.UTF-8")).ends_with(0).json();
    assert_eq!(std::fs::read(user.folder.path().join("b.tgz")).unwrap(), bytes);
    assert_eq!(json["layerDigest"], pacto_edge::bundle::sha256(&bytes));
    assert!(json["ignored"].as_array().unwrap().contains(&".git/".into()));
    // An archive is a contract like any other.
    assert_eq!(user.run(&["validate", "b.tgz"]).ends_with(0).stdout, "b.tgz is valid\n");
    assert!(
        user.run(&["explain", "b.tgz"]).ends_with(0).stdout.starts_with("Service: pay@0.1.0\n")
    );
    user.folder.write("broken.tar.gz", "no archive");
    user.run(&["validate", "broken.tar.gz"]).ends_with(2);

    // What the contract names cannot be ignored, and links must stay inside.
    user.folder.write("moved/.pactoignore", "docs/\ninterfaces/\n");
    let run = user.run(&["pack", "moved"]).ends_with(2);
    assert!(run.stderr.contains(".pactoignore:2: the pattern `interfaces/` leaves out"), "{run:?}");
    user.folder.write("moved/.pactoignore", "");
    std::os::unix::fs::symlink("keep.md", user.folder.path().join("moved/docs/again.md")).unwrap();
    assert!(user.run(&["pack", "moved", "--list"]).ends_with(0).stdout.contains("docs/again.md"));
    std::os::unix::fs::symlink("/etc/hostname", user.folder.path().join("moved/docs/out.md"))
        .unwrap();
    let run = user.run(&["pack", "moved"]).ends_with(2);
    assert!(
        run.stderr.contains(
            "`docs/out.md` is a link to `/etc/hostname`, which lies outside of the bundle"
        ),
        "{run:?}"
    );
    std::fs::remove_file(user.folder.path().join("moved/docs/out.md")).unwrap();
    user.folder.write("moved/docs/big.bin", vec![7; 11 << 20]);
    let run = user.run(&["pack", "moved"]).ends_with(2);
    assert!(run.stderr.contains("`docs/big.bin` is 11.0 MiB, limit 10.0 MiB"), "{run:?}");
    // An invalid contract is not packed, and its findings are shown.
    user.folder.write("bad/pacto.yaml", "pactoVersion: \"1.0\"\n");
    let run = user.run(&["pack", "bad"]).ends_with(1);
    assert!(run.stdout.contains("[SCHEMA_VIOLATION]"), "{run:?}");
    assert!(!user.folder.path().join("bad-.tar.gz").exists());
}

#[test]
fn a_contract_is_explained_on_a_screen() {
    let user = User::new();
    let orders = repository().join("examples/orders");
    let orders = orders.to_str().unwrap();
    let run = user.run(&["explain", orders]).ends_with(0);
    expect![[r#"
        Service: orders@2.3.0
        Owner: checkout
        Pacto Version: 1.0

        Runtime:
          Workload: service
          State: stateless
          Persistence: local/ephemeral
          Data Criticality: low
          Upgrade Strategy: rolling
          Graceful Shutdown: 30 s
          Health: api /health

        Interfaces (2):
          - api (http, port 8080, internal)
          - order-events (event)

        Dependencies (5):
          - ../orders-db (^16.0.0, required)
          - ../payments (^2.0.0, required)
          - ../inventory (^1.0.0, required)
          - ../session-cache (7.x, optional)
          - ../money (^1.0.0, required)

        Scaling: 2-10

        Configuration (2):
          - app (configuration/schema.json)
          - shared (../shared-config)

        Policy (1):
          - platform (../platform-policy)

        Image: ghcr.io/harbour/orders:2.3.0

        Documentation (1):
          - docs/overview.md

        SBOM (1):
          - sbom/orders.spdx.json (SPDX, 2 packages)
    "#]]
    .assert_eq(&run.stdout);
    let json = user
        .run(&["explain", orders, "--output-format", "json", "--set", "scaling.max=20"])
        .ends_with(0)
        .json();
    assert_eq!(json["runtime"]["workloadType"], "service");
    assert_eq!(json["interfaces"][0]["operations"].as_u64(), Some(36));
    assert_eq!(json["scaling"]["max"], 20);
    let markdown = user.run(&["explain", orders, "--output-format", "markdown"]).ends_with(0);
    assert!(markdown.stdout.starts_with("## orders v2.3.0\n\n| | |\n"), "{markdown:?}");
    user.folder.write("bad/pacto.yaml", "pactoVersion: \"1.0\"\nservice: 1\n");
    let run = user.run(&["explain", "bad"]).ends_with(1);
    assert!(run.stdout.contains("[SCHEMA_VIOLATION]"), "{run:?}");
    user.run(&["explain", "none"]).ends_with(2);
}

#[test]
fn documentation_is_markdown_in_the_order_of_the_specification() {
    let user = User::new();
    let orders = repository().join("examples/orders");
    let orders = orders.to_str().unwrap();
    let page = user.run(&["doc", orders]).ends_with(0).stdout;
    let headings: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        headings[..8],
        [
            "# orders",
            "## Contents",
            "## 1. Architecture",
            "## 2. Interfaces",
            "### 2.1 api",
            "### 2.2 order-events",
            "## 3. Configuration",
            "### 3.1 app"
        ]
    );
    for part in [
        "| POST | `/orders` |",
        "```mermaid\ngraph TB\n",
        "| `PAYMENT_TIMEOUT_MS` | integer |",
        "<details>\n<summary>orders-db v16",
        "Generated by pacto",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page, user.run(&["doc", orders]).stdout, "same input, same bytes");
    let run = user.run(&["doc", orders, "-o", "out"]).ends_with(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "Wrote out/orders.md\n"));
    assert_eq!(std::fs::read_to_string(user.folder.path().join("out/orders.md")).unwrap(), page);
    let json = user.run(&["doc", orders, "--output-format", "json"]).ends_with(0).json();
    assert_eq!(
        (json["serviceName"].as_str(), json["markdown"].as_str()),
        (Some("orders"), Some(page.as_str()))
    );
    user.run(&["doc", orders, "--serve", "-o", "x"]).ends_with(2);
    // What cannot be read stands in its place.
    user.folder.write(
        "odd/pacto.yaml",
        contract("odd", "1.0.0", &[])
            + "interfaces:\n  - {name: a|b, type: http, port: 80, contract: interfaces/x.yaml}\n",
    );
    user.folder.write("odd/interfaces/x.yaml", "a: [");
    let page = user.run(&["doc", "odd"]).ends_with(0).stdout;
    assert!(
        page.contains("*`interfaces/x.yaml` cannot be read: ") && page.contains("a\\|b"),
        "{page}"
    );
}

#[test]
fn documentation_is_served_safely() {
    let user = User::new();
    let text = contract("pay", "1.0.0", &[])
        + "interfaces:\n  - {name: \"<script>alert(1)</script>\", type: http, port: 80, visibility: public}\n";
    user.folder.write("pay/pacto.yaml", &text);
    let mut child = user
        .command(&["doc", "pay", "--serve", "--port", "0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address = line
        .trim()
        .strip_prefix("Serving documentation at http://")
        .unwrap_or_else(|| panic!("{line}"))
        .to_owned();
    let get = |path: &str, host: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let page = get("/", &address);
    assert!(
        page.starts_with("HTTP/1.1 200 ")
            && page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    assert!(
        page.contains("<svg ")
            && page.contains("&lt;script&gt;alert(1)")
            && !page.contains("<script>alert"),
        "{page}"
    );
    assert!(get("/", "evil.example").starts_with("HTTP/1.1 403 "));
    assert!(get("/style.css", &address).contains("text/css"));
    assert!(get("/../../etc/passwd", &address).starts_with("HTTP/1.1 404 "));
    // A change is told to the page, which then finds the new text.
    let mut events = TcpStream::connect(&address).unwrap();
    write!(events, "GET /changes HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    events.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    thread::sleep(Duration::from_millis(100));
    user.folder.write("pay/pacto.yaml", text.replace("1.0.0", "1.1.0"));
    let mut seen = String::new();
    let mut buffer = [0; 1024];
    while !seen.contains("event: changed") {
        let read = events.read(&mut buffer).expect("an event");
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    assert!(get("/", &address).contains("v1.1.0"));
    // A port that is taken is named, and a signal ends the server well.
    let port = address.rsplit(':').next().unwrap();
    let busy = user.run(&["doc", "pay", "--serve", "--port", port]).ends_with(2);
    assert!(busy.stderr.contains(&format!("port {port} cannot be served")), "{busy:?}");
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_browser_shows_the_documentation_and_loads_it_again() {
    let user = User::new();
    let text = contract("pay", "1.0.0", &[("../db", "^1.0.0")])
        + "interfaces:\n  - {name: \"<img src=x onerror=alert(1)>\", type: http, port: 80, visibility: public}\n";
    let file = user.folder.write("pay/pacto.yaml", &text);
    user.folder.write("db/pacto.yaml", contract("db", "1.4.0", &[]));
    let mut child = user
        .command(&["doc", "pay", "--serve", "--port", "0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address =
        line.trim().strip_prefix("Serving documentation at ").unwrap_or_else(|| panic!("{line}"));
    let mut node = Command::new("node");
    node.arg(repository().join("tests/browser/doc.mjs")).arg(address).arg(&file);
    node.arg(user.folder.path().join("page.png")).arg(repository().join(".cache/testbed/browser"));
    let run = run(&mut node);
    let _ = child.kill();
    let _ = child.wait();
    let seen = run.ends_with(0).json();
    assert_eq!(seen["errors"], serde_json::json!([]), "{seen}");
    assert_eq!(seen["outside"], serde_json::json!([]), "{seen}");
    assert_eq!(
        (&seen["title"], &seen["boxes"], &seen["scripts"]),
        (&"pay".into(), &2.into(), &1.into())
    );
    assert_eq!((&seen["anchor"], &seen["reloaded"]), (&true.into(), &true.into()));
}

#[test]
fn configuration_files_are_read_within_their_trust() {
    let user = User::new();
    let text = "pactoVersion: \"1.0\"\nservice: {name: pay, version: 1.0.0}\n";
    user.folder.write("repo/.git/HEAD", "");
    user.folder.write("repo/svc/pacto.yaml", text);
    user.folder.write(".pacto.yaml", "strict: true\n");
    user.folder.write(
        "repo/.pacto.yaml",
        "rules:\n  OWNER_MISSING: error\noffline: true\ncolour: always\n",
    );
    let run = user.run(&["validate", "repo/svc"]).ends_with(1);
    assert!(run.stdout.contains("ERROR [OWNER_MISSING]"), "{run:?}");
    assert!(
        run.stderr.contains("`offline` belongs into the user's configuration")
            && run.stderr.contains("unknown key `colour`"),
        "{run:?}"
    );
    user.folder.write("repo/.pacto.yaml", "rules: {OWNER_MISSING: off}\noutput-format: json\n");
    let run = user.run(&["validate", "repo/svc", "-v"]).ends_with(0);
    assert_eq!(run.json()["hints"].as_array().unwrap().len(), 0);
    // A flag and the environment come first.
    user.run(&["validate", "repo/svc", "--output-format", "text"])
        .stdout
        .starts_with("repo/svc is valid")
        .then_some(())
        .unwrap();
    user.folder.write("repo/.pacto.yaml", "rules: {INVALID_SEMVER: off}\n");
    let run = user.run(&["validate", "repo/svc"]).ends_with(2);
    assert!(run.stderr.contains("rules.INVALID_SEMVER: it is an error"), "{run:?}");
    user.run(&["validate", "repo/svc", "--config", "none.yaml"]).ends_with(2);
    user.folder.write(".config/pacto/config.yaml", "color: never\njobs: 900\n");
    let run = user
        .run(&[
            "validate",
            "repo/svc",
            "--output-format",
            "json",
            "--config",
            "repo/svc/../../.config/pacto/config.yaml",
        ])
        .ends_with(2);
    assert!(run.stderr.contains("\"CONFIG\""), "{run:?}");
    let mut command = user.command(&["version"]);
    let run = pacto_tests::registry::run(command.env("PACTO_OFFLINE", "perhaps")).ends_with(2);
    assert!(run.stderr.contains("PACTO_OFFLINE: \"perhaps\" is neither yes nor no"), "{run:?}");
}

fn plugin(user: &User, name: &str, text: &str) {
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

/// A server of releases: path → body.
fn releases(files: Vec<(String, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let base = address.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            let _ = reader.read_line(&mut first);
            let path = first.split(' ').nth(1).unwrap_or("").to_owned();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
            }
            let found = files.iter().find(|(name, _)| *name == path);
            let body = found
                .map(|(_, body)| String::from_utf8_lossy(body).replace("BASE", &base).into_bytes());
            let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
            let body = body.unwrap_or_default();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&body);
        }
    });
    address
}

const NEW_PROGRAM: &[u8] = b"#!/bin/sh\necho pacto version v1.2.0\n";

fn feed(sum: &str) -> String {
    let name = pacto_edge::release::asset_name();
    let asset = |name: &str| {
        format!("{{\"name\": \"{name}\", \"browser_download_url\": \"BASE/files/{name}\"}}")
    };
    let release = |tag: &str| {
        format!(
            "{{\"tag_name\": \"{tag}\", \"assets\": [{}, {}]}}",
            asset(&name),
            asset("checksums.txt")
        )
    };
    let latest = release("v1.2.0");
    releases(vec![
        ("/releases/latest".into(), latest.clone().into_bytes()),
        ("/releases/tags/v1.2.0".into(), latest.clone().into_bytes()),
        ("/repos/pacto/pacto/releases/latest".into(), latest.clone().into_bytes()),
        ("/repos/pacto/pacto/releases/tags/v1.2.0".into(), latest.into_bytes()),
        (
            "/releases".into(),
            format!("[{}, {}]", release("v1.2.0"), release("v1.3.0-rc.1")).into_bytes(),
        ),
        (format!("/files/{name}"), NEW_PROGRAM.to_vec()),
        ("/files/checksums.txt".into(), format!("{sum}  {name}\n").into_bytes()),
    ])
}

fn good_sum() -> String {
    pacto_edge::bundle::sha256(NEW_PROGRAM).trim_start_matches("sha256:").to_owned()
}

#[test]
fn releases_replace_the_program_after_their_checksum_was_checked() {
    let user = User::new();
    let dev = user.run(&["update"]).ends_with(2);
    assert!(dev.stderr.contains("development build"), "{dev:?}");
    let program = user.folder.path().join("bin/pacto");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    let update = |feed: &str, args: &[&str]| {
        let copied = Command::new("cp").arg("-f").arg(pacto_tests::pacto()).arg(&program).status();
        assert!(copied.is_ok_and(|status| status.success()));
        let mut command = Command::new(&program);
        command.arg("update").args(args).env("HOME", user.folder.path()).stdin(Stdio::null());
        run(command.env("PACTO_RELEASES_URL", feed).env("PACTO_ASSUME_RELEASE", "1.0.0"))
    };
    let good = feed(&good_sum());
    let check = update(&good, &["--check"]).ends_with(1);
    assert_eq!(check.stdout, "pacto v1.2.0 is available; this is v1.0.0\n");
    let json =
        update(&good, &["--check", "--prerelease", "--output-format", "json"]).ends_with(1).json();
    assert_eq!((&json["newVersion"], &json["updated"]), (&"v1.3.0-rc.1".into(), &false.into()));
    let bad = update(&feed(&"0".repeat(64)), &[]).ends_with(2);
    assert!(
        bad.stderr.contains("the checksum of pacto_") && bad.stderr.contains("nothing was changed"),
        "{bad:?}"
    );
    assert_eq!(std::fs::read_dir(program.parent().unwrap()).unwrap().count(), 1);
    let missing = update(&good, &["9.9.9"]).ends_with(2);
    assert!(missing.stderr.contains("there is no such release"), "{missing:?}");
    update("http://127.0.0.1:1", &[]).ends_with(2);
    let done = update(&good, &["1.2.0"]).ends_with(0);
    assert_eq!(
        (done.stdout.as_str(), done.stderr.as_str()),
        ("Updated pacto v1.0.0 -> v1.2.0\n", "Checking for updates...\n")
    );
    assert_eq!(std::fs::read(&program).unwrap(), NEW_PROGRAM);
    assert_eq!(std::fs::metadata(&program).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn the_installer_installs_what_its_checksum_vouches_for() {
    let user = User::new();
    let script = repository().join("scripts/get-pacto.sh");
    let install = |api: &str, args: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(&script).args(args).env("HOME", user.folder.path());
        command.env("PACTO_INSTALL_DIR", user.folder.path().join("bin")).env("API_URL", api);
        run(&mut command)
    };
    assert!(install("", &["--help"]).ends_with(0).stdout.contains("--no-sudo"));
    assert!(install("", &["--nonsense"]).ends_with(1).stderr.contains("unknown option --nonsense"));
    let bad = install(&feed(&"0".repeat(64)), &[]).ends_with(1);
    assert!(bad.stderr.contains("the checksum of pacto_"), "{bad:?}");
    assert!(user.files("bin").is_empty());
    let good = feed(&good_sum());
    let done = install(&good, &["--version", "1.2.0"]).ends_with(0);
    assert!(
        done.stdout.contains("Installed pacto v1.2.0 to ")
            && done.stderr.contains("is not on the PATH"),
        "{done:?}"
    );
    assert_eq!(user.files("bin"), ["pacto"]);
    assert!(install(&good, &[]).ends_with(0).stdout.contains("is installed already"));
    install(&good, &["-v", "7.0.0"]).ends_with(1);
}

#[test]
fn the_action_writes_outputs_annotations_and_a_summary() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    user.folder.write("bad/pacto.yaml", "pactoVersion: \"1.0\"\n");
    let act = |command: &str, inputs: &[(&str, &str)]| {
        for file in ["outputs", "summary", "path"] {
            user.folder.write(file, "");
        }
        let mut script = Command::new("bash");
        script.arg(repository().join("scripts/action.sh")).current_dir(user.folder.path());
        let folder = pacto_tests::pacto().parent().unwrap().display().to_string();
        script.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap()));
        script.env("HOME", user.folder.path()).env("RUNNER_TEMP", user.folder.path());
        script
            .env("GITHUB_OUTPUT", "outputs")
            .env("GITHUB_STEP_SUMMARY", "summary")
            .env("GITHUB_PATH", "path");
        script.env("INPUT_COMMAND", command).env("INPUT_PATH", "pay");
        script.envs(inputs.iter().copied());
        let run = run(&mut script);
        let read = |name: &str| std::fs::read_to_string(user.folder.path().join(name)).unwrap();
        (run, read("outputs"), read("summary"))
    };
    let (run, outputs, _) = act("setup", &[]);
    assert!(run.code == 0 && outputs.starts_with("version<<"), "{run:?}");
    assert_eq!(
        act("validate", &[("INPUT_SET", "service.version=2.0.0\nservice.name=other")]).0.code,
        0
    );
    let (run, _, _) = act("validate", &[("INPUT_PATH", "bad")]);
    assert!(run.code == 1 && run.stdout.contains("::error file="), "{run:?}");
    let (run, outputs, summary) = act("doc", &[]);
    assert!(
        run.code == 0 && outputs.contains("doc-output<<") && summary.contains("# pay"),
        "{run:?}"
    );
    user.folder.write("pay2/pacto.yaml", contract("other", "2.0.0", &[]));
    let sides = [("INPUT_OLD", "pay"), ("INPUT_NEW", "pay2")];
    let (run, outputs, summary) = act("diff", &sides);
    assert!(run.code == 1 && run.stdout.contains("Classification: BREAKING"), "{run:?}");
    let has = |text: &str| outputs.lines().any(|line| line == text);
    assert!(has("true") && has("BREAKING") && summary.contains("## Contract Diff"), "{outputs}");
    let lenient = [sides[0], sides[1], ("INPUT_FAIL_ON_BREAKING", "false")];
    assert_eq!(act("diff", &lenient).0.code, 0);
    // What could not run fails whatever the gate is set to.
    let lost = [("INPUT_OLD", "nowhere"), sides[1], ("INPUT_FAIL_ON_BREAKING", "false")];
    assert_eq!(act("diff", &lost).0.code, 2);
    let registry = pacto_tests::registry::Registry::start(pacto_tests::registry::Guard::Password);
    let target = format!("{}/acme/pay", registry.host());
    let (run, _, _) = act("push", &[("INPUT_REF", &target), ("INPUT_USERNAME", "me")]);
    assert!(run.code == 2 && run.stdout.contains("belong together"), "{run:?}");
    let host = registry.host();
    let inputs = [
        ("INPUT_REF", target.as_str()),
        ("INPUT_REGISTRY", &host),
        ("INPUT_USERNAME", "me"),
        ("INPUT_PASSWORD", "secret"),
    ];
    let (run, outputs, _) = act("push", &inputs);
    assert!(run.code == 0 && outputs.contains("\nsha256:"), "{run:?} {outputs}");
    assert!(!run.stdout.contains("secret") && !run.stderr.contains("secret"));
    assert_eq!(act("nonsense", &[]).0.code, 2);
}

#[test]
fn shells_are_offered_what_this_machine_knows() {
    let registry = pacto_tests::registry::Registry::start(pacto_tests::registry::Guard::Open);
    let user = User::new();
    let host = registry.host();
    for version in ["1.0.0", "1.1.0"] {
        user.publish(&host, "pay", version, &[]);
    }
    user.run(&["graph", &format!("oci://{host}/acme/pay")]).ends_with(0);
    plugin(&user, "mine", "#!/bin/sh\n");
    let script = user.run(&["completions", "bash"]).ends_with(0);
    assert!(script.stdout.contains("PACTO_COMPLETE"), "{script:?}");
    assert!(
        user.run(&["completions", "nushell"]).ends_with(0).stdout.contains("export extern pacto")
    );
    let offered = |words: &[&str]| {
        let mut command = user.command(&["--", "pacto"]);
        command
            .args(words)
            .env("PACTO_COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        run(command
            .env("_CLAP_IFS", "\n")
            .env("_CLAP_COMPLETE_COMP_TYPE", "9")
            .env("_CLAP_COMPLETE_SPACE", "true"))
        .stdout
    };
    assert!(offered(&["gr"]).contains("graph"));
    assert!(
        offered(&["generate", ""]).contains("mine")
            && offered(&["generate", "k"]).contains("kubernetes")
    );
    assert!(offered(&["explain-rule", "port_i"]).contains("PORT_IGNORED"));
    assert!(offered(&["validate", "src-pay-1"]).contains("src-pay-1.0.0"));
    let tags = offered(&["pull", &format!("{host}/acme/pay:")]);
    assert!(tags.contains("1.1.0") && tags.contains("1.0.0"), "{tags}");
    assert!(offered(&["push", "local"]).contains(&format!("{host}/acme/pay")));

    // A real bash, which splits words at `:`, `=` and `@`.
    std::fs::create_dir_all(user.folder.path().join("bin")).unwrap();
    std::os::unix::fs::symlink(pacto_tests::pacto(), user.folder.path().join("bin/pacto")).unwrap();
    user.folder.write("completions.bash", script.stdout);
    let digest = user.publish(&host, "lone", "3.0.0", &[]);
    user.run(&["pull", &format!("{host}/acme/lone:3.0.0"), "-o", "lone"]).ends_with(0);
    for (typed, completed) in [
        ("pacto explain oc", "explain oci://".to_owned()),
        ("pacto explain oci:", "explain oci://".to_owned()),
        (&format!("pacto explain oci://{host}/acme/lo"), format!("explain oci://{host}/acme/lone")),
        (
            &format!("pacto explain oci://{host}/acme/lone:"),
            format!("explain oci://{host}/acme/lone:3.0.0"),
        ),
        (&format!("pacto pull {host}/acme/lone:3"), format!("pull {host}/acme/lone:3.0.0")),
        ("pacto validate --output-format=sar", "validate --output-format=sarif".to_owned()),
        ("pacto explain-rule PORT_IG", "explain-rule PORT_IGNORED".to_owned()),
    ] {
        let asked = "source completions.bash; pacto() { [ -n \"$PACTO_COMPLETE\" ] && command pacto \"$@\" || echo \"<$*>\"; }";
        user.folder.write("typed", format!("{asked}\n{typed}\t\nexit\n"));
        let mut bash = user.command(&[]);
        let home = user.folder.path().to_owned();
        let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("timeout");
        shell
            .args(["20", "script", "-qec", "bash --norc --noprofile -i", "/dev/null"])
            .current_dir(&home);
        for (name, value) in bash.env("PATH", path).env("TERM", "dumb").get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.stdin(std::fs::File::open(home.join("typed")).unwrap());
        let run = run(&mut shell);
        assert!(run.stdout.contains(&format!("<{completed}")), "{typed}: {run:?}");
    }
    assert!(digest.starts_with("sha256:"));
}

#[test]
fn ctrl_c_leaves_nothing_half_made() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    plugin(&user, "slow", "#!/bin/sh\nsleep 30\n");
    let mut child = user.command(&["generate", "slow", "pay"]).spawn().unwrap();
    thread::sleep(Duration::from_millis(700));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!user.folder.path().join("slow-output").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_result_that_is_lost_is_an_error() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    for args in [&["doc", "pay"][..], &["validate", "pay"], &["schema"], &["version"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = user.command(args).stdout(full).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains("error: <stdout>: "), "{args:?}: {stderr}");
    }
}

#[test]
fn what_is_not_a_contract_is_not_used_as_one() {
    let user = User::new();
    user.folder.write("hello/pacto.yaml", "hello\n");
    user.folder.write("typo/pacto.yaml", contract("typo", "1.0.0", &[]) + "dependancies: []\n");
    user.folder.write("nameless/pacto.yaml", "pactoVersion: \"1.0\"\n");
    for folder in ["hello", "typo", "nameless"] {
        for command in ["graph", "explain", "doc", "pack"] {
            let run = user.run(&[command, folder]).ends_with(1);
            assert!(run.stdout.contains("[SCHEMA_VIOLATION]"), "{run:?}");
            assert!(run.stderr.contains("validation failed with"), "{run:?}");
        }
        user.run(&["diff", folder, folder]).ends_with(2);
    }
    // Neither as a dependency of another.
    for folder in ["../hello", "../nameless"] {
        user.folder.write("web/pacto.yaml", contract("web", "1.0.0", &[(folder, "^1.0.0")]));
        let run = user.run(&["validate", "web"]).ends_with(1);
        assert!(run.stdout.contains("[DEPENDENCY_NOT_FOUND]"), "{run:?}");
        assert!(run.stdout.contains("it is not a contract"), "{run:?}");
        let run = user.run(&["graph", "web"]).ends_with(1);
        assert!(run.stdout.contains("it is not a contract"), "{run:?}");
        assert!(!run.stdout.contains("unnamed"), "{run:?}");
    }
}

#[test]
fn whole_numbers_are_integers_however_they_are_written() {
    let user = User::new();
    let text = |port: &str, min: &str, max: &str| {
        format!(
            "{}interfaces:\n  - {{name: api, type: http, port: {port}, contract: e.json}}\nscaling: {{min: {min}, max: {max}}}\nruntime:\n  workload: service\n  state: {{type: stateless, persistence: {{scope: local, durability: ephemeral}}, dataCriticality: low}}\n",
            contract("pay", "1.0.0", &[])
        )
    };
    for (folder, numbers) in [("plain", ["80", "2", "30"]), ("typed", ["80.0", "2.0", "3e1"])] {
        let [port, min, max] = numbers;
        user.folder.write(&format!("{folder}/pacto.yaml"), text(port, min, max));
        let spec = "{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"a\", \"version\": \"1\"}, \"paths\": {}}";
        user.folder.write(&format!("{folder}/e.json"), spec);
    }
    let both = |args: &[&str]| {
        let all = ["plain", "typed"].map(|folder| user.run(&[args, &[folder]].concat()));
        all.map(|run| run.ends_with(0).stdout.replace("typed", "plain"))
    };
    for args in [&["explain"][..], &["explain", "--output-format", "json"], &["doc"]] {
        let [plain, typed] = both(args);
        assert_eq!(plain, typed);
    }
    let generate = |folder: &str| {
        let image = ["--option", "image=x:1", "-o", &format!("out-{folder}")].map(str::to_owned);
        let image: Vec<&str> = image.iter().map(String::as_str).collect();
        user.run(&[&["generate", "kubernetes", folder], &image[..]].concat()).ends_with(0);
        let out = format!("out-{folder}");
        let files = user.files(&out).into_iter();
        let path = user.folder.path().join(&out);
        files.map(|file| std::fs::read_to_string(path.join(file)).unwrap()).collect::<String>()
    };
    let plain = generate("plain");
    assert!(plain.contains("containerPort: 80") && plain.contains("maxReplicas: 30"), "{plain}");
    assert_eq!(plain, generate("typed"));
    let run = user.run(&["diff", "plain", "typed"]).ends_with(0);
    assert!(run.stdout.contains("No changes detected."), "{run:?}");
    // Rules count them, and what is published is what is written.
    user.folder.write("typed/pacto.yaml", text("80.0", "5.0", "2.0"));
    let run = user.run(&["validate", "typed"]).ends_with(1);
    assert!(run.stdout.contains("SCALING_MIN_EXCEEDS_MAX"), "{run:?}");
    let set = ["--set", "scaling.max=9.0", "--set", "scaling.min=2.5"];
    let run = user.run(&[&["validate", "typed"], &set[..]].concat()).ends_with(1);
    assert!(run.stdout.contains("SCHEMA_VIOLATION"), "{run:?}");
    user.run(&["pack", "typed", "--set", "scaling.max=9.0", "-o", "t.tgz"]).ends_with(0);
    let packed = output_of("tar", &["-xOzf", "t.tgz", "pacto.yaml"], &user);
    assert!(packed.contains("port: 80.0") && packed.contains("min: 5.0"), "{packed}");
}

fn output_of(program: &str, args: &[&str], user: &User) -> String {
    pacto_tests::registry::output(Command::new(program).args(args).current_dir(user.folder.path()))
}

#[test]
fn passwords_in_references_are_refused_and_never_shown() {
    let user = User::new();
    let typed = "oci://bob:s3cret@localhost:1/acme/x:1";
    let text = contract("pay", "1.0.0", &[(typed, "^1.0.0")]);
    user.folder.write("pay/pacto.yaml", format!("{text}policy: {{ref: '{typed}'}}\n"));
    let mut all: Vec<(Vec<&str>, i32)> = vec![
        (vec!["pull", typed], 2),
        (vec!["pull", "bob:s3cret@localhost:1/acme/x:1"], 2),
        (vec!["push", typed, "-p", "pay"], 2),
        (vec!["login", "bob:s3cret@localhost:1", "-u", "x", "--password-stdin"], 2),
        (vec!["logout", "https://bob:s3cret@localhost:1"], 2),
        (vec!["validate", typed], 2),
        (vec!["validate", "bob:s3cret@ghcr.io/acme/x"], 2),
        (vec!["graph", "https://bob:s3cret@ghcr.io/acme/x"], 2),
        (vec!["cache", "clean", typed], 2),
        (vec!["diff", typed, "pay"], 2),
        (vec!["doc", "pay"], 0),
        (vec!["explain", "pay"], 0),
    ];
    for (command, formats) in [
        ("validate", &["text", "json", "markdown", "github", "sarif"][..]),
        ("graph", &["text", "json", "markdown"]),
        ("explain", &["text", "json", "markdown"]),
        ("doc", &["text", "json"]),
    ] {
        for format in formats {
            let code = if matches!(command, "explain" | "doc") { 0 } else { 1 };
            all.push((vec![command, "pay", "--output-format", format], code));
        }
    }
    for (args, code) in all {
        let run = user.run(&args).ends_with(code);
        for out in [&run.stdout, &run.stderr] {
            assert!(!out.contains("s3cret") && !out.contains("bob"), "{args:?}: {run:?}");
        }
        if code == 2 {
            assert!(!run.stderr.contains("digest algorithm"), "{args:?}: {run:?}");
        }
    }
    let run = user.run(&["pull", typed]).ends_with(2);
    assert!(run.stderr.contains("holds no user and no password"), "{run:?}");
    user.run(&["doc", "pay", "-o", "out"]).ends_with(0);
    let page = std::fs::read_to_string(user.folder.path().join("out/pay.md")).unwrap();
    assert!(page.contains("oci://***@localhost:1/acme/x:1"), "{page}");
    // What is the user's own file stays as it is.
    let run = user.run_with(&["fmt", "-"], &text).ends_with(0);
    assert!(run.stdout.contains("bob:s3cret@"), "{run:?}");
}

#[test]
fn no_format_shows_characters_that_drive_a_terminal_or_turn_the_text() {
    let user = User::new();
    let text = contract("pay", "1.0.0", &[]).replace("test", "\"a\\e[31m\\u202Eb\"");
    let text = text
        + "metadata: {note: \"x\\e]0;title\\a\\u2066y\"}\ndependencies: [{ref: \"../\\e[2J\\u202Ez\", required: true, compatibility: ^1.0.0}]\n";
    user.folder.write("pay/pacto.yaml", text);
    for (command, formats) in [
        ("validate", &["text", "json", "markdown", "github", "sarif"][..]),
        ("graph", &["text", "json", "markdown"]),
        ("explain", &["text", "json", "markdown"]),
        ("doc", &["text", "json"]),
    ] {
        for format in formats {
            let run = user.run(&[command, "pay", "--output-format", format]);
            for out in [&run.stdout, &run.stderr] {
                let is_raw =
                    |c: char| c.is_control() && c != '\n' || "\u{202e}\u{2066}".contains(c);
                assert!(!out.contains(is_raw), "{command} {format}: {run:?}");
            }
        }
    }
}

#[test]
#[cfg(unix)]
fn files_that_never_end_are_not_read() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    let home = user.folder.path();
    let pipe = home.join("pipe.tar.gz");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let link = |to: &std::path::Path, at: &str| {
        let at = home.join(at);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(&at);
        std::os::unix::fs::symlink(to, at).unwrap();
    };
    for (thing, words) in
        [("/dev/zero", "it is a device"), (pipe.to_str().unwrap(), "it is a pipe")]
    {
        let thing = std::path::Path::new(thing);
        link(thing, "pay/.pactoignore");
        let run = user.run(&["pack", "pay"]).ends_with(2);
        assert!(run.stderr.contains(".pactoignore") && run.stderr.contains(words), "{run:?}");
        std::fs::remove_file(home.join("pay/.pactoignore")).unwrap();
        // Not taken for a configuration.
        link(thing, "pay/.pacto.yaml");
        user.run(&["validate", "pay"]).ends_with(0);
        std::fs::remove_file(home.join("pay/.pacto.yaml")).unwrap();
        link(thing, "pay/values.json");
        let args = ["generate", "schema-infer", "pay", "--option", "file=values.json"];
        user.run(&args).ends_with(2);
        std::fs::remove_file(home.join("pay/values.json")).unwrap();
        link(thing, "odd/pacto.yaml");
        user.run(&["validate", "odd"]).ends_with(2);
    }
    user.run(&["validate", "/dev/zero"]).ends_with(2);
    user.run(&["validate", "pay", "-f", "/dev/zero"]).ends_with(2);
    let run = user.run(&["pull", "localhost:1/a/b:1", "--ca-file", "/dev/zero"]).ends_with(2);
    assert!(run.stderr.contains("certificates in /dev/zero: it is a device"), "{run:?}");
}

#[test]
#[cfg(unix)]
fn what_a_shell_pipes_in_is_read_like_a_file() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    let pacto = pacto_tests::pacto();
    for (script, found) in [
        ("explain pay -f <(echo 'service: {version: 3.0.0}')", "Service: pay@3.0.0"),
        ("explain pay -f <(sleep 0.3; echo 'service: {version: 4.0.0}')", "Service: pay@4.0.0"),
        ("explain pay -f <(true)", "Service: pay@1.0.0"),
        ("explain <(cat pay/pacto.yaml)", "Service: pay@1.0.0"),
        ("explain - < pay/pacto.yaml", "Service: pay@1.0.0"),
        ("diff pay pay --rules <(echo '{}')", "No changes detected."),
    ] {
        let mut command = Command::new("bash");
        command.arg("-c").arg(format!("{} {script}", pacto.display()));
        let run = run(command.current_dir(user.folder.path())).ends_with(0);
        assert!(run.stdout.contains(found), "{script}: {run:?}");
    }
}

#[test]
fn a_mark_of_the_encoding_is_no_part_of_a_file() {
    let user = User::new();
    user.folder.write("pay/pacto.yaml", format!("\u{feff}{}", contract("pay", "1.0.0", &[])));
    user.folder.write("pay/.pactoignore", "\u{feff}notes.md\n");
    user.folder.write("pay/notes.md", "mine");
    user.folder.write("pay/app.json", "\u{feff}{\"a\": 1}");
    user.folder.write("values.yaml", "\u{feff}service: {version: 2.0.0}\n");
    user.folder.write(".pacto.yaml", "\u{feff}jobs: 4\n");
    let run = user.run(&["pack", "pay", "--list"]).ends_with(0);
    assert_eq!(run.stdout, "app.json\npacto.yaml\n");
    let run = user.run(&["explain", "pay", "-f", "values.yaml"]).ends_with(0);
    assert!(run.stdout.starts_with("Service: pay@2.0.0") && run.stderr.is_empty(), "{run:?}");
    let args = ["generate", "schema-infer", "pay", "--option", "file=app.json", "-o", "out"];
    user.run(&args).ends_with(0);
}

#[test]
fn usage_errors_are_json_where_results_are() {
    let user = User::new();
    for args in [
        &["validate", "--nonsense", "--output-format", "json"][..],
        &["--output-format=json", "nonsense"],
        &["push", "--output-format", "json"],
        &["mcp", "--output-format", "json"],
    ] {
        let run = user.run(args).ends_with(2);
        let error: Value = serde_json::from_str(&run.stderr).expect(&run.stderr);
        assert_eq!(error["error"]["code"], "USAGE", "{run:?}");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(!message.starts_with("error") && !message.is_empty(), "{message}");
    }
    let run = user.run(&["validate", "--nonsense"]).ends_with(2);
    assert!(run.stderr.starts_with("error: unexpected argument"), "{run:?}");
    for planned in ["mcp", "dashboard"] {
        let run = user.run(&[planned]).ends_with(2);
        assert_eq!(run.stderr, format!("error: `pacto {planned}` is not in this release\n"));
    }
}

#[test]
fn what_a_folder_cannot_say_is_said() {
    let user = User::new();
    std::os::unix::fs::symlink("loop", user.folder.path().join("loop")).unwrap();
    user.folder.write("shut/pacto.yaml", contract("pay", "1.0.0", &[]));
    let shut = user.folder.path().join("shut");
    std::fs::set_permissions(&shut, PermissionsExt::from_mode(0o000)).unwrap();
    let may_read_all = std::fs::read_dir(&shut).is_ok();
    for folder in ["loop", "shut"] {
        if folder == "shut" && may_read_all {
            continue;
        }
        for command in ["validate", "explain", "graph", "pack", "doc"] {
            let run = user.run(&[command, folder]).ends_with(2);
            assert!(!run.stderr.contains("there is no pacto.yaml"), "{command}: {run:?}");
        }
    }
    std::fs::set_permissions(&shut, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn a_finding_of_what_a_flag_set_is_placed_where_it_belongs() {
    let user = User::new();
    let text = contract("pay", "1.0.0", &[]) + "scaling: {min: 1, max: 2}\n";
    user.folder.write("pay/pacto.yaml", text);
    for (set, line) in [("scaling.min=5", 7), ("service.version=x", 4), ("readiness.x=1", 1)] {
        let args = ["validate", "pay", "--set", set, "--output-format"];
        let sarif = user.run(&[&args[..], &["sarif"]].concat()).ends_with(1).json();
        let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "pay/pacto.yaml", "{set}: {sarif}");
        assert_eq!(place["region"]["startLine"], line, "{set}: {sarif}");
        let github = user.run(&[&args[..], &["github"]].concat()).ends_with(1).stdout;
        assert!(github.contains(&format!("file=pay/pacto.yaml,line={line},")), "{github}");
        // People are told the flag.
        let text = user.run(&args[..4]).ends_with(1).stdout;
        assert!(text.contains("--set"), "{text}");
    }
}

#[test]
fn the_text_of_numbers_is_seen() {
    let user = User::new();
    let with = |rest: &str| contract("pay", "1.0.0", &[]) + rest;
    user.folder.write("a/pacto.yaml", with("metadata: {commit: 0e1234, api: 1.10, n: 80}\n"));
    user.folder.write("b/pacto.yaml", with("metadata: {commit: 0e5678, api: 1.1, n: 80}\n"));
    let run = user.run(&["diff", "a", "b"]).ends_with(0);
    for row in
        ["metadata[commit] modified [0e1234 -> 0e5678]", "metadata[api] modified [1.10 -> 1.1]"]
    {
        assert!(run.stdout.contains(row), "{row}: {run:?}");
    }
    assert!(run.stdout.contains("Changes (2)"), "{run:?}");
    let page = user.run(&["doc", "a"]).ends_with(0).stdout;
    assert!(page.contains("`commit: 0e1234`") && page.contains("`api: 1.10`"), "{page}");
}

#[test]
fn what_looks_like_a_reference_is_asked_about() {
    let user = User::new();
    for typed in ["ghcr.io/acme/pay", "localhost:5000/acme/pay:1.0.0", "reg:80/x"] {
        let run = user.run(&["explain", typed]).ends_with(2);
        assert!(run.stderr.contains(&format!("hint: did you mean oci://{typed}?")), "{run:?}");
    }
    for typed in ["../none", "services/none"] {
        let run = user.run(&["explain", typed]).ends_with(2);
        assert!(!run.stderr.contains("did you mean"), "{run:?}");
    }
}

#[test]
fn manual_pages_name_pages_that_are_there() {
    let user = User::new();
    user.run(&["man", "man"]).ends_with(0);
    let pages = user.files("man");
    for page in ["pacto.1", "pacto-push.1", "pacto-cache.1", "pacto-cache-prune.1"] {
        assert!(pages.contains(&page.to_owned()), "{pages:?}");
    }
    for page in &pages {
        let text = std::fs::read_to_string(user.folder.path().join("man").join(page)).unwrap();
        assert!(text.contains("EXIT STATUS") && text.contains(".SH ENVIRONMENT"), "{page}");
        for line in text.lines().filter(|line| line.ends_with("(1)")) {
            let named = line.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "");
            let file = format!("{}.1", named.trim_end_matches("(1)").trim());
            assert!(pages.contains(&file), "{page} names {file}");
        }
    }
}
