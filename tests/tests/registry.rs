//! Bundles in real registries: pushed, pulled, inspected by other tools, with credentials and TLS.

use std::process::Command;
use std::time::{Duration, Instant};

use pacto_tests::lsp::{Client, rich_capabilities};
use pacto_tests::registry::{Certificate, Fault, Guard, Proxy, Registry, User, contract, output};
use serde_json::{Value, json};

fn skopeo(args: &[&str]) -> String {
    output(Command::new("skopeo").args(args))
}

#[test]
fn a_pushed_bundle_is_the_artifact_that_the_specification_describes() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    user.folder.write("a/pacto.yaml", contract("pay", "1.0.0", &[]));
    user.folder.write("a/docs/x.md", "x");
    let target = format!("{}/acme/pay", registry.host());
    let pushed = user.run(&["push", &target, "-p", "a"]).ends_with(0);
    let digest = pushed.stdout.lines().last().unwrap().strip_prefix("Digest: ").unwrap().to_owned();
    assert!(pushed.stdout.starts_with(&format!("Pushed pay@1.0.0 -> {target}:1.0.0\n")));

    let raw =
        skopeo(&["inspect", "--tls-verify=false", "--raw", &format!("docker://{target}:1.0.0")]);
    let manifest: Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(manifest["mediaType"], "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(manifest["artifactType"], "application/vnd.pacto.bundle.v1");
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.pacto.bundle.config.v1+json");
    let layer = &manifest["layers"][0];
    assert_eq!(layer["mediaType"], "application/vnd.pacto.bundle.layer.v1.tar+gzip");
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 1);
    for (key, value) in [
        ("io.pacto.name", "pay"),
        ("io.pacto.version", "1.0.0"),
        ("io.pacto.pactoVersion", "1.0"),
        ("org.opencontainers.image.title", "pay"),
        ("org.opencontainers.image.version", "1.0.0"),
    ] {
        assert_eq!(manifest["annotations"][key], value);
    }
    assert!(!raw.contains("created"));
    let config = skopeo(&[
        "inspect",
        "--tls-verify=false",
        "--config",
        "--raw",
        &format!("docker://{target}:1.0.0"),
    ]);
    let config: Value = serde_json::from_str(&config).unwrap();
    let keys: Vec<&String> = config.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["name", "version", "pactoVersion", "contentDigest", "files", "rootfs", "config"]
    );
    assert_eq!(config["rootfs"]["diff_ids"][0], manifest["annotations"]["io.pacto.contentDigest"]);
    assert_eq!(config["config"]["Labels"]["io.pacto.name"], "pay");

    // The same files from another folder, touched meanwhile: the same digest.
    user.folder.write("elsewhere/b/docs/x.md", "x");
    user.folder.write("elsewhere/b/pacto.yaml", contract("pay", "1.0.0", &[]));
    let again = user.run(&["push", &target, "-p", "elsewhere/b", "--force"]).ends_with(0);
    assert!(again.stdout.contains(&digest), "{again:?}");

    // A reader that knows nothing of us: the one layer, as any tar program reads it.
    let folder = user.folder.path().join("plain");
    skopeo(&[
        "copy",
        "--src-tls-verify=false",
        &format!("docker://{target}:1.0.0"),
        &format!("dir:{}", folder.display()),
    ]);
    let blob = folder.join(layer["digest"].as_str().unwrap().trim_start_matches("sha256:"));
    let listed = output(Command::new("tar").arg("-tvzf").arg(blob));
    let shown: Vec<Vec<&str>> =
        listed.lines().map(|line| line.split_whitespace().collect()).collect();
    let entries: Vec<(&str, &str, &str)> =
        shown.iter().map(|words| (words[0], words[1], words[words.len() - 1])).collect();
    assert_eq!(
        entries,
        [
            ("drwxr-xr-x", "0/0", "docs"),
            ("-rw-r--r--", "0/0", "docs/x.md"),
            ("-rw-r--r--", "0/0", "pacto.yaml")
        ]
    );

    // A copy by another tool keeps the digest and can be pulled.
    let copy = format!("{}/copies/pay:1.0.0", registry.host());
    let tls = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    skopeo(&[
        "copy",
        tls[0],
        tls[1],
        &format!("docker://{target}:1.0.0"),
        &format!("docker://{copy}"),
    ]);
    let pulled = user.run(&["pull", &copy, "-o", "copied", "--output-format", "json"]).ends_with(0);
    assert_eq!(pulled.json()["digest"], digest);
    assert_eq!(user.files("copied"), ["docs/x.md", "pacto.yaml"]);
}

