//! Streamable HTTP, as plain requests see it: what is refused, sessions, both eras, the end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pacto_tests::registry::User;
use pacto_tests::{TempDir, pacto, repository};
use serde_json::{Value, json};

/// A server on a free port.
struct Served {
    process: Child,
    address: String,
    /// Holds the end of stderr, which must stay open.
    _stderr: BufReader<std::process::ChildStderr>,
}

impl Served {
    fn start(folder: &Path, args: &[&str]) -> Served {
        let mut process = Command::new(pacto())
            .args(["mcp", "--transport", "http", "--port", "0"])
            .args(args)
            .current_dir(folder)
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("pacto runs");
        let mut stderr = BufReader::new(process.stderr.take().expect("stderr"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(stderr.read_line(&mut line).expect("text") > 0, "the server ended");
            if let Some((_, rest)) = line.trim().split_once("listening on http://") {
                break rest.trim_end_matches("/mcp").to_owned();
            }
        };
        Served { process, address, _stderr: stderr }
    }

    fn examples() -> Served {
        Served::start(&repository().join("examples"), &[])
    }

    /// Sends a request as it is written; returns what came until the connection ended.
    fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let head = format!("{head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).expect("written");
        // A server that refuses by the head need not read the rest.
        let _ = stream.write_all(body);
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        Answer(String::from_utf8_lossy(&text).into_owned())
    }

    fn head(&self, method: &str, path: &str, headers: &[&str]) -> String {
        let host = if headers.iter().any(|header| header.starts_with("Host:")) {
            String::new()
        } else {
            format!("\r\nHost: {}", self.address)
        };
        let more: String = headers.iter().map(|header| format!("\r\n{header}")).collect();
        format!("{method} {path} HTTP/1.1{host}{more}")
    }

    fn post(&self, headers: &[&str], message: &Value) -> Answer {
        let all = [&USUAL[..], headers].concat();
        self.send(&self.head("POST", "/mcp", &all), message.to_string().as_bytes())
    }

    /// Opens a session.
    fn session(&self) -> String {
        let answer = self.post(&[], &initialize());
        assert_eq!(answer.status(), 200, "{}", answer.0);
        answer.header("mcp-session-id").expect("an id").to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const USUAL: [&str; 2] =
    ["Content-Type: application/json", "Accept: application/json, text/event-stream"];

fn initialize() -> Value {
    json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "raw", "version": "1"},
        },
    })
}

fn list() -> Value {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}})
}

/// A request of the newest revision, which needs no session.
fn modern(method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({"jsonrpc": "2.0", "id": 3, "method": method, "params": params})
}

struct Answer(String);

impl Answer {
    fn status(&self) -> u16 {
        self.0.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let head = self.0.split("\r\n\r\n").next()?;
        head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The last message, of a stream or alone.
    fn json(&self) -> Value {
        let starts = ["data: {", "{"];
        let line = self.0.lines().rev().find(|line| starts.iter().any(|s| line.starts_with(s)));
        let line = line.unwrap_or_else(|| panic!("no message in {}", self.0));
        serde_json::from_str(line.trim_start_matches("data: ")).expect("JSON")
    }
}

#[test]
fn what_is_not_for_the_endpoint_is_refused() {
    let server = Served::examples();
    let ping = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let foreign = [
        ("Host: evil.example", 403),
        ("Host: 127.0.0.1.evil.example:80", 403),
        ("Origin: https://evil.example", 403),
        ("Origin: null", 403),
        ("Origin: http://localhost:1", 403),
    ];
    for (header, status) in foreign {
        for path in ["/mcp", "/healthz", "/other"] {
            let all = [&USUAL[..], &[header]].concat();
            let answer = server.send(&server.head("POST", path, &all), ping);
            assert_eq!(answer.status(), status, "{header} {path}: {}", answer.0);
        }
    }
    let status = |method: &str, path: &str, headers: &[&str], body: &[u8]| {
        server.send(&server.head(method, path, headers), body).status()
    };
    assert_eq!(status("GET", "/healthz", &[], b""), 200);
    assert_eq!(status("GET", "/", &[], b""), 404);
    assert_eq!(status("POST", "/sse", &USUAL, ping), 404);
    assert_eq!(status("PUT", "/mcp", &USUAL, ping), 405);
    let put = server.send(&server.head("PUT", "/mcp", &USUAL), ping);
    assert_eq!(put.header("allow"), Some("POST, GET, DELETE, OPTIONS"));
    assert_eq!(status("POST", "/mcp", &["Content-Type: text/plain", USUAL[1]], ping), 415);
    assert_eq!(status("POST", "/mcp", &[USUAL[1]], ping), 415);
    assert_eq!(status("POST", "/mcp", &[USUAL[0], "Accept: application/json"], ping), 406);
    assert_eq!(status("POST", "/mcp", &[USUAL[0], "Accept: */*"], ping), 406);
    assert_eq!(status("POST", "/mcp", &USUAL, &vec![b' '; (4 << 20) + 1]), 413);
    for (body, code) in
        [("{", -32700), ("[]", -32600), ("[{\"jsonrpc\":\"2.0\"}]", -32600), ("3", -32600)]
    {
        let answer = server.send(&server.head("POST", "/mcp", &USUAL), body.as_bytes());
        assert_eq!(
            (answer.status(), &answer.json()["error"]["code"]),
            (400, &json!(code)),
            "{body}"
        );
    }
    // Ours is a page, too.
    let own = format!("Origin: http://{}", server.address);
    let answer = server.post(&[&own], &initialize());
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("access-control-allow-origin"), own.strip_prefix("Origin: "));
    let asked = server.send(&server.head("OPTIONS", "/mcp", &[&own]), b"");
    assert_eq!(asked.status(), 204);
    assert!(
        asked.header("access-control-allow-headers").is_some_and(|h| h.contains("mcp-session-id"))
    );
    assert_eq!(status("OPTIONS", "/mcp", &["Origin: https://evil.example"], b""), 403);
}

