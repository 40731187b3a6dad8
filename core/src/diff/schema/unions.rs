//! `anyOf` and `oneOf`: branches are matched by name, then by value, then by what fits best.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

use super::arena::Schemas;
use super::candidates::{Alternatives, Candidates};
use super::form::{Normal, SchemaId, Union, UnionKind};
use super::graph::Comparison;
use super::step::Step;
use super::types::Types;
use crate::diff::class::{ChangeType, Class, Side};
use crate::diff::docs::{At, ByValue, Level, Spot, equal};
use crate::diff::pairs::{take_chosen, take_keyed};
use crate::diff::path::keyed;
use crate::diff::rule::{Column, Lens, Rule};
use crate::diff::rules::schema as rules;
use crate::text::unescape_segment;

/// Unions with more branches than this are not looked at for values that two of them share.
const MAX_BRANCHES: usize = 64;

#[derive(Clone)]
struct Branch<'a> {
    schema: SchemaId,
    /// Discriminator value, component, title, or index.
    name: String,
    is_named: bool,
    at: At<'a>,
}

/// Whether what a branch admits is admitted by a branch of the other side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Covered {
    Yes,
    No,
    /// There were too many branches for all to be tried.
    Unknown,
}

impl Covered {
    fn of(is_covered: bool, is_cut: bool) -> Covered {
        match (is_covered, is_cut) {
            (true, _) => Covered::Yes,
            (false, true) => Covered::Unknown,
            (false, false) => Covered::No,
        }
    }
}

fn schema(branch: &Branch<'_>) -> SchemaId {
    branch.schema
}

/// Those of the first positions that one of the second holds.
fn covered(tried: &Candidates, mut holds: impl FnMut(usize, usize) -> bool) -> FxHashSet<usize> {
    let mut found = FxHashSet::default();
    for (i, j) in &tried.pairs {
        if !found.contains(i) && holds(*i, *j) {
            found.insert(*i);
        }
    }
    found
}

/// Matches what is left of the same types: it was changed rather than exchanged. Two that have
/// different names are not matched.
fn alike<'a>(
    comparison: &Comparison<'_, 'a>,
    old: &mut Vec<Branch<'a>>,
    new: &mut Vec<Branch<'a>>,
    pairs: &mut Vec<(Branch<'a>, Branch<'a>)>,
) {
    // Positions of the new ones by types: those without a name, those with one.
    let mut by_types: FxHashMap<u8, [VecDeque<usize>; 2]> = FxHashMap::default();
    for (j, branch) in new.iter().enumerate() {
        let types = comparison.new.normal(branch.schema).types;
        by_types.entry(types.0).or_default()[usize::from(branch.is_named)].push_back(j);
    }
    let mut chosen = Vec::new();
    for (i, branch) in old.iter().enumerate() {
        let types = comparison.old.normal(branch.schema).types;
        let Some([plain, named]) = by_types.get_mut(&types.0).filter(|_| types != Types::ALL)
        else {
            continue;
        };
        let is_plain_first = match (plain.front(), named.front()) {
            (Some(a), Some(b)) => branch.is_named || a < b,
            (plain, _) => plain.is_some() || branch.is_named,
        };
        let found = if is_plain_first { plain } else { named }.pop_front();
        chosen.extend(found.map(|j| (i, j)));
    }
    take_chosen(old, new, pairs, chosen);
}

