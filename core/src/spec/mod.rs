//! Facts out of the files of a bundle: interface specifications and JSON Schemas.

mod bundle_path;
mod document;
pub mod json_schema;
mod openapi;
mod parts;
pub mod proto;
mod references;

pub use bundle_path::{BundlePath, PathProblem};
pub use document::{Document, DocumentPart, SpecKind, kind_of, mismatch};
pub use openapi::{METHODS, Operation, operations};
pub use parts::{Parts, document_references};
pub use references::{file_references, named_files, references};

/// Files larger than this are not read (3-diff, "Bad input, limits"). What is published has a limit of
/// its own (5-oci, limits on bundles).
pub const MAX_FILE: u64 = 64 << 20;
/// Contracts larger than this are refused (1-format, "YAML dialect").
pub const MAX_CONTRACT: u64 = 4 << 20;
