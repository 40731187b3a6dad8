//! What can be asked of a registry and written to it (OCI distribution specification 1.1).

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::try_join;
use pacto_core::contract::OciReference;
use pacto_core::fact::{RegistryCode, RegistryFailure};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LINK, LOCATION};
use reqwest::{Method, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::body::{BodyError, read_limited};
use super::credentials::Credentials;
use super::failure::{
    API_VERSION, Asked, CONTENT_DIGEST, Envelope, no_registry, of_error, of_status,
};
use super::retry::Retry;
use super::transport::{Options, Request, Transport, origin};
use super::{Access, Progress};
use crate::bundle::artifact::{
    DOCKER_LIST_TYPE, DOCKER_MANIFEST_TYPE, Descriptor, INDEX_TYPE, MANIFEST_TYPE,
};
use crate::bundle::{Artifact, format_digest, sha256};

const MAX_MANIFEST: u64 = 4 << 20;
const MAX_TAG_PAGE: u64 = 4 << 20;
const MAX_TAG_PAGES: usize = 100;
const MAX_TAGS: usize = 100_000;
const MAX_ERROR: u64 = 64 << 10;

/// A manifest as it was received.
#[derive(Clone, Debug)]
pub struct Fetched {
    pub bytes: Vec<u8>,
    pub media_type: String,
    pub digest: String,
}

/// What a push did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    Done,
    /// The registry does not move tags.
    Immutable,
}

/// A client of all registries.
pub struct Client {
    transport: Transport,
    first_wait: Duration,
}

impl Client {
    /// # Errors
    /// A certificate file that cannot be read.
    pub fn new(options: Options, credentials: Credentials) -> Result<Client, RegistryFailure> {
        let first_wait = options.first_wait;
        Ok(Client { transport: Transport::new(options, credentials)?, first_wait })
    }

    /// The same registries, asked with other credentials: connections and the bound on requests are
    /// shared, what is known of hosts and tokens is not.
    pub fn with_credentials(&self, credentials: Credentials) -> Client {
        let transport = self.transport.with_credentials(credentials);
        Client { transport, first_wait: self.first_wait }
    }

    /// Requests that were sent, and bytes that were received.
    pub fn counters(&self) -> (u64, u64) {
        self.transport.counters()
    }

    /// An authenticated request to the registry as a whole.
    ///
    /// # Errors
    /// `AUTH_REQUIRED` when it refuses, `REGISTRY_ERROR` when the host is not a registry, or what kept
    /// it from answering.
    pub async fn ping(&self, host: &str) -> Result<(), RegistryFailure> {
        let mut request = Request::new(Method::GET, "/v2/".into(), "", host, "its API");
        // A refused login must not pass as anonymous access.
        request.access = Access::Push;
        let response = self.transport.send(host, &request).await?;
        let status = response.status();
        let has_challenged = self.transport.host(host, "").has_challenged.load(Ordering::Relaxed);
        let is_registry = has_challenged || response.headers().contains_key(API_VERSION);
        match status {
            StatusCode::OK if is_registry => Ok(()),
            StatusCode::OK => Err(no_registry(host, status, "as no registry does")),
            StatusCode::NOT_FOUND => Err(no_registry(host, status, "where registries have /v2/")),
            _ => Err(self.failure(host, &request, status, response).await),
        }
    }

