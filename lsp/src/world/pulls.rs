//! Pulled diagnostics, and what the client is told to ask for again.

use std::time::{Duration, Instant};

use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    CodeLensRefreshRequest, DiagnosticRefreshRequest, InlayHintRefreshRequest, LspErrorCodes,
};

use super::World;
use crate::client::ServerRequest;
use crate::outbox::lsp_error;
use crate::publish::{Made, NO_HINTS};
use crate::timers::Timer;

/// The client is told to ask again once in this time at the most.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// A workspace pull is answered once in this time at the most.
const PULL_INTERVAL: Duration = Duration::from_millis(500);

pub(super) struct Pulls {
    /// Document pulls whose findings are being made.
    documents: Vec<Value>,
    /// A workspace pull that is held until there is something new.
    workspace: Option<Value>,
    /// The name of the newest findings.
    findings: Option<u64>,
    /// The name of the findings that the last workspace pull was answered with, and when.
    answered: Option<(u64, Instant)>,
    /// The name of the hints that the client knows of.
    hints: u64,
    refreshes_diagnostics: bool,
    refreshes_hints: bool,
    last_refresh: Option<Instant>,
}

impl Default for Pulls {
    fn default() -> Self {
        Pulls {
            documents: Vec::new(),
            workspace: None,
            findings: None,
            answered: None,
            hints: NO_HINTS,
            refreshes_diagnostics: false,
            refreshes_hints: false,
            last_refresh: None,
        }
    }
}

impl World {
    /// A document's findings are answered once they are made of its text.
    pub(super) fn pull_document(&mut self, message: Value) {
        if self.is_made() {
            self.dispatch(message);
        } else {
            self.pulls.documents.push(message);
        }
    }

    /// A workspace's findings are answered once there is something that the client does not have.
    pub(super) fn pull_workspace(&mut self, message: Value) {
        if let Some(old) = self.pulls.workspace.replace(message)
            && self.pending.finish(&old["id"])
        {
            let why = "a newer pull took its place";
            self.outbox.error(&old["id"], lsp_error(LspErrorCodes::ServerCancelled, why));
        }
        self.answer_pull();
    }

    /// Answers the workspace pull that is held, if it is time.
    pub(super) fn answer_pull(&mut self) {
        let Some(message) = &self.pulls.workspace else { return };
        if !self.pending.is_waiting(&message["id"]) {
            self.pulls.workspace = None;
            return;
        }
        let Some(findings) = self.pulls.findings.filter(|_| self.is_all_made()) else { return };
        let previous = message["params"]["previousResultIds"].as_array();
        let is_first = previous.is_none_or(Vec::is_empty);
        if let Some((known, at)) = self.pulls.answered
            && !is_first
        {
            if known == findings {
                return;
            }
            if at.elapsed() < PULL_INTERVAL {
                return self.timers.set(Timer::Pull, at + PULL_INTERVAL);
            }
        }
        self.pulls.answered = Some((findings, Instant::now()));
        if let Some(message) = self.pulls.workspace.take() {
            self.dispatch(message);
        }
    }

    /// A pull whose answer was lost to an edit counts as not answered.
    pub(super) fn pull_again(&mut self, message: &Value) {
        if message["method"] == "workspace/diagnostic" {
            self.pulls.answered = None;
        }
    }

    /// Findings were made: whoever waits for them gets them.
    pub(super) fn pulled(&mut self, made: &Made) {
        if self.is_made() {
            for message in std::mem::take(&mut self.pulls.documents) {
                self.dispatch(message);
            }
        }
        let Some(findings) = made.findings else { return };
        let has_changed = self.pulls.findings.replace(findings) != Some(findings);
        if self.pulls.workspace.is_some() {
            self.answer_pull();
        } else if has_changed {
            self.pulls.refreshes_diagnostics = true;
            self.refresh_later();
        }
    }

    /// Hints were made: who knows others is told to ask again.
    pub(super) fn hinted(&mut self, made: &Made) {
        let Some(hints) = made.hints else { return };
        if std::mem::replace(&mut self.pulls.hints, hints) != hints {
            self.pulls.refreshes_hints = true;
            self.refresh_later();
        }
    }

    fn refresh_later(&mut self) {
        let now = Instant::now();
        let earliest = self.pulls.last_refresh.map_or(now, |last| last + REFRESH_INTERVAL);
        self.timers.set(Timer::Refresh, earliest);
    }

    pub(super) fn refresh(&mut self) {
        self.pulls.last_refresh = Some(Instant::now());
        if std::mem::take(&mut self.pulls.refreshes_diagnostics) {
            self.ask_client(ServerRequest::replaceable::<DiagnosticRefreshRequest>(()));
        }
        if std::mem::take(&mut self.pulls.refreshes_hints) {
            self.refresh_inlays();
            if self.capabilities.refreshes_lenses {
                self.ask_client(ServerRequest::replaceable::<CodeLensRefreshRequest>(()));
            }
        }
    }

    pub(super) fn refresh_inlays(&mut self) {
        if self.capabilities.refreshes_inlays {
            self.ask_client(ServerRequest::replaceable::<InlayHintRefreshRequest>(()));
        }
    }

    /// Ends what is held when the server shuts down.
    pub(super) fn let_go_of_pulls(&mut self) {
        let held = self.pulls.workspace.take().into_iter();
        for message in held.chain(std::mem::take(&mut self.pulls.documents)) {
            if self.pending.finish(&message["id"]) {
                let why = "the server shuts down";
                self.outbox.error(&message["id"], lsp_error(LspErrorCodes::ServerCancelled, why));
            }
        }
    }
}
