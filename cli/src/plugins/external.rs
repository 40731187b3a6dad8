//! A plugin as a process of its own.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pacto_core::report::sanitise_lines;

use super::protocol::{Request, Response};

/// What a plugin may write to stdout.
const MAX_OUTPUT: u64 = 64 << 20;
/// How much of its stderr is shown when it fails.
const SHOWN_STDERR: usize = 8 << 10;
/// How long a plugin may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Runs a program: the request on stdin, the response on stdout.
///
/// # Errors
/// A sentence that begins with the plugin's name.
pub fn run(
    name: &str,
    program: &Path,
    request: &Request,
    timeout: Duration,
    is_verbose: bool,
) -> Result<Response, String> {
    let mut command = Command::new(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Credentials are nobody else's business.
    for (key, _) in std::env::vars_os() {
        if key.to_string_lossy().starts_with("PACTO_REGISTRY_") {
            command.env_remove(key);
        }
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child =
        command.spawn().map_err(|error| format!("plugin {name}: it does not start: {error}"))?;
    let input = serde_json::to_vec(request).unwrap_or_default();
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read its input may still answer.
        std::thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let stdout = child.stdout.take().map(|pipe| collect(pipe, MAX_OUTPUT + 1, false));
    let stderr = child.stderr.take().map(|pipe| collect(pipe, u64::MAX, is_verbose));
    let status = wait(&mut child, timeout).map_err(|why| format!("plugin {name}: {why}"))?;
    let stdout = stdout.and_then(|receiver| receiver.recv().ok()).unwrap_or_default();
    let stderr = stderr.and_then(|receiver| receiver.recv().ok()).unwrap_or_default();
    if !status.success() {
        let tail = &stderr[stderr.len().saturating_sub(SHOWN_STDERR)..];
        let words = String::from_utf8_lossy(tail).trim().to_owned();
        let words = if words.is_empty() { status.to_string() } else { words };
        return Err(format!("plugin {name}: {words}"));
    }
    if stdout.len() as u64 > MAX_OUTPUT {
        return Err(format!("plugin {name} returned more than 64 MiB"));
    }
    parse(name, &stdout)
}

fn parse(name: &str, stdout: &[u8]) -> Result<Response, String> {
    let response: Response = serde_json::from_slice(stdout).map_err(|error| {
        let start = String::from_utf8_lossy(&stdout[..stdout.len().min(200)]).into_owned();
        format!("plugin {name} returned invalid output: {error}: {start}")
    })?;
    match response.protocol_version.as_deref() {
        None | Some("1") => Ok(response),
        Some(other) => {
            Err(format!("plugin {name} speaks protocol version {other}; this program speaks 1"))
        }
    }
}

/// Reads a pipe to its end on a thread of its own.
fn collect(
    mut pipe: impl Read + Send + 'static,
    limit: u64,
    is_shown: bool,
) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut all = Vec::new();
        // What is not shown yet of a line that goes on.
        let mut line = Vec::new();
        let mut buffer = [0; 8192];
        while let Ok(read) = pipe.read(&mut buffer) {
            if read == 0 || all.len() as u64 > limit {
                break;
            }
            if is_shown {
                line.extend_from_slice(&buffer[..read]);
                show_lines(&mut line);
            }
            all.extend_from_slice(&buffer[..read]);
            if limit == u64::MAX && all.len() > 4 * SHOWN_STDERR {
                all.drain(..all.len() - SHOWN_STDERR);
            }
        }
        if is_shown && !line.is_empty() {
            line.push(b'\n');
            show_lines(&mut line);
        }
        let _ = sender.send(all);
    });
    receiver
}

/// Shows the whole lines of `text`, without what drives a terminal, and leaves the rest in it.
fn show_lines(text: &mut Vec<u8>) {
    let end = match text.iter().rposition(|&b| b == b'\n') {
        Some(at) => at + 1,
        None if text.len() > SHOWN_STDERR => text.len(),
        None => return,
    };
    let lines: Vec<u8> = text.drain(..end).collect();
    let shown = sanitise_lines(&String::from_utf8_lossy(&lines));
    let _ = std::io::stderr().write_all(shown.as_bytes());
}

fn wait(child: &mut Child, timeout: Duration) -> Result<ExitStatus, String> {
    let end = Instant::now() + timeout;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    stop(child);
    Err(format!("it did not end within {} s", timeout.as_secs()))
}

/// Asks the plugin and what it started to end, then ends them.
#[cfg(unix)]
fn stop(child: &mut Child) {
    let group = format!("-{}", child.id());
    let signal = |name: &str| {
        let _ = Command::new("kill").args([name, "--", &group]).stderr(Stdio::null()).status();
    };
    signal("-TERM");
    let end = Instant::now() + GRACE;
    while Instant::now() < end {
        if matches!(child.try_wait(), Ok(Some(_))) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    signal("-KILL");
    let _ = child.wait();
}

#[cfg(not(unix))]
fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
