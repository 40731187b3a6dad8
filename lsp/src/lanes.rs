//! Threads that run what takes time: two for what a person waits for, one for the rest.

use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

/// Proof that code runs on a lane. Only lanes make one, and a snapshot opens for nobody else, so
/// that the thread that applies messages cannot run a query.
pub(crate) struct OnLane(());

type Job = Box<dyn FnOnce(&OnLane) + Send>;

/// The lanes. Dropping them lets their threads end when their jobs are done.
pub(crate) struct Lanes {
    interactive: Sender<Job>,
    background: Sender<Job>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A person waits.
    Interactive,
    Background,
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

    pub(crate) fn run(&self, lane: Lane, job: impl FnOnce(&OnLane) + Send + 'static) {
        let jobs = match lane {
            Lane::Interactive => &self.interactive,
            Lane::Background => &self.background,
        };
        let _ = jobs.send(Box::new(job));
    }
}

fn spawn(name: String, jobs: Receiver<Job>) {
    let run = move || jobs.into_iter().for_each(|job| job(&OnLane(())));
    thread::Builder::new().name(name).spawn(run).expect("a thread for a lane");
}
