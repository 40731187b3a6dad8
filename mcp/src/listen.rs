//! What a person chooses for a server over HTTP: where it listens, and who may call.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use pacto_edge::session::Error;
use sha2::{Digest, Sha256};

/// How a server listens.
#[derive(Clone, Debug)]
pub struct Http {
    pub host: String,
    /// 0 for a free one.
    pub port: u16,
    pub allowed_origins: Vec<String>,
    pub allowed_hosts: Vec<String>,
    pub token: Option<Token>,
    /// Whether anyone who reaches an address that is not of this machine may call.
    pub is_open: bool,
    pub sessions: Sessions,
}

impl Http {
    /// # Errors
    /// The host is no address.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        let name = self.host.trim_start_matches('[').trim_end_matches(']');
        let ip = match name {
            "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            name => name.parse().map_err(|_| {
                Error::usage(format!("--host {}: this is no address", self.host))
                    .hint("name an IP address or localhost")
            })?,
        };
        Ok(SocketAddr::new(ip, self.port))
    }
}

/// Which clients are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// Those of the 2025 revisions, with sessions.
    Stateful,
    /// All, without sessions.
    Stateless,
    Both,
}

/// A bearer token, as its digest: it is compared in constant time and cannot be shown.
#[derive(Clone, Debug)]
pub struct Token([u8; 32]);

impl Token {
    /// # Errors
    /// It is empty.
    pub fn new(text: &str) -> Result<Token, Error> {
        match text.trim() {
            "" => Err(Error::usage("the token is empty")),
            text => Ok(Token(Sha256::digest(text).into())),
        }
    }

    /// Reads the token of a file.
    ///
    /// # Errors
    /// It cannot be read, is empty, or others may read it.
    pub fn of_file(path: &Path) -> Result<Token, Error> {
        let shown = path.display().to_string();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let metadata = std::fs::metadata(path).map_err(|error| Error::io(&shown, error))?;
            if metadata.permissions().mode() & 0o077 != 0 {
                let message = format!("--token-file {shown}: others may read it");
                return Err(Error::usage(message).hint(format!("run: chmod 600 {shown}")));
            }
        }
        Token::new(&std::fs::read_to_string(path).map_err(|error| Error::io(&shown, error))?)
    }

    pub fn is(&self, text: &str) -> bool {
        let other: [u8; 32] = Sha256::digest(text).into();
        self.0.iter().zip(other).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
    }
}
