//! What is read from stdin.

use std::io::Read;
use std::sync::Arc;

use pacto_edge::session::{Code, Error};

/// What stdin is called in messages.
pub const NAME: &str = "<stdin>";
const MAX_TEXT: u64 = 64 << 20;
const MAX_SECRET: u64 = 64 << 10;

/// All of stdin, as text.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub fn text() -> Result<Arc<str>, Error> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_TEXT + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::io(NAME, error))?;
    pacto_edge::decode(bytes).map_err(|failure| Error::new(Code::Io, format!("{NAME}: {failure}")))
}

/// A secret on stdin, without the line break at its end.
///
/// # Errors
/// There is none.
pub fn secret() -> Result<String, Error> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MAX_SECRET).read_to_string(&mut text);
    read.map_err(|_| Error::new(Code::Io, "stdin cannot be read as text"))?;
    let secret = text.trim_end_matches(['\n', '\r']);
    match secret {
        "" => Err(Error::usage("stdin holds no secret")),
        secret => Ok(secret.to_owned()),
    }
}
