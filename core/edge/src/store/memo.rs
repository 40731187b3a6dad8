//! What a process remembers: answers for a time, contents within a number of bytes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pacto_core::fact::RegistryFailure;
use tokio::sync::OnceCell;

/// What one question came to, or is coming to: those who ask meanwhile share the answer.
pub(super) type Once<T> = Arc<OnceCell<Result<T, RegistryFailure>>>;

/// A failure holds no longer than this where answers hold for a time.
const FAILURES_LIVE: Duration = Duration::from_secs(30);

/// Answers, each asked for once while it holds.
pub(super) struct Answers<K, T> {
    /// How long answers hold; without it, as long as the process.
    live: Option<Duration>,
    known: HashMap<K, (Instant, Once<T>)>,
}

impl<K: Eq + Hash, T> Answers<K, T> {
    pub(super) fn new(live: Option<Duration>) -> Self {
        Answers { live, known: HashMap::new() }
    }

    /// The answer to `key`, asked for before or to be asked for by the caller. `now` is the time of
    /// the question.
    pub(super) fn get(&mut self, key: K, now: Instant) -> Once<T> {
        if let Some(live) = self.live {
            // What nobody has asked for in its time goes, too.
            self.known.retain(|_, (asked, once)| {
                let live = match once.get() {
                    Some(Ok(_)) => live,
                    Some(Err(_)) => live.min(FAILURES_LIVE),
                    None => return true,
                };
                now.duration_since(*asked) < live
            });
        }
        Arc::clone(&self.known.entry(key).or_insert_with(|| (now, Once::default())).1)
    }

    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    pub(super) fn forget_failures(&mut self) {
        self.known.retain(|_, (_, once)| !matches!(once.get(), Some(Err(_))));
    }

    pub(super) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.known.remove(key);
    }
}

/// Contents within a number of bytes: those that were used least lately go first.
pub(super) struct Recent<K, V> {
    bound: u64,
    size: u64,
    clock: u64,
    kept: HashMap<K, Kept<V>>,
}

struct Kept<V> {
    value: V,
    size: u64,
    used: u64,
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    pub(super) fn new(bound: u64) -> Self {
        Recent { bound, size: 0, clock: 0, kept: HashMap::new() }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        self.clock += 1;
        let kept = self.kept.get_mut(key)?;
        kept.used = self.clock;
        Some(kept.value.clone())
    }

    /// Keeps a value of `size` bytes, unless it alone is more than what may be kept.
    pub(super) fn insert(&mut self, key: K, value: V, size: u64) {
        self.remove(&key);
        if size > self.bound {
            return;
        }
        self.clock += 1;
        self.size += size;
        self.kept.insert(key, Kept { value, size, used: self.clock });
        while self.size > self.bound
            && let Some(oldest) = self.oldest()
        {
            self.remove(&oldest);
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let kept = self.kept.remove(key)?;
        self.size -= kept.size;
        Some(kept.value)
    }

    fn oldest(&self) -> Option<K> {
        self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone())
    }
}

#[cfg(test)]
mod tests {
    use pacto_core::fact::RegistryCode;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn answers_hold_for_their_time_and_failures_for_less() {
        let mut answers: Answers<&str, u32> = Answers::new(Some(10 * MINUTE));
        let start = Instant::now();
        let good = answers.get("good", start);
        let bad = answers.get("bad", start);
        let pending = answers.get("pending", start);
        good.set(Ok(1)).unwrap();
        bad.set(Err(RegistryFailure::new(RegistryCode::Timeout, "slow"))).unwrap();
        let is_same = |answers: &mut Answers<&str, u32>, key, once: &Once<u32>, after| {
            Arc::ptr_eq(&answers.get(key, start + after), once)
        };
        assert!(is_same(&mut answers, "bad", &bad, MINUTE / 3));
        assert!(!is_same(&mut answers, "bad", &bad, MINUTE), "asked again");
        assert!(is_same(&mut answers, "good", &good, 9 * MINUTE));
        assert!(!is_same(&mut answers, "good", &good, 10 * MINUTE), "asked again");
        assert!(is_same(&mut answers, "pending", &pending, 10 * MINUTE), "it is being asked for");
    }

    #[test]
    fn without_a_time_answers_hold_as_long_as_the_process() {
        let mut answers: Answers<&str, u32> = Answers::new(None);
        let start = Instant::now();
        let once = answers.get("a", start);
        once.set(Ok(1)).unwrap();
        assert!(Arc::ptr_eq(&answers.get("a", start + 10_000 * MINUTE), &once));
        answers.forget_failures();
        assert!(Arc::ptr_eq(&answers.get("a", start), &once));
        answers.clear();
        assert!(!Arc::ptr_eq(&answers.get("a", start), &once));
    }

    #[test]
    fn what_was_used_least_lately_makes_room() {
        let mut recent = Recent::new(100);
        for (key, size) in [("a", 40), ("b", 40)] {
            recent.insert(key, key, size);
        }
        assert_eq!(recent.get(&"a"), Some("a"));
        recent.insert("c", "c", 40);
        assert_eq!(
            (recent.get(&"a"), recent.get(&"b"), recent.get(&"c")),
            (Some("a"), None, Some("c"))
        );
        recent.insert("huge", "huge", 101);
        assert_eq!((recent.get(&"huge"), recent.get(&"a")), (None, Some("a")));
        recent.insert("all", "all", 100);
        assert_eq!(
            (recent.get(&"a"), recent.get(&"c"), recent.get(&"all")),
            (None, None, Some("all"))
        );
        recent.insert("all", "again", 10);
        recent.insert("d", "d", 90);
        assert_eq!((recent.get(&"all"), recent.get(&"d")), (Some("again"), Some("d")));
    }
}
