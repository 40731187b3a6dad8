//! Lowering of a tree to a value.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Data, Entry, Number, SourceId, Value};
use crate::yaml::{Kind, NodeId, Piece, Placed, Scalar, Tree, resolve_plain};

/// Upper bound on nodes after the expansion of aliases (1-format, "YAML dialect").
pub const MAX_EXPANDED_NODES: usize = 100_000;

/// Texts up to this size are looked for among those that were read before.
const MAX_SHARED_TEXT: usize = 64;

/// What is wrong with a document whose syntax is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LowerError {
    DuplicateKey {
        key: String,
        first: NodeId,
        second: NodeId,
    },
    /// Aliases expand to more than [`MAX_EXPANDED_NODES`] nodes; the alias at which that happens.
    TooLarge {
        at: NodeId,
    },
    /// An alias inside of the node that it names.
    AliasCycle {
        at: NodeId,
    },
    MultipleDocuments {
        second: NodeId,
    },
    /// The text is larger than its limit and was not parsed; both in bytes.
    FileTooLarge {
        size: u64,
        limit: u64,
    },
}

/// The value of a document's first (for contracts: only) document.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    pub value: Value,
    pub errors: Vec<LowerError>,
    /// The slots of the parts whose entries were taken as they are known.
    pub taken: FxHashSet<u16>,
}

/// Lowers the first document of `tree`.
pub fn lower(tree: &Tree, source: SourceId) -> Lowered {
    lower_by_parts(tree, source, &mut |_| None)
}

/// Lowers the first document of `tree`. What the tree shares with others is asked for by part: its
/// entries, as [`lower_part`] gives them, or `None` to have them lowered here.
pub fn lower_by_parts(tree: &Tree, source: SourceId, entries_of: &mut EntriesOf<'_>) -> Lowered {
    let mut lowerer = Lowerer::new(tree, source, entries_of);
    let value = match tree.root_value() {
        Some(root) => lowerer.value(root),
        None => Value::null(source, NodeId::ROOT),
    };
    if let Some(second) = tree.documents().nth(1) {
        lowerer.errors.push(LowerError::MultipleDocuments { second });
    }
    Lowered { value, errors: lowerer.errors, taken: lowerer.taken }
}

/// The entries of a part, where they are known.
pub type EntriesOf<'f> = dyn FnMut(&Placed) -> Option<Arc<[Entry]>> + 'f;

/// The entries of one part of `tree`; `None` where they mean something only with those around them.
pub fn lower_part(tree: &Tree, placed: &Placed) -> Option<Arc<[Entry]>> {
    let mut unknown = |_: &Placed| None;
    let mut lowerer = Lowerer::new(tree, 0, &mut unknown);
    let mut map = MapReader::new(Kind::BlockMap);
    for pair in tree.nodes_of(placed) {
        lowerer.entry(pair, &mut map);
    }
    let is_complete = lowerer.errors.is_empty() && map.merged.is_empty();
    is_complete.then(|| map.entries.into())
}

/// Anchored nodes by name, in document order.
fn anchors(tree: &Tree) -> FxHashMap<&str, Vec<NodeId>> {
    let mut anchored: Vec<NodeId> = tree.properties.keys().copied().collect();
    anchored.sort();
    let mut map: FxHashMap<&str, Vec<NodeId>> = FxHashMap::default();
    for id in anchored {
        if let Some(name) = tree.anchor_name(id) {
            map.entry(name).or_default().push(id);
        }
    }
    map
}

struct Lowerer<'t, 'f> {
    tree: &'t Tree,
    entries_of: &'t mut EntriesOf<'f>,
    source: SourceId,
    anchors: FxHashMap<&'t str, Vec<NodeId>>,
    /// Keys and texts, each once in memory.
    texts: FxHashSet<Arc<str>>,
    expanded: usize,
    expanding: Vec<NodeId>,
    errors: Vec<LowerError>,
    taken: FxHashSet<u16>,
    is_exhausted: bool,
}

/// A mapping that is being read.
struct MapReader {
    kind: Kind,
    entries: Vec<Entry>,
    /// The pairs of merge keys.
    merged: Vec<NodeId>,
    /// Keys by their text, where there are many.
    keys: FxHashMap<Arc<str>, NodeId>,
}

impl MapReader {
    /// Mappings of more keys than this are looked up by hash.
    const FEW: usize = 16;

    fn new(kind: Kind) -> Self {
        MapReader { kind, entries: Vec::new(), merged: Vec::new(), keys: FxHashMap::default() }
    }

