//! Which alternatives of a union may hold another whole: those of which it is worth to be proved.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::arena::Schemas;
use super::form::{Normal, SchemaId};
use super::types::Types;
use crate::diff::docs::ByValue;

/// Alternatives of one side.
pub(super) struct Alternatives<'s, 'a> {
    schemas: &'s Schemas<'a>,
    normals: Vec<Rc<Normal<'a>>>,
}

/// Pairs of positions, each of an alternative and of one that may hold it.
pub(super) struct Candidates {
    pub pairs: Vec<(usize, usize)>,
    /// There are more than may be proved.
    pub is_cut: bool,
}

/// What a value must be, or have, to be admitted at all.
#[derive(PartialEq, Eq, Hash)]
enum Key<'n, 'a> {
    Value(ByValue<'a>),
    Member(&'n str, ByValue<'a>),
    Name(&'n str),
}

impl<'s, 'a> Alternatives<'s, 'a> {
    pub fn new(
        schemas: &'s Schemas<'a>,
        all: impl IntoIterator<Item = SchemaId>,
    ) -> Alternatives<'s, 'a> {
        let normals = all.into_iter().map(|schema| schemas.normal(schema)).collect();
        Alternatives { schemas, normals }
    }

    /// The pairs of one of these and one of `wide` that may hold it. Small unions are tried whole;
    /// of others those remain that demand nothing which the held one does not. At most `most` × `most`
    /// pairs are given.
    pub fn within(&self, wide: &Alternatives<'_, 'a>, most: usize) -> Candidates {
        let limit = most.saturating_mul(most);
        let (count, others) = (self.normals.len(), wide.normals.len());
        if count.saturating_mul(others) <= limit {
            let pairs = (0..count).flat_map(|i| (0..others).map(move |j| (i, j)));
            return Candidates { pairs: pairs.collect(), is_cut: false };
        }
        let index = Index::new(wide);
        let mut found = Candidates { pairs: Vec::new(), is_cut: false };
        for (i, normal) in self.normals.iter().enumerate() {
            let holders = index.holders(self.schemas, normal);
            let room = limit - found.pairs.len();
            found.is_cut |= holders.len() > room;
            found.pairs.extend(holders.into_iter().take(room).map(|j| (i, j)));
        }
        found
    }
}

/// Alternatives by what they demand.
struct Index<'n, 'a> {
    by_key: FxHashMap<Key<'n, 'a>, Vec<usize>>,
    /// Those that demand nothing by which they could be found.
    free: Vec<usize>,
    count: usize,
}

impl<'n, 'a> Index<'n, 'a> {
    fn new(all: &'n Alternatives<'_, 'a>) -> Index<'n, 'a> {
        let mut uses: FxHashMap<&str, usize> = FxHashMap::default();
        for name in all.normals.iter().flat_map(|normal| normal.required.keys()) {
            *uses.entry(name).or_default() += 1;
        }
        let count = all.normals.len();
        let mut index = Index { by_key: FxHashMap::default(), free: Vec::new(), count };
        for (i, normal) in all.normals.iter().enumerate() {
            let keys = keys(all.schemas, normal, &uses);
            if keys.is_empty() {
                index.free.push(i);
            }
            for key in keys {
                index.by_key.entry(key).or_default().push(i);
            }
        }
        index
    }

    /// Those that may hold a schema, in their order.
    fn holders(&self, schemas: &Schemas<'a>, narrow: &Normal<'a>) -> Vec<usize> {
        if !is_plain(narrow) || narrow.types == Types::NULL {
            return (0..self.count).collect();
        }
        let mut found = self.free.clone();
        let mut add = |key: Key<'_, 'a>| found.extend(self.by_key.get(&key).into_iter().flatten());
        match &narrow.enumeration {
            Some(values) => {
                values.iter().take(1).for_each(|at| add(Key::Value(ByValue(at.value))));
            }
            None => {
                for name in narrow.required.keys() {
                    add(Key::Name(name));
                    let member = narrow.property(name).map(|p| schemas.normal(p.schema));
                    match member.as_deref().map(|member| (is_plain(member), &member.enumeration)) {
                        Some((true, Some(values))) => values
                            .iter()
                            .take(1)
                            .for_each(|at| add(Key::Member(name, ByValue(at.value)))),
                        Some((true, None)) | None => {}
                        // It may be one of some values all the same.
                        Some((false, _)) => return (0..self.count).collect(),
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The keys of which a schema demands one; none where it cannot be found by any. `uses` is how
/// often names are demanded.
fn keys<'n, 'a>(
    schemas: &Schemas<'a>,
    normal: &'n Normal<'a>,
    uses: &FxHashMap<&str, usize>,
) -> Vec<Key<'n, 'a>> {
    if !is_plain(normal) {
        return Vec::new();
    }
    if let Some(values) = &normal.enumeration {
        return values.iter().map(|at| Key::Value(ByValue(at.value))).collect();
    }
    if !normal.types.without_null().within(Types::OBJECT) {
        return Vec::new();
    }
    for name in normal.required.keys() {
        let member = normal.property(name).map(|property| schemas.normal(property.schema));
        if let Some(member) = member.filter(|member| is_plain(member))
            && let Some(values) = &member.enumeration
        {
            return values.iter().map(|at| Key::Member(name, ByValue(at.value))).collect();
        }
    }
    let rarest = normal.required.keys().min_by_key(|name| uses.get(name.as_str()));
    rarest.map(|name| Key::Name(name)).into_iter().collect()
}

/// Whether a schema demands what its own keywords say, and nothing besides.
fn is_plain(normal: &Normal<'_>) -> bool {
    normal.unions.is_empty()
        && normal.branches.is_empty()
        && normal.conditionals.is_empty()
        && normal.undecided.is_empty()
        && normal.is_forbidden.is_none()
        && normal.enum_null.is_none()
}
