//! The contract engine.
pub mod json;
pub mod text;
pub mod value;
pub mod yaml;
