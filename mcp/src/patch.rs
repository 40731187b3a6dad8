//! What an edit changes, as a unified patch.

/// Lines around a change.
const AROUND: usize = 3;
/// The table of common lines has at most so many cells; what is larger is one change.
const MAX_CELLS: usize = 4_000_000;

/// What changed in a file; empty when nothing did.
pub fn patch(path: &str, old: &str, new: &str) -> String {
    let (a, b) = (lines(old), lines(new));
    let changes = changes(&a, &b);
    if changes.is_empty() {
        return String::new();
    }
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    for group in changes.chunk_by(|one, next| next.a.start - one.a.end <= 2 * AROUND) {
        hunk(&mut out, &a, &b, group);
    }
    out
}

/// Lines of the old text that are replaced by lines of the new one.
struct Change {
    a: std::ops::Range<usize>,
    b: std::ops::Range<usize>,
}

fn hunk(out: &mut String, a: &[&str], b: &[&str], group: &[Change]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let before = first.a.start.min(AROUND);
    let after = (a.len() - last.a.end).min(AROUND);
    let (start_a, start_b) = (first.a.start - before, first.b.start - before);
    let (count_a, count_b) = (last.a.end + after - start_a, last.b.end + after - start_b);
    let number = |start: usize, count: usize| if count == 0 { start } else { start + 1 };
    out.push_str(&format!(
        "@@ -{},{count_a} +{},{count_b} @@\n",
        number(start_a, count_a),
        number(start_b, count_b)
    ));
    let mut at = start_a;
    for change in group {
        a[at..change.a.start].iter().for_each(|line| push(out, ' ', line));
        a[change.a.clone()].iter().for_each(|line| push(out, '-', line));
        b[change.b.clone()].iter().for_each(|line| push(out, '+', line));
        at = change.a.end;
    }
    a[at..last.a.end + after].iter().for_each(|line| push(out, ' ', line));
}

fn push(out: &mut String, mark: char, line: &str) {
    out.push(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// Where the texts differ, by their longest common lines.
fn changes(a: &[&str], b: &[&str]) -> Vec<Change> {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let (end_a, end_b) = (a.len() - tail, b.len() - tail);
    let (own_a, own_b) = (&a[head..end_a], &b[head..end_b]);
    if own_a.is_empty() && own_b.is_empty() {
        return Vec::new();
    }
    if own_a.len().saturating_mul(own_b.len()) > MAX_CELLS {
        return vec![Change { a: head..end_a, b: head..end_b }];
    }
    let table = common(own_a, own_b);
    let width = own_b.len() + 1;
    let mut all: Vec<Change> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < own_a.len() || j < own_b.len() {
        if i < own_a.len() && j < own_b.len() && own_a[i] == own_b[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let is_removed = j == own_b.len()
            || i < own_a.len() && table[(i + 1) * width + j] >= table[i * width + j + 1];
        let (next_i, next_j) = if is_removed { (i + 1, j) } else { (i, j + 1) };
        match all.last_mut() {
            Some(last) if last.a.end == head + i && last.b.end == head + j => {
                (last.a.end, last.b.end) = (head + next_i, head + next_j);
            }
            _ => all.push(Change { a: head + i..head + next_i, b: head + j..head + next_j }),
        }
        (i, j) = (next_i, next_j);
    }
    all
}

/// How many lines the rests of both texts have in common, for every two places.
fn common(a: &[&str], b: &[&str]) -> Vec<u32> {
    let width = b.len() + 1;
    let mut table = vec![0; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            table[i * width + j] = match a[i] == b[j] {
                true => table[(i + 1) * width + j + 1] + 1,
                false => table[(i + 1) * width + j].max(table[i * width + j + 1]),
            };
        }
    }
    table
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_has_what_changed_and_the_lines_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = old.replace("e\n", "E\nEE\n");
        let expected = "--- a/x\n+++ b/x\n@@ -2,7 +2,8 @@\n b\n c\n d\n-e\n+E\n+EE\n f\n g\n h\n";
        assert_eq!(patch("x", old, &new), expected);
        assert_eq!(patch("x", "a\n", "a\n"), "");
        assert_eq!(
            patch("x", "a", "b\n"),
            "--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n"
        );
        assert_eq!(patch("x", "", "a\n"), "--- a/x\n+++ b/x\n@@ -0,0 +1,1 @@\n+a\n");
    }

    #[test]
    fn changes_that_are_far_apart_are_hunks_of_their_own() {
        let old: String = (1..=20).map(|i| format!("{i}\n")).collect();
        let new = old.replace("\n2\n", "\ntwo\n").replace("\n18\n", "\n");
        let expected = "--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n\
                        @@ -15,6 +15,5 @@\n 15\n 16\n 17\n-18\n 19\n 20\n";
        assert_eq!(patch("x", &old, &new), expected);
    }
}
