//! What editors ask, in plain data: offsets, labels, edits. One file for each feature.

pub mod completion;
pub mod diagnostics;
pub mod hover;
pub mod symbols;
