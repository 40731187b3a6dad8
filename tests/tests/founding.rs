//! The examples of the product's founding documents, typed: commands, outputs and exit codes. The
//! registry is one of this machine, and digests are real ones.

use pacto_tests::registry::{Guard, Registry, User, contract};
use pacto_tests::releases::{feed, good_sum};
use serde_json::{Value, json};

const AUTH: &str = "auth-pacto";

fn spec(port: u16) -> String {
    format!(
        "{{\"openapi\": \"3.1.0\", \"info\": {{\"title\": \"pay\", \"version\": \"1\"}}, \"paths\": {{\"/p{port}\": {{\"get\": {{\"responses\": {{\"200\": {{\"description\": \"ok\"}}}}}}}}}}}}"
    )
}

/// The contract of the documents: a stateful service with two interfaces and a dependency.
fn payments(version: &str, state: &str, dependency: &str) -> String {
    let persistence = match state {
        "stateless" => "{scope: local, durability: ephemeral}",
        _ => "{scope: local, durability: persistent}",
    };
    format!(
        r#"pactoVersion: "1.0"
service:
  name: payments-api
  version: {version}
  owner: team/payments
interfaces:
  - {{name: rest-api, type: http, port: 8080, visibility: public, contract: interfaces/openapi.json}}
  - {{name: grpc-api, type: grpc, port: 9090, visibility: internal, contract: interfaces/pay.proto}}
runtime:
  workload: service
  state:
    type: {state}
    persistence: {persistence}
    dataCriticality: high
  health: {{interface: rest-api, path: /p8080}}
dependencies:
  - ref: {dependency}
    required: true
    compatibility: ^2.0.0
scaling: {{min: 2, max: 10}}
"#
    )
}

struct World {
    registry: Registry,
    user: User,
    /// `oci://HOST/acme/auth-pacto@sha256:…`.
    auth: String,
}

impl World {
    fn new() -> World {
        let registry = Registry::start(Guard::Open);
        let user = User::new();
        user.folder.write("auth/pacto.yaml", contract("auth-service", "2.3.0", &[]));
        let target = format!("{}/acme/{AUTH}", registry.host());
        let run =
            user.run(&["push", &target, "-p", "auth", "--output-format", "json"]).ends_with(0);
        let digest = run.json()["digest"].as_str().unwrap().to_owned();
        let auth = format!("oci://{}/acme/{AUTH}@{digest}", registry.host());
        let world = World { registry, user, auth };
        world.write("payments-api", &payments("2.1.0", "stateful", &world.auth));
        world
    }

    fn write(&self, folder: &str, text: &str) {
        self.user.folder.write(&format!("{folder}/pacto.yaml"), text);
        self.user.folder.write(&format!("{folder}/interfaces/openapi.json"), spec(8080));
        let proto = "syntax = \"proto3\";\npackage pay;\nservice Pay {}\n";
        self.user.folder.write(&format!("{folder}/interfaces/pay.proto"), proto);
    }

    fn target(&self) -> String {
        format!("{}/acme/payments-api-pacto", self.registry.host())
    }

    fn ok(&self, args: &[&str]) -> String {
        self.user.run(args).ends_with(0).stdout
    }
}

