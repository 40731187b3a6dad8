//! All changes between two bundles.

use std::sync::Arc;

use super::advice::{Advice, advise};
use super::change::{Change, Ignored};
use super::class::Class;
use super::content::{self, Format, compare_files, required_properties};
use super::contract::{self, Content, Named, Source};
use super::docs::{Level, Problem};
use super::order::{Order, Section};
use super::rule::Mark;
use super::rules::contract as fields;
use super::sbom::{self, SbomDiff};
use super::settings::{IgnoreKey, Settings};
use super::side::{ContentDiff, FileSide, WhichSide};
use crate::bundle::BundleView;
use crate::contract::ContractRef;
use crate::fact::{Fact, Failure};
use crate::place::Anchor;
use crate::root::Root;
use crate::shared_schema::{NoSchema, Shared, shared_schema};
use crate::spec::BundlePath;
use crate::value::Value;

/// One side of a comparison.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub bundle: &'a dyn BundleView,
    /// The contract, with overrides.
    pub contract: &'a Value,
}

/// The changes of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// In contract order. Those of an interface are shared with [`InterfaceDiff`], but for what
    /// settings say otherwise of.
    pub changes: Vec<Arc<Change>>,
    pub problems: Vec<(WhichSide, Problem)>,
    pub sbom: SbomDiff,
    pub advice: Advice,
    /// Whether a rule looked at the day.
    pub used_date: bool,
}

impl Compared {
    /// The worst class of what counts.
    pub fn class(&self) -> Class {
        let counting = self.changes.iter().filter(|change| change.counts());
        counting.map(|change| change.class).max().unwrap_or(Class::NonBreaking)
    }
}

/// The differences of two specifications of an interface.
pub struct InterfaceDiff {
    pub diff: Arc<ContentDiff>,
    /// The changes of `diff`, as those of the interface.
    pub changes: Vec<Arc<Change>>,
}

/// Compares two specifications of an interface, called by the subject of its changes; the caller may
/// remember them.
pub type CompareInterface<'c> = dyn Fn(&BundlePath, &BundlePath, &str) -> InterfaceDiff + 'c;

/// Compares two bundles. Specifications of interfaces are compared by `interface`.
pub fn compare(
    old: Subject<'_>,
    new: Subject<'_>,
    settings: &Settings,
    interface: &CompareInterface<'_>,
) -> Compared {
    let (rows, mut contents) = contract::compare(old.contract, new.contract);
    conventional(old, new, &mut contents);
    let rows = rows.into_iter().map(|(order, change)| (order, Arc::new(change))).collect();
    let mut engine = Engine { old, new, settings, rows, problems: Vec::new() };
    for content in &contents {
        engine.content(content, interface);
    }
    let Engine { mut rows, mut problems, .. } = engine;
    rows.sort_by(|a, b| {
        let ids = || a.1.rule_id().cmp(&b.1.rule_id());
        a.0.cmp(&b.0).then_with(|| (&a.1.path, a.1.ty).cmp(&(&b.1.path, b.1.ty))).then_with(ids)
    });
    let mut changes: Vec<Arc<Change>> = rows.into_iter().map(|(_, change)| change).collect();
    let used_date = changes.iter().any(|change| change.rule.is(Mark::Sunset));
    apply(&mut changes, &mut problems, settings);
    let (sbom, unparsable) = sbom::compare(old.bundle, new.bundle);
    problems.extend(unparsable);
    let version = |subject: Subject<'_>| {
        let service = subject.contract.get("service");
        service.and_then(|s| s.get("version")).and_then(Value::as_str).map(str::to_owned)
    };
    let advice = advise(version(old).as_deref(), version(new).as_deref(), &changes);
    Compared { changes, problems, sbom, advice, used_date }
}

