//! Bundles as files: what belongs to one, how it is packed, how it is unpacked.

pub mod archive;
pub mod artifact;
mod ignore;
mod limits;
mod select;
mod unpack;

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use artifact::{Artifact, Manifest};
pub use limits::Limits;
pub use select::{Selection, select};
pub use unpack::{unpack_to_directory, unpack_to_memory};

/// The files of a bundle, by path from its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    pub files: BTreeMap<String, Arc<[u8]>>,
}

impl Bundle {
    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.files.values().map(|bytes| bytes.len() as u64).sum()
    }
}

/// `sha256:` and the hash in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    format_digest(&Sha256::digest(bytes))
}

pub(crate) fn format_digest(hash: &[u8]) -> String {
    let mut text = String::with_capacity(7 + hash.len() * 2);
    text.push_str("sha256:");
    for byte in hash {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// A number of bytes for people: `1.5 MiB`.
pub fn human_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["bytes", "KiB", "MiB", "GiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}