#[test]
fn a_tag_that_exists_is_left_alone() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let target = format!("{}/acme/pay", registry.host());
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0+b5", &[]));
    let dry = user
        .run(&["push", &target, "-p", "pay", "--dry-run", "--output-format", "json"])
        .ends_with(0)
        .json();
    assert_eq!(dry["status"], "dryRun");
    let first =
        user.run(&["push", &target, "-p", "pay", "--output-format", "json"]).ends_with(0).json();
    assert_eq!((&first["status"], &first["tags"][0]), (&"pushed".into(), &"1.0.0_b5".into()));
    assert_eq!((&first["Digest"], &dry["digest"]), (&first["digest"], &first["digest"]));

    let again = user.run(&["push", &target, "-p", "pay"]).ends_with(0);
    assert_eq!(again.stdout, "");
    assert!(again.stderr.starts_with(&format!(
        "Warning: artifact already exists: {target}:1.0.0_b5 (use --force to overwrite)"
    )));
    let again =
        user.run(&["push", &target, "-p", "pay", "--output-format", "json"]).ends_with(0).json();
    assert_eq!(again["status"], "identical");

    user.folder.write("pay/docs/more.md", "more");
    let other =
        user.run(&["push", &target, "-p", "pay", "--output-format", "json"]).ends_with(0).json();
    assert_eq!((&other["status"], &other["existingDigest"]), (&"exists".into(), &first["digest"]));
    let strict = user.run(&["push", &target, "-p", "pay", "--if-exists", "error"]).ends_with(1);
    assert!(strict.stderr.contains("artifact already exists"), "{strict:?}");
    let forced = user
        .run(&["push", &target, "-p", "pay", "--force", "--tag", "latest", "--annotation", "a=b"])
        .ends_with(0);
    assert!(forced.stderr.contains(first["digest"].as_str().unwrap()), "{forced:?}");
    assert!(forced.stdout.contains(&format!("\nTag: {target}:latest\nDigest: ")), "{forced:?}");
    let labelled = ["--annotation", "io.pacto.version=9.9.9", "--annotation", "io.pacto.name=pay"];
    let run = user.run(&[&["push", &target, "-p", "pay", "--dry-run"], &labelled[..]].concat());
    assert!(
        run.stderr.contains(
            "warning: --annotation io.pacto.version=9.9.9: the bundle itself says 1.0.0+b5"
        ),
        "{run:?}"
    );
    assert!(!run.stderr.contains("io.pacto.name"), "{run:?}");
    // A version is found under its tag, and what is not there is told from what is.
    user.run(&["pull", &format!("{target}:1.0.0+b5"), "-o", "typed"]).ends_with(0);
    let run = user.run(&["pull", &format!("{target}:3.0.0"), "--no-cache"]).ends_with(2);
    assert!(run.stderr.contains("published are 1.0.0_b5"), "{run:?}");
    for tag in ["latest", "1.0.0_b5"] {
        let raw = skopeo(&[
            "inspect",
            "--tls-verify=false",
            "--raw",
            &format!("docker://{target}:{tag}"),
        ]);
        assert!(raw.contains("\"a\":\"b\""), "{raw}");
    }
}

#[test]
fn overrides_are_in_what_is_published() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let target = format!("{}/acme/pay", registry.host());
    let text = contract("pay", "1.0.0", &[]).replace("service:", "# who it is\nservice:");
    user.folder.write("pay/pacto.yaml", text);
    user.run(&["push", &target, "-p", "pay", "--set", "service.version=2.0.0"]).ends_with(0);
    user.run(&["pull", &target, "-o", "back"]).ends_with(0);
    let back = std::fs::read_to_string(user.folder.path().join("back/pacto.yaml")).unwrap();
    assert!(back.contains("# who it is\n") && back.contains("version: 2.0.0\n"), "{back}");
}

#[test]
fn what_must_not_be_published_is_refused_before_the_network_is_touched() {
    let user = User::new();
    user.folder.write(
        "pay/pacto.yaml",
        contract("pay", "1.0.0", &[("../auth", "^1.0.0"), ("../db", "*")]),
    );
    user.folder.write("auth/pacto.yaml", contract("auth", "1.0.0", &[]));
    user.folder.write("db/pacto.yaml", contract("db", "1.0.0", &[]));
    let run = user.run(&["push", "localhost:1/acme/pay", "-p", "pay"]).ends_with(1);
    assert_eq!(run.stdout.matches("LOCAL_REF_NOT_PUBLISHABLE").count(), 1, "{run:?}");
    assert!(run.stdout.contains("and so is one more"), "{run:?}");
    // pack is for this machine, too.
    user.run(&["pack", "pay"]).ends_with(0);
    let digest = format!("localhost:1/acme/pay@sha256:{}", "a".repeat(64));
    let run = user.run(&["push", &digest, "-p", "auth"]).ends_with(2);
    assert!(run.stderr.contains("a digest cannot be chosen"), "{run:?}");
    let run = user.run(&["push", "localhost:1/Acme/pay", "-p", "auth"]).ends_with(2);
    assert!(run.stderr.contains("did you mean localhost:1/acme/pay?"), "{run:?}");
}

