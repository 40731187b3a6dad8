//! One HTTP request to a registry: who may speak when, redirects, retries, bounds.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pacto_core::fact::{RegistryCode, RegistryFailure};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Body, Method, Response, StatusCode, Url};
use tokio::sync::Semaphore;

use super::auth::{Challenge, Tokens, basic, challenge, fetch_token};
use super::body::read_limited;
use super::connections::Connections;
use super::credentials::{Credential, Credentials};
use super::failure::{
    API_VERSION, Asked, TlsProblem, is_web_page, no_registry, of_error, of_status, tls_problem,
};
use super::host::{Host, domain, is_private};
use super::retry::Retry;
use super::{Access, OnProgress, Progress, Trust};

const MAX_ERROR_BODY: u64 = 64 << 10;
const MAX_REDIRECTS: usize = 10;
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// How registries are reached.
#[derive(Clone)]
pub struct Options {
    pub trust: Trust,
    /// Requests at the same time, over all hosts.
    pub jobs: usize,
    pub user_agent: String,
    /// How long a connection may stay without a byte.
    pub idle: Duration,
    /// The first wait before a request is repeated; each further one is twice as long.
    pub first_wait: Duration,
    pub on_progress: Option<OnProgress>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            trust: Trust::default(),
            jobs: 16,
            user_agent: format!(
                "pacto/{} ({}; {})",
                env!("CARGO_PKG_VERSION"),
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
            idle: Duration::from_secs(30),
            first_wait: FIRST_WAIT,
            on_progress: None,
        }
    }
}

/// A request to a repository.
pub struct Request<'a> {
    pub method: Method,
    /// From `/v2/` on, or a whole address.
    pub target: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Bytes>,
    /// What progress of the body is called.
    pub progress: Option<String>,
    /// Repository path; empty for the registry as a whole.
    pub path: &'a str,
    pub access: Access,
    pub reference: &'a str,
    pub what: &'a str,
    /// Whether it may be repeated.
    pub is_repeatable: bool,
}

impl<'a> Request<'a> {
    pub fn new(
        method: Method,
        target: String,
        path: &'a str,
        reference: &'a str,
        what: &'a str,
    ) -> Self {
        Request {
            method,
            target,
            headers: Vec::new(),
            body: None,
            progress: None,
            path,
            access: Access::Pull,
            reference,
            what,
            is_repeatable: true,
        }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn push(mut self, body: Option<Bytes>) -> Self {
        self.access = Access::Push;
        self.body = body;
        self
    }
}

/// Sends requests to registries.
pub struct Transport {
    connections: Connections,
    options: Options,
    credentials: Credentials,
    /// By name and scope of credentials.
    hosts: Mutex<HashMap<(String, String), Arc<Host>>>,
    tokens: Tokens,
    jobs: Arc<Semaphore>,
    requests: AtomicU64,
    received: AtomicU64,
}

impl Transport {
    /// # Errors
    /// A certificate file that cannot be read.
    pub fn new(options: Options, credentials: Credentials) -> Result<Transport, RegistryFailure> {
        let connections =
            Connections::new(&options.user_agent, options.idle, &options.trust.ca_files)?;
        Ok(Transport {
            connections,
            jobs: Arc::new(Semaphore::new(options.jobs.max(1))),
            options,
            credentials,
            hosts: Mutex::default(),
            tokens: Tokens::default(),
            requests: AtomicU64::new(0),
            received: AtomicU64::new(0),
        })
    }

    /// The same connections, for other credentials.
    pub fn with_credentials(&self, credentials: Credentials) -> Transport {
        Transport {
            connections: self.connections.clone(),
            jobs: Arc::clone(&self.jobs),
            options: self.options.clone(),
            credentials,
            hosts: Mutex::default(),
            tokens: Tokens::default(),
            requests: AtomicU64::new(0),
            received: AtomicU64::new(0),
        }
    }

    /// Requests that were sent, and bytes of bodies that were received.
    pub fn counters(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }

    pub fn count_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub fn on_progress(&self) -> Option<&OnProgress> {
        self.options.on_progress.as_ref()
    }

    /// What is known of a host as far as the repository `path` goes.
    pub fn host(&self, name: &str, path: &str) -> Arc<Host> {
        let scope = self.credentials.scope(name, path);
        let mut hosts = self.hosts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let host = hosts.entry((name.to_owned(), scope.clone()));
        Arc::clone(host.or_insert_with(|| Arc::new(Host::new(name, &scope))))
    }

