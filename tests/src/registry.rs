//! Real registries on loopback, a proxy that spoils their answers, and bundles to put into them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::TempDir;

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// What a registry asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    Open,
    /// User `me`, password `secret`.
    Password,
    /// Open, over TLS with a certificate of a throw-away authority.
    Tls(Certificate),
}

/// What is wrong with a certificate for localhost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    Good,
    OtherName,
    Expired,
    NotYetValid,
}

/// A running `docker-registry` (CNCF distribution).
pub struct Registry {
    child: Child,
    pub port: u16,
    pub folder: TempDir,
}

impl Registry {
    pub fn start(guard: Guard) -> Registry {
        let folder = TempDir::new("registry");
        let port = free_port();
        let data = folder.path().join("data");
        let mut config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  cache: {{blobdescriptor: inmemory}}\n  delete: {{enabled: true}}\nhttp:\n  addr: 127.0.0.1:{port}\n",
            data.display()
        );
        match guard {
            Guard::Open => {}
            Guard::Password => {
                let hash = output(Command::new("htpasswd").args(["-Bbn", "me", "secret"]));
                let file = folder.write("htpasswd", hash);
                config.push_str(&format!(
                    "auth:\n  htpasswd: {{realm: test, path: {}}}\n",
                    file.display()
                ));
            }
            Guard::Tls(which) => {
                let (certificate, key) = certificate(folder.path(), which);
                config.push_str(&format!(
                    "  tls: {{certificate: {}, key: {}}}\n",
                    certificate.display(),
                    key.display()
                ));
            }
        }
        let file = folder.write("config.yml", config);
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry starts; `cargo xtask setup` installs it");
        wait_for(port);
        Registry { child, port, folder }
    }

    /// `localhost:PORT`.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The certificate of the authority behind a TLS registry.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for(port: u16) {
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "nothing listens on port {port}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// What a program prints.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A certificate, signed by an authority in `ca.pem`.
fn certificate(folder: &Path, which: Certificate) -> (PathBuf, PathBuf) {
    let openssl = |args: &[&str]| {
        output(Command::new("openssl").args(args).current_dir(folder));
    };
    let subject = |name: &str| format!("/CN={name}");
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        &subject("test authority"),
    ]);
    openssl(&[
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        "server.key",
        "-out",
        "server.csr",
        "-subj",
        &subject("localhost"),
    ]);
    let names = match which {
        Certificate::OtherName => "subjectAltName=DNS:other.example\n",
        _ => "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
    };
    let (from, to) = match which {
        Certificate::Good | Certificate::OtherName => ("20200101000000Z", "21000101000000Z"),
        Certificate::Expired => ("20200101000000Z", "20200201000000Z"),
        Certificate::NotYetValid => ("20990101000000Z", "21000101000000Z"),
    };
    let authority = "[ca]\ndefault_ca = test\n[test]\ndatabase = index\nserial = serial\nnew_certs_dir = .\n\
                     certificate = ca.pem\nprivate_key = ca.key\ndefault_md = sha256\npolicy = any\n\
                     [any]\ncommonName = supplied\n";
    for (file, text) in
        [("names", names), ("authority.cnf", authority), ("index", ""), ("serial", "01\n")]
    {
        std::fs::write(folder.join(file), text).expect("a file");
    }
    openssl(&[
        "ca",
        "-batch",
        "-notext",
        "-config",
        "authority.cnf",
        "-startdate",
        from,
        "-enddate",
        to,
        "-in",
        "server.csr",
        "-out",
        "server.pem",
        "-extfile",
        "names",
    ]);
    (folder.join("server.pem"), folder.join("server.key"))
}

/// What a proxy does to an answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Answers by itself: status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Passes so many bytes of the body on, then hangs up.
    Cut(usize),
    /// Passes the body on with its first byte changed.
    Spoil,
    /// Takes the request and says nothing for so long.
    Hang(Duration),
    /// Hangs up at once.
    Drop,
    /// Passes the request on after so long.
    Delay(Duration),
}