impl<'a> Step<'_, 'a> {
    pub(super) fn unions(
        &mut self,
        comparison: &mut Comparison<'_, 'a>,
        old: SchemaId,
        new: SchemaId,
    ) {
        let (o, n) = (self.o, self.n);
        let (a, b) = (&o.unions, &n.unions);
        match (a.len(), b.len()) {
            (0, 0) => {}
            // A schema beside a union that may hold it is a union of one branch.
            (0, _) if n.is_pure_union() => {
                let whole = vec![whole(comparison.old, old)];
                let branches = branches(comparison.new, &b[0], n);
                self.matched(comparison, b[0].kind, whole, branches, b[0].spot);
            }
            (_, 0) if o.is_pure_union() => {
                let whole = vec![whole(comparison.new, new)];
                let branches = branches(comparison.old, &a[0], o);
                self.matched(comparison, a[0].kind, branches, whole, self.place.spot());
            }
            // What else it demands was compared by keywords.
            (0, 1) if self.is_within_a_branch(comparison, old, &b[0]) => {
                self.row(rules::UNION_BRANCH_COVERED, ChangeType::Added, b[0].kind.text()).new_at =
                    Some(b[0].spot);
            }
            _ => {
                for i in 0..a.len().max(b.len()) {
                    self.union(comparison, a.get(i), b.get(i));
                }
            }
        }
        self.discriminators(comparison);
    }

    /// Whether all that the old schema admits is admitted by one alternative.
    fn is_within_a_branch(
        &self,
        comparison: &mut Comparison<'_, 'a>,
        old: SchemaId,
        union: &Union<'a>,
    ) -> bool {
        let lens = Lens::new(Side::Request);
        let is_new = matches!(
            self.lens.class(|c| match c {
                Column::Output => Class::Breaking,
                _ => Class::NonBreaking,
            }),
            Class::Breaking
        );
        let mut branches = union.branches.iter().take(MAX_BRANCHES);
        !is_new && branches.any(|branch| comparison.is_compatible(old, *branch, lens))
    }

    fn union(
        &mut self,
        comparison: &mut Comparison<'_, 'a>,
        old: Option<&Union<'a>>,
        new: Option<&Union<'a>>,
    ) {
        let (ty, rule, union) = match (old, new) {
            (Some(old), Some(new)) => {
                self.union_kind(comparison, old, new);
                let a = branches(comparison.old, old, self.o);
                let b = branches(comparison.new, new, self.n);
                return self.matched(comparison, new.kind, a, b, new.spot);
            }
            (None, Some(new)) => (ChangeType::Added, rules::ALL_OF_BRANCH_ADDED, new),
            (Some(old), None) => (ChangeType::Removed, rules::ALL_OF_BRANCH_REMOVED, old),
            (None, None) => return,
        };
        let spot = Some(union.spot);
        let row = self.row(rule, ty, union.kind.text());
        match ty {
            ChangeType::Added => row.new_at = spot,
            _ => row.old_at = spot,
        }
    }

    fn union_kind(&mut self, comparison: &Comparison<'_, 'a>, old: &Union<'a>, new: &Union<'a>) {
        if old.kind == new.kind || are_disjoint(comparison.new, &new.branches) {
            return;
        }
        let row = self.row(rules::UNION_KIND_CHANGED, ChangeType::Modified, new.kind.text());
        row.old = Some(old.kind.text().into());
        row.new = Some(new.kind.text().into());
        row.old_at = Some(old.spot);
        row.new_at = Some(new.spot);
    }

    fn matched(
        &mut self,
        comparison: &mut Comparison<'_, 'a>,
        kind: UnionKind,
        mut old: Vec<Branch<'a>>,
        mut new: Vec<Branch<'a>>,
        anchor: Spot,
    ) {
        let mut pairs: Vec<(Branch<'a>, Branch<'a>)> = Vec::new();
        take_keyed(&mut old, &mut new, &mut pairs, |branch| {
            branch.is_named.then(|| branch.name.clone())
        });
        take_keyed(&mut old, &mut new, &mut pairs, |branch| Some(ByValue(branch.at.value)));
        let mut is_cut = self.fitting(comparison, &mut old, &mut new, &mut pairs);
        alike(comparison, &mut old, &mut new, &mut pairs);
        let all_old: Vec<SchemaId> = pairs.iter().map(|(a, _)| a).chain(&old).map(schema).collect();
        let all_new: Vec<SchemaId> = pairs.iter().map(|(_, b)| b).chain(&new).map(schema).collect();
        let lost: Vec<SchemaId> = old.iter().map(schema).collect();
        let gained: Vec<SchemaId> = new.iter().map(schema).collect();
        let most = comparison.settings.limits.union_branches;
        let (olds, news) = (comparison.old, comparison.new);
        let held = Alternatives::new(olds, lost.iter().copied())
            .within(&Alternatives::new(news, all_new.iter().copied()), most);
        let covered = covered(&held, |i, j| {
            comparison.is_compatible(lost[i], all_new[j], Lens::new(Side::Request))
        });
        for (i, branch) in old.into_iter().enumerate() {
            let is_covered = Covered::of(covered.contains(&i), held.is_cut);
            self.lone(kind, branch, ChangeType::Removed, is_covered, anchor);
        }
        is_cut |= held.is_cut;
        let held = Alternatives::new(news, gained.iter().copied())
            .within(&Alternatives::new(olds, all_old.iter().copied()), most);
        let covered = self::covered(&held, |i, j| {
            comparison.is_compatible(all_old[j], gained[i], Lens::new(Side::Response))
        });
        for (i, branch) in new.into_iter().enumerate() {
            let is_covered = Covered::of(covered.contains(&i), held.is_cut);
            self.lone(kind, branch, ChangeType::Added, is_covered, anchor);
        }
        if is_cut || held.is_cut {
            self.too_many(comparison, kind, anchor);
        }
        for (a, b) in pairs {
            let is_whole = b.name.is_empty() || a.name.is_empty();
            let name = if b.name.is_empty() { &a.name } else { &b.name };
            let step = if is_whole && (a.name.is_empty() && b.name.is_empty()) {
                String::new()
            } else {
                keyed("", kind.text(), name)
            };
            self.children.push((step, a.schema, b.schema, self.lens));
        }
    }

    /// Matches branches by what they admit. Returns whether there are more than may be tried.
    fn fitting(
        &self,
        comparison: &mut Comparison<'_, 'a>,
        old: &mut Vec<Branch<'a>>,
        new: &mut Vec<Branch<'a>>,
        pairs: &mut Vec<(Branch<'a>, Branch<'a>)>,
    ) -> bool {
        let most = comparison.settings.limits.union_branches;
        let olds = Alternatives::new(comparison.old, old.iter().map(schema));
        let news = Alternatives::new(comparison.new, new.iter().map(schema));
        let (reads, _) = self.lens.directions();
        let mut tried = match reads {
            true => olds.within(&news, most),
            false => news.within(&olds, most),
        };
        if !reads {
            tried.pairs.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
            tried.pairs.sort_unstable();
        }
        let (mut used_old, mut used_new) = (FxHashSet::default(), FxHashSet::default());
        let mut chosen = Vec::new();
        for (i, j) in tried.pairs {
            let is_free = !used_old.contains(&i) && !used_new.contains(&j);
            if is_free && comparison.is_compatible(old[i].schema, new[j].schema, self.lens) {
                used_old.insert(i);
                used_new.insert(j);
                chosen.push((i, j));
            }
        }
        take_chosen(old, new, pairs, chosen);
        tried.is_cut
    }

    /// Not all alternatives were held against each other.
    fn too_many(&mut self, comparison: &Comparison<'_, 'a>, kind: UnionKind, anchor: Spot) {
        let most = comparison.settings.limits.union_branches;
        self.row(rules::SCHEMA_UNDECIDED, ChangeType::Modified, kind.text());
        let docs = &comparison.new.docs;
        let message = format!(
            "`{}` has too many alternatives to be matched by what they admit; {most} × {most} are \
             tried (`limits.unionBranches`)",
            kind.text()
        );
        docs.report("LIMIT_REACHED", Level::Warning, message, Some(docs.anchor(anchor)));
    }

    fn lone(
        &mut self,
        kind: UnionKind,
        branch: Branch<'a>,
        ty: ChangeType,
        is_covered: Covered,
        anchor: Spot,
    ) {
        // The schema that stood alone is not a branch that anybody wrote.
        let step = match branch.name.as_str() {
            "" => kind.text().to_owned(),
            name => keyed("", kind.text(), name),
        };
        let rule = match (is_covered, ty) {
            (Covered::Yes, _) => rules::UNION_BRANCH_COVERED,
            (_, ChangeType::Removed) => rules::UNION_BRANCH_REMOVED,
            _ => rules::UNION_BRANCH_ADDED,
        };
        let value = Json::from(branch.name.as_str());
        let row = self.row(rule, ty, step);
        if is_covered == Covered::Unknown {
            row.class = row.class.min(Class::PotentialBreaking);
        }
        row.anchor = Some(anchor);
        match ty {
            ChangeType::Removed => {
                row.old = Some(value);
                row.old_at = Some(branch.at.spot());
            }
            _ => {
                row.new = Some(value);
                row.new_at = Some(branch.at.spot());
            }
        }
    }

    fn discriminators(&mut self, comparison: &Comparison<'_, 'a>) {
        let (old, new) = (self.o.discriminator, self.n.discriminator);
        let name = |at: At<'a>| at.text("propertyName").or(at.value.as_str());
        let (a, b) = match (old, new) {
            (None, None) => return,
            (None, Some(at)) => {
                return self.spot(rules::DISCRIMINATOR_ADDED, "discriminator", None, Some(at));
            }
            (Some(at), None) => {
                return self.spot(rules::DISCRIMINATOR_REMOVED, "discriminator", Some(at), None);
            }
            (Some(a), Some(b)) => (a, b),
        };
        if name(a) != name(b) {
            self.spot(
                rules::DISCRIMINATOR_PROPERTY_CHANGED,
                "discriminator.propertyName",
                old,
                new,
            );
        }
        let entries = |at: At<'a>| -> Vec<(&'a str, At<'a>)> {
            at.get("mapping").map_or(Vec::new(), |mapping| mapping.entries().collect())
        };
        let (was, is) = (entries(a), entries(b));
        let by_key = |entries: &[(&'a str, At<'a>)]| -> FxHashMap<&'a str, At<'a>> {
            entries.iter().copied().collect()
        };
        let (was_by_key, is_by_key) = (by_key(&was), by_key(&is));
        let step = |key: &str| format!("discriminator.{}", keyed("", "mapping", key));
        for (key, at) in &was {
            match is_by_key.get(key).copied() {
                None => {
                    self.spot(rules::DISCRIMINATOR_MAPPING_REMOVED, &step(key), Some(*at), None);
                }
                Some(new) if is_retargeted(comparison, *at, new) => {
                    let rule = rules::DISCRIMINATOR_MAPPING_RETARGETED;
                    self.spot(rule, &step(key), Some(*at), Some(new));
                }
                Some(_) => {}
            }
        }
        for (key, at) in &is {
            if !was_by_key.contains_key(key) {
                self.spot(rules::DISCRIMINATOR_MAPPING_ADDED, &step(key), None, Some(*at));
            }
        }
    }

    fn spot(&mut self, rule: &'static Rule, step: &str, old: Option<At<'a>>, new: Option<At<'a>>) {
        let ty = ChangeType::of(old.is_some(), new.is_some());
        let row = self.row(rule, ty, step);
        row.old = old.map(At::json);
        row.new = new.map(At::json);
        row.old_at = old.map(At::spot);
        row.new_at = new.map(At::spot);
    }
}

