//! How many requests a command costs: what is asked twice, or before it is needed, shows here.

use std::time::Duration;

use pacto_tests::registry::{Fault, Guard, Proxy, Registry, User, contract};

/// A registry with `lib` in two versions, `web` that depends on it, and `top` that depends on both.
struct World {
    _registry: Registry,
    proxy: Proxy,
    user: User,
}

impl World {
    fn new() -> World {
        let registry = Registry::start(Guard::Open);
        let proxy = Proxy::start(registry.port, Duration::ZERO);
        let user = User::new();
        let oci = |name: &str| format!("oci://{}/acme/{name}", proxy.host());
        // Published past the proxy, so that nothing is in the cache under its name.
        let publish = |name: &str, version: &str, dependencies: &[(&str, &str)]| {
            let folder = format!("src-{name}-{version}");
            user.folder
                .write(&format!("{folder}/pacto.yaml"), contract(name, version, dependencies));
            let target = format!("{}/acme/{name}", registry.host());
            user.run(&["push", &target, "-p", &folder, "--no-refs", "--no-cache"]).ends_with(0);
        };
        publish("lib", "1.0.0", &[]);
        publish("lib", "1.1.0", &[]);
        publish("web", "1.0.0", &[(&oci("lib"), "^1.0.0")]);
        let pinned = format!("{}:1.1.0", oci("lib"));
        let text = contract("top", "1.0.0", &[(&oci("web"), "^1.0.0"), (&pinned, "^1.0.0")]);
        user.folder.write("top/pacto.yaml", text);
        World { _registry: registry, proxy, user }
    }

    /// The requests of one run, each as `METHOD what`.
    fn requests(&self, args: &[&str]) -> Vec<String> {
        let before = self.proxy.log().len();
        self.user.run(args).ends_with(0);
        let log = self.proxy.log();
        let mut seen: Vec<String> = log[before..].iter().map(|line| shown(line)).collect();
        // What goes on at the same time has no order.
        seen.sort();
        seen
    }
}

/// `GET /v2/acme/lib/manifests/1.0.0` as `GET lib manifest`.
fn shown(line: &str) -> String {
    let (method, path) = line.split_once(' ').expect("method and path");
    let parts: Vec<&str> = path.split('/').collect();
    let what = match parts[..] {
        ["", "v2", "acme", name, kind, ..] => {
            let kind =
                if path.contains("/uploads/") { "upload" } else { kind.trim_end_matches('s') };
            format!("{name} {kind}")
        }
        _ => path.to_owned(),
    };
    format!("{method} {what}")
}

#[test]
fn each_command_asks_once_for_what_it_needs() {
    let world = World::new();
    let host = world.proxy.host();
    let oci = |name: &str| format!("oci://{host}/acme/{name}");
    let digest = {
        let run = world.user.run(&[
            "pull",
            &format!("{}:1.0.0", oci("lib")),
            "-o",
            "x",
            "--no-cache",
            "--output-format",
            "json",
        ]);
        run.ends_with(0).json()["digest"].as_str().unwrap().to_owned()
    };
    let tagged = format!("{}:1.0.0", oci("lib"));
    let pinned = format!("{}@{digest}", oci("lib"));
    let other = format!("{}:1.1.0", oci("lib"));
    let fetch = |name: &str| [format!("GET {name} blob"), format!("GET {name} manifest")];
    let head = |name: &str| format!("HEAD {name} manifest");
    let list = |name: &str| format!("GET {name} tag");
    let all = |groups: &[&[String]]| -> Vec<String> {
        let mut all = groups.concat();
        all.sort();
        all
    };
    let two = &[fetch("lib").as_slice(), fetch("lib").as_slice()].concat();
    // Command, what it asks with an empty cache, what it asks when it runs again.
    let whole = all(&[&fetch("lib"), &fetch("web"), &[list("lib"), list("web")]]);
    let again = all(&[&[head("lib"), head("web"), list("lib"), list("web")]]);
    let lib = oci("lib");
    let table: Vec<(Vec<&str>, Vec<String>, Vec<String>)> = vec![
        (vec!["explain", &pinned], fetch("lib").to_vec(), vec![]),
        (vec!["explain", &tagged], fetch("lib").to_vec(), vec![head("lib")]),
        (
            vec!["explain", &lib],
            all(&[&fetch("lib"), &[list("lib")]]),
            all(&[&[head("lib"), list("lib")]]),
        ),
        (
            vec!["pull", &tagged, "-o", "pulled", "--force"],
            fetch("lib").to_vec(),
            vec![head("lib")],
        ),
        (vec!["diff", &tagged, &other], two.clone(), vec![head("lib"), head("lib")]),
        (vec!["graph", "top"], whole.clone(), again.clone()),
        (vec!["validate", "top"], whole.clone(), again.clone()),
        (vec!["doc", "top"], whole, again),
        (vec!["validate", "top", "--no-refs"], vec![], vec![]),
    ];
    for (args, cold, warm) in table {
        let cache = world.user.folder.path().join(".cache");
        let _ = std::fs::remove_dir_all(cache);
        let mut cold = cold;
        cold.sort();
        assert_eq!(world.requests(&args), cold, "cold: {args:?}");
        assert_eq!(world.requests(&args), warm, "warm: {args:?}");
    }
}