    /// The tags of a repository, page by page.
    ///
    /// # Errors
    /// `UNSUPPORTED` where listing is refused.
    pub async fn tags(&self, reference: &OciReference) -> Result<Vec<String>, RegistryFailure> {
        let shown = reference.repository();
        let mut target = format!("/v2/{}/tags/list?n=1000", reference.path);
        let mut tags: Vec<String> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..MAX_TAG_PAGES {
            if !seen.insert(target.clone()) {
                return Err(malformed(&reference.host, "its list of tags goes in a circle"));
            }
            let request =
                Request::new(Method::GET, target.clone(), &reference.path, &shown, "tags");
            let (status, headers, body) =
                self.read(&reference.host, &request, MAX_TAG_PAGE).await?;
            if status != StatusCode::OK {
                return Err(self.status_failure(&reference.host, &request, status, &body));
            }
            let page = serde_json::from_slice::<TagPage>(&body).ok().and_then(TagPage::tags);
            let page =
                page.ok_or_else(|| malformed(&reference.host, "its list of tags is malformed"))?;
            tags.extend(page);
            if tags.len() > MAX_TAGS {
                return Err(malformed(&reference.host, "its list of tags has more than 100,000"));
            }
            match next_page(&headers) {
                None => return Ok(tags),
                Some(next) => target = self.same_host(reference, &target, &next)?,
            }
        }
        Err(malformed(&reference.host, "its list of tags has more than 100 pages"))
    }

    /// The address of the next page, which stays on the registry.
    fn same_host(
        &self,
        reference: &OciReference,
        from: &str,
        next: &str,
    ) -> Result<String, RegistryFailure> {
        let authority = self.transport.host(&reference.host, &reference.path);
        let scheme = authority.scheme.get().copied().unwrap_or("https");
        let base = Url::parse(&format!("{scheme}://{}{from}", authority.authority())).ok();
        let joined = base.as_ref().and_then(|base| base.join(next).ok());
        match (base, joined) {
            (Some(base), Some(joined)) if origin(&base) == origin(&joined) => {
                let query = joined.query().map_or(String::new(), |query| format!("?{query}"));
                Ok(format!("{}{query}", joined.path()))
            }
            _ => Err(malformed(&reference.host, "its list of tags goes on at another host")),
        }
    }

    /// The digest that a tag means now; `None` when there is no such manifest.
    ///
    /// # Errors
    /// What kept the registry from answering.
    pub async fn digest(
        &self,
        reference: &OciReference,
        access: Access,
    ) -> Result<Option<String>, RegistryFailure> {
        let shown = reference.to_string();
        let mut request = manifest_request(Method::HEAD, reference, &shown);
        request.access = access;
        let response = self.transport.send(&reference.host, &request).await?;
        let digest = content_digest(response.headers());
        match response.status().as_u16() {
            200 if digest.is_some() => Ok(digest),
            404 => Ok(None),
            // A `HEAD` has no body to say why; `GET` is asked, and serves registries without `HEAD`.
            _ => match self.manifest(reference).await {
                Ok(fetched) => Ok(Some(fetched.digest)),
                Err(failure) if failure.code == RegistryCode::NotFound => Ok(None),
                Err(failure) => Err(failure),
            },
        }
    }

