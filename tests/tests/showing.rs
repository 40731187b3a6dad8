//! What an editor shows of a file: colours, outlines, hovers, hints and lenses.

use std::fmt::Write;

use pacto_core::Analysis;
use pacto_core::ide::dependencies::DependencyNote;
use pacto_core::ide::symbols::Symbol;
use pacto_core::ide::tokens::Token;
use pacto_core::text::Span;
use pacto_tests::cases::{Case, case_text, cases, check_cases};
use pacto_tests::marked::Marked;

const B: &str = "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.0.0\n";

const WHOLE: Span = Span { start: 0, end: u32::MAX };

fn shown(token: &Token, text: &str) -> String {
    let mut line = format!("{} {}", token.span.slice(text), token.ty.text());
    for name in token.modifiers.names() {
        let _ = write!(line, " {name}");
    }
    line
}

fn outline(symbols: &[Symbol], depth: usize, out: &mut Vec<String>) {
    for symbol in symbols {
        let Symbol { name, kind, detail, .. } = symbol;
        out.push(format!("{}{name} · {kind:?} · {detail}", "  ".repeat(depth)));
        outline(&symbol.children, depth + 1, out);
    }
}

/// What is not as a case says.
fn problems(case: &Case<'_>) -> Vec<String> {
    let marked = Marked::new(&case.buffer);
    let analysis = marked.fixture.analysis();
    let Marked { key, path, .. } = &marked;
    let text = analysis.file_text(&key.root, path).ready().expect("a known file").clone();
    let mut problems = Vec::new();
    for claim in &case.claims {
        match claim.kind {
            "tokens" => {
                let all = analysis.tokens(key, path, WHOLE);
                let all: Vec<String> = all.iter().map(|token| shown(token, &text)).collect();
                let missing = claim.lines.iter().filter(|line| !all.contains(&(**line).to_owned()));
                problems.extend(missing.map(|line| format!("no {line} in {all:#?}")));
            }
            "symbols" => {
                let mut found = Vec::new();
                outline(&analysis.symbols_of(key, path), 0, &mut found);
                if found != claim.lines {
                    problems.push(format!("{:#?}, but found {found:#?}", claim.lines));
                }
            }
            "hover" => {
                let found = analysis.hover(key, path, marked.offset);
                let found = found.map_or(String::new(), |hover| {
                    let is_here = hover.span.touches(marked.offset);
                    if is_here { hover.markdown } else { "elsewhere".to_owned() }
                });
                if found != claim.lines.join("\n") {
                    problems.push(format!("{:#?}, but found {found}", claim.lines));
                }
            }
            "notes" => {
                let all = analysis.dependencies(key);
                let shown = |note: &DependencyNote| {
                    note.label().map(|label| format!("{}: {label}", note.span.slice(&text)))
                };
                let found: Vec<String> = all.iter().filter_map(shown).collect();
                if found != claim.lines {
                    problems.push(format!("{:#?}, but found {found:#?}", claim.lines));
                }
            }
            other => panic!("no such claim: {other}"),
        }
    }
    problems
}

#[test]
fn cases_show_what_they_say() {
    check_cases("showing.txt", B, problems);
}

/// The tokens of a part are those of the whole that touch it, for every part.
fn check_parts(analysis: &Analysis, marked: &Marked) {
    let Marked { key, path, .. } = marked;
    let whole = analysis.tokens(key, path, WHOLE);
    assert!(whole.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{whole:?}");
    let end = whole.last().map_or(0, |token| token.span.end);
    for start in (0..end).step_by(7) {
        let within = Span { start, end: start + 20 };
        let part = analysis.tokens(key, path, within);
        let wanted: Vec<Token> = whole
            .iter()
            .filter(|t| t.span.end >= within.start && t.span.start <= within.end)
            .copied()
            .collect();
        assert_eq!(part, wanted, "{within:?}");
    }
}

#[test]
fn words_do_not_overlap_and_parts_agree_with_the_whole() {
    let text = case_text("showing.txt");
    for case in &cases(&text, B) {
        let marked = Marked::new(&case.buffer);
        check_parts(&marked.fixture.analysis(), &marked);
    }
}
