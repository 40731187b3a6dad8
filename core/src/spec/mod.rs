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

/// Files larger than this are not read (5-oci, limits on bundles).
pub const MAX_BUNDLE_FILE: u64 = 10 << 20;
/// Contracts larger than this are refused (1-format, "YAML dialect").
pub const MAX_CONTRACT: u64 = 4 << 20;
