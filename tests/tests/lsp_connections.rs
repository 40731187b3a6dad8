//! The server over sockets instead of standard streams: one client, then it ends.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pacto_tests::TempDir;
use pacto_tests::lsp::{Client, rich_capabilities};
use serde_json::json;

fn server(args: &[&str]) -> Child {
    let mut command = Command::new(pacto_tests::pacto());
    command.arg("lsp").args(args).env("PACTO_OFFLINE", "1").env("PACTO_NO_CACHE", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the server starts")
}

/// Where a server says that it listens.
fn address(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let line = lines.next().expect("a line").expect("text");
    line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned()
}

/// A whole session: a broken contract gets its finding, and the server ends with its client.
fn speaks(mut client: Client) {
    client.handshake(json!({"capabilities": rich_capabilities()}));
    client.open("untitled:one", "pactoVersion: \"1.0\"\nservice: {name: pay}\n");
    let uri = "untitled:two";
    let text = "pactoVersion: \"1.0\"\nservice: {name: pay}\n";
    let document = json!({"uri": uri, "languageId": "pacto", "version": 1, "text": text});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    client.wait_for(uri, |items| items.iter().any(|d| d["code"] == "SCHEMA_VIOLATION"));
    assert_eq!(client.finish(), 0);
}

#[test]
fn over_tcp_one_client_is_served() {
    // Flags of other servers do not hide ours.
    for args in [&["--tcp", "0"][..], &["--of-another=1", "--tcp=127.0.0.1:0", "--log-level=debug"]]
    {
        let mut child = server(args);
        let mut at = String::new();
        if args.len() == 2 {
            at = address(&mut child);
        } else {
            let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
            for line in lines.map_while(Result::ok) {
                if let Some(found) = line.strip_prefix("listening on ") {
                    found.clone_into(&mut at);
                    break;
                }
                assert!(line.contains("--of-another=1"), "{line}");
            }
        }
        assert!(at.starts_with("127.0.0.1:"), "{at}");
        let stream = TcpStream::connect(&at).expect("a server");
        let input = Box::new(stream.try_clone().expect("a stream"));
        // Nobody else is let in.
        let is_refused = || TcpStream::connect(&at).is_err();
        let deadline = Instant::now() + Duration::from_secs(10);
        while !is_refused() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(is_refused());
        speaks(Client::over(child, input, stream));
    }
}

#[test]
fn other_machines_are_let_in_on_request_alone() {
    let run = server(&["--tcp", "0.0.0.0:0"]).wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("other machines") && said.contains("--allow-remote"), "{said}");
    let mut child = server(&["--tcp", "0.0.0.0:0", "--allow-remote"]);
    assert!(address(&mut child).starts_with("0.0.0.0:"));
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn over_a_socket_file_one_client_is_served() {
    let folder = TempDir::new("connections");
    let path = folder.path().join("pacto.sock");
    let name = path.display().to_string();
    // A socket that was left behind is not an obstacle.
    drop(UnixListener::bind(&path).expect("a socket"));
    let mut child = server(&["--pipe", &name]);
    assert_eq!(address(&mut child), name);
    let stream = UnixStream::connect(&path).expect("a server");
    let input = Box::new(stream.try_clone().expect("a stream"));
    speaks(Client::over(child, input, stream));
    assert!(!path.exists());
}

#[test]
fn a_client_that_listens_itself_is_connected_to() {
    let folder = TempDir::new("connections");
    let path = folder.path().join("editor.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    let child = server(&["--pipe", &path.display().to_string()]);
    let (stream, _) = listener.accept().expect("the server comes");
    let input = Box::new(stream.try_clone().expect("a stream"));
    speaks(Client::over(child, input, stream));
}

#[test]
fn what_cannot_be_used_is_said() {
    let folder = TempDir::new("connections");
    folder.write("file", "text");
    let file = folder.path().join("file").display().to_string();
    for (args, expected) in [
        (&["--tcp", "nowhere"][..], "host:port"),
        (&["--tcp", "1", "--stdio"], "cannot be used with"),
        (&["--of-another", "--tcp", "nowhere"], "host:port"),
        (&["--pipe", &file], "not a socket"),
        (&["--log-level", "loud"], "off, error, warning, info, debug"),
    ] {
        let run = server(args).wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(!run.status.success() && said.contains(expected), "{args:?}: {said}");
    }
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "text");
}

#[test]
fn who_started_the_server_is_waited_for_no_longer_than_it_runs() {
    let mut gone = Command::new("true").spawn().expect("a process");
    let id = gone.id().to_string();
    let _ = gone.wait();
    let mut child = server(&["--tcp", "0", "--client-process-id", &id]);
    let deadline = Instant::now() + Duration::from_secs(10);
    while child.try_wait().expect("a child").is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    // A server that waits for ever ends by a signal, which is not a code of its own.
    let _ = child.kill();
    let status = child.wait().expect("a child");
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
}

#[test]
fn the_log_holds_what_its_level_says() {
    let folder = TempDir::new("connections");
    for (level, has_requests, has_warnings) in
        [("debug", true, true), ("warning", false, true), ("off", false, false)]
    {
        let path = folder.path().join(format!("{level}.log"));
        let mut command = Command::new(pacto_tests::pacto());
        command.arg("lsp").env("PACTO_OFFLINE", "1").env("PACTO_NO_CACHE", "1");
        command.arg("--log-file").arg(&path).args(["--log-level", level]);
        let mut client = Client::spawn_command(command);
        client.handshake(json!({"capabilities": {}}));
        client.notify("textDocument/didChange", json!({"textDocument": {"uri": "x:y"}}));
        client.request("textDocument/hover", Client::at("x:y", 0, 0));
        assert_eq!(client.finish(), 0);
        let log = std::fs::read_to_string(&path).expect("a log");
        assert_eq!(log.contains("textDocument/hover answered in"), has_requests, "{level}: {log}");
        assert_eq!(log.contains("warning textDocument/didChange"), has_warnings, "{level}: {log}");
    }
}

#[test]
fn a_setting_changes_the_level_of_the_log() {
    let folder = TempDir::new("connections");
    let path = folder.path().join("lsp.log");
    let mut command = Command::new(pacto_tests::pacto());
    command.arg("lsp").env("PACTO_OFFLINE", "1").env("PACTO_NO_CACHE", "1");
    command.arg("--log-file").arg(&path);
    let mut client = Client::spawn_command(command);
    client.handshake(json!({"capabilities": {}}));
    client.request("textDocument/hover", Client::at("x:y", 0, 0));
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": {"pacto": {"log": {"level": "debug"}}}}),
    );
    client.request("textDocument/hover", Client::at("x:y", 0, 0));
    assert_eq!(client.finish(), 0);
    let log = std::fs::read_to_string(&path).expect("a log");
    assert_eq!(log.matches("hover answered in").count(), 1, "{log}");
}

#[test]
fn a_client_that_asks_for_traces_gets_them() {
    let mut client = Client::spawn();
    client.handshake(json!({"capabilities": {}, "trace": "messages"}));
    let hover = |client: &mut Client| {
        client.request("textDocument/hover", Client::at("x:y", 0, 0));
        client.settle();
        let is_trace = |m: &&serde_json::Value| m["method"] == "$/logTrace";
        let found = client.others.iter().rev().find(is_trace).cloned();
        client.others.clear();
        found.map(|m| m["params"].clone())
    };
    let told = hover(&mut client).expect("a trace");
    assert!(told["message"].as_str().unwrap().starts_with("textDocument/hover answered in"));
    assert!(told.get("verbose").is_none());
    client.notify("$/setTrace", json!({"value": "verbose"}));
    assert!(hover(&mut client).expect("a trace")["verbose"].as_str().unwrap().contains("x:y"));
    client.notify("$/setTrace", json!({"value": "off"}));
    assert_eq!(hover(&mut client), None);
}
