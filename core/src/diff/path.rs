//! Paths of changes (3-diff, "Path grammar").

use std::fmt::Write;

/// `base.name[key]`, with the key escaped.
pub fn keyed(base: &str, name: &str, key: &str) -> String {
    let mut out = String::with_capacity(base.len() + name.len() + key.len() + 3);
    out.push_str(base);
    if !base.is_empty() {
        out.push('.');
    }
    out.push_str(name);
    out.push('[');
    for c in key.chars() {
        match c {
            ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push(']');
    out
}

/// `base.name`.
pub fn step(base: &str, name: &str) -> String {
    match (base.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => base.to_owned(),
        _ => format!("{base}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_escaped() {
        assert_eq!(keyed("", "a", "x"), "a[x]");
        assert_eq!(keyed("p", "a", "x]\\\n"), "p.a[x\\]\\\\\\u000A]");
        assert_eq!(step("a", "b"), "a.b");
    }
}
