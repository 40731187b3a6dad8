//! The loop over events.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::{Phase, World};
use crate::event::Event;
use crate::timers::Timer;

/// How often it is looked whether the process that started the server still runs.
const PARENT_INTERVAL: Duration = Duration::from_secs(5);

impl World {
    /// Handles events until the client leaves. Returns the exit code of the process.
    pub(crate) fn run(mut self, inbox: &Receiver<Event>) -> i32 {
        self.watch_parent();
        loop {
            while let Some(timer) = self.timers.due() {
                self.timer(timer);
            }
            let Some(event) = self.next_event(inbox) else { continue };
            match event {
                Event::Request(message) => self.request(message),
                Event::Retry(message) => self.retry(message),
                Event::Notification(message) => {
                    if let Some(code) = self.notification(&message) {
                        return code;
                    }
                }
                Event::Response(id, result) => self.client_answered(&id, result),
                Event::Ask(request) => self.ask_client(request),
                Event::Do(deed) => self.carry_out(deed),
                Event::Looked(outcome) => self.looked(*outcome),
                Event::Made(made) => self.made(made),
                Event::News(news) => self.news(news),
                Event::ParentGone => return 1,
                Event::End => return i32::from(self.phase != Phase::ShutDown),
            }
        }
    }

    /// The next event, or the work that there is while none waits; `None` when a timer is due.
    fn next_event(&mut self, inbox: &Receiver<Event>) -> Option<Event> {
        loop {
            match inbox.try_recv() {
                Ok(event) => return Some(event),
                Err(TryRecvError::Disconnected) => return Some(Event::End),
                Err(TryRecvError::Empty) if self.has_work() => self.work(),
                Err(TryRecvError::Empty) => break,
            }
        }
        let Some(left) = self.timers.next() else {
            return Some(inbox.recv().unwrap_or(Event::End));
        };
        match inbox.recv_timeout(left) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Disconnected) => Some(Event::End),
            Err(RecvTimeoutError::Timeout) => None,
        }
    }

    fn timer(&mut self, timer: Timer) {
        match timer {
            Timer::Patience | Timer::Held => self.make_again(),
            Timer::Registries => self.ask_rested(),
            Timer::Freshness => self.ask_stale(),
            Timer::Refresh => self.refresh(),
            Timer::Rest => self.refresh_inlays(),
            Timer::Pull => self.answer_pull(),
            Timer::Watch => self.watch_files(),
            Timer::Poll => self.poll_files(),
            Timer::Tell => self.tell(),
        }
    }

    fn has_work(&self) -> bool {
        self.documents.has_dirty() || !self.answers.is_empty() || self.needs_round()
    }

    /// What is done while no message waits: edits and answers reach the engine, a round starts.
    fn work(&mut self) {
        self.engine.tell_day();
        self.flush();
        self.take_answers();
        if self.needs_round() {
            self.start_round();
        }
    }

    /// Ends the server when the process that started it is gone.
    pub(super) fn watch_parent(&mut self) {
        let parent = self.parent.take().filter(|parent| is_running(*parent).is_some());
        let Some(parent) = parent else { return };
        let events = self.events.clone();
        let watch = move || {
            while is_running(parent) == Some(true) {
                thread::sleep(PARENT_INTERVAL);
            }
            let _ = events.send(Event::ParentGone);
        };
        let _ = thread::Builder::new().name("parent".into()).spawn(watch);
    }
}

/// Whether a process runs; `None` where that cannot be told.
pub(crate) fn is_running(process: u32) -> Option<bool> {
    let is_there = |process: &str| std::path::Path::new("/proc").join(process).exists();
    is_there("self").then(|| is_there(&process.to_string()))
}