#[test]
fn a_contract_is_started_checked_explained_and_packed() {
    let world = World::new();
    let created = world.ok(&["init", "my-service"]);
    assert_eq!(
        created,
        "Created my-service/\n  my-service/pacto.yaml\n  my-service/interfaces/\n  my-service/configuration/\n"
    );
    assert_eq!(world.ok(&["validate", "my-service"]), "my-service is valid\n");
    let valid = world.ok(&["validate", "payments-api/pacto.yaml"]);
    assert!(valid.starts_with("payments-api/pacto.yaml is valid\n"), "{valid}");
    world.user.folder.write("broken/pacto.yaml", "pactoVersion: \"1.0\"\n");
    let run = world.user.run(&["validate", "broken"]).ends_with(1);
    assert!(
        run.stdout.starts_with("broken is invalid\n  ERROR [SCHEMA_VIOLATION] service: "),
        "{run:?}"
    );
    assert_eq!(run.stderr, "validation failed with 1 error(s)\n");

    assert_eq!(
        world.ok(&["explain", "payments-api"]),
        format!(
            "Service: payments-api@2.1.0\nOwner: team/payments\nPacto Version: 1.0\n\n\
             Runtime:\n  Workload: service\n  State: stateful\n  Persistence: local/persistent\n  \
             Data Criticality: high\n  Health: rest-api /p8080\n\n\
             Interfaces (2):\n  - rest-api (http, port 8080, public)\n  - grpc-api (grpc, port 9090, internal)\n\n\
             Dependencies (1):\n  - {} (^2.0.0, required)\n\n\
             Scaling: 2-10\n",
            world.auth
        )
    );
    let packed = world.ok(&["pack", "payments-api"]);
    assert_eq!(packed, "Packed payments-api@2.1.0 -> payments-api-2.1.0.tar.gz\n");
}

#[test]
fn a_bundle_goes_to_a_registry_and_comes_back() {
    let world = World::new();
    let target = world.target();
    let oci = format!("oci://{target}");
    let pushed = world.ok(&["push", &oci, "-p", "payments-api"]);
    let digest = pushed.lines().last().unwrap().strip_prefix("Digest: ").unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{pushed}");
    assert_eq!(pushed, format!("Pushed payments-api@2.1.0 -> {target}:2.1.0\nDigest: {digest}\n"));
    let run = world.user.run(&["push", &oci, "-p", "payments-api"]).ends_with(0);
    assert_eq!(run.stdout, "");
    assert_eq!(
        run.stderr,
        format!("Warning: artifact already exists: {target}:2.1.0 (use --force to overwrite)\n")
    );
    world.ok(&["push", &oci, "-p", "payments-api", "--force"]);
    let pulled = world.ok(&["pull", &format!("{oci}:2.1.0"), "-o", "back"]);
    assert_eq!(pulled, "Pulled payments-api@2.1.0 -> back/\n");
    assert_eq!(
        world.user.files("back"),
        ["interfaces/openapi.json", "interfaces/pay.proto", "pacto.yaml"]
    );
    for reference in [oci.clone(), format!("{oci}:2.1.0"), format!("{oci}@{digest}")] {
        let text = world.ok(&["explain", &reference]);
        assert!(text.starts_with("Service: payments-api@2.1.0\n"), "{text}");
    }
    let graph = world.ok(&["graph", &oci]);
    assert_eq!(graph, "payments-api@2.1.0\n└─ auth-service@2.3.0\n");
    let json: Value =
        serde_json::from_str(&world.ok(&["graph", &oci, "--output-format", "json"])).unwrap();
    assert_eq!(json["root"]["dependencies"][0]["node"]["name"], "auth-service");
}