#[test]
fn a_contract_that_only_publishes_a_policy_is_not_bound_by_it() {
    let registry = Registry::start(Guard::Open);
    let host = registry.host();
    let user = User::new();
    let policy =
        contract("platform-policy", "1.0.0", &[]) + "policy:\n  schema: policy/schema.json\n";
    user.folder.write("rules/pacto.yaml", &policy);
    user.folder.write("rules/policy/schema.json", "{\"required\": [\"runtime\"]}");
    user.run(&["validate", "rules", "--strict"]).ends_with(0);
    user.run(&["push", &format!("{host}/acme/platform-policy"), "-p", "rules"]).ends_with(0);
    // Who refers to it is bound, and so is a contract with something to bind.
    let reference = format!("policy:\n  ref: oci://{host}/acme/platform-policy\n");
    user.folder.write("web/pacto.yaml", contract("web", "1.0.0", &[]) + &reference);
    let run = user.run(&["validate", "web"]).ends_with(1);
    assert!(run.stdout.contains("[POLICY_VIOLATION] runtime"), "{run:?}");
    let event = "interfaces:\n  - {name: api, type: event, contract: e.json}\n";
    user.folder.write("rules/e.json", "{\"type\": \"object\"}");
    user.folder.write("rules/pacto.yaml", policy + event);
    let run = user.run(&["validate", "rules"]).ends_with(1);
    assert!(run.stdout.contains("[POLICY_VIOLATION] runtime"), "{run:?}");
}

#[test]
fn services_that_need_each_other_can_be_published_in_any_order() {
    let registry = Registry::start(Guard::Open);
    let host = registry.host();
    let user = User::new();
    for (name, other) in [("a", "b"), ("b", "a")] {
        let other = format!("oci://{host}/acme/{other}");
        let text = contract(name, "1.0.0", &[(&other, "^1.0.0")]);
        user.folder.write(&format!("{name}/pacto.yaml"), text);
    }
    let target = |name: &str| format!("{host}/acme/{name}");
    // What is missing is said, and counts where warnings do.
    let run = user.run(&["push", &target("a"), "-p", "a", "--strict"]).ends_with(1);
    assert!(run.stdout.contains("WARN  [DEPENDENCY_NOT_FOUND]"), "{run:?}");
    let run = user.run(&["push", &target("a"), "-p", "a"]).ends_with(0);
    assert!(run.stdout.starts_with("Pushed a@1.0.0"), "{run:?}");
    assert!(run.stderr.contains("WARN  [DEPENDENCY_NOT_FOUND] dependencies[0].ref"), "{run:?}");
    user.run(&["push", &target("b"), "-p", "b", "--strict"]).ends_with(0);
    user.run(&["validate", "a", "b", "--no-cache"]).ends_with(0);
    // Published without the version that is wanted.
    let text = contract("c", "1.0.0", &[(&format!("oci://{host}/acme/a"), "^2.0.0")]);
    user.folder.write("c/pacto.yaml", text);
    user.run(&["validate", "c"]).ends_with(1);
    let run = user.run(&["push", &target("c"), "-p", "c"]).ends_with(0);
    assert!(run.stderr.contains("[DEPENDENCY_NO_MATCH]"), "{run:?}");
    // The contract's own errors refuse it, and nothing is asked where that is wished.
    user.folder.write("c/pacto.yaml", contract("c", "1.0.0", &[("oci://x", "^1")]));
    user.run(&["push", &target("c"), "-p", "c"]).ends_with(1);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let other = format!("oci://{}/acme/none", proxy.host());
    user.folder.write("c/pacto.yaml", contract("c", "2.0.0", &[(&other, "^1.0.0")]));
    let run = user.run(&["push", &target("c"), "-p", "c", "--no-refs"]).ends_with(0);
    assert!(run.stderr.is_empty() && proxy.log().is_empty(), "{run:?} {:?}", proxy.log());
}

