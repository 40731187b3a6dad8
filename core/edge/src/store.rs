//! Bundles of registries, by way of the cache: what the engine's demands are answered from.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use pacto_core::contract::{self, OciReference};
use pacto_core::fact::{Fact, Failure, RegistryCode, RegistryFailure};
use tokio::sync::OnceCell;

use crate::bundle::artifact::{
    ARTIFACT_TYPE, DOCKER_LIST_TYPE, Descriptor, INDEX_TYPE, Index, Manifest, bundle_layer,
    wrong_artifact,
};
use crate::bundle::{Bundle, Limits, human_bytes, sha256, unpack_to_memory};
use crate::cache::{Cache, Cached};
use crate::registry::{Access, Client, Fetched, OnProgress, Progress};

/// Bundles are kept in memory up to so many bytes; beyond, the cache is asked again.
const MAX_KEPT: u64 = 256 << 20;

/// How bundles are looked for.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// No network at all.
    pub is_offline: bool,
    /// Whether what is remembered serves when a registry cannot be reached.
    pub may_fall_back: bool,
    pub limits: Limits,
}

/// Bundles of registries.
pub struct Store {
    client: Client,
    cache: Option<Cache>,
    options: StoreOptions,
    on_progress: Option<OnProgress>,
    memo: Mutex<Memo>,
    wanted: AtomicUsize,
    done: AtomicUsize,
}

type Once<T> = Arc<OnceCell<Result<T, RegistryFailure>>>;

/// What this process has asked for: each thing once, and those who ask meanwhile share the answer.
#[derive(Default)]
struct Memo {
    tags: HashMap<String, Once<Arc<[String]>>>,
    digests: HashMap<(String, String), Once<String>>,
    bundles: HashMap<(String, String), Once<Arc<Bundle>>>,
    manifests: HashMap<(String, String), Fetched>,
    /// Layers of the published tool's cache, by repository and the digest of their bytes.
    unverified: HashMap<(String, String), PathBuf>,
    kept: u64,
}

/// A bundle's layer, verified, and where it came from.
pub struct Layer {
    pub file: File,
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
    staged: tempfile::NamedTempFile,
}

