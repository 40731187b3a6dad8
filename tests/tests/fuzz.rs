//! Every reader of outside text, fed with nonsense. `FUZZ_SECONDS` says how long for each (2).

use std::time::{Duration, Instant};

use pacto_core::contract::{Constraint, ContractRef, OciReference, Version};
use pacto_core::ide::completion::Completion;
use pacto_core::text::apply_edits;
use pacto_core::value::{lower, overrides::Set};
use pacto_core::yaml::parts::{PartTable, Sizes, parse_by_parts};
use pacto_core::yaml::{self, Tree, format, referee};
use pacto_core::{json, spec::proto};
use pacto_tests::fixture::Fixture;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

fn fuzz<T: std::fmt::Debug>(strategy: impl Strategy<Value = T> + Clone, test: impl Fn(T)) {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let mut runs: u64 = 0;
    while Instant::now() < deadline {
        let config = Config {
            cases: 64,
            failure_persistence: None,
            rng_seed: seed(runs),
            ..Config::default()
        };
        let mut runner = TestRunner::new(config);
        runner
            .run(&strategy, |input| {
                test(input);
                Ok(())
            })
            .expect("no input breaks it");
        runs += 64;
    }
    assert!(runs > 0);
}

#[test]
fn inputs_that_once_broke_a_reader() {
    // A backslash as the last byte behind an open quote.
    for text in ["\"\\", "key: \"\\", "{\"\\", "\"a\\\u{e9}"] {
        check_tree(&yaml::parse(text));
        check_tree(&json::parse(text));
    }
}

/// With `PROPTEST_RNG_SEED` every run tries the same inputs, in new batches as long as time lasts.
fn seed(runs: u64) -> RngSeed {
    match Config::default().rng_seed {
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed.wrapping_add(runs)),
        RngSeed::Random => RngSeed::Random,
    }
}

/// Text out of pieces that mean something, and a little of anything.
fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    let piece = prop_oneof![
        8 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => any::<char>().prop_map(|c| c.to_string()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|parts| parts.concat())
}

const YAML: &[&str] = &[
    "a",
    "key",
    ": ",
    ":",
    "\n",
    "\n  ",
    "\n    ",
    "- ",
    "? ",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "#",
    " # c",
    "|",
    ">",
    "|2-\n",
    "&a ",
    "*a",
    "!!str ",
    "!t ",
    "<<: ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\t",
    "\r\n",
    "\\",
    "\\u12",
    "null",
    "1.0",
    "~",
    "@",
    "`",
    "%",
    "\u{feff}",
    "é",
    "🚀",
    "0x1F",
    "service:\n  name: a\n",
    "interfaces:\n  - type: http\n",
];

/// What must hold of every tree.
fn check_tree(tree: &Tree) {
    let length = tree.text().len() as u32;
    for id in tree.ids() {
        let span = tree.span(id);
        assert!(span.start <= span.end && span.end <= length);
        assert!(tree.text().is_char_boundary(span.start as usize));
        assert!(tree.text().is_char_boundary(span.end as usize));
        let _ = tree.scalar_text(id);
    }
    for error in tree.errors() {
        assert!(error.span.end <= length, "{error:?}");
        assert!(tree.text().get(error.span.start as usize..error.span.end as usize).is_some());
    }
    let _ = lower(tree, 0).value.to_json();
}

#[test]
fn yaml_text() {
    fuzz(text(YAML), |text| {
        let tree = yaml::parse(text.as_str());
        check_tree(&tree);
        let errors = referee::arbitrate(&tree);
        for error in &errors {
            assert!(text.get(error.span.start as usize..error.span.end as usize).is_some());
        }
        // Part by part, as large texts are read, it says the same.
        let table = PartTable::of_sizes(Sizes { large: 0, min: 8, max: 24 });
        let by_parts = parse_by_parts(text.as_str(), &table);
        check_tree(&by_parts);
        let spans = |tree: &Tree| -> Vec<_> {
            tree.ids().map(|id| (tree.kind(id), tree.span(id), tree.node(id).mark)).collect()
        };
        assert_eq!(spans(&tree), spans(&by_parts), "{text:?}");
        assert_eq!(errors, referee::arbitrate(&by_parts), "{text:?}");
        // No document is accepted that a conforming parser refuses.
        assert!(!errors.is_empty() || referee::first_error(&text).is_none());
        if let Some(edits) = format::format(&text) {
            let once = apply_edits(&text, &edits);
            let again = format::format(&once).map(|edits| apply_edits(&once, &edits));
            assert_eq!(again.as_ref(), Some(&once), "{text:?}");
        }
    });
}

