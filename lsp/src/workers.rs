//! Threads that wait for the outside world. What hangs there holds up nobody else.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// Jobs of one subject run one after the other, in order; subjects run beside each other, on a
/// bounded number of threads that are made when they are needed and end when nothing is left.
#[derive(Clone)]
pub(crate) struct Workers {
    name: &'static str,
    limit: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Subjects whose next job may run.
    ready: VecDeque<String>,
    jobs: HashMap<String, VecDeque<Job>>,
    /// Subjects with a job that runs now.
    running: HashSet<String>,
    threads: usize,
}

impl Workers {
    pub(crate) fn new(name: &'static str, limit: usize) -> Workers {
        Workers { name, limit, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(crate) fn run(&self, subject: impl Into<String>, job: impl FnOnce() + Send + 'static) {
        let subject = subject.into();
        let mut state = self.state();
        let is_first = !state.jobs.contains_key(&subject) && !state.running.contains(&subject);
        state.jobs.entry(subject.clone()).or_default().push_back(Box::new(job));
        if is_first {
            state.ready.push_back(subject);
        }
        // Those that run may all hang.
        if state.threads < self.limit && !state.ready.is_empty() {
            state.threads += 1;
            let workers = self.clone();
            let spawned =
                thread::Builder::new().name(self.name.into()).spawn(move || workers.work());
            if spawned.is_err() {
                state.threads -= 1;
            }
        }
    }

    fn work(&self) {
        loop {
            let mut state = self.state();
            let Some(subject) = state.ready.pop_front() else {
                state.threads -= 1;
                return;
            };
            let queue = state.jobs.get_mut(&subject);
            let job = queue.and_then(|queue| queue.pop_front());
            state.running.insert(subject.clone());
            drop(state);
            if let Some(job) = job {
                // A panic ends one job.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
            }
            let mut state = self.state();
            state.running.remove(&subject);
            if state.jobs.get(&subject).is_some_and(|queue| !queue.is_empty()) {
                state.ready.push_back(subject);
            } else {
                state.jobs.remove(&subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{bounded, unbounded};
    use std::time::Duration;

    #[test]
    fn what_hangs_holds_up_its_own_subject_alone() {
        let workers = Workers::new("test", 2);
        let (release, gate) = bounded::<()>(0);
        let (done, answers) = unbounded();
        workers.run("hung", move || {
            let _ = gate.recv();
        });
        for i in 0..20 {
            let done = done.clone();
            let subject = if i == 0 { "hung".to_owned() } else { format!("other {}", i % 3) };
            workers.run(subject, move || {
                let _ = done.send(i);
            });
        }
        let answered: Vec<i32> =
            (0..19).map(|_| answers.recv_timeout(Duration::from_secs(20)).unwrap()).collect();
        assert!(!answered.contains(&0), "it waits for what hangs");
        for rest in 0..3 {
            let own: Vec<_> = answered.iter().filter(|i| *i % 3 == rest).collect();
            assert!(own.is_sorted(), "in order: {own:?}");
        }
        drop(release);
        assert_eq!(answers.recv_timeout(Duration::from_secs(20)), Ok(0));
    }
}
