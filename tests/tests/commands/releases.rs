//! Releases: `update`, the installer, the action.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use pacto_tests::registry::{User, contract, run};
use pacto_tests::releases::{NEW_PROGRAM, feed, good_sum};
use pacto_tests::repository;

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
