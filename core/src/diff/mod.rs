//! What changed between two versions of a contract, and whom it hurts.
//!
//! [`contract`] compares the fields, and says which files are to be compared by content. The
//! differs of files are [`openapi`], [`schema`], [`grpc`] and [`events`]; what they find are rows of
//! the tables in [`rules`]. [`report`] puts rows, the software bill of materials and the advice on
//! versions together.

mod advice;
mod change;
mod content;
mod contract;
mod docs;
mod events;
mod graph;
mod grpc;
mod lifecycle;
mod openapi;
mod order;
mod pairs;
mod path;
mod report;
mod rule;
pub mod rules;
mod sbom;
mod schema;
mod settings;

pub use advice::{Advice, AdviceCode, Bump};
pub use change::{Change, ChangeType, Class, Ignored, Side};
pub use content::{ContentDiff, FileSide, Format, compare_files};
pub use docs::{Level, Problem};
pub use graph::{GraphChange, GraphDiff, GraphNode, NodeChange, compare as compare_graphs};
pub use report::{Compared, Subject, WhichSide, compare};
pub use rule::{Column, Meaning, Rule};
pub use sbom::{SbomChange, SbomDiff, is_sbom};
pub use settings::{Ignore, IgnoreKey, Perspective, Settings};

pub use crate::contract::Date;