#[test]
fn versions_are_chosen_and_the_graph_is_followed() {
    let registry = Registry::start(Guard::Open);
    let host = registry.host();
    let user = User::new();
    for version in ["1.0.0", "1.4.0", "2.0.0", "2.1.0-rc.1"] {
        user.publish(&host, "store", version, &[]);
    }
    let store = format!("oci://{host}/acme/store");
    user.publish(&host, "auth", "1.2.0", &[(&store, "^1.0.0")]);
    let auth = format!("oci://{host}/acme/auth");
    let missing = format!("oci://{host}/acme/missing:1.0.0");
    let pinned = format!("{store}:1.0.0");
    let text = contract(
        "shop",
        "1.0.0",
        &[(&auth, "^1.0.0"), (&store, ">=1.0.0, <3.0.0"), (&missing, "^1.0.0"), (&pinned, "^9")],
    );
    user.folder.write("shop/pacto.yaml", text);
    let graph = user.run(&["graph", "shop"]).ends_with(1);
    assert_eq!(
        graph.stdout,
        format!(
            "shop@1.0.0\n\
             ├─ auth@1.2.0\n\
             │  └─ store@1.4.0\n\
             ├─ store@2.0.0\n\
             ├─ missing:1.0.0 (error: artifact not found: {host}/acme/missing:1.0.0)\n\
             └─ store@1.0.0 (incompatible: wants ^9)\n\
             \nConflicts (1):\n  store: [store@1.0.0 store@1.4.0 store@2.0.0]\n"
        )
    );
    assert_eq!(graph.stderr, "the graph has 2 problem(s)\n");
    user.run(&["graph", "shop", "--no-fail"]).ends_with(0);
    let json = user.run(&["graph", "shop", "--output-format", "json"]).ends_with(1).json();
    let edges = json["root"]["dependencies"].as_array().unwrap();
    assert_eq!(edges[0]["node"]["dependencies"][0]["node"]["version"], "1.4.0");
    assert_eq!(edges[2]["errorCode"], "NOT_FOUND");
    assert_eq!(edges[3]["compatible"], false);
    let validated = user.run(&["validate", "shop"]).ends_with(1);
    for code in ["DEPENDENCY_NOT_FOUND", "COMPATIBILITY_UNSATISFIED"] {
        assert!(validated.stdout.contains(code), "{validated:?}");
    }
    let text = contract("shop", "1.0.0", &[(&store, "^7.0.0")]);
    user.folder.write("shop/pacto.yaml", text);
    let validated = user.run(&["validate", "shop"]).ends_with(1);
    assert!(
        validated.stdout.contains("no version of")
            && validated.stdout.contains("2.1.0-rc.1, 2.0.0, 1.4.0, 1.0.0"),
        "{validated:?}"
    );

    // Who does not ask about references asks no registry.
    let mut quiet = user.command(&["validate", "shop", "--no-refs", "--no-cache", "-v"]);
    let run = pacto_tests::registry::run(&mut quiet).ends_with(0);
    assert!(!run.stderr.contains("GET"), "{run:?}");

    // Offline, all of it comes from the cache.
    let offline = user.run(&["--offline", "graph", &format!("{auth}:1.2.0")]).ends_with(0);
    assert_eq!(offline.stdout, "auth@1.2.0\n└─ store@1.4.0\n");
    let offline =
        user.run(&["--offline", "pull", &format!("{host}/acme/other:1.0.0")]).ends_with(2);
    assert!(
        offline
            .stderr
            .starts_with(&format!("error: {host}/acme/other:1.0.0 is not in the cache\n"))
    );
}