#[test]
fn what_breaks_is_found_before_it_is_published() {
    let world = World::new();
    let oci = format!("oci://{}", world.target());
    world.write("payments-api", &payments("2.0.0", "stateless", &world.auth));
    world.ok(&["push", &oci, "-p", "payments-api"]);
    let next = payments("2.1.0", "stateful", &world.auth);
    let without_grpc: Vec<&str> = next.lines().filter(|line| !line.contains("grpc-api")).collect();
    world.write("payments-api", &(without_grpc.join("\n") + "\n"));
    let run = world.user.run(&["diff", &format!("{oci}:2.0.0"), "payments-api"]).ends_with(1);
    for line in [
        "Classification: BREAKING\n",
        "  [BREAKING] runtime.state.type (modified): runtime.state.type modified [stateless -> stateful]\n",
        "  [BREAKING] interfaces (removed): interfaces removed [- grpc-api]\n",
        "  [NON_BREAKING] service.version (modified): service.version modified [2.0.0 -> 2.1.0]\n",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    assert_eq!(run.stderr.lines().last(), Some("breaking changes detected"));
    // Nobody has set `latest`: the highest version is meant, and that is said.
    let run = world.user.run(&["diff", &format!("{oci}:latest"), "payments-api"]).ends_with(1);
    assert!(run.stderr.contains(":latest is not there; 2.0.0 is the highest version"), "{run:?}");
    let run = world.user.run(&["explain", &format!("{oci}:newest")]).ends_with(2);
    assert!(run.stderr.contains("published are 2.0.0"), "{run:?}");
    let same = world.ok(&["diff", "payments-api", "payments-api"]);
    assert_eq!(same, "Classification: NON_BREAKING\nNo changes detected.\n");
    let table = world.user.run(&["diff", &oci, "payments-api", "--output-format", "markdown"]);
    assert!(table.stdout.contains("| Classification | Path | Change | Old | New |"), "{table:?}");
}

#[test]
fn a_platform_publishes_its_policy_and_services_are_held_to_it() {
    let world = World::new();
    let policy =
        contract("platform-policy", "1.0.0", &[]) + "policy:\n  schema: policy/schema.json\n";
    world.user.folder.write("platform-policy/pacto.yaml", policy);
    let schema = "{\"title\": \"Runs\", \"type\": \"object\", \"required\": [\"runtime\"]}";
    world.user.folder.write("platform-policy/policy/schema.json", schema);
    let oci = format!("oci://{}/acme/platform-policy", world.registry.host());
    assert!(
        world
            .ok(&["push", &oci, "-p", "platform-policy"])
            .starts_with("Pushed platform-policy@1.0.0")
    );
    let bound = format!("policy:\n  ref: {oci}:1.0.0\n");
    world.user.folder.write("web/pacto.yaml", contract("web", "1.0.0", &[]) + &bound);
    let run = world.user.run(&["validate", "web"]).ends_with(1);
    assert!(run.stdout.contains("ERROR [POLICY_VIOLATION] runtime: "), "{run:?}");
    let policies = |folder: &str| {
        let run = world.user.run(&["validate", folder, "--output-format", "json"]);
        run.json()["policies"].clone()
    };
    let reference = format!("{oci}:1.0.0");
    let kept = |ok| json!([{"name": "Runs", "ref": reference, "ok": ok}]);
    assert_eq!(policies("web"), kept(false));
    // Its own schema is an offer to others.
    assert_eq!(policies("platform-policy"), json!([]));
    let text = payments("2.1.0", "stateful", &world.auth) + &bound;
    world.write("payments-api", &text);
    assert!(world.ok(&["validate", "payments-api"]).starts_with("payments-api is valid\n"));
    assert_eq!(policies("payments-api"), kept(true));
}

#[test]
fn values_are_laid_over_a_contract() {
    let world = World::new();
    world.user.folder.write("production.yaml", "scaling: {min: 4}\n");
    let over = [
        "-f",
        "production.yaml",
        "--set",
        "service.version=2.2.0",
        "--set",
        "interfaces[0].port=8081",
    ];
    let text = world.ok(&[&["explain", "payments-api"], &over[..]].concat());
    for line in ["payments-api@2.2.0\n", "Scaling: 4-10\n", "rest-api (http, port 8081, public)\n"]
    {
        assert!(text.contains(line), "{text}");
    }
    let over = ["--new-set", "interfaces[0].port=8081"];
    let run = world.user.run(&[&["diff", "payments-api", "payments-api"], &over[..]].concat());
    assert!(run.ends_with(1).stdout.contains("[BREAKING] interfaces.port (modified)"));
    // What `init` makes can be set, too.
    world.ok(&["init", "fresh"]);
    world.ok(&["validate", "fresh", "--set", "configuration.values.LOG_LEVEL=debug"]);
}

#[test]
fn a_page_is_written_and_manifests_are_made() {
    let world = World::new();
    let run = world.user.run(&["doc", "payments-api", "-o", "docs"]).ends_with(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "Wrote docs/payments-api.md\n"));
    let page = world.ok(&["doc", "payments-api"]);
    for part in
        ["# payments-api\n", "**payments-api** `v2.1.0`", "graph TB", "Interfaces", "auth-service"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let made = world.ok(&["generate", "helm", "payments-api", "--option", "image=pay:2.1.0"]);
    assert!(
        made.contains("file(s) using helm\n") && made.contains("Output: helm-output/\n"),
        "{made}"
    );
    assert!(world.ok(&["version"]).starts_with("pacto version "));
    world.ok(&["schema"]);
    assert!(world.ok(&["explain-rule", "INVALID_SEMVER"]).contains("INVALID_SEMVER"));
}

#[test]
fn credentials_come_and_go() {
    let registry = Registry::start(Guard::Password);
    let host = registry.host();
    let user = User::new();
    let login = ["login", &host, "-u", "me", "--password-stdin"];
    assert_eq!(
        user.run_with(&login, "secret\n").ends_with(0).stdout,
        format!("Login succeeded for {host}\n")
    );
    user.run_with(&login, "wrong\n").ends_with(1);
    assert_eq!(
        user.run(&["logout", &host]).ends_with(0).stdout,
        format!("Logout succeeded for {host}\n")
    );
    let again = user.run(&["logout", &host]).ends_with(0);
    assert_eq!(again.stdout, format!("No stored credentials for {host}\n"));
}

/// The commands of the transcript, as they are typed at the documents' names for things.
struct Transcript {
    world: World,
    guarded: Registry,
    feed: String,
}

impl Transcript {
    /// What stands in the documents, and what it is here.
    fn names(&self) -> [(&'static str, String); 4] {
        let digest = self.world.auth.rsplit_once(':').expect("a digest").1;
        [
            ("ghcr.io", self.world.registry.host()),
            ("registry.example.com", self.guarded.host()),
            ("sha256:abc123", format!("sha256:{digest}")),
            ("https://releases.example.com", self.feed.clone()),
        ]
    }

    /// What a command prints on both streams, and its exit code if that is not 0.
    fn typed(&self, command: &str) -> String {
        let typed =
            self.names().iter().fold(command.to_owned(), |c, (shown, real)| c.replace(shown, real));
        let user = &self.world.user;
        let mut shell = std::process::Command::new("bash");
        shell.args(["-c", &format!("{{ {typed}; }} 2>&1")]).current_dir(user.folder.path());
        for (name, value) in user.command(&[]).get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let folder = pacto_tests::pacto().parent().expect("a folder").display().to_string();
        shell.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()));
        let run = pacto_tests::registry::run(&mut shell);
        let shown =
            self.names().iter().fold(run.stdout, |out, (shown, real)| out.replace(real, shown));
        let exit = if run.code == 0 { String::new() } else { format!("[exit {}]\n", run.code) };
        format!("{}{exit}", unlike_others(&shown))
    }
}

