//! Comparisons as queries. A specification that did not change is not compared again.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::findings::{Merged, merged};
use super::queries::{lines, tree};
use super::view::DbView;
use super::{CONTRACT_FILE, ContractInput, Db, SourceFile};
use crate::diff::{
    self, Advice, Change, Class, Compared, ContentDiff, Date, Format, GraphDiff, InterfaceDiff,
    Level, Problem, SbomDiff, Settings, Subject, WhichSide,
};
use crate::fact::Fact;
use crate::graph;
use crate::place::{Anchor, FileRef, Part};
use crate::root::Root;
use crate::spec::BundlePath;
use crate::text::{ColumnEncoding, LineIndex, Span};
use crate::yaml::{Kind, NodeId, Tree};

/// What comparisons are made with.
#[salsa::input]
pub struct DiffSettings {
    #[returns(ref)]
    pub settings: Arc<Settings>,
}

/// The differences of two specifications of an interface.
#[salsa::tracked(returns(ref))]
pub fn interface_diff(
    db: &dyn Db,
    old: SourceFile,
    new: SourceFile,
    settings: DiffSettings,
) -> Arc<ContentDiff> {
    let views = (DbView::new(db, old.root(db).clone()), DbView::new(db, new.root(db).clone()));
    let (Ok(a), Ok(b)) = (BundlePath::parse(old.path(db)), BundlePath::parse(new.path(db))) else {
        return Arc::default();
    };
    let side = |bundle, path| diff::FileSide { bundle, path, is_other: false, named_at: None };
    let files = [old, new].map(|file| (file.root(db).clone(), file.path(db).clone()));
    let mut kept = db.kept().get(&files).unwrap_or_default();
    let compared = diff::compare_files(
        side(&views.0, &a),
        side(&views.1, &b),
        Format::Interface,
        "",
        settings.settings(db),
        Some(&mut kept),
    );
    db.kept().put(files, kept);
    Arc::new(compared)
}

/// The changes of two specifications as those of the interface that `subject` names. Those that were
/// asked for last are remembered, so that half-typed names make room.
#[salsa::tracked(returns(ref), lru = 64)]
fn interface_changes(
    db: &dyn Db,
    old: SourceFile,
    new: SourceFile,
    settings: DiffSettings,
    subject: String,
) -> Vec<Arc<Change>> {
    let changes = interface_diff(db, old, new, settings).changes.iter();
    let own = |change: &Change| Change { subject: Some(subject.clone()), ..change.clone() };
    changes.map(|change| Arc::new(own(change))).collect()
}

/// The same with their places, so that an edit of the contract places none of them again.
#[salsa::tracked(returns(ref), lru = 64)]
fn interface_rows(
    db: &dyn Db,
    old: SourceFile,
    new: SourceFile,
    settings: DiffSettings,
    subject: String,
) -> Vec<Arc<LocatedChange>> {
    let changes = interface_changes(db, old, new, settings, subject);
    let contract = |file: SourceFile| db.inputs().file(db, file.root(db), CONTRACT_FILE);
    let locators = (Locator::new(db, contract(old), None), Locator::new(db, contract(new), None));
    changes.iter().map(|change| located_change(&locators, change)).collect()
}

/// The differences of two contracts, and what they were put together from.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub compared: Compared,
    /// The interfaces whose specifications were compared.
    interfaces: Vec<ComparedInterface>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ComparedInterface {
    old: SourceFile,
    new: SourceFile,
    subject: String,
}

/// The differences of two contracts; `None` while one of them is not known.
#[salsa::tracked(returns(ref))]
pub fn comparison(
    db: &dyn Db,
    old: ContractInput,
    new: ContractInput,
    settings: DiffSettings,
) -> Option<Comparison> {
    let (Fact::Ready(a), Fact::Ready(b)) = (merged(db, old), merged(db, new)) else { return None };
    let (old, new) = (old.file(db).root(db), new.file(db).root(db));
    Some(compare(db, (old, &a.contract.value), (new, &b.contract.value), settings))
}

