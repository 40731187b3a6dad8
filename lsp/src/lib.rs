//! The language server of `pacto.yaml`.
//!
//! ```text
//! stdin → Reader → World (owns the engine, applies in order) → lanes → Outbox → stdout
//! ```
//!
//! A notification is applied before the next message is looked at; a request gets its snapshot at
//! its place in the stream and runs on a lane. No handler waits for the client, for the network, or
//! for a later edit.

mod baseline;
mod convert;
mod discover;
mod documents;
mod handlers;
mod lanes;
mod outbox;
mod pending;
mod projects;
mod publish;
mod registry;
mod server;
mod snapshot;
mod transport;
mod uri;
mod world;

use std::fs::File;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

pub use handlers::check::check;

/// How the server is started.
#[derive(Default)]
pub struct Options {
    /// Where to log; nowhere if absent.
    pub log: Option<File>,
    /// End when this process ends.
    pub client_process_id: Option<u32>,
    /// Where bundles of registries come from; without it they are not looked at.
    pub registries: Option<Connect>,
}

/// Makes what registries are asked with, when the first one is to be asked.
pub type Connect = Box<dyn FnOnce() -> Option<pacto_edge::Background> + Send>;

/// A log that never fails and never blocks a handler for long.
#[derive(Clone, Default)]
pub(crate) struct Log(Option<Arc<Mutex<File>>>);

impl Log {
    pub(crate) fn line(&self, text: &str) {
        if let Some(file) = &self.0 {
            let mut file = file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let _ = writeln!(file, "{text}");
        }
    }
}

/// Serves one client until `exit` or the end of `input`. Returns the exit code of the process.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    options: Options,
) -> i32 {
    let log = Log(options.log.map(|file| Arc::new(Mutex::new(file))));
    let outbox = outbox::Outbox::start(output);
    let pending = pending::Pending::default();
    let (events, inbox) = crossbeam_channel::unbounded();
    transport::start_reader(input, events.clone(), pending.clone(), outbox.clone(), log.clone());
    let registries = registry::Registries::new(options.registries, events.clone());
    let parent = options.client_process_id;
    let world = world::World::new(events, registries, outbox.clone(), pending, log, parent);
    let code = world.run(&inbox);
    outbox.finish();
    code
}
