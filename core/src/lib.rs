//! The contract engine.
pub mod check;
pub mod contract;
pub mod fact;
pub mod json;
pub mod schema;
pub mod spec;
pub mod text;
pub mod value;
pub mod yaml;
