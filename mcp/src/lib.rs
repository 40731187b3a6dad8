//! The server of the Model Context Protocol: assistants ask the engine what the command line asks it.
//!
//! It holds no rule and no comparison. Contracts are found and loaded by `pacto_edge::session`, and
//! answers are the JSON of `pacto_core::report`.

mod answer;
mod arguments;
mod fields;
mod graph;
mod hash;
mod index;
mod judged;
mod page;
mod patch;
mod schema;
mod selection;
mod server;
mod tool;
mod tools;
mod workspace;
mod write;

use pacto_edge::session::{Code, Error};
use rmcp::ServiceExt;

pub use selection::Choice;
pub use workspace::Options;

/// Calls that run at the same time; the rest waits.
const CALLS: usize = 16;

/// Serves one client over stdin and stdout, until stdin ends.
///
/// # Errors
/// A root is not a folder, or the client breaks the protocol before it is introduced.
pub fn serve_stdio(options: Options, choice: &Choice) -> Result<(), Error> {
    let selection = selection::Selection::new(choice)?;
    let server = server::Server::new(workspace::Workspace::new(options)?, selection);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        // Stdin and stdout have a thread each.
        .max_blocking_threads(CALLS + 2)
        .enable_all()
        .build()
        .map_err(|error| Error::io("the server", error))?;
    let ended = runtime.block_on(async {
        match server.serve(rmcp::transport::stdio()).await {
            Ok(running) => running.waiting().await.map(drop).map_err(|error| error.to_string()),
            // A client that goes before it said a word has not failed.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    });
    // A read of stdin that is under way cannot be ended.
    runtime.shutdown_background();
    ended.map_err(|why| Error::new(Code::Io, format!("the client: {why}")))
}