    /// Sends a request until it is answered for good. Returns every answer but 401, 429 and 5xx.
    ///
    /// # Errors
    /// What is left after the retries.
    pub async fn send(
        &self,
        host: &str,
        request: &Request<'_>,
    ) -> Result<Response, RegistryFailure> {
        let host = self.host(host, request.path);
        if let Some(failure) = host.breaker() {
            return Err(failure);
        }
        let mut retry = Retry::new(self.options.first_wait);
        loop {
            let (failure, asked) = match self.attempt(&host, request).await {
                Outcome::Answer(response) => {
                    host.note(None);
                    return Ok(response);
                }
                Outcome::Final(failure) => return Err(failure),
                Outcome::Transient(failure, asked) => (failure, asked),
            };
            if !(request.is_repeatable && retry.again(&host, &failure.message, asked).await) {
                host.note(Some(&failure));
                return Err(failure);
            }
        }
    }

    async fn attempt(&self, host: &Host, request: &Request<'_>) -> Outcome {
        let _job = self.jobs.acquire().await;
        let _permit = host.permits.acquire().await;
        let _alone = match host.is_limited.load(Ordering::Relaxed) {
            true => Some(host.serial.lock().await),
            false => None,
        };
        match self.authorised(host, request).await {
            Ok(response) => self.judge(host, request, response).await,
            Err(error) => error,
        }
    }

    /// What an answer means for the next attempt.
    async fn judge(&self, host: &Host, request: &Request<'_>, response: Response) -> Outcome {
        let status = response.status();
        if status == StatusCode::OK && is_web_page(response.headers()) {
            return Outcome::Final(no_registry(&host.name, status, "with a web page"));
        }
        if status != StatusCode::UNAUTHORIZED && !is_transient(status) {
            return Outcome::Answer(response);
        }
        let retry_after = retry_after(response.headers());
        let source = self.source(host);
        let asked = asked(host, request, source.as_deref());
        let body = read_limited(response, MAX_ERROR_BODY).await.unwrap_or_default();
        let failure = of_status(&asked, status, &body, retry_after.map(|wait| wait.as_secs()));
        if status == StatusCode::TOO_MANY_REQUESTS {
            host.is_limited.store(true, Ordering::Relaxed);
        }
        match is_transient(status) {
            true => Outcome::Transient(failure, retry_after),
            false => Outcome::Final(failure),
        }
    }

    fn source(&self, host: &Host) -> Option<String> {
        if host.is_anonymous.load(Ordering::Relaxed) {
            return None;
        }
        let found = host.credential.get()?.as_ref()?;
        Some(
            self.credentials
                .source_of(&host.name, &host.scope)
                .unwrap_or_else(|| found.kind().to_owned()),
        )
    }

