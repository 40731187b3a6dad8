//! The README shows what the program prints.

use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::fact::Fact;
use pacto_core::report::{self, Sources, Subject, TextOptions};
use pacto_core::{Analysis, Host, Root};
use pacto_edge::{DiskFiles, settle};
use pacto_tests::registry::{Guard, Registry, User, run};
use pacto_tests::{pacto, repository};

struct Shown {
    analysis: Analysis,
    root: Root,
}

impl Sources for Shown {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        let path = self.root.path_of(file)?;
        match self.analysis.file_text(&self.root, path) {
            Fact::Ready(text) => Some(text),
            _ => None,
        }
    }

    fn shown(&self, file: &str) -> String {
        file.strip_prefix(&format!("{}/", repository().display())).unwrap_or(file).to_owned()
    }
}

#[test]
fn its_transcript_is_what_a_terminal_shows() {
    let argument = "docs/broken-contract";
    let root = Root::from(repository().join(argument).display().to_string());
    let mut host = Host::default();
    let key = host.add_contract(&root, Vec::new(), Mode::Batch);
    settle(&mut host, [&key], &DiskFiles);
    let analysis = host.analysis();
    let (name, version) = analysis.service(&key);
    let checked = analysis.check(&key).clone();
    let subject = Subject {
        argument: argument.to_owned(),
        name,
        version,
        checked,
        policies: Vec::new(),
        is_strict: false,
    };
    let sources = Shown { analysis, root };
    let options = TextOptions { colour: false, snippets: true, hints: false };
    let printed = report::text(&subject, &sources, options);
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let (_, rest) =
        readme.split_once("$ pacto validate docs/broken-contract\n").expect("a transcript");
    let (transcript, _) = rest.split_once("validation failed").expect("its last line");
    assert_eq!(printed, transcript);
}

/// The tour is typed into a shell, with a real registry where the README has `localhost:5000`.
#[test]
fn its_tour_is_what_a_user_sees() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let (_, rest) = readme.split_once("## A tour\n").expect("a tour");
    let (_, rest) = rest.split_once("```console\n").expect("a transcript");
    let (transcript, _) = rest.split_once("```").expect("its end");
    let registry = Registry::start(Guard::Open);
    let user = User::new();
    let mut seen = String::new();
    for command in transcript.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let mut shell = std::process::Command::new("bash");
        let typed = command.replace("localhost:5000", &registry.host());
        shell.args(["-c", &format!("{{ {typed}; }} 2>&1")]).current_dir(user.folder.path());
        let folder = pacto().parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{folder}:{path}")).env("HOME", user.folder.path());
        shell.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME").env_remove("CI");
        let run = run(&mut shell).ends_with(0);
        seen.push_str(&format!(
            "$ {command}\n{}",
            run.stdout.replace(&registry.host(), "localhost:5000")
        ));
    }
    // The second digest stands for a contract that names the registry: its port is another one here.
    let blank = |text: &str| {
        let (head, tail) = text.rsplit_once("Digest: sha256:").expect("two digests");
        format!("{head}Digest: {}", &tail[64..])
    };
    assert_eq!(blank(&seen), blank(transcript));
}

#[test]
fn its_two_commands_are_the_ones_that_ci_runs() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let ci = std::fs::read_to_string(repository().join(".ci/run")).expect("the gate");
    assert!(readme.contains("\ncargo xtask test\n"));
    assert_eq!(ci.lines().last(), Some("cargo xtask test"));
}