/// Whether a mapping names another schema than before, of another content.
fn is_retargeted<'a>(comparison: &Comparison<'_, 'a>, old: At<'a>, new: At<'a>) -> bool {
    let (Some(a), Some(b)) = (old.value.as_str(), new.value.as_str()) else { return false };
    let path = |text: &str| match text.contains(['/', '#']) {
        true => text.to_owned(),
        false => format!("#/components/schemas/{text}"),
    };
    if path(a) == path(b) {
        return false;
    }
    let old = comparison.old.docs.follow(old, &path(a));
    let new = comparison.new.docs.follow(new, &path(b));
    !matches!((old, new), (Some(old), Some(new)) if equal(old.value, new.value))
}

/// A schema as the only branch.
fn whole<'a>(schemas: &Schemas<'a>, schema: SchemaId) -> Branch<'a> {
    let at = schemas.place(schema);
    let normal = schemas.normal(schema);
    let origin = normal.origin.as_deref().and_then(|pointer| pointer.rsplit('/').next());
    let name = origin.map_or(String::new(), str::to_owned);
    Branch { schema, is_named: !name.is_empty(), name, at }
}

fn branches<'a>(schemas: &Schemas<'a>, union: &Union<'a>, normal: &Normal<'a>) -> Vec<Branch<'a>> {
    let mapping = normal.discriminator.and_then(|at| at.get("mapping"));
    // The first key of each schema that the mapping names.
    let mut keys: FxHashMap<&str, (usize, &str)> = FxHashMap::default();
    let entries = mapping.iter().flat_map(|mapping| mapping.entries());
    for (i, (key, at)) in entries.enumerate() {
        if let Some(text) = at.value.as_str() {
            keys.entry(text).or_insert((i, key));
        }
    }
    let mapped = |at: At<'a>| {
        let reference = at.text("$ref")?;
        let texts = [Some(reference), reference.rsplit('/').next()];
        let found = texts.into_iter().flatten().filter_map(|text| keys.get(text)).min();
        found.map(|(_, key)| (*key).to_owned())
    };
    let all = union.branches.iter().zip(&union.places).enumerate();
    all.map(|(i, (schema, at))| {
        let name = mapped(*at)
            .or_else(|| component(*at))
            .or_else(|| schemas.place(*schema).text("title").map(str::to_owned));
        let is_named = name.is_some();
        Branch { schema: *schema, name: name.unwrap_or_else(|| i.to_string()), is_named, at: *at }
    })
    .collect()
}

fn component(at: At<'_>) -> Option<String> {
    let reference = at.text("$ref")?;
    reference.rsplit('/').next().map(unescape_segment)
}

/// Whether no value can be of two branches, as far as types and constants tell.
pub(super) fn are_disjoint(schemas: &Schemas<'_>, branches: &[SchemaId]) -> bool {
    let normals: Vec<_> = branches.iter().map(|id| schemas.normal(*id)).collect();
    let apart = |a: &Normal<'_>, b: &Normal<'_>| {
        !a.types.has(b.types)
            || a.properties.iter().any(|property| {
                let other = b.property(&property.name);
                let is_demanded = a.requires(&property.name) && b.requires(&property.name);
                other.filter(|_| is_demanded).is_some_and(|other| {
                    let (x, y) = (schemas.normal(property.schema), schemas.normal(other.schema));
                    match (&x.enumeration, &y.enumeration) {
                        (Some(x), Some(y)) => {
                            !x.iter().any(|v| y.iter().any(|w| equal(v.value, w.value)))
                        }
                        _ => false,
                    }
                })
            })
    };
    normals.len() <= MAX_BRANCHES
        && normals.iter().enumerate().all(|(i, a)| normals[..i].iter().all(|b| apart(a, b)))
}
