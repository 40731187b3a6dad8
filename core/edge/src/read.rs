//! Files of this machine that are named by a path: regular ones, within a limit.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use pacto_core::fact::Failure;

use crate::decode;

/// Larger files are not read at all.
pub(crate) const MAX_FILE: u64 = 64 << 20;

/// The bytes of a regular file of at most `limit` bytes: devices and pipes, which may never end,
/// are not opened.
///
/// # Errors
/// It is not there, not a regular file, too large, or cannot be read.
pub fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let metadata = fs::metadata(path).map_err(failure)?;
    if !metadata.is_file() {
        let kind = if metadata.is_dir() { "a directory" } else { "not a regular file" };
        return Err(Failure::NotAFile { kind });
    }
    let too_large = |size| Failure::TooLarge { size, limit };
    if metadata.len() > limit {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    let file = File::open(path).map_err(failure)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failure)?;
    match bytes.len() as u64 {
        size if size > limit => Err(too_large(size)),
        _ => Ok(bytes),
    }
}

/// The text of a regular file.
///
/// # Errors
/// As [`read_regular`], or it is not UTF-8.
pub fn read_regular_text(path: &Path) -> Result<Arc<str>, Failure> {
    decode(read_regular(path, MAX_FILE)?)
}

fn failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Failure::NotFound,
        _ => Failure::Unreadable { cause: error.to_string() },
    }
}
