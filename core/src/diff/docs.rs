//! The documents of one bundle, as the comparison walks them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde_json::Value as Json;

use crate::bundle::BundleView;
use crate::fact::{Fact, Failure};
use crate::place::{Anchor, FileRef, Part};
use crate::spec::{BundlePath, Document, PathProblem};
use crate::text::{Span, fragment_segment, percent_decode};
use crate::value::{Data, Entry, LowerError, Value};
use crate::yaml::{NodeId, SyntaxErrorKind};

/// A document of a [`Docs`].
pub type DocId = u32;

/// A value and where it stands: its document, and the key or list item that owns it.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    pub value: &'a Value,
    pub doc: DocId,
    pub key: NodeId,
}

/// A key or a list item of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spot {
    pub doc: DocId,
    pub node: NodeId,
}

impl<'a> At<'a> {
    pub fn spot(self) -> Spot {
        Spot { doc: self.doc, node: self.key }
    }

    /// Two places with the same identity hold the same value.
    pub fn id(self) -> (DocId, NodeId) {
        (self.doc, self.value.node)
    }

    pub fn get(self, key: &str) -> Option<At<'a>> {
        let entry = self.value.entry(key)?;
        Some(At { value: &entry.value, doc: self.doc, key: entry.key_node })
    }

    pub fn entries(self) -> impl Iterator<Item = (&'a str, At<'a>)> {
        let doc = self.doc;
        let at = move |e: &'a Entry| At { value: &e.value, doc, key: e.key_node };
        self.value.entries().iter().map(move |entry| (&*entry.key, at(entry)))
    }

    pub fn items(self) -> impl Iterator<Item = At<'a>> {
        let doc = self.doc;
        self.value.items().iter().map(move |value| At { value, doc, key: value.node })
    }

    pub fn text(self, key: &str) -> Option<&'a str> {
        self.get(key)?.value.as_str()
    }

    pub fn flag(self, key: &str) -> bool {
        self.get(key).is_some_and(|at| at.value.data == Data::Bool(true))
    }

    pub fn json(self) -> Json {
        self.value.to_json()
    }
}

/// How bad it is that something could not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
    Info,
}

impl Level {
    pub fn text(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        }
    }
}

/// Something that could not be read or decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: &'static str,
    pub level: Level,
    pub message: String,
    pub at: Option<Anchor>,
}

/// Upper bound on references to references that are followed.
pub const MAX_HOPS: usize = 32;

/// The entries of a mapping by key.
type ByKey<'a> = FxHashMap<&'a str, At<'a>>;

/// Mappings with fewer entries are searched one by one.
const LARGE_MAP: usize = 32;

/// The documents of one bundle.
pub struct Docs<'a> {
    pub bundle: &'a dyn BundleView,
    /// Where references of a document lead, as far as they were followed.
    followed: RefCell<FxHashMap<DocId, FxHashMap<String, At<'a>>>>,
    /// The entries of large mappings that references lead into.
    entries: RefCell<FxHashMap<(DocId, NodeId), ByKey<'a>>>,
    /// Whether the bundle is another than the one that is compared, reached by a reference.
    is_other: bool,
    files: RefCell<Vec<File<'a>>>,
    problems: RefCell<Vec<Problem>>,
    seen: RefCell<BTreeSet<String>>,
}

fn identity(Problem { code, message, at, .. }: &Problem) -> String {
    format!("{code} {message} {at:?}")
}

struct File<'a> {
    path: BundlePath,
    root: Option<At<'a>>,
    /// `$id` and `$anchor`, looked for when they are first needed.
    names: OnceCell<FxHashMap<&'a str, At<'a>>>,
}

