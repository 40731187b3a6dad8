//! The server over streamable HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use pacto_edge::session::{Code, Error};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use crate::gate::{self, Gate, Names};
use crate::listen::{Http, Sessions};
use crate::stop::Stop;

/// Sessions that are kept, and for how long without a message.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// How long calls and streams may take to end.
const GRACE: Duration = Duration::from_secs(5);
/// Events of a stream that are kept for clients that come back.
const REPLAYED: usize = 100;

/// Serves clients until the server is asked to stop. `make` makes what answers one session.
///
/// # Errors
/// The address cannot be taken, or is open to others without a token.
pub async fn serve<S: ServerHandler>(
    http: Http,
    stop: Stop,
    make: impl Fn() -> S + Send + Sync + 'static,
) -> Result<(), Error> {
    let address = http.address()?;
    if !address.ip().is_loopback() && http.token.is_none() && !http.is_open {
        let message = format!("--host {}: others can reach this address", http.host);
        return Err(Error::usage(message)
            .hint("give --token-file, or --insecure-no-auth if anyone may call the tools"));
    }
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
        let message = format!("port {} of {} cannot be taken: {error}", http.port, http.host);
        Error::usage(message).hint("name another one with --port, or 0 for a free one")
    })?;
    let bound = listener.local_addr().map_err(|error| Error::io("the address", error))?;
    let names = Names::new(&http, bound)?;
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.keep_alive = Some(IDLE);
    sessions.session_config.channel_capacity = REPLAYED;
    let sessions = Arc::new(sessions);
    let mut config = StreamableHttpServerConfig::default()
        // Ours, in front, answers on every path.
        .disable_allowed_hosts()
        .with_json_response(true)
        .with_legacy_session_mode(http.sessions != Sessions::Stateless);
    config.max_request_body_bytes = crate::envelope::MAX_BYTES;
    let ended = config.cancellation_token.clone();
    let service = StreamableHttpService::new(move || Ok(make()), Arc::clone(&sessions), config);
    let gate = Gate::new(names, http.token, sessions, stop.clone());
    let router = Router::new()
        .route_service(gate::PATH, service)
        .layer(axum::middleware::from_fn_with_state(Arc::new(gate), gate::pass));
    eprintln!("MCP server listening on http://{bound}{}", gate::PATH);
    let stopped = async move {
        stop.asked().await;
        // Calls that run are answered; then streams end.
        stop.idle(GRACE).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        ended.cancel();
    };
    let (done, over) = tokio::sync::oneshot::channel::<()>();
    let graceful = async move {
        stopped.await;
        let _ = done.send(());
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(graceful);
    let at_last = async move {
        let _ = over.await;
        // Connections that clients keep open do not keep us.
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    tokio::select! {
        ended = async { served.await } => ended.map_err(|error| Error::new(Code::Io, error.to_string())),
        () = at_last => Ok(()),
    }
}
