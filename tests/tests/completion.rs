//! Completion in contracts that are perhaps half typed: the table of the specification (9-lsp §9.2),
//! and every position of every example.

use std::collections::HashSet;
use std::fmt::Write;

use pacto_core::Root;
use pacto_core::db::{Baseline, Reach};
use pacto_core::diff::Settings;
use pacto_core::ide::completion::Completion;
use pacto_core::text::apply_edits;
use pacto_core::value::lower;
use pacto_core::yaml::{parse, referee};
use pacto_edge::Driver;
use pacto_tests::cases::{Case, Claim, changed_lines, check_cases};
use pacto_tests::fixture::Fixture;
use pacto_tests::repository;

const B: &str = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n";

/// What is not as a case says.
fn problems(case: &Case<'_>) -> Vec<String> {
    let (fixture, text, offset) = Fixture::marked(&case.buffer);
    let items = fixture.analysis().completions(&fixture.key, offset).items;
    let labels: Vec<&str> = items.iter().map(|item| item.label.as_str()).collect();
    let mut problems = Vec::new();
    for Claim { kind, argument, lines } in &case.claims {
        let shown = |lines: &[&str], n: usize| -> Vec<String> {
            let each = lines.iter().zip(&items).take(n);
            each.map(|(line, item)| show(item, line)).collect()
        };
        match *kind {
            "first" if shown(lines, lines.len()) != *lines => {
                problems.push(format!("first {lines:?}, but found {labels:?}"));
            }
            "exactly" if shown(lines, lines.len()) != *lines || labels.len() != lines.len() => {
                let found: Vec<String> =
                    items.iter().map(|item| format!("{} | {}", item.label, item.detail)).collect();
                problems.push(format!("exactly {lines:?}, but found {found:?}"));
            }
            "without" if lines.iter().any(|line| labels.contains(line)) => {
                problems.push(format!("without {lines:?}, but found {labels:?}"));
            }
            "accept" => {
                let Some(item) = items.iter().find(|item| item.label == *argument) else {
                    problems.push(format!("no {argument} in {labels:?}"));
                    continue;
                };
                let accepted = apply_edits(&text, &item.edits());
                let accepted = accepted.strip_prefix(B).unwrap_or(&accepted).trim_end();
                let wanted = lines.join("\n");
                if accepted != wanted.trim_end() {
                    problems.push(format!("{argument}:\n{accepted}\n-- instead of\n{wanted}"));
                }
            }
            "first" | "exactly" | "without" => {}
            other => problems.push(format!("no such claim: {other}")),
        }
    }
    problems
}

/// An item in the words of a case: with its detail and whether it is preselected, if the case says so.
fn show(item: &Completion, like: &str) -> String {
    let mut out = item.label.clone();
    if like.contains(" | ") {
        let _ = write!(out, " | {}", item.detail);
    }
    if like.ends_with(" *") {
        out.push_str(if item.preselect { " *" } else { " (not preselected)" });
    }
    out
}

#[test]
fn cases_are_as_the_specification_says() {
    let count = check_cases("completion.txt", B, problems);
    assert!(count > 50, "only {count} cases");
}

fn labels(text: &str) -> Vec<String> {
    let (fixture, _, offset) = Fixture::marked(text);
    let items = fixture.analysis().completions(&fixture.key, offset).items;
    items.into_iter().map(|item| item.label).collect()
}

#[test]
fn further_lines_are_relative_to_the_line_for_clients_that_indent_themselves() {
    let text = format!("{B}runtime:\n  ┃");
    let (fixture, _, offset) = Fixture::marked(&text);
    let items = fixture.analysis().completions(&fixture.key, offset).items;
    let state = items.iter().find(|item| item.label == "state").expect("state");
    let relative = "state:\n  type: stateless\n  persistence:\n    scope: local";
    assert!(state.plain_insert().starts_with(relative), "{}", state.plain_insert());
    let absolute = "state:\n    type: stateless\n    persistence:\n      scope: local";
    assert!(state.as_is(&state.plain_insert()).starts_with(absolute));
}

