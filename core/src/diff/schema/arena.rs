//! The schemas of one bundle: each is a conjunction of places in documents.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::normal::{Normal, normalise};
use crate::diff::docs::{At, DocId, Docs};
use crate::yaml::NodeId;

/// A schema of a [`Schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(u32);

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
}

impl<'a> Schemas<'a> {
    pub fn new(docs: &Rc<Docs<'a>>, dialect: Dialect) -> Schemas<'a> {
        Schemas {
            docs: docs.clone(),
            dialect,
            ids: RefCell::default(),
            entries: RefCell::default(),
        }
    }

    /// The schema that is written at one place.
    pub fn at(&self, at: At<'a>) -> SchemaId {
        self.all(vec![at])
    }

    /// The schema that demands what is written at each of these places.
    pub fn all(&self, parts: Vec<At<'a>>) -> SchemaId {
        let mut key: Vec<_> = parts.iter().map(|at| at.id()).collect();
        key.sort();
        key.dedup();
        if let Some(id) = self.ids.borrow().get(&key) {
            return *id;
        }
        let mut entries = self.entries.borrow_mut();
        let id = SchemaId(entries.len() as u32);
        entries.push(Entry { parts: parts.into(), normal: None });
        self.ids.borrow_mut().insert(key, id);
        id
    }

    pub fn parts(&self, id: SchemaId) -> Rc<[At<'a>]> {
        self.entries.borrow()[id.0 as usize].parts.clone()
    }

    /// The first place of a schema.
    pub fn place(&self, id: SchemaId) -> At<'a> {
        self.entries.borrow()[id.0 as usize].parts[0]
    }

    pub fn normal(&self, id: SchemaId) -> Rc<Normal<'a>> {
        if let Some(normal) = &self.entries.borrow()[id.0 as usize].normal {
            return normal.clone();
        }
        let normal = Rc::new(normalise(self, &self.parts(id)));
        self.entries.borrow_mut()[id.0 as usize].normal = Some(normal.clone());
        normal
    }
}
