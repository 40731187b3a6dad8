//! Comparing two OpenAPI documents, from the document down to its operations.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::kept::{Keeper, Kept, is_of_definition};
use super::matching::{How, matched};
use super::model::{Api, Keys, Named, Operation, PathItem};
use crate::diff::change::Change;
use crate::diff::class::ChangeType::{self, Added, Modified, Removed};
use crate::diff::class::{Class, Side};
use crate::diff::docs::{At, DocId, Level, Spot, equal, same};
use crate::diff::lifecycle::{self, Lifecycle};
use crate::diff::path::keyed;
use crate::diff::rule::{Column, Lens, Rule};
use crate::diff::rules::input::NOT_COMPARED;
use crate::diff::rules::openapi as rules;
use crate::diff::schema::{Comparison, SchemaId, lone};
use crate::diff::settings::Settings;
use crate::text::{escape_segment, fragment_segment};
use crate::value::Value;
use crate::yaml::NodeId;

/// Where an operation stands, and which way its data goes.
pub struct Place {
    pub path: String,
    /// `GET /users`.
    pub operation: String,
    /// Callbacks and webhooks: the service calls.
    pub is_flipped: bool,
}

impl Place {
    /// The side of parameters and bodies.
    pub fn reads(&self) -> Side {
        if self.is_flipped { Side::Response } else { Side::Request }
    }

    /// The side of responses.
    pub fn writes(&self) -> Side {
        if self.is_flipped { Side::Request } else { Side::Response }
    }
}

pub struct Differ<'c, 's, 'a> {
    pub old: &'c Api<'s, 'a>,
    pub new: &'c Api<'s, 'a>,
    pub comparison: Comparison<'s, 'a>,
    pub settings: &'s Settings,
    rows: Vec<Change>,
    /// The callbacks in callbacks that were met, by the values of both sides and their direction:
    /// each is compared where it is met first.
    nested: FxHashSet<(ValueId, ValueId, bool)>,
    /// The callbacks around what is compared.
    depth: usize,
    /// Whether there were callbacks since this was last asked.
    met_callbacks: bool,
}

/// The differences of two documents, in the order of reports. `kept` is what the comparison before
/// left, if it is worth its room; what this one leaves takes its place.
pub fn compare<'s, 'a>(
    old: &Api<'s, 'a>,
    new: &Api<'s, 'a>,
    settings: &'s Settings,
    kept: Option<&mut Arc<Kept>>,
) -> Vec<Change> {
    let before = kept.as_deref().map(Arc::clone);
    let docs = [old.docs(), new.docs()];
    let reported = docs.map(|docs| docs.reported());
    let (mut rows, mut next) = compare_with(before, old, new, settings);
    if !next.is_whole(settings) {
        // What was taken over might count into a limit, had it been compared now.
        docs.iter().zip(reported).for_each(|(docs, n)| docs.take_back("LIMIT_REACHED", n));
        let fresh = kept.is_some().then(Arc::default);
        (rows, next) = compare_with(fresh, old, new, settings);
    }
    if let Some(kept) = kept {
        *kept = Arc::new(next);
    }
    rows
}

fn compare_with<'s, 'a>(
    before: Option<Arc<Kept>>,
    old: &Api<'s, 'a>,
    new: &Api<'s, 'a>,
    settings: &'s Settings,
) -> (Vec<Change>, Kept) {
    let comparison = Comparison::new(old.schemas, new.schemas, settings);
    let mut differ = Differ {
        old,
        new,
        comparison,
        settings,
        rows: Vec::new(),
        nested: FxHashSet::default(),
        depth: 0,
        met_callbacks: false,
    };
    let mut keeper = Keeper::new(before, old, new, settings);
    let are_apart = differ.document(&mut keeper);
    (differ.rows, keeper.finish(are_apart, differ.comparison.spent()))
}

/// Upper bound on callbacks in callbacks; what is deeper is not compared, which a row says.
const MAX_DEPTH: usize = 32;

