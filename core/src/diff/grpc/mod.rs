//! gRPC interfaces: protobuf files (3-diff, "gRPC interfaces").

mod compare;
mod fields;
mod set;
mod types;

pub use compare::compare;
