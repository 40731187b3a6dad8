//! Bundles by their digest: from memory, from the cache, from their registry.

use std::io::Seek;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use pacto_core::contract::{self, OciReference, Summary};
use pacto_core::fact::{RegistryCode, RegistryFailure};
use tempfile::NamedTempFile;

use super::{Content, Pin, Store, shown};
use crate::bundle::artifact::{
    ARTIFACT_TYPE, DOCKER_LIST_TYPE, Descriptor, INDEX_TYPE, Index, Manifest, bundle_layer,
    wrong_artifact,
};
use crate::bundle::{Bundle, human_bytes, unpack_to_memory};
use crate::cache::Cached;
use crate::open_regular;
use crate::registry::{Fetched, Progress};

/// Upper bound on the bytes of a layer that is received in memory.
const IN_MEMORY: u64 = 1 << 20;

/// A bundle's layer, verified, and where it came from.
pub struct Layer {
    pub content: Content,
    pub manifest: Manifest,
    pub is_from_cache: bool,
    /// What came from the wire, until it is known that it can be unpacked.
    unkept: Option<Unkept>,
}

struct Unkept {
    repository: String,
    tag: Option<String>,
    fetched: Fetched,
    descriptor: Descriptor,
    /// The file that the content is in, if it is in one.
    staged: Option<NamedTempFile>,
}

impl Store {
    /// The bundle of a digest, unpacked.
    ///
    /// # Errors
    /// Whatever keeps it from being had, by the names of 5-oci.
    pub async fn bundle(&self, pinned: &OciReference) -> Result<Arc<Bundle>, RegistryFailure> {
        self.check_access(pinned).await?;
        let pin = pin_of(pinned);
        if let Some(bundle) = self.memo().bundles.get(&pin) {
            return Ok(bundle);
        }
        let key = (self.tenant.clone(), pin.clone());
        let once = self.memo().loads.get(key.clone(), Instant::now());
        let found = once.get_or_init(|| self.load(pinned)).await.clone();
        if let Ok(bundle) = &found {
            let mut memo = self.memo();
            memo.bundles.insert(pin, Arc::clone(bundle), bundle.size());
            memo.loads.remove(&key);
        }
        found
    }

    async fn load(&self, pinned: &OciReference) -> Result<Arc<Bundle>, RegistryFailure> {
        self.shared.wanted.fetch_add(1, Ordering::Relaxed);
        let layer = self.layer(pinned).await;
        let shown = shown(pinned);
        let loaded = layer.and_then(|mut layer| {
            let bundle =
                unpack_to_memory(layer.content.reader(), &self.shared.options.limits, &shown)?;
            layer.check_labels(&check_contract(&bundle, &shown)?, &shown);
            self.keep(&mut layer);
            Ok(Arc::new(bundle))
        });
        let done = self.shared.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(tell) = &self.shared.on_progress {
            let name = pinned.path.rsplit('/').next().unwrap_or("").to_owned();
            tell(Progress::Bundles {
                done,
                known: self.shared.wanted.load(Ordering::Relaxed),
                name,
            });
        }
        loaded
    }

    /// The layer of a digest: from the cache, or streamed from the registry to disk and verified.
    ///
    /// # Errors
    /// Whatever keeps it from being had.
    pub async fn layer(&self, pinned: &OciReference) -> Result<Layer, RegistryFailure> {
        self.check_access(pinned).await?;
        let (repository, digest) = pin_of(pinned);
        let reference = shown(pinned);
        if let Some(path) = self.memo().unverified.get(&(repository.clone(), digest.clone())) {
            let file = open_regular(path).map_err(|why| on_disk(&reference, &why))?;
            return Ok(Layer {
                content: Content::File(file),
                manifest: unverified_manifest(&digest),
                is_from_cache: true,
                unkept: None,
            });
        }
        if let Some(cache) = &self.shared.cache {
            match cache.bundle(&repository, &digest) {
                Cached::Hit { layer, manifest } => {
                    tracing::debug!(target: "pacto", "cache hit: {repository}@{digest}");
                    let content = Content::File(layer);
                    return Ok(Layer { content, manifest, is_from_cache: true, unkept: None });
                }
                Cached::Damaged { expected, found } if self.shared.options.is_offline => {
                    let message = format!(
                        "digest mismatch for {reference}: expected {expected}, got {found}"
                    );
                    return Err(RegistryFailure::new(RegistryCode::DigestMismatch, message).hint(
                        "the cached copy was damaged and is removed; run without --offline once",
                    ));
                }
                Cached::Damaged { .. } => {
                    tracing::warn!(target: "pacto", "the cached copy of {reference} was damaged; fetching it anew");
                }
                Cached::Miss => {
                    tracing::debug!(target: "pacto", "cache miss: {repository}@{digest}")
                }
            }
        }
        if self.shared.options.is_offline {
            return Err(self.offline(&reference, &repository));
        }
        self.download(pinned, &repository, &reference).await
    }

