//! Where the engine meets the outside world: files, registries, the cache between.

pub mod bundle;
pub mod cache;
pub mod config;
mod discover;
mod driver;
mod files;
pub mod git;
mod read;
pub mod registry;
pub mod release;
mod remote;
pub mod scratch;
pub mod session;
mod store;

pub use discover::{bundles_below, contracts_below};
pub use driver::{Driver, Source, local_answer, settle};
pub use files::{DiskFiles, Files, MemoryFiles, normalise};
pub use read::{
    decode, open_regular, read_named, read_plain_text, read_regular, read_regular_text,
};
pub use remote::{Asked, Background, Remote, failed_answer};
pub use store::{Content, Layer, Store, StoreOptions};
