//! What runs after an edit, and that edits one by one come to the same as a fresh analysis.

use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::db::{Checked, QueryLog, Reach};
use pacto_core::fact::Fact;
use pacto_core::{Change, ContractKey, Host, Origin, Root};
use pacto_edge::{MemoryFiles, settle};
use pacto_tests::fixture::ROOT;
use proptest::prelude::*;

const CONTRACT: &str = "pactoVersion: \"1.0\"
service:
  name: pay
  version: 1.0.0
  owner: {team: pay}
interfaces:
  - name: api
    type: http
    port: 8080
    contract: interfaces/api.yaml
dependencies:
  - ref: ../auth
    compatibility: ^1.0.0
";
const AUTH: &str =
    "pactoVersion: \"1.0\"\nservice: {name: auth, version: 1.4.0, owner: {team: a}}\n";
const SPEC: &str = "openapi: 3.1.0\ninfo: {title: a, version: 1.0.0}\npaths: {}\n";

struct World {
    host: Host,
    key: ContractKey,
    files: MemoryFiles,
    log: QueryLog,
}

impl World {
    fn new() -> World {
        let files = [
            (format!("{ROOT}/pacto.yaml"), CONTRACT),
            (format!("{ROOT}/interfaces/api.yaml"), SPEC),
            ("/fleet/auth/pacto.yaml".to_owned(), AUTH),
        ];
        let files = MemoryFiles(files.into_iter().map(|(p, t)| (p, t.to_owned())).collect());
        let log = QueryLog::default();
        let mut host = Host::with_log(log.clone());
        let key = host.add_contract(ROOT, Vec::new(), Mode::Editor);
        // Open in an editor: the first edit of a text that was on disk until then runs everything.
        for (root, path, text) in
            [(ROOT, "pacto.yaml", CONTRACT), ("/fleet/auth", "pacto.yaml", AUTH)]
        {
            let (root, path, text) =
                (Root::from(root), path.to_owned(), Fact::Ready(Arc::from(text)));
            host.apply([Change::File { root, path, text, origin: Origin::Editor }]);
        }
        settle(&mut host, [ROOT], &files);
        let mut world = World { host, key, files, log };
        world.check();
        world
    }

    fn set(&mut self, root: &str, path: &str, text: &str) {
        let text = Fact::Ready(Arc::from(text));
        self.host.apply([Change::File {
            root: root.into(),
            path: path.to_owned(),
            text,
            origin: Origin::Editor,
        }]);
        settle(&mut self.host, [ROOT], &self.files);
    }

    fn check(&mut self) -> Checked {
        self.host.analysis().check(&self.key).clone()
    }

    /// The queries that run for the next check, each once, sorted.
    fn ran(&mut self, edit: impl FnOnce(&mut World)) -> Vec<String> {
        self.log.lock().expect("the log").clear();
        edit(self);
        self.check();
        let mut names = self.log.lock().expect("the log").clone();
        names.sort();
        names.dedup();
        names
    }
}

#[test]
fn the_same_text_runs_nothing() {
    let mut world = World::new();
    let ran = world.ran(|world| world.set(ROOT, "pacto.yaml", CONTRACT));
    assert!(ran.is_empty(), "{ran:?}");
}

#[test]
fn a_comment_runs_the_parser_and_no_rule() {
    let mut world = World::new();
    let commented = CONTRACT.replace("interfaces:\n", "# a comment\n\ninterfaces: # another\n");
    let ran = world.ran(|world| world.set(ROOT, "pacto.yaml", &commented));
    // Positions have moved, so places are made again; no layer and no model is.
    assert_eq!(ran, ["checked", "document", "tree"]);
}

#[test]
fn an_edit_of_a_value_leaves_other_files_alone() {
    let mut world = World::new();
    let edited = CONTRACT.replace("port: 8080", "port: 8081");
    let ran = world.ran(|world| world.set(ROOT, "pacto.yaml", &edited));
    for name in ["schema", "proto", "cyclic_roots"] {
        assert!(!ran.contains(&name.to_owned()), "{name} ran: {ran:?}");
    }
    assert!(ran.contains(&"findings_structural".to_owned()), "{ran:?}");
    // The dependency's version and the specification are what they were.
    let trees = world.log.lock().expect("the log").iter().filter(|n| *n == "tree").count();
    assert_eq!(trees, 1);
}

