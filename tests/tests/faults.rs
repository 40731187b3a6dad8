//! Registries that misbehave: each error of 5-oci with its words and its hint, and what is tried
//! again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pacto_core::contract::OciReference;
use pacto_core::fact::RegistryCode;
use pacto_edge::registry::{Client, Credentials, Options};
use pacto_tests::registry::{Fault, Guard, Proxy, Registry, User, contract};

fn answer(status: u16) -> Fault {
    let body = br#"{"errors":[{"code":"X","message":"the registry's words"}]}"#;
    Fault::Answer(status, vec![("Retry-After", "0".into())], body.to_vec())
}

/// A registry with `acme/pay:1.0.0` behind a proxy.
fn spoiled() -> (Registry, Proxy, User) {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    user.publish(&registry.host(), "pay", "1.0.0", &[]);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    (registry, proxy, user)
}

/// Code, reference, what is spoiled and how, a part of the message, a part of the hint.
type Row = (&'static str, String, Option<(&'static str, Fault)>, String, &'static str);

#[test]
fn each_failure_has_its_code_its_words_and_its_hint() {
    let (registry, proxy, user) = spoiled();
    let host = proxy.host();
    let pay = format!("{host}/acme/pay:1.0.0");
    let manifest = "GET /v2/acme/pay/manifests";
    let blob = "GET /v2/acme/pay/blobs";
    let rows: Vec<Row> = vec![
        ("INVALID_REF", "ghcr.io".into(), None, "invalid reference \"ghcr.io\"".into(), ""),
        (
            "INVALID_REF",
            "acme/pay".into(),
            None,
            "invalid reference \"acme/pay\"".into(),
            "did you mean oci://docker.io/acme/pay?",
        ),
        ("INVALID_REF", format!("{host}/a@md5:12"), None, "`md5` is not supported".into(), ""),
        (
            "NOT_FOUND",
            format!("{host}/acme/none:1"),
            None,
            format!("artifact not found: {host}/acme/none:1"),
            "pacto login",
        ),
        (
            "NO_MATCHING_VERSION",
            format!("{host}/acme/pay"),
            Some(("tags/list", Fault::Answer(200, vec![], b"{\"tags\":[\"latest\"]}".to_vec()))),
            format!("no semver tags found in {host}/acme/pay"),
            "",
        ),
        (
            "AUTH_REQUIRED",
            pay.clone(),
            Some((manifest, answer(401))),
            format!("authentication failed for {pay}: "),
            "or it does not exist",
        ),
        (
            "FORBIDDEN",
            pay.clone(),
            Some((manifest, answer(403))),
            format!("access denied to {pay}: the registry's words"),
            "right to read",
        ),
        (
            "REGISTRY_UNREACHABLE",
            "localhost:1/acme/pay:1".into(),
            None,
            "registry unreachable for localhost:1/acme/pay:1: ".into(),
            "--offline",
        ),
        (
            "PLAIN_HTTP",
            format!("0.0.0.0:{}/acme/pay:1.0.0", registry.port),
            None,
            format!("0.0.0.0:{} does not speak TLS", registry.port),
            "--insecure-registry 0.0.0.0:",
        ),
        (
            "RATE_LIMITED",
            pay.clone(),
            Some((manifest, answer(429))),
            format!("rate limited by {host}, try again in 0 s"),
            "",
        ),
        (
            "REGISTRY_ERROR",
            pay.clone(),
            Some((manifest, answer(503))),
            format!("registry {host} answered 503: the registry's words"),
            "",
        ),
        (
            "REGISTRY_ERROR",
            pay.clone(),
            Some((manifest, answer(418))),
            format!("registry {host} answered 418: "),
            "",
        ),
        (
            "UNSUPPORTED",
            format!("{host}/acme/pay"),
            Some(("tags/list", answer(405))),
            format!("{host} does not support tags"),
            "name a tag",
        ),
        (
            "DIGEST_MISMATCH",
            pay.clone(),
            Some((manifest, Fault::Spoil)),
            format!("digest mismatch for {pay}: expected sha256:"),
            "",
        ),
        (
            "DIGEST_MISMATCH",
            pay.clone(),
            Some((blob, Fault::Spoil)),
            "digest mismatch for ".into(),
            "",
        ),
        (
            "REGISTRY_UNREACHABLE",
            pay.clone(),
            Some((blob, Fault::Cut(10))),
            "registry unreachable for ".into(),
            "",
        ),
        (
            "REGISTRY_ERROR",
            pay.clone(),
            Some((manifest, Fault::Answer(302, vec![("Location", "ftp://x/".into())], vec![]))),
            "redirects away from TLS; not followed".into(),
            "",
        ),
    ];
    for (code, reference, fault, message, hint) in rows {
        if let Some((on, fault)) = fault {
            proxy.fault(on, fault, 4);
        }
        let begin = Instant::now();
        let text = user.run(&["pull", &reference, "--no-cache", "-o", "out"]).ends_with(2);
        assert!(begin.elapsed() < Duration::from_secs(30), "{code} took {:?}", begin.elapsed());
        // Waits before further attempts are said; then comes the error.
        let mut lines = text.stderr.lines().skip_while(|line| line.contains("; trying again in"));
        let error = lines.next().unwrap_or_default();
        assert!(error.starts_with("error: ") && text.stderr.contains(&message), "{code}: {text:?}");
        assert!(text.stderr.contains(hint), "{code}: {text:?}");
        assert_eq!(text.stdout, "");
        assert!(user.files("out").is_empty());
        assert!(RegistryCode::ALL.iter().any(|known| known.text() == code));
        proxy.clear();
    }
    // The JSON form, once.
    let run =
        user.run(&["pull", &format!("{host}/acme/none:1"), "--output-format", "json"]).ends_with(2);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(error["error"]["code"], "NOT_FOUND");
    assert!(error["error"]["hint"].is_string());
}

