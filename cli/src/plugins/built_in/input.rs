//! What built-in plugins read: their options, and files of the bundle.

use std::path::Path;

use pacto_edge::read_plain_text;

use crate::plugins::protocol::Request;

/// Larger files are not read.
const MAX: u64 = 10 << 20;

/// An option of the plugin.
pub fn option<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.options.get(name).map(String::as_str).filter(|text| !text.is_empty())
}

/// Refuses options that the plugin does not know.
pub fn check_options(request: &Request, known: &[&str]) -> Result<(), String> {
    let Some(unknown) = request.options.keys().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let near = pacto_core::check::nearest(unknown, known.iter().copied());
    let near = near.map_or(String::new(), |near| format!(" (did you mean {near}?)"));
    Err(format!("unknown option {unknown}{near}; there are {}", known.join(", ")))
}

/// A file of the bundle, within bounds, that does not leave it.
pub fn read_inside(request: &Request, path: &str) -> Result<String, String> {
    let parsed =
        pacto_core::spec::BundlePath::parse(path).map_err(|why| format!("{path}: {why}"))?;
    let full = request.bundle_dir.join(parsed.as_str());
    let real =
        full.canonicalize().map_err(|_| format!("{path}: there is no such file in the bundle"))?;
    let root = request.bundle_dir.canonicalize().map_err(|error| error.to_string())?;
    if !real.starts_with(root) {
        return Err(format!("{path}: it leads out of the bundle"));
    }
    read_plain_text(&real, MAX).map_err(|failure| format!("{path}: {failure}"))
}

/// Whether one of these files of a folder holds a word.
pub fn names(folder: &Path, files: &[&str], word: &str) -> bool {
    files.iter().any(|file| {
        read_plain_text(&folder.join(file), MAX)
            .is_ok_and(|text| text.to_lowercase().contains(word))
    })
}
