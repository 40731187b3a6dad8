//! Messages over stdin and stdout, one a line. A thread reads and another writes: a read of stdin
//! cannot be ended, on sockets either, and nobody should have to wait for it.

use std::io::{self, BufRead, Write};
use std::sync::mpsc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;

use crate::envelope::{self, MAX_BYTES, Refusal};
use crate::stop::Stop;

/// How long calls that run may take to be answered once no more come.
const DRAIN: Duration = Duration::from_millis(800);

/// The transport of one client.
pub struct Lines {
    incoming: tokio::sync::mpsc::Receiver<ClientJsonRpcMessage>,
    outgoing: Writer,
    stop: Stop,
    /// Requests that are not answered yet.
    pending: usize,
    /// Whether a request came: what comes before the first one is no reason to end.
    is_opened: bool,
}

/// What is written in order by a thread of its own.
#[derive(Clone)]
pub struct Writer(mpsc::Sender<Out>);

enum Out {
    Line(String),
    Flushed(mpsc::Sender<()>),
}

impl Writer {
    fn start() -> Writer {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut stdout = io::stdout().lock();
            for out in receiver {
                let written = match out {
                    Out::Line(line) => writeln!(stdout, "{line}").and_then(|()| stdout.flush()),
                    Out::Flushed(done) => {
                        let _ = done.send(());
                        Ok(())
                    }
                };
                if written.is_err() {
                    break;
                }
            }
        });
        Writer(sender)
    }

    fn line(&self, line: String) -> io::Result<()> {
        self.0.send(Out::Line(line)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// Waits until all lines are written, but not for a client that does not read them.
    pub fn finish(&self) {
        let (done, written) = mpsc::channel();
        if self.0.send(Out::Flushed(done)).is_ok() {
            let _ = written.recv_timeout(DRAIN);
        }
    }
}

impl Lines {
    /// Starts reading and writing.
    pub fn start(stop: Stop) -> (Lines, Writer) {
        let writer = Writer::start();
        let (sender, incoming) = tokio::sync::mpsc::channel(64);
        let refuse = writer.clone();
        std::thread::spawn(move || read(&mut io::stdin().lock(), &sender, &refuse));
        (Lines { incoming, outgoing: writer.clone(), stop, pending: 0, is_opened: false }, writer)
    }
}

/// Reads messages until stdin ends or nobody takes them.
fn read(
    stdin: &mut impl BufRead,
    sender: &tokio::sync::mpsc::Sender<ClientJsonRpcMessage>,
    refuse: &Writer,
) {
    let mut line = Vec::new();
    loop {
        let message = match read_line(stdin, &mut line) {
            Ok(Line::End) | Err(_) => return,
            Ok(Line::TooLong) => Err(Refusal::TOO_LONG),
            Ok(Line::Whole) if line.iter().all(u8::is_ascii_whitespace) => continue,
            Ok(Line::Whole) => envelope::open(&line),
        };
        match message.and_then(parsed) {
            Ok(message) => {
                if sender.blocking_send(message).is_err() {
                    return;
                }
            }
            // There is no id to answer, and it may not have been meant for us.
            Err(refusal) if refusal.code == -32700 => {
                tracing::warn!("a line of stdin is not JSON");
            }
            Err(refusal) => {
                if refuse.line(refusal.answer()).is_err() {
                    return;
                }
            }
        }
    }
}

fn parsed(value: serde_json::Value) -> Result<ClientJsonRpcMessage, Refusal> {
    let id = value["id"].clone();
    serde_json::from_value(value).map_err(|_| Refusal {
        code: -32600,
        message: "this is no message of the protocol",
        id,
    })
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// Reads a line; of one that is too long no more is kept than is allowed.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let mut is_long = false;
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(if line.is_empty() && !is_long { Line::End } else { ended(is_long) });
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(chunk.len());
        is_long |= line.len() + taken > MAX_BYTES;
        if !is_long {
            line.extend_from_slice(&chunk[..taken]);
        }
        input.consume(end.map_or(taken, |end| end + 1));
        if end.is_some() {
            return Ok(ended(is_long));
        }
    }
}

fn ended(is_long: bool) -> Line {
    if is_long { Line::TooLong } else { Line::Whole }
}

impl Transport<RoleServer> for Lines {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        if matches!(message, ServerJsonRpcMessage::Response(_) | ServerJsonRpcMessage::Error(_)) {
            self.pending = self.pending.saturating_sub(1);
        }
        let line = serde_json::to_string(&message).map_err(io::Error::other);
        let sent = line.and_then(|line| self.outgoing.line(line));
        async move { sent }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        let message = loop {
            let message = tokio::select! {
                message = self.incoming.recv() => message,
                () = self.stop.asked() => None,
            };
            let is_request = matches!(message, Some(ClientJsonRpcMessage::Request(_)));
            self.is_opened |= is_request;
            self.pending += usize::from(is_request);
            if self.is_opened || message.is_none() {
                break message;
            }
        };
        match &message {
            Some(_) => {}
            // What was asked before the end is answered: each answer begins this wait anew.
            None if self.pending > 0 => tokio::time::sleep(DRAIN).await,
            None => {}
        }
        message
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_passed_over() {
        let long = "x".repeat(MAX_BYTES + 1);
        let text = format!("a\n{long}\nb");
        let mut input = io::BufReader::with_capacity(1 << 16, text.as_bytes());
        let mut line = Vec::new();
        let mut next = || match read_line(&mut input, &mut line).expect("readable") {
            Line::Whole => String::from_utf8_lossy(&line).into_owned(),
            Line::TooLong => "too long".to_owned(),
            Line::End => "end".to_owned(),
        };
        assert_eq!([next(), next(), next(), next()], ["a", "too long", "b", "end"]);
    }
}