#[test]
fn what_passes_by_is_tried_again() {
    let (_registry, proxy, user) = spoiled();
    let pay = format!("{}/acme/pay:1.0.0", proxy.host());
    for (on, fault, times) in [
        ("manifests", answer(503), 2),
        ("manifests", answer(429), 1),
        ("manifests", Fault::Drop, 1),
        ("blobs", Fault::Cut(20), 2),
        ("blobs", Fault::Drop, 1),
    ] {
        proxy.fault(on, fault, times);
        let before = proxy.log().len();
        user.run(&["pull", &pay, "--no-cache", "-o", "out", "--force"]).ends_with(0);
        assert!(proxy.log().len() >= before + 2 + times, "{on}");
        proxy.clear();
    }
    // An upload begins anew at its POST, and the manifest is repeated.
    for on in ["PUT /v2/acme/pay/blobs", "PUT /v2/acme/pay/manifests", "POST"] {
        user.folder.write("new/pacto.yaml", contract("pay", "2.0.0", &[]));
        user.folder.write("new/docs/a.md", on);
        proxy.fault(on, answer(502), 1);
        let target = format!("{}/acme/pay", proxy.host());
        user.run(&["push", &target, "-p", "new", "--force"]).ends_with(0);
        proxy.clear();
    }
}

