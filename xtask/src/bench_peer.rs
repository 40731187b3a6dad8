//! Benchmarks beside another program of the same commands: the published tool. Both run in turns, as
//! whole processes, against one registry. Prints Markdown.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, bail};
use pacto_tests::registry::{Guard, Registry, User, contract, output};

use crate::shell::{self, root};

const SAMPLES: usize = 11;
/// Contracts of the graph, and how many dependencies each of its inner ones has.
const NODES: usize = 12;
const FAN_OUT: usize = 3;
/// Contracts that are validated one after the other, or at once where a program takes several.
const MANY: usize = 23;

/// `cargo xtask bench peer PROGRAM`.
pub fn run(peer: &str) -> Result<()> {
    shell::run("cargo", &["build", "--release", "--quiet", "-p", "pacto"])?;
    let peer = std::path::absolute(peer)?;
    let registry = Registry::start(Guard::Open);
    let world = World::new(&registry, [root().join("target/release/pacto"), peer])?;
    let host = registry.host();
    println!("| whole process, p50 ms | pacto | {} |\n|---|---|---|", world.peer_version()?);
    world.row("`validate` of one", &[&["validate", "plain"]], Cache::Kept)?;
    world.row("`validate` of one that needs another", &[&["validate", "needs"]], Cache::Kept)?;
    world.many()?;
    let graph: &[&[&str]] = &[&["graph", "tree"]];
    world.row(&format!("`graph` of {NODES}, cold"), graph, Cache::Emptied)?;
    world.row(&format!("`graph` of {NODES}, warm"), graph, Cache::Kept)?;
    let lib = |version: &str| format!("oci://{host}/acme/lib:{version}");
    let (old, new) = (lib("1.0.0"), lib("1.1.0"));
    world.row("`diff` of two versions, warm", &[&["diff", &old, &new]], Cache::Kept)?;
    let target = format!("oci://{host}/acme/lib");
    let push: &[&[&str]] = &[&["push", &target, "-p", "src/lib-1.1.0"]];
    world.row("`push` of what is there", push, Cache::Kept)?;
    world.row("`pull`, cold", &[&["pull", &new, "-o", "out"]], Cache::Emptied)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    Kept,
    Emptied,
}

/// The same folder for both programs, each with a home of its own.
struct World {
    user: User,
    programs: [PathBuf; 2],
}

impl World {
    fn new(registry: &Registry, programs: [PathBuf; 2]) -> Result<World> {
        let user = User::new();
        let host = registry.host();
        let write = |folder: &str, name: &str, version: &str, needs: &[String]| {
            let needs: Vec<(&str, &str)> = needs.iter().map(|r| (r.as_str(), "^1.0.0")).collect();
            // The peer knows owners by one name only.
            let text = contract(name, version, &needs);
            let text = text.replace("owner:\n    team: test", "owner: team/test");
            user.folder.write(&format!("{folder}/pacto.yaml"), text);
        };
        let at = |name: &str| format!("oci://{host}/acme/{name}:1.0.0");
        let push = |folder: &str, name: &str| {
            let target = format!("{host}/acme/{name}");
            user.run(&["push", &target, "-p", folder, "--no-refs"]).ends_with(0);
        };
        for version in ["1.0.0", "1.1.0"] {
            let folder = format!("src/lib-{version}");
            write(&folder, "lib", version, &[]);
            push(&folder, "lib");
        }
        for i in (0..NODES).rev() {
            let children = FAN_OUT * i + 1..=FAN_OUT * i + FAN_OUT;
            let needs: Vec<String> =
                children.filter(|child| *child < NODES).map(|c| at(&format!("n{c}"))).collect();
            let folder = if i == 0 { "tree".to_owned() } else { format!("src/n{i}") };
            write(&folder, &format!("n{i}"), "1.0.0", &needs);
            if i > 0 {
                push(&folder, &format!("n{i}"));
            }
        }
        write("plain", "plain", "1.0.0", &[]);
        write("needs", "needs", "1.0.0", &[at("lib")]);
        for i in 0..MANY {
            write(&format!("many/m{i}"), &format!("m{i}"), "1.0.0", &[]);
        }
        let world = World { user, programs };
        // A user of a release asked for news today, so that neither program waits for an answer.
        let now = output(Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]));
        let news =
            format!("{{\"checked_at\": \"{}\", \"latest_version\": \"v0.13.2\"}}", now.trim());
        world.user.folder.write("home-1/.config/pacto/update-check.json", news);
        Ok(world)
    }

    fn peer_version(&self) -> Result<String> {
        let output = self.command(1, &["version"]).stdout(Stdio::piped()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn home(&self, program: usize) -> PathBuf {
        self.user.folder.path().join(format!("home-{program}"))
    }

    fn command(&self, program: usize, args: &[&str]) -> Command {
        let mut command = Command::new(&self.programs[program]);
        let home = self.home(program);
        command
            .args(args)
            .current_dir(self.user.folder.path())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs commands one after the other; the time in ms.
    fn time(&self, program: usize, commands: &[&[&str]], cache: Cache) -> Result<f64> {
        remove(&self.user.folder.path().join("out"))?;
        if cache == Cache::Emptied {
            remove(&self.home(program).join(".cache"))?;
        }
        let begin = Instant::now();
        for args in commands {
            let mut command = self.command(program, args);
            let status = command.status()?;
            if !status.success() {
                bail!("{command:?}: {status}");
            }
        }
        Ok(begin.elapsed().as_secs_f64() * 1000.0)
    }

    fn row(&self, name: &str, commands: &[&[&str]], cache: Cache) -> Result<()> {
        self.compared(name, [commands, commands], cache)
    }

    /// The peer takes one contract at a time.
    fn many(&self) -> Result<()> {
        let folders: Vec<String> = (0..MANY).map(|i| format!("many/m{i}")).collect();
        let each: Vec<[&str; 2]> = folders.iter().map(|f| ["validate", f.as_str()]).collect();
        let each: Vec<&[&str]> = each.iter().map(|args| &args[..]).collect();
        let mut all = vec!["validate"];
        all.extend(folders.iter().map(String::as_str));
        let name = format!("`validate` of {MANY}");
        self.compared(&name, [&[&all], &each], Cache::Kept)
    }

    fn compared(&self, name: &str, commands: [&[&[&str]]; 2], cache: Cache) -> Result<()> {
        let mut all: [Vec<f64>; 2] = Default::default();
        // The first turn warms files and caches up.
        for turn in 0..=SAMPLES {
            for (program, times) in all.iter_mut().enumerate() {
                let time = self.time(program, commands[program], cache)?;
                if turn > 0 {
                    times.push(time);
                }
            }
        }
        let [ours, theirs] = all.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        });
        println!("| {name} | {ours:.1} | {theirs:.1} |");
        Ok(())
    }
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
