//! What editors ask, in plain data: offsets, labels, edits.

pub mod diagnostics;
