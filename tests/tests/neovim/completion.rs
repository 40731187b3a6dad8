//! Every completion, accepted in Neovim's menu and inserted by its snippet engine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pacto_core::yaml;
use pacto_tests::fixture::Fixture;
use serde_json::{Value, json};

use super::Bench;

/// A text with a cursor.
struct Place {
    file: String,
    text: String,
    /// From 0, of the cursor.
    line: usize,
    /// In bytes from 0.
    column: usize,
}

impl Place {
    /// `text` with the line `line` replaced by `with`, in which `┃` is the cursor.
    fn replacing(file: &str, text: &str, line: usize, with: &str) -> Place {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[line] = with.replace('┃', "");
        let column = with.find('┃').expect("a cursor");
        Place { file: file.to_owned(), text: lines.join("\n") + "\n", line, column }
    }

    /// `text` with the line `with` before line `line`.
    fn inserting(file: &str, text: &str, line: usize, with: &str) -> Place {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(line, "");
        Place::replacing(file, &(lines.join("\n") + "\n"), line, with)
    }

    /// Whether any key may stand there; where none may, nothing that is inserted can be right.
    fn takes_a_key(&self) -> bool {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        lines[self.line].insert_str(self.column, "x: 1");
        yaml::referee::first_error(&lines.join("\n")).is_none()
    }

    fn shown(&self) -> String {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        lines[self.line].insert(self.column, '┃');
        let from = self.line.saturating_sub(4);
        let to = (self.line + 4).min(lines.len());
        format!("{}\n{}", self.file, lines[from..to].join("\n"))
    }
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Where people ask for completion in a contract, one place for each kind and field.
fn places(file: &str, text: &str, seen: &mut BTreeSet<String>) -> Vec<Place> {
    let mut places = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let Some(path) = field_path(&lines, number) else { continue };
        let indent = indent_of(line);
        let blanks = " ".repeat(indent);
        let body = line.trim_start();
        let mut add = |kind: &str, place: Place| {
            if seen.insert(format!("{kind} {path} {}", place.column)) {
                places.push(place);
            }
        };
        // A fresh line below, at each level down to the margin and at one deeper.
        let is_item = body.starts_with("- ");
        let deepest = if is_item { indent + 4 } else { indent + 2 };
        for column in (0..=deepest).step_by(2) {
            for (kind, mark) in [("fresh", ""), ("item", "- ")] {
                let line = format!("{}{mark}┃", " ".repeat(column));
                let place = Place::inserting(file, text, number + 1, &line);
                if place.takes_a_key() {
                    add(kind, place);
                }
            }
        }
        let Some((key, value)) = body.split_once(':') else { continue };
        let (dash, key) = key.strip_prefix("- ").map_or(("", key), |key| ("- ", key));
        if key.starts_with(['"', '\'', '{', '[']) {
            continue;
        }
        // The first letters of a key that is not written out.
        if key.len() > 3 && value.trim().is_empty() && !next_is_deeper(&lines, number)
            || !value.trim().is_empty()
        {
            let half = format!("{blanks}{dash}{}┃", &key[..2.min(key.len())]);
            add("half", Place::replacing(file, text, number, &half));
        }
        // No value yet, alone and with a comment behind it.
        if !value.trim().is_empty() {
            let bare = format!("{blanks}{dash}{key}: ┃");
            add("value", Place::replacing(file, text, number, &bare));
            let commented = format!("{blanks}{dash}{key}: ┃ # keep");
            add("commented", Place::replacing(file, text, number, &commented));
        }
    }
    places
}

fn next_is_deeper(lines: &[&str], number: usize) -> bool {
    let next = lines[number + 1..].iter().find(|line| !line.trim().is_empty());
    next.is_some_and(|next| {
        indent_of(next) > indent_of(lines[number]) || next.trim_start().starts_with("- ")
    })
}

/// The keys above a line and its own, without the numbers of list entries.
fn field_path(lines: &[&str], number: usize) -> Option<String> {
    let line = lines[number];
    if line.trim().is_empty() || line.trim_start().starts_with('#') {
        return None;
    }
    let mut path = vec![line.trim().split(':').next()?.to_owned()];
    let mut level = indent_of(line);
    for above in lines[..number].iter().rev() {
        if !above.trim().is_empty() && indent_of(above) < level {
            level = indent_of(above);
            path.push(above.trim().split(':').next()?.to_owned());
        }
    }
    path.reverse();
    Some(path.join("."))
}

/// Shapes that the examples do not have.
const SHAPES: [&str; 14] = [
    "interfaces: [{┃}]\n",
    "interfaces: [{name: api, ┃}]\n",
    "interfaces: [{name: api, type: ┃}] # keep\n",
    "interfaces:\n  - {name: api, type: ┃, port: 80} # keep\n",
    "interfaces:\n  - ┃\n",
    "interfaces:\n- ┃\n",
    "interfaces:\n- name: api\n  ┃\n",
    "dependencies:\n  - name: x\n    ┃ # keep\n    required: true\n",
    "runtime: {┃}\n",
    "runtime:\n  state: {type: ┃} # keep\n",
    "runtime:\n  ┃\n  # keep\n  workload: service\n",
    "runtime:\n  workload: service # keep\n  ┃\n# keep too\nscaling:\n  min: 1\n",
    "scaling: {┃ } # keep\n",
    "configurations:\n  - name: a\n    ┃\n\n# keep\n",
];

