//! A server at work: steps are done, answers counted, publishes judged, the end compared with a
//! fresh server.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use pacto_tests::lsp::{Client, rich_capabilities};
use pacto_tests::{TempDir, git};
use serde_json::{Value, json};

use super::work::{Content, FILES, FOLDERS, Question, Step};

/// How long what must come may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// Requests that may wait for their answers at a time.
const MOST_PENDING: usize = 32;
/// Texts beyond it are undone.
const LONGEST: usize = 6_000;

/// Who brings diagnostics to the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Push,
    Pull,
}

/// What findings a URI has, in an order that does not depend on their arrival.
type Findings = BTreeMap<String, Vec<String>>;

struct Document {
    version: i64,
    text: String,
}

/// An editor with a workspace, and its server.
pub struct Session {
    folder: TempDir,
    host: String,
    delivery: Delivery,
    client: Client,
    open: BTreeMap<usize, Document>,
    /// The last version of each file, also of those that are closed.
    versions: BTreeMap<usize, i64>,
    /// Requests without an answer: the document that they are about and its version then.
    pending: BTreeMap<i64, Option<(String, i64)>>,
    /// By URI: the version that the server has certainly seen.
    proved: BTreeMap<String, i64>,
    /// What went wrong.
    pub faults: Vec<String>,
    pub steps: usize,
}

impl Session {
    pub fn start(host: &str, delivery: Delivery) -> Session {
        let folder = TempDir::new("soak");
        let mut session = Session {
            host: host.to_owned(),
            delivery,
            client: client(folder.path(), delivery),
            folder,
            open: BTreeMap::new(),
            versions: BTreeMap::new(),
            pending: BTreeMap::new(),
            proved: BTreeMap::new(),
            faults: Vec::new(),
            steps: 0,
        };
        for file in 0..FILES.len() {
            session.write(file, Content::First);
        }
        git(session.folder.path(), &["init", "-q", "-b", "main"]);
        git(session.folder.path(), &["add", "."]);
        git(session.folder.path(), &["commit", "-q", "-m", "first"]);
        session
    }