#[test]
fn l29_a_version_that_the_changes_ask_for_comes_first() {
    let old = "pactoVersion: \"1.0\"\nservice: {name: pay, version: 1.2.0}\n";
    let interface = |port| format!("interfaces:\n  - {{name: api, type: http, port: {port}}}\n");
    let new = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: ┃\n";
    let text = format!("{new}{}\n//- ../old/pacto.yaml\n{old}{}", interface(9090), interface(8080));
    let (mut fixture, _, offset) = Fixture::marked(&text);
    let root = Root::Folder("/fleet/old".into());
    let baseline = Baseline { root: root.clone(), label: "1.2.0".into() };
    fixture.host.set_baseline(&fixture.key, Some((baseline, Settings::default())));
    let roots = [root, fixture.key.root.clone()].map(|root| (root, Reach::Compared));
    Driver::default().settle(&mut fixture.host, roots, &fixture.files);
    let items = fixture.analysis().completions(&fixture.key, offset).items;
    let labels: Vec<&str> = items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["2.0.0", "1.2.1", "1.3.0"]);
}

/// How many things keep a text from being read.
fn errors(text: &str) -> usize {
    let tree = parse(text);
    referee::arbitrate(&tree).len() + lower(&tree, 0).errors.len()
}

fn examples() -> Vec<String> {
    let folders = std::fs::read_dir(repository().join("examples")).expect("examples");
    let mut paths: Vec<_> = folders.flatten().map(|e| e.path().join("pacto.yaml")).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("an example")).collect()
}

#[test]
fn whatever_is_accepted_anywhere_reads_no_worse() {
    let mut problems = Vec::new();
    for text in examples() {
        let (fixture, before) = (Fixture::contract(&text), errors(&text));
        let analysis = fixture.analysis();
        let mut seen = HashSet::new();
        for offset in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
            for item in analysis.completions(&fixture.key, offset as u32).items {
                let after = apply_edits(&text, &item.edits());
                if seen.insert(after.clone()) && errors(&after) > before {
                    problems.push(format!(
                        "{} at {offset}:\n{}",
                        item.label,
                        changed_lines(&text, &after)
                    ));
                }
            }
        }
    }
    let shown = problems.iter().step_by(problems.len() / 12 + 1).cloned().collect::<String>();
    assert!(problems.is_empty(), "{} problems, such as\n{shown}", problems.len());
}

#[test]
fn a_key_that_is_typed_anew_is_offered_and_fits() {
    let mut tried = 0;
    let mut problems = Vec::new();
    for text in examples() {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let (at, indent) = (start, line.len() - line.trim_start_matches([' ', '-']).len());
            start += line.len();
            let Some((key, value)) = line[indent..].trim_end().split_once(": ") else { continue };
            let path = text[..at].lines().rev().find(|l| !l.starts_with(' '));
            let is_free = ["metadata:", "configurations:"]
                .iter()
                .any(|free| path.is_some_and(|p| p.starts_with(free)));
            if is_free || key.contains(['#', '{', '/']) || value.contains(['{', '[', '&', '*']) {
                continue;
            }
            // The line without its key, as it is when the key is about to be typed.
            let typed = format!("{}{}{}", &text[..at + indent], "\n", &text[at + line.len()..]);
            let fixture = Fixture::contract(&typed);
            let offset = (at + indent) as u32;
            let items = fixture.analysis().completions(&fixture.key, offset).items;
            tried += 1;
            match items.iter().find(|item| item.label == key) {
                None => problems.push(format!("{key} is not offered:\n{typed}")),
                Some(item) => {
                    let after = apply_edits(&typed, &item.edits());
                    if errors(&after) > errors(&text) {
                        problems.push(format!("{key} does not fit:\n{after}"));
                    }
                }
            }
        }
    }
    assert!(tried > 200, "only {tried} keys");
    assert!(problems.is_empty(), "{} of {tried}, such as {}", problems.len(), problems[0]);
}

#[test]
fn a_table_change_is_a_completion_change() {
    // Every field of the table is offered at its place: nothing is listed twice by hand.
    use pacto_core::schema::FormatVersion;
    use pacto_core::schema::format::CONTRACT;
    for version in FormatVersion::ALL {
        let header = B.replace("1.0\"", &format!("{}\"", version.text()));
        let all = labels(&format!("{header}┃"));
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
                for item in analysis.completions(&fixture.key, offset as u32).items {
                    assert!(item.replace.end as usize <= broken.len());
                    assert!(item.replace.touches(offset as u32), "{item:?} at {offset}");
                    assert!(!item.replace.slice(&broken).contains('\n'), "{item:?}");
                }
                let _ = analysis.hover(&fixture.key, "pacto.yaml", offset as u32);
            }
            let _ = analysis.symbols(&fixture.key);
            let _ = fixture.check();
        }
    }
}