    /// The manifest of a tag or digest; its bytes match its digest.
    ///
    /// # Errors
    /// `NOT_FOUND`, `DIGEST_MISMATCH`, or what kept the registry from answering.
    pub async fn manifest(&self, reference: &OciReference) -> Result<Fetched, RegistryFailure> {
        let shown = reference.to_string();
        let request = manifest_request(Method::GET, reference, &shown);
        let (status, headers, bytes) = self.read(&reference.host, &request, MAX_MANIFEST).await?;
        if status != StatusCode::OK {
            return Err(self.status_failure(&reference.host, &request, status, &bytes));
        }
        let digest = sha256(&bytes);
        let expected = reference.digest.clone().or_else(|| content_digest(&headers));
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(mismatch(&shown, &expected, &digest));
        }
        let is_object = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(&bytes).is_ok();
        if !is_object {
            return Err(no_registry(
                &reference.host,
                status,
                "with something that is not a manifest",
            ));
        }
        let media_type =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let media_type = media_type.split(';').next().unwrap_or("").trim().to_owned();
        Ok(Fetched { bytes, media_type, digest })
    }

    /// Streams a blob into `sink`, which is emptied by `reset` when a transfer starts again; at
    /// most the size of its descriptor is read.
    ///
    /// # Errors
    /// `DIGEST_MISMATCH` when bytes or size differ from the descriptor.
    pub async fn blob<W: Write + Send>(
        &self,
        reference: &OciReference,
        descriptor: &Descriptor,
        sink: &mut W,
        reset: impl Fn(&mut W) -> std::io::Result<()> + Send,
    ) -> Result<(), RegistryFailure> {
        let shown = reference.to_string();
        let target = format!("/v2/{}/blobs/{}", reference.path, descriptor.digest);
        let request = Request::new(Method::GET, target, &reference.path, &shown, "the layer");
        let mut retry = Retry::new(self.first_wait);
        loop {
            let failed = match self.blob_once(&request, reference, descriptor, sink).await {
                Ok(()) => return Ok(()),
                Err(failed) => failed,
            };
            let is_transient =
                matches!(failed.code, RegistryCode::Unreachable | RegistryCode::Timeout);
            let host = self.transport.host(&reference.host, &reference.path);
            if !(is_transient && retry.again(&host, &failed.message, None).await) {
                return Err(failed);
            }
            reset(sink).map_err(|error| io_failure(&shown, &error))?;
        }
    }

    async fn blob_once<W: Write>(
        &self,
        request: &Request<'_>,
        reference: &OciReference,
        descriptor: &Descriptor,
        sink: &mut W,
    ) -> Result<(), RegistryFailure> {
        let mut response = self.transport.send(&reference.host, request).await?;
        if response.status() != StatusCode::OK {
            let status = response.status();
            return Err(self.failure(&reference.host, request, status, response).await);
        }
        let asked = self.asked(&reference.host, request);
        let mut hash = Sha256::new();
        let mut done = 0u64;
        while let Some(piece) = response.chunk().await.map_err(|error| of_error(&asked, &error))? {
            done += piece.len() as u64;
            if done > descriptor.size {
                let found = format!("more than {} bytes", descriptor.size);
                return Err(mismatch(
                    request.reference,
                    &format!("{} bytes", descriptor.size),
                    &found,
                ));
            }
            self.transport.count_received(piece.len());
            hash.update(&piece);
            sink.write_all(&piece).map_err(|error| io_failure(request.reference, &error))?;
            if let Some(tell) = self.transport.on_progress() {
                let what = reference.path.clone();
                tell(Progress::Bytes { what, done, total: descriptor.size });
            }
        }
        if done != descriptor.size {
            return Err(mismatch(
                request.reference,
                &format!("{} bytes", descriptor.size),
                &format!("{done} bytes"),
            ));
        }
        let digest = format_digest(&hash.finalize());
        match digest == descriptor.digest {
            true => Ok(()),
            false => Err(mismatch(request.reference, &descriptor.digest, &digest)),
        }
    }

    /// Writes an artifact under its tags: blobs first, the manifest last, so that an interrupted
    /// push leaves nothing visible.
    ///
    /// # Errors
    /// `DIGEST_MISMATCH` when the registry stored something else.
    pub async fn push(
        &self,
        reference: &OciReference,
        artifact: &Artifact,
        media_type: &str,
        tags: &[String],
    ) -> Result<Pushed, RegistryFailure> {
        let put = async |digest: &str, bytes: &[u8]| match self
            .has_blob(reference, digest, bytes.len())
            .await?
        {
            true => Ok(()),
            false => self.upload(reference, digest, Bytes::copy_from_slice(bytes)).await,
        };
        try_join(
            put(&artifact.config_digest, &artifact.config),
            put(&artifact.layer_digest, &artifact.layer),
        )
        .await?;
        for tag in tags {
            let tagged = reference.with_tag(Some(tag));
            if self.put_manifest(&tagged, artifact, media_type).await? == Pushed::Immutable {
                return Ok(Pushed::Immutable);
            }
        }
        Ok(Pushed::Done)
    }

    /// Whether a blob is there. An answer counts that names its digest or its size, as a registry's
    /// does.
    async fn has_blob(
        &self,
        reference: &OciReference,
        digest: &str,
        size: usize,
    ) -> Result<bool, RegistryFailure> {
        let shown = reference.to_string();
        let target = format!("/v2/{}/blobs/{digest}", reference.path);
        let request =
            Request::new(Method::HEAD, target, &reference.path, &shown, "a blob").push(None);
        let response = self.transport.send(&reference.host, &request).await?;
        let headers = response.headers();
        let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        match response.status().as_u16() {
            200 => Ok(match content_digest(headers) {
                Some(found) => found == digest,
                None => length.and_then(|text| text.parse().ok()) == Some(size),
            }),
            404 | 405 => Ok(false),
            _ => {
                let status = response.status();
                Err(self.failure(&reference.host, &request, status, response).await)
            }
        }
    }

    /// `POST`, then one `PUT`; both again from the start when the connection breaks.
    async fn upload(
        &self,
        reference: &OciReference,
        digest: &str,
        bytes: Bytes,
    ) -> Result<(), RegistryFailure> {
        let mut retry = Retry::new(self.first_wait);
        loop {
            let failed = match self.upload_once(reference, digest, bytes.clone()).await {
                Ok(()) => return Ok(()),
                Err(UploadError::Final(failed)) => return Err(failed),
                Err(UploadError::Interrupted(failed)) => failed,
            };
            let host = self.transport.host(&reference.host, &reference.path);
            if !retry.again(&host, &failed.message, None).await {
                return Err(failed);
            }
        }
    }

    async fn upload_once(
        &self,
        reference: &OciReference,
        digest: &str,
        bytes: Bytes,
    ) -> Result<(), UploadError> {
        let (host, shown) = (reference.host.as_str(), reference.to_string());
        let start = format!("/v2/{}/blobs/uploads/", reference.path);
        let request =
            Request::new(Method::POST, start.clone(), &reference.path, &shown, "an upload")
                .push(Some(Bytes::new()));
        // What can be repeated of this request was repeated.
        let response = self.transport.send(host, &request).await.map_err(UploadError::Final)?;
        let status = response.status();
        if status != StatusCode::ACCEPTED {
            let failure = self.not_written(host, &request, response, StatusCode::ACCEPTED).await;
            return Err(UploadError::Final(failure));
        }
        let wrong = |found| Err(UploadError::Final(no_registry(host, status, found)));
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let Some(location) = location else { return wrong("without a place for the upload") };
        let Some(target) = upload_target(response.url(), location, digest) else {
            return wrong("with a place for the upload that is malformed or leads away from TLS");
        };
        let mut request = Request::new(Method::PUT, target, &reference.path, &shown, "an upload")
            .header("Content-Type", "application/octet-stream")
            .push(Some(bytes));
        request.is_repeatable = false;
        request.progress = Some(reference.path.clone());
        let response = self.transport.send(host, &request).await.map_err(UploadError::of_put)?;
        if is_written(&response) {
            return Ok(());
        }
        let failure = self.not_written(host, &request, response, StatusCode::CREATED).await;
        Err(UploadError::Final(failure))
    }

    /// Why an answer to a write does not say that it was done, as `wanted` would.
    async fn not_written(
        &self,
        host: &str,
        request: &Request<'_>,
        response: Response,
        wanted: StatusCode,
    ) -> RegistryFailure {
        match response.status() {
            status if status == wanted => {
                no_registry(host, status, "without the place of what was written")
            }
            status if status.is_success() => {
                let (what, wanted) = (request.what, wanted.as_u16());
                let found = format!("to a write of {what}, where {wanted} means that it was done");
                no_registry(host, status, &found)
            }
            status => self.failure(host, request, status, response).await,
        }
    }

    async fn put_manifest(
        &self,
        reference: &OciReference,
        artifact: &Artifact,
        media_type: &str,
    ) -> Result<Pushed, RegistryFailure> {
        let shown = reference.to_string();
        let body = Some(Bytes::from(artifact.manifest.clone()));
        let request = manifest_request(Method::PUT, reference, &shown)
            .header("Content-Type", media_type)
            .push(body);
        let response = self.transport.send(&reference.host, &request).await?;
        let status = response.status();
        if is_written(&response) {
            return match content_digest(response.headers()) {
                Some(stored) if stored != artifact.digest => {
                    Err(mismatch(&shown, &artifact.digest, &stored))
                }
                _ => Ok(Pushed::Done),
            };
        }
        if status.is_success() {
            let wanted = StatusCode::CREATED;
            return Err(self.not_written(&reference.host, &request, response, wanted).await);
        }
        let body = read_limited(response, MAX_ERROR).await.unwrap_or_default();
        if is_immutable(status, &Envelope::parse(&body)) {
            return Ok(Pushed::Immutable);
        }
        Err(self.status_failure(&reference.host, &request, status, &body))
    }

    /// A whole answer; one that breaks off is asked for again.
    async fn read(
        &self,
        host: &str,
        request: &Request<'_>,
        limit: u64,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), RegistryFailure> {
        let mut retry = Retry::new(self.first_wait);
        loop {
            let response = self.transport.send(host, request).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let error = match read_limited(response, limit).await {
                Ok(body) => {
                    self.transport.count_received(body.len());
                    return Ok((status, headers, body));
                }
                Err(error) => error,
            };
            let is_final = matches!(error, BodyError::TooLarge { .. });
            let failure = error.into_failure(&self.asked(host, request));
            let state = self.transport.host(host, request.path);
            if is_final || !retry.again(&state, &failure.message, None).await {
                return Err(failure);
            }
        }
    }

    fn asked<'a>(&self, host: &'a str, request: &'a Request<'_>) -> Asked<'a> {
        Asked {
            host,
            reference: request.reference,
            what: request.what,
            credentials: None,
            is_write: request.access == Access::Push,
        }
    }

    fn status_failure(
        &self,
        host: &str,
        request: &Request<'_>,
        status: StatusCode,
        body: &[u8],
    ) -> RegistryFailure {
        let state = self.transport.host(host, request.path);
        let has_credentials = state.credential.get().is_some_and(Option::is_some);
        let credentials = has_credentials.then_some("the credentials in use");
        of_status(&Asked { credentials, ..self.asked(host, request) }, status, body, None)
    }

    async fn failure(
        &self,
        host: &str,
        request: &Request<'_>,
        status: StatusCode,
        response: Response,
    ) -> RegistryFailure {
        let body = read_limited(response, MAX_ERROR).await.unwrap_or_default();
        self.status_failure(host, request, status, &body)
    }
}

