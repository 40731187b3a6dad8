//! Benchmarks of registries: push, pull and graphs behind 5 ms of latency, cold and warm, beside
//! `skopeo` where it does the same. Prints Markdown.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pacto_core::contract::OciReference;
use pacto_edge::bundle::artifact::{Identity, Layout, MANIFEST_TYPE};
use pacto_edge::bundle::{Artifact, Bundle, Limits};
use pacto_edge::registry::{Client, Credentials, Options};
use pacto_tests::registry::{Guard, Proxy, Registry, User, contract};

use crate::bare_client;
use crate::shell::{self, root};

const LATENCY: Duration = Duration::from_millis(5);
const FAN_OUT: usize = 5;

/// `cargo xtask bench registry`.
pub fn run() -> Result<()> {
    shell::run("cargo", &["build", "--release", "--quiet", "-p", "pacto"])?;
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, LATENCY);
    println!(
        "\n| registry with 5 ms of latency, whole process | p50 / worst ms | requests |\n|---|---|---|"
    );
    transfers(&proxy, &registry)?;
    for (nodes, samples) in [(100, 10), (1_000, 5)] {
        graphs(&proxy, &registry, nodes, samples)?;
    }
    memory(&registry)
}

fn pacto(user: &User, args: &[&str]) -> Command {
    let made = user.command(args);
    let mut command = Command::new(root().join("target/release/pacto"));
    command.args(args).current_dir(user.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
    for (name, value) in made.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Times of whole processes, `prepare` before each; median and worst in ms.
fn times(
    samples: usize,
    mut prepare: impl FnMut(),
    mut command: impl FnMut() -> Command,
) -> Result<(f64, f64)> {
    let mut all = Vec::new();
    for _ in 0..samples {
        prepare();
        let mut command = command();
        let begin = Instant::now();
        let status = command.status()?;
        all.push(begin.elapsed().as_secs_f64() * 1000.0);
        if !status.success() {
            bail!("{command:?}: {status}");
        }
    }
    all.sort_by(f64::total_cmp);
    Ok((all[all.len() / 2], all[all.len() - 1]))
}

fn row(name: &str, (median, worst): (f64, f64), requests: usize) {
    println!("| {name} | {median:.1} / {worst:.1} | {requests} |");
}

fn transfers(proxy: &Proxy, registry: &Registry) -> Result<()> {
    let user = User::new();
    user.folder.write("one/pacto.yaml", contract("one", "1.0.0", &[]));
    let target = format!("{}/bench/one", proxy.host());
    let before = proxy.log().len();
    let push = times(10, || {}, || pacto(&user, &["push", &target, "-p", "one", "--force"]))?;
    row("`push --force` of a small bundle that is there", push, (proxy.log().len() - before) / 10);
    let before = proxy.log().len();
    let pull = times(
        10,
        || drop(std::fs::remove_dir_all(user.folder.path().join("out"))),
        || pacto(&user, &["pull", &format!("{target}:1.0.0"), "-o", "out", "--no-cache"]),
    )?;
    row("`pull` by tag, no cache", pull, (proxy.log().len() - before) / 10);
    let before = proxy.log().len();
    let image = format!("docker://{}/bench/one:1.0.0", proxy.host());
    let peer = times(
        10,
        || drop(std::fs::remove_dir_all(user.folder.path().join("peer"))),
        || {
            let mut command = Command::new("skopeo");
            command.args(["copy", "--src-tls-verify=false", &image]);
            command.arg(format!("dir:{}/peer", user.folder.path().display()));
            command.stdout(Stdio::null());
            command
        },
    )?;
    row("`skopeo copy` of the same to a folder", peer, (proxy.log().len() - before) / 10);
    let _ = registry;
    Ok(())
}

/// A tree of contracts.
struct Tree {
    /// The root's reference, pinned where the dependencies are.
    root: String,
    /// Repository path and digest of each.
    bundles: Vec<(String, String)>,
}

/// Publishes a tree of contracts from its leaves up.
fn publish(
    proxy: &Proxy,
    registry: &Registry,
    prefix: &str,
    nodes: usize,
    is_pinned: bool,
) -> Result<Tree> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = Client::new(Options::default(), Credentials::default())
        .map_err(|f| anyhow::anyhow!(f.message))?;
    let mut references: BTreeMap<usize, String> = BTreeMap::new();
    let mut bundles = Vec::new();
    for i in (0..nodes).rev() {
        let children: Vec<String> = (FAN_OUT * i + 1..=FAN_OUT * i + FAN_OUT)
            .filter_map(|child| references.get(&child).cloned())
            .collect();
        let dependencies: Vec<(&str, &str)> =
            children.iter().map(|child| (child.as_str(), "^1.0.0")).collect();
        let name = format!("{prefix}-{i}");
        let text = contract(&name, "1.0.0", &dependencies);
        let files = [("pacto.yaml".to_owned(), text.as_bytes().into())].into_iter().collect();
        let identity =
            Identity { name: name.clone(), version: "1.0.0".into(), pacto_version: "1.0".into() };
        let made =
            Artifact::new(&Bundle { files }, &identity, &Layout::default(), &Limits::PUBLISHED);
        let artifact = made.map_err(|failure| anyhow::anyhow!(failure.message))?;
        let target = OciReference::parse(&format!("{}/bench/{name}:1.0.0", registry.host()))
            .map_err(|error| anyhow::anyhow!(error.message))?;
        let pushed =
            runtime.block_on(client.push(&target, &artifact, MANIFEST_TYPE, &["1.0.0".into()]));
        pushed.map_err(|failure| anyhow::anyhow!(failure.message))?;
        let pin = if is_pinned { format!(":1.0.0@{}", artifact.digest) } else { String::new() };
        bundles.push((format!("bench/{name}"), artifact.digest.clone()));
        references.insert(i, format!("oci://{}/bench/{name}{pin}", proxy.host()));
    }
    Ok(Tree { root: references.remove(&0).context("a root")?, bundles })
}

fn graphs(proxy: &Proxy, registry: &Registry, nodes: usize, samples: usize) -> Result<()> {
    for is_pinned in [true, false] {
        let kind = if is_pinned { "digests" } else { "ranges" };
        let Tree { root, bundles } =
            publish(proxy, registry, &format!("g{nodes}{kind}"), nodes, is_pinned)?;
        let user = User::new();
        // Each cold run has a new folder: on ext4, files are slow to make where others were just
        // deleted, since it looks for inodes that were not freed a moment ago.
        let runs = Cell::new(0);
        let graph = |args: &[&str]| {
            let mut command = pacto(&user, args);
            let cache = user.folder.path().join(format!("cache-{}", runs.get()));
            command.env("XDG_CACHE_HOME", cache);
            command
        };
        if is_pinned {
            bare(proxy, registry, &bundles, samples)?;
        }
        let before = proxy.log().len();
        let cold = times(samples, || runs.set(runs.get() + 1), || graph(&["graph", &root]))?;
        let requests = (proxy.log().len() - before) / samples;
        row(&format!("`graph` of {nodes} by {kind}, cold"), cold, requests);
        let before = proxy.log().len();
        let warm = times(samples, || {}, || graph(&["graph", &root]))?;
        row(
            &format!("`graph` of {nodes} by {kind}, warm"),
            warm,
            (proxy.log().len() - before) / samples,
        );
        let offline = times(samples, || {}, || graph(&["--offline", "graph", &root]))?;
        row(&format!("`graph` of {nodes} by {kind}, `--offline`"), offline, 0);
    }
    Ok(())
}

/// What the same bundles cost a client that does nothing with them.
fn bare(
    proxy: &Proxy,
    registry: &Registry,
    bundles: &[(String, String)],
    samples: usize,
) -> Result<()> {
    let ports = [("", proxy.port), (", without latency", registry.port)];
    for ((latency, port), connections) in
        ports.into_iter().flat_map(|port| [8, 16, 32].map(|connections| (port, connections)))
    {
        let all: Result<Vec<f64>> = (0..samples)
            .map(|_| Ok(bare_client::fetch(port, bundles, connections)?.as_secs_f64() * 1000.0))
            .collect();
        let mut all = all?;
        all.sort_by(f64::total_cmp);
        let name =
            format!("bare client, {} bundles, {connections} connections{latency}", bundles.len());
        row(&name, (all[all.len() / 2], all[all.len() - 1]), bundles.len() * 2);
    }
    Ok(())
}

/// The peak of resident memory while a large bundle is pulled.
fn memory(registry: &Registry) -> Result<()> {
    let user = User::new();
    user.folder.write("big/pacto.yaml", contract("big", "1.0.0", &[]));
    // Numbers that do not compress.
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as u8
    };
    for i in 0..5 {
        let bytes: Vec<u8> = (0..8 << 20).map(|_| noise()).collect();
        user.folder.write(&format!("big/docs/{i}.bin"), bytes);
    }
    let target = format!("{}/bench/big", registry.host());
    let push = times(1, || {}, || pacto(&user, &["push", &target, "-p", "big", "--force", "-q"]))?;
    let pull = || {
        pacto(&user, &["pull", &format!("{target}:1.0.0"), "-o", "out", "--force", "--no-cache"])
    };
    let time = times(3, || drop(std::fs::remove_dir_all(user.folder.path().join("out"))), pull)?;
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M"])
        .arg(root().join("target/release/pacto"))
        .args(["pull", &format!("{target}:1.0.0"), "-o", "again", "--no-cache"])
        .current_dir(user.folder.path())
        .env("HOME", user.folder.path())
        .output();
    let peak = match output {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            let kib = text.lines().last().and_then(|line| line.trim().parse::<f64>().ok());
            kib.map_or("–".into(), |kib| format!("{:.0} MB", kib / 1024.0))
        }
        Err(_) => "–".to_owned(),
    };
    println!(
        "\n40 MB that do not compress, no latency: push {:.0} ms, pull {:.0} ms with a peak of {peak}.",
        push.0, time.0
    );
    Ok(())
}