/// Files at their usual place that neither contract declares.
fn conventional(old: Subject<'_>, new: Subject<'_>, contents: &mut Vec<Content>) {
    for (shared, keys, base) in [
        (Shared::Configuration, ["configuration", "configurations"], "configuration"),
        (Shared::Policy, ["policy", "policies"], "policy"),
    ] {
        let path = shared.usual_path();
        let declares =
            |subject: Subject<'_>| keys.iter().any(|key| subject.contract.get(key).is_some());
        let has = |subject: Subject<'_>| match subject.bundle.files() {
            Fact::Ready(files) => files.iter().any(|file| file == path),
            _ => false,
        };
        if declares(old) || declares(new) || !has(old) || !has(new) {
            continue;
        }
        let file = || Source::File(Named { path: path.to_owned(), at: None });
        let (base, old, new) = (base.to_owned(), file(), file());
        contents.push(match shared {
            Shared::Policy => Content::Policy { base, old, new },
            Shared::Configuration => Content::Configuration { base, old, new },
        });
    }
}

struct Engine<'a> {
    old: Subject<'a>,
    new: Subject<'a>,
    settings: &'a Settings,
    rows: Vec<(Order, Arc<Change>)>,
    problems: Vec<(WhichSide, Problem)>,
}

impl<'a> Engine<'a> {
    fn content(&mut self, content: &Content, interface: &CompareInterface<'_>) {
        match content {
            Content::Interface { name, old, new } => self.interface(name, old, new, interface),
            Content::Configuration { base, old, new } => {
                self.schemas(Section::Configuration, Format::Configuration, base, old, new);
            }
            Content::Policy { base, old, new } => {
                self.schemas(Section::Policy, Format::Policy, base, old, new);
            }
            Content::NewConfiguration { base, new } => {
                let located = self.locate(WhichSide::New, new, Shared::Configuration);
                let Some((root, path)) = located else { return };
                let other = root.map(|root| self.new.bundle.at(&root));
                let side = FileSide {
                    bundle: other.as_deref().unwrap_or(self.new.bundle),
                    path: &path,
                    is_other: other.is_some(),
                    named_at: None,
                };
                let rows = required_properties(side, base);
                self.push(Section::Configuration, base, rows.into_iter().map(Arc::new));
            }
        }
    }

    fn push(
        &mut self,
        section: Section,
        order: &str,
        changes: impl IntoIterator<Item = Arc<Change>>,
    ) {
        let ordered = changes.into_iter().enumerate().map(|(sequence, change)| {
            let order = Order::of_content(section, order, sequence);
            (order, change)
        });
        self.rows.extend(ordered);
    }

    fn problem(&mut self, side: WhichSide, code: &'static str, message: String, named: &Named) {
        let problem = Problem { code, level: Level::Error, message, at: named.at.clone() };
        self.problems.push((side, problem));
    }

    /// A path in a bundle, as a contract names it.
    fn path(&mut self, side: WhichSide, named: &Named) -> Option<BundlePath> {
        match BundlePath::parse(&named.path) {
            Ok(path) => Some(path),
            Err(why) => {
                let message = format!("`{}` points outside the bundle: {why}", named.path);
                self.problem(side, "PATH_ESCAPES_BUNDLE", message, named);
                None
            }
        }
    }

    fn interface(&mut self, name: &str, old: &Named, new: &Named, compare: &CompareInterface<'_>) {
        let subject = format!("interfaces[{name}]");
        let before = self.problems.len();
        let paths = (self.path(WhichSide::Old, old), self.path(WhichSide::New, new));
        let mut codes: Vec<&'static str> =
            self.problems[before..].iter().map(|(_, problem)| problem.code).collect();
        if let (Some(a), Some(b)) = paths {
            let InterfaceDiff { diff, changes } = compare(&a, &b, &subject);
            self.take(&diff, old, new);
            codes.extend(&diff.not_compared);
            self.push(Section::Interfaces, &subject, changes);
        }
        if !codes.is_empty() {
            let at = [old.at.clone(), new.at.clone()];
            let row = content::not_compared("interfaces.contract", &codes, at);
            let order = Order::of_field(fields::INTERFACES_CONTRACT, &subject);
            self.rows.push((order, Arc::new(Change { subject: Some(subject), ..row })));
        }
    }