/// The differences of the bundles in two roots, whose contracts are given.
pub fn compare(
    db: &dyn Db,
    (old_root, old): (&Root, &crate::value::Value),
    (new_root, new): (&Root, &crate::value::Value),
    settings: DiffSettings,
) -> Comparison {
    let views = (DbView::new(db, old_root.clone()), DbView::new(db, new_root.clone()));
    let interfaces = RefCell::default();
    let interface = |a: &BundlePath, b: &BundlePath, subject: &str| {
        let old = db.inputs().file(db, old_root, a.as_str());
        let new = db.inputs().file(db, new_root, b.as_str());
        let subject = subject.to_owned();
        let interface = ComparedInterface { old, new, subject: subject.clone() };
        Vec::push(&mut interfaces.borrow_mut(), interface);
        InterfaceDiff {
            diff: interface_diff(db, old, new, settings).clone(),
            changes: interface_changes(db, old, new, settings, subject).clone(),
        }
    };
    let compared = diff::compare(
        Subject { bundle: &views.0, contract: old },
        Subject { bundle: &views.1, contract: new },
        settings.settings(db),
        &interface,
    );
    Comparison { compared, interfaces: interfaces.into_inner() }
}

/// Where a change is, as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The absolute path; none for a value that a flag has set.
    pub file: Option<String>,
    /// The path from the root of the bundle, or the name of the override.
    pub name: String,
    /// The key or the item; with its value, where that is short.
    pub span: Span,
    /// The key alone, or the item.
    pub key: Span,
    /// The value of the key.
    pub value: Span,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// A change with its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedChange {
    pub change: Arc<Change>,
    pub old: Option<Located>,
    pub new: Option<Located>,
    pub anchor: Option<Located>,
}

/// What could not be compared, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct LocatedProblem {
    pub side: WhichSide,
    pub problem: Problem,
    pub at: Option<Located>,
}

/// What changed in a service that both sides depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct DependencyDiff {
    pub name: String,
    pub old_version: String,
    pub new_version: String,
    pub class: Class,
    pub changes: Vec<Arc<LocatedChange>>,
    pub sbom: SbomDiff,
    /// The chains of service names that lead there.
    pub via: Vec<Vec<String>>,
}

/// Everything that is said about two versions of a contract.
#[derive(Clone, Debug, PartialEq)]
pub struct DiffReport {
    /// The worst of all changes that count.
    pub class: Class,
    pub changes: Vec<Arc<LocatedChange>>,
    pub problems: Vec<LocatedProblem>,
    /// By name.
    pub dependencies: Vec<DependencyDiff>,
    pub graph: Option<GraphDiff>,
    pub sbom: SbomDiff,
    pub advice: Advice,
    /// The day that sunsets were judged on, if any was.
    pub as_of: Option<Date>,
}

impl DiffReport {
    /// The number of changes that count and sum nothing up.
    pub fn count(&self, class: Class) -> usize {
        let own = self.changes.iter().map(|row| &row.change);
        own.filter(|c| c.class == class && c.counts() && !c.is_rollup()).count()
    }
}

/// Compares two contracts; `None` while one of them is not known.
#[salsa::tracked(returns(ref))]
pub fn located_diff(
    db: &dyn Db,
    old: ContractInput,
    new: ContractInput,
    settings: DiffSettings,
) -> Option<DiffReport> {
    let comparison = comparison(db, old, new, settings).as_ref()?;
    let compared = &comparison.compared;
    let (Fact::Ready(a), Fact::Ready(b)) = (merged(db, old), merged(db, new)) else { return None };
    let locators =
        (Locator::new(db, old.file(db), Some(a)), Locator::new(db, new.file(db), Some(b)));
    let changes = located_changes(db, &locators, comparison, settings);
    let problems = compared.problems.iter().map(|(side, problem)| {
        let locator = match side {
            WhichSide::Old => &locators.0,
            WhichSide::New => &locators.1,
        };
        let at = problem.at.as_ref().and_then(|at| locator.locate(at));
        LocatedProblem { side: *side, problem: problem.clone(), at }
    });
    Some(DiffReport {
        class: compared.class(),
        changes,
        problems: problems.collect(),
        dependencies: Vec::new(),
        graph: None,
        sbom: compared.sbom.clone(),
        advice: compared.advice.clone(),
        as_of: compared.used_date.then(|| settings.settings(db).as_of),
    })
}

