//! Cases that are kept as data: a buffer, and claims about it.

/// A case of a file in `tests/fixtures`. Each starts with `####` and its name; its buffer follows,
/// then claims, which start with `----` and their kind.
pub struct Case<'t> {
    pub name: &'t str,
    /// The text, behind the header that cases leave out.
    pub buffer: String,
    pub claims: Vec<Claim<'t>>,
}

pub struct Claim<'t> {
    pub kind: &'t str,
    pub argument: &'t str,
    pub lines: Vec<&'t str>,
}

/// The cases of a file. A buffer that starts with `!` stands without `header`.
pub fn cases<'t>(text: &'t str, header: &str) -> Vec<Case<'t>> {
    text.split("\n#### ").skip(1).map(|case| parse(case, header)).collect()
}

/// The text of a file of cases.
///
/// # Panics
/// There is no such file.
pub fn case_text(name: &str) -> String {
    let path = crate::repository().join("tests/fixtures").join(name);
    std::fs::read_to_string(path).expect("the cases")
}

/// Fails with all that is wrong with the cases of a file. Returns how many there are.
///
/// # Panics
/// A case has problems.
pub fn check_cases(name: &str, header: &str, problems: impl Fn(&Case<'_>) -> Vec<String>) -> usize {
    let text = case_text(name);
    let cases = cases(&text, header);
    let each = cases.iter().flat_map(|case| {
        problems(case).into_iter().map(|problem| format!("{}: {problem}\n", case.name))
    });
    let report: String = each.collect();
    assert!(report.is_empty(), "{report}");
    cases.len()
}

/// The lines in which two texts differ, old ones first.
pub fn changed_lines(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let shown = |mark: &str, lines: &[&str]| -> String {
        lines.iter().map(|line| format!("{mark} {line}\n")).collect()
    };
    let (old, new) = (&old[same..old.len() - tail], &new[same..new.len() - tail]);
    shown("-", old) + &shown("+", new)
}

fn parse<'t>(text: &'t str, header: &str) -> Case<'t> {
    let (name, rest) = text.split_once('\n').expect("a name");
    let mut parts = rest.split("\n---- ");
    let buffer = parts.next().expect("a buffer").trim_end_matches('\n');
    let buffer = match buffer.strip_prefix("!\n").or(buffer.strip_prefix('!')) {
        Some(whole) => whole.to_owned(),
        None => format!("{header}{buffer}"),
    };
    let claims = parts.map(|part| {
        let (head, lines) = part.split_once('\n').unwrap_or((part, ""));
        let (kind, argument) = head.split_once(' ').unwrap_or((head, ""));
        let lines = lines.trim_end_matches('\n').lines().collect();
        Claim { kind, argument, lines }
    });
    Case { name, buffer, claims: claims.collect() }
}