#[test]
fn shared_nodes_cycles_and_references() {
    let registry = Registry::start(Guard::Open);
    let host = registry.host();
    let user = User::new();
    let oci = |name: &str| format!("oci://{host}/acme/{name}");
    // What comes first cannot depend on what comes last.
    user.publish(&host, "a", "0.9.0", &[]);
    user.publish(&host, "c", "1.0.0", &[(&oci("a"), "*")]);
    user.publish(&host, "b", "1.0.0", &[(&oci("c"), "^1.0.0")]);
    user.publish(&host, "a", "1.0.0", &[(&oci("b"), "^1.0.0"), (&oci("c"), "^1.0.0")]);
    let policy =
        "pactoVersion: \"1.0\"\nservice: {name: rules, version: 1.0.0, owner: {team: t}}\n";
    user.folder.write("rules/pacto.yaml", policy);
    user.folder.write("rules/policy/schema.json", "{\"title\": \"owners\", \"properties\": {\"metadata\": {\"required\": [\"tier\"]}}, \"required\": [\"metadata\"]}");
    user.run(&["push", &format!("{host}/acme/rules"), "-p", "rules"]).ends_with(0);
    let graph = user.run(&["graph", &format!("{}:1.0.0", oci("a"))]).ends_with(0);
    assert_eq!(
        graph.stdout,
        format!(
            "a@1.0.0\n├─ b@1.0.0\n│  └─ c@1.0.0\n│     └─ a (error: cycle detected: oci://{host}/acme/a)\n└─ c@1.0.0 (shared)\n\nCycles (1):\n  a -> b -> c -> a\n"
        )
    );
    user.run(&["graph", "--strict", &oci("a")]).ends_with(1);

    let text = contract("web", "1.0.0", &[(&oci("b"), "^1.0.0")])
        + &format!("policy:\n  ref: {}\n", oci("rules"));
    user.folder.write("web/pacto.yaml", text);
    let graph = user.run(&["graph", "web", "--only-references"]).ends_with(0);
    assert_eq!(graph.stdout, "web@1.0.0\n└─ rules@1.0.0 [policy]\n");
    let graph = user.run(&["graph", "web", "--with-references", "--depth", "1"]).ends_with(0);
    assert_eq!(graph.stdout, "web@1.0.0\n├─ b@1.0.0\n└─ rules@1.0.0 [policy]\n");
    // The policy is enforced, and fails closed when it cannot be had.
    let run = user.run(&["validate", "web"]).ends_with(1);
    assert!(run.stdout.contains("[POLICY_VIOLATION] metadata"), "{run:?}");
    let run = user.run(&["validate", "web", "--no-cache", "--offline"]).ends_with(1);
    assert!(run.stdout.contains("[POLICY_REF_UNRESOLVED]"), "{run:?}");
    // Folders of the same name stand for registries where that is asked for.
    user.folder.write("b/pacto.yaml", contract("b", "1.1.0", &[]));
    let graph = user.run(&["graph", "web", "--local-siblings"]).ends_with(0);
    assert_eq!(graph.stdout, "web@1.0.0\n└─ b@1.1.0 [local]\n");
    assert!(graph.stderr.starts_with("note: "), "{graph:?}");
}

