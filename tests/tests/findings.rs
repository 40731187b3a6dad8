//! Findings: what they mark, and what their fixes make of a text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pacto_core::check::{Applicability, Diagnostic, ResolvedFix, Severity, safe_fixes};
use pacto_core::text::apply_edits;
use pacto_tests::cases::{Case, Claim, changed_lines, check_cases};
use pacto_tests::fixture::{Fixture, ROOT, created};
use pacto_tests::repository;

const HEADER: &str = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n";

/// A finding as cases write it: `CODE "marked text"`, with its file if that is another one.
fn shown(diagnostic: &Diagnostic, fixture: &Fixture) -> String {
    let file = diagnostic.file.clone().unwrap_or_default();
    let text = fixture.files.0.get(&file).map_or("", String::as_str);
    let marked = diagnostic.span.slice(text);
    match file.strip_prefix(&format!("{ROOT}/")).filter(|path| *path != "pacto.yaml") {
        Some(path) => format!("{} {path} \"{marked}\"", diagnostic.rule.code),
        None => format!("{} \"{marked}\"", diagnostic.rule.code),
    }
}

/// The contract after a fix.
fn fixed(text: &str, fix: &ResolvedFix) -> String {
    let own = format!("{ROOT}/pacto.yaml");
    let edits: Vec<_> =
        fix.edits.iter().filter(|(file, _)| *file == own).map(|(_, edit)| edit.clone()).collect();
    apply_edits(text, &edits)
}

/// What is not as a case says.
fn problems(case: &Case<'_>) -> Vec<String> {
    let (fixture, text) = Fixture::of_text(&case.buffer);
    let checked = fixture.check();
    let found: Vec<String> = checked.diagnostics.iter().map(|d| shown(d, &fixture)).collect();
    let mut problems = Vec::new();
    for Claim { kind, argument, lines } in &case.claims {
        match *kind {
            "finds" => {
                let missing = lines.iter().filter(|line| !found.iter().any(|f| f == *line));
                problems.extend(missing.map(|line| format!("no {line} in {found:?}")));
            }
            "not" => {
                let is_there =
                    |code: &&&str| checked.diagnostics.iter().any(|d| d.rule.code == **code);
                problems
                    .extend(lines.iter().filter(is_there).map(|code| format!("{code} is there")));
            }
            "creates" => {
                let mut fixes = checked.diagnostics.iter().flat_map(|d| &d.fixes);
                let found = fixes.find_map(|fix| created(fix).find(|(path, _)| path == argument));
                let text = found.map(|(_, text)| text.trim_end());
                if text != Some(lines.join("\n").trim_end()) {
                    problems.push(format!("{argument} is created with {text:?}"));
                }
            }
            "mends" => {
                let (path, title) = argument.split_once(' ').expect("a path and a title");
                let file = format!("{ROOT}/{path}");
                let mut fixes = checked.diagnostics.iter().flat_map(|d| &d.fixes);
                let fix = fixes.find(|fix| fix.title == title);
                let edits = fix.into_iter().flat_map(|fix| &fix.edits);
                let edits = edits.filter(|(of, _)| *of == file).map(|(_, edit)| edit.clone());
                let text = fixture.files.0.get(&file).expect("a file");
                let after = apply_edits(text, &edits.collect::<Vec<_>>());
                if after.trim_end() != lines.join("\n").trim_end() {
                    problems.push(format!("{title}:\n{after}"));
                }
            }
            "fix" => {
                let mut fixes = checked.diagnostics.iter().flat_map(|d| &d.fixes);
                let Some(fix) = fixes.find(|fix| fix.title == *argument) else {
                    let all = checked.diagnostics.iter().flat_map(|d| &d.fixes);
                    let titles: Vec<&str> = all.map(|fix| fix.title.as_str()).collect();
                    problems.push(format!("no fix {argument} in {titles:?} of {found:?}"));
                    continue;
                };
                let after = fixed(&text, fix);
                let after = after.strip_prefix(HEADER).unwrap_or(&after).trim_end();
                let wanted = lines.join("\n");
                if after != wanted.trim_end() {
                    problems.push(format!("{argument}:\n{after}\n-- instead of\n{wanted}"));
                }
            }
            other => problems.push(format!("no such claim: {other}")),
        }
    }
    problems
}

#[test]
fn cases_mark_and_mend_what_they_say() {
    let count = check_cases("findings.txt", HEADER, problems);
    assert!(count > 33, "only {count} cases");
}

#[test]
fn safe_fixes_are_made_whole_or_not_at_all() {
    let text = format!("{HEADER}interfaces:\n  - name: api\n    tpye: http\n    prot: \"8080\"\n");
    let fixture = Fixture::contract(&text);
    let checked = fixture.check();
    let chosen = safe_fixes(&checked.diagnostics);
    let spans: Vec<_> =
        chosen.iter().flat_map(|(_, fix)| &fix.edits).map(|(_, e)| e.span).collect();
    assert!(!spans.is_empty());
    for (i, a) in spans.iter().enumerate() {
        assert!(spans[..i].iter().all(|b| a.end < b.start || b.end < a.start), "{spans:?}");
    }
}

/// Contracts that went wrong at one line: the line is gone, its value is gone or another, its key is
/// mistyped, or it stands twice.
fn broken(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut all = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let with = |new: &str| format!("{}{new}{}", lines[..i].concat(), lines[i + 1..].concat());
        all.push(with(""));
        all.push(with(&format!("{line}{line}")));
        let Some((key, value)) = line.split_once(':') else { continue };
        let letters: Vec<char> = key.chars().collect();
        if let [.., a, b] = letters[..] {
            let head: String = letters[..letters.len() - 2].iter().collect();
            all.push(with(&format!("{head}{b}{a}:{value}")));
        }
        all.push(with(&format!("{key}:\n")));
        all.push(with(&format!("{key}: x\n")));
        all.push(with(&format!("{key}: \"7\"\n")));
    }
    all
}

