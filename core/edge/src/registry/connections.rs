//! HTTP clients, made when they are first needed: one that speaks TLS reads the certificates of the
//! system, which takes longer than a whole request to a registry beside this process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pacto_core::fact::{RegistryCode, RegistryFailure};
use reqwest::{Certificate, Client};

use super::failure::root_cause;
use crate::read_named;

const CONNECT: Duration = Duration::from_secs(10);
/// Upper bound on a file of certificates.
const MAX_CERTIFICATES: u64 = 16 << 20;

/// The connections of a process, whoever asks over them.
#[derive(Clone)]
pub struct Connections(Arc<Clients>);

struct Clients {
    user_agent: String,
    idle: Duration,
    /// Trusted beside the system's.
    certificates: Vec<Certificate>,
    plain: OnceLock<Result<Client, RegistryFailure>>,
    secure: OnceLock<Result<Client, RegistryFailure>>,
}

impl Connections {
    /// `idle` is how long a connection may stay without a byte; the certificates in `ca_files` are
    /// trusted beside the system's.
    ///
    /// # Errors
    /// A certificate file that cannot be read.
    pub fn new(
        user_agent: &str,
        idle: Duration,
        ca_files: &[PathBuf],
    ) -> Result<Connections, RegistryFailure> {
        let mut trusted = Vec::new();
        for file in ca_files {
            trusted.extend(certificates(file)?);
        }
        Ok(Connections(Arc::new(Clients {
            user_agent: user_agent.to_owned(),
            idle,
            certificates: trusted,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        })))
    }

    /// The client for a scheme.
    ///
    /// # Errors
    /// The system's certificates cannot be used.
    pub fn client(&self, scheme: &str) -> Result<&Client, RegistryFailure> {
        let is_plain = scheme == "http";
        let clients = &self.0;
        let client = if is_plain { &clients.plain } else { &clients.secure };
        let client = client.get_or_init(|| clients.build(is_plain));
        client.as_ref().map_err(Clone::clone)
    }
}

impl Clients {
    fn build(&self, is_plain: bool) -> Result<Client, RegistryFailure> {
        // Fails where another part of the process has chosen a provider already, which serves too.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(CONNECT)
            .read_timeout(self.idle)
            .redirect(reqwest::redirect::Policy::none());
        let certificates = self.certificates.clone();
        let builder = match is_plain {
            true => builder.tls_certs_only(certificates),
            false => builder.tls_certs_merge(certificates),
        };
        builder.build().map_err(|error| {
            let message = format!("the HTTP client cannot start: {}", root_cause(&error));
            RegistryFailure::new(RegistryCode::Tls, message)
        })
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, RegistryFailure> {
    let fail = |why: String| {
        RegistryFailure::new(
            RegistryCode::Tls,
            format!("certificates in {}: {why}", file.display()),
        )
    };
    let bytes = read_named(file, MAX_CERTIFICATES).map_err(|why| fail(why.to_string()))?;
    let found = Certificate::from_pem_bundle(&bytes).map_err(|error| fail(error.to_string()))?;
    match found.is_empty() {
        true => Err(fail("there is none in PEM form".into())),
        false => Ok(found),
    }
}
