//! Bounds on bundles (5-oci, "Packing").

/// What packing and unpacking refuse to exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files.
    pub total: u64,
    /// Bytes of the layer as it is transferred.
    pub layer: u64,
    pub entries: usize,
}

impl Limits {
    /// The published reader's bounds: what is pushed within them can be pulled everywhere.
    pub const PUBLISHED: Limits =
        Limits { file: 10 << 20, total: 50 << 20, layer: 50 << 20, entries: 10_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Limits::PUBLISHED
    }
}

/// Bytes of a path in an archive.
pub const MAX_PATH: usize = 1024;
/// Bytes of one part of a path.
pub const MAX_PART: usize = 255;
/// Folders above a file.
pub const MAX_DEPTH: usize = 32;
