//! The base protocol: frames of JSON with a `Content-Length`.

use std::io::{BufRead, BufReader, Read};
use std::thread;

use crossbeam_channel::Sender;
use serde_json::Value;
use tower_lsp::jsonrpc::{Error, ErrorCode};

use crate::event::Event;
use crate::log::Log;
use crate::outbox::{Outbox, error};
use crate::pending::Pending;

/// Larger bodies are skipped.
const MAX_BODY: u64 = 64 << 20;
/// A header line that is longer is foreign text.
const MAX_HEADER: u64 = 4096;

/// What stands in the stream next.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Body(Vec<u8>),
    TooLarge(u64),
    End,
}

/// Reads the next frame; foreign bytes and broken headers before it are skipped. Lines may end with
/// a lone line feed.
pub(crate) fn read_frame(input: &mut impl BufRead) -> std::io::Result<Frame> {
    let mut length: Option<u64> = None;
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(Frame::End);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            match length.take() {
                Some(length) if length > MAX_BODY => {
                    std::io::copy(&mut input.by_ref().take(length), &mut std::io::sink())?;
                    return Ok(Frame::TooLarge(length));
                }
                Some(length) => {
                    let mut body = Vec::with_capacity(length.min(1 << 16) as usize);
                    input.by_ref().take(length).read_to_end(&mut body)?;
                    let is_whole = body.len() as u64 == length;
                    return Ok(if is_whole { Frame::Body(body) } else { Frame::End });
                }
                None => continue,
            }
        }
        // Foreign bytes may stand right before a header, without a line end.
        let lower = text.to_ascii_lowercase();
        if let Some(at) = lower.rfind("content-length:") {
            length = text[at + "content-length:".len()..].trim().parse().ok();
        } else if !lower.starts_with("content-type:") {
            length = None;
        }
    }
}

pub(crate) fn start_reader(
    input: impl Read + Send + 'static,
    events: Sender<Event>,
    pending: Pending,
    outbox: Outbox,
    log: Log,
) {
    let read = move || {
        let mut input = BufReader::with_capacity(1 << 16, input);
        loop {
            match read_frame(&mut input) {
                Ok(Frame::Body(body)) => {
                    if let Some(message) = parse(&body, &outbox)
                        && let Some(event) = classify(message, &pending, &outbox, &log)
                        && events.send(event).is_err()
                    {
                        return;
                    }
                }
                Ok(Frame::TooLarge(length)) => {
                    log.warning(&format!("skipped a message of {length} bytes"));
                    let message = format!("a message has at most {MAX_BODY} bytes");
                    outbox.error(&Value::Null, invalid(message));
                }
                Ok(Frame::End) | Err(_) => {
                    let _ = events.send(Event::End);
                    return;
                }
            }
        }
    };
    thread::Builder::new().name("reader".into()).spawn(read).expect("a thread for the reader");
}

fn parse(body: &[u8], outbox: &Outbox) -> Option<Value> {
    match serde_json::from_slice(body) {
        Ok(message) => Some(message),
        Err(why) => {
            let why = error(ErrorCode::ParseError, format!("not JSON: {why}"));
            outbox.error(&Value::Null, why);
            None
        }
    }
}

fn invalid(why: impl Into<String>) -> Error {
    error(ErrorCode::InvalidRequest, why)
}

