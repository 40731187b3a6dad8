//! Threads that run requests: two for what a person waits for, one for the rest.

use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

type Job = Box<dyn FnOnce() + Send>;

/// The lanes. Dropping them lets their threads end when their jobs are done.
pub(crate) struct Lanes {
    interactive: Sender<Job>,
    background: Sender<Job>,
}

impl Lanes {
    pub(crate) fn start() -> Lanes {
        let (interactive, jobs) = unbounded();
        for i in 0..2 {
            spawn(format!("interactive-{i}"), jobs.clone());
        }
        let (background, jobs) = unbounded();
        spawn("background".into(), jobs);
        Lanes { interactive, background }
    }

    pub(crate) fn interactive(&self, job: impl FnOnce() + Send + 'static) {
        let _ = self.interactive.send(Box::new(job));
    }

    pub(crate) fn background(&self, job: impl FnOnce() + Send + 'static) {
        let _ = self.background.send(Box::new(job));
    }
}

fn spawn(name: String, jobs: Receiver<Job>) {
    let run = move || jobs.into_iter().for_each(|job| job());
    thread::Builder::new().name(name).spawn(run).expect("a thread for a lane");
}
