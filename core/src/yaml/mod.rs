//! YAML 1.2: a lossless tree that never fails to parse, its referee, scalars, formatting.
//!
//! The tree is driven by indentation, so that one broken line leaves its siblings alone. Whether a
//! text is well-formed is decided by a conforming event parser beside it (see [`referee`]).

mod block;
mod flow;
pub mod format;
mod parser;
pub mod referee;
pub mod scalar;
mod tree;

pub(crate) use parser::parse_flow;
pub use parser::{MAX_DEPTH, parse};
pub use scalar::{Scalar, resolve_plain};
pub use tree::{
    Children, Kind, MarkKind, NO_MARK, Node, NodeId, Properties, SyntaxError, SyntaxErrorKind, Tree,
};
