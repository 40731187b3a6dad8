//! The texts that the client has open.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Instant;

use pacto_core::{CONTRACT_FILE, ContractKey, MISNAMED_CONTRACT_FILE, Root};

use crate::mirror::Mirror;
use crate::uri;

/// An open text and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// As the client spells it.
    pub uri: String,
    pub version: i32,
    pub text: Mirror,
    pub place: Place,
    /// Whether the engine has not seen its text yet.
    pub is_dirty: bool,
    pub edited: Option<Edited>,
}

/// Where a document belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The disk is being asked.
    Asked,
    /// Outside of every bundle.
    Nowhere,
    /// The contract that it is or belongs to, and its path in the bundle.
    In(ContractKey, String),
}

/// The last edit of a part of a text: when, and its lines.
#[derive(Clone, Debug)]
pub(crate) struct Edited {
    pub at: Instant,
    pub lines: RangeInclusive<u32>,
}

impl Document {
    pub(crate) fn contract(&self) -> Option<&ContractKey> {
        match &self.place {
            Place::In(key, _) => Some(key),
            _ => None,
        }
    }

    /// Whether it is a contract, rather than a file that belongs to one.
    pub(crate) fn is_contract(&self) -> bool {
        matches!(&self.place, Place::In(key, path) if *path == *key.path)
    }
}

/// Open documents by their keys (see [`uri::key`]), so that spellings of one file are one document.
#[derive(Default)]
pub(crate) struct Documents(BTreeMap<String, Document>);

impl Documents {
    /// Opens a document, or takes its new text and URI. Returns the URI under which the same file
    /// was open before, if it is another.
    pub(crate) fn open(&mut self, document: Document) -> Option<String> {
        let uri = document.uri.clone();
        let old = self.0.insert(uri::key(&uri), document)?;
        (old.uri != uri).then_some(old.uri)
    }

    pub(crate) fn close(&mut self, uri: &str) -> Option<Document> {
        self.0.remove(&uri::key(uri))
    }

    pub(crate) fn get_mut(&mut self, uri: &str) -> Option<&mut Document> {
        self.0.get_mut(&uri::key(uri))
    }

    /// The documents by their keys.
    pub(crate) fn by_key(&self) -> impl Iterator<Item = (&String, &Document)> {
        self.0.iter()
    }

    /// The documents whose text the engine is to see.
    pub(crate) fn dirty(&mut self) -> impl Iterator<Item = &mut Document> {
        self.0.values_mut().filter(|d| d.is_dirty && matches!(d.place, Place::In(..)))
    }

    pub(crate) fn has_dirty(&self) -> bool {
        self.0.values().any(|d| d.is_dirty && matches!(d.place, Place::In(..)))
    }

    /// Whether the file at a place of a bundle is open.
    pub(crate) fn is_open(&self, root: &Root, path: &str) -> bool {
        let is_here =
            |d: &Document| matches!(&d.place, Place::In(key, p) if key.root == *root && p == path);
        self.0.values().any(is_here)
    }

    /// The innermost contract that is open and in whose folder a file is, and the file's path there.
    pub(crate) fn contract_around(&self, file: &str) -> Option<(ContractKey, String)> {
        let contracts = self.0.values().filter(|document| document.is_contract());
        let keys = contracts.filter_map(Document::contract).filter(|key| key.is_usual());
        let around = keys.filter_map(|key| {
            let path = file.strip_prefix(key.root.folder()?)?.strip_prefix('/')?;
            Some((key.clone(), path.to_owned()))
        });
        around.min_by_key(|(_, path)| path.len())
    }

    /// The contracts with open documents.
    pub(crate) fn contracts(&self) -> BTreeSet<ContractKey> {
        self.0.values().filter_map(Document::contract).cloned().collect()
    }
}

/// The contract that a document is by its name or language; `None` where the disk must be asked
/// (see [`place_on_disk`]).
pub(crate) fn place(uri: &str, language: &str) -> Option<Place> {
    let is_contract = language == "pacto";
    let Some(path) = uri::path_of(uri) else {
        // A buffer without a file is a bundle of its own.
        let key = ContractKey::from(Root::Buffer(uri.into()));
        let place = Place::In(key, CONTRACT_FILE.to_owned());
        return Some(if is_contract { place } else { Place::Nowhere });
    };
    let (folder, name) = path.rsplit_once('/')?;
    if !(matches!(name, CONTRACT_FILE | MISNAMED_CONTRACT_FILE) || is_contract) {
        return None;
    }
    let folder = if folder.is_empty() { "/" } else { folder };
    Some(Place::In(ContractKey::new(Root::from(folder), name), name.to_owned()))
}

/// The contract of the innermost bundle around a file, and the file's path there. Asks the disk.
pub(crate) fn place_on_disk(path: &str) -> Option<(ContractKey, String)> {
    let mut root = path.rsplit_once('/')?.0;
    loop {
        if Path::new(root).join(CONTRACT_FILE).is_file() {
            return Some((ContractKey::from(root), path[root.len() + 1..].to_owned()));
        }
        root = root.rsplit_once('/').map(|(parent, _)| parent).filter(|p| !p.is_empty())?;
    }
}