#[test]
fn waits_before_another_attempt_are_said() {
    let (_registry, proxy, user) = spoiled();
    let pay = format!("{}/acme/pay:1.0.0", proxy.host());
    let pull = |more: &[&str]| {
        proxy.fault("manifests", answer(503), 2);
        let args = [&["pull", &pay, "--no-cache", "-o", "out", "--force"], more].concat();
        let run = user.run(&args).ends_with(0);
        proxy.clear();
        run.stderr
    };
    let said = pull(&[]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    for (line, attempt) in lines.iter().zip(["(attempt 2 of 4)", "(attempt 3 of 4)"]) {
        let reason = format!("warning: registry {} answered 503", proxy.host());
        assert!(line.starts_with(&reason) && line.ends_with(attempt), "{said}");
        assert!(line.contains("; trying again in 0.0 s "), "{said}");
    }
    assert_eq!(pull(&["-q"]), "");
    // Many requests to one host that cannot be reached say it once for each attempt.
    let dead = format!("oci://localhost:{}/acme/", pacto_tests::registry::free_port());
    let references: Vec<String> = (0..8).map(|i| format!("{dead}s{i}:1.0.0")).collect();
    let references: Vec<(&str, &str)> = references.iter().map(|r| (r.as_str(), "*")).collect();
    user.folder.write("web/pacto.yaml", contract("web", "1.0.0", &references));
    let run = user.run(&["graph", "web"]).ends_with(1);
    let waits = run.stderr.lines().filter(|line| line.contains("trying again in")).count();
    assert!((1..=3).contains(&waits), "{run:?}");
}

#[test]
fn what_a_bundle_depends_on_is_asked_for_before_its_siblings_are_there() {
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let host = registry.host();
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let at = |name: &str| format!("oci://{}/acme/{name}:1.0.0", proxy.host());
    user.publish(&host, "leaf", "1.0.0", &[]);
    user.publish(&host, "quick", "1.0.0", &[(&at("leaf"), "*")]);
    user.publish(&host, "slow", "1.0.0", &[]);
    user.folder.write(
        "web/pacto.yaml",
        contract("web", "1.0.0", &[(&at("slow"), "*"), (&at("quick"), "*")]),
    );
    proxy.fault("acme/slow/manifests", Fault::Delay(Duration::from_secs(3)), 1);
    let run = user.run(&["graph", "web"]).ends_with(0);
    assert_eq!(run.stdout, "web@1.0.0\n├─ slow@1.0.0\n└─ quick@1.0.0\n   └─ leaf@1.0.0\n");
    let log = proxy.log();
    let first = |part: &str| log.iter().position(|line| line.contains(part)).unwrap();
    assert!(first("acme/leaf/manifests") < first("acme/slow/blobs"), "{log:#?}");
}

#[test]
fn a_push_that_is_cut_off_leaves_no_tag_and_can_be_repeated() {
    let (_registry, proxy, user) = spoiled();
    user.folder.write("new/pacto.yaml", contract("fresh", "1.0.0", &[]));
    let target = format!("{}/acme/fresh", proxy.host());
    proxy.fault("PUT /v2/acme/fresh/manifests", answer(500), 4);
    user.run(&["push", &target, "-p", "new"]).ends_with(2);
    user.run(&["pull", &target]).ends_with(2);
    proxy.clear();
    user.run(&["push", &target, "-p", "new"]).ends_with(0);
    user.run(&["pull", &target]).ends_with(0);
    // A registry that does not move tags is one where the tag exists.
    user.folder.write("new/docs/a.md", "a");
    proxy.fault("PUT /v2/acme/fresh/manifests", answer(409), 1);
    let run = user
        .run(&["push", &target, "-p", "new", "--force", "--output-format", "json"])
        .ends_with(0);
    assert_eq!(run.json()["status"], "exists");
}

#[test]
fn redirects_carry_no_credentials_to_another_host() {
    let registry = Registry::start(Guard::Password);
    let user = User::new();
    let host = registry.host();
    user.run_with(&["login", &host, "-u", "me", "--password-stdin"], "secret").ends_with(0);
    user.publish(&host, "pay", "1.0.0", &[]);
    let elsewhere = Proxy::start(registry.port, Duration::ZERO);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    user.run_with(&["login", &proxy.host(), "-u", "me", "--password-stdin"], "secret").ends_with(0);
    let location = format!("http://{}/v2/stolen", elsewhere.host());
    proxy.fault("[Basic]", Fault::Answer(307, vec![("Location", location)], vec![]), 9);
    user.run(&["pull", &format!("{}/acme/pay:1.0.0", proxy.host()), "--no-cache"]).ends_with(2);
    assert!(proxy.log().iter().any(|line| line.contains("[Basic]")));
    let seen = elsewhere.log();
    assert!(seen.iter().any(|line| line.contains("stolen")), "{seen:?}");
    assert!(seen.iter().all(|line| !line.contains('[')), "{seen:?}");
}

#[test]
fn tokens_are_fetched_with_their_scope_and_from_trusted_places_only() {
    let (_registry, proxy, user) = spoiled();
    let host = proxy.host();
    let service = Proxy::start(proxy.port, Duration::ZERO);
    let challenge = |realm: String| {
        let value = format!("Bearer realm=\"{realm}\",service=\"test\",scope=\"ignored\"");
        Fault::Answer(
            401,
            vec![("WWW-Authenticate", "Basic realm=x".into()), ("Www-Authenticate", value)],
            vec![],
        )
    };
    let token = br#"{"access_token":"t0ken","expires_in":300}"#;
    service.fault("/token", Fault::Answer(200, vec![], token.to_vec()), 9);
    proxy.fault("manifests", challenge(format!("http://{}/token", service.host())), 1);
    user.run(&["pull", &format!("{host}/acme/pay:1.0.0"), "--no-cache"]).ends_with(0);
    let asked = service.log();
    assert_eq!(asked, ["GET /token?service=test&scope=repository%3Aacme%2Fpay%3Apull"]);
    // One token serves both requests.
    assert_eq!(
        proxy.log().iter().filter(|line| line.ends_with("[Bearer]")).count(),
        2,
        "{:?}",
        proxy.log()
    );
    // A realm at a private address that is not the registry's own is not asked.
    proxy.fault("manifests", challenge("http://10.255.255.1/token".into()), 9);
    let run = user
        .run(&["pull", &format!("{host}/acme/pay:1.0.0"), "--no-cache", "--force"])
        .ends_with(2);
    assert!(run.stderr.contains("private address"), "{run:?}");
}

#[test]
fn lists_of_tags_are_followed_page_by_page_and_stay_on_their_host() {
    let (_registry, proxy, user) = spoiled();
    let host = proxy.host();
    let page = |tags: &str, next: Option<&str>| {
        let link = next.map(|next| ("Link", format!("<{next}>; rel=\"next\"")));
        Fault::Answer(
            200,
            link.into_iter().collect(),
            format!("{{\"tags\":[{tags}]}}").into_bytes(),
        )
    };
    proxy.fault("tags/list?n=1000 ", page("", None), 0);
    proxy.fault("last=b", page("\"1.0.0\"", None), 1);
    proxy.fault("tags/list", page("\"0.1.0\"", Some("/v2/acme/pay/tags/list?last=b")), 1);
    let run = user.run(&["pull", &format!("{host}/acme/pay"), "--no-cache"]).ends_with(0);
    assert!(run.stdout.starts_with("Pulled pay@1.0.0"), "{run:?}");
    for (next, words) in
        [("https://evil.example/x", "another host"), ("/v2/acme/pay/tags/list?n=1000", "circle")]
    {
        proxy.clear();
        proxy.fault("tags/list", page("\"0.1.0\"", Some(next)), 9);
        let run = user.run(&["pull", &format!("{host}/acme/pay"), "--no-cache"]).ends_with(2);
        assert!(run.stderr.contains(words), "{run:?}");
    }
}

#[test]
fn when_a_registry_is_down_the_cache_serves_and_says_so() {
    let (_registry, proxy, user) = spoiled();
    let reference = format!("oci://{}/acme/pay", proxy.host());
    user.run(&["graph", &reference]).ends_with(0);
    proxy.fault("", answer(503), 1000);
    let run = user.run(&["graph", &reference]).ends_with(0);
    assert_eq!(run.stdout, "pay@1.0.0\n");
    assert!(run.stderr.contains("warning: registry unreachable, using cached"), "{run:?}");
    let mut ci = user.command(&["graph", &reference]);
    pacto_tests::registry::run(ci.env("CI", "true")).ends_with(2);
    user.run(&["graph", &reference, "--no-cache"]).ends_with(2);
    // Never where the registry has spoken.
    proxy.clear();
    proxy.fault("", answer(403), 1000);
    user.run(&["graph", &format!("{reference}:1.0.0")]).ends_with(2);
}

#[test]
fn a_registry_that_stops_answering_is_given_up() {
    let (_registry, proxy, _user) = spoiled();
    proxy.fault("manifests", Fault::Hang(Duration::from_secs(3)), 9);
    let options = Options {
        idle: Duration::from_millis(200),
        first_wait: Duration::from_millis(5),
        ..Options::default()
    };
    let client = Arc::new(Client::new(options, Credentials::default()).unwrap());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let reference = OciReference::parse(&format!("{}/acme/pay:1.0.0", proxy.host())).unwrap();
    let ask = || runtime.block_on(client.manifest(&reference)).unwrap_err();
    let failure = ask();
    assert_eq!(failure.code, RegistryCode::Timeout, "{failure}");
    assert_eq!(
        failure.message,
        format!("registry {} stopped answering while reading the manifest", proxy.host())
    );
    // After two failed calls the host is not asked again for a while.
    ask();
    let before = proxy.log().len();
    let begin = Instant::now();
    assert_eq!(ask().code, RegistryCode::Timeout);
    assert!(begin.elapsed() < Duration::from_secs(1) && proxy.log().len() == before);
}

/// A host that answers everything with a page, as routers and login pages do.
fn web_page(status: u16) -> Fault {
    let kind = ("Content-Type", "text/html; charset=utf-8".to_owned());
    Fault::Answer(status, vec![kind], b"<!doctype html><title>Log in</title>".to_vec())
}

#[test]
fn a_host_that_is_not_a_registry_is_named_as_such() {
    let (_registry, proxy, user) = spoiled();
    let host = proxy.host();
    let target = format!("{host}/acme/new");
    user.folder.write("new/pacto.yaml", contract("new", "1.0.0", &[]));
    let oci = format!("oci://{host}/acme/pay");
    let tagged = format!("{oci}:1.0.0");
    // A page, and an answer that says less than a page.
    for (fault, words) in [
        (web_page(200), "answered 200 with a web page"),
        (Fault::Answer(200, vec![], b"ok".to_vec()), "answered 200"),
    ] {
        proxy.fault("", fault, 1000);
        let commands = [
            &["push", &target, "-p", "new"][..],
            &["push", &target, "-p", "new", "--force"],
            &["pull", &target],
            &["pull", &tagged],
            &["graph", &oci],
            &["diff", &tagged, "new"],
            &["validate", &tagged],
        ];
        for command in commands {
            let run = user.run(&[command, &["--no-cache"]].concat()).ends_with(2);
            assert_eq!(run.stdout, "", "{run:?}");
            assert!(run.stderr.starts_with("error: ") && run.stderr.contains(words), "{run:?}");
        }
        let login = ["login", &host, "-u", "me", "--password-stdin"];
        let run = user.run_with(&login, "secret").ends_with(2);
        assert!(run.stderr.contains("check whether"), "{run:?}");
        assert!(!user.folder.path().join(".config/pacto/config.json").exists());
        proxy.clear();
    }
    user.run_with(&["login", &host, "-u", "me", "--password-stdin"], "secret").ends_with(0);
}

#[test]
fn a_write_counts_only_when_the_registry_says_that_it_was_done() {
    let (_registry, proxy, user) = spoiled();
    user.folder.write("new/pacto.yaml", contract("new", "1.0.0", &[]));
    let bare = |status| Fault::Answer(status, vec![], vec![]);
    let elsewhere = Fault::Answer(202, vec![("Location", "ftp://x".into())], vec![]);
    let (start, blob, manifest) = ("POST ", "/blobs/uploads/", "/manifests/");
    for (i, (method, on, fault, words)) in [
        (start, blob, bare(200), "answered 200 to a write of an upload, where 202 means"),
        (start, blob, bare(202), "answered 202 without a place for the upload"),
        (start, blob, elsewhere, "with a place for the upload that is malformed"),
        ("PUT ", blob, bare(202), "answered 202 to a write of an upload, where 201 means"),
        ("PUT ", blob, bare(201), "answered 201 without the place of what was written"),
        ("PUT ", manifest, bare(204), "answered 204 to a write of the manifest"),
        ("PUT ", manifest, bare(201), "answered 201 without the place of what was written"),
    ]
    .into_iter()
    .enumerate()
    {
        // Each in a repository of its own, which has no blobs yet.
        proxy.fault(&format!("{method}/v2/acme/new{i}{on}"), fault, 1000);
        let target = format!("{}/acme/new{i}", proxy.host());
        let run = user.run(&["push", &target, "-p", "new", "--force"]).ends_with(2);
        assert!(run.stdout.is_empty() && run.stderr.contains(words), "{i}: {run:?}");
        proxy.clear();
    }
    // What is claimed to be there, without its digest or size, is written all the same.
    proxy.fault("HEAD /v2/acme/claimed/blobs", bare(200), 1000);
    let target = format!("{}/acme/claimed", proxy.host());
    user.run(&["push", &target, "-p", "new"]).ends_with(0);
    assert!(proxy.log().iter().any(|line| line.starts_with("PUT /v2/acme/claimed/blobs")));
}

#[test]
fn an_answer_to_a_read_is_what_the_specification_says_or_an_error() {
    let (_registry, proxy, user) = spoiled();
    let host = proxy.host();
    let oci = format!("oci://{host}/acme/pay");
    let json = |status, body: &str| {
        let kind = ("Content-Type", "application/json".to_owned());
        Fault::Answer(status, vec![kind, ("Retry-After", "0".into())], body.as_bytes().to_vec())
    };
    let deep = "[".repeat(200_000);
    let words = r#"{"errors":[{"code":"DENIED\u001b[2J","message":"no\u001b[31m\u202e https://bob:s3cret@h/x\nsecond"}]}"#;
    let long = format!(r#"{{"errors":[{{"code":"X","message":"{}"}}]}}"#, "x".repeat(60_000));
    let challenge =
        |text: &str| Fault::Answer(401, vec![("WWW-Authenticate", text.to_owned())], Vec::new());
    let to = |location: &str| Fault::Answer(307, vec![("Location", location.to_owned())], vec![]);
    let manifest = "GET /v2/acme/pay/manifests";
    let blob = "GET /v2/acme/pay/blobs";
    for (on, fault, words) in [
        (manifest, json(204, ""), "answered 204"),
        (manifest, json(206, "{}"), "answered 206"),
        (manifest, json(200, "[]"), "something that is not a manifest"),
        (manifest, json(200, &deep), "something that is not a manifest"),
        (manifest, json(200, "{}"), "not a Pacto bundle"),
        (manifest, json(200, &" ".repeat(5 << 20)), "larger than its limit"),
        (manifest, json(418, words), "answered 418: no"),
        (manifest, json(403, words), "access denied"),
        (manifest, json(500, &long), "answered 500: xxx"),
        (
            manifest,
            challenge("Bearer realm=\"http://169.254.169.254/\""),
            "token service that is not asked",
        ),
        (manifest, challenge("Bearer realm=\"\u{1b}[2J\""), ""),
        (manifest, challenge("Nonsense"), "authentication failed"),
        (manifest, to("http://bob:s3cret@127.0.0.1:1/x"), "registry unreachable"),
        (manifest, to("file:///etc/passwd"), "redirects away from TLS"),
        (manifest, to(""), "redirects"),
        (blob, json(204, ""), "answered 204"),
        (blob, json(206, "x"), "answered 206"),
        (blob, json(200, "x"), "digest mismatch"),
        ("tags/list", json(203, "{\"tags\":[\"1.0.0\"]}"), "answered 203"),
        ("tags/list", json(200, "{}"), "its list of tags is malformed"),
        ("tags/list", json(200, "{\"errors\":[]}"), "its list of tags is malformed"),
        ("tags/list", json(200, "{\"tags\":[1]}"), "its list of tags is malformed"),
        ("tags/list", json(200, "{\"tags\":{}}"), "its list of tags is malformed"),
        ("tags/list", json(200, "{\"tags\":[\"\\u001b[2J\",\"../..\"]}"), "no semver tags"),
        ("tags/list", json(200, "{\"tags\":null}"), "no semver tags"),
    ] {
        proxy.fault(on, fault.clone(), 1000);
        for format in ["text", "json"] {
            let begin = Instant::now();
            let args = ["explain", &oci, "--no-cache", "--output-format", format];
            let run = user.run(&args).ends_with(2);
            assert!(run.stdout.is_empty() && run.stderr.contains(words), "{words}: {run:?}");
            let is_raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!run.stderr.contains(is_raw) && !run.stderr.contains("s3cret"), "{run:?}");
            assert!(run.stderr.len() < 2_000, "{} bytes", run.stderr.len());
            assert!(begin.elapsed() < Duration::from_secs(15), "{words}: {:?}", begin.elapsed());
        }
        proxy.clear();
    }
}

/// A SOCKS 5 proxy (RFC 1928) that leads every name to one port of loopback, once.
fn socks(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client?;
            let mut head = [0; 2];
            client.read_exact(&mut head)?;
            let mut methods = vec![0; head[1].into()];
            client.read_exact(&mut methods)?;
            client.write_all(&[5, 0])?;
            let mut request = [0; 5];
            client.read_exact(&mut request)?;
            let mut name_and_port = vec![0; usize::from(request[4]) + 2];
            client.read_exact(&mut name_and_port)?;
            client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])?;
            let mut upstream = TcpStream::connect(("127.0.0.1", port))?;
            let (mut from, mut to) = (client.try_clone()?, upstream.try_clone()?);
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            std::thread::spawn(move || std::io::copy(&mut upstream, &mut client));
        }
        std::io::Result::Ok(())
    });
    own
}

#[test]
fn registries_are_reached_by_way_of_proxies_whose_passwords_nobody_sees() {
    let (registry, _proxy, user) = spoiled();
    let through = |proxy: &str| {
        let reference = "registry.example/acme/pay:1.0.0";
        let args = ["-vv", "--insecure-registry", "registry.example", "pull", reference];
        let mut command = user.command(&args);
        command.args(["--no-cache", "--force"]).env("ALL_PROXY", proxy).env("NO_PROXY", "");
        let run = pacto_tests::registry::run(&mut command);
        assert!(!format!("{run:?}").contains("s3cret"), "{run:?}");
        run
    };
    let port = socks(registry.port);
    through(&format!("socks5h://127.0.0.1:{port}")).ends_with(0);
    let dead = pacto_tests::registry::free_port();
    for proxy in ["socks5h", "http"] {
        let run = through(&format!("{proxy}://bob:s3cret@127.0.0.1:{dead}")).ends_with(2);
        assert!(run.stderr.contains("check the network and the proxy variables"), "{run:?}");
    }
}
