//! File URIs (RFC 8089) and paths.

use pacto_core::text::percent_decode;
use pacto_core::{CONTRACT_FILE, Root};

/// The file that a document is, however its URI is spelt: an absolute path, or the contract of a
/// buffer without a file.
pub(crate) fn key(uri: &str) -> String {
    path_of(uri)
        .or_else(|| virtual_file(uri))
        .unwrap_or_else(|| Root::Buffer(uri.into()).file(CONTRACT_FILE))
}

/// The path of a `file:` URI, percent-decoded, a drive letter in lower case; `None` for other
/// schemes.
pub(crate) fn path_of(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let path = if rest.starts_with('/') { rest } else { &rest[rest.find('/')?..] };
    let decoded = String::from_utf8(percent_decode(path)).ok()?;
    let bytes = decoded.as_bytes();
    // A drive letter stands behind the slash.
    let has_drive = bytes.len() > 2 && bytes[1].is_ascii_alphabetic() && bytes[2] == b':';
    let path = match has_drive {
        true => format!("{}{}", decoded[1..2].to_ascii_lowercase(), &decoded[2..]),
        false => decoded,
    };
    Some(normalise(&path))
}

fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let lead = if path.starts_with('/') { "/" } else { "" };
    format!("{lead}{}", parts.join("/"))
}

/// The scheme of the URIs of files that are in no folder.
pub(crate) const VIRTUAL_SCHEME: &str = "pacto-bundle";

/// The name of a file of a published bundle, or of a commit; `None` for other documents.
pub(crate) fn virtual_file(uri: &str) -> Option<String> {
    let name = uri.strip_prefix(VIRTUAL_SCHEME)?.strip_prefix(":/")?;
    String::from_utf8(percent_decode(name)).ok()
}

/// The `file:` URI of an absolute path.
pub(crate) fn of_path(path: &str) -> String {
    let lead = if path.starts_with('/') { "" } else { "/" };
    format!("file://{lead}{}", encoded(path))
}

fn encoded(path: &str) -> String {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/".contains(b);
    let encode = |b: u8| if is_plain(&b) { (b as char).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(encode).collect()
}

/// The URI of a file; the inverse of [`key`].
pub(crate) fn of_file(file: &str) -> String {
    let is_path = file.starts_with('/') || file.as_bytes().get(1) == Some(&b':');
    let buffer = file.strip_suffix(CONTRACT_FILE).and_then(|rest| rest.strip_suffix('/'));
    if matches!(Root::from(file), Root::Published { .. } | Root::Revision { .. }) {
        return format!("{VIRTUAL_SCHEME}:/{}", encoded(file));
    }
    match buffer {
        Some(uri) if !is_path => uri.to_owned(),
        _ => of_path(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_and_paths_round_trip() {
        for path in ["/a b/ü/pacto.yaml", "/a/#1/x", "/plain"] {
            assert_eq!(path_of(&of_path(path)).as_deref(), Some(path));
        }
        assert_eq!(path_of("file:///c%3A/x/pacto.yaml").as_deref(), Some("c:/x/pacto.yaml"));
        assert_eq!(path_of("file://host/a/../b").as_deref(), Some("/b"));
        assert_eq!(path_of("untitled:Untitled-1"), None);
    }

    #[test]
    fn spellings_of_one_file_have_one_key() {
        for uri in
            ["file:///C:/x/pacto.yaml", "file:///c%3A/x/pacto.yaml", "FILE:///c:/x/./%70acto.yaml"]
        {
            assert_eq!(key(uri), "c:/x/pacto.yaml", "{uri}");
        }
        assert_eq!(of_file(&key("untitled:Untitled-1")), "untitled:Untitled-1");
        for file in ["oci://h.io:5000/a/b@sha256:12/pacto.yaml", "git:12ab:/a b/interfaces/x.yaml"]
        {
            assert!(of_file(file).starts_with("pacto-bundle:/"));
            assert_eq!(key(&of_file(file)), file);
        }
    }
}
