//! Bundles in memory with a cursor in one of their files.

use pacto_core::{ContractKey, Root};

use crate::fixture::{Fixture, ROOT};

/// A fixture with a cursor in one of its files.
pub struct Marked {
    pub fixture: Fixture,
    pub key: ContractKey,
    /// The file that the cursor is in, as a path in its bundle.
    pub path: String,
    pub offset: u32,
}

impl Marked {
    /// # Panics
    /// Without a cursor, `┃`.
    pub fn new(buffer: &str) -> Marked {
        let before = &buffer[..buffer.find('┃').expect("a cursor")];
        let (path, offset) = match before.rfind("\n//- ") {
            Some(at) => {
                let (path, text) = before[at + 5..].split_once('\n').expect("a path");
                (path, text.len())
            }
            None => ("pacto.yaml", before.len()),
        };
        let (fixture, _) = Fixture::of_text(&buffer.replacen('┃', "", 1));
        let (root, path) = match path.strip_prefix("../") {
            Some(rest) => {
                let (folder, path) = rest.split_once('/').expect("a bundle");
                (format!("/fleet/{folder}"), path)
            }
            None => (ROOT.to_owned(), path),
        };
        let key = ContractKey::from(Root::from(root));
        Marked { fixture, key, path: path.to_owned(), offset: offset as u32 }
    }
}
