//! Releases of the program itself: a feed in the form of GitHub's API, files with checksums.

use std::io::Write;
use std::time::Duration;

use pacto_core::contract::Version;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::registry::{OnProgress, Progress};

/// Where releases are announced.
pub const FEED: &str = "https://api.github.com/repos/pacto/pacto";
const MAX_FEED: usize = 4 << 20;
const MAX_PROGRAM: u64 = 512 << 20;

/// A published version.
#[derive(Clone, Debug, Deserialize)]
pub struct Release {
    /// As it is tagged: `v1.2.0`.
    pub tag_name: String,
    #[serde(default)]
    pub prerelease: bool,
    #[serde(default)]
    pub assets: Vec<Asset>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Asset {
    pub name: String,
    pub browser_download_url: String,
}

impl Release {
    pub fn version(&self) -> Option<Version> {
        Version::parse(&self.tag_name).ok()
    }

    fn asset(&self, name: &str) -> Result<&Asset, String> {
        let found = self.assets.iter().find(|asset| asset.name == name);
        found.ok_or_else(|| format!("release {} has no file {name}", self.tag_name))
    }
}

/// The name of this target's program in a release: `pacto_linux_amd64`.
pub fn asset_name() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        os => os,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        arch => arch,
    };
    format!("pacto_{os}_{arch}{}", std::env::consts::EXE_SUFFIX)
}

/// A client of a release feed. Errors are sentences.
pub struct Feed {
    http: reqwest::Client,
    base: String,
}

impl Feed {
    /// # Errors
    /// The HTTP client cannot start.
    pub fn new(base: &str) -> Result<Feed, String> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(format!("pacto/{}", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::custom(follow))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Feed { http, base: base.trim_end_matches('/').to_owned() })
    }

    /// The newest release, or the one of a version, with or without `v`.
    ///
    /// # Errors
    /// There is none, or the feed cannot be read.
    pub async fn release(&self, version: Option<&str>, with_pre: bool) -> Result<Release, String> {
        if let Some(version) = version {
            let bare = version.trim_start_matches('v');
            let text = self.get(&format!("{}/releases/tags/v{bare}", self.base)).await?;
            return parse(&text);
        }
        if !with_pre {
            return parse(&self.get(&format!("{}/releases/latest", self.base)).await?);
        }
        let all: Vec<Release> = parse(&self.get(&format!("{}/releases", self.base)).await?)?;
        all.into_iter()
            .filter(|r| r.version().is_some())
            .max_by_key(Release::version)
            .ok_or_else(|| "there is no release".into())
    }

    /// Downloads this target's program into `sink` and checks it against the release's checksums.
    ///
    /// # Errors
    /// A missing file, a broken transfer, a checksum that differs.
    pub async fn download(
        &self,
        release: &Release,
        sink: &mut (impl Write + Send),
        on_progress: Option<&OnProgress>,
    ) -> Result<(), String> {
        let name = asset_name();
        let asset = release.asset(&name)?;
        let sums = self.get(&release.asset("checksums.txt")?.browser_download_url).await?;
        let sums = String::from_utf8_lossy(&sums).into_owned();
        let expected = checksum(&sums, &name)
            .ok_or_else(|| format!("the checksums of release {} lack {name}", release.tag_name))?;
        let mut response = self.send(&asset.browser_download_url).await?;
        let total = response.content_length().unwrap_or(0);
        let (mut hash, mut done) = (Sha256::new(), 0u64);
        while let Some(piece) = response.chunk().await.map_err(|error| cause(&error))? {
            done += piece.len() as u64;
            if done > MAX_PROGRAM {
                return Err(format!("{name} is larger than 512 MiB"));
            }
            hash.update(&piece);
            sink.write_all(&piece).map_err(|error| error.to_string())?;
            if let Some(tell) = on_progress {
                tell(Progress::Bytes { what: name.clone(), done, total });
            }
        }
        let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        match found == expected {
            true => Ok(()),
            false => {
                Err(format!("the checksum of {name} differs: expected {expected}, got {found}"))
            }
        }
    }

    async fn send(&self, url: &str) -> Result<reqwest::Response, String> {
        let response = self.http.get(url).send().await.map_err(|error| cause(&error))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            status if status.as_u16() == 404 => Err("there is no such release".into()),
            status => Err(format!("the release feed answered {status}")),
        }
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let mut response = self.send(url).await?;
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| cause(&error))? {
            body.extend_from_slice(&piece);
            if body.len() > MAX_FEED {
                return Err("the release feed is larger than 4 MiB".into());
            }
        }
        Ok(body)
    }
}

/// Redirects stay on TLS once they were on it.
fn follow(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let was_tls = attempt.previous().iter().any(|url| url.scheme() == "https");
    if was_tls && attempt.url().scheme() != "https" || attempt.previous().len() > 10 {
        return attempt.error("the release feed redirects away from TLS, or in a circle");
    }
    attempt.follow()
}

fn cause(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    format!("the release feed cannot be reached: {deepest}")
}

fn parse<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the release feed is malformed: {error}"))
}

/// The hash of a file in `sha256sum`'s form.
fn checksum(sums: &str, name: &str) -> Option<String> {
    sums.lines().find_map(|line| {
        let (hash, file) = line.split_once(char::is_whitespace)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        (is_hash && file.trim().trim_start_matches('*') == name).then(|| hash.to_ascii_lowercase())
    })
}
