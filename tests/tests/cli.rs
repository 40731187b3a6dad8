//! The command line: arguments, streams, exit codes, and input that is not what it should be.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::{Expect, expect};
use pacto_tests::{TempDir, pacto, repository, testbed_json};
use serde_json::Value;

const VALID: &str =
    "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n  owner:\n    team: pay\n";

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run_in(folder: &Path, args: &[&str], input: Option<&[u8]>) -> Run {
    let mut child = Command::new(pacto())
        .args(args)
        .current_dir(folder)
        // Registries have tests of their own.
        .env("PACTO_OFFLINE", "1")
        .env("PACTO_CACHE_DIR", folder.join(".cache"))
        .env("XDG_CONFIG_HOME", folder.join(".config"))
        .env_remove("CLICOLOR_FORCE")
        .env_remove("FORCE_COLOR")
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("pacto starts");
    if let (Some(bytes), Some(mut stdin)) = (input, child.stdin.take()) {
        let _ = stdin.write_all(bytes);
    }
    let output = child.wait_with_output().expect("pacto ends");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs pacto in a folder with these files; `expected` holds exit code, stdout and stderr.
fn check(files: &[(&str, &str)], args: &[&str], expected: Expect) {
    let folder = TempDir::new("cli");
    for (path, text) in files {
        folder.write(path, text);
    }
    let run = run_in(folder.path(), args, None);
    let text = format!("exit {}\n--- stdout\n{}--- stderr\n{}", run.code, run.stdout, run.stderr);
    expected.assert_eq(&text);
}

#[test]
fn a_valid_contract_is_said_to_be_valid() {
    check(
        &[("pacto.yaml", VALID)],
        &["validate"],
        expect![[r#"
        exit 0
        --- stdout
        . is valid
        --- stderr
    "#]],
    );
}

#[test]
fn findings_go_to_stdout_and_the_summary_to_stderr() {
    let text = format!("{VALID}scaling:\n  min: 5\n  max: 2\n");
    check(
        &[("pay/pacto.yaml", &text)],
        &["validate", "pay"],
        expect![[r#"
        exit 1
        --- stdout
        pay is invalid
          ERROR [SCALING_MIN_EXCEEDS_MAX] scaling.min: `min` is 5, more than `max`, 2 (pay/pacto.yaml:8:8)
        --- stderr
        validation failed with 1 error(s)
    "#]],
    );
}

#[test]
fn warnings_fail_when_strict_and_hints_show_when_asked() {
    let text = "pactoVersion: \"1.0\"\nservice: {name: pay, version: 1.0.0}\ninterfaces:\n  - {name: a, type: http, port: 80, visibility: public}\n";
    let files = [("pacto.yaml", text)];
    check(
        &files,
        &["validate", "--strict", "-v"],
        expect![[r#"
        exit 1
        --- stdout
        . is invalid
          HINT  [OWNER_MISSING] service.owner: nobody owns this service: `service.owner` is missing (pacto.yaml:2:1)
          WARN  [PUBLIC_INTERFACE_UNDOCUMENTED] interfaces[0].contract: interface "a" is public and has no `contract`: its callers cannot know it (pacto.yaml:4:49)
        --- stderr
        validation failed with 0 error(s) and 1 warning(s)
    "#]],
    );
}

#[test]
fn one_layer_alone_can_be_asked_for() {
    let text = format!("{VALID}scaling:\n  min: 5\n  max: 2\n  mix: 1\n");
    check(
        &[("pacto.yaml", &text)],
        &["validate", "--only-layer", "cross-field"],
        expect![[r#"
        exit 1
        --- stdout
        . is invalid
          ERROR [SCALING_MIN_EXCEEDS_MAX] scaling.min: `min` is 5, more than `max`, 2 (pacto.yaml:8:8)
        --- stderr
        validation failed with 1 error(s)
    "#]],
    );
}

#[test]
fn overrides_are_laid_over_and_named_in_findings() {
    let values = "scaling: {min: 4}\n";
    let contract = format!("{VALID}scaling:\n  min: 1\n  max: 2\n");
    let files = [("pacto.yaml", contract.as_str()), ("values.yaml", values)];
    check(
        &files,
        &["validate", "-f", "values.yaml", "--set", "scaling.max=3"],
        expect![[r#"
        exit 1
        --- stdout
        . is invalid
          ERROR [SCALING_MIN_EXCEEDS_MAX] scaling.min: `min` is 4, more than `max`, 3 [set by values.yaml] (values.yaml:1:16)
        --- stderr
        validation failed with 1 error(s)
    "#]],
    );
    check(
        &files,
        &["validate", "--set", "scaling.min=x"],
        expect![[r#"
        exit 1
        --- stdout
        . is invalid
          ERROR [SCHEMA_VIOLATION] scaling.min: `min` is a string ("x"), expected an integer [set by --set scaling.min=x]
        --- stderr
        validation failed with 1 error(s)
    "#]],
    );
}

#[test]
fn wrong_overrides_are_usage_errors() {
    for (args, part) in [
        (&["--set", "scaling"][..], "there is no `=`"),
        (&["--set", "interfaces[5].port=1"], "is past the end"),
        (&["--set", "service.name.x=1"], "cannot go through"),
        (&["--set", "a..b=1"], "empty key"),
        (&["-f", "missing.yaml"], "no such file"),
        (&["-f", "list.yaml"], "holds a mapping"),
        (&["-f", "broken.yaml"], "not well-formed YAML"),
    ] {
        let folder = TempDir::new("overrides");
        folder.write("pacto.yaml", VALID);
        folder.write("list.yaml", "[1]\n");
        folder.write("broken.yaml", "a: [\n");
        let run = run_in(folder.path(), &[&["validate"], args].concat(), None);
        assert_eq!(run.code, 2, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn safe_fixes_are_applied_and_comments_stay() {
    let folder = TempDir::new("fix");
    let text = format!(
        "{VALID}interfaces: # ours\n  - name: api\n    type: htpp # typo\n    port: \"8080\"\n"
    );
    let file = folder.write("pacto.yaml", &text);
    let run = run_in(folder.path(), &["validate", "--fix"], None);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let fixed = std::fs::read_to_string(file).expect("the file");
    assert_eq!(fixed, text.replace("htpp", "http").replace("\"8080\"", "8080"));
    assert_eq!(run.stderr.matches("fixed .: SCHEMA_VIOLATION").count(), 2, "{}", run.stderr);
}

#[test]
fn a_contract_can_come_from_stdin() {
    let folder = TempDir::new("stdin");
    let run = run_in(folder.path(), &["validate", "-"], Some(b"pactoVersion: 1.0\n"));
    assert_eq!(run.code, 1);
    assert!(run.stdout.starts_with("- is invalid\n"), "{}", run.stdout);
    assert!(run.stdout.contains("(<stdin>:1:15)"), "{}", run.stdout);
}

#[test]
fn several_contracts_are_an_array_in_json_and_one_is_an_object() {
    let folder = TempDir::new("json");
    folder.write("a/pacto.yaml", VALID);
    folder.write("b/pacto.yaml", VALID.replace("1.0.0", "one"));
    let json = |args: &[&str]| -> Value {
        let run =
            run_in(folder.path(), &[&["validate", "--output-format", "json"], args].concat(), None);
        serde_json::from_str(&run.stdout).expect("JSON")
    };
    let one = json(&["b"]);
    assert_eq!(one["schemaVersion"], 1);
    assert_eq!(one["valid"], false);
    assert_eq!(one["name"], "pay");
    assert_eq!(one["errors"][0]["code"], "INVALID_SEMVER");
    assert_eq!(one["errors"][0]["range"]["startLine"], 4);
    // The keys of the published tool.
    assert_eq!(one["Valid"], false);
    assert_eq!(one["Errors"][0]["Path"], "service.version");
    let both = json(&["a", "b"]);
    assert_eq!(both.as_array().map(Vec::len), Some(2));
}

#[test]
fn markdown_github_and_sarif_have_their_forms() {
    let folder = TempDir::new("formats");
    folder.write("pay/pacto.yaml", format!("{VALID}scaling:\n  min: 5\n  max: 2\n"));
    let run =
        |format: &str| run_in(folder.path(), &["validate", "pay", "--output-format", format], None);
    expect![[r#"
        ## Validation: pay

        **Invalid**

        | Severity | Code | Path | Message |
        |---|---|---|---|
        | error | `SCALING_MIN_EXCEEDS_MAX` | `scaling.min` | `min` is 5, more than `max`, 2 |
    "#]]
    .assert_eq(&run("markdown").stdout);
    expect![[r#"
        ::error file=pay/pacto.yaml,line=8,endLine=8,col=8,endColumn=9,title=SCALING_MIN_EXCEEDS_MAX::scaling.min: `min` is 5, more than `max`, 2
    "#]]
    .assert_eq(&run("github").stdout);
    let sarif: Value = serde_json::from_str(&run("sarif").stdout).expect("JSON");
    let mut schema = testbed_json("sarif-2.1.0.json");
    // A pattern of the published schema is not a regular expression; nothing of ours has a language.
    for place in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{place}/properties/language"));
        language.and_then(Value::as_object_mut).expect("an object").remove("pattern");
    }
    let validator = jsonschema::options().should_validate_formats(false).build(&schema);
    let errors: Vec<String> =
        validator.expect("a schema").iter_errors(&sarif).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "SCALING_MIN_EXCEEDS_MAX");
}

#[test]
fn the_examples_are_clean_and_formatted() {
    let root = repository();
    let mut examples: Vec<String> = std::fs::read_dir(root.join("examples"))
        .expect("examples")
        .flatten()
        .map(|entry| format!("examples/{}", entry.file_name().to_string_lossy()))
        .collect();
    examples.sort();
    assert!(examples.len() >= 12);
    let examples: Vec<&str> = examples.iter().map(String::as_str).collect();
    let run = run_in(&root, &[&["validate", "--strict"], &examples[..]].concat(), None);
    let expected: String = examples.iter().map(|e| format!("{e} is valid\n")).collect();
    assert_eq!((run.code, run.stdout), (0, expected), "{}", run.stderr);
    let run = run_in(&root, &[&["fmt", "--check"], &examples[..]].concat(), None);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}

#[test]
fn fmt_formats_checks_and_shows() {
    let folder = TempDir::new("fmt");
    let ugly = "a:\n    b:   1 # one\n\n\n    c: 2";
    let file = folder.write("pacto.yaml", ugly);
    let run = run_in(folder.path(), &["fmt", "--check"], None);
    assert_eq!((run.code, run.stdout.as_str()), (1, "./pacto.yaml\n"));
    let run = run_in(folder.path(), &["fmt", "--diff"], None);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout.contains("-    b:   1 # one\n") && run.stdout.contains("+  b: 1 # one\n"),
        "{}",
        run.stdout
    );
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), ugly, "nothing was written");
    let run = run_in(folder.path(), &["fmt", "-"], Some(ugly.as_bytes()));
    assert_eq!(run.stdout, "a:\n  b: 1 # one\n\n  c: 2\n");
    assert_eq!(run_in(folder.path(), &["fmt"], None).code, 0);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "a:\n  b: 1 # one\n\n  c: 2\n");
    folder.write("pacto.yaml", "a: [\n");
    let run = run_in(folder.path(), &["fmt"], None);
    assert_eq!(run.code, 1);
    let finding = "  ERROR [YAML_PARSE_ERROR] `[` is never closed (./pacto.yaml:1:4)\n";
    assert!(run.stderr.ends_with(finding), "{}", run.stderr);
}

#[test]
fn schema_explain_version_completions_and_man_answer() {
    let folder = TempDir::new("other");
    let ok = |args: &[&str]| {
        let run = run_in(folder.path(), args, None);
        assert_eq!(run.code, 0, "{args:?}: {}", run.stderr);
        run.stdout
    };
    let schema: Value = serde_json::from_str(&ok(&["schema"])).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema));
    let part: Value = serde_json::from_str(&ok(&["schema", "runtime.state"])).expect("JSON");
    assert_eq!(part["required"][0], "type");
    assert!(ok(&["explain-rule", "port-required"]).starts_with("# PORT_REQUIRED\n"));
    assert!(ok(&["version"]).starts_with("pacto version v"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(ok(&["completions", shell]).contains("pacto"), "{shell}");
    }
    assert!(ok(&["man"]).contains(".TH pacto"));
    ok(&["man", "pages"]);
    assert!(folder.path().join("pages/pacto-validate.1").is_file());
    for command in ["validate", "fmt", "schema", "explain-rule", "lsp", "completions", "man"] {
        assert!(ok(&[command, "--help"]).contains("Examples:"), "{command}");
    }
}

#[test]
fn usage_errors_end_with_two_and_name_what_is_wrong() {
    for (args, part) in [
        (&["vaildate"][..], "validate"),
        (&["validate", "--strickt"], "--strict"),
        (&["validate", "--output-format", "yaml"], "text"),
        (&["validate", "--only-layer", "all"], "cross-field"),
        (&["schema", "runtime.stat"], "no part"),
        (&["schema", "--version", "9"], "supported: 1.0, 1.1, 1.2"),
        (&["explain-rule", "PORT_REQUIERD"], "did you mean PORT_REQUIRED?"),
        (&["validate", "missing"], "no such file"),
        (&["validate", "ghcr.io/acme/pay"], "did you mean oci://ghcr.io/acme/pay?"),
        (&["validate", "oci://ghcr.io/acme/pay"], "is not in the cache"),
        (&["validate", "oci://acme/pay"], "did you mean oci://docker.io/acme/pay?"),
        (&["fmt", "missing.yaml"], "no such file"),
        (&["fmt", "--check", "--diff"], "cannot be used"),
        (&["schema", "-o", "missing/folder/x.json"], "missing"),
        (&[], "Usage"),
    ] {
        let folder = TempDir::new("usage");
        let run = run_in(folder.path(), args, None);
        assert_eq!(run.code, 2, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
    let folder = TempDir::new("usage");
    let run = run_in(folder.path(), &["validate", "x", "--output-format", "json"], None);
    let error: Value = serde_json::from_str(&run.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "NOT_FOUND");
}

#[test]
fn what_is_no_contract_says_so() {
    // Bytes of pacto.yaml, exit code, part of what is said.
    let big = format!(
        "pactoVersion: \"1.0\"\nservice: {{name: a, version: 1.0.0}}\nmetadata:\n  x: \"{}\"\n",
        "y".repeat(5 << 20)
    );
    let huge = vec![b'#'; 50 << 20];
    let utf16: Vec<u8> = "\u{feff}a: 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep: String = (0..10_000).map(|_| "[").collect();
    let deep_block: String = (0..2_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let mut bomb = String::from("metadata:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (one, two) in ["ab", "bc", "cd", "de", "ef", "fg"].map(|s| s.split_at(1)) {
        let refs = vec![format!("*{one}"); 10].join(",");
        bomb.push_str(&format!("  {two}: &{two} [{refs}]\n"));
    }
    let cases: Vec<(&str, &[u8], i32, &str)> = vec![
        ("binary", b"\x00\x01\x02binary", 2, "binary data"),
        ("utf16", &utf16, 2, "UTF-16"),
        ("latin1", b"name: \xe9t\xe9\n", 2, "not UTF-8: the byte at offset 6"),
        ("empty", b"", 1, "the contract is empty"),
        ("comments", b"# nothing\n", 1, "the contract is empty"),
        ("scalar", b"hello\n", 1, "the contract is not a mapping"),
        ("list", b"- a\n", 1, "the contract is not a mapping"),
        ("big", big.as_bytes(), 1, "YAML_TOO_LARGE"),
        ("huge", &huge, 1, "the file has 52428800 bytes; a contract has at most 4194304"),
        ("deep", deep.as_bytes(), 1, "nested deeper than 128 levels"),
        ("deep block", deep_block.as_bytes(), 1, "nested deeper than 128 levels"),
        ("bomb", bomb.as_bytes(), 1, "aliases expand to more than 100000 nodes"),
        ("duplicate", b"service: {}\nservice: {}\n", 1, "YAML_DUPLICATE_KEY"),
        ("tab", b"service:\n\tname: a\n", 1, "a tab indents this line"),
        ("documents", b"a: 1\n---\nb: 2\n", 1, "YAML_MULTIPLE_DOCUMENTS"),
        ("not yaml", b"<html>\n{\"a\": [}\n", 1, "YAML_PARSE_ERROR"),
        ("conflict", b"<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", 1, "merge conflict marker"),
        (
            "bom and crlf",
            b"\xef\xbb\xbfpactoVersion: \"1.0\"\r\nservice:\r\n  name: A\r\n",
            1,
            "pacto.yaml:3:9",
        ),
        ("escapes", b"pactoVersion: \"\\e[31m\\u202e\"\n", 1, "\\u{1b}[31m\\u{202e}"),
    ];
    for (name, bytes, code, part) in cases {
        let folder = TempDir::new("hostile");
        folder.write("pacto.yaml", bytes);
        let run = run_in(folder.path(), &["validate"], None);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, code, "{name}: {}", said.chars().take(600).collect::<String>());
        assert!(said.contains(part), "{name}: {}", said.chars().take(600).collect::<String>());
        assert!(!said.contains('\x1b'), "{name} drives the terminal");
    }
}

#[test]
fn paths_and_links_out_of_the_bundle_are_refused() {
    let folder = TempDir::new("escape");
    folder.write("secret.yaml", "openapi: 3.1.0\n");
    let interface = |path: &str| {
        format!("{VALID}interfaces:\n  - {{name: a, type: http, port: 80, contract: \"{path}\"}}\n")
    };
    for path in [
        "../secret.yaml",
        "/etc/passwd",
        "interfaces/../../secret.yaml",
        "link.yaml",
        "out/secret.yaml",
    ] {
        folder.write("b/pacto.yaml", interface(path));
        let link = folder.path().join("b/link.yaml");
        let _ = std::fs::remove_file(&link);
        symlink("../secret.yaml", &link).expect("a link");
        let out = folder.path().join("b/out");
        let _ = std::fs::remove_file(&out);
        symlink("..", &out).expect("a link");
        let run = run_in(folder.path(), &["validate", "b"], None);
        assert_eq!(run.code, 1, "{path}");
        assert!(run.stdout.contains("PATH_ESCAPES_BUNDLE"), "{path}: {}", run.stdout);
    }
    // A link that stays inside is fine; a folder is not a file.
    folder.write("b/real.yaml", "openapi: 3.1.0\ninfo: {title: a, version: 1.0.0}\npaths: {}\n");
    folder.write("b/pacto.yaml", interface("inside.yaml"));
    symlink("real.yaml", folder.path().join("b/inside.yaml")).expect("a link");
    assert_eq!(run_in(folder.path(), &["validate", "b"], None).code, 0);
    folder.write("b/pacto.yaml", interface("interfaces"));
    folder.write("b/interfaces/x", "");
    let run = run_in(folder.path(), &["validate", "b"], None);
    assert!(run.stdout.contains("it is a directory, not a file"), "{}", run.stdout);
}

#[test]
fn hostile_schemas_are_refused_with_their_reason() {
    let deep = format!("{}{}{}", r#"{"not":"#.repeat(200), "{}", "}".repeat(200));
    for (schema, part) in [
        (r#"{"$ref": "https://example.com/x.json"}"#, "must stay inside the bundle"),
        (r#"{"$ref": "file:///etc/passwd"}"#, "must stay inside the bundle"),
        (r#"{"$ref": "../../secret.json"}"#, "no file"),
        (r#"{"type": "objekt"}"#, "not a JSON Schema"),
        (r#"{"properties": {"A": {"pattern": "(x{1000}){1000}{1000}"}}}"#, "not a JSON Schema"),
        (r#"{"properties": {"A": {"pattern": "("}}}"#, "not a JSON Schema"),
        (
            r#"{"properties": {"A": {"pattern": "^((?=a)a+)+$"}}}"#,
            "not checked: a pattern needs more than",
        ),
        (deep.as_str(), "nested deeper than 128 levels"),
    ] {
        let folder = TempDir::new("schemas");
        folder.write("configuration/schema.json", schema);
        let value = format!("{}!", "a".repeat(60));
        folder.write("pacto.yaml", format!("{VALID}configurations:\n  - name: a\n    schema: configuration/schema.json\n    values: {{A: {value}}}\n"));
        let run = run_in(folder.path(), &["validate"], None);
        assert_eq!(run.code, 1, "{schema}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(part), "{schema}: {}", run.stdout);
    }
    // Schemas that refer to themselves are fine.
    let folder = TempDir::new("schemas");
    folder.write(
        "configuration/schema.json",
        r##"{"properties": {"A": {"$ref": "#"}, "B": {"$ref": "other.json"}}}"##,
    );
    folder.write("configuration/other.json", r#"{"$ref": "schema.json"}"#);
    folder.write("pacto.yaml", format!("{VALID}configurations:\n  - name: a\n    schema: configuration/schema.json\n    values: {{A: {{A: {{}}}}}}\n"));
    let run = run_in(folder.path(), &["validate"], None);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn secrets_are_never_printed() {
    let folder = TempDir::new("secrets");
    folder.write("configuration/schema.json", r#"{"properties": {"DB_PASSWORD": {"type": "string", "pattern": "^x"}, "API_TOKEN": {"enum": ["a"]}}}"#);
    folder.write("pacto.yaml", format!("{VALID}configurations:\n  - name: a\n    schema: configuration/schema.json\n    values:\n      DB_PASSWORD: correct-horse-battery\n      API_TOKEN: tok-123456\n"));
    for format in ["text", "json", "markdown", "github", "sarif"] {
        let run = run_in(folder.path(), &["validate", "-v", "--output-format", format], None);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, 1);
        assert!(
            !said.contains("correct-horse") && !said.contains("tok-123456"),
            "{format}: {said}"
        );
    }
}

#[test]
fn a_folder_without_contract_and_unreadable_things_end_with_two() {
    let folder = TempDir::new("none");
    let run = run_in(folder.path(), &["validate"], None);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no pacto.yaml in this folder"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: "), "{}", run.stderr);
    // The others are still checked, and the exit code says that one could not be.
    folder.write("a/pacto.yaml", VALID);
    let run = run_in(folder.path(), &["validate", "a", "missing"], None);
    assert_eq!((run.code, run.stdout.as_str()), (2, "a is valid\n"));
    // A named pipe is not waited for.
    let fifo = folder.path().join("b");
    std::fs::create_dir(&fifo).expect("a folder");
    let made = Command::new("mkfifo").arg(fifo.join("pacto.yaml")).status();
    if made.is_ok_and(|status| status.success()) {
        let run = run_in(folder.path(), &["validate", "b"], None);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains("it is a pipe, not a file"), "{}", run.stderr);
    }
}

#[test]
fn a_closed_pipe_is_quiet() {
    let root = repository();
    let mut child = Command::new(pacto())
        .args(["schema"])
        .current_dir(&root)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("pacto starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("pacto ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn colours_follow_the_flag_and_the_environment() {
    let folder = TempDir::new("colour");
    folder.write("pacto.yaml", VALID);
    let with = |flag: &str, name: &str, value: &str| {
        let mut command = Command::new(pacto());
        command.args(["validate", "--color", flag]).current_dir(folder.path());
        for variable in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        if !name.is_empty() {
            command.env(name, value);
        }
        let output = command.output().expect("pacto runs");
        String::from_utf8_lossy(&output.stdout).contains('\x1b')
    };
    assert!(!with("auto", "", ""), "no terminal");
    assert!(with("always", "NO_COLOR", "1"));
    assert!(!with("never", "FORCE_COLOR", "1"));
    assert!(with("auto", "FORCE_COLOR", "1"));
    assert!(!with("auto", "NO_COLOR", "1"));
}

#[test]
fn readiness_is_a_gate_only_when_it_is_asked_for() {
    let folder = TempDir::new("readiness");
    let text = format!(
        "{}readiness:\n  expires: \"2026-06-30\"\n  minScore: 80\n  checks:\n    - {{id: a, type: url, status: partial, weight: 1, evidence: x}}\n    - {{id: b, type: url, status: not-done, weight: 1, evidence: x}}\n",
        VALID.replace("1.0\"", "1.2\"")
    );
    folder.write("pacto.yaml", &text);
    // 2026-06-30 and the day after it.
    for (epoch, args, code, said) in [
        ("1782777600", &["validate"][..], 0, ". is valid\n"),
        (
            "1782777600",
            &["validate", "--readiness"],
            1,
            "ERROR [READINESS_GATE_UNMET] readiness: the service is not ready: score 50, minScore 80 (0 done, 1 partial, 1 not-done, 0 deferred) (pacto.yaml:7:1)\n",
        ),
        (
            "1782777600",
            &["validate", "--readiness", "--set", "readiness.minScore=50"],
            0,
            ". is valid\n",
        ),
        (
            "1782864000",
            &["validate"],
            0,
            "WARN  [READINESS_GATE_UNMET] readiness: the assessment ended on 2026-06-30",
        ),
        (
            "1782864000",
            &["validate", "--readiness", "--set", "readiness.minScore=0"],
            1,
            "ERROR [READINESS_GATE_UNMET]",
        ),
        ("1782864000", &["explain"], 0, "  Expires: 2026-06-30 (EXPIRED)\n"),
    ] {
        let output = Command::new(pacto())
            .args(args)
            .current_dir(folder.path())
            .env("PACTO_OFFLINE", "1")
            .env("SOURCE_DATE_EPOCH", epoch)
            .env("XDG_CONFIG_HOME", folder.path().join(".config"))
            .output()
            .expect("pacto runs");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(stdout.contains(said), "{args:?}: {stdout}");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stdout}");
    }
}