    async fn download(
        &self,
        pinned: &OciReference,
        repository: &str,
        reference: &str,
    ) -> Result<Layer, RegistryFailure> {
        let (fetched, manifest) = self.image_manifest(pinned, reference).await?;
        let descriptor = bundle_layer(&manifest, reference)?.clone();
        if descriptor.size > self.shared.options.limits.layer {
            let (found, limit) =
                (human_bytes(descriptor.size), human_bytes(self.shared.options.limits.layer));
            let message = format!("{reference}: the layer is {found}, limit {limit}");
            return Err(RegistryFailure::new(RegistryCode::TooLarge, message)
                .hint("`limits.layer` in the user configuration raises the limit"));
        }
        let (content, staged) = self.receive(pinned, &descriptor, reference).await?;
        let tag = pinned.tag.clone().filter(|_| pinned.digest.as_ref() == Some(&fetched.digest));
        let repository = repository.to_owned();
        let unkept = Some(Unkept { repository, tag, fetched, descriptor, staged });
        Ok(Layer { content, manifest, is_from_cache: false, unkept })
    }

    /// A layer from the wire: a small one in memory, a larger one in a file of the cache, or in a
    /// temporary one where the cache cannot be written.
    async fn receive(
        &self,
        pinned: &OciReference,
        descriptor: &Descriptor,
        reference: &str,
    ) -> Result<(Content, Option<NamedTempFile>), RegistryFailure> {
        if descriptor.size <= IN_MEMORY {
            let mut bytes = Vec::with_capacity(descriptor.size as usize);
            let reset = |bytes: &mut Vec<u8>| {
                bytes.clear();
                Ok(())
            };
            self.client.blob(pinned, descriptor, &mut bytes, reset).await?;
            return Ok((Content::Memory(bytes), None));
        }
        let lost = |error: std::io::Error| on_disk(reference, &error);
        if let Some(cache) = &self.shared.cache {
            let received = match cache.temporary() {
                Ok(file) => self.receive_file(pinned, descriptor, file).await,
                Err(error) => Err(lost(error)),
            };
            match received {
                // That is how a disk fails that the bytes are written to.
                Err(failure) if failure.code == RegistryCode::InvalidBundle => {
                    self.note_kept(Err(std::io::Error::other(failure.message)));
                }
                received => return received,
            }
        }
        let file = NamedTempFile::new().map_err(lost)?;
        self.receive_file(pinned, descriptor, file).await
    }

    async fn receive_file(
        &self,
        pinned: &OciReference,
        descriptor: &Descriptor,
        mut staged: NamedTempFile,
    ) -> Result<(Content, Option<NamedTempFile>), RegistryFailure> {
        let reset = |file: &mut NamedTempFile| {
            file.as_file().set_len(0)?;
            file.rewind()
        };
        self.client.blob(pinned, descriptor, &mut staged, reset).await?;
        let file = staged.reopen().map_err(|error| on_disk(&pinned.to_string(), &error))?;
        Ok((Content::File(file), Some(staged)))
    }

    /// Puts a layer into the cache, now that it was unpacked without complaint.
    pub fn keep(&self, layer: &mut Layer) {
        let (Some(cache), Some(unkept)) = (&self.shared.cache, layer.unkept.take()) else { return };
        let Unkept { repository, tag, fetched, descriptor, staged } = unkept;
        let entry = (fetched.digest.as_str(), fetched.bytes.as_slice());
        let staged = match (staged, &layer.content) {
            (Some(staged), _) => Ok(staged),
            (None, content) => cache.temporary().and_then(|mut staged| {
                std::io::copy(&mut content.reader(), &mut staged)?;
                Ok(staged)
            }),
        };
        let stored = staged.and_then(|staged| cache.store(&repository, entry, &descriptor, staged));
        let is_stored = stored.is_ok();
        self.note_kept(stored);
        if let (Some(tag), Some(cache), true) = (tag, self.own_cache(), is_stored) {
            self.note_kept(cache.set_tag(&repository, &tag, &fetched.digest));
        }
    }