    /// Sends a request, answering the challenge that comes back.
    async fn authorised(&self, host: &Host, request: &Request<'_>) -> Result<Response, Outcome> {
        let key = (host.name.clone(), request.path.to_owned(), request.access);
        let mut authorization = self.tokens.get(&key).map(|token| format!("Bearer {token}"));
        let had_token = authorization.is_some();
        if host.wants_basic.load(Ordering::Relaxed)
            && let Some(Credential::Basic { user, password }) =
                host.credential.get().and_then(Option::as_ref)
        {
            authorization = Some(basic(user, password));
        }
        let response = self.follow(host, request, authorization.as_deref()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        if had_token {
            self.tokens.forget(&key);
        }
        let Some(challenge) = challenge(response.headers()) else { return Ok(response) };
        host.has_challenged.store(true, Ordering::Relaxed);
        drop(response);
        let credential = self.credential(host).await;
        let is_anonymous = host.is_anonymous.load(Ordering::Relaxed);
        let credential = credential.filter(|_| !is_anonymous);
        let first = self.answer(host, request, &challenge, credential.as_ref()).await;
        authorization = match first {
            Ok(Some(authorization)) => Some(authorization),
            Ok(None) => return Err(Outcome::Final(self.refused(host, request))),
            Err(failure) => {
                let may_be_public = credential.is_some() && request.access == Access::Pull;
                let was_refused = failure.code == RegistryCode::AuthRequired;
                if !(may_be_public && was_refused) {
                    return Err(transient_or_final(failure));
                }
                None
            }
        };
        if let Some(authorization) = &authorization {
            let response = self.follow(host, request, Some(authorization)).await?;
            let is_refused = response.status() == StatusCode::UNAUTHORIZED;
            if !(is_refused && credential.is_some() && request.access == Access::Pull) {
                return Ok(response);
            }
            self.tokens.forget(&key);
        }
        self.anonymously(host, request, &challenge).await
    }

    /// Stored credentials were refused on a read: one attempt without.
    async fn anonymously(
        &self,
        host: &Host,
        request: &Request<'_>,
        challenge: &Challenge,
    ) -> Result<Response, Outcome> {
        let refused = || Outcome::Final(self.refused(host, request));
        let Ok(Some(authorization)) = self.answer(host, request, challenge, None).await else {
            return Err(refused());
        };
        let response = self.follow(host, request, Some(&authorization)).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            || response.status() == StatusCode::FORBIDDEN
        {
            return Err(refused());
        }
        let source = self.source(host).unwrap_or_default();
        if !host.is_anonymous.swap(true, Ordering::Relaxed) {
            tracing::warn!(target: "pacto", "{} refused the credentials from {source}; reading without them", host.name);
        }
        Ok(response)
    }

    fn refused(&self, host: &Host, request: &Request<'_>) -> RegistryFailure {
        let source = self.source(host);
        of_status(&asked(host, request, source.as_deref()), StatusCode::UNAUTHORIZED, b"", None)
    }

    /// The `Authorization` that answers a challenge; none where there is nothing to answer with.
    async fn answer(
        &self,
        host: &Host,
        request: &Request<'_>,
        challenge: &Challenge,
        credential: Option<&Credential>,
    ) -> Result<Option<String>, RegistryFailure> {
        if let Some(Credential::Bearer(token)) = credential {
            return Ok(Some(format!("Bearer {token}")));
        }
        match (challenge, credential) {
            (Challenge::Basic, Some(Credential::Basic { user, password })) => {
                host.wants_basic.store(true, Ordering::Relaxed);
                Ok(Some(basic(user, password)))
            }
            (Challenge::Basic, _) => Ok(None),
            (Challenge::Bearer { realm, service, scope }, credential) => {
                let scope = match request.path {
                    "" => scope.clone().unwrap_or_default(),
                    path => format!("repository:{path}:{}", request.access.actions()),
                };
                let source = self.source(host);
                let asked = asked(host, request, source.as_deref());
                let realm = (realm.as_str(), service.as_deref());
                let token =
                    fetch_token(&self.connections, host, &asked, realm, &scope, credential).await?;
                let authorization = format!("Bearer {}", token.text());
                let key = (host.name.clone(), request.path.to_owned(), request.access);
                self.tokens.set(key, token);
                Ok(Some(authorization))
            }
        }
    }

    async fn credential(&self, host: &Host) -> Option<Credential> {
        let credentials = self.credentials.clone();
        let (name, scope) = (host.name.clone(), host.scope.clone());
        let found = host.credential.get_or_init(|| async {
            let found = tokio::task::spawn_blocking(move || credentials.find(&name, &scope)).await;
            found.unwrap_or_default()
        });
        found.await.clone()
    }

    /// Sends a request and follows its redirects.
    async fn follow(
        &self,
        host: &Host,
        request: &Request<'_>,
        authorization: Option<&str>,
    ) -> Result<Response, Outcome> {
        let (scheme, mut first) = self.scheme(host, request, authorization).await?;
        let mut url = self.address(host, scheme, request)?;
        let origin = origin(&url);
        // An upload may go to another host, which gets no credentials.
        let home = format!("{scheme}://{}", host.authority());
        let own = Url::parse(&home).map(|url| self::origin(&url)).unwrap_or_default();
        let mut is_own_host = origin == own;
        for _ in 0..=MAX_REDIRECTS {
            let sent = authorization.filter(|_| is_own_host);
            let response = match first.take() {
                Some(response) => response,
                None => self.once(host, request, url.clone(), sent).await?,
            };
            let is_redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            if !is_redirect {
                return Ok(response);
            }
            let next = self.redirect(host, &url, response.headers())?;
            is_own_host = is_own_host && self::origin(&next) == self::origin(&url);
            url = next;
        }
        let message = format!("registry {} redirects more than {MAX_REDIRECTS} times", host.name);
        Err(Outcome::Final(RegistryFailure::new(RegistryCode::Registry, message)))
    }

    fn address(
        &self,
        host: &Host,
        scheme: &str,
        request: &Request<'_>,
    ) -> Result<Url, RegistryFailure> {
        let text = match request.target.starts_with('/') {
            true => format!("{scheme}://{}{}", host.authority(), request.target),
            false => request.target.clone(),
        };
        Url::parse(&text).map_err(|error| {
            let message = format!("registry {} names a malformed address: {error}", host.name);
            RegistryFailure::new(RegistryCode::Registry, message)
        })
    }

    fn redirect(
        &self,
        host: &Host,
        from: &Url,
        headers: &HeaderMap,
    ) -> Result<Url, RegistryFailure> {
        let refuse = |why: &str| {
            let message = format!("registry {} redirects {why}; not followed", host.name);
            RegistryFailure::new(RegistryCode::Registry, message)
        };
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let next = location.and_then(|location| from.join(location).ok());
        let next = next.ok_or_else(|| refuse("to nowhere"))?;
        check_hop(from, &next).map_err(refuse)?;
        Ok(next)
    }

    async fn once(
        &self,
        host: &Host,
        request: &Request<'_>,
        url: Url,
        authorization: Option<&str>,
    ) -> Result<Response, Outcome> {
        let sent = self.sent(request, url, authorization).await?;
        sent.map_err(|error| self.broken(host, request, &error))
    }

    /// The answer to one request to one address.
    async fn sent(
        &self,
        request: &Request<'_>,
        url: Url,
        authorization: Option<&str>,
    ) -> Result<Result<Response, reqwest::Error>, Outcome> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let client = self.connections.client(url.scheme())?;
        let mut builder = client.request(request.method.clone(), url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(authorization) = authorization {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_LENGTH, body.len()).body(self.body(request, body));
        }
        let result = builder.send().await;
        match &result {
            Ok(response) => {
                tracing::debug!(target: "pacto", "{} {}{} → {}", request.method, origin(&url), url.path(), response.status().as_u16());
                tracing::trace!(target: "pacto", "{:?}", Redacted(response.headers()));
            }
            Err(error) => {
                tracing::debug!(target: "pacto", "{} {}{} → {error}", request.method, origin(&url), url.path())
            }
        }
        Ok(result)
    }

