//! A client of the real server over pipes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::TempDir;

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A contract without an error.
pub const VALID: &str =
    "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n  owner:\n    team: pay\n";

/// A folder with a contract, and the contract's URI.
pub fn bundle(text: &str) -> (TempDir, String) {
    let folder = TempDir::new("lsp");
    folder.write("pacto.yaml", text);
    let uri = format!("file://{}/pacto.yaml", folder.path().display());
    (folder, uri)
}

/// A running server and what it has sent.
pub struct Client {
    child: Child,
    input: Option<Box<dyn Write + Send>>,
    messages: Receiver<Value>,
    next_id: i64,
    /// The newest diagnostics by URI: version and items.
    pub diagnostics: BTreeMap<String, (Option<i64>, Vec<Value>)>,
    /// Everything that was published, in order.
    pub published: Vec<(String, Option<i64>)>,
    /// The codes of everything that was ever published.
    pub seen: BTreeSet<String>,
    /// Requests and other notifications of the server.
    pub others: Vec<Value>,
    /// The answers to `workspace/configuration`, by section.
    pub configuration: Value,
}

/// The capabilities of a modern editor that takes pushed diagnostics.
pub fn rich_capabilities() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-8"]},
        "textDocument": {
            "publishDiagnostics": {
                "relatedInformation": true, "codeDescriptionSupport": true, "dataSupport": true,
                "tagSupport": {"valueSet": [1, 2]}, "versionSupport": true,
            },
            "completion": {"completionItem": {
                "snippetSupport": true, "labelDetailsSupport": true, "documentationFormat": ["markdown"],
            }},
            "hover": {"contentFormat": ["markdown"]},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        },
        "workspace": {"applyEdit": true, "workspaceEdit": {"documentChanges": true}},
    })
}

impl Client {
    /// Starts a server without a handshake.
    pub fn spawn() -> Client {
        let mut command = Command::new(crate::pacto());
        command.arg("lsp").env("PACTO_OFFLINE", "1").env("PACTO_NO_CACHE", "1");
        Client::spawn_command(command)
    }

    /// Starts any server that speaks over its standard streams.
    pub fn spawn_command(mut command: Command) -> Client {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = Box::new(child.stdin.take().expect("a pipe"));
        let output = child.stdout.take().expect("a pipe");
        Client::over(child, input, output)
    }

    /// Speaks to a server that runs already.
    pub fn over(
        child: Child,
        input: Box<dyn Write + Send>,
        output: impl Read + Send + 'static,
    ) -> Client {
        let mut output = BufReader::new(output);
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read_message(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Client {
            child,
            input: Some(input),
            messages,
            next_id: 0,
            diagnostics: BTreeMap::new(),
            published: Vec::new(),
            seen: BTreeSet::new(),
            others: Vec::new(),
            configuration: Value::Null,
        }
    }

    /// Starts a server and does the handshake; `root` is the workspace, if there is one.
    pub fn start(capabilities: Value, root: Option<&str>) -> Client {
        let mut client = Client::spawn();
        let folders = root.map(|root| json!([{"uri": format!("file://{root}"), "name": "test"}]));
        client.handshake(json!({"capabilities": capabilities, "workspaceFolders": folders}));
        client
    }

    /// Initializes the server, with the usual parameters beside these.
    pub fn handshake(&mut self, params: Value) -> Value {
        let mut all = json!({"processId": std::process::id(), "rootUri": null});
        for (name, value) in params.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let answer = self.request("initialize", all);
        assert!(answer["result"]["capabilities"].is_object(), "{answer}");
        self.notify("initialized", json!({}));
        answer
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the pipe is open");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server reads");
    }

    pub fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and returns its id.
    pub fn start_request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Has the server execute a command with one argument, and waits for its answer.
    pub fn execute(&mut self, command: &str, argument: Value) -> Value {
        let params = json!({"command": command, "arguments": [argument]});
        self.request("workspace/executeCommand", params)
    }

