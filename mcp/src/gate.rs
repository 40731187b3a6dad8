//! What is refused before rmcp sees it: foreign hosts and pages, callers without the token, and what
//! is no message.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use pacto_edge::session::Error;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use crate::envelope::{self, MAX_BYTES, Refusal};
use crate::listen::{Http, Token};
use crate::stop::Stop;

/// The one endpoint.
pub const PATH: &str = "/mcp";
const SESSION: &str = "mcp-session-id";
const METHODS: &str = "POST, GET, DELETE, OPTIONS";
/// Sessions at the same time.
const MAX_SESSIONS: usize = 64;
/// Messages that are worked on or wait for it.
const MAX_CALLS: usize = 128;

/// What stands before the endpoint.
pub struct Gate {
    names: Names,
    token: Option<Token>,
    sessions: Arc<LocalSessionManager>,
    stop: Stop,
    calls: AtomicUsize,
}

/// The names by which we may be called, and the pages that may call.
pub struct Names {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Names {
    /// # Errors
    /// An origin that is none.
    pub fn new(http: &Http, bound: SocketAddr) -> Result<Names, Error> {
        let port = bound.port();
        let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()];
        let mut origins: Vec<String> =
            hosts.iter().map(|host| format!("http://{host}:{port}")).collect();
        if !bound.ip().is_unspecified() {
            hosts.push(http.host.to_ascii_lowercase());
        }
        hosts.extend(http.allowed_hosts.iter().map(|host| host.to_ascii_lowercase()));
        for origin in &http.allowed_origins {
            let is_origin = origin.split_once("://").is_some_and(|(scheme, rest)| {
                matches!(scheme, "http" | "https")
                    && !rest.is_empty()
                    && !rest.trim_end_matches('/').contains(['/', '*', '?', '#', '@'])
            });
            if !is_origin {
                return Err(Error::usage(format!("--allowed-origin {origin}: this is no origin"))
                    .hint("write scheme, host and port, such as https://app.example.com"));
            }
            origins.push(origin.trim_end_matches('/').to_ascii_lowercase());
        }
        Ok(Names { hosts, origins })
    }

    /// Whether a request is meant for us: a page can make a browser call us by a name of its own.
    fn is_host(&self, headers: &HeaderMap) -> bool {
        let mut all = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (all.next(), all.next()) else { return false };
        let Ok(host) = host.to_str() else { return false };
        let host = host.to_ascii_lowercase();
        let name = match host.rfind(':') {
            Some(at) if !host[at..].contains(']') => &host[..at],
            _ => &host,
        };
        self.hosts.iter().any(|own| own == name || *own == host)
    }

    /// The page that calls, if any.
    ///
    /// # Errors
    /// It may not.
    fn origin(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, ()> {
        let mut all = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = all.next() else { return Ok(None) };
        let text = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        let is_allowed = self.origins.contains(&text) && all.next().is_none();
        if is_allowed { Ok(Some(origin.clone())) } else { Err(()) }
    }
}

impl Gate {
    pub fn new(
        names: Names,
        token: Option<Token>,
        sessions: Arc<LocalSessionManager>,
        stop: Stop,
    ) -> Gate {
        Gate { names, token, sessions, stop, calls: AtomicUsize::new(0) }
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.split_once(' '));
        given.is_some_and(|(scheme, text)| {
            scheme.eq_ignore_ascii_case("bearer") && token.is(text.trim())
        })
    }

    /// Why a request is refused by its head alone.
    fn refusal(&self, request: &Request) -> Option<Response> {
        let is_page_path = request.uri().path() == PATH;
        if request.uri().path() == "/healthz" && request.method() == Method::GET {
            return Some((StatusCode::OK, "ok").into_response());
        }
        if !is_page_path {
            return Some(text(
                StatusCode::NOT_FOUND,
                "there is nothing here; the endpoint is /mcp",
            ));
        }
        let known = [Method::POST, Method::GET, Method::DELETE];
        if !known.contains(request.method()) {
            let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, "this method is not served");
            refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static(METHODS));
            return Some(refused);
        }
        if !self.is_known(request.headers()) {
            let mut refused = text(StatusCode::UNAUTHORIZED, "a bearer token is needed");
            let scheme = HeaderValue::from_static("Bearer realm=\"pacto\"");
            refused.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            return Some(refused);
        }
        if self.stop.is_asked() {
            return Some(later("the server stops"));
        }
        None
    }
}

