//! Completion in contracts that are perhaps half typed: the table of the specification (9-lsp §9.2),
//! and every position of every example.

use pacto_core::ide::completion::Completion;
use pacto_core::text::{TextEdit, apply_edits};
use pacto_tests::fixture::Fixture;
use pacto_tests::repository;

const B: &str = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n";

/// The contract with `text` behind the header; `┃` is the cursor.
fn complete(text: &str) -> (String, u32, Vec<Completion>) {
    complete_with(text, &[])
}

fn complete_with(text: &str, files: &[(&str, &str)]) -> (String, u32, Vec<Completion>) {
    let offset = text.find('┃').expect("a cursor") as u32;
    let text = text.replace('┃', "");
    let all = files.iter().copied().chain([("pacto.yaml", text.as_str())]);
    let fixture = Fixture::new(all);
    let items = fixture.analysis().completions(&fixture.key, offset);
    (text, offset, items)
}

fn labels(text: &str) -> Vec<String> {
    complete(text).2.into_iter().map(|item| item.label).collect()
}

fn body(text: &str) -> String {
    format!("{B}{text}")
}

/// The text after the item `label` is accepted.
fn accept(text: &str, label: &str) -> String {
    let (text, _, items) = complete(text);
    let item = items
        .iter()
        .find(|item| item.label == label)
        .unwrap_or_else(|| panic!("{label}: {items:?}"));
    apply_edits(&text, &[TextEdit::replace(item.replace, item.plain_insert())])
}

#[test]
fn l01_an_empty_file_offers_whole_contracts_first() {
    let all = labels("┃");
    assert!(all.len() > 8 && all[0] == "minimal contract", "{all:?}");
    let fields: Vec<&String> = all.iter().filter(|l| !l.contains(' ') && *l != "library").collect();
    assert_eq!(&fields[..2], ["pactoVersion", "service"]);
}

#[test]
fn l02_l03_column_zero_is_the_root() {
    let all = labels(&body("┃"));
    assert_eq!(
        all,
        [
            "interfaces",
            "configurations",
            "policies",
            "dependencies",
            "runtime",
            "scaling",
            "metadata"
        ]
    );
    let all = labels(&body("runtime:\n┃"));
    assert!(
        !all.contains(&"workload".to_owned()) && all.contains(&"interfaces".to_owned()),
        "{all:?}"
    );
}

#[test]
fn l04_l05_l06_keys_of_a_section() {
    assert_eq!(labels(&body("runtime:\n  ┃"))[..2], ["workload", "state"]);
    let text = body("runtime:\n  wor┃\n  state:\n    type: stateless\n");
    assert!(
        accept(&text, "workload").contains("  workload: service\n  state:\n    type: stateless")
    );
    let text = body("runtime:\n  wor┃: service\n");
    assert!(accept(&text, "workload").contains("\n  workload: service\n"));
}

#[test]
fn l07_l08_values_right_behind_the_colon_and_in_open_quotes() {
    let text = body("runtime:\n  workload:┃\n");
    assert_eq!(labels(&text), ["service", "job", "scheduled"]);
    assert!(accept(&text, "job").contains("workload: job\n"));
    let text = body("runtime:\n  workload: \"┃\nscaling:\n  replicas: 1\n");
    assert_eq!(labels(&text), ["service", "job", "scheduled"]);
    assert!(accept(&text, "job").contains("workload: \"job\nscaling:"), "no extra quote");
}

#[test]
fn l09_l10_nested_state() {
    let all = labels(&body("runtime:\n  state:\n    type: stateless\n    ┃"));
    assert_eq!(all, ["persistence", "dataCriticality"]);
    let text =
        body("runtime:\n  state:\n    type: stateless\n    persistence:\n      durability: ┃");
    let (_, _, items) = complete(&text);
    assert_eq!((items[0].label.as_str(), items[0].preselect), ("ephemeral", true));
    assert_eq!(items[1].detail, "conflicts with stateless");
}

#[test]
fn l11_l12_l13_list_items() {
    let all = labels(&body("interfaces:\n  - ┃"));
    assert_eq!(all[..4], ["http interface", "grpc interface", "event interface", "name"]);
    let added = accept(&body("interfaces:\n  - ┃"), "http interface");
    assert!(Fixture::contract(&added).codes().iter().all(|c| *c != "YAML_PARSE_ERROR"), "{added}");
    let all = labels(&body("interfaces:\n- name: a\n  ┃"));
    assert_eq!(all, ["type", "port", "visibility", "contract"]);
    let all = labels(&body("interfaces:\n  - name: e\n    type: event\n    ┃"));
    assert_eq!(all, ["contract", "visibility"]);
}

#[test]
fn l14_ports() {
    let text = body(
        "interfaces:\n  - {name: b, type: http, port: 8080}\n  - name: a\n    type: http\n    port: ┃",
    );
    let (_, _, items) = complete(&text);
    assert_eq!(items[0].label, "8081");
    assert_eq!((items[1].label.as_str(), items[1].detail.as_str()), ("8080", "in use by b"));
}

#[test]
fn l15_l16_flow_mappings_and_the_other_half_of_a_range() {
    assert_eq!(labels(&body("scaling: { ┃ }")), ["replicas", "min", "max"]);
    assert_eq!(labels(&body("scaling: { ┃")), ["replicas", "min", "max"]);
    assert!(accept(&body("scaling: { ┃ }"), "min").contains("scaling: { min:  }"));
    assert_eq!(labels(&body("scaling:\n  min: 1\n  ┃")), ["max"]);
}

