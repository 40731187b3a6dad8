//! Messages to the client: a queue that never blocks who writes to it.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

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
        if let Some(key) = &key
            && let Some(old) = queue.messages.iter_mut().find(|m| m.key.as_ref() == Some(key))
        {
            let length = old.body.len();
            queue.bytes = queue.bytes + body.len() - length;
            if let Some(old) = queue.messages.iter_mut().find(|m| m.key.as_ref() == Some(key)) {
                old.body = body;
            }
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

    pub(crate) fn send(&self, message: &Value) {
        self.push(None, message.to_string());
    }

    /// Sends a text that is a whole JSON-RPC message already.
    pub(crate) fn send_text(&self, message: String) {
        self.push(None, message);
    }

    /// Sends a notification that a later one of the same key makes superfluous.
    pub(crate) fn replaceable(&self, key: String, message: &Value) {
        self.push(Some(key), message.to_string());
    }

    pub(crate) fn error(&self, id: Value, code: i64, message: &str) {
        let error = json!({"code": code, "message": message});
        self.send(&json!({"jsonrpc": "2.0", "id": id, "error": error}));
    }

    /// Writes what is queued, for at most a second, and ends the writer.
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