/// Errors by code.
fn errors(diagnostics: &[Diagnostic]) -> BTreeMap<&'static str, usize> {
    let mut found = BTreeMap::new();
    for diagnostic in diagnostics.iter().filter(|d| d.severity == Severity::Error) {
        *found.entry(diagnostic.rule.code).or_default() += 1;
    }
    found
}

/// The files below a folder, as paths from it.
fn add_files(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_str().expect("a name"));
        if entry.path().is_dir() {
            add_files(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            files.push((path, text));
        }
    }
}

/// How long broken contracts are tried.
const BUDGET: Duration = Duration::from_secs(20);

/// What a fix writes fits what stands beside it: such contracts have no error after it.
#[test]
fn values_that_fixes_write_fit_what_is_there() {
    let header = "pactoVersion: \"1.0\"\nservice: {name: pay, version: 1.0.0, owner: {team: t}}\n";
    let cases = [
        (
            "Add `type`",
            "runtime:\n  workload: service\n  state:\n    persistence: {scope: shared, durability: persistent}\n    dataCriticality: low\n",
        ),
        ("Write grpc", "interfaces:\n- name: api\n  type:\n  port: 80\n  contract: api.proto\n"),
        ("Write http", "interfaces:\n- name: api\n  type:\n"),
    ];
    for (title, rest) in cases {
        let text = format!("{header}{rest}");
        let proto = ("api.proto", "syntax = \"proto3\";\nservice Pay {}\n");
        let check = |text: &str| Fixture::new([proto, ("pacto.yaml", text)]).check().diagnostics;
        let before = check(&text);
        let mut fixes = before.iter().flat_map(|diagnostic| &diagnostic.fixes);
        let titles: Vec<&str> = fixes.clone().map(|fix| fix.title.as_str()).collect();
        let fix = fixes.find(|fix| fix.title == title);
        let fix = fix.unwrap_or_else(|| panic!("no `{title}` among {titles:?} of\n{text}"));
        let after = fixed(&text, fix);
        assert!(errors(&check(&after)).is_empty(), "{:?} of\n{after}", errors(&check(&after)));
    }
}

#[test]
fn fixes_of_broken_contracts_remove_their_finding_and_add_no_error() {
    let start = Instant::now();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(repository().join("examples"))
        .expect("examples")
        .flatten()
        .map(|folder| folder.path())
        .collect();
    folders.sort();
    let contract =
        |folder: &Path| std::fs::read_to_string(folder.join("pacto.yaml")).expect("an example");
    let mut beside = Vec::new();
    for folder in &folders {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a name");
        add_files(folder, &format!("../{name}/"), &mut beside);
    }
    let bundles: Vec<Vec<(String, String)>> = folders
        .iter()
        .map(|folder| {
            let mut files = beside.clone();
            add_files(folder, "", &mut files);
            files.retain(|(path, _)| path != "pacto.yaml");
            files
        })
        .collect();
    let check = |bundle: usize, text: &str, fix: Option<&ResolvedFix>| {
        let files = bundles[bundle].iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let created = fix.into_iter().flat_map(created);
        Fixture::new(files.chain(created).chain([("pacto.yaml", text)])).check()
    };
    let mut all: Vec<(usize, String)> = Vec::new();
    for (bundle, folder) in folders.iter().enumerate() {
        all.extend(broken(&contract(folder)).into_iter().map(|text| (bundle, text)));
    }
    // Spread over all examples, whatever the time allows.
    let step = 7;
    let ordered = (0..step).flat_map(|first| all[first..].iter().step_by(step));
    let (mut tried, mut report) = (0, Vec::new());
    for (bundle, text) in ordered {
        if start.elapsed() > BUDGET {
            break;
        }
        let before = check(*bundle, text, None);
        let counts = errors(&before.diagnostics);
        for diagnostic in &before.diagnostics {
            for fix in &diagnostic.fixes {
                tried += 1;
                let after = fixed(text, fix);
                let now = check(*bundle, &after, Some(fix));
                let same = |d: &&Diagnostic| {
                    d.rule.code == diagnostic.rule.code && d.message == diagnostic.message
                };
                let count = |all: &[Diagnostic]| all.iter().filter(same).count();
                let name = || {
                    format!("{}: `{}` of {:?}", diagnostic.rule.code, fix.title, diagnostic.message)
                };
                if count(&now.diagnostics) >= count(&before.diagnostics) {
                    let changed = changed_lines(text, &after);
                    report.push(format!("{} does not help:\n{changed}", name()));
                }
                let is_advised = fix.preferred || fix.applicability == Applicability::Safe;
                for (code, n) in errors(&now.diagnostics) {
                    // A value that is of the right type now may be wrong otherwise.
                    let is_revealed =
                        |d: &Diagnostic| d.rule.code == code && d.path == diagnostic.path;
                    let is_new = n > counts.get(code).copied().unwrap_or(0)
                        && !now.diagnostics.iter().any(is_revealed);
                    let is_grave = is_advised || code.starts_with("YAML");
                    if is_new && is_grave && code != diagnostic.rule.code {
                        let changed = changed_lines(text, &after);
                        report.push(format!("{} adds {code}:\n{changed}", name()));
                    }
                }
            }
        }
    }
    assert!(tried > 200, "only {tried} fixes were tried");
    report.sort();
    report.dedup_by(|a, b| a.split('"').next() == b.split('"').next());
    assert!(report.is_empty(), "{} kinds in {tried}:\n{}", report.len(), report.join("\n"));
}
