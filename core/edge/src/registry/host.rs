//! What is known of one registry host while the process runs.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pacto_core::contract::reference::DOCKER_HUB;
use pacto_core::fact::RegistryFailure;
use tokio::sync::{OnceCell, Semaphore};

use super::credentials::Credential;

/// Requests at the same time to one host; fewer where the process makes fewer, and one at a time once
/// the host has asked for less.
const PER_HOST: usize = 16;
/// After this many calls in a row that failed in spite of their retries, a host is not asked again
/// for a while.
const BREAKS_AFTER: u32 = 2;
const BREAK: Duration = Duration::from_secs(30);

/// State of one host, as it is shown: `docker.io`, `localhost:5000`.
pub struct Host {
    pub name: String,
    /// The part of its repositories that has credentials of its own; empty for all others.
    pub scope: String,
    pub permits: Semaphore,
    /// Held by each request once the host has asked for less.
    pub serial: tokio::sync::Mutex<()>,
    pub is_limited: AtomicBool,
    /// `https` or `http`.
    pub scheme: OnceCell<&'static str>,
    pub credential: OnceCell<Option<Credential>>,
    /// Whether the stored credentials were refused and anonymous access went through.
    pub is_anonymous: AtomicBool,
    /// Whether user and password were asked for, so that they are sent at once from then on.
    pub wants_basic: AtomicBool,
    /// Whether it has asked for credentials in a way that can be answered.
    pub has_challenged: AtomicBool,
    failures: AtomicU32,
    /// The highest attempt of a request that was said since the host last answered.
    said: AtomicU32,
    broken: Mutex<Option<(Instant, RegistryFailure)>>,
}

impl Host {
    pub fn new(name: &str, scope: &str) -> Host {
        Host {
            name: name.to_owned(),
            scope: scope.to_owned(),
            permits: Semaphore::new(PER_HOST),
            serial: tokio::sync::Mutex::new(()),
            is_limited: AtomicBool::new(false),
            scheme: OnceCell::new(),
            credential: OnceCell::new(),
            is_anonymous: AtomicBool::new(false),
            wants_basic: AtomicBool::new(false),
            has_challenged: AtomicBool::new(false),
            failures: AtomicU32::new(0),
            said: AtomicU32::new(0),
            broken: Mutex::new(None),
        }
    }

    /// Where requests go: Docker Hub's API has a name of its own.
    pub fn authority(&self) -> &str {
        if self.name == DOCKER_HUB[0] { DOCKER_HUB[2] } else { &self.name }
    }

    /// The name without port and brackets.
    pub fn domain(&self) -> &str {
        domain(&self.name)
    }

    pub fn is_loopback(&self) -> bool {
        let domain = self.domain();
        domain == "localhost"
            || domain.ends_with(".localhost")
            || domain.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    fn broken(&self) -> MutexGuard<'_, Option<(Instant, RegistryFailure)>> {
        self.broken.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Why the host is not asked at present.
    pub fn breaker(&self) -> Option<RegistryFailure> {
        let broken = self.broken();
        let (since, failure) = broken.as_ref()?;
        (since.elapsed() < BREAK).then(|| failure.clone())
    }

    /// Whether nobody has said yet that a request to the host is attempted for the `attempt`th time.
    pub fn is_first_to_say(&self, attempt: u32) -> bool {
        self.said.fetch_max(attempt, Ordering::Relaxed) < attempt
    }

    /// Notes how a call ended, after its retries.
    pub fn note(&self, failure: Option<&RegistryFailure>) {
        let Some(failure) = failure else {
            self.failures.store(0, Ordering::Relaxed);
            self.said.store(0, Ordering::Relaxed);
            *self.broken() = None;
            return;
        };
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= BREAKS_AFTER {
            *self.broken() = Some((Instant::now(), failure.clone()));
        }
    }
}

/// Host of an authority, without port and brackets.
pub fn domain(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    authority.split(':').next().unwrap_or(authority)
}

/// Whether a host is an address literal of a private, loopback or link-local network, or localhost.
pub fn is_private(domain: &str) -> bool {
    match domain.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified()
        }
        Ok(IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
            Some(v4) => is_private(&v4.to_string()),
            None => {
                ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_unique_local()
                    || ip.is_unicast_link_local()
            }
        },
        Err(_) => domain == "localhost" || domain.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_all_their_forms() {
        for text in [
            "10.0.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "[::1]",
            "fd00::1",
            "::ffff:10.0.0.1",
            "localhost",
        ] {
            assert!(is_private(text), "{text}");
        }
        for text in ["ghcr.io", "8.8.8.8", "2001:db8::1", "10.example.com"] {
            assert!(!is_private(text), "{text}");
        }
        assert_eq!(domain("[::1]:5000"), "::1");
        assert_eq!(domain("localhost:5000"), "localhost");
    }
}
