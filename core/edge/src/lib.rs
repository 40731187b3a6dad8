//! Where the engine meets the outside world: reads what it demands and hands it over.

mod driver;
mod files;

pub use driver::{Driver, settle};
pub use files::{DiskFiles, Files, MemoryFiles, decode, normalise};
