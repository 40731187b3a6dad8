//! Status codes, error bodies and connection errors → the failures that people see (5-oci,
//! "Errors").

use std::error::Error;
use std::io;

use pacto_core::fact::{RegistryCode, RegistryFailure};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Deserialize;

/// Says of an answer that it is a registry's (distribution specification 1.0, "API Version Check").
pub const API_VERSION: &str = "Docker-Distribution-Api-Version";
/// The digest of what an answer is about.
pub const CONTENT_DIGEST: &str = "Docker-Content-Digest";

/// The error body of a registry (distribution specification 1.1, "Error Codes").
#[derive(Debug, Default, Deserialize)]
pub struct Envelope {
    #[serde(default)]
    pub errors: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Entry {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub message: String,
}

impl Envelope {
    pub fn parse(body: &[u8]) -> Envelope {
        serde_json::from_slice(body).unwrap_or_default()
    }

    pub fn has(&self, code: &str) -> bool {
        self.errors.iter().any(|entry| entry.code.eq_ignore_ascii_case(code))
    }

    /// The registry's words, cut to a line.
    fn words(&self, status: StatusCode) -> String {
        let first = self.errors.first();
        let text = first.map(|e| if e.message.is_empty() { &e.code } else { &e.message });
        let text = text.filter(|text| !text.is_empty()).cloned();
        let text =
            text.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason").to_lowercase());
        text.lines().next().unwrap_or("").chars().take(200).collect()
    }
}

/// What was asked, for messages.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub host: &'a str,
    /// `host/path:tag`, without scheme.
    pub reference: &'a str,
    /// What was being read or written.
    pub what: &'a str,
    /// The source of the credentials that were used.
    pub credentials: Option<&'a str>,
    pub is_write: bool,
}

/// The failure that an answer other than 2xx means. `wait` is what `Retry-After` asks for, in
/// seconds.
pub fn of_status(
    asked: &Asked<'_>,
    status: StatusCode,
    body: &[u8],
    wait: Option<u64>,
) -> RegistryFailure {
    let envelope = Envelope::parse(body);
    let words = envelope.words(status);
    let Asked { host, reference, .. } = asked;
    match status.as_u16() {
        401 => auth_required(asked, &words),
        403 => forbidden(asked, &words),
        404 if asked.is_write => RegistryFailure::new(
            RegistryCode::NotFound,
            format!("repository not found: {reference}"),
        )
        .hint(create_hint(host, reference)),
        404 => not_found(asked),
        429 => rate_limited(host, wait),
        _ if envelope.has("MANIFEST_INVALID")
            || envelope.has("UNSUPPORTED")
            || matches!(status.as_u16(), 405 | 415) =>
        {
            let failure = RegistryFailure::new(
                RegistryCode::Unsupported,
                format!("{host} does not support {}: {words}", asked.what),
            );
            match asked.is_write {
                true => {
                    failure.hint("try --image-compat, which writes the layout of a container image")
                }
                false => failure.hint("name a tag"),
            }
        }
        number => RegistryFailure::new(
            RegistryCode::Registry,
            format!("registry {host} answered {number}: {words}"),
        ),
    }
}

/// The failure that an answer means which the distribution specification does not know: `found`
/// says what came instead.
pub fn no_registry(host: &str, status: StatusCode, found: &str) -> RegistryFailure {
    let message = format!("{host} answered {} {found}", status.as_u16());
    RegistryFailure::new(RegistryCode::Registry, message).hint(format!(
        "check whether {host} is a registry, and whether a proxy or a login page stands before it"
    ))
}

/// Whether an answer is a web page, and nothing in its headers is a registry's. Some registries call
/// their empty answers HTML.
pub fn is_web_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_html = ["text/html", "application/xhtml"].iter().any(|html| kind.starts_with(html));
    is_html && !headers.contains_key(API_VERSION) && !headers.contains_key(CONTENT_DIGEST)
}

fn not_found(asked: &Asked<'_>) -> RegistryFailure {
    let failure = RegistryFailure::new(
        RegistryCode::NotFound,
        format!("artifact not found: {}", asked.reference),
    );
    match asked.credentials {
        Some(_) => failure,
        None => {
            failure.hint(format!("private repositories answer so too: pacto login {}", asked.host))
        }
    }
}

fn create_hint(host: &str, reference: &str) -> String {
    let name = reference.split_once('/').map_or(reference, |(_, rest)| rest);
    let name = name.split([':', '@']).next().unwrap_or(name);
    match host.contains(".dkr.ecr.") {
        true => format!("create it: aws ecr create-repository --repository-name {name}"),
        false => format!("{host} does not create repositories on push; create {name} there first"),
    }
}

