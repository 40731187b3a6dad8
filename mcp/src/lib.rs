//! The server of the Model Context Protocol: assistants ask the engine what the command line asks it.
//!
//! It holds no rule and no comparison. Contracts are found and loaded by `pacto_edge::session`, and
//! answers are the JSON of `pacto_core::report`.

mod answer;
mod arguments;
mod envelope;
mod fields;
mod gate;
mod graph;
mod hash;
mod http;
mod index;
mod judged;
mod listen;
mod page;
mod patch;
mod resources;
mod schema;
mod selection;
mod server;
mod stdio;
mod stop;
mod tool;
mod tools;
mod workspace;
mod write;

use std::sync::Arc;

use pacto_edge::session::{Code, Error};
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use tokio::runtime::Runtime;

pub use listen::{Http, Sessions, Token};
pub use selection::Choice;
pub use workspace::Options;

use server::{CALLS, Server};
use stop::Stop;

/// Calls of all clients that run at the same time.
const ALL_CALLS: usize = 64;

/// Serves one client over stdin and stdout, until stdin ends or a signal comes.
///
/// # Errors
/// A root is not a folder, or the client breaks the protocol before it is introduced.
pub fn serve_stdio(options: Options, choice: &Choice) -> Result<(), Error> {
    let server = server(options, choice)?;
    let stop = Stop::on_signals();
    let runtime = runtime(CALLS)?;
    let (lines, writer) = stdio::Lines::start(stop);
    eprintln!("MCP server running on stdio");
    let ended = runtime.block_on(async {
        match server.serve(lines).await {
            Ok(running) => running.waiting().await.map(drop).map_err(|error| error.to_string()),
            // A client that goes before it said a word has not failed.
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    });
    writer.finish();
    // Calls whose answers nobody waits for end with the process.
    runtime.shutdown_background();
    ended.map_err(|why| Error::new(Code::Io, format!("the client: {why}")))
}

/// Serves clients over streamable HTTP, until a signal comes.
///
/// # Errors
/// A root is not a folder, or the address cannot be taken or is open to others.
pub fn serve_http(options: Options, choice: &Choice, http: Http) -> Result<(), Error> {
    let server = server(options, choice)?.for_sessions(http.sessions);
    let stop = Stop::on_signals();
    let runtime = runtime(ALL_CALLS)?;
    let ended = runtime.block_on(http::serve(http, stop, move || server.for_client()));
    runtime.shutdown_background();
    ended
}

fn server(options: Options, choice: &Choice) -> Result<Server, Error> {
    let selection = selection::Selection::new(choice)?;
    Ok(Server::new(Arc::new(workspace::Workspace::new(options)?), Arc::new(selection)))
}

fn runtime(calls: usize) -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(calls)
        .enable_all()
        .build()
        .map_err(|error| Error::io("the server", error))
}