    /// Takes the problems of a comparison over. What has no place is shown where its file is named.
    fn take(&mut self, diff: &ContentDiff, old: &Named, new: &Named) {
        for (side, problems, named) in
            [(WhichSide::Old, &diff.old_problems, old), (WhichSide::New, &diff.new_problems, new)]
        {
            for problem in problems {
                let mut problem = problem.clone();
                problem.at = problem.at.or_else(|| named.at.clone());
                self.problems.push((side, problem));
            }
        }
    }

    /// The bundle, if it is another, and the path of a schema.
    fn locate(
        &mut self,
        side: WhichSide,
        source: &Source,
        shared: Shared,
    ) -> Option<(Option<Root>, BundlePath)> {
        match source {
            Source::File(named) => Some((None, self.path(side, named)?)),
            Source::Reference(named) => {
                let subject = if side == WhichSide::Old { self.old } else { self.new };
                let located = match ContractRef::parse(&named.path) {
                    Ok(reference) => shared_schema(subject.bundle, &reference, shared),
                    Err(_) => Err(NoSchema::Unavailable(Failure::NotFound)),
                };
                match located {
                    Ok(located) => located.map(|(root, path)| (Some(root), path)),
                    Err(why) => {
                        let message = format!("`{}`: {why}", named.path);
                        self.problem(side, "FILE_NOT_FOUND", message, named);
                        None
                    }
                }
            }
        }
    }

    fn schemas(
        &mut self,
        section: Section,
        format: Format,
        base: &str,
        old: &Source,
        new: &Source,
    ) {
        let shared = match format {
            Format::Policy => Shared::Policy,
            _ => Shared::Configuration,
        };
        let before = self.problems.len();
        let places =
            (self.locate(WhichSide::Old, old, shared), self.locate(WhichSide::New, new, shared));
        let mut codes: Vec<&'static str> =
            self.problems[before..].iter().map(|(_, problem)| problem.code).collect();
        let named = |source: &Source| match source {
            Source::File(named) | Source::Reference(named) => named.clone(),
        };
        let (old_named, new_named) = (named(old), named(new));
        if let (Some((old_root, old_path)), Some((new_root, new_path))) = places {
            let others = (
                old_root.map(|root| self.old.bundle.at(&root)),
                new_root.map(|root| self.new.bundle.at(&root)),
            );
            let old_side = FileSide {
                bundle: others.0.as_deref().unwrap_or(self.old.bundle),
                path: &old_path,
                is_other: others.0.is_some(),
                named_at: old_named.at.as_ref(),
            };
            let new_side = FileSide {
                bundle: others.1.as_deref().unwrap_or(self.new.bundle),
                path: &new_path,
                is_other: others.1.is_some(),
                named_at: new_named.at.as_ref(),
            };
            let mut diff = compare_files(old_side, new_side, format, base, self.settings, None);
            self.note_values(base, &mut diff.changes);
            rename(&mut diff, format);
            self.take(&diff, &old_named, &new_named);
            codes.extend(&diff.not_compared);
            self.push(section, base, diff.changes.into_iter().map(Arc::new));
        }
        if !codes.is_empty() {
            let at: [Option<Anchor>; 2] = [old_named.at, new_named.at];
            let row = content::not_compared(&format!("{base}.schema"), &codes, at);
            self.push(section, base, [Arc::new(row)]);
        }
    }

    /// Says where the contract supplies what is newly required.
    fn note_values(&self, base: &str, changes: &mut [Change]) {
        let contract = self.new.contract;
        let name = base.split_once('[').map(|(_, rest)| rest.trim_end_matches(']'));
        let entry = match name {
            None => contract.get("configuration"),
            Some(name) => contract.get("configurations").and_then(|list| {
                let is_it = |item: &&Value| item.get("name").and_then(Value::as_str) == Some(name);
                list.items().iter().find(is_it)
            }),
        };
        let values = entry.and_then(|entry| entry.get("values"));
        for change in changes {
            if change.rule.is(Mark::Demand) && content::supplies(values, change) {
                change.reason.push_str(" (a value is declared)");
            }
        }
    }
}

