//! The schemas of one bundle: each is a conjunction of places in documents.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::form::{Normal, SchemaId};
use super::pattern::Pattern;
use crate::diff::docs::{At, DocId, Docs, MAX_HOPS};
use crate::yaml::NodeId;

/// How the documents of a side are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// JSON Schema, also as OpenAPI 3.1 and AsyncAPI use it: what stands beside a `$ref` counts.
    JsonSchema,
    /// Drafts 4 to 7: what stands beside a `$ref` does not count.
    OldJsonSchema,
    /// OpenAPI 3.0 and Swagger 2.0.
    OpenApi30,
}

struct Entry<'a> {
    parts: Rc<[At<'a>]>,
    /// JSON pointer of the definition that this is.
    origin: Option<String>,
    normal: Option<Rc<Normal<'a>>>,
}

/// Places whose conjunction is one schema.
type Identity = Vec<(DocId, NodeId)>;

/// The schemas of one bundle.
pub struct Schemas<'a> {
    pub docs: Rc<Docs<'a>>,
    pub dialect: Dialect,
    ids: RefCell<FxHashMap<Identity, SchemaId>>,
    entries: RefCell<Vec<Entry<'a>>>,
    /// Patterns of names; `None` for one that cannot be decided.
    patterns: RefCell<FxHashMap<String, Option<Rc<Pattern>>>>,
}

impl<'a> Schemas<'a> {
    pub fn new(docs: &Rc<Docs<'a>>, dialect: Dialect) -> Schemas<'a> {
        Schemas {
            docs: docs.clone(),
            dialect,
            ids: RefCell::default(),
            entries: RefCell::default(),
            patterns: RefCell::default(),
        }
    }

    /// The schema that is written at one place.
    pub fn at(&self, at: At<'a>) -> SchemaId {
        self.all(vec![at])
    }

    /// The schema that demands what is written at each of these places.
    pub fn all(&self, parts: Vec<At<'a>>) -> SchemaId {
        let mut origin = None;
        let is_single = parts.len() == 1;
        let parts: Vec<At<'a>> = parts
            .into_iter()
            .map(|at| self.definition(at, is_single.then_some(&mut origin)))
            .collect();
        let mut key: Vec<_> = parts.iter().map(|at| at.id()).collect();
        key.sort();
        key.dedup();
        if let Some(id) = self.ids.borrow().get(&key) {
            return *id;
        }
        let mut entries = self.entries.borrow_mut();
        let id = SchemaId(entries.len() as u32);
        entries.push(Entry { parts: parts.into(), origin, normal: None });
        self.ids.borrow_mut().insert(key, id);
        id
    }

    /// What a place that is nothing but a reference leads to, so that all uses of a definition are
    /// one schema.
    fn definition(&self, mut at: At<'a>, mut origin: Option<&mut Option<String>>) -> At<'a> {
        for _ in 0..MAX_HOPS {
            let Some(reference) = at.text("$ref") else { break };
            let counts_alone = self.dialect != Dialect::JsonSchema;
            if !counts_alone && at.value.entries().len() > 1 {
                break;
            }
            let Some(target) = self.docs.follow(at, reference) else { break };
            if let Some(origin) = origin.as_deref_mut()
                && let Some((_, pointer)) = reference.split_once("#/")
            {
                origin.get_or_insert_with(|| format!("#/{pointer}"));
            }
            at = target;
        }
        at
    }

    /// JSON pointer of the definition that a schema is.
    pub fn origin(&self, id: SchemaId) -> Option<String> {
        self.entries.borrow()[id.0 as usize].origin.clone()
    }

    pub fn parts(&self, id: SchemaId) -> Rc<[At<'a>]> {
        self.entries.borrow()[id.0 as usize].parts.clone()
    }

    /// Whether a text matches a pattern; `None` when that cannot be decided.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        let known = self.patterns.borrow().get(pattern).cloned();
        let compiled = known.unwrap_or_else(|| {
            let compiled = Pattern::new(pattern).map(Rc::new);
            self.patterns.borrow_mut().insert(pattern.to_owned(), compiled.clone());
            compiled
        });
        compiled?.matches(text)
    }

    /// The first place of a schema.
    pub fn place(&self, id: SchemaId) -> At<'a> {
        self.entries.borrow()[id.0 as usize].parts[0]
    }

    /// The form of a schema; `make` makes it of the places and the definition that the schema is.
    pub(super) fn normal_or(
        &self,
        id: SchemaId,
        make: impl FnOnce(&[At<'a>], Option<String>) -> Normal<'a>,
    ) -> Rc<Normal<'a>> {
        let known = self.entries.borrow()[id.0 as usize].normal.clone();
        known.unwrap_or_else(|| {
            let normal = Rc::new(make(&self.parts(id), self.origin(id)));
            self.entries.borrow_mut()[id.0 as usize].normal = Some(normal.clone());
            normal
        })
    }
}