/// When a fault strikes.
#[derive(Clone)]
pub struct Rule {
    /// A part of `METHOD path`, or of `[Basic]` or `[Bearer]` behind it.
    pub on: String,
    pub fault: Fault,
    /// How often; then requests pass.
    pub times: usize,
}

/// A proxy in front of a registry, with latency and faults.
pub struct Proxy {
    pub port: u16,
    rules: Arc<Mutex<Vec<Rule>>>,
    log: Arc<Mutex<Vec<String>>>,
    pub requests: Arc<AtomicUsize>,
    crowd: Arc<Crowd>,
}

/// How many requests wait out the latency at the same time.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Crowd {
    fn wait(&self, latency: Duration) {
        self.peak.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(latency);
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Proxy {
    /// Passes requests on to `target` (a port of loopback) after `latency`.
    pub fn start(target: u16, latency: Duration) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let proxy = Proxy {
            port,
            rules: Arc::default(),
            log: Arc::default(),
            requests: Arc::default(),
            crowd: Arc::default(),
        };
        let connection = Connection {
            target,
            latency,
            rules: Arc::clone(&proxy.rules),
            log: Arc::clone(&proxy.log),
            requests: Arc::clone(&proxy.requests),
            crowd: Arc::clone(&proxy.crowd),
        };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let connection = connection.clone();
                thread::spawn(move || {
                    let _ = client.set_nodelay(true);
                    let _ = connection.serve(client);
                });
            }
        });
        proxy
    }

    /// The most requests that were under way at the same time since this was last asked.
    pub fn peak(&self) -> usize {
        self.crowd.peak.swap(0, Ordering::SeqCst)
    }

    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// From now on, the first `times` requests that hold `on` in `METHOD path` get this fault.
    pub fn fault(&self, on: &str, fault: Fault, times: usize) -> &Proxy {
        self.rules.lock().unwrap().push(Rule { on: on.to_owned(), fault, times });
        self
    }

    /// Takes all faults back.
    pub fn clear(&self) {
        self.rules.lock().unwrap().clear();
    }

    /// The requests so far, as `METHOD path`, with `Authorization` where it was sent.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

/// What a connection to a proxy knows.
#[derive(Clone)]
struct Connection {
    target: u16,
    latency: Duration,
    rules: Arc<Mutex<Vec<Rule>>>,
    log: Arc<Mutex<Vec<String>>>,
    requests: Arc<AtomicUsize>,
    crowd: Arc<Crowd>,
}