#[test]
fn credentials_are_found_stored_and_kept_to_their_host() {
    let registry = Registry::start(Guard::Password);
    let host = registry.host();
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    let target = format!("{host}/acme/pay");
    let refused = user.run(&["push", &target, "-p", "pay"]).ends_with(2);
    assert!(
        refused.stderr.contains(&format!("error: authentication failed for {target}:1.0.0")),
        "{refused:?}"
    );
    assert!(refused.stderr.contains(&format!("pacto login {host}")), "{refused:?}");

    let wrong =
        user.run_with(&["login", &host, "-u", "me", "--password-stdin"], "wrong\n").ends_with(1);
    assert!(wrong.stderr.contains("nothing was stored"), "{wrong:?}");
    assert!(!user.folder.path().join(".config/pacto/config.json").exists());
    let right = user
        .run_with(
            &["login", &format!("https://{host}/v2/"), "-u", "me", "--password-stdin"],
            "secret\n",
        )
        .ends_with(0);
    assert_eq!(right.stdout, format!("Login succeeded for {host}\n"));
    let pushed = user.run(&["push", &target, "-p", "pay", "-vv"]).ends_with(0);
    assert!(
        !pushed.stderr.contains("secret") && !pushed.stderr.contains("bWU6c2VjcmV0"),
        "{pushed:?}"
    );
    assert!(pushed.stderr.contains("config.json"), "{pushed:?}");
    let out = user.run(&["logout", &host]).ends_with(0);
    assert_eq!(out.stdout, format!("Logout succeeded for {host}\n"));
    assert_eq!(
        user.run(&["logout", &host]).ends_with(0).stdout,
        format!("No stored credentials for {host}\n")
    );
    user.run(&["pull", &target, "--no-cache"]).ends_with(2);

    // The environment's belong to the hosts on the command line, or to PACTO_REGISTRY.
    let with_env = |host: Option<&str>| {
        let mut command = user.command(&["pull", &target, "--no-cache", "--force"]);
        command.env("PACTO_REGISTRY_USERNAME", "me").env("PACTO_REGISTRY_PASSWORD", "secret");
        if let Some(host) = host {
            command.env("PACTO_REGISTRY", host);
        }
        pacto_tests::registry::run(&mut command)
    };
    with_env(None).ends_with(0);
    with_env(Some(&host)).ends_with(0);
    with_env(Some("ghcr.io")).ends_with(2);
    // From flags, and from Docker's file.
    user.run_with(
        &["pull", &target, "--no-cache", "--registry-user", "me", "--registry-password-stdin"],
        "secret",
    )
    .ends_with(0);
    user.folder.write(
        ".docker/config.json",
        format!("{{\"auths\": {{\"{host}\": {{\"auth\": \"bWU6c2VjcmV0\"}}}}}}"),
    );
    user.run(&["pull", &target, "--no-cache"]).ends_with(0);
    // From a credential helper.
    user.folder
        .write(".docker/config.json", format!("{{\"credHelpers\": {{\"{host}\": \"test\"}}}}"));
    let helper = "#!/bin/sh\nread host\necho '{\"Username\": \"me\", \"Secret\": \"secret\"}'\n";
    user.write_program("bin/docker-credential-test", helper);
    let mut command = user.command(&["pull", &target, "--no-cache"]);
    let path =
        format!("{}:{}", user.folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    pacto_tests::registry::run(command.env("PATH", path)).ends_with(0);

    // A dependency's host never sees what is meant for another one.
    let other = Registry::start(Guard::Open);
    let spy = Proxy::start(other.port, Duration::ZERO);
    user.publish(&other.host(), "lib", "1.0.0", &[]);
    let dependency = format!("oci://{}/acme/lib", spy.host());
    user.folder.write("web/pacto.yaml", contract("web", "1.0.0", &[(&dependency, "^1.0.0")]));
    let mut command = user.command(&["validate", "web", "--no-cache"]);
    command.env("PACTO_REGISTRY", &host).env("PACTO_REGISTRY_TOKEN", "t0ken");
    pacto_tests::registry::run(&mut command).ends_with(0);
    assert!(
        !spy.log().is_empty() && spy.log().iter().all(|line| !line.contains('[')),
        "{:?}",
        spy.log()
    );
}

#[test]
fn certificates_are_checked_and_can_be_named() {
    let registry = Registry::start(Guard::Tls(Certificate::Good));
    let target = format!("{}/acme/pay", registry.host());
    let user = User::new();
    user.folder.write("pay/pacto.yaml", contract("pay", "1.0.0", &[]));
    let run = user.run(&["push", &target, "-p", "pay"]).ends_with(2);
    assert!(
        run.stderr.contains(&format!("error: cannot trust {}", registry.host()))
            && run.stderr.contains("--ca-file"),
        "{run:?}"
    );
    let ca = registry.authority();
    let ca = ca.to_str().unwrap();
    user.run(&["push", &target, "-p", "pay", "--ca-file", ca]).ends_with(0);
    user.run(&["pull", &target, "--ca-file", ca]).ends_with(0);
    let run = user.run(&["pull", &target, "--ca-file", "pay/pacto.yaml"]).ends_with(2);
    assert!(run.stderr.contains("certificates in pay/pacto.yaml"), "{run:?}");
}

#[test]
fn a_certificate_of_another_name_or_day_is_not_told_to_use_another_authority() {
    for (which, hint) in [
        (Certificate::OtherName, "hint: its certificate is for other names"),
        (Certificate::Expired, "hint: its certificate is not valid today"),
        (Certificate::NotYetValid, "hint: its certificate is not valid today"),
    ] {
        let registry = Registry::start(Guard::Tls(which));
        let ca = registry.authority();
        let user = User::new();
        let target = format!("{}/acme/pay", registry.host());
        let run = user.run(&["pull", &target, "--ca-file", ca.to_str().unwrap()]).ends_with(2);
        assert!(
            run.stderr.starts_with(&format!("error: cannot trust {}: ", registry.host()))
                && run.stderr.contains(hint)
                && !run.stderr.contains("--ca-file"),
            "{run:?}"
        );
    }
}

#[test]
fn a_pull_never_merges_and_never_half_writes() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    user.publish(&registry.host(), "pay", "1.0.0", &[]);
    let target = format!("{}/acme/pay", registry.host());
    user.folder.write("pay/mine.txt", "mine");
    let run = user.run(&["pull", &target]).ends_with(2);
    assert!(run.stderr.contains("pay: it exists and holds something else"), "{run:?}");
    assert_eq!(user.files("pay"), ["mine.txt"]);
    user.run(&["pull", &target, "--force"]).ends_with(0);
    assert_eq!(user.files("pay"), ["pacto.yaml"]);
    user.run(&["pull", &target]).ends_with(0);
    user.folder.write("file", "");
    let run = user.run(&["pull", &target, "-o", "file"]).ends_with(2);
    assert!(run.stderr.contains("is not a folder"), "{run:?}");
    let leftovers: Vec<_> = std::fs::read_dir(user.folder.path())
        .unwrap()
        .flatten()
        .map(|e| e.file_name())
        .filter(|n| n.to_string_lossy().starts_with(".pacto-"))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

#[test]
fn an_editor_never_waits_for_a_registry() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::from_millis(1_500));
    let user = User::new();
    user.publish(&registry.host(), "auth", "1.0.0", &[]);
    let rules = "pactoVersion: \"1.0\"\nservice: {name: rules, version: 1.0.0, owner: {team: t}}\n";
    user.folder.write("rules/pacto.yaml", rules);
    user.folder
        .write("rules/policy/schema.json", "{\"title\": \"tiers\", \"required\": [\"metadata\"]}");
    user.run(&["push", &format!("{}/acme/rules", registry.host()), "-p", "rules"]).ends_with(0);
    let reference = format!("oci://{}/acme/auth", proxy.host());
    let text = contract("web", "1.0.0", &[(&reference, "^2.0.0")]);
    let text = format!("{text}policy:\n  ref: oci://{}/acme/rules:1.0.0\n", proxy.host());
    let file = user.folder.write("web/pacto.yaml", &text);
    let uri = format!("file://{}", file.display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    client.request("initialize", json!({"capabilities": rich_capabilities()}));
    client.notify("initialized", json!({}));
    client.open(&uri, &text);
    // While requests of 1.5 s are under way, questions are answered: none waits for even one.
    let begin = Instant::now();
    for line in 0..10 {
        client.request("textDocument/hover", Client::at(&uri, line, 4));
        client.request("textDocument/completion", Client::at(&uri, line, 0));
    }
    assert!(begin.elapsed() < Duration::from_millis(1_400), "{:?}", begin.elapsed());
    let code = |item: &Value| item["code"].as_str().unwrap_or("").to_owned();
    let items = client.wait_for(&uri, |items| {
        let codes: Vec<String> = items.iter().map(code).collect();
        codes.contains(&"DEPENDENCY_NO_MATCH".into()) && codes.contains(&"POLICY_VIOLATION".into())
    });
    let found = items.iter().find(|item| item["code"] == "DEPENDENCY_NO_MATCH").unwrap();
    assert!(found["message"].as_str().unwrap().contains("the highest published: 1.0.0"), "{found}");
    assert_eq!(found["source"], "pacto-deps");
    // An edit that makes it right asks for what is new, and for nothing else.
    client.change(&uri, 2, &text.replace("^2.0.0", "^1.0.0"));
    client.wait_for(&uri, |items| items.iter().all(|item| item["code"] != "DEPENDENCY_NO_MATCH"));
    let hover = client.request("textDocument/hover", Client::at(&uri, 7, 20));
    assert!(
        hover["result"]["contents"]["value"].as_str().unwrap_or("").contains("acme/auth"),
        "{hover}"
    );
    let lists = proxy.log().iter().filter(|line| line.contains("tags/list")).count();
    assert_eq!(lists, 1, "{:?}", proxy.log());
    client.finish();
}

