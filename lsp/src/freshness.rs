//! When registries said what may change: tag lists, and the digests of tags. What is older than ten
//! minutes is asked for again, so that a tag that moved is seen while the server runs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pacto_core::db::Demand;

/// How long an answer counts as fresh, as in the store of registries.
const LIFE: Duration = Duration::from_secs(600);

#[derive(Default)]
pub(crate) struct Freshness(BTreeMap<Demand, Instant>);

impl Freshness {
    /// Notes what a registry has answered. Bundles are named by their digests and never change.
    pub(crate) fn answered(&mut self, demands: &[Demand], now: Instant) {
        let changing = |demand: &&Demand| {
            matches!(demand, Demand::Tags { .. } | Demand::Digest { .. }) && demand.is_remote()
        };
        self.0.extend(demands.iter().filter(changing).map(|demand| (demand.clone(), now)));
    }

    /// Whether an answer came before, so that this one takes its place.
    pub(crate) fn is_known(&self, demand: &Demand) -> bool {
        self.0.contains_key(demand)
    }

    /// What was answered and may change.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Demand> {
        self.0.keys()
    }

    /// Nothing counts as answered any more.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// When something has to be asked for again; `None` while nothing is known.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.values().min().map(|at| *at + LIFE)
    }

    /// Takes what has to be asked for again, but forgets what is not `named` any more. It counts as
    /// fresh from now on: a registry that does not answer is not asked all the time.
    pub(crate) fn stale(
        &mut self,
        now: Instant,
        is_named: impl Fn(&Demand) -> bool,
    ) -> Vec<Demand> {
        let old = |at: &Instant| now.duration_since(*at) >= LIFE;
        self.0.retain(|demand, at| !old(at) || is_named(demand));
        let stale = self.0.iter_mut().filter(|(_, at)| old(at));
        stale
            .map(|(demand, at)| {
                *at = now;
                demand.clone()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_digests_are_asked_for_again_and_bundles_are_not() {
        let tags = Demand::Tags { repository: "reg.example/pay".into() };
        let digest = Demand::Digest { repository: "reg.example/pay".into(), tag: "latest".into() };
        let file = Demand::File {
            root: "oci://reg.example/pay@sha256:0".into(),
            path: "pacto.yaml".into(),
        };
        let mut freshness = Freshness::default();
        let start = Instant::now();
        assert_eq!(freshness.next(), None);
        freshness.answered(&[tags.clone(), file], start);
        freshness.answered(std::slice::from_ref(&digest), start + LIFE / 2);
        assert_eq!(freshness.next(), Some(start + LIFE));
        assert!(freshness.stale(start + LIFE / 2, |_| true).is_empty());
        assert_eq!(freshness.stale(start + LIFE, |_| true), std::slice::from_ref(&tags));
        assert!(freshness.stale(start + LIFE, |_| true).is_empty(), "it has just been asked for");
        // What nothing names is let go.
        assert!(freshness.stale(start + 3 * LIFE, |demand| *demand != digest).contains(&tags));
        assert!(!freshness.is_known(&digest));
    }
}