#[test]
fn a_new_version_of_a_dependency_runs_the_layers_that_read_it() {
    let mut world = World::new();
    let ran =
        world.ran(|world| world.set("/fleet/auth", "pacto.yaml", &AUTH.replace("1.4.0", "2.0.0")));
    assert!(ran.contains(&"findings_cross_field".to_owned()), "{ran:?}");
    assert!(!ran.contains(&"findings_structural".to_owned()), "{ran:?}");
    assert!(world.check().diagnostics.iter().any(|d| d.rule.code == "COMPATIBILITY_UNSATISFIED"));
    // An edit there that changes nothing that is read runs none.
    let ran = world.ran(|world| {
        world.set(
            "/fleet/auth",
            "pacto.yaml",
            &format!("# new\n{}", AUTH.replace("1.4.0", "2.0.0")),
        );
    });
    assert!(!ran.iter().any(|name| name.starts_with("findings_")), "{ran:?}");
}

#[test]
fn an_edit_of_neither_names_nor_references_leaves_the_fleet_alone() {
    let mut world = World::new();
    let ask = |world: &mut World, text: &str| {
        world.set(ROOT, "pacto.yaml", text);
        let _ = world.host.analysis().fleet();
    };
    let _ = world.host.analysis().fleet();
    let fleet = ["fleet_index", "contested", "cyclic_roots", "workspace_names"];
    let edits = [("port: 8080", "port: 8081"), ("team: pay", "team: core"), ("1.0.0", "1.1.0")];
    for (old, new) in edits {
        let edited = CONTRACT.replacen(old, new, 1);
        let ran = world.ran(|world| ask(world, &edited));
        assert!(ran.contains(&"uses".to_owned()), "{ran:?}");
        assert!(!fleet.iter().any(|name| ran.contains(&(*name).to_owned())), "{new}: {ran:?}");
    }
    // A new name makes the index anew, and looks at no other contract's references.
    ask(&mut world, CONTRACT);
    let renamed = CONTRACT.replace("name: pay", "name: payments");
    let ran = world.ran(|world| ask(world, &renamed));
    assert!(ran.contains(&"fleet_index".to_owned()), "{ran:?}");
    assert_eq!(world.log.lock().expect("the log").iter().filter(|n| *n == "uses").count(), 1);
    assert_eq!(world.host.analysis().fleet().named("payments"), [ROOT.into()]);
    assert_eq!(world.host.analysis().fleet().named("pay"), []);
}

#[test]
fn facts_are_pending_then_ready_or_failed() {
    let mut host = Host::default();
    let key = host.add_contract(ROOT, Vec::new(), Mode::Editor);
    assert!(
        host.analysis().check(&key).diagnostics.is_empty(),
        "nothing is said of what is not there yet"
    );
    let (missing, bundles) = host.demand(&ROOT.into(), Reach::Whole);
    assert_eq!((missing.len(), bundles.len()), (2, 0), "{missing:?}");
    let file = |text| Change::File {
        root: ROOT.into(),
        path: "pacto.yaml".to_owned(),
        text,
        origin: Origin::Disk,
    };
    host.apply([file(Fact::Ready(Arc::from(CONTRACT)))]);
    let (missing, bundles) = host.demand(&ROOT.into(), Reach::Whole);
    assert_eq!(missing.len(), 2, "the listing and the specification: {missing:?}");
    assert_eq!(bundles, [("/fleet/auth".into(), Reach::Contract)]);
    host.apply([file(Fact::Failed(pacto_core::fact::Failure::NotFound))]);
    assert!(host.analysis().contract_text(&key).ready().is_none());
}

fn snippets() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a",
        ":",
        " ",
        "\n",
        "  ",
        "- ",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "#",
        "|\n",
        "&a ",
        "*a",
        "\t",
        "port: 80\n",
        "name: x\n",
        "type: event\n",
        "../auth",
        "^2.0.0",
        "interfaces:\n",
        "<<: ",
        "---\n",
        "🚀",
        "\r\n",
    ])
    .prop_map(str::to_owned)
}

fn apply(text: &str, at: prop::sample::Index, length: usize, new: &str) -> String {
    let boundaries: Vec<usize> = (0..=text.len()).filter(|&i| text.is_char_boundary(i)).collect();
    let start = boundaries[at.index(boundaries.len())];
    let mut end = (start + length).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    format!("{}{new}{}", &text[..start], &text[end..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn edits_one_by_one_equal_a_fresh_analysis(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, snippets()), 1..12)
    ) {
        let mut world = World::new();
        let mut text = CONTRACT.to_owned();
        for (at, length, new) in edits {
            text = apply(&text, at, length, &new);
            world.set(ROOT, "pacto.yaml", &text);
            let step_by_step = world.check();
            let mut files = world.files.clone();
            files.0.insert(format!("{ROOT}/pacto.yaml"), text.clone());
            let mut fresh = Host::default();
            let key = fresh.add_contract(ROOT, Vec::new(), Mode::Editor);
            settle(&mut fresh, [ROOT], &files);
            let from_scratch = fresh.analysis().check(&key).clone();
            prop_assert_eq!(step_by_step, from_scratch, "{}", text);
        }
    }
}