    /// The image manifest of a digest, through an index with one bundle in it.
    async fn image_manifest(
        &self,
        pinned: &OciReference,
        reference: &str,
    ) -> Result<(Fetched, Manifest), RegistryFailure> {
        let known = self.memo().manifests.remove(&pin_of(pinned));
        let fetched = match known {
            Some(fetched) => fetched,
            None => self.client.manifest(pinned).await?,
        };
        if !is_index(&fetched) {
            let manifest = parse_manifest(&fetched, reference)?;
            return Ok((fetched, manifest));
        }
        let index: Index = serde_json::from_slice(&fetched.bytes)
            .map_err(|_| wrong_artifact(reference, "malformed index"))?;
        let bundles: Vec<&Descriptor> = index
            .manifests
            .iter()
            .filter(|m| m.artifact_type.as_deref() == Some(ARTIFACT_TYPE))
            .collect();
        let entry = match (&bundles[..], &index.manifests[..]) {
            ([one], _) => (*one).clone(),
            ([], [one]) => one.clone(),
            _ => return Err(wrong_artifact(reference, "multi-platform container image")),
        };
        let entry = OciReference { digest: Some(entry.digest), ..pinned.clone() };
        let fetched = self.client.manifest(&entry).await?;
        if is_index(&fetched) {
            return Err(wrong_artifact(reference, "index of indexes"));
        }
        let manifest = parse_manifest(&fetched, reference)?;
        Ok((fetched, manifest))
    }
}

fn pin_of(pinned: &OciReference) -> Pin {
    (pinned.repository(), pinned.digest.clone().unwrap_or_default())
}

fn is_index(fetched: &Fetched) -> bool {
    let by_type = matches!(fetched.media_type.as_str(), INDEX_TYPE | DOCKER_LIST_TYPE);
    let body = || serde_json::from_slice::<Index>(&fetched.bytes).is_ok();
    by_type || fetched.media_type.is_empty() && body()
}

fn parse_manifest(fetched: &Fetched, reference: &str) -> Result<Manifest, RegistryFailure> {
    if fetched.media_type.starts_with("application/vnd.docker.distribution.manifest.v1") {
        return Err(wrong_artifact(reference, "container image of Docker's schema 1"));
    }
    serde_json::from_slice(&fetched.bytes)
        .map_err(|_| wrong_artifact(reference, "foreign artifact"))
}

/// A manifest for what has none.
fn unverified_manifest(digest: &str) -> Manifest {
    let none = Descriptor {
        media_type: String::new(),
        digest: digest.to_owned(),
        size: 0,
        artifact_type: None,
    };
    Manifest {
        schema_version: 2,
        media_type: None,
        artifact_type: None,
        config: none,
        layers: Vec::new(),
        annotations: Default::default(),
    }
}

/// What the contract of a bundle says in short; it is what counts, whatever labels say.
fn check_contract(bundle: &Bundle, reference: &str) -> Result<Summary, RegistryFailure> {
    let invalid = |cause: String| {
        let message = format!("{reference} is not a valid bundle: {cause}");
        RegistryFailure::new(RegistryCode::InvalidBundle, message)
    };
    let bytes = bundle.files.get("pacto.yaml").cloned().unwrap_or_default();
    let text = crate::decode(bytes.to_vec())
        .map_err(|failure| invalid(format!("pacto.yaml: {failure}")))?;
    contract::summary(&text).map_err(|cause| invalid(format!("pacto.yaml: {cause}")))
}

impl Layer {
    /// Warns of labels of the artifact that say something else than the contract `inside`.
    pub fn check_labels(&self, inside: &Summary, reference: &str) {
        let all = [("io.pacto.name", &inside.name), ("io.pacto.version", &inside.version)];
        for (key, inside) in all {
            let (Some(label), Some(inside)) = (self.manifest.annotations.get(key), inside) else {
                continue;
            };
            if label != inside {
                tracing::warn!(target: "pacto", "{reference} is labelled {key} \"{label}\", and its contract says \"{inside}\"");
            }
        }
    }
}

fn on_disk(reference: &str, error: &dyn std::fmt::Display) -> RegistryFailure {
    RegistryFailure::new(
        RegistryCode::InvalidBundle,
        format!("{reference} cannot be stored on this machine: {error}"),
    )
}