impl Store {
    pub fn new(
        client: Client,
        cache: Option<Cache>,
        options: StoreOptions,
        on_progress: Option<OnProgress>,
    ) -> Store {
        Store {
            client,
            cache,
            options,
            on_progress,
            memo: Mutex::default(),
            wanted: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
        }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    fn memo(&self) -> MutexGuard<'_, Memo> {
        self.memo.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Forgets what this process has learnt of tags and failures, so that registries are asked
    /// again.
    pub fn forget(&self) {
        let mut memo = self.memo();
        memo.tags.clear();
        memo.digests.clear();
        memo.bundles.retain(|_, bundle| bundle.get().is_some_and(Result::is_ok));
    }

    /// The reference with tag and digest: the tag that is named, else the highest
    /// version.
    ///
    /// # Errors
    /// `NO_MATCHING_VERSION`, or what kept the registry from answering.
    pub async fn pin(&self, reference: &OciReference) -> Result<OciReference, RegistryFailure> {
        if reference.digest.is_some() {
            return Ok(reference.clone());
        }
        let tagged = match &reference.tag {
            Some(_) => reference.clone(),
            None => {
                let list = from_fact(self.tags(reference).await)?;
                let chosen =
                    contract::tags::select(&list, None).map(|chosen| chosen.tag.to_owned());
                let none = || contract::tags::no_match(&reference.repository(), None, &list);
                reference.with_tag(Some(&chosen.ok_or_else(none)?))
            }
        };
        let digest = from_fact(self.digest(&tagged).await)?;
        Ok(OciReference { digest: Some(digest), ..tagged })
    }

    /// The tags of a repository.
    pub async fn tags(&self, repository: &OciReference) -> Fact<Arc<[String]>> {
        let name = repository.repository();
        let once = Arc::clone(self.memo().tags.entry(name.clone()).or_default());
        into_fact(once.get_or_init(|| self.list_tags(repository, &name)).await.clone())
    }

    async fn list_tags(
        &self,
        repository: &OciReference,
        name: &str,
    ) -> Result<Arc<[String]>, RegistryFailure> {
        let cached = || self.cache.as_ref().and_then(|cache| cache.tags(name));
        if self.options.is_offline {
            let known = cached().map(|known| known.value);
            let known = known.or_else(|| self.cache.as_ref().map(|cache| cache.known_tags(name)));
            return match known.filter(|tags| !tags.is_empty()) {
                Some(tags) => Ok(tags.into()),
                None => Err(self.offline(name, name)),
            };
        }
        match self.client.tags(repository).await {
            Ok(tags) => {
                if let Some(cache) = &self.cache {
                    debug_io(cache.set_tags(name, &tags));
                }
                Ok(tags.into())
            }
            Err(failure) => match cached().filter(|_| self.may_use_old(&failure)) {
                Some(known) => {
                    tracing::warn!(target: "pacto", "registry unreachable, using cached tags of {name} (checked {})", known.age());
                    Ok(known.value.into())
                }
                None => Err(failure),
            },
        }
    }

    /// What a tag means now.
    pub async fn digest(&self, tagged: &OciReference) -> Fact<String> {
        let repository = tagged.repository();
        let tag = tagged.tag.clone().unwrap_or_else(|| "latest".to_owned());
        let once =
            Arc::clone(self.memo().digests.entry((repository.clone(), tag.clone())).or_default());
        into_fact(once.get_or_init(|| self.find_digest(tagged, &repository, &tag)).await.clone())
    }

    async fn find_digest(
        &self,
        tagged: &OciReference,
        repository: &str,
        tag: &str,
    ) -> Result<String, RegistryFailure> {
        let known = self.cache.as_ref().and_then(|cache| cache.tag(repository, tag));
        if self.options.is_offline {
            let known = known.map(|known| known.value);
            return known
                .or_else(|| self.unverified(repository, tag))
                .ok_or_else(|| self.offline(&tagged.to_string(), repository));
        }
        // What is in the cache needs no manifest but its digest; else the manifest brings both.
        let answer = match known {
            Some(_) => self
                .client
                .digest(tagged, Access::Pull)
                .await
                .and_then(|digest| digest.ok_or_else(|| not_found(tagged))),
            None => self.client.manifest(tagged).await.map(|fetched| {
                let digest = fetched.digest.clone();
                self.memo().manifests.insert((repository.to_owned(), digest.clone()), fetched);
                digest
            }),
        };
        match answer {
            Ok(digest) => {
                tracing::debug!(target: "pacto", "{tagged} is {digest}");
                if let Some(cache) = &self.cache {
                    debug_io(cache.set_tag(repository, tag, &digest));
                }
                Ok(digest)
            }
            Err(failure) => match known.filter(|_| self.may_use_old(&failure)) {
                Some(known) => {
                    tracing::warn!(target: "pacto", "registry unreachable, using cached {tag} of {repository} (checked {})", known.age());
                    Ok(known.value)
                }
                None => Err(self.nearest_tags(failure, repository)),
            },
        }
    }

    /// A missing tag, with those that are known.
    fn nearest_tags(&self, failure: RegistryFailure, repository: &str) -> RegistryFailure {
        let known = self.cache.as_ref().and_then(|cache| cache.tags(repository));
        match (failure.code, known) {
            (RegistryCode::NotFound, Some(known)) if !known.value.is_empty() => {
                let versions = contract::tags::versions(&known.value);
                let shown: Vec<&str> = versions.iter().take(5).map(|version| version.tag).collect();
                let hint = failure.hint.clone().map_or(String::new(), |hint| format!("; {hint}"));
                failure.hint(format!("published are {}{hint}", shown.join(", ")))
            }
            _ => failure,
        }
    }

    fn may_use_old(&self, failure: &RegistryFailure) -> bool {
        use RegistryCode::{Registry, Timeout, Unreachable};
        self.options.may_fall_back && matches!(failure.code, Unreachable | Timeout | Registry)
    }

    /// A bundle of the published tool's cache, under the digest of its bytes.
    fn unverified(&self, repository: &str, tag: &str) -> Option<String> {
        let path = self.cache.as_ref()?.unverified(repository, tag)?;
        let mut bytes = Vec::new();
        File::open(&path).ok()?.take(self.options.limits.layer).read_to_end(&mut bytes).ok()?;
        let digest = sha256(&bytes);
        tracing::warn!(target: "pacto", "{repository}:{tag} is from the cache of another tool and was not verified");
        self.memo().unverified.insert((repository.to_owned(), digest.clone()), path);
        Some(digest)
    }

    fn offline(&self, reference: &str, repository: &str) -> RegistryFailure {
        let failure =
            RegistryFailure::new(RegistryCode::Offline, format!("{reference} is not in the cache"));
        let known =
            self.cache.as_ref().map(|cache| cache.known_tags(repository)).unwrap_or_default();
        match known.is_empty() {
            true => failure.hint(format!("nothing of {repository} is; run without --offline once")),
            false => failure.hint(format!("in the cache of {repository}: {}", known.join(", "))),
        }
    }

    /// The bundle of a digest, unpacked.
    ///
    /// # Errors
    /// Whatever keeps it from being had, by the names of 5-oci.
    pub async fn bundle(&self, pinned: &OciReference) -> Result<Arc<Bundle>, RegistryFailure> {
        let digest = pinned.digest.clone().unwrap_or_default();
        let key = (pinned.repository(), digest);
        let once = Arc::clone(self.memo().bundles.entry(key.clone()).or_default());
        let is_new = !once.initialized();
        let found = once.get_or_init(|| self.load(pinned)).await.clone();
        if is_new && let Ok(bundle) = &found {
            let mut memo = self.memo();
            memo.kept += bundle.size();
            if memo.kept > MAX_KEPT {
                memo.kept -= bundle.size();
                memo.bundles.remove(&key);
            }
        }
        found
    }

    async fn load(&self, pinned: &OciReference) -> Result<Arc<Bundle>, RegistryFailure> {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        let layer = self.layer(pinned).await;
        let shown = shown(pinned);
        let loaded = layer.and_then(|mut layer| {
            let reader = BufReader::new(&layer.file);
            let bundle = unpack_to_memory(reader, &self.options.limits, &shown)?;
            check_contract(&bundle, &layer.manifest, &shown)?;
            self.keep(&mut layer);
            Ok(Arc::new(bundle))
        });
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(tell) = &self.on_progress {
            let name = pinned.path.rsplit('/').next().unwrap_or("").to_owned();
            tell(Progress::Bundles { done, known: self.wanted.load(Ordering::Relaxed), name });
        }
        loaded
    }

    /// The layer of a digest: from the cache, or streamed from the registry to disk and verified.
    ///
    /// # Errors
    /// Whatever keeps it from being had.
    pub async fn layer(&self, pinned: &OciReference) -> Result<Layer, RegistryFailure> {
        let repository = pinned.repository();
        let digest = pinned.digest.clone().unwrap_or_default();
        let reference = shown(pinned);
        if let Some(path) = self.memo().unverified.get(&(repository.clone(), digest.clone())) {
            let file = File::open(path).map_err(|error| on_disk(&reference, &error))?;
            return Ok(Layer {
                file,
                manifest: unverified_manifest(&digest),
                is_from_cache: true,
                unkept: None,
            });
        }
        if let Some(cache) = &self.cache {
            match cache.bundle(&repository, &digest) {
                Cached::Hit { layer, manifest } => {
                    tracing::debug!(target: "pacto", "cache hit: {repository}@{digest}");
                    return Ok(Layer { file: layer, manifest, is_from_cache: true, unkept: None });
                }
                Cached::Damaged { expected, found } if self.options.is_offline => {
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
        if self.options.is_offline {
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
        if descriptor.size > self.options.limits.layer {
            let (found, limit) =
                (human_bytes(descriptor.size), human_bytes(self.options.limits.layer));
            let message = format!("{reference}: the layer is {found}, limit {limit}");
            return Err(RegistryFailure::new(RegistryCode::TooLarge, message)
                .hint("`limits.layer` in the user configuration raises the limit"));
        }
        let staged = self.cache.as_ref().and_then(|cache| cache.temporary().ok());
        let staged = match staged {
            Some(file) => Ok(file),
            None => tempfile::NamedTempFile::new(),
        };
        let mut staged = staged.map_err(|error| on_disk(reference, &error))?;
        let reset = |file: &mut tempfile::NamedTempFile| {
            file.as_file().set_len(0)?;
            file.rewind()
        };
        self.client.blob(pinned, &descriptor, &mut staged, reset).await?;
        let mut file = staged.reopen().map_err(|error| on_disk(reference, &error))?;
        file.rewind().map_err(|error| on_disk(reference, &error))?;
        let tag = pinned.tag.clone().filter(|_| pinned.digest.as_ref() == Some(&fetched.digest));
        let repository = repository.to_owned();
        let unkept = Some(Unkept { repository, tag, fetched, descriptor, staged });
        Ok(Layer { file, manifest, is_from_cache: false, unkept })
    }

    /// Puts a layer into the cache, now that it was unpacked without complaint.
    pub fn keep(&self, layer: &mut Layer) {
        let (Some(cache), Some(unkept)) = (&self.cache, layer.unkept.take()) else { return };
        let Unkept { repository, tag, fetched, descriptor, staged } = unkept;
        let entry = (fetched.digest.as_str(), fetched.bytes.as_slice());
        debug_io(cache.store(&repository, entry, &descriptor, staged));
        if let Some(tag) = tag {
            debug_io(cache.set_tag(&repository, &tag, &fetched.digest));
        }
    }

    /// The image manifest of a digest, through an index with one bundle in it.
    async fn image_manifest(
        &self,
        pinned: &OciReference,
        reference: &str,
    ) -> Result<(Fetched, Manifest), RegistryFailure> {
        let key = (pinned.repository(), pinned.digest.clone().unwrap_or_default());
        let known = self.memo().manifests.get(&key).cloned();
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

/// The contract inside is what counts; labels that say otherwise are worth a warning.
fn check_contract(
    bundle: &Bundle,
    manifest: &Manifest,
    reference: &str,
) -> Result<(), RegistryFailure> {
    let invalid = |cause: String| {
        let message = format!("{reference} is not a valid bundle: {cause}");
        RegistryFailure::new(RegistryCode::InvalidBundle, message)
    };
    let bytes = bundle.files.get("pacto.yaml").cloned().unwrap_or_default();
    let text = crate::decode(bytes.to_vec())
        .map_err(|failure| invalid(format!("pacto.yaml: {failure}")))?;
    let summary =
        contract::summary(&text).map_err(|cause| invalid(format!("pacto.yaml: {cause}")))?;
    for (key, inside) in [("io.pacto.name", summary.name), ("io.pacto.version", summary.version)] {
        let (Some(label), Some(inside)) = (manifest.annotations.get(key), inside) else { continue };
        if *label != inside {
            tracing::warn!(target: "pacto", "{reference} is labelled {key} \"{label}\", and its contract says \"{inside}\"");
        }
    }
    Ok(())
}

/// `host/path:tag` where a tag was named, else with the digest.
fn shown(pinned: &OciReference) -> String {
    match &pinned.tag {
        Some(_) => OciReference { digest: None, ..pinned.clone() }.to_string(),
        None => pinned.to_string(),
    }
}

fn not_found(reference: &OciReference) -> RegistryFailure {
    RegistryFailure::new(RegistryCode::NotFound, format!("artifact not found: {reference}"))
}

fn on_disk(reference: &str, error: &std::io::Error) -> RegistryFailure {
    RegistryFailure::new(
        RegistryCode::InvalidBundle,
        format!("{reference} cannot be stored on this machine: {error}"),
    )
}

fn debug_io(result: std::io::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(target: "pacto", "cache: {error}");
    }
}

fn into_fact<T>(result: Result<T, RegistryFailure>) -> Fact<T> {
    match result {
        Ok(value) => Fact::Ready(value),
        Err(failure) => Fact::Failed(Failure::Registry(Box::new(failure))),
    }
}

fn from_fact<T>(fact: Fact<T>) -> Result<T, RegistryFailure> {
    match fact {
        Fact::Ready(value) => Ok(value),
        Fact::Failed(Failure::Registry(failure)) => Err(*failure),
        Fact::Failed(failure) => {
            Err(RegistryFailure::new(RegistryCode::Registry, failure.to_string()))
        }
        Fact::Pending => Err(RegistryFailure::new(RegistryCode::Unreachable, "not asked")),
    }
}
