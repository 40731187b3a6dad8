//! HTTP interfaces: OpenAPI documents (3-diff, "HTTP interfaces").

mod compare;
mod content;
mod kept;
mod matching;
mod model;
mod parameters;
mod security;
mod servers;
mod swagger;

pub use compare::compare;
pub use kept::Kept;
pub use model::Api;
pub use swagger::upgrade;