impl<'a> Docs<'a> {
    pub fn new(bundle: &'a dyn BundleView, is_other: bool) -> Docs<'a> {
        Docs {
            bundle,
            followed: RefCell::default(),
            entries: RefCell::default(),
            is_other,
            files: RefCell::default(),
            problems: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    pub fn take_problems(&self) -> Vec<Problem> {
        self.problems.take()
    }

    /// How many problems there are.
    pub fn reported(&self) -> usize {
        self.problems.borrow().len()
    }

    pub fn report(&self, code: &'static str, level: Level, message: String, at: Option<Anchor>) {
        let problem = Problem { code, level, message, at };
        if self.seen.borrow_mut().insert(identity(&problem)) {
            self.problems.borrow_mut().push(problem);
        }
    }

    /// Takes back what was reported of a code since there were `reported` problems.
    pub fn take_back(&self, code: &str, reported: usize) {
        let (mut seen, mut problems) = (self.seen.borrow_mut(), self.problems.borrow_mut());
        let since: Vec<Problem> = problems.drain(reported..).collect();
        let (back, kept): (Vec<Problem>, Vec<Problem>) =
            since.into_iter().partition(|problem| problem.code == code);
        problems.extend(kept);
        back.iter().for_each(|problem| {
            seen.remove(&identity(problem));
        });
    }

    pub fn file_ref(&self, path: &BundlePath) -> FileRef {
        let path = path.to_string();
        match self.is_other {
            true => FileRef::Other { root: self.bundle.root().clone(), path },
            false => FileRef::Bundle(path),
        }
    }

    pub fn anchor(&self, spot: Spot) -> Anchor {
        let file = self.file_ref(&self.files.borrow()[spot.doc as usize].path);
        Anchor { file, node: spot.node, part: Part::Value }
    }

    /// The file that a document was read from.
    pub fn path_of(&self, doc: DocId) -> BundlePath {
        self.files.borrow()[doc as usize].path.clone()
    }

    /// A data file of the bundle. What is wrong with it is reported; `None` then, or while it is
    /// not known. `named_at` is where it is named.
    pub fn open(&self, path: &BundlePath, named_at: Option<Anchor>) -> Option<At<'a>> {
        if let Some(file) = self.files.borrow().iter().find(|file| file.path == *path) {
            return file.root;
        }
        let doc = self.files.borrow().len() as DocId;
        let file = File { path: path.clone(), root: None, names: OnceCell::new() };
        self.files.borrow_mut().push(file);
        let root = match self.bundle.document(path) {
            Fact::Ready(document) => self.check(path, document).then_some(&document.value),
            Fact::Failed(failure) => {
                self.report_failure(path, &failure, named_at);
                None
            }
            Fact::Pending => None,
        };
        let root = root.map(|value| At { value, doc, key: value.node });
        self.files.borrow_mut()[doc as usize].root = root;
        root
    }

    /// Puts another reading of a document in the place of what was read.
    pub fn replace(&self, path: &BundlePath, value: &'a Value) {
        self.entries.take();
        self.followed.take();
        let mut files = self.files.borrow_mut();
        if let Some(doc) = files.iter().position(|file| file.path == *path) {
            files[doc].root = Some(At { value, doc: doc as DocId, key: value.node });
        }
    }

    /// Says why a file of the bundle is unavailable.
    pub fn report_failure(&self, path: &BundlePath, failure: &Failure, at: Option<Anchor>) {
        let code = match failure {
            Failure::NotFound => "FILE_NOT_FOUND",
            Failure::EscapesBundle => "PATH_ESCAPES_BUNDLE",
            _ => "INVALID_INTERFACE_SPEC",
        };
        self.report(code, Level::Error, format!("{path}: {failure}"), at);
    }

    fn check(&self, path: &BundlePath, document: &Document) -> bool {
        let mut is_good = true;
        let mut error = |message: String, anchor: Anchor| {
            self.report("INVALID_INTERFACE_SPEC", Level::Error, message, Some(anchor));
            is_good = false;
        };
        // A file that is too large was not read, so that its syntax is unknown.
        let is_too_large = |e: &LowerError| matches!(e, LowerError::FileTooLarge { .. });
        let is_unread = document.lower_errors.iter().any(is_too_large);
        let hard = document
            .syntax
            .iter()
            .filter(|_| !is_unread)
            .find(|e| e.kind != SyntaxErrorKind::LeftContinuation);
        if let Some(syntax) = hard {
            let at = Anchor::bytes(self.file_ref(path), syntax.span);
            error(format!("{path}: {}", syntax.message), at);
        }
        for lower in &document.lower_errors {
            let file = self.file_ref(path);
            let node = |node: NodeId| Anchor { file: file.clone(), node, part: Part::Value };
            match lower {
                LowerError::DuplicateKey { key, second, .. } => {
                    error(format!("{path}: the key `{key}` is defined twice"), node(*second));
                }
                LowerError::TooLarge { at } => {
                    error(format!("{path}: aliases expand to too many nodes"), node(*at));
                }
                LowerError::AliasCycle { at } => {
                    error(format!("{path}: an alias refers to a node that contains it"), node(*at));
                }
                LowerError::FileTooLarge { size, limit } => {
                    let message = format!("{path}: {size} bytes; at most {limit} are read");
                    error(message, Anchor::bytes(file.clone(), Span::default()));
                }
                LowerError::MultipleDocuments { .. } => {}
            }
        }
        is_good
    }

    /// Where a `$ref`, written at `from`, leads. What is wrong with it is reported.
    pub fn follow(&self, from: At<'a>, reference: &str) -> Option<At<'a>> {
        let known = self.followed.borrow().get(&from.doc).and_then(|to| to.get(reference).copied());
        known.or_else(|| {
            let found = self.look_up(from, reference)?;
            let mut followed = self.followed.borrow_mut();
            followed.entry(from.doc).or_default().insert(reference.to_owned(), found);
            Some(found)
        })
    }

    fn look_up(&self, from: At<'a>, reference: &str) -> Option<At<'a>> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let spot = || Some(self.anchor(from.spot()));
        if !reference.starts_with('#')
            && let Some(found) = self.named(from.doc, reference)
        {
            return Some(found);
        }
        let root = if file.is_empty() {
            self.files.borrow()[from.doc as usize].root
        } else if file.starts_with("http://") || file.starts_with("https://") {
            let message = format!("`{reference}` is remote; it is not fetched");
            self.report("REF_REMOTE", Level::Error, message, spot());
            return None;
        } else {
            match self.path_of(from.doc).join(&String::from_utf8_lossy(&percent_decode(file))) {
                _ if file.starts_with("file:") => {
                    return self.escapes(reference, spot());
                }
                Ok(path) => self.open(&path, spot()),
                Err(PathProblem::ControlCharacter | PathProblem::Empty) => None,
                Err(_) => return self.escapes(reference, spot()),
            }
        }?;
        let found = match fragment {
            "" => Some(root),
            pointer if pointer.starts_with('/') => {
                pointer_target(root, pointer, |at, key| self.entry(at, key))
            }
            anchor => self.named(root.doc, anchor),
        };
        if found.is_none() {
            let message = format!("`{reference}` does not resolve");
            self.report("SPEC_REF_UNRESOLVED", Level::Error, message, spot());
        }
        found
    }

    /// The entry of a mapping: a document may refer into a large one again and again.
    fn entry(&self, at: At<'a>, key: &str) -> Option<At<'a>> {
        if at.value.entries().len() < LARGE_MAP {
            return at.get(key);
        }
        let mut entries = self.entries.borrow_mut();
        entries.entry(at.id()).or_insert_with(|| at.entries().collect()).get(key).copied()
    }

    /// What a place is when its `$ref` is followed, and that of what it leads to.
    pub fn target(&self, mut at: At<'a>) -> At<'a> {
        for _ in 0..MAX_HOPS {
            let Some(reference) = at.text("$ref") else { break };
            let Some(target) = self.follow(at, reference) else { break };
            at = target;
        }
        at
    }

    /// Follows every reference of a document and of the files that it leads to, so that one that
    /// leads nowhere is reported even where nothing is compared.
    pub fn follow_all(&self, root: At<'a>) {
        let mut seen = BTreeSet::from([root.doc]);
        let mut stack = vec![root];
        while let Some(root) = stack.pop() {
            // Large documents refer to one definition again and again.
            let mut sound: FxHashSet<&str> = FxHashSet::default();
            for (reference, node) in self.bundle.references(&self.path_of(root.doc)) {
                if sound.contains(&**reference) {
                    continue;
                }
                let from = At { key: *node, ..root };
                let target = self.follow(from, reference);
                if target.is_some() {
                    sound.insert(reference);
                }
                let target = target.filter(|to| seen.insert(to.doc));
                let file = target.and_then(|to| self.files.borrow()[to.doc as usize].root);
                stack.extend(file);
            }
        }
    }

    fn escapes(&self, reference: &str, at: Option<Anchor>) -> Option<At<'a>> {
        let message = format!("`{reference}` points outside the bundle; it is not opened");
        self.report("PATH_ESCAPES_BUNDLE", Level::Error, message, at);
        None
    }

    /// The schema with this `$id`, or with this anchor when `name` starts with `#`.
    fn named(&self, doc: DocId, name: &str) -> Option<At<'a>> {
        let files = self.files.borrow();
        let file = &files[doc as usize];
        let root = file.root?;
        file.names.get_or_init(|| names(root)).get(name.trim_end_matches('#')).copied()
    }
}

fn names(root: At<'_>) -> FxHashMap<&str, At<'_>> {
    let mut found = FxHashMap::default();
    let mut stack = vec![root];
    while let Some(at) = stack.pop() {
        let id = at.text("$id").or_else(|| at.text("id").filter(|id| id.contains(':')));
        let id = id.filter(|_| at.value.node != root.value.node);
        let anchors = ["$anchor", "$dynamicAnchor"].map(|key| at.text(key));
        for name in anchors.into_iter().chain([id]).flatten() {
            found.entry(name.trim_end_matches('#')).or_insert(at);
        }
        stack.extend(at.entries().map(|(_, below)| below));
        stack.extend(at.items());
    }
    found
}

/// The value at a JSON pointer (RFC 6901) that may be percent-encoded. `entry` looks for a key.
fn pointer_target<'a>(
    root: At<'a>,
    pointer: &str,
    entry: impl Fn(At<'a>, &str) -> Option<At<'a>>,
) -> Option<At<'a>> {
    let mut at = root;
    for segment in pointer.split('/').skip(1) {
        let segment = fragment_segment(segment);
        at = match &at.value.data {
            Data::Map(_) => entry(at, &segment)?,
            Data::Seq(items) => {
                let value = items.get(segment.parse::<usize>().ok()?)?;
                At { value, doc: at.doc, key: value.node }
            }
            _ => return None,
        };
    }
    Some(at)
}

/// Whether both sides lack something, or have it equal.
pub fn same(a: Option<At<'_>>, b: Option<At<'_>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => equal(a.value, b.value),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// Whether two values are equal as data: order of keys, places and number forms do not count.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (&a.data, &b.data) {
        (Data::Map(x), Data::Map(y)) if Arc::ptr_eq(x, y) => true,
        (Data::Seq(x), Data::Seq(y)) if Arc::ptr_eq(x, y) => true,
        (Data::Map(x), Data::Map(y)) => x.len() == y.len() && are_entries_equal(x, y),
        (Data::Seq(x), Data::Seq(y)) => {
            x.len() == y.len() && x.iter().zip(y.iter()).all(|(a, b)| equal(a, b))
        }
        (Data::Int(x), Data::Int(y)) => x.value == y.value,
        (Data::Float(x), Data::Float(y)) => x.value == y.value,
        (Data::Int(x), Data::Float(y)) | (Data::Float(y), Data::Int(x)) => {
            x.value as f64 == y.value
        }
        (x, y) => x == y,
    }
}

/// Whether two mappings of the same length have equal entries, in whatever order.
fn are_entries_equal(x: &[Entry], y: &[Entry]) -> bool {
    let mut by_key: Option<FxHashMap<&str, &Entry>> = None;
    x.iter().enumerate().all(|(i, entry)| {
        let same = y.get(i).filter(|other| other.key == entry.key);
        let other = same.or_else(|| {
            let index = || y.iter().map(|entry| (&*entry.key, entry)).collect();
            by_key.get_or_insert_with(index).get(&*entry.key).copied()
        });
        other.is_some_and(|other| equal(&entry.value, &other.value))
    })
}

/// A value that is the same as all that are [`equal`] to it.
#[derive(Clone, Copy)]
pub struct ByValue<'a>(pub &'a Value);

impl PartialEq for ByValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        equal(self.0, other.0)
    }
}

