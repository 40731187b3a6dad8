//! The examples of the product's founding documents, typed: commands, outputs and exit codes. The
//! registry is one of this machine, and digests are real ones.

use pacto_tests::registry::{Guard, Registry, User, contract};
use serde_json::Value;

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
    let schema = "{\"type\": \"object\", \"required\": [\"runtime\"]}";
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
    let text = payments("2.1.0", "stateful", &world.auth) + &bound;
    world.write("payments-api", &text);
    assert!(world.ok(&["validate", "payments-api"]).starts_with("payments-api is valid\n"));
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
