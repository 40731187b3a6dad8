//! The cache: verified on read, whole or not there, safe for many processes at once.

use std::process::{Command, Stdio};
use std::time::Duration;

use pacto_tests::registry::{Fault, Guard, Proxy, Registry, User};

fn published(user: &User, host: &str, name: &str) -> String {
    user.publish(host, name, "1.0.0", &[]);
    format!("{host}/acme/{name}:1.0.0")
}

#[test]
fn what_is_damaged_is_fetched_anew_and_never_used() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let reference = published(&user, &registry.host(), "pay");
    user.run(&["pull", &reference]).ends_with(0);
    let layer = user
        .files(".cache")
        .into_iter()
        .find(|path| path.contains("@sha256") && path.ends_with(".gz"))
        .unwrap();
    let path = user.folder.path().join(".cache").join(layer);
    let good = std::fs::read(&path).unwrap();
    for damage in [&good[..good.len() / 2], b"", b"garbage"] {
        std::fs::write(&path, damage).unwrap();
        let run = user.run(&["--offline", "pull", &reference, "-o", "x"]).ends_with(2);
        assert!(run.stderr.contains("digest mismatch"), "{run:?}");
        assert!(user.files("x").is_empty());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        user.run(&["pull", &reference]).ends_with(0);
        std::fs::write(&path, damage).unwrap();
        let run = user.run(&["pull", &reference]).ends_with(0);
        assert!(run.stderr.contains("was damaged; fetching it anew"), "{run:?}");
        assert_eq!(std::fs::read(&path).unwrap(), good);
    }
}

#[test]
fn tags_that_move_are_noticed_and_digests_need_no_request() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    let digest = user.publish(&proxy.host(), "pay", "1.0.0", &[]);
    let tagged = format!("{}/acme/pay:1.0.0", proxy.host());
    user.run(&["pull", &tagged, "-o", "a"]).ends_with(0);
    let before = proxy.log().len();
    let run = user.run(&["pull", &tagged, "-o", "a", "--output-format", "json"]).ends_with(0);
    assert_eq!(run.json()["fromCache"], true);
    let new: Vec<String> = proxy.log().split_off(before);
    assert_eq!(new.iter().filter(|line| !line.ends_with("/v2/")).count(), 1, "one HEAD: {new:?}");
    // Another machine moves the tag.
    let other = User::new();
    other.folder.write("p/pacto.yaml", pacto_tests::registry::contract("pay", "1.0.0", &[]));
    other.folder.write("p/docs/new.md", "new");
    other.run(&["push", &tagged, "-p", "p", "--force"]).ends_with(0);
    user.run(&["pull", &tagged, "-o", "b"]).ends_with(0);
    assert_eq!(user.files("b"), ["docs/new.md", "pacto.yaml"]);
    // The old content is still there under its digest, without any request.
    proxy.fault("", Fault::Drop, 1000);
    let pinned = format!("{}/acme/pay@{digest}", proxy.host());
    user.run(&["pull", &pinned, "-o", "c"]).ends_with(0);
    assert_eq!(user.files("c"), ["pacto.yaml"]);
}

#[test]
fn the_layout_is_the_published_one_and_its_entries_are_read() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let reference = published(&user, &registry.host(), "pay");
    user.run(&["pull", &reference, "-o", "a"]).ends_with(0);
    let port = registry.port;
    let files = user.files(".cache/pacto/oci");
    let tag = format!("localhost/{port}/acme/pay/1.0.0/bundle.tar.gz");
    assert!(files.contains(&tag) && files.contains(&"CACHEDIR.TAG".to_owned()), "{files:?}");
    // What only the published tool has written has no `ref.json`: used offline, with a warning.
    let cache = user.folder.path().join(".cache/pacto/oci");
    let old = cache.join(format!("localhost/{port}/acme/old/2.0.0"));
    std::fs::create_dir_all(&old).unwrap();
    std::fs::copy(cache.join(tag), old.join("bundle.tar.gz")).unwrap();
    let run = user
        .run(&["--offline", "pull", &format!("localhost:{port}/acme/old:2.0.0"), "-o", "b"])
        .ends_with(0);
    assert!(run.stderr.contains("was not verified"), "{run:?}");
    user.run(&["pull", &format!("localhost:{port}/acme/old:2.0.0"), "-o", "c"]).ends_with(2);
    let list = user.run(&["cache", "list"]).ends_with(0);
    assert!(list.stdout.starts_with("REF ") && list.stdout.contains("unverified"), "{list:?}");
}

