//! What one comparison of two documents leaves for the next, so that an edit has only those paths
//! compared again that it reaches.
//!
//! Large documents share what an edit leaves alone with the documents before them: a value at the
//! same address is the same value, with the same nodes. A path keeps its rows while it and every
//! definition that it reaches are shared on both sides. Nothing is kept where more than that decides:
//! where definitions refer to anything but definitions, where a limit was met or something was
//! reported on the way, and of paths with callbacks, which are shown where they are met first.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::model::{Api, PathItem};
use crate::diff::change::Change;
use crate::diff::docs::{At, equal};
use crate::diff::schema::Spent;
use crate::diff::settings::Settings;
use crate::text::escape_segment;
use crate::value::{Data, Value};
use crate::yaml::NodeId;

/// The words around the paths that operations depend on.
const AROUND: [&str; 5] = ["openapi", "swagger", "jsonSchemaDialect", "security", "servers"];

/// What is known of the comparison before.
#[derive(Debug, Default)]
pub struct Kept {
    settings: Settings,
    around: Vec<Option<Value>>,
    definitions: FxHashMap<Arc<str>, Definition>,
    /// The definitions that differ between the sides, and those that reach them.
    changed: Arc<FxHashSet<Arc<str>>>,
    paths: FxHashMap<Arc<str>, KeptPath>,
    /// How many paths were looked into.
    compared: usize,
    /// How many were taken over from the comparison before.
    taken: usize,
    /// What the comparisons used since one that took nothing over: no less than one of everything
    /// would use now.
    spent: Spent,
}

impl Kept {
    /// Whether there is nothing that the next comparison could use.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether a comparison that takes nothing over would come to the same.
    pub fn is_whole(&self, settings: &Settings) -> bool {
        self.taken == 0 || self.spent.is_within(settings)
    }

    /// How many paths that comparison looked into; the others it took over.
    pub fn compared(&self) -> usize {
        self.compared
    }
}

/// A value of a document and the key that owns it.
#[derive(Clone, Debug)]
struct Identity {
    key: NodeId,
    value: Value,
}

impl Identity {
    fn of(at: At<'_>) -> Identity {
        Identity { key: at.key, value: at.value.clone() }
    }

    /// Whether this is the very value: shared, at the same nodes.
    fn is(&self, at: At<'_>) -> bool {
        self.key == at.key
            && self.value.node == at.value.node
            && match (&self.value.data, &at.value.data) {
                (Data::Map(a), Data::Map(b)) => Arc::ptr_eq(a, b),
                (Data::Seq(a), Data::Seq(b)) => Arc::ptr_eq(a, b),
                (Data::Map(_) | Data::Seq(_), _) | (_, Data::Map(_) | Data::Seq(_)) => false,
                (a, b) => a == b,
            }
    }
}

fn is_same(known: Option<&Identity>, now: Option<At<'_>>) -> bool {
    match (known, now) {
        (Some(known), Some(now)) => known.is(now),
        (known, now) => known.is_none() && now.is_none(),
    }
}

/// The definitions that a value refers to; `None` if it refers to anything else.
type References = Option<Arc<[Arc<str>]>>;

/// A definition on both sides.
#[derive(Clone, Debug)]
struct Definition {
    sides: [Option<Identity>; 2],
    is_equal: bool,
    /// Of both sides.
    references: References,
}

/// A path of both sides.
#[derive(Clone, Debug)]
struct KeptPath {
    old: Identity,
    new: Identity,
    references: Arc<[Arc<str>]>,
    rows: Arc<[Change]>,
}

/// The paths of a comparison that is being made.
pub struct Keeper {
    /// Whether anything is kept for the next comparison.
    keeps: bool,
    before: Option<Arc<Kept>>,
    /// What was shared before and is not any more, and what reaches it.
    stale: FxHashSet<Arc<str>>,
    next: Kept,
    /// Whether paths hang on nothing but themselves and definitions.
    is_possible: bool,
}