    /// The body of an upload, in pieces that tell how far it is.
    fn body(&self, request: &Request<'_>, body: &Bytes) -> Body {
        const PIECE: usize = 256 << 10;
        let (Some(what), Some(tell)) = (&request.progress, &self.options.on_progress) else {
            return Body::from(body.clone());
        };
        let (what, tell, total) = (what.clone(), Arc::clone(tell), body.len());
        let whole = body.clone();
        let pieces = (0..total.div_ceil(PIECE)).map(move |i| {
            let end = ((i + 1) * PIECE).min(total);
            tell(Progress::Bytes { what: what.clone(), done: end as u64, total: total as u64 });
            Ok::<Bytes, std::io::Error>(whole.slice(i * PIECE..end))
        });
        Body::wrap_stream(futures_util::stream::iter(pieces))
    }

    fn broken(&self, host: &Host, request: &Request<'_>, error: &reqwest::Error) -> Outcome {
        let source = self.source(host);
        transient_or_final(of_error(&asked(host, request, source.as_deref()), error))
    }

    /// The scheme of a host. Where both are allowed, the first request finds it out, and its answer
    /// comes with it: https before http, but on loopback http before https, which needs no
    /// certificates.
    async fn scheme(
        &self,
        host: &Host,
        request: &Request<'_>,
        authorization: Option<&str>,
    ) -> Result<(&'static str, Option<Response>), Outcome> {
        if let Some(known) = host.scheme.get() {
            return Ok((known, None));
        }
        let may_be_plain =
            host.is_loopback() || self.options.trust.insecure_hosts.contains(&host.name);
        if !may_be_plain {
            let _ = host.scheme.set("https");
            return Ok(("https", None));
        }
        let order = if host.is_loopback() { ["http", "https"] } else { ["https", "http"] };
        let first = self.try_scheme(host, order[0], request, authorization).await?;
        let (scheme, answer) = match first {
            Tried::Speaks(answer) => (order[0], answer),
            Tried::Other(failed) => {
                match self.try_scheme(host, order[1], request, authorization).await? {
                    Tried::Speaks(answer) => (order[1], answer),
                    Tried::Other(None) => (order[1], None),
                    Tried::Other(Some(second)) => return Err(failed.unwrap_or(second)),
                }
            }
        };
        let _ = host.scheme.set(scheme);
        Ok((scheme, answer))
    }