#[test]
fn sessions_begin_and_end() {
    let server = Served::examples();
    assert_eq!(server.post(&[], &list()).status(), 400, "no session");
    assert_eq!(server.post(&["Mcp-Session-Id: old"], &list()).status(), 404);
    let old = server.post(&["Mcp-Session-Id: old"], &initialize());
    assert_eq!(old.status(), 200, "an old id is not in the way: {}", old.0);
    let (one, two) = (server.session(), server.session());
    assert_ne!(one, two);
    assert!(one.len() >= 32);
    let with = |id: &str| format!("Mcp-Session-Id: {id}");
    let call = json!({
        "jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "pacto_validate", "arguments": {"path": "payments"}},
    });
    let answer = server.post(&[&with(&one)], &call);
    assert_eq!(answer.json()["result"]["structuredContent"]["valid"], true, "{}", answer.0);
    let unknown = server.post(&[&with(&one), "MCP-Protocol-Version: 1999-01-01"], &list());
    assert_eq!(unknown.status(), 400);
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.post(&[&with(&one)], &ready).status(), 202);
    let end = |id: &str| server.send(&server.head("DELETE", "/mcp", &[&with(id)]), b"").status();
    assert_eq!((end(&one), end(&one)), (204, 404));
    assert_eq!(server.post(&[&with(&one)], &list()).status(), 404);
    assert_eq!(server.post(&[&with(&two)], &list()).status(), 200, "the other one stays");
    for _ in 0..64 {
        let answer = server.post(&[], &initialize());
        if answer.status() == 503 {
            assert!(answer.header("retry-after").is_some());
            return;
        }
    }
    panic!("there is no bound on sessions");
}

