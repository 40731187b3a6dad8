//! Reading a text that is to be well-formed.

use std::fmt;
use std::sync::Arc;

use super::{Tree, parse, referee};

/// Why a text is not YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotYaml {
    /// The line of the first error, from 1.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for NotYaml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// The tree of a text.
///
/// # Errors
/// It is not well-formed: the first thing that a conforming parser objects to.
pub fn read(text: impl Into<Arc<str>>) -> Result<Tree, NotYaml> {
    let tree = parse(text);
    match referee::arbitrate(&tree).into_iter().next() {
        None => Ok(tree),
        Some(error) => {
            let before = &tree.text()[..error.span.start as usize];
            let line = before.matches('\n').count() + 1;
            Err(NotYaml { line, message: error.message.to_string() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_is_named_with_its_line() {
        assert!(read("a: 1\nb: [1, 2]\n").is_ok());
        let error = read("a: 1\nb: [1, 2\n").map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with(&format!("line {}: ", error.line)), "{error}");
        // What is never closed is reported where it opens.
        assert_eq!(read("a: 1\nb: {\n").map(|_| ()).unwrap_err().line, 2);
    }
}