/// A document and a node in it.
type ValueId = (DocId, NodeId);

impl<'a> Differ<'_, '_, 'a> {
    /// A row of a rule of this table.
    pub fn row(
        &mut self,
        rule: &'static Rule,
        ty: ChangeType,
        path: String,
        old: Option<At<'a>>,
        new: Option<At<'a>>,
    ) -> &mut Change {
        let mut change = Change::new(rule, ty, path);
        change.old_at = old.map(|at| self.old.docs().anchor(at.spot()));
        change.new_at = new.map(|at| self.new.docs().anchor(at.spot()));
        change.anchor.clone_from(&change.new_at);
        self.rows.push(change);
        self.rows.last_mut().expect("a row was pushed")
    }

    /// Says where the last row is shown, if it has no place of its own in the new document.
    pub fn anchored(&mut self, spot: Option<Spot>) {
        let anchor = spot.map(|spot| self.new.docs().anchor(spot));
        if let Some(row) = self.rows.last_mut()
            && row.anchor.is_none()
        {
            row.anchor = anchor;
        }
    }

    /// The number of rows so far; for [`Differ::roll_up`].
    pub fn begin(&self) -> usize {
        self.rows.len()
    }

    /// Puts a row that sums up those since `from` before them.
    pub fn roll_up(
        &mut self,
        from: usize,
        rule: &'static Rule,
        path: &str,
        said: &str,
        (old, new): (At<'a>, At<'a>),
    ) {
        let Some(class) = self.rows[from..].iter().map(|row| row.class).max() else { return };
        let row = self.row(rule, Modified, path.to_owned(), Some(old), Some(new));
        row.class = class;
        row.reason = format!("{said} modified");
        let row = self.rows.pop().expect("the row above");
        self.rows.insert(from, row);
    }

