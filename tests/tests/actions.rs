//! Other ways to write a contract, and its order.

use pacto_core::check::Severity;
use pacto_core::text::{TextEdit, apply_edits};
use pacto_core::yaml::parse;
use pacto_core::{Analysis, ContractKey};
use pacto_tests::cases::{Case, check_cases};
use pacto_tests::fixture::Fixture;
use pacto_tests::marked::Marked;
use pacto_tests::repository;

const B: &str = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n";

/// All actions at a place by their titles.
fn actions(
    analysis: &Analysis,
    key: &ContractKey,
    offset: u32,
) -> Vec<(String, Result<Vec<TextEdit>, &'static str>)> {
    let rewrites = analysis.rewrites(key, offset).into_iter().map(|a| (a.title, a.edits));
    let order = analysis.organise(key).and_then(|order| match order {
        Ok(edit) => edit.map(|edit| Ok(vec![edit])),
        Err(why) => Some(Err(why)),
    });
    rewrites.chain(order.map(|order| ("Put the fields in order".to_owned(), order))).collect()
}

fn problems(case: &Case<'_>) -> Vec<String> {
    let marked = Marked::new(&case.buffer);
    let analysis = marked.fixture.analysis();
    let text = analysis.contract_text(&marked.key).ready().expect("a text").clone();
    let all = actions(&analysis, &marked.key, marked.offset);
    let titles: Vec<&String> = all.iter().map(|(title, _)| title).collect();
    let mut problems = Vec::new();
    for claim in &case.claims {
        let found = all.iter().find(|(title, _)| title == claim.argument);
        let wanted = claim.lines.join("\n");
        match (claim.kind, found) {
            ("none", _) if all.is_empty() => {}
            ("does", Some((_, Ok(edits)))) => {
                let after = apply_edits(&text, edits);
                let after = after.strip_prefix(B).unwrap_or(&after).trim_end();
                if after != wanted.trim_end() {
                    problems.push(format!("{}:\n{after}\n-- instead of\n{wanted}", claim.argument));
                }
            }
            ("cannot", Some((_, Err(why)))) if *why == wanted => {}
            (kind, found) => problems.push(format!("{kind}: {found:?} in {titles:?}")),
        }
    }
    problems
}

#[test]
fn cases_are_written_as_they_say() {
    check_cases("actions.txt", B, problems);
}

/// What a contract says, with one number of replicas for a range of one.
fn data(text: &str) -> serde_json::Value {
    let mut json = pacto_core::value::lower(&parse(text), 0).value.to_json();
    if let Some(scaling) = json.get_mut("scaling").and_then(|s| s.as_object_mut())
        && let Some(replicas) = scaling.remove("replicas")
    {
        scaling.insert("min".into(), replicas.clone());
        scaling.insert("max".into(), replicas);
    }
    json
}

#[test]
fn no_action_on_an_example_changes_what_it_says_or_adds_an_error() {
    let mut tried = 0;
    for folder in std::fs::read_dir(repository().join("examples")).expect("examples").flatten() {
        let text = std::fs::read_to_string(folder.path().join("pacto.yaml")).expect("a contract");
        let fixture = Fixture::contract(&text);
        let analysis = fixture.analysis();
        let errors = |fixture: &Fixture| {
            let all = fixture.check().diagnostics;
            all.iter().filter(|d| d.severity == Severity::Error).count()
        };
        let before = errors(&fixture);
        let mut seen: Vec<Vec<TextEdit>> = Vec::new();
        for offset in (0..text.len() as u32).step_by(4) {
            for (title, edits) in actions(&analysis, &fixture.key, offset) {
                let Ok(edits) = edits else { continue };
                if seen.contains(&edits) {
                    continue;
                }
                let after = apply_edits(&text, &edits);
                seen.push(edits);
                tried += 1;
                assert_eq!(data(&after), data(&text), "{title}:\n{after}");
                if tried % 5 == 0 {
                    assert!(errors(&Fixture::contract(&after)) <= before, "{title}:\n{after}");
                }
            }
        }
    }
    assert!(tried > 50, "only {tried}");
}