/// Digests that hang on the registry's port, ports that were free, and this version, as one text each.
fn unlike_others(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("sha256:") {
        let hex = after.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(after.len());
        let shown = if hex == 64 { "…" } else { &after[..hex] };
        out.push_str(&format!("{before}sha256:{shown}"));
        rest = &after[hex..];
    }
    out.push_str(rest);
    let port = |line: &str| match line.strip_prefix("Serving documentation at http://127.0.0.1:") {
        Some(_) => "Serving documentation at http://127.0.0.1:8484\n".to_owned(),
        None => line.replace(concat!(env!("CARGO_PKG_VERSION"), "-dev"), "1.2.0-dev"),
    };
    out.split_inclusive('\n').map(port).collect()
}

/// The bundles that the examples of the documents name.
fn publish_all(world: &World) {
    let host = world.registry.host();
    let at = |name: &str| format!("oci://{host}/acme/{name}");
    let push = |name: &str, version: &str, dependencies: &[(&str, &str)], repository: &str| {
        let folder = format!("published/{name}-{version}");
        world
            .user
            .folder
            .write(&format!("{folder}/pacto.yaml"), contract(name, version, dependencies));
        world.ok(&["push", &format!("{host}/acme/{repository}"), "-p", &folder]);
    };
    push("user-store", "1.0.0", &[], "user-store");
    let store = [(at("user-store"), "^1.0.0")];
    let store: Vec<(&str, &str)> = store.iter().map(|(r, c)| (r.as_str(), *c)).collect();
    push("auth-service", "1.5.0", &[], AUTH);
    push("auth-service", "2.3.0", &store, "auth-with-store");
    push("billing", "3.0.0", &store, "billing");
    push("audit", "1.0.0", &[], "audit");
    push("postgres", "16.0.0", &[], "postgres");
    push("platform-config", "1.0.0", &[], "platform-config");
}