    /// Sends a request in one scheme to a host that may speak the other.
    async fn try_scheme(
        &self,
        host: &Host,
        scheme: &'static str,
        request: &Request<'_>,
        authorization: Option<&str>,
    ) -> Result<Tried, Outcome> {
        let url = self.address(host, scheme, request)?;
        // What is not a path leads elsewhere, where the scheme is known.
        if !request.target.starts_with('/') {
            return Ok(Tried::Speaks(None));
        }
        match self.sent(request, url, authorization).await? {
            // So a server answers that wants TLS.
            Ok(answer)
                if scheme == "http"
                    && answer.status() == StatusCode::BAD_REQUEST
                    && !answer.headers().contains_key(API_VERSION) =>
            {
                Ok(Tried::Other(None))
            }
            Ok(answer) => Ok(Tried::Speaks(Some(answer))),
            Err(error) => match tls_problem(&error) {
                Some(TlsProblem::Untrusted { .. }) => {
                    let _ = host.scheme.set("https");
                    Err(self.broken(host, request, &error))
                }
                // A server without TLS may as well hang up on a handshake, and one with TLS on the rest.
                Some(TlsProblem::NoTls) => Ok(Tried::Other(None)),
                None if !is_refused(&error) => {
                    Ok(Tried::Other(Some(self.broken(host, request, &error))))
                }
                None => Err(self.broken(host, request, &error)),
            },
        }
    }
}

/// What a request in one of two schemes came to.
enum Tried {
    /// The host speaks it.
    Speaks(Option<Response>),
    /// It seems to speak the other one.
    Other(Option<Outcome>),
}

fn is_refused(error: &reqwest::Error) -> bool {
    let cause = super::failure::root_cause(error);
    error.is_timeout() || cause.contains("refused") || cause.contains("lookup")
}

/// Whether a redirect from one address to another may be followed.
fn check_hop(from: &Url, next: &Url) -> Result<(), &'static str> {
    if !matches!(next.scheme(), "https" | "http")
        || from.scheme() == "https" && next.scheme() != "https"
    {
        return Err("away from TLS");
    }
    let target = next.host_str().unwrap_or("");
    let is_literal = target.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_public = !is_private(domain(from.host_str().unwrap_or("")));
    if is_public && is_literal && is_private(target) {
        return Err("to a private address");
    }
    Ok(())
}

fn asked<'a>(host: &'a Host, request: &'a Request<'_>, credentials: Option<&'a str>) -> Asked<'a> {
    Asked {
        host: &host.name,
        reference: request.reference,
        what: request.what,
        credentials,
        is_write: request.access == Access::Push,
    }
}

/// How an attempt ended.
enum Outcome {
    Answer(Response),
    Final(RegistryFailure),
    /// Worth another attempt, after the wait that the registry asks for.
    Transient(RegistryFailure, Option<Duration>),
}

impl From<RegistryFailure> for Outcome {
    fn from(failure: RegistryFailure) -> Outcome {
        Outcome::Final(failure)
    }
}

fn transient_or_final(failure: RegistryFailure) -> Outcome {
    match failure.code {
        RegistryCode::Unreachable | RegistryCode::Timeout => Outcome::Transient(failure, None),
        _ => Outcome::Final(failure),
    }
}

fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// The wait that `Retry-After` asks for, as seconds or as a date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// Scheme, host and port.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Headers for a log, without what authorises.
struct Redacted<'h>(&'h HeaderMap);

impl std::fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_secret = |name: &str| matches!(name, "authorization" | "set-cookie" | "location");
        let shown = self.0.iter().map(|(name, value)| {
            (
                name.as_str(),
                if is_secret(name.as_str()) { "…" } else { value.to_str().unwrap_or("…") },
            )
        });
        f.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_safe() {
        let hop =
            |from: &str, to: &str| check_hop(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
        assert!(hop("https://ghcr.io/v2/", "https://blobs.example/x").is_ok());
        assert!(hop("https://ghcr.io/v2/", "http://ghcr.io/x").is_err());
        assert!(hop("https://ghcr.io/v2/", "https://169.254.169.254/x").is_err());
        assert!(hop("https://ghcr.io/v2/", "https://[::1]/x").is_err());
        assert!(hop("http://localhost:5000/v2/", "http://127.0.0.1:5001/x").is_ok());
        assert!(hop("https://ghcr.io/v2/", "file:///etc/passwd").is_err());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
    }
}