#[test]
fn the_newest_revision_needs_no_session() {
    let server = Served::examples();
    let version = "MCP-Protocol-Version: 2026-07-28";
    let found = server
        .post(&[version, "Mcp-Method: server/discover"], &modern("server/discover", json!({})));
    assert_eq!(found.status(), 200, "{}", found.0);
    let found = found.json()["result"].clone();
    assert_eq!(found["resultType"], "complete", "{found}");
    assert!(
        found["capabilities"]["tools"].is_object()
            && found["capabilities"].get("logging").is_none()
    );
    let params = json!({"name": "pacto_validate", "arguments": {"path": "payments"}});
    let headers = [version, "Mcp-Method: tools/call", "Mcp-Name: pacto_validate"];
    let called = server.post(&headers, &modern("tools/call", params.clone()));
    assert_eq!(called.json()["result"]["structuredContent"]["valid"], true, "{}", called.0);
    assert!(called.header("mcp-session-id").is_none());
    let headers = [version, "Mcp-Method: tools/list"];
    let mismatch = server.post(&headers, &modern("tools/call", params));
    assert_eq!((mismatch.status(), &mismatch.json()["error"]["code"]), (400, &json!(-32020)));
    let mut future = modern("tools/list", json!({}));
    future["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let refused =
        server.post(&["MCP-Protocol-Version: 2099-01-01", "Mcp-Method: tools/list"], &future);
    assert_eq!(
        (refused.status(), &refused.json()["error"]["code"]),
        (400, &json!(-32022)),
        "{}",
        refused.0
    );
    let stateful = Served::start(&repository().join("examples"), &["--session-mode", "stateful"]);
    let refused =
        stateful.post(&[version, "Mcp-Method: tools/list"], &modern("tools/list", json!({})));
    assert_eq!(refused.json()["error"]["code"], -32022, "{}", refused.0);
    let stateless = Served::start(&repository().join("examples"), &["--session-mode", "stateless"]);
    let opened = stateless.post(&[], &initialize());
    assert!(opened.status() == 200 && opened.header("mcp-session-id").is_none(), "{}", opened.0);
    assert_eq!(stateless.post(&[], &list()).status(), 200);
}

#[test]
fn callers_need_the_token() {
    let folder = TempDir::new("mcp-token");
    folder.write("token", "secret-word\n");
    let file = folder.path().join("token").display().to_string();
    let user = User::new();
    let args = ["mcp", "--transport", "http", "--port", "0", "--token-file", &file];
    user.run(&args).ends_with(2);
    assert!(Command::new("chmod").args(["600", &file]).status().is_ok_and(|s| s.success()));
    let server = Served::start(folder.path(), &["--token-file", &file]);
    let refused = server.post(&[], &initialize());
    assert_eq!(refused.status(), 401);
    assert!(refused.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")));
    for wrong in ["Bearer secret", "Bearer secret-word2", "Basic secret-word", "secret-word"] {
        let header = format!("Authorization: {wrong}");
        assert_eq!(server.post(&[&header], &initialize()).status(), 401, "{wrong}");
    }
    assert_eq!(server.post(&["Authorization: Bearer secret-word"], &initialize()).status(), 200);
    user.run(&["mcp", "-t", "http", "--host", "0.0.0.0", "--port", "0"]).ends_with(2);
    user.run(&["mcp", "-t", "http", "--allowed-origin", "*", "--port", "0"]).ends_with(2);
    user.run(&["mcp", "-t", "sse"]).ends_with(2);
    user.run(&["mcp", "services"]).ends_with(2);
    let port = server.address.rsplit(':').next().expect("a port");
    let busy = user.run(&["mcp", "-t", "http", "--port", port]).ends_with(2);
    assert!(busy.stderr.contains(port), "{}", busy.stderr);
}

#[cfg(unix)]
#[test]
fn sigterm_ends_streams_and_the_server() {
    let mut server = Served::examples();
    let session = server.session();
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
    let accept = "Accept: text/event-stream";
    let head = server.head("GET", "/mcp", &[accept, &format!("Mcp-Session-Id: {session}")]);
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).expect("written");
    let mut first = [0; 15];
    stream.read_exact(&mut first).expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let began = Instant::now();
    let id = server.process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().is_ok_and(|s| s.success()));
    assert_eq!(server.process.wait().expect("it ends").code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(6));
    let mut rest = String::new();
    let _ = stream.read_to_string(&mut rest);
    assert!(rest.ends_with("0\r\n\r\n"), "the stream ends as it should: {rest:?}");
}

#[test]
fn contracts_are_resources() {
    let server = Served::examples();
    let session = format!("Mcp-Session-Id: {}", server.session());
    let ask = |method: &str, params: Value| {
        let message = json!({"jsonrpc": "2.0", "id": 2, "method": method, "params": params});
        server.post(&[&session], &message).json()
    };
    let listed = ask("resources/list", json!({}))["result"]["resources"].clone();
    let uris: Vec<&str> =
        listed.as_array().expect("a list").iter().filter_map(|one| one["uri"].as_str()).collect();
    assert!(uris.is_sorted() && uris.contains(&"pacto://contract/local/payments"), "{uris:?}");
    let templates = ask("resources/templates/list", json!({}));
    assert_eq!(templates["result"]["resourceTemplates"].as_array().map(Vec::len), Some(7));
    for (uri, start) in [
        ("pacto://contract/local/payments", "pactoVersion"),
        ("pacto://inspect/local/payments", "{\n  \"name\": \"payments\""),
        ("pacto://diagnostics/local/payments", "{\n  \"path\": \"payments\""),
        ("pacto://docs/local/payments", "# "),
        ("pacto://graph/local/payments", "{\n  \"nodes\""),
        ("pacto://schema/1.0", "{"),
        ("pacto://rules", "- `"),
        ("pacto://rules/PORT_REQUIRED", ""),
    ] {
        let read = ask("resources/read", json!({"uri": uri}));
        let text = read["result"]["contents"][0]["text"].as_str();
        assert!(text.is_some_and(|text| text.starts_with(start)), "{uri}: {read}");
    }
    for uri in [
        "pacto://contract/local/..%2F..%2FREADME.md",
        "pacto://contract/local/../docs/broken-contract",
        "pacto://contract/local/%2Fetc",
        "pacto://contract/local/absent",
        "pacto://contract/local/%zz",
        "pacto://other/local/payments",
        "pacto://rules/NO_SUCH_RULE",
        "file:///etc/passwd",
    ] {
        let read = ask("resources/read", json!({"uri": uri}));
        assert_eq!(read["error"]["code"], -32002, "{uri}: {read}");
        assert_eq!(read["error"]["message"], "there is no such resource");
    }
    let wrong = ask("resources/list", json!({"cursor": "mine"}));
    assert_eq!(wrong["error"]["code"], -32602);
}