#[test]
fn an_editor_asks_again_after_a_registry_was_down() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    user.publish(&registry.host(), "auth", "1.0.0", &[]);
    proxy.fault("", Fault::Answer(403, vec![], vec![]), 1000);
    let reference = format!("oci://{}/acme/auth", proxy.host());
    let text = contract("web", "1.0.0", &[(&reference, "^1.0.0")]);
    let file = user.folder.write("web/pacto.yaml", &text);
    let uri = format!("file://{}", file.display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    client.request("initialize", json!({"capabilities": rich_capabilities()}));
    client.notify("initialized", json!({}));
    client.open(&uri, &text);
    client
        .wait_for(&uri, |items| items.iter().any(|item| item["code"] == "DEPENDENCY_UNREACHABLE"));
    proxy.clear();
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": uri}}));
    client
        .wait_for(&uri, |items| items.iter().all(|item| item["code"] != "DEPENDENCY_UNREACHABLE"));
    client.finish();
}

#[test]
fn published_versions_are_compared_with_what_they_depend_on() {
    let registry = Registry::start(Guard::Open);
    let host = registry.host();
    let user = User::new();
    user.publish(&host, "store", "1.0.0", &[]);
    user.publish(&host, "cache", "1.0.0", &[]);
    let reference = |name: &str, tag: &str| format!("oci://{host}/acme/{name}:{tag}");
    // The transitive service breaks between its versions; the root's own contract hardly changes.
    let with_port = |version: &str, port: u16| {
        let text = contract("store", version, &[]);
        format!(
            "{text}interfaces:\n  - name: api\n    type: event\n    port: {port}\n    contract: e.json\n"
        )
    };
    for (version, port) in [("2.0.0", 80), ("2.1.0", 81)] {
        let folder = format!("store-{version}");
        user.folder.write(&format!("{folder}/pacto.yaml"), with_port(version, port));
        user.folder.write(&format!("{folder}/e.json"), "{\"type\": \"object\"}");
        user.run(&["push", &format!("{host}/acme/store"), "-p", &folder]).ends_with(0);
    }
    let (a, b) = (reference("store", "2.0.0"), reference("store", "2.1.0"));
    let cache = reference("cache", "1.0.0");
    user.publish(&host, "auth", "1.0.0", &[(&a, "*")]);
    user.publish(&host, "auth", "1.1.0", &[(&b, "*")]);
    let (auth_old, auth_new) = (reference("auth", "1.0.0"), reference("auth", "1.1.0"));
    user.publish(&host, "pay", "1.0.0", &[(&auth_old, "*"), (&cache, "*")]);
    user.publish(&host, "pay", "1.1.0", &[(&auth_new, "*")]);
    let (old, new) = (reference("pay", "1.0.0"), reference("pay", "1.1.0"));
    let run = user.run(&["diff", &old, &new]).ends_with(1);
    assert!(
        run.stdout.contains("[BREAKING] dependencies (removed): dependencies removed [- cache]"),
        "{run:?}"
    );
    assert!(run.stdout.contains("\nDependency store [BREAKING] (2):\n"), "{run:?}");
    let tree = "Dependency graph changes:\npay\n├─ auth          1.0.0 → 1.1.0\n│  └─ store         2.0.0 → 2.1.0\n└─ cache         -1.0.0\n";
    assert!(run.stdout.contains(tree), "{}", run.stdout);
    let json = user.run(&["diff", &old, &new, "--output-format", "json"]).ends_with(1).json();
    let store = &json["dependencyDiffs"][1];
    assert_eq!(
        (&store["name"], &store["via"]),
        (&json!("store"), &json!([["pay", "auth", "store"]]))
    );
    // A tag that is not there is no removal.
    let lost = contract("pay", "1.2.0", &[(&reference("auth", "9.9.9"), "*"), (&cache, "*")]);
    user.folder.write("lost/pacto.yaml", lost);
    let run = user.run(&["diff", &old, "lost"]).ends_with(0);
    assert!(run.stdout.contains("auth  (unresolved)"), "{run:?}");
    assert!(run.stderr.contains("warning DEPENDENCY_UNRESOLVED"), "{run:?}");
    user.run(&["diff", &old, "lost", "--require-resolved"]).ends_with(2);
}

