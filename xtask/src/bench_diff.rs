//! Benchmarks of large OpenAPI documents: two compared as a whole process, and edits of one in an
//! editor, by itself and beside its baseline. Prints Markdown.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;
use pacto_tests::growth::{self, Edition};
use pacto_tests::lsp::Client;
use serde_json::json;

use crate::bench::{Samples, bench_folder, peak_memory, start};
use crate::shell::{self, root};

const OPERATIONS: usize = 1_500;
const DEFINITIONS: usize = 300;
const EDITS: usize = 100;
/// Bytes of the documents, about.
const SIZE: usize = 5_000_000;
const SAMPLES: usize = 40;

const CONTRACT: &str = "pactoVersion: \"1.0\"\nservice: {name: big, version: 1.0.0, owner: {team: t}}\n\
    interfaces:\n  - name: api\n    type: http\n    port: 8080\n    contract: openapi.yaml\n";

/// `cargo xtask bench diff`.
pub fn run() -> Result<()> {
    shell::run("cargo", &["build", "--release", "--quiet", "-p", "pacto"])?;
    let folder = bench_folder().join("diff");
    let (old, new) = (folder.join("old"), folder.join("new"));
    write(&old, &document(0))?;
    write(&new, &document(EDITS))?;
    let size = fs::metadata(new.join("openapi.yaml"))?.len() as f64 / 1e6;
    let command = || {
        let mut command = Command::new(root().join("target/release/pacto"));
        command.arg("diff").args([&old, &new]).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::null());
        command
    };
    let times = Samples::take(10, |_| {
        let begin = Instant::now();
        let _ = command().status();
        begin.elapsed()
    });
    println!(
        "\n| `pacto diff`, whole process | p50 / p99 ms | peak memory, MB |\n|---|---|---|\n\
         | two OpenAPI documents of {size:.1} MB, {OPERATIONS} operations, {EDITS} edits | {} | {} |",
        times.text(),
        peak_memory(command())?
    );
    println!();
    growth()?;
    println!();
    large()
}

/// `cargo xtask bench growth`: documents of which every element differs.
pub fn growth() -> Result<()> {
    shell::run("cargo", &["build", "--release", "--quiet", "-p", "pacto"])?;
    println!(
        "| every element changed, whole process | elements | best / worst of 5, ms | peak memory, MB |"
    );
    println!("|---|---|---|---|");
    for (i, growth) in growth::ALL.iter().enumerate() {
        let folder = bench_folder().join(format!("growth-{i}"));
        let (old, new) = (folder.join("old"), folder.join("new"));
        write(&old, &(growth.document)(growth.size, Edition::Old))?;
        write(&new, &(growth.document)(growth.size, Edition::New))?;
        let command = || {
            let mut command = Command::new(root().join("target/release/pacto"));
            command.arg("diff").args([&old, &new]).stdin(Stdio::null()).stdout(Stdio::null());
            command.stderr(Stdio::null());
            command
        };
        let times: Vec<Duration> = (0..5)
            .map(|_| {
                let begin = Instant::now();
                let _ = command().status();
                begin.elapsed()
            })
            .collect();
        let millis = |time: Option<&Duration>| time.map_or(0, Duration::as_millis);
        println!(
            "| {} | {} | {} / {} | {} |",
            growth.name,
            growth.size,
            millis(times.iter().min()),
            millis(times.iter().max()),
            peak_memory(command())?
        );
    }
    Ok(())
}

/// `cargo xtask bench large`.
pub fn large() -> Result<()> {
    shell::run("cargo", &["build", "--release", "--quiet", "-p", "pacto"])?;
    let folder = bench_folder().join("large");
    let (old, new) = (folder.join("old"), folder.join("new"));
    write(&old, &document(0))?;
    write(&new, &document(EDITS))?;
    let size = fs::metadata(new.join("openapi.yaml"))?.len() as f64 / 1e6;
    let (alone, compared) = (session(None, &new)?, session(Some(&old), &new)?);
    println!(
        "| in the editor, p50 / p99 ms | by itself | beside a baseline |\n|---|---|---|\n\
         | keystroke in the OpenAPI document of {size:.1} MB → findings | {} | {} |\n\
         | keystroke in the contract beside it → findings | {} | {} |\n\
         | completion in that contract right after an edit of the document | {} | {} |\n\
         | memory of the server, MB | {:.0} | {:.0} |",
        alone.document.text(),
        compared.document.text(),
        alone.contract.text(),
        compared.contract.text(),
        alone.completion.text(),
        compared.completion.text(),
        alone.memory,
        compared.memory,
    );
    Ok(())
}

fn write(folder: &Path, openapi: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("pacto.yaml"), CONTRACT)?;
    fs::write(folder.join("openapi.yaml"), openapi)?;
    Ok(())
}