/// What the examples are about, beside what `init` makes.
fn write_all(world: &World) {
    let host = world.registry.host();
    let at = |name: &str| format!("oci://{host}/acme/{name}");
    let folder = &world.user.folder;
    folder.write("broken/pacto.yaml", "pactoVersion: \"1.0\"\n");
    folder.write("ugly/pacto.yaml", "pactoVersion:   \"1.0\" # one\nservice:\n    name: a\n");
    folder.write("pulled/empty", "");
    std::fs::remove_dir_all(folder.path().join("payments-api")).expect("it is not made yet");
    // The block of `explain`.
    let text = payments("2.1.0", "stateful", &world.auth);
    let plain: Vec<&str> = text.lines().filter(|line| !line.contains("health:")).collect();
    world.write("v2/payments-api", &(plain.join("\n") + "\n"));
    // The tree of `graph`.
    let dependencies = [
        (at("auth-with-store"), "^2.0.0"),
        ("../shared-db".to_owned(), "^1.0.0"),
        (at("billing"), "^3.0.0"),
        (at("audit") + ":1.0.0", "^2.0.0"),
        (at("mailer-pacto") + ":2.0.0", "^2.0.0"),
    ];
    let dependencies: Vec<(&str, &str)> =
        dependencies.iter().map(|(r, c)| (r.as_str(), *c)).collect();
    let config = format!("configuration: {{ref: \"{}\"}}\n", at("platform-config") + ":1.0.0");
    folder.write(
        "whole/payments-api/pacto.yaml",
        contract("payments-api", "2.1.0", &dependencies) + &config,
    );
    folder.write("whole/shared-db/pacto.yaml", contract("shared-db", "1.4.0", &[]));
    // The two sides of `diff`.
    let interface = |name: &str| format!("  - {{name: {name}, type: event, contract: e.json}}\n");
    let runtime = |state: &str| {
        format!(
            "runtime:\n  workload: service\n  state: {{type: {state}, persistence: {{scope: local, durability: ephemeral}}, dataCriticality: low}}\n"
        )
    };
    let sbom = |openssl: &str, more: &str| {
        format!(
            "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"components\": [{{\"type\": \"library\", \"name\": \"openssl\", \"version\": \"{openssl}\"}}{more}]}}"
        )
    };
    let left_pad = ", {\"type\": \"library\", \"name\": \"left-pad\", \"version\": \"1.3.0\"}";
    let (auth, postgres) = (at(AUTH), at("postgres"));
    let sides = [
        ("before", "1.5.0", vec![(postgres.as_str(), "^16.0.0")], "stateless", "3.0.1", ""),
        ("after", "2.3.0", vec![], "stateful", "3.0.2", left_pad),
    ];
    for (side, version, more, state, openssl, packages) in sides {
        let auth = format!("{auth}:{version}");
        let mut dependencies = vec![(auth.as_str(), "*")];
        dependencies.extend(more);
        let mut text = contract("payments-api", "1.0.0", &dependencies)
            + "interfaces:\n"
            + &interface("events");
        if side == "before" {
            text += &interface("metrics");
        }
        folder.write(&format!("{side}/payments-api/pacto.yaml"), text + &runtime(state));
        folder.write(&format!("{side}/payments-api/e.json"), "{\"type\": \"object\"}");
        folder.write(&format!("{side}/payments-api/sbom/a.cdx.json"), sbom(openssl, packages));
    }
    write_svc(
        world,
        "1.0.0",
        8081,
        "\"/predict\": {\"get\": {\"responses\": {\"200\": {\"description\": \"ok\"}}}}",
        "\"model_path\": {\"type\": \"string\"}",
    );
    world.ok(&["push", &format!("{host}/acme/svc-pacto"), "-p", "svc"]);
    write_svc(world, "2.0.0", 9090, "", "");
    let program = folder.path().join("released/pacto");
    std::fs::create_dir_all(program.parent().expect("a parent")).expect("a folder");
    let copied = std::process::Command::new("cp").arg(pacto_tests::pacto()).arg(&program).status();
    assert!(copied.is_ok_and(|status| status.success()));
}