    /// Compares the schemas of both sides at `path`.
    pub fn schemas(
        &mut self,
        path: &str,
        (old, old_at): (Option<SchemaId>, At<'a>),
        (new, new_at): (Option<SchemaId>, At<'a>),
        lens: Lens,
    ) {
        match (old, new) {
            (Some(old), Some(new)) => {
                let pair = self.comparison.compare(old, new, lens);
                let rows = self.comparison.rows(pair, path);
                self.rows.extend(rows);
            }
            (None, None) => {}
            (old, new) => {
                let anchor = |api: &Api<'_, 'a>, at: At<'a>| {
                    api.docs().anchor(at.get("schema").unwrap_or(at).spot())
                };
                let old = old.map(|_| anchor(self.old, old_at));
                let shown = anchor(self.new, new_at);
                let new = new.map(|_| shown.clone());
                self.rows.push(lone(lens, path, old, new, Some(shown)));
            }
        }
    }

    /// One row for everything that only readers see.
    pub fn annotations(&mut self, path: &str, old: At<'a>, new: At<'a>) {
        const WORDS: [&str; 5] = ["summary", "description", "example", "examples", "externalDocs"];
        let is_one =
            |key: &str| WORDS.contains(&key) || key.starts_with("x-") && !lifecycle::is_word(key);
        let mut keys: Vec<&str> = old
            .entries()
            .chain(new.entries())
            .map(|(key, _)| key)
            .filter(|key| is_one(key))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let (mut was, mut is) = (serde_json::Map::new(), serde_json::Map::new());
        let mut places = (None, None);
        for key in keys {
            let (a, b) = (old.get(key), new.get(key));
            if matches!((a, b), (Some(a), Some(b)) if equal(a.value, b.value)) {
                continue;
            }
            if let Some(a) = a {
                was.insert(key.to_owned(), a.json());
                places.0 = places.0.or(Some(a));
            }
            if let Some(b) = b {
                is.insert(key.to_owned(), b.json());
                places.1 = places.1.or(Some(b));
            }
        }
        if was.is_empty() && is.is_empty() {
            return;
        }
        let path = path.to_owned();
        let row = self.row(
            rules::ANNOTATION_CHANGED,
            Modified,
            path,
            places.0.or(Some(old)),
            places.1.or(Some(new)),
        );
        row.old = (!was.is_empty()).then_some(was.into());
        row.new = (!is.is_empty()).then_some(is.into());
    }

    pub fn lifecycle(&mut self, path: &str, old: At<'a>, new: At<'a>) {
        let events = lifecycle::compare(&Lifecycle::at(old), &Lifecycle::at(new), self.settings);
        for event in events {
            let mut change = Change::new(event.rule, event.ty, format!("{path}.{}", event.step));
            change.class = event.class;
            change.old = event.old;
            change.new = event.new;
            change.old_at = event.old_at.map(|spot| self.old.docs().anchor(spot));
            change.new_at = event.new_at.map(|spot| self.new.docs().anchor(spot));
            let own = change.new_at.clone();
            change.anchor = own.or_else(|| Some(self.new.docs().anchor(new.spot())));
            self.rows.push(change);
        }
    }

    /// Compares everything. Returns whether the rows of paths hang on nothing but themselves and
    /// definitions.
    fn document(&mut self, keeper: &mut Keeper) -> bool {
        let (old, new) = (self.old.root, self.new.root);
        self.info(old, new);
        self.dialects(old, new);
        let matched = matched(self.old, self.new);
        let is_moved = matched.pairs.iter().any(|(.., how)| *how == How::Relocated);
        self.servers("openapi", old, new, is_moved);
        self.components();
        self.security_schemes();
        self.webhooks();
        let anchor = new.get("paths").map_or(new.spot(), At::spot);
        let are_equal_same = self.is_around_same();
        let mut are_apart = true;
        // Paths in bytewise order, whatever happened to them.
        let mut items: Vec<(String, Event<'a>)> = Vec::new();
        for (a, b, how) in matched.pairs {
            items.push((b.name.clone(), Event::Both(a, b, how)));
        }
        items.extend(matched.removed.into_iter().map(|a| (a.name.clone(), Event::Removed(a))));
        items.extend(matched.added.into_iter().map(|b| (b.name.clone(), Event::Added(b))));
        items.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, event) in items {
            let path = keyed("openapi", "paths", &name);
            match event {
                Event::Removed(item) => self.path_removed(path, &item, anchor),
                Event::Added(item) => {
                    let row = self.row(rules::PATH_ADDED, Added, path, None, Some(item.key));
                    row.reason = format!("API path {name} added");
                    row.new = Some(name.into());
                }
                Event::Both(a, b, how) => {
                    if how != How::Exact {
                        let rule = match how {
                            How::Renamed => rules::PATH_PARAM_RENAMED,
                            _ => rules::PATH_RELOCATED,
                        };
                        let row = self.row(rule, Modified, path.clone(), Some(a.key), Some(b.key));
                        row.old = Some(a.name.as_str().into());
                        row.new = Some(b.name.as_str().into());
                        self.path_item(&path, &name, &a, &b, false);
                        continue;
                    }
                    if let Some(rows) = keeper.rows(&a, &b) {
                        self.rows.extend(rows.iter().cloned());
                        continue;
                    }
                    let (from, reported) = (self.begin(), self.reported());
                    self.met_callbacks = false;
                    if !(are_equal_same && self.is_same(&a, &b, keeper.changed())) {
                        self.path_item(&path, &name, &a, &b, false);
                    }
                    are_apart &= reported == self.reported();
                    if !self.met_callbacks {
                        keeper.keep(&a, &b, &self.rows[from..]);
                    }
                }
            }
        }
        are_apart
    }

    /// How much was reported of both sides.
    fn reported(&self) -> usize {
        self.old.docs().reported() + self.new.docs().reported()
    }

    /// Whether equal operations differ for no reason around them.
    fn is_around_same(&self) -> bool {
        let (old, new) = (self.old.root, self.new.root);
        let is_same = |key: &str| same(old.get(key), new.get(key));
        ["openapi", "swagger", "security", "servers"].into_iter().all(is_same)
    }

    /// Whether two paths are equal and reach nothing that changed.
    fn is_same(
        &self,
        a: &PathItem<'a>,
        b: &PathItem<'a>,
        changed: Option<&FxHashSet<Arc<str>>>,
    ) -> bool {
        let Some(changed) = changed else { return false };
        let is_settled =
            |reference: &str| is_of_definition(reference) && !changed.contains(reference);
        a.key.text("$ref").is_none()
            && b.key.text("$ref").is_none()
            && equal(a.at.value, b.at.value)
            && crate::spec::references(b.at.value).all(|(reference, _)| is_settled(reference))
    }

    fn path_removed(&mut self, path: String, item: &PathItem<'a>, anchor: Spot) {
        let operations = self.old.operations(item);
        let removals = &lifecycle::PATH;
        let judged = operations.iter().map(|o| removals.rule(&Lifecycle::at(o.at), self.settings));
        let rule =
            judged.max_by_key(|rule| rule.usual(Column::Input)).unwrap_or(removals.unannounced);
        let is_unstable = !operations.is_empty()
            && operations.iter().all(|o| Lifecycle::at(o.at).unstable().is_some());
        let row = self.row(rule, Removed, path, Some(item.key), None);
        if is_unstable {
            row.class = Class::NonBreaking;
        }
        row.reason = format!("API path {} removed", item.name);
        row.old = Some(item.name.as_str().into());
        self.anchored(Some(anchor));
    }

    fn info(&mut self, old: At<'a>, new: At<'a>) {
        let (a, b) = (old.get("info"), new.get("info"));
        let keys = a.into_iter().chain(b).flat_map(At::entries).map(|(key, _)| key);
        let keys: BTreeSet<&str> = keys.collect();
        for key in keys {
            let find = |at: Option<At<'a>>| at.and_then(|at| at.get(key));
            self.plain(rules::INFO_CHANGED, format!("openapi.info.{key}"), find(a), find(b));
        }
        for key in ["tags", "externalDocs"] {
            self.plain(rules::INFO_CHANGED, format!("openapi.{key}"), old.get(key), new.get(key));
        }
    }

    /// A row with both values as written, if they differ.
    fn plain(&mut self, rule: &'static Rule, path: String, a: Option<At<'a>>, b: Option<At<'a>>) {
        if same(a, b) {
            return;
        }
        let ty = ChangeType::of(a.is_some(), b.is_some());
        let root = self.new.root.spot();
        let row = self.row(rule, ty, path, a, b);
        row.old = a.map(At::json);
        row.new = b.map(At::json);
        self.anchored(Some(root));
    }

    fn dialects(&mut self, old: At<'a>, new: At<'a>) {
        let (was, is) = (self.old.dialect(), self.new.dialect());
        if was != is {
            let word = |at: At<'a>| at.get("openapi").or_else(|| at.get("swagger"));
            let path = "openapi.dialect".to_owned();
            let row = self.row(rules::DIALECT_CHANGED, Modified, path, word(old), word(new));
            row.old = Some(was.into());
            row.new = Some(is.into());
        }
        let word = |at: At<'a>| at.get("jsonSchemaDialect");
        let path = "openapi.jsonSchemaDialect".to_owned();
        self.plain(rules::JSON_SCHEMA_DIALECT_CHANGED, path, word(old), word(new));
    }

    /// Definitions that nothing refers to.
    fn components(&mut self) {
        // Looked for only where a definition came or went.
        let used = |api: &Api<'_, 'a>| -> BTreeSet<String> {
            let all = crate::spec::references(api.root.value);
            all.filter_map(|(reference, _)| component_of(reference)).collect()
        };
        let (old, new) = (self.old, self.new);
        let (used_old, used_new) = (OnceCell::new(), OnceCell::new());
        let is_used_old =
            |pointer: String| used_old.get_or_init(|| used(old)).contains(pointer.as_str());
        let is_used_new =
            |pointer: String| used_new.get_or_init(|| used(new)).contains(pointer.as_str());
        let find = |api: &Api<'_, 'a>, kind: &str| {
            api.root.get("components").and_then(|components| components.get(kind))
        };
        for kind in ["schemas", "parameters", "responses", "requestBodies", "headers"] {
            let (was, is) = (find(self.old, kind), find(self.new, kind));
            let base = "openapi.components";
            let names = |at: Option<At<'a>>| -> BTreeSet<&'a str> {
                at.into_iter().flat_map(At::entries).map(|(name, _)| name).collect()
            };
            let (old_names, new_names) = (names(was), names(is));
            let list = |at: Option<At<'a>>| -> Vec<(&'a str, At<'a>)> {
                let mut all: Vec<_> = at.into_iter().flat_map(At::entries).collect();
                all.sort_by_key(|(name, _)| *name);
                all
            };
            let pointer = |name: &str| format!("#/components/{kind}/{}", escape_segment(name));
            for (name, at) in list(was) {
                if !new_names.contains(name) && !is_used_old(pointer(name)) {
                    let path = keyed(base, kind, name);
                    let row = self.row(rules::COMPONENT_REMOVED, Removed, path, Some(at), None);
                    row.old = Some(name.into());
                    let root = self.new.root;
                    self.anchored(Some(root.get("components").unwrap_or(root).spot()));
                }
            }
            for (name, at) in list(is) {
                if !old_names.contains(name) && !is_used_new(pointer(name)) {
                    let path = keyed(base, kind, name);
                    let row = self.row(rules::COMPONENT_ADDED, Added, path, None, Some(at));
                    row.new = Some(name.into());
                }
            }
        }
    }