/// Compares two contracts with everything around them; `None` while one of them is not known.
pub fn diff_report(
    db: &dyn Db,
    (old, new): (ContractInput, ContractInput),
    settings: DiffSettings,
    graph: Option<graph::Options>,
) -> Option<DiffReport> {
    let mut report = located_diff(db, old, new, settings).clone()?;
    let (Fact::Ready(a), Fact::Ready(b)) = (merged(db, old), merged(db, new)) else { return None };
    if let Some(options) = graph {
        let views = (DbView::of(db, old.file(db)), DbView::of(db, new.file(db)));
        let was = graph::build(&views.0, &a.contract, options);
        let is = graph::build(&views.1, &b.contract, options);
        dependencies(db, diff::compare_graphs(&was, &is), settings, &mut report);
    }
    Some(report)
}

type Locators<'l, 'db> = &'l (Locator<'db>, Locator<'db>);

fn located_change(locators: Locators<'_, '_>, change: &Arc<Change>) -> Arc<LocatedChange> {
    Arc::new(LocatedChange {
        old: change.old_at.as_ref().and_then(|at| locators.0.locate(at)),
        new: change.new_at.as_ref().and_then(|at| locators.1.locate(at)),
        anchor: change.anchor.as_ref().and_then(|at| locators.1.locate(at)),
        change: change.clone(),
    })
}

/// All changes with their places. What the specification of an interface says is placed already, as
/// long as no place is in the contract.
fn located_changes(
    db: &dyn Db,
    locators: Locators<'_, '_>,
    Comparison { compared, interfaces }: &Comparison,
    settings: DiffSettings,
) -> Vec<Arc<LocatedChange>> {
    let is_of_contract = |at: &Anchor| matches!(at.file, FileRef::Source(_));
    let rows = interfaces.iter().flat_map(|ComparedInterface { old, new, subject }| {
        interface_rows(db, *old, *new, settings, subject.clone())
    });
    let placed: FxHashMap<*const Change, &Arc<LocatedChange>> =
        rows.map(|row| (Arc::as_ptr(&row.change), row)).collect();
    let one = |change: &Arc<Change>| {
        let mut places = [&change.old_at, &change.new_at, &change.anchor].into_iter().flatten();
        match placed.get(&Arc::as_ptr(change)) {
            Some(row) if !places.any(is_of_contract) => Arc::clone(row),
            _ => located_change(locators, change),
        }
    };
    compared.changes.iter().map(one).collect()
}

/// Compares every service that both graphs hold, and takes the graph over.
fn dependencies(db: &dyn Db, graph: GraphDiff, settings: DiffSettings, report: &mut DiffReport) {
    for (name, reference, why) in &graph.unresolved {
        let message = format!("{name}: `{reference}` does not resolve: {why}");
        let problem =
            Problem { code: "DEPENDENCY_UNRESOLVED", level: Level::Warning, message, at: None };
        report.problems.push(LocatedProblem { side: WhichSide::New, problem, at: None });
    }
    for common in &graph.common {
        let files = [&common.old_root, &common.new_root]
            .map(|root| db.inputs().file(db, root, CONTRACT_FILE));
        let contract = |file: SourceFile| match super::queries::base_contract(db, file) {
            Fact::Ready(contract) => Some(&contract.value),
            _ => None,
        };
        let (Some(a), Some(b)) = (contract(files[0]), contract(files[1])) else { continue };
        let comparison = compare(db, (&common.old_root, a), (&common.new_root, b), settings);
        let compared = &comparison.compared;
        if compared.changes.is_empty() && compared.sbom.changes.is_empty() {
            continue;
        }
        let locators = (Locator::new(db, files[0], None), Locator::new(db, files[1], None));
        let class = compared.class();
        report.class = report.class.max(class);
        report.dependencies.push(DependencyDiff {
            name: common.name.clone(),
            old_version: common.old_version.clone(),
            new_version: common.new_version.clone(),
            class,
            changes: located_changes(db, &locators, &comparison, settings),
            sbom: compared.sbom.clone(),
            via: common.via.clone(),
        });
    }
    report.graph = Some(graph);
}

/// Finds places in the files of one side.
pub struct Locator<'db> {
    db: &'db dyn Db,
    /// The contract of the side.
    contract: SourceFile,
    merged: Option<&'db Merged>,
    /// The files that places were found in; a comparison has few, and many places in each.
    files: RefCell<Vec<(FileRef, Option<Rc<InFile<'db>>>)>>,
}