#[test]
fn json_text() {
    const JSON: &[&str] = &[
        "{", "}", "[", "]", ":", ",", "\"", "\"a\"", "\\", "null", "true", "1", "-", "1e5", " ",
        "\n", "//", "'", "\\u00e9", "\\ud83d",
    ];
    fuzz(text(JSON), |text| check_tree(&json::parse(text.as_str())));
}

#[test]
fn protobuf_text() {
    const PROTO: &[&str] = &[
        "syntax = \"proto3\";",
        "message A {",
        "}",
        "{",
        "service S {",
        "rpc M (A) returns (B);",
        ";",
        "\"",
        "/*",
        "*/",
        "//",
        "\n",
        " ",
        "option x = 1",
        "=",
        "é",
    ];
    fuzz(text(PROTO), |text| {
        for error in proto::parse(&text).errors {
            assert!(text.get(error.span.start as usize..error.span.end as usize).is_some());
        }
    });
}

#[test]
fn versions_constraints_and_references() {
    const GRAMMAR: &[&str] = &[
        "1",
        ".",
        "-",
        "+",
        "v",
        "x",
        "*",
        "^",
        "~",
        "<",
        ">",
        "=",
        "!",
        "|",
        "||",
        ",",
        " ",
        " - ",
        "alpha",
        "0",
        "99999999999999999999",
        "oci://",
        "file://",
        "ghcr.io",
        "/",
        ":",
        "@",
        "sha256:",
        "a",
        "A",
        "_",
        "..",
    ];
    fuzz(text(GRAMMAR), |text| {
        let version = Version::parse(&text);
        match Constraint::parse(&text) {
            Ok(constraint) => {
                let _ = constraint.interval();
                if let Ok(version) = &version {
                    let _ = constraint.matches(version);
                }
            }
            Err(error) => assert!(text.get(error.at.clone()).is_some(), "{text:?} {error:?}"),
        }
        if let Err(error) = ContractRef::parse(&text) {
            assert!(text.get(error.at.clone()).is_some(), "{text:?} {error:?}");
        }
        if let Err(error) = OciReference::parse_image(&text) {
            assert!(text.get(error.at.clone()).is_some(), "{text:?} {error:?}");
        }
    });
}

#[test]
fn override_paths() {
    const PATHS: &[&str] = &[
        "a",
        ".",
        "[",
        "]",
        "0",
        "9",
        "=",
        "\\",
        "\\.",
        "service",
        "interfaces",
        "null",
        "\"",
        "true",
    ];
    fuzz(text(PATHS), |text| {
        if let Ok(set) = Set::parse(&text) {
            let mut value =
                lower(&yaml::parse("service: {name: a}\ninterfaces: [{port: 1}]\n"), 0).value;
            let _ = set.apply(&mut value, 1, false);
        }
    });
}

#[test]
fn whole_contracts_and_cursors() {
    fuzz((text(YAML), any::<prop::sample::Index>()), |(text, at)| {
        let text = format!("pactoVersion: \"1.0\"\n{text}");
        let fixture = Fixture::contract(&text);
        let checked = fixture.check();
        for diagnostic in &checked.diagnostics {
            assert!(diagnostic.span.end as usize <= text.len());
            for fix in &diagnostic.fixes {
                let edits: Vec<_> = fix.edits.iter().map(|(_, edit)| edit.clone()).collect();
                for edit in &edits {
                    assert!(text.get(edit.span.start as usize..edit.span.end as usize).is_some());
                }
                let _ = apply_edits(&text, &edits);
            }
        }
        let mut offset = at.index(text.len() + 1);
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let analysis = fixture.analysis();
        let items: Vec<Completion> = analysis.completions(&fixture.key, offset as u32).items;
        assert!(items.iter().all(|item| {
            text.get(item.replace.start as usize..item.replace.end as usize).is_some()
        }));
        let _ = analysis.hover(&fixture.key, "pacto.yaml", offset as u32);
        let _ = analysis.symbols(&fixture.key);
    });
}

/// Archives with some bytes changed, cut off or inserted: refused or read, never outside of their
/// folder, never beyond their limits.
#[test]
fn archives() {
    let files = [
        ("pacto.yaml", "service: {name: a}\n"),
        ("docs/\u{e9}.md", "text"),
        ("interfaces/x/y.yaml", "a: 1"),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().into()));
    let bundle = pacto_edge::bundle::Bundle { files: files.into_iter().collect() };
    let tar = pacto_edge::bundle::archive::tar(&bundle);
    let gzip = pacto_edge::bundle::archive::gzip(&tar);
    let limits = pacto_edge::bundle::Limits { file: 4096, total: 8192, layer: 65536, entries: 16 };
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..3u8);
    let changes = (any::<bool>(), prop::collection::vec(change, 0..6));
    fuzz(changes, |(is_packed, changes)| {
        let mut bytes = if is_packed { gzip.clone() } else { tar.clone() };
        for (at, byte, how) in changes {
            let at = at.index(bytes.len().max(1));
            match how {
                0 if at < bytes.len() => bytes[at] ^= byte,
                1 => bytes.truncate(at),
                _ => bytes.insert(at.min(bytes.len()), byte),
            }
        }
        let inside = pacto_edge::bundle::unpack_to_memory(&bytes[..], &limits, "r");
        if let Ok(bundle) = inside {
            assert!(bundle.size() <= limits.total && bundle.files.len() <= limits.entries);
            assert!(bundle.files.keys().all(|path| !path.starts_with('/') && !path.contains("..")));
        }
    });
}