/// A page of a list of tags. The key must be there; null means that there are none.
#[derive(Deserialize)]
struct TagPage {
    tags: Value,
}

impl TagPage {
    fn tags(self) -> Option<Vec<String>> {
        match self.tags {
            Value::Null => Some(Vec::new()),
            tags => serde_json::from_value(tags).ok(),
        }
    }
}

fn manifest_request<'a>(
    method: Method,
    reference: &'a OciReference,
    shown: &'a str,
) -> Request<'a> {
    let name = reference.digest.as_deref().or(reference.tag.as_deref()).unwrap_or("latest");
    let target = format!("/v2/{}/manifests/{name}", reference.path);
    let accept = [MANIFEST_TYPE, INDEX_TYPE, DOCKER_MANIFEST_TYPE, DOCKER_LIST_TYPE].join(", ");
    Request::new(method, target, &reference.path, shown, "the manifest").header("Accept", accept)
}

/// Why an upload did not come to its end.
enum UploadError {
    Final(RegistryFailure),
    /// It may go through when it begins anew.
    Interrupted(RegistryFailure),
}

impl UploadError {
    fn of_put(failure: RegistryFailure) -> UploadError {
        use RegistryCode::{Registry, Timeout, Unreachable};
        match failure.code {
            Unreachable | Timeout | Registry => UploadError::Interrupted(failure),
            _ => UploadError::Final(failure),
        }
    }
}