    fn webhooks(&mut self) {
        let (was, is) = (self.old.path_items("webhooks"), self.new.path_items("webhooks"));
        for a in &was {
            let path = keyed("openapi", "webhooks", &a.name);
            match is.iter().find(|b| b.name == a.name) {
                Some(b) => self.path_item(&path, &a.name, a, b, true),
                None => {
                    let root = self.new.root;
                    let row = self.row(rules::WEBHOOK_REMOVED, Removed, path, Some(a.key), None);
                    row.old = Some(a.name.as_str().into());
                    self.anchored(Some(root.get("webhooks").unwrap_or(root).spot()));
                }
            }
        }
        for b in is.iter().filter(|b| !was.iter().any(|a| a.name == b.name)) {
            let path = keyed("openapi", "webhooks", &b.name);
            let row = self.row(rules::WEBHOOK_ADDED, Added, path, None, Some(b.key));
            row.new = Some(b.name.as_str().into());
        }
    }

    fn path_item(
        &mut self,
        path: &str,
        name: &str,
        a: &PathItem<'a>,
        b: &PathItem<'a>,
        is_flipped: bool,
    ) {
        self.annotations(path, a.at, b.at);
        if a.at.get("servers").is_some() || b.at.get("servers").is_some() {
            self.servers(path, a.at, b.at, false);
        }
        let (was, is) = (self.old.operations(a), self.new.operations(b));
        for old in &was {
            let path = keyed(path, "methods", &old.method);
            match is.iter().find(|new| new.method == old.method) {
                Some(new) => {
                    let operation = format!("{} {name}", old.method);
                    let place = Place { path, operation, is_flipped };
                    let from = self.begin();
                    self.operation(&place, (a, old), (b, new));
                    self.cap(from, old);
                }
                None => self.method_removed(path, name, old, b.key.spot()),
            }
        }
        for new in is.iter().filter(|new| !was.iter().any(|old| old.method == new.method)) {
            let path = keyed(path, "methods", &new.method);
            let row = self.row(rules::METHOD_ADDED, Added, path, None, Some(new.at));
            let operation = format!("{} {name}", new.method);
            row.reason = format!("{operation} method added");
            row.new = Some(operation.into());
        }
    }