#[test]
fn it_can_be_listed_pruned_and_cleaned() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let dir = user.run(&["cache", "dir"]).ends_with(0);
    assert!(dir.stdout.ends_with("/.cache/pacto/oci\n"));
    for name in ["a", "b", "c"] {
        let reference = published(&user, &registry.host(), name);
        user.run(&["pull", &reference]).ends_with(0);
    }
    let json = user.run(&["cache", "list", "--output-format", "json"]).ends_with(0).json();
    assert_eq!(json["entries"].as_array().unwrap().len(), 3);
    let total = json["total"].as_u64().unwrap();
    let run = user.run(&["cache", "prune", "--max-size", &(total - 1).to_string()]).ends_with(0);
    assert!(run.stdout.starts_with("Removed 1 bundle(s), "), "{run:?}");
    let name = format!("{}/acme/c", registry.host());
    let run = user.run(&["cache", "clean", &name]).ends_with(0);
    assert!(run.stdout.starts_with("Removed 1 bundle(s), "), "{run:?}");
    user.run(&["--offline", "pull", &format!("{name}:1.0.0"), "--force"]).ends_with(2);
    user.run(&["cache", "clean", "--output-format", "json"]).ends_with(0);
    let left = user.run(&["cache", "list", "--output-format", "json"]).json();
    assert_eq!(left["entries"].as_array().unwrap().len(), 0);
    let run = user.run(&["cache", "prune", "--max-size", "much"]).ends_with(2);
    assert!(run.stderr.contains("is not a size"), "{run:?}");
    // Without a place for a cache everything works.
    let mut command = user.command(&["pull", &format!("{name}:1.0.0"), "-o", "x"]);
    let file = user.folder.write("file", "");
    pacto_tests::registry::run(command.env("PACTO_CACHE_DIR", file.join("below"))).ends_with(0);
}

#[test]
fn many_processes_pull_push_and_prune_at_once() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let host = registry.host();
    for name in ["a", "b"] {
        published(&user, &host, name);
    }
    let spawn = |args: &[&str]| {
        let mut command = user.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("pacto starts")
    };
    let mut children = Vec::new();
    for i in 0..20 {
        let name = if i % 2 == 0 { "a" } else { "b" };
        let output = format!("out-{i}");
        children.push(spawn(&["pull", &format!("{host}/acme/{name}:1.0.0"), "-o", &output]));
        if i % 5 == 0 {
            children.push(spawn(&["cache", "prune", "--max-size", "0"]));
            children.push(spawn(&[
                "push",
                &format!("{host}/acme/a"),
                "-p",
                "src-a-1.0.0",
                "--force",
            ]));
        }
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        // A prune that finds others at work says so.
        let is_good =
            output.status.success() || stderr.contains("another process is using the cache");
        assert!(is_good, "{stderr}");
    }
    for i in 0..20 {
        assert_eq!(user.files(&format!("out-{i}")), ["pacto.yaml"]);
    }
    // What is left is whole: all of it can be used offline, or is not there.
    for name in ["a", "b"] {
        user.run(&["pull", &format!("{host}/acme/{name}:1.0.0"), "-o", &format!("fin-{name}")])
            .ends_with(0);
        user.run(&[
            "--offline",
            "pull",
            &format!("{host}/acme/{name}:1.0.0"),
            "-o",
            &format!("off-{name}"),
        ])
        .ends_with(0);
    }
    let staged: Vec<String> = user.files(".cache/pacto/oci/.tmp");
    assert!(staged.is_empty(), "{staged:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_costs_the_cache_and_nothing_else() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    user.publish(&registry.host(), "pay", "1.0.0", &[]);
    let reference = format!("oci://{}/acme/pay", registry.host());
    // No file of this process can grow, as on a full disk.
    let full = |args: &[&str]| {
        let mut command = Command::new("sh");
        let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
        let program = user.command(&[]);
        command.args(["-c", script, "sh"]).arg(program.get_program()).args(args);
        command.current_dir(user.folder.path());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        pacto_tests::registry::run(&mut command)
    };
    // The cache cannot even be made; then it is there, and cannot grow.
    for _ in 0..2 {
        let run = full(&["graph", &reference]).ends_with(0);
        assert_eq!(run.stdout, "pay@1.0.0\n", "{run:?}");
        assert_eq!(run.stderr.matches("going on without it").count(), 1, "{run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        user.publish(&registry.host(), "pay", "1.0.0", &[]);
        let cache = user.folder.path().join(".cache/pacto/oci");
        std::fs::remove_dir_all(cache.join("localhost")).ok();
        user.run(&["graph", &format!("oci://{}/acme/none", registry.host())]).ends_with(2);
    }
}
