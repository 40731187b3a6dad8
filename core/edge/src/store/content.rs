//! The bytes of a layer, wherever they are.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};

/// Verified bytes, read from their start.
pub enum Content {
    Memory(Vec<u8>),
    File(File),
}

impl Content {
    /// Reads the content once.
    pub fn reader(&self) -> Box<dyn Read + '_> {
        match self {
            Content::Memory(bytes) => Box::new(Cursor::new(bytes)),
            Content::File(file) => Box::new(BufReader::new(file)),
        }
    }
}