#[test]
fn l17_l18_l19_comments_tabs_and_conflicts() {
    assert!(labels(&body("# note ┃")).is_empty());
    let text = body("runtime:\n\t┃");
    assert_eq!(labels(&text)[..2], ["workload", "state"]);
    let text = body("<<<<<<< HEAD\nscaling:\n  replicas: 1\n=======\n>>>>>>> other\nruntime:\n  ┃");
    assert_eq!(labels(&text)[..2], ["workload", "state"]);
}

#[test]
fn l20_l21_interfaces_and_paths_for_probes() {
    let head = "interfaces:\n  - name: api\n    type: http\n    port: 8080\n    contract: interfaces/api.yaml\n  - name: events\n    type: event\n    contract: x.json\nruntime:\n  health:\n";
    let (_, _, items) = complete(&body(&format!("{head}    interface: ┃")));
    assert_eq!(items.len(), 1);
    assert_eq!((items[0].label.as_str(), items[0].detail.as_str()), ("api", "http · 8080"));
    let spec =
        "openapi: 3.1.0\npaths:\n  /users: {get: {}}\n  /healthz: {get: {}}\n  /made: {post: {}}\n";
    let text = body(&format!("{head}    interface: api\n    path: ┃"));
    let (_, _, items) = complete_with(&text, &[("interfaces/api.yaml", spec)]);
    let found: Vec<&str> = items.iter().map(|i| i.label.as_str()).collect();
    assert_eq!(found, ["/healthz", "/users"]);
}

#[test]
fn l22_files_of_the_right_kind() {
    let text = body("interfaces:\n  - name: api\n    type: http\n    contract: inter┃\n");
    let files = [
        ("interfaces/a.proto", ""),
        ("interfaces/b.yaml", ""),
        ("docs/c.md", ""),
        ("configuration/schema.json", "{}"),
    ];
    let (_, _, items) = complete_with(&text, &files);
    let found: Vec<&str> = items.iter().map(|i| i.label.as_str()).collect();
    assert_eq!(found, ["interfaces/b.yaml", "configuration/schema.json"]);
}

#[test]
fn l23_block_scalars_are_text() {
    assert!(labels(&body("metadata:\n  description: |\n    te┃")).is_empty());
}

#[test]
fn l28_settings_offer_the_values_of_their_schema() {
    let text = body(
        "configurations:\n  - name: app\n    schema: configuration/schema.json\n    values:\n      LOG_LEVEL: ┃",
    );
    let schema = r#"{"properties": {"LOG_LEVEL": {"enum": ["debug", "info"], "default": "info"}}}"#;
    let (_, _, items) = complete_with(&text, &[("configuration/schema.json", schema)]);
    let found: Vec<(&str, bool)> = items.iter().map(|i| (i.label.as_str(), i.preselect)).collect();
    assert_eq!(found, [("debug", false), ("info", true)]);
}

#[test]
fn siblings_decide_what_may_follow() {
    let all = labels(&body("configurations:\n  - name: app\n    ref: ../x\n    ┃"));
    assert!(all.is_empty(), "{all:?}");
    let all = labels(&body("policies:\n  - name: base\n    ┃"));
    assert_eq!(all, ["schema", "ref"]);
    let all = labels(&body("policies:\n  - name: base\n    schema: x\n    ┃"));
    assert!(all.is_empty(), "{all:?}");
}

#[test]
fn a_table_change_is_a_completion_change() {
    // Every field of the table is offered at its place: nothing is listed twice by hand.
    use pacto_core::schema::FormatVersion;
    use pacto_core::schema::format::CONTRACT;
    for version in FormatVersion::ALL {
        let all = labels(&body("┃").replace("1.0\"", &format!("{}\"", version.text())));
        let left_out = ["pactoVersion", "service", "configuration", "policy"];
        let fields = CONTRACT.fields_in(Some(version)).map(|field| field.name);
        let expected: Vec<&str> = fields.filter(|name| !left_out.contains(name)).collect();
        assert_eq!(all, expected, "{}", version.text());
    }
}

/// Ways to break a text at a byte.
fn mutations(text: &str, at: usize) -> Vec<String> {
    let (before, after) = text.split_at(at);
    let mut all = vec![
        before.to_owned(),
        format!("{before}\"{after}"),
        format!("{before}{{{after}"),
        format!("{before}\t{after}"),
    ];
    if let Some(c) = after.chars().next() {
        all.push(format!("{before}{}", &after[c.len_utf8()..]));
    }
    all.push(format!("{before}\n<<<<<<< HEAD\n{after}"));
    all.push(text.replacen(':', "", 1));
    all.push(text.replace('\n', "\r\n"));
    all
}

#[test]
fn every_position_of_every_broken_buffer_has_an_answer() {
    let text =
        std::fs::read_to_string(repository().join("examples/auth/pacto.yaml")).expect("an example");
    for at in (0..text.len()).step_by(29).filter(|&at| text.is_char_boundary(at)) {
        for broken in mutations(&text, at) {
            let fixture = Fixture::contract(&broken);
            let analysis = fixture.analysis();
            let around = at.saturating_sub(40)..(at + 40).min(broken.len());
            for offset in around.filter(|&o| broken.is_char_boundary(o)) {
                for item in analysis.completions(&fixture.key, offset as u32) {
                    assert!(item.replace.end as usize <= broken.len());
                    assert!(item.replace.touches(offset as u32), "{item:?} at {offset}");
                    assert!(!item.replace.slice(&broken).contains('\n'), "{item:?}");
                }
                let _ = analysis.hover(&fixture.key, offset as u32);
            }
            let _ = analysis.symbols(&fixture.key);
            let _ = fixture.check();
        }
    }
}
