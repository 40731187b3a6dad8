//! Graphs of contracts.

mod cycles;
mod tree;

pub use cycles::cyclic_nodes;
pub use tree::{
    Conflict, Edge, EdgeKind, Graph, MAX_DEPTH, MAX_NODES, Node, Options, Outcome, References,
    build,
};
