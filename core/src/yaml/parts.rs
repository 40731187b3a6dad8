//! Large texts part by part.
//!
//! A large text is cut into parts, each a run of whole entries of one mapping. Each part is parsed
//! by itself, once for as long as some tree holds it: a tree of a text that differs by one edit
//! shares all parts but one with the tree before. The parser takes a part over where it comes to
//! the start of one in a mapping of its column; in any other state (the cut lies within a quoted
//! text, say) and where a part by itself has errors, anchors, tags or aliases, it reads the text as
//! if there were no parts. So a tree with parts says the same as one without: what stands behind a
//! part begins a line at the column of its entries or left of that, so that nothing in the part
//! goes on there, and nothing in it depends on what stands before.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, Weak};

use rustc_hash::{FxHashMap, FxHasher};

use super::parser::Parser;
use super::tree::{Context, MAX_PART_NODES, Part, Tree};

/// What is read part by part, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Texts from this size on.
    pub large: usize,
    /// A part ends at the next entry that says so by its key from this size on …
    pub min: usize,
    /// … and at any entry from this size on. A larger entry is cut by its own entries.
    pub max: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes { large: 256 << 10, min: 4 << 10, max: 24 << 10 }
    }
}

/// Entries at columns beyond this are not cut.
const MAX_COLUMN: u32 = 8;

/// The parts of all trees, each once for as long as a tree holds it. A clone is the same table.
#[derive(Clone, Default)]
pub struct PartTable {
    known: Arc<Mutex<Known>>,
    sizes: Sizes,
}

#[derive(Default)]
struct Known {
    parts: FxHashMap<u64, Weak<Part>>,
    /// How many may be there before those are dropped that no tree holds any more.
    limit: usize,
}

impl PartTable {
    /// A table for texts and parts of other sizes than the usual ones.
    pub fn of_sizes(sizes: Sizes) -> Self {
        PartTable { sizes, ..PartTable::default() }
    }

    fn part(&self, text: &str, context: Context) -> Arc<Part> {
        let mut hasher = FxHasher::default();
        (text, context).hash(&mut hasher);
        let hash = hasher.finish();
        let known = |known: &Known| known.parts.get(&hash).and_then(Weak::upgrade);
        if let Some(part) = known(&self.lock())
            && part.is_of(text, context)
        {
            return part;
        }
        let read = Parser::part(text, context).unwrap_or_default();
        let part = Arc::new(Part::new(text, context, hash, read));
        let mut known = self.lock();
        known.parts.insert(hash, Arc::downgrade(&part));
        if known.parts.len() > known.limit {
            known.parts.retain(|_, part| part.strong_count() > 0);
            known.limit = known.parts.len() * 2 + 64;
        }
        part
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Parses YAML as [`super::parse`] does; a large text part by part.
pub fn parse_by_parts(text: impl Into<Arc<str>>, table: &PartTable) -> Tree {
    let text = text.into();
    if text.len() < table.sizes.large {
        return super::parse(text);
    }
    let cuts = cuts(&text, table.sizes);
    let mut next = 0;
    let mut part_at = |line: usize, context: Context| {
        while cuts.get(next).is_some_and(|cut| (cut.start as usize) < line) {
            next += 1;
        }
        let cut = cuts.get(next)?;
        let is_here = cut.start as usize == line && cut.column == context.column;
        is_here.then(|| table.part(&text[cut.start as usize..cut.end as usize], context))
    };
    let tree = Parser::with_parts(&text, &mut part_at).whole(text.clone());
    match tree.parts().is_empty() || tree.nodes.len() < MAX_PART_NODES {
        true => tree,
        false => super::parse(text),
    }
}

/// A run of lines that looks like whole entries at one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    start: u32,
    end: u32,
    column: u32,
}

/// A line that looks like the start of an entry.
struct Line {
    start: u32,
    column: u32,
}

/// Where parts may lie, in order. Boundaries follow from the keys around them, so that an edit moves
/// few of them.
fn cuts(text: &str, sizes: Sizes) -> Vec<Cut> {
    let lines = key_lines(text);
    let mut cutter = Cutter { text, lines: &lines, sizes, cuts: Vec::new() };
    if let Some(first) = lines.first() {
        cutter.entries(0, lines.len(), text.len() as u32, first.column);
    }
    cutter.cuts
}

/// The lines whose first character may start a key, and that hold a colon.
fn key_lines(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]) {
        let indentation = bytes[start..end].iter().take(MAX_COLUMN as usize + 1);
        let column = indentation.take_while(|&&b| b == b' ').count();
        let is_key_start = |b: u8| b.is_ascii_alphanumeric() || b"_/$\"'".contains(&b);
        if column <= MAX_COLUMN as usize
            && bytes.get(start + column).copied().is_some_and(is_key_start)
            && memchr::memchr(b':', &bytes[start..end]).is_some()
        {
            lines.push(Line { start: start as u32, column: column as u32 });
        }
        start = end + 1;
    }
    lines
}