/// Files of configuration and policy have codes of their own.
fn rename(diff: &mut ContentDiff, format: Format) {
    let code = match format {
        Format::Configuration => "INVALID_CONFIG_JSON",
        Format::Policy => "INVALID_POLICY_JSON",
        Format::Interface => return,
    };
    let all = diff.old_problems.iter_mut().chain(&mut diff.new_problems);
    for problem in all.filter(|problem| problem.code == "INVALID_INTERFACE_SPEC") {
        problem.code = code;
    }
    for stop in &mut diff.not_compared {
        if *stop == "INVALID_INTERFACE_SPEC" {
            *stop = code;
        }
    }
}

/// Applies what is set about rules and single changes.
fn apply(
    changes: &mut [Arc<Change>],
    problems: &mut Vec<(WhichSide, Problem)>,
    settings: &Settings,
) {
    if !settings.severity.is_empty() {
        for change in changes.iter_mut() {
            if let Some(class) = settings.severity.get(&change.rule_id()) {
                set_class(change, *class);
            }
        }
    }
    for ignore in &settings.ignore {
        let is_expired = ignore.until.is_some_and(|until| until < settings.as_of);
        let mut matched = 0;
        for change in changes.iter_mut() {
            let is_it = match &ignore.which {
                IgnoreKey::Fingerprint(print) => change.fingerprint() == *print,
                IgnoreKey::RulePath { rule, path } => {
                    let alias = path.replacen("schema.properties", "configuration.properties", 1);
                    change.rule_id() == *rule && (change.path == *path || change.path == alias)
                }
            };
            if is_it {
                matched += 1;
                if !is_expired {
                    let until = ignore.until.map(|date| date.to_string());
                    let ignored = Ignored { reason: ignore.reason.clone(), until };
                    Arc::make_mut(change).ignored = Some(ignored);
                }
            }
        }
        let what = match &ignore.which {
            IgnoreKey::Fingerprint(print) => print.clone(),
            IgnoreKey::RulePath { rule, path } => format!("{rule} at {path}"),
        };
        let problem = match (matched, is_expired) {
            (0, _) => {
                Some(("IGNORE_UNUSED", format!("the ignore entry for {what} matches nothing")))
            }
            (_, true) => {
                Some(("IGNORE_EXPIRED", format!("the ignore entry for {what} has expired")))
            }
            _ => None,
        };
        if let Some((code, message)) = problem {
            let problem = Problem { code, level: Level::Warning, message, at: None };
            problems.push((WhichSide::New, problem));
        }
    }
    sum_up(changes);
}

/// Sets a class; a change that has it stays shared.
fn set_class(change: &mut Arc<Change>, class: Class) {
    if change.class != class {
        Arc::make_mut(change).class = class;
    }
}

/// A row that sums others up is as bad as the worst of them that counts.
fn sum_up(changes: &mut [Arc<Change>]) {
    for at in 0..changes.len() {
        if !changes[at].is_rollup() {
            continue;
        }
        let own = changes[at].path.clone();
        let prefix = format!("{own}.");
        let is_below =
            |change: &&Arc<Change>| change.path.starts_with(&prefix) || change.path == own;
        let details =
            || changes[at + 1..].iter().take_while(is_below).filter(|change| !change.is_rollup());
        let worst = details().filter(|c| c.counts()).map(|c| c.class).max();
        let is_ignored = details().next().is_some() && details().all(|c| !c.counts());
        let first = details().find_map(|c| c.ignored.clone());
        set_class(&mut changes[at], worst.unwrap_or(Class::NonBreaking));
        if is_ignored {
            Arc::make_mut(&mut changes[at]).ignored = first;
        }
    }
}
