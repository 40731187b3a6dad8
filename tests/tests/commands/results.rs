//! Results and inputs: what is written, what is refused.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::plugins::plugin;
use pacto_tests::registry::{Guard, Proxy, Registry, User, contract, run};
use serde_json::Value;

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
        assert!(stderr.contains("<stdout>: No space left"), "{args:?}: {stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn every_command_says_that_its_result_is_lost() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let host = registry.host();
    user.publish(&host, "pay", "1.0.0", &[]);
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    let target = format!("{host}/acme/pay");
    let commands: &[&[&str]] = &[
        &["--help"],
        &["-V"],
        &["validate", "--help"],
        &["init", "fresh"],
        &["validate", "pay", "--output-format", "json"],
        &["validate", "pay", "--output-format", "sarif"],
        &["pack", "pay", "--list"],
        &["push", &target, "-p", "pay", "--force"],
        &["pull", &target, "-o", "out"],
        &["diff", "pay", "pay"],
        &["graph", "pay"],
        &["explain", "pay"],
        &["doc", "pay"],
        &["generate", "kubernetes", "pay", "--option", "image=a:1"],
        &["generate", "--list"],
        &["logout", &host],
        &["fmt", "pay", "--output-format", "json"],
        &["schema"],
        &["explain-rule", "PORT_REQUIRED"],
        &["cache", "dir"],
        &["cache", "list"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["man"],
        &["lsp", "--handshake"],
        &["lsp", "--check", "pay"],
        &["mcp", "config", "generic"],
    ];
    for args in commands {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = user.command(args).stdout(full).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains("<stdout>: No space left"), "{args:?}: {stderr}");
        // Where not even that can be said, nothing breaks.
        let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = user.command(args).stdout(full()).stderr(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn findings_look_the_same_in_all_commands() {
    let user = User::new();
    user.folder.write("a/pacto.yaml", contract("a", "1.0.0", &[]));
    user.folder.write("bad/pacto.yaml", "pactoVersion: \"1.0\"\nservice: {name: a, version: [\n");
    let line = |command: &[&str]| {
        let run = user.run(command);
        let all = run.stdout.clone() + &run.stderr;
        let found: Vec<String> = all
            .lines()
            .filter(|line| line.contains("bad/pacto.yaml:"))
            .map(str::to_owned)
            .collect();
        assert!(!found.is_empty() && run.code != 0, "{command:?}: {run:?}");
        found[0].clone()
    };
    let expected = line(&["validate", "bad"]);
    assert!(expected.starts_with("  ERROR [") && expected.ends_with(')'), "{expected}");
    for command in [
        &["graph", "bad"][..],
        &["explain", "bad"],
        &["doc", "bad"],
        &["pack", "bad"],
        &["push", "localhost:1/acme/a", "-p", "bad"],
        &["generate", "kubernetes", "bad"],
        &["diff", "a", "bad"],
        &["fmt", "bad"],
        &["fmt", "--check", "bad"],
    ] {
        assert_eq!(line(command), expected, "{command:?}");
    }
}

#[test]
fn a_form_that_a_command_does_not_have_is_refused_before_anything_is_done() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    let target = format!("{}/acme/pay", proxy.host());
    for format in ["github", "sarif"] {
        for command in [
            &["init", "fresh"][..],
            &["push", &target, "-p", "pay"],
            &["pull", &target],
            &["pack", "pay"],
            &["generate", "kubernetes", "pay", "--option", "image=a:1"],
            &["doc", "pay", "-o", "docs"],
            &["logout", &target],
            &["cache", "clean"],
            &["explain", "pay"],
            &["graph", "pay"],
            &["fmt", "pay"],
        ] {
            let run = user.run(&[command, &["--output-format", format]].concat()).ends_with(2);
            assert!(run.stderr.contains("no github and sarif output"), "{run:?}");
        }
    }
    assert_eq!(proxy.log(), Vec::<String>::new());
    let made: Vec<String> = user.files("").into_iter().filter(|f| !f.starts_with('.')).collect();
    assert_eq!(made, ["pay/pacto.yaml"]);
}

#[test]
fn names_of_files_and_words_of_programs_drive_no_terminal() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    user.folder.write("pay/docs/a\u{202e}b.md", "x");
    user.folder.write("pay/.env.a\u{1b}[2J", "x");
    user.folder.write("pay/.pacto.yaml", "\"a\\e[31m\": 1\n");
    user.folder.write("odd\u{1b}[2J/pacto.yaml", "a:   1\n");
    plugin(
        &user,
        "loud",
        "#!/bin/sh\nprintf 'x\\033[2Jy\\n' >&2\nprintf 'tail\\033[2J' >&2\necho '{\"files\": [], \"message\": \"a\\u001b[2Jb\"}'\n",
    );
    let target = format!("{}/acme/pay", registry.host());
    for args in [
        &["pack", "pay", "--list"][..],
        &["pack", "pay", "--list", "--output-format", "json"],
        &["pack", "pay", "-o", "a\u{202e}b.tgz"],
        &["push", &target, "-p", "pay", "--annotation", "io.pacto.name=a\u{1b}[2Jb"],
        &["fmt", "--check", "odd\u{1b}[2J"],
        &["fmt", "--diff", "odd\u{1b}[2J"],
        &["fmt", "--check", "odd\u{1b}[2J", "--output-format", "json"],
        &["generate", "loud", "pay", "-v"],
        &["generate", "loud", "pay", "--output-format", "json"],
        &["explain", "no\u{1b}[2Jne"],
        &["validate", "--a\u{1b}[2Jb"],
        &["validate", "pay", "--set", "a\u{1b}[2Jb=1"],
        &["explain-rule", "a\u{202e}b"],
        &["--log-format", "json", "-v", "pull", "localhost:1/a\u{202e}b"],
    ] {
        let run = user.run(args);
        for out in [&run.stdout, &run.stderr] {
            let is_raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!out.contains(is_raw), "{args:?}: {run:?}");
        }
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
    // A folder that is pulled into is compared with what is there, whatever that is.
    let registry = Registry::start(Guard::Open);
    user.publish(&registry.host(), "pay", "1.0.0", &[]);
    let target = format!("{}/acme/pay", registry.host());
    std::fs::create_dir_all(home.join("there")).unwrap();
    assert!(Command::new("mkfifo").arg(home.join("there/pacto.yaml")).status().unwrap().success());
    let run = user.run(&["pull", &target, "-o", "there"]).ends_with(2);
    assert!(run.stderr.contains("holds something else"), "{run:?}");
    // Nor are a plugin's files, in place of which something else stands.
    user.folder.write("pay/config.json", "{}");
    std::fs::create_dir_all(home.join("made")).unwrap();
    let made = home.join("made/config.schema.json");
    assert!(Command::new("mkfifo").arg(&made).status().unwrap().success());
    let args = ["generate", "schema-infer", "pay", "--option", "file=config.json", "-o", "made"];
    user.run(&args).ends_with(0);
    assert!(made.metadata().unwrap().is_file());
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
        &["dashboard", "--output-format", "json"],
    ] {
        let run = user.run(args).ends_with(2);
        let error: Value = serde_json::from_str(&run.stderr).expect(&run.stderr);
        assert_eq!(error["error"]["code"], "USAGE", "{run:?}");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(!message.starts_with("error") && !message.is_empty(), "{message}");
    }
    let run = user.run(&["validate", "--nonsense"]).ends_with(2);
    assert!(run.stderr.starts_with("error: unexpected argument"), "{run:?}");
    for planned in ["dashboard", "impact"] {
        let run = user.run(&[planned]).ends_with(2);
        assert_eq!(run.stderr, format!("error: `pacto {planned}` is not in this release\n"));
    }
}

