//! How registries are, and what went wrong, for whoever asks how the server is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use pacto_core::db::Demand;
use pacto_core::fact::{Fact, Failure};
use pacto_core::{Change, Root};

use crate::extension::RegistryStatus;

/// What is known of each registry. A clone is the same table.
#[derive(Clone, Default)]
pub(crate) struct Health(Arc<Mutex<BTreeMap<String, Host>>>);

#[derive(Default)]
struct Host {
    pending: BTreeSet<Demand>,
    /// When it last said something.
    answered: Option<Instant>,
    /// Why it did not answer the last time.
    problem: Option<String>,
}

impl Health {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Host>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A registry is being asked.
    pub(crate) fn asked(&self, demand: &Demand) {
        if let Some(host) = host_of(demand) {
            self.lock().entry(host).or_default().pending.insert(demand.clone());
        }
    }

    /// A registry has answered, or could not be reached.
    pub(crate) fn answered(&self, demands: &[Demand], changes: &[Change]) {
        let mut hosts = self.lock();
        let problem = changes.iter().find_map(problem_of);
        for demand in demands {
            let Some(host) = host_of(demand).and_then(|name| hosts.get_mut(&name)) else {
                continue;
            };
            host.pending.remove(demand);
            host.problem.clone_from(&problem);
            if problem.is_none() {
                host.answered = Some(Instant::now());
            }
        }
    }

    /// How many answers are owed.
    pub(crate) fn pending(&self) -> usize {
        self.lock().values().map(|host| host.pending.len()).sum()
    }

    pub(crate) fn registries(&self) -> Vec<RegistryStatus> {
        let hosts = self.lock();
        let each = hosts.iter().map(|(name, host)| RegistryStatus {
            host: name.clone(),
            state: match (&host.problem, host.answered) {
                (Some(_), _) => "failing",
                (None, Some(_)) => "ok",
                (None, None) => "asked",
            }
            .to_owned(),
            pending: host.pending.len(),
            age: host.answered.map(|at| at.elapsed().as_secs()),
            problem: host.problem.clone(),
        });
        each.collect()
    }
}

/// The registry that a demand goes to.
fn host_of(demand: &Demand) -> Option<String> {
    let repository: &str = match demand {
        Demand::Tags { repository } | Demand::Digest { repository, .. } => repository,
        Demand::File { root, .. } | Demand::Listing { root } => match root {
            Root::Published { repository, .. } => repository,
            _ => return None,
        },
    };
    repository.split('/').next().map(str::to_owned)
}

/// Why a registry could not be asked; what it does not have is an answer.
fn problem_of(change: &Change) -> Option<String> {
    fn failure<T>(fact: &Fact<T>) -> Option<&Failure> {
        match fact {
            Fact::Failed(failure) => Some(failure),
            _ => None,
        }
    }
    let failure = match change {
        Change::File { text, .. } => failure(text),
        Change::Listing { files, .. } => failure(files),
        Change::Tags { tags, .. } => failure(tags),
        Change::Digest { digest, .. } => failure(digest),
    };
    let failure = failure?;
    failure.registry_code().is_some_and(|code| code.is_unreachable()).then(|| failure.to_string())
}

/// The resident memory of this process in bytes; `None` where that cannot be told.
pub(crate) fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice;

    use pacto_core::fact::RegistryCode;

    fn states(health: &Health) -> Vec<(String, String, usize)> {
        let each = health.registries().into_iter();
        each.map(|one| (one.host, one.state, one.pending)).collect()
    }

    #[test]
    fn a_registry_fails_while_it_cannot_be_reached_and_not_for_what_it_lacks() {
        let health = Health::default();
        let repository = "reg.example/team/pay".to_owned();
        let demand = Demand::Tags { repository: repository.clone() };
        let answer = |tags| Change::Tags { repository: repository.clone(), tags };
        let failed = |code| Fact::Failed(Failure::registry(code, "no"));
        let state = |name: &str, pending| [("reg.example".to_owned(), name.to_owned(), pending)];
        health.asked(&demand);
        health.asked(&demand);
        assert_eq!(states(&health), state("asked", 1));
        health.answered(slice::from_ref(&demand), &[answer(failed(RegistryCode::Unreachable))]);
        assert_eq!(states(&health), state("failing", 0));
        health.answered(slice::from_ref(&demand), &[answer(failed(RegistryCode::NotFound))]);
        assert_eq!(states(&health), state("ok", 0));
        assert_eq!(health.pending(), 0);
    }
}
