//! Commands that make something of a contract: their text, their JSON, their exit codes.

mod bundles;
mod configuration;
mod documentation;
mod plugins;
mod releases;
mod results;
mod shells;
