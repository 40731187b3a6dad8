//! Challenges and tokens (distribution specification, "Token Authentication").

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pacto_core::fact::{RegistryCode, RegistryFailure};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;

use super::Access;
use super::body::read_limited;
use super::connections::Connections;
use super::credentials::Credential;
use super::failure::{Asked, of_error, of_status};
use super::host::{Host, is_private};

/// How a registry wants to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
    Basic,
}

/// The challenge to answer: Bearer before Basic, whichever order the headers have.
pub fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let mut basic = None;
    for text in texts {
        let Ok(challenges) = http_auth::parse_challenges(text) else { continue };
        for challenge in challenges {
            let param = |name: &str| {
                let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.to_unescaped())
            };
            if challenge.scheme.eq_ignore_ascii_case("bearer") {
                let Some(realm) = param("realm") else { continue };
                return Some(Challenge::Bearer {
                    realm,
                    service: param("service"),
                    scope: param("scope"),
                });
            }
            if challenge.scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Challenge::Basic);
            }
        }
    }
    basic
}

/// Tokens in memory, by host, repository and access, until shortly before they expire.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<Key, (String, Instant)>>);

type Key = (String, String, Access);

/// Upper bound on an answer of a token service.
const MAX_TOKEN_BODY: u64 = 64 << 10;
/// So long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(10);
const DEFAULT_LIFE: u64 = 60;

impl Tokens {
    pub fn get(&self, key: &Key) -> Option<String> {
        let tokens = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (token, end) = tokens.get(key)?;
        (Instant::now() < *end).then(|| token.clone())
    }

    pub fn set(&self, key: Key, token: Token) {
        let life =
            Duration::from_secs(token.expires_in.unwrap_or(DEFAULT_LIFE).clamp(1, 24 * 3600));
        let end = Instant::now() + life.saturating_sub(MARGIN).max(Duration::from_secs(1));
        let mut tokens = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        tokens.insert(key, (token.text().to_owned(), end));
    }

    pub fn forget(&self, key: &Key) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).remove(key);
    }
}

/// What a token service answers.
#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl Token {
    pub fn text(&self) -> &str {
        self.token.as_deref().or(self.access_token.as_deref()).unwrap_or("")
    }
}

pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// Asks the token service that a challenge names.
///
/// # Errors
/// `AUTH_REQUIRED` when it refuses; `REGISTRY_ERROR` for a realm that must not be asked.
pub async fn fetch_token(
    connections: &Connections,
    host: &Host,
    asked: &Asked<'_>,
    (realm, service): (&str, Option<&str>),
    scope: &str,
    credential: Option<&Credential>,
) -> Result<Token, RegistryFailure> {
    let url = checked_realm(host, realm)?;
    let http = connections.client(url.scheme())?;
    tracing::debug!(target: "pacto", "token: {} for {scope}", url.host_str().unwrap_or(""));
    if let Some(Credential::IdentityToken(identity)) = credential {
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", identity.as_str()),
            ("client_id", "pacto"),
            ("scope", scope),
        ];
        form.extend(service.map(|service| ("service", service)));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = http
            .request(Method::POST, url.clone())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        let (status, body) = ask(request, asked).await?;
        if !matches!(status.as_u16(), 404 | 405) {
            return parse(asked, status, &body);
        }
    }
    let mut url = url;
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = service {
            query.append_pair("service", service);
        }
        query.append_pair("scope", scope);
    }
    let mut request = http.request(Method::GET, url);
    if let Some(Credential::Basic { user, password }) = credential {
        request = request.header("Authorization", basic(user, password));
    }
    let (status, body) = ask(request, asked).await?;
    parse(asked, status, &body)
}

/// https, or http for a registry that is itself plain; a private address only where it is the
/// registry's own host.
fn checked_realm(host: &Host, realm: &str) -> Result<Url, RegistryFailure> {
    let refuse = |why: &str| {
        let message =
            format!("registry {} names a token service that is not asked: {why}", host.name);
        RegistryFailure::new(RegistryCode::Registry, message)
    };
    let url = Url::parse(realm).map_err(|_| refuse("its address is malformed"))?;
    let is_plain = host.scheme.get() == Some(&"http");
    match url.scheme() {
        "https" => {}
        "http" if is_plain => {}
        _ => return Err(refuse("it does not speak TLS")),
    }
    let target = url.host_str().unwrap_or("").trim_matches(['[', ']']);
    if is_private(target) && target != host.domain() {
        return Err(refuse("it lies at a private address"));
    }
    Ok(url)
}

async fn ask(
    request: reqwest::RequestBuilder,
    asked: &Asked<'_>,
) -> Result<(StatusCode, Vec<u8>), RegistryFailure> {
    let asked = Asked { what: "the token", ..asked.clone() };
    let response = request.send().await.map_err(|error| of_error(&asked, &error))?;
    let status = response.status();
    let body =
        read_limited(response, MAX_TOKEN_BODY).await.map_err(|error| error.into_failure(&asked))?;
    Ok((status, body))
}

fn parse(asked: &Asked<'_>, status: StatusCode, body: &[u8]) -> Result<Token, RegistryFailure> {
    if matches!(status.as_u16(), 400 | 401 | 403) {
        return Err(of_status(asked, StatusCode::UNAUTHORIZED, body, None));
    }
    if !status.is_success() {
        return Err(of_status(asked, status, body, None));
    }
    let token: Option<Token> = serde_json::from_slice(body).ok();
    token.filter(|token| !token.text().is_empty()).ok_or_else(|| {
        let message = format!("registry {} answered 200: its token is malformed", asked.host);
        RegistryFailure::new(RegistryCode::Registry, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_comes_before_basic() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, "Basic realm=\"x\"".parse().unwrap());
        headers.append(
            WWW_AUTHENTICATE,
            "Bearer realm=\"https://auth.example/token\",service=\"r\",scope=\"repository:a:pull\""
                .parse()
                .unwrap(),
        );
        let Some(Challenge::Bearer { realm, service, .. }) = challenge(&headers) else { panic!() };
        assert_eq!((realm.as_str(), service.as_deref()), ("https://auth.example/token", Some("r")));
    }

    #[test]
    fn realms_must_not_lead_to_private_networks() {
        let host = Host::new("ghcr.io", "");
        assert!(checked_realm(&host, "https://ghcr.io/token").is_ok());
        for realm in [
            "http://ghcr.io/token",
            "https://127.0.0.1/t",
            "https://[fd00::1]/t",
            "file:///etc",
            "x",
        ] {
            assert!(checked_realm(&host, realm).is_err(), "{realm}");
        }
        let own = Host::new("10.0.0.5:5000", "");
        assert!(checked_realm(&own, "https://10.0.0.5:5001/t").is_ok());
        assert!(checked_realm(&own, "https://10.0.0.6/t").is_err());
    }
}
