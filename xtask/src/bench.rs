//! Benchmarks: our server beside yaml-language-server in one run, and `pacto validate` as a whole
//! process. Prints Markdown.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pacto_tests::lsp::Client;
use serde_json::{Value, json};

use crate::shell::{self, root};

/// The peer, with the JSON Schema of contracts bound.
const PEER: &str = "yaml-language-server@1.25.0";
const SAMPLES: usize = 200;
const CONTRACTS: usize = 1_000;

/// `cargo xtask bench`.
pub fn run() -> Result<()> {
    shell::run("cargo", &["build", "--release", "--quiet", "-p", "pacto"])?;
    let pacto = root().join("target/release/pacto");
    // Not below a hidden folder, which the peer passes over.
    let folder = bench_folder();
    let fleet = fleet(&folder)?;
    let contract = contract()?;
    println!("Processor: {}\n", processor());
    let ours = || {
        let mut command = Command::new(&pacto);
        command.arg("lsp");
        command
    };
    let mut columns = vec![("pacto", server(&ours, &contract, &fleet, Indexing::Workspace)?)];
    match peer() {
        Ok(peer) => columns.push((PEER, server(&peer, &contract, &fleet, Indexing::OpenAll)?)),
        Err(error) => println!("{PEER} is left out: {error:#}\n"),
    }
    print_servers(&columns);
    print_cli(&pacto, &fleet)?;
    println!();
    shell::run("cargo", &["bench", "--quiet", "-p", "pacto-core", "--bench", "yaml"])
}

pub(crate) fn bench_folder() -> PathBuf {
    std::env::temp_dir().join("pacto-bench")
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let count = info.matches("\nprocessor").count() + 1;
    format!("{count} × {}", name.trim_start_matches([' ', '\t', ':']))
}

/// A contract of 100 lines.
fn contract() -> Result<String> {
    let mut text = fs::read_to_string("examples/orders/pacto.yaml")?;
    text.push_str("\nmetadata:\n");
    for i in text.lines().count()..100 {
        text.push_str(&format!("  note-{i}: value\n"));
    }
    Ok(text)
}

/// Generated contracts, each with up to ten dependencies among those before it.
fn fleet(folder: &Path) -> Result<PathBuf> {
    let fleet = folder.join("fleet");
    for i in 0..CONTRACTS {
        let bundle = fleet.join(format!("svc-{i:04}"));
        fs::create_dir_all(&bundle)?;
        let dependencies: String = (i.saturating_sub(10)..i)
            .map(|j| format!("  - name: d{j}\n    ref: ../svc-{j:04}\n    required: true\n    compatibility: ^1.0.0\n"))
            .collect();
        let dependencies =
            if i == 0 { String::new() } else { format!("\ndependencies:\n{dependencies}") };
        let text = format!(
            "pactoVersion: \"1.0\"\n\nservice:\n  name: svc-{i:04}\n  version: 1.0.{}\n  owner:\n    team: team-{}\n\n\
             interfaces:\n  - name: api\n    type: http\n    port: 8080\n    visibility: internal\n{dependencies}\n\
             runtime:\n  workload: service\n  state:\n    type: stateless\n    persistence:\n      scope: local\n      durability: ephemeral\n    dataCriticality: low\n  \
             lifecycle:\n    upgradeStrategy: rolling\n    gracefulShutdownSeconds: 30\n  health:\n    interface: api\n    path: /health\n\nscaling:\n  min: 1\n  max: 3\n",
            i % 10,
            i % 20
        );
        fs::write(bundle.join("pacto.yaml"), text)?;
    }
    Ok(fleet)
}

/// Fetches the peer and returns how it is started.
fn peer() -> Result<impl Fn() -> Command> {
    let folder = root().join(".cache/bench/peer");
    let server = folder.join("node_modules/yaml-language-server/bin/yaml-language-server");
    if !server.exists() {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), "{\"private\": true}")?;
        let status = Command::new("npm")
            .args(["install", "--silent", "--no-audit", "--no-fund", PEER])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .status()
            .context("npm does not start")?;
        if !status.success() || !server.exists() {
            bail!("npm cannot install it");
        }
    }
    Ok(move || {
        let mut command = Command::new("node");
        command.arg(&server).arg("--stdio").stderr(Stdio::null());
        command
    })
}

/// How a server gets to know many contracts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Indexing {
    Workspace,
    OpenAll,
}

/// Durations of one measure, sorted.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn take(count: usize, mut one: impl FnMut(usize) -> Duration) -> Samples {
        let warm_up = if count > 50 { 3 } else { 0 };
        let mut all: Vec<Duration> = (0..count + warm_up).map(&mut one).skip(warm_up).collect();
        all.sort();
        Samples(all)
    }

    fn at(&self, share: f64) -> f64 {
        let index = ((self.0.len() as f64 * share).ceil() as usize).clamp(1, self.0.len()) - 1;
        self.0[index].as_secs_f64() * 1000.0
    }

    pub(crate) fn text(&self) -> String {
        format!("{:.2} / {:.2}", self.at(0.5), self.at(0.99))
    }
}