impl Connection {
    /// One connection, request after request.
    fn serve(&self, client: TcpStream) -> std::io::Result<()> {
        let Connection { target, latency, rules, log, requests, crowd } = self;
        let mut reader = BufReader::new(client.try_clone()?);
        let mut client = client;
        let upstream = TcpStream::connect(("127.0.0.1", *target))?;
        upstream.set_nodelay(true)?;
        let mut upstream_reader = BufReader::new(upstream.try_clone()?);
        let mut upstream = upstream;
        loop {
            let Some((first, headers)) = head(&mut reader)? else { return Ok(()) };
            let length = length_of(&headers);
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            requests.fetch_add(1, Ordering::Relaxed);
            let line = first.rsplit_once(' ').map_or(first.clone(), |(line, _)| line.to_owned());
            let authorization = headers
                .get("authorization")
                .map_or(String::new(), |a| format!(" [{}]", a.split(' ').next().unwrap_or("")));
            log.lock().unwrap().push(format!("{line}{authorization}"));
            crowd.wait(*latency);
            let fault = {
                let mut rules = rules.lock().unwrap();
                let asked = format!("{line}{authorization}");
                let found =
                    rules.iter_mut().find(|rule| rule.times > 0 && asked.contains(&rule.on));
                found.map(|rule| {
                    rule.times -= 1;
                    rule.fault.clone()
                })
            };
            match &fault {
                Some(Fault::Answer(status, headers, body)) => {
                    let mut text =
                        format!("HTTP/1.1 {status} Fault\r\nContent-Length: {}\r\n", body.len());
                    for (name, value) in headers {
                        text.push_str(&format!("{name}: {value}\r\n"));
                    }
                    client.write_all(text.as_bytes())?;
                    client.write_all(b"\r\n")?;
                    if !line.starts_with("HEAD") {
                        client.write_all(body)?;
                    }
                    continue;
                }
                Some(Fault::Hang(time)) => {
                    thread::sleep(*time);
                    return Ok(());
                }
                Some(Fault::Drop) => return Ok(()),
                Some(Fault::Delay(time)) => thread::sleep(*time),
                _ => {}
            }
            let mut request = format!("{first}\r\n");
            for (name, value) in &headers {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
            upstream.write_all(format!("{request}\r\n").as_bytes())?;
            upstream.write_all(&body)?;
            let Some((status, headers)) = head(&mut upstream_reader)? else { return Ok(()) };
            let is_bodyless =
                line.starts_with("HEAD") || status.contains(" 204 ") || status.contains(" 304 ");
            let mut body = vec![0; if is_bodyless { 0 } else { length_of(&headers) }];
            upstream_reader.read_exact(&mut body)?;
            let mut answer = format!("{status}\r\n");
            for (name, value) in &headers {
                answer.push_str(&format!("{name}: {value}\r\n"));
            }
            client.write_all(format!("{answer}\r\n").as_bytes())?;
            match fault {
                Some(Fault::Cut(bytes)) => {
                    client.write_all(&body[..bytes.min(body.len())])?;
                    return Ok(());
                }
                Some(Fault::Spoil) if !body.is_empty() => body[0] ^= 0xff,
                _ => {}
            }
            client.write_all(&body)?;
        }
    }
}

/// First line and headers, names in lower case; chunked bodies are not needed here.
fn head(reader: &mut impl BufRead) -> std::io::Result<Option<(String, BTreeMap<String, String>)>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        let Some((name, value)) = line.split_once(':') else { break };
        // Headers that come twice are one list (RFC 9110 §5.3).
        let list: &mut String = headers.entry(name.to_ascii_lowercase()).or_default();
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(value.trim());
    }
    Ok(Some((first.trim_end().to_owned(), headers)))
}

fn length_of(headers: &BTreeMap<String, String>) -> usize {
    headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A contract without findings above a hint.
pub fn contract(name: &str, version: &str, dependencies: &[(&str, &str)]) -> String {
    let mut text = format!(
        "pactoVersion: \"1.0\"\nservice:\n  name: {name}\n  version: {version}\n  owner:\n    team: test\n"
    );
    for (i, (reference, compatibility)) in dependencies.iter().enumerate() {
        if i == 0 {
            text.push_str("dependencies:\n");
        }
        text.push_str(&format!(
            "  - ref: {reference}\n    required: true\n    compatibility: \"{compatibility}\"\n"
        ));
    }
    text
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the exit code.
    pub fn ends_with(self, code: i32) -> Run {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

/// A user: a home of their own, a cache, a folder to work in.
pub struct User {
    pub folder: TempDir,
}

impl User {
    pub fn new() -> User {
        User { folder: TempDir::new("user") }
    }

    /// The program, in this user's world.
    pub fn command(&self, args: &[&str]) -> Command {
        let home = self.folder.path();
        let mut command = Command::new(crate::pacto());
        command.args(args).current_dir(home).stdin(Stdio::null());
        for name in [
            "GH_TOKEN",
            "GITHUB_TOKEN",
            "DOCKER_CONFIG",
            "REGISTRY_AUTH_FILE",
            "CI",
            "NO_COLOR",
            "FORCE_COLOR",
            "CLICOLOR_FORCE",
        ] {
            command.env_remove(name);
        }
        command
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("PACTO_NO_UPDATE_CHECK", "1");
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        run(&mut self.command(args))
    }

    pub fn run_with(&self, args: &[&str], input: &str) -> Run {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("pacto starts");
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(input.as_bytes());
        }
        ended(child.wait_with_output().expect("pacto ends"))
    }

    /// Writes a program. Another process does it, since a file that this one writes to is busy as
    /// long as a test beside this one has a child that is being started.
    pub fn write_program(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let source = self.folder.write(&format!("{path}.source"), bytes);
        let target = self.folder.path().join(path);
        let installed =
            Command::new("install").args(["-m", "755"]).arg(&source).arg(&target).status();
        assert!(installed.is_ok_and(|status| status.success()), "{}", target.display());
        let _ = std::fs::remove_file(source);
        target
    }

    /// Writes a bundle of nothing but a contract and pushes it.
    pub fn publish(
        &self,
        host: &str,
        name: &str,
        version: &str,
        dependencies: &[(&str, &str)],
    ) -> String {
        let folder = format!("src-{name}-{version}");
        self.folder.write(&format!("{folder}/pacto.yaml"), contract(name, version, dependencies));
        let reference = format!("{host}/acme/{name}");
        let run =
            self.run(&["push", &reference, "-p", &folder, "--output-format", "json"]).ends_with(0);
        run.json()["digest"].as_str().expect("a digest").to_owned()
    }

    /// All files below a folder of this user, but for the given names.
    pub fn files(&self, below: &str) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.folder.path().join(below), "", &mut found);
        found.sort();
        found
    }
}

