//! Several users of one process, each with credentials of their own: what one of them may see is
//! not answered to another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pacto_core::contract::OciReference;
use pacto_core::fact::RegistryFailure;

use super::{Store, not_found};
use crate::cache::Cache;
use crate::registry::{Access, Credentials, credentials};

/// How long one success vouches for a tenant's access to a repository.
const ACCESS_LIVES: Duration = Duration::from_secs(15 * 60);

impl Store {
    /// The same registries, asked with these credentials. Contents, which their digests vouch for,
    /// are shared with other stores, but handed over only after a request of these credentials to
    /// their repository succeeded; answers about tags are shared with nobody else.
    pub fn for_credentials(&self, sources: credentials::Sources) -> Store {
        let tenant = Some(sources.identity());
        let client = self.client.with_credentials(Credentials::new(sources));
        Store { client, tenant, shared: Arc::clone(&self.shared) }
    }

    /// The cache, for what it says of tags: that was learnt with the credentials of its owner.
    pub(super) fn own_cache(&self) -> Option<&Cache> {
        self.shared.cache.as_ref().filter(|_| self.tenant.is_none())
    }

    /// Notes that a request of this tenant to a repository succeeded.
    pub(super) fn grant(&self, repository: &str) {
        if let Some(tenant) = &self.tenant {
            let now = Instant::now();
            let mut memo = self.memo();
            memo.granted.retain(|_, granted| now.duration_since(*granted) < ACCESS_LIVES);
            memo.granted.insert((tenant.clone(), repository.to_owned()), now);
        }
    }

    /// Whether contents of a repository may be handed to this tenant; its registry is asked when
    /// that is not known.
    ///
    /// # Errors
    /// The registry refuses, or cannot be asked.
    pub(super) async fn check_access(&self, pinned: &OciReference) -> Result<(), RegistryFailure> {
        let Some(tenant) = &self.tenant else { return Ok(()) };
        let repository = pinned.repository();
        let granted = self.memo().granted.get(&(tenant.clone(), repository.clone())).copied();
        if granted.is_some_and(|granted| granted.elapsed() < ACCESS_LIVES) {
            return Ok(());
        }
        if self.shared.options.is_offline {
            return Err(self.offline(&pinned.to_string(), &repository));
        }
        match self.client.digest(pinned, Access::Pull).await? {
            Some(_) => {
                self.grant(&repository);
                Ok(())
            }
            None => Err(not_found(pinned)),
        }
    }
}