/// Measures one server; name and value of each row.
fn server(
    command: &dyn Fn() -> Command,
    contract: &str,
    fleet: &Path,
    indexing: Indexing,
) -> Result<Vec<(String, String)>> {
    let mut rows = Vec::new();
    let start = Samples::take(20, |_| {
        let begin = Instant::now();
        drop(start(command, None));
        begin.elapsed()
    });
    rows.push(("spawn → `initialize` reply, p50 / p99 ms".into(), start.text()));
    let folder = bench_folder().join("one");
    let mut client = self::start(command, None);
    let open = Samples::take(20, |i| {
        let uri = write_bundle(&folder.join(format!("{i}")), contract);
        let broken = contract.replace("type: http", "type: htpp");
        let begin = Instant::now();
        client.open(&uri, &broken);
        client.wait_for(&uri, |items| !items.is_empty());
        begin.elapsed()
    });
    rows.push(("open 100 lines → diagnostics".into(), open.text()));
    let uri = write_bundle(&folder.join("0"), contract);
    rows.push((
        "keystroke → diagnostics".into(),
        keystrokes(&mut client, &uri, contract, SAMPLES).text(),
    ));
    rows.push((
        "completion".into(),
        positions(&mut client, &uri, "textDocument/completion", contract).text(),
    ));
    rows.push((
        "hover".into(),
        positions(&mut client, &uri, "textDocument/hover", contract).text(),
    ));
    rows.extend(navigation(&mut client, &uri, contract, ""));
    rows.push((
        "resident memory, MB".into(),
        format!("{:.0}", client.resident_kib() as f64 / 1024.0),
    ));
    drop(client);

    let begin = Instant::now();
    let mut client = self::start(command, (indexing == Indexing::Workspace).then_some(fleet));
    let last = format!("file://{}/svc-{:04}/pacto.yaml", fleet.display(), CONTRACTS - 1);
    if indexing == Indexing::OpenAll {
        for i in 0..CONTRACTS {
            let path = fleet.join(format!("svc-{i:04}/pacto.yaml"));
            client.open(&format!("file://{}", path.display()), &fs::read_to_string(&path)?);
        }
    }
    client.wait_for(&last, |_| true);
    rows.push((
        "1,000 contracts: all diagnostics, ms".into(),
        format!("{:.0}", begin.elapsed().as_secs_f64() * 1000.0),
    ));
    let text = fs::read_to_string(fleet.join(format!("svc-{:04}/pacto.yaml", CONTRACTS - 1)))?;
    if indexing == Indexing::Workspace {
        client.open(&last, &text);
        client.settle();
    }
    rows.push((
        "1,000 contracts: keystroke → diagnostics".into(),
        keystrokes(&mut client, &last, &text, SAMPLES).text(),
    ));
    rows.push((
        "1,000 contracts: completion".into(),
        positions(&mut client, &last, "textDocument/completion", &text).text(),
    ));
    rows.extend(navigation(&mut client, &last, &text, "1,000 contracts: "));
    rows.push((
        "1,000 contracts: resident memory, MB".into(),
        format!("{:.0}", client.resident_kib() as f64 / 1024.0),
    ));
    Ok(rows)
}

fn write_bundle(folder: &Path, contract: &str) -> String {
    let _ = fs::create_dir_all(folder);
    let _ = fs::write(folder.join("pacto.yaml"), contract);
    format!("file://{}/pacto.yaml", folder.display())
}

/// Starts a server and does the handshake; the peer learns of the schema by its settings.
pub(crate) fn start(command: &dyn Fn() -> Command, workspace: Option<&Path>) -> Client {
    let mut client = Client::spawn_command(command());
    let schema = root().join("docs/pacto-1.0.schema.json");
    let settings = json!({
        "schemas": {format!("file://{}", schema.display()): "**/pacto.yaml"},
        "schemaStore": {"enable": false, "url": ""}, "validate": true, "hover": true, "completion": true,
    });
    client.configuration = json!({"yaml": settings});
    let folders =
        workspace.map(|w| json!([{"uri": format!("file://{}", w.display()), "name": "fleet"}]));
    let capabilities = json!({
        "textDocument": {
            "publishDiagnostics": {"relatedInformation": true},
            "completion": {"completionItem": {"snippetSupport": true, "documentationFormat": ["markdown"]}},
            "hover": {"contentFormat": ["markdown"]},
        },
        "workspace": {"configuration": true, "didChangeConfiguration": {}},
    });
    client.request("initialize", json!({
        "processId": null, "rootUri": null, "workspaceFolders": folders, "capabilities": capabilities,
    }));
    client.notify("initialized", json!({}));
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"yaml": settings}}));
    client
}

