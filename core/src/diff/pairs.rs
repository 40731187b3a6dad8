//! Matching the elements of two lists.

/// Moves the elements of both lists that belong together to `pairs`: each old one with the first new
/// one that fits.
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