/// Sorts a message: answers what is not JSON-RPC, handles cancellation, and hands on the rest.
fn classify(message: Value, pending: &Pending, outbox: &Outbox, log: &Log) -> Option<Event> {
    let Value::Object(object) = &message else {
        outbox.error(&Value::Null, invalid("a message is an object"));
        return None;
    };
    let id = object.get("id").cloned();
    let is_valid_id = matches!(&id, None | Some(Value::String(_)))
        || id.as_ref().is_some_and(|id| id.as_i64().is_some());
    let method = object.get("method").and_then(Value::as_str);
    if object.get("jsonrpc").is_none_or(|v| v != "2.0") || !is_valid_id {
        let id = if is_valid_id { id.unwrap_or(Value::Null) } else { Value::Null };
        outbox.error(&id, invalid("not a JSON-RPC 2.0 message"));
        return None;
    }
    match (method, id) {
        (Some("$/cancelRequest"), _) => {
            let id = object.get("params").and_then(|params| params.get("id"));
            if let Some(id) = id
                && pending.finish(id)
            {
                outbox.error(id, error(ErrorCode::RequestCancelled, "cancelled by the client"));
            }
            None
        }
        (Some(_), Some(id)) => {
            pending.start(&id);
            Some(Event::Request(message))
        }
        (Some(_), None) => Some(Event::Notification(message)),
        (None, Some(id)) if object.contains_key("result") || object.contains_key("error") => {
            Some(Event::Response(id, object.get("result").cloned()))
        }
        (None, id) => {
            log.warning("a message without a method");
            outbox.error(&id.unwrap_or(Value::Null), invalid("a request has a method"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;
    use proptest::test_runner::{RngSeed, TestRunner};
    use std::time::{Duration, Instant};

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            frames(&bytes);
        }
    }

    /// Runs for `FUZZ_SECONDS` (2): pieces of frames in any order, then a good one.
    #[test]
    fn a_good_frame_is_found_behind_any_noise() {
        let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let pieces = [
            "Content-Length: ",
            "Content-Type: x\r\n",
            "\r\n",
            "\n",
            "0",
            "x",
            "{}",
            " ",
            "\u{e9}",
            ": ",
        ];
        let noise = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12);
        let fixed = match ProptestConfig::default().rng_seed {
            RngSeed::Fixed(seed) => Some(seed),
            RngSeed::Random => None,
        };
        for batch in 0u64.. {
            if Instant::now() >= deadline {
                break;
            }
            let config = ProptestConfig {
                failure_persistence: None,
                rng_seed: fixed.map_or(RngSeed::Random, |seed| RngSeed::Fixed(seed + batch)),
                ..ProptestConfig::default()
            };
            let mut runner = TestRunner::new(config);
            let run = runner.run(&noise, |noise| {
                // A blank line ends whatever header the noise may have begun.
                let input = format!("{}\r\n\r\nContent-Length: 4\r\n\r\n[77]", noise.concat());
                let found = frames(input.as_bytes());
                prop_assert_eq!(found.last(), Some(&Frame::Body(b"[77]".to_vec())));
                Ok(())
            });
            run.expect("no noise hides a good frame");
        }
    }

    fn frames(input: &[u8]) -> Vec<Frame> {
        let mut input = BufReader::new(input);
        let mut found = Vec::new();
        loop {
            match read_frame(&mut input).expect("memory is readable") {
                Frame::End => return found,
                frame => found.push(frame),
            }
        }
    }

    #[test]
    fn foreign_bytes_and_broken_headers_are_skipped() {
        let body = || Frame::Body(b"{}".to_vec());
        for input in [
            &b"Content-Length: 2\r\n\r\n{}"[..],
            b"Content-Length: 2\n\n{}",
            b"noise\r\nContent-Length: 2\r\n\r\n{}",
            b"noiseContent-Length: 2\r\n\r\n{}",
            b"Content-Length: x\r\n\r\nContent-Length: 2\r\n\r\n{}",
            b"Content-Length: 9\r\nContent-Length: 2\r\nContent-Type: x\r\n\r\n{}",
            b"\r\n\r\ncontent-length:2\r\n\r\n{}",
        ] {
            assert_eq!(frames(input), [body()], "{}", String::from_utf8_lossy(input));
        }
        assert_eq!(
            frames(b"Content-Length: 999999999999\r\n\r\nx"),
            [Frame::TooLarge(999999999999)]
        );
        assert_eq!(frames(b"Content-Length: 10\r\n\r\n{}"), []);
    }
}
