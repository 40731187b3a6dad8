//! One file for each subject of commands, and what they come to.

pub(crate) mod baseline;
pub(crate) mod create;
pub(crate) mod done;
pub(crate) mod registries;
pub(crate) mod upgrade;
pub(crate) mod workspace;