/// The service of the samples of comparisons.
fn write_svc(world: &World, version: &str, port: u16, paths: &str, properties: &str) {
    let folder = &world.user.folder;
    let interface = format!(
        "interfaces:\n  - {{name: rest-api, type: http, port: {port}, contract: interfaces/openapi.json}}\nconfiguration: {{schema: configuration/schema.json}}\n"
    );
    folder.write("svc/pacto.yaml", contract("svc", version, &[]) + &interface);
    let spec = format!(
        "{{\"openapi\": \"3.1.0\", \"info\": {{\"title\": \"svc\", \"version\": \"1\"}}, \"paths\": {{{paths}}}}}"
    );
    folder.write("svc/interfaces/openapi.json", spec);
    let schema = format!(
        "{{\"type\": \"object\", \"properties\": {{{properties}}}, \"additionalProperties\": false}}"
    );
    folder.write("svc/configuration/schema.json", schema);
}

/// What the documents show of the commands: these lines, in this order, one block for each command.
const SHOWN: &[(&str, &str)] = &[
    (
        "pacto init payments-api",
        "Created payments-api/\n  payments-api/pacto.yaml\n  payments-api/interfaces/\n  payments-api/configuration/",
    ),
    ("pacto validate payments-api", "payments-api is valid"),
    ("pacto validate broken", "broken is invalid\nvalidation failed with 1 error(s)\n[exit 1]"),
    (
        "pacto pack payments-api --set service.version=1.0.0",
        "Packed payments-api@1.0.0 -> payments-api-1.0.0.tar.gz",
    ),
    (
        "pacto push oci://ghcr.io/acme/payments-api-pacto -p v2/payments-api --tag latest",
        "Pushed payments-api@2.1.0 -> ghcr.io/acme/payments-api-pacto:2.1.0\nDigest: sha256:…",
    ),
    (
        "pacto push ghcr.io/acme/payments-api-pacto:1.0.0 -p v2/payments-api",
        "Warning: artifact already exists: ghcr.io/acme/payments-api-pacto:1.0.0 (use --force to overwrite)",
    ),
    (
        "cd pulled && pacto pull ghcr.io/acme/payments-api-pacto:2.1.0 -o payments-api",
        "Pulled payments-api@2.1.0 -> payments-api/",
    ),
    (
        "pacto explain oci://ghcr.io/acme/payments-api-pacto:2.1.0",
        "Service: payments-api@2.1.0\nOwner: team/payments\nPacto Version: 1.0\n\nRuntime:\n  Workload: service\n  State: stateful\n  Persistence: local/persistent\n  Data Criticality: high\n\nInterfaces (2):\n  - rest-api (http, port 8080, public)\n  - grpc-api (grpc, port 9090, internal)\n\nDependencies (1):\n  - oci://ghcr.io/acme/auth-pacto@sha256:abc123 (^2.0.0, required)\n\nScaling: 2-10",
    ),
    (
        "pacto graph whole/payments-api --with-references",
        "payments-api@2.1.0\n├─ auth-service@2.3.0\n│  └─ user-store@1.0.0\n├─ shared-db@1.4.0 [local]\n├─ billing@3.0.0\n│  └─ user-store@1.0.0 (shared)\n├─ audit@1.0.0 (incompatible: wants ^2.0.0)\n├─ mailer-pacto:2.0.0 (error: artifact not found: ghcr.io/acme/mailer-pacto:2.0.0)\n└─ platform-config@1.0.0 [config]",
    ),
    (
        "pacto diff before/payments-api after/payments-api",
        "Classification: BREAKING\n  [BREAKING] runtime.state.type (modified): runtime.state.type modified [stateless -> stateful]\n  [BREAKING] interfaces (removed): interfaces removed [- metrics]\n\nDependency auth-service [NON_BREAKING] (1):\n  [NON_BREAKING] service.version (modified): service.version modified [1.5.0 -> 2.3.0]\n\nDependency graph changes:\npayments-api\n├─ auth-service  1.5.0 → 2.3.0\n└─ postgres      -16.0.0\n\nSBOM changes (2):\n  + left-pad@1.3.0\n  ~ openssl version: 3.0.1 -> 3.0.2",
    ),
    (
        "pacto diff oci://ghcr.io/acme/svc-pacto:1.0.0 svc",
        "Classification: BREAKING\nChanges (4):\n  [BREAKING] interfaces.port (modified): interfaces.port modified (rest-api) [8081 -> 9090]\n  [BREAKING] openapi.paths[/predict] (removed): API path /predict removed [- /predict]\n  [BREAKING] configuration.properties[model_path] (removed): configuration property model_path removed [- model_path]\n  [NON_BREAKING] service.version (modified): service.version modified [1.0.0 -> 2.0.0]\nbreaking changes detected\n[exit 1]",
    ),
    (
        "pacto diff oci://ghcr.io/acme/svc-pacto:1.0.0 svc --output-format markdown",
        "## Contract Diff\n\n**Classification:** `BREAKING`\n\n### Changes (4)\n\n| Classification | Path | Change | Old | New | Reason |\n|---|---|---|---|---|---|\n| NON_BREAKING | `service.version` | modified | `1.0.0` | `2.0.0` | service.version modified |\n| BREAKING | `interfaces.port` | modified | `8081` | `9090` | interfaces.port modified (rest-api) |\n| BREAKING | `openapi.paths[/predict]` | removed | `/predict` | — | API path /predict removed |\n| BREAKING | `configuration.properties[model_path]` | removed | `model_path` | — | configuration property model_path removed |",
    ),
    ("pacto diff svc svc", "Classification: NON_BREAKING\nNo changes detected."),
    ("pacto doc v2/payments-api -o docs", "Wrote docs/payments-api.md"),
    (
        "timeout --preserve-status -s INT 2 pacto doc v2/payments-api --serve --port 0",
        "Serving documentation at http://127.0.0.1:8484\nPress Ctrl+C to stop",
    ),
    (
        "echo secret | pacto login registry.example.com -u me --password-stdin",
        "Login succeeded for registry.example.com",
    ),
    ("pacto logout registry.example.com", "Logout succeeded for registry.example.com"),
    (
        "PACTO_RELEASES_URL=https://releases.example.com PACTO_ASSUME_RELEASE=1.0.0 released/pacto update",
        "Checking for updates...\nUpdated pacto v1.0.0 -> v1.2.0",
    ),
    ("released/pacto version", "pacto version v1.2.0"),
    ("pacto cache list | head -n 1 | cut -c 1-3", "REF"),
    (
        "pacto explain ghcr.io/acme/payments-api-pacto",
        "hint: did you mean oci://ghcr.io/acme/payments-api-pacto?\n[exit 2]",
    ),
    ("pacto explain oci://acme/auth", "hint: did you mean oci://docker.io/acme/auth?\n[exit 2]"),
];