struct Cutter<'t> {
    text: &'t str,
    lines: &'t [Line],
    sizes: Sizes,
    cuts: Vec<Cut>,
}

impl Cutter<'_> {
    /// Cuts the entries at `column` among the lines `first..last`, which reach to the offset `end`.
    fn entries(&mut self, first: usize, last: usize, end: u32, column: u32) {
        let starts: Vec<usize> =
            (first..last).filter(|&n| self.lines[n].column == column).collect();
        let mut run: Option<u32> = None;
        for (i, &line) in starts.iter().enumerate() {
            let start = self.lines[line].start;
            let next = starts.get(i + 1).copied();
            let entry_end = next.map_or(end, |next| self.lines[next].start);
            if let Some(from) = run
                && self.ends_before(start - from, line)
            {
                self.push(from, start, column);
                run = None;
            }
            let below = self.lines[line + 1..last].first().filter(|below| below.column > column);
            match below {
                Some(below) if entry_end - start > self.sizes.max as u32 => {
                    if let Some(from) = run.take() {
                        self.push(from, start, column);
                    }
                    self.entries(line + 1, next.unwrap_or(last), entry_end, below.column);
                }
                _ => drop(run.get_or_insert(start)),
            }
        }
        if let Some(from) = run {
            self.push(from, end, column);
        }
    }

    /// Whether a run of `size` bytes ends before the entry at `line`.
    fn ends_before(&self, size: u32, line: usize) -> bool {
        let size = size as usize;
        if size < self.sizes.min {
            return false;
        }
        let rest = &self.text.as_bytes()[self.lines[line].start as usize..];
        let key = rest.split(|&b| b == b':' || b == b'\n').next().unwrap_or(rest);
        let mut hasher = FxHasher::default();
        key.hash(&mut hasher);
        size >= self.sizes.max || hasher.finish() & 3 == 0
    }

    fn push(&mut self, start: u32, end: u32, column: u32) {
        // What is short is read as fast as it is found.
        if (end - start) as usize >= self.sizes.min / 4 {
            self.cuts.push(Cut { start, end, column });
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::yaml::{NodeId, parse, referee};
    use proptest::prelude::*;

    /// Parts of some ten bytes, cut as those of large texts are.
    pub(crate) const TINY: Sizes = Sizes { large: 0, min: 12, max: 40 };

    /// Lines of documents that are mostly mappings, with whatever may look like the start of an entry.
    pub(crate) fn document() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            8 => "[a-d]{1,3}[0-9]:",
            4 => "  [a-d]{1,3}[0-9]:",
            4 => "    [a-d]{1,3}[0-9]:",
            8 => "  [a-d]{1,2}[0-9]: [a-c]{0,3}",
            8 => "    [a-d]{1,2}[0-9]: [0-9]{0,3}",
            4 => "      [a-d]{1,2}[0-9]: \"[a-c ]{0,3}\"",
            2 => "  /[a-c]/\\{[a-c]\\}:",
            2 => "    - [a-c]: [a-c]",
            2 => "  - [a-c]{1,2}",
            2 => "  \\$ref: '#/[a-c]'",
            1 => "    \\$ref: [a-c].json",
            1 => "  # [a-c]: comment",
            1 => "# comment",
            1 => "",
            1 => "  [a-c]: \\|",
            1 => "  [a-c]: >-2",
            1 => "  [a-c]: \"open",
            1 => "closed: more\"",
            1 => "  [a-c]: \\{[a-c]: [a-c],",
            1 => "  [a-c]: [a-c]\\}",
            1 => "  [a-c]: &[a-b] [a-c]",
            1 => "  [a-c]: \\*[a-b]",
            1 => "  <<: \\*[a-b]",
            1 => "  [a-c]: !!str 1",
            1 => "[a-c]{1,2}",
            1 => "  [a-c]{1,2}",
            1 => "---",
            1 => "\\.\\.\\.",
            1 => "  [a-c]: [äß🚀]",
            1 => "=======",
            1 => "\t[a-c]: 1",
            1 => " [a-c]: 1",
            1 => "  \\? [a-c]",
            1 => "  : [a-c]",
            1 => "  [a-c]: 1\r",
            1 => "[a-c]: [a-c]: [a-c]",
        ];
        proptest::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
    }

    /// A document and edits of it: where, how much goes, what comes.
    pub(crate) fn edited() -> impl Strategy<Value = Vec<String>> {
        let edit = (0.0..1.0f64, 0..6usize, "[a-b:\"{ \n#]{0,3}");
        (document(), proptest::collection::vec(edit, 0..6)).prop_map(|(text, edits)| {
            let mut texts = vec![text];
            for (at, length, new) in edits {
                let mut text = texts[texts.len() - 1].clone();
                let count = text.chars().count();
                let offset = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
                let start = (count as f64 * at) as usize;
                let range = offset(start)..offset(start + length);
                text.replace_range(range, &new);
                texts.push(text);
            }
            texts
        })
    }

    /// The nodes of a tree in its order, and what each is.
    pub(crate) fn order(tree: &Tree) -> FxHashMap<NodeId, usize> {
        tree.ids().enumerate().map(|(index, id)| (id, index)).collect()
    }

    fn described(tree: &Tree) -> Vec<String> {
        let order = order(tree);
        let each = tree.ids().map(|id| {
            let node = tree.node(id);
            let parent = tree.parent(id).map(|id| order[&id]);
            let children: Vec<usize> = tree.children(id).map(|id| order[&id]).collect();
            let (text, properties) = (tree.scalar_text(id), tree.properties(id));
            let (kind, span, mark) = (node.kind, node.span, node.mark);
            format!("{kind:?} {span:?} {mark} {parent:?} {children:?} {text:?} {properties:?}")
        });
        each.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        #[test]
        fn a_tree_in_parts_says_what_a_whole_one_says(texts in edited()) {
            let table = PartTable::of_sizes(TINY);
            let mut last = None;
            for text in texts {
                let (whole, tree) = (parse(text.as_str()), parse_by_parts(text.as_str(), &table));
                prop_assert_eq!(described(&whole), described(&tree), "{}", text);
                prop_assert_eq!(whole.comments(), tree.comments());
                prop_assert_eq!(whole.marks(), tree.marks());
                prop_assert_eq!(whole.errors(), tree.errors());
                prop_assert_eq!(whole.len(), tree.len());
                prop_assert_eq!(referee::arbitrate(&whole), referee::arbitrate(&tree), "{}", text);
                last = Some(tree);
            }
            drop(last);
        }
    }

    fn large() -> String {
        let mut text = String::from("openapi: 3.1.0\npaths:\n");
        for i in 0..4_000 {
            text.push_str(&format!("  /resource-{i}:\n    get:\n      summary: \"Reads {i}\"\n"));
            text.push_str("      responses:\n        \"200\": {description: It is there.}\n");
        }
        text.push_str("components:\n  schemas:\n");
        for i in 0..4_000 {
            text.push_str(&format!("    S{i}:\n      type: object\n"));
        }
        text
    }

    #[test]
    fn an_edit_has_one_part_parsed_and_the_others_shared() {
        let table = PartTable::default();
        let text = large();
        let before = parse_by_parts(text.as_str(), &table);
        assert!(before.parts().len() > 50, "{}", before.parts().len());
        let own = before.nodes.len() - before.parts().len();
        assert!(own < 300, "{own} nodes of its own");
        let after = parse_by_parts(text.replace("Reads 2000", "Reads it"), &table);
        let is_shared = |placed: &crate::yaml::Placed| {
            before.parts().iter().any(|old| Arc::ptr_eq(&old.part, &placed.part))
        };
        let new = after.parts().iter().filter(|placed| !is_shared(placed)).count();
        assert_eq!(new, 1);
    }

    #[test]
    fn parts_that_no_tree_holds_are_forgotten() {
        let table = PartTable::default();
        let mut text = large();
        for i in 0..40 {
            text = text.replace(&format!("Reads {i}\""), "Reads\"");
            drop(parse_by_parts(text.as_str(), &table));
        }
        let count = table.lock().parts.len();
        assert!(count < 600, "{count}");
    }
}