#[test]
fn an_editor_compares_with_the_published_version() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    for (version, port) in [("1.0.0", 8080), ("1.1.0", 8081), ("2.0.0", 1)] {
        let text = contract("pay", version, &[]);
        let text = format!(
            "{text}interfaces:\n  - name: api\n    type: event\n    port: {port}\n    contract: e.json\n"
        );
        user.folder.write("src/pacto.yaml", text);
        user.folder.write("src/e.json", "{\"type\": \"object\"}");
        user.run(&["push", &format!("{}/acme/pay-pacto", registry.host()), "-p", "src"])
            .ends_with(0);
    }
    let text = contract("pay", "1.2.0", &[]);
    let text = format!(
        "{text}interfaces:\n  - name: api\n    type: event\n    port: 9090\n    contract: e.json\n"
    );
    let file = user.folder.write("pay/pacto.yaml", &text);
    user.folder.write("pay/e.json", "{\"type\": \"object\"}");
    let uri = format!("file://{}", file.display());
    let mut client = Client::spawn_command(user.command(&["lsp"]));
    let template = format!("oci://{}/acme/{{service}}-pacto", registry.host());
    client.request(
        "initialize",
        json!({
            "capabilities": rich_capabilities(),
            "initializationOptions": {"registry": {"repositories": template}},
        }),
    );
    client.notify("initialized", json!({}));
    client.open(&uri, &text);
    // The highest version that is not above the contract's own.
    let is_it = |item: &Value| {
        item["code"] == "BREAKING_CHANGE" && item["message"].as_str().unwrap_or("").contains("8081")
    };
    client.wait_for(&uri, |items| items.iter().any(is_it));
    let lens = client.request("textDocument/codeLens", json!({"textDocument": {"uri": uri}}));
    assert_eq!(lens["result"][0]["command"]["title"], "1 BREAKING vs 1.1.0 (registry)", "{lens}");
    client.finish();
}