#[test]
fn a_push_asks_what_is_there_and_writes_the_rest() {
    let world = World::new();
    let target = format!("{}/acme/fresh", world.proxy.host());
    world.user.folder.write("fresh/pacto.yaml", contract("fresh", "1.0.0", &[]));
    let first = world.requests(&["push", &target, "-p", "fresh"]);
    assert_eq!(
        first,
        [
            "HEAD fresh blob",
            "HEAD fresh blob",
            "HEAD fresh manifest",
            "POST fresh upload",
            "POST fresh upload",
            "PUT fresh manifest",
            "PUT fresh upload",
            "PUT fresh upload",
        ]
    );
    assert_eq!(world.requests(&["push", &target, "-p", "fresh"]), ["HEAD fresh manifest"]);
    let forced = world.requests(&["push", &target, "-p", "fresh", "--force"]);
    assert_eq!(
        forced,
        ["HEAD fresh blob", "HEAD fresh blob", "HEAD fresh manifest", "PUT fresh manifest"]
    );
}

#[test]
fn one_repository_is_listed_once_whoever_asks() {
    let world = World::new();
    let lib = format!("oci://{}/acme/lib", world.proxy.host());
    for name in ["a", "b", "c"] {
        let text = contract(name, "1.0.0", &[(&lib, "^1.0.0")]);
        world.user.folder.write(&format!("{name}/pacto.yaml"), text);
    }
    let seen = world.requests(&["validate", "a", "b", "c", "top"]);
    assert_eq!(seen.iter().filter(|line| *line == "GET lib tag").count(), 1, "{seen:?}");
    assert_eq!(seen.iter().filter(|line| *line == "GET lib blob").count(), 1, "{seen:?}");
}

#[test]
fn much_is_asked_at_once_until_a_host_asks_for_less() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::from_millis(20));
    let user = User::new();
    let at = |name: &str| format!("oci://{}/acme/{name}:1.0.0", proxy.host());
    let leaves: Vec<String> = (0..24).map(|i| format!("leaf{i}")).collect();
    for leaf in &leaves {
        user.publish(&registry.host(), leaf, "1.0.0", &[]);
    }
    let needed: Vec<String> = leaves.iter().map(|leaf| at(leaf)).collect();
    let needed: Vec<(&str, &str)> = needed.iter().map(|leaf| (leaf.as_str(), "*")).collect();
    user.publish(&registry.host(), "mid", "1.0.0", &needed);
    user.folder.write("top/pacto.yaml", contract("top", "1.0.0", &[(&at("mid"), "*")]));
    let graph = || {
        let run = user.run(&["graph", "top", "--no-cache"]).ends_with(0);
        assert_eq!(run.stdout.lines().count(), 26, "{run:?}");
        proxy.peak()
    };
    let crowd = graph();
    assert!((8..=16).contains(&crowd), "{crowd} at once");
    let less = Fault::Answer(429, vec![("Retry-After", "0".into())], vec![]);
    proxy.fault("/mid/manifests", less, 1);
    assert_eq!(graph(), 1);
    // What the user bounds stays within it.
    let run = user.run(&["graph", "top", "--no-cache", "-j", "3"]).ends_with(0);
    assert_eq!(run.stdout.lines().count(), 26, "{run:?}");
    assert_eq!(proxy.peak(), 3);
}