/// One character at a time: a value becomes wrong and right again.
fn keystrokes(client: &mut Client, uri: &str, text: &str, samples: usize) -> Samples {
    let line = text.lines().position(|line| line.trim() == "type: http").unwrap_or(0);
    let column = text.lines().nth(line).and_then(|l| l.find("http")).unwrap_or(0) + 4;
    client.change(uri, 1_000, text);
    client.settle();
    let mut version = 1_000;
    Samples::take(samples, |i| {
        version += 1;
        let at = |column: usize| json!({"line": line, "character": column});
        let change = match i % 2 {
            0 => json!({"range": {"start": at(column), "end": at(column)}, "text": "x"}),
            _ => json!({"range": {"start": at(column), "end": at(column + 1)}, "text": ""}),
        };
        let begin = Instant::now();
        client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": uri, "version": version}, "contentChanges": [change],
            }),
        );
        client.next_diagnostics(uri);
        begin.elapsed()
    })
}

/// A request at the end of each line in turn.
fn positions(client: &mut Client, uri: &str, method: &str, text: &str) -> Samples {
    let ends: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
    Samples::take(SAMPLES, |i| {
        let line = i % ends.len();
        let column = if method.ends_with("hover") { ends[line].min(4) } else { ends[line] };
        let params = Client::at(uri, line as u32, column as u32);
        let begin = Instant::now();
        let answer: Value = client.request(method, params);
        assert!(answer.get("error").is_none(), "{answer}");
        begin.elapsed()
    })
}

/// Going to names, and giving one another name, at each interface's name; a dash for what a server
/// does not offer.
fn navigation(client: &mut Client, uri: &str, text: &str, prefix: &str) -> Vec<(String, String)> {
    let names: Vec<(usize, usize)> = text
        .lines()
        .enumerate()
        .filter_map(|(line, content)| Some((line, content.find("name: ")? + 6)))
        .collect();
    let methods = [
        ("definition", "textDocument/definition"),
        ("references", "textDocument/references"),
        ("rename", "textDocument/rename"),
        ("workspace symbols", "workspace/symbol"),
    ];
    let each = methods.into_iter().map(|(name, method)| {
        let ask = |client: &mut Client, i: usize| {
            let (line, column) = names[i % names.len()];
            let mut params = Client::at(uri, line as u32, column as u32);
            match method {
                "textDocument/references" => {
                    params["context"] = json!({"includeDeclaration": true});
                }
                "textDocument/rename" => params["newName"] = json!("renamed"),
                "workspace/symbol" => params = json!({"query": "svc"}),
                _ => {}
            }
            let begin = Instant::now();
            let answer = client.request(method, params);
            (begin.elapsed(), answer["error"]["code"] == -32601)
        };
        let is_missing = ask(client, 0).1;
        let value = match is_missing {
            true => "–".to_owned(),
            false => Samples::take(SAMPLES, |i| ask(client, i).0).text(),
        };
        (format!("{prefix}{name}"), value)
    });
    each.collect()
}

fn print_servers(columns: &[(&str, Vec<(String, String)>)]) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    println!("| measure (p50 / p99 ms) | {} |", names.join(" | "));
    println!("|---|{}", "---|".repeat(columns.len()));
    for (i, (row, _)) in columns[0].1.iter().enumerate() {
        let values: Vec<&str> = columns.iter().map(|(_, rows)| rows[i].1.as_str()).collect();
        println!("| {row} | {} |", values.join(" | "));
    }
    println!();
}

/// `pacto validate` as a user runs it: the time of the whole process.
fn print_cli(pacto: &Path, fleet: &Path) -> Result<()> {
    let all: Vec<PathBuf> = (0..CONTRACTS).map(|i| fleet.join(format!("svc-{i:04}"))).collect();
    let one = [root().join("examples/orders")];
    println!("| `pacto validate`, whole process | p50 / p99 ms | peak memory, MB |\n|---|---|---|");
    for (name, arguments, samples) in
        [("one contract", &one[..], 51), ("1,000 contracts", &all[..], 10)]
    {
        let command = || {
            let mut command = Command::new(pacto);
            command.arg("validate").args(arguments).stdout(Stdio::null());
            command
        };
        let times = Samples::take(samples, |_| {
            let begin = Instant::now();
            let status = command().status();
            assert!(status.is_ok_and(|status| status.success()));
            begin.elapsed()
        });
        println!("| {name} | {} | {} |", times.text(), peak_memory(command())?);
    }
    Ok(())
}

/// The peak of a process's resident memory, by GNU time where it is there.
pub(crate) fn peak_memory(command: Command) -> Result<String> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdout(Stdio::null())
        .output();
    let Ok(output) = output else { return Ok("–".into()) };
    let text = String::from_utf8_lossy(&output.stderr);
    let kib = text.lines().last().and_then(|line| line.trim().parse::<f64>().ok());
    Ok(kib.map_or("–".into(), |kib| format!("{:.0}", kib / 1024.0)))
}
