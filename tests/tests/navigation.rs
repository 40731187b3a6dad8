//! Definitions, references and rename in contracts and the files that they name.

use std::fmt::Write;

use pacto_core::text::{LineIndex, Span, TextEdit, apply_edits};
use pacto_core::{Analysis, Root};
use pacto_edge::Files;
use pacto_tests::cases::{Case, case_text, cases, check_cases};
use pacto_tests::fixture::{Fixture, ROOT};
use pacto_tests::marked::Marked;

const B: &str = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n";

/// A place as cases write it.
fn shown(fixture: &Fixture, file: &str, span: Span, text: Option<&str>) -> String {
    let (folder, path) = match file.strip_prefix(&format!("{ROOT}/")) {
        Some(path) => (ROOT.to_owned(), path.to_owned()),
        None => {
            let rest = file.strip_prefix("/fleet/").expect("a file of the fleet");
            let (folder, path) = rest.split_once('/').expect("a bundle");
            (format!("/fleet/{folder}"), path.to_owned())
        }
    };
    let all = fixture.files.read(&Root::from(folder), &path);
    let all = all.ready().expect("a known file");
    let line = LineIndex::new(all).line_of(span.start) + 1;
    let name = file.strip_prefix(&format!("{ROOT}/")).map(str::to_owned);
    let name = name.unwrap_or_else(|| file.replacen("/fleet/", "../", 1));
    format!("{name} {line} {}", text.unwrap_or(span.slice(all)))
}

fn answers(marked: &Marked, analysis: &Analysis, kind: &str, argument: &str) -> Vec<String> {
    let Marked { fixture, key, path, offset } = marked;
    let entity = || analysis.entity(key, path, *offset).map(|(entity, _)| entity);
    match kind {
        "definition" | "type" => {
            let of = |entity| match kind {
                "type" => analysis.type_of(&entity),
                _ => analysis.declaration(&entity),
            };
            let target = entity().and_then(of);
            let target = target.inspect(|t| assert!(t.span.contains_span(t.name), "{t:?}"));
            target.map(|t| shown(fixture, &t.file, t.name, None)).into_iter().collect()
        }
        "uses" => {
            let all = entity().map_or(Vec::new(), |entity| analysis.occurrences(&entity));
            let each = all.iter().map(|o| {
                let mark = if o.is_declaration { " =" } else { "" };
                shown(fixture, &o.file(), o.span, None) + mark
            });
            each.collect()
        }
        "rename" => match analysis.rename(key, path, *offset, argument) {
            Ok(edits) => {
                let each = edits.iter();
                each.map(|(file, e)| shown(fixture, file, e.span, Some(&e.text))).collect()
            }
            Err(why) => vec![why],
        },
        "refused" => analysis.rename(key, path, *offset, argument).err().into_iter().collect(),
        other => panic!("no such claim: {other}"),
    }
}

fn problems(case: &Case<'_>) -> Vec<String> {
    let marked = Marked::new(&case.buffer);
    let analysis = marked.fixture.analysis();
    let mut problems = Vec::new();
    for claim in &case.claims {
        let found = answers(&marked, &analysis, claim.kind, claim.argument);
        if found != claim.lines {
            problems.push(format!("{}: {:?}, but found {found:?}", claim.kind, claim.lines));
        }
    }
    problems
}

#[test]
fn cases_are_as_the_specification_says() {
    check_cases("navigation.txt", B, problems);
}

#[test]
fn after_a_rename_the_same_places_have_the_new_name() {
    let text = case_text("navigation.txt");
    for case in &cases(&text, B) {
        let marked = Marked::new(&case.buffer);
        let analysis = marked.fixture.analysis();
        let Some(claim) = case.claims.iter().find(|claim| claim.kind == "rename") else { continue };
        let (key, path, offset) = (&marked.key, &marked.path, marked.offset);
        let edits = analysis.rename(key, path, offset, claim.argument).expect(case.name);
        let (entity, _) = analysis.entity(key, path, offset).expect("an entity");
        let before = analysis.occurrences(&entity).len();
        // Each file with its edits, as a client applies them.
        let mut files = marked.fixture.files.0.clone();
        for (file, all) in &mut files {
            let own = edits.iter().filter(|(name, _)| name == file).map(|(_, e)| e.clone());
            *all = apply_edits(all, &own.collect::<Vec<TextEdit>>());
        }
        let short = |file: &String| match file.strip_prefix(&format!("{ROOT}/")) {
            Some(path) => path.to_owned(),
            None => file.replacen("/fleet/", "../", 1),
        };
        let mut parts: Vec<(String, String)> =
            files.iter().map(|(file, text)| (short(file), text.clone())).collect();
        parts.sort_by_key(|(path, _)| path != "pacto.yaml");
        let mut whole = parts[0].1.clone();
        for (path, text) in &parts[1..] {
            let _ = write!(whole, "\n//- {path}\n{text}");
        }
        let (fixture, _) = Fixture::of_text(&whole);
        let analysis = fixture.analysis();
        let first = edits.iter().filter(|(file, _)| *file == key.root.file(path));
        let first = first.map(|(_, e)| e.span.start).min().expect("an edit in the file");
        let (entity, _) = analysis.entity(key, path, first).expect(case.name);
        assert_eq!(analysis.occurrences(&entity).len(), before, "{}", case.name);
    }
}

#[test]
fn linked_places_are_typed_together_where_they_are_in_one_file() {
    let text = format!(
        "{B}interfaces:\n  - {{name: a┃pi, type: http, port: 8080}}\nruntime:\n  health: {{interface: api}}\n"
    );
    let marked = Marked::new(&text);
    let spans = marked.fixture.analysis().linked(&marked.key, "pacto.yaml", marked.offset);
    assert_eq!(spans.len(), 2);
}