    /// The key that was read and is equal to `key`.
    fn first(&mut self, key: &str) -> Option<NodeId> {
        if self.entries.len() <= Self::FEW {
            let found = self.entries.iter().find(|entry| *entry.key == *key);
            return found.map(|entry| entry.key_node);
        }
        for entry in &self.entries[self.keys.len()..] {
            self.keys.insert(entry.key.clone(), entry.key_node);
        }
        self.keys.get(key).copied()
    }
}

impl<'t, 'f> Lowerer<'t, 'f> {
    fn new(tree: &'t Tree, source: SourceId, entries_of: &'t mut EntriesOf<'f>) -> Self {
        Lowerer {
            tree,
            entries_of,
            source,
            anchors: anchors(tree),
            texts: FxHashSet::default(),
            expanded: 0,
            expanding: Vec::new(),
            errors: Vec::new(),
            taken: FxHashSet::default(),
            is_exhausted: false,
        }
    }

    fn value(&mut self, node: NodeId) -> Value {
        if !self.expanding.is_empty() {
            self.expanded += 1;
            if self.expanded > MAX_EXPANDED_NODES {
                return Value::null(self.source, node);
            }
        }
        let data = match self.tree.kind(node) {
            Kind::BlockMap | Kind::FlowMap => self.map(node),
            Kind::BlockSeq | Kind::FlowSeq => {
                let items: Vec<NodeId> = self.tree.items(node).collect();
                Data::Seq(items.into_iter().map(|item| self.value(item)).collect())
            }
            Kind::Alias => return self.alias(node),
            Kind::Error => Data::Invalid,
            _ => self.scalar(node),
        };
        Value { source: self.source, node, data }
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.texts.get(text) {
            return shared.clone();
        }
        let shared: Arc<str> = text.into();
        // A long text is hardly written twice.
        if text.len() <= MAX_SHARED_TEXT {
            self.texts.insert(shared.clone());
        }
        shared
    }

    fn scalar(&mut self, node: NodeId) -> Data {
        let tag = self.tree.properties(node).tag.map(|span| span.slice(self.tree.text()));
        let text = self.tree.scalar_text(node);
        let is_plain = matches!(self.tree.kind(node), Kind::Plain | Kind::Null);
        match tag {
            Some("!!str" | "!") => return Data::Str(self.shared(&text)),
            None | Some("!!int" | "!!float" | "!!bool" | "!!null") if is_plain => {}
            _ => return Data::Str(self.shared(&text)),
        }
        match resolve_plain(&text) {
            Scalar::Null => Data::Null,
            Scalar::Bool(value) => Data::Bool(value),
            Scalar::Int(value) => Data::Int(Number::of_text(value, &text)),
            Scalar::Float(value) => Data::Float(Number::of_text(value, &text)),
            Scalar::Str(text) => Data::Str(self.shared(text)),
        }
    }

    fn map(&mut self, node: NodeId) -> Data {
        let tree = self.tree;
        let mut map = MapReader::new(tree.kind(node));
        for piece in tree.pieces(node) {
            match piece {
                Piece::Node(pair) => self.entry(pair, &mut map),
                Piece::Part(placed) => self.part(placed, &mut map),
            }
        }
        let MapReader { mut entries, merged, .. } = map;
        for from in merged {
            self.merge(tree.value(from), &mut entries);
        }
        Data::Map(entries.into())
    }

    fn part(&mut self, placed: &Placed, map: &mut MapReader) {
        // What an alias stands for is counted node by node.
        if self.expanding.is_empty()
            && let Some(entries) = (self.entries_of)(placed)
            && entries.iter().all(|entry| map.first(&entry.key).is_none())
        {
            self.taken.insert(placed.slot);
            return map.entries.extend_from_slice(&entries);
        }
        for pair in self.tree.nodes_of(placed) {
            self.entry(pair, map);
        }
    }

    fn entry(&mut self, pair: NodeId, map: &mut MapReader) {
        let tree = self.tree;
        if tree.kind(pair) != Kind::Pair {
            return;
        }
        let key_node = tree.key(pair);
        let key = match tree.kind(key_node) {
            kind if kind.is_scalar() => tree.scalar_text(key_node),
            _ => tree.source(key_node).into(),
        };
        if key == "<<" && tree.kind(key_node) == Kind::Plain {
            // YAML's merge key is unique like any other (yaml.org/type/merge).
            if let Some(&first) = map.merged.first()
                && self.expanding.is_empty()
            {
                let (first, key) = (tree.key(first), key.to_string());
                self.errors.push(LowerError::DuplicateKey { key, first, second: key_node });
            }
            return map.merged.push(pair);
        }
        // A key that is being typed says nothing yet: its syntax error is enough.
        let is_half_typed = tree.node(pair).mark == crate::yaml::NO_MARK
            && map.kind == Kind::BlockMap
            && tree.kind(tree.value(pair)) == Kind::Null;
        if is_half_typed {
            return;
        }
        let key = self.shared(&key);
        if let Some(first) = map.first(&key) {
            if self.expanding.is_empty() {
                let key = key.to_string();
                self.errors.push(LowerError::DuplicateKey { key, first, second: key_node });
            }
            return;
        }
        let value = self.value(tree.value(pair));
        map.entries.push(Entry { key, key_node, source: self.source, value });
    }

