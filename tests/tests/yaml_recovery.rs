//! Half-typed contracts: what is broken must not take the rest along.

use std::collections::BTreeSet;
use std::time::Instant;

use pacto_core::yaml::{self, Kind, Tree};
use pacto_tests::repository;

/// A key by its line, its text and the line of the key above it.
type Place = (usize, String, Option<usize>);

fn places(tree: &Tree) -> BTreeSet<Place> {
    let text = tree.text();
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line = |offset: u32| starts.partition_point(|&s| s <= offset as usize) - 1;
    let mut found = BTreeSet::new();
    for pair in tree.ids().filter(|&id| tree.kind(id) == Kind::Pair) {
        let key = tree.key(pair);
        let above = tree.ancestors(pair).skip(1).find(|&id| tree.kind(id) == Kind::Pair);
        found.insert((
            line(tree.span(key).start),
            tree.scalar_text(key).into_owned(),
            above.map(|pair| line(tree.span(tree.key(pair)).start)),
        ));
    }
    found
}

/// The share of the keys of `original` that `variant` still has, but for those on `line`. Lines
/// from `line` on have moved by `moved`. Where the broken line is (or has become) the key above,
/// only the key itself is looked for: its place hangs on what is broken, and `key:` above a list at
/// its own column is the key of that list by the rules of YAML.
fn kept(original: &BTreeSet<Place>, variant: &Tree, line: usize, moved: usize) -> f64 {
    let found = places(variant);
    let shift = |at: usize| if at >= line { at + moved } else { at };
    let others: Vec<&Place> = original.iter().filter(|(at, ..)| moved > 0 || *at != line).collect();
    let is_kept = |(at, key, above): &&&Place| {
        if moved == 0 && *above == Some(line) {
            return found.iter().any(|(a, k, _)| a == at && k == key);
        }
        let now = |above| found.contains(&(shift(*at), key.clone(), above));
        now(above.map(shift)) || (moved > 0 && now(Some(line)))
    };
    others.iter().filter(is_kept).count() as f64 / others.len() as f64
}

#[test]
fn other_keys_survive_half_typed_lines() {
    let fragments = [
        "\"",
        "'",
        "{",
        "[",
        "- ",
        "key",
        "key:",
        "key: \"abc",
        ": x",
        "key: |",
        "&a",
        "\t",
        "- name: x",
        "{ a: 1",
        "@",
        "<<<<<<< HEAD",
        "key: [1,",
    ];
    let mut scores = Vec::new();
    for example in ["orders", "edge-gateway", "auth"] {
        let path = repository().join("examples").join(example).join("pacto.yaml");
        let text = std::fs::read_to_string(path).expect("an example contract");
        let original = places(&yaml::parse(text.as_str()));
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let join = |changed: Vec<String>| changed.join("\n") + "\n";
            // The line, cut at every column.
            for cut in (0..line.len()).filter(|&at| line.is_char_boundary(at)) {
                let mut changed: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
                changed[number].truncate(cut);
                let variant = join(changed);
                let score = kept(&original, &yaml::parse(variant.as_str()), number, 0);
                scores.push((score, variant));
            }
            // A fragment typed above it, at its own indentation.
            let indent = line.len() - line.trim_start().len();
            for fragment in fragments {
                let mut changed: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
                changed.insert(number, format!("{}{fragment}", " ".repeat(indent)));
                let variant = join(changed);
                let score = kept(&original, &yaml::parse(variant.as_str()), number, 1);
                scores.push((score, variant));
            }
        }
    }
    assert!(scores.len() >= 3_000, "{} variants", scores.len());
    let mean = scores.iter().map(|(score, _)| score).sum::<f64>() / scores.len() as f64;
    let (worst, text) = scores.iter().min_by(|a, b| a.0.total_cmp(&b.0)).expect("variants");
    println!("{} variants: mean {mean:.4}, worst {worst:.4}", scores.len());
    assert!(mean >= 0.98, "mean {mean:.4}");
    assert!(*worst >= 0.8, "worst {worst:.4}:\n{text}");
}

#[test]
fn parsing_takes_linear_time() {
    // Texts that would be slow if anything were looked at twice for each line or bracket.
    let deep: String = (0..10_000).map(|i| format!("{}a:\n", " ".repeat(i.min(200)))).collect();
    let hostile = [
        "[".repeat(1_000_000),
        "- ".repeat(500_000),
        "\"\n ".repeat(300_000),
        "a: \"x\n".repeat(200_000),
        "a: [\n".repeat(200_000),
        "{a: ".repeat(200_000),
        "x\n\n\n".repeat(200_000),
        "? ".repeat(300_000),
        "&a ".repeat(300_000),
        "!!".repeat(500_000),
        "key: |\n".repeat(200_000),
        "k: v\n".repeat(600_000),
        "a".repeat(10_000_000),
        "'".repeat(1_000_000),
        "#\n".repeat(500_000),
        "---\n".repeat(300_000),
        deep,
    ];
    for text in hostile {
        let start = Instant::now();
        let tree = yaml::parse(text.as_str());
        // Generous: a quadratic reader would take minutes.
        assert!(start.elapsed().as_secs() < 10, "{:?}… took {:?}", &text[..8], start.elapsed());
        assert_eq!(tree.text().len(), text.len());
    }
}

#[test]
fn every_node_lies_inside_of_its_parent_and_in_order() {
    for example in ["orders", "edge-gateway", "auth", "orders-db"] {
        let path = repository().join("examples").join(example).join("pacto.yaml");
        let text = std::fs::read_to_string(path).expect("an example contract");
        for cut in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
            let tree = yaml::parse(&text[..cut]);
            for id in tree.ids() {
                let span = tree.span(id);
                assert!(span.start <= span.end && span.end as usize <= cut);
                if let Some(parent) = tree.parent(id) {
                    assert!(parent < id);
                    if !span.is_empty() {
                        assert!(tree.span(parent).contains_span(span), "{:?}", &text[..cut]);
                    }
                }
            }
        }
    }
}