const CONFIG: &[&str] = &[
    "rules",
    ": ",
    "\n  ",
    "\n",
    "cache",
    "max-size",
    "1GiB",
    "limits",
    "file",
    "registries",
    "{",
    "}",
    "[",
    "]",
    "jobs",
    "8",
    "PORT_IGNORED",
    "off",
    "true",
    "generate",
    "- ",
    "null",
    "99999999999999999999",
];

#[test]
fn configuration_files() {
    fuzz(text(CONFIG), |text| {
        for owner in [pacto_edge::config::Owner::Project, pacto_edge::config::Owner::User] {
            let _ = pacto_edge::config::parse(&text, owner);
        }
    });
}

const TAGS: &[&str] =
    &["1", "0", ".", "-", "_", "v", "rc", "latest", "sha256-", "+", "20240501", "x"];

#[test]
fn lists_of_tags() {
    let lists = prop::collection::vec(text(TAGS), 0..8);
    fuzz((lists, "[0-9v.xX*^~<>=!, |a-]{0,12}"), |(tags, constraint)| {
        let constraint = Constraint::parse(&constraint).ok();
        if let Some(chosen) = pacto_core::contract::tags::select(&tags, constraint.as_ref()) {
            assert!(constraint.is_none_or(|constraint| constraint.matches(&chosen.version)));
        }
    });
}

/// Any two examples of rules are compared, whole or with a piece cut out of them.
#[test]
fn comparisons() {
    use pacto_core::diff::rules::{EVENTS, OPENAPI, PROTO, SCHEMA};
    use pacto_tests::diff::diff;
    let kinds = (0usize..4, any::<[prop::sample::Index; 2]>(), any::<[bool; 2]>());
    let cuts = prop::collection::vec((any::<prop::sample::Index>(), 0usize..6), 0..3);
    fuzz((kinds, cuts), |((kind, which, sides), cuts)| {
        let (rules, name, ty) = [
            (SCHEMA, "s.yaml", "configuration"),
            (OPENAPI, "a.yaml", "http"),
            (PROTO, "a.proto", "grpc"),
            (EVENTS, "a.yaml", "event"),
        ][kind];
        let contract = match ty {
            "configuration" => "configuration: {schema: s.yaml}\n".to_owned(),
            ty => format!("interfaces: [{{name: a, type: {ty}, port: 80, contract: {name}}}]\n"),
        };
        let text = |i: usize| {
            let example = which[i].get(rules).example[usize::from(sides[i])];
            match ty {
                "http" if example.starts_with("{paths") => {
                    format!("{{openapi: 3.1.0, {}", &example[1..])
                }
                "http" => format!("{{openapi: 3.1.0, paths: {{/a: {{get: {example}}}}}}}"),
                "event" if !example.starts_with("{asyncapi") => {
                    format!("{{asyncapi: 3.0.0, {}", &example[1..])
                }
                "grpc" => example.replace('\'', "\""),
                _ => example.to_owned(),
            }
        };
        let (old, mut new) = (text(0), text(1));
        for (at, length) in cuts {
            let chars: Vec<char> = new.chars().collect();
            if !chars.is_empty() {
                let from = at.index(chars.len());
                let to = (from + length).min(chars.len());
                new = chars[..from].iter().chain(&chars[to..]).collect();
            }
        }
        let compare = |old: &str, new: &str| {
            diff(
                &[("pacto.yaml", &contract), (name, old)],
                &[("pacto.yaml", &contract), (name, new)],
            )
        };
        let report = compare(&old, &new);
        assert_eq!(report, compare(&old, &new));
        for row in &report.changes {
            let inside = |text: &str, at: &Option<pacto_core::db::Located>| {
                at.as_ref().is_none_or(|at| {
                    at.name != name
                        || text.get(at.span.start as usize..at.span.end as usize).is_some()
                })
            };
            assert!(inside(&old, &row.old) && inside(&new, &row.new) && inside(&new, &row.anchor));
        }
        let same = compare(&new, &new);
        let is_row = |rule: &str| rule != "input/not-compared";
        assert!(!same.changes.iter().any(|row| is_row(&row.change.rule_id())), "{new}");
    });
}