    /// Where nothing was promised yet, nothing breaks.
    fn cap(&mut self, from: usize, old: &Operation<'a>) {
        if let Some(level) = Lifecycle::at(old.at).unstable() {
            for row in &mut self.rows[from..] {
                if row.class > Class::NonBreaking {
                    row.class = Class::NonBreaking;
                    row.reason.push_str(&format!(" (unstable: {level})"));
                }
            }
        }
    }

    fn method_removed(&mut self, path: String, name: &str, old: &Operation<'a>, anchor: Spot) {
        let rule = lifecycle::METHOD.rule(&Lifecycle::at(old.at), self.settings);
        let operation = format!("{} {name}", old.method);
        let row = self.row(rule, Removed, path, Some(old.at), None);
        row.reason = format!("{operation} method removed");
        row.old = Some(operation.into());
        self.anchored(Some(anchor));
        let from = self.rows.len() - 1;
        self.cap(from, old);
    }

    fn operation(
        &mut self,
        place: &Place,
        old: (&PathItem<'a>, &Operation<'a>),
        new: (&PathItem<'a>, &Operation<'a>),
    ) {
        let (a, b) = (old.1.at, new.1.at);
        self.operation_id(place, a, b);
        self.lifecycle(&place.path, a, b);
        self.tags(place, a, b);
        self.annotations(&place.path, a, b);
        self.security(&place.path, a, b);
        if a.get("servers").is_some() || b.get("servers").is_some() {
            self.servers(&place.path, a, b, false);
        }
        self.parameters(place, old, new);
        self.request_body(place, old.1, new.1);
        self.responses(place, old.1, new.1);
        self.callbacks(place, a, b);
    }

