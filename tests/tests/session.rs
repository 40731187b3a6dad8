//! A front without a command line, as a server would be: it holds no rule, resolves no reference,
//! reads no settings, and finds what `pacto validate --output-format json` prints.

use pacto_core::{Root, report};
use pacto_edge::session::{
    Environment, Flags, Projects, Purpose, Session, Settings, overrides, read_projects,
};
use pacto_tests::registry::{Guard, Registry, User};
use pacto_tests::{TempDir, git};
use serde_json::Value;

/// A session of this user, in the folder where their commands run.
fn session(user: &User, flags: &Flags) -> Session {
    let home = user.folder.path();
    let variables = [("HOME", home.to_owned()), ("XDG_CONFIG_HOME", home.join(".config"))];
    let environment = Environment {
        variables: variables.map(|(name, path)| (name.to_owned(), path.into())).into(),
        working_directory: home.to_owned(),
    };
    Session::new(Settings::read(flags, &environment).expect("settings"), None)
}

/// The findings of a contract. This is the whole front.
fn findings(session: &Session, typed: &str, set: &[String]) -> Value {
    let layers = overrides([], set).expect("overrides");
    let target = session.find(typed).expect("a contract");
    let loaded = session.load(vec![target], layers, Purpose::VALIDATE);
    let contract = loaded.first(false).expect("a readable contract");
    report::json(&contract.subject, &loaded.sources())
}

/// A bundle with a warning in it.
fn write_bundle(folder: &TempDir, path: &str) {
    let contract = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n  owner:\n    team: test\ninterfaces:\n  - name: events\n    type: event\n    port: 8080\n    contract: interfaces/events.json\n";
    folder.write(&format!("{path}/pacto.yaml"), contract);
    folder.write(&format!("{path}/interfaces/events.json"), "{\"type\": \"object\"}\n");
}

#[test]
fn every_kind_of_reference_has_the_findings_of_the_command() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    write_bundle(&user.folder, "svc");
    git(user.folder.path(), &["init", "-q", "-b", "main"]);
    git(user.folder.path(), &["add", "svc"]);
    git(user.folder.path(), &["commit", "-q", "-m", "first"]);
    user.run(&["pack", "svc", "-o", "pay.tar.gz"]).ends_with(0);
    let reference = format!("{}/acme/pay", registry.host());
    user.run(&["push", &reference, "-p", "svc"]).ends_with(0);
    let published = format!("oci://{reference}:1.0.0");
    for typed in
        ["svc", "svc/pacto.yaml", "file://svc", "pay.tar.gz", "git:main:svc", published.as_str()]
    {
        let expected = user.run(&["validate", typed, "--output-format", "json"]).ends_with(0);
        assert!(expected.stdout.contains("PORT_IGNORED"), "{typed}: {expected:?}");
        let found = findings(&session(&user, &Flags::default()), typed, &[]);
        assert_eq!(found, expected.json(), "{typed}");
    }
}

#[test]
fn overrides_and_settings_of_the_project_count() {
    let user = User::new();
    write_bundle(&user.folder, "svc");
    user.folder.write("svc/.pacto.yaml", "rules: {PORT_IGNORED: error}\n");
    let flags = Flags { contract: Some("svc".into()), ..Flags::default() };
    let set = "service.version=one";
    let expected =
        user.run(&["validate", "svc", "--set", set, "--output-format", "json"]).ends_with(1);
    let found = findings(&session(&user, &flags), "svc", &[set.to_owned()]);
    assert_eq!(found, expected.json());
    let text = found.to_string();
    assert!(text.contains("INVALID_SEMVER") && text.contains("PORT_IGNORED"), "{text}");
}

#[test]
fn what_cannot_be_found_says_so_in_the_same_words() {
    let user = User::new();
    user.folder.write("empty/readme.md", "nothing");
    let session = session(&user, &Flags::default());
    for typed in ["absent", "empty", "git:main:svc", "ghcr.io/acme/pay", "oci://Ghcr.io/Acme/pay"] {
        let run = user.run(&["validate", typed, "--output-format", "json"]).ends_with(2);
        let printed: Value = serde_json::from_str(run.stderr.trim()).expect("JSON");
        let error = session.find(typed).expect_err(typed);
        assert_eq!(printed["error"]["code"], error.code.text(), "{typed}");
        assert_eq!(printed["error"]["message"], error.message.as_str(), "{typed}");
        assert_eq!(printed["error"]["hint"].as_str(), error.hint.as_deref(), "{typed}");
    }
}

#[test]
fn projects_of_a_server_follow_their_files() {
    let user = User::new();
    write_bundle(&user.folder, "svc");
    let home = user.folder.path();
    let root = Root::from(home.join("svc").display().to_string());
    let mut projects = Projects::default();
    let mut read = || {
        for (root, file) in read_projects(Some(home), vec![root.clone()]) {
            projects.take(root, file);
        }
        let problems = projects.problems().values().map(Vec::len).sum::<usize>();
        (projects.severities(&root).len(), problems)
    };
    assert_eq!(read(), (0, 0));
    user.folder.write("svc/.pacto.yaml", "rules: {PORT_IGNORED: off}\n");
    assert_eq!(read(), (1, 0));
    user.folder.write("svc/.pacto.yaml", "rules: {PORT_IGNORED: \n");
    assert_eq!(read(), (1, 1), "what it said before it was broken holds");
    user.folder.write("svc/.pacto.yaml", "rules: {PORT_IGNORED: off, PORT_REQUIRED: error}\n");
    assert_eq!(read(), (2, 0));
}
