//! How a client is reached: a socket of TCP, or one in the file system.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a client is met, other than over standard streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Listens for one client.
    Tcp(SocketAddr),
    /// A socket in the file system, or a named pipe on Windows. Where somebody listens already, as
    /// clients do that start their servers, it is connected to; else one client is waited for.
    Pipe(PathBuf),
}

/// Both directions of a connection.
pub(crate) struct Connection {
    pub input: Box<dyn Read + Send>,
    pub output: Box<dyn Write + Send>,
}

/// How often the socket is asked for a client, and the system for the process that started the server.
const INTERVAL: Duration = Duration::from_millis(20);

/// Waits for the one client of `address`. `listening` is told where, once a client can come;
/// `is_orphaned` is asked meanwhile.
///
/// # Errors
/// The address cannot be used, or the process that started the server is gone.
pub(crate) fn accept(
    address: &Address,
    listening: impl FnOnce(&str),
    is_orphaned: impl Fn() -> bool,
) -> io::Result<Connection> {
    match address {
        Address::Tcp(address) => {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            listening(&listener.local_addr()?.to_string());
            let (stream, _) = wait(|| listener.accept(), is_orphaned)?;
            stream.set_nonblocking(false)?;
            // Answers are small, and waited for.
            stream.set_nodelay(true)?;
            let output = Box::new(stream.try_clone()?);
            Ok(Connection { input: Box::new(stream), output })
        }
        Address::Pipe(path) => pipe(path, listening, is_orphaned),
    }
}

/// Asks until there is somebody.
fn wait<T>(accept: impl Fn() -> io::Result<T>, is_orphaned: impl Fn() -> bool) -> io::Result<T> {
    loop {
        match accept() {
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
        if is_orphaned() {
            let why = "the process that started the server is gone";
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
        }
        std::thread::sleep(INTERVAL);
    }
}

#[cfg(unix)]
fn pipe(
    path: &Path,
    listening: impl FnOnce(&str),
    is_orphaned: impl Fn() -> bool,
) -> io::Result<Connection> {
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::{UnixListener, UnixStream};

    let of = |stream: UnixStream| -> io::Result<Connection> {
        let output = Box::new(stream.try_clone()?);
        Ok(Connection { input: Box::new(stream), output })
    };
    match UnixStream::connect(path) {
        Ok(stream) => return of(stream),
        Err(why) if why.kind() == io::ErrorKind::NotFound => {}
        // A socket that was left behind; anything else is not ours to remove.
        Err(why) if why.kind() == io::ErrorKind::ConnectionRefused => {
            if !std::fs::symlink_metadata(path)?.file_type().is_socket() {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is not a socket"));
            }
            std::fs::remove_file(path)?;
        }
        Err(why) => return Err(why),
    }
    let listener = UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    listening(&path.display().to_string());
    let found = wait(|| listener.accept(), is_orphaned);
    // One client is all: nobody else finds it.
    let _ = std::fs::remove_file(path);
    let (stream, _) = found?;
    stream.set_nonblocking(false)?;
    of(stream)
}

#[cfg(not(unix))]
fn pipe(
    path: &Path,
    _listening: impl FnOnce(&str),
    _is_orphaned: impl Fn() -> bool,
) -> io::Result<Connection> {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
    let output = Box::new(file.try_clone()?);
    Ok(Connection { input: Box::new(file), output })
}
