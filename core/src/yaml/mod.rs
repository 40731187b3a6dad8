//! YAML 1.2: a lossless tree that never fails to parse, its referee, scalars, formatting.
//!
//! The tree is driven by indentation, so that one broken line leaves its siblings alone. Whether a
//! text is well-formed is decided by a conforming event parser beside it (see [`referee`]).

mod block;
pub mod cursor;
mod doc_path;
pub(crate) mod entry_text;
mod flow;
mod flow_cursor;
pub mod format;
mod parser;
pub mod parts;
mod path;
mod read;
pub mod referee;
pub mod scalar;
mod slot;
mod style;
mod tree;

pub use doc_path::{DocPath, Segment};
pub(crate) use flow_cursor::unclosed_flow_end;
pub(crate) use parser::parse_flow;
pub use parser::{MAX_DEPTH, parse};
pub use path::{node_at, path_of};
pub use read::{NotYaml, read};
pub use scalar::{Scalar, resolve_plain};
pub use style::Style;
pub use tree::{
    Children, Kind, MarkKind, NO_MARK, Node, NodeId, Part, Piece, Placed, Properties, SyntaxError,
    SyntaxErrorKind, Tree,
};