    fn operation_id(&mut self, place: &Place, a: At<'a>, b: At<'a>) {
        let (was, is) = (a.get("operationId"), b.get("operationId"));
        let rule = match (was, is) {
            (None, Some(_)) => rules::OPERATION_ID_ADDED,
            (Some(_), None) => rules::OPERATION_ID_REMOVED,
            _ => rules::OPERATION_ID_CHANGED,
        };
        self.plain(rule, format!("{}.operationId", place.path), was, is);
        if is.is_none() {
            self.anchored(Some(b.spot()));
        }
    }

    fn tags(&mut self, place: &Place, a: At<'a>, b: At<'a>) {
        let sorted = |at: At<'a>| {
            let list = at.get("tags").map_or(&[][..], |at| at.value.items());
            let mut names: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            names.sort_unstable();
            names
        };
        if sorted(a) != sorted(b) {
            let (x, y) = (a.get("tags"), b.get("tags"));
            let path = format!("{}.tags", place.path);
            let row = self.row(rules::TAG_CHANGED, Modified, path, x, y.or(Some(b)));
            row.old = Some(sorted(a).into());
            row.new = Some(sorted(b).into());
        }
    }

    fn callbacks(&mut self, place: &Place, a: At<'a>, b: At<'a>) {
        let was = self.old.named(a.get("callbacks"), Keys::Names);
        let is = self.new.named(b.get("callbacks"), Keys::Names);
        self.met_callbacks |= !was.is_empty() || !is.is_empty();
        let anchor = b.get("callbacks").unwrap_or(b).spot();
        // All of this operation before those in them, so that each is shown where it is nearest.
        let mut is_first = |old: &Named<'a>| {
            let new = is.iter().find(|new| new.name == old.name);
            new.is_some_and(|new| self.nested.insert((old.at.id(), new.at.id(), place.is_flipped)))
        };
        let firsts: Vec<bool> = was.iter().map(&mut is_first).collect();
        for (old, is_first) in was.iter().zip(firsts) {
            let path = keyed(&place.path, "callbacks", &old.name);
            match is.iter().find(|new| new.name == old.name) {
                Some(new) if is_first || self.depth == 0 => {
                    self.callback(place, &path, old.at, new.at);
                }
                Some(_) => {}
                None => {
                    let row = self.row(rules::CALLBACK_REMOVED, Removed, path, Some(old.key), None);
                    row.old = Some(old.name.as_str().into());
                    self.anchored(Some(anchor));
                }
            }
        }
        for new in is.iter().filter(|new| !was.iter().any(|old| old.name == new.name)) {
            let path = keyed(&place.path, "callbacks", &new.name);
            let row = self.row(rules::CALLBACK_ADDED, Added, path, None, Some(new.key));
            row.new = Some(new.name.as_str().into());
        }
    }

    /// Says that a part was not compared because it lies too deep.
    fn too_deep(&mut self, path: String, a: At<'a>, b: At<'a>) {
        if equal(a.value, b.value) {
            return;
        }
        let docs = self.new.docs();
        let message = format!("more than {MAX_DEPTH} callbacks in each other");
        docs.report("LIMIT_REACHED", Level::Warning, message, Some(docs.anchor(b.spot())));
        let row = self.row(NOT_COMPARED, Modified, path, Some(a), Some(b));
        row.reason = "not compared: LIMIT_REACHED".to_owned();
    }

    fn callback(&mut self, place: &Place, path: &str, a: At<'a>, b: At<'a>) {
        let list = |api: &Api<'_, 'a>, at: At<'a>| -> Vec<PathItem<'a>> {
            let one =
                |named: Named<'a>| PathItem { name: named.name, key: named.key, at: named.at };
            api.named(Some(at), Keys::Fields).into_iter().map(one).collect()
        };
        if self.depth >= MAX_DEPTH {
            return self.too_deep(path.to_owned(), a, b);
        }
        let (was, is) = (list(self.old, a), list(self.new, b));
        let in_brackets = |name: &str| {
            let keyed = keyed("", "x", name);
            format!("{path}{}", &keyed[1..])
        };
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        self.depth += 1;
        for old in &was {
            match is.iter().find(|new| new.name == old.name) {
                Some(new) => {
                    let name = old.name.clone();
                    self.path_item(&in_brackets(&name), &name, old, new, !place.is_flipped);
                }
                None => gone.push(old),
            }
        }
        self.depth -= 1;
        come.extend(is.iter().filter(|new| !was.iter().any(|old| old.name == new.name)));
        for pair in 0..gone.len().max(come.len()) {
            let (old, new) = (gone.get(pair), come.get(pair));
            let (rule, ty) = match (old, new) {
                (Some(_), Some(_)) => (rules::CALLBACK_EXPRESSION_CHANGED, Modified),
                (Some(_), None) => (rules::CALLBACK_REMOVED, Removed),
                _ => (rules::CALLBACK_ADDED, Added),
            };
            let name = new.or(old).map_or("", |item| &item.name).to_owned();
            let row =
                self.row(rule, ty, in_brackets(&name), old.map(|o| o.key), new.map(|n| n.key));
            row.old = old.map(|item| item.name.as_str().into());
            row.new = new.map(|item| item.name.as_str().into());
            self.anchored(Some(b.spot()));
        }
    }
}

enum Event<'a> {
    Both(PathItem<'a>, PathItem<'a>, How),
    Removed(PathItem<'a>),
    Added(PathItem<'a>),
}

/// The pointer of the component that a reference leads to, or into: whatever is percent-encoded of it.
fn component_of(reference: &str) -> Option<String> {
    let segments: Vec<String> = reference
        .strip_prefix("#/components/")?
        .split('/')
        .take(2)
        .map(|segment| escape_segment(&fragment_segment(segment)))
        .collect();
    Some(format!("#/components/{}", segments.join("/")))
}