fn auth_required(asked: &Asked<'_>, words: &str) -> RegistryFailure {
    let host = asked.host;
    let mut hint = format!("run `pacto login {host}` or check PACTO_REGISTRY_TOKEN");
    match asked.credentials {
        Some(source) => hint.push_str(&format!("; refused were the credentials from {source}")),
        None => hint.push_str(&format!("; or it does not exist, {host} answers alike")),
    }
    RegistryFailure::new(
        RegistryCode::AuthRequired,
        format!("authentication failed for {}: {words}", asked.reference),
    )
    .hint(hint)
}

fn forbidden(asked: &Asked<'_>, words: &str) -> RegistryFailure {
    let right = if asked.is_write { "write" } else { "read" };
    let hint = match asked.host {
        "ghcr.io" if asked.is_write => {
            "the token needs `write:packages`, and the package's settings must admit it".to_owned()
        }
        _ => format!("the account needs the right to {right} there"),
    };
    RegistryFailure::new(
        RegistryCode::Forbidden,
        format!("access denied to {}: {words}", asked.reference),
    )
    .hint(hint)
}

pub fn rate_limited(host: &str, wait: Option<u64>) -> RegistryFailure {
    let time = match wait {
        Some(seconds) if seconds >= 120 => format!("{} minutes", seconds.div_ceil(60)),
        Some(seconds) => format!("{seconds} s"),
        None => "a while".to_owned(),
    };
    let failure = RegistryFailure::new(
        RegistryCode::RateLimited,
        format!("rate limited by {host}, try again in {time}"),
    );
    match host {
        "docker.io" => failure.hint("log in for a higher limit: pacto login docker.io"),
        _ => failure,
    }
}

/// The failure that a broken connection means.
pub fn of_error(asked: &Asked<'_>, error: &reqwest::Error) -> RegistryFailure {
    let Asked { host, reference, what, .. } = asked;
    match tls_problem(error) {
        Some(TlsProblem::NoTls) => return plain_http(host),
        Some(TlsProblem::Untrusted { cause, hint }) => {
            let message = format!("cannot trust {host}: {cause}");
            return RegistryFailure::new(RegistryCode::Tls, message).hint(hint);
        }
        None => {}
    }
    if error.is_timeout() && !error.is_connect() {
        let message = format!("registry {host} stopped answering while reading {what}");
        return RegistryFailure::new(RegistryCode::Timeout, message);
    }
    unreachable(reference, &root_cause(error))
}

pub fn unreachable(reference: &str, cause: &str) -> RegistryFailure {
    RegistryFailure::new(
        RegistryCode::Unreachable,
        format!("registry unreachable for {reference}: {cause}"),
    )
    .hint("check the network and the proxy variables; --offline works from the cache")
}

pub fn plain_http(host: &str) -> RegistryFailure {
    RegistryFailure::new(RegistryCode::PlainHttp, format!("{host} does not speak TLS"))
        .hint(format!("if that is meant so: --insecure-registry {host}"))
}

pub enum TlsProblem {
    /// The other side answered, and not in TLS.
    NoTls,
    Untrusted {
        cause: String,
        /// What to do about it.
        hint: &'static str,
    },
}

/// What went wrong in a TLS handshake, if that is what went wrong.
pub fn tls_problem(error: &reqwest::Error) -> Option<TlsProblem> {
    match tls_error(error.source()?)? {
        rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. } => {
            Some(TlsProblem::NoTls)
        }
        tls => Some(TlsProblem::Untrusted { cause: tls.to_string(), hint: certificate_hint(tls) }),
    }
}

/// What helps against a certificate: another authority does not where its names or dates are wrong.
fn certificate_hint(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError as Wrong;
    match error {
        rustls::Error::InvalidCertificate(
            Wrong::NotValidForName | Wrong::NotValidForNameContext { .. },
        ) => "its certificate is for other names: name the registry as its certificate does",
        rustls::Error::InvalidCertificate(
            Wrong::Expired
            | Wrong::ExpiredContext { .. }
            | Wrong::NotValidYet
            | Wrong::NotValidYetContext { .. },
        ) => "its certificate is not valid today: renew it there, or set the clock of this machine",
        _ => "name its certificate authority with --ca-file FILE",
    }
}

/// The TLS error among the causes; I/O errors carry theirs inside, not as their source.
fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error
        .downcast_ref::<rustls::Error>()
        .or_else(|| inside.and_then(|inner| tls_error(inner)))
        .or_else(|| error.source().and_then(tls_error))
}

/// The innermost cause: "connection refused" rather than "error sending request".
pub fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