#[test]
fn what_a_folder_cannot_say_is_said() {
    let user = User::new();
    let home = user.folder.path();
    std::os::unix::fs::symlink("loop", home.join("loop")).unwrap();
    user.folder.write("shut/pacto.yaml", contract("pay", "1.0.0", &[]));
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    mode(&home.join("shut"), 0o000);
    mode(home, 0o755);
    // Who may read everything is nobody here.
    let may_read_all = std::fs::read_dir(home.join("shut")).is_ok();
    let program = home.join("pacto");
    std::fs::copy(pacto_tests::pacto(), &program).unwrap();
    for folder in ["loop", "shut"] {
        for command in ["validate", "explain", "graph", "pack", "doc"] {
            let args = [command, folder];
            let mut asked = user.command(&args);
            if may_read_all {
                let plain = asked;
                asked = Command::new("setpriv");
                asked.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
                asked.arg(&program).args(args).current_dir(home);
                asked.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
            }
            let run = run(&mut asked).ends_with(2);
            assert!(!run.stderr.contains("there is no pacto.yaml"), "{command}: {run:?}");
            let is_named = run.stderr.contains("ermission denied") || folder == "loop";
            assert!(is_named, "{command}: {run:?}");
        }
    }
    mode(&home.join("shut"), 0o755);
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
