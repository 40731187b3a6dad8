//! File URIs (RFC 8089) and paths.

use pacto_core::text::percent_decode;

/// The path of a `file:` URI, percent-decoded; `None` for other schemes.
pub(crate) fn path_of(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("file://")?;
    let path = if rest.starts_with('/') { rest } else { &rest[rest.find('/')?..] };
    let decoded = String::from_utf8(percent_decode(path)).ok()?;
    // A drive letter stands behind the slash.
    let bytes = decoded.as_bytes();
    let has_drive = bytes.len() > 2 && bytes[1].is_ascii_alphabetic() && bytes[2] == b':';
    let path = if has_drive { decoded[1..].to_owned() } else { decoded };
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

/// The `file:` URI of an absolute path.
pub(crate) fn of_path(path: &str) -> String {
    let lead = if path.starts_with('/') { "" } else { "/" };
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/".contains(b);
    let encode = |b: u8| if is_plain(&b) { (b as char).to_string() } else { format!("%{b:02X}") };
    format!("file://{lead}{}", path.bytes().map(encode).collect::<String>())
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
}
