//! Which path of the old document is which of the new.

use std::collections::BTreeMap;

use super::model::{Api, PathItem, base_path};
use crate::diff::docs::Level;

/// How two paths were found to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Exact,
    /// Names of parameters differ.
    Renamed,
    /// The servers' base path moved into the path, or out of it.
    Relocated,
}

pub struct Matched<'a> {
    pub pairs: Vec<(PathItem<'a>, PathItem<'a>, How)>,
    pub removed: Vec<PathItem<'a>>,
    pub added: Vec<PathItem<'a>>,
}

/// A template without the names of its parameters.
fn shape(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut is_inside = false;
    for c in template.chars() {
        match c {
            '{' => {
                is_inside = true;
                out.push_str("{}");
            }
            '}' => is_inside = false,
            c if !is_inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// The parameters of a template, in its order.
pub fn names(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

pub fn matched<'a>(old: &Api<'_, 'a>, new: &Api<'_, 'a>) -> Matched<'a> {
    let (mut removed, mut added) = (old.path_items("paths"), new.path_items("paths"));
    let mut pairs = Vec::new();
    let mut by_name: BTreeMap<String, PathItem<'a>> =
        added.drain(..).map(|item| (item.name.clone(), item)).collect();
    removed = removed
        .into_iter()
        .filter_map(|item| match by_name.remove(&item.name) {
            Some(same) => {
                pairs.push((item, same, How::Exact));
                None
            }
            None => Some(item),
        })
        .collect();
    added = by_name.into_values().collect();
    if !removed.is_empty() && !added.is_empty() {
        let key = |item: &PathItem<'_>| shape(&item.name);
        by_key(new, &mut removed, &mut added, &mut pairs, (key, key), How::Renamed);
        let (was, is) = (base_path(old), base_path(new));
        if let (Some(was), Some(is)) = (was, is)
            && was != is
        {
            let of =
                |base: String| move |item: &PathItem<'_>| shape(&format!("{base}{}", item.name));
            by_key(new, &mut removed, &mut added, &mut pairs, (of(was), of(is)), How::Relocated);
        }
    }
    pairs.sort_by(|a, b| a.1.name.cmp(&b.1.name));
    Matched { pairs, removed, added }
}

fn by_key<'a>(
    new: &Api<'_, 'a>,
    removed: &mut Vec<PathItem<'a>>,
    added: &mut Vec<PathItem<'a>>,
    pairs: &mut Vec<(PathItem<'a>, PathItem<'a>, How)>,
    keys: (impl Fn(&PathItem<'a>) -> String, impl Fn(&PathItem<'a>) -> String),
    how: How,
) {
    let mut candidates: BTreeMap<String, (usize, Vec<PathItem<'a>>)> = BTreeMap::new();
    for item in removed.iter() {
        candidates.entry((keys.0)(item)).or_default().0 += 1;
    }
    for item in added.drain(..) {
        candidates.entry((keys.1)(&item)).or_default().1.push(item);
    }
    for item in std::mem::take(removed) {
        match candidates.get_mut(&(keys.0)(&item)) {
            Some((1, same)) if same.len() == 1 => {
                pairs.extend(same.pop().map(|other| (item, other, how)));
            }
            Some((_, same)) => {
                if let Some(other) = same.first() {
                    let message = format!("`{}` has the shape of more than one path", item.name);
                    let at = Some(new.docs().anchor(other.key.spot()));
                    new.docs().report("OPENAPI_AMBIGUOUS_PATH", Level::Warning, message, at);
                }
                removed.push(item);
            }
            None => removed.push(item),
        }
    }
    added.extend(candidates.into_values().flat_map(|(_, same)| same));
    added.sort_by(|a, b| a.name.cmp(&b.name));
}