fn all_places(fleet: &Path) -> Vec<Place> {
    let mut places = Vec::new();
    let mut seen = BTreeSet::new();
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(fleet).expect("a folder").flatten().map(|e| e.path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join("pacto.yaml").exists()) {
        let path = folder.join("pacto.yaml");
        let text = std::fs::read_to_string(&path).expect("a contract");
        places.extend(self::places(&path.display().to_string(), &text, &mut seen));
    }
    let file = fleet.join("money/pacto.yaml").display().to_string();
    for shape in SHAPES {
        let header = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n";
        let (before, after) = shape.split_once('┃').expect("a cursor");
        let text = format!("{header}{before}{after}");
        let line =
            format!("{header}{before}").lines().count() - 1 + usize::from(before.ends_with('\n'));
        let column = before.rsplit('\n').next().unwrap_or_default().len();
        places.push(Place { file: file.clone(), text, line, column });
    }
    places
}

/// What is wrong with the shape of a contract: syntax, fields where there are none, keys twice.
fn faults(text: &str) -> (usize, usize, usize) {
    let syntax = yaml::referee::arbitrate(&yaml::parse(text)).len();
    let findings = Fixture::contract(text).check().diagnostics;
    let unknown = findings.iter().filter(|d| d.detail == Some("unknown-field")).count();
    let twice = findings.iter().filter(|d| d.rule.code == "YAML_DUPLICATE_KEY").count();
    (syntax, unknown, twice)
}

/// Lines that stand more than one step to the right of the line above.
fn leaps(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_leap = |pair: &&[&str]| {
        let step = if pair[0].trim_start().starts_with("- ") { 4 } else { 2 };
        indent_of(pair[1]) > indent_of(pair[0]) + step
    };
    lines.windows(2).filter(is_leap).count()
}

fn comments(text: &str) -> Vec<String> {
    let tree = yaml::parse(text);
    let mut all: Vec<String> = tree
        .comments()
        .iter()
        .map(|span| text[span.start as usize..span.end as usize].to_owned())
        .collect();
    all.sort();
    all
}

#[test]
fn every_completion_of_the_examples_is_inserted_as_valid_yaml() {
    let bench = Bench::new();
    let fleet = bench.folder.path().join("fleet");
    let places = all_places(&fleet);
    let jobs: Vec<Value> = places
        .iter()
        .map(|place| {
            let lines: Vec<&str> = place.text.lines().collect();
            json!({"file": place.file, "lines": lines, "row": place.line + 1, "column": place.column})
        })
        .collect();
    let jobs = bench.folder.write("places.json", json!(jobs).to_string());
    let results = bench.folder.path().join("results.jsonl");
    bench.run("accept.lua", &[&jobs, &results]);
    let mut accepted = 0;
    let mut problems = Vec::new();
    for line in std::fs::read_to_string(results).expect("results").lines() {
        let result: Value = serde_json::from_str(line).expect("JSON");
        if let Some(messages) = result["messages"].as_str() {
            assert_eq!(messages, "", "Neovim has nothing to say");
            continue;
        }
        let place = &places[result["place"].as_u64().expect("a number") as usize];
        let label = result["label"].as_str().expect("a label");
        if label.is_empty() {
            continue;
        }
        accepted += 1;
        let lines: Vec<&str> =
            result["lines"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
        let after = lines.join("\n") + "\n";
        if let Some(problem) = problem(&place.text, &after) {
            let from = place.line.saturating_sub(4);
            let became: Vec<&str> = after.lines().skip(from).take(12).collect();
            let (place, became) = (place.shown(), became.join("\n"));
            problems.push(format!("--- {problem}: `{label}` at\n{place}\n--- becomes\n{became}"));
        }
    }
    eprintln!("{} places, {accepted} completions", places.len());
    assert!(accepted > 650, "{accepted} completions only");
    let shown = problems.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(problems.is_empty(), "{} of {accepted} go wrong:\n{shown}", problems.len());
}

/// What is worse in `after`.
fn problem(before: &str, after: &str) -> Option<String> {
    let (was, is) = (faults(before), faults(after));
    if is.0 > was.0 {
        return Some("not valid YAML".to_owned());
    }
    if is.1 > was.1 || is.2 > was.2 {
        return Some("a field where it does not belong".to_owned());
    }
    if leaps(after) > leaps(before) {
        return Some("indented more than once".to_owned());
    }
    let kept = comments(after);
    let lost = comments(before).into_iter().find(|comment| !kept.contains(comment))?;
    Some(format!("`{lost}` is gone"))
}
