//! Lowering of a tree to a value.

use rustc_hash::FxHashMap;

use super::{Data, Entry, SourceId, Value};
use crate::yaml::{Kind, NodeId, Scalar, Tree, resolve_plain};

/// At most so many nodes after the expansion of aliases (1-format, "YAML dialect").
pub const MAX_EXPANDED_NODES: usize = 100_000;

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
}

/// Lowers the first document of `tree`.
pub fn lower(tree: &Tree, source: SourceId) -> Lowered {
    let mut lowerer = Lowerer {
        tree,
        source,
        anchors: anchors(tree),
        expanded: 0,
        expanding: Vec::new(),
        errors: Vec::new(),
        is_exhausted: false,
    };
    let value = match tree.root_value() {
        Some(root) => lowerer.value(root),
        None => Value::null(source, NodeId::ROOT),
    };
    if let Some(second) = tree.documents().nth(1) {
        lowerer.errors.push(LowerError::MultipleDocuments { second });
    }
    Lowered { value, errors: lowerer.errors }
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

struct Lowerer<'t> {
    tree: &'t Tree,
    source: SourceId,
    anchors: FxHashMap<&'t str, Vec<NodeId>>,
    expanded: usize,
    expanding: Vec<NodeId>,
    errors: Vec<LowerError>,
    is_exhausted: bool,
}

impl Lowerer<'_> {
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

    fn scalar(&self, node: NodeId) -> Data {
        let tag = self.tree.properties(node).tag.map(|span| span.slice(self.tree.text()));
        let text = self.tree.scalar_text(node);
        let is_plain = matches!(self.tree.kind(node), Kind::Plain | Kind::Null);
        match tag {
            Some("!!str" | "!") => return Data::Str(text.into_owned()),
            None | Some("!!int" | "!!float" | "!!bool" | "!!null") if is_plain => {}
            _ => return Data::Str(text.into_owned()),
        }
        match resolve_plain(&text) {
            Scalar::Null => Data::Null,
            Scalar::Bool(value) => Data::Bool(value),
            Scalar::Int(value) => Data::Int(value),
            Scalar::Float(value) => Data::Float(value),
            Scalar::Str(text) => Data::Str(text),
        }
    }

    fn map(&mut self, node: NodeId) -> Data {
        let tree = self.tree;
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<NodeId> = Vec::new();
        let mut seen: FxHashMap<String, NodeId> = FxHashMap::default();
        for pair in tree.pairs(node) {
            let key_node = tree.key(pair);
            let key = match tree.kind(key_node) {
                kind if kind.is_scalar() => tree.scalar_text(key_node).into_owned(),
                _ => tree.source(key_node).to_owned(),
            };
            if key == "<<" && tree.kind(key_node) == Kind::Plain {
                merged.push(tree.value(pair));
                continue;
            }
            // A key that is being typed says nothing yet: its syntax error is enough.
            let is_half_typed = tree.node(pair).mark == crate::yaml::NO_MARK
                && tree.kind(node) == Kind::BlockMap
                && tree.kind(tree.value(pair)) == Kind::Null;
            if is_half_typed {
                continue;
            }
            if let Some(&first) = seen.get(&key) {
                if self.expanding.is_empty() {
                    self.errors.push(LowerError::DuplicateKey { key, first, second: key_node });
                }
                continue;
            }
            seen.insert(key.clone(), key_node);
            let value = self.value(tree.value(pair));
            entries.push(Entry { key, key_node, source: self.source, value });
        }
        for from in merged {
            self.merge(from, &mut entries);
        }
        Data::Map(entries)
    }

    /// `<<: *base` or `<<: [*a, *b]`: keys that are not there yet.
    fn merge(&mut self, from: NodeId, entries: &mut Vec<Entry>) {
        let value = self.value(from);
        let sources = match value.data {
            Data::Seq(items) => items,
            _ => vec![value],
        };
        for source in sources {
            let Data::Map(more) = source.data else {
                continue;
            };
            for entry in more {
                if !entries.iter().any(|own| own.key == entry.key) {
                    entries.push(entry);
                }
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
    fn the_second_of_two_equal_keys_is_the_duplicate() {
        let lowered = lower(&parse("a: 1\nb: 2\na: 3\n"), 0);
        let [LowerError::DuplicateKey { first, second, .. }] = &lowered.errors[..] else {
            panic!("{:?}", lowered.errors)
        };
        assert!(first < second);
        assert_eq!(lowered.value.get("a").unwrap().data, Data::Int(1));
    }
}
