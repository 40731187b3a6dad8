//! Messages to the client: a queue that never blocks who writes to it.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use serde::Serialize;
use serde_json::Value;
use tower_lsp::gen_lsp_types::{LspErrorCodes, Notification};
use tower_lsp::jsonrpc::{Error, ErrorCode};

use crate::client::ServerRequest;

/// Above this many queued bytes, messages that a later one replaces are dropped.
const MAX_QUEUED: usize = 64 << 20;

#[derive(Clone)]
pub(crate) struct Outbox {
    shared: Arc<(Mutex<Queue>, Condvar)>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Message>,
    bytes: usize,
    is_closed: bool,
}

struct Message {
    /// A later message of the same key replaces this one while it is queued.
    key: Option<String>,
    body: String,
}

#[derive(Serialize)]
struct Response<'m, T> {
    jsonrpc: &'static str,
    id: &'m Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'m Error>,
}

#[derive(Serialize)]
struct Call<'m, T> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'m str>,
    method: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<T>,
}

fn text(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

/// An error of the protocol, as the kind of code that JSON-RPC has.
pub(crate) fn lsp_error(code: LspErrorCodes, message: impl Into<String>) -> Error {
    error(ErrorCode::ServerError(i32::from(code).into()), message)
}

pub(crate) fn error(code: ErrorCode, message: impl Into<String>) -> Error {
    Error { code, message: message.into().into(), data: None }
}

impl Outbox {
    /// Starts the thread that writes to `output`.
    pub(crate) fn start(output: impl Write + Send + 'static) -> Outbox {
        let shared = Arc::new((Mutex::new(Queue::default()), Condvar::new()));
        let for_writer = shared.clone();
        let writer = thread::Builder::new()
            .name("writer".into())
            .spawn(move || write_all(&for_writer, output))
            .expect("a thread for the writer");
        Outbox { shared, writer: Arc::new(Mutex::new(Some(writer))) }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.shared.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn push(&self, key: Option<String>, body: String) {
        let mut queue = self.queue();
        if queue.is_closed {
            return;
        }
        let is_same = |m: &&mut Message| key.is_some() && m.key == key;
        if let Some(old) = queue.messages.iter_mut().find(is_same) {
            let (before, after) = (old.body.len(), body.len());
            old.body = body;
            queue.bytes = queue.bytes + after - before;
            return;
        }
        queue.bytes += body.len();
        queue.messages.push_back(Message { key, body });
        while queue.bytes > MAX_QUEUED {
            let Some(at) = queue.messages.iter().position(|m| m.key.is_some()) else { break };
            if let Some(dropped) = queue.messages.remove(at) {
                queue.bytes -= dropped.body.len();
            }
        }
        self.shared.1.notify_one();
    }

    /// Answers a request.
    pub(crate) fn respond(&self, id: &Value, result: Result<impl Serialize, Error>) {
        let response = |result, error| Response { jsonrpc: "2.0", id, result, error };
        let body = match &result {
            Ok(result) => text(&response(Some(result), None)),
            Err(error) => text(&response(None, Some(error))),
        };
        self.push(None, body);
    }

    /// Answers a request with a result that is JSON already.
    pub(crate) fn respond_json(&self, id: &Value, result: &str) {
        self.push(None, format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#));
    }

    pub(crate) fn error(&self, id: &Value, error: Error) {
        self.respond(id, Err::<(), _>(error));
    }

    pub(crate) fn notify<N: Notification>(&self, params: N::Params) {
        self.push(None, notification::<N>(params));
    }

    /// Sends a notification that a later one of the same key makes superfluous.
    pub(crate) fn replaceable_notification<N: Notification>(&self, key: String, params: N::Params) {
        self.push(Some(key), notification::<N>(params));
    }

    /// Sends a request under an id.
    pub(crate) fn ask(&self, id: &str, request: ServerRequest) {
        let params = Some(&request.params).filter(|params| !params.is_null());
        let call = Call { jsonrpc: "2.0", id: Some(id), method: &request.method, params };
        let body = text(&call);
        self.push(request.key, body);
    }

    /// Writes what is queued, for a second at the longest, and ends the writer.
    pub(crate) fn finish(&self) {
        self.queue().is_closed = true;
        self.shared.1.notify_one();
        let writer = self.writer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let Some(writer) = writer else { return };
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(1);
        while !writer.is_finished() && std::time::Instant::now() < deadline {
            thread::sleep(std::time::Duration::from_millis(2));
        }
    }
}

fn notification<N: Notification>(params: N::Params) -> String {
    let method = N::METHOD.to_string();
    text(&Call { jsonrpc: "2.0", id: None, method: &method, params: Some(params) })
}

fn write_all(shared: &(Mutex<Queue>, Condvar), mut output: impl Write) {
    loop {
        let mut queue = shared.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while queue.messages.is_empty() {
            if queue.is_closed {
                return;
            }
            queue = shared.1.wait(queue).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        let batch: Vec<Message> = queue.messages.drain(..).collect();
        queue.bytes = 0;
        drop(queue);
        let mut frames = Vec::new();
        for message in batch {
            frames.extend(format!("Content-Length: {}\r\n\r\n", message.body.len()).bytes());
            frames.extend(message.body.bytes());
        }
        if output.write_all(&frames).and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}