impl Eq for ByValue<'_> {}

impl Hash for ByValue<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let number = |value: f64| (if value == 0.0 { 0.0 } else { value }).to_bits();
        match &self.0.data {
            // The order of keys does not count.
            Data::Map(entries) => {
                let one =
                    |entry: &Entry| FxBuildHasher.hash_one((&*entry.key, ByValue(&entry.value)));
                entries.iter().fold(0u64, |all, entry| all.wrapping_add(one(entry))).hash(state);
            }
            Data::Seq(items) => {
                items.len().hash(state);
                items.iter().for_each(|item| ByValue(item).hash(state));
            }
            Data::Int(int) => number(int.value as f64).hash(state),
            Data::Float(float) => number(float.value).hash(state),
            Data::Str(text) => text.hash(state),
            Data::Bool(flag) => flag.hash(state),
            Data::Null | Data::Invalid => {}
        }
    }
}

/// Values of a list, to be asked whether one is among them, by [`equal`].
pub struct ValueSet<'a>(FxHashSet<ByValue<'a>>);

impl<'a> ValueSet<'a> {
    pub fn new(list: &[At<'a>]) -> ValueSet<'a> {
        ValueSet(list.iter().map(|at| ByValue(at.value)).collect())
    }

    pub fn has(&self, value: &'a Value) -> bool {
        self.0.contains(&ByValue(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        crate::value::lower(&crate::yaml::parse(text), 0).value
    }

    #[test]
    fn equal_values_are_found_whatever_their_form() {
        let same = [("{a: 1, b: [x]}", "{b: [x], a: 1.0}"), ("-0.0", "0"), ("'1'", "'1'")];
        for (a, b) in same {
            let (a, b) = (value(a), value(b));
            assert!(FxHashSet::from_iter([ByValue(&a)]).contains(&ByValue(&b)), "{a:?} {b:?}");
        }
        let large = |from: usize, step: isize| {
            let key = |i: usize| format!("k{}: {i}", i * 2);
            let mut keys: Vec<String> = (from..from + 100).map(key).collect();
            if step < 0 {
                keys.reverse();
            }
            value(&format!("{{{}}}", keys.join(", ")))
        };
        assert!(equal(&large(0, 1), &large(0, -1)));
        assert!(!equal(&large(0, 1), &large(1, -1)));
    }
}