/// Counts a message that is worked on.
struct Counted<'g>(&'g AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lets a request pass, or refuses it.
pub async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    if !gate.names.is_host(request.headers()) {
        return text(StatusCode::FORBIDDEN, "this host is not served; see --allowed-host");
    }
    let Ok(origin) = gate.names.origin(request.headers()) else {
        return text(StatusCode::FORBIDDEN, "this origin is not served; see --allowed-origin");
    };
    let mut response = match (&origin, request.method() == Method::OPTIONS) {
        (Some(_), true) if request.uri().path() == PATH => preflight(),
        _ => match gate.refusal(&request) {
            Some(refused) => refused,
            None => answer(&gate, request, next).await,
        },
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static("MCP-Session-Id, MCP-Protocol-Version");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

fn preflight() -> Response {
    let allowed = "content-type, accept, authorization, mcp-session-id, mcp-protocol-version, \
                   mcp-method, mcp-name, last-event-id";
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, allowed),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn answer(gate: &Gate, request: Request, next: Next) -> Response {
    let _running = gate.stop.run();
    if gate.calls.fetch_add(1, Ordering::SeqCst) >= MAX_CALLS {
        gate.calls.fetch_sub(1, Ordering::SeqCst);
        return retry(StatusCode::TOO_MANY_REQUESTS, "too many messages at once", "1");
    }
    let _counted = Counted(&gate.calls);
    match *request.method() {
        Method::POST => post(gate, request, next).await,
        Method::DELETE => delete(gate, request, next).await,
        _ => next.run(request).await,
    }
}

async fn post(gate: &Gate, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let content = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content = content.map(|value| value.split(';').next().unwrap_or_default().trim());
    if !content.is_some_and(|value| value.eq_ignore_ascii_case("application/json")) {
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json");
    }
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let is_long = length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|n| n > MAX_BYTES);
    // The body is limited as it comes, whatever its head says.
    let body = if is_long { None } else { to_bytes(body, MAX_BYTES).await.ok() };
    let Some(body) = body else { return text(StatusCode::PAYLOAD_TOO_LARGE, "over 4 MiB") };
    let message = match envelope::open(&body) {
        Ok(message) => message,
        Err(refusal) => return refused(&refusal),
    };
    if message["method"] == "initialize" {
        // A session that is over is not in the way of a new one.
        parts.headers.remove(SESSION);
        if gate.sessions.sessions.read().await.len() >= MAX_SESSIONS {
            return later("there are 64 sessions already");
        }
    } else if is_unknown(gate, &parts.headers).await {
        return text(StatusCode::NOT_FOUND, "there is no such session; initialize a new one");
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

async fn delete(gate: &Gate, request: Request, next: Next) -> Response {
    if is_unknown(gate, request.headers()).await {
        return text(StatusCode::NOT_FOUND, "there is no such session");
    }
    let response = next.run(request).await;
    match response.status() {
        StatusCode::ACCEPTED => StatusCode::NO_CONTENT.into_response(),
        _ => response,
    }
}

/// Whether a request names a session that is not there.
async fn is_unknown(gate: &Gate, headers: &HeaderMap) -> bool {
    let Some(id) = headers.get(SESSION) else { return false };
    let id = id.to_str().unwrap_or_default();
    let sessions = gate.sessions.sessions.read().await;
    !sessions.keys().any(|own| **own == *id)
}

fn text(status: StatusCode, message: &'static str) -> Response {
    (status, message).into_response()
}

fn retry(status: StatusCode, message: &'static str, seconds: &'static str) -> Response {
    (status, [(header::RETRY_AFTER, seconds)], message).into_response()
}

fn later(message: &'static str) -> Response {
    retry(StatusCode::SERVICE_UNAVAILABLE, message, "30")
}

fn refused(refusal: &Refusal) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::BAD_REQUEST, json, refusal.answer()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::Sessions;

    fn names(origins: &[&str]) -> Result<Names, Error> {
        let http = Http {
            host: "127.0.0.1".into(),
            port: 0,
            allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            allowed_hosts: vec!["Pacto.Example".into()],
            token: None,
            is_open: false,
            sessions: Sessions::Both,
        };
        Names::new(&http, SocketAddr::from(([127, 0, 0, 1], 8585)))
    }

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).expect("a value");
        HeaderMap::from_iter([(name, value)])
    }

    #[test]
    fn only_our_names_are_served() {
        let names = names(&[]).unwrap_or_else(|error| panic!("{error}"));
        let is_host = |value: &str| names.is_host(&with(header::HOST, value));
        for own in ["localhost", "LOCALHOST:1", "127.0.0.1:8585", "[::1]:8585", "pacto.example:443"]
        {
            assert!(is_host(own), "{own}");
        }
        for foreign in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil:8585", "[::2]", ""]
        {
            assert!(!is_host(foreign), "{foreign}");
        }
        assert!(!names.is_host(&HeaderMap::new()));
    }

    #[test]
    fn only_our_pages_may_call() {
        let names = names(&["https://app.example/"]).unwrap_or_else(|error| panic!("{error}"));
        let may = |value: &str| names.origin(&with(header::ORIGIN, value)).is_ok();
        for own in ["http://localhost:8585", "http://[::1]:8585", "https://app.example"] {
            assert!(may(own), "{own}");
        }
        for foreign in
            ["null", "http://localhost", "http://localhost:3000", "http://app.example", "*"]
        {
            assert!(!may(foreign), "{foreign}");
        }
        for none in ["*", "null", "app.example", "https://*.example", "https://a.example/path"] {
            assert!(super::tests::names(&[none]).is_err(), "{none}");
        }
    }
}