/// Whether an answer says that a blob or manifest is there now: 201, and where or as what.
fn is_written(response: &Response) -> bool {
    let headers = response.headers();
    let is_named = headers.contains_key(LOCATION) || headers.contains_key(CONTENT_DIGEST);
    response.status() == StatusCode::CREATED && is_named
}

fn content_digest(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_DIGEST)?.to_str().ok()?;
    text.starts_with("sha256:").then(|| text.to_owned())
}

/// The target of `Link: <…>; rel="next"` (RFC 8288).
fn next_page(headers: &HeaderMap) -> Option<String> {
    let texts = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    for mut rest in texts {
        // One header may hold several links, and commas may stand in their targets.
        while let Some((target, after)) = rest.split_once('<').and_then(|(_, r)| r.split_once('>'))
        {
            let (parameters, next) = after.split_at(after.find('<').unwrap_or(after.len()));
            let is_next = parameters.split([';', ',']).any(|parameter| {
                let relation = parameter.trim().strip_prefix("rel=");
                relation.is_some_and(|relation| relation.trim_matches('"') == "next")
            });
            if is_next {
                return Some(target.to_owned());
            }
            rest = next;
        }
    }
    None
}

/// Where a blob is put: the location that the registry named, with the digest.
fn upload_target(asked: &Url, location: &str, digest: &str) -> Option<String> {
    let mut url = asked.join(location).ok()?;
    // A registry behind a proxy may not know that it is reached by TLS: on the same host the scheme of
    // the request stays.
    if (asked.scheme(), url.scheme()) == ("https", "http") && asked.host() == url.host() {
        let port = url.port().or(asked.port()).filter(|port| *port != 80);
        url.set_scheme("https").ok()?;
        url.set_port(port).ok()?;
    }
    if !matches!(url.scheme(), "http" | "https")
        || asked.scheme() == "https" && url.scheme() != "https"
    {
        return None;
    }
    url.query_pairs_mut().append_pair("digest", digest);
    Some(url.into())
}

