//! Bundles of registries, by way of the cache: what the engine's demands are answered from.

mod content;
mod layers;
mod memo;
mod tenants;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pacto_core::contract::{self, OciReference};
use pacto_core::fact::{Fact, Failure, RegistryCode, RegistryFailure};

use crate::bundle::{Bundle, Limits, sha256};
use crate::cache::Cache;
use crate::read_regular;
use crate::registry::{Access, Client, Fetched, Identity, OnProgress};

pub use content::Content;
pub use layers::Layer;
use memo::{Answers, Recent};

/// Bytes of bundles in memory where nothing else is said; what is beyond is read from the cache
/// again.
const USUAL_KEPT: u64 = 256 << 20;
/// Bytes of manifests in memory, each of which waits for its bundle to be asked for.
const MANIFESTS_KEPT: u64 = 8 << 20;

/// How bundles are looked for.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// No network at all.
    pub is_offline: bool,
    /// Whether what is remembered serves when a registry cannot be reached.
    pub may_fall_back: bool,
    pub limits: Limits,
    /// How long answers about tags hold; without it, as long as the process.
    pub tags_live: Option<Duration>,
    /// Upper bound on the bytes of bundles in memory.
    pub kept: u64,
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions {
            is_offline: false,
            may_fall_back: false,
            limits: Limits::PUBLISHED,
            tags_live: None,
            kept: USUAL_KEPT,
        }
    }
}

/// Bundles of registries, asked for with one set of credentials.
///
/// A process of one user has one store. A process that serves several asks by way of
/// [`Store::for_credentials`] alone: they share contents and connections, and nobody is answered
/// with what another's credentials made known.
pub struct Store {
    client: Client,
    /// Whose credentials these are; none for the user whose process and cache it is.
    tenant: Option<Identity>,
    shared: Arc<Shared>,
}

struct Shared {
    cache: Option<Cache>,
    options: StoreOptions,
    on_progress: Option<OnProgress>,
    memo: Mutex<Memo>,
    wanted: AtomicUsize,
    done: AtomicUsize,
    /// Whether it was said that the cache cannot be written.
    is_cache_lost: AtomicBool,
}

/// Repository and digest.
type Pin = (String, String);

/// What this process has asked for: each thing once while it holds, by whose credentials.
struct Memo {
    tags: Answers<(Option<Identity>, String), Arc<[String]>>,
    /// By repository and tag.
    digests: Answers<(Option<Identity>, String, String), String>,
    loads: Answers<(Option<Identity>, Pin), Arc<Bundle>>,
    /// Contents, which their digests vouch for: whoever may have them gets the same.
    bundles: Recent<Pin, Arc<Bundle>>,
    manifests: Recent<Pin, Fetched>,
    /// When a tenant last got something of a repository.
    granted: HashMap<(Identity, String), Instant>,
    /// Layers of the published tool's cache, by repository and the digest of their bytes.
    unverified: HashMap<Pin, PathBuf>,
}