/// A file with places.
struct InFile<'db> {
    absolute: String,
    name: String,
    text: &'db str,
    tree: Fact<&'db Tree>,
    lines: &'db LineIndex,
}

impl<'db> Locator<'db> {
    pub fn new(db: &'db dyn Db, contract: SourceFile, merged: Option<&'db Merged>) -> Self {
        Locator { db, contract, merged, files: RefCell::default() }
    }

    pub fn locate(&self, anchor: &Anchor) -> Option<Located> {
        if let FileRef::Source(n @ 1..) = &anchor.file {
            return self.in_override(*n, anchor);
        }
        let file = self.file(&anchor.file)?;
        let spans = match anchor.part {
            Part::Bytes(span) => Spans { span, key: span, value: span },
            _ => spans(file.tree.ready()?, anchor.node)?,
        };
        let (path, name) = (Some(file.absolute.clone()), file.name.clone());
        Some(located(path, name, file.text, file.lines, spans))
    }

    fn file(&self, at: &FileRef) -> Option<Rc<InFile<'db>>> {
        if let Some((_, known)) = self.files.borrow().iter().find(|(known, _)| known == at) {
            return known.clone();
        }
        let found = self.open(at).map(Rc::new);
        self.files.borrow_mut().push((at.clone(), found.clone()));
        found
    }

    fn open(&self, at: &FileRef) -> Option<InFile<'db>> {
        let own = self.contract.root(self.db);
        let (root, path) = match at {
            FileRef::Source(_) => (own, self.contract.path(self.db)),
            FileRef::Bundle(path) => (own, path),
            FileRef::Other { root, path } => (root, path),
        };
        let file = self.db.inputs().file(self.db, root, path);
        let absolute = root.file(path);
        let name = if root == own { path.clone() } else { absolute.clone() };
        let Fact::Ready(text) = file.text(self.db) else { return None };
        let lines = lines(self.db, file).ready()?;
        Some(InFile { absolute, name, text, tree: tree(self.db, file).as_ref(), lines })
    }

    fn in_override(&self, number: u16, anchor: &Anchor) -> Option<Located> {
        let (origin, tree) = self.merged?.sources.get(number as usize - 1)?;
        match tree {
            Some(tree) => {
                let spans = spans(tree, anchor.node)?;
                let index = LineIndex::new(tree.text());
                let file = Some(origin.clone());
                Some(located(file, origin.clone(), tree.text(), &index, spans))
            }
            None => {
                let name = origin.split_whitespace().next().unwrap_or("--set").to_owned();
                Some(located(None, name, "", &LineIndex::new(""), Spans::default()))
            }
        }
    }
}

fn located(
    file: Option<String>,
    name: String,
    text: &str,
    index: &LineIndex,
    Spans { span, key, value }: Spans,
) -> Located {
    let start = index.line_column(text, span.start, ColumnEncoding::Utf32);
    let end = index.line_column(text, span.end, ColumnEncoding::Utf32);
    Located {
        file,
        name,
        span,
        key,
        value,
        line: start.line + 1,
        column: start.column + 1,
        end_line: end.line + 1,
        end_column: end.column + 1,
    }
}

/// Where an element stands, as in [`Located`].
#[derive(Clone, Copy, Default)]
struct Spans {
    span: Span,
    key: Span,
    value: Span,
}

fn spans(tree: &Tree, node: NodeId) -> Option<Spans> {
    if !tree.contains(node) {
        return None;
    }
    let own = tree.span(node);
    let first_line = |span: Span| {
        let line = span.slice(tree.text()).split(['\n', '\r']).next().unwrap_or("").trim_end();
        Span { start: span.start, end: span.start + line.len() as u32 }
    };
    let parent = tree.parent(node);
    if let Some(pair) =
        parent.filter(|pair| tree.kind(*pair) == Kind::Pair && tree.key(*pair) == node)
    {
        let value = tree.value(pair);
        let span = tree.span(value);
        let is_short = tree.kind(value).is_scalar()
            && !span.slice(tree.text()).contains('\n')
            && span.end >= own.end;
        return Some(match is_short && !span.is_empty() {
            true => Spans { span: Span { start: own.start, end: span.end }, key: own, value: span },
            false => Spans { span: own, key: own, value: own },
        });
    }
    // A list item, or the document.
    let line = first_line(own);
    Some(Spans { span: line, key: line, value: line })
}