    /// `<<: *base` or `<<: [*a, *b]`: keys that are not there yet.
    fn merge(&mut self, from: NodeId, entries: &mut Vec<Entry>) {
        let value = self.value(from);
        let sources = match &value.data {
            Data::Seq(items) => items,
            _ => std::slice::from_ref(&value),
        };
        for entry in sources.iter().flat_map(Value::entries) {
            if !entries.iter().any(|own| own.key == entry.key) {
                entries.push(entry.clone());
            }
        }
    }

    fn alias(&mut self, node: NodeId) -> Value {
        let name = &self.tree.source(node)[1..];
        let candidates = self.anchors.get(name);
        let target = candidates.and_then(|ids| ids.iter().rev().find(|id| **id < node).copied());
        let Some(target) = target else {
            return Value::null(self.source, node);
        };
        let is_inside = self.tree.ancestors(node).any(|ancestor| ancestor == target);
        if is_inside || self.expanding.contains(&target) {
            self.errors.push(LowerError::AliasCycle { at: node });
            return Value::null(self.source, node);
        }
        self.expanding.push(target);
        let value = self.value(target);
        self.expanding.pop();
        if self.expanded > MAX_EXPANDED_NODES && !self.is_exhausted {
            self.is_exhausted = true;
            self.errors.push(LowerError::TooLarge { at: node });
        }
        // The finding belongs where the alias stands, for scalars; for collections to its parts.
        match value.data {
            Data::Map(_) | Data::Seq(_) => value,
            data => Value { source: self.source, node, data },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn json(text: &str) -> String {
        lower(&parse(text), 0).value.to_json().to_string()
    }

    #[test]
    fn aliases_and_merge_keys_are_resolved() {
        let text = "base: &b {a: 1, b: 2}\nuse:\n  <<: *b\n  b: 3\n  c: *b\n";
        assert_eq!(json(text), r#"{"base":{"a":1,"b":2},"use":{"b":3,"c":{"a":1,"b":2},"a":1}}"#);
    }

    #[test]
    fn an_alias_bomb_ends_at_the_bound() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for i in 1..20 {
            let refs = vec![format!("*a{}", i - 1); 10].join(",");
            text.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
        }
        let lowered = lower(&parse(text), 0);
        let too_large = |e: &LowerError| matches!(e, LowerError::TooLarge { .. });
        assert_eq!(lowered.errors.iter().filter(|e| too_large(e)).count(), 1);
    }

    #[test]
    fn a_merge_key_stands_once_and_a_list_merges_many() {
        let bases = "a: &a {x: 1}\nb: &b {y: 2}\n";
        for twice in ["c:\n  <<: *a\n  <<: *b\n", "c: {<<: *a, <<: *b}\n"] {
            let errors = lower(&parse(format!("{bases}{twice}")), 0).errors;
            let [LowerError::DuplicateKey { key, .. }] = &errors[..] else { panic!("{errors:?}") };
            assert_eq!(key, "<<");
        }
        let one = format!("{bases}c:\n  <<: [*a, *b]\n  \"<<\": text\n");
        assert!(lower(&parse(one), 0).errors.is_empty());
    }

    #[test]
    fn numbers_keep_their_text() {
        let text = "a: [0e1234, 1.10, 007, 0x1F, +5, 99999999999999999999, 80, 1.5, \"1.10\"]\n";
        let value = lower(&parse(text), 0).value;
        let numbers = value.get("a").unwrap().items().iter().map(super::Value::number_text);
        let texts = ["0e1234", "1.10", "007", "0x1F", "+5", "99999999999999999999", "80", "1.5"];
        let expected: Vec<Option<String>> = texts.iter().map(|t| Some(t.to_string())).collect();
        assert_eq!(numbers.collect::<Vec<_>>(), [&expected[..], &[None]].concat());
        assert_ne!(value, lower(&parse(text.replace("1234", "5678")), 0).value);
    }

    #[test]
    fn the_second_of_two_equal_keys_is_the_duplicate() {
        let lowered = lower(&parse("a: 1\nb: 2\na: 3\n"), 0);
        let [LowerError::DuplicateKey { first, second, .. }] = &lowered.errors[..] else {
            panic!("{:?}", lowered.errors)
        };
        assert!(first < second);
        assert_eq!(lowered.value.get("a").unwrap().data, Data::Int(1.into()));
    }
}
