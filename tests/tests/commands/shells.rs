//! Shells: completions and manual pages.

use std::process::Command;

use super::plugins::plugin;
use pacto_tests::registry::{User, run};

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
        // Inside quotes that are open the word is one piece.
        (
            &format!("pacto explain \"oci://{host}/acme/lone:"),
            format!("explain oci://{host}/acme/lone:3.0.0"),
        ),
        (&format!("pacto pull '{host}/acme/lo"), format!("pull {host}/acme/lone")),
        (&format!("pacto diff \"src-pay-1.0.0\" oci://{host}/acme/lo"), {
            format!("diff src-pay-1.0.0 oci://{host}/acme/lone")
        }),
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
