//! Configuration files of the user and of the project.

use pacto_tests::registry::User;

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