impl Default for User {
    fn default() -> Self {
        User::new()
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push(path);
        }
    }
}

pub fn run(command: &mut Command) -> Run {
    ended(command.output().expect("pacto starts"))
}

fn ended(output: std::process::Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Puts blobs and manifests into an open registry as they are, whatever they are.
pub struct Raw<'r> {
    pub registry: &'r Registry,
    pub repository: &'r str,
}

impl Raw<'_> {
    fn send(
        &self,
        method: &str,
        target: &str,
        kind: &str,
        body: &[u8],
    ) -> (String, BTreeMap<String, String>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.registry.port)).expect("a registry");
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body).expect("sent");
        let mut reader = BufReader::new(stream);
        self::head(&mut reader).expect("an answer").expect("an answer")
    }

    /// Stores a blob; returns its digest.
    pub fn blob(&self, bytes: &[u8]) -> String {
        let digest = pacto_edge::bundle::sha256(bytes);
        let start = format!("/v2/{}/blobs/uploads/", self.repository);
        let (status, headers) = self.send("POST", &start, "application/octet-stream", b"");
        assert!(status.contains(" 202 "), "{status}");
        let location = &headers["location"];
        let path = location.find("/v2/").map_or(location.as_str(), |at| &location[at..]);
        let separator = if path.contains('?') { '&' } else { '?' };
        let target = format!("{path}{separator}digest={digest}");
        let (status, _) = self.send("PUT", &target, "application/octet-stream", bytes);
        assert!(status.contains(" 201 "), "{status}");
        digest
    }

    /// Stores a manifest under a tag; returns its digest.
    pub fn manifest(&self, tag: &str, kind: &str, manifest: &serde_json::Value) -> String {
        let body = manifest.to_string();
        let target = format!("/v2/{}/manifests/{tag}", self.repository);
        let (status, headers) = self.send("PUT", &target, kind, body.as_bytes());
        assert!(status.contains(" 201 "), "{status}: {body}");
        headers["docker-content-digest"].clone()
    }

    /// Stores a bundle with this layer.
    pub fn bundle(&self, tag: &str, layer: &[u8]) -> String {
        self.layered(
            tag,
            "application/vnd.pacto.bundle.layer.v1.tar+gzip",
            "application/vnd.pacto.bundle.config.v1+json",
            b"{}",
            &[layer],
        )
    }

    /// Stores an image manifest with these layers.
    pub fn layered(
        &self,
        tag: &str,
        layer_type: &str,
        config_type: &str,
        config: &[u8],
        layers: &[&[u8]],
    ) -> String {
        let descriptor = |kind: &str, bytes: &[u8]| serde_json::json!({"mediaType": kind, "digest": self.blob(bytes), "size": bytes.len()});
        let layers: Vec<_> = layers.iter().map(|bytes| descriptor(layer_type, bytes)).collect();
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let manifest = serde_json::json!({
            "schemaVersion": 2, "mediaType": kind, "config": descriptor(config_type, config), "layers": layers,
        });
        self.manifest(tag, kind, &manifest)
    }
}
