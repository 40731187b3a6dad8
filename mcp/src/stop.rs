//! The end of a server that was asked to stop: calls that run are answered, and no new ones start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Whether the server stops, and how many calls it still runs.
#[derive(Clone, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Default)]
struct Shared {
    is_asked: AtomicBool,
    asked: Notify,
    running: AtomicUsize,
}

/// A call that runs until this goes away.
pub struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Stop {
    /// Ends on SIGINT and SIGTERM; a second one ends the process at once.
    #[cfg(unix)]
    pub fn on_signals() -> Stop {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let stop = Stop::default();
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else {
            return stop;
        };
        let own = stop.clone();
        std::thread::spawn(move || {
            let mut signals = signals.forever();
            if signals.next().is_some() {
                own.ask();
            }
            if signals.next().is_some() {
                pacto_edge::scratch::remove_all(|| std::process::exit(0));
            }
        });
        stop
    }

    /// Where there are no such signals, the end of stdin or of the process is the end.
    #[cfg(not(unix))]
    pub fn on_signals() -> Stop {
        Stop::default()
    }

    pub fn ask(&self) {
        self.0.is_asked.store(true, Ordering::SeqCst);
        self.0.asked.notify_waiters();
    }

    pub fn is_asked(&self) -> bool {
        self.0.is_asked.load(Ordering::SeqCst)
    }

    /// Returns when the server is asked to stop.
    pub async fn asked(&self) {
        let asked = self.0.asked.notified();
        tokio::pin!(asked);
        asked.as_mut().enable();
        if !self.is_asked() {
            asked.await;
        }
    }

    /// Counts a call.
    pub fn run(&self) -> Running {
        self.0.running.fetch_add(1, Ordering::SeqCst);
        Running(Arc::clone(&self.0))
    }

    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }

    /// Returns when no call runs, or after so long.
    pub async fn idle(&self, most: Duration) {
        let end = Instant::now() + most;
        while self.running() > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
