//! The language server of `pacto.yaml`.
//!
//! ```text
//! stdin → Reader → World (owns the engine, applies in order) → lanes → Outbox → stdout
//! ```
//!
//! A notification is applied before the next message is looked at; a request gets its snapshot at
//! its place in the stream and runs on a lane. The world itself runs no query and waits for nothing:
//! rounds of background work find out what is missing, threads of their own ask disks, git and
//! registries, and what they say comes back as events.

mod answered;
mod baseline;
mod client;
mod commands;
mod connection;
mod diagnostics;
mod dispatch;
mod documents;
mod engine;
mod event;
mod extension;
mod freshness;
mod from_protocol;
mod handlers;
mod health;
mod lanes;
mod log;
mod looks;
mod mirror;
mod outbox;
mod outside;
mod panics;
mod pending;
mod publish;
mod registry;
mod round;
mod said;
mod settings;
mod slot;
mod snapshot;
mod timers;
mod to_protocol;
mod transport;
mod uri;
mod workers;
mod world;

use std::fs::File;
use std::io::{Read, Write};

pub use connection::Address;
pub use handlers::check::check;
pub use log::Level;
pub use registry::Connect;

use log::Log;

/// How the server is started.
#[derive(Default)]
pub struct Options {
    /// Where to log; nowhere if absent.
    pub log: Option<File>,
    /// How much is logged, unless the client's settings say otherwise.
    pub log_level: Level,
    /// End when this process ends.
    pub client_process_id: Option<u32>,
    /// Where bundles of registries come from; without it they are not looked at.
    pub registries: Option<Connect>,
}

/// Serves the one client of an address, as [`serve`] does. `listening` is told where a client can
/// connect, if one is waited for.
///
/// # Errors
/// No client can be met there.
pub fn serve_at(
    address: &Address,
    listening: impl FnOnce(&str),
    options: Options,
) -> std::io::Result<i32> {
    let parent = options.client_process_id;
    let is_orphaned = || parent.is_some_and(|parent| world::is_running(parent) == Some(false));
    let connection = connection::accept(address, listening, is_orphaned)?;
    Ok(serve(connection.input, connection.output, options))
}

/// Serves one client until `exit` or the end of `input`. Returns the exit code of the process.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    options: Options,
) -> i32 {
    let log = Log::new(options.log, options.log_level);
    let outbox = outbox::Outbox::start(output);
    let pending = pending::Pending::default();
    let (events, inbox) = crossbeam_channel::unbounded();
    transport::start_reader(input, events.clone(), pending.clone(), outbox.clone(), log.clone());
    let registries = registry::Registries::new(options.registries);
    let parent = options.client_process_id;
    let world = world::World::new(events, registries, outbox.clone(), pending, log, parent);
    let code = world.run(&inbox);
    outbox.finish();
    code
}