/// The keys of each command's JSON, in the order of the documents.
const KEYS: &[(&[&str], &str)] = &[
    (&["init", "json"], "schemaVersion dir path files Dir Path"),
    (
        &["validate", "payments-api"],
        "schemaVersion path valid name version errors warnings infos policies Path Valid Errors Warnings",
    ),
    (
        &["pack", "payments-api"],
        "schemaVersion output name version files size layerDigest contentDigest ignored Output Name Version",
    ),
    (
        &["push", "oci://ghcr.io/acme/payments-api-pacto", "-p", "v2/payments-api"],
        "schemaVersion ref digest name version status tags size contentDigest existingDigest Ref Digest Name Version",
    ),
    (
        &["pull", "ghcr.io/acme/payments-api-pacto:2.1.0", "-o", "back"],
        "schemaVersion ref digest output name version files fromCache Ref Output Name Version",
    ),
    (
        &["diff", "before/payments-api", "after/payments-api"],
        "schemaVersion oldPath newPath classification summary changes dependencyDiffs graphDiff sbomDiff versionAdvice diagnostics",
    ),
    (&["graph", "v2/payments-api"], "schemaVersion root cycles conflicts"),
    (
        &["explain", "v2/payments-api"],
        "schemaVersion name version owner pactoVersion runtime interfaces dependencies scaling configurations policies",
    ),
    (&["doc", "v2/payments-api"], "schemaVersion serviceName markdown"),
    (
        &["generate", "helm", "v2/payments-api", "--option", "image=a:1"],
        "schemaVersion plugin outputDir filesCount files",
    ),
    (&["logout", "registry.example.com"], "schemaVersion registry removed"),
    (&["version"], "schemaVersion version commit date target"),
    (&["fmt", "v2/payments-api", "--check"], "schemaVersion files"),
    (&["cache", "list"], "schemaVersion dir total entries"),
];

