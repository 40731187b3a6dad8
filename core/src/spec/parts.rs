//! Large documents part by part: what was read of a part stays known while some document holds it.

use std::sync::{Arc, Mutex, Weak};

use rustc_hash::FxHashMap;

use super::document::{Document, DocumentPart};
use super::references::{reference_of, references};
use crate::value::{Lowered, Value, lower_by_parts, lower_part};
use crate::yaml::parts::PartTable;
use crate::yaml::{NodeId, Placed, Tree};

/// Reads one part of `tree`.
fn read(tree: &Tree, placed: &Placed) -> DocumentPart {
    let entries = lower_part(tree, placed);
    let values = entries.iter().flat_map(|entries| entries.iter()).map(|entry| &entry.value);
    let found = values.flat_map(references);
    let references = found.map(|(text, value)| (text.clone(), value.node)).collect();
    DocumentPart { part: placed.part.clone(), slot: placed.slot, entries, references }
}

/// The parts of all trees and documents, each once for as long as one of them holds it. A clone is
/// the same table.
#[derive(Clone, Default)]
pub struct Parts {
    pub trees: PartTable,
    documents: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// By the address of the part of the tree, and its slot.
    parts: FxHashMap<(usize, u16), Weak<DocumentPart>>,
    /// How many may be there before those are dropped that no document holds any more.
    limit: usize,
}

impl Parts {
    /// The value of a tree's first document, and its parts that are known by themselves.
    pub fn lower(&self, tree: &Tree) -> (Lowered, Vec<Arc<DocumentPart>>) {
        let mut parts = Vec::new();
        let lowered = lower_by_parts(tree, 0, &mut |placed| {
            let part = self.part(tree, placed);
            let entries = part.entries.clone();
            parts.push(part);
            entries
        });
        parts.retain(|part| lowered.taken.contains(&part.slot));
        parts.sort_by_key(|part| part.slot);
        (lowered, parts)
    }

    fn part(&self, tree: &Tree, placed: &Placed) -> Arc<DocumentPart> {
        let key = (Arc::as_ptr(&placed.part) as usize, placed.slot);
        let known = self.lock().parts.get(&key).and_then(Weak::upgrade);
        if let Some(part) = known {
            return part;
        }
        let part = Arc::new(read(tree, placed));
        let mut known = self.lock();
        known.parts.insert(key, Arc::downgrade(&part));
        if known.parts.len() > known.limit {
            known.parts.retain(|_, part| part.strong_count() > 0);
            known.limit = known.parts.len() * 2 + 64;
        }
        part
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.documents.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The `$ref`s of a document and where they stand, in its order. Those of its parts are known.
pub fn document_references(document: &Document) -> Vec<(Arc<str>, NodeId)> {
    enum Visit<'d> {
        Value(&'d Value),
        Part(&'d DocumentPart),
    }
    let parts = &document.parts;
    let part_of = |node: NodeId| {
        let index = parts.binary_search_by_key(&node.slot(), |part| part.slot).ok()?;
        Some(&*parts[index])
    };
    let mut found = Vec::new();
    let mut stack = vec![Visit::Value(&document.value)];
    while let Some(visit) = stack.pop() {
        let at = match visit {
            Visit::Part(part) => {
                found.extend_from_slice(&part.references);
                continue;
            }
            Visit::Value(value) => value,
        };
        if let Some((text, value)) = reference_of(at) {
            found.push((text.clone(), value.node));
        }
        stack.extend(at.items().iter().rev().map(Visit::Value));
        // All entries of a part stand together.
        let mut last = None;
        for entry in at.entries().iter().rev() {
            match part_of(entry.key_node) {
                Some(part) if last == Some(part.slot) => {}
                Some(part) => {
                    last = Some(part.slot);
                    stack.push(Visit::Part(part));
                }
                None => stack.push(Visit::Value(&entry.value)),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{LowerError, lower};
    use crate::yaml::parse;
    use crate::yaml::parts::parse_by_parts;
    use crate::yaml::parts::tests::{TINY, edited, order};
    use proptest::prelude::*;

    /// A value with its nodes as their places in the tree.
    fn described(value: &Value, order: &FxHashMap<NodeId, usize>) -> String {
        let mut text = format!("{} {:?}\n", order[&value.node], value.to_json());
        for entry in value.entries() {
            text += &format!("{} {}: ", order[&entry.key_node], entry.key);
            text += &described(&entry.value, order);
        }
        text + &value.items().iter().map(|item| described(item, order)).collect::<String>()
    }

    fn error(error: &LowerError, order: &FxHashMap<NodeId, usize>) -> String {
        match error {
            LowerError::DuplicateKey { key, first, second } => {
                format!("{key} {} {}", order[first], order[second])
            }
            LowerError::TooLarge { at } | LowerError::AliasCycle { at } => order[at].to_string(),
            LowerError::MultipleDocuments { second } => order[second].to_string(),
            LowerError::FileTooLarge { .. } => String::new(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        #[test]
        fn a_document_in_parts_says_what_a_whole_one_says(texts in edited()) {
            let table = Parts { trees: PartTable::of_sizes(TINY), ..Parts::default() };
            let mut last = None;
            for text in texts {
                let (whole, tree) = (parse(text.as_str()), parse_by_parts(text.as_str(), &table.trees));
                let (orders, lowered) = ((order(&whole), order(&tree)), lower(&whole, 0));
                let (by_parts, parts) = table.lower(&tree);
                prop_assert_eq!(
                    described(&lowered.value, &orders.0), described(&by_parts.value, &orders.1), "{}", text
                );
                let errors = |list: &[LowerError], order| -> Vec<String> {
                    list.iter().map(|e| error(e, order)).collect()
                };
                prop_assert_eq!(
                    errors(&lowered.errors, &orders.0), errors(&by_parts.errors, &orders.1), "{}", text
                );
                let expected: Vec<(Arc<str>, usize)> =
                    references(&lowered.value).map(|(t, v)| (t.clone(), orders.0[&v.node])).collect();
                let document = Document {
                    value: by_parts.value, syntax: Vec::new(), lower_errors: Vec::new(), parts,
                };
                let found: Vec<(Arc<str>, usize)> = document_references(&document)
                    .into_iter().map(|(t, node)| (t, orders.1[&node])).collect();
                prop_assert_eq!(expected, found, "{}", text);
                last = Some((tree, document));
            }
            drop(last);
        }
    }
}