    /// Sends a request and waits for its answer.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.start_request(method, params);
        self.answer(&json!(id))
    }

    /// Waits for the answer of a request.
    pub fn answer(&mut self, id: &Value) -> Value {
        let is_it =
            |message: &Value| message.get("id") == Some(id) && message.get("method").is_none();
        // Answers may come in another order than their requests.
        if let Some(at) = self.others.iter().position(is_it) {
            return self.others.remove(at);
        }
        self.until(is_it)
    }

    fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).expect("an answer in time");
            if is_it(&message) {
                return message;
            }
            self.take(message);
        }
    }

    fn take(&mut self, message: Value) {
        if message["method"] == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            let uri = params["uri"].as_str().unwrap_or_default().to_owned();
            let version = params["version"].as_i64();
            let items = params["diagnostics"].as_array().cloned().unwrap_or_default();
            self.published.push((uri.clone(), version));
            let codes = items.iter().filter_map(|item| item["code"].as_str());
            self.seen.extend(codes.map(str::to_owned));
            self.diagnostics.insert(uri, (version, items));
            return;
        }
        if let (Some(id), Some(method)) = (message.get("id"), message["method"].as_str()) {
            let items = message["params"]["items"].as_array().cloned().unwrap_or_default();
            let settings =
                |item: &Value| self.configuration.get(item["section"].as_str()?).cloned();
            let result = match method {
                "workspace/configuration" => items.iter().map(settings).collect(),
                _ => Value::Null,
            };
            self.send(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
        }
        self.others.push(message);
    }

    /// Takes the next message, if one comes within `patience`, and shows it.
    pub fn receive(&mut self, patience: Duration) -> Option<Value> {
        let message = self.messages.recv_timeout(patience).ok()?;
        self.take(message.clone());
        Some(message)
    }

    /// Takes what arrives during a time.
    pub fn settle_for(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(message) => self.take(message),
                Err(_) => return,
            }
        }
    }

    /// Takes what arrives until the server has been silent for a while.
    pub fn settle(&mut self) {
        while let Ok(message) = self.messages.recv_timeout(Duration::from_millis(250)) {
            self.take(message);
        }
    }

    /// Waits until the diagnostics of `uri` satisfy `fits`.
    pub fn wait_for(&mut self, uri: &str, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((_, items)) = self.diagnostics.get(uri)
                && fits(items)
            {
                return items.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(message) => self.take(message),
                Err(_) => panic!("diagnostics of {uri} stay {:?}", self.diagnostics.get(uri)),
            }
        }
    }

    /// Waits for a request or notification of the server that satisfies `fits`, and takes it.
    pub fn wait_for_message(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.others.iter().position(&fits) {
            return self.others.remove(at);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).expect("a message in time");
            self.take(message);
            if let Some(at) = self.others.iter().position(&fits) {
                return self.others.remove(at);
            }
        }
    }

    /// Tells the server that files have changed: URIs with 1 for created, 2 changed, 3 deleted.
    pub fn files_changed(&mut self, changes: &[(&str, u32)]) {
        let change = |(uri, kind): &(&str, u32)| json!({"uri": uri, "type": kind});
        let changes: Vec<Value> = changes.iter().map(change).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    }

    /// Replaces a part of one line.
    pub fn edit(&mut self, uri: &str, version: i64, at: (u32, u32, u32), text: &str) {
        let (line, start, end) = at;
        let position = |character: u32| json!({"line": line, "character": character});
        let range = json!({"start": position(start), "end": position(end)});
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [{"range": range, "text": text}],
            }),
        );
    }

    /// Waits for the next diagnostics of `uri`.
    pub fn next_diagnostics(&mut self, uri: &str) {
        self.diagnostics.remove(uri);
        self.wait_for(uri, |_| true);
    }

    /// Waits until the diagnostics of `uri` are those of `version`.
    pub fn wait_for_version(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((Some(shown), items)) = self.diagnostics.get(uri)
                && *shown == version
            {
                return items.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(message) => self.take(message),
                Err(_) => panic!("version {version} of {uri} is never published"),
            }
        }
    }

    /// The sorted codes that are shown for `uri`.
    pub fn codes(&self, uri: &str) -> Vec<String> {
        let items =
            self.diagnostics.get(uri).map(|(_, items)| items.as_slice()).unwrap_or_default();
        let mut codes: Vec<String> =
            items.iter().filter_map(|d| d["code"].as_str().map(str::to_owned)).collect();
        codes.sort();
        codes.dedup();
        codes
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Replaces the whole text.
    pub fn change(&mut self, uri: &str, version: i64, text: &str) {
        self.notify("textDocument/didChange", json!({
            "textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}],
        }));
    }

    /// Position parameters.
    pub fn at(uri: &str, line: u32, character: u32) -> Value {
        json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}})
    }

    /// Resident memory of the server, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
    }

    /// Says goodbye and returns the exit code.
    pub fn finish(mut self) -> i32 {
        let answer = self.request("shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null, "{answer}");
        self.notify("exit", Value::Null);
        self.exit_code()
    }

    /// Closes the pipe to the server.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    pub fn exit_code(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server does not end");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_message(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = value.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
