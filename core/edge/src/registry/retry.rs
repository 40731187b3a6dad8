//! Attempts that are repeated, and the waits between them (5-oci, "Transport").

use std::time::Duration;

use super::host::Host;

/// How often anything is attempted.
const ATTEMPTS: u32 = 4;
/// The longest wait that a registry may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The attempts that are left for one thing. Waits double; a quarter more or less keeps clients
/// apart that failed together.
pub struct Retry {
    left: u32,
    wait: Duration,
}

impl Retry {
    /// The first attempt is made at once, the second one after about `first_wait`.
    pub fn new(first_wait: Duration) -> Retry {
        Retry { left: ATTEMPTS - 1, wait: first_wait }
    }

    /// Waits before another attempt: as long as the registry asked for, if it did. Returns whether
    /// there is one; `why`, which names the host, is what the last one came to.
    ///
    /// The wait is said, so that nobody looks at a silent terminal: as a warning once for each
    /// attempt at a host, whatever number of requests to it wait at the same time.
    pub async fn again(&mut self, host: &Host, why: &str, asked: Option<Duration>) -> bool {
        let Some(pause) = self.next_pause(asked) else { return false };
        let attempt = ATTEMPTS - self.left;
        let seconds = pause.as_secs_f64();
        match host.is_first_to_say(attempt) {
            true => {
                tracing::warn!(target: "pacto", "{why}; trying again in {seconds:.1} s (attempt {attempt} of {ATTEMPTS})")
            }
            false => tracing::debug!(target: "pacto", "{why}; trying again in {seconds:.1} s"),
        }
        tokio::time::sleep(pause).await;
        true
    }

    fn next_pause(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let jittered = self.wait.mul_f64(0.75 + 0.5 * fastrand::f64());
        self.wait *= 2;
        Some(asked.map_or(jittered, |asked| asked.min(LONGEST_WAIT)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(asked: Option<Duration>) -> Vec<f64> {
        let mut retry = Retry::new(Duration::from_millis(500));
        std::iter::from_fn(|| retry.next_pause(asked)).map(|p| p.as_secs_f64()).collect()
    }

    #[test]
    fn three_waits_double_and_differ_between_clients() {
        for _ in 0..100 {
            let found = pauses(None);
            let bounds = [(0.375, 0.625), (0.75, 1.25), (1.5, 2.5)];
            assert_eq!(found.len(), bounds.len());
            for (pause, (least, most)) in found.into_iter().zip(bounds) {
                assert!((least..=most).contains(&pause), "{pause}");
            }
        }
        let firsts: std::collections::BTreeSet<u64> =
            (0..100).map(|_| (pauses(None)[0] * 1e9) as u64).collect();
        assert!(firsts.len() > 50, "only {} different waits", firsts.len());
    }

    #[test]
    fn a_registry_may_ask_for_another_wait_up_to_a_minute() {
        assert_eq!(pauses(Some(Duration::from_secs(7))), [7.0; 3]);
        assert_eq!(pauses(Some(Duration::from_secs(7_000))), [60.0; 3]);
    }
}
