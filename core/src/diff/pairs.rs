//! Matching the elements of two lists.

use std::collections::VecDeque;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Moves the elements of both lists that belong together to `pairs`: each old one with the first new
/// one that fits. For short lists: every element is held against every other.
pub fn take_pairs<T>(
    old: &mut Vec<T>,
    new: &mut Vec<T>,
    pairs: &mut Vec<(T, T)>,
    mut is_pair: impl FnMut(&T, &T) -> bool,
) {
    let mut i = 0;
    while i < old.len() {
        match new.iter().position(|b| is_pair(&old[i], b)) {
            Some(at) => pairs.push((old.remove(i), new.remove(at))),
            None => i += 1,
        }
    }
}

/// Moves the elements of both lists that have the same key to `pairs`: each old one with the first
/// new one. Elements without a key stay.
pub fn take_keyed<T, K: Eq + Hash>(
    old: &mut Vec<T>,
    new: &mut Vec<T>,
    pairs: &mut Vec<(T, T)>,
    key: impl Fn(&T) -> Option<K>,
) {
    let mut by_key: FxHashMap<K, VecDeque<usize>> = FxHashMap::default();
    for (j, b) in new.iter().enumerate() {
        if let Some(key) = key(b) {
            by_key.entry(key).or_default().push_back(j);
        }
    }
    let first = |(i, a): (usize, &T)| Some((i, by_key.get_mut(&key(a)?)?.pop_front()?));
    let chosen: Vec<(usize, usize)> = old.iter().enumerate().filter_map(first).collect();
    take_chosen(old, new, pairs, chosen);
}

/// Moves the elements at these positions to `pairs`. A position that was taken is not taken again.
pub fn take_chosen<T>(
    old: &mut Vec<T>,
    new: &mut Vec<T>,
    pairs: &mut Vec<(T, T)>,
    chosen: impl IntoIterator<Item = (usize, usize)>,
) {
    let mut olds: Vec<Option<T>> = std::mem::take(old).into_iter().map(Some).collect();
    let mut news: Vec<Option<T>> = std::mem::take(new).into_iter().map(Some).collect();
    for (i, j) in chosen {
        if olds[i].is_some()
            && let Some(b) = news[j].take()
            && let Some(a) = olds[i].take()
        {
            pairs.push((a, b));
        }
    }
    old.extend(olds.into_iter().flatten());
    new.extend(news.into_iter().flatten());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_matched_by_their_keys_in_order() {
        let (mut old, mut new) =
            (vec!["a1", "b1", "a2", "-", "c1"], vec!["a3", "c2", "a4", "a5", "-"]);
        let mut pairs = Vec::new();
        take_keyed(&mut old, &mut new, &mut pairs, |text| {
            text.chars().next().filter(|c| *c != '-')
        });
        assert_eq!(pairs, [("a1", "a3"), ("a2", "a4"), ("c1", "c2")]);
        assert_eq!((old, new), (vec!["b1", "-"], vec!["a5", "-"]));
    }
}