    fn path(&self, file: usize) -> PathBuf {
        self.folder.path().join(FILES[file].0)
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}/{path}", self.folder.path().display())
    }

    fn uri_of(&self, file: usize) -> String {
        self.uri(FILES[file].0)
    }

    fn first(&self, file: usize) -> String {
        FILES[file].1.replace("HOST", &self.host)
    }

    fn event(&mut self, changes: &[(String, u8)]) {
        let changes: Vec<Value> =
            changes.iter().map(|(uri, kind)| json!({"uri": uri, "type": kind})).collect();
        self.client.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    }

    /// Does one step.
    pub fn step(&mut self, step: &Step) {
        self.steps += 1;
        match *step {
            Step::Open { file } => self.open(file),
            Step::Close { file } => self.close(file),
            Step::Save { file } => self.save(file),
            Step::Edit { file, at, remove, insert } => self.edit(file, at, remove, insert),
            Step::TypeReference { file, reference, number, letters } => {
                let reference = reference.replace("HOST", &self.host);
                let whole = format!("{reference}{number}");
                self.type_reference(file, whole.chars().take(letters));
            }
            Step::Undo { file } => self.undo(file),
            Step::Write { file, content } => self.write(file, content),
            Step::Delete { file } => self.delete(file),
            Step::RenameFile { from, to } => self.rename(from, to),
            Step::RenameFolder { folder } => self.rename_folder(folder),
            Step::Ask { file, at, question, is_cancelled } => {
                self.ask(file, at, question, is_cancelled);
            }
        }
        while let Some(message) = self.client.receive(Duration::ZERO) {
            self.judge(&message);
        }
        while self.pending.len() > MOST_PENDING {
            self.wait();
        }
    }

    fn open(&mut self, file: usize) {
        if self.open.contains_key(&file) {
            return;
        }
        let Ok(text) = std::fs::read_to_string(self.path(file)) else { return };
        let version = self.versions.get(&file).map_or(1, |version| version + 1);
        self.open_as(file, version, text);
    }

    fn open_as(&mut self, file: usize, version: i64, text: String) {
        let language = match FILES[file].0 {
            name if name.ends_with(".proto") => "proto",
            name if name.ends_with(".json") => "json",
            _ => "yaml",
        };
        let uri = self.uri_of(file);
        let document =
            json!({"uri": uri, "languageId": language, "version": version, "text": text});
        self.client.notify("textDocument/didOpen", json!({"textDocument": document}));
        self.versions.insert(file, version);
        self.open.insert(file, Document { version, text });
    }

    fn close(&mut self, file: usize) {
        if self.open.remove(&file).is_some() {
            let uri = self.uri_of(file);
            self.proved.remove(&uri);
            self.client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
        }
    }

    fn save(&mut self, file: usize) {
        let Some(document) = self.open.get(&file) else { return };
        let (text, uri) = (document.text.clone(), self.uri_of(file));
        let kind = if self.path(file).exists() { 2 } else { 1 };
        self.put(file, &text);
        let params = json!({"textDocument": {"uri": uri}, "text": text});
        self.client.notify("textDocument/didSave", params);
        self.event(&[(uri, kind)]);
    }

    fn put(&self, file: usize, text: &str) {
        let path = self.path(file);
        let folder = path.parent().expect("a folder");
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn edit(&mut self, file: usize, at: u16, remove: usize, insert: &str) {
        let Some(document) = self.open.get(&file) else { return };
        if document.text.len() > LONGEST {
            return self.undo(file);
        }
        let start = place(&document.text, at);
        let rest = &document.text[start..];
        let end = start + rest.char_indices().nth(remove).map_or(rest.len(), |(at, _)| at);
        self.change(file, start, end, insert);
    }

    fn change(&mut self, file: usize, start: usize, end: usize, insert: &str) {
        let uri = self.uri_of(file);
        let Some(document) = self.open.get_mut(&file) else { return };
        let range =
            json!({"start": position(&document.text, start), "end": position(&document.text, end)});
        document.text.replace_range(start..end, insert);
        document.version += 1;
        self.versions.insert(file, document.version);
        self.client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": uri, "version": document.version},
                "contentChanges": [{"range": range, "text": insert}],
            }),
        );
    }

    fn type_reference(&mut self, file: usize, letters: impl Iterator<Item = char>) {
        let typed = "dependencies:\n  - name: t\n    required: true\n    ref: ";
        let Some(document) = self.open.get(&file) else { return };
        let end = document.text.len();
        let gap = if document.text.ends_with('\n') { "" } else { "\n" };
        self.change(file, end, end, &format!("{gap}{typed}"));
        for letter in letters {
            let Some(document) = self.open.get(&file) else { return };
            let end = document.text.len();
            self.change(file, end, end, &letter.to_string());
        }
    }

    fn undo(&mut self, file: usize) {
        let uri = self.uri_of(file);
        let text = self.first(file);
        let Some(document) = self.open.get_mut(&file) else { return };
        document.version += 1;
        document.text = text;
        self.versions.insert(file, document.version);
        let (version, text) = (document.version, document.text.clone());
        self.client.change(&uri, version, &text);
    }

    fn write(&mut self, file: usize, content: Content) {
        let first = self.first(file);
        let text = match content {
            Content::First => first,
            Content::Empty => String::new(),
            Content::Changed => first.replace("1.2.0", "1.3.0").replace("8080", "8081"),
            Content::Broken => first.replacen(':', " [", 3),
        };
        let kind = if self.path(file).exists() { 2 } else { 1 };
        self.put(file, &text);
        let uri = self.uri_of(file);
        self.event(&[(uri, kind)]);
    }

    fn delete(&mut self, file: usize) {
        if std::fs::remove_file(self.path(file)).is_ok() {
            let uri = self.uri_of(file);
            self.event(&[(uri, 3)]);
        }
    }

    fn rename(&mut self, from: usize, to: usize) {
        let is_possible = self.path(to).parent().is_some_and(std::path::Path::is_dir);
        if from == to || !is_possible {
            return;
        }
        let kind = if self.path(to).exists() { 2 } else { 1 };
        if std::fs::rename(self.path(from), self.path(to)).is_ok() {
            let events = [(self.uri_of(from), 3), (self.uri_of(to), kind)];
            self.event(&events);
        }
    }

    /// An editor tells of the folder alone, not of the files in it.
    fn rename_folder(&mut self, folder: usize) {
        let (one, other) = FOLDERS[folder];
        let (from, to) =
            if self.folder.path().join(one).exists() { (one, other) } else { (other, one) };
        let (old, new) = (self.folder.path().join(from), self.folder.path().join(to));
        if old.exists() && !new.exists() && std::fs::rename(old, new).is_ok() {
            let events = [(self.uri(from), 3), (self.uri(to), 1)];
            self.event(&events);
        }
    }

    fn ask(&mut self, file: usize, at: u16, question: Question, is_cancelled: bool) {
        let Some(document) = self.open.get(&file) else { return };
        let uri = self.uri_of(file);
        let here = position(&document.text, place(&document.text, at));
        let version = document.version;
        let document = json!({"uri": uri});
        let all =
            json!({"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}});
        let (method, params) = match question {
            Question::Completion => {
                ("textDocument/completion", json!({"textDocument": document, "position": here}))
            }
            Question::Hover => {
                ("textDocument/hover", json!({"textDocument": document, "position": here}))
            }
            Question::Symbols => ("textDocument/documentSymbol", json!({"textDocument": document})),
            Question::Actions => (
                "textDocument/codeAction",
                json!({"textDocument": document, "range": all, "context": {"diagnostics": []}}),
            ),
            Question::Format => (
                "textDocument/formatting",
                json!({"textDocument": document, "options": {"tabSize": 2, "insertSpaces": true}}),
            ),
            Question::Inlays => {
                ("textDocument/inlayHint", json!({"textDocument": document, "range": all}))
            }
            Question::Lenses => ("textDocument/codeLens", json!({"textDocument": document})),
            Question::Pull => ("textDocument/diagnostic", json!({"textDocument": document})),
        };
        let id = self.client.start_request(method, params);
        self.pending.insert(id, Some((uri, version)));
        if is_cancelled {
            self.client.notify("$/cancelRequest", json!({"id": id}));
        }
    }

    /// Waits for the next message.
    fn wait(&mut self) {
        match self.client.receive(PATIENCE) {
            Some(message) => self.judge(&message),
            None => panic!("the server is silent with {} requests open", self.pending.len()),
        }
    }

    fn judge(&mut self, message: &Value) {
        if message["method"] == "textDocument/publishDiagnostics" {
            return self.judge_publish(message);
        }
        let is_answer = message.get("method").is_none();
        let Some(id) = message["id"].as_i64().filter(|_| is_answer) else { return };
        match self.pending.remove(&id) {
            None => self.faults.push(format!("an answer that nobody waits for: {message}")),
            Some(about) => {
                // A cancelled request may be answered before what was sent ahead of it is applied.
                if let Some((uri, version)) = about.filter(|_| message.get("result").is_some()) {
                    let proved = self.proved.entry(uri).or_default();
                    *proved = version.max(*proved);
                }
            }
        }
        // Cancelled, content modified, server cancelled, request failed: all in order.
        let code = message["error"]["code"].as_i64();
        if code.is_some_and(|code| !(-32_803..=-32_800).contains(&code)) {
            self.faults.push(format!("an error: {message}"));
        }
    }

    fn judge_publish(&mut self, message: &Value) {
        let uri = message["params"]["uri"].as_str().unwrap_or_default();
        let Some(version) = message["params"]["version"].as_i64() else { return };
        if let Some(proved) = self.proved.get(uri)
            && version < *proved
        {
            let text =
                format!("{uri} is published as of {version}, but {proved} was answered before");
            self.faults.push(text);
        }
    }

    /// Every request is answered.
    pub fn answer_all(&mut self) {
        while !self.pending.is_empty() {
            self.wait();
        }
    }

    /// Waits until the findings are those of a server that starts now; says what stays different.
    pub fn compare(&mut self, patience: Duration) {
        self.answer_all();
        let mut fresh = client(self.folder.path(), self.delivery);
        for (file, document) in &self.open {
            let uri = self.uri_of(*file);
            let document = json!({"uri": uri, "languageId": "yaml", "version": document.version, "text": document.text});
            fresh.notify("textDocument/didOpen", json!({"textDocument": document}));
        }
        let open: BTreeSet<String> = self.open.keys().map(|file| self.uri_of(*file)).collect();
        let end = Instant::now() + patience;
        loop {
            while let Some(message) = self.client.receive(Duration::from_millis(100)) {
                self.judge(&message);
            }
            while fresh.receive(Duration::from_millis(100)).is_some() {}
            let expected = findings(&mut fresh, self.delivery, &open);
            let actual = findings(&mut self.client, self.delivery, &open);
            let outdated = self.outdated();
            if actual == expected && outdated.is_empty() {
                return;
            }
            if Instant::now() > end {
                self.faults.extend(differences(&actual, &expected));
                self.faults.extend(outdated);
                return;
            }
        }
    }

    /// Open documents of which something older is shown than their newest version.
    fn outdated(&self) -> Vec<String> {
        if self.delivery == Delivery::Pull {
            return Vec::new();
        }
        let outdated = self.open.iter().filter_map(|(file, document)| {
            let (version, items) = self.client.diagnostics.get(&self.uri_of(*file))?;
            // Who shows nothing need not say of which version.
            let is_current = items.is_empty() || *version == Some(document.version);
            let (name, newest) = (FILES[*file].0, document.version);
            (!is_current).then(|| format!("{name}: shown as of {version:?} instead of {newest}"))
        });
        outdated.collect()
    }

    /// Everything is as it was in the beginning.
    pub fn restore(&mut self) {
        for (one, other) in FOLDERS {
            let (old, new) = (self.folder.path().join(other), self.folder.path().join(one));
            if old.exists() {
                let _ = std::fs::remove_dir_all(&new);
                std::fs::rename(old, new).expect("renamed back");
                let events = [(self.uri(other), 3), (self.uri(one), 1)];
                self.event(&events);
            }
        }
        for file in 0..FILES.len() {
            self.close(file);
            self.write(file, Content::First);
        }
        self.answer_all();
        while let Some(message) = self.client.receive(Duration::from_millis(150)) {
            self.judge(&message);
        }
        self.client.published.clear();
        self.client.others.clear();
    }

    pub fn resident_kib(&self) -> u64 {
        self.client.resident_kib()
    }

    pub fn finish(self) {
        assert_eq!(self.client.finish(), 0);
    }
}

fn client(folder: &std::path::Path, delivery: Delivery) -> Client {
    let mut capabilities = rich_capabilities();
    capabilities["general"]["positionEncodings"] = json!(["utf-16"]);
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({"dynamicRegistration": true});
    capabilities["workspace"]["inlayHint"] = json!({"refreshSupport": true});
    if delivery == Delivery::Pull {
        capabilities["textDocument"]["diagnostic"] = json!({});
        capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    }
    let mut command = Command::new(pacto_tests::pacto());
    command
        .arg("lsp")
        .env("PACTO_NO_CACHE", "1")
        .env("HOME", folder.join(".home"))
        .current_dir(folder);
    let mut client = Client::spawn_command(command);
    let folders = json!([{"uri": format!("file://{}", folder.display()), "name": "soak"}]);
    client.handshake(json!({"capabilities": capabilities, "workspaceFolders": folders}));
    client
}

fn findings(client: &mut Client, delivery: Delivery, open: &BTreeSet<String>) -> Findings {
    let mut all = Findings::new();
    match delivery {
        Delivery::Push => {
            for (uri, (_, items)) in &client.diagnostics {
                all.insert(uri.clone(), items.iter().map(shown).collect());
            }
        }
        Delivery::Pull => {
            for uri in open {
                let params = json!({"textDocument": {"uri": uri}});
                let answer = client.request("textDocument/diagnostic", params);
                let items = answer["result"]["items"].as_array().cloned().unwrap_or_default();
                all.insert(uri.clone(), items.iter().map(shown).collect());
            }
        }
    }
    all.retain(|_, items| !items.is_empty());
    all.values_mut().for_each(|items| items.sort());
    all
}

fn shown(item: &Value) -> String {
    let start = &item["range"]["start"];
    format!("{}:{} {} {}", start["line"], start["character"], item["code"], item["message"])
}

fn differences(actual: &Findings, expected: &Findings) -> Vec<String> {
    let uris: BTreeSet<&String> = actual.keys().chain(expected.keys()).collect();
    let mut found = Vec::new();
    for uri in uris {
        let none = Vec::new();
        let (actual, expected) =
            (actual.get(uri).unwrap_or(&none), expected.get(uri).unwrap_or(&none));
        let name = uri.rsplit('/').take(3).collect::<Vec<_>>();
        let name = name.into_iter().rev().collect::<Vec<_>>().join("/");
        found.extend(
            actual.iter().filter(|i| !expected.contains(i)).map(|i| format!("{name}: stale: {i}")),
        );
        found.extend(
            expected
                .iter()
                .filter(|i| !actual.contains(i))
                .map(|i| format!("{name}: missing: {i}")),
        );
        if actual.len() != expected.len() && found.is_empty() {
            found.push(format!("{name}: {} findings instead of {}", actual.len(), expected.len()));
        }
    }
    found
}

fn place(text: &str, at: u16) -> usize {
    let mut place = text.len() * usize::from(at) / 65_536;
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// A position in UTF-16.
fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let last = before.rsplit('\n').next().unwrap_or_default();
    json!({"line": line, "character": last.encode_utf16().count()})
}
