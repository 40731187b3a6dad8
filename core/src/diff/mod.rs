//! What changed between two versions of a contract, and whom it hurts.
//!
//! [`contract`] compares the fields, and says which files are to be compared by content. The
//! differs of files are [`openapi`], [`schema`], [`grpc`] and [`events`]; what they find are rows of
//! the tables in [`rules`]. [`bundle`] puts rows, the software bill of materials and the advice on
//! versions together.

mod advice;
mod bundle;
mod change;
mod class;
mod content;
mod contract;
mod docs;
mod events;
mod graph;
mod grpc;
pub mod impact;
mod lifecycle;
mod openapi;
mod order;
mod pairs;
mod path;
mod rule;
pub mod rules;
mod sbom;
mod schema;
mod settings;
mod side;

pub use advice::{Advice, AdviceCode, Bump, advise};
pub use bundle::{Compared, InterfaceDiff, Subject, compare};
pub use change::{Change, Ignored};
pub use class::{ChangeType, Class, Side};
pub use content::{Format, compare_files};
pub use docs::{Level, Problem};
pub use graph::{GraphChange, GraphDiff, GraphNode, NodeChange, compare as compare_graphs};
pub use openapi::Kept;
pub use rule::{Column, Domain, Mark, Meaning, Rule};
pub use sbom::{SbomChange, SbomDiff, is_sbom};
pub use settings::{Ignore, IgnoreKey, Perspective, Settings};
pub use side::{ContentDiff, FileSide, WhichSide};

pub use crate::contract::Date;