impl Store {
    pub fn new(
        client: Client,
        cache: Option<Cache>,
        options: StoreOptions,
        on_progress: Option<OnProgress>,
    ) -> Store {
        let memo = Memo {
            tags: Answers::new(options.tags_live),
            digests: Answers::new(options.tags_live),
            loads: Answers::new(options.tags_live),
            bundles: Recent::new(options.kept),
            manifests: Recent::new(MANIFESTS_KEPT),
            granted: HashMap::new(),
            unverified: HashMap::new(),
        };
        let shared = Shared {
            cache,
            options,
            on_progress,
            memo: Mutex::new(memo),
            wanted: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            is_cache_lost: AtomicBool::new(false),
        };
        Store { client, tenant: None, shared: Arc::new(shared) }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn cache(&self) -> Option<&Cache> {
        self.shared.cache.as_ref()
    }

    pub fn limits(&self) -> &Limits {
        &self.shared.options.limits
    }

    fn memo(&self) -> MutexGuard<'_, Memo> {
        self.shared.memo.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Forgets what this process has learnt of tags and failures, so that registries are asked
    /// again.
    pub fn forget(&self) {
        let mut memo = self.memo();
        memo.tags.clear();
        memo.digests.clear();
        memo.loads.forget_failures();
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
        let once = self.memo().tags.get((self.tenant.clone(), name.clone()), Instant::now());
        into_fact(once.get_or_init(|| self.list_tags(repository, &name)).await.clone())
    }

    async fn list_tags(
        &self,
        repository: &OciReference,
        name: &str,
    ) -> Result<Arc<[String]>, RegistryFailure> {
        let cached = || self.own_cache().and_then(|cache| cache.tags(name));
        if self.shared.options.is_offline {
            let known = cached().map(|known| known.value);
            let known = known.or_else(|| self.own_cache().map(|cache| cache.known_tags(name)));
            return match known.filter(|tags| !tags.is_empty()) {
                Some(tags) => Ok(tags.into()),
                None => Err(self.offline(name, name)),
            };
        }
        match self.client.tags(repository).await {
            Ok(tags) => {
                self.grant(name);
                if let Some(cache) = self.own_cache() {
                    self.note_kept(cache.set_tags(name, &tags));
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
        let key = (self.tenant.clone(), repository.clone(), tag.clone());
        let once = self.memo().digests.get(key, Instant::now());
        into_fact(once.get_or_init(|| self.find_digest(tagged, &repository, &tag)).await.clone())
    }

    async fn find_digest(
        &self,
        tagged: &OciReference,
        repository: &str,
        tag: &str,
    ) -> Result<String, RegistryFailure> {
        let known = self.own_cache().and_then(|cache| cache.tag(repository, tag));
        if self.shared.options.is_offline {
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
                let size = fetched.bytes.len() as u64;
                let pin = (repository.to_owned(), digest.clone());
                self.memo().manifests.insert(pin, fetched, size);
                digest
            }),
        };
        match answer {
            Ok(digest) => {
                tracing::debug!(target: "pacto", "{tagged} is {digest}");
                self.grant(repository);
                if let Some(cache) = self.own_cache() {
                    self.note_kept(cache.set_tag(repository, tag, &digest));
                }
                Ok(digest)
            }
            Err(failure) => match known.filter(|_| self.may_use_old(&failure)) {
                Some(known) => {
                    tracing::warn!(target: "pacto", "registry unreachable, using cached {tag} of {repository} (checked {})", known.age());
                    Ok(known.value)
                }
                None => Err(self.nearest_tags(failure, tagged, repository).await),
            },
        }
    }

    /// A missing tag, with those that are known.
    async fn nearest_tags(
        &self,
        failure: RegistryFailure,
        tagged: &OciReference,
        repository: &str,
    ) -> RegistryFailure {
        if failure.code != RegistryCode::NotFound {
            return failure;
        }
        let known = match self.client.tags(tagged).await {
            Ok(tags) => Some(tags),
            Err(_) => self.own_cache().and_then(|cache| Some(cache.tags(repository)?.value)),
        };
        match known {
            Some(known) if !contract::tags::versions(&known).is_empty() => {
                let versions = contract::tags::versions(&known);
                let shown: Vec<&str> = versions.iter().take(5).map(|version| version.tag).collect();
                let hint = failure.hint.clone().map_or(String::new(), |hint| format!("; {hint}"));
                failure.hint(format!("published are {}{hint}", shown.join(", ")))
            }
            _ => failure,
        }
    }

    fn may_use_old(&self, failure: &RegistryFailure) -> bool {
        use RegistryCode::{Registry, Timeout, Unreachable};
        self.shared.options.may_fall_back
            && matches!(failure.code, Unreachable | Timeout | Registry)
    }

    /// A bundle of the published tool's cache, under the digest of its bytes.
    fn unverified(&self, repository: &str, tag: &str) -> Option<String> {
        let path = self.own_cache()?.unverified(repository, tag)?;
        let bytes = read_regular(&path, self.shared.options.limits.layer).ok()?;
        let digest = sha256(&bytes);
        tracing::warn!(target: "pacto", "{repository}:{tag} is from the cache of another tool and was not verified");
        self.memo().unverified.insert((repository.to_owned(), digest.clone()), path);
        Some(digest)
    }

    /// What could not be kept is fetched again another time, which is said once.
    fn note_kept(&self, result: std::io::Result<()>) {
        let Err(error) = result else { return };
        match self.shared.is_cache_lost.swap(true, Ordering::Relaxed) {
            true => tracing::debug!(target: "pacto", "cache: {error}"),
            false => {
                tracing::warn!(target: "pacto", "the cache cannot be written, going on without it: {error}")
            }
        }
    }

    fn offline(&self, reference: &str, repository: &str) -> RegistryFailure {
        let failure =
            RegistryFailure::new(RegistryCode::Offline, format!("{reference} is not in the cache"));
        let known = self.own_cache().map(|cache| cache.known_tags(repository)).unwrap_or_default();
        match known.is_empty() {
            true => failure.hint(format!("nothing of {repository} is; run without --offline once")),
            false => failure.hint(format!("in the cache of {repository}: {}", known.join(", "))),
        }
    }
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