impl Keeper {
    /// Looks at what is shared with the documents of the comparison before; nothing is kept for the
    /// next one where `before` is `None`.
    pub fn new(
        before: Option<Arc<Kept>>,
        old: &Api<'_, '_>,
        new: &Api<'_, '_>,
        settings: &Settings,
    ) -> Keeper {
        let keeps = before.is_some();
        let around = [old.root, new.root].map(around);
        let around: Vec<Option<Value>> = around.into_iter().flatten().collect();
        let before =
            before.filter(|before| before.settings == *settings && before.around == around);
        let mut definitions: FxHashMap<Arc<str>, [Option<At<'_>>; 2]> = FxHashMap::default();
        for (side, root) in [old.root, new.root].into_iter().enumerate() {
            for (pointer, at) in definitions_of(root) {
                definitions.entry(pointer).or_default()[side] = Some(at);
            }
        }
        let known = before.as_ref().map(|before| &before.definitions);
        let mut moved: Vec<Arc<str>> = known
            .into_iter()
            .flat_map(|known| known.keys())
            .filter(|pointer| !definitions.contains_key(*pointer))
            .cloned()
            .collect();
        let mut next = FxHashMap::default();
        for (pointer, sides) in definitions {
            let known = known.and_then(|known| known.get(&pointer));
            let known = known.filter(|known| {
                (0..2).all(|side| is_same(known.sides[side].as_ref(), sides[side]))
            });
            let definition = known.cloned().unwrap_or_else(|| {
                moved.push(pointer.clone());
                Definition::new(sides)
            });
            next.insert(pointer, definition);
        }
        let is_plain = next.values().all(|definition| definition.references.is_some());
        let is_as_before = moved.is_empty() && before.is_some();
        let changed = match &before {
            Some(before) if is_as_before => before.changed.clone(),
            _ => {
                let differ = next.iter().filter(|(_, definition)| !definition.is_equal);
                let differ: Vec<Arc<str>> = differ.map(|(pointer, _)| pointer.clone()).collect();
                Arc::new(reaching(&next, differ))
            }
        };
        let stale = if is_as_before { FxHashSet::default() } else { reaching(&next, moved) };
        let next = Kept {
            settings: settings.clone(),
            around,
            definitions: next,
            changed,
            paths: FxHashMap::default(),
            compared: 0,
            taken: 0,
            spent: Spent::default(),
        };
        Keeper { keeps, before, stale, next, is_possible: is_plain }
    }

    /// The definitions that differ, and those that reach them; `None` where definitions refer to
    /// anything else.
    pub fn changed(&self) -> Option<&FxHashSet<Arc<str>>> {
        self.is_possible.then_some(&*self.next.changed)
    }

    /// The rows of a path that stands as it stood.
    pub fn rows(&mut self, old: &PathItem<'_>, new: &PathItem<'_>) -> Option<Arc<[Change]>> {
        let known = self.before.as_ref().filter(|_| self.is_possible)?;
        let (name, path) = known.paths.get_key_value(new.name.as_str())?;
        let is_fresh = path.old.is(old.key)
            && path.new.is(new.key)
            && !path.references.iter().any(|reference| self.stale.contains(reference));
        if !is_fresh {
            return None;
        }
        self.next.paths.insert(name.clone(), path.clone());
        self.next.taken += 1;
        Some(path.rows.clone())
    }

    /// Keeps the rows of a path that was compared.
    pub fn keep(&mut self, old: &PathItem<'_>, new: &PathItem<'_>, rows: &[Change]) {
        self.next.compared += 1;
        if !self.keeps || !self.is_possible {
            return;
        }
        let both = references_of([old.key.value, new.key.value].into_iter());
        let Some(references) = both else { return };
        let path = KeptPath {
            old: Identity::of(old.key),
            new: Identity::of(new.key),
            references,
            rows: rows.into(),
        };
        self.next.paths.insert(new.name.as_str().into(), path);
    }

    /// What the next comparison may use; nothing of it where paths hung on each other. `spent` is what
    /// this one used.
    pub fn finish(mut self, are_apart: bool, spent: Spent) -> Kept {
        let before = self.before.as_ref().filter(|_| self.next.taken > 0);
        self.next.spent = before.map_or(spent, |before| before.spent.and(spent));
        if !are_apart || !self.next.spent.is_within(&self.next.settings) {
            self.next.paths.clear();
        }
        self.next
    }
}

impl Definition {
    fn new(sides: [Option<At<'_>>; 2]) -> Definition {
        let is_equal = matches!(sides, [Some(a), Some(b)] if equal(a.value, b.value));
        let values = sides.iter().flatten().map(|at| at.value);
        let references = references_of(values);
        Definition { sides: sides.map(|side| side.map(Identity::of)), is_equal, references }
    }
}

/// What decides besides paths and definitions.
fn around(root: At<'_>) -> Vec<Option<Value>> {
    let schemes = root.get("components").and_then(|at| at.get("securitySchemes"));
    let words = AROUND.into_iter().map(|word| root.get(word));
    words.chain([schemes]).map(|at| at.map(|at| at.value.clone())).collect()
}

fn definitions_of(root: At<'_>) -> impl Iterator<Item = (Arc<str>, At<'_>)> {
    let kinds = root.get("components").into_iter().flat_map(At::entries);
    kinds.flat_map(|(kind, at)| {
        at.entries().map(move |(name, at)| {
            (format!("#/components/{kind}/{}", escape_segment(name)).into(), at)
        })
    })
}

/// `seeds`, and the definitions from which references lead there.
fn reaching(
    definitions: &FxHashMap<Arc<str>, Definition>,
    seeds: Vec<Arc<str>>,
) -> FxHashSet<Arc<str>> {
    let mut users: FxHashMap<&str, Vec<&Arc<str>>> = FxHashMap::default();
    for (pointer, definition) in definitions.iter().filter(|_| !seeds.is_empty()) {
        for reference in definition.references.iter().flat_map(|all| all.iter()) {
            users.entry(reference).or_default().push(pointer);
        }
    }
    let mut found: FxHashSet<Arc<str>> = seeds.iter().cloned().collect();
    let mut stack = seeds;
    while let Some(pointer) = stack.pop() {
        for user in users.get(&*pointer).into_iter().flatten() {
            if found.insert(Arc::clone(user)) {
                stack.push(Arc::clone(user));
            }
        }
    }
    found
}

/// The definitions that values refer to, each once; `None` if they refer to anything else.
fn references_of<'v>(values: impl Iterator<Item = &'v Value>) -> References {
    let mut found: FxHashSet<Arc<str>> = FxHashSet::default();
    let mut stack: Vec<&Value> = values.collect();
    while let Some(at) = stack.pop() {
        stack.extend(at.items());
        for entry in at.entries() {
            match (&*entry.key, &entry.value.data) {
                ("$ref", Data::Str(text)) if is_of_definition(text) => {
                    found.insert(text.clone());
                }
                ("$ref", Data::Str(_)) => return None,
                ("$dynamicRef" | "$recursiveRef", _) => return None,
                ("mapping", Data::Map(targets)) => {
                    for target in targets.iter().filter_map(|target| target.value.as_str()) {
                        let is_path = target.contains(['/', '#']);
                        match is_path {
                            true if !is_of_definition(target) => return None,
                            true => found.insert(target.into()),
                            false => found.insert(format!("#/components/schemas/{target}").into()),
                        };
                    }
                }
                _ => {}
            }
            stack.push(&entry.value);
        }
    }
    Some(found.into_iter().collect())
}

/// Whether a reference leads to a definition as a whole, written as [`Keeper::changed`] names it.
pub fn is_of_definition(reference: &str) -> bool {
    reference.starts_with("#/components/")
        && reference.matches('/').count() == 3
        && !reference.contains('%')
}