/// Tags that do not move: ECR, Harbor, Quay, GitLab say it in different words.
fn is_immutable(status: StatusCode, envelope: &Envelope) -> bool {
    matches!(status.as_u16(), 409 | 412)
        || envelope.has("TAG_INVALID")
        || envelope.has("ImageTagAlreadyExists")
        || envelope.has("ImageTagAlreadyExistsException")
}

fn mismatch(reference: &str, expected: &str, found: &str) -> RegistryFailure {
    RegistryFailure::new(
        RegistryCode::DigestMismatch,
        format!("digest mismatch for {reference}: expected {expected}, got {found}"),
    )
}

fn malformed(host: &str, why: &str) -> RegistryFailure {
    RegistryFailure::new(RegistryCode::Registry, format!("registry {host} answered 200: {why}"))
}

fn io_failure(reference: &str, error: &std::io::Error) -> RegistryFailure {
    RegistryFailure::new(
        RegistryCode::InvalidBundle,
        format!("{reference} cannot be stored on this machine: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_with_that_relation() {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, "</v2/a/tags/list?n=2&last=b>; rel=\"next\"".parse().unwrap());
        assert_eq!(next_page(&headers).as_deref(), Some("/v2/a/tags/list?n=2&last=b"));
        headers.insert(LINK, "</x>; rel=\"prev\"".parse().unwrap());
        assert_eq!(next_page(&headers), None);
        let several = "</x>; rel=\"prev\", </y?a,b>; rel=next, </z>; rel=\"last\"";
        headers.insert(LINK, several.parse().unwrap());
        assert_eq!(next_page(&headers).as_deref(), Some("/y?a,b"));
    }

    #[test]
    fn uploads_go_where_the_registry_says() {
        let asked = Url::parse("https://r.example/v2/a/blobs/uploads/").unwrap();
        let target = |location| upload_target(&asked, location, "sha256:x");
        assert_eq!(target("/v2/u?s=1").unwrap(), "https://r.example/v2/u?s=1&digest=sha256%3Ax");
        assert_eq!(target("https://s.example/u").unwrap(), "https://s.example/u?digest=sha256%3Ax");
        assert_eq!(target("http://r.example/u").unwrap(), "https://r.example/u?digest=sha256%3Ax");
        assert_eq!(target("http://r.example:80/u").unwrap(), target("/u").unwrap());
        assert_eq!(target("http://s.example/u"), None);
    }
}
