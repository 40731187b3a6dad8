//! Segments of JSON pointers (RFC 6901).

use super::percent_decode;

/// A segment as it is written in a pointer (RFC 6901 §3).
pub fn escape_segment(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

/// The segment that is written so (RFC 6901 §4).
pub fn unescape_segment(written: &str) -> String {
    written.replace("~1", "/").replace("~0", "~")
}

/// The segment that is written so in the fragment of a URI (RFC 6901 §6).
pub fn fragment_segment(written: &str) -> String {
    unescape_segment(&String::from_utf8_lossy(&percent_decode(written)))
}