/// The transcript as it is, and each command of it with what it printed.
fn transcript(typed: &Transcript) -> (String, Vec<(String, String)>) {
    let file = pacto_tests::repository().join("tests/fixtures/founding.console");
    let text = std::fs::read_to_string(file).expect("a transcript");
    let commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
    let all: Vec<(String, String)> =
        commands.map(|command| (command.to_owned(), typed.typed(command))).collect();
    let whole = all.iter().map(|(command, out)| format!("$ {command}\n{out}")).collect();
    (whole, all)
}

#[test]
fn every_example_of_the_documents_gives_what_it_shows() {
    let world = World::new();
    publish_all(&world);
    write_all(&world);
    let typed =
        Transcript { world, guarded: Registry::start(Guard::Password), feed: feed(&good_sum()) };
    let (whole, all) = transcript(&typed);
    expect_test::expect_file!["../fixtures/founding.console"].assert_eq(&whole);
    for (command, shown) in SHOWN {
        let printed: Vec<&str> =
            all.iter().filter(|(c, _)| c == command).map(|(_, out)| out.as_str()).collect();
        let has_all = |out: &&str| {
            let mut lines = out.lines();
            shown.lines().all(|wanted| lines.any(|line| line == wanted))
        };
        assert!(printed.iter().any(has_all), "{command}: {shown}\n{printed:#?}");
    }
    for (args, keys) in KEYS {
        let command = format!("pacto {} --output-format json", args.join(" "));
        let out = typed.typed(&command);
        let json = out.rsplit_once('}').map_or("", |(json, _)| json).to_owned() + "}";
        let json: Value =
            serde_json::from_str(&json).unwrap_or_else(|e| panic!("{command}: {e}: {out}"));
        let found: Vec<&String> = json.as_object().expect("an object").keys().collect();
        let missing: Vec<&str> =
            keys.split(' ').filter(|key| !found.iter().any(|found| found == key)).collect();
        assert!(missing.is_empty(), "{command}: {missing:?} of {found:?}");
    }
}
