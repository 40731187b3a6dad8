//! Bundles made and packed.

use std::os::unix::fs::PermissionsExt;

use expect_test::expect;
use pacto_tests::registry::{User, run};

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