/// A document; the first `edits` operations and definitions differ from those without edits.
fn document(edits: usize) -> String {
    let mut out = String::from("openapi: 3.0.3\ninfo: {title: Big, version: 1.0.0}\npaths:\n");
    let filler = SIZE / OPERATIONS / 100;
    for i in 0..OPERATIONS / 2 {
        let _ = writeln!(out, "  /resource-{i:04}/{{id}}:");
        for method in ["get", "put"] {
            let is_edited = method == "get" && i < edits / 2;
            let kind = if is_edited { "integer" } else { "string" };
            let _ = write!(
                out,
                "    {method}:\n      operationId: {method}Resource{i}\n      parameters:\n        \
                 - {{name: id, in: path, required: true, schema: {{type: string}}}}\n        \
                 - name: filter\n          in: query\n          schema:\n            type: {kind}\n      \
                 responses:\n        \"200\":\n          description: ok\n          content:\n            \
                 application/json:\n              schema:\n                type: object\n                \
                 properties:\n                  item:\n                    \
                 $ref: '#/components/schemas/Definition{}'\n",
                i % DEFINITIONS
            );
            for n in 0..filler {
                let _ = write!(
                    out,
                    "                  field-{n}:\n                    type: string\n                    maxLength: {}\n",
                    n + 10
                );
            }
        }
    }
    // A finding of its own, so that there is something to wait for without a baseline, too.
    out.push_str(
        "components:\n  schemas:\n    Stray:\n      $ref: '#/components/schemas/Nowhere'\n",
    );
    for i in 0..DEFINITIONS {
        let is_edited = i < edits / 2;
        let limit = if is_edited { 50 } else { 100 };
        // Chains of three.
        let next = if i % 3 == 2 { i } else { i + 1 };
        let _ = write!(
            out,
            "    Definition{i}:\n      type: object\n      required: [name]\n      properties:\n        \
             name: {{type: string, maxLength: {limit}}}\n        next:\n          \
             $ref: '#/components/schemas/Definition{}'\n",
            next
        );
    }
    out
}

/// What was measured in one editor.
struct Session {
    document: Samples,
    contract: Samples,
    completion: Samples,
    memory: f64,
}

/// Edits of the document, then of the contract, until the findings of each edit are there; then
/// completions while an edit of the document is worked on.
fn session(baseline: Option<&Path>, folder: &Path) -> Result<Session> {
    let command = || {
        let mut command = Command::new(root().join("target/release/pacto"));
        command.arg("lsp");
        command
    };
    let mut client = start(&command, None);
    let baseline = match baseline {
        Some(path) => json!({"mode": "file", "path": path.to_string_lossy()}),
        None => json!({"mode": "off"}),
    };
    let settings = json!({"pacto": {"baseline": baseline}});
    client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
    let uri = |name: &str| format!("file://{}", folder.join(name).display());
    let (contract, openapi) = (uri("pacto.yaml"), uri("openapi.yaml"));
    client.open(&contract, CONTRACT);
    let text = fs::read_to_string(folder.join("openapi.yaml"))?;
    client.open(&openapi, &text);
    client.wait_for(&openapi, |items| !items.is_empty());
    client.settle();
    // A limit in the middle of the document grows and shrinks by a digit.
    let line = text.lines().count() / 2;
    let line = (line..).find(|n| text.lines().nth(*n).is_some_and(|l| l.contains("maxLength")));
    let line = line.unwrap_or(0);
    let column = text.lines().nth(line).map_or(0, str::len);
    let mut editing = Editing { uri: &openapi, line, column, version: 1 };
    let document = editing.keystrokes(&mut client);
    let port = CONTRACT.lines().position(|line| line.contains("port")).unwrap_or(0);
    let column = CONTRACT.lines().nth(port).map_or(0, str::len);
    let own = Editing { uri: &contract, line: port, column, version: 1 }.keystrokes(&mut client);
    let completion = Samples::take(SAMPLES, |_| {
        editing.edit(&mut client);
        let begin = Instant::now();
        let answer =
            client.request("textDocument/completion", Client::at(&contract, port as u32, 4));
        let elapsed = begin.elapsed();
        assert!(answer.get("error").is_none(), "{answer}");
        client.wait_for_version(&openapi, editing.version);
        elapsed
    });
    let memory = client.resident_kib() as f64 / 1024.0;
    client.finish();
    Ok(Session { document, contract: own, completion, memory })
}

/// A place at which a digit comes and goes.
struct Editing<'u> {
    uri: &'u str,
    line: usize,
    column: usize,
    version: i64,
}

impl Editing<'_> {
    fn edit(&mut self, client: &mut Client) {
        self.version += 1;
        let at = |column: usize| json!({"line": self.line, "character": column});
        let is_insert = self.version % 2 == 0;
        let (end, text) = if is_insert { (self.column, "1") } else { (self.column + 1, "") };
        client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": [{"range": {"start": at(self.column), "end": at(end)}, "text": text}],
            }),
        );
    }

    /// The time from an edit to its findings.
    fn keystrokes(&mut self, client: &mut Client) -> Samples {
        Samples::take(SAMPLES, |_| {
            let begin = Instant::now();
            self.edit(client);
            client.wait_for_version(self.uri, self.version);
            begin.elapsed()
        })
    }
}
