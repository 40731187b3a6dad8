//! Requests of the client, each with the snapshot of its place in the stream.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use pacto_core::Cancelled;
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    ErrorCodes, LogTraceNotification, LogTraceParams, ProgressNotification,
    ShowMessageNotification, TraceValue,
};
use tower_lsp::jsonrpc::ErrorCode;

use super::{Phase, World};
use crate::dispatch::{Answer, Waits};
use crate::event::Event;
use crate::from_protocol::{capabilities, workspace_folders};
use crate::handlers::commands::done::Then;
use crate::handlers::initialize;
use crate::lanes::Lane;
use crate::log::Level;
use crate::outbox::error;
use crate::panics;

impl World {
    pub(super) fn request(&mut self, message: Value) {
        let method = message["method"].as_str().unwrap_or_default();
        match (self.phase, method) {
            (Phase::Fresh, "initialize") => self.initialize(&message),
            (Phase::Fresh, _) => {
                let code = i32::from(ErrorCodes::ServerNotInitialized);
                let code = ErrorCode::ServerError(code.into());
                self.refuse(&message["id"], code, "the server is not initialized");
            }
            (Phase::Running, "initialize") => {
                let why = "the server is initialized already";
                self.refuse(&message["id"], ErrorCode::InvalidRequest, why);
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                self.let_go_of_pulls();
                if self.pending.finish(&message["id"]) {
                    self.outbox.respond(&message["id"], Ok(()));
                }
            }
            (Phase::Running, _) => self.serve(message),
            (Phase::ShutDown, _) => {
                let why = "the server is shut down";
                self.refuse(&message["id"], ErrorCode::InvalidRequest, why);
            }
        }
    }

    /// Answers with an error, unless the request was cancelled.
    pub(super) fn refuse(&self, id: &Value, code: ErrorCode, why: &str) {
        if self.pending.finish(id) {
            self.outbox.error(id, error(code, why));
        }
    }

    fn serve(&mut self, message: Value) {
        let method = message["method"].as_str().unwrap_or_default();
        let Some(route) = self.routes.get(method) else {
            let why = format!("there is no method `{method}`");
            return self.refuse(&message["id"], ErrorCode::MethodNotFound, &why);
        };
        match route.waits {
            Waits::No => self.dispatch(message),
            Waits::ForFindings => self.pull_document(message),
            Waits::ForNews => self.pull_workspace(message),
        }
    }

    /// An edit took the snapshot away: the request runs again on the new text.
    pub(super) fn retry(&mut self, message: Value) {
        if self.phase == Phase::Running {
            self.pull_again(&message);
            self.serve(message);
        }
    }

    /// Runs a request's handler on its lane.
    pub(super) fn dispatch(&mut self, message: Value) {
        let id = message["id"].clone();
        if !self.pending.is_waiting(&id) {
            return;
        }
        self.flush();
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let routes = Arc::clone(&self.routes);
        let Some(lane) = routes.get(&method).map(|route| route.lane) else { return };
        let snapshot = match lane {
            Lane::Interactive => self.engine.interactive(),
            Lane::Background => self.engine.background(),
        };
        let snapshot = self.complete(snapshot);
        let (outbox, pending) = (self.outbox.clone(), self.pending.clone());
        let (events, log) = (self.events.clone(), self.log.clone());
        let (trace, asked) = (self.trace.clone(), Instant::now());
        self.lanes.run(lane, move |lane| {
            if !pending.is_waiting(&id) {
                return;
            }
            let run = AssertUnwindSafe(|| {
                let snapshot = snapshot.open(lane);
                let route = routes.get(&method)?;
                Some(route.run(&snapshot, &message["params"]))
            });
            let answer = match catch_unwind(run) {
                Ok(answer) => answer,
                Err(payload) if payload.is::<Cancelled>() => {
                    let _ = events.send(Event::Retry(message));
                    return;
                }
                Err(payload) => {
                    let number = panics::report(&log, &method, payload.as_ref());
                    let why = format!("internal error {number}; see the server's log");
                    Some(Err(error(ErrorCode::InternalError, why)))
                }
            };
            if !pending.finish(&id) {
                return;
            }
            let told = || {
                let took = asked.elapsed().as_secs_f64() * 1000.0;
                format!("{method} answered in {took:.1} ms")
            };
            if log.takes(Level::Debug) {
                log.debug(&told());
            }
            if trace != TraceValue::Off {
                let verbose = (trace == TraceValue::Verbose).then(|| message["params"].to_string());
                let params = LogTraceParams { message: told(), verbose };
                outbox.notify::<LogTraceNotification>(params);
            }
            match answer {
                Some(Ok(Answer { result, parts, then })) => {
                    // What is done comes before what is asked once the answer is there.
                    let then = match then {
                        Some(Then::Do(deed)) => {
                            let _ = events.send(Event::Do(deed));
                            None
                        }
                        then => then,
                    };
                    for part in parts {
                        outbox.notify::<ProgressNotification>(part);
                    }
                    outbox.respond_json(&id, &result);
                    match then {
                        Some(Then::Show(params)) => {
                            outbox.notify::<ShowMessageNotification>(params);
                        }
                        Some(Then::Ask(request)) => {
                            let _ = events.send(Event::Ask(request));
                        }
                        Some(Then::Do(_)) | None => {}
                    }
                }
                Some(Err(why)) => outbox.error(&id, why),
                None => {}
            }
        });
    }

    fn initialize(&mut self, message: &Value) {
        let (id, params) = (&message["id"], &message["params"]);
        if !params.is_object() {
            return self.refuse(id, ErrorCode::InvalidParams, "initialize has parameters");
        }
        self.capabilities = Arc::new(capabilities(params));
        self.phase = Phase::Running;
        if let Some(trace) = params["trace"].as_str() {
            self.trace = trace.to_owned().into();
        }
        if self.pending.finish(id) {
            self.outbox.respond(id, Ok(initialize::result(&self.capabilities)));
        }
        Arc::make_mut(&mut self.scopes).merge(&params["initializationOptions"]);
        self.settings_changed();
        let process = params["processId"].as_u64().and_then(|id| u32::try_from(id).ok());
        self.parent = self.parent.or(process);
        self.watch_parent();
        for uri in workspace_folders(params) {
            self.add_folder(&uri);
        }
    }
}
